"""Dialog that closes a time account: somebody leaves, or goes to another company with documents.

What a closing does with the minutes, the rule set says; a person only says that it is time.
"""

from dataclasses import replace

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..engine import FOREVER
from ..models.mixins.biometric_audited import Concern


class BiometricCtoClose(models.TransientModel):
    _name = "biometric.cto.close"
    _inherit = ["biometric.dialog"]
    _description = "Close a time account"

    account_id = fields.Many2one("biometric.cto.account", required=True, readonly=True)
    balance_minutes = fields.Integer(related="account_id.balance_minutes")
    how = fields.Selection(
        [("leaves", "The person leaves"), ("moves", "The person moves to another company")],
        "Method",
        required=True,
        default="leaves",
    )
    to_company_id = fields.Many2one("res.company", "To")
    outcome = fields.Char(compute="_compute_outcome")
    document = fields.Char(required=True, help="Number or date of the supporting document.")

    @api.depends("account_id", "how")
    def _compute_outcome(self):
        for wizard in self:
            if not wizard.account_id:
                wizard.outcome = False
                continue
            if wizard.how == "moves":
                wizard.outcome = self.env._(
                    "The remainder is transferred there with the same last dates."
                )
                continue
            rules = wizard._rules()
            paid = rules.cto_on_termination == "pay_cash"
            wizard.outcome = (
                self.env._(
                    "According to the rule set the remaining time is paid with the next "
                    "payroll file."
                )
                if paid
                else self.env._("According to the rule set the remaining time is forfeited.")
            )

    def _rules(self):
        account = self.account_id.sudo()
        return account._rules_on(account.employee_id, account.company_id._biometric_today())

    def action_confirm(self):
        """Close it with one entry, and open the other one where the person moves."""
        self.ensure_one()
        self.check_access("write")
        self.account_id.check_access("read")
        document = self.env["biometric.audited"]._check_reason(self.document)
        account = self.account_id.sudo()
        if self.env["biometric.audited"]._names_someone(document, account.employee_id):
            raise UserError(
                self.env._(
                    "The time account keeps this permanently, even after an erasure: do "
                    "not write the person's name in it."
                )
            )
        if account.kind != "bank":
            raise UserError(self.env._("A flex account is capped at its settlement, not closed."))
        if self.how == "moves" and self.to_company_id not in self.env.user.company_ids:
            raise UserError(self.env._("Choose the company; you need access to both."))
        if self.to_company_id == account.company_id and self.how == "moves":
            raise UserError(self.env._("This is the current company of the account."))
        self.env["biometric.audit"]._record(
            "cto.close",
            account,
            {"balance_minutes": account.balance_minutes},
            {"how": self.how, "to": self.to_company_id.id or None},
            document,
            company=account.company_id,
            concern=Concern(set(account.employee_id.ids)),
        )
        self._close(account, document)
        return {"type": "ir.actions.client", "tag": "soft_reload"}

    def _close(self, account, document):
        employee, company = account.employee_id, account.company_id
        book = account._open(company, employee.ids)[employee.id]
        rules, today = self._rules(), company._biometric_today()
        today = max(today, book.last_date or today)
        book.use_rules(rules)
        book.bank.advance(today)
        lots = [(lot, lot.left) for lot in book.bank.lots.values() if lot.left]
        if self.how == "moves":
            # forfeited here, opened there: the same minutes, the same last dates
            book.use_rules(replace(rules, cto_on_termination="forfeit"))
        book.bank.terminate(today)
        book.note("termination", {"note": document})
        account._write_down([book])
        if self.how == "moves":
            self._record_there(employee, lots, today, document)
            there = account._open(self.to_company_id, employee.ids)[employee.id]
            for lot, minutes in lots:
                source = f"transfer:{account.id}:{lot.name}"
                there.bank.opening(source, today, minutes, lot.expires_on)
                there.note(source, {"note": document})
            account._write_down([there])

    def _record_there(self, employee, lots, on, document):
        """The trail of the other company tells what opened there, as it does of balances brought
        in."""
        opened = [
            [minutes, "" if lot.expires_on == FOREVER else str(lot.expires_on), document]
            for lot, minutes in lots
        ]
        self.env["biometric.audit"]._record(
            "cto.opening",
            employee,
            None,
            {"account": "bank", "date": str(on), "lots": opened},
            document,
            company=self.to_company_id,
            concern=Concern(set(employee.ids)),
        )
