"""Uninstalling from the screen while ledgers hold rows: what has to be done before, and whether.

An export of every company, made after the last entry of its trail, laid here again and verified,
and the yes of a second administrator. Both are entries of the trail; no table of their own. What
the command line and whoever owns the database can do beside this is said in docs/audit.md. Must
not know how an export is written or verified.
"""

import hashlib
import io
import json

from odoo import api, models
from odoo.exceptions import AccessError, UserError

from ...verifier import verify

EXPORTED, VERIFIED, CONFIRMED = "company.export", "company.export_verified", "uninstall.confirm"
# Entries that may come after the export: they are about it, or say again what stands there.
_AFTERWARDS = (EXPORTED, VERIFIED, CONFIRMED, "audit.night", "notice.sent")


class BiometricLeaving(models.AbstractModel):
    _name = "biometric.leaving"
    _description = "To be done before uninstalling"

    @api.model
    def _check_may(self):
        if not self.env.user.has_group("biometric_attendance.group_administrator"):
            raise AccessError(self.env._("Only administrators can prepare an uninstallation."))

    # ------------------------------------------------------------------ the guard

    @api.model
    def _refuse_uninstall(self):
        """UserError while something is left to do; nothing for an empty or a demo database."""
        module = self.env.ref("base.module_biometric_attendance").sudo()
        if module.demo:
            return
        missing = [
            f"{company.name}: {why}"
            for company in self._companies()
            if (why := self._why_not(company))
        ]
        if missing:
            raise UserError(
                self.env._(
                    "Punches and payroll records would be lost forever. Before "
                    "uninstalling: export each company, upload the file under "
                    "Configuration › Verifications › Before uninstalling, and have another "
                    "administrator confirm there.\n\n%s",
                    "\n".join(missing),
                )
            )

    @api.model
    def _companies(self):
        """Companies whose ledgers hold rows."""
        ids = set()
        for name, model in self.env.items():
            if not self._is_ledger(name, model):
                continue
            groups = model.sudo()._read_group([], ["company_id"])
            ids |= {company.id for (company,) in groups if company}
        return self.env["res.company"].sudo().browse(sorted(ids))

    @staticmethod
    def _is_ledger(name, model):
        return (
            model._auto
            and not model._abstract
            and hasattr(model, "_append_only_guard")
            and not name.startswith("biometric.audit")
            and "company_id" in model._fields
        )

    @api.model
    def _why_not(self, company):
        """What is missing before this company may go, in words; "" for nothing."""
        verified = self._last(company, VERIFIED)
        if not verified or self._since(company, verified):
            return self.env._("no verified export since the last entry of its trail")
        confirmed = self._last(company, CONFIRMED)
        if not confirmed or confirmed.id < verified.id:
            return self.env._("not confirmed by another administrator")
        return ""

    def _last(self, company, action):
        return (
            self.env["biometric.audit"]
            .sudo()
            .search(
                [("company_id", "=", company.id), ("action", "=", action)], order="id desc", limit=1
            )
        )

    def _since(self, company, verified):
        """Whether the trail has grown since the export that was verified."""
        return self._grown(company, json.loads(verified.after)["seq"])

    def _grown(self, company, seq):
        newer = [("company_id", "=", company.id), ("action", "not in", _AFTERWARDS)]
        newer += ["|", ("seq", "=", False), ("seq", ">", seq)]
        return bool(self.env["biometric.audit"].sudo().search_count(newer, limit=1))

    # ------------------------------------------------------------------ what has to be done

    @api.model
    def _verify(self, company, data):
        """Verify the export laid here; an entry says so. UserError says what is wrong."""
        self._check_may()
        seq = self._read(company, data)
        if self._grown(company, seq):
            raise UserError(
                self.env._(
                    "The audit trail has grown since this export was created. Create a new one."
                )
            )
        after = {"seq": seq, "sha256": hashlib.sha256(data).hexdigest()}
        self.env["biometric.audit"].sudo()._record(VERIFIED, company, None, after, company=company)

    def _read(self, company, data):
        """Number of the export's own entry, once all of it has been verified."""
        try:
            export = verify.Export(io.BytesIO(data))
            findings = verify.verify(export)
            entries = [(row["seq"], row["action"]) for row in export.rows("audit")]
        except Exception as error:
            # A damaged archive fails in many ways: zip, JSON, keys, forms of rows.
            raise UserError(
                self.env._("This export cannot be read: %s", type(error).__name__)
            ) from error
        if export.company["company_id"] != company.id:
            raise UserError(self.env._("This export is of another company."))
        if findings.counts:
            places = ", ".join(sorted(findings.counts))
            raise UserError(self.env._("This export has been altered: %s", places))
        seq, action = entries[-1] if entries else (0, "")
        made = [("company_id", "=", company.id), ("seq", "=", int(seq)), ("action", "=", EXPORTED)]
        held = self.env["biometric.audit"].sudo().search(made, limit=1)
        if action != EXPORTED or not held:
            raise UserError(self.env._("This export was not created here."))
        return int(seq)

    @api.model
    def _confirm(self, company):
        """The second administrator's yes."""
        self._check_may()
        verified = self._last(company, VERIFIED)
        if not verified or self._since(company, verified):
            raise UserError(
                self.env._("First upload a new export here so that it can be verified.")
            )
        actors = {self.env.uid, self.env["biometric.audit"]._real_uid()}
        if actors & {verified.user_id, verified.real_user_id}:
            raise UserError(
                self.env._(
                    "You verified the export yourself: another administrator has to confirm."
                )
            )
        after = {"seq": json.loads(verified.after)["seq"], "verified_by": verified.user_id}
        self.env["biometric.audit"].sudo()._record(CONFIRMED, company, None, after, company=company)


class IrModuleModule(models.Model):
    _inherit = "ir.module.module"

    def button_uninstall(self):
        """Also asked where another module takes this one along."""
        (self | self.downstream_dependencies())._biometric_refuse()
        return super().button_uninstall()

    def module_uninstall(self):
        """What takes the tables away. Odoo comes here as the system, once the button was let
        through; a client may call it as well."""
        if not self.env.su:
            self._biometric_refuse()
        return super().module_uninstall()

    def write(self, vals):
        """By hand nobody marks it for removal, nor as a demonstration that may go as it is."""
        ours = "biometric_attendance" in self.mapped("name")
        if ours and not self.env.su and "demo" in vals:
            raise AccessError(
                self.env._("Whether this is a demonstration database cannot be set manually.")
            )
        if ours and not self.env.su and vals.get("state") == "to remove":
            self._biometric_refuse()
        return super().write(vals)

    def _biometric_refuse(self):
        if "biometric_attendance" in self.mapped("name"):
            self.env["biometric.leaving"]._refuse_uninstall()
