"""What wishes about a time account have in common: one person asks, another decides, a refusal has
a reason.

Owns who decides and how it is refused. Must not know what a wish is about. Mixed into models that
have company_id, employee_id, state, requested_by_id and decided_by_id.
"""

from odoo.exceptions import AccessError, UserError

from ..mixins.biometric_audited import Concern


class Wish:
    """Mixed into the one class of a model."""

    __slots__ = ()

    # Field that keeps why it was refused; that of the dialog which holds the wishes.
    _wish_answer = None
    _wish_lines = None

    def _ask_title(self):
        """Title of the dialog that asks why it is refused."""
        raise NotImplementedError

    def _whose_right(self):
        """Who decides, in a sentence."""
        raise NotImplementedError

    def action_ask_reason(self):
        """The dialog that asks why it is refused."""
        for one in self:
            one._check_may_decide()
        return {
            "type": "ir.actions.act_window",
            "name": self._ask_title(),
            "res_model": f"{self._name}.refuse",
            "view_mode": "form",
            "views": [(False, "form")],
            "target": "new",
            "context": {f"default_{self._wish_lines}": self.ids},
        }

    def action_refuse(self, words):
        """Refuse it, with a reason."""
        words = self._check_reason(words)
        for one in self:
            one._check_may_decide()
            with self._because(words):
                one.sudo().write(
                    {"state": "refused", self._wish_answer: words, "decided_by_id": self.env.uid}
                )
        return True

    def _check_open(self):
        self.ensure_one()
        if self.state != "requested":
            raise UserError(self.env._("This was already decided: make a new request instead."))

    def _check_may_decide(self):
        """Another person than who asked and than whose time it is, where there is one."""
        self._check_holds_right()
        self.env["biometric.duty"]._weigh(self._concern(), self.company_id)

    def _check_holds_right(self):
        """Of a wish that is open, whoever may decide about such."""
        self.check_access("read")
        if not self.env.user.has_group(f"biometric_attendance.group_{self._audit_right}"):
            raise AccessError(self._whose_right())
        self._check_open()

    def _concern(self):
        own = self.sudo()
        return Concern(
            set(own.employee_id.ids),
            right=self._audit_right,
            requesters=set(own.requested_by_id.ids),
        )

    def _audit_concern(self, _names):
        """Asking turns no minute: who decides is compared where it is decided."""
        return set(), (None, None)
