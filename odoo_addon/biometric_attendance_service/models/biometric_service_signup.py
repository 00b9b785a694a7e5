"""A customer begins: company, owner, rule set of the country, first branch and its pairing code.

One transaction makes all of it, so that nobody is left with half a company. By the provider's staff
(`sign_up`, also through the external API) or by the form (biometric.service.request). Must not know
how somebody proved their address.
"""

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import UserError
from odoo.tools import email_normalize, escape_psql

from odoo.addons.base.models.res_partner import _tz_get

EUROPE = (
    *("BE", "BG", "CY", "CZ", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IT", "LT"),
    *("LU", "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK"),
)
# Which rule set a country begins with; another one begins with house rules. None is legal advice.
PRESETS = {
    "PH": "ph_private",
    "US": "us_flsa",
    "CA": "canada_federal",
    "DE": "germany_flex",
    "AT": "germany_flex",
    "CH": "germany_flex",
    "JP": "japan",
    **dict.fromkeys(EUROPE, "eu_flags"),
}
# Roles of whoever signs up: a company of one person runs, and its owner may take everything along.
OWNER_ROLES = ("administrator", "hr_officer", "payroll_officer")
NEEDED = ("company", "owner", "email", "country", "tz")


class BiometricServiceTenant(models.Model):
    _inherit = "biometric.service.tenant"

    @api.model
    def sign_up(self, values):
        """Make a tenant. values: `company`, `owner`, `email`, `country` (ISO code), `tz` (IANA
        name), and where wanted `plan` (id), `branch`, `lang`. Returns `{"tenant", "company",
        "agent", "line"}`: ids, and what to type at the branch. For the provider's staff."""
        self._check_provider()
        tenant, line = self._sign_up(values)
        return {
            "tenant": tenant.id,
            "company": tenant.company_id.id,
            "agent": self._first_agent(tenant).id,
            "line": line,
        }

    @api.model
    def _first_agent(self, tenant):
        own = [("company_id", "=", tenant.company_id.id)]
        return self.env["biometric.agent"].sudo().search(own, order="id", limit=1)

    @api.model
    def _sign_up(self, values, password=None):
        """(tenant, pairing line). The caller has checked who asks."""
        given = self._checked(values)
        # Whoever creates a company is let into it; the provider's staff must not be.
        service = self.with_user(SUPERUSER_ID).with_context(lang="en_US", tracking_disable=True)
        company = service.env["res.company"].create(
            {
                "name": given["company"],
                "currency_id": (given["country"].currency_id or self.env.company.currency_id).id,
                "email": given["email"],
            }
        )
        # Written to the company itself, Odoo would install the country's accounting inside a
        # customer's request; a tenant keeps no books here.
        company.partner_id.write({"tz": given["tz"], "country_id": given["country"].id})
        inside = service.with_company(company).with_context(allowed_company_ids=company.ids)
        owner = inside._make_owner(company, given, password)
        tenant = service.create(inside._tenant_values(company, owner, given, self.env.company))
        inside._begin_rules(company, given)
        line = inside._begin_branch(company, given)
        tenant._apply_limits()
        tenant._note("state", None, {"state": "trial", "next": str(tenant.trial_until)})
        tenant._mail_state()
        return tenant.with_env(self.env), line

    @api.model
    def _fitting(self, values):
        """What must be said, the country as a record and the address as Odoo spells it; UserError
        says which one does not fit. Asks nothing about who is a customer already."""
        text = {name: str(values.get(name) or "").strip() for name in NEEDED}
        missing = [name for name in NEEDED if not text[name]]
        if missing:
            raise UserError(self.env._("Sign-up needs: %s.", ", ".join(missing)))
        country = self.env["res.country"].sudo()
        country = country.search([("code", "=", text["country"].upper())], limit=1)
        if not country:
            raise UserError(self.env._("No country has the code “%s”.", text["country"]))
        email = email_normalize(text["email"])
        if not email:
            raise UserError(self.env._("“%s” is not an e-mail address.", text["email"]))
        if text["tz"] not in dict(_tz_get(self)):
            raise UserError(
                self.env._("“%s” is not a time zone; enter for example Asia/Manila.", text["tz"])
            )
        return {**text, "country": country, "email": email}

    @api.model
    def _checked(self, values):
        """`_fitting` with all that a sign-up needs; UserError where the address has an account."""
        text = self._fitting(values)
        if self._has_account(text["email"]):
            raise UserError(self.env._("%s already has an account: log in instead.", text["email"]))
        plans = self.env["biometric.service.plan"].sudo().search([], limit=1000)
        plan = plans.filtered(lambda one: str(one.id) == str(values.get("plan")))
        plan = plan or plans.filtered("is_offered")[:1]
        return {
            **text,
            "company": self._free_name(text["company"]),
            "plan": plan,
            "branch": str(values.get("branch") or "").strip() or text["company"],
            "lang": self._language(values.get("lang")),
        }

    @api.model
    def _has_account(self, email):
        users = self.env["res.users"].sudo().with_context(active_test=False)
        return bool(users.search_count([("login", "=ilike", escape_psql(email))], limit=1))

    @api.model
    def _free_name(self, name):
        """The name, with a number behind it where a company has it: names are unique in Odoo, and
        who else is a customer is told to nobody."""
        companies = self.env["res.company"].sudo().with_context(active_test=False)
        free, number = name, 1
        while companies.search_count([("name", "=ilike", escape_psql(free))], limit=1):
            number += 1
            free = f"{name} ({number})"
        return free

    @api.model
    def _language(self, code):
        installed = dict(self.env["res.lang"].get_installed())
        return code if code in installed else "en_US"

    @api.model
    def _make_owner(self, company, given, password):
        roles = [self.env.ref(f"biometric_attendance.group_{role}").id for role in OWNER_ROLES]
        values = {
            "name": given["owner"],
            "login": given["email"],
            "email": given["email"],
            "lang": given["lang"],
            "tz": given["tz"],
            "company_id": company.id,
            "company_ids": [fields.Command.set(company.ids)],
            "group_ids": [fields.Command.set([self.env.ref("base.group_user").id, *roles])],
        }
        if password:
            values["password"] = password
        return self.env["res.users"].with_context(no_reset_password=True).create(values)

    @api.model
    def _tenant_values(self, company, owner, given, provider):
        """The address on invoices is a contact of the provider's own, which stays with them."""
        partner = self.env["res.partner"].create(
            {
                "name": given["company"],
                "is_company": True,
                "email": given["email"],
                "country_id": given["country"].id,
                "lang": given["lang"],
                "company_id": provider.id,
            }
        )
        today = company._biometric_today()
        days = given["plan"].trial_days
        return {
            "name": given["company"],
            "company_id": company.id,
            "provider_id": provider.id,
            "partner_id": partner.id,
            "owner_id": owner.id,
            "plan_id": given["plan"].id,
            "state_since": today,
            "signed_up_on": today,
            "trial_until": fields.Date.add(today, days=days - 1),
        }

    @api.model
    def _begin_rules(self, company, given):
        preset = PRESETS.get(given["country"].code, "house")
        self.env["biometric.rule"].create(
            {
                "name": given["company"],
                "company_id": company.id,
                "preset": preset,
                "valid_from": "2000-01-01",
            }
        )

    @api.model
    def _begin_branch(self, company, given):
        """The first agent; returns the line to type there, good for fifteen minutes. A later one is
        the button of its form."""
        agent = self.env["biometric.agent"].create(
            {"name": given["branch"], "company_id": company.id, "tz": given["tz"]}
        )
        code = self.env["biometric.pairing"]._open(agent)
        return self.env["biometric.pairing.show"]._action(agent, code)["context"]["default_line"]
