"""Deciding about adjustments: approve, reject, reverse, withdraw, and what the employee answers.

Owns the states and who is told. The states themselves are the engine's Review; who may decide is
biometric.approval.level; requester, subject and approver are compared by biometric.duty. Whoever
may approve needs no right to edit: all is written as the system, after the check.
"""

from datetime import timedelta

from odoo import api, fields
from odoo.exceptions import AccessError, UserError

from ...engine import Review, answer_days
from ..mixins.biometric_audited import Concern

OFFICER = "biometric_attendance.group_hr_officer"


class AdjustmentDecide:
    """Of biometric.adjustment: how one is decided. Mixed into its one class."""

    __slots__ = ()

    def approve(self, text=None):
        """Approve requests at the level of whoever asks; the last level puts them into effect, in
        the order of approval. UserError and AccessError as biometric.duty and the levels say."""
        for one in self:
            one._check_may_decide()
            one._check_once(decides=True)
            alone = one._alone("approve")
            own = one._level_of_actor()
            following = one._next_level(own)
            action = "pass" if following else "approve"
            step = one._note(action, text, self_approved=alone, level=own)
            if following:
                one._move(following)
                one._show_deciders()
                one._tell_trail("pass", one._concern_of_decision(alone), text=text or "")
                one._tell_deciders()
            else:
                one._decided(step, text)
        return True

    def reject(self, text):
        """Turn requests down, with words that the person reads."""
        text = self.env["biometric.audited"]._check_reason(text)
        for one in self:
            one._check_may_decide()
            alone = one._alone("reject")
            one._move(
                {
                    "state": "rejected",
                    "decided_at": fields.Datetime.now(),
                    "decided_by_id": self.env.uid,
                    "self_approved": alone,
                    "awaits_answer": False,
                }
            )
            one._show_deciders()
            one._note("reject", text, self_approved=alone)
            one._tell_trail("reject", one._concern_of_decision(alone), text=text)
            one._tell_employee(text)
        return True

    def reverse(self, text, evidence_ids=()):
        """Take approved adjustments back by further rows, which are decided like any; their ids.
        Whoever may decide alone decides them at once."""
        text = self.env["biometric.audited"]._check_reason(text)
        made = self.browse()
        for one in self:
            one.check_access("read")
            one._check_reversible()
            row = {
                "kind": "reversal",
                "company_id": one.company_id.id,
                "employee_id": one.employee_id.id,
                "device_id": one.sudo().device_id.id,
                "date": one.date,
                "reverses_id": one.id,
                "reason_text": text,
                "state": "draft",
                "requested_by_id": self.env.uid,
                "requested_at": fields.Datetime.now(),
                **self._take_evidence(list(evidence_ids)),
            }
            reversal = self.sudo().create(row).sudo(False)
            reversal._hang_evidence()
            reversal._hand_in()
            made |= reversal
        return made.ids

    def _check_reversible(self):
        if not (self._may_ask_reversal() or self.env.user.has_group(OFFICER)):
            raise AccessError(self.env._("You are not allowed to reverse %s.", self.display_name))
        taken = [("reverses_id", "=", self.id), ("state", "in", ("submitted", "approved"))]
        being = self.sudo().search_count(taken, limit=1)
        if self.state != "approved" or self.kind == "reversal" or being:
            raise UserError(
                self.env._("%s is not in effect, or is already being reversed.", self.display_name)
            )

    def _may_ask_reversal(self):
        employee = self.sudo().employee_id
        own = employee.id in self.env["biometric.duty"].sudo()._own(self.env.uid)
        return bool(employee) and (own or self._leads(employee))

    def withdraw(self):
        """Take one's own open request or draft back."""
        for one in self:
            one.check_access("read")
            if one.requested_by_id != self.env.user or one.state not in ("draft", "submitted"):
                raise UserError(self.env._("Only your own open requests can be withdrawn."))
            one._withdrawn()
        return True

    def _withdrawn(self, by_link=False):
        now = fields.Datetime.now()
        self._move(
            {
                "state": "rejected",
                "decided_at": now,
                "decided_by_id": self.env.uid,
                "awaits_answer": False,
            }
        )
        self._show_deciders()
        self._note("withdraw", by_link=by_link)
        self._tell_trail("withdraw", self._concern())

    # ------------------------------------------------------------------ who decides

    def _check_may_decide(self):
        self.ensure_one()
        self.check_access("read")
        if not self._deciding_level():
            if self.state != "submitted":
                raise UserError(self.env._("%s is no longer open.", self.display_name))
            raise AccessError(
                self.env._(
                    "%(what)s is decided by %(who)s.",
                    what=self.display_name,
                    who=self.waits_text or self.env._("an HR officer"),
                )
            )

    def _alone(self, step):
        """Whether whoever decides also asked for it or is concerned, and nobody else may do it;
        UserError where somebody else may. The attempt that is refused is kept."""
        self.ensure_one()
        one = self.sudo()
        rules = self._rules_on(one.employee_id, one.date)
        own = self.env["biometric.duty"].sudo()._own(self.env.uid) & self._subjects()
        actor, asker = str(self.env.uid), str(one.requested_by_id.id)
        review = Review(rules, actor if own else "nobody")
        review.request("one", asker, one._reason_words() or "-", None)
        refused = getattr(review, step)("one", actor).refused
        if refused != "four_eyes":
            return bool(own)
        concern = self._concern(
            decides=True,
            may_refuse=True,
            requesters=frozenset({one.requested_by_id.id}),
            others=self._deciders(),
        )
        try:
            self.env["biometric.duty"]._weigh(concern, one.company_id)
        except UserError:
            self._keep_refusal(step)
            raise
        return True

    def _keep_refusal(self, step):
        """A refused attempt stays on record though it takes everything else back."""
        with self.env.registry.cursor() as cr:
            env = api.Environment(cr, self.env.uid, {})
            one = env["biometric.adjustment"].sudo().browse(self.id)
            if one.exists():
                env["biometric.audit"].sudo()._record(
                    "adjustment.refused",
                    one,
                    None,
                    {"step": step},
                    env._("requested by the same person, or about themselves"),
                    company=one.company_id,
                    concern=one._concern(),
                )

    def _subjects(self):
        """Ids of the people whose minutes hang on it."""
        one = self.sudo()
        if one.kind == "clock_correction" or one.reverses_id.kind == "clock_correction":
            return self._people_of_clock()
        target = one.reverses_id or one
        return set((target.employee_id | target.to_employee_id).ids)

    def _concern(self, **more):
        """Of a request or an answer, which decide nothing; `more`: what else a Concern says."""
        one = self.sudo()
        target = one.reverses_id or one
        last = target.window_to.date() if target.window_to else target.date
        days = (target.date - timedelta(days=1), last + timedelta(days=1))
        return Concern(
            frozenset(self._subjects()), days, **{"may_refuse": False, "decides": False, **more}
        )

    def _concern_of_decision(self, alone):
        """Of an act that was weighed: marked where one person did both."""
        asker = self.sudo().requested_by_id.id
        return self._concern(decides=True, requesters=frozenset({asker} if alone else ()))

    # ------------------------------------------------------------------ what follows

    def _decided(self, step, text):
        """All levels have said yes. Where the company wants the person's own yes, it waits."""
        alone = step.self_approved
        self._move({"decided_by_id": self.env.uid, "self_approved": alone})
        if not self._needs_yes():
            self._take_effect(step, text)
            return
        days = self.sudo().company_id.biometric_yes_days
        until = fields.Datetime.now() + timedelta(days=days)
        self._move({"awaits_answer": True, "due_at": until})
        self._tell_trail("await", self._concern_of_decision(alone), text=text or "")
        self._tell_employee(text)

    def _needs_yes(self):
        one = self.sudo()
        return (
            one.company_id.biometric_needs_yes
            and bool(one.employee_id)
            and not one.by_link
            and one.requested_by_id != one.employee_id.user_id
        )

    def _take_effect(self, step, text=None):
        """`step`: the one that decided; its number is the place in the order of approval."""
        one = self.sudo()
        before, alone = one._day_snapshot(), one.self_approved
        concern = self._concern_of_decision(alone)
        self._move(
            {
                "state": "approved",
                "sequence": step.id,
                "decided_at": fields.Datetime.now(),
                "awaits_answer": False,
                "is_provisional": one._yields(),
            }
        )
        self._show_deciders()
        if target := one.reverses_id.sudo(False):
            target._move({"state": "reversed"})
            target._note("reverse", one.reason_text, self_approved=alone)
            target._tell_trail("reverse", concern, text=one.reason_text)
        after = self._recompute()
        self._note("effect", day=after, self_approved=alone)
        said = text or self._reason_words()
        self._tell_trail("approve", concern, {"day": before}, day=after, text=said)
        self._tell_employee(text)

    # ------------------------------------------------------------------ what the employee says

    def answer(self, agrees, text=None):
        """The person concerned agrees or disputes, once each time something about it changed; a
        dispute needs words and makes the day one that must be looked at again."""
        self.ensure_one()
        self.check_access("read")
        if self.sudo().employee_id.id not in self.env["biometric.duty"].sudo()._own(self.env.uid):
            raise AccessError(self.env._("Only the person concerned can answer."))
        self._answered(agrees, text)
        return True

    def _answered(self, agrees, text=None, by_link=False):
        one = self.sudo()
        if not (one.awaits_answer or one.state in ("approved", "reversed")):
            raise UserError(self.env._("There is nothing to answer yet."))
        limit = one._answer_until()
        if limit and limit < fields.Datetime.now():
            raise UserError(self.env._("The time to answer is over. Request a correction instead."))
        if not agrees:
            text = self.env["biometric.audited"]._check_reason(text)
        if agrees and one.awaits_answer:
            self._check_once(decides=True)
        action = "agree" if agrees else "dispute"
        step = self._note(action, text, by_link=by_link)
        self._tell_trail(action, self._concern(), text=text or "")
        if agrees and one.awaits_answer:
            self._take_effect(step)
        elif not agrees:
            self._tell_deciders(text)

    def _answer_until(self):
        """Until when the person may answer; None: without end."""
        one = self.sudo()
        if one.awaits_answer:
            return None
        rules = self._rules_on(one.employee_id, one.date)
        days = answer_days(rules, one.company_id.biometric_answer_days)
        return one.decided_at + timedelta(days=days) if days and one.decided_at else None

    @api.model
    def _cron_answers(self):
        """What the person did not answer in time takes effect, marked so; a dispute never does."""
        waiting = self.sudo().search(
            [
                ("state", "=", "submitted"),
                ("awaits_answer", "=", True),
                ("due_at", "<", fields.Datetime.now()),
            ],
            limit=500,
        )
        undisputed = waiting.filtered(lambda one: "dispute" not in one.step_ids.mapped("action"))
        aside = self.env["biometric.job"]._aside("review", self._name)
        aside.each(undisputed, lambda row: row._effect_without_answer())

    def _effect_without_answer(self):
        self._check_once(decides=True)
        self._take_effect(self._note("without_answer"))
