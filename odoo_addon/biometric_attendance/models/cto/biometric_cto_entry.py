"""One line of a time account: whole signed minutes, why, from which day, out of which lots.

Owns the row and that nobody changes it: entries are written by biometric.cto.account alone and
never again. What an entry is made of is the engine's business.
"""

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import format_date

from ..mixins.biometric_audited import Concern

KINDS = [
    ("opening", "Opening"),
    ("accrual", "Earned"),
    ("accrual_reversal", "Reversed"),
    ("usage", "Time off"),
    ("usage_reversal", "Time off given back"),
    ("expiry", "Expired"),
    ("forfeit", "Forfeited"),
    ("payout", "Paid out"),
    ("difference", "Worked minus due"),
    ("settlement", "Capped at settlement"),
]
CHOICES = [("time", "Time off"), ("pay", "Pay")]
# What nobody chooses: a law that grants time off beside the pay.
COMPENSATED = [*CHOICES, ("both", "Pay and time off")]


class BiometricCtoEntry(models.Model):
    _name = "biometric.cto.entry"
    _description = "Entries of time accounts"
    _inherit = ["biometric.append.only", "biometric.look"]
    _log_access = False
    _order = "account_id, number desc"
    _rec_name = "source"

    account_id = fields.Many2one(
        "biometric.cto.account", required=True, readonly=True, ondelete="restrict"
    )
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    employee_id = fields.Many2one(
        "hr.employee", required=True, readonly=True, ondelete="restrict", index=True
    )
    # For the search panel: that of today.
    department_id = fields.Many2one(related="employee_id.department_id")
    number = fields.Integer(required=True, readonly=True, help="1, 2, 3 … without gaps")
    kind = fields.Selection(KINDS, "What", required=True, readonly=True)
    date = fields.Date(required=True, readonly=True, help="Effective date of the entry.")
    minutes = fields.Integer(required=True, readonly=True)
    balance_minutes = fields.Integer("Balance after", required=True, readonly=True)
    source = fields.Char(required=True, readonly=True, help="Purpose of the credit; posted once.")
    moves = fields.Json(
        "Lots", readonly=True, help="The lots it moves, and how many minutes of each."
    )
    owed_change = fields.Integer("Owed", readonly=True, help="By how much it changes the balance.")
    earned_on = fields.Date("Earned on", readonly=True)
    expires_on = fields.Date("Usable until", readonly=True, help="Empty: no end.")
    asked_minutes = fields.Integer(
        "Credit requested", readonly=True, help="What its source earns in total, ignoring caps."
    )
    reason = fields.Char(readonly=True)
    work_date = fields.Date("Day", readonly=True, help="The day it belongs to.")
    day_class = fields.Selection(
        [("workday", "Workday"), ("rest_day", "Rest day"), ("holiday", "Holiday")],
        "Type of day",
        readonly=True,
    )
    overtime_minutes = fields.Integer("Overtime", readonly=True)
    over_minutes = fields.Integer(
        "Above the cap", readonly=True, help="Credit of the source that exceeded a cap."
    )
    over_reason = fields.Char("Cap", readonly=True)
    over_overtime_minutes = fields.Integer("Overtime paid instead", readonly=True)
    choice = fields.Selection(COMPENSATED, "Compensated by", readonly=True)
    chosen_by = fields.Selection(
        [
            ("rule", "Rule set"),
            ("agreement", "Agreement"),
            ("employee", "Employee"),
            ("officer", "HR officer"),
        ],
        "Chosen by",
        readonly=True,
    )
    authority = fields.Char(readonly=True, help="Reference of the agreement or order.")
    rule_name = fields.Char("Rule set", readonly=True)
    leave_number = fields.Integer("Time off number", readonly=True)
    use_date = fields.Date("First date of use", readonly=True)
    requested_on = fields.Date("Requested on", readonly=True)
    note = fields.Char(readonly=True)
    # Numbers, no foreign keys: they outlive the user.
    user_id = fields.Integer("User number", readonly=True)
    posted_at = fields.Datetime("Posted on", required=True, readonly=True)
    previous_hash = fields.Char("Previous hash", readonly=True)
    hash = fields.Char(readonly=True)

    _one_number = models.UniqueIndex("(account_id, number)")
    _by_day = models.Index("(employee_id, work_date) WHERE work_date IS NOT NULL")
    _by_kind = models.Index("(company_id, kind, date)")

    @api.depends("kind", "date", "minutes")
    def _compute_display_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        clock = self.env["biometric.cto.account"]._clock
        for entry in self:
            day = format_date(self.env, entry.date)
            entry.display_name = f"{kinds.get(entry.kind)}, {clock(entry.minutes)}, {day}"

    @api.model_create_multi
    def create(self, _vals_list):
        raise AccessError(
            self.env._(
                "Entries of a time account cannot be entered manually. Correct the day, "
                "the agreement or the time off that they come from."
            )
        )

    def action_open_source(self):
        """The day or the time off behind it."""
        self.ensure_one()
        self.check_access("read")
        if self.leave_number:
            return {
                "type": "ir.actions.act_window",
                "res_model": "hr.leave",
                "res_id": self.leave_number,
                "views": [(False, "form")],
            }
        day = self.env["biometric.day"].search(
            [("employee_id", "=", self.employee_id.id), ("date", "=", self.work_date)], limit=1
        )
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "biometric_attendance.biometric_day_action"
        )
        return action | {"res_id": day.id, "views": [(False, "form")], "context": {}}

    def action_take_pay(self):
        """The employee wants this day's overtime paid instead."""
        return self._answer("pay")

    def action_take_time(self):
        """The employee wants time off for this day's overtime instead."""
        return self._answer("time")

    def _answer(self, what):
        """Own entries are answered by their employee, others by an HR officer."""
        self.ensure_one()
        self.check_access("read")
        entry = self.sudo()
        own = entry.employee_id.user_id == self.env.user
        if not own and not self.env.user.has_group("biometric_attendance.group_hr_officer"):
            raise AccessError(
                self.env._(
                    "Only the employee or an HR officer can answer how overtime is compensated."
                )
            )
        if entry.choice == "both":
            raise UserError(
                self.env._(
                    "According to the rule set this time off comes in addition to the pay: "
                    "there is nothing to choose."
                )
            )
        if not entry.choice or entry.choice == what:
            raise UserError(self.env._("There is nothing to answer for this entry."))
        self.env["biometric.audit"].sudo()._record(
            "cto.answer",
            entry.account_id,
            {"choice": entry.choice},
            {"choice": what, "work_date": str(entry.work_date)},
            company=entry.company_id,
            concern=Concern(None, (entry.work_date, entry.work_date), may_refuse=not own),
        )
        who = "employee" if own else "officer"
        self.env["biometric.cto.accrual"].sudo()._answer(entry, what, who)
        return True
