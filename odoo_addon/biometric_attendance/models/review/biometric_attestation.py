"""Attestations: what somebody was asked about a day or a period, what they answered, and what
follows. A ledger: every row is a step and is never changed.

`asked` holds the words and the answers as they were shown, until when it may be answered and what
follows from each answer; `answered`, `not_answered`, `change_asked`, `changed`, `change_refused`
point to it. No answer is preselected, none is ever assumed. Who is asked when is
biometric_attestation_ask.py, how it reads and is mailed biometric_attestation_words.py.

The doors: `answer`, `ask_change` (of the person), `decide_change` (of whoever approves their days),
`unanswered(company, period)` (of whoever closes a period). What an answer owes or finds goes to the
day through the engine, like an adjustment; it changes no minute of presence.
"""

from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from ...engine import ATTESTED, Adjustment
from ..mixins.biometric_audited import Concern
from .biometric_attestation_ask import AttestationAsk
from .biometric_attestation_question import CONSEQUENCES, EVENTS
from .biometric_attestation_words import AttestationWords

ASKED_EVENTS = [*EVENTS, ("missing_out", "No check-out found")]
STEPS = [
    ("asked", "Asked"),
    ("answered", "Answered"),
    ("not_answered", "Not answered"),
    ("change_asked", "Wants to change the answer"),
    ("changed", "Answer changed"),
    ("change_refused", "Change refused"),
]
STATES = [
    ("open", "Open"),
    ("answered", "Answered"),
    ("change", "Change pending"),
    ("not_answered", "Not answered"),
]
# Questions by their state: a change that waits, the answer that counts, else the time.
_BY_STATE = """(
SELECT id FROM (
    SELECT a.id, CASE
           WHEN last.step = 'change_asked' THEN 'change'
           WHEN EXISTS (SELECT 1 FROM biometric_attestation c
                         WHERE c.asked_id = a.id AND c.step IN ('answered', 'changed'))
           THEN 'answered'
           WHEN last.step = 'not_answered' OR a.until <= %s THEN 'not_answered'
           ELSE 'open' END AS state
      FROM biometric_attestation a
      LEFT JOIN LATERAL (SELECT s.step FROM biometric_attestation s WHERE s.asked_id = a.id
                          ORDER BY s.id DESC LIMIT 1) last ON TRUE
     WHERE a.step = 'asked') stands
 WHERE state = ANY(%s))"""
OFFICER = "biometric_attendance.group_hr_officer"


