"""The data of the device board: states with since-when and likely cause, in few queries.

One statement judges all devices the reader may see, one more fetches the page; agents take one.
Reads only, through the reader's own record rules. Words are made here, so that screens only show.
"""

from datetime import timedelta

from odoo import api, fields
from odoo.exceptions import UserError
from odoo.tools import SQL

from ...contract import wire
from ...contract.wire_sync import LOSS_CAUSES
from ...engine import wall
from ..agent.biometric_agent import SILENT_SECONDS
from ..mixins.biometric_words import sentence

# Seconds without a word before something is late, and before it counts as dead.
AGENT_LATE, AGENT_DEAD = SILENT_SECONDS, 900
DEVICE_LATE, DEVICE_DEAD = SILENT_SECONDS, 3600
# Seconds an undelivered sighting may wait, and share of memory or disk that calls for action.
BACKLOG_LATE = 600
STORAGE_PERCENT = 80
DISK_FREE_PERCENT = 10
# What an agent says is wrong with itself, as a status of the board; whatever else it says is late.
# The first of this order that it says counts.
OWN_STATUSES = {
    "clone": "clone",
    "old_copy": "clone",
    **dict.fromkeys(LOSS_CAUSES, "gap"),
    **dict.fromkeys(("storage", "guard", "slow_storage"), "storage"),
    "clock": "clock",
}
# It works all the same; its cause is shown without a colour.
NO_MATTER = ("updates_stale", "update_refused", "update_no_room", "waiting")
# First that fits.
STATUSES = ("waiting", "clone", "dead", "late", "clock", "storage", "gap", "ok")
MAX_PAGE = 1000

# How much longer a terminal may be quiet: one that was told to call seldom (`poll_seconds`, 60 at
# most) misses three calls; one that is only read is silent between two reads.
PATIENCE = f"""CASE
       WHEN NOT d.channel_push THEN make_interval(mins => 2 * COALESCE(d.poll_minutes, 60))
       WHEN jsonb_typeof(d.settings->'poll_seconds') = 'number' THEN make_interval(secs =>
            GREATEST(0, 3 * LEAST(60, (d.settings->>'poll_seconds')::float) - {DEVICE_LATE}))
       ELSE interval '0' END"""
# Its push is silent, and reading brings its punches instead (every five minutes).
CARRIED = "d.carrier = 'poll' AND d.polled_at > %(now)s - interval '15 minutes'"

_JUDGED = f"""
SELECT d.id, d.company_id, d.name, d.serial, d.place, d.state, d.agent_id, a.name AS agent_name,
       d.last_heard_at IS NULL AND d.polled_at IS NOT NULL AS only_read,
       COALESCE(d.last_heard_at, d.polled_at) AS last_heard_at, d.last_punch_at, d.rejects,
       d.pending, d.storage_percent,
       d.complete_until, d.first_seen_at, a.last_seen_at, d.heard_state,
       COALESCE(d.oldest_pending_at, a.oldest_pending_at) AS oldest_pending_at,
       d.clock_offset_seconds, d.clock_off_since, patience.pause,
       (a.state = 'active' AND a.last_seen_at >= %(now)s - %(agent_late)s) IS TRUE AS is_told,
       a.disk_free_bytes, a.disk_total_bytes, clone.opened_at AS clone_at, gap.window_from,
       carried.yes AS carried, other.name AS told_by,
       CASE
           WHEN d.state = 'waiting' THEN 'waiting'
           WHEN clone.opened_at IS NOT NULL THEN 'clone'
           WHEN d.agent_id IS NULL OR a.state <> 'active' THEN 'dead'
           WHEN a.last_seen_at IS NULL OR a.last_seen_at < %(now)s - %(agent_dead)s
             OR d.last_heard_at IS NULL AND (d.polled_at IS NULL OR d.heard_state = 'silent')
             OR d.last_heard_at < %(now)s - %(device_dead)s - patience.pause
                AND carried.yes IS NOT TRUE
             THEN 'dead'
           WHEN a.last_seen_at < %(now)s - %(agent_late)s
             OR d.last_heard_at < %(now)s - %(device_late)s - patience.pause
             OR (d.pending > 0
                 AND COALESCE(d.oldest_pending_at, a.oldest_pending_at) < %(now)s - %(backlog)s)
             THEN 'late'
           WHEN abs(d.clock_offset_seconds) > %(clock)s THEN 'clock'
           WHEN d.storage_percent >= %(storage)s
             OR a.disk_free_bytes * 100 < a.disk_total_bytes * %(disk)s THEN 'storage'
           WHEN gap.window_from IS NOT NULL THEN 'gap'
           ELSE 'ok'
       END AS status
  FROM biometric_device d
  LEFT JOIN biometric_agent a ON a.id = d.agent_id
  CROSS JOIN LATERAL (SELECT {PATIENCE} AS pause) patience
  CROSS JOIN LATERAL (SELECT {CARRIED} AS yes) carried
  LEFT JOIN LATERAL (
       SELECT b.name FROM biometric_hearing h JOIN biometric_agent b ON b.id = h.agent_id
        WHERE h.device_id = d.id AND h.state IN ('foreign', 'ended')
          AND h.told_at > %(now)s - interval '15 minutes'
        ORDER BY h.told_at DESC LIMIT 1) other ON TRUE
  LEFT JOIN biometric_alarm clone
    ON clone.agent_id = d.agent_id AND clone.kind = 'clone' AND clone.closed_at IS NULL
  LEFT JOIN LATERAL (
       SELECT min(g.window_from) AS window_from FROM biometric_gap g
        WHERE g.state = 'open' AND (g.device_id = d.id
              OR (g.device_id IS NULL AND g.agent_id = d.agent_id))) gap ON TRUE
 WHERE d.id IN (%(readable)s) AND d.state NOT IN ('refused', 'moved') AND d.active
"""


