"""Repair proposals for incomplete days: which punch most likely is missing, and why.

Owns the way from records to the engine's `proposals` and back to an instant. Nothing is stored and
nothing is applied: a proposal is made anew whenever somebody looks, from days as they stand.
"""

from collections import defaultdict
from datetime import datetime, timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ...engine import Zone, day_start_wall, epoch, proposals
from ..mixins.biometric_words import time_words

# Days around the asked ones that habits are read from.
BACK, AHEAD = timedelta(days=75), timedelta(days=21)
# More colleagues than this tell nothing new and take time.
MOST_COLLEAGUES = 300
# Days whose last punch is hidden to see what a guess is worth here, and as many for a middle one.
TRIED = 200
WHOLE = ("present", "worked_rest_day", "worked_holiday", "half_day")
# A punch that made no session because its other half is missing still was a punch.
LONE = ("missing_in", "double_in")


class BiometricProposal(models.AbstractModel):
    _name = "biometric.proposal"
    _description = "Repair proposals"

    @api.model
    def _for_days(self, days):
        """`{day id: {"at", "clock", "time", "next_day", "direction", "percent", "level",
        "reasons"}}` of the incomplete ones of these days (the reader may see them). `at`: naive
        UTC, False for none; `clock`: 24 hours; `time`: as the language writes it; `reasons`:
        sentences."""
        days = days.filtered(lambda day: day.status == "incomplete")
        if not days:
            return {}
        habits = proposals.Habits(self._known_days(days))
        trust = habits.learn(TRIED)
        gaps = self._gaps(days)
        found = {}
        for day in days:
            asked = self._asked(day, gaps.get(day.id, ()))
            found[day.id] = self._told(day, habits.propose(asked, trust))
        return found

    def _told(self, day, proposal):
        zone = Zone.named((day.derivation or {}).get("zone") or "UTC")
        at = next_day = clock = time = False
        if proposal.minute is not None:
            moment = _naive(zone.on(day.date, proposal.minute))
            at, time = fields.Datetime.to_string(moment), time_words(self.env, moment, zone.name)
            next_day = proposal.minute >= 1440
            clock = f"{proposal.minute % 1440 // 60:02d}:{proposal.minute % 60:02d}"
        return {
            "at": at,
            "clock": clock,
            "time": time,
            "next_day": next_day,
            "direction": proposal.direction or False,
            "percent": proposal.percent,
            "level": proposal.level,
            "reasons": self.env["biometric.sentence"]._of_proposal(proposal),
        }

    def _asked(self, day, gaps):
        """gaps: `(state, from, to)` of the terminals the person may use, naive UTC."""
        derivation = day.derivation or {}
        zone = Zone.named(derivation.get("zone") or "UTC")

        def minute(instant):
            return _minute(day.date, instant, zone)

        sessions = derivation.get("sessions") or ()
        taps = [minute(s[end]) for s in sessions for end in ("in", "out") if s.get(end)]
        taps += [
            minute(entry["at"])
            for entry in derivation.get("ignored") or ()
            if entry["reason"] in LONE
        ]
        shifts = derivation.get("shifts") or ()
        shift = None
        if shifts:
            shift = (
                min(minute(one["start"]) for one in shifts),
                max(minute(one["end"]) for one in shifts),
            )
        lost = tuple(
            (minute(begin.isoformat() + "Z"), minute(end.isoformat() + "Z"))
            for state, begin, end in gaps
            if state == "accepted" and end
        )
        return proposals.Asked(
            person=str(day.employee_id.id),
            day=day.date,
            taps=tuple(sorted(taps)),
            is_complete=not day.settles_at and all(gap[0] != "open" for gap in gaps),
            shift=shift,
            gaps=lost,
        )

    # ------------------------------------------------------------------ records in

    def _known_days(self, days):
        """`{person: [KnownDay]}` of the people asked for and of whom they work with, read as the
        system: a proposal counts colleagues and names none."""
        people = days.sudo().employee_id
        beside = (
            self.env["biometric.day"]
            .sudo()
            .search_fetch(
                [
                    ("company_id", "in", days.sudo().company_id.ids),
                    ("department_id", "in", days.sudo().department_id.ids),
                    ("date", "in", list(set(days.mapped("date")))),
                    ("status", "in", WHOLE),
                ],
                ["employee_id"],
                limit=50 * MOST_COLLEAGUES,
            )
            .employee_id
        )
        chosen = people.ids + [one for one in beside.ids if one not in set(people.ids)]
        dates = days.mapped("date")
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """SELECT employee_id, date, derivation->>'zone', derivation->'sessions'
                     FROM biometric_day
                    WHERE employee_id = ANY(%s) AND date BETWEEN %s AND %s AND status = ANY(%s)""",
                chosen[: max(MOST_COLLEAGUES, len(people))],
                min(dates) - BACK,
                max(dates) + AHEAD,
                list(WHOLE),
            )
        )
        known = defaultdict(list)
        for person, day, zone, sessions in self.env.cr.fetchall():
            taps = _taps(day, Zone.named(zone or "UTC"), sessions or ())
            if taps:
                known[str(person)].append(proposals.KnownDay(day, taps))
        return known

    def _gaps(self, days):
        """`{day id: [(state, from, to)]}`: windows not proven of terminals the person may use that
        touch the day or the night after it."""
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """SELECT DISTINCT y.id, g.state, g.window_from, g.window_to
                     FROM biometric_day y
                     JOIN biometric_device_user u ON u.employee_id = y.employee_id
                      AND y.date >= COALESCE(u.valid_from, '0001-01-01'::date)
                      AND y.date <= COALESCE(u.valid_to, '9999-12-31'::date)
                     JOIN biometric_device d ON d.id = u.device_id AND d.state IN ('active','moved')
                     JOIN biometric_gap g ON g.state IN ('open', 'accepted')
                      AND (g.device_id = d.id OR g.device_id IS NULL AND g.agent_id = d.agent_id)
                      AND g.window_from < y.date + interval '2 days'
                      AND COALESCE(g.window_to, 'infinity') > y.date
                    WHERE y.id = ANY(%s)""",
                days.ids,
            )
        )
        found = defaultdict(list)
        for day_id, state, begin, end in self.env.cr.fetchall():
            found[day_id].append((state, begin, end))
        return found


def _naive(at):
    return datetime(1970, 1, 1) + timedelta(seconds=at)


def _minute(day, instant, zone):
    """Minutes after the local midnight of a date, seconds cut off."""
    return (zone.wall(epoch(instant)) - day_start_wall(day)) // 60


def _taps(day, zone, sessions):
    """Times of a whole day; () where an end is open or assumed."""
    if any(not session.get("out") or session.get("assumed") for session in sessions):
        return ()
    return tuple(_minute(day, session[end], zone) for session in sessions for end in ("in", "out"))
