"""Whether two machines use one token: a card that was copied, or put into a second machine.

Remembers the last processes that spoke with the token. What a clone does to the numbers of the lane
is its doing and nobody's tampering: while its alarm is open, no other one is raised for it.
"""

from odoo import api

from ...contract import wire

# Processes remembered per token to notice a clone that alternates with the original.
MAX_INSTANCES = 5
# Longest text that an agent is told, in letters.
MAX_TOLD = 300
# What an agent calls it that has met its own numbers from somebody else.
OWN_WORD = "clone"


class CloneWatch:
    """Of biometric.sync: who uses the token. Mixed into its one class."""

    __slots__ = ()

    @api.model
    def _note_clone(self, agent, clone, errors):
        """clone: None or the two descriptions; errors: what the agent says is wrong with it. Each
        of the two machines is believed."""
        if clone:
            words = self.env._(
                "One token is used from %(one)s and from %(two)s", one=clone[0], two=clone[1]
            )
        elif own := next((error for error in errors if error["code"] == OWN_WORD), None):
            words = self.env._("The agent itself found another copy of it: %s", own["message"])
        else:
            return
        self.env["biometric.alarm"]._raise("clone", agent, words)

    @staticmethod
    def _clone_told(look):
        """{"since", "message"} while the alarm is open, else None. Every machine with the token is
        told, so that the half whose numbers came first says it too."""
        if look.clone_since is None:
            return None
        message = (look.clone_message or "")[:MAX_TOLD]
        return {"since": wire.from_datetime(look.clone_since), "message": message}

    @staticmethod
    def _instances(agent, row, address, now):
        """(instances to remember, None or the two descriptions of a clone).

        A restart is a process that was never seen before. A process that comes back after a newer
        one had spoken is a second machine with the same token.
        """
        started = wire.from_datetime(row["started_at"]) if row["started_at"] else ""
        name = f"{started}|{row['host_name']}"
        known = [list(item) for item in agent.instances or []]
        entry = [name, address or "", wire.from_datetime(now)]
        if known and known[-1][0] == name:
            return [*known[:-1], entry], None
        clone = None
        if any(item[0] == name for item in known):
            other = known[-1]
            clone = (f"{row['host_name']} ({address})", f"{other[0].split('|')[-1]} ({other[1]})")
        rest = [item for item in known if item[0] != name]
        return [*rest, entry][-MAX_INSTANCES:], clone
