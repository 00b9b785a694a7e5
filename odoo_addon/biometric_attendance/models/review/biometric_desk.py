"""The review desk's server side: a period's days of whoever the reader reviews, in few calls.

Three readings open the screen: `open_desk` (every day with its basket and kinds), `get_proposals`
(repairs for the incomplete ones), `get_day` (one day in full). Acts are in biometric_desk_act.py;
each answers with the days as they stand after it. Owns no rule: baskets are biometric.day's,
requests biometric.adjustment's, approvals biometric.day.approval's. All through the reader's own
record rules.
"""

from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..mixins.biometric_words import day_words, span_words
from .biometric_desk_act import MOST_PROPOSALS, DeskAct

BASKETS = ("must_fix", "look_at", "pending", "clean")
# A period of a larger company than this is looked at by department.
MOST_DAYS = 40_000
# In the first days of a period it is the former one that is being cleared.
YOUNG_DAYS = 3
FLAGGED = {
    "penalised_late_minutes": "late",
    "penalised_early_leave_minutes": "early",
    "open_request_count": "request",
    "review_text": "changed",
    "is_disputed": "disputed",
    "self_approved": "self_approved",
}
SORTED_BY_STATUS = ("absent", "conflict", "outside_employment", "half_day", "incomplete")
READ = (
    "employee_id",
    "department_id",
    "date",
    "status",
    "exceptions",
    "worked_minutes",
    "overtime_minutes",
    "is_day_approved",
    "review_basket",
    *FLAGGED,
)


