"""Punches that a named person carried from a terminal on a USB stick.

They enter as sightings of channel `file`, in a lane of their own: one per company and person,
numbered and chained like an agent's, with no agent. What the file proves closes gaps; the punches
stay marked "carried by hand" until another channel tells them too. Must not know the dialog.
"""

import hashlib
import secrets
import uuid
from itertools import pairwise
from typing import NamedTuple

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ...contract import attlog, chain, wire
from ...engine import log_reach, wall

# Sightings stored at once, as in a batch of an agent.
PIECE = wire.MAX_SIGHTINGS


class Carrier(NamedTuple):
    """Stands where ingest expects an agent."""

    id: None
    company_id: models.BaseModel


class BiometricLane(models.Model):
    _inherit = "biometric.lane"

    agent_id = fields.Many2one(required=False, help="Empty: imported files")
    carrier_id = fields.Many2one("res.users", "Imported by", readonly=True, ondelete="restrict")

    _one_carrier = models.UniqueIndex("(company_id, carrier_id) WHERE agent_id IS NULL")
    _has_source = models.Constraint(
        "CHECK ((agent_id IS NULL) <> (carrier_id IS NULL))", "The lane of an agent or of a person."
    )


class BiometricCarried(models.AbstractModel):
    _name = "biometric.carried"
    _description = "Punches from USB files"

    @api.model
    def _store(self, device, file_name, data):
        """Take in one export. Returns its run: read, new, known, unreadable, gaps closed.

        Needs an HR officer who may read the device; audited. Raises UserError for a file that is
        no export or is another terminal's.
        """
        if not self.env.user.has_group("biometric_attendance.group_hr_officer"):
            raise AccessError(self.env._("Only HR officers can import files."))
        device.check_access("read")
        lines = self._lines(device, file_name, data)
        started = fields.Datetime.now()
        counts, lane, numbers = self.sudo()._ingest(device, lines)
        run = self.sudo()._note_run(device, file_name, lines, counts, started)
        closed = self.sudo()._close_gaps(run)
        after = {
            "file": file_name[:100],
            "sha256": hashlib.sha256(data).hexdigest(),
            "closed": len(closed),
            "own": len(self.sudo()._own(device, lines)),
            "lane": lane,
            "numbers": numbers,
        }
        self.env["biometric.audit"]._record("file.upload", device, None, after | counts)
        return run

    @api.model
    def _own(self, device, lines):
        """Punches of the file that are about who brought it and that nobody else vouches for."""
        keys = [
            chain.punch_key(device.serial, line.pin, line.wall_time, line.status)
            for line in lines
            if not line.reason
        ]
        punches = self.env["biometric.punch"].search(
            [("company_id", "=", device.company_id.id), ("key", "in", keys)]
        )
        return punches._own_carried(punches.ids)

    @api.model
    def _take_up(self, company, reason):
        """What people carried before uploads named their numbers is counted to its head."""
        lanes = self.env["biometric.lane"].search(
            [("company_id", "=", company.id), ("agent_id", "=", False), ("head_seq", ">", 0)]
        )
        for lane in lanes:
            after = {
                "lane": lane.lane,
                "numbers": [[1, lane.head_seq]],
                "carrier": lane.carrier_id.id,
            }
            self.env["biometric.audit"]._record("lane.take_up", lane, None, after, reason)

    @api.model
    def _lines(self, device, file_name, data):
        try:
            serial = attlog.serial_in_name(file_name)
            lines = attlog.parse(attlog.inflate(data), device.company_id._biometric_line_salt())
        except attlog.Unreadable as error:
            raise UserError(
                self.env._("This is not an export of a terminal: %s.", error)
            ) from error
        if serial and serial != device.serial:
            raise UserError(
                self.env._(
                    "The file is from terminal %(file)s, not from %(device)s.",
                    file=serial,
                    device=device.serial,
                )
            )
        if not lines:
            raise UserError(self.env._("The file contains no punches."))
        return lines

    # ------------------------------------------------------------------ sightings

    @api.model
    def _ingest(self, device, lines):
        """({read, new, duplicate, rejected} of the lines, lane, its numbers [[first, last]]):
        stored as sightings of the file lane."""
        carrier = Carrier(None, device.company_id)
        name = self._lane_name(device.company_id)
        counts = {"read": len(lines), "new": 0, "duplicate": 0, "rejected": 0}
        fresh = self._first_seen(device, lines, counts)
        numbers = []
        for start in range(0, len(fresh), PIECE):
            piece = fresh[start : start + PIECE]
            numbers += self._store_piece(carrier, name, device, piece, counts)
        return counts, name, [[numbers[0], numbers[-1]]] if numbers else []

    @api.model
    def _first_seen(self, device, lines, counts):
        """Lines that no file brought before; the others are only counted."""
        known_keys = self._carried_keys(device)
        known_raws = self._carried_raws(device)
        fresh = []
        for line in lines:
            if line.reason:
                counts["rejected"] += 1
                if line.raw in known_raws:
                    continue
                known_raws.add(line.raw)
            else:
                key = chain.punch_key(device.serial, line.pin, line.wall_time, line.status)
                if key in known_keys:
                    counts["duplicate"] += 1
                    continue
                known_keys.add(key)
            fresh.append(line)
        return fresh

    @api.model
    def _store_piece(self, carrier, name, device, lines, counts):
        ingest = self.env["biometric.ingest"]
        lane = ingest._lock_lane(carrier, name)
        sightings = self._seal(name, lane, device, lines)
        _head, verdicts = ingest._store_batch(carrier, name, sightings)
        for sighting, verdict in zip(sightings, verdicts, strict=True):
            if verdict["verdict"] == "rejected":
                # The lane is locked and numbered here, so this is a fault of ours, not of a line.
                raise UserError(self.env._("A line could not be stored: %s", verdict["reason"]))
            if sighting.kind == "punch":
                fresh = verdict["verdict"] != "duplicate"
                counts["new" if fresh else "duplicate"] += 1
        return [sighting.seq for sighting in sightings]

    @api.model
    def _seal(self, name, lane, device, lines):
        """Number and chain the lines after the head of the lane."""
        received_at = wire.from_datetime(fields.Datetime.now())
        seq, digest = lane.head_seq, lane.head_hash
        sightings = []
        for line in lines:
            seq += 1
            sighting = wire.Sighting(
                kind="reject" if line.reason else "punch",
                seq=seq,
                serial=device.serial,
                pin=line.pin,
                wall_time=line.wall_time,
                status=line.status,
                verify=line.verify,
                work_code=line.work_code,
                channel="file",
                received_at=received_at,
                clock="ok",
                salt=secrets.token_hex(16),
                reason=line.reason,
                raw=line.raw,
                key=""
                if line.reason
                else chain.punch_key(device.serial, line.pin, line.wall_time, line.status),
            )
            leaf = chain.sighting_leaf(name, sighting)
            digest = chain.chain_hash(digest, leaf)
            sightings.append(sighting._replace(leaf=leaf, hash=digest))
        return sightings

    @api.model
    def _lane_name(self, company):
        """The lane of this person in this company; made at the first file."""
        name = secrets.token_hex(16)
        self.env.cr.execute(
            """INSERT INTO biometric_lane (company_id, carrier_id, lane, started_at, head_seq,
                   head_hash, max_seq, moved_at)
               VALUES (%s, %s, %s, now() AT TIME ZONE 'UTC', 0, %s, 0, now() AT TIME ZONE 'UTC')
               ON CONFLICT (company_id, carrier_id) WHERE agent_id IS NULL DO NOTHING""",
            (company.id, self.env.uid, name, chain.lane_genesis(name)),
        )
        self.env.cr.execute(
            """SELECT lane FROM biometric_lane
                WHERE company_id = %s AND carrier_id = %s AND agent_id IS NULL""",
            (company.id, self.env.uid),
        )
        return self.env.cr.fetchone()[0]

    @api.model
    def _carried_keys(self, device):
        self.env.cr.execute(
            """SELECT p.key FROM biometric_punch p JOIN biometric_sighting s ON s.punch_id = p.id
                WHERE p.device_id = %s AND s.channel = 'file'""",
            (device.id,),
        )
        return {key for (key,) in self.env.cr.fetchall()}

    @api.model
    def _carried_raws(self, device):
        self.env.cr.execute(
            """SELECT raw FROM biometric_sighting
                WHERE device_id = %s AND channel = 'file' AND kind = 'reject'""",
            (device.id,),
        )
        return {raw for (raw,) in self.env.cr.fetchall()}

    # ------------------------------------------------------------------ evidence

    @api.model
    def _note_run(self, device, file_name, lines, counts, started):
        reach = self._reach(device, lines)
        return self.env["biometric.run"].create(
            {
                "company_id": device.company_id.id,
                "device_id": device.id,
                "uuid": str(uuid.uuid4()),
                "channel": "file",
                "asked_by": self.env.user.name[:64],
                "window_from": reach[0].first[1] if reach else False,
                "window_to": reach[-1].last[1] if reach else False,
                "holes": [[one.last[1], two.first[1]] for one, two in pairwise(reach)],
                "read_count": counts["read"],
                "new_count": counts["new"],
                "duplicate_count": counts["duplicate"],
                "rejected_count": counts["rejected"],
                "device_count": -1,
                "started_at": started,
                "ended_at": fields.Datetime.now(),
                "outcome": "complete" if not counts["rejected"] else "incomplete",
                "message": file_name[:100],
                "settled": True,
            }
        )

    @api.model
    def _reach(self, device, lines):
        """What the file reaches over by its own order, written before now: see log_reach."""
        spans = device._spans()
        stamps = [
            (wall.to_instant(line.wall_time, wall.span_zone(spans, line.wall_time)), line.wall_time)
            for line in lines
            if line.wall_time
        ]
        return log_reach(stamps, fields.Datetime.now())

    @api.model
    def _close_gaps(self, run):
        """An export is the whole log in its own order: a silence with records before and after it
        in the file is proven, once no line of the terminal waits for a decision. A file that ends
        within a gap proves nothing about it: nobody knows when it was written."""
        proof = self.env["biometric.completeness"]
        if not run.window_from or not proof._is_readable(run):
            return self.env["biometric.gap"]
        windows = proof._windows(run)
        gaps = proof._silences(run.device_id).filtered(
            lambda gap: (
                gap.window_to
                and any(start <= gap.window_from and gap.window_to <= end for start, end in windows)
            )
        )
        gaps._close_proven(gaps, run)
        proof._update_devices(run.device_id)
        return gaps
