"""Manual changes outside the addon's own audited models that belong into the trail all the same:
system parameters, and who holds which of our roles. (Company settings are in res_company.py.)

Owns no fields. Must not decide who may do what.
"""

from odoo import api, models

from ...seams.parameters import OURS


class IrConfigParameter(models.Model):
    _inherit = "ir.config_parameter"

    def _biometric_record(self, step, before, after):
        """One entry in each company's trail: a parameter is everybody's, and each trail must say
        by itself what it is."""
        ours = self.filtered(lambda row: row.key.startswith(OURS) or before.get(row.id))
        if not ours:
            return
        audit = self.env["biometric.audit"].sudo()
        companies = self.env["res.company"].sudo().search([])
        for parameter in ours:
            now = parameter._biometric_values().get(parameter.id) if after else None
            if now == before.get(parameter.id):
                continue
            for company in companies:
                audit._record(
                    f"parameter.{step if now or not after else 'remove'}",
                    parameter,
                    before.get(parameter.id),
                    now,
                    company=company,
                )

    def _biometric_values(self):
        """{id: what is audited} of those that are ours."""
        return {
            row.id: {"key": row.key, "value": row.value} for row in self if row.key.startswith(OURS)
        }

    @api.model_create_multi
    def create(self, vals_list):
        parameters = super().create(vals_list)
        parameters._biometric_record("create", {}, True)
        return parameters

    def write(self, vals):
        before = self._biometric_values()
        result = super().write(vals)
        self._biometric_record("change", before, True)
        return result

    def unlink(self):
        self._biometric_record("remove", self._biometric_values(), None)
        return super().unlink()


class ResUsers(models.Model):
    _inherit = "res.users"

    def _biometric_roles(self):
        """{user id: names of the highest-reaching roles of ours that the user holds}."""
        privilege = self.env.ref(
            "biometric_attendance.privilege_biometric", raise_if_not_found=False
        )
        if not privilege:
            return {user.id: [] for user in self}
        return {
            user.id: sorted(
                user.all_group_ids.filtered(lambda group: group.privilege_id == privilege).mapped(
                    "name"
                )
            )
            for user in self.sudo()
        }

    def _biometric_note_roles(self, before):
        for user in self:
            after = user._biometric_roles()[user.id]
            if after != before.get(user.id, []):
                self.env["biometric.audit"].sudo()._record(
                    "role.change",
                    user,
                    {"roles": before.get(user.id, [])},
                    {"roles": after},
                    company=user.sudo().company_id or self.env.company,
                )

    @api.model_create_multi
    def create(self, vals_list):
        users = super().create(vals_list)
        users._biometric_note_roles({})
        return users

    def write(self, vals):
        if not any(name == "group_ids" or name.startswith("sel_groups") for name in vals):
            return super().write(vals)
        before = self._biometric_roles()
        result = super().write(vals)
        self._biometric_note_roles(before)
        return result


class ResGroups(models.Model):
    _inherit = "res.groups"

    def write(self, vals):
        if not {"user_ids", "implied_ids"} & set(vals):
            return super().write(vals)
        users = self.env["res.users"].sudo().with_context(active_test=False)
        concerned = users.browse(self.sudo().all_user_ids.ids)
        before = concerned._biometric_roles()
        result = super().write(vals)
        new = users.browse(self.sudo().all_user_ids.ids) - concerned
        (concerned | new)._biometric_note_roles(before)
        return result
