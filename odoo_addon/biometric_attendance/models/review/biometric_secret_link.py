"""Mixin of links for people without a login: a token that is stored as its hash alone, a number
that is told by word of mouth, and what closes both.

Owns issuing, coming in and closing. Must not know what a link opens.
"""

import hashlib
import hmac
import secrets

from odoo import api, fields, models
from odoo.exceptions import UserError

from ...contract import chain

MOST_TRIES = 5
DIGITS = (4, 8)
# A number has few digits: guessing it from the database must cost time.
ROUNDS = 200_000


class BiometricSecretLink(models.AbstractModel):
    _name = "biometric.secret.link"
    _description = "Link with a number"

    # Of no group: a number of four digits is found in its hash in seconds.
    token_hash = fields.Char(
        "Token hash", required=True, readonly=True, size=64, groups=fields.NO_ACCESS
    )
    number_salt = fields.Char("Number salt", required=True, readonly=True, groups=fields.NO_ACCESS)
    number_hash = fields.Char("Number hash", required=True, readonly=True, groups=fields.NO_ACCESS)
    issued_by_id = fields.Many2one(
        "res.users", "Issued by", required=True, readonly=True, ondelete="restrict"
    )
    issued_at = fields.Datetime("Issued", required=True, readonly=True)
    expires_at = fields.Datetime("Ends", required=True, readonly=True)
    used_at = fields.Datetime("Last used", readonly=True)
    tries = fields.Integer("Wrong numbers", readonly=True)
    closed_at = fields.Datetime("Closed", readonly=True)
    is_open = fields.Boolean("Active", compute="_compute_is_open")

    _one_hash = models.UniqueIndex("(token_hash)")

    @api.depends("expires_at", "closed_at", "tries")
    def _compute_is_open(self):
        for link in self:
            link.is_open = link.sudo()._works()

    def _works(self):
        """Whether it opens anything now (sudo): in time and not closed."""
        return bool(
            not self.closed_at
            and self.tries < MOST_TRIES
            and self.expires_at > fields.Datetime.now()
        )

    @api.model
    def _make(self, number, values, **lasting):
        """A new link of these values (sudo); (link, token). lasting: days or hours."""
        number = (number or "").strip()
        if not number.isdecimal() or not DIGITS[0] <= len(number) <= DIGITS[1]:
            raise UserError(self.env._("The number has 4 to 8 digits known only to the person."))
        token, salt = secrets.token_urlsafe(32), secrets.token_hex(16)
        now = fields.Datetime.now()
        link = self.sudo().create(
            {
                **values,
                "token_hash": chain.secret_digest(token),
                "number_salt": salt,
                "number_hash": self._number_hash(salt, number),
                "issued_by_id": self.env.uid,
                "issued_at": now,
                "expires_at": fields.Datetime.add(now, **lasting),
            }
        )
        return link, token

    @staticmethod
    def _number_hash(salt, number):
        return hashlib.pbkdf2_hmac("sha256", number.encode(), salt.encode(), ROUNDS).hex()

    def _close(self):
        """Of a link that is open: nothing is opened by it any more."""
        for link in self.filtered(lambda one: not one.sudo().closed_at):
            link.sudo().closed_at = fields.Datetime.now()
            link._tell_closed()

    def _tell_closed(self):
        """The entry that says that a link was closed."""
        raise NotImplementedError

    @api.model
    def _of_token(self, token):
        """The link of a token that works now (sudo), else none."""
        link = self.search([("token_hash", "=", chain.secret_digest(token or ""))], limit=1)
        return link if link and link._works() else self.browse()

    def _confirm(self, number):
        """Whether it is the right number; five wrong ones close the link."""
        given = self._number_hash(self.number_salt, (number or "").strip())
        if hmac.compare_digest(given, self.number_hash):
            self.write({"tries": 0, "used_at": fields.Datetime.now()})
            return True
        self.tries += 1
        if self.tries >= MOST_TRIES:
            self._close()
        return False
