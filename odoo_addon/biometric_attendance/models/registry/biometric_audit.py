"""Entries of the audit trail by terminal: those of the terminal itself and of its PINs, zones, gaps
and foreign hearings; and what the trail calls a terminal or an area that an entry does not name.

Owns one searched field, and the sentence of a membership. Must not know other sentences.
"""

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

# Models whose rows belong to a terminal, with their table.
OF_TERMINALS = {
    "biometric.device.user": "biometric_device_user",
    "biometric.device.zone": "biometric_device_zone",
    "biometric.gap": "biometric_gap",
    "biometric.hearing": "biometric_hearing",
}


class BiometricAudit(models.Model):
    _inherit = "biometric.audit"

    device_id = fields.Many2one(
        "biometric.device", "Terminal", compute="_compute_device_id", search="_search_device_id"
    )

    def _compute_device_id(self):
        """The terminal of each, where it is there still."""
        for entry in self:
            entry.device_id = entry._its_device()

    def _its_device(self):
        found = self.env["biometric.device"].sudo()
        if self.model == "biometric.device":
            found = found.browse(self.res_id or 0).exists()
        elif self.model in OF_TERMINALS:
            found = self.env[self.model].sudo().browse(self.res_id or 0).exists().device_id
        # one that was given to another company is not this reader's to see
        return found.filtered(lambda one: one.company_id == self.company_id).sudo(False)

    def _terminal_name(self):
        device = self._its_device().sudo()
        return device.name or device.serial or ""

    def _membership_words(self, values):
        _ = self.env._
        if self.model != "biometric.area.member":
            return ""
        area = self._its_area()
        if not area:
            return super()._membership_words(values)
        values |= {"area": area, "what": values["what"] or values["person"]}
        return {
            "area_member.create": _("%(who)s added %(what)s to the area %(area)s"),
            "area_member.change": _("%(who)s changed the dates of %(what)s in the area %(area)s"),
            "area_member.remove": _("%(who)s removed %(what)s from the area %(area)s"),
        }.get(self.action, "")

    def _its_area(self):
        """Its name of then; of a change, which says dates alone, that of now."""
        written = {**self._read(self.before), **self._read(self.after)}.get("area_id")
        if written:
            return self._value(self.env["biometric.area.member"]._fields["area_id"], written)
        return self.env["biometric.area.member"].sudo().browse(self.res_id).exists().area_id.name

    @api.model
    def _search_device_id(self, operator, value):
        if operator == "any":
            devices = self.env["biometric.device"].with_context(active_test=False)
            ids = devices._search(value).subselect()
        elif operator == "in":
            ids = SQL("(SELECT unnest(%s::integer[]))", [one for one in value if one])
        else:
            return NotImplemented
        own = Domain(
            "res_id", "in", SQL("(SELECT t.id FROM biometric_device t WHERE t.id IN %s)", ids)
        )
        domains = [Domain("model", "=", "biometric.device") & own]
        for model, table in OF_TERMINALS.items():
            self.env[model].flush_model(["device_id"])
            rows = SQL("(SELECT id FROM %s WHERE device_id IN %s)", SQL.identifier(table), ids)
            domains.append(Domain("model", "=", model) & Domain("res_id", "in", rows))
        return Domain.OR(domains)

    @api.model
    def _history_fields(self):
        return super()._history_fields() | {"biometric.device": "device_id"}
