"""What is looked at when a terminal is taken into use, and what each look found.

Owns the checks and their words. Reads only: as the service, and of the test person's punches alone,
at this terminal, since the test began. Who waives what is biometric.commissioning's.
"""

from datetime import timedelta

from odoo import api, models

from ..day.biometric_day_facts import KEY_DIGITS

# How far a terminal's clock may be off: late and early begin to change days beyond.
MOST_OFFSET_SECONDS = 60
# A person reads a clock to the minute, and types what they remember.
SAID_MINUTES = 2
# Punches of a test that are looked at.
MOST_PUNCHES = 200
MEANS = {
    "finger": ("finger",),
    "face": ("face",),
    "palm": ("palm", "vein"),
    "card": ("card",),
    "pin": ("pin", "password"),
}
KEYS = (
    *(f"by_{name}" for name in MEANS),
    "clock",
    "zone",
    "status",
    "verify",
    "pull",
    "count",
    "held",
    "times",
    "day",
)


class BiometricCommissioningCheck(models.AbstractModel):
    _name = "biometric.commissioning.check"
    _description = "Checks of a terminal"

    @api.model
    def _labels(self):
        _ = self.env._
        return {
            "by_finger": _("A punch by finger arrived"),
            "by_face": _("A punch by face arrived"),
            "by_palm": _("A punch by palm arrived"),
            "by_card": _("A punch by card arrived"),
            "by_pin": _("A punch by PIN arrived"),
            "clock": _("The terminal's clock is right"),
            "zone": _("The time zone is set"),
            "status": _("Every status key has a meaning"),
            "verify": _("Every verification method has a name"),
            "pull": _("The log was read once completely"),
            "count": _("All punches made have arrived"),
            "held": _("Odoo has as many records as the terminal counts"),
            "times": _("First and last punch are as the test person states"),
            "day": _("The computed day is as the test person states"),
        }

    @api.model
    def _look(self, test):
        """[{"key", "ok", "found"}] of one commissioning, in the order of KEYS."""
        punches = self._punches(test)
        found = {
            **self._means(test, punches),
            "clock": self._clock(test),
            "zone": self._zone(test),
            "status": self._codes(test, punches, "status"),
            "verify": self._codes(test, punches, "verify"),
            **self._pulled(test, punches),
            "count": self._count(test, punches),
            "times": self._times(test, punches),
            "day": self._day(test, punches),
        }
        return [
            {"key": key, "ok": bool(found[key][0]), "found": found[key][1]}
            for key in KEYS
            if key in found
        ]

    @api.model
    def _punches(self, test):
        """The test person's punches at this terminal since the test began, in their order."""
        return self.env["biometric.punch"].search(
            [
                ("device_id", "=", test.device_id.id),
                ("stored_at", ">=", test.started_at),
                ("employee_id", "=", test.tester_id.id),
            ],
            order="wall_time, id",
            limit=MOST_PUNCHES,
        )

    @api.model
    def _used(self, test):
        """{means: whether people use it at this terminal}."""
        return {
            "finger": test.by_finger,
            "face": test.by_face,
            "palm": test.by_palm,
            "card": test.by_card,
            "pin": test.by_pin,
        }

    def _means(self, test, punches):
        meanings = test.device_id._verify_meanings()
        parts = [
            set((meanings.get(punch._best_sighting().verify) or "").replace("_or_", "_").split("_"))
            for punch in punches
        ]
        used = self._used(test)
        counts = {
            name: sum(bool(words & set(wanted)) for words in parts)
            for name, wanted in MEANS.items()
        }
        return {
            f"by_{name}": (count, self.env._("%s arrived", count))
            for name, count in counts.items()
            if used[name]
        }

    def _clock(self, test):
        device = test.device_id
        if not device.clock_offset_text:
            return False, self.env._("not known yet: reported with a live punch or a read")
        ok = abs(device.clock_offset_seconds) <= MOST_OFFSET_SECONDS
        return ok, device.clock_offset_text

    def _zone(self, test):
        device = test.device_id
        return bool(device.zone_ids), device.tz or self.env._("none")

    def _codes(self, test, punches, kind):
        device = test.device_id
        if kind == "status":
            codes, word = {punch.status or "" for punch in punches} - {""}, device._status_word
        else:
            codes = {punch._best_sighting().verify or "" for punch in punches} - {""}
            word = device._verify_word
        if not punches:
            return False, self.env._("no punch yet")
        words = {code: word(code) for code in sorted(codes)}
        told = ", ".join(f"{code} = {text or '?'}" for code, text in words.items())
        return all(words.values()), told or self.env._("the terminal sends none")

    def _pulled(self, test, punches):
        """The latest whole read since the test began that would have told all of its punches: of
        the whole log, or ordered over push for their time."""
        runs = self.env["biometric.run"].search(
            [("device_id", "=", test.device_id.id), ("started_at", ">=", test.started_at)]
            + [("outcome", "=", "complete"), ("channel", "in", ("poll", "push"))],
            order="id desc",
            limit=20,
        )
        whole = runs.filtered(lambda run: _tells(run, punches))[:1]
        if not whole:
            words = self.env._("not yet: use “Read its log”")
            return {"pull": (False, words), "held": (False, words)}
        counted = whole.device_count >= 0
        numbers = self.env._(
            "%(read)s read, %(count)s counted by the terminal, %(new)s were new",
            read=whole.read_count,
            count=whole.device_count if counted else "?",
            new=whole.new_count,
        )
        # A terminal that counts nothing at least tells what it showed live.
        wanted = whole.device_count if counted else max(whole.read_count, len(punches))
        held = whole.read_count == wanted and whole.read_count > 0 and not whole.rejected_count
        return {"pull": (True, numbers), "held": (held, numbers)}

    def _count(self, test, punches):
        if not test.said_count:
            return False, self.env._("%s arrived; how many were made?", len(punches))
        numbers = self.env._(
            "%(arrived)s arrived, %(made)s made", arrived=len(punches), made=test.said_count
        )
        return len(punches) == test.said_count, numbers

    def _times(self, test, punches):
        if not punches:
            return False, self.env._("no punch yet")
        if not test.said_first or not test.said_last:
            return False, self.env._("enter when the first and the last punch were made")
        told = [(punches[0], test.said_first), (punches[-1], test.said_last)]
        clocks = [punch.wall_time[11:16] for punch, _said in told]
        ok = all(
            _apart(clock, said) <= SAID_MINUTES
            for clock, (_punch, said) in zip(clocks, told, strict=True)
        )
        return ok, self.env._("%(first)s and %(last)s", first=clocks[0], last=clocks[1])

    def _day(self, test, punches):
        """Only whether it fits is told: whose day it is is not this screen's business."""
        if not punches:
            return False, self.env._("no punch yet")
        if not test.said_first or not test.said_last:
            return False, self.env._("enter when the first and the last punch were made")
        dates = {punch.wall_date for punch in punches}
        # A punch after midnight may belong to the day before.
        near = dates | {date - timedelta(days=1) for date in dates}
        days = self.env["biometric.day"].search(
            [("employee_id", "=", test.tester_id.id), ("date", "in", [*near])], limit=len(near)
        )
        own = days.filtered(lambda day: day.date in dates)
        # Each counts, or was left out for a reason: taps within a minute are one.
        known = days._known_punches() if own else {}
        missing = [punch for punch in punches if punch.key[:KEY_DIGITS] not in known]
        # A day is stamped to the second: of the punch's own second it may be of before it.
        latest = punches.sorted("id")[-1].stored_at
        if not own or (
            missing and any(not day.computed_at or day.computed_at <= latest for day in own)
        ):
            return False, self.env._("not computed yet: check again in a few minutes")
        if missing:
            return False, self.env._("it does not have these punches: check the day")
        return True, self.env._("it has these punches")


def _tells(run, punches):
    """Whether a whole read, had it missed one of the punches, would have shown that."""
    if run.channel == "push" and not run.command_id:
        return False
    return not punches or (
        (run.window_from or "") <= punches[0].wall_time
        and (not run.window_to or punches[-1].wall_time <= run.window_to)
    )


def _apart(clock, said):
    """Minutes between two times of a day, the short way round."""
    one, other = (int(text[:2]) * 60 + int(text[3:5]) for text in (clock, said))
    between = abs(one - other)
    return min(between, 24 * 60 - between)
