"""Codes of the engine in words: the sentences of a day, and why a punch is proposed or is not.

Owns these words and how instants and lengths read in them. Must not know how a day is computed or
a proposal found.
"""

from odoo import api, models

from ...engine import Zone, day_start_wall, epoch, sentences
from ..mixins.biometric_words import clock_words

DAY_SECONDS = 86_400


def length_text(seconds):
    """`8:05` of 29100 seconds; seconds are shown where there are any."""
    minutes, rest = divmod(int(seconds), 60)
    text = f"{minutes // 60}:{minutes % 60:02d}"
    return f"{text}:{rest:02d}" if rest else text


def offset_text(seconds):
    """`UTC+2`, `UTC-3:30`, `UTC+0`: how far a clock is ahead of UTC."""
    minutes = abs(seconds) // 60
    text = f"UTC{'-' if seconds < 0 else '+'}{minutes // 60}"
    return f"{text}:{minutes % 60:02d}" if minutes % 60 else text


def _is_instant(name, value):
    return name in ("from", "to", "at") or (name in ("before", "after") and "Z" in str(value))


def _instants(lines):
    """Epoch seconds of every instant that these sentences tell."""
    return {
        epoch(value)
        for _code, parameters in lines
        for name, value in parameters.items()
        if value is not None and _is_instant(name, value)
    }


