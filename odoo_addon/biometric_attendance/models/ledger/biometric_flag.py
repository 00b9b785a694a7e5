"""Where two channels exist they witness each other: what only one of them knows is flagged.

`unwitnessed`: pushed, but a later whole read of the device's own log does not hold it.
`unpushed`: in the log, never pushed although the device was online when it was recorded.
`order`: pushed with a stamp before that of an earlier one, while somebody set the clock.
`skew`: pushed at once, with a stamp that is off by more than the limit, ahead or behind.
A flag is a fact of one read and stays; it is open until the other channel tells the punch after
all, or a person decides. Fraud or fault: a person finds out. Must not know days.
"""

from datetime import datetime, timedelta
from typing import NamedTuple

from psycopg2.extras import execute_values

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ...engine import wall

KINDS = [
    ("unwitnessed", "Pushed, not in the terminal's log"),
    ("unpushed", "In the terminal's log, never pushed"),
    ("order", "Stamped before an earlier punch"),
    ("skew", "The clock was off"),
]
# A stamp may be this much before the one that came before it: two doors of one terminal.
ORDER_SLACK = "1 minute"
# A punch pushed this shortly before a read may have missed its buffer.
READ_MARGIN = "2 minutes"
# A live terminal has this long to push what it recorded.
PUSH_MARGIN = "10 minutes"
# Live punches of one wrong clock are off alike, within so many seconds.
ALIKE = 60
# Two of them, received this far apart, are no backlog that came at once.
APART = timedelta(seconds=20)
# Live punches are weighed this far back.
LIVE_WATCH = timedelta(days=1)
# Sightings of a read carry times of the read itself; clocks of one agent, so little slack.
SLACK = "5 minutes"

# A flag g that nobody has answered: no sighting on the channel that missed it. A broken order
# stays.
OPEN = """NOT EXISTS (SELECT 1 FROM biometric_sighting w WHERE w.punch_id = g.punch_id
    AND CASE g.kind WHEN 'unwitnessed' THEN w.channel IN ('poll', 'file')
                    WHEN 'unpushed' THEN w.channel = 'push' ELSE FALSE END)"""

_UNWITNESSED = """
INSERT INTO biometric_flag (company_id, device_id, punch_id, run_id, kind, found_at)
SELECT DISTINCT p.company_id, p.device_id, p.id, r.id, 'unwitnessed', now() AT TIME ZONE 'UTC'
  FROM biometric_run r
  JOIN LATERAL (
       SELECT b.started_at FROM biometric_run b
        WHERE b.device_id = r.device_id AND b.id <> r.id AND b.started_at < r.started_at
          AND b.channel = 'poll' AND b.read_count = b.device_count
          AND b.outcome IN ('complete', 'cleared')
        ORDER BY b.started_at DESC LIMIT 1) before ON TRUE
  JOIN biometric_sighting s ON s.received_at >= before.started_at - %(slack)s::interval
   AND s.received_at < r.started_at - %(margin)s::interval
   AND s.channel = 'push' AND s.kind = 'punch' AND s.device_id = r.device_id
  JOIN biometric_punch p ON p.id = s.punch_id
 WHERE r.id = %(run)s
   AND NOT EXISTS (SELECT 1 FROM biometric_sighting o
                    WHERE o.punch_id = p.id AND o.channel <> 'push')
ON CONFLICT DO NOTHING RETURNING punch_id"""

_UNPUSHED = """
INSERT INTO biometric_flag (company_id, device_id, punch_id, run_id, kind, found_at)
SELECT DISTINCT p.company_id, p.device_id, p.id, r.id, 'unpushed', now() AT TIME ZONE 'UTC'
  FROM biometric_run r
  JOIN biometric_device d ON d.id = r.device_id AND d.channel_push
  JOIN biometric_sighting s ON s.device_id = r.device_id AND s.channel = 'poll'
   AND s.kind = 'punch' AND s.received_at >= r.started_at - %(slack)s::interval
   AND s.received_at <= r.ended_at + %(slack)s::interval
  JOIN biometric_punch p ON p.id = s.punch_id
  CROSS JOIN LATERAL (
       SELECT p.wall_time::timestamp AT TIME ZONE COALESCE(
              (SELECT z.tz FROM biometric_device_zone z
                WHERE z.device_id = p.device_id AND z.valid_from <= p.wall_time
                ORDER BY z.valid_from DESC LIMIT 1), 'UTC') AT TIME ZONE 'UTC' AS at) punched
 WHERE r.id = %(run)s
   AND punched.at <= r.started_at - %(margin)s::interval
   AND NOT EXISTS (SELECT 1 FROM biometric_sighting o
                    WHERE o.punch_id = p.id AND o.channel = 'push')
   AND EXISTS (SELECT 1 FROM biometric_run v
                WHERE v.device_id = r.device_id AND v.channel = 'push' AND v.asked_by = 'device'
                  AND punched.at >= v.started_at
                  AND punched.at <= CASE v.outcome WHEN 'open'
                          THEN GREATEST(v.ended_at, d.last_heard_at) ELSE v.ended_at END
                      - %(margin)s::interval)
ON CONFLICT DO NOTHING RETURNING punch_id"""


