"""Every list of ours: cards for a phone, words for an empty one; and the settings page's rights."""

from lxml import etree
from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError
from odoo.modules.module import Manifest
from odoo.tests import TransactionCase, new_test_user, tagged
from odoo.tools import mute_logger
from odoo.tools.convert import convert_file

GROUP = "biometric_attendance.group_"
# Cards are made for models of ours; a list of another model keeps that model's own.
OURS = "biometric."
# Lists of some hundreds of rows at 5,000 people and 3,000 terminals, and what their panel goes by;
# days have theirs in views of their own.
PANELS = {
    "biometric.roster": "department_id",
    "biometric.adjustment": "department_id",
    "biometric.cto.entry": "department_id",
    "biometric.device": "agent_id",
    "biometric.device.user": "agent_id",
    "biometric.punch": "agent_id",
    "biometric.run": "agent_id",
    "biometric.gap": "agent_id",
    "biometric.coverage": "agent_id",
}
ROLES = ("employee", "approver", "hr_officer", "payroll_officer", "administrator", "auditor")


@tagged("post_install", "-at_install")
class TestScreensAll(TransactionCase):
    def lists(self):
        """Actions of ours that open a list as a place, not as a dialog."""
        known = self.env["ir.model.data"].search(
            [("model", "=", "ir.actions.act_window"), ("module", "=like", "biometric_attendance%")]
        )
        actions = self.env["ir.actions.act_window"].browse(known.mapped("res_id"))
        return actions.filtered(
            lambda action: (
                action.target != "new"
                and "list" in action.view_mode.split(",")
                and action.res_model.startswith(OURS)
            )
        )

    def test_every_list_has_cards_for_a_phone(self):
        """Red when a list opens as a table on a phone, or its cards show nothing of its columns."""
        lists = self.lists()
        self.assertGreater(len(lists), 40)
        for action in lists:
            modes = action.view_mode.split(",")
            with self.subTest(action.xml_id):
                if modes[0] in ("list", "kanban"):
                    self.assertIn("kanban", modes)
                    view = self.env[action.res_model].get_view(view_type="kanban")
                    self.assertIn('t-name="card"', view["arch"])
                    self.assertRegex(view["arch"], r'<field[^>]*class="fw-bold"|<field')

    def test_duplicate_is_offered_where_it_can_work(self):
        """Red when *Duplicate* of a list or form always ends in the words of a row that is there
        already: a copy gets a name of its own, or the view does not offer one."""
        for name in Manifest.for_addon("biometric_attendance")["demo"]:
            convert_file(self.env, "biometric_attendance", name, {}, mode="init", noupdate=True)
        tried, refused = 0, []
        for action in self.lists():
            model = self.env[action.res_model]
            record = model.search([], limit=1)
            if not record or not self.is_duplicated(model, action.view_mode):
                continue
            tried += 1
            try:
                with mute_logger("odoo.sql_db"), self.env.cr.savepoint():
                    record.copy()
                    self.env.flush_all()
            except (UserError, IntegrityError) as error:
                refused.append(f"{model._name}: {error}")
        self.assertGreater(tried, 4)
        self.assertEqual(refused, [])

    def is_duplicated(self, model, modes):
        """Whether somebody may create one and a view offers to duplicate it."""
        rights = [("model_id.model", "=", model._name), ("perm_create", "=", True)]
        if not self.env["ir.model.access"].search_count(rights, limit=1):
            return False
        kinds = {"list", "form"} & set(modes.split(","))
        arches = (model._get_view(view_type=kind)[0] for kind in kinds)
        return any({"0", "false"}.isdisjoint((a.get("create"), a.get("duplicate"))) for a in arches)

    def test_cards_follow_the_list(self):
        """Red when the cards of a list without its own lack its columns or their labels."""
        arch = self.env["biometric.alarm"].get_view(view_type="kanban")["arch"]
        for name in ("kind", "agent_id"):
            self.assertIn(f'name="{name}"', arch)
        self.assertIn("text-muted", arch)
        self.assertIn('invisible="(not agent_id)"', arch, "what is empty takes no line")
        account = self.env["biometric.cto.account"].get_view(view_type="kanban")["arch"]
        self.assertNotIn("avatar", account, "on a card an avatar has no name")
        # A model that is not ours keeps Odoo's single line.
        self.assertNotIn("text-muted", self.env["res.lang"].get_view(view_type="kanban")["arch"])

    def test_a_list_of_ours_is_known_to_our_styles(self):
        """Red when the headings of a list are cut again, muted words of a dialog are too pale,
        or a view of Odoo's is given our style."""
        styled = {
            model: "o_biometric_lines" in self.env[model].get_view(view_type="list")["arch"]
            for model in ("biometric.day", "biometric.alarm", "res.lang")
        }
        self.assertEqual(
            styled, {"biometric.day": True, "biometric.alarm": True, "res.lang": False}
        )
        styled = {
            model: "o_biometric_form" in self.env[model].get_view(view_type="form")["arch"]
            for model in ("biometric.day", "biometric.carry", "res.lang")
        }
        self.assertEqual(
            styled, {"biometric.day": True, "biometric.carry": True, "res.lang": False}
        )

    def test_a_long_list_has_a_panel_and_who_sees_it_may_use_it(self):
        """Red when a long list loses its panel, or one shown to a role reads what it may not."""
        used = set()
        for role in ROLES:
            user = new_test_user(self.env, f"panel-{role}", groups=f"base.group_user,{GROUP}{role}")
            for name, field in PANELS.items():
                model = self.env[name].with_user(user)
                if not model.has_access("read"):
                    continue
                arch = etree.fromstring(model.get_view(view_type="search")["arch"])
                shown = arch.xpath("//searchpanel/field/@name")
                with self.subTest(role=role, model=name):
                    if role != "employee":
                        self.assertEqual(shown, [field])
                    for one in shown:
                        values = model.search_panel_select_range(one, expand=True)["values"]
                        used.add(name)
                        for value in values[:1]:
                            model.search_count([(one, "child_of", value["id"])])
        self.assertEqual(used, set(PANELS))

    def test_a_panel_finds_what_belongs_to_its_value(self):
        """Red when the related field a panel goes by leads elsewhere."""
        near, far = self.env["biometric.agent"].create(
            [{"name": name, "tz": "UTC"} for name in ("Near", "Far")]
        )
        device = self.env["biometric.device"].create(
            {"name": "Gate", "serial": "PANEL1", "agent_id": near.id}
        )
        users = self.env["biometric.device.user"]
        row = users.create({"device_id": device.id, "pin": "7"})
        self.assertEqual(users.search([("agent_id", "=", near.id)]), row)
        self.assertFalse(users.search([("agent_id", "=", far.id)]))

    def test_every_empty_list_says_what_would_be_here(self):
        """Red when a new list opens with Odoo's bare “No record found”."""
        silent = [one.xml_id for one in self.lists() if not one.help]
        self.assertEqual(silent, [])

    def test_settings_are_the_biometric_administrators(self):
        """Red when the page is refused to whoever runs the terminals without being Odoo's
        administrator, changes another company, or is open to an HR officer."""
        company = self.env.company
        chief = new_test_user(self.env, "page-chief", groups=f"{GROUP}administrator")
        page = self.env["biometric.settings"].with_user(chief)
        page.create({"biometric_answer_days": 9, "biometric_auditors": "audit@example.com"})
        self.assertEqual(company.biometric_answer_days, 9)
        self.assertEqual(company.biometric_auditors, "audit@example.com")
        entry = self.env["biometric.audit"].search(
            [("action", "=", "settings.change")], order="id desc", limit=1
        )
        self.assertEqual(entry.login, "page-chief")
        company.biometric_retention_months = 24
        page.create({"biometric_retention_months": 12})
        self.assertEqual(company.biometric_retention_months, 24, "a shorter one is asked for")
        self.assertEqual(company.retention_wanted_months, 12)
        shown = page.create({})
        self.assertIn("12 months", shown.retention_wanted_text)
        self.assertEqual(shown.execute()["tag"], "reload")
        officer = new_test_user(self.env, "page-officer", groups=f"{GROUP}hr_officer")
        with self.assertRaisesRegex(AccessError, "Only biometric administrators"):
            self.env["biometric.settings"].with_user(officer).create({"biometric_answer_days": 1})
        self.assertEqual(company.biometric_answer_days, 9)
