"""Who sees and does what: own, team, company; strangers nothing; agents in their company."""

from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, TransactionCase, new_test_user, tagged

from .common import AddonCase, Lane

GROUP = "biometric_attendance.group_"
MODELS = (
    "agent",
    "agent.token",
    "alarm",
    "audit",
    "audit.witness",
    "command",
    "decision",
    "device",
    "device.user",
    "device.zone",
    "gap",
    "lane",
    "lane.head",
    "pairing",
    "pairing.try",
    "punch",
    "quarantine",
    "run",
    "sighting",
    "stale.day",
)


@tagged("post_install", "-at_install")
class TestRights(TransactionCase, AddonCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.a = cls.env.company
        cls.b = cls.env["res.company"].create({"name": "Company B"})
        cls.agent_a, _token = cls.make_agent("A")
        cls.agent_b, _token = cls.make_agent("B", company=cls.b)
        cls.device_a = cls.make_device(cls.agent_a, "SN-A")
        cls.device_b = cls.make_device(cls.agent_b, "SN-B")
        for role in ("employee", "approver", "hr_officer", "payroll_officer", "administrator"):
            setattr(cls, role, new_test_user(cls.env, f"bio-{role}", groups=GROUP + role))
        employees = cls.env["hr.employee"]
        cls.boss = employees.create({"name": "Boss", "user_id": cls.approver.id})
        cls.worker = employees.create(
            {"name": "Worker", "user_id": cls.employee.id, "parent_id": cls.boss.id}
        )
        cls.stranger = employees.create({"name": "Stranger"})
        people = {"1": cls.boss, "2": cls.worker, "3": cls.stranger}
        cls.env["biometric.device.user"].map_pins(
            cls.device_a.ids, [[pin, person.id] for pin, person in people.items()]
        )
        cls.lane_a, cls.lane_b = Lane("a" * 32), Lane("b" * 32)

    def setUp(self):
        super().setUp()
        rows = [self.lane_a.punch("SN-A", pin) for pin in "123"]
        self.store(self.agent_a, self.lane_a, *rows)
        self.store(self.agent_b, self.lane_b, self.lane_b.punch("SN-B", "1"))

    def pins(self, user):
        punches = self.env["biometric.punch"].with_user(user).search([])
        return sorted(punches.mapped("pin"))

    def test_own_team_and_everybody(self):
        """Red when a record rule of punches goes."""
        self.assertEqual(self.pins(self.employee), ["2"])
        self.assertEqual(self.pins(self.approver), ["1", "2"], "own and team")
        self.assertEqual(self.pins(self.hr_officer), ["1", "2", "3"])
        users = self.env["biometric.device.user"]
        self.assertEqual(users.with_user(self.approver).search([]).employee_id, self.worker)
        with self.assertRaises(AccessError):
            users.with_user(self.employee).search([])

    def test_team_changes_are_seen_at_once(self):
        """Red when a rule's employee ids are cached."""
        self.assertEqual(self.pins(self.approver), ["1", "2"])
        self.stranger.parent_id = self.boss
        self.assertEqual(self.pins(self.approver), ["1", "2", "3"])
        self.worker.parent_id = False
        self.assertEqual(self.pins(self.approver), ["1", "3"])

    def test_another_company_does_not_exist(self):
        """S45. Red when a model loses its company rule, or a count leaks."""
        for user in (self.approver, self.hr_officer, self.administrator):
            for model in MODELS:
                records = self.env[f"biometric.{model}"].with_user(user)
                if not records.has_access("read"):
                    continue
                everything = self.env[f"biometric.{model}"].sudo().search([])
                foreign = everything.filtered(lambda row: row.company_id == self.b)
                with self.subTest(user=user.login, model=model):
                    self.assertFalse(records.search([]) & foreign)
                    self.assertEqual(records.search_count([("id", "in", foreign.ids)]), 0)
                    groups = records._read_group([], ["company_id"], ["__count"])
                    self.assertNotIn(self.b.id, [company.id for company, _count in groups])
                    if foreign:
                        with self.assertRaises(AccessError):
                            foreign[0].with_user(user).read(["company_id"])
        admin = self.device_b.with_user(self.administrator)
        for button in ("action_approve", "action_refuse"):
            with self.assertRaises(AccessError):
                getattr(admin, button)()
        with self.assertRaises(AccessError):
            self.env["biometric.command"].with_user(self.administrator)._give(admin, "info", {})
        board = self.env["biometric.device"].with_user(self.administrator).get_board_data()
        self.assertEqual([row["serial"] for row in board["devices"]], ["SN-A"])
        self.assertEqual(sum(board["counts"].values()), 1)
        self.assertEqual([row["name"] for row in board["agents"]], ["A"])

    def test_an_agent_that_posts_a_foreign_serial(self):
        """S46. Red when a device is looked up across companies."""
        before = self.device_b.read()[0]
        row = self.lane_a.punch("SN-B", "1")
        _head, verdicts = self.store(self.agent_a, self.lane_a, row)
        self.assertEqual(verdicts, ["device_waiting"])
        mine = self.env["biometric.device"].search(
            [("serial", "=", "SN-B"), ("company_id", "=", self.a.id)]
        )
        self.assertEqual((len(mine), mine.state), (1, "waiting"))
        self.device_b.invalidate_recordset()
        self.assertEqual(self.device_b.read()[0], before)
        self.assertEqual(
            self.env["biometric.punch"].search_count([("company_id", "=", self.b.id)]), 1
        )
        system = new_test_user(
            self.env, "bio-system", groups=f"base.group_system,{GROUP}administrator"
        )
        self.assertTrue(mine.with_user(system).active_elsewhere)
        self.assertNotIn("active_elsewhere", mine.with_user(self.administrator).fields_get())
        with self.assertRaises(AccessError):
            mine.with_user(self.administrator).read(["active_elsewhere"])

    def test_portal_public_and_users_without_a_group_see_nothing(self):
        """S48. Red when a model is opened to base.group_user."""
        portal = new_test_user(self.env, "bio-portal", groups="base.group_portal")
        plain = new_test_user(self.env, "bio-plain", groups="base.group_user")
        public = self.env.ref("base.public_user")
        for user in (portal, plain, public):
            for model in MODELS:
                for operation in ("read", "create", "write", "unlink"):
                    with self.subTest(user=user.login, model=model, operation=operation):
                        self.assertFalse(
                            self.env[f"biometric.{model}"].with_user(user).has_access(operation)
                        )
            with self.assertRaises(AccessError):
                self.env["biometric.device"].with_user(user).get_board_data()
            if user != plain:
                continue
            self.assertNotIn(
                self.env.ref("biometric_attendance.menu_biometric_root").id,
                self.env["ir.ui.menu"].with_user(user)._visible_menu_ids(),
            )

    def test_every_model_was_considered(self):
        """Red when a model is added without a thought for its rights."""
        names = {
            name.removeprefix("biometric.")
            for name, model in self.env.registry.items()
            if name.startswith("biometric.") and not model._abstract and not model._transient
        }
        self.assertLessEqual(set(MODELS), names)
        for name in names:
            model = self.env.registry[f"biometric.{name}"]
            if name != "pairing.try":
                self.assertIn("company_id", model._fields, name)
            rules = self.env["ir.rule"].search(
                [("model_id.model", "=", f"biometric.{name}"), ("groups", "=", False)]
            )
            if name != "pairing.try":
                self.assertTrue(rules, f"biometric.{name} has no company rule")

    def test_only_the_administrator_runs_the_fleet(self):
        for user in (self.employee, self.approver, self.hr_officer, self.payroll_officer):
            for record, button in (
                (self.device_a, "action_approve"),
                (self.device_a, "action_refuse"),
                (self.agent_a, "action_revoke"),
                (self.agent_a, "action_pairing_code"),
            ):
                with self.subTest(user=user.login, button=button), self.assertRaises(AccessError):
                    getattr(record.with_user(user), button)()
        self.device_a.with_user(self.administrator).action_refuse()
        self.assertEqual(self.device_a.state, "refused")

    def test_state_is_no_field_to_write(self):
        """The buttons are the only way. Red when `state` can be written over RPC."""
        for record, values in (
            (self.agent_a, {"state": "active"}),
            (self.device_a, {"state": "active"}),
            (self.agent_a, {"public_key": "x"}),
            (self.device_a, {"complete_until": "2030-01-01 00:00:00"}),
        ):
            with self.subTest(str(values)), self.assertRaises(UserError):
                record.with_user(self.administrator).write(values)
        with self.assertRaises(UserError):
            self.env["biometric.device"].with_user(self.administrator).create(
                {"name": "x", "serial": "X1", "state": "active"}
            )

    def test_employees_with_a_login_get_the_employee_group(self):
        user = new_test_user(self.env, "bio-new", groups="base.group_user")
        self.assertFalse(user.has_group(GROUP + "employee"))
        self.env["hr.employee"].create({"name": "New", "user_id": user.id})
        self.assertTrue(user.has_group(GROUP + "employee"))

    def test_the_agents_user_cannot_log_in(self):
        user = self.env.ref("biometric_attendance.user_agent")
        self.assertFalse(user.active)
        self.assertFalse(user._is_internal())
        self.env.cr.execute("SELECT password FROM res_users WHERE id = %s", (user.id,))
        self.assertFalse(self.env.cr.fetchone()[0])


@tagged("post_install", "-at_install")
class TestIsolationHttp(HttpCase, AddonCase):
    def test_the_token_decides_the_company(self):
        """S46, S47. Red when the company comes from the request."""
        b = self.env["res.company"].create({"name": "Company B"})
        agent, token = self.make_agent("B", company=b)
        self.make_device(agent, "SN1")
        lane = Lane()
        body = lane.batch(lane.punch()) | {"company_id": self.env.company.id}
        self.assertEqual(self.post("punches", body, token).status_code, 200)
        self.assertEqual(self.env["biometric.punch"].search([]).company_id, b)
        self.assertEqual(self.env["biometric.lane"].search([]).company_id, b)
        self.assertEqual(self.env["biometric.sighting"].search([]).company_id, b)
        answer = self.post(
            "confirm",
            {"version": 1, "serial": "SN1", "keys": ["0" * 64]},
            self.env["biometric.agent.token"]._issue(self.make_agent("A")[0]),
        )
        self.assertEqual(answer.json()["missing"], ["0" * 64])
