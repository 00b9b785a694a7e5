"""Wall clocks, device order and interval arithmetic, the latter against sets of seconds."""

import random
import unittest
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from engine import intervals as iv
from engine import wall
from engine.instants import Zone, date_of_wall, epoch, iso, resolve_walls, wall_of


def seconds(intervals):
    return {second for start, end in intervals for second in range(start, end)}


def random_intervals(rng):
    cuts = sorted(rng.sample(range(40), 2 * rng.randrange(1, 6)))
    return list(zip(cuts[::2], cuts[1::2], strict=True))


class IntervalTest(unittest.TestCase):
    def test_against_sets_of_seconds(self):
        for seed in range(300):
            rng = random.Random(seed)
            left, right = random_intervals(rng), random_intervals(rng)
            one, other = seconds(left), seconds(right)
            at = rng.randrange(-2, 42)
            self.assertEqual(seconds(iv.intersect(left, right)), one & other)
            self.assertEqual(seconds(iv.subtract(left, right)), one - other)
            self.assertEqual(seconds(iv.merge(left + right)), one | other)
            self.assertEqual(iv.total(left), len(one))
            self.assertEqual(iv.overlap(left, right), len(one & other))
            self.assertEqual(iv.before(left, at), len([s for s in one if s < at]))
            self.assertEqual(iv.after(left, at), len([s for s in one if s >= at]))
            position, length = rng.randrange(12), rng.randrange(12)
            self.assertEqual(
                sorted(seconds(iv.stretch(left, position, length))),
                sorted(one)[position : position + length],
            )
            pieces = iv.split_at(left, [at, at + 7])
            self.assertEqual(seconds(pieces), one)
            for start, end in pieces:
                self.assertFalse(start < at < end or start < at + 7 < end)

    def test_results_are_sorted_disjoint_and_never_empty_pieces(self):
        for seed in range(300):
            rng = random.Random(seed)
            left, right = random_intervals(rng), random_intervals(rng)
            for found in (
                iv.intersect(left, right),
                iv.subtract(left, right),
                iv.merge(left + right),
                iv.stretch(left, 2, 5),
            ):
                edges = [edge for span in found for edge in span]
                self.assertEqual(edges, sorted(edges))
                self.assertTrue(all(start < end for start, end in found))
        self.assertEqual(iv.merge([(3, 3), (1, 2), (2, 3), (2, 3)]), [(1, 3)])


