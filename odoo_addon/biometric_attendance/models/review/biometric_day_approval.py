"""What somebody said of a day as it stood: that it is in order, or that this is taken back.

Owns which days are approved and of which result. An approval is pinned to the numbers that it was
about: when the day comes out otherwise, the difference asks again and the approval stays on record.
Changes no minute. Append-only and audited.

The doors: `approve_days`, `take_back`; `sum_of` says what an approval would take up.
"""

import secrets
from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..mixins.biometric_audited import Act, Concern

MOST_DAYS = 20_000


class BiometricDayApproval(models.Model):
    _name = "biometric.day.approval"
    _description = "Approvals of days"
    _inherit = ["biometric.append.only"]
    _log_access = False
    _order = "id desc"
    _rec_name = "date"

    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="restrict")
    employee_id = fields.Many2one("hr.employee", required=True, readonly=True, ondelete="restrict")
    date = fields.Date(required=True, readonly=True)
    verdict = fields.Selection(
        [("approve", "Approved"), ("take_back", "Withdrawn")], required=True, readonly=True
    )
    day = fields.Json("Previous state", readonly=True)
    bulk = fields.Char(
        "Act",
        required=True,
        readonly=True,
        index=True,
        help="Links what was decided in one action.",
    )
    user_id = fields.Many2one("res.users", required=True, readonly=True, ondelete="restrict")
    decided_at = fields.Datetime("Decided on", required=True, readonly=True)
    self_approved = fields.Boolean("Self-approved", readonly=True)

    _by_day = models.Index("(employee_id, date, id)")

    @api.model
    def sum_of(self, day_ids):
        """What `approve_days` would take up: `{"days", "people", "worked_minutes",
        "overtime_minutes", "left_out": {reason: days}}`."""
        fit, left = self._fit(day_ids)
        return {
            "days": len(fit),
            "people": len(fit.employee_id),
            "worked_minutes": sum(fit.mapped("worked_minutes")),
            "overtime_minutes": sum(fit.mapped("overtime_minutes")),
            "left_out": left,
        }

    @api.model
    def approve_days(self, day_ids):
        """Approve those of the days that are clean, in one act; `{"bulk", "days", "left_out"}`.

        A day with a finding that must be fixed, with an open request, that is not complete yet, in
        a locked period or of whoever approves, is left out and counted by its reason."""
        fit, left = self._fit(day_ids)
        bulk = secrets.token_hex(8)
        self._keep(fit, "approve", bulk)
        return {"bulk": bulk, "days": len(fit), "left_out": left}

    @api.model
    def take_back(self, bulk):
        """Take back what one act approved, by further entries; the number of days."""
        rows = self.search([("bulk", "=", bulk), ("verdict", "=", "approve")], limit=MOST_DAYS)
        if not rows:
            raise UserError(self.env._("This action does not exist, or you may not see its days."))
        days = self.env["biometric.day"].search(
            [
                ("employee_id", "in", rows.employee_id.ids),
                ("date", "in", list(set(rows.mapped("date")))),
            ],
            limit=MOST_DAYS,
        )
        acted, standing = (
            {(row.employee_id.id, row.date): row for row in rows},
            self._standing(days),
        )
        keys = {day.id: (day.employee_id.id, day.date) for day in days}
        still = days.filtered(
            lambda day: keys[day.id] in acted and standing.get(keys[day.id]) == acted[keys[day.id]]
        )
        for day in still:
            self._check_may(day)
        self._keep(still, "take_back", secrets.token_hex(8))
        return len(still)

    @api.model
    def confirm_day(self, day_id, text):
        """Say of one day that is to be looked at that it is right as it stands, with words; True.
        What must be fixed is resolved, never confirmed."""
        text = self.env["biometric.audited"]._check_reason(text)
        day = self.env["biometric.day"].search([("id", "=", day_id)], limit=1)
        if not day or day.review_basket not in ("look_at", "clean"):
            raise UserError(
                self.env._("This day has to be fixed first; it cannot be confirmed as it is.")
            )
        if day.open_request_count:
            raise UserError(self.env._("Decide the open request for this day first."))
        self._check_may(day)
        if day.employee_id.id in self.env["biometric.duty"].sudo()._own(self.env.uid):
            self.env["biometric.duty"]._refuse(day.employee_id.ids, self._others(day), False)
        self._keep(day, "approve", secrets.token_hex(8), text)
        return True

    # ------------------------------------------------------------------ which days

    def _fit(self, day_ids):
        """(days that can be approved, {reason: number of the others})."""
        days = self.env["biometric.day"].search([("id", "in", list(day_ids))], limit=MOST_DAYS)
        own = self.env["biometric.duty"].sudo()._own(self.env.uid)
        standing, locked = self._standing(days), self._locked(days)
        fit, left = [], defaultdict(int)
        for day in days:
            reason = self._left_out(day, own, standing, locked)
            if reason:
                left[reason] += 1
            else:
                fit.append(day.id)
        return days.browse(fit), dict(left)

    def _locked(self, days):
        """`{employee_id: [(from, to)]}` of the locked periods that these days may lie in."""
        if not days:
            return {}
        dates, groups = days.mapped("date"), self.env["biometric.period.group"].sudo()
        group_of = {one.id: groups._of(one) for one in days.sudo().employee_id}
        periods = (
            self.env["biometric.period"]
            .sudo()
            .search(
                [
                    ("state", "in", self.env["biometric.period"]._closed_states),
                    ("group_id", "in", [group.id for group in group_of.values()]),
                    ("date_from", "<=", max(dates)),
                    ("date_to", ">=", min(dates)),
                ]
            )
        )
        return {
            employee: [(one.date_from, one.date_to) for one in periods if one.group_id == group]
            for employee, group in group_of.items()
        }

    def _left_out(self, day, own, standing, locked):
        if day.review_basket != "clean":
            return day.review_basket
        spans = locked.get(day.employee_id.id, ())
        if any(first <= day.date <= last for first, last in spans):
            return "locked"
        if day.employee_id.id in own and self._others(day):
            return "own"
        if not self._may(day):
            return "not_yours"
        row = standing.get((day.employee_id.id, day.date))
        if row and not day._differs_from(row.day):
            return "approved"
        return ""

    def _may(self, day):
        if self.env.user.has_group("biometric_attendance.group_hr_officer"):
            return True
        return self.env["biometric.adjustment"]._leads(day.sudo().employee_id)

    def _check_may(self, day):
        if not self._may(day):
            raise AccessError(self.env._("You do not approve the days of this person."))

    def _others(self, day):
        return (
            self.env["biometric.duty"]
            .sudo()
            ._others("hr_officer", day.sudo().company_id, {self.env.uid})
        )

    # ------------------------------------------------------------------ what stands

    @api.model
    def _standing(self, days):
        """`{(employee_id, date): row}` of the approvals that were not taken back."""
        if not days:
            return {}
        self.flush_model(["employee_id", "date", "verdict"])
        self.env.cr.execute(
            """SELECT s.id FROM (
                   SELECT DISTINCT ON (a.employee_id, a.date) a.id, a.verdict
                     FROM unnest(%s, %s::date[]) d (employee_id, date)
                     JOIN biometric_day_approval a
                       ON a.employee_id = d.employee_id AND a.date = d.date
                    ORDER BY a.employee_id, a.date, a.id DESC) s WHERE s.verdict = 'approve'""",
            ([day.employee_id.id for day in days], [day.date for day in days]),
        )
        rows = self.browse([row[0] for row in self.env.cr.fetchall()])
        return {(row.employee_id.id, row.date): row.sudo(False) for row in rows.sudo()}

    def _keep(self, days, verdict, bulk, text=None):
        """One row and one entry a day, of one act."""
        own, now = self.env["biometric.duty"].sudo()._own(self.env.uid), fields.Datetime.now()
        rows = self.sudo().create(
            [
                {
                    "company_id": day.sudo().company_id.id,
                    "employee_id": day.employee_id.id,
                    "date": day.date,
                    "verdict": verdict,
                    "day": day._decision_values(),
                    "bulk": bulk,
                    "user_id": self.env.uid,
                    "decided_at": now,
                    "self_approved": day.employee_id.id in own,
                }
                for day in days
            ]
        )
        said = self._said_of(rows)
        acts = [
            Act(
                row.sudo(False),
                None,
                said[row.id],
                text,
                row.company_id,
                Concern(frozenset(row.employee_id.ids), (row.date, row.date), may_refuse=False),
            )
            for row in rows
        ]
        self.env["biometric.audit"]._record_all(f"approval.{verdict}", acts)

    def _said_of(self, rows):
        """`{row id: what its entry must say}`, read once a company."""
        state = self.env["biometric.state"].sudo()
        return {
            told["id"]: told["values"]
            for company, own in rows.grouped("company_id").items()
            for told in state._rows(self._name, company.id, min(own.ids), max(own.ids))
        }
