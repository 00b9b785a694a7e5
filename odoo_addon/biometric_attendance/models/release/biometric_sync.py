"""A sync hears how an agent stands with updates and offers it what is its turn.

Costs a fleet without updates nothing: biometric.sync.look says whether there is anything to ask.
"""

from odoo import api, models

from ...contract import wire
from .biometric_update import OPEN


class BiometricSync(models.AbstractModel):
    _inherit = "biometric.sync"

    @api.model
    def _answer(self, agent, said, mine, devices, look, now):
        answer = super()._answer(agent, said, mine, devices, look, now)
        answer["update"] = None
        if look.updates_open and agent.state == "active" and said["proven"]:
            answer["update"] = self._update_offer(agent, said)
        return answer

    @api.model
    def _update_offer(self, agent, said):
        updates = self.env["biometric.update"]
        row = updates._of(agent)
        if not row:
            return None
        updates._hear(agent, row, said["agent"]["update"])
        for error in said["agent"]["last_errors"]:
            if error["code"] == "update_refused":
                at = error["at"] and wire.to_datetime(error["at"]).replace(microsecond=0)
                updates._hear_refusal(row, error["message"], at)
        return self.env["biometric.update.seat"]._offer(row) if row.state in OPEN else None
