"""The computed day of one employee: what was worked, when, by which rule, and what is odd about it.

Owns the stored result and how it reads on screen. It is written by the rebuild alone; people change
a day through punches, schedules, rules and adjustments, never by typing into it.
"""

from odoo import api, fields, models
from odoo.exceptions import AccessError

from ...engine import STATUSES
from ..mixins.biometric_computed import ComputedAlone
from ..mixins.biometric_words import sentence
from .biometric_day_self import DaySelfApproved
from .biometric_presence import PRESENCES, DayPresence
from .biometric_screen import DayOnScreen
from .biometric_whereabouts import DayWhereabouts

# What each status of the engine is called; which of them pay is the engine's to say.
STATUS_LABELS = {
    "outside_employment": "Outside employment",
    "at_work": "At work",
    "incomplete": "Incomplete",
    "conflict": "Conflict with leave",
    "holiday": "Holiday",
    "worked_holiday": "Worked holiday",
    "rest_day": "Rest day",
    "worked_rest_day": "Worked rest day",
    "on_leave": "On leave",
    "pending": "Pending",
    "absent": "Absent",
    "half_day": "Half day",
    "present": "Present",
}


class BiometricDay(
    ComputedAlone, DayPresence, DayWhereabouts, DayOnScreen, DaySelfApproved, models.Model
):
    _name = "biometric.day"
    _inherit = ["biometric.place.period", "biometric.day.place", "biometric.look"]
    _description = "Attendance Day"
    _order = "date desc, employee_id"
    _rec_name = "display_name"

    employee_id = fields.Many2one(
        "hr.employee", required=True, readonly=True, ondelete="restrict", index=True
    )
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    department_id = fields.Many2one("hr.department", readonly=True, index="btree_not_null")
    date = fields.Date(required=True, readonly=True)
    day_type = fields.Selection(
        [("workday", "Workday"), ("rest_day", "Rest day"), ("holiday", "Holiday")],
        "Type of day",
        readonly=True,
    )
    status = fields.Selection(
        [(status, STATUS_LABELS[status]) for status in STATUSES], readonly=True, index=True
    )
    is_blocking = fields.Boolean(
        "Blocks payroll",
        readonly=True,
        help="Incomplete, in conflict, not settled yet or outside employment: cannot be exported "
        "before it is resolved.",
    )
    exceptions = fields.Char(
        "Exceptions (codes)",
        readonly=True,
        help="Exceptions of the day, as codes separated by spaces.",
    )
    exception_text = fields.Char("Exceptions", compute="_compute_exception_text")
    first_in_at = fields.Datetime("First in", readonly=True)
    last_out_at = fields.Datetime("Last out", readonly=True)
    scheduled_minutes = fields.Integer("Scheduled", readonly=True)
    worked_minutes = fields.Integer("Worked", readonly=True)
    break_minutes = fields.Integer("Break", readonly=True)
    paid_break_minutes = fields.Integer("Paid break", readonly=True)
    leave_minutes = fields.Integer("Leave", readonly=True)
    paid_leave_minutes = fields.Integer("Paid leave", readonly=True)
    late_minutes = fields.Integer("Late", readonly=True)
    early_leave_minutes = fields.Integer("Early leave", readonly=True)
    penalised_late_minutes = fields.Integer("Late, not excused", readonly=True)
    penalised_early_leave_minutes = fields.Integer("Early leave, not excused", readonly=True)
    undertime_minutes = fields.Integer("Undertime", readonly=True)
    regular_minutes = fields.Integer("Regular", readonly=True)
    overtime_minutes = fields.Integer("Overtime", readonly=True)
    doubletime_minutes = fields.Integer("Double time", readonly=True)
    rest_day_minutes = fields.Integer("Rest day", readonly=True)
    rest_day_overtime_minutes = fields.Integer("Rest day overtime", readonly=True)
    holiday_minutes = fields.Integer("Holiday", readonly=True)
    holiday_overtime_minutes = fields.Integer("Holiday overtime", readonly=True)
    overtime_dropped_minutes = fields.Integer(
        "Overtime below minimum",
        readonly=True,
        help="Worked, but below the minimum or the rounding unit of the rule set: not paid.",
    )
    overtime_unapproved_minutes = fields.Integer(
        "Overtime to approve", readonly=True, help="Worked, held until someone approves it."
    )
    night_minutes = fields.Integer("Night", readonly=True)
    rule_id = fields.Many2one("biometric.rule", readonly=True, ondelete="restrict")
    rule_name = fields.Char("Rule set", readonly=True, help="Name and version of the rule set.")
    shift_reason = fields.Char(
        "Shift", readonly=True, help="The shift used for this date, and its source."
    )
    due_at = fields.Datetime(
        "Due", readonly=True, help="Start of the first work of the day not covered by leave."
    )
    waits_for = fields.Selection(
        [
            ("window", "The shift's window"),
            ("devices", "Terminals"),
            ("service", "A terminal in service"),
        ],
        "Waiting for",
        readonly=True,
        help="What can still change the day automatically.",
    )
    settles_at = fields.Datetime(
        "Settled from",
        readonly=True,
        help="For a day that is not settled: from then on no punch can be added to it.",
    )
    waiting_text = fields.Char("State", compute="_compute_waiting_text")
    presence = fields.Selection(
        PRESENCES,
        compute="_compute_presence",
        search="_search_presence",
        help="Where people are now, according to the terminals.",
    )
    branch_id = fields.Many2one(
        "biometric.agent",
        "Present at",
        compute="_compute_branch_id",
        search="_search_branch_id",
        help="For people at work now: the branch of the terminal where they last checked in.",
    )
    # For filters only: a day has many hours. 0 to 23, by the clock of the place.
    here_in_hour = fields.Integer(
        "Present this hour today",
        compute="_compute_of_hours",
        search="_search_here_in_hour",
    )
    due_in_hour = fields.Integer(
        "Planned in this hour of today",
        compute="_compute_of_hours",
        search="_search_due_in_hour",
    )
    derivation = fields.Json(
        "Computation steps",
        readonly=True,
        help="How the result was computed: sessions, ignored punches, deductions.",
    )
    computed_at = fields.Datetime("Computed on", readonly=True)
    digest = fields.Char(
        readonly=True, groups="base.group_no_one", help="SHA-256 of the computed result."
    )
    inputs_digest = fields.Char(
        "Input digest",
        readonly=True,
        groups="base.group_no_one",
        help="SHA-256 of the input (punches, shifts, leaves, rule set, engine) and of the result.",
    )

    _employee_date = models.UniqueIndex("(employee_id, date)")
    _unsettled = models.Index("(settles_at) WHERE settles_at IS NOT NULL")
    _not_here = models.Index("(due_at) WHERE status = 'pending' AND first_in_at IS NULL")
    # With all that lists by basket sort days by (biometric_day_basket), so that they read no row.
    _company_date = models.Index(
        """(company_id, date) INCLUDE (id, status, exceptions, is_blocking, settles_at,
                                       penalised_late_minutes, penalised_early_leave_minutes)"""
    )
    # What weeks of a whole company are added up from: a few days in a hundred, without their rows.
    _extra_time = models.Index(
        """(company_id, date) INCLUDE (employee_id, department_id, late_minutes, overtime_minutes,
                                       overtime_unapproved_minutes)
           WHERE late_minutes > 0 OR overtime_minutes > 0 OR overtime_unapproved_minutes > 0"""
    )

    weekday = fields.Char(compute="_compute_weekday")
    in_clock = fields.Char(
        "In (place's time)",
        compute="_compute_clocks",
        help="First punch, in the employee's time zone.",
    )
    out_clock = fields.Char(
        "Out (place's time)",
        compute="_compute_clocks",
        help="Last punch, in the employee's time zone; +1: on the following date.",
    )
    calendar_title = fields.Char("Calendar title", compute="_compute_calendar")
    calendar_color = fields.Integer("Calendar color", compute="_compute_calendar")
    # For filters only: a role without rights in Employees cannot search through them.
    in_my_team = fields.Boolean(
        "In my team", compute="_compute_filters", search="_search_in_my_team"
    )
    in_my_department = fields.Boolean(
        "In my department", compute="_compute_filters", search="_search_my_department"
    )
    is_unmapped = fields.Boolean(
        "Not mapped", compute="_compute_filters", search="_search_is_unmapped"
    )
    is_projected = fields.Boolean(
        "Shown in Attendances",
        readonly=True,
        help="Whether Odoo's attendances show this result. Reset by every recomputation.",
    )
    has_manual_attendance = fields.Boolean(
        "Conflicts with manual attendance",
        readonly=True,
        index="btree_not_null",
        help="An attendance was recorded manually for the same time. It was not changed; "
        "delete it, or keep it; Attendances then shows it instead of the punches.",
    )
    self_approved = fields.Boolean(
        "Self-approved",
        compute="_compute_self_approved",
        search="_search_self_approved",
        help="The employee decided about something this day is computed from: a punch, a PIN, "
        "a roster, a rule set, a time zone or a gap.",
    )
    attendance_ids = fields.One2many("hr.attendance", "biometric_day_id", readonly=True)
    _to_project = models.Index("(id) WHERE NOT is_projected")

    @api.depends("employee_id", "date")
    def _compute_display_name(self):
        for day in self:
            day.display_name = f"{day.employee_id.sudo().name or ''} {day.date or ''}".strip()

    @api.depends("exceptions")
    @api.depends_context("lang")
    def _compute_exception_text(self):
        words = self._exception_words()
        for day in self:
            codes = (day.exceptions or "").split()
            day.exception_text = sentence(", ".join(words.get(code, code) for code in codes))

    @api.model
    def _exception_words(self):
        """What each finding is called on screen."""
        return {
            "missing_in": self.env._("missing check-in"),
            "missing_out": self.env._("missing check-out"),
            "missing_out_assumed": self.env._("check-out assumed"),
            "double_in": self.env._("two check-ins in a row"),
            "work_during_leave": self.env._("worked during leave"),
            "overtime_unapproved": self.env._("overtime to approve"),
            "meal_missing": self.env._("meal break missing"),
            "meal_short": self.env._("meal break too short"),
            "meal_late": self.env._("meal break too late"),
            "daily_rest_short": self.env._("daily rest too short"),
            "clock_drift": self.env._("terminal clock was off"),
            "unknown_user": self.env._("unknown PIN"),
            "week_short": self.env._("hours of the week not reached"),
            "unscheduled": self.env._("work outside any shift"),
            "attested": self.env._("stated by the employee"),
        }

    def _refuse_by_hand(self):
        """Days are computed: whoever is not the rebuild changes what they are computed from. The
        rebuild writes rows with their digests, not records; no key of a context lets others in."""
        raise AccessError(
            self.env._(
                "A day is computed from punches, schedules and rules. Correct those instead."
            )
        )
