"""Joiners, movers, leavers: who should be on which terminal and is not, and the other way. A view.

From employment dates and work locations; a terminal without a work location asks for nobody.
Holds no date of a contract: those are for people with more rights than the readers of this list.
"""

from odoo import fields, models
from odoo.tools import SQL

from ...seams.sql_people import EMPLOYEES, VERSIONS
from .biometric_registry import IS_DISABLED, TODAY

# Days before the first day of work that a joiner is listed.
AHEAD_DAYS = 7

_VIEW = f"""
CREATE OR REPLACE VIEW biometric_registry_work AS
WITH person AS (
    SELECT e.id, e.company_id, e.active, v.work_location_id, v.contract_date_start AS first_day,
           v.departure_date, LEAST(v.contract_date_end, v.departure_date) AS last_day
      FROM {EMPLOYEES} e JOIN {VERSIONS} v ON v.id = e.version_id
), terminal AS (
    SELECT u.id, u.company_id, u.work_location_id, u.state = 'active' AND u.active AS serves,
           {TODAY} AS today
      FROM (SELECT d.*, d.id AS device_id FROM biometric_device d) u
), meets AS (
    SELECT p.id AS employee_id, t.id AS device_id, t.company_id, t.serves, t.today,
           t.work_location_id AS terminal_location, p.work_location_id AS person_location,
           (p.active OR p.departure_date >= t.today)
           AND COALESCE(p.first_day, t.today) <= t.today + {AHEAD_DAYS}
           AND COALESCE(p.last_day, t.today) >= t.today AS works
      FROM person p JOIN terminal t ON t.company_id = p.company_id
), mapped AS (
    SELECT u.*, COALESCE(u.valid_to, t.today) >= t.today AS counts
      FROM biometric_device_user u JOIN terminal t ON t.id = u.device_id
     WHERE u.employee_id IS NOT NULL
)
SELECT row_number() OVER (ORDER BY w.kind, w.device_id, w.employee_id, w.user_id) AS id, w.*
  FROM (
    SELECT 'join' AS kind, m.company_id, m.device_id, m.employee_id,
           NULL::integer AS user_id, NULL AS pin
      FROM meets m
     WHERE m.works AND m.serves AND m.terminal_location = m.person_location
       AND NOT EXISTS (SELECT 1 FROM mapped o WHERE o.counts
           AND o.device_id = m.device_id AND o.employee_id = m.employee_id)
    UNION ALL
    SELECT CASE WHEN p.works THEN 'move' ELSE 'leave' END, m.company_id, m.device_id,
           m.employee_id, m.id, m.pin
      FROM mapped m JOIN meets p ON p.employee_id = m.employee_id AND p.device_id = m.device_id
     WHERE m.counts AND (NOT p.works OR p.terminal_location <> p.person_location)
    UNION ALL
    SELECT 'leave', m.company_id, m.device_id, m.employee_id, m.id, m.pin
      FROM mapped m JOIN person p ON p.id = m.employee_id AND p.company_id <> m.company_id
     WHERE m.valid_to IS NULL
    UNION ALL
    SELECT 'feature', u.company_id, u.device_id, u.employee_id, u.id, u.pin
      FROM mapped u JOIN terminal t ON t.id = u.device_id AND t.serves
     WHERE u.sync_state = 'on_device'
       AND COALESCE(u.fingers, 0) + COALESCE(u.faces, 0) + COALESCE(u.palms, 0) > 0
       AND (SELECT c.verdict FROM biometric_consent c WHERE c.employee_id = u.employee_id
             ORDER BY c.id DESC LIMIT 1) IN ('withdrawn', 'no_biometrics')
    UNION ALL
    SELECT CASE u.sync_state WHEN 'on_device' THEN 'remove' ELSE 'unread' END, u.company_id,
           u.device_id, u.employee_id, u.id, u.pin
      FROM mapped u JOIN terminal t ON t.id = u.device_id AND t.serves
     WHERE NOT u.counts AND u.sync_state <> 'gone' AND NOT ({IS_DISABLED})
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
            ("join", "To add: not on the terminal yet"),
            ("move", "Moved: works elsewhere"),
            ("leave", "Left: PIN still counts"),
            ("remove", "Left: still on the terminal"),
            ("feature", "No consent: finger, face or palm still on the terminal"),
            ("unread", "Left: still on the terminal? Its list was not read"),
        ],
        readonly=True,
    )
    device_id = fields.Many2one("biometric.device", "Terminal", readonly=True)
    employee_id = fields.Many2one("hr.employee", readonly=True)
    user_id = fields.Many2one("biometric.device.user", "Terminal user", readonly=True)
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
            with row.user_id._because(kinds[row.kind]):
                row.user_id.valid_to = row._last_day()
        joins = self.filtered(lambda row: row.kind == "join")
        features = self.filtered(lambda row: row.kind == "feature")
        left = (self - joins - features).user_id.filtered(
            lambda user: user.sync_state == "on_device" and not user.is_disabled
        )
        if joins or left:
            return self.env["biometric.user.push"]._open(
                [(row.device_id, row.employee_id) for row in joins], left
            )
        return self._say(self)

    def _say(self, rows):
        """What came of a click that wrote nothing to a terminal, and what is still to do."""
        _ = self.env._
        unread = rows.user_id.filtered(lambda user: user.sync_state == "unknown")
        off = rows.user_id.filtered(lambda user: user.sync_state == "on_device")
        features = rows.filtered(lambda row: row.kind == "feature")
        ended = (rows - features).user_id
        words = [_("The PIN is no longer counted after the last day.")] if ended else []
        if features:
            words.append(
                _(
                    "Remove finger, face or palm of %(who)s at %(where)s: Menu, User "
                    "management, the PIN, Delete fingerprint or face. Then use “Refresh "
                    "users” on the terminal; the row remains until its own list shows "
                    "none.",
                    who=", ".join(sorted(set(features.employee_id.mapped("name")))),
                    where=", ".join(sorted(set(features.device_id.mapped("name")))),
                )
            )
        if unread:
            words.append(
                _(
                    "It is unknown whether %s can still use the terminal: its list of "
                    "users was not read. Use “Refresh users” on the terminal; the row "
                    "remains until then.",
                    ", ".join(unread.employee_id.mapped("name")),
                )
            )
        elif off & ended:
            words.append(_("Switched off on the terminal already."))
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "warning" if unread or features else "success",
                "sticky": bool(unread or features),
                "message": " ".join(words) or _("There was nothing to do."),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def _last_day(self):
        """The last day of work, else yesterday; never before the mapping begins."""
        self.ensure_one()
        version = self.employee_id.sudo().current_version_id
        days = [day for day in (version.contract_date_end, version.departure_date) if day]
        today = self.device_id.sudo()._day_of(fields.Datetime.now())
        yesterday = fields.Date.subtract(today, days=1)
        last = min([*days, yesterday]) if self.kind == "leave" else yesterday
        start = self.user_id.valid_from
        return max(last, start) if start else last