class InstantTest(unittest.TestCase):
    def test_offsets_at_every_quarter_hour_of_a_year_with_half_hour_changes(self):
        """Red if offsets are cached by the hour: Lord Howe changes at half past in UTC."""
        from datetime import datetime
        from zoneinfo import ZoneInfo

        for name in ("Australia/Lord_Howe", "America/New_York", "Asia/Kathmandu"):
            zone, start = Zone(name), epoch("2026-01-01T00:00:00+00:00")
            for at in range(start, start + 366 * 86_400, 900):
                wanted = datetime.fromtimestamp(at + 899, ZoneInfo(name)).utcoffset()
                self.assertEqual(zone.offset_at(at + 899), wanted.total_seconds())

    def test_instant_and_wall_are_inverse_outside_the_gap(self):
        zone = Zone("Australia/Lord_Howe")
        start = epoch("2026-10-03T00:00:00+00:00")
        for at in range(start, start + 2 * 86_400, 600):
            self.assertEqual(zone.instant(zone.wall(at)), at)
        autumn = epoch("2026-04-04T00:00:00+00:00")
        for at in range(autumn, autumn + 2 * 86_400, 600):
            wall = zone.wall(at)
            self.assertIn(at, (zone.instant(wall), zone.instant(wall, 1)))

    def test_ambiguous_walls_are_known(self):
        zone = Zone("Australia/Lord_Howe")
        self.assertTrue(zone.is_ambiguous(wall_of("2026-04-05 01:45")))
        self.assertFalse(zone.is_ambiguous(wall_of("2026-04-05 01:15")))
        self.assertFalse(zone.is_ambiguous(wall_of("2026-10-04 02:15")))

    def test_skipped_walls_are_known_before_and_after_their_quarter_hour_was_asked_for(self):
        """Red if a whole quarter hour is taken for one that was, or a skipped one is not told."""
        found = set()
        for name, day in (
            ("Australia/Lord_Howe", "2026-10-04"),
            ("America/New_York", "2026-03-08"),
            ("Antarctica/Casey", "2020-10-04"),
            ("Asia/Manila", "2026-03-08"),
        ):
            midnight = wall_of(f"{day} 00:00")
            for clock in range(midnight - 900, midnight + 4 * 3600, 30):
                fresh, asked = Zone(name), Zone.named(name)
                wanted = fresh.wall(fresh.instant(clock)) != clock
                self.assertEqual(Zone(name).skips(clock), wanted, (name, clock))
                for zone in (fresh, asked, asked):
                    zone.instant(clock)
                    self.assertEqual(zone.skips(clock), wanted, (name, clock))
                found.add((name, wanted))
        self.assertEqual(len(found), 7, "each zone but Manila's skips some")

    def test_caches_may_overflow(self):
        zone = Zone("Asia/Manila")
        for day in range(60_000):
            at = day * 86_400
            self.assertEqual(zone.instant(zone.wall(at)), at)
            if day > 50_000:
                break
        self.assertEqual(zone.offset_at(epoch("2026-03-04T00:00:00+00:00")), 8 * 3600)

    def test_iso_text(self):
        self.assertEqual(iso(epoch("2026-03-04T08:05:00+08:00")), "2026-03-04T00:05Z")
        self.assertEqual(iso(epoch("2026-03-04T08:05:09+08:00")), "2026-03-04T00:05:09Z")
        self.assertEqual(iso(-1), "1969-12-31T23:59:59Z")
        with self.assertRaises(ValueError):
            epoch("2026-03-04T08:05:00")

    def test_date_of_a_wall_before_1970(self):
        self.assertEqual(date_of_wall(-1).isoformat(), "1969-12-31")

    def test_an_offset_that_changes_inside_a_quarter_hour(self):
        """Red if a whole quarter hour of the wall clock takes the offset of its first second: the
        station Casey changed its clocks a minute past midnight."""
        zone, info = Zone("Antarctica/Casey"), ZoneInfo("Antarctica/Casey")
        midnight = wall_of("2020-10-04 00:00")
        offsets = set()
        for wall_clock in range(midnight - 900, midnight + 4 * 3600, 30):
            for fold in (0, 1):
                naive = datetime(1970, 1, 1) + timedelta(seconds=wall_clock)
                at = zone.instant(wall_clock, fold)
                aware = naive.replace(tzinfo=info, fold=fold)
                self.assertEqual(at, aware.timestamp(), (naive, fold))
                offsets.add(wall_clock - at)
        self.assertGreater(len(offsets), 1)


class DeviceOrderTest(unittest.TestCase):
    def resolve(self, *clocks, zone="America/New_York", day="2026-11-01"):
        named = Zone(zone)
        found = resolve_walls([(wall_of(f"{day} {clock}"), named) for clock in clocks])
        return [(iso(at)[11:16], undecided) for at, undecided in found]

    def test_a_step_back_inside_the_hour_is_the_second_reading(self):
        self.assertEqual(
            self.resolve("01:40", "01:10", "01:30"),
            [("05:40", False), ("06:10", False), ("06:30", False)],
        )

    def test_equal_stamps_stay_one_instant(self):
        self.assertEqual(self.resolve("01:40", "01:40"), [("05:40", True), ("05:40", True)])

    def test_a_later_record_of_the_same_hour_decides_an_earlier_one(self):
        self.assertEqual(
            self.resolve("01:05", "01:40", "01:10"),
            [("05:05", False), ("05:40", False), ("06:10", False)],
        )

    def test_what_nothing_decides_is_said(self):
        self.assertEqual(
            self.resolve("00:30", "01:10", "02:20"),
            [("04:30", False), ("05:10", True), ("07:20", False)],
        )

    def test_a_time_in_the_skipped_hour_is_said(self):
        """Red if only ambiguous times are open questions."""
        self.assertEqual(
            self.resolve("01:59", "02:30", "03:00", day="2026-03-08"),
            [("06:59", False), ("07:30", True), ("07:00", False)],
        )

    def test_a_step_back_outside_the_hour_changes_nothing(self):
        self.assertEqual(self.resolve("08:00", "07:00"), [("13:00", False), ("12:00", False)])

    def test_spans(self):
        spans = [("2026-01-01 00:00:00", "Asia/Manila"), ("2026-03-04 12:00:00", "Asia/Tokyo")]
        for clock, name in (
            ("2026-03-04 11:59:59", "Asia/Manila"),
            ("2026-03-04 12:00:00", "Asia/Tokyo"),
            ("1960-01-01 00:00:00", "Asia/Manila"),
        ):
            self.assertEqual(wall.span_zone(spans, clock), name)


if __name__ == "__main__":
    unittest.main()
