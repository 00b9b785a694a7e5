"""What a person decided about a punch or an unreadable line: release it, or discard it.

A decision stands beside the punch and never changes it; the last one counts, so a mistake is
mended by another decision. Append-only and audited.
"""

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError


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
        [("release", "Released"), ("discard", "Discarded")], required=True, readonly=True
    )
    reason = fields.Char(required=True, readonly=True)
    user_id = fields.Many2one("res.users", required=True, readonly=True, ondelete="restrict")
    decided_at = fields.Datetime(required=True, readonly=True)

    _by_punch = models.Index("(punch_id, id) WHERE punch_id IS NOT NULL")
    _by_sighting = models.Index("(sighting_id, id) WHERE sighting_id IS NOT NULL")
    _one_subject = models.Constraint(
        "CHECK ((punch_id IS NULL) <> (sighting_id IS NULL))", "One punch or one line."
    )

    @api.model
    def _decide(self, subjects, verdict, reason):
        """Record one decision per punch or reject. Needs an HR officer who may read them all."""
        if not self.env.user.has_group("biometric_attendance.group_hr_officer"):
            raise AccessError(self.env._("Only HR officers decide about punches."))
        reason = self.env["biometric.audited"]._check_reason(reason)
        subjects.check_access("read")
        punches = subjects._name == "biometric.punch"
        own = self.env.user.employee_ids
        for subject in subjects.sudo():
            if punches and subject.employee_id and subject.employee_id in own:
                raise UserError(self.env._("Nobody decides about their own punches."))
            if not punches and subject.kind != "reject":
                raise UserError(self.env._("Only unreadable lines are decided here."))
            before = (
                subject.env["biometric.decision"]
                .search([("punch_id" if punches else "sighting_id", "=", subject.id)], limit=1)
                .verdict
            )
            self.sudo().create(
                {
                    "company_id": subject.company_id.id,
                    "punch_id": subject.id if punches else False,
                    "sighting_id": False if punches else subject.id,
                    "verdict": verdict,
                    "reason": reason,
                    "user_id": self.env.uid,
                    "decided_at": fields.Datetime.now(),
                }
            )
            self.env["biometric.audit"]._record(
                f"{'punch' if punches else 'reject'}.{verdict}",
                subject,
                {"verdict": before or None},
                {"verdict": verdict},
                reason,
            )
        if punches:
            self.env["biometric.stale.day"].sudo()._mark_punches(punch_ids=subjects.ids)
