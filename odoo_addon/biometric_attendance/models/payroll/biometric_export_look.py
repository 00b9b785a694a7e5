"""Whoever takes a payroll file home over the web client as an auditor is written down, as over RPC
(biometric.export). Must not know what a file says.
"""

from odoo import models

from .biometric_export_ledger import CONTENTS


class IrBinary(models.AbstractModel):
    _inherit = "ir.binary"

    def _record_to_stream(self, record, field_name):
        if record._name == "biometric.export" and field_name in CONTENTS:
            record._write_down_download()
        return super()._record_to_stream(record, field_name)
