"""How days, punches and roster rows read on screen: clock times, weekdays, words and colours, and
the ways from one screen to the next. Everything is derived from the record; nothing is stored.
"""

from datetime import date, timedelta

from odoo import api, fields, models
from odoo.tools import SQL, format_date, format_time

from .biometric_day_facts import KEY_DIGITS

# Odoo's calendar colours by number: 1 red, 2 orange, 3 yellow, 4 blue, 5 purple, 7 teal, 10 green.
# A day off has none and stays grey.
STATUS_COLORS = {
    "outside_employment": 1,
    "at_work": 7,
    "incomplete": 1,
    "conflict": 1,
    "absent": 2,
    "half_day": 2,
    "pending": 3,
    "on_leave": 4,
    "worked_holiday": 5,
    "worked_rest_day": 7,
    "present": 10,
}


def _asked(values, domain):
    """The domain of a yes-or-no field that was asked for by the values of an `in`."""
    if True in values:
        return [(1, "=", 1)] if False in values else domain
    return ["!", *domain]


class DayOnScreen:
    """Of biometric.day: words, clocks, colours, filters. Mixed into its one class."""

    __slots__ = ()

    @api.depends("date")
    @api.depends_context("lang")
    def _compute_weekday(self):
        for day in self:
            day.weekday = format_date(self.env, day.date, date_format="EEE")

    @api.depends("first_in_at", "last_out_at", "derivation", "date")
    @api.depends_context("lang")
    def _compute_clocks(self):
        for day in self:
            day.in_clock = day._clock(day.first_in_at)
            day.out_clock = day._clock(day.last_out_at)

    def _clock(self, moment):
        """Clock time of an instant in the zone the day was computed in; False for none."""
        if not moment:
            return False
        zone = (self.derivation or {}).get("zone") or "UTC"
        text = format_time(self.env, moment, tz=zone, time_format="short")
        local = fields.Datetime.context_timestamp(self.with_context(tz=zone), moment).date()
        after = (local - self.date).days
        return f"{text} {after:+d}" if after else text

    @api.depends("employee_id", "status", "worked_minutes")
    @api.depends_context("lang")
    def _compute_calendar(self):
        names = dict(self._fields["status"]._description_selection(self.env))
        for day in self:
            worked = f"{day.worked_minutes // 60}:{day.worked_minutes % 60:02d}"
            what = worked if day.worked_minutes else names.get(day.status, "")
            day.calendar_title = f"{day.employee_id.sudo().name} {what}"
            day.calendar_color = STATUS_COLORS.get(day.status, 0)

    @api.depends_context("uid")
    def _compute_filters(self):
        for name in ("in_my_team", "in_my_department", "is_unmapped"):
            found = self.search([(name, "=", True), ("id", "in", self.ids)])
            for day in self:
                day[name] = day in found

    @api.model
    def _search_in_my_team(self, operator, value):
        if operator != "in":
            return NotImplemented
        team = self.env["hr.employee"]._biometric_team(self.env.user)
        return _asked(value, [("employee_id", "in", team.ids)])

    @api.model
    def _search_my_department(self, operator, value):
        if operator != "in":
            return NotImplemented
        departments = self.env.user.sudo().employee_ids.department_id
        return _asked(value, [("department_id", "child_of", departments.ids)])

    @api.model
    def _search_is_unmapped(self, operator, value):
        """Days of people who have no PIN on any device any more: nothing new can come for them."""
        if operator != "in":
            return NotImplemented
        self.env["biometric.device.user"].flush_model()
        mapped = SQL("(SELECT employee_id FROM biometric_device_user WHERE employee_id > 0)")
        return _asked(value, [("employee_id", "not in", mapped)])

    @api.model
    def _period_zones(self, bounds):
        """A day's place is where it was computed for."""
        self.flush_model(["date", "derivation"])
        within = SQL(
            "FROM biometric_day WHERE date >= %s AND date < %s AND %s",
            bounds[0],
            bounds[1] or date.max,
            self._of_companies(SQL.identifier("company_id")),
        )
        self.env.cr.execute(SQL("SELECT DISTINCT derivation->>'zone' %s", within))
        zones = [zone for (zone,) in self.env.cr.fetchall()]
        if len(zones) == 1:
            return {zones[0] or "UTC": []}
        return {
            zone or "UTC": [
                (
                    "id",
                    "in",
                    SQL(
                        "(SELECT id %s AND derivation->>'zone' IS NOT DISTINCT FROM %s)",
                        within,
                        zone,
                    ),
                )
            ]
            for zone in zones
        }

    @api.model
    def _of_companies(self, column):
        """What the record rule of companies says, so that a statement of our own finds days by the
        index on company and date; the system reads all."""
        return SQL("TRUE") if self.env.su else SQL("%s = ANY(%s)", column, self.env.companies.ids)

    def _known_punches(self):
        """Begins of the keys (KEY_DIGITS) of the punches that these days were made of, and of those
        that were left out of them for a reason."""
        told = [day.derivation or {} for day in self]
        used = {
            session[end]
            for derivation in told
            for session in derivation.get("sessions", ())
            for end in ("in_punch", "out_punch")
            if end in session
        }
        return used | {
            entry["punch"] for derivation in told for entry in derivation.get("ignored", ())
        }

    def action_open_punches(self):
        """The punches that the day was made of or that were left out of it."""
        self.ensure_one()
        used = self._known_punches()
        near = self.env["biometric.punch"].search(
            [
                ("employee_id", "=", self.employee_id.id),
                ("wall_date", ">=", self.date - timedelta(days=2)),
                ("wall_date", "<=", self.date + timedelta(days=3)),
            ]
        )
        punches = near.filtered(lambda punch: punch.key[:KEY_DIGITS] in used)
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "biometric_attendance.biometric_punch_action"
        )
        return action | {"domain": [("id", "in", punches.ids)], "context": {}}


class BiometricPunch(models.Model):
    _inherit = "biometric.punch"

    key_pressed = fields.Char(
        "Key pressed",
        compute="_compute_key_pressed",
        help="Status code sent by the terminal. It affects pay only if a rule set says so.",
    )

    @api.depends("status", "device_id.status_preset", "device_id.status_map")
    @api.depends_context("lang")
    def _compute_key_pressed(self):
        for punch in self:
            word = punch.sudo().device_id._status_word(punch.status)
            punch.key_pressed = f"{word} ({punch.status})" if word else punch.status
