"""Whoever takes a payroll file home over the web client as an auditor is written down, as over RPC
(biometric.export, and the attachment behind it). Must not know what a file says.
"""

from odoo import models

from .biometric_export_ledger import CONTENTS
from .ir_attachment import MODEL


class IrBinary(models.AbstractModel):
    _inherit = "ir.binary"

    def _record_to_stream(self, record, field_name):
        if record._name == MODEL and field_name in CONTENTS:
            record._write_down_download()
        if record._name == "ir.attachment":
            record._write_down_payroll_files()
        return super()._record_to_stream(record, field_name)
