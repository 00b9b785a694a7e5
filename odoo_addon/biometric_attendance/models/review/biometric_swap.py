"""A swap: somebody asks a colleague to take a shift of theirs, for one of the colleague's or for
nothing in return.

Owns the states: the colleague agrees, whoever approves both people's attendance decides, then both
sides of the roster change as one act. The doors, for screens: `ask`, `agree`, `decline`,
`withdraw`, `approve`, `reject`. What changes and what stands in the way is biometric_swap_plan.py,
how it reads and who is told biometric_swap_words.py, levels biometric_adjustment_levels.py;
requester, subject and approver are compared by biometric.duty. A swap turns no minute itself: what
counts is the roster, whose rows are witnessed.
"""

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..mixins.biometric_audited import Concern
from .biometric_adjustment_levels import AdjustmentLevels
from .biometric_swap_plan import SwapPlan
from .biometric_swap_words import SwapWords

STATES = [
    ("submitted", "Waiting"),
    ("approved", "Approved"),
    ("rejected", "Refused"),
    ("withdrawn", "Withdrawn"),
    ("expired", "Expired"),
]


class BiometricSwap(AdjustmentLevels, SwapPlan, SwapWords, models.Model):
    _name = "biometric.swap"
    _description = "Swaps of shifts"
    _order = "id desc"

    # What levels of approval know requests by.
    kind = "swap"

    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, index=True, ondelete="restrict"
    )
    employee_id = fields.Many2one(
        "hr.employee", required=True, readonly=True, index=True, ondelete="restrict"
    )
    date = fields.Date(required=True, readonly=True)
    shift_id = fields.Many2one("biometric.shift", required=True, readonly=True, ondelete="restrict")
    to_employee_id = fields.Many2one(
        "hr.employee", "Colleague", required=True, readonly=True, index=True, ondelete="restrict"
    )
    to_date = fields.Date("Date in return", readonly=True)
    to_shift_id = fields.Many2one(
        "biometric.shift",
        "Shift in return",
        readonly=True,
        ondelete="restrict",
        help="Empty: the shift is given away.",
    )
    reason_text = fields.Char("Why", readonly=True)
    roster_before = fields.Json(
        "Roster before", readonly=True, help="The roster of its dates at the time of the request."
    )
    begins_at = fields.Datetime("First shift starts", required=True, readonly=True)
    requested_by_id = fields.Many2one(
        "res.users", "Asked for by", required=True, readonly=True, ondelete="restrict"
    )
    requested_at = fields.Datetime("Asked for", required=True, readonly=True)
    state = fields.Selection(STATES, required=True, readonly=True, default="submitted", index=True)
    awaits_answer = fields.Boolean(
        "Waits for the colleague",
        readonly=True,
        help="Not decided before the colleague agrees.",
    )
    level = fields.Integer(readonly=True, help="Level of approval at which it waits.")
    passed_level = fields.Integer("Approved levels", readonly=True)
    due_at = fields.Datetime(
        "Decide before", readonly=True, help="After that the next level may decide as well."
    )
    decider_ids = fields.Many2many(
        "res.users",
        "biometric_swap_decider",
        "swap_id",
        "user_id",
        "Who may decide",
        readonly=True,
        help="Who sees that it waits. The right to decide is checked again at that moment.",
    )
    decided_at = fields.Datetime("Decided", readonly=True)
    decided_by_id = fields.Many2one("res.users", "Decided by", readonly=True, ondelete="restrict")
    self_approved = fields.Boolean("Self-approved", readonly=True)
    answer_text = fields.Char("Comment", readonly=True, help="Of the person who closed it.")

    change_text = fields.Char("What is swapped", compute="_compute_change_text")
    trouble_text = fields.Text("Check first", compute="_compute_trouble_text")
    waits_text = fields.Char("Waits for", compute="_compute_waits")
    is_late = fields.Boolean("Late", compute="_compute_waits", search="_search_is_late")
    can_decide = fields.Boolean(
        "Waiting for me", compute="_compute_can_decide", search="_search_can_decide"
    )
    is_mine = fields.Boolean("Asked by me", compute="_compute_is_mine")
    is_asked = fields.Boolean("Asked of me", compute="_compute_is_mine")

    _one_open = models.UniqueIndex(
        "(employee_id, date, shift_id) WHERE state = 'submitted'",
        "A swap of this shift is already waiting. Withdraw it first.",
    )
    _open = models.Index("(company_id, begins_at) WHERE state = 'submitted'")

    @api.depends_context("uid")
    @api.depends("employee_id", "to_employee_id")
    def _compute_is_mine(self):
        own = self.env["biometric.duty"].sudo()._own(self.env.uid)
        for one in self:
            one.is_mine = one.sudo().employee_id.id in own
            one.is_asked = one.sudo().to_employee_id.id in own

    @api.depends("state", "level", "due_at", "awaits_answer")
    @api.depends_context("uid", "lang")
    def _compute_waits(self):
        result = super()._compute_waits()
        for one in self.filtered(lambda row: row.state == "submitted" and row.awaits_answer):
            one.waits_text = one.sudo().to_employee_id.name
        return result

    # ------------------------------------------------------------------ the two people

    @api.model
    def ask(self, values):
        """Ask a colleague to take a shift of one's own; the id of the swap.

        values: `date` and `shift_id` of one's own roster, `to_employee_id`, `to_date` and
        `to_shift_id` of the colleague's where one takes that in return, `reason_text`.
        UserError for somebody else's shift, a stranger, or what stands in the way.
        """
        self.check_access("read")
        values = dict(values)
        row = self._row(values)
        row["reason_text"] = self.env["biometric.audited"]._check_reason(values.get("reason_text"))
        one = self.sudo().create(row).sudo(False)
        one.flush_recordset()
        one._tell_trail("ask", one._concern())
        one._tell_colleague()
        one._tell_grids()
        return one.id

    def agree(self):
        """The colleague agrees: from then on it waits for whoever decides."""
        self.ensure_one()
        self._check_asked()
        if not self.awaits_answer:
            raise UserError(self.env._("You agreed already."))
        self._check_possible()
        self._move({"awaits_answer": False, **self._first_level()})
        self._show_deciders()
        self._tell_trail("agree", self._concern())
        self._tell_deciders()
        self._tell_grids()
        return True

    def decline(self, text=None):
        """The colleague does not take part, also after having agreed, until it is decided."""
        self.ensure_one()
        self._check_asked()
        self._end("rejected", "decline", text)
        return True

    def withdraw(self):
        """Whoever asked takes it back, until it is decided."""
        for one in self:
            one.check_access("read")
            if not one.is_mine or one.state != "submitted":
                raise UserError(self.env._("Only your own open requests can be withdrawn."))
            one._end("withdrawn", "withdraw", None)
        return True

    def _check_asked(self):
        self.check_access("read")
        if not self.is_asked:
            raise AccessError(self.env._("Only the colleague who was asked answers."))
        if self.state != "submitted":
            raise UserError(self.env._("%s is not open any more.", self.display_name))

    # ------------------------------------------------------------------ who decides

    def approve(self, text=None):
        """Approve at the level of whoever asks; after the last level the roster changes."""
        for one in self:
            one._check_may_decide()
            one._check_possible()
            alone = one._alone()
            own = one._level_of_actor()
            if following := one._next_level(own):
                one._move({**following, "passed_level": own})
                one._show_deciders()
                one._tell_trail("pass", one._concern_of_decision(alone), text=text or "")
                one._tell_deciders()
            else:
                one._take_effect(alone, text)
        return True

    def reject(self, text):
        """Turn it down, with words that both people read."""
        text = self.env["biometric.audited"]._check_reason(text)
        for one in self:
            one._check_may_decide()
            one._end("rejected", "reject", text, one._alone())
        return True

    def action_reject(self):
        """Opens the dialog for the words."""
        self.ensure_one()
        self.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "res_model": "biometric.adjustment.say",
            "name": self.env._("Refuse"),
            "view_mode": "form",
            "target": "new",
            "context": {"default_verdict": "refuse", "default_swap_id": self.id},
        }

    def _check_may_decide(self):
        self.ensure_one()
        self.check_access("read")
        if self.state != "submitted":
            raise UserError(self.env._("%s is not open any more.", self.display_name))
        if self.awaits_answer:
            raise UserError(self.env._("%s has not agreed yet.", self.sudo().to_employee_id.name))
        if not self._deciding_level():
            raise AccessError(
                self.env._(
                    "%(what)s is decided by %(who)s.",
                    what=self.display_name,
                    who=self.waits_text or self.env._("an HR officer"),
                )
            )

    def _deciders(self):
        """Users who may decide now: those who lead both people, HR officers among them; nobody
        before the colleague agreed."""
        self.ensure_one()
        if self.awaits_answer:
            return self.env["res.users"]
        mine, one = super()._deciders(), self.sudo()
        levels = self.env["biometric.approval.level"].sudo()
        other = one.new(
            {
                "company_id": one.company_id.id,
                "employee_id": one.to_employee_id.id,
                "requested_by_id": one.to_employee_id.user_id.id,
            }
        )
        theirs = levels._officers(one.company_id)
        for level in levels._levels_of(other) or levels.new({"who": "approver"}):
            theirs |= level._users(other)
        # a named user decides alone, whomever it is about: the company said so
        return (mine & theirs) or mine

    def _leads(self, employee):
        return self.env["biometric.adjustment"]._leads(employee)

    def _passed(self):
        """The highest level that has said yes."""
        return self.passed_level

    def _note(self, _action, _text=None):
        """Steps of a swap stand in the trail alone."""

    def _alone(self):
        """Whether whoever decides is one of the two, and nobody else may do it; UserError where
        somebody else may."""
        one = self.sudo()
        concern = self._concern(
            decides=True,
            may_refuse=True,
            requesters=frozenset({one.requested_by_id.id}),
            others=self._deciders(),
        )
        return bool(self.env["biometric.duty"]._weigh(concern, one.company_id))

    def _concern(self, **more):
        """Of a request or an answer, which decide nothing; `more`: what else a Concern says."""
        one = self.sudo()
        people = frozenset((one.employee_id | one.to_employee_id).ids)
        return Concern(people, self._days(), **{"may_refuse": False, "decides": False, **more})

    def _concern_of_decision(self, alone):
        """Of an act that was weighed: marked where one person did both."""
        asker = self.sudo().requested_by_id.id
        return self._concern(decides=True, requesters=frozenset({asker} if alone else ()))

    # ------------------------------------------------------------------ what follows

    def _take_effect(self, alone, text):
        """Both sides of the roster change, with the reason beside each entry."""
        one = self.sudo()
        before = one._roster_words()
        with self.env["biometric.audited"]._because(one._why()):
            one.env["biometric.roster"]._bring_in_step(one._wishes())
        self._close("approved", text, alone)
        self._tell_trail(
            "approve",
            self._concern_of_decision(alone),
            {"roster": before},
            roster=one._roster_words(),
            text=(text or "").strip(),
        )
        self._tell_both("approve", text)

    def _end(self, state, step, text, alone=False):
        """It changes nothing any more, and both people read why. `text`: words, or a function that
        says them by the environment of whoever reads."""
        said = text(self._speaking(self.employee_id).env) if callable(text) else text
        self._close(state, said, alone)
        concern = self._concern_of_decision(alone) if step == "reject" else self._concern()
        self._tell_trail(step, concern, text=(said or "").strip())
        self._tell_both(step, text)

    def _close(self, state, text, alone):
        self._move(
            {
                "state": state,
                "answer_text": (text or "").strip() or False,
                "awaits_answer": False,
                "decided_at": fields.Datetime.now(),
                "decided_by_id": self.env.uid,
                "self_approved": alone,
            }
        )
        self._show_deciders()
        self._tell_grids()

    def _move(self, vals):
        """The one way to change a row: nobody has a right to write one."""
        self.sudo().write(vals)
        self.flush_recordset()

    def _tell_grids(self):
        self.env["biometric.work"]._tell_screens(self.sudo().company_id)

    def _tell_trail(self, step, concern, before=None, **more):
        self.ensure_one()
        self.env["biometric.audit"]._record(
            f"swap.{step}",
            self,
            before,
            {**self.sudo()._values(), **more},
            more.get("text") or self.reason_text,
            company=self.sudo().company_id,
            concern=concern,
        )

    @api.model
    def _cron_answers(self):
        """Swaps whose shift has begun, and those that cannot come about any more, end by
        themselves."""
        rows = self.sudo().search([("state", "=", "submitted")], order="begins_at", limit=500)
        aside = self.env["biometric.job"]._aside("review", self._name)
        aside.each(rows, lambda row: row._expire())

    def _expire(self):
        if self._obstacle(self.env):
            self._end("expired", "expire", self._obstacle)
