"""Auth method `biometric_agent`: a bearer token that opens the agent's routes and nothing else."""

import werkzeug.exceptions

from odoo import models
from odoo.http import request


class IrHttp(models.AbstractModel):
    _inherit = "ir.http"

    @classmethod
    def _auth_method_biometric_agent(cls, routing=None):  # noqa: ARG003 - see below
        """None, unknown, revoked and expired look the same from outside, and cost one indexed read.

        routing: what a later series of Odoo hands in; not needed.
        """
        scheme, _space, token = request.httprequest.headers.get("Authorization", "").partition(" ")
        tokens = request.env(user=1)["biometric.agent.token"]
        found = tokens._authenticate(token.strip() if scheme.lower() == "bearer" else "")
        if found is None:
            raise werkzeug.exceptions.Unauthorized()
        agent_id, told, lang = found
        request.session.can_save = False
        request.update_env(
            user=tokens._service_id(),
            # Odoo would read the login, its company and that one's partner for the language alone
            context={
                "biometric_agent_id": agent_id,
                "allowed_company_ids": [told["company_id"]],
                "lang": lang or "en_US",
            },
        )
        # of this snapshot, like all that the request reads
        request.env["biometric.agent"].browse(agent_id)._update_cache(told, validate=False)
