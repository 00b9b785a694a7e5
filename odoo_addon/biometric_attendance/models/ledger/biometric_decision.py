"""What a person decided about a punch or an unreadable line: release it, discard it, or count it
at the time it was really made.

A decision stands beside the punch and never changes it; the last one counts, so a mistake is
mended by another decision. Append-only and audited.
"""

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..mixins.biometric_audited import Concern


class BiometricDecision(models.Model):
    _name = "biometric.decision"
    _description = "Decisions"
    _inherit = ["biometric.append.only"]
    _log_access = False
    _order = "id desc"
    _rec_name = "verdict"

    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="restrict")
    punch_id = fields.Many2one("biometric.punch", readonly=True, ondelete="restrict")
    sighting_id = fields.Many2one("biometric.sighting", readonly=True, ondelete="restrict")
    verdict = fields.Selection(
        [("release", "Released"), ("discard", "Discarded"), ("count_as", "Counted as")],
        required=True,
        readonly=True,
    )
    counts_at = fields.Datetime("Counted at", readonly=True)
    counts_date = fields.Date("Counted on", readonly=True, help="In terminal time")
    reason = fields.Char(required=True, readonly=True)
    user_id = fields.Many2one("res.users", required=True, readonly=True, ondelete="restrict")
    decided_at = fields.Datetime("Decided on", required=True, readonly=True)

    _by_punch = models.Index("(punch_id, id) WHERE punch_id IS NOT NULL")
    _by_sighting = models.Index("(sighting_id, id) WHERE sighting_id IS NOT NULL")
    _counted = models.Index("(counts_date, punch_id) WHERE verdict = 'count_as'")
    _has_time = models.Constraint(
        "CHECK ((verdict = 'count_as') = (counts_at IS NOT NULL AND counts_date IS NOT NULL))",
        "Enter a time only if the punch is counted at another time.",
    )
    _one_subject = models.Constraint(
        "CHECK ((punch_id IS NULL) <> (sighting_id IS NULL))", "One punch or one line."
    )

    @api.model
    def _decide(self, subjects, verdict, reason, counts_at=None):
        """Record one decision per punch or reject. Needs an HR officer who may read them all.

        counts_at: {punch id: naive UTC instant} for the verdict count_as; the punch itself stays.
        """
        if not self.env.user.has_group("biometric_attendance.group_hr_officer"):
            raise AccessError(self.env._("Only HR officers can decide about punches."))
        reason = self.env["biometric.audited"]._check_reason(reason)
        subjects.check_access("read")
        punches = subjects._name == "biometric.punch"
        for subject in subjects.sudo():
            last = subject.env["biometric.decision"].search(
                [("punch_id" if punches else "sighting_id", "=", subject.id)], limit=1
            )
            time = self._time_of(subject, verdict, counts_at)
            days = (time.get("counts_date"), last.counts_date)
            if not punches and subject.kind != "reject":
                raise UserError(self.env._("Only unreadable lines are decided here."))
            if punches:
                self._mark_counted(subject, last.counts_date)
            with self.env["biometric.audited"]._all_or_nothing():
                decision = self.sudo().create(
                    {
                        "company_id": subject.company_id.id,
                        "punch_id": subject.id if punches else False,
                        "sighting_id": False if punches else subject.id,
                        "verdict": verdict,
                        **time,
                        "reason": reason,
                        "user_id": self.env.uid,
                        "decided_at": fields.Datetime.now(),
                    }
                )
                self.env["biometric.audit"]._record(
                    f"{'punch' if punches else 'reject'}.{verdict}",
                    subject,
                    {"verdict": last.verdict or None, **self._told(last.counts_at)},
                    {"decision": decision.id, **self.env["biometric.state"]._said(decision)},
                    reason,
                    concern=self._concern(subject, days) if punches else Concern(()),
                )
            if punches:
                self._mark_counted(subject, time.get("counts_date"))
        if punches:
            self.env["biometric.stale.day"].sudo()._mark_punches(punch_ids=subjects.ids)

    @api.model
    def _time_of(self, subject, verdict, counts_at):
        """Columns of a decision that names a time: possible, and not after the punch was known."""
        if verdict != "count_as":
            return {}
        if subject._name != "biometric.punch":
            raise UserError(self.env._("Only a punch can be given another time."))
        when = (counts_at or {}).get(subject.id)
        if not when:
            raise UserError(self.env._("Enter the time at which the punch counts."))
        if when > subject.stored_at:
            raise UserError(
                self.env._(
                    "A punch cannot have been made after it was received: %s.", subject.stored_at
                )
            )
        return {"counts_at": when, "counts_date": subject.device_id._day_of(when)}

    @staticmethod
    def _told(counts_at):
        return {"counts_at": fields.Datetime.to_string(counts_at)} if counts_at else {}

    @api.model
    def _concern(self, punch, days):
        """Whom a decision concerns, and the dates it touches: each with its neighbours."""
        touched = [day for day in (punch.wall_date, *days) if day]
        around = fields.Date.add(min(touched), days=-1), fields.Date.add(max(touched), days=1)
        return Concern(set(self._whose(punch, days).ids), around)

    @api.model
    def _whose(self, punch, days):
        """Whom a decision concerns: whom the PIN meant on the date that the clock showed, and on
        those on which the punch counts or counted (False: none). punch: under sudo."""
        found = [self._meant(punch, day) for day in days if day]
        return punch.employee_id.union(*found)

    @api.model
    def _meant(self, punch, day):
        """The employees whom the PIN of a punch means on a day. punch: under sudo."""
        users = punch.env["biometric.device.user"].search(
            [("device_id", "=", punch.device_id.id), ("pin", "=", punch.pin)]
        )
        return users.filtered(
            lambda user: (
                user.employee_id
                and (not user.valid_from or user.valid_from <= day)
                and (not user.valid_to or user.valid_to >= day)
            )
        ).employee_id

    @api.model
    def _mark_counted(self, punch, day):
        """The days around the one on which a punch counts, of whom its PIN means then."""
        if not day:
            return
        employees = self._meant(punch, day)
        self.env["biometric.stale.day"].sudo()._mark(
            [
                (employee.id, fields.Date.add(day, days=step))
                for employee in employees
                for step in (-1, 0, 1)
            ]
        )
