"""Per device and day of its own clock: is everything it recorded proven to be in Odoo? A view.

`complete`: the whole day lies behind the proof and no window of it is open; an accepted window
counts, and is named. `partial`: a window of it is open. `unknown`: not proven yet.
"""

from odoo import fields, models
from odoo.tools import SQL

# Days back that are listed.
DAYS = 92

_VIEW = f"""
CREATE OR REPLACE VIEW biometric_coverage AS
WITH device AS (
    SELECT d.id, d.company_id, d.agent_id, d.proven_until, d.state, d.moved_at,
           biometric_zone(COALESCE((SELECT z.tz FROM biometric_device_zone z
                                     WHERE z.device_id = d.id
                                     ORDER BY z.valid_from DESC LIMIT 1), a.tz, 'UTC')) AS tz,
           COALESCE(d.in_service_from, d.first_seen_at, d.create_date) AS since
      FROM biometric_device d LEFT JOIN biometric_agent a ON a.id = d.agent_id
     WHERE d.state IN ('active', 'moved') AND d.active
), spread AS (
    SELECT d.*, day::date AS day,
           day::timestamp AT TIME ZONE d.tz AT TIME ZONE 'UTC' AS begins,
           (day::timestamp + interval '1 day') AT TIME ZONE d.tz AT TIME ZONE 'UTC' AS ends
      FROM device d, generate_series(
           GREATEST((d.since AT TIME ZONE 'UTC' AT TIME ZONE d.tz)::date,
                    (now() AT TIME ZONE d.tz)::date - {DAYS}),
           (CASE d.state WHEN 'moved' THEN d.moved_at AT TIME ZONE 'UTC' ELSE now() END
            AT TIME ZONE d.tz)::date, interval '1 day') day
), judged AS (
    SELECT s.*, gaps.windows, gaps.open_minutes, gaps.accepted
      FROM spread s
      LEFT JOIN LATERAL (
           SELECT string_agg(
                      to_char(GREATEST(g.window_from, s.begins) AT TIME ZONE 'UTC'
                              AT TIME ZONE s.tz, 'HH24:MI') || '–' ||
                      to_char(LEAST(COALESCE(g.window_to, s.ends), s.ends) AT TIME ZONE 'UTC'
                              AT TIME ZONE s.tz, 'HH24:MI')
                      || CASE g.state WHEN 'accepted' THEN ' (accepted)' ELSE '' END,
                      ', ' ORDER BY g.window_from) AS windows,
                  SUM(EXTRACT(epoch FROM LEAST(COALESCE(g.window_to, s.ends), s.ends)
                      - GREATEST(g.window_from, s.begins)) / 60)
                      FILTER (WHERE g.state = 'open') AS open_minutes,
                  COUNT(*) FILTER (WHERE g.state = 'accepted') AS accepted
             FROM biometric_gap g
            WHERE g.state IN ('open', 'accepted')
              AND (g.device_id = s.id OR (g.device_id IS NULL AND g.agent_id = s.agent_id))
              AND g.window_from < s.ends AND COALESCE(g.window_to, s.ends) > s.begins
           ) gaps ON TRUE
)
SELECT j.id * 100000 + (j.day - '2000-01-01'::date) AS id, j.company_id, j.id AS device_id,
       j.agent_id, j.day,
       CASE WHEN j.open_minutes > 0 THEN 'partial'
            WHEN j.proven_until IS NULL OR j.proven_until < LEAST(j.ends, now() AT TIME ZONE 'UTC'
                 - interval '15 minutes') THEN 'unknown'
            ELSE 'complete' END AS state,
       COALESCE(j.windows, '') AS windows,
       CEIL(COALESCE(j.open_minutes, 0))::integer AS open_minutes,
       COALESCE(j.accepted, 0)::integer AS accepted_count,
       (SELECT COUNT(*) FROM biometric_punch p
         WHERE p.device_id = j.id AND p.wall_date = j.day)::integer AS punch_count
  FROM judged j
"""


class BiometricCoverage(models.Model):
    _name = "biometric.coverage"
    _description = "Coverage per device and day"
    _auto = False
    _log_access = False
    _order = "day desc, device_id"
    _rec_name = "day"

    company_id = fields.Many2one("res.company", readonly=True)
    agent_id = fields.Many2one("biometric.agent", readonly=True)
    device_id = fields.Many2one("biometric.device", readonly=True)
    day = fields.Date(readonly=True)
    state = fields.Selection(
        [("complete", "Complete"), ("partial", "Incomplete"), ("unknown", "Not known")],
        readonly=True,
    )
    windows = fields.Char("Windows (device time)", readonly=True)
    open_minutes = fields.Integer("Minutes not proven", readonly=True)
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
