"""Whoever takes a payroll file home as an auditor is written down, with the people whose days it
holds: over the web client's download as over RPC. Must not know what a file says.
"""

from odoo import models

# Fields that hold people's days.
CONTENTS = frozenset({"data", "control", "program_data"})


class BiometricExport(models.Model):
    _inherit = "biometric.export"

    def read(self, fields=None, load="_classic_read"):
        """Values over RPC; without the content where only its size is asked for."""
        if not self.env.context.get("bin_size") and CONTENTS & set(fields or CONTENTS):
            self._write_down_download()
        return super().read(fields, load)

    def _write_down_download(self):
        days = self.env["biometric.export.day"]
        if not days._is_looking():
            return
        days._write_down_look(days.sudo().search([("export_id", "in", self.ids)]).employee_id)


class IrBinary(models.AbstractModel):
    _inherit = "ir.binary"

    def _record_to_stream(self, record, field_name):
        if record._name == "biometric.export" and field_name in CONTENTS:
            record._write_down_download()
        return super()._record_to_stream(record, field_name)
