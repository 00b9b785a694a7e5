"""Who decides about a request: levels as data, by department and kind, with hours and deputies.

Owns which users may decide at which level, when it passes on, and who stands in for whom.
Requester, subject and approver are compared by biometric.duty, never here.
"""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .biometric_adjustment import KIND_LABELS, OURS

# Days that a deadline may lie behind days off in a row; a longer closure ends the search.
MOST_DAYS_OFF = 60


class BiometricApprovalLevel(models.Model):
    _name = "biometric.approval.level"
    _description = "Levels of approval"
    _inherit = ["biometric.audited"]
    _order = "company_id, department_id, kind, level, id"
    _rec_name = "who"
    _audit_word = "level"
    _audit_pay_fields = ()

    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    department_id = fields.Many2one(
        "hr.department",
        help="Including departments below. Empty: departments without levels of their own.",
    )
    kind = fields.Selection(
        [*{**KIND_LABELS, **OURS}.items(), ("swap", "Swap of shifts")],
        "For requests",
        help="Empty: every type.",
    )
    level = fields.Integer(required=True, default=1)
    who = fields.Selection(
        [
            ("approver", "Attendance approver, otherwise line manager"),
            ("manager", "Line manager"),
            ("second", "Line manager of the line manager"),
            ("third", "Third line manager up"),
            ("hr", "HR officers"),
            ("user", "A named user"),
        ],
        required=True,
        default="approver",
    )
    user_id = fields.Many2one("res.users", "Named user")
    hours = fields.Integer(
        "Escalate after (h)",
        help="Working-day hours after which the next level can decide as well. 0: never.",
    )

    @api.constrains("level", "hours", "who", "user_id")
    def _check_level(self):
        for one in self:
            if one.level < 1 or one.hours < 0:
                raise ValidationError(self.env._("Levels start at 1, hours at 0."))
            if (one.who == "user") != bool(one.user_id):
                raise ValidationError(self.env._("Enter the user when a named user decides."))

    @api.model_create_multi
    def create(self, vals_list):
        levels = super().create(vals_list)
        levels._show_again()
        return levels

    def write(self, vals):
        result = super().write(vals)
        self._show_again()
        return result

    def _show_again(self):
        for company in self.company_id:
            self.env["biometric.adjustment"]._refresh_deciders(company)

    # ------------------------------------------------------------------ levels of a request

    @api.model
    def _levels_of(self, adjustment):
        """The levels that a request passes (sudo): those of its department and kind before those
        of either before the company's. Empty: whoever approves the person's attendance."""
        one = adjustment.sudo()
        above = []
        department = one.employee_id.department_id
        while department and department.id not in above:
            above.append(department.id)
            department = department.parent_id
        rows = self.sudo().search(
            [
                ("company_id", "=", one.company_id.id),
                ("kind", "in", (False, one.kind)),
                ("department_id", "in", (False, *above)),
            ],
            order="level, id",
        )

        def rank(row):
            near = -above.index(row.department_id.id) if row.department_id else -len(above) - 1
            return (bool(row.department_id), near, bool(row.kind))

        best = max((rank(row) for row in rows), default=None)
        return rows.filtered(lambda row: rank(row) == best)

    @api.model
    def _officers(self, company):
        return self.env["biometric.duty"].sudo()._others("hr_officer", company, set())

    def _users(self, adjustment):
        """Users who decide at this level (sudo), deputies included; whoever nobody is found for,
        HR officers."""
        one = adjustment.sudo()
        if self.who == "user":
            found = self.user_id
        elif self.who == "hr" or not one.employee_id:
            found = self._officers(one.company_id)
        else:
            found = self._above(one)
        found = found.filtered(
            lambda user: (
                user.active
                and one.company_id in user.company_ids
                and (self.who == "user" or self._may_approve(user))
            )
        )
        found |= self.env["biometric.deputy"].sudo()._standing_in(found, one.company_id)
        return found or self._officers(one.company_id)

    @staticmethod
    def _may_approve(user):
        """A line manager decides about attendance only with a role for it."""
        return any(
            user.has_group(f"biometric_attendance.group_{role}")
            for role in ("approver", "hr_officer")
        )

    def _above(self, one):
        """The login of the person above; whoever asked or is concerned is passed over, upward."""
        employee = one.employee_id
        no = one.requested_by_id | employee.user_id
        first = employee.attendance_manager_id
        asked = self.who in (False, "approver")
        if asked and first and first not in no and self._may_approve(first):
            return first
        steps = {"second": 2, "third": 3}.get(self.who, 1)
        seen, above = set(), employee.parent_id
        while above and above.id not in seen:
            seen.add(above.id)
            user = above.user_id
            if user and user not in no and self._may_approve(user):
                steps -= 1
                if not steps:
                    return user
            above = above.parent_id
        return self.env["res.users"]

    def _due(self, company, start):
        """When it passes on: `hours` of days on which the company works, from `start` (UTC)."""
        if not self.hours:
            return False
        zone = ZoneInfo(company._biometric_zone())
        left, at = timedelta(hours=self.hours), start.replace(tzinfo=UTC).astimezone(zone)
        at = at.replace(tzinfo=None)
        last = at + timedelta(days=MOST_DAYS_OFF) + left
        calendar = company.resource_calendar_id.sudo()
        # from the morning on: what is over by then would make today a day off
        morning = datetime.combine(at.date(), time.min)
        off = calendar._get_unusual_days(morning, last, company) if calendar else {}
        while at < last:
            midnight = datetime.combine(at.date() + timedelta(days=1), time.min)
            works = not off.get(at.date().isoformat())
            if works and at + left <= midnight:
                at, last = at + left, at
            else:
                left -= midnight - at if works else timedelta()
                at = midnight
        return at.replace(tzinfo=zone).astimezone(UTC).replace(tzinfo=None)


class BiometricDeputy(models.Model):
    _name = "biometric.deputy"
    _description = "Deputies"
    _inherit = ["biometric.audited"]
    _order = "date_from desc, id desc"
    _rec_name = "user_id"
    _audit_word = "deputy"
    _audit_pay_fields = ()

    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    user_id = fields.Many2one(
        "res.users", "Person away", required=True, default=lambda self: self.env.user, index=True
    )
    deputy_id = fields.Many2one("res.users", "Substitute", required=True)
    date_from = fields.Date("From", required=True, default=fields.Date.context_today)
    date_to = fields.Date("Until", required=True)

    @api.constrains("date_from", "date_to", "user_id", "deputy_id", "company_id")
    def _check_dates(self):
        for one in self:
            if one.date_to < one.date_from:
                raise ValidationError(self.env._("The time ends before it starts."))
            if one.deputy_id == one.user_id:
                raise ValidationError(self.env._("You cannot be your own deputy."))
            if one.company_id not in one.deputy_id.sudo().company_ids:
                raise ValidationError(
                    self.env._(
                        "%(who)s has no login in %(company)s and could not decide anything there.",
                        who=one.deputy_id.name,
                        company=one.company_id.name,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        rows = super().create(vals_list)
        for company in rows.company_id:
            self.env["biometric.adjustment"]._refresh_deciders(company)
        return rows

    @api.model
    def _standing_in(self, users, company):
        """Users who decide for these today (sudo)."""
        today = company._biometric_today()
        rows = self.search(
            [
                ("company_id", "=", company.id),
                ("user_id", "in", users.ids),
                ("date_from", "<=", today),
                ("date_to", ">=", today),
            ]
        )
        return rows.deputy_id.filtered(lambda user: user.active and company in user.company_ids)
