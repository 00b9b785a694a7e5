"""Manual changes outside the addon's own audited models that belong into the trail all the same:
system parameters, who holds which of our roles by whatever way, what those roles are called, and
which login an employee has. (Company settings are in res_company.py.)

Owns no fields. Must not decide who may do what.
"""

from odoo import api, models

from ...seams.parameters import OURS
from ..mixins.biometric_audited import Concern

# When a scheduled action runs, as whom, and what it does. Its own runs put `nextcall` on by SQL.
CRON_FIELDS = ("active", "interval_number", "interval_type", "nextcall", "user_id")
ACTION_FIELDS = ("code", "model_id", "state")
# External ids of the groups that are roles here.
ROLES = ("employee", "approver", "hr_officer", "payroll_officer", "administrator", "auditor")


def every_company(env):
    """All companies, archived ones too: their nights go on, and each trail must say by itself what
    is everybody's."""
    return env["res.company"].sudo().with_context(active_test=False).search([])


class IrConfigParameter(models.Model):
    _inherit = "ir.config_parameter"

    def _biometric_record(self, step, before, after):
        """One entry in each company's trail: a parameter is everybody's, and each trail must say
        by itself what it is."""
        ours = self.filtered(lambda row: row.key.startswith(OURS) or before.get(row.id))
        if not ours:
            return
        audit = self.env["biometric.audit"].sudo()
        companies = every_company(self.env)
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

    @api.model
    def _biometric_groups(self):
        """{name of the role: its group}; whatever somebody called the group meanwhile. Looked up
        together: a user is written to several times, and each asks for the roles."""
        number = self.env["ir.model.data"]._xmlid_to_res_id
        found = {role: number(f"biometric_attendance.group_{role}") for role in ROLES}
        groups = self.env["res.groups"].sudo().browse(filter(None, found.values())).exists()
        return {role: groups.browse(one) for role, one in found.items() if one in groups.ids}

    def _biometric_roles(self):
        """{user id: sorted names of the roles of ours that the user holds, by whatever group}."""
        groups = self._biometric_groups()
        return {
            user.id: sorted(role for role, group in groups.items() if group in user.all_group_ids)
            for user in self.sudo()
        }

    def _biometric_note_roles(self, before):
        after = self._biometric_roles()
        for user in self:
            if after[user.id] != before.get(user.id, []):
                self.env["biometric.audit"].sudo()._record(
                    "role.change",
                    user,
                    {"roles": before.get(user.id, [])},
                    {"roles": after[user.id]},
                    self.env["biometric.audited"]._reason(),
                    company=user.sudo().company_id or self.env.company,
                )

    def _biometric_note_companies(self, before):
        """Where a role is held: an entry in the trail of each company that comes or goes."""
        for user in self.sudo():
            roles = user._biometric_roles()[user.id]
            if not set(roles) - {"employee"}:
                continue
            old, new = before[user.id], user.company_ids
            for company in (old | new) - (old & new):
                self.env["biometric.audit"].sudo()._record(
                    "role.companies",
                    user,
                    {"here": company in before[user.id], "roles": roles},
                    {"here": company in user.company_ids, "roles": roles},
                    self.env["biometric.audited"]._reason(),
                    company=company,
                )

    def _biometric_note_names(self, before):
        """Who holds a role is called otherwise now: entries of before name them by the old one."""
        for user in self.sudo():
            new = {"login": user.login, "name": user.name}
            if new != before[user.id] and set(user._biometric_roles()[user.id]) - {"employee"}:
                self.env["biometric.audit"].sudo()._record(
                    "role.rename", user, before[user.id], new, company=user.company_id
                )

    @api.model_create_multi
    def create(self, vals_list):
        users = super().create(vals_list)
        users._biometric_note_roles({})
        # Of the company a user is made in, the entry of the roles says it.
        users._biometric_note_companies({user.id: user.company_id for user in users.sudo()})
        return users

    def write(self, vals):
        given = any(name in ("group_ids", "role") or name.startswith("sel_groups") for name in vals)
        named = bool({"login", "name"} & set(vals))
        placed = "company_ids" in vals
        if not given and not named and not placed:
            return super().write(vals)
        companies = {user.id: user.company_ids for user in self.sudo()}
        roles = self._biometric_roles() if given else {}
        names = {user.id: {"login": user.login, "name": user.name} for user in self.sudo()}
        result = super().write(vals)
        if given:
            self._biometric_note_roles(roles)
        if placed:
            self._biometric_note_companies(companies)
        if named:
            self._biometric_note_names(names)
        return result