class BiometricSentence(models.AbstractModel):
    _name = "biometric.sentence"
    _description = "Sentences about a day"

    @api.model
    def _of_day(self, day):
        """How a day was computed, as a list of sentences in the reader's language."""
        derivation = day.derivation or {}
        lines = sentences(derivation)
        zone = Zone.named(derivation.get("zone") or "UTC")
        clock = self._clock_of(day.date, zone, _instants(lines))
        words = self._day_words()
        rules, reasons, classes = self._rules(), self._reasons(), self._classes()

        def told(name, value):
            if _is_instant(name, value):
                return "…" if value is None else clock(epoch(value))
            if name in ("minutes", "before", "after"):
                return length_text(value * 60)
            if name == "seconds":
                return "" if value is None else length_text(value)
            if name == "rule":
                return rules.get(value, value.replace("_", " "))
            if name == "reason":
                return reasons.get(value, value.replace("_", " "))
            if name == "class":
                return classes.get(value, value.replace("_", " "))
            return value

        spoken = []
        for code, parameters in lines:
            if code == "present" and parameters["to"] is None:
                code = "open"
            elif code == "present" and parameters["assumed"]:
                code = "assumed"
            values = {name: told(name, value) for name, value in parameters.items()}
            spoken.append(words[code] % values)
        return spoken

    @api.model
    def _clock_of(self, on, zone, instants):
        """How an instant reads among these of a day: `5:02 PM`, `6:00 AM +1` on the date after.
        Where the clock was put forward or back between them, or showed one of them twice, each
        tells what it was ahead of UTC: otherwise nobody could count the hours between them."""
        midnight = day_start_wall(on)
        offsets = {zone.offset_at(at) for at in instants}
        tells = len(offsets) > 1 or any(zone.is_ambiguous(zone.wall(at)) for at in instants)

        def clock(at):
            days, seconds = divmod(zone.wall(at) - midnight, DAY_SECONDS)
            text = clock_words(self.env, seconds)
            text = f"{text} {days:+d}" if days else text
            return f"{text} ({offset_text(zone.offset_at(at))})" if tells else text

        return clock

    @api.model
    def _day_words(self):
        _ = self.env._
        return {
            "planned": _("Planned: %(from)s to %(to)s."),
            "present": _("Present from %(from)s to %(to)s: %(seconds)s."),
            "open": _("Present from %(from)s; nobody punched out."),
            "assumed": _("Present from %(from)s to %(to)s: %(seconds)s; the end is assumed."),
            "not_counted": _(
                "From %(from)s to %(to)s (%(seconds)s) is not counted: it is outside the paid time."
            ),
            "left_out": _("Punch at %(at)s not used: %(reason)s."),
            "moved": _("%(before)s counts as %(after)s: %(rule)s."),
            "break_moved": _("A break of %(before)s counts as %(after)s: rounded."),
            "clamped": _("%(minutes)s outside the shift are not counted."),
            "paid_gap": _("Break from %(from)s to %(to)s: %(seconds)s, paid."),
            "unpaid_gap": _("Break from %(from)s to %(to)s: %(seconds)s, not paid."),
            "taken_off": _("Deducted from %(from)s to %(to)s: %(seconds)s, %(rule)s."),
            "worked": _("Worked from %(from)s to %(to)s: %(seconds)s."),
            "counted": _("Counted from %(from)s to %(to)s: %(seconds)s as %(class)s."),
            "sum": _("In total %(minutes)s as %(class)s."),
            "undecided": _("Punches in an hour the clock showed twice: %(punches)s."),
            "decided": _("Approved corrections applied: %(corrections)s."),
            "stated": _("Owed as stated by the employee: %(minutes)s as pay code %(code)s."),
            "stated_off": _(
                "Not owed: %(minutes)s as pay code %(code)s that the employee stated for "
                "a missed meal; the punches now show the meal."
            ),
        }

    @api.model
    def _rules(self):
        _ = self.env._
        return {
            "break_window": _("break of the shift"),
            "break_filled_up": _("break of the shift, punched too short"),
            "meal": _("meal"),
            "round_in": _("check-in rounded"),
            "round_out": _("check-out rounded"),
            "snap_in": _("check-in moved to the shift"),
            "snap_out": _("check-out moved to the shift"),
        }

    @api.model
    def _reasons(self):
        _ = self.env._
        return {
            "double_tap": _("repeated tap"),
            "label_corrected": _("wrong key, corrected immediately"),
            "between": _("between first and last punch"),
            "missing_in": _("out without an in"),
            "double_in": _("second in without an out"),
            "repeated": _("one punch is enough"),
        }

    @api.model
    def _classes(self):
        _ = self.env._
        return {
            "regular": _("regular time"),
            "overtime": _("overtime"),
            "doubletime": _("double time"),
            "rest_day": _("rest day"),
            "rest_day_overtime": _("rest day overtime"),
            "holiday": _("holiday"),
            "holiday_overtime": _("holiday overtime"),
            "dropped": _("overtime below the minimum"),
            "unapproved": _("overtime to approve"),
        }

    # ------------------------------------------------------------------ proposals

    @api.model
    def _of_proposal(self, proposal):
        """The reasons of an engine Proposal, as a list of sentences."""
        words = self._proposal_words()
        return [words[code] % self._spoken(parameters) for code, parameters in proposal.reasons]

    @api.model
    def _spoken(self, parameters):
        times = ("minute", "start", "end")
        return {
            name: clock_words(self.env, value * 60 % DAY_SECONDS) if name in times else value
            for name, value in parameters.items()
        }

    @api.model
    def _proposal_words(self):
        _ = self.env._
        return {
            "habit": _("As on %(days)s of the %(of)s nearest complete days."),
            "weekday": _("Days of the same weekday: %(days)s."),
            "neighbours": _(
                "Like %(people)s colleagues on that day who usually arrive and leave at "
                "the same time."
            ),
            "plan": _("The shift says %(minute)s."),
            "gap": _("The terminal lost the punches from %(start)s to %(end)s."),
            "terminal_incomplete": _(
                "No proposal: a terminal has not reported everything of that day yet."
            ),
            "nothing_missing": _("No proposal: every punch has its counterpart."),
            "no_history": _("No proposal: only %(days)s complete days are known around this one."),
            "unusual_shape": _(
                "No proposal: no complete day of this person has %(taps)s punches and one."
            ),
            "scattered": _(
                "No proposal: the times of the surrounding days differ too much "
                "(%(percent)s %% sure)."
            ),
        }
