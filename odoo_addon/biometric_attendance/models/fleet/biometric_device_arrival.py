"""How a terminal that an agent heard becomes a device row, approved by nobody yet.

Owns the first values, the insert that two agents may race for, and how many may wait: a branch that
floods hurts itself only. Must not approve.
"""

from odoo import api, fields
from odoo.tools import SQL

# Terminals that may wait for approval, over all requests. An agent nobody approved shows a few.
MAX_WAITING_OF_AGENT = 200
MAX_WAITING_OF_NEW_AGENT = 20
MAX_WAITING_OF_COMPANY = 1000


class DeviceArrival:
    """Of biometric.device: first contact. Mixed into its one class (biometric_device.py)."""

    __slots__ = ()

    @api.model
    def _for_serials(self, agent, serials, **known):
        """{serial: device} in the agent's company; unknown ones are made, waiting for approval, as
        far as there is room for more that wait: a serial without a row is not in the answer.

        known: {serial: {peer, family, first_seen_at}} by keyword `seen`.
        """
        seen = known.get("seen") or {}
        found = self._find(agent.company_id, serials)
        missing = [serial for serial in sorted(set(serials)) if serial not in found]
        missing = missing[: self._room(agent)] if missing else []
        for serial in missing:
            facts = seen.get(serial, {})
            values = {
                **self._first_values(),
                "name": serial,
                "serial": serial,
                "company_id": agent.company_id.id,
                "agent_id": agent.id or None,
                "peer": facts.get("peer"),
                "family": facts.get("family"),
                "first_seen_at": facts.get("first_seen_at") or fields.Datetime.now(),
            }
            # ON CONFLICT: another agent of the company may meet the same terminal this second.
            self.env.cr.execute(
                SQL(
                    """INSERT INTO biometric_device (%s, create_date, write_date)
                       VALUES (%s, now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC')
                       ON CONFLICT (company_id, serial) DO NOTHING""",
                    SQL(", ").join(map(SQL.identifier, values)),
                    SQL(", ").join(SQL("%s", value) for value in values.values()),
                )
            )
        if missing:
            self.invalidate_model()
            found = self._find(agent.company_id, serials)
        return found

    @api.model
    def _room(self, agent):
        """How many more terminals may wait by this agent. A person who carries files (no id) acts
        under a role: only the company's bound holds."""
        waiting = [("company_id", "=", agent.company_id.id), ("state", "=", "waiting")]
        everybody = self.with_context(active_test=False)
        room = MAX_WAITING_OF_COMPANY - everybody.search_count(waiting)
        if agent.id:
            most = MAX_WAITING_OF_AGENT
            if agent.state != "active":
                most = MAX_WAITING_OF_NEW_AGENT
            own = everybody.search_count([*waiting, ("agent_id", "=", agent.id)])
            room = min(room, most - own)
        return max(room, 0)

    @api.model
    def _first_values(self):
        """Columns of a device nobody has looked at yet; raw SQL knows no defaults."""
        defaults = (
            "poll_port",
            "poll_transport",
            "poll_minutes",
            "silence_seconds",
            "cleanup_when",
            "cleanup_percent",
            "cleanup_days",
        )
        return {
            **{name: self._fields[name].default(self) for name in defaults},
            "state": "waiting",
            "active": True,
            "status_preset": "standard",
            "verify_preset": "newer",
            "channel_push": True,
            "create_uid": self.env.uid,
            "write_uid": self.env.uid,
        }

    @api.model
    def _find(self, company, serials):
        devices = self.with_context(active_test=False).search(
            [("company_id", "=", company.id), ("serial", "in", list(serials))]
        )
        return {device.serial: device for device in devices}
