"""What a day is for whoever reviews it: its basket, its decisions, and what asks again.

Owns the sorting of days into *must fix*, *look at*, *pending* and *clean*, and the comparison of a
day with what was decided about it. How days of a basket are found is biometric_day_basket.py.
Computes no minute.
"""

from collections import defaultdict

from odoo import api, fields, models

from ...engine import MINUTES, UNSETTLED
from .biometric_adjustment_words import hours
from .biometric_day_basket import COMPARED, NOTHING, DayBasket

# Findings that do not block pay and want somebody's eye.
LOOK_AT = frozenset(
    {
        "missing_out_assumed",
        "double_in",
        "work_during_leave",
        "overtime_unapproved",
        "meal_missing",
        "meal_short",
        "meal_late",
        "daily_rest_short",
        "clock_drift",
        "week_short",
        "unscheduled",
        "attested",
    }
)
# What must be resolved and never waved through, whatever the status.
MUST_FIX = frozenset({"missing_in", "missing_out", "unknown_user"})
# A punch that only the push knows: found out, never waved through.
UNWITNESSED = "unwitnessed"


class Seen:
    """What was asked and decided about one day. `decided`: the day's values as the last decision
    saw them; `in_effect`: kinds of the adjustments that count; `flags`: kinds of what only one
    channel knows of its punches."""

    def __init__(self):
        self.rows, self.in_effect = [], set()
        self.decided, self.decided_at = None, None
        self.approved = self.disputed = False
        self.flags = frozenset()

    def take(self, step, person):
        """A step about the day, in their order."""
        if step.action == "effect":
            self.decided, self.decided_at = (step.day or {}).get(person), step.done_at
            self.disputed = False
        elif step.action in ("agree", "dispute"):
            self.disputed = step.action == "dispute"
            self.decided_at = max(self.decided_at or step.done_at, step.done_at)

    def approve(self, row):
        """The day's approval; what came before it is settled."""
        if self.decided_at is None or row.decided_at >= self.decided_at:
            self.decided, self.disputed = row.day, False
            self.approved = True


