"""What the verifier found, one row a cause, until a named person explains it.

The red banner counts the rows nobody has explained. A finding is never removed; found again after
its explanation it stays explained, another place or kind is a new one. Must not verify anything.
"""

from psycopg2.extras import execute_values

from odoo import api, fields, models

from ...contract import wire

BANNER_GROUP = "biometric_attendance.group_approver"


class BiometricAuditFinding(models.Model):
    _name = "biometric.audit.finding"
    _description = "Findings of the verifier"
    _log_access = False
    _order = "explained_at desc nulls first, id desc"
    _rec_name = "code"

    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="restrict")
    code = fields.Char(required=True, readonly=True)
    place = fields.Char(required=True, readonly=True)
    text = fields.Char(readonly=True)
    first_seen_at = fields.Datetime(required=True, readonly=True)
    last_seen_at = fields.Datetime(required=True, readonly=True)
    explained_at = fields.Datetime(readonly=True)
    explained_by_id = fields.Many2one("res.users", readonly=True, ondelete="restrict")
    explanation = fields.Char(readonly=True)

    _one_cause = models.UniqueIndex("(company_id, code, place)")
    _open = models.Index("(company_id) WHERE explained_at IS NULL")

    @api.model
    def _found(self, company_id, rows):
        """Keep findings. rows: [{"code", "place", "text"}]."""
        if not rows:
            return
        unique = {(row["code"], row["place"]): row["text"] for row in rows}
        execute_values(
            self.env.cr._obj,
            """INSERT INTO biometric_audit_finding
                   (company_id, code, place, text, first_seen_at, last_seen_at) VALUES %s
               ON CONFLICT (company_id, code, place)
               DO UPDATE SET last_seen_at = excluded.last_seen_at
                WHERE biometric_audit_finding.last_seen_at
                      < excluded.last_seen_at - interval '1 minute'""",
            [(company_id, code, place, text) for (code, place), text in sorted(unique.items())],
            template="(%s, %s, %s, %s, now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC')",
        )
        self.invalidate_model()
        self._tell_banner()

    def _tell_banner(self):
        """After the commit every banner reads again, with its reader's own rights."""
        self.env["bus.bus"]._sendone(self.env.ref(BANNER_GROUP), "biometric_attendance/finding", {})

    @api.model
    def get_banner(self):
        """What the red banner of the web client says to the reader, for his companies.

        {"open": number of findings nobody explained, "since_at": instant of the oldest of them or
        None, "may_open": whether he may read them}. Nothing for readers below approver: the banner
        calls those who approve, pay or administer.
        """
        if not self.env.user.has_group(BANNER_GROUP):
            return {"open": 0, "since_at": None, "may_open": False}
        ((count, since_at),) = self.sudo()._read_group(
            [("company_id", "in", self.env.companies.ids), ("explained_at", "=", False)],
            aggregates=["__count", "first_seen_at:min"],
        )
        return {
            "open": count,
            "since_at": wire.from_datetime(since_at) if since_at else None,
            "may_open": self.has_access("read"),
        }

    def action_explain(self, explanation):
        """A named administrator says what happened. Audited; nothing else silences the banner."""
        explanation = self.env["biometric.audited"]._check_reason(explanation)
        self.env["biometric.agent"].check_access("write")
        self.check_access("read")
        for finding in self.filtered(lambda row: not row.explained_at):
            finding.sudo().write(
                {
                    "explained_at": fields.Datetime.now(),
                    "explained_by_id": self.env.uid,
                    "explanation": explanation,
                }
            )
            self.env["biometric.audit"]._record(
                "finding.explain",
                finding,
                {"code": finding.code, "place": finding.place, "text": finding.text},
                None,
                explanation,
            )
        self._tell_banner()

    def action_open_explain(self):
        return {
            "type": "ir.actions.act_window",
            "res_model": "biometric.finding.explain",
            "name": self.env._("Explain findings"),
            "view_mode": "form",
            "target": "new",
            "context": {"default_finding_ids": [(6, 0, self.ids)]},
        }
