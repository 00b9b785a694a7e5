"""Corrections of a balance that was brought in wrongly: asked for by one person, decided by
another, posted once.

Owns the request and who decides. What it does to lots and to what is owed is the engine's. What
follows from days, agreements or time off is corrected there, never here.
"""

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from ...engine import correct_opening
from .biometric_cto_account import ACCOUNTS
from .wish import Wish


class BiometricCtoCorrection(Wish, models.Model):
    _name = "biometric.cto.correction"
    _description = "Corrections of time accounts"
    _inherit = ["biometric.audited"]
    _order = "id desc"
    _rec_name = "employee_id"
    _audit_word = "correction"
    _audit_right = "hr_officer"
    _wish_answer = "answer"
    _wish_lines = "correction_ids"

    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    employee_id = fields.Many2one("hr.employee", required=True, index=True, ondelete="restrict")
    kind = fields.Selection(ACCOUNTS, "Account", required=True, default="bank")
    entry_id = fields.Many2one(
        "biometric.cto.entry",
        "Incorrect opening balance",
        ondelete="restrict",
        domain="[('employee_id', '=', employee_id), ('company_id', '=', company_id), "
        "('account_id.kind', '=', kind), ('kind', '=', 'opening'), ('minutes', '>', 0)]",
        help="Deductions are taken from this lot first.",
    )
    minutes = fields.Integer(
        "Change",
        required=True,
        help="Minutes missing; negative if too many.",
    )
    expires_on = fields.Date("Usable until", help="For added time; empty: no end.")
    # asked for by its check: an erasure takes it out
    reason = fields.Char(help="What was wrong, and the document that proves it.")
    state = fields.Selection(
        [
            ("requested", "Requested"),
            ("approved", "Corrected"),
            ("refused", "Refused"),
            ("cancelled", "Withdrawn"),
        ],
        default="requested",
        required=True,
        readonly=True,
        copy=False,
    )
    answer = fields.Char("Reason for refusal", readonly=True, copy=False)
    requested_by_id = fields.Many2one(
        "res.users", "Requested by", readonly=True, default=lambda self: self.env.user, copy=False
    )
    decided_by_id = fields.Many2one("res.users", "Decided by", readonly=True, copy=False)
    balance_minutes = fields.Integer("Balance now", compute="_compute_balances")
    after_minutes = fields.Integer("Balance afterwards", compute="_compute_balances")

    @api.depends("employee_id", "company_id", "kind", "minutes", "state")
    def _compute_balances(self):
        for one in self:
            account = (
                self.env["biometric.cto.account"]
                .sudo()
                .search(
                    Domain("employee_id", "=", one.employee_id.id)
                    & Domain("company_id", "=", one.company_id.id)
                    & Domain("kind", "=", one.kind),
                    limit=1,
                )
            )
            one.balance_minutes = account.balance_minutes
            waits = one.minutes if one.state == "requested" else 0
            one.after_minutes = account.balance_minutes + waits

    @api.constrains(
        "minutes", "company_id", "employee_id", "kind", "entry_id", "expires_on", "reason"
    )
    def _check_request(self):
        for one in self:
            if fault := one.sudo()._fault():
                raise ValidationError(fault)
            self._check_reason(one.reason)

    def _fault(self):
        """What stands against the request itself, or None."""
        _ = self.env._
        today = self.company_id._biometric_today()
        entry = self.entry_id
        if not self.minutes:
            return _("Enter by how much the balance is wrong.")
        if self.employee_id.company_id != self.company_id:
            return _("%s works in another company.", self.employee_id.name)
        if self.env["biometric.audited"]._names_someone(self.reason, self.employee_id):
            return _(
                "The time account keeps this permanently, even after an erasure: do not "
                "write the person's name in it."
            )
        if entry and (
            entry.kind != "opening"
            or (entry.employee_id, entry.company_id, entry.account_id.kind)
            != (self.employee_id, self.company_id, self.kind)
        ):
            return _(
                "Only an imported balance can be corrected here. Correct the day, the "
                "agreement or the time off that an entry comes from."
            )
        if entry.expires_on and entry.expires_on < today:
            return _("The opening balance imported there has expired since %s.", entry.expires_on)
        if self.expires_on and (self.minutes < 0 or self.kind == "flex"):
            return _("Only added time can have a last day, and a flex account has none.")
        if self.expires_on and self.expires_on < today:
            return _("%s: such a credit would already have expired", self.expires_on)
        return None

    @api.ondelete(at_uninstall=False)
    def _unlink_nothing(self):
        raise UserError(self.env._("A request cannot be changed: withdraw it instead."))

    # ------------------------------------------------------------------ decide

    def action_approve(self):
        """Post it: an entry of the account with today's date."""
        for one in self:
            one._check_may_decide()
            wish = one.sudo()
            if fault := wish._fault():
                raise UserError(fault)
            with self._because(wish.reason):
                wish.write({"state": "approved", "decided_by_id": self.env.uid})
            one._record()
            wish._post()
        return True

    def action_cancel(self):
        """Whoever asked does not want it any more."""
        for one in self:
            one._check_holds_right()
            one.sudo().state = "cancelled"
        return True

    def _ask_title(self):
        return self.env._("Reason for not correcting")

    def _whose_right(self):
        return self.env._("An HR officer decides about a correction.")

    def _record(self):
        """The trail tells of what is opened or taken back, as it does of balances brought in."""
        own = self.sudo()
        on = own.company_id._biometric_today()
        lot = [own.minutes, str(own.expires_on or ""), own.reason]
        self.env["biometric.audit"]._record(
            "cto.opening",
            own.employee_id,
            None,
            {"account": own.kind, "date": str(on), "lots": [lot]},
            own.reason,
            company=own.company_id,
            concern=self._concern(),
        )

    def _post(self):
        accounts = self.env["biometric.cto.account"]
        book = accounts._open(self.company_id, self.employee_id.ids, self.kind)
        book = book[self.employee_id.id]
        today = self.company_id._biometric_today()
        on, source = max(today, book.last_date or today), f"correction:{self.id}"
        book.use_rules(accounts._rules_on(self.employee_id, today))
        if book.flex:
            book.flex.opening(source, on, self.minutes)
        else:
            wrong, ends = self.entry_id.source or "", self.expires_on or None
            correct_opening(book.bank, source, on, self.minutes, ends, wrong)
        book.note(source, {"note": self.reason})
        accounts._write_down([book])