def _text(value):
    return wire.from_datetime(value) if value else None


class DeviceBoard:
    """Of biometric.device: the data of the board. Mixed into its one class."""

    __slots__ = ()

    @api.model
    def get_board_data(self, limit=200, offset=0, search="", status=None):
        """Device board (docs/contract.md): counts, agents and one page of devices."""
        self.check_access("read")
        if status is not None and status not in STATUSES:
            raise UserError(self.env._("Unknown status."))
        limit = max(1, min(int(limit), MAX_PAGE))
        offset = max(0, int(offset))
        self.env.flush_all()
        now = fields.Datetime.now()
        judged = self._board_judged(now)
        counts = self._board_counts(judged)
        condition = self._board_condition(str(search or ""), status)
        self.env.cr.execute(SQL("SELECT count(*) FROM (%s) j WHERE %s", judged, condition))
        total = self.env.cr.fetchone()[0]
        rows = self._board_rows(judged, condition, limit, offset)
        today = self._board_today([row["id"] for row in rows])
        return {
            "server_time": _text(now),
            "total": total,
            "counts": counts,
            "agents": self._board_agents(now),
            "devices": [self._board_device(row, today, now) for row in rows],
        }

    def _board_judged(self, now):
        readable = self._search([]).select()

        def seconds(number):
            return SQL("make_interval(secs => %s)", number)

        return SQL(
            _JUDGED,
            now=SQL("%s::timestamp", now),
            agent_dead=seconds(AGENT_DEAD),
            agent_late=seconds(AGENT_LATE),
            device_dead=seconds(DEVICE_DEAD),
            device_late=seconds(DEVICE_LATE),
            backlog=seconds(BACKLOG_LATE),
            clock=int(wall.SKEW_LIMIT.total_seconds()),
            storage=STORAGE_PERCENT,
            disk=DISK_FREE_PERCENT,
            readable=readable,
        )

    def _board_counts(self, judged):
        self.env.cr.execute(SQL("SELECT status, count(*) FROM (%s) j GROUP BY status", judged))
        counts = dict.fromkeys(STATUSES, 0)
        counts.update(self.env.cr.fetchall())
        return counts

    @staticmethod
    def _board_condition(search, status):
        parts = [SQL("TRUE")]
        if status:
            parts.append(SQL("j.status = %s", status))
        for word in search.split()[:5]:
            escaped = word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
            parts.append(
                SQL(
                    "concat_ws(' ', j.name, j.serial, j.place, j.agent_name) ILIKE %s",
                    f"%{escaped}%",
                )
            )
        return SQL(" AND ").join(parts)

    def _board_rows(self, judged, condition, limit, offset):
        self.env.cr.execute(
            SQL(
                """SELECT * FROM (%s) j WHERE %s
                   ORDER BY array_position(ARRAY['clone', 'dead', 'late', 'clock', 'storage',
                            'gap', 'waiting', 'ok'], j.status), j.name, j.id LIMIT %s OFFSET %s""",
                judged,
                condition,
                limit,
                offset,
            )
        )
        return self.env.cr.dictfetchall()

    def _board_today(self, device_ids):
        """{device id: punches of the day its own clock shows}."""
        devices = self.sudo().browse(device_ids)
        devices.fetch(["agent_id", "company_id"])
        spans = {}
        for zone in (
            self.env["biometric.device.zone"]
            .sudo()
            .search([("device_id", "in", device_ids)], order="device_id, valid_from")
        ):
            spans[zone.device_id.id] = zone.tz
        pairs = [(device.id, spans.get(device.id) or device._first_zone()) for device in devices]
        if not pairs:
            return {}
        self.env.cr.execute(
            SQL(
                """SELECT v.id, count(p.id) FROM (VALUES %s) v (id, tz)
                     JOIN biometric_punch p ON p.device_id = v.id
                      AND p.wall_date = (now() AT TIME ZONE biometric_zone(v.tz))::date
                    GROUP BY v.id""",
                SQL(", ").join(SQL("(%s, %s)", *pair) for pair in pairs),
            )
        )
        return dict(self.env.cr.fetchall())

    def _board_device(self, row, today, now):
        since, cause = self._board_cause(row, now)
        return {
            "id": row["id"],
            "name": row["name"],
            "serial": row["serial"],
            "agent_id": row["agent_id"] or False,
            "agent_name": row["agent_name"] or "",
            "company": self._board_company(row["company_id"]),
            "place": row["place"] or "",
            "state": row["state"],
            "status": row["status"],
            "since_at": _text(since),
            "cause": cause,
            "last_heard_at": _text(row["last_heard_at"]),
            "last_punch_at": _text(row["last_punch_at"]),
            "punches_today": today.get(row["id"], 0),
            "rejects": row["rejects"] or 0,
            # What an agent that nobody hears still holds is not known.
            "pending": (row["pending"] or 0) if row["is_told"] else None,
            "storage_percent": row["storage_percent"],
            "complete_until": _text(row["complete_until"]),
        }

    def _board_company(self, company_id):
        """Whose it is, where the reader has several companies on screen."""
        companies = self.env.companies
        return companies.browse(company_id).sudo().name if len(companies) > 1 else ""

    def _board_cause(self, row, now):
        """(since when, likely cause in words) of one judged row."""
        _ = self.env._
        status = row["status"]
        if status == "waiting":
            return row["first_seen_at"], _("New terminal; an administrator has to approve it")
        if status == "clone":
            return row["clone_at"], _("Two machines use the token of this agent")
        if status in ("dead", "late"):
            return self._board_silence(row, now)
        if status == "clock":
            return row["clock_off_since"], sentence(self._clock_words(row["clock_offset_seconds"]))
        if status == "storage":
            if (row["storage_percent"] or 0) >= STORAGE_PERCENT:
                return None, _("The terminal's memory is %s %% full", row["storage_percent"])
            return None, _("The agent's disk is nearly full")
        if status == "gap":
            return row["window_from"], _("A window is not confirmed complete")
        return None, ""

    def _board_cause_now(self, now):
        """The likely cause of how one device fares, as the board words it."""
        self.ensure_one()
        self.env.flush_all()
        judged = self._board_judged(now)
        self.env.cr.execute(SQL("SELECT * FROM (%s) j WHERE j.id = %s", judged, self.id))
        row = self.env.cr.dictfetchone()
        return self._board_cause(row, now)[1] if row else ""

    def _board_silence(self, row, now):
        _ = self.env._
        if not row["agent_id"]:
            return None, _("No agent is responsible for this terminal")
        seen = row["last_seen_at"]
        if not seen:
            return None, _("No contact with its agent so far")
        if (now - seen).total_seconds() > AGENT_LATE and row["told_by"]:
            return seen, _(
                "Its agent is not responding, and %s reports it: decide under Foreign terminals",
                row["told_by"],
            )
        if (now - seen).total_seconds() > AGENT_LATE:
            return seen, _(
                "Its agent is not responding: check power, network or Internet at the branch"
            )
        heard = row["last_heard_at"]
        if not heard:
            return row["first_seen_at"], _(
                "No contact so far: check its server address and network"
            )
        if row["only_read"]:
            # Its agent knows the plan of its reads, and says when they are missing.
            if row["heard_state"] == "silent":
                return heard, _("The terminal cannot be read: check power, cable or its address")
        elif row["carried"]:
            return heard, _("Push has stopped; it is read instead: check its server address")
        elif now - heard > timedelta(seconds=DEVICE_LATE) + row["pause"]:
            return heard, _(
                "The terminal is not responding: check power, cable or its server address"
            )
        if row["pending"]:
            return row["oldest_pending_at"], _("Punches are waiting at the agent for delivery")
        return seen, _("Its agent is not active: pair or approve it")

    def _board_own_word(self, agent, lost):
        """(status, since when, cause) by what the agent says is wrong with itself, and by what its
        queue lost: `lost`, a gap or None."""
        if lost:
            return "gap", lost.window_from, lost._lost_words()
        errors = {error["code"]: error for error in agent.last_errors or []}
        codes = [*(code for code in OWN_STATUSES if code in errors), *errors]
        codes.sort(key=lambda code: code in NO_MATTER)
        if not codes:
            return "ok", None, ""
        error = errors[codes[0]]
        since = wire.to_datetime(error["at"]).replace(microsecond=0) if error.get("at") else None
        default = "ok" if error["code"] in NO_MATTER else "late"
        status = OWN_STATUSES.get(error["code"], default)
        return status, since, self._own_words(error)

    @api.model
    def _own_words(self, error):
        """What an agent says is wrong with it, in words of the office; else as it says it."""
        _ = self.env._
        return {
            "clock": _(
                "Its clock is not reliable: check the time service or network at the branch"
            ),
            "clone": _("Another copy of it is running: pair one of the two again"),
            "guard": _("The loss check of its queue cannot be written: card full or failing"),
            "old_copy": _("An older copy of its card is in use; the terminals are read again"),
            "own_address": _("The machine has a new address; terminals still use the old one"),
            "poison": _("It has punches that Odoo could not accept: upgrade, then send them again"),
            "slow_storage": _("Its card is slow and delays the terminals: use another card"),
            "storage": _("It cannot write to its card: full or failing"),
            "update_no_room": _(
                "Its card is too full for a newer version; the space is reserved for punches"
            ),
            "tamper": _("Odoo has a different history than the agent delivered"),
        }.get(error["code"]) or error["message"]

    def _board_agents(self, now):
        agents = self.env["biometric.agent"].search([("state", "!=", "new")], order="name, id")
        alarms = self.env["biometric.alarm"].sudo()
        opened = [("agent_id", "in", agents.ids), ("closed_at", "=", False)]
        clones = dict(alarms._read_group(opened, ["agent_id"], ["opened_at:min"]))
        lost = self._board_losses(agents)
        return [self._board_agent(agent, clones.get(agent), lost, now) for agent in agents]

    def _board_losses(self, agents):
        """{agent: its earliest gap of what its queue lost} of those that have one."""
        gaps = self.env["biometric.gap"].search(
            [("agent_id", "in", agents.ids), ("kind", "=", "lost"), ("state", "=", "open")],
            order="window_from desc",
        )
        return {gap.agent_id: gap for gap in gaps}

    def _board_agent(self, agent, alarm_at, lost, now):
        _ = self.env._
        status, since, cause = "ok", None, ""
        seen = agent.last_seen_at
        silent = (now - seen).total_seconds() if seen else None
        waited = (now - agent.oldest_pending_at).total_seconds() if agent.oldest_pending_at else 0
        if agent.state == "waiting":
            status, since = "waiting", agent.paired_at
            cause = _("Compare the fingerprint and approve")
        elif agent.state == "revoked":
            status, cause = "dead", _("Its token was revoked")
        elif alarm_at:
            status, since, cause = "clone", alarm_at, _("There is an open alarm")
        elif silent is None or silent > AGENT_DEAD:
            status, since = "dead", seen
            cause = _("Not responding: check power, network or Internet at the branch")
        elif silent > AGENT_LATE or (agent.queue_pending and waited > BACKLOG_LATE):
            status, since = "late", agent.oldest_pending_at or seen
            cause = (
                _("Not responding") if silent > AGENT_LATE else _("Punches waiting for delivery")
            )
        elif agent.disk_total_bytes and agent.disk_free_percent < DISK_FREE_PERCENT:
            status, cause = "storage", _("Its disk is nearly full")
        else:
            status, since, cause = self._board_own_word(agent, lost.get(agent))
        return {
            "id": agent.id,
            "name": agent.name,
            "company": self._board_company(agent.company_id.id),
            "state": agent.state,
            "last_seen_at": _text(seen),
            "pending": agent.queue_pending
            if agent.state == "active" and silent is not None and silent <= AGENT_LATE
            else None,
            "oldest_pending_at": _text(agent.oldest_pending_at),
            "status": status,
            "since_at": _text(since),
            "cause": cause,
        }
