"""Agents of a tenant that leaves are told `gone`: their tokens are dead, what they hold is theirs.

A dead token's hash is kept here, so that its agent learns why it is refused and keeps everything it
has until the owner says otherwise; while the owner may still stay, the token can live again. Holds
hashes alone, nobody's name. Must not know why a tenant leaves.
"""

from odoo import api, fields, models

from odoo.addons.biometric_attendance.contract import chain


class BiometricServiceGone(models.Model):
    _name = "biometric.service.gone"
    _description = "Tokens of tenants that left"
    _log_access = False
    _rec_name = "tenant_id"

    tenant_id = fields.Many2one(
        "biometric.service.tenant", required=True, readonly=True, ondelete="restrict", index=True
    )
    token_hash = fields.Char(
        "Token hash", required=True, readonly=True, size=64, groups=fields.NO_ACCESS
    )
    was = fields.Char(
        "Previous state", required=True, readonly=True, help="State of the token before"
    )
    since = fields.Datetime(required=True, readonly=True)

    _one_hash = models.UniqueIndex("(token_hash)")

    @api.model
    def _stop(self, tenant):
        """Kill every token of the tenant's agents; returns how many."""
        tokens = self.env["biometric.agent.token"].sudo()
        own = [("company_id", "=", tenant.company_id.id), ("state", "!=", "revoked")]
        held = tokens.search(own, limit=100_000)
        now = fields.Datetime.now()
        self.create(
            [
                {
                    "tenant_id": tenant.id,
                    "token_hash": token.token_hash,
                    "was": token.state,
                    "since": now,
                }
                for token in held
            ]
        )
        held.state = "revoked"
        pairings = self.env["biometric.pairing"].sudo()
        agents = self.env["biometric.agent"].sudo().with_context(active_test=False)
        for agent in agents.search([("company_id", "=", tenant.company_id.id)], limit=100_000):
            pairings._void(agent)
        return len(held)

    @api.model
    def _take_back(self, tenant):
        """The tokens that `_stop` killed live again."""
        rows = self.search([("tenant_id", "=", tenant.id)], limit=100_000)
        tokens = self.env["biometric.agent.token"].sudo()
        for row in rows:
            tokens.search([("token_hash", "=", row.token_hash)], limit=1).state = row.was
        rows.unlink()

    @api.model
    def _is_gone(self, token):
        """Whether a token (plain) was one of a tenant that left."""
        if not token or len(token) > 128:
            return False
        return bool(self.search_count([("token_hash", "=", chain.secret_digest(token))], limit=1))
