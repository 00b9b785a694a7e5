"""From a batch of sightings to rows, verdicts and the lane head, in one transaction.

Set-based throughout: one statement keeps punches and sightings, ON CONFLICT DO NOTHING, so two
simultaneous deliveries of one batch both end well (the loser is retried by Odoo and finds the
rows). No row that others write is touched but the lane, which only this file writes. Serialization
failures must pass through untouched. Must not know HTTP.
"""

import json
import logging
from collections import namedtuple

from odoo import api, fields, models
from odoo.tools import SQL

from ...contract import chain, wire
from ...engine import wall
from .biometric_bound import devices_told

_logger = logging.getLogger(__name__)

Lane = namedtuple("Lane", "id head_seq head_hash max_seq broken_seq signed unsigned")
# What ingest needs of a device, read once a batch: record access a sighting costs more than SQL.
# foreign_from: from when on what this agent saw of it is foreign; None where it is bound to it.
# clock_ahead, unbroken_since: what its agent last said of its clock.
Device = namedtuple("Device", "id state foreign_from clock_ahead unbroken_since")

# The batch travels as one JSON text: PostgreSQL takes it apart in half the time that a VALUES list
# of the same rows takes to be quoted and parsed. The sighting needs the id of its punch, so both
# are written at once. Sorted by key: two agents that saw the same punches must not lock them in
# opposite order. A key that another transaction adds meanwhile is a serialization failure. LIMIT
# keeps the planner from reading a company's whole table while its statistics call it small.
_STORE = """
WITH batch AS MATERIALIZED (
    SELECT (v->>0)::int AS seq, v->>1 AS kind, (v->>2)::int AS device_id, v->>3 AS key,
           v->>4 AS serial, v->>5 AS pin, v->>6 AS wall_time, v->>7 AS status, v->>8 AS reason,
           v->>9 AS raw, v->>10 AS verify, v->>11 AS work_code, v->>12 AS extra,
           v->>13 AS channel, (v->>14)::timestamp AS received_at, v->>15 AS clock,
           (v->>16)::numeric AS skew_seconds, v->>17 AS salt, v->>18 AS leaf, v->>19 AS hash,
           v->>20 AS named_reason, v->>21 AS named_signature, v->>22 AS named_key
      FROM jsonb_array_elements(%(batch)s::jsonb) AS rows (v)
), added AS (
    INSERT INTO biometric_punch (company_id, device_id, key, serial, pin, wall_time, wall_date,
           status, stored_at)
    SELECT DISTINCT ON (key) %(company)s, device_id, key, serial, pin, wall_time,
           left(wall_time, 10)::date, status, now() AT TIME ZONE 'UTC'
      FROM batch WHERE kind = 'punch' ORDER BY key
        ON CONFLICT (company_id, key) DO NOTHING RETURNING key, id
), named AS (
    SELECT b.*, COALESCE(a.id, older.id) AS punch_id, a.id IS NOT NULL AS is_new
      FROM batch b
      LEFT JOIN added a ON a.key = b.key
      LEFT JOIN LATERAL (
           SELECT p.id FROM biometric_punch p
            WHERE a.id IS NULL AND p.company_id = %(company)s AND p.key = b.key LIMIT 1) older
        ON TRUE
), kept AS (
    INSERT INTO biometric_sighting (company_id, lane_id, seq, kind, punch_id, device_id, reason,
           raw, verify, work_code, extra, channel, received_at, clock, skew_seconds, salt, leaf,
           hash, named_reason, named_signature, named_key)
    SELECT %(company)s, %(lane)s, seq, kind, punch_id, device_id, reason, raw, verify, work_code,
           extra, channel, received_at, clock, skew_seconds, salt, leaf, hash,
           named_reason, named_signature, named_key
      FROM named ON CONFLICT DO NOTHING
)
SELECT key, punch_id, is_new, is_new AND NOT EXISTS (
           SELECT 1 FROM biometric_device_user u
            WHERE u.device_id = named.device_id AND u.pin = named.pin)
  FROM named WHERE punch_id IS NOT NULL"""

# Sightings that close a hole are read back in pieces of this size to check their chain.
CHAIN_PIECE = 5000
# Why Odoo itself kept a number bare; no agent's word can hold a colon.
ERASED = "odoo:erased"


def _skew_seconds(item):
    """Wall time of a punch read as if it were UTC, less the agent's receipt."""
    return (wall.parse(item.wall_time) - wire.to_datetime(item.received_at)).total_seconds()


