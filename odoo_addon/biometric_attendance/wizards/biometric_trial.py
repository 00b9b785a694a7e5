"""Rule trial: who would gain and who would lose if a change were saved. Nothing is saved.

Owns the comparison. The change is made for real inside a savepoint, the days are computed by the
engine as the cron would, and the savepoint is rolled back; so what is announced is what comes.
"""

from datetime import timedelta

from odoo import Command, api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..engine import MINUTES, dates_between

OVERTIME = (
    "overtime_minutes",
    "doubletime_minutes",
    "rest_day_overtime_minutes",
    "holiday_overtime_minutes",
)
# Not a field of a day: whether a punched break was too short to be one.
FILLED = "filled_breaks"
HELD = ("overtime_dropped_minutes", "overtime_unapproved_minutes")
# Longer spans are a project of their own, not a question before saving.
LONGEST_DAYS = 62


class BiometricTrial(models.TransientModel):
    _name = "biometric.trial"
    _inherit = ["biometric.dialog", "biometric.employee.choice"]
    _description = "Trial of a change"
    _check_company_auto = True

    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    kind = fields.Selection(
        [
            ("rule", "A rule set"),
            ("schedule", "Another working schedule"),
            ("zone", "Change the time zone of a terminal"),
            ("mapping", "Assign PIN to another employee"),
        ],
        default="rule",
        required=True,
    )
    date_from = fields.Date(
        required=True, default=lambda self: self._last_month()[0], string="From"
    )
    date_to = fields.Date(required=True, default=lambda self: self._last_month()[1], string="To")
    rule_id = fields.Many2one("biometric.rule", check_company=True)
    calendar_id = fields.Many2one("resource.calendar", "Working schedule")
    employee_ids = fields.Many2many(
        "hr.employee", string="Employees", check_company=True, context={"active_test": False}
    )
    device_id = fields.Many2one("biometric.device", "Terminal", check_company=True)
    tz = fields.Selection(lambda self: self._zones(), "Time zone")
    device_user_id = fields.Many2one("biometric.device.user", "PIN", check_company=True)
    employee_id = fields.Many2one("hr.employee", "New owner", check_company=True)
    state = fields.Selection([("ask", "Ask"), ("done", "Answered")], default="ask")
    line_ids = fields.One2many("biometric.trial.line", "trial_id")
    people_count = fields.Integer("Number of people", readonly=True)
    day_count = fields.Integer("Changed days", readonly=True)
    gained_minutes = fields.Integer("Paid more", readonly=True)
    lost_minutes = fields.Integer("Paid less", readonly=True)
    filled_days = fields.Integer(
        "Days with a punched break too short to count",
        readonly=True,
        help="The planned break is fully deducted on these days, as if none had been punched.",
    )
    filled = fields.Json("Dates computed", readonly=True, help="Those days: dates by employee id.")

    def action_open_days(self):
        """The days that would change, as they stand."""
        self.check_access("read")
        return self.line_ids._open_days()

    def action_open_filled(self):
        """The days with a punched break too short to be one, as they stand."""
        self.check_access("read")
        return self.line_ids._open_days_of((self.filled or {}).items())

    @staticmethod
    def _filled(days):
        """`{employee_id: [date]}` as JSON of the days whose break was filled up."""
        found = {}
        for (employee_id, day), values in sorted(days.items()):
            if values[FILLED]:
                found.setdefault(str(employee_id), []).append(f"{day}")
        return found

    @api.model
    def _zones(self):
        zones = self.env["biometric.device.zone"]
        return zones._fields["tz"]._description_selection(self.env)

    @api.model
    def _last_month(self):
        last = self.env.company._biometric_today().replace(day=1) - timedelta(days=1)
        return last.replace(day=1), last

    def action_try(self):
        """Compare, and show the people whose days would change."""
        self.ensure_one()
        self.check_access("write")
        self._check_question()
        before, after = self.sudo()._both()
        found = self._compared(before, after)
        lines = self._lines(found)
        # as the system: who went to another company since is named by the days they have here
        self.sudo().write(
            {
                "state": "done",
                "line_ids": [Command.clear(), *(Command.create(line) for line in lines)],
                "people_count": len(lines),
                "day_count": sum(line["day_count"] for line in lines),
                "gained_minutes": sum(max(0, line["paid_minutes"]) for line in lines),
                "lost_minutes": sum(min(0, line["paid_minutes"]) for line in lines),
                "filled_days": sum(day[FILLED] for day in after.values()),
                "filled": self._filled(after),
            }
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Try a change"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
        }

    def _check_question(self):
        if not 0 <= (self.date_to - self.date_from).days < LONGEST_DAYS:
            raise UserError(self.env._("Choose between one day and two months."))
        needed = {
            "rule": self.rule_id,
            "schedule": self.calendar_id and self.employee_ids,
            "zone": self.device_id and self.tz,
            "mapping": self.device_user_id and self.employee_id,
        }
        if not needed[self.kind]:
            raise UserError(self.env._("Enter what would be changed."))

    def _differences(self):
        """`{(employee_id, date): {field: (before, after)}}` of days that would change."""
        return self._compared(*self._both())

    def _both(self):
        """Days as they are and as they would be: `{(employee_id, date): {field: value}}` twice."""
        people = self._people()
        before = self._days(people)
        with self.env.cr.savepoint() as savepoint:
            with self.env["biometric.audited"]._because("Trial, not saved"):
                self.with_context(tracking_disable=True)._apply()
                self.env.flush_all()
            after = self._days(people)
            savepoint.close(rollback=True)
        self.env.invalidate_all()
        return before, after

    @staticmethod
    def _compared(before, after):
        found = {}
        for key in before.keys() | after.keys():
            old, new = before.get(key, {}), after.get(key, {})
            changed = {
                name: (old.get(name), new.get(name))
                for name in old.keys() | new.keys()
                if old.get(name) != new.get(name) and name != FILLED
            }
            if changed:
                found[key] = changed
        return found

    def _people(self):
        """Everybody whose days the change could touch."""
        employees = self.env["hr.employee"].with_context(active_test=False)
        if self.kind == "schedule":
            return self.employee_ids
        if self.kind == "mapping":
            return self.device_user_id.employee_id | self.employee_id
        if self.kind == "zone":
            users = self.env["biometric.device.user"]
            return users.search([("device_id", "=", self.device_id.id)]).employee_id
        if self.rule_id.employee_ids and not self.rule_id.department_ids:
            return self.rule_id.employee_ids
        # who went to another company since has days here still
        known = self.env["biometric.day"]._read_group(
            [
                ("company_id", "=", self.rule_id.company_id.id),
                ("date", ">=", self.date_from),
                ("date", "<=", self.date_to),
            ],
            aggregates=["employee_id:recordset"],
        )[0][0]
        return known | employees.search(
            [("company_id", "=", self.rule_id.company_id.id), ("biometric_user_ids", "!=", False)]
        )

    def _apply(self):
        """Make the change as if it had been made before the first date."""
        if self.kind == "rule":
            self.rule_id.write({"state": "adopted", "valid_from": self.date_from})
        elif self.kind == "schedule":
            for employee in self.employee_ids:
                employee.create_version(
                    {"date_version": self.date_from, "resource_calendar_id": self.calendar_id.id}
                )
        elif self.kind == "zone":
            self._apply_zone()
        else:
            self.device_user_id.employee_id = self.employee_id

    def _apply_zone(self):
        start = f"{self.date_from - timedelta(days=1)} 00:00:00"
        zones = self.env["biometric.device.zone"]
        span = zones.search([("device_id", "=", self.device_id.id), ("valid_from", "=", start)])
        if span:
            span.tz = self.tz
        else:
            zones.create({"device_id": self.device_id.id, "tz": self.tz, "valid_from": start})

    def _days(self, people):
        """`{(employee_id, date): {field: value}}` as the engine computes them now."""
        if not people:
            return {}
        dates = dates_between(self.date_from, self.date_to)
        book = self.env["biometric.rule"]._book_of(people)
        facts = self.env["biometric.day.facts"]
        computed = facts._computed(people, {person.id: dates for person in people}, book)
        company = self.company_id.id
        return {
            (employee.id, result.day.work_date): {
                "status": result.day.status,
                # a number that is not known yet adds nothing, before and after
                **{
                    name: 0 if name in result.day.unknown else getattr(result.day, name)
                    for name in MINUTES
                },
                FILLED: int(_has_filled_break(result.day)),
            }
            for employee, results in computed
            for result in results
            # what somebody worked for another company is none of this one's
            if result.plan.company_on(result.day.work_date) == company
        }

    @api.model
    def _lines(self, found):
        """One line per person: what changes in sum, and on how many days."""
        lines = {}
        for (employee_id, day), changed in sorted(found.items()):
            line = lines.setdefault(
                employee_id, {"employee_id": employee_id, "day_count": 0, "dates": []}
            )
            line["day_count"] += 1
            line["dates"].append(f"{day}")
            for name, parts in _SUMS.items():
                moved = sum(
                    (after or 0) - (before or 0)
                    for field, (before, after) in changed.items()
                    if field in parts
                )
                line[name] = line.get(name, 0) + moved
        for line in lines.values():
            line["paid_minutes"] = line["worked_minutes"] - line["held_minutes"]
        return list(lines.values())


