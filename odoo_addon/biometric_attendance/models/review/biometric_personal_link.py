"""A personal link: own days and requests for people without a login.

Owns the link: a token that is stored as its hash alone, a number that only the person knows, how
long it lasts and what closes it. It opens the days and requests of one person, of the last two
months, and what that person may ask and answer; nothing else. Must not know pages.
"""

import hashlib
import hmac
import secrets
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ...contract import chain
from ..mixins.biometric_audited import Concern

MOST_TRIES = 5
MOST_DAYS = 366
SHOWN = timedelta(days=62)
DIGITS = (4, 8)
# A number has few digits: guessing it from the database must cost time.
ROUNDS = 200_000
# What a link may ask for: what needs no list of others' punches.
KINDS = ("add_punch", "excuse_late", "excuse_early")


class BiometricPersonalLink(models.Model):
    _name = "biometric.personal.link"
    _description = "Personal links"
    _log_access = False
    _order = "id desc"
    _rec_name = "employee_id"

    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="cascade")
    employee_id = fields.Many2one(
        "hr.employee", required=True, readonly=True, ondelete="cascade", index=True
    )
    # Of no group: a number of four digits is found in its hash in seconds.
    token_hash = fields.Char(required=True, readonly=True, size=64, groups=fields.NO_ACCESS)
    number_salt = fields.Char(required=True, readonly=True, groups=fields.NO_ACCESS)
    number_hash = fields.Char(required=True, readonly=True, groups=fields.NO_ACCESS)
    issued_by_id = fields.Many2one("res.users", required=True, readonly=True, ondelete="restrict")
    issued_at = fields.Datetime("Issued", required=True, readonly=True)
    expires_at = fields.Datetime("Ends", required=True, readonly=True)
    used_at = fields.Datetime("Last used", readonly=True)
    tries = fields.Integer("Wrong numbers", readonly=True)
    closed_at = fields.Datetime("Closed", readonly=True)
    is_open = fields.Boolean("Works", compute="_compute_is_open")

    _one_hash = models.UniqueIndex("(token_hash)")

    @api.depends("expires_at", "closed_at", "tries")
    def _compute_is_open(self):
        for link in self:
            link.is_open = link.sudo()._works()

    def _works(self):
        """Whether it opens anything now (sudo): in time, not closed, the person employed here."""
        employee, today = self.employee_id, self.company_id._biometric_today()
        left = employee.departure_date if "departure_date" in employee._fields else False
        return bool(
            not self.closed_at
            and self.tries < MOST_TRIES
            and self.expires_at > fields.Datetime.now()
            and employee.active
            and (not left or left >= today)
        )

    # ------------------------------------------------------------------ issuing

    @api.model
    def _issue(self, employee, number, days):
        """A new link of a person; (link, token). Earlier ones of the person close."""
        employee = employee.sudo()
        officer = self.env.user.has_group("biometric_attendance.group_hr_officer")
        if not officer or employee.company_id not in self.env.companies:
            raise AccessError(self.env._("Only HR officers give out personal links."))
        number = (number or "").strip()
        if not number.isdecimal() or not DIGITS[0] <= len(number) <= DIGITS[1]:
            raise UserError(self.env._("The number has 4 to 8 digits that only the person knows."))
        if not 1 <= days <= MOST_DAYS:
            raise UserError(self.env._("A link lasts 1 to 366 days."))
        self.sudo().search([("employee_id", "=", employee.id), ("closed_at", "=", False)])._close()
        token, salt = secrets.token_urlsafe(32), secrets.token_hex(16)
        now = fields.Datetime.now()
        link = self.sudo().create(
            {
                "company_id": employee.company_id.id,
                "employee_id": employee.id,
                "token_hash": chain.secret_digest(token),
                "number_salt": salt,
                "number_hash": self._number_hash(salt, number),
                "issued_by_id": self.env.uid,
                "issued_at": now,
                "expires_at": fields.Datetime.add(now, days=days),
            }
        )
        until = {"expires_at": fields.Datetime.to_string(link.expires_at)}
        link.sudo(False)._tell_trail("issue", until)
        return link, token

    @staticmethod
    def _number_hash(salt, number):
        return hashlib.pbkdf2_hmac("sha256", number.encode(), salt.encode(), ROUNDS).hex()

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
            raise AccessError(self.env._("Only HR officers close personal links."))
        self._close()
        return True

    def _close(self):
        """Of a link that is open: nothing is opened by it any more."""
        for link in self.filtered(lambda one: not one.sudo().closed_at):
            link.sudo().closed_at = fields.Datetime.now()
            link._tell_trail("close")

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

    def _confirm(self, number):
        """Whether it is the person's number; five wrong ones close the link."""
        given = self._number_hash(self.number_salt, (number or "").strip())
        if hmac.compare_digest(given, self.number_hash):
            self.write({"tries": 0, "used_at": fields.Datetime.now()})
            return True
        self.tries += 1
        if self.tries >= MOST_TRIES:
            self._close()
        return False

    def _shown(self):
        """`(days, adjustments)` of the person, newest first."""
        since = self.company_id._biometric_today() - SHOWN
        about = [("employee_id", "=", self.employee_id.id), ("date", ">=", since)]
        days = self.env["biometric.day"].search(about, order="date desc", limit=70)
        asked = self.env["biometric.adjustment"].search(
            [*about, ("state", "!=", "draft")], order="id desc", limit=200
        )
        return days, asked

    def _ask(self, values):
        """Ask for a correction of one's own day; the adjustment. UserError as `request` says."""
        if values.get("kind") not in KINDS:
            raise UserError(self.env._("Say what is to be changed."))
        named = ("kind", "date", "clock", "next_day", "direction", "reason_text")
        own = {name: values[name] for name in named if values.get(name)}
        self._check_recent(fields.Date.to_date(own.get("date")))
        return self.env["biometric.adjustment"]._ask_by_link(self.employee_id, own)

    def _check_recent(self, day):
        today = self.company_id._biometric_today()
        if not day or not today - SHOWN <= day <= today:
            raise UserError(self.env._("Choose a day of the last two months."))

    def _answer(self, adjustment_id, agrees, text=None):
        """Agree with a change of one's own day, or dispute it."""
        one = self.env["biometric.adjustment"].search(
            [("id", "=", adjustment_id), ("employee_id", "=", self.employee_id.id)], limit=1
        )
        if not one:
            raise UserError(self.env._("There is nothing to answer yet."))
        one._answered(agrees, text, by_link=True)
