"""What is stored but does not count before a person acts, and why. A view, nothing is stored.

Reasons: the device waits or was refused, the PIN means nobody, or somebody who is not employed that
day; the clock was impossible, the line could not be read. Discarded and released ones are no
longer work and do not appear.
"""

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ...engine import wall
from ..ledger.biometric_flag import KINDS, OPEN

_VIEW = """
CREATE OR REPLACE VIEW biometric_quarantine AS
WITH undecided AS (
    SELECT p.id, p.company_id, p.device_id, p.pin, p.wall_time, p.wall_date, p.stored_at,
           d.state AS device_state, NULL::varchar AS detail
      FROM biometric_punch p JOIN biometric_device d ON d.id = p.device_id
     WHERE NOT EXISTS (SELECT 1 FROM biometric_decision c WHERE c.punch_id = p.id)
), found AS (
    SELECT u.*, 'device_' || u.device_state AS reason FROM undecided u
     WHERE u.device_state <> 'active'
    UNION ALL
    SELECT u.*, 'unmapped' FROM undecided u
     WHERE u.device_state = 'active' AND NOT EXISTS (
           SELECT 1 FROM biometric_device_user m
            WHERE m.device_id = u.device_id AND m.pin = u.pin AND m.employee_id IS NOT NULL
              AND u.wall_date >= COALESCE(m.valid_from, '0001-01-01'::date)
              AND u.wall_date <= COALESCE(m.valid_to, '9999-12-31'::date))
    UNION ALL
    SELECT u.*, 'outside_employment' FROM undecided u
     WHERE u.device_state = 'active' AND EXISTS (
           SELECT 1 FROM biometric_device_user m
             JOIN biometric_day y ON y.employee_id = m.employee_id AND y.date = u.wall_date
            WHERE m.device_id = u.device_id AND m.pin = u.pin
              AND y.status = 'outside_employment'
              AND u.wall_date >= COALESCE(m.valid_from, '0001-01-01'::date)
              AND u.wall_date <= COALESCE(m.valid_to, '9999-12-31'::date))
    UNION ALL
    SELECT u.*, 'clock' FROM undecided u
     WHERE u.device_state = 'active' AND (
           u.wall_date < '%(first_year)s-01-01'
           OR (u.id IN (SELECT s.punch_id FROM biometric_sighting s WHERE s.skew_seconds > 36000)
               AND u.wall_time::timestamp AT TIME ZONE COALESCE(
                   (SELECT z.tz FROM biometric_device_zone z
                     WHERE z.device_id = u.device_id AND z.valid_from <= u.wall_time
                     ORDER BY z.valid_from DESC LIMIT 1), 'UTC') AT TIME ZONE 'UTC'
                   > COALESCE((SELECT min(s.received_at) FROM biometric_sighting s
                                WHERE s.punch_id = u.id AND s.clock = 'ok'), u.stored_at)
                     + interval '%(limit)s seconds'))
    UNION ALL
    SELECT u.id, u.company_id, u.device_id, u.pin, u.wall_time, u.wall_date, u.stored_at,
           u.device_state, g.detail, g.kind
      FROM undecided u JOIN biometric_flag g ON g.punch_id = u.id
     WHERE u.device_state = 'active' AND %(open)s
)
SELECT f.id::bigint * 16 + array_position(
           ARRAY['device_waiting', 'device_refused', 'unmapped', 'clock', 'unwitnessed',
                 'unpushed', NULL, 'order', 'outside_employment'], f.reason::text) AS id,
       f.company_id, f.device_id, f.id AS punch_id, NULL::integer AS sighting_id,
       f.pin, f.wall_time, f.reason, f.stored_at AS seen_at, NULL::text AS raw, f.detail
  FROM found f
UNION ALL
SELECT s.id::bigint * 16 + 7, s.company_id, s.device_id, NULL, s.id, NULL, NULL, 'reject',
       s.received_at,
       s.raw, s.reason
  FROM biometric_sighting s
 WHERE s.kind = 'reject'
   AND NOT EXISTS (SELECT 1 FROM biometric_decision c WHERE c.sighting_id = s.id)
"""

REASONS = [
    ("device_waiting", "Device waits for approval"),
    ("device_refused", "Device was refused"),
    ("unmapped", "PIN means nobody"),
    ("outside_employment", "Nobody employed under this PIN"),
    ("clock", "Impossible clock"),
    ("reject", "Unreadable line"),
    *KINDS,
]


class BiometricQuarantine(models.Model):
    _name = "biometric.quarantine"
    _description = "Quarantine"
    _auto = False
    _log_access = False
    _order = "seen_at desc, id desc"
    _rec_name = "reason"

    company_id = fields.Many2one("res.company", readonly=True)
    device_id = fields.Many2one("biometric.device", readonly=True)
    punch_id = fields.Many2one("biometric.punch", readonly=True)
    sighting_id = fields.Many2one("biometric.sighting", readonly=True)
    pin = fields.Char("PIN", readonly=True)
    wall_time = fields.Char("Device time", readonly=True)
    reason = fields.Selection(REASONS, readonly=True)
    seen_at = fields.Datetime("Seen", readonly=True)
    raw = fields.Text("As sent", readonly=True)
    detail = fields.Char(readonly=True)

    def init(self):
        self.env.cr.execute(SQL("DROP VIEW IF EXISTS biometric_quarantine"))
        self.env.cr.execute(
            SQL(
                _VIEW
                % {
                    "first_year": wall.FIRST_SANE_YEAR,
                    "limit": int(wall.FUTURE_LIMIT.total_seconds()),
                    "open": OPEN,
                }
            )
        )

    def action_release(self):
        return self._open_dialog("release")

    def action_discard(self):
        return self._open_dialog("discard")

    def _open_dialog(self, verdict):
        """The dialog that asks for the reason; it works for many rows at once."""
        if verdict == "release" and (
            waiting := self.filtered(
                lambda row: (
                    row.reason.startswith("device_")
                    or row.reason in ("unmapped", "outside_employment")
                )
            )
        ):
            raise UserError(
                self.env._(
                    "%s: approve the device or map the PIN; its punches then count by themselves.",
                    dict(REASONS)[waiting[0].reason],
                )
            )
        return {
            "type": "ir.actions.act_window",
            "res_model": "biometric.decide",
            "name": self.env._("Release") if verdict == "release" else self.env._("Discard"),
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_verdict": verdict,
                "default_punch_ids": [(6, 0, self.punch_id.ids)],
                "default_sighting_ids": [(6, 0, self.sighting_id.ids)],
            },
        }
