"""What the tests of this addon share: a provider with two people, tenants, and their agents.

Agents speak with the test library of biometric_attendance. Must not know what is tested.
"""

from datetime import date

from odoo import fields
from odoo.tests import new_test_user

from odoo.addons.biometric_attendance.tests.common import AddonCase, Lane

GIVEN = {
    "company": "Kiln Works",
    "owner": "Olga Ownerson",
    "email": "olga@kiln.example",
    "country": "PH",
    "tz": "Asia/Manila",
    "branch": "Gate",
}


class ServiceCase(AddonCase):
    """Mixin for TransactionCase and HttpCase."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.provider = cls.env.company
        cls.plans = {
            name: cls.env.ref(f"biometric_attendance_service.plan_{name}")
            for name in ("free", "three", "ten", "people")
        }
        cls.staff = [
            new_test_user(
                cls.env,
                f"provider-{n}",
                groups="biometric_attendance_service.group_provider",
                company_id=cls.provider.id,
                company_ids=[(6, 0, cls.provider.ids)],
            )
            for n in range(2)
        ]
        cls.tenants = cls.env["biometric.service.tenant"]

    @classmethod
    def sign_up(cls, **given):
        """The tenant of a sign-up by the provider's staff, with sudo."""
        values = {**GIVEN, "plan": cls.plans["ten"].id, **given}
        made = cls.tenants.with_user(cls.staff[0]).sign_up(values)
        return cls.tenants.browse(made["tenant"])

    @classmethod
    def branch(cls, tenant, serials=("SN1",)):
        """(agent, its token): the tenant's first agent, active, with approved terminals."""
        agent = cls.env["biometric.agent"].search(
            [("company_id", "=", tenant.company_id.id)], limit=1
        )
        agent.write({"state": "active"})
        token = cls.env["biometric.agent.token"]._issue(agent)
        for serial in serials:
            cls.make_device(agent, serial)
        return agent, token

    @classmethod
    def people(cls, tenant, agent, *pins):
        """Employees called `Person <PIN>`, mapped at every terminal of the agent."""
        people = cls.env["hr.employee"].create(
            [{"name": f"Person {pin}", "company_id": tenant.company_id.id} for pin in pins]
        )
        mappings = [[pin, one.id] for pin, one in zip(pins, people, strict=True)]
        cls.env["biometric.device.user"].map_pins(agent.device_ids.ids, mappings)
        return people

    @classmethod
    def lane(cls, letter="a"):
        return Lane(letter * 32)

    def punch(self, agent, lane, day, pin="7", serial="SN1", time="08:00:00"):
        """One punch delivered; its verdict."""
        _head, verdicts = self.store(agent, lane, lane.punch(serial, pin, f"{day} {time}"))
        return verdicts[0]

    def trail(self, tenant, company=None):
        """[(action, before, after)] of the tenant's own entries, oldest first."""
        entries = self.env["biometric.audit"].search(
            [
                ("company_id", "=", (company or tenant.company_id).id),
                ("action", "=like", "service.%"),
            ],
            order="id",
        )
        return [(entry.action, entry.before, entry.after) for entry in entries]

    def mails(self, tenant):
        """Subjects of mails to the owner, oldest first."""
        domain = [("email_to", "=", tenant.owner_id.email or tenant.partner_id.email)]
        return self.env["mail.mail"].search(domain, order="id").mapped("subject")

    @staticmethod
    def day(text):
        return date.fromisoformat(text)

    @staticmethod
    def at(days):
        """The instant of today's clock so many days on, for freeze_time."""
        return fields.Datetime.add(fields.Datetime.now(), days=days)
