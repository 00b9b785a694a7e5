"""Company settings of the ledger: how long raw punches stay, and the secret of erased keys.

Keeping them shorter removes what nobody brings back: one person asks, another one who sees what
would go says yes. Must not remove anything itself.
"""

import hmac
import secrets

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.orm.models import NO_ACCESS

from ..mixins.settings_readers import SETTINGS_READERS

# What the asking itself writes: by hand it would be another one's yes.
ASKED = {"retention_wanted_months", "retention_wanted_by_id"}


class ResCompany(models.Model):
    _inherit = "res.company"

    # Of no group: who reads it tries PINs against digests. Code of the ledger reads it under sudo.
    erased_key_secret = fields.Char("Secret for erased keys", copy=False, groups=NO_ACCESS)
    biometric_retention_months = fields.Integer(
        "Keep raw punches for (months)",
        groups=SETTINGS_READERS,
        help="0 keeps them forever. Older punches are deleted every night; the ledgers can "
        "still be verified. A person can be erased only as far back as this.",
    )

    # What somebody asked for and nobody else has confirmed; 0 is nothing.
    retention_wanted_months = fields.Integer(
        "Shorter retention (months)", readonly=True, copy=False, groups=SETTINGS_READERS
    )
    retention_wanted_by_id = fields.Many2one(
        "res.users",
        "Shorter retention requested by",
        readonly=True,
        copy=False,
        groups=SETTINGS_READERS,
    )

    def write(self, vals):
        """A person who shortens the retention asks for it: it begins with another one's yes."""
        if not self.env.su and ASKED & vals.keys():
            raise AccessError(
                self.env._("The requester of a shorter retention cannot be set manually.")
            )
        months = vals.get("biometric_retention_months")
        shorter = self.filtered(lambda company: company._is_shorter(months))
        if months is not None and (self.env.su or not shorter):
            vals = {**vals, **dict.fromkeys(ASKED, False)}
        if not months or self.env.su or not shorter:
            return super().write(vals)
        for company in shorter:
            company._ask_retention(months)
        rest = {name: vals[name] for name in vals if name != "biometric_retention_months"}
        done = super(ResCompany, self - shorter).write(vals) if self - shorter else True
        return (super(ResCompany, shorter).write(rest) if rest else True) and done

    def _is_shorter(self, months):
        now = self.sudo().biometric_retention_months
        return bool(months) and months > 0 and (not now or months < now)

    def _retention_preview(self, months):
        """What a purge by `months` would remove tonight; see biometric.retention."""
        cutoff = fields.Date.subtract(self._biometric_today(), months=months)
        return self.env["biometric.retention"].sudo()._preview(self, cutoff)

    def _retention_removes(self, months):
        """The same in words."""
        found = self.sudo()._retention_preview(months)
        if not found["punches"]:
            return self.env._("No punches would be deleted tonight.")
        return self.env._(
            "To be deleted tonight: punches %(punches)s, PINs %(pins)s, from %(first)s "
            "to %(last)s.",
            **found,
        )

    def _retention_wanted_text(self):
        """Who asked for what, and what would go; "" where nobody did."""
        company = self.sudo()
        months = company.retention_wanted_months
        return (
            ""
            if not months
            else self.env._(
                "%(who)s requested %(months)s months; it takes effect when another "
                "administrator confirms. %(removed)s",
                who=company.retention_wanted_by_id.name,
                months=months,
                removed=self._retention_removes(months),
            )
        )

    def _change_retention(self, months):
        """By an administrator of the company: a longer one takes effect, a shorter one is asked
        for. AccessError for others."""
        self.ensure_one()
        if self._is_shorter(months):
            self._ask_retention(months)
        else:
            self._check_administrator()
            self.sudo().write({"biometric_retention_months": months})

    def _check_administrator(self):
        if not self.env.user.has_group("biometric_attendance.group_administrator"):
            self.check_access("write")

    def _ask_retention(self, months):
        self._check_administrator()
        self.sudo().with_context(mail_notrack=True).write(
            {"retention_wanted_months": months, "retention_wanted_by_id": self.env.uid}
        )
        self._note_retention("retention.ask", months)

    def _note_retention(self, action, months, **more):
        after = {"months": months, **self._retention_preview(months), **more}
        self.env["biometric.audit"].sudo()._record(action, self, None, after, company=self)

    def action_confirm_retention(self):
        """Another administrator says yes to what was asked for; who is the only one may do both,
        and the entry says so."""
        self.ensure_one()
        company, months = self.sudo(), self.sudo().retention_wanted_months
        if not self.env.user.has_group("biometric_attendance.group_administrator"):
            raise AccessError(self.env._("Only administrators can confirm a shorter retention."))
        if self not in self.env.companies:
            raise AccessError(self.env._("This setting belongs to another company."))
        if not months:
            raise UserError(self.env._("Nobody requested a shorter retention."))
        actors = {self.env.uid, self.env["biometric.audit"]._real_uid()}
        alone = company.retention_wanted_by_id.id in actors
        others = self.env["biometric.duty"]._others("administrator", company, actors)
        if alone and others:
            raise UserError(
                self.env._(
                    "You requested it yourself. Another administrator has to confirm: %s.",
                    ", ".join(sorted(others.mapped("name"))[:3]),
                )
            )
        asked_by = company.retention_wanted_by_id.id
        self._note_retention("retention.confirm", months, asked_by=asked_by, alone=alone)
        company.write({"biometric_retention_months": months})

    @api.constrains("biometric_retention_months")
    def _check_biometric_retention(self):
        for company in self.sudo():
            if company.biometric_retention_months < 0:
                raise ValidationError(self.env._("Months cannot be negative."))

    def _biometric_secret(self):
        """The company's own secret in bytes; drawn when it is first needed, told to nobody."""
        company = self.sudo()
        if not company.erased_key_secret:
            company.erased_key_secret = secrets.token_hex(32)
        return company.erased_key_secret.encode()

    def _biometric_line_salt(self):
        """For the digests of lines that are withheld (contract/reject_line.py)."""
        return hmac.new(self._biometric_secret(), b"withheld lines", "sha256").hexdigest()

    def _biometric_zone(self):
        """Name of the zone of the company's place: of its address, else of its working schedule.
        Never the reader's."""
        self.ensure_one()
        company = self.sudo()
        return company.partner_id.tz or company.resource_calendar_id.tz or "UTC"

    def _biometric_today(self):
        """The date at the place of the company, whoever asks and wherever the server stands."""
        return fields.Date.context_today(self.with_context(tz=self._biometric_zone()))

    def _biometric_cutoff(self):
        """First date whose punches must stay, or False: nothing is purged."""
        self.ensure_one()
        months = self.sudo().biometric_retention_months
        return bool(months) and fields.Date.subtract(self._biometric_today(), months=months)
