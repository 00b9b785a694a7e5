"""Rule sets: the attendance parameters of a company, department or person, by validity date.

Owns which rule set is in force for whom on which date, in the written order person, department,
company, built-in defaults. What a parameter means is the engine's business.
"""

import json

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ...engine import REGIMES, WEEKDAYS, RuleError, RuleSet
from .biometric_rule_form import RuleForm, choice, number, optional, typed

DEFAULT_NAME = "Built-in defaults"


class BiometricRule(RuleForm, models.Model):
    _name = "biometric.rule"
    _description = "Attendance Rule Set"
    _order = "company_id, name, valid_from desc"
    # the audit sees who writes what before the choice of employees is written as the system
    _inherit = [
        "mail.thread",
        "biometric.audited",
        "biometric.employee.choice",
        "biometric.day.source",
    ]
    _audit_word = "rule"

    name = fields.Char(required=True, tracking=True)
    active = fields.Boolean(default=True, tracking=True)
    state = fields.Selection(
        [("draft", "Draft"), ("adopted", "In force")],
        default="adopted",
        required=True,
        copy=False,
        tracking=True,
        help="A draft does not apply to anybody yet: try it on a past month, then activate it.",
    )
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    valid_from = fields.Date(
        "Valid from",
        required=True,
        default=lambda self: self.env.company._biometric_today(),
        tracking=True,
        help="First work date computed with this version. Earlier dates keep theirs.",
    )
    department_ids = fields.Many2many(
        "hr.department",
        string="Only for departments",
        # with archived ones: a list that became empty would mean the whole company
        context={"active_test": False},
        help="Leave both lists empty for the whole company.",
    )
    employee_ids = fields.Many2many(
        "hr.employee", string="Only for employees", context={"active_test": False}
    )
    parameters = fields.Json(
        default=dict, help="Only what differs from the defaults, by parameter name."
    )
    parameters_text = fields.Text(
        "Parameters as text",
        compute="_compute_parameters_text",
        readonly=False,
        help="One JSON object; missing keys have their default value.",
    )

    _day_fields = (
        "parameters",
        "state",
        "valid_from",
        "company_id",
        "department_ids",
        "employee_ids",
        "active",
        "name",
    )
    preset = fields.Selection(
        [(name, regime["name"]) for name, regime in REGIMES.items()],
        help="Fills in the parameters of a known regulation. This is not legal advice.",
    )
    to_confirm = fields.Text("A specialist must confirm", compute="_compute_to_confirm")
    warnings = fields.Text(compute="_compute_warnings")
    not_in_effect = fields.Text("Not in effect yet", compute="_compute_not_in_effect")
    p_pairing_method = choice(
        "Pairing of punches",
        [
            ("alternate", "Alternating, whatever key was pressed"),
            ("strict", "By the key pressed"),
            ("first_last", "First and last punch"),
            ("strict_first_last", "First IN and last OUT"),
            ("single", "One punch makes a day"),
        ],
    )
    p_single_counts = choice(
        "One punch counts",
        [("zero", "As present, no minutes"), ("scheduled", "The scheduled minutes")],
    )
    p_punched_break_min_minutes = number(
        "A punched break lasts at least",
        "A shorter one does not count as a break: the full planned break is deducted.",
    )
    p_duplicate_window_seconds = number("Double tap within (s)")
    p_missing_out = choice(
        "Forgotten check-out",
        [("flag", "Day stays incomplete"), ("shift_end", "Assume the end of the shift")],
    )
    p_max_session_minutes = number("Longest session")
    p_late_grace_minutes = number("Grace for arriving late")
    p_early_leave_grace_minutes = number("Grace for leaving early")
    p_round_unit_minutes = number("Round punches to")
    p_round_in = choice("Check-in", [("nearest", "Nearest"), ("up", "Up"), ("down", "Down")])
    p_round_out = choice("Check-out", [("nearest", "Nearest"), ("up", "Up"), ("down", "Down")])
    p_pre_shift_work = choice("Before the shift", [("count", "Counts"), ("ignore", "Ignored")])
    p_post_shift_work = choice("After the shift", [("count", "Counts"), ("ignore", "Ignored")])
    p_short_break_paid_max_minutes = number("Breaks paid up to")
    p_meal_after_minutes = optional(
        "Meal deducted after", "Worked hours, such as 6:00; empty: never"
    )
    p_meal_minutes = number("Meal")
    p_meal_required_after_minutes = optional("Meal required after")
    p_ot_basis = choice(
        "Overtime is", [("quantity", "More than due"), ("outside_shift", "Outside the shift")]
    )
    p_ot_daily_threshold_minutes = optional(
        "Daily overtime after",
        "Hours, such as 8:00, the word schedule for the hours due that day, or empty: never",
    )
    p_dt_daily_threshold_minutes = optional("Daily double time after")
    p_ot_weekly_threshold_minutes = optional("Weekly overtime after")
    p_week_start = choice("Week starts", [(day, day.capitalize()) for day in WEEKDAYS])
    p_ot_min_minutes = number("Overtime from")
    p_ot_round_unit_minutes = number("Overtime in units of")
    p_ot_requires_approval = typed(
        fields.Boolean,
        "Overtime needs approval",
        help="Overtime is held and displayed until someone approves all or part of it.",
    )
    p_off_day_classification = choice(
        "Work on days off", [("separate", "A separate class"), ("none", "Like any work")]
    )
    p_night_window = typed(
        fields.Char, "Night", help="HH:MM-HH:MM of the local clock; empty: none", size=11
    )
    p_min_daily_rest_minutes = optional("Daily minimum rest", "Hours; empty: not monitored")
    p_cto_eligible = typed(fields.Boolean, "Overtime earns time off")
    p_cto_requires_authority_ref = typed(fields.Boolean, "Only with an agreement or order")
    p_cto_cash_convertible = typed(fields.Boolean, "Can be paid out")
    p_flex_account = typed(fields.Boolean, "Flex account: worked minus due hours of each day")

    @api.depends("parameters")
    def _compute_parameters_text(self):
        for rule in self:
            rule.parameters_text = json.dumps(rule.parameters or {}, indent=2, sort_keys=True)

    @api.constrains("parameters")
    def _check_parameters(self):
        for rule in self:
            rule._rule_set()

    def write(self, vals):
        self._check_in_force(vals)
        return super().write(vals)

    def _check_in_force(self, vals):
        """What a rule set in force says stays: days were computed and people paid by it. The system
        itself (an upgrade, a test of a change) is not asked."""
        named = set(vals) & {"parameters", "parameters_text", "preset", "valid_from", "state"}
        named |= {name for name in vals if name.startswith("p_")}
        if self.env.su or not named:
            return
        for rule in self:
            if rule.state == "adopted":
                raise UserError(
                    self.env._(
                        "%s is in force and cannot be changed. Create a new version.", rule.name
                    )
                )

    def _rule_set(self):
        """The engine's rule set; ValidationError names the parameter that is wrong."""
        self.ensure_one()
        if not isinstance(self.parameters or {}, dict):
            raise ValidationError(self.env._("The parameters have to be one JSON object."))
        try:
            return RuleSet.from_dict(self.parameters or {})
        except RuleError as error:
            raise ValidationError(
                self.env._("Rule set %(name)s: %(fault)s", name=self.name, fault=error)
            ) from error

    @api.model
    def _book_of(self, employees):
        """A RuleBook of every company these people belonged to (call with sudo)."""
        companies = self.env["biometric.employment.company"]._company_ids(employees)
        return RuleBook(
            self.search([("state", "=", "adopted"), ("company_id", "in", list(companies))])
        )

    def action_adopt(self):
        """Put drafts into force from their date on; the days concerned are computed again."""
        self.check_access("write")
        self.filtered(lambda rule: rule.state == "draft").write({"state": "adopted"})
        return True

    def action_new_version(self):
        """A draft copy that will count from today on; the version in force stays as it is."""
        self.ensure_one()
        self.check_access("create")
        self.check_access("read")
        # Whom it names is copied as it stands: the role need not hold rights in Employees.
        today = (self.company_id or self.env.company)._biometric_today()
        draft = self.sudo().copy({"state": "draft", "valid_from": today})
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "biometric_attendance.biometric_rule_action"
        )
        return action | {"res_id": draft.id, "views": [(False, "form")]}

    def _audit_subjects(self):
        """Whom the rule set governs: people, departments, else all. A draft governs nobody."""
        if self.state != "adopted" or not self.active:
            return set()
        domain = [("company_id", "=", self.company_id.id)]
        if self.employee_ids or self.department_ids:
            domain += [
                "|",
                ("id", "in", self.sudo().employee_ids.ids),
                ("department_id", "in", self.department_ids.ids),
            ]
        return set(self.env["hr.employee"].sudo().search(domain).ids)

    def _audit_days(self):
        return self.valid_from or None, None

    @api.model
    def _refuse_unlink_of_named(self, field, records):
        """Deleted, they would leave the lists of rule sets, and an empty list means everybody."""
        if rule := self.sudo().search([(field, "in", records.ids)], limit=1):
            raise UserError(
                self.env._(
                    "Rule set %s applies to them: without a name in its list it would "
                    "apply to the whole company. Archive it instead of deleting.",
                    rule.name,
                )
            )

    def _mark_days_stale(self):
        """Days from the rule set's date on of whom it names: people, departments, else all."""
        for rule in self.filtered(lambda rule: rule.state == "adopted"):
            self.env["biometric.stale.day"]._mark_days(
                """FROM biometric_day d
                  WHERE d.company_id = %s AND d.date >= %s
                    AND (%s OR d.employee_id = ANY(%s) OR d.department_id = ANY(%s))""",
                rule.company_id.id,
                rule.valid_from,
                not (rule.employee_ids or rule.department_ids),
                rule.employee_ids.ids,
                rule.department_ids.ids,
            )


