"""Pay periods: which dates are paid together, for whom, and whether they are still open.

Owns the groups of people who are paid in one rhythm, and their periods, laid out ahead. Dates of a
period that holds a payroll file, or that is locked, are never changed. What a file holds is the
payroll room's.
"""

from datetime import date, timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import format_date

from .biometric_period_reminder import PeriodReminder

# Periods are laid out so far ahead.
AHEAD_DAYS = 62
# How many of a rhythm are made at most in one go: four years of weeks.
MOST = 210
RHYTHMS = [
    ("weekly", "Every week"),
    ("biweekly", "Every two weeks"),
    ("semimonthly", "Twice a month (1st and 16th)"),
    ("monthly", "Every month"),
]


class BiometricPeriodGroup(models.Model):
    _name = "biometric.period.group"
    _description = "Pay groups"
    _inherit = ["biometric.audited"]
    _order = "company_id, name"
    _audit_word = "group"
    _audit_pay_fields = ()

    name = fields.Char(required=True)
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    rhythm = fields.Selection(RHYTHMS, "Paid", required=True, default="monthly")
    anchor = fields.Date(
        "First period starts",
        required=True,
        default=lambda self: self.env.company._biometric_today().replace(day=1),
        help="Weeks are counted from this date; months start on its day of the month.",
    )
    department_ids = fields.Many2many(
        "hr.department",
        string="Departments",
        context={"active_test": False},
        help="Including departments below. Empty: everybody who is in no other group.",
    )
    active = fields.Boolean(default=True)
    period_ids = fields.One2many("biometric.period", "group_id")

    @api.constrains("rhythm", "anchor")
    def _check_anchor(self):
        for group in self:
            if group.rhythm == "semimonthly" and group.anchor.day not in (1, 16):
                raise ValidationError(
                    self.env._("Half months start on the 1st or the 16th of a month.")
                )
            if group.rhythm == "monthly" and group.anchor.day > 28:
                raise ValidationError(
                    self.env._(
                        "The month must start on a day that every month has, up to the 28th."
                    )
                )

    @api.constrains("company_id", "department_ids", "active")
    def _check_rest(self):
        """One group of a company takes whoever is in no other."""
        for group in self.filtered(lambda one: one.active and not one.department_ids):
            others = self.search_count(
                [
                    ("company_id", "=", group.company_id.id),
                    ("department_ids", "=", False),
                    ("id", "!=", group.id),
                ],
                limit=1,
            )
            if others:
                raise ValidationError(
                    self.env._(
                        "%s already has a group for all other employees: name departments.",
                        group.company_id.name,
                    )
                )

    def write(self, vals):
        """What was laid out and is not begun is laid out anew; the rest stays as it is."""
        again = {"rhythm", "anchor"} & set(vals)
        result = super().write(vals)
        if again:
            for group in self:
                today = group.company_id._biometric_today()
                group.period_ids.sudo().filtered(
                    lambda period, day=today: (
                        period.date_from > day and period.state == "open" and not period.has_file
                    )
                ).unlink()
                group._lay_out()
        return result

    @api.model_create_multi
    def create(self, vals_list):
        groups = super().create(vals_list)
        groups._lay_out()
        return groups

    def _start_after(self, day):
        """The first date of this group's rhythm after a date."""
        anchor = self.anchor
        if self.rhythm in ("weekly", "biweekly"):
            step = 7 if self.rhythm == "weekly" else 14
            return anchor + timedelta(days=((day - anchor).days // step + 1) * step)
        starts = (1, 16) if self.rhythm == "semimonthly" else (anchor.day,)
        following = fields.Date.add(day.replace(day=1), months=1)
        found = [date(one.year, one.month, start) for one in (day, following) for start in starts]
        return min(start for start in found if start > day)

    def _lay_out(self):
        """Make the periods that are missing, from the last one or the anchor until some weeks
        ahead. Returns how many."""
        periods, made = self.env["biometric.period"].sudo(), 0
        for group in self.sudo().filtered("active"):
            last = periods.search([("group_id", "=", group.id)], order="date_to desc", limit=1)
            first = last.date_to + timedelta(days=1) if last else group.anchor
            until = group.company_id._biometric_today() + timedelta(days=AHEAD_DAYS)
            rows = []
            while first <= until and len(rows) < MOST:
                following = group._start_after(first)
                rows.append(
                    {
                        "group_id": group.id,
                        "company_id": group.company_id.id,
                        "date_from": first,
                        "date_to": following - timedelta(days=1),
                    }
                )
                first = following
            periods.create(rows)
            made += len(rows)
        return made

    @api.model
    def _of(self, employee):
        """The group of a person (sudo): by the nearest department, else that of everybody else."""
        groups = self._in_use(employee.company_id)
        return (
            groups._nearest(employee.department_id)
            or groups.filtered(lambda one: not one.department_ids)[:1]
        )

    @api.model
    def _in_use(self, company):
        """Groups of a company, whoever asks with archived records in view: those pay nobody."""
        return self.with_context(active_test=True).search([("company_id", "=", company.id)])

    def _nearest(self, department):
        """Which of these groups a department belongs to: its own, else that of the next above."""
        seen = set()
        while department and department.id not in seen:
            found = self.filtered(lambda one, own=department: own in one.department_ids)
            if found:
                return found[0]
            seen.add(department.id)
            department = department.parent_id
        return self.browse()

    def _departments(self):
        """Departments whose people this group pays (sudo): its own and those below, without what
        another group names further down: that group pays them."""
        self.ensure_one()
        groups = self._in_use(self.company_id) | self
        below = self.env["hr.department"].with_context(active_test=False)
        own = below.search([("id", "child_of", self.department_ids.ids)])
        return own.filtered(lambda one: groups._nearest(one) == self)


class BiometricPeriod(PeriodReminder, models.Model):
    _name = "biometric.period"
    _description = "Pay periods"
    _inherit = ["biometric.audited"]
    _order = "date_from desc, group_id"
    _audit_word = "period"
    _audit_pay_fields = ()
    # Dates of these take no change any more: it is posted today, or told in a later file.
    _closed_states = ("locked", "exported")

    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    group_id = fields.Many2one(
        "biometric.period.group", required=True, readonly=True, ondelete="restrict", index=True
    )
    date_from = fields.Date("From", required=True)
    date_to = fields.Date("To", required=True)
    state = fields.Selection(
        [("open", "Open"), ("ready", "Ready"), ("locked", "Locked"), ("exported", "Exported")],
        required=True,
        readonly=True,
        default="open",
        help="Ready: it has ended and nothing blocks its payroll file.",
    )
    # Which reminder was sent last.
    reminded = fields.Selection([("closing", "Closing"), ("ended", "Ended")], readonly=True)
    has_file = fields.Boolean("Has a payroll file", compute="_compute_has_file")
    day_count = fields.Integer("Days", compute="_compute_counts")
    blocked_count = fields.Integer("Must be fixed", compute="_compute_counts")
    open_count = fields.Integer("Open requests", compute="_compute_counts")

    _one_start = models.UniqueIndex(
        "(group_id, date_from)", "This group already has a period from that date."
    )
    _in_order = models.Constraint(
        "CHECK (date_to >= date_from)", "The period ends before it starts."
    )

    @api.depends("group_id", "date_from", "date_to")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for one in self:
            first, last = (format_date(self.env, day) for day in (one.date_from, one.date_to))
            one.display_name = f"{one.group_id.name or ''} {first} – {last}"

    @api.depends("company_id", "date_from", "date_to")
    def _compute_has_file(self):
        held = self._with_file()
        for one in self:
            one.has_file = one in held

    def _with_file(self):
        """Those of the periods that a produced payroll file reaches into; the payroll room says."""
        return self.browse()

    def _compute_counts(self):
        days, asked = self.env["biometric.day"], self.env["biometric.adjustment"]
        for one in self:
            people = one._people()
            within = [
                ("employee_id", "in", people.ids),
                ("date", ">=", one.date_from),
                ("date", "<=", one.date_to),
            ]
            one.day_count = days.search_count(within)
            one.blocked_count = days.search_count([*within, ("is_blocking", "=", True)])
            one.open_count = asked.search_count([*within, ("state", "=", "submitted")])

    def _people(self):
        """Employees of the group now (sudo)."""
        self.ensure_one()
        group, people = self.group_id.sudo(), self.env["hr.employee"].sudo()
        company = [("company_id", "=", self.company_id.id)]
        if group.department_ids:
            return people.search([*company, ("department_id", "in", group._departments().ids)])
        others = group._in_use(self.company_id).department_ids
        return people.search(
            [
                *company,
                "|",
                ("department_id", "=", False),
                "!",
                ("department_id", "child_of", others.ids),
            ]
            if others
            else company
        )

    @api.constrains("date_from", "date_to", "group_id")
    def _check_overlap(self):
        for one in self:
            other = self.search(
                [
                    ("group_id", "=", one.group_id.id),
                    ("id", "!=", one.id),
                    ("date_from", "<=", one.date_to),
                    ("date_to", ">=", one.date_from),
                ],
                limit=1,
            )
            if other:
                raise ValidationError(
                    self.env._("These dates are in another period: %s.", other.display_name)
                )

    def write(self, vals):
        if {"date_from", "date_to"} & set(vals):
            self._refuse_kept()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_kept(self):
        self._refuse_kept()

    def _refuse_kept(self):
        for one in self:
            if one.state in self._closed_states or one.has_file:
                raise UserError(
                    self.env._(
                        "%s is locked or has a payroll file: its dates cannot be changed.",
                        one.display_name,
                    )
                )

    def action_lock(self):
        """Close the period: what is approved for its days later comes as a difference in a later
        file."""
        self._check_payroll()
        for one in self.filtered(lambda one: one.state in ("open", "ready")):
            if one.date_to >= one.company_id._biometric_today():
                raise UserError(self.env._("%s has not ended yet.", one.display_name))
            one.sudo().write({"state": "locked"})
        return True

    def action_unlock(self):
        """Open it again; a period that holds a file stays locked."""
        self._check_payroll()
        for one in self.filtered(lambda one: one.state == "locked"):
            if one.has_file:
                raise UserError(
                    self.env._("%s has a payroll file and stays locked.", one.display_name)
                )
            one.sudo().write({"state": "open"})
        return True

    def _check_payroll(self):
        self.check_access("read")
        if not self.env.user.has_group("biometric_attendance.group_payroll_officer"):
            raise AccessError(self.env._("Only payroll officers can lock periods."))

    @api.model
    def _of_day(self, employee, day):
        """The period of a person's date (sudo); empty where none is laid out."""
        group = self.env["biometric.period.group"]._of(employee)
        return self.search(
            [("group_id", "=", group.id), ("date_from", "<=", day), ("date_to", ">=", day)],
            limit=1,
        )

    @api.model
    def _is_locked(self, employee, day):
        """Whether a person's date lies in a locked period."""
        return self.sudo()._of_day(employee.sudo(), day).state in self._closed_states

    @api.model
    def _cron_lay_out(self):
        """Every night: periods ahead, for every group."""
        groups = self.env["biometric.period.group"].sudo().search([])
        aside = self.env["biometric.job"]._aside("period", groups._name)
        aside.round(groups, lambda one: one._lay_out())
