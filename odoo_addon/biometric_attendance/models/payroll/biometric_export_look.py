"""Whoever takes a payroll file home over the web client, or reads the attachment behind it, as an
auditor is written down, as over RPC (biometric.export). Must not know what a file says.
"""

from odoo import models

from .biometric_export_ledger import CONTENTS
from .ir_attachment import MODEL

# Fields of an attachment that say what is in it.
BYTES = frozenset({"raw", "datas", "db_datas", "index_content"})


class IrBinary(models.AbstractModel):
    _inherit = "ir.binary"

    def _record_to_stream(self, record, field_name):
        if record._name == MODEL and field_name in CONTENTS:
            record._write_down_download()
        if record._name == "ir.attachment":
            record._write_down_payroll_files()
        return super()._record_to_stream(record, field_name)


class IrAttachment(models.Model):
    _inherit = "ir.attachment"

    def read(self, fields=None, load="_classic_read"):
        if BYTES & set(fields or BYTES):
            self._write_down_payroll_files()
        return super().read(fields, load)

    def _write_down_payroll_files(self):
        """Of these, those that hold what a payroll file says are a look at it."""
        if self.env["biometric.export.day"]._is_looking():
            self.env[MODEL].browse(
                self._biometric_of_files().mapped("res_id")
            )._write_down_download()
