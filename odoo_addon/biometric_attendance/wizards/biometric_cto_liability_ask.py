"""Dialog that asks for which date the time owed is to be shown."""

from datetime import timedelta

from odoo import fields, models


class BiometricCtoLiabilityAsk(models.TransientModel):
    _name = "biometric.cto.liability.ask"
    _inherit = ["biometric.dialog"]
    _description = "Time owed at a date"

    on = fields.Date(
        "At the end of",
        required=True,
        default=lambda self: self.env.company._biometric_today().replace(day=1) - timedelta(days=1),
    )

    def action_show(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "biometric_attendance.biometric_cto_liability_action"
        )
        return action | {"context": {"liability_on": str(self.on), "group_by": ["age"]}}