# In the order the agent took them; a punch that is known already is no new one. A stamp that was
# ahead of a trusted receipt is odd itself and accuses none that come after it; where no clock can
# be trusted, each is only held against the one right before it.
_ORDER = """
INSERT INTO biometric_flag (company_id, device_id, punch_id, kind, found_at, detail)
SELECT company_id, device_id, punch_id, 'order', now() AT TIME ZONE 'UTC', %(detail)s || latest
  FROM (SELECT m.*, GREATEST(
                   max(m.wall_time) FILTER (WHERE m.ahead IS FALSE) OVER (ORDER BY m.lane_id, m.seq
                       ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING),
                   lag(CASE WHEN m.ahead IS NULL THEN m.wall_time END)
                       OVER (ORDER BY m.lane_id, m.seq)) AS latest
          FROM (SELECT s.company_id, s.device_id, s.punch_id, s.received_at, s.lane_id, s.seq,
                       p.wall_time,
                       CASE WHEN s.clock = 'ok' THEN
                            p.wall_time::timestamp AT TIME ZONE COALESCE(
                                (SELECT z.tz FROM biometric_device_zone z
                                  WHERE z.device_id = p.device_id AND z.valid_from <= p.wall_time
                                  ORDER BY z.valid_from DESC LIMIT 1), 'UTC') AT TIME ZONE 'UTC'
                            > s.received_at + %(slack)s::interval END AS ahead
                  FROM biometric_sighting s JOIN biometric_punch p ON p.id = s.punch_id
                 WHERE s.device_id = %(device)s AND s.channel = 'push' AND s.kind = 'punch'
                   AND s.received_at >= %(since)s::timestamp - interval '1 day') m) o
 WHERE o.received_at >= %(since)s
   AND o.wall_time::timestamp < o.latest::timestamp - %(slack)s::interval
ON CONFLICT DO NOTHING RETURNING punch_id"""


class Live(NamedTuple):
    """A pushed punch beside the agent's trusted clock: instants in naive UTC, offset in seconds."""

    punch_id: int
    received_at: datetime
    stamped_at: datetime
    offset: int


