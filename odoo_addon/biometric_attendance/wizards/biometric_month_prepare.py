"""Dialog that lays the monthly records of many people out, and asks for their files.

Owns what HR chooses. What a record is, and how files are made, is the review room's.
"""

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

from ..models.review.biometric_month_record import LAYOUTS


class BiometricMonthPrepare(models.TransientModel):
    _name = "biometric.month.prepare"
    _inherit = ["biometric.dialog", "biometric.employee.choice"]
    _description = "Prepare monthly records"

    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    period_id = fields.Many2one(
        "biometric.period",
        "Pay period",
        domain="[('company_id', '=', company_id)]",
        help="Creates its dates and its people.",
    )
    date_from = fields.Date("From", required=True, default=lambda s: s._last_month()[0])
    date_to = fields.Date("To", required=True, default=lambda s: s._last_month()[1])
    layout = fields.Selection(LAYOUTS, required=True, default="plain")
    employee_ids = fields.Many2many(
        "hr.employee",
        string="Employees",
        context={"active_test": False},
        help="Empty: everybody with a day on these dates.",
    )
    with_files = fields.Boolean(
        "Create PDF files", help="In the background; the list Files shows the progress."
    )

    @api.onchange("period_id")
    def _onchange_period(self):
        if self.period_id:
            self.date_from, self.date_to = self.period_id.date_from, self.period_id.date_to

    @api.constrains("date_from", "date_to")
    def _check_dates(self):
        for dialog in self:
            if not 0 <= (dialog.date_to - dialog.date_from).days <= 366:
                raise ValidationError(self.env._("Choose between one day and one year."))

    def action_prepare(self):
        """Lay the records out and open their list, or the run that makes their files."""
        self.ensure_one()
        self.check_access("write")
        if not self.env.user.has_group("biometric_attendance.group_hr_officer"):
            raise AccessError(self.env._("Only HR officers can prepare monthly records."))
        records = self._records().sudo(False)
        if not records:
            raise UserError(self.env._("Nobody has a day on these dates."))
        if self.with_files:
            self.env["ir.actions.report"]._check_printer()
            run = self.env["biometric.month.run"]._ask(records, self.layout)
            return self._opened("biometric_month_run_action") | {
                "res_id": run.id,
                "views": [(False, "form")],
            }
        return self._opened("biometric_month_record_action") | {
            "domain": [("id", "in", records.ids)],
            "context": {},
        }

    def _records(self):
        """The records of the choice (sudo)."""
        records = self.env["biometric.month.record"].sudo()
        people = records._people(self.company_id, self.date_from, self.date_to)
        if self.period_id:
            people &= self.period_id.sudo()._people()
        if self.employee_ids:
            people &= self.sudo().employee_ids
        if not people:
            return records
        return records._prepare(people, self.company_id, self.date_from, self.date_to, self.layout)

    @api.model
    def _opened(self, name):
        return self.env["ir.actions.act_window"]._for_xml_id(f"biometric_attendance.{name}")
