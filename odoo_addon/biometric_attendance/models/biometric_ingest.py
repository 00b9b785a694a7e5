"""From a batch of sightings to rows, verdicts and the lane head, in one transaction.

Set-based throughout: one INSERT … ON CONFLICT DO NOTHING for punches and one for sightings, so two
simultaneous deliveries of one batch both end well (the loser is retried by Odoo and finds the
rows). No row that others write is touched but the lane, which only this file writes. Serialization
failures must pass through untouched. Must not know HTTP.
"""

import logging
from collections import namedtuple

from psycopg2.extras import execute_values

from odoo import api, fields, models
from odoo.tools import SQL

from .. import chain, wall, wire

_logger = logging.getLogger(__name__)

Lane = namedtuple("Lane", "id head_seq head_hash max_seq broken_seq")
# What ingest needs of a device, read once a batch: record access a sighting costs more than SQL.
Device = namedtuple("Device", "id state spans")

# Sightings that close a hole are read back in pieces of this size to check their chain.
CHAIN_PIECE = 5000
BOARD_GROUPS = ("group_approver", "group_hr_officer", "group_administrator")


class BiometricIngest(models.AbstractModel):
    _name = "biometric.ingest"
    _description = "Ingest of sightings"

    @api.model
    def _store_batch(self, agent, lane_name, sightings):
        """Keep a batch. sightings: [wire.Sighting].

        Returns (head, verdicts) of the contract: {"seq", "hash"} and one verdict per sighting in
        the order sent.
        """
        self.env.flush_all()
        lane = self._lock_lane(agent, lane_name)
        devices = self._devices(agent, sightings)
        held = self._held(lane, sightings)
        fresh, verdicts = self._sort_out(agent, lane, sightings, held)
        fresh = self._leave_out_erased(agent, fresh)
        punches, new_keys = self._insert_punches(agent, devices, fresh)
        self._insert_sightings(agent, lane, devices, punches, fresh)
        self._judge(verdicts, sightings, devices, new_keys)
        head = self._move_head(agent, lane, fresh)
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
            """SELECT id, head_seq, head_hash, max_seq, COALESCE(broken_seq, 0)
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

    def _held(self, lane, sightings):
        """{seq: ((leaf, hash), is_bare)} of the numbers Odoo holds; a full sighting wins."""
        self.env.cr.execute(
            """SELECT seq, leaf, hash, kind = 'leaf' FROM biometric_sighting
                WHERE lane_id = %s AND seq = ANY(%s) ORDER BY seq, kind = 'leaf' DESC""",
            (lane.id, [sighting.seq for sighting in sightings]),
        )
        return {seq: ((leaf, digest), bare) for seq, leaf, digest, bare in self.env.cr.fetchall()}

    def _sort_out(self, agent, lane, sightings, held):
        """Which sightings are new, and a first verdict for each: [(verdict, reason)]."""
        held = dict(held)
        fresh, verdicts = [], []
        for sighting in sightings:
            if sighting.fault:
                verdicts.append(("rejected", sighting.fault))
                continue
            known = held.get(sighting.seq)
            if known and known[0] != (sighting.leaf, sighting.hash):
                verdicts.append(("rejected", "seq_conflict"))
                self.env["biometric.alarm"]._raise(
                    "seq_conflict",
                    agent,
                    self.env._("Number %s came with two contents", sighting.seq),
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
            wire.Sighting("leaf", item.seq, item.leaf, item.hash) if item.key in erased else item
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
        found = self.env["biometric.device"]._for_serials(agent, serials)
        return {
            serial: Device(device.id, device.state, device._spans())
            for serial, device in found.items()
        }

    def _insert_punches(self, agent, devices, fresh):
        """({key: punch id} of the batch, set of the keys that were not known before)."""
        company_id = agent.company_id.id
        rows = {
            item.key: (
                company_id,
                devices[item.serial].id,
                item.key,
                item.serial,
                item.pin,
                item.wall_time,
                item.wall_time[:10],
                item.status,
            )
            for item in fresh
            if item.kind == "punch"
        }
        if not rows:
            return {}, set()
        # Sorted: two agents that saw the same punches must not lock them in opposite order.
        inserted = dict(
            execute_values(
                self.env.cr._obj,
                """INSERT INTO biometric_punch (company_id, device_id, key, serial, pin, wall_time,
                       wall_date, status, stored_at) VALUES %s
                   ON CONFLICT (company_id, key) DO NOTHING RETURNING key, id""",
                [rows[key] for key in sorted(rows)],
                template="(%s, %s, %s, %s, %s, %s, %s, %s, now() AT TIME ZONE 'UTC')",
                page_size=1000,
                fetch=True,
            )
        )
        known = dict(inserted)
        older = [key for key in rows if key not in inserted]
        if older:
            self.env.cr.execute(
                "SELECT key, id FROM biometric_punch WHERE company_id = %s AND key = ANY(%s)",
                (company_id, older),
            )
            known.update(self.env.cr.fetchall())
        return known, set(inserted)

    def _insert_sightings(self, agent, lane, devices, punches, fresh):
        if not fresh:
            return
        company_id = agent.company_id.id
        rows = []
        for item in fresh:
            received = wire.to_datetime(item.received_at) if item.received_at else None
            skew = None
            if item.kind == "punch":
                skew = (wall.parse(item.wall_time) - received).total_seconds()
            rows.append(
                (
                    company_id,
                    lane.id,
                    item.seq,
                    item.kind,
                    punches.get(item.key),
                    devices[item.serial].id if item.serial else None,
                    item.reason or None,
                    item.raw if item.kind == "reject" else None,
                    item.verify,
                    item.work_code,
                    item.extra,
                    item.channel or None,
                    received,
                    item.clock or None,
                    skew,
                    item.salt or None,
                    item.leaf,
                    item.hash,
                )
            )
        execute_values(
            self.env.cr._obj,
            """INSERT INTO biometric_sighting (company_id, lane_id, seq, kind, punch_id, device_id,
                   reason, raw, verify, work_code, extra, channel, received_at, clock,
                   skew_seconds, salt, leaf, hash) VALUES %s ON CONFLICT DO NOTHING""",
            rows,
            page_size=1000,
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

    @staticmethod
    def _quarantine_reason(item, device, now):
        if device.state == "waiting":
            return "device_waiting"
        if device.state == "refused":
            return "device_refused"
        instant = wall.to_instant(item.wall_time, wall.span_zone(device.spans, item.wall_time))
        seen_at = wire.to_datetime(item.received_at) if item.clock == "ok" else now
        return None if wall.is_sane(item.wall_time, instant, seen_at) else "clock"

    # ------------------------------------------------------------------ what follows

    def _after(self, agent, devices, fresh, punches, new_keys):
        """Mark days, note PINs, tell the screens. Nothing here changes a verdict."""
        if new_keys:
            company_id = agent.company_id.id
            self.env["biometric.device.user"]._note_pins(
                {
                    (devices[item.serial].id, company_id, item.pin)
                    for item in fresh
                    if item.kind == "punch" and item.key in new_keys
                }
            )
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
        touched = {devices[item.serial].id for item in fresh if item.serial}
        if touched:
            self._tell_board(sorted(touched))

    def _tell_board(self, device_ids):
        """One bus message a batch, sent after the commit; screens read again with own rights."""
        for name in BOARD_GROUPS:
            group = self.env.ref(f"biometric_attendance.{name}")
            self.env["bus.bus"]._sendone(
                group, "biometric_attendance/board", {"device_ids": device_ids}
            )
