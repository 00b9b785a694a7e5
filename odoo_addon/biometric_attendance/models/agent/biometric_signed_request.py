"""Whether a request comes from the holder of its agent's key, for what proves something though it
is no batch: runs, what a terminal is said to have told, lists of people.

A token can be copied, a key never leaves its machine. An agent that signed one request is bound:
what comes unsigned in its name from then on is answered and proves nothing. Must not know what
requests say.
"""

from odoo import api, fields, models

from ...contract import chain
from ...contract.signature import is_signed


class BiometricSignedRequest(models.AbstractModel):
    _name = "biometric.signed.request"
    _description = "Signatures of requests"

    @api.model
    def _proves(self, agent, route, signature, body):
        """Whether what an agent says on a route counts. signature: base64 or None; body: bytes as
        they came. Of one that never signed it does; a wrong signature never does. Binds the agent
        with its first signed request; opens an alarm for what does not count."""
        alarms = self.env["biometric.alarm"]
        if signature is None:
            if not agent.requests_signed_since:
                return True
            alarms._raise(
                "unsigned_request",
                agent,
                self.env._(
                    "A request arrived without a signature although this agent signs: %s", route
                ),
            )
            return False
        if not is_signed(agent.public_key, signature, chain.request_text(route, body)):
            alarms._raise(
                "bad_request",
                agent,
                self.env._("A request is not signed with the agent's key: %s", route),
            )
            return False
        if not agent.requests_signed_since and agent.state == "active":
            with agent._because(self.env._("first signed request")):
                agent.write({"requests_signed_since": fields.Datetime.now()})
        return True