def _has_filled_break(day):
    """Whether a punched break was too short to be one, so that the planned one counts."""
    return any(
        rule == "break_filled_up"
        for part in day.derivation.get("paid", ())
        for rule, _spans in part.get("deductions", ())
    )


_SUMS = {
    "worked_minutes": ("worked_minutes",),
    "regular_minutes": ("regular_minutes",),
    "overtime_minutes": OVERTIME,
    "held_minutes": HELD,
    "late_minutes": ("penalised_late_minutes",),
    "undertime_minutes": ("undertime_minutes",),
}


class BiometricTrialLine(models.TransientModel):
    _name = "biometric.trial.line"
    _inherit = ["biometric.dialog"]
    _description = "Trial of a change: one person"
    _dialog_results = ("employee_id",)
    _order = "paid_minutes, id"

    trial_id = fields.Many2one("biometric.trial", required=True, ondelete="cascade")
    employee_id = fields.Many2one("hr.employee", readonly=True)
    day_count = fields.Integer("Days", readonly=True)
    dates = fields.Json(readonly=True)
    paid_minutes = fields.Integer("Paid", readonly=True, help="Worked minus what is held.")
    worked_minutes = fields.Integer("Worked", readonly=True)
    regular_minutes = fields.Integer("Regular", readonly=True)
    overtime_minutes = fields.Integer("Overtime", readonly=True)
    held_minutes = fields.Integer("Held back", readonly=True)
    late_minutes = fields.Integer("Late", readonly=True)
    undertime_minutes = fields.Integer("Undertime", readonly=True)

    def action_open_days(self):
        """This person's days that would change, as they stand."""
        self.check_access("read")
        return self._open_days()

    def _open_days(self):
        return self._open_days_of((line.employee_id.id, line.dates) for line in self)

    @api.model
    def _open_days_of(self, dates_of):
        """The list of these people's days: `(employee id, dates)` each."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "biometric_attendance.biometric_day_action"
        )
        domain = Domain.OR(
            Domain("employee_id", "=", int(employee_id)) & Domain("date", "in", dates)
            for employee_id, dates in dates_of
        )
        return dict(action, domain=list(domain), context={})
