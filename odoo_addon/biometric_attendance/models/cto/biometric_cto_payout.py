"""Wishes to be paid for banked time: asked by the employee, decided by somebody else, posted once.

Owns the wish and who decides. Caps and lots are the engine's, the line in the payroll file is the
payroll room's.
"""

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from .wish import Wish


class BiometricCtoPayout(Wish, models.Model):
    _name = "biometric.cto.payout"
    _description = "Requested payout of banked time"
    _inherit = ["biometric.audited"]
    _order = "id desc"
    _rec_name = "employee_id"
    _audit_word = "payout"
    _audit_right = "payroll_officer"
    _wish_answer = "reason"
    _wish_lines = "payout_ids"

    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    employee_id = fields.Many2one(
        "hr.employee",
        required=True,
        index=True,
        ondelete="restrict",
        default=lambda self: self.env.user.employee_id,
    )
    minutes = fields.Integer("Time", required=True)
    state = fields.Selection(
        [
            ("requested", "Requested"),
            ("approved", "Paid out"),
            ("refused", "Refused"),
            ("cancelled", "Withdrawn"),
        ],
        default="requested",
        required=True,
        readonly=True,
        copy=False,
    )
    reason = fields.Char("Reason for refusal", readonly=True, copy=False)
    requested_by_id = fields.Many2one(
        "res.users", "Requested by", readonly=True, default=lambda self: self.env.user, copy=False
    )
    decided_by_id = fields.Many2one("res.users", "Decided by", readonly=True, copy=False)
    balance_minutes = fields.Integer("Balance now", compute="_compute_balance_minutes")

    @api.depends("employee_id", "company_id")
    def _compute_balance_minutes(self):
        account = self.env["biometric.cto.account"].sudo()
        for one in self:
            minutes, _ends = account._alive(one.employee_id.sudo(), "bank")
            one.balance_minutes = minutes

    @api.constrains("minutes", "company_id", "employee_id")
    def _check_wish(self):
        for one in self:
            if one.minutes <= 0:
                raise ValidationError(self.env._("Enter how much time is to be paid."))
            if one.employee_id.sudo().company_id != one.company_id:
                raise ValidationError(
                    self.env._("%s works in another company.", one.employee_id.sudo().name)
                )
            one._refuse_what_cannot_be(one.sudo()._try())

    def write(self, vals):
        if not self.env.su and vals:
            if any(one.state != "requested" for one in self):
                raise UserError(self.env._("This was already decided: make a new request instead."))
            if {"employee_id", "company_id"} & set(vals):
                raise UserError(
                    self.env._(
                        "The employee cannot be changed: withdraw it and make a new request."
                    )
                )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_what_was_not_decided(self):
        if any(one.state in ("approved", "refused") for one in self):
            raise UserError(self.env._("A decision cannot be changed."))

    # ------------------------------------------------------------------ decide

    def action_approve(self):
        """Pay it out: an entry of the account now, a line of the next payroll file."""
        for one in self:
            one._check_may_decide()
            account = self.env["biometric.cto.account"].sudo()
            wish = one.sudo()
            books = account._open(wish.company_id, wish.employee_id.ids)
            book = books[wish.employee_id.id]
            one._refuse_what_cannot_be(wish._try(book))
            account._write_down([book])
            wish.write({"state": "approved", "decided_by_id": self.env.uid})
        return True

    def action_cancel(self):
        """Whoever asked does not want it any more."""
        for one in self:
            one.check_access("write")
            one._check_open()
            one.sudo().state = "cancelled"
        return True

    def _ask_title(self):
        return self.env._("Reason for not paying out")

    def _whose_right(self):
        return self.env._("A payroll officer decides what is paid out.")

    def _try(self, book=None):
        """Post the payout into a book, one to look at without; what stands against it, or False."""
        account = self.env["biometric.cto.account"]
        book = book or account._look(self.company_id, self.employee_id.ids)[self.employee_id.id]
        today = self.company_id._biometric_today()
        book.use_rules(account._rules_on(self.employee_id, today))
        count, source = len(book.bank.refused), f"payout:{self.id}"
        book.bank.pay_out(source, max(today, book.last_date or today), self.minutes)
        book.note(source, {"note": None})
        new = book.bank.refused[count:]
        return new[0][1] if new else False

    def _refuse_what_cannot_be(self, refusal):
        if not refusal:
            return
        _ = self.env._
        words = {
            "not_convertible": _(
                "The rule set does not pay out banked time: it is taken as time off."
            ),
            "insufficient": _("There is less time in the account than the amount to be paid."),
            "payouts": _("The rule set allows no further payout this year."),
            "payout_cap": _("The rule set allows less than that to be paid out per year."),
            "block": _("Enter how much time is to be paid."),
        }
        raise ValidationError(words[refusal])
