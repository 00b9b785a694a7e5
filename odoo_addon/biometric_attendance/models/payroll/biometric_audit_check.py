"""The payroll files' part of a verification: their bytes, their rows, their entries in the trail
and the days they hold. What is wrong, verifier/files.py says.
"""

from odoo import api, models

from ...verifier import files


class BiometricAuditCheck(models.Model):
    _inherit = "biometric.audit.check"

    @api.model
    def _begin(self, company, asked_by):
        check = super()._begin(company, asked_by)
        check.pieces = [*check.pieces, ["files"]]
        return check

    def _check_files(self, findings):
        check = files.FileCheck(findings, self._file_entries())
        produced = self.env["biometric.export"].search(
            [("company_id", "=", self.company_id.id), ("state", "=", "done")], order="id"
        )
        for export in produced:
            row = export._as_row()
            names = ("data", "control", "program_data")
            data, control, program = (export._bytes(name) for name in names)
            check.file(row, data, control, program, export._held())
            export.invalidate_recordset(names)
        check.close()
        return check.count

    def _file_entries(self):
        entries = files.Entries()
        self.env.cr.execute(
            """SELECT action, model, res_id, content_salt, after FROM biometric_audit
                WHERE company_id = %s AND model = %s ORDER BY id""",
            (self.company_id.id, files.MODEL),
        )
        for row in self.env.cr.dictfetchall():
            entries.learn(row)
        return entries
