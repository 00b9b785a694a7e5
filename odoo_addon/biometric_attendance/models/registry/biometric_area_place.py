"""Who of an area is not on which of its terminals, and who is there and no longer belongs. A view.

Somebody is there whom a PIN means now that the terminal has, or of which nobody knows whether it
has it: a list that was not read is no proof of absence. Who never belonged to an area is not its
business. Writes nothing: the one act opens the dialog that shows each difference first.
"""

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ...seams.sql_company import CONSENT
from ...seams.sql_people import EMPLOYEES, VERSIONS
from ..mixins.sql_view import SqlView
from .biometric_registry import IS_DISABLED, TODAY
from .biometric_registry_work import AHEAD_DAYS

_VIEW = f"""
CREATE OR REPLACE VIEW biometric_area_place AS
WITH terminal AS MATERIALIZED (
    SELECT u.id, u.company_id, {TODAY} AS today
      FROM (SELECT d.*, d.id AS device_id FROM biometric_device d
             WHERE d.active AND d.state = 'active') u
), place AS (
    SELECT r.area_id, t.company_id, t.id AS device_id, t.today
      FROM biometric_area a JOIN biometric_area_device r ON r.area_id = a.id
      JOIN terminal t ON t.id = r.device_id AND t.company_id = a.company_id WHERE a.active
), person AS (
    SELECT e.id, e.company_id, e.active, v.contract_date_start AS first_day,
           LEAST(v.contract_date_end, v.departure_date) AS last_day
      FROM {EMPLOYEES} e JOIN {VERSIONS} v ON v.id = e.version_id
), expected AS (
    SELECT p.area_id, p.company_id, p.device_id, p.today, m.employee_id,
           bool_or(w.works AND COALESCE(m.valid_from, p.today) <= p.today) AS belongs,
           bool_or(w.works) AS is_coming
      FROM place p JOIN biometric_area_member m ON m.area_id = p.area_id
      JOIN person e ON e.id = m.employee_id
      CROSS JOIN LATERAL (
          SELECT COALESCE(m.valid_to, p.today) >= p.today
             AND e.active AND e.company_id = p.company_id
             AND COALESCE(e.first_day, p.today) <= p.today + {AHEAD_DAYS}
             AND COALESCE(e.last_day, p.today) >= p.today AS works) w
     GROUP BY 1, 2, 3, 4, 5
), told AS (
    SELECT x.*, bool_or(x.is_coming) OVER (PARTITION BY x.device_id, x.employee_id) AS stays
      FROM expected x
), present AS NOT MATERIALIZED (
    SELECT u.id, u.device_id, u.employee_id, u.pin, u.valid_to, u.sync_state
      FROM biometric_device_user u
     WHERE u.employee_id IS NOT NULL AND u.sync_state <> 'gone' AND NOT ({IS_DISABLED})
)
SELECT row_number() OVER (ORDER BY w.area_id, w.kind, w.device_id, w.employee_id, w.user_id) AS id,
       w.*
  FROM (
    SELECT CASE WHEN c.needs_consent AND COALESCE((
                    SELECT s.verdict FROM biometric_consent s WHERE s.employee_id = x.employee_id
                     ORDER BY s.id DESC LIMIT 1), 'withdrawn') = 'withdrawn'
                THEN 'left_out' ELSE 'missing' END AS kind,
           x.area_id, x.company_id, x.device_id, x.employee_id, NULL::integer AS user_id,
           NULL AS pin
      FROM told x JOIN {CONSENT} c ON c.id = x.company_id
     WHERE x.belongs AND NOT EXISTS (
           SELECT 1 FROM present u WHERE u.device_id = x.device_id
              AND u.employee_id = x.employee_id AND COALESCE(u.valid_to, x.today) >= x.today)
    UNION ALL
    SELECT 'extra', x.area_id, x.company_id, x.device_id, x.employee_id, u.id, u.pin
      FROM told x JOIN present u ON u.device_id = x.device_id
       AND u.employee_id = x.employee_id AND u.sync_state = 'on_device'
     WHERE NOT x.stays AND NOT EXISTS (
           SELECT 1 FROM present n WHERE n.device_id = u.device_id AND n.pin = u.pin
              AND n.employee_id <> u.employee_id AND COALESCE(n.valid_to, x.today) >= x.today)
  ) w
"""


class BiometricAreaPlace(SqlView, models.Model):
    _name = "biometric.area.place"
    _description = "People of areas and terminals"
    _auto = False
    _log_access = False
    _order = "area_id, kind, device_id, id"
    _rec_name = "kind"

    company_id = fields.Many2one("res.company", readonly=True)
    area_id = fields.Many2one("biometric.area", readonly=True)
    kind = fields.Selection(
        [
            ("missing", "Missing on the terminal"),
            ("extra", "No longer belongs here: still on the terminal"),
            ("left_out", "Not written: no consent yet"),
        ],
        readonly=True,
    )
    device_id = fields.Many2one("biometric.device", "Terminal", readonly=True)
    employee_id = fields.Many2one("hr.employee", readonly=True)
    user_id = fields.Many2one("biometric.device.user", "Terminal user", readonly=True)
    pin = fields.Char("PIN", readonly=True)

    def init(self):
        self.env.cr.execute(SQL("DROP VIEW IF EXISTS biometric_area_place"))
        self.env.cr.execute(SQL(_VIEW))

    def action_write(self):
        """Opens the dialog with exactly these: who is missing would be created, who no longer
        belongs switched off. Nothing is written before somebody confirms it there."""
        self.check_access("read")
        missing = self.filtered(lambda row: row.kind == "missing")
        extra = self.filtered(lambda row: row.kind == "extra")
        if not missing and not extra:
            raise UserError(
                self.env._("Everybody who belongs here is on the terminals, and nobody else is.")
            )
        return self.env["biometric.user.push"]._open(
            [(row.device_id, row.employee_id) for row in missing], extra.user_id
        )
