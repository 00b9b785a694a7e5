"""Dialog in which a payroll officer enters what the payroll program shows as its totals, beside
what the file told it.

Owns the comparison and its entry in the trail. What the file told, its control record says.
"""

import csv
import io
import json
from collections import Counter

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..engine import payroll


class BiometricPayrollCompare(models.TransientModel):
    _name = "biometric.payroll.compare"
    _inherit = ["biometric.dialog"]
    _description = "Totals of the payroll program"

    export_id = fields.Many2one("biometric.export", "File", required=True, readonly=True)
    line_ids = fields.One2many("biometric.payroll.compare.line", "compare_id", "Totals")
    is_equal = fields.Boolean("Totals equal", compute="_compute_is_equal")

    @api.model
    def default_get(self, names):
        values = super().default_get(names)
        export = self.env["biometric.export"].browse(
            values.get("export_id") or self.env.context.get("default_export_id")
        )
        if export:
            export.check_access("read")
            values["line_ids"] = [
                fields.Command.create({"code": code, "told_hours": hours})
                for code, hours in self._told(export)
            ]
        return values

    @api.model
    def _told(self, export):
        """`[(code, hours)]` as the payroll program would show them: of its own file where there is
        one, else of ours."""
        record = json.loads(export._bytes("control").decode())
        by_code = (record.get("program") or {}).get("hours_by_code")
        if by_code is not None:
            return [(code, float(hours)) for code, hours in sorted(by_code.items())]
        sums = Counter()
        for row in csv.DictReader(io.StringIO(export._bytes("data").decode())):
            if row["hours"]:
                sums[row["pay_code"]] += round(float(row["hours"]) * 100)
        return [(code, float(payroll.hundredths_text(sums[code]))) for code in sorted(sums)]

    @api.depends("line_ids.difference")
    def _compute_is_equal(self):
        for compare in self:
            compare.is_equal = bool(compare.line_ids) and not any(
                line._hundredths() for line in compare.line_ids
            )

    def action_keep(self):
        """Write down that somebody compared, and what came of it."""
        self.ensure_one()
        self.check_access("write")
        export = self.export_id
        export.check_access("write")
        told = dict(self._told(export))
        if {line.code: line.told_hours for line in self.line_ids} != told:
            raise UserError(self.env._("Open the dialog again: this file is not shown in it."))
        self.env["biometric.audit"].sudo()._record(
            "received.compare",
            export,
            None,
            {
                "equal": self.is_equal,
                "told": told,
                "received": {line.code: line.received_hours for line in self.line_ids},
            },
        )
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success" if self.is_equal else "warning",
                "message": self.env._("Recorded: the totals are equal.")
                if self.is_equal
                else self.env._("Recorded: the totals differ."),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }


class BiometricPayrollCompareLine(models.TransientModel):
    _name = "biometric.payroll.compare.line"
    _inherit = ["biometric.dialog"]
    _description = "Total of one code"
    _order = "code, id"
    _rec_name = "code"

    compare_id = fields.Many2one("biometric.payroll.compare", required=True, ondelete="cascade")
    code = fields.Char(readonly=True)
    told_hours = fields.Float("In the file", readonly=True, digits=(16, 2))
    received_hours = fields.Float("In the payroll program", digits=(16, 2))
    difference = fields.Float(compute="_compute_difference", digits=(16, 2))

    @api.depends("told_hours", "received_hours")
    def _compute_difference(self):
        for line in self:
            line.difference = line._hundredths() / 100

    def _hundredths(self):
        """Received less told, in hundredths of an hour: exact where floats are not."""
        self.ensure_one()
        return round(self.received_hours * 100) - round(self.told_hours * 100)
