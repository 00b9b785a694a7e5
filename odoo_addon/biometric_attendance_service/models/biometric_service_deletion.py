"""Deleting a tenant: one procedure, six conditions, fourteen days, and a certificate.

The owner stops the agents, exports, lets the export be verified and confirms; one person of the
provider asks for the deletion, another one carries it out, not before the days have passed in
which the owner may stay. Owns the conditions and what the certificate says. How a person reads it,
biometric_service_certificate.py knows; which rows a company consists of, biometric.service.doomed;
how an export is verified, biometric.leaving.
"""

import hashlib
import json

from odoo import api, fields, models
from odoo.exceptions import UserError

CHANGE_DAYS = 14
VERIFIED = "company.export_verified"
# Entries that may come after the export that was verified: they are about leaving, or the system's.
HARMLESS = (
    "company.export",
    VERIFIED,
    "audit.night",
    "notice.sent",
    "retention.purge",
    "service.confirm",
    "service.ask",
)


class BiometricServiceDeletion(models.Model):
    _name = "biometric.service.deletion"
    _description = "Deletions of tenants"
    _order = "id desc"
    _rec_name = "tenant_id"

    tenant_id = fields.Many2one(
        "biometric.service.tenant", required=True, readonly=True, ondelete="restrict", index=True
    )
    provider_id = fields.Many2one(related="tenant_id.provider_id", string="Provider")
    stopped_at = fields.Datetime("Agents stopped", required=True, readonly=True)
    verified_at = fields.Datetime("Export verified", readonly=True)
    export_sha256 = fields.Char("SHA-256 of the export", readonly=True)
    confirmed_at = fields.Datetime("Confirmed by the owner", readonly=True)
    # A number, no name: who it was goes with the company.
    confirmed_by = fields.Integer("Confirmed by user number", readonly=True)
    asked_at = fields.Datetime("Requested", readonly=True)
    asked_by_id = fields.Many2one("res.users", "Requested by", readonly=True, ondelete="restrict")
    possible_from = fields.Datetime("Not before", compute="_compute_possible_from")
    done_at = fields.Datetime("Deleted", readonly=True)
    done_by_id = fields.Many2one("res.users", "Done by", readonly=True, ondelete="restrict")
    withdrawn_at = fields.Datetime("Withdrawn", readonly=True)
    certificate = fields.Json(readonly=True)
    certificate_sha256 = fields.Char("SHA-256 of the certificate", readonly=True)
    missing = fields.Char("Still to do", compute="_compute_missing")

    _one_open = models.UniqueIndex("(tenant_id) WHERE done_at IS NULL AND withdrawn_at IS NULL")

    @api.depends("confirmed_at")
    def _compute_possible_from(self):
        for one in self:
            at = one.confirmed_at
            one.possible_from = at and fields.Datetime.add(at, days=CHANGE_DAYS)

    @api.depends_context("uid", "lang")
    def _compute_missing(self):
        for one in self:
            one.missing = False if one.done_at else one.sudo()._why_not(self.env.user)

    # ------------------------------------------------------------------ the owner's part

    @api.model
    def _open(self, tenant):
        """The running deletion (sudo) of a tenant, or none."""
        running = [("done_at", "=", False), ("withdrawn_at", "=", False)]
        return self.sudo().search([("tenant_id", "=", tenant.id), *running], limit=1)

    @api.model
    def _stop_agents(self, tenant):
        """Tokens die, agents are told `gone` and keep what they hold: from here on the company's
        ledgers stand still, so that an export holds all of them."""
        tenant._check_may_decide()
        tenant = tenant.sudo()
        if tenant.state != "closing":
            raise UserError(
                self.env._("%s is not leaving; start the departure first.", tenant.name)
            )
        if self._open(tenant):
            raise UserError(self.env._("The agents of %s are already stopped.", tenant.name))
        count = self.env["biometric.service.gone"].sudo()._stop(tenant)
        tenant._note("stop", None, {"tokens": count})
        return self.sudo().create({"tenant_id": tenant.id, "stopped_at": fields.Datetime.now()})

    def _verify(self, data):
        """The export laid here is whole, fits, and was made after the agents were stopped."""
        self.ensure_one()
        company = self.tenant_id.company_id
        self.env["biometric.leaving"]._verify(company, data)
        verified = self._last_verified()
        if not self._is_after_stop(verified):
            raise UserError(
                self.env._(
                    "This export was created before the agents were stopped. Create a new one."
                )
            )
        self.sudo().write(
            {
                "verified_at": fields.Datetime.now(),
                "export_sha256": json.loads(verified.after)["sha256"],
                "confirmed_at": False,
                "asked_at": False,
                "asked_by_id": False,
            }
        )

    def _confirm(self, name):
        """The owner's yes: the name of the company, typed."""
        self.ensure_one()
        self.tenant_id._check_may_decide()
        company = self.tenant_id.sudo().company_id
        if company not in self.env.user.company_ids:
            raise UserError(self.env._("The owner confirms, not the provider."))
        if not self.verified_at:
            raise UserError(self.env._("First upload the export here, so that it can be verified."))
        if (name or "").strip() != company.name:
            raise UserError(self.env._("Type the company's name exactly: %s", company.name))
        self.sudo().write({"confirmed_at": fields.Datetime.now(), "confirmed_by": self.env.uid})
        self.tenant_id.sudo()._note("confirm", None, {"sha256": self.export_sha256})

    @api.model
    def _withdraw(self, tenant):
        self._open(tenant).withdrawn_at = fields.Datetime.now()

    def _last_verified(self):
        domain = [("company_id", "=", self.tenant_id.company_id.id), ("action", "=", VERIFIED)]
        return self.env["biometric.audit"].sudo().search(domain, order="id desc", limit=1)

    def _is_after_stop(self, verified):
        """Whether the export that an entry speaks of was made after the agents were stopped."""
        company = self.tenant_id.company_id
        own = [("company_id", "=", company.id), ("seq", "=", json.loads(verified.after)["seq"])]
        made = self.env["biometric.audit"].sudo().search(own, limit=1)
        return made.happened_at >= self.stopped_at

    # ------------------------------------------------------------------ the provider's part

    def action_ask(self):
        """Button: the first person of the provider."""
        self.ensure_one()
        self.check_access("read")
        self.tenant_id._check_provider()
        one = self.sudo()
        if not one.confirmed_at or one.done_at or one.withdrawn_at:
            raise UserError(self.env._("The owner has not confirmed."))
        one.write({"asked_at": fields.Datetime.now(), "asked_by_id": self.env.uid})
        one.tenant_id._note("ask", None, {"possible_from": str(one.possible_from)})

    def action_delete(self):
        """Button: the second person, when everything else is done."""
        self.ensure_one()
        self.check_access("read")
        self.tenant_id._check_provider()
        if why := self.sudo()._why_not(self.env.user):
            raise UserError(self.env._("Not now: %s.", why))
        self.sudo()._carry_out(self.env.user)

    def _why_not(self, user):
        """The first condition that does not hold, in words; "" when all do. user: who would."""
        self.ensure_one()
        _, tenant, now = self.env._, self.tenant_id, fields.Datetime.now()
        verified = self._last_verified()
        conditions = (
            (tenant.state == "closing", _("the company is not leaving")),
            (not self.done_at and not self.withdrawn_at, _("this deletion has ended")),
            (self.verified_at and verified, _("no verified export")),
            (
                verified and self._is_after_stop(verified) and not self._grown(verified),
                _("data was entered after the verified export; export again"),
            ),
            (self.confirmed_at, _("the owner has not confirmed")),
            (self.asked_at, _("nobody of the provider has requested it")),
            (user != self.asked_by_id, _("who requested it cannot carry it out")),
            (
                self.confirmed_at and now >= self.possible_from,
                _("the owner may stay until %s", self._moment(self.possible_from)),
            ),
        )
        return next((words for holds, words in conditions if not holds), "")

    def _grown(self, verified):
        """Whether the company's people did anything since the export."""
        domain = [
            ("company_id", "=", self.tenant_id.company_id.id),
            ("action", "not in", HARMLESS),
            "|",
            ("seq", "=", False),
            ("seq", ">", json.loads(verified.after)["seq"]),
        ]
        return bool(self.env["biometric.audit"].sudo().search_count(domain, limit=1))

    def _carry_out(self, user):
        """Delete, and say what was deleted."""
        tenant = self.tenant_id
        company = tenant.company_id
        doomed = self.env["biometric.service.doomed"]
        statements = self.env["biometric.service.statement"]
        statements._close_due(tenant, final=True)
        words, number = doomed._words(company), company.id
        # Whoever is told must be told before the address is gone.
        tenant.write(
            {
                "deleted_on": tenant._today(),
                "company_id": False,
                "owner_id": False,
                "status_token": False,
                "row_count": 0,
                "disk_bytes": 0,
                "request_count": 0,
            }
        )
        rows = doomed._delete(company)
        done_at = fields.Datetime.now()
        remains = doomed._remains(number, words, tenant, self)
        certificate = {
            "company": tenant.name,
            "company_id": number,
            "export_sha256": self.export_sha256,
            "stopped_at": str(self.stopped_at),
            "confirmed_at": str(self.confirmed_at),
            "asked_by": self.asked_by_id.id,
            "done_by": user.id,
            "done_at": str(done_at),
            "rows": rows,
            "remains": remains,
            "kept": self.env._(
                "The provider's invoices and the contact they name, as required by tax "
                "law, the monthly amounts they are made of, and this certificate."
            ),
        }
        digest = hashlib.sha256(self._written(certificate).encode()).hexdigest()
        self.write(
            {
                "done_at": done_at,
                "done_by_id": user.id,
                "certificate": certificate,
                "certificate_sha256": digest,
            }
        )
        self.env["biometric.audit"].sudo()._record(
            "service.delete", self, None, {"sha256": digest}, company=tenant.provider_id
        )
        tenant._move("deleted")