class RuleBook:
    """Answers which rule set governs a person on a date. Built once per recomputation."""

    def __init__(self, rules):
        self._default = (None, DEFAULT_NAME, RuleSet())
        self._by_company = {}
        for rule in rules.sorted("valid_from", reverse=True):
            entry = (
                rule.valid_from,
                set(rule.employee_ids.ids),
                set(rule.department_ids.ids),
                (rule.id, f"{rule.name} ({rule.valid_from})", rule._rule_set()),
            )
            self._by_company.setdefault(rule.company_id.id, []).append(entry)
        self._summing = [rules for rules in self._rule_sets() if rules.sums_up]

    def summing(self):
        """Rule sets that look at whole weeks or periods: a day there changes its neighbours."""
        return self._summing

    def watching(self):
        """Rule sets that find something about whole weeks and change no minute for it."""
        return [
            rules
            for rules in self._rule_sets()
            if rules.max_weekly_minutes is not None or rules.min_weekly_rest_minutes is not None
        ]

    def _rule_sets(self):
        return [entry[3][2] for entries in self._by_company.values() for entry in entries]

    def find(self, company_id, employee_id, department_id, day):
        """`(rule id or None, name, RuleSet)`: person before department before company."""
        best, best_rank = self._default, 0
        for valid_from, employees, departments, found in self._by_company.get(company_id, []):
            if valid_from > day:
                continue
            rank = self._rank(employees, departments, employee_id, department_id)
            if rank > best_rank:
                best, best_rank = found, rank
        return best

    @staticmethod
    def _rank(employees, departments, employee_id, department_id):
        if employee_id in employees:
            return 3
        if department_id in departments:
            return 2
        return 0 if employees or departments else 1