class BiometricDesk(DeskAct, models.AbstractModel):
    _name = "biometric.desk"
    _description = "Review desk"

    @api.model
    def open_desk(self, on=None):
        """The period that holds the date `on` (ISO; None: the one being cleared now).

        `{"from", "to", "label", "previous", "next", "kinds": {code: words}, "may_act",
        "people": [{"id", "name", "department", "days": [[day id, date, basket, worked minutes,
        overtime minutes, [kind], approved]]}]}`, whoever has most to fix first.
        """
        self.env["biometric.day"].check_access("read")
        first, last, label = self._span(fields.Date.to_date(on) if on else None)
        days = self._days(first, last)
        people = {}
        for day in days:
            row = people.get(day.employee_id.id)
            if row is None:
                row = people[day.employee_id.id] = {
                    "id": day.employee_id.id,
                    "name": day.employee_id.sudo().name,
                    "department": day.department_id.sudo().name or "",
                    "days": [],
                }
            row["days"].append(self._cell(day))
        return {
            "from": fields.Date.to_string(first),
            "to": fields.Date.to_string(last),
            "label": label,
            "previous": fields.Date.to_string(first - timedelta(days=1)),
            "next": fields.Date.to_string(last + timedelta(days=1)),
            "kinds": self._kind_words(),
            "may_act": self._may_act(),
            "people": sorted(people.values(), key=_most_first),
        }

    @api.model
    def get_proposals(self, date_from, date_to):
        """`{day id: proposal}` of the incomplete days of these dates (biometric.proposal)."""
        days = self._days(
            fields.Date.to_date(date_from), fields.Date.to_date(date_to), "incomplete"
        )
        return self.env["biometric.proposal"]._for_days(days[:MOST_PROPOSALS])

    @api.model
    def get_day(self, day_id):
        """One day in full: its drawing, its sentences, what was asked for and decided."""
        day = self._one_day(day_id)
        statuses = dict(day._fields["status"]._description_selection(self.env))
        return {
            "id": day.id,
            "employee_id": day.employee_id.id,
            "employee": day.employee_id.sudo().name,
            "date": fields.Date.to_string(day.date),
            "date_text": day_words(self.env, day.date, weekday=True),
            "status": statuses.get(day.status, ""),
            "basket": day.review_basket,
            "approved": day.is_day_approved,
            "shift": day.shift_reason or "",
            "waiting": day.waiting_text or "",
            "findings": day.exception_text or "",
            "asks_again": day.review_text or "",
            "derivation": day.derivation,
            "sentences": self.env["biometric.sentence"]._of_day(day),
            "overtime_unapproved": day.overtime_unapproved_minutes,
            "late": day.penalised_late_minutes,
            "early": day.penalised_early_leave_minutes,
            "requests": [self._request_of(row) for row in day.adjustment_ids.sorted("id")],
        }

    # ------------------------------------------------------------------ which days

    @api.model
    def _span(self, on):
        """(first, last, label): the pay period of a date, or its month where none is laid out."""
        today = self.env.company._biometric_today()
        day = on or today - timedelta(days=YOUNG_DAYS)
        periods = self.env["biometric.period"].sudo()
        # Only dates are read of it, which the reader's own days show as well.
        found = periods.search(
            [
                ("company_id", "=", self.env.company.id),
                ("date_from", "<=", day),
                ("date_to", ">=", day),
            ],
            order="group_id",
            limit=1,
        )
        if found:
            first, last = found.date_from, found.date_to
        else:
            first = day.replace(day=1)
            last = fields.Date.add(first, months=1, days=-1)
        return first, last, span_words(self.env, first, last)

    @api.model
    def _days(self, first, last, status=None):
        """Days the reader reviews: whoever they see, without themselves."""
        own = self.env.user.sudo().employee_ids.ids
        domain = [
            ("date", ">=", first),
            ("date", "<=", last),
            ("employee_id", "not in", own),
            ("company_id", "in", self.env.companies.ids),
        ]
        if status:
            domain.append(("status", "=", status))
        days = self.env["biometric.day"].search(
            domain, order="employee_id, date", limit=MOST_DAYS + 1
        )
        if len(days) > MOST_DAYS:
            raise UserError(
                self.env._(
                    "More than %s days. Create shorter pay periods, or groups by department.",
                    MOST_DAYS,
                )
            )
        return days

    @api.model
    def _one_day(self, day_id):
        day = self.env["biometric.day"].search([("id", "=", int(day_id))], limit=1)
        if not day:
            raise UserError(self.env._("This day no longer exists, or you have no access to it."))
        return day

    @api.model
    def _may_act(self):
        return any(
            self.env.user.has_group(f"biometric_attendance.{group}")
            for group in ("group_approver", "group_hr_officer")
        )

    # ------------------------------------------------------------------ one day

    @api.model
    def _cell(self, day):
        return [
            day.id,
            fields.Date.to_string(day.date),
            day.review_basket,
            day.worked_minutes,
            day.overtime_minutes,
            self._kinds(day),
            day.is_day_approved,
        ]

    @api.model
    def _cells(self, days):
        """Days as they stand, for whoever acted on them: `[[employee id, cell]]`."""
        return [[day.employee_id.id, self._cell(day)] for day in days]

    @api.model
    def _kinds(self, day):
        kinds = (day.exceptions or "").split()
        if day.status in SORTED_BY_STATUS and not (day.status == "incomplete" and kinds):
            kinds.append(day.status)
        # A clean day has none of the others: they would put it into another basket.
        flags = ("self_approved",) if day.review_basket == "clean" else FLAGGED
        return kinds + [FLAGGED[name] for name in flags if day[name]]

    @api.model
    def _kind_words(self):
        days = self.env["biometric.day"]
        statuses = dict(days._fields["status"]._description_selection(self.env))
        return {
            **days._exception_words(),
            **{name: statuses[name] for name in SORTED_BY_STATUS},
            "late": self.env._("late"),
            "early": self.env._("left early"),
            "request": self.env._("open request"),
            "changed": self.env._("changed after a decision"),
            "disputed": self.env._("disputed by the employee"),
            "self_approved": self.env._("self-approved"),
        }

    @api.model
    def _request_of(self, row):
        states = dict(row._fields["state"]._description_selection(self.env))
        return {
            "id": row.id,
            "kind": row.kind,
            "change": row.change_text,
            "reason": row._reason_words() or "",
            "by": row.sudo().requested_by_id.name,
            "state": row.state,
            "state_text": states[row.state],
            "waits": row.waits_text or "",
            "late": row.is_late,
            "can_decide": row.can_decide,
            "can_withdraw": row.is_mine and row.state == "submitted",
            "decided_by": row.sudo().decided_by_id.name or "",
            "before": row.before_text or "",
            "after": row.after_text or "",
            "self_approved": row.self_approved,
        }


def _most_first(person):
    """Whoever has most to fix first, then most to look at, then by name."""
    baskets = [cell[2] for cell in person["days"]]
    return (-baskets.count("must_fix"), -baskets.count("look_at"), person["name"] or "")
