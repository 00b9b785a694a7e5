"""Whether a batch comes from the holder of its agent's key: judged before anything is stored.

A token can be copied, a key never leaves its machine. An agent whose batch was signed once (or
that paired as one that signs) is bound: nobody goes back to unsigned ones in its name. Must not
store sightings.
"""

from odoo import api, fields, models

from ...contract import chain
from ...contract.signature import is_signed


class BiometricSignedBatch(models.AbstractModel):
    _name = "biometric.signed.batch"
    _description = "Signatures of batches"

    @api.model
    def _judge(self, agent, lane_name, batch_id, seal):
        """(whether it is signed, None) or (None, (error code, message)); the latter opens an alarm.

        seal: of wire_seal.parse_seal. Binds the agent with its first signed batch.
        """
        if seal is None:
            if not agent.batches_signed_since:
                return False, None
            said = self.env._("A batch of lane %s arrived without a signature", lane_name)
            return self._refuse("unsigned_batch", agent, said, "this agent signs its batches")
        signature, digest = seal
        text = chain.batch_text(lane_name, batch_id, digest)
        if not is_signed(agent.public_key, signature, text):
            said = self.env._("A batch of lane %s is not signed with the agent's key", lane_name)
            return self._refuse("bad_batch", agent, said, "not signed with this agent's key")
        if not agent.batches_signed_since:
            with agent._because(self.env._("first signed batch")):
                agent.write({"batches_signed_since": fields.Datetime.now()})
        return True, None

    @api.model
    def _name_leaves(self, agent, lane_name, sightings, signed):
        """The sightings with what counts of the reasons of bare leaves: none in an unsigned batch;
        one whose own signature does not hold is a fault."""

        def judged(item):
            if item.kind != "leaf" or not item.reason:
                return item
            if not signed:
                return item._replace(reason="", proof="")
            text = chain.bare_text(lane_name, item.seq, item.leaf, item.reason)
            held = is_signed(agent.public_key, item.proof, text)
            return item if held else item._replace(fault="bad_field")

        return [judged(item) for item in sightings]

    def _refuse(self, kind, agent, said, message):
        self.env["biometric.alarm"]._raise(kind, agent, said)
        code = "bad_signature" if kind == "bad_batch" else kind
        return None, (code, message)
