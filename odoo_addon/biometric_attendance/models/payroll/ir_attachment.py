"""The bytes behind a payroll file: as much a ledger as its row, though Odoo keeps them elsewhere.

Owns no fields. Other attachments pass through untouched.
"""

import base64

from odoo import api, models
from odoo.exceptions import UserError

MODEL = "biometric.export"
# What an auditor reads there is a look at the file.
BYTES = frozenset({"raw", "datas", "db_datas", "index_content"})
# What says which bytes, and whose.
CONTENT = {
    "raw",
    "datas",
    "db_datas",
    "store_fname",
    "checksum",
    "file_size",
    "type",
    "url",
    "res_model",
    "res_field",
    "res_id",
}


class IrAttachment(models.Model):
    _inherit = "ir.attachment"

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._biometric_check_new(vals)
        return super().create(vals_list)

    def write(self, vals):
        if CONTENT & set(vals):
            self._biometric_check_new(vals)
            for attachment in self._biometric_of_files():
                if not attachment._biometric_same(vals):
                    attachment._biometric_refuse()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_biometric_file(self):
        for attachment in self._biometric_of_files():
            attachment._biometric_refuse()

    def _read_format(self, fnames, load="_classic_read"):
        """Values over RPC, searched for or not."""
        if BYTES & set(fnames):
            self._write_down_payroll_files()
        return super()._read_format(fnames, load)

    def _write_down_payroll_files(self):
        """Of these, those that hold what a payroll file says are a look at it."""
        if self.env["biometric.export.day"]._is_looking():
            numbers = self._biometric_of_files().mapped("res_id")
            self.env[MODEL].browse(numbers)._write_down_download()

    def _biometric_check_new(self, vals):
        """Nothing is put behind the fields of a payroll file but by the making of the file."""
        if vals.get("res_model") != MODEL or not vals.get("res_field"):
            return
        export = self.env[MODEL].sudo().browse(vals.get("res_id") or 0).exists()
        if not self.env.su or export.state != "draft":
            self._biometric_refuse()

    def _biometric_of_files(self):
        """Those that hold what a produced file says."""
        own = self.sudo().filtered(lambda one: one.res_model == MODEL and one.res_field)
        produced = self.env[MODEL].sudo().browse(own.mapped("res_id")).exists()
        produced = produced.filtered(lambda export: export.state != "draft")
        return own.filtered(lambda one: one.res_id in produced.ids)

    def _biometric_same(self, vals):
        """Whether the bytes stay as they are: Odoo may move them between disk and database."""
        if CONTENT & set(vals) - {"raw", "datas"}:
            return False
        new = vals["raw"] if "raw" in vals else base64.b64decode(vals["datas"] or b"")
        return new == self.raw

    def _biometric_refuse(self):
        raise UserError(self.env._("The content of a produced payroll file cannot be changed."))
