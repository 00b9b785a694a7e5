"""My time: what somebody sees of their own days, and what they may ask and say about them.

One reading a month: days with punches, sums, requests and every change struck out and new. Acts go
through biometric.adjustment. Everything through the person's own record rules; a proposal alone
counts colleagues, and names none.
"""

from collections import defaultdict
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from ...seams import spreadsheet
from ...seams.binary import packed
from ..mixins.biometric_words import day_words, span_words
from .biometric_my_swaps import MySwaps

SUMS = (
    "scheduled_minutes",
    "worked_minutes",
    "overtime_minutes",
    "overtime_unapproved_minutes",
    "late_minutes",
    "undertime_minutes",
    "night_minutes",
    "leave_minutes",
)
ANSWERS = ("agree", "dispute", "without_answer")


class BiometricMyTime(MySwaps, models.AbstractModel):
    _name = "biometric.my.time"
    _description = "My time"

    @api.model
    def open_month(self, on=None):
        """The month that holds the date `on` (ISO; None: the current one) of whoever asks.

        `{"employee", "label", "previous", "next", "sums": {label: minutes}, "leave": [{"name",
        "left"}], "records": [record], "reasons": [{"id", "name"}], "questions": [question],
        "consent": consent, "swaps": swaps, "days": [day]}`, the newest day first; a day's `changes`
        carry what it said before and after, by whom and why.
        """
        self.env["biometric.day"].check_access("read")
        employee = self._employee()
        today = employee.company_id._biometric_today()
        first = (fields.Date.to_date(on) if on else today).replace(day=1)
        last = fields.Date.add(first, months=1, days=-1)
        days = self.env["biometric.day"].search(
            [("employee_id", "=", employee.id), ("date", ">=", first), ("date", "<=", last)],
            order="date desc",
        )
        proposals = self.env["biometric.proposal"]._for_days(days)
        punches = self._punches(employee, first, last)
        labels = {name: days._fields[name]._description_string(self.env) for name in SUMS}
        return {
            "employee": employee.name,
            "month": fields.Date.to_string(first),
            "label": format_date(self.env, first, date_format="MMMM y"),
            "previous": fields.Date.to_string(first - timedelta(days=1)),
            "next": fields.Date.to_string(last + timedelta(days=1)),
            "sums": {
                labels[name]: sum(days.mapped(name)) for name in SUMS if any(days.mapped(name))
            },
            "leave": self._leave_left(employee),
            "records": self._records(employee, first, last, bool(days)),
            "reasons": self.env["biometric.reason"].search([], limit=100).read(["name"]),
            "questions": self._questions(employee),
            "consent": self.env["biometric.consent"]._shown_to(employee),
            "swaps": self._swaps(employee),
            "days": [self._day(day, proposals.get(day.id), punches[day.date]) for day in days],
        }

    @api.model
    def get_sheet(self, on=None):
        """The days of that month as a workbook (XLSX, base64): what the screen shows, the oldest
        day first, minutes as numbers that can be added up."""
        _ = self.env._
        columns = {
            "date": _("Date"),
            "status": _("Status"),
            "in": _("In"),
            "out": _("Out"),
            "worked": _("Worked (min)"),
            "overtime": _("Overtime (min)"),
            "late": _("Late (min)"),
            "findings": _("Exceptions"),
        }
        days = reversed(self.open_month(on)["days"])
        lines = [[day[name] for name in columns] for day in days]
        return packed(spreadsheet.write([[*columns.values()], *lines]))

    @api.model
    def ask(self, day_id, values):
        """Ask for a change of one of one's own days; what `request` of biometric.adjustment takes
        besides the person and the date. The id of the request."""
        day = self._own_day(day_id)
        allowed = ("kind", "clock", "next_day", "direction", "punch_id", "minutes", "reason_id")
        asked = {name: values[name] for name in (*allowed, "reason_text") if name in values}
        return self.env["biometric.adjustment"].request(
            {
                **asked,
                "employee_id": day.employee_id.id,
                "date": fields.Date.to_string(day.date),
            }
        )

    @api.model
    def say(self, request_id, what, text=None):
        """Agree with a change of one's own day, dispute it, or withdraw one's own request."""
        one = self.env["biometric.adjustment"].search([("id", "=", int(request_id))], limit=1)
        if not one:
            raise UserError(self.env._("This no longer exists."))
        if what == "withdraw":
            return one.withdraw()
        if what not in ("agree", "dispute"):
            raise UserError(self.env._("Choose whether you agree."))
        return one.answer(what == "agree", text)

    @api.model
    def certify(self, record_id, on):
        """Certify one's own monthly record; 0: that of the month that holds the date `on`."""
        employee, records = self._employee(), self.env["biometric.month.record"]
        if record_id:
            record = records.search(
                [("id", "=", int(record_id)), ("employee_id", "=", employee.id)], limit=1
            )
        else:
            first = fields.Date.to_date(on).replace(day=1)
            last = fields.Date.add(first, months=1, days=-1)
            company = (
                self.env["biometric.day"]
                .search(
                    [
                        ("employee_id", "=", employee.id),
                        ("date", ">=", first),
                        ("date", "<=", last),
                    ],
                    order="date desc",
                    limit=1,
                )
                .sudo()
                .company_id
            )
            record = records.browse()
            if company:
                record = records._prepare(employee, company, first, last).sudo(False)
        if not record:
            raise UserError(self.env._("This is not one of your records."))
        return record.certify()

    @api.model
    def attest(self, question_id, choice, reason=None):
        """Answer a question with the number of an answer; with a reason: ask that another answer
        counts than the one that was given."""
        one = self.env["biometric.attestation"].search([("id", "=", int(question_id))], limit=1)
        if not one:
            raise UserError(self.env._("This no longer exists."))
        return one.ask_change(choice, reason) if reason else one.answer(choice)

    @api.model
    def consent(self, verdict, text_id=None):
        """Agree to the text that is shown, choose a card or PIN instead, or withdraw."""
        doors = self.env["biometric.consent"]
        if verdict == "withdrawn":
            return doors.withdraw()
        return doors.give(text_id) if verdict == "given" else doors.refuse(text_id)

    # ------------------------------------------------------------------ what is read

    @api.model
    def _records(self, employee, first, last, has_days):
        """`[{"id", "label", "state", "state_text", "changed", "may_certify"}]`: the monthly records
        that reach into these dates; of a month that has none and is over one with the id 0."""
        found = self.env["biometric.month.record"].search(
            [
                ("employee_id", "=", employee.id),
                ("date_from", "<=", last),
                ("date_to", ">=", first),
            ],
            order="date_from",
            limit=20,
        )
        names = dict(found._fields["state"]._description_selection(self.env))
        told = [
            {
                "id": one.id,
                "label": span_words(self.env, one.date_from, one.date_to),
                "state": one.state,
                "state_text": names[one.state],
                "changed": one.changed_text,
                "may_certify": bool(one.may_certify),
            }
            for one in found
        ]
        if not told and has_days and last < employee.company_id._biometric_today():
            label = span_words(self.env, first, last)
            blank = {"state": "blank", "state_text": names["blank"], "changed": ""}
            told.append({"id": 0, "label": label, **blank, "may_certify": True})
        return told

    @api.model
    def _questions(self, employee):
        """What was asked in the last two months, open ones first."""
        rows = self.env["biometric.attestation"]
        since = employee.company_id._biometric_today() - timedelta(days=62)
        return rows._of_person(employee, since)._shown()

    @api.model
    def _employee(self):
        self.env["biometric.day"].check_access("read")
        employee = self.env.user.sudo().employee_id or self.env.user.sudo().employee_ids[:1]
        if not employee:
            raise UserError(
                self.env._(
                    "Your login is not linked to an employee. Ask HR to set it on your "
                    "employee record."
                )
            )
        return employee

    def _own_day(self, day_id):
        day = self.env["biometric.day"].search(
            [
                ("id", "=", int(day_id)),
                ("employee_id", "in", self.env.user.sudo().employee_ids.ids),
            ],
            limit=1,
        )
        if not day:
            raise UserError(self.env._("This is not one of your days."))
        return day

    @api.model
    def _day(self, day, proposal, punches):
        statuses = dict(day._fields["status"]._description_selection(self.env))
        asked = day.adjustment_ids.sorted("id")
        return {
            "id": day.id,
            "date": fields.Date.to_string(day.date),
            "date_text": day_words(self.env, day.date, weekday=True),
            "status": statuses.get(day.status, ""),
            "incomplete": day.status == "incomplete",
            "lacks": "in" if "missing_in" in (day.exceptions or "").split() else "out",
            "findings": day.exception_text or "",
            "waiting": day.waiting_text or "",
            "in": day.in_clock or "",
            "out": day.out_clock or "",
            "worked": day.worked_minutes,
            "overtime": day.overtime_minutes,
            "late": day.late_minutes,
            "approved": day.is_day_approved,
            "disputed": day.is_disputed,
            "proposal": proposal or None,
            "punches": punches,
            "sentences": self.env["biometric.sentence"]._of_day(day),
            "changes": [self._change(row) for row in asked],
        }

    @api.model
    def _punches(self, employee, first, last):
        """`{date: [{"id", "time", "where", "key"}]}` as the terminals stated them."""
        found = defaultdict(list)
        rows = self.env["biometric.punch"].search(
            [
                ("employee_id", "=", employee.id),
                ("wall_date", ">=", first),
                ("wall_date", "<=", last),
            ],
            order="wall_time",
        )
        for punch in rows:
            found[punch.wall_date].append(
                {
                    "id": punch.id,
                    "time": punch.wall_time[11:],
                    "where": punch.sudo().device_id.place or punch.sudo().device_id.name or "",
                    "key": punch.key_pressed or "",
                }
            )
        return found

    @api.model
    def _change(self, row):
        """A request or change of a day: what it was, what it is, who and why (RC17)."""
        until = row._answer_until()
        answers = row.sudo().step_ids.filtered(lambda step: step.action in ANSWERS)
        said = dict(answers._fields["action"]._description_selection(self.env))
        may_answer = row.awaits_answer or (
            row.state in ("approved", "reversed")
            and not row.is_mine
            and not answers
            and (not until or until >= fields.Datetime.now())
        )
        return {
            "id": row.id,
            "change": row.change_text,
            "state": row.state,
            "state_text": row._state_words(),
            "by": row.sudo().requested_by_id.name,
            "decided_by": row.sudo().decided_by_id.name or "",
            "why": row._reason_words() or "",
            "before": row.before_text or "",
            "after": row.after_text or "",
            "waits": row.waits_text or "",
            "mine": row.is_mine,
            "may_answer": bool(may_answer),
            "until": self._date_of(row, until) if until and may_answer else "",
            "answer": said[answers[:1].action] if answers else "",
        }

    def _date_of(self, row, instant):
        """The date of an instant at the person's place, as they read dates."""
        zone = row.sudo().employee_id.tz or row.company_id.sudo()._biometric_zone()
        here = fields.Datetime.context_timestamp(row.with_context(tz=zone), instant)
        return day_words(self.env, here.date())

    @api.model
    def _leave_left(self, employee):
        """Days or hours left of each kind of leave that is allocated, as Odoo counts them."""
        kinds = self.env["hr.leave.type"].with_context(employee_id=employee.id)
        found = kinds.sudo().search(
            [
                ("requires_allocation", "=", True),
                ("company_id", "in", (False, employee.company_id.id)),
            ]
        )
        told = []
        for name, data, *_more in found.get_allocation_data(employee).get(employee, ()):
            if data["max_leaves"]:
                hours = data.get("request_unit") == "hour"
                unit = self.env._("h") if hours else self.env._("days")
                left = data["virtual_remaining_leaves"]
                told.append({"name": name, "left": f"{left:g} {unit}"})
        return told
