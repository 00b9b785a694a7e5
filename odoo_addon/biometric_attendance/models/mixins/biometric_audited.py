"""Mixin: every change of the named fields through the ORM leaves an audit entry, and fields that
are read-only on screen are refused from outside.

Independent of context keys, so neither import nor `tracking_disable` avoids it. What the service
writes by itself (status, counters) goes through SQL and is not a manual action.
"""

from odoo import api, models
from odoo.exceptions import UserError
from odoo.models import MAGIC_COLUMNS

from ...verifier.audited import AUDITED

# Shorter reasons ("ok", "x") explain nothing to the person who reads the trail a year later.
MIN_REASON = 10


class BiometricAudited(models.AbstractModel):
    _name = "biometric.audited"
    _description = "Changes are recorded in the audit trail"

    # First word of the actions.
    _audit_word = None

    @property
    def _audit_fields(self):
        """Names of the fields whose changes are recorded; () for a model that only explains."""
        audited = AUDITED.get(self._name)
        return audited.fields if audited else ()

    def _audit_values(self):
        """JSON values of the audited fields of one record, archived links among them."""
        self.ensure_one()
        values = {}
        whole = self.sudo().with_context(active_test=False)
        for name in self._audit_fields:
            field = self._fields[name]
            value = whole[name]
            if field.type == "many2one":
                values[name] = [value.id, value.display_name] if value else None
            elif field.relational:
                values[name] = value.ids
            elif field.type in ("date", "datetime"):
                values[name] = field.to_string(value) if value else None
            else:
                values[name] = None if value is False and field.type != "boolean" else value
        return values

    def _audit(self, step, before, after, reason=None, company=None):
        self.ensure_one()
        self.env["biometric.audit"]._record(
            f"{self._audit_word}.{step}",
            self,
            before,
            after,
            reason or self.env.context.get("biometric_reason"),
            company=company,
        )

    @api.model
    def _refuse_service_fields(self, vals):
        """Read-only in a view is no protection: states and facts are set by buttons and the
        service (both under sudo), never by a write from outside."""
        if self.env.su:
            return
        for name in vals:
            field = self._fields.get(name)
            if field and field.store and field.readonly and name not in MAGIC_COLUMNS:
                raise UserError(
                    self.env._("“%s” is not set by hand.", field._description_string(self.env))
                )

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._refuse_service_fields(vals)
        records = super().create(vals_list)
        for record in records:
            record._audit("create", None, record._audit_values())
        return records

    def write(self, vals):
        self._refuse_service_fields(vals)
        if not set(vals) & set(self._audit_fields):
            return super().write(vals)
        before = {record.id: record._audit_values() for record in self}
        companies = {record.id: record.sudo().company_id for record in self}
        result = super().write(vals)
        for record in self:
            record._audit_change(before[record.id], companies[record.id])
        return result

    def _audit_change(self, old, company):
        """Record what differs from `old`. The first change of a row that the service made says all
        of it, so that each row has its birth; a row that changes company leaves one trail and is
        told whole in the other."""
        new = self._audit_values()
        changed = [name for name in new if new[name] != old[name]]
        if not changed:
            return
        here = self.sudo().company_id
        if company and here and company != here:
            self._audit_move(company, old)
            return
        told = changed
        made = AUDITED[self._name].made_by_service
        if made and made[0] in changed and (old[made[0]] or None) == made[1]:
            told = list(new)
        self._audit(
            "change", {name: old[name] for name in changed}, {name: new[name] for name in told}
        )

    def _audit_move(self, company, old):
        """The row is another company's from now on. company: whose it was."""
        self._audit("leave", old, None, company=company)
        self._audit("join", None, self._audit_values())

    def unlink(self):
        for record in self:
            record._audit("remove", record._audit_values(), None)
        return super().unlink()

    @api.model
    def _check_reason(self, reason):
        """The reason, trimmed; refuses one that explains nothing."""
        reason = (reason or "").strip()
        if len(reason) < MIN_REASON:
            raise UserError(
                self.env._("Please give a reason of at least %s characters.", MIN_REASON)
            )
        return reason
