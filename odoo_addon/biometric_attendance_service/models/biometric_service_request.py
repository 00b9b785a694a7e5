"""A sign-up by the form before its address is proven: nothing is made until the mail is answered.

Owns the link that was mailed (kept as a hash), how many are let in, what may stand in a mail to
somebody who did not ask for it, and when one is over. Must not know what a sign-up makes.
"""

import re
import secrets

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from odoo.addons.biometric_attendance.contract import chain
from odoo.addons.biometric_attendance.seams.parameters import parameter

HOURS = 24
# Requests of one hour: from one address, and of all together.
MOST_FROM_ONE, MOST = 5, 200
# Mails to one mailbox in as many hours as a link lives, whoever asks for them.
MOST_TO_ONE = 3
LONGEST = 200
# A name that is mailed: no place for a message of somebody else's.
NAMES, LONGEST_NAME = ("company", "owner", "branch"), 80
LINK = re.compile(r".*?(://|\bwww\.|\bhttps?\b|\w\.\w{2,}/)", re.IGNORECASE | re.DOTALL)
SHORTEST_PASSWORD = 10
GIVEN = ("company", "owner", "email", "country", "tz", "branch", "lang", "plan")


class BiometricServiceRequest(models.Model):
    _name = "biometric.service.request"
    _description = "Sign-ups to be confirmed"
    _order = "id desc"
    _rec_name = "address"

    token_hash = fields.Char("Token hash", required=True, size=64, groups=fields.NO_ACCESS)
    given = fields.Json("Input", required=True)
    address = fields.Char("Requested from", required=True, index=True)
    expires_at = fields.Datetime("Expires on", required=True)

    _one_hash = models.UniqueIndex("(token_hash)")

    @api.model
    def _ask(self, values, address):
        """Keep what the form says and mail the link. What is wrong is said at once, whoever it is
        about; whether an address has an account is told to its mailbox alone."""
        given = {name: str(values.get(name) or "").strip()[:LONGEST] for name in GIVEN}
        tenants = self.env["biometric.service.tenant"].sudo()
        email = given["email"] = tenants._fitting(given)["email"]
        self._check_names(given)
        self._check_rate(address)
        known = tenants._has_account(email)
        given["plan"] = self._offered(given["plan"])
        is_told_enough = self._is_told_enough(email)
        token = secrets.token_urlsafe(32)
        # Kept for a known address as well: its mails are limited too, and the work is the same.
        self.sudo().create(
            {
                "token_hash": chain.secret_digest(token),
                "given": given,
                "address": address or "",
                "expires_at": fields.Datetime.add(fields.Datetime.now(), hours=HOURS),
            }
        )
        if is_told_enough:
            # Said to nobody: it would tell a stranger what that mailbox got.
            return
        if known:
            self._mail(email, "request_known", given, None)
        else:
            self._mail(email, "request_confirm", given, token)

    def _check_names(self, given):
        """The mail goes to whoever the address belongs to, before anybody proved it is theirs."""
        for name in NAMES:
            if len(given[name]) > LONGEST_NAME or LINK.match(given[name]):
                raise UserError(
                    self.env._(
                        "A name has at most %(most)s characters and no link: “%(name)s”",
                        most=LONGEST_NAME,
                        name=given[name],
                    )
                )

    def _offered(self, named):
        """The number of a plan that the form offers, as text; "" for any other."""
        plans = self.env["biometric.service.plan"].sudo()
        offered = plans.search([("is_offered", "=", True)], limit=100)
        return named if named in map(str, offered.ids) else ""

    def _of_mailbox(self, email):
        """Sign-ups (sudo) that are kept with an address."""
        self.flush_model()
        self.env.cr.execute(
            SQL(
                """SELECT id FROM biometric_service_request
                    WHERE given->>'email' = %s ORDER BY id LIMIT 10000""",
                email,
            )
        )
        return self.sudo().browse([row[0] for row in self.env.cr.fetchall()])

    def _is_told_enough(self, email):
        """Whether as many mails went to a mailbox while a link of them lives."""
        since = fields.Datetime.subtract(fields.Datetime.now(), hours=HOURS)
        mailed = self._of_mailbox(email).filtered(lambda one: one.create_date > since)
        return len(mailed) >= MOST_TO_ONE

    def _check_rate(self, address):
        since = fields.Datetime.subtract(fields.Datetime.now(), hours=1)
        recent = [("create_date", ">", since)]
        rows = self.sudo()
        if (
            rows.search_count([*recent, ("address", "=", address or "")]) >= MOST_FROM_ONE
            or rows.search_count(recent) >= MOST
        ):
            raise UserError(self.env._("Too many sign-ups just now. Try again in an hour."))

    def _mail(self, email, template, given, token):
        url = parameter(self.env, "web.base.url")
        link = f"{url}/biometric/sign-up/{token}" if token else f"{url}/web/login"
        body = self.env["ir.qweb"]._render(
            f"biometric_attendance_service.mail_{template}", {"given": given, "link": link}
        )
        self.env["mail.mail"].sudo().create(
            {
                "subject": self.env._("Attendance for %s: one more step", given["company"]),
                "email_to": email,
                "body_html": body,
                "auto_delete": True,
            }
        )

    @api.model
    def _of_token(self, token):
        """The request (sudo) of a link that still works, else none."""
        domain = [
            ("token_hash", "=", chain.secret_digest((token or "")[:128])),
            ("expires_at", ">", fields.Datetime.now()),
        ]
        return self.sudo().search(domain, limit=1)

    def _confirm(self, password):
        """(tenant, pairing line): whoever opens the mailed link and chooses a password begins."""
        self.ensure_one()
        if len(password or "") < SHORTEST_PASSWORD:
            raise UserError(
                self.env._("Choose a password of at least %s characters.", SHORTEST_PASSWORD)
            )
        provider = self.env.ref("base.main_company")
        tenants = self.env["biometric.service.tenant"].sudo().with_company(provider)
        made = tenants._sign_up(self.given, password)
        self.unlink()
        return made

    @api.autovacuum
    def _gc_over(self):
        """What nobody confirmed is forgotten a day after it ended."""
        before = fields.Datetime.subtract(fields.Datetime.now(), days=1)
        self.sudo().search([("expires_at", "<", before)], limit=1000).unlink()
