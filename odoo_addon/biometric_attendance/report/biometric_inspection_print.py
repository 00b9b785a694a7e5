"""The register of one person that an inspector takes along as PDF.

Owns which person's, and what proves it. It is opened by the inspector's link alone, and writes
nothing: columns and words are biometric_month_record_print.py.
"""

from odoo import api, models
from odoo.exceptions import AccessError


class InspectionRegisterPrint(models.AbstractModel):
    _name = "report.biometric_attendance.inspection_register"
    _inherit = ["report.biometric_attendance.month_record"]
    _description = "Register for an inspector"

    @api.model
    def _sheets(self, docids):
        """`biometric_person` of the context: id of whose register. Only the page behind the link
        reads as the system."""
        if not self.env.su:
            raise AccessError(
                self.env._("This document is only available through an inspector's link.")
            )
        link = self.env["biometric.inspection"].browse(docids)
        employee = self.env["hr.employee"].browse(self.env.context.get("biometric_person"))
        one, content, digest = link._paper_of(employee & link._people())
        kept = link._signed_record(employee)
        lines = [
            self.env._("Given to %(name)s, for inspection.", name=link.name),
            *self._proof(one, digest),
        ]
        return [
            self._pages_of(
                one,
                content,
                signed=self._signed(kept, digest),
                stamp={"picture": None, "lines": lines},
            )
        ]
