"""Who is asked what and when: events of days and periods become questions, once each.

Owns the search for events and the hour of a question. Nobody is asked about a day that its
terminals have not told whole, nor twice. Must not know what follows from an answer.
"""

from datetime import timedelta

from odoo import api, fields
from odoo.tools import SQL, format_date

from ...engine import epoch
from ..mixins.biometric_words import time_words

# Events so far back are still asked about: a job that stood still asks when it goes on.
BACK = timedelta(days=14)
# Questions that one turn of the job asks at most; the next turn asks the others.
MOST_ASKED = 2_000
MEAL = ("meal_missing", "meal_short", "meal_late")
# Somebody may still come back to punch out.
AFTER_WINDOW = timedelta(hours=1)
# How long a question about a missing check-out may be answered: then the day needs a request.
OUT_HOURS = 72


class AttestationAsk:
    """Of biometric.attestation: who is asked. Mixed into its one class."""

    __slots__ = ()

    @api.model
    def _cron_ask(self):
        """Every hour: what happened is asked about, what was not answered in time is said so, and
        signed records that say something else now are asked for anew. One company or record that
        cannot be asked does not stop the others."""
        aside = self.env["biometric.job"]._aside("attestation", "res.company")
        aside.each(self.env["res.company"].sudo().search([]), self.sudo()._ask_company)
        records = self.env["biometric.month.record"].sudo()
        records._ask_again(self.env["biometric.job"]._aside("attestation", records._name))

    @api.model
    def _ask_company(self, company):
        self._close_unanswered(company)
        questions = self.env["biometric.attestation.question"].search(
            [("company_id", "=", company.id)], limit=200
        )
        for question in questions:
            for employee, first, last in self._events(question):
                self._ask(employee, last, question, first)
        if company.biometric_ask_missing_out:
            self._ask_missing_outs(company)

    @api.model
    def _close_unanswered(self, company):
        """What nobody answered in time: said so, with no answer in its place."""
        late = self.search(
            [
                ("company_id", "=", company.id),
                ("step", "=", "asked"),
                ("until", "<=", fields.Datetime.now()),
                ("step_ids", "not any", [("step", "in", ("answered", "not_answered"))]),
            ],
            limit=MOST_ASKED,
        )
        for one in late:
            one._add("not_answered")

    # ------------------------------------------------------------------ events

    @api.model
    def _events(self, question):
        """`[(employee, first date of a period or None, date)]` that a question is due about."""
        if question.event in ("out", "meal"):
            return [(day.employee_id, None, day.date) for day in self._days_of(question)]
        return self._periods_of(question)

    @api.model
    def _days_of(self, question):
        """Days of the event that are whole and were not asked about by this question: each terminal
        of the person has told the day to its end, or a later punch could make another day of it."""
        today = question.company_id._biometric_today()
        wanted = SQL("AND string_to_array(COALESCE(d.exceptions, ''), ' ') && %s", list(MEAL))
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """SELECT d.id FROM biometric_day d
                    WHERE d.company_id = %s AND d.date >= %s AND d.date <= %s
                      AND d.last_out_at IS NOT NULL AND d.settles_at IS NULL
                      AND NOT d.is_blocking AND d.status NOT IN ('at_work', 'pending') %s
                      AND NOT EXISTS (
                          SELECT 1 FROM biometric_attestation a WHERE a.question_id = %s
                             AND a.employee_id = d.employee_id AND a.date = d.date)
                      AND NOT EXISTS (
                          SELECT 1 FROM biometric_device_user u
                            JOIN biometric_device t ON t.id = u.device_id AND t.state = 'active'
                           WHERE u.employee_id = d.employee_id
                             AND d.date >= COALESCE(u.valid_from, '0001-01-01'::date)
                             AND d.date <= COALESCE(u.valid_to, '9999-12-31'::date)
                             AND COALESCE(t.complete_until, '0001-01-01')
                                 < GREATEST(d.last_out_at, d.date + interval '1 day'))
                 ORDER BY d.date, d.id LIMIT %s""",
                question.company_id.id,
                max(question.valid_from, today - BACK),
                today,
                wanted if question.event == "meal" else SQL(""),
                question.id,
                MOST_ASKED,
            )
        )
        return self.env["biometric.day"].browse([row[0] for row in self.env.cr.fetchall()])

    @api.model
    def _periods_of(self, question):
        """People of periods that ended; at the first check-in after them where that is the
        event. Whoever has no day in the period is not asked about it."""
        today = question.company_id._biometric_today()
        periods = self.env["biometric.period"].search(
            [
                ("company_id", "=", question.company_id.id),
                ("date_to", "<", today),
                ("date_to", ">=", max(question.valid_from, today - 2 * BACK)),
            ],
            limit=200,
        )
        found = []
        for period in periods:
            asked = self.search(
                [("question_id", "=", question.id), ("date", "=", period.date_to)]
            ).employee_id
            people = self._there(period._people() - asked, period.date_from, period.date_to)
            if question.event == "next_in":
                after = period.date_to + timedelta(days=1)
                people = self._there(people, after, today, punched=True)
            found += [(one, period.date_from, period.date_to) for one in people]
        return found[:MOST_ASKED]

    @api.model
    def _there(self, people, first, last, punched=False):
        """Those of the people who have a day between two dates; punched: with a check-in."""
        domain = [
            ("employee_id", "in", people.ids),
            ("date", ">=", first),
            ("date", "<=", last),
            *([("first_in_at", "!=", False)] if punched else []),
        ]
        rows = self.env["biometric.day"]._read_group(domain, ["employee_id"])
        return people.browse([employee.id for (employee,) in rows])

    # ------------------------------------------------------------------ asking

    @api.model
    def _ask(self, employee, day, question, first=None):
        """Ask one question; the row."""
        return self._lay_question(
            {
                "company_id": question.company_id.id,
                "employee_id": employee.id,
                "date": day,
                "date_from": first,
                "question_id": question.id,
                "event": question.event,
                "version": question.version,
                "text": question.text,
                "choices": question._shown_choices(),
                "is_required": question.is_required,
                "until": fields.Datetime.now() + timedelta(hours=question.hours),
            },
            question.by_mail,
        )

    @api.model
    def _lay_question(self, values, by_mail):
        token, digest = self._new_token()
        row = self.sudo().create(
            {
                **values,
                "step": "asked",
                "user_id": self.env.uid,
                "done_at": fields.Datetime.now(),
                "token_hash": digest if by_mail else False,
            }
        )
        row._tell_trail()
        if by_mail:
            row._mail_question(token)
        return row

    # ------------------------------------------------------------------ a missing check-out

    @api.model
    def _ask_missing_outs(self, company):
        """“Left about 17:10?” to whoever did not punch out, an hour after the last window closed;
        never while a terminal still owes punches, nor where something is asked for already."""
        today = company._biometric_today()
        days = self.env["biometric.day"].search(
            [
                ("company_id", "=", company.id),
                ("date", ">=", today - timedelta(days=3)),
                ("status", "=", "incomplete"),
                ("settles_at", "=", False),
                ("exceptions", "like", "missing_out"),
            ],
            limit=MOST_ASKED,
        )
        known = self.search(
            [
                ("event", "=", "missing_out"),
                ("employee_id", "in", days.employee_id.ids),
                ("date", ">=", today - timedelta(days=3)),
            ]
        )
        asked = {(row.employee_id.id, row.date) for row in known}
        due = days.filtered(
            lambda day: (
                (day.employee_id.id, day.date) not in asked
                and not day.open_request_count
                and self._window_over(day)
            )
        )
        for day_id, proposal in self.env["biometric.proposal"]._for_days(due).items():
            if proposal["at"] and proposal["direction"] == "out":
                self._ask_out(due.browse(day_id), proposal)

    @api.model
    def _window_over(self, day):
        """Whether an hour has gone by since nobody can punch out of the day any more."""
        derivation, rules = (
            day.derivation or {},
            self.env["biometric.adjustment"]._rules_on(day.employee_id, day.date),
        )
        ends = [epoch(one["end"]) for one in derivation.get("shifts") or ()]
        closes = max(ends, default=0) + rules.check_out_late_window_minutes * 60
        if not ends:
            starts = [epoch(one["in"]) for one in derivation.get("sessions") or ()]
            closes = max(starts, default=0) + rules.max_session_minutes * 60
        return epoch(fields.Datetime.now()) >= closes + int(AFTER_WINDOW.total_seconds())

    @api.model
    def _ask_out(self, day, proposal):
        employee = day.employee_id
        speaking = self.with_context(lang=employee.lang or employee.user_id.lang or "en_US")
        zone = (day.derivation or {}).get("zone")
        time = time_words(speaking.env, fields.Datetime.to_datetime(proposal["at"]), zone)
        text = speaking.env._(
            "On %(date)s you did not punch out. Did you leave about %(time)s?",
            date=format_date(speaking.env, day.date),
            time=time,
        )
        return self._lay_question(
            {
                "company_id": day.company_id.id,
                "employee_id": employee.id,
                "date": day.date,
                "event": "missing_out",
                "version": 1,
                "text": text,
                "choices": [
                    {
                        "text": speaking.env._("Yes, request a check-out at %s", time),
                        "consequence": "request",
                        "at": proposal["at"],
                    },
                    {
                        "text": speaking.env._("No, I will request another time myself"),
                        "consequence": "nothing",
                    },
                ],
                "until": fields.Datetime.now() + timedelta(hours=OUT_HOURS),
            },
            True,
        )

    def _request_out(self, by_link):
        """The answer *yes*: a request like any other; nothing applies before it is decided."""
        asked = self._asked()
        at = next(one["at"] for one in asked.choices if one["consequence"] == "request")
        values = {
            "kind": "add_punch",
            "date": fields.Date.to_string(asked.date),
            "at": at,
            "direction": "out",
            "reason_text": self.env._("Asked because no check-out was found, and answered yes."),
        }
        requests = self.env["biometric.adjustment"]
        if by_link:
            return requests._ask_by_link(asked.employee_id, values)
        return requests.request({**values, "employee_id": asked.employee_id.id})
