"""How our reports become PDF: on their own paper, without asking the server for anything, and with
a sentence where the program that prints is missing.

Owns the way from a page to a PDF. Must not know what stands on the pages.
"""

from odoo import models
from odoo.exceptions import UserError

# This addon's papers, and those of what is installed beside it.
OURS = "biometric_attendance"


class IrActionsReport(models.Model):
    _inherit = "ir.actions.report"

    def _is_biometric(self):
        return len(self) == 1 and (self.report_name or "").startswith(OURS)

    def _get_layout(self):
        """Ours brings its own style: wkhtmltopdf need not find its way to the server's bundles,
        which fails behind many a proxy and never ends with a single worker."""
        if self._is_biometric():
            return self.env.ref("biometric_attendance.paper_layout")
        return super()._get_layout()

    def get_paperformat(self):
        """The company's paper, with the narrow margins that our pages are laid out for."""
        if self._is_biometric():
            return self.env.ref(
                f"biometric_attendance.paperformat_{self._biometric_paper().lower()}"
            )
        return super().get_paperformat()

    def _biometric_paper(self):
        return "Letter" if self.env.company.sudo().paperformat_id.format == "Letter" else "A4"

    def report_action(self, docids, data=None, config=True):
        """Nobody is led to a download that cannot come, or to the set-up of a letterhead that our
        pages do not have."""
        if not self._is_biometric():
            return super().report_action(docids, data=data, config=config)
        if not docids:
            raise UserError(self.env._("Nothing is selected: choose the lines to print first."))
        self._check_printer()
        return super().report_action(docids, data=data, config=False)

    def _pre_render_qweb_pdf(self, report_ref, res_ids=None, data=None):
        if self._get_report(report_ref)._is_biometric():
            self._check_printer()
        return super()._pre_render_qweb_pdf(report_ref, res_ids=res_ids, data=data)

    def _render_qweb_pdf_prepare_streams(self, report_ref, data, res_ids=None):
        """What is kept with its record is printed one by one: Debian's wkhtmltopdf makes one
        document at a time."""
        report = self._get_report(report_ref)
        prints = super()._render_qweb_pdf_prepare_streams
        if not (report._is_biometric() and report.attachment and res_ids):
            return prints(report_ref, data, res_ids=res_ids)
        streams = {}
        for record_id in dict.fromkeys(res_ids):
            streams |= prints(report_ref, dict(data or {}), res_ids=[record_id])
        return streams

    def _check_printer(self):
        """Refuse in words that say what is missing on the server and what helps until then."""
        state = self.get_wkhtmltopdf_state()
        if state in ("ok", "upgrade"):
            return
        if state == "install":
            missing = self.env._(
                "No PDF can be created: the program wkhtmltopdf is not installed on the "
                "Odoo server. On Debian and Ubuntu: apt-get install wkhtmltopdf, then "
                "restart Odoo."
            )
        elif state == "workers":
            missing = self.env._(
                "No PDF can be created while Odoo runs with a single worker. Set "
                "`workers` in its configuration to 0, or to 2 or more, and restart it."
            )
        else:
            missing = self.env._(
                "No PDF can be created: the program wkhtmltopdf on the Odoo server does "
                "not report its version. Reinstall it (Debian and Ubuntu: apt-get "
                "install --reinstall wkhtmltopdf), then restart Odoo."
            )
        hint = self.env._("Until then, the same pages can be displayed and printed in the browser.")
        raise UserError(f"{missing}\n\n{hint}")