class BiometricFlag(models.Model):
    _name = "biometric.flag"
    _description = "Flags of punches"
    _inherit = ["biometric.append.only"]
    _log_access = False
    _order = "id desc"
    _rec_name = "kind"

    company_id = fields.Many2one("res.company", required=True, index=True, ondelete="restrict")
    device_id = fields.Many2one("biometric.device", "Terminal", required=True, ondelete="restrict")
    punch_id = fields.Many2one("biometric.punch", required=True, ondelete="restrict")
    run_id = fields.Many2one("biometric.run", "Found by", ondelete="restrict")
    kind = fields.Selection(KINDS, required=True)
    found_at = fields.Datetime("Found", required=True)
    detail = fields.Char(readonly=True)
    offset_seconds = fields.Integer(
        "Clock ahead (s)", readonly=True, help="For a clock that was off; negative: it was slow"
    )

    _one_flag = models.UniqueIndex("(punch_id, kind)")

    def _check_one_clock(self):
        """Raise where these were stamped by several clocks: with the offset of another terminal,
        or of another day of one, a punch would be paid at a wrong time."""
        offsets = self.mapped("offset_seconds")
        if len(self.device_id) > 1 or (offsets and max(offsets) - min(offsets) > ALIKE):
            raise UserError(
                self.env._(
                    "These punches were stamped by clocks with different errors. Choose "
                    "one of them; all punches of its terminal with the same error are "
                    "included."
                )
            )

    @api.model
    def _weigh(self, run):
        """Flag what one whole read found; run it when every sighting of it has arrived."""
        self.env.flush_all()
        cr = self.env.cr
        cr.execute(_UNWITNESSED, {"run": run.id, "slack": SLACK, "margin": READ_MARGIN})
        doubted = [row[0] for row in cr.fetchall()]
        cr.execute(_UNPUSHED, {"run": run.id, "slack": SLACK, "margin": PUSH_MARGIN})
        self.invalidate_model()
        self._days_change(doubted)

    @api.model
    def _weigh_order(self, device, since):
        """Flag what was pushed since then with a stamp before an earlier one; beside it what the
        terminal's own log says of its clock."""
        facts = device.facts or {}
        detail = self.env._(
            "clock set (times: %(times)s) according to the terminal's log, last to "
            "%(last)s; stamped before ",
            times=facts.get("clock_changes", 0),
            last=facts.get("clock_changed_at_wall", "?"),
        )
        self.env.flush_all()
        self.env.cr.execute(
            _ORDER,
            {"device": device.id, "since": since, "slack": ORDER_SLACK, "detail": detail},
        )
        self.invalidate_model()

    @api.model
    def _weigh_clock(self, device, told, since):
        """Flag what was pushed at once with the offset that the agent measured.

        told: seconds the clock is ahead, measured on a punch that came while nothing was left to
        upload; since: when the push session began (naive UTC). What was recorded while the line
        was down comes late with a right stamp: a slow clock is believed where the terminal was on
        the line at the time it states, or where two punches tell the same at different times.
        """
        limit = wall.SKEW_LIMIT.total_seconds()
        if not since or abs(told) <= limit:
            return
        since = max(since, fields.Datetime.now() - LIVE_WATCH)
        live = self._live_offsets(device, since)
        measured = [row for row in live if abs(row.offset - told) <= ALIKE]
        found = [
            row
            for row in measured
            if row.offset > limit
            or row.stamped_at >= since
            or any(abs(row.received_at - other.received_at) >= APART for other in measured)
        ]
        if not found:
            return
        execute_values(
            self.env.cr._obj,
            """INSERT INTO biometric_flag (company_id, device_id, punch_id, kind, found_at,
                   offset_seconds, detail)
               VALUES %s ON CONFLICT DO NOTHING""",
            [
                (
                    device.company_id.id,
                    device.id,
                    row.punch_id,
                    "skew",
                    row.received_at,
                    row.offset,
                    device._clock_words(row.offset),
                )
                for row in found
            ],
        )
        self.invalidate_model()
        self._days_change([row.punch_id for row in found])

    @api.model
    def _live_offsets(self, device, since):
        """[Live] of what was pushed since then and that no person decided about."""
        self.env.flush_all()
        self.env.cr.execute(
            """SELECT s.punch_id, s.received_at, p.wall_time
                 FROM biometric_sighting s JOIN biometric_punch p ON p.id = s.punch_id
                WHERE s.device_id = %s AND s.channel = 'push' AND s.kind = 'punch'
                  AND s.clock = 'ok' AND s.received_at >= %s
                  AND NOT EXISTS (SELECT 1 FROM biometric_flag g
                                   WHERE g.punch_id = p.id AND g.kind = 'skew')""",
            (device.id, since),
        )
        rows = self.env.cr.fetchall()
        spans, found = device._spans(), []
        for punch_id, received_at, shown in rows:
            stamped_at = wall.to_instant(shown, wall.span_zone(spans, shown))
            offset = round((stamped_at - received_at).total_seconds())
            found.append(Live(punch_id, received_at, stamped_at, offset))
        return found

    @api.model
    def _answered(self, punch_ids):
        """Sightings came for punches known before: the days of flagged ones change."""
        if not punch_ids:
            return
        self.env.cr.execute(
            "SELECT punch_id FROM biometric_flag WHERE kind = 'unwitnessed' AND punch_id = ANY(%s)",
            (punch_ids,),
        )
        self._days_change([row[0] for row in self.env.cr.fetchall()])

    @api.model
    def _days_change(self, punch_ids):
        if punch_ids:
            self.env["biometric.stale.day"].sudo()._mark_punches(punch_ids=punch_ids)


FLAGS = SQL(
    f"""SELECT g.punch_id, g.kind FROM biometric_flag g WHERE {OPEN}
           AND NOT EXISTS (SELECT 1 FROM biometric_decision c WHERE c.punch_id = g.punch_id)
        UNION ALL
        SELECT s.punch_id, 'carried' FROM biometric_sighting s
         WHERE s.channel = 'file' AND s.punch_id IS NOT NULL
           AND NOT EXISTS (SELECT 1 FROM biometric_sighting o
                            WHERE o.punch_id = s.punch_id AND o.channel <> 'file')"""
)
