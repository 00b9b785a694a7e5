"""The certificate of earned credit: period, papers, what each day earned, the balance, signatures.

Owns columns and words; the same page is the annex of a payslip that lists open rights. What was
credited is read from the ledger, never computed here.
"""

from odoo import api, models
from odoo.tools import format_date

from .paper import Column, Table


class CertificatePrint(models.AbstractModel):
    _name = "report.biometric_attendance.certificate"
    _inherit = ["biometric.paper"]
    _description = "Certificate of earned credit"

    @api.model
    def _sheets(self, docids):
        certificates = self.env["biometric.cto.certificate"].browse(docids)
        certificates.check_access("read")
        return [self._certificate(one) for one in certificates]

    @api.model
    def _certificate(self, one):
        _, accounts = self.env._, self.env["biometric.cto.account"]
        entries = one.entry_ids
        rows = [self._row(entry) for entry in entries]
        span = _(
            "%(first)s to %(last)s",
            first=format_date(self.env, one.date_from),
            last=format_date(self.env, one.date_to),
        )
        credited = accounts._clock(one.credited_minutes)
        return self._sheet(
            one.company_id.sudo().name,
            _("Certificate of earned credit %s", one.name),
            one.employee_id.sudo().name,
            [span, _("Issued on %s", format_date(self.env, one.create_date))],
            [Table(self._columns(), rows, sums=[_("Total"), "", "", "", credited, ""])],
            remarks=[
                _("Balance of the account: %s", accounts._clock(one.balance_minutes)),
                *self._rights(one),
            ],
            signatures=[_("Employee, date"), _("Approved, date")],
        )

    @api.model
    def _rights(self, one):
        """A line for each right to time off that is open, where the rule set opens them so."""
        _, accounts = self.env._, self.env["biometric.cto.account"].sudo()
        employee = one.employee_id.sudo()
        return [
            _(
                "Pending since %(opened)s: %(time)s, to be taken by %(last)s; a request "
                "is answered by %(answer)s.",
                opened=format_date(self.env, right.opened_on),
                time=accounts._clock(right.minutes),
                last=format_date(self.env, right.last_on),
                answer=format_date(self.env, right.answer_on),
            )
            for right in accounts._rights(employee, one.company_id)
        ]

    @api.model
    def _columns(self):
        _ = self.env._
        return [
            Column(_("Day"), 130),
            Column(_("Kind of day"), 150),
            Column(_("Authority"), 260),
            Column(_("Overtime"), 140, is_number=True),
            Column(_("Credited"), 140, is_number=True),
            Column(_("Usable until"), 180, is_apart=True),
        ]

    @api.model
    def _row(self, entry):
        accounts = self.env["biometric.cto.account"]
        kinds = dict(entry._fields["day_class"]._description_selection(self.env))
        return [
            format_date(self.env, entry.work_date),
            kinds.get(entry.day_class, ""),
            entry.authority or "",
            accounts._clock(entry.overtime_minutes),
            accounts._clock(entry.minutes),
            format_date(self.env, entry.expires_on) if entry.expires_on else "",
        ]