class BiometricDay(DayBasket, models.Model):
    _inherit = "biometric.day"

    adjustment_ids = fields.Many2many(
        "biometric.adjustment", string="Adjustments", compute="_compute_review"
    )
    open_request_count = fields.Integer("Open requests", compute="_compute_review")
    review_basket = fields.Selection(
        [
            ("must_fix", "Must fix"),
            ("look_at", "To review"),
            ("pending", "Pending"),
            ("clean", "Clean"),
        ],
        "Review",
        compute="_compute_review",
        search="_search_review_basket",
        help="Must fix: blocks payroll. To review: does not block. Pending: its terminals "
        "have not reported everything yet. Clean: no exceptions and no open requests.",
    )
    review_text = fields.Char("Why it is open again", compute="_compute_review")
    is_day_approved = fields.Boolean("Approved", compute="_compute_review")
    is_disputed = fields.Boolean("Disputed", compute="_compute_review")

    def action_correct(self):
        """The dialog that asks for a correction of this day."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "biometric.correct",
            "name": self.env._("Request correction"),
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_employee_id": self.employee_id.id,
                "default_date": str(self.date),
            },
        }

    def action_evidence(self):
        """The file with everything that this day was made of."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_url",
            "url": f"/biometric_attendance/evidence/{self.id}",
            "target": "self",
        }

    def action_evidence_paper(self):
        """The same on paper."""
        self.ensure_one()
        self.env["biometric.day.evidence"]._check_may(self)
        report = self.env.ref("biometric_attendance.biometric_day_evidence_report")
        return report.report_action(self)

    def _decision_values(self):
        """What of a day a decision is about: plain values, by field."""
        self.ensure_one()
        day = self.sudo()
        values = {name: day[name] for name in COMPARED}
        return values | {"exceptions": day.exceptions or None, "rule": day.rule_name or None}

    def _differs_from(self, values):
        """`[(field, then, now)]` of what the day says otherwise than a decision saw it."""
        now = self._decision_values()
        return [
            (name, values[name], now[name])
            for name in COMPARED
            if values and name in values and (values[name] or None) != (now[name] or None)
        ]

    @api.depends_context("uid", "lang")
    @api.depends("status", "exceptions", "is_blocking", "settles_at")
    def _compute_review(self):
        seen = self._review_facts()
        # Most days have no decision: what is the same for all of them is said once.
        self.adjustment_ids = self.open_request_count = False
        self.review_text = self.is_day_approved = self.is_disputed = False
        baskets = defaultdict(list)
        for day in self:
            facts = seen.get((day.employee_id.id, day.date))
            baskets[day._basket(facts or NOTHING)].append(day.id)
            if facts:
                day.adjustment_ids = self.env["biometric.adjustment"].concat(*facts.rows)
                day.open_request_count = sum(row.state == "submitted" for row in facts.rows)
                day.review_text = day._asks(facts)
                day.is_day_approved = facts.approved and not day.review_text
                day.is_disputed = facts.disputed
        for basket, ids in baskets.items():
            self.browse(ids).review_basket = basket

    def _basket(self, facts):
        """Which basket the day lies in. What was looked at by itself and did not change is clean;
        what must be fixed never is."""
        codes = set((self.exceptions or "").split())
        if self.status in ("at_work", "pending") or (self.status in UNSETTLED and self.settles_at):
            return "pending"
        must = self.is_blocking or (codes & MUST_FIX and "set_minutes" not in facts.in_effect)
        if must or facts.disputed or UNWITNESSED in facts.flags:
            return "must_fix"
        if any(row.state == "submitted" for row in facts.rows):
            return "look_at"
        if facts.decided and self._differs_from(facts.decided):
            return "look_at"
        if facts.approved:
            return "clean"
        late = self.penalised_late_minutes or self.penalised_early_leave_minutes
        odd = late or codes & LOOK_AT or facts.flags or self.status == "absent"
        return "look_at" if odd else "clean"

    def _asks(self, facts):
        """What asks for somebody, in words; False for nothing."""
        if UNWITNESSED in facts.flags:
            return self.env._(
                "A punch was pushed but is not in the terminal's own log. Decide about "
                "it in Quarantine."
            )
        return self._again_words(facts.decided) if facts.decided else False

    def _again_words(self, values):
        """The difference between a day and what was decided about it, in words; False for none."""
        words = []
        for name, then, now in self._differs_from(values):
            label = self._fields[name]._description_string(self.env)
            if name in MINUTES:
                then, now = hours(then), hours(now)
            words.append(f"{label}: {then or '–'} → {now or '–'}")
        return "; ".join(words) or False

    def _review_facts(self):
        """`{(employee_id, date): Seen}` of these days. The last decision is the one that a day is
        compared with; a dispute stands until something is decided after it."""
        days = self.filtered(lambda day: day.employee_id and day.date)
        if not days:
            return {}
        dates, people = days.mapped("date"), days.sudo().employee_id.ids
        found = defaultdict(Seen)
        rows = self.env["biometric.adjustment"].sudo()._of_days(people, min(dates), max(dates))
        for row in rows:
            for person in row.employee_id | row.to_employee_id:
                seen = found[person.id, row.date]
                seen.rows.append(row.sudo(False))
                if row.state == "approved":
                    seen.in_effect.add(row.kind)
        for step in rows.step_ids.sorted("id"):
            row = step.adjustment_id
            for person in row.employee_id | row.to_employee_id:
                found[person.id, row.date].take(step, str(person.id))
        for key, row in self.env["biometric.day.approval"]._standing(days).items():
            found[key].approve(row)
        flagged = self.env["biometric.punch"].sudo()._flagged_dates(people, min(dates), max(dates))
        for key, kinds in flagged.items():
            found[key].flags = kinds
        return found
