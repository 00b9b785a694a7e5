"""The certificate of a deletion on paper: what happened, what was deleted, how to verify it.

Owns columns; the words are those of the screen (biometric_service_certificate.py).
"""

from odoo import api, models
from odoo.exceptions import UserError

from odoo.addons.biometric_attendance.report.paper import Column, Table


class DeletionPrint(models.AbstractModel):
    _name = "report.biometric_attendance_service.deletion"
    _inherit = ["biometric.paper"]
    _description = "Certificate of deletion"

    @api.model
    def _sheets(self, docids):
        deletions = self.env["biometric.service.deletion"].browse(docids)
        deletions.check_access("read")
        if any(not one.certificate for one in deletions):
            raise UserError(self.env._("There is no certificate before the deletion."))
        return [self._certificate(one) for one in deletions]

    @api.model
    def _certificate(self, one):
        _, counts = self.env._, one._certificate_counts()
        columns = [Column(_("Records"), 800), Column(_("Deleted"), 200, is_number=True)]
        total = str(sum(count for _name, count in counts))
        rows = [[name, str(count)] for name, count in counts]
        return self._sheet(
            one.provider_id.sudo().name,
            _("Certificate of deletion"),
            one.certificate["company"],
            one._certificate_lines(),
            [Table(columns, rows, sums=[_("Total"), total])],
            remarks=one._certificate_checks(),
        )
