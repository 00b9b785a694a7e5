"""Per device and day of its own clock: is everything it recorded proven to be in Odoo? A view.

`complete`: the whole day lies behind the proof and no window of it is open; an accepted window
counts, and is named. `partial`: a window of it is open. `unknown`: not proven yet.
"""

from odoo import fields, models
from odoo.tools import SQL

from ..mixins.sql_view import SqlView

# Days back that are listed.
DAYS = 92
# A row's number is its terminal's times this, and its date modulo this: more than the dates listed,
# so that no two rows share one, and so few that 16 million terminals stay within 32 bits, which is
# what a client that reads by XML-RPC can be told.
IDS_PER_DEVICE = 128

# Terminals are read once, with their zone and their dates: inlined, both would be worked out again
# for each of their days. Windows are laid out over days from the few gaps there are, not looked for
# from each day.
_VIEW = f"""
CREATE OR REPLACE VIEW biometric_coverage AS
WITH zoned AS MATERIALIZED (
    SELECT d.id, d.company_id, d.agent_id, d.proven_until,
           CASE d.state WHEN 'moved' THEN d.moved_at AT TIME ZONE 'UTC' ELSE now() END AS until,
           biometric_zone(COALESCE(z.tz, a.tz, 'UTC')) AS tz,
           COALESCE(d.in_service_from, d.first_seen_at, d.create_date) AS since
      FROM biometric_device d
      LEFT JOIN (SELECT DISTINCT ON (device_id) device_id, tz FROM biometric_device_zone
                  ORDER BY device_id, valid_from DESC) z ON z.device_id = d.id
      LEFT JOIN biometric_agent a ON a.id = d.agent_id
     WHERE d.state IN ('active', 'moved') AND d.active
), device AS MATERIALIZED (
    SELECT z.id, z.company_id, z.agent_id, z.proven_until, z.tz,
           GREATEST((z.since AT TIME ZONE 'UTC' AT TIME ZONE z.tz)::date,
                    (now() AT TIME ZONE z.tz)::date - {DAYS}) AS first,
           (z.until AT TIME ZONE z.tz)::date AS last
      FROM zoned z
), gap AS (
    SELECT g.device_id, g.state, g.window_from, g.window_to FROM biometric_gap g
     WHERE g.state IN ('open', 'accepted') AND g.device_id IS NOT NULL
    UNION ALL
    SELECT d.id, g.state, g.window_from, g.window_to
      FROM biometric_gap g JOIN device d ON d.agent_id = g.agent_id
     WHERE g.state IN ('open', 'accepted') AND g.device_id IS NULL
), touched AS (
    SELECT g.*, d.tz, d.last - back AS day,
           (d.last - back)::timestamp AT TIME ZONE d.tz AT TIME ZONE 'UTC' AS begins,
           (d.last - back + 1)::timestamp AT TIME ZONE d.tz AT TIME ZONE 'UTC' AS ends
      FROM gap g JOIN device d ON d.id = g.device_id
      JOIN generate_series(0, {DAYS}) back ON d.last - back BETWEEN
           GREATEST(d.first, (g.window_from AT TIME ZONE 'UTC' AT TIME ZONE d.tz)::date)
           AND COALESCE((g.window_to AT TIME ZONE 'UTC' AT TIME ZONE d.tz)::date, d.last)
), windows AS (
    SELECT t.device_id, t.day,
           string_agg(
               to_char(GREATEST(t.window_from, t.begins) AT TIME ZONE 'UTC'
                       AT TIME ZONE t.tz, 'HH24:MI') || '–' ||
               to_char(LEAST(COALESCE(t.window_to, t.ends), t.ends) AT TIME ZONE 'UTC'
                       AT TIME ZONE t.tz, 'HH24:MI')
               || CASE t.state WHEN 'accepted' THEN ' (accepted)' ELSE '' END,
               ', ' ORDER BY t.window_from) AS windows,
           SUM(EXTRACT(epoch FROM LEAST(COALESCE(t.window_to, t.ends), t.ends)
               - GREATEST(t.window_from, t.begins)) / 60)
               FILTER (WHERE t.state = 'open') AS open_minutes,
           COUNT(*) FILTER (WHERE t.state = 'accepted') AS accepted
      FROM touched t
     WHERE t.window_from < t.ends AND COALESCE(t.window_to, t.ends) > t.begins
     GROUP BY t.device_id, t.day
)
SELECT d.id::bigint * {IDS_PER_DEVICE}
           + (d.last - back - '2000-01-01'::date) % {IDS_PER_DEVICE} AS id,
       d.company_id,
       d.id AS device_id, d.agent_id, d.last - back AS day,
       CASE WHEN w.open_minutes > 0 THEN 'partial'
            WHEN d.proven_until IS NULL
              OR (d.proven_until < now() AT TIME ZONE 'UTC' - interval '15 minutes'
                  AND d.proven_until < (d.last - back + 1)::timestamp
                      AT TIME ZONE d.tz AT TIME ZONE 'UTC') THEN 'unknown'
            ELSE 'complete' END AS state,
       COALESCE(w.windows, '') AS windows,
       CEIL(COALESCE(w.open_minutes, 0))::integer AS open_minutes,
       COALESCE(w.accepted, 0)::integer AS accepted_count,
       (SELECT COUNT(*) FROM biometric_punch p
         WHERE p.device_id = d.id AND p.wall_date = d.last - back)::integer AS punch_count
  FROM device d JOIN generate_series(0, {DAYS}) back ON d.last - back >= d.first
  LEFT JOIN windows w ON w.device_id = d.id AND w.day = d.last - back
"""


class BiometricCoverage(SqlView, models.Model):
    _name = "biometric.coverage"
    _description = "Coverage per terminal and day"
    _auto = False
    _log_access = False
    _order = "day desc, device_id"
    _rec_name = "day"

    company_id = fields.Many2one("res.company", readonly=True)
    agent_id = fields.Many2one("biometric.agent", readonly=True)
    device_id = fields.Many2one("biometric.device", "Terminal", readonly=True)
    day = fields.Date(readonly=True)
    state = fields.Selection(
        [("complete", "Complete"), ("partial", "Incomplete"), ("unknown", "Unknown")],
        readonly=True,
    )
    windows = fields.Char("Windows (terminal time)", readonly=True)
    open_minutes = fields.Integer("Minutes not confirmed", readonly=True)
    accepted_count = fields.Integer("Accepted windows", readonly=True)
    punch_count = fields.Integer("Punches", readonly=True)

    def init(self):
        self.env.cr.execute(SQL("DROP VIEW IF EXISTS biometric_coverage"))
        self.env.cr.execute(SQL(_VIEW.replace("%", "%%")))

    def action_pull(self):
        """Read these days again; HR officers."""
        commands = self.env["biometric.command"]
        for row in self:
            commands |= self.env["biometric.pull"]._give_window(
                row.device_id, f"{row.day} 00:00:00", f"{row.day} 23:59:59"
            )
        return self.env["biometric.pull"]._open(self.device_id[:1], commands)