class BiometricIngest(models.AbstractModel):
    _name = "biometric.ingest"
    _description = "Ingest of sightings"

    @api.model
    def _store_batch(self, agent, lane_name, sightings, signed=None):
        """Keep a batch. sightings: [wire.Sighting]. signed: whether the agent's key signed it (and
        so named its bare leaves); None where nobody signs, as for files carried by hand.

        Returns (head, verdicts) of the contract: {"seq", "hash"} and one verdict per sighting in
        the order sent.
        """
        self.env.flush_all()
        lane = self._lock_lane(agent, lane_name)
        self._note_signed(lane, signed)
        sightings = self.env["biometric.signed.batch"]._name_leaves(
            agent, lane_name, sightings, signed
        )
        devices = self._devices(agent, sightings)
        held = self._held(lane, sightings)
        fresh, verdicts = self._sort_out(agent, lane, sightings, held, devices)
        fresh = self._leave_out_erased(agent, fresh)
        punches, new_keys, strange = self._insert(agent, lane, devices, fresh)
        self._judge(verdicts, sightings, devices, new_keys)
        head = self._move_head(agent, lane, fresh)
        self._note_pins(agent, devices, fresh, strange)
        self._after(agent, devices, fresh, punches, new_keys)
        return (
            {"seq": head.head_seq, "hash": head.head_hash},
            [
                {"seq": sighting.seq, "verdict": verdict} | ({"reason": reason} if reason else {})
                for sighting, (verdict, reason) in zip(sightings, verdicts, strict=True)
            ],
        )

    # ------------------------------------------------------------------ lane

    def _lock_lane(self, agent, lane_name):
        cr = self.env.cr
        query = SQL(
            """SELECT id, head_seq, head_hash, max_seq, COALESCE(broken_seq, 0),
                      signed_at IS NOT NULL, unsigned_at IS NOT NULL
                 FROM biometric_lane WHERE agent_id IS NOT DISTINCT FROM %s AND lane = %s
                  FOR NO KEY UPDATE""",
            agent.id,
            lane_name,
        )
        cr.execute(query)
        row = cr.fetchone()
        if row is None:
            cr.execute(
                """INSERT INTO biometric_lane (company_id, agent_id, lane, started_at, head_seq,
                       head_hash, max_seq, moved_at)
                   VALUES (%s, %s, %s, now() AT TIME ZONE 'UTC', 0, %s, 0,
                       now() AT TIME ZONE 'UTC')
                   ON CONFLICT (agent_id, lane) DO NOTHING""",
                (agent.company_id.id, agent.id, lane_name, chain.lane_genesis(lane_name)),
            )
            cr.execute(query)
            row = cr.fetchone()
        return Lane(*row)

    def _note_signed(self, lane, signed):
        """The first signed batch of a lane, and the first unsigned one."""
        if signed is None or (lane.signed if signed else lane.unsigned):
            return
        self.env.cr.execute(
            SQL(
                "UPDATE biometric_lane SET %s = now() AT TIME ZONE 'UTC' WHERE id = %s",
                SQL.identifier("signed_at" if signed else "unsigned_at"),
                lane.id,
            )
        )
        self.env["biometric.lane"].invalidate_model()

    def _held(self, lane, sightings):
        """{seq: ((leaf, hash), is_bare)} of the numbers Odoo holds; a full sighting wins."""
        numbers = [item.seq for item in sightings if item.seq <= lane.max_seq]
        if not numbers:
            return {}
        self.env.cr.execute(
            """SELECT seq, leaf, hash, kind = 'leaf' FROM biometric_sighting
                WHERE lane_id = %s AND seq = ANY(%s) ORDER BY seq, kind = 'leaf' DESC""",
            (lane.id, numbers),
        )
        return {seq: ((leaf, digest), bare) for seq, leaf, digest, bare in self.env.cr.fetchall()}

    def _sort_out(self, agent, lane, sightings, held, devices):
        """Which sightings are new, and a first verdict for each: [(verdict, reason)]."""
        held = dict(held)
        fresh, verdicts = [], []
        for sighting in sightings:
            # Where too many terminals wait for approval, the agent keeps it for a person to send.
            no_room = sighting.serial and sighting.serial not in devices and "no_room"
            if fault := sighting.fault or no_room:
                verdicts.append(("rejected", fault))
                continue
            known = held.get(sighting.seq)
            if known and known[0] != (sighting.leaf, sighting.hash):
                verdicts.append(("rejected", "seq_conflict"))
                self.env["biometric.alarm"]._raise(
                    "seq_conflict",
                    agent,
                    self.env._("Number %s arrived with two different contents", sighting.seq),
                    lane.id,
                )
            elif known and (sighting.kind == "leaf" or not known[1]):
                verdicts.append(("duplicate", None))
            else:
                fresh.append(sighting)
                held[sighting.seq] = ((sighting.leaf, sighting.hash), sighting.kind == "leaf")
                verdicts.append(("stored", None))
        return fresh, verdicts

    def _leave_out_erased(self, agent, fresh):
        """A punch that was erased or purged comes again: its number is kept, nothing of it is."""
        keys = [item.key for item in fresh if item.kind == "punch"]
        erased = self.env["biometric.erased.key"]._known(agent.company_id, keys)
        if not erased:
            return fresh
        return [
            wire.Sighting("leaf", item.seq, item.leaf, item.hash, reason=ERASED)
            if item.key in erased
            else item
            for item in fresh
        ]

    def _move_head(self, agent, lane, fresh):
        """Advance over what follows without a hole and whose chain holds; the new Lane."""
        max_seq = max([lane.max_seq, *(sighting.seq for sighting in fresh)])
        seq, digest, broken = lane.head_seq, lane.head_hash, lane.broken_seq
        if fresh and not broken:
            for number, leaf, claimed in self._followers(lane, fresh):
                if number != seq + 1:
                    break
                if chain.chain_hash(digest, leaf) != claimed:
                    broken = number
                    self.env["biometric.alarm"]._raise(
                        "chain_broken",
                        agent,
                        self.env._("The hash of number %s does not follow", number),
                        lane.id,
                    )
                    break
                seq, digest = number, claimed
        if (seq, max_seq, broken) != (lane.head_seq, lane.max_seq, lane.broken_seq):
            self.env.cr.execute(
                """UPDATE biometric_lane SET head_seq = %s, head_hash = %s, max_seq = %s,
                          broken_seq = NULLIF(%s, 0),
                          moved_at = CASE WHEN head_seq = %s THEN moved_at
                                          ELSE now() AT TIME ZONE 'UTC' END
                    WHERE id = %s""",
                (seq, digest, max_seq, broken, seq, lane.id),
            )
            self.env["biometric.lane"].invalidate_model()
        return lane._replace(head_seq=seq, head_hash=digest, max_seq=max_seq, broken_seq=broken)

    def _followers(self, lane, fresh):
        """(seq, leaf, hash) above the head in order: from memory while it lasts, then from disk."""
        mine = {sighting.seq: sighting for sighting in fresh}
        seq = lane.head_seq
        while seq + 1 in mine:
            seq += 1
            yield seq, mine[seq].leaf, mine[seq].hash
        if seq >= max(lane.max_seq, *mine):
            return
        while True:
            self.env.cr.execute(
                """SELECT DISTINCT ON (seq) seq, leaf, hash FROM biometric_sighting
                    WHERE lane_id = %s AND seq > %s AND seq <= %s ORDER BY seq""",
                (lane.id, seq, seq + CHAIN_PIECE),
            )
            rows = self.env.cr.fetchall()
            yield from rows
            if len(rows) < CHAIN_PIECE:
                return
            seq = rows[-1][0]

    # ------------------------------------------------------------------ rows

    def _devices(self, agent, sightings):
        """{serial: Device} of the batch; unknown ones are made, waiting."""
        serials = {item.serial for item in sightings if item.serial and not item.fault}
        if not serials:
            return {}
        found = self._find_devices(agent, serials)
        if len(found) < len(serials):
            self.env["biometric.device"]._for_serials(agent, serials)
            found = self._find_devices(agent, serials)
        foreign = [device.id for device in found.values() if device.foreign_from]
        self.env["biometric.hearing"]._note(agent, foreign)
        return found

    def _find_devices(self, agent, serials):
        rows = devices_told(self.env.cr, agent.company_id.id, agent.id or None, serials)
        return {serial: Device(*rest) for serial, *rest in rows}

    def _insert(self, agent, lane, devices, fresh):
        """({key: punch id} of the batch, set of the keys that were not known before, set of those
        among them of a PIN that nobody knows yet)."""
        if not fresh:
            return {}, set(), set()
        self.env.cr.execute(
            _STORE,
            {
                "company": agent.company_id.id,
                "lane": lane.id,
                "batch": json.dumps([self._row(item, devices, agent) for item in fresh]),
            },
        )
        rows = self.env.cr.fetchall()
        return (
            {row[0]: row[1] for row in rows},
            {row[0] for row in rows if row[2]},
            {row[0] for row in rows if row[3]},
        )

    @staticmethod
    def _row(item, devices, agent):
        """One sighting in the order in which _STORE takes it apart; null where it has nothing."""
        return (
            item.seq,
            item.kind,
            devices[item.serial].id if item.serial else None,
            item.key or None,
            item.serial,
            item.pin,
            item.wall_time,
            item.status,
            item.reason or None if item.kind == "reject" else None,
            item.raw if item.kind == "reject" else None,
            item.verify,
            item.work_code,
            item.extra,
            item.channel or None,
            item.received_at or None,
            item.clock or None,
            _skew_seconds(item) if item.kind == "punch" else None,
            item.salt or None,
            item.leaf,
            item.hash,
            item.reason or None if item.kind == "leaf" else None,
            item.proof or None,
            agent.public_key if item.proof else None,
        )

    # ------------------------------------------------------------------ verdicts

    def _judge(self, verdicts, sightings, devices, new_keys):
        """Put the last word into `verdicts`: duplicates, and what a person has to look at."""
        seen = set()
        now = fields.Datetime.now()
        for index, item in enumerate(sightings):
            verdict, _reason = verdicts[index]
            if verdict == "rejected" or item.kind != "punch":
                continue
            if reason := self._quarantine_reason(item, devices[item.serial], now):
                verdicts[index] = ("quarantined", reason)
            elif verdict == "stored" and (item.key not in new_keys or item.key in seen):
                verdicts[index] = ("duplicate", None)
            seen.add(item.key)

    def _quarantine_reason(self, item, device, now):
        if device.state == "waiting":
            return "device_waiting"
        if device.state == "refused":
            return "device_refused"
        received_at = wire.to_datetime(item.received_at)
        if device.foreign_from and received_at >= device.foreign_from:
            return "foreign_serial"
        seen_at = received_at if item.clock == "ok" else now
        if wall.is_sane_anywhere(item.wall_time, seen_at):
            return None
        spans = self.env["biometric.device"].browse(device.id)._spans()
        instant = wall.to_instant(item.wall_time, wall.span_zone(spans, item.wall_time))
        return None if wall.is_sane(item.wall_time, instant, seen_at) else "clock"

    # ------------------------------------------------------------------ what follows

    def _note_pins(self, agent, devices, fresh, strange):
        """Every PIN that punched is known from then on. `strange`: keys of those that were not."""
        company_id = agent.company_id.id
        self.env["biometric.device.user"]._note_pins(
            (devices[item.serial].id, company_id, item.pin)
            for item in fresh
            if item.kind == "punch" and item.key in strange
        )

    def _after(self, agent, devices, fresh, punches, new_keys):
        """Mark days, weigh clocks, tell the screens. Nothing here changes a verdict."""
        if new_keys:
            self.env["biometric.stale.day"]._mark_punches(
                punch_ids=[punches[key] for key in new_keys]
            )
        again = [
            punches[item.key] for item in fresh if item.kind == "punch" and item.key not in new_keys
        ]
        self.env["biometric.flag"]._answered(again)
        if moved := self.env["biometric.punch"]._moved_by_sightings(again):
            self.env["biometric.stale.day"]._mark_punches(punch_ids=moved)
        self.env["biometric.punch"].invalidate_model()
        self.env["biometric.sighting"].invalidate_model()
        touched = {devices[item.serial] for item in fresh if item.serial}
        if touched:
            # of a terminal whose clock is off by its agent's last word
            for one in sorted(touched, key=lambda one: one.id):
                device = self.env["biometric.device"].browse(one.id)
                told, since = one.clock_ahead or 0, one.unbroken_since
                self.env["biometric.flag"]._weigh_clock(device, told, since)
            self._tell_board(agent.company_id, sorted(one.id for one in touched))

    def _tell_board(self, company, device_ids):
        """One bus message a batch, sent after the commit; screens read again with own rights."""
        self.env["biometric.bus"]._tell("board", company, {"device_ids": device_ids})
