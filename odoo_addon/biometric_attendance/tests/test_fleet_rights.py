"""Who reads what of the fleet: companies apart, roles apart; written for every model of its own."""

from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from .access_matrix import MODELS
from .common import Lane
from .test_fleet_device import GROUP, FleetCase

READ = (
    "biometric.coverage",
    "biometric.incident",
    "biometric.run",
    "biometric.gap",
    "biometric.flag",
    "biometric.command",
    "biometric.registry.work",
)
# Roles that together read all of them.
READERS_OF_ALL = ("hr_officer", "administrator")
ROLES = ("employee", "approver", "hr_officer", "administrator")


@tagged("post_install", "-at_install", "biometric_fleet")
class TestFleetRights(FleetCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.employee = new_test_user(cls.env, "fleet-employee", groups=GROUP + "employee")
        company = cls.env["res.company"].create({"name": "Other"})
        cls.stranger = new_test_user(
            cls.env,
            "fleet-stranger",
            groups=GROUP + "administrator",
            company_id=company.id,
            company_ids=[(6, 0, company.ids)],
        )

    def rows(self):
        """One row of every model, all of this company."""
        place = self.env["hr.work.location"].create(
            {"name": "Plant", "address_id": self.env.company.partner_id.id}
        )
        self.device.work_location_id = place
        self.env["hr.employee"].create({"name": "Ann", "work_location_id": place.id})
        lane = Lane()
        self.store(self.agent, lane, lane.punch())
        self.sync(runs=[self.run_of()])
        self.env["biometric.completeness"]._open_silence(
            self.device, self.now.replace(year=2026, month=1), self.now
        )
        self.env["biometric.flag"].create(
            {
                "company_id": self.device.company_id.id,
                "device_id": self.device.id,
                "punch_id": self.env["biometric.punch"].search([], limit=1).id,
                "kind": "unpushed",
                "found_at": self.now,
            }
        )
        self.env["biometric.command"]._give(self.device, "info", {})
        self.device.storage_percent = 90
        self.env["biometric.incident"]._cron_look()
        self.env.flush_all()

    def test_companies_and_roles_are_apart(self):
        """I6. Red when a company rule or an access line of a model is missing or too wide."""
        self.rows()
        everything = "base.group_user," + ",".join(GROUP + role for role in READERS_OF_ALL)
        near = new_test_user(self.env, "fleet-near", groups=everything)
        abroad = new_test_user(
            self.env,
            "fleet-abroad",
            groups=everything,
            company_id=self.stranger.company_id.id,
            company_ids=[(6, 0, self.stranger.company_ids.ids)],
        )
        for model in READ:
            self.assertTrue(self.env[model].with_user(near).search([]), model)
            self.assertFalse(self.env[model].with_user(abroad).search([]), model)
            for role in ROLES:
                records = self.env[model].with_user(getattr(self, role))
                if role not in MODELS[model][0]:
                    with self.assertRaises(AccessError, msg=f"{model} {role}"):
                        records.search([])
                else:
                    self.assertTrue(records.search([]), f"{model} {role}")
                    for right in ("write", "create", "unlink"):
                        self.assertFalse(records.has_access(right), f"{model} {role} {right}")

    def test_buttons_and_dialogs(self):
        """Red when a role opens a dialog that is not its own."""
        for model in (
            "biometric.carry",
            "biometric.pull",
            "biometric.user.push",
            "biometric.checklist",
        ):
            for role in ROLES:
                records = self.env[model].with_user(getattr(self, role))
                allowed = role in MODELS[model][2]
                self.assertEqual(records.has_access("create"), allowed, f"{model} {role}")
        with self.assertRaises(AccessError):
            self.agent.with_user(self.hr_officer).action_send_statement()
        with self.assertRaises(AccessError):
            self.device.with_user(self.stranger).action_why()
        device = self.device.with_user(self.hr_officer)
        with self.assertRaises(AccessError):
            device.write({"comm_key": "1"})
        self.assertTrue(device.with_user(self.approver).action_why())