class IrCron(models.Model):
    """Who switches a scheduled action of ours off, or makes it do something else, leaves a trace in
    every company: without the nights nothing is verified."""

    _inherit = "ir.cron"

    def _biometric_facts(self):
        def values(record, names):
            read = {name: record[name] for name in names}
            return {name: v.id if isinstance(v, models.Model) else v for name, v in read.items()}

        return {
            # The code is read where it is written: a cron still holds what was before.
            cron.id: values(cron, CRON_FIELDS) | values(cron.ir_actions_server_id, ACTION_FIELDS)
            for cron in self.sudo()
            if (cron.model_id.model or "").startswith("biometric.")
        }

    def _biometric_note(self, before, step):
        companies, after = every_company(self.env), {}
        if step == "change":
            after = self._biometric_facts()
        audit = self.env["biometric.audit"].sudo()
        for cron in self.filtered(lambda row: before.get(row.id) != after.get(row.id)):
            old, new = before.get(cron.id), after.get(cron.id)
            for company in companies:
                audit._record(f"cron.{step}", cron, old, new, company=company)

    def write(self, vals):
        if not set(CRON_FIELDS) & set(vals):
            return super().write(vals)
        before = self._biometric_facts()
        result = super().write(vals)
        self._biometric_note(before, "change")
        return result

    def unlink(self):
        self._biometric_note(self._biometric_facts(), "remove")
        return super().unlink()


class IrActionsServer(models.Model):
    """What a scheduled action does stands in a record of its own, which can be written alone."""

    _inherit = "ir.actions.server"

    def write(self, vals):
        if not set(ACTION_FIELDS) & set(vals):
            return super().write(vals)
        every = self.env["ir.cron"].sudo().with_context(active_test=False)
        crons = every.search([("ir_actions_server_id", "in", self.ids)])
        before = crons._biometric_facts()
        result = super().write(vals)
        crons._biometric_note(before, "change")
        return result


class ResGroups(models.Model):
    """Roles come with groups too: whoever implies one of ours, holds it."""

    _inherit = "res.groups"

    @api.model
    def _biometric_holders(self):
        """{user id: roles} of everybody who holds one of ours."""
        users = self.env["res.users"].sudo().with_context(active_test=False)
        groups = users._biometric_groups()
        holders = {role: set(group.all_user_ids.ids) for role, group in groups.items()}
        return {
            user: sorted(role for role, held in holders.items() if user in held)
            for user in set().union(*holders.values())
        }

    @api.model
    def _biometric_note_holders(self, before):
        self.env.flush_all()
        after = self._biometric_holders()
        changed = {
            user for user in before.keys() | after.keys() if before.get(user) != after.get(user)
        }
        users = self.env["res.users"].sudo().with_context(active_test=False)
        users.browse(sorted(changed)).exists()._biometric_note_roles(before)

    def _biometric_names(self):
        """{group id: what is said of it} of those of these that are roles of ours."""
        roles = self.env["res.users"]._biometric_groups()
        return {
            group.id: {"role": role, "name": group.name, "privilege": group.privilege_id.name}
            for role, group in roles.items()
            if group in self.sudo()
        }

    def _biometric_note_names(self, before):
        after = self._biometric_names()
        for group in self.filtered(lambda group: before.get(group.id) != after.get(group.id)):
            self.env["biometric.audit"].sudo()._record(
                "role.rename",
                group,
                before.get(group.id),
                after.get(group.id),
                company=self.env.company,
            )

    @api.model_create_multi
    def create(self, vals_list):
        before = self._biometric_holders()
        groups = super().create(vals_list)
        self._biometric_note_holders(before)
        return groups

    def write(self, vals):
        before, names = self._biometric_holders(), self._biometric_names()
        result = super().write(vals)
        self._biometric_note_holders(before)
        self._biometric_note_names(names)
        return result

    def unlink(self):
        before = self._biometric_holders()
        result = super().unlink()
        self._biometric_note_holders(before)
        return result


class HrEmployee(models.Model):
    """Who an employee is when they log in: by that requester and subject are compared."""

    _inherit = "hr.employee"

    def _biometric_note_logins(self, before):
        """Returns those whose login is another one now."""
        changed = self.browse()
        for employee in self.sudo():
            user = employee.resource_id.user_id
            new = [user.id, user.login] if user else None
            if new != before.get(employee.id):
                self.env["biometric.audit"]._record(
                    "person.login",
                    employee,
                    {"user_id": before.get(employee.id)},
                    {"user_id": new},
                    concern=Concern(may_refuse=False),
                )
                changed |= employee
        return changed

    def _biometric_logins(self):
        """Of the resource: the employee's own field may say the new one before it is written."""
        return {
            employee.id: [employee.resource_id.user_id.id, employee.resource_id.user_id.login]
            for employee in self.sudo()
            if employee.resource_id.user_id
        }

    @api.model_create_multi
    def create(self, vals_list):
        employees = super().create(vals_list)
        employees._biometric_note_logins({})
        return employees

    def write(self, vals):
        if "resource_id" not in vals:
            return super().write(vals)
        before = self._biometric_logins()
        result = super().write(vals)
        self._biometric_note_logins(before)
        return result


class ResourceResource(models.Model):
    """An employee's login stands on their resource."""

    _inherit = "resource.resource"

    def write(self, vals):
        if "user_id" not in vals:
            return super().write(vals)
        everybody = self.env["hr.employee"].sudo().with_context(active_test=False)
        employees = everybody.search([("resource_id", "in", self.ids)])
        before = employees._biometric_logins()
        result = super().write(vals)
        employees.sudo(self.env.su)._biometric_note_logins(before)
        return result
