"""What became of a monthly record: put on paper, certified by its person, signed by a supervisor,
asked for anew because days of it changed.

A ledger. Each row carries exactly what was signed and its digest, and stands in the trail; a day
that changes later changes no row. Must not know who may sign.
"""

from odoo import api, fields, models

from ..mixins.biometric_audited import Concern
from ..mixins.biometric_words import moment_words


class BiometricMonthStep(models.Model):
    _name = "biometric.month.step"
    _description = "Signatures of monthly records"
    _inherit = ["biometric.append.only"]
    _log_access = False
    _order = "id desc"
    _rec_name = "digest"

    record_id = fields.Many2one(
        "biometric.month.record", required=True, readonly=True, ondelete="restrict", index=True
    )
    # Kept beside the record, so that what was signed hangs on no row that could be changed.
    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="restrict")
    employee_id = fields.Many2one(
        "hr.employee", required=True, readonly=True, ondelete="restrict", index=True
    )
    date_from = fields.Date("From", required=True, readonly=True)
    date_to = fields.Date("To", required=True, readonly=True)
    number = fields.Char("Record number", required=True, readonly=True)
    kind = fields.Selection(
        [
            ("issue", "Printed"),
            ("certify", "Certified by the employee"),
            ("sign", "Signed by a supervisor"),
            ("ask_again", "New signature requested"),
        ],
        "Step",
        required=True,
        readonly=True,
    )
    digest = fields.Char(required=True, readonly=True, help="SHA-256 of what was signed.")
    content = fields.Json("Content signed", readonly=True)
    user_id = fields.Many2one("res.users", "By", required=True, readonly=True, ondelete="restrict")
    done_at = fields.Datetime("When", required=True, readonly=True)
    by_link = fields.Boolean("By personal link", readonly=True)
    text = fields.Char("Reason for signing without the employee", readonly=True)

    def _when_words(self, env):
        """When, in UTC, as the reader's language (of `env`) writes it."""
        return moment_words(env, self.done_at, "UTC")

    @api.model
    def _keep(self, kind, contents, text=None, by_link=False):
        """One row and one entry for each of `contents`, `[(record, content, digest)]`."""
        now = fields.Datetime.now()
        rows = self.sudo().create(
            [
                {
                    "record_id": record.id,
                    "company_id": record.company_id.id,
                    "employee_id": record.employee_id.id,
                    "date_from": record.date_from,
                    "date_to": record.date_to,
                    "number": record.number,
                    "kind": kind,
                    "digest": digest,
                    "content": content,
                    "user_id": self.env.uid,
                    "done_at": now,
                    "by_link": by_link,
                    "text": text or False,
                }
                for record, content, digest in contents
            ]
        )
        said = self._said_of(rows)
        for row in rows:
            self.env["biometric.audit"]._record(
                f"month.{kind}",
                row.sudo(False),
                None,
                said[row.id],
                text,
                company=row.company_id,
                concern=Concern(
                    frozenset(row.employee_id.ids),
                    (row.date_from, row.date_to),
                    may_refuse=False,
                    decides=kind == "sign",
                ),
            )
        return rows

    def _said_of(self, rows):
        """`{row id: what its entry must say}`, read once a company."""
        state = self.env["biometric.state"].sudo()
        return {
            told["id"]: told["values"]
            for company, own in rows.grouped("company_id").items()
            for told in state._rows(self._name, company.id, min(own.ids), max(own.ids))
        }
