"""A personal link: own days and requests for people without a login.

Owns whom it opens what of: the days, requests and monthly records of one person, of the last two
months, the text about biometrics, and what that person may ask and answer; nothing else. How a
link is made and closed is biometric.secret.link. Must not know pages.
"""

from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ...contract import chain
from ..mixins.biometric_audited import Concern

MOST_DAYS = 366
SHOWN = timedelta(days=62)
# What a link may ask for: what needs no list of others' punches.
KINDS = ("add_punch", "excuse_late", "excuse_early")


class BiometricPersonalLink(models.Model):
    _name = "biometric.personal.link"
    _description = "Personal links"
    _inherit = ["biometric.secret.link"]
    _log_access = False
    _order = "id desc"
    _rec_name = "employee_id"

    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="cascade")
    employee_id = fields.Many2one(
        "hr.employee", required=True, readonly=True, ondelete="cascade", index=True
    )

    def _works(self):
        """As every link, and the person employed here."""
        employee, today = self.employee_id, self.company_id._biometric_today()
        left = employee.departure_date if "departure_date" in employee._fields else False
        return super()._works() and bool(employee.active and (not left or left >= today))

    # ------------------------------------------------------------------ issuing

    @api.model
    def _issue(self, employee, number, days):
        """A new link of a person; (link, token). Earlier ones of the person close."""
        employee = employee.sudo()
        officer = self.env.user.has_group("biometric_attendance.group_hr_officer")
        if not officer or employee.company_id not in self.env.companies:
            raise AccessError(self.env._("Only HR officers can issue personal links."))
        if not 1 <= days <= MOST_DAYS:
            raise UserError(self.env._("A link lasts 1 to 366 days."))
        earlier = self.sudo().search([("employee_id", "=", employee.id), ("closed_at", "=", False)])
        values = {"company_id": employee.company_id.id, "employee_id": employee.id}
        link, token = self._make(number, values, days=days)
        earlier._close()
        until = {"expires_at": fields.Datetime.to_string(link.expires_at)}
        link.sudo(False)._tell_trail("issue", until)
        return link, token

    def _tell_trail(self, step, after=None):
        for link in self:
            self.env["biometric.audit"]._record(
                f"link.{step}",
                link,
                None,
                after,
                company=link.sudo().company_id,
                concern=Concern(
                    frozenset(link.sudo().employee_id.ids), may_refuse=False, decides=False
                ),
            )

    def action_close(self):
        """Close links at once."""
        self.check_access("read")
        if not self.env.user.has_group("biometric_attendance.group_hr_officer"):
            raise AccessError(self.env._("Only HR officers can close personal links."))
        self._close()
        return True

    def _tell_closed(self):
        self._tell_trail("close")

    # ------------------------------------------------------------------ coming in

    @api.model
    def _of_token(self, token):
        """The link of a token that works now (sudo), else none."""
        digest = chain.secret_digest(token or "")
        link = self.search([("token_hash", "=", digest)], limit=1) or self._of_question(digest)
        return link if link and link._works() else self.browse()

    @api.model
    def _of_question(self, digest):
        """The person's open link, by the token of a mail that asked something (sudo): the number
        is asked for all the same. It leads nowhere once the time to answer is over."""
        asked = self.env["biometric.attestation"].search(
            [("token_hash", "=", digest), ("until", ">", fields.Datetime.now())], limit=1
        )
        if not asked:
            return self.browse()
        return self.search(
            [("employee_id", "=", asked.employee_id.id), ("closed_at", "=", False)], limit=1
        )

    def _questions(self):
        """What the person was asked in the last two months, open ones first."""
        since = self.company_id._biometric_today() - SHOWN
        rows = self.env["biometric.attestation"]._of_person(self.employee_id, since)
        return rows._shown()

    def _attest(self, question_id, choice, reason=None):
        """Answer a question of one's own, or ask that another answer counts."""
        one = self.env["biometric.attestation"].search(
            [
                ("id", "=", question_id),
                ("employee_id", "=", self.employee_id.id),
                ("step", "=", "asked"),
            ],
            limit=1,
        )
        if not one:
            raise UserError(self.env._("There is nothing to answer."))
        if reason:
            one._ask_change(choice, reason, by_link=True)
        else:
            one._answered(choice, by_link=True)

    def _consent(self, verdict, text_id):
        """Keep what the person says about biometrics: `given`, `no_biometrics` or `withdrawn`, of
        the text that was shown to them."""
        consent = self.env["biometric.consent"]
        consent._said(self.employee_id, verdict, text_id, by_link=True)

    def _shown(self):
        """`(days, adjustments)` of the person, newest first."""
        since = self.company_id._biometric_today() - SHOWN
        about = [("employee_id", "=", self.employee_id.id), ("date", ">=", since)]
        days = self.env["biometric.day"].search(about, order="date desc", limit=70)
        asked = self.env["biometric.adjustment"].search(
            [*about, ("state", "!=", "draft")], order="id desc", limit=200
        )
        return days, asked

    def _details(self, days):
        """`{day id: {"punches", "sentences", "lacks", "proposal"}}` of one's own days, as *My time*
        has them. lacks: `in` or `out` where a punch is missing and nothing is asked for yet."""
        mine = self.env["biometric.my.time"]
        proposals = self.env["biometric.proposal"]._for_days(days)
        dates = days.mapped("date")
        punches = mine._punches(self.employee_id, min(dates), max(dates)) if days else {}
        told = {}
        for day in days:
            one = mine._day(day, proposals.get(day.id), punches[day.date])
            is_asked = any(change["state"] == "submitted" for change in one["changes"])
            lacks = one["lacks"] if one["incomplete"] and not is_asked else ""
            names = ("punches", "sentences", "proposal")
            told[day.id] = {"lacks": lacks, **{name: one[name] for name in names}}
        return told

    def _left(self):
        """`[{"name", "left"}]`: what is left of each kind of leave; rooms with balances of their
        own add theirs."""
        return self.env["biometric.my.time"]._leave_left(self.employee_id)

    def _ask(self, values):
        """Ask for a correction of one's own day; the adjustment. UserError as `request` says."""
        if values.get("kind") not in KINDS:
            raise UserError(self.env._("Enter what is to be changed."))
        named = ("kind", "date", "clock", "next_day", "direction", "reason_text")
        own = {name: values[name] for name in named if values.get(name)}
        self._check_recent(fields.Date.to_date(own.get("date")))
        return self.env["biometric.adjustment"]._ask_by_link(self.employee_id, own)

    def _own_open(self, adjustments):
        """Those that the person asked for, by a link or a login that they had, and nobody decided
        yet: they may be taken back."""
        return adjustments.filtered(
            lambda one: (
                one.state == "submitted"
                and (one.by_link or one.requested_by_id in self.employee_id.user_id)
            )
        )

    def _withdraw(self, adjustment_id):
        """Take one's own open request back."""
        row = self.env["biometric.adjustment"].search(
            [("id", "=", adjustment_id), ("employee_id", "=", self.employee_id.id)], limit=1
        )
        if not self._own_open(row):
            raise UserError(self.env._("Only your own open requests can be withdrawn."))
        row._withdrawn(by_link=True)

    def _check_recent(self, day):
        today = self.company_id._biometric_today()
        if not day or not today - SHOWN <= day <= today:
            raise UserError(self.env._("Choose a day within the last two months."))

    def _answer(self, adjustment_id, agrees, text=None):
        """Agree with a change of one's own day, or dispute it."""
        one = self.env["biometric.adjustment"].search(
            [("id", "=", adjustment_id), ("employee_id", "=", self.employee_id.id)], limit=1
        )
        if not one:
            raise UserError(self.env._("There is nothing to answer yet."))
        one._answered(agrees, text, by_link=True)

    def _records(self):
        """The person's monthly records of the time that is shown, newest first."""
        since = self.company_id._biometric_today() - SHOWN
        return self.env["biometric.month.record"].search(
            [("employee_id", "=", self.employee_id.id), ("date_to", ">=", since)], limit=20
        )

    def _certify(self, record_id):
        """Certify one of one's own monthly records."""
        record = self._records().filtered(lambda one: one.id == record_id)
        if not record:
            raise UserError(self.env._("There is nothing to certify yet."))
        record._certify(by_link=True)
