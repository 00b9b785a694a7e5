"""Which agents fetch a file now: two of one Odoo at a time, by the order, never beside a backlog.

Owns the seats, who may take one, and the range that is handed out. A seat is a number in a column
with a unique index: two workers that give it away at once cannot both have done so. Must not know
HTTP.
"""

from datetime import timedelta

from psycopg2.errors import UniqueViolation

from odoo import api, fields, models
from odoo.tools import SQL

from ..agent.biometric_agent import SILENT_SECONDS
from .biometric_release import read_pieces

SEATS = (1, 2)
# Who fetches nothing for so long has lost its line: somebody else may go on.
IDLE = timedelta(seconds=120)
# Whose turn it is among so many is decided by who calls first: a fleet calls every 20 seconds, and
# a free seat that waits for one certain agent stands empty for ten of them.
TURNS = 12
RANGE_BYTES = 1024 * 1024

# Who cannot come holds no place: with punches that wait, without a file for its kind of machine, or
# on the way to a release that a newer one has overtaken.
_TURN = """
SELECT u.id
  FROM biometric_update u
  JOIN biometric_release r ON r.id = u.release_id
  JOIN biometric_agent a ON a.id = u.agent_id
 WHERE u.state IN ('waiting', 'fetching') AND COALESCE(u.seat, 0) = 0
   AND r.state = 'offered' AND r.expires_at > %(now)s AND u.company_id = ANY(%(companies)s)
   AND a.state = 'active' AND a.active AND a.updates_itself AND a.last_seen_at > %(heard)s
   AND COALESCE(a.queue_pending, 0) = 0
   AND EXISTS (
       SELECT 1 FROM jsonb_array_elements(r.files) f
        WHERE f->>'architecture' = a.host_arch AND f->>'version' = r.name
          AND COALESCE((f->>'attachment')::integer, 0) > 0)
   AND NOT EXISTS (
       SELECT 1 FROM biometric_release n
        WHERE n.company_id = r.company_id AND n.state IN ('offered', 'halted')
          AND (n.set_version, n.id) > (r.set_version, r.id))
 ORDER BY u.lost_turns, COALESCE(u.is_chosen, FALSE) DESC, u.place, u.id
 LIMIT %(turns)s"""


class BiometricUpdateSeat(models.AbstractModel):
    _name = "biometric.update.seat"
    _description = "Agents downloading a file now"

    @api.model
    def _offer(self, row):
        """{"version"} when it is this agent's turn, else None."""
        if not row or not row._is_on() or row.state not in ("waiting", "fetching"):
            return None
        agent = row.agent_id
        # A program that takes no updates, or tells nothing of them, would keep a seat and not come.
        if not agent.updates_itself or agent.queue_pending:
            return None
        if not row.release_id._file_for(agent.host_arch):
            return None
        return {"version": row.release_id.name} if self._sit(row) else None

    @api.model
    def _sit(self, row):
        """Whether the row holds a seat, or could take one that is free and its to take."""
        now = fields.Datetime.now()
        if row.seat:
            return True
        self._free_idle(now)
        taken = {one for (one,) in self._rows("SELECT seat FROM biometric_update WHERE seat > 0")}
        free = [seat for seat in SEATS if seat not in taken]
        if not free or not self._is_turn(row, now):
            return False
        try:
            with self.env.cr.savepoint():
                row.write({"state": "fetching", "served_at": now})
                row.flush_recordset()
                # In SQL: losing a race is no error that belongs in the server's log.
                self.env.cr.execute(
                    SQL("UPDATE biometric_update SET seat = %s WHERE id = %s", free[0], row.id),
                    log_exceptions=False,
                )
                row.invalidate_recordset(["seat"])
        except UniqueViolation:
            # Somebody was quicker, whose transaction this one cannot see yet.
            row.invalidate_recordset()
            return False
        return True

    def _is_turn(self, row, now):
        """A program that tells nothing of updates is in no order: it comes by itself, now and
        then, and takes what is free."""
        if not row.agent_id.updates_itself:
            return True
        switched_on = self.env["res.company"].search([("biometric_updates", "=", True)])
        return (row.id,) in self._rows(
            _TURN,
            now=now,
            heard=now - timedelta(seconds=SILENT_SECONDS),
            companies=switched_on.ids,
            turns=TURNS,
        )

    @api.model
    def _free_idle(self, now):
        """Rows that somebody else writes just now are at work, not idle."""
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """UPDATE biometric_update SET seat = 0, lost_turns = lost_turns + 1 WHERE id IN (
                       SELECT id FROM biometric_update
                        WHERE seat > 0 AND served_at < %s FOR UPDATE SKIP LOCKED)
                RETURNING id""",
                now - IDLE,
            )
        )
        freed = [one for (one,) in self.env.cr.fetchall()]
        self.env["biometric.update"].browse(freed).invalidate_recordset(["seat", "lost_turns"])

    def _rows(self, query, **values):
        self.env.cr.execute(query, values)
        return self.env.cr.fetchall()

    @api.model
    def _range(self, agent, sha256, start, end):
        """What is served of a file from `start` to `end` (without): {"data", "end", "length"};
        "wait" when others are served first; None where this agent has no such file to fetch."""
        row = self.env["biometric.update"]._of(agent)
        file = row.release_id._file_for(agent.host_arch) if row and row._is_on() else None
        if file is None or file["sha256"] != sha256 or not 0 <= start < file["length"]:
            return None
        # Punches have the line.
        may = row.state in ("waiting", "fetching") and not agent.queue_pending
        if not may or not self._sit(row):
            return "wait"
        end = min(end, file["length"], start + RANGE_BYTES)
        attachment = self.env["ir.attachment"].browse(file["attachment"]).exists()
        if not attachment:
            return None
        data = b"".join(read_pieces(attachment, start, end))
        done = {"state": "fetched", "seat": 0} if end == file["length"] else {}
        row.write({"served_bytes": end, "served_at": fields.Datetime.now(), **done})
        return {"data": data, "end": end, "length": file["length"]}
