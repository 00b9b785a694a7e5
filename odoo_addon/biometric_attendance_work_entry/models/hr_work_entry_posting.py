"""That a payroll file was posted as work entries: by whom, how many, and what could not be.

Owns the receipt: one a file, written with the entries, never changed.
"""

from odoo import api, fields, models
from odoo.exceptions import AccessError


class HrWorkEntryPosting(models.Model):
    _name = "hr.work.entry.posting"
    _description = "Payroll file posted as work entries"
    _order = "id desc"
    _rec_name = "export_id"

    export_id = fields.Many2one(
        "biometric.export", "File", required=True, readonly=True, ondelete="restrict"
    )
    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="restrict")
    posted_at = fields.Datetime("Posted on", required=True, readonly=True)
    user_id = fields.Many2one("res.users", "Posted by", readonly=True, ondelete="restrict")
    entry_count = fields.Integer("Entries", readonly=True)
    minutes = fields.Integer(readonly=True, help="What the entries of the file came to.")
    left_text = fields.Text(
        "Not posted", readonly=True, help="Work entries cannot say it: enter it in the payslip."
    )

    _once = models.UniqueIndex("(export_id)", "This file was posted as work entries already.")

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            raise AccessError(self.env._("Work entries are posted by the button on a file."))
        return super().create(vals_list)
