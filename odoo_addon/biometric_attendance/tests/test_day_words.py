"""The sentences of a day in the reader's language: each clock is that of its instant, and the hours
between two of them can be counted from the words alone, the nights of a clock change included."""

import random
import re
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from odoo.tests import TransactionCase, tagged

from ..engine import iso
from .review_case import plain

# Whose clocks change by an hour, by half an hour (Lord Howe) and by two (Troll), at midnight
# (Beirut, Santiago), at a quarter to one (Chatham), or not at all.
ZONES = (
    "Europe/Berlin",
    "Europe/London",
    "America/New_York",
    "America/St_Johns",
    "America/Santiago",
    "Asia/Beirut",
    "Australia/Lord_Howe",
    "Pacific/Chatham",
    "Antarctica/Troll",
    "Asia/Manila",
)
CHANGES = 2
CLOCK = r"(\d+):(\d\d)(?::(\d\d))?(?:\s([AP]M))?(?: ([+-]\d+))?(?: \(UTC([+-])(\d+)(?::(\d\d))?\))?"
SPAN = re.compile(rf"(?:from|von) {CLOCK} (?:to|bis) {CLOCK}(?:: | \()(\d+):(\d\d)(?::(\d\d))?")


def changes_of(name, year):
    """Instants (aware, UTC) at which a zone's clock is put forward or back in a year."""
    zone, step = ZoneInfo(name), timedelta(minutes=15)
    at, end, found = datetime(year, 1, 1, tzinfo=UTC), datetime(year + 1, 1, 1, tzinfo=UTC), []
    before = at.astimezone(zone).utcoffset()
    while at < end:
        at += step
        now = at.astimezone(zone).utcoffset()
        if now != before:
            found.append(at)
        before = now
    return found


def instant_of(parts, on, zone):
    """The instant that the words of one clock say to somebody who knows the place and the date."""
    hour, minute, second, half, days, sign, ahead, more = parts
    hour = int(hour) % 12 + 12 * (half == "PM") if half else int(hour)
    wall = datetime(on.year, on.month, on.day, hour, int(minute), int(second or 0))
    wall += timedelta(days=int(days or 0))
    if sign is None:
        return wall.replace(tzinfo=zone).astimezone(UTC)
    offset = timedelta(hours=int(ahead), minutes=int(more or 0))
    return (wall - (offset if sign == "+" else -offset)).replace(tzinfo=UTC)


@tagged("post_install", "-at_install", "biometric_review")
class TestDayWords(TransactionCase):
    def said_of(self, name, on, spans, lang="en_US"):
        """The sentences of a day on which somebody was there from and to these instants."""
        told = [[iso(int(at.timestamp())) for at in span] for span in spans]
        day = self.env["biometric.day"].new(
            {
                "date": on,
                "derivation": {
                    "zone": name,
                    "sessions": [{"in": begin, "out": end, "shift": "1"} for begin, end in told],
                    "paid": [{"shift": "1", "worked": told}],
                    "segments": [[begin, end, "regular"] for begin, end in told],
                },
            }
        )
        return self.env["biometric.sentence"].with_context(lang=lang)._of_day(day)

    def spans_near(self, change, rng):
        """Work of a night around an instant, seconds now and then."""
        at = change - timedelta(minutes=rng.randrange(20, 600))
        for _turn in range(rng.randrange(1, 4)):
            end = at + timedelta(minutes=rng.randrange(5, 300), seconds=rng.choice((0, 0, 13)))
            yield at, end
            at = end + timedelta(minutes=rng.randrange(5, 90))

    def test_each_clock_is_that_of_its_instant_in_every_night(self):
        """Red when a clock is another than its instant's, the date after is not told, or two
        readings of an hour that the clock showed twice read alike."""
        rng, across = random.Random(27), 0
        for name in ZONES:
            zone, nights = ZoneInfo(name), changes_of(name, 2026)
            self.assertEqual(len(nights), 0 if name == "Asia/Manila" else CHANGES, name)
            for change in nights or [datetime(2026, 3, 2, 15, tzinfo=UTC)]:
                for _turn in range(25):
                    spans = list(self.spans_near(change, rng))
                    on = spans[0][0].astimezone(zone).date()
                    lines = self.said_of(name, on, spans)
                    found = [SPAN.search(line) for line in lines]
                    read = [match.groups() for match in found if match]
                    self.assertEqual(len(read), 3 * len(spans), lines)
                    for number, parts in enumerate(read):
                        begin, end = spans[number % len(spans)]
                        self.assertEqual(instant_of(parts[:8], on, zone), begin, lines)
                        self.assertEqual(instant_of(parts[8:16], on, zone), end, lines)
                        hours, minutes, seconds = (int(part or 0) for part in parts[16:])
                        length = timedelta(hours=hours, minutes=minutes, seconds=seconds)
                        self.assertEqual(length, end - begin, lines)
                        across += begin < change < end
        self.assertGreater(across, 200)

    def test_both_nights_as_they_read(self):
        """The words themselves. Red when a common day is burdened with offsets."""
        autumn = [datetime(2026, 10, 24, 20, tzinfo=UTC), datetime(2026, 10, 25, 5, tzinfo=UTC)]
        (line, *_rest) = self.said_of("Europe/Berlin", date(2026, 10, 24), [autumn])
        self.assertEqual(
            plain(line),
            "Present from 10:00 PM (UTC+2) to 6:00 AM +1 (UTC+1): 9:00.",
        )
        april = [datetime(2026, 4, 4, 14, 45, tzinfo=UTC), datetime(2026, 4, 4, 15, tzinfo=UTC)]
        (line, *_rest) = self.said_of("Australia/Lord_Howe", date(2026, 4, 5), [april])
        self.assertEqual(
            plain(line),
            "Present from 1:45 AM (UTC+11) to 1:30 AM (UTC+10:30): 0:15.",
        )
        common = [datetime(2026, 3, 2, 7, 58, 13, tzinfo=UTC), datetime(2026, 3, 2, 17, tzinfo=UTC)]
        (line, *_rest) = self.said_of("UTC", date(2026, 3, 2), [common])
        self.assertEqual(plain(line), "Present from 7:58:13 AM to 5:00 PM: 9:01:47.")

    def test_clocks_are_written_as_the_language_writes_them(self):
        """Red when a sentence about a day, or a reason for a proposal, has its own clock."""
        self.env["res.lang"]._activate_lang("de_DE")
        noon = [datetime(2026, 3, 2, 7, 58, tzinfo=UTC), datetime(2026, 3, 2, 17, 2, tzinfo=UTC)]
        for lang, start, end in (("en_US", "7:58 AM", "5:02 PM"), ("de_DE", "07:58", "17:02")):
            (line, *_rest) = self.said_of("UTC", date(2026, 3, 2), [noon], lang)
            line = plain(line)
            self.assertIn(f" {start} ", line)
            self.assertIn(f" {end}", line)
            words = self.env["biometric.sentence"].with_context(lang=lang)
            spoken = words._spoken({"minute": 17 * 60 + 2, "end": 1440 + 478, "days": 3})
            told = {name: plain(str(value)) for name, value in spoken.items()}
            self.assertEqual(told, {"minute": end, "end": start, "days": "3"})