class BiometricAttestation(AttestationAsk, AttestationWords, models.Model):
    _name = "biometric.attestation"
    _description = "Attestations"
    _inherit = ["biometric.append.only"]
    _log_access = False
    _order = "id desc"

    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="restrict")
    employee_id = fields.Many2one(
        "hr.employee", required=True, readonly=True, ondelete="restrict", index=True
    )
    date = fields.Date(required=True, readonly=True, help="The day, or the last of the period.")
    date_from = fields.Date("Since", readonly=True, help="First day of a period.")
    step = fields.Selection(STEPS, required=True, readonly=True)
    asked_id = fields.Many2one(
        "biometric.attestation", readonly=True, ondelete="restrict", index="btree_not_null"
    )
    question_id = fields.Many2one(
        "biometric.attestation.question", readonly=True, ondelete="restrict", index="btree_not_null"
    )
    event = fields.Selection(ASKED_EVENTS, required=True, readonly=True)
    version = fields.Integer(readonly=True)
    text = fields.Text("Question as shown", readonly=True)
    choices = fields.Json("Answers as shown", readonly=True)
    is_required = fields.Boolean("Payroll needs an answer", readonly=True)
    until = fields.Datetime("Answer before", readonly=True)
    choice = fields.Integer("Number of the answer", readonly=True, help="From 1 on; 0: none.")
    answer_text = fields.Char("Answer", readonly=True)
    consequence = fields.Selection(
        [*CONSEQUENCES, ("request", "A request for a check-out")], readonly=True
    )
    pay_code = fields.Char("Pay code", readonly=True)
    minutes = fields.Integer("Minutes owed", readonly=True)
    reason = fields.Char("Employee's explanation", readonly=True)
    user_id = fields.Many2one("res.users", required=True, readonly=True, ondelete="restrict")
    done_at = fields.Datetime("When", required=True, readonly=True)
    by_link = fields.Boolean("By personal link", readonly=True)
    # Of no group: whoever has it reaches the page that asks for the person's number.
    token_hash = fields.Char("Token hash", readonly=True, size=64, groups=fields.NO_ACCESS)

    step_ids = fields.One2many("biometric.attestation", "asked_id", "Steps", readonly=True)
    state = fields.Selection(STATES, compute="_compute_state", search="_search_state")
    current_text = fields.Char("Applicable answer", compute="_compute_state")
    can_answer = fields.Boolean("Can answer", compute="_compute_state")
    can_decide = fields.Boolean("Can decide", compute="_compute_state")

    _once = models.UniqueIndex(
        "(employee_id, date, event, COALESCE(question_id, 0)) WHERE step = 'asked'",
        "This was already asked for this day.",
    )
    _one_answer = models.UniqueIndex(
        "(asked_id) WHERE step IN ('answered', 'not_answered')", "This has already been answered."
    )
    _by_token = models.Index("(token_hash) WHERE token_hash IS NOT NULL")

    # ------------------------------------------------------------------ how a question stands

    @api.depends("step_ids", "until")
    @api.depends_context("uid")
    def _compute_state(self):
        own, now = self.env["biometric.duty"].sudo()._own(self.env.uid), fields.Datetime.now()
        for one in self:
            asked = (one.asked_id or one).sudo()
            last = asked.step_ids.sorted("id")[-1:]
            counts = asked._counting()
            waits = last.step == "change_asked"
            over = not counts and (last.step == "not_answered" or asked.until <= now)
            one.state = (
                "change" if waits else "answered" if counts else "not_answered" if over else "open"
            )
            one.current_text = counts.answer_text
            one.can_answer = one.state == "open" and asked.employee_id.id in own
            one.can_decide = waits and one.sudo(False)._is_decider(own)

    @api.model
    def _search_state(self, operator, value):
        """Of the questions, by how they stand: what `_compute_state` says, of all of them."""
        if operator != "in":
            return NotImplemented
        self.flush_model()
        return [("id", "in", SQL(_BY_STATE, fields.Datetime.now(), list(value)))]

    def _counting(self):
        """The step whose answer counts now (sudo); none where nothing was answered."""
        return self.step_ids.filtered(lambda row: row.step in ("answered", "changed")).sorted("id")[
            -1:
        ]

    # ------------------------------------------------------------------ the person

    def answer(self, choice):
        """Answer a question: `choice` is the number of the answer, from 1 on. AccessError for
        anybody but the person, UserError where it is answered or its time is over."""
        self.ensure_one()
        self.check_access("read")
        if self.sudo().employee_id.id not in self.env["biometric.duty"].sudo()._own(self.env.uid):
            raise AccessError(self.env._("Only the person who was asked can answer."))
        self._answered(choice)
        return True

    def _answered(self, choice, by_link=False):
        asked = self._asked()
        if asked.step_ids.filtered(lambda row: row.step in ("answered", "not_answered")):
            raise UserError(
                self.env._(
                    "This has been answered, or the time to answer is over. Request a change."
                )
            )
        if asked.until <= fields.Datetime.now():
            raise UserError(self.env._("The time to answer is over. Request a change instead."))
        given = asked._given(choice)
        self._add("answered", by_link=by_link, **given)
        self._follow(given, by_link)

    def ask_change(self, choice, reason):
        """Ask that another answer counts, or one at all after the time was over; with words. It
        changes nothing before somebody approves it."""
        self.ensure_one()
        self.check_access("read")
        if self.sudo().employee_id.id not in self.env["biometric.duty"].sudo()._own(self.env.uid):
            raise AccessError(self.env._("Only the person who was asked can answer."))
        self._ask_change(choice, reason)
        return True

    def _ask_change(self, choice, reason, by_link=False):
        asked = self._asked()
        reason = self.env["biometric.audited"]._check_reason(reason)
        if self.state not in ("answered", "not_answered"):
            raise UserError(self.env._("Answer it first; a requested change is decided first."))
        if asked.event == "missing_out":
            raise UserError(self.env._("Request a correction of the day instead."))
        self._add("change_asked", by_link=by_link, reason=reason, **asked._given(choice))
        self.env["biometric.work"]._tell_screens(asked.company_id)

    # ------------------------------------------------------------------ who decides a change

    def _may_decide(self):
        employee = self.sudo().employee_id
        return self.env.user.has_group(OFFICER) or self.env["biometric.adjustment"]._leads(employee)

    def _is_decider(self, own):
        """Whether a change waits for the reader: one's own waits for others while there are any.
        `own`: ids of the reader's employees."""
        if not self._may_decide():
            return False
        if self.sudo().employee_id.id not in own:
            return True
        others = (
            self.env["biometric.duty"]
            .sudo()
            ._others("hr_officer", self.sudo().company_id, {self.env.uid})
        )
        return not others

    def decide_change(self, yes, reason):
        """Let the other answer count, or not; HR officers and whoever approves the person's
        days, never the person while somebody else may."""
        self.ensure_one()
        self.check_access("read")
        if not self._may_decide():
            raise AccessError(self.env._("You do not decide about the answers of this person."))
        asked = self._asked()
        reason = self.env["biometric.audited"]._check_reason(reason)
        wanted = asked.step_ids.sorted("id")[-1:]
        if wanted.step != "change_asked":
            raise UserError(self.env._("No change is waiting here."))
        given = {
            name: wanted[name]
            for name in ("choice", "answer_text", "consequence", "pay_code", "minutes")
        }
        self._add("changed" if yes else "change_refused", reason=reason, decides=True, **given)
        if yes:
            self._compute_again()
        self._tell_person(yes, reason)
        return True

    def action_approve_change(self):
        return self._open_say(True)

    def action_refuse_change(self):
        return self._open_say(False)

    def _open_say(self, yes):
        return {
            "type": "ir.actions.act_window",
            "res_model": "biometric.review.say",
            "name": self.env._("Count it") if yes else self.env._("Refuse the change"),
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_attestation_id": self._asked_id(),
                "default_verdict": "count" if yes else "refuse",
            },
        }

    # ------------------------------------------------------------------ what follows

    def _follow(self, given, by_link):
        if given["consequence"] == "request":
            self._request_out(by_link)
        elif given["consequence"] != "nothing":
            self._compute_again()

    def _compute_again(self):
        asked = self._asked()
        pairs = [(asked.employee_id.id, asked.date)]
        self.env["biometric.stale.day"].sudo()._mark(pairs)
        self.env["biometric.day.rebuild"].sudo()._rebuild_stale(pairs)

    @api.model
    def _effective(self, employee_ids):
        """`{employee_id: [engine Adjustment]}` of the answers that count and owe or find something
        (call with sudo)."""
        self.flush_model()
        self.env.cr.execute(
            """SELECT DISTINCT ON (asked_id) asked_id, employee_id, date, event, consequence,
                      pay_code, minutes
                 FROM biometric_attestation
                WHERE employee_id = ANY(%s) AND step IN ('answered', 'changed')
             ORDER BY asked_id, id DESC""",
            (list(employee_ids),),
        )
        found = {}
        for asked, employee_id, day, event, consequence, code, minutes in self.env.cr.fetchall():
            name = f"attestation:{asked}"
            if consequence == "pay_code":
                kind = "meal_premium" if event == "meal" else "premium"
                item = Adjustment(kind, name, day=day, target=code, minutes=minutes)
            elif consequence == "finding":
                item = Adjustment("finding", name, day=day, target=ATTESTED)
            else:
                continue
            found.setdefault(employee_id, []).append(item)
        return found

    # ------------------------------------------------------------------ the payroll gate

    @api.private
    @api.model
    def unanswered(self, company, period):
        """What payroll needs an answer to and has none, of one period: for the payroll gate.

        company: res.company; period: biometric.period, or any record with date_from and date_to.
        `[{"attestation_id", "employee_id", "employee", "date", "question", "state", "until"}]`, by
        person and date; state `open` (may still be answered until then, UTC), or `not_answered`.
        Read as the system: the caller checks who may close a period."""
        rows = self.sudo().search(
            [
                ("company_id", "=", company.id),
                ("step", "=", "asked"),
                ("is_required", "=", True),
                ("date", ">=", period.date_from),
                ("date", "<=", period.date_to),
                ("step_ids", "not any", [("step", "in", ("answered", "changed"))]),
            ],
            order="employee_id, date, id",
        )
        if period._name == "biometric.period":
            people = set(period._people().ids)
            rows = rows.filtered(lambda row: row.employee_id.id in people)
        now = fields.Datetime.now()
        return [
            {
                "attestation_id": row.id,
                "employee_id": row.employee_id.id,
                "employee": row.employee_id.name,
                "date": row.date,
                "question": row.text,
                "state": "open" if row.until > now else "not_answered",
                "until": row.until,
            }
            for row in rows
        ]

    # ------------------------------------------------------------------ the ledger

    def _asked(self):
        """The row that asked, as the system."""
        self.ensure_one()
        return (self.sudo().asked_id or self.sudo()).with_context(active_test=False)

    def _asked_id(self):
        return self._asked().id

    def _given(self, choice):
        """Columns of an answer by its number; UserError for one that was not shown."""
        shown = self.choices or []
        number = int(choice) if str(choice).isdecimal() else 0
        if not 1 <= number <= len(shown):
            raise UserError(self.env._("Choose one of the answers."))
        one = shown[number - 1]
        return {
            "choice": number,
            "answer_text": one["text"],
            "consequence": one["consequence"],
            "pay_code": one.get("pay_code") or False,
            "minutes": one.get("minutes") or 0,
        }

    def _add(self, step, *, decides=False, **values):
        """A further step of a question, with its entry of the trail."""
        asked = self._asked()
        row = self.sudo().create(
            {
                "company_id": asked.company_id.id,
                "employee_id": asked.employee_id.id,
                "date": asked.date,
                "event": asked.event,
                "question_id": asked.question_id.id,
                "asked_id": asked.id,
                "step": step,
                "user_id": self.env.uid,
                "done_at": fields.Datetime.now(),
                **values,
            }
        )
        row.sudo(False)._tell_trail(decides)
        self.invalidate_recordset()
        asked.invalidate_recordset()
        return row

    def _tell_trail(self, decides=False):
        for row in self.sudo():
            row.flush_recordset()
            days = (row.date - timedelta(days=1), row.date + timedelta(days=1))
            self.env["biometric.audit"]._record(
                f"attestation.{row.step}",
                row.sudo(False),
                None,
                self.env["biometric.state"].sudo()._said(row),
                row.reason or None,
                company=row.company_id,
                concern=Concern(
                    frozenset(row.employee_id.ids), days, may_refuse=decides, decides=decides
                ),
            )
