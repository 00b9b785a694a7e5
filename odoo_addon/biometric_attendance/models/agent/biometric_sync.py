"""An agent's status in, settings and orders out. Its own short transaction, apart from ingest.

Status columns are written in SQL, and only when nobody else holds the row: the next sync comes in
seconds, so a skipped one costs nothing. A fleet syncs all the time and mostly has nothing to tell:
what may need work is looked at in one statement (biometric.sync.look), and only what it names is
asked of the models that do it. Must not touch lanes.
"""

import json
import math
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ...contract import chain, wire, wire_seal, wire_sync
from ...seams.parameters import parameter
from .biometric_sync_clone import CloneWatch
from .biometric_sync_device import DeviceAnswer
from .biometric_sync_reports import SyncReports

SYNC_SECONDS = 10
# Of the column: 68 years.
MOST_SECONDS = 2**31 - 1
# What two workers answer beside their other work (docs/scale.md); larger fleets beat slower instead
# of queueing, up to where the board would begin to call them late.
SYNCS_A_SECOND = 50
LONGEST_SYNC_SECONDS = 30
WATCHED_SYNC_SECONDS = 1
# Audit heads remembered per agent as offered. It signs what the answer before showed it; a few more
# for answers that were lost on the way.
MAX_OFFERED = 8

_AGENT_COLUMNS = (
    "agent_version",
    "started_at",
    "uptime_seconds",
    "host_name",
    "host_os",
    "host_arch",
    "clock",
    "queue_pending",
    "queue_parked",
    "oldest_pending_at",
    "queue_bytes",
    "disk_free_bytes",
    "disk_total_bytes",
    "updates_itself",
    "updates_fresh_at",
)
_DEVICE_COLUMNS = (
    "heard_state",
    "peer",
    "last_heard_at",
    "last_punch_at",
    "detected_dialect",
    "clock_offset_seconds",
    "pending",
    "rejects",
    "discarded_biometrics",
    "upload_idle",
    "unbroken_since",
    "polled_at",
    "complete_read_at",
    "oldest_pending_at",
)


# What a request says that is not its agent's own word.
UNPROVEN = {
    "devices": [],
    "unknown": [],
    "runs": [],
    "losses": [],
    "commands": [],
    "token_confirm": False,
}


