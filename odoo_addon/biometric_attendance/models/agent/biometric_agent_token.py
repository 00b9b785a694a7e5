"""The agent's secrets, as SHA-256 only, and who may come in with which.

States: current (in use) -> retired (a newer one was used) or revoked; offered (handed out by a
rotation, not used yet) -> current. Nobody has access rights here but the service.
"""

import logging
import secrets

from odoo import api, fields, models
from odoo.tools import SQL

from ...contract import chain
from ...seams.parameters import parameter
from ...seams.sql_people import LOGIN_LANGUAGES

_logger = logging.getLogger(__name__)

# Days after which a sync offers a new token, and after which an unused one is dead (0: never).
ROTATE_DAYS = 90
LIFE_DAYS = 400
# What requests of one punch need of their agent: read with its token, in the same row.
TOLD = ("state", "company_id", "public_key", "batches_signed_since")


class BiometricAgentToken(models.Model):
    _name = "biometric.agent.token"
    _description = "Agent tokens"
    _log_access = False
    _rec_name = "state"

    company_id = fields.Many2one("res.company", required=True, ondelete="restrict")
    agent_id = fields.Many2one("biometric.agent", required=True, ondelete="cascade", index=True)
    token_hash = fields.Char("Token hash", required=True, size=64)
    state = fields.Selection(
        [
            ("current", "Current"),
            ("offered", "Offered"),
            ("retired", "Retired"),
            ("revoked", "Revoked"),
        ],
        required=True,
    )
    created_at = fields.Datetime("Created on", required=True)
    expires_at = fields.Datetime("Expires on")
    alarmed_at = fields.Datetime("Alarm raised on")

    _one_hash = models.UniqueIndex("(token_hash)")

    @api.model
    def _issue(self, agent, state="current"):
        """A fresh 256-bit token in plain text; only its hash stays here."""
        token = secrets.token_urlsafe(32)
        now = fields.Datetime.now()
        days = int(self._parameter("token_days", LIFE_DAYS))
        self.create(
            {
                "company_id": agent.company_id.id,
                "agent_id": agent.id,
                "token_hash": chain.secret_digest(token),
                "state": state,
                "created_at": now,
                "expires_at": fields.Datetime.add(now, days=days) if days else False,
            }
        )
        return token

    def _parameter(self, name, default):
        return parameter(self.env, f"biometric_attendance.{name}", default)

    @api.model
    def _revoke(self, agent, states=("current", "offered", "retired")):
        self.search([("agent_id", "=", agent.id), ("state", "in", states)]).write(
            {"state": "revoked"}
        )

    @api.model
    def _authenticate(self, token):
        """(agent id, its values of TOLD, language of the reader's company) of a valid token, else
        None. One indexed read when all is well."""
        row = self._lookup(token)
        if row is None:
            return None
        token_id, state, expired, lang, agent_id, *values = row
        told = dict(zip(TOLD, values, strict=True))
        if state == "retired":
            self._alarm_retired(token_id)
            return None
        if expired or state == "revoked" or told["state"] not in ("waiting", "active"):
            return None
        if state == "offered":
            self._promote(token_id, agent_id)
        return agent_id, told, lang

    @api.model
    def _service_id(self):
        """Id of the login in whose name agents' requests run."""
        return self.env["ir.model.data"]._xmlid_to_res_id("biometric_attendance.user_agent")

    def _lookup(self, token):
        # A longer text is no token of ours; hashing it would only be work for an attacker. It costs
        # the same read as any other: how long a refusal takes says nothing about what was sent.
        if len(token) > 128:
            token = ""
        self.env.cr.execute(
            SQL(
                f"""SELECT t.id, t.state,
                          t.expires_at IS NOT NULL AND t.expires_at < now() AT TIME ZONE 'UTC',
                          (SELECT l.lang FROM {LOGIN_LANGUAGES} l WHERE l.user_id = %s),
                          a.id, {", ".join(f"a.{name}" for name in TOLD)}
                     FROM biometric_agent_token t JOIN biometric_agent a ON a.id = t.agent_id
                    WHERE t.token_hash = %s AND a.active""",
                self._service_id(),
                chain.secret_digest(token),
            )
        )
        return self.env.cr.fetchone()

    def _promote(self, token_id, agent_id):
        """First use of an offered token: from now on it is the only one."""
        cr = self.env.cr
        cr.execute(
            """UPDATE biometric_agent_token SET state = 'retired'
                WHERE agent_id = %s AND id <> %s AND state IN ('current', 'offered')""",
            (agent_id, token_id),
        )
        cr.execute("UPDATE biometric_agent_token SET state = 'current' WHERE id = %s", (token_id,))
        cr.execute("UPDATE biometric_agent SET rotate_wanted = false WHERE id = %s", (agent_id,))
        self.invalidate_model(["state"])

    def _alarm_retired(self, token_id):
        """A token that was rotated out is used: somebody has a copy. At most once an hour."""
        with self.env.registry.cursor() as cr:
            cr.execute(
                """UPDATE biometric_agent_token SET alarmed_at = now() AT TIME ZONE 'UTC'
                    WHERE id = (SELECT id FROM biometric_agent_token WHERE id = %s
                        AND (alarmed_at IS NULL
                             OR alarmed_at < now() AT TIME ZONE 'UTC' - interval '1 hour')
                        FOR UPDATE SKIP LOCKED)
                RETURNING agent_id""",
                (token_id,),
            )
            row = cr.fetchone()
            if row:
                env = api.Environment(cr, self.env.uid, {})
                agent = env["biometric.agent"].sudo().browse(row[0])
                env["biometric.alarm"].sudo()._raise(
                    "old_token", agent, env._("A replaced token is being used again")
                )
        _logger.warning("retired agent token used (token row %s)", token_id)

    # ------------------------------------------------------------------ rotation

    @api.model
    def _offer(self, agent):
        """A new token when one is due, else None. A lost answer costs nothing: each sync under
        the old token replaces the offer."""
        current = self.search_fetch(
            [("agent_id", "=", agent.id), ("state", "=", "current")], ["created_at"], limit=1
        )
        days = int(self._parameter("token_rotate_days", ROTATE_DAYS))
        due = days and current.created_at < fields.Datetime.subtract(
            fields.Datetime.now(), days=days
        )
        if not (agent.rotate_wanted or due):
            return None
        self.search([("agent_id", "=", agent.id), ("state", "=", "offered")]).unlink()
        return self._issue(agent, "offered")
