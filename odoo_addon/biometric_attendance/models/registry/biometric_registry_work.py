"""Joiners, movers, leavers: who should be on which terminal and is not, and the other way. A view.

From employment dates and work locations; a terminal without a work location asks for nobody.
Holds no date of a contract: those are for people with more rights than the readers of this list.
"""

from odoo import fields, models
from odoo.tools import SQL

from ...seams.sql_people import EMPLOYEES, VERSIONS
from .biometric_registry import IS_DISABLED

# Days before the first day of work that a joiner is listed.
AHEAD_DAYS = 7

_VIEW = f"""
CREATE OR REPLACE VIEW biometric_registry_work AS
WITH person AS (
    SELECT e.id, e.company_id, v.work_location_id,
           LEAST(v.contract_date_end, v.departure_date) AS last_day,
           e.active
           AND COALESCE(v.contract_date_start, now()::date) <= now()::date + {AHEAD_DAYS}
           AND COALESCE(LEAST(v.contract_date_end, v.departure_date), now()::date) >= now()::date
           AS works
      FROM {EMPLOYEES} e JOIN {VERSIONS} v ON v.id = e.version_id
), mapped AS (
    SELECT u.*, COALESCE(u.valid_to, now()::date) >= now()::date AS counts
      FROM biometric_device_user u WHERE u.employee_id IS NOT NULL
)
SELECT row_number() OVER (ORDER BY w.kind, w.device_id, w.employee_id, w.user_id) AS id, w.*
  FROM (
    SELECT 'join' AS kind, d.company_id, d.id AS device_id, p.id AS employee_id,
           NULL::integer AS user_id, NULL AS pin
      FROM person p JOIN biometric_device d ON d.work_location_id = p.work_location_id
       AND d.company_id = p.company_id AND d.state = 'active' AND d.active
     WHERE p.works AND NOT EXISTS (SELECT 1 FROM mapped m WHERE m.counts
           AND m.device_id = d.id AND m.employee_id = p.id)
    UNION ALL
    SELECT CASE WHEN p.works THEN 'move' ELSE 'leave' END, m.company_id, m.device_id, p.id, m.id,
           m.pin
      FROM mapped m JOIN person p ON p.id = m.employee_id
      JOIN biometric_device d ON d.id = m.device_id
     WHERE m.counts AND (NOT p.works OR d.work_location_id <> p.work_location_id)
    UNION ALL
    SELECT 'remove', u.company_id, u.device_id, u.employee_id, u.id, u.pin
      FROM mapped u WHERE NOT u.counts AND u.sync_state = 'on_device' AND NOT ({IS_DISABLED})
       AND NOT EXISTS (SELECT 1 FROM mapped n WHERE n.counts
           AND n.device_id = u.device_id AND n.pin = u.pin)
  ) w
"""


class BiometricRegistryWork(models.Model):
    _name = "biometric.registry.work"
    _description = "Joiners, movers, leavers"
    _auto = False
    _log_access = False
    _order = "kind, device_id, id"
    _rec_name = "kind"

    company_id = fields.Many2one("res.company", readonly=True)
    kind = fields.Selection(
        [
            ("join", "Joins: not on the terminal yet"),
            ("move", "Moved: works elsewhere"),
            ("leave", "Left: PIN still counts"),
            ("remove", "Left: still on the terminal"),
        ],
        readonly=True,
    )
    device_id = fields.Many2one("biometric.device", readonly=True)
    employee_id = fields.Many2one("hr.employee", readonly=True)
    user_id = fields.Many2one("biometric.device.user", "Device user", readonly=True)
    pin = fields.Char("PIN", readonly=True)

    def init(self):
        self.env.cr.execute(SQL("DROP VIEW IF EXISTS biometric_registry_work"))
        self.env.cr.execute(SQL(_VIEW))

    def action_do(self):
        """One click. A PIN of somebody who left or moved stops to count after the last day; then
        everything that would be written to terminals is shown: joiners are created, those who left
        are switched off. Nobody is removed from a terminal, which would destroy the templates."""
        kinds = dict(self._fields["kind"].selection)
        for row in self.filtered(lambda row: row.kind in ("move", "leave")):
            row.user_id.with_context(biometric_reason=kinds[row.kind]).valid_to = row._last_day()
        joins = self.filtered(lambda row: row.kind == "join")
        left = (self - joins).user_id.filtered(
            lambda user: user.sync_state == "on_device" and not user.is_disabled
        )
        if joins or left:
            return self.env["biometric.user.push"]._open(
                [(row.device_id, row.employee_id) for row in joins], left
            )
        return {"type": "ir.actions.client", "tag": "soft_reload"}

    def _last_day(self):
        """The last day of work, else yesterday; never before the mapping begins."""
        self.ensure_one()
        version = self.employee_id.sudo().current_version_id
        days = [day for day in (version.contract_date_end, version.departure_date) if day]
        yesterday = fields.Date.subtract(fields.Date.today(), days=1)
        last = min([*days, yesterday]) if self.kind == "leave" else yesterday
        start = self.user_id.valid_from
        return max(last, start) if start else last