class BiometricSync(SyncReports, CloneWatch, DeviceAnswer, models.AbstractModel):
    _name = "biometric.sync"
    _description = "Sync with agents"

    @api.model
    def _sync(self, agent, body, address, proven=True):
        """The answer of the `sync` route for one agent. proven: whether what it says is the
        agent's own word; else only what carries a signature of its own counts."""
        said = wire_sync.parse(body) | {"proven": proven}
        if not proven:
            said |= UNPROVEN
            said["agent"]["last_errors"] = []
            for name in ("updates_itself", "updates_fresh_at"):
                said["agent"][name] = agent[name] or None
        now = fields.Datetime.now()
        self.env.flush_all()
        offered = agent.offered_heads
        heads = self._audit_heads(agent) if agent.state == "active" else []
        self._note_agent(agent, said["agent"], address, now, heads)
        mine, devices = self._devices(agent, said)
        look = self.env["biometric.sync.look"]._take(agent, said["lane"], now)
        losses_known = []
        if agent.state == "active":
            losses_known = self._take_reports(agent, said, mine, devices, look, now)
            self._take_witness(agent, said, offered)
        answer = self._answer(agent, said, mine, devices, look, now)
        return answer | {"audit_heads": heads, "losses_known": losses_known}

    def _devices(self, agent, said):
        """(devices of the agent, {serial: device} of what it speaks of). Unknown ones are made."""
        serials = {row["serial"] for row in [*said["devices"], *said["runs"]]}
        domain = [("agent_id", "=", agent.id)]
        if serials:
            named = [("company_id", "=", agent.company_id.id), ("serial", "in", list(serials))]
            domain = ["|", *domain, "&", *named]
        found = self.env["biometric.device"].with_context(active_test=False).search_fetch(domain)
        by_serial = {device.serial: device for device in found}
        devices = {serial: by_serial[serial] for serial in serials if serial in by_serial}
        if len(devices) < len(serials):
            devices = self.env["biometric.device"]._for_serials(agent, serials)
            found |= found.union(*devices.values())
        devices |= self._note_unknown(agent, said["unknown"])
        # What there is no room for (biometric.device) is as if it had not been said.
        for name in ("devices", "runs"):
            said[name] = [row for row in said[name] if row["serial"] in devices]
        return found.filtered(lambda device: device.agent_id == agent), devices

    def _take_witness(self, agent, said, offered):
        witness = self.env["biometric.audit.witness"]
        strange = witness._keep(agent, said["countersigned"], offered)
        # Nothing was noted yet right after an upgrade: no head is strange then.
        if strange and offered:
            message = self.env._(
                "It signed audit entry %s, which was never shown to it", strange[0]
            )
            self.env["biometric.alarm"]._raise("unoffered_head", agent, message)
        witness._heard(agent, said["agent"]["last_errors"])

    # ------------------------------------------------------------------ in

    def _note_agent(self, agent, row, address, now, heads):
        instances, clone = self._instances(agent, row, address, now)
        columns = {name: row[name] for name in _AGENT_COLUMNS}
        columns["last_seen_at"] = now
        columns["last_address"] = address
        columns["last_errors"] = row["last_errors"]
        columns["instances"] = instances
        columns["offered_heads"] = self._offered(agent, heads)
        offset = (row["clock_at"] - now).total_seconds() if row["clock_at"] else None
        columns["clock_offset_seconds"] = (
            None if offset is None else max(-MOST_SECONDS, min(round(offset), MOST_SECONDS))
        )
        self._update_rows(agent, [columns | {"id": agent.id}])
        self._note_clone(agent, clone, row["last_errors"])

    @staticmethod
    def _offered(agent, heads):
        """The audit heads shown to the agent last: only these it may countersign."""
        known = [list(item) for item in agent.offered_heads or []]
        fresh = [[head["seq"], head["hash"]] for head in heads]
        return [*(item for item in known if item not in fresh), *fresh][-MAX_OFFERED:]

    def _update_rows(self, records, rows):
        """One UPDATE of status columns, without the rows that somebody else holds.

        rows: one dict of columns and `id` for each record, all with the same columns.
        """
        names = [name for name in rows[0] if name != "id"]
        table = SQL.identifier(records._table)
        self.env.cr.execute(
            SQL(
                """UPDATE %(table)s t SET %(set)s
                     FROM jsonb_populate_recordset(NULL::%(table)s, %(rows)s) v
                    WHERE t.id = v.id AND t.id IN (
                          SELECT id FROM %(table)s WHERE id = ANY(%(ids)s) ORDER BY id
                             FOR NO KEY UPDATE SKIP LOCKED)""",
                table=table,
                set=SQL(", ").join(SQL("%s = v.%s", *[SQL.identifier(name)] * 2) for name in names),
                rows=json.dumps(rows, default=str),
                ids=records.ids,
            )
        )
        records.invalidate_recordset(names, flush=False)

    def _note_unknown(self, agent, rows):
        """Terminals that knocked become devices waiting for approval; a flood does not."""
        if not rows:
            return {}
        model = self.env["biometric.device"]
        by_serial = {row["serial"]: row for row in rows}
        return model._for_serials(agent, by_serial, seen=by_serial)

    def _beat_step(self, look):
        """How far a heartbeat has to move what is stored: three beats, or every one while somebody
        looks. A terminal counts as late after minutes, and every write of a row is a new row."""
        if look.watched or look.open_commands:
            return timedelta(0)
        return timedelta(seconds=min(3 * self._base_seconds(look), 60))

    def _note_devices(self, devices, rows, step):
        written = {}
        for row in rows:
            device = devices[row["serial"]]
            columns = {name: row[name] for name in _DEVICE_COLUMNS}
            columns["family"] = row["family"] or device.family or None
            if row["last_heard_at"] is None:
                # It is only read; biometric.proof says when.
                columns["last_heard_at"] = device.last_heard_at or None
                columns["last_punch_at"] = device.last_punch_at or None
            columns["storage_percent"] = self._storage_percent(row["facts"])
            columns["facts"] = row["facts"]
            if not self._is_beat(device, columns, step):
                written[device.id] = columns | {"id": device.id}
        if written:
            self._update_rows(self.env["biometric.device"].browse(written), [*written.values()])

    def _note_told(self, agent, devices, rows, step):
        """Status of terminals that this agent may speak for; of others, that it tells them."""
        told = self.env["biometric.device"].union(*(devices[row["serial"]] for row in rows))
        hears = self.env["biometric.hearing"]._hears(agent, told)
        self._note_devices(devices, [row for row in rows if devices[row["serial"]] in hears], step)
        heard = {row["serial"] for row in rows if row["heard_state"] == "heard"}
        foreign = told - hears
        self.env["biometric.hearing"]._note(
            agent, foreign.filtered(lambda device: device.serial in heard).ids
        )

    @staticmethod
    def _is_beat(device, columns, step):
        """Whether a report says nothing but that the terminal lives, soon after another."""
        heard_at, known_at = columns["last_heard_at"], device.last_heard_at
        if not heard_at or not known_at or not timedelta(0) <= heard_at - known_at < step:
            return False
        return all(
            name == "last_heard_at" or (device[name] or False) == (value or False)
            for name, value in columns.items()
        )

    @staticmethod
    def _storage_percent(facts):
        """Share of the terminal's punch memory in use, or None when it does not say."""
        held, capacity = facts.get("punches"), facts.get("capacity")
        if isinstance(held, int) and isinstance(capacity, int) and capacity > 0:
            return min(round(100 * held / capacity), 999)
        return None

    def _note_lane(self, agent, said, look):
        """Keep the signed head; shout when agent and Odoo disagree about a number."""
        if not said:
            return
        heads = self.env["biometric.lane.head"]
        alarm = self.env["biometric.alarm"]
        signed = (said["seq"], said["hash"], said["signature"], agent.public_key)
        kept = signed == (look.signed_seq, look.signed_hash, look.signature, look.signed_key)
        if not kept and not heads._check(
            agent, said["id"], said["seq"], said["hash"], said["signature"]
        ):
            alarm._raise(
                "bad_signature",
                agent,
                self.env._("The head of the lane is not signed with the key of this agent"),
                look.lane_id,
            )
            return
        if look.lane_id is None or not said["seq"]:
            return
        if said["seq"] == look.head_seq and said["hash"] != look.head_hash:
            alarm._raise(
                "head_conflict",
                agent,
                self.env._("Number %s has another hash at the agent", said["seq"]),
                look.lane_id,
            )
        if not kept:
            lane = self.env["biometric.lane"].browse(look.lane_id)
            heads._keep(lane, said["seq"], said["hash"], said["signature"])

    def _note_runs(self, agent, devices, runs):
        commands = (
            self.env["biometric.command"]
            .search(
                [
                    ("agent_id", "=", agent.id),
                    ("id", "in", [run["command_id"] for run in runs if run["command_id"]]),
                ]
            )
            .ids
        )
        for run in runs:
            known = run["command_id"] in commands
            run["values"]["command_id"] = run["command_id"] if known else None
        fresh = self.env["biometric.run"]._keep(agent, devices, runs)
        fresh.command_id._tell()
        return fresh

    # ------------------------------------------------------------------ out

    def _answer(self, agent, said, mine, devices, look, now):
        active = agent.state == "active"
        asked = self.env["biometric.device"].union(*devices.values()) if devices else mine
        begins = active and self._queue_begins(said, look, now)
        settings = (self._settings(one, now, begins and one in mine) for one in mine | asked)
        answer = {
            "version": 1,
            "agent_id": agent.id,
            "agent_name": agent.name,
            "company": look.company,
            "state": agent.state,
            "server_time": wire.from_datetime(now),
            "sync_seconds": self._sync_seconds(agent, look),
            "head": self._head(said["lane"], look),
            "devices": [*filter(None, settings)],
            "commands": [],
            "new_token": None,
            "runs_known": [],
            "can": wire_seal.CAN,
            "remembered": [],
            "audit_alarms": [],
            "clone": self._clone_told(look),
        }
        if active:
            # Judging a run may have made a new one.
            if look.open_commands or look.unsettled_runs or said["runs"]:
                answer["commands"] = self.env["biometric.command"]._fetch(agent)
            answer["runs_known"] = [run["values"]["uuid"] for run in said["runs"]]
            answer |= self.env["biometric.audit.witness"]._answers(
                agent, said["remembered"], look.trail_doubted
            )
            if said["proven"]:
                answer["new_token"] = self.env["biometric.agent.token"]._offer(agent)
        return answer

    def _sync_seconds(self, agent, look):
        """Quicker while somebody looks at the branch, or waits for what they ordered."""
        if look.watched or (
            look.open_commands and self.env["biometric.command"]._is_watched(agent)
        ):
            return WATCHED_SYNC_SECONDS
        return self._base_seconds(look)

    def _base_seconds(self, look):
        """As the administrator says, else by the size of the fleet."""
        value = parameter(self.env, "biometric_attendance.sync_seconds")
        if value:
            return max(1, min(int(value), 3600))
        share = math.ceil(look.active_agents / SYNCS_A_SECOND)
        return max(SYNC_SECONDS, min(share, LONGEST_SYNC_SECONDS))

    @staticmethod
    def _head(said, look):
        if not said:
            return None
        if look.lane_id is None:
            return {"lane": said["id"], "seq": 0, "hash": chain.lane_genesis(said["id"])}
        return {"lane": said["id"], "seq": look.head_seq, "hash": look.head_hash}

    def _audit_heads(self, agent):
        seq, digest = self.env["biometric.audit"]._head(agent.company_id.id)
        return [{"company_id": agent.company_id.id, "seq": seq, "hash": digest}] if seq else []
