"""The screens as Odoo serves them: styles compile, templates load, the board opens for whom it may.

What the screens do is tested in the browser (static/tests); here is what can break everybody's web
client: one bad line of SCSS leaves all of Odoo without style.
"""

from lxml import etree

from odoo.tests import TransactionCase, new_test_user, tagged
from odoo.tools.safe_eval import safe_eval

STYLED = (
    ".o_biometric_board",
    ".o_day_timeline",
    ".o_biometric_minutes",
    ".o_biometric_desk",
    ".o_biometric_my_time_page",
    ".o_biometric_today",
    ".o_biometric_roster_color_11",
    ".o_web_client:has(.o_biometric_audit_banner)",
)


@tagged("post_install", "-at_install")
class TestScreens(TransactionCase):
    def _bundle(self, name, **kinds):
        return self.env["ir.qweb"]._get_asset_bundle(name, **kinds)

    def test_styles_compile_in_every_bundle_that_takes_them(self):
        for name in ("web.assets_web", "web.assets_web_dark"):
            bundle = self._bundle(name, css=True, js=False)
            css = bundle.preprocess_css()
            self.assertEqual([error[:500] for error in bundle.css_errors], [], name)
            for selector in STYLED:
                self.assertIn(selector, css, name)

    def test_scripts_and_templates_are_served(self):
        code = self._bundle("web.assets_web", css=False, js=True).js().raw.decode()
        for module in (
            "audit_banner/audit_banner",
            "device_board/device_board",
            "minutes_field/minutes_field",
            "day_timeline/day_timeline",
            "review_desk/review_desk",
            "my_time/my_time",
        ):
            self.assertIn(f"@biometric_attendance/{module}", code)
        self.assertIn("biometric_attendance.DeviceBoard", code)

    def test_client_actions_are_what_the_screens_register(self):
        source = self._bundle("web.assets_web", css=False, js=True).js().raw.decode()
        for name, tag, path in (
            ("board", "device_board", "biometric-board"),
            ("desk", "review_desk", "biometric-review"),
            ("today", "today", "biometric-today"),
            ("roster_grid", "roster_grid", "biometric-roster-grid"),
            ("my_time", "my_time", "biometric-my-time"),
        ):
            action = self.env.ref(f"biometric_attendance.biometric_{name}_action")
            self.assertEqual(action.tag, f"biometric_attendance.{tag}")
            self.assertEqual(action.path, path)
            self.assertIn(f'"{action.tag}"', source)

    def test_menu_shows_board_and_desk_to_approvers_and_not_to_employees(self):
        menus = self.env["ir.ui.menu"].union(
            self.env.ref("biometric_attendance.menu_biometric_board"),
            self.env.ref("biometric_attendance.menu_biometric_desk"),
        )
        for group, seen in (("group_approver", True), ("group_employee", False)):
            user = self.env["res.users"].create(
                {
                    "name": group,
                    "login": f"screens_{group}",
                    "group_ids": [
                        (
                            6,
                            0,
                            [
                                self.env.ref(f"biometric_attendance.{group}").id,
                                self.env.ref("base.group_user").id,
                            ],
                        )
                    ],
                }
            )
            visible = self.env["ir.ui.menu"].with_user(user)._visible_menu_ids()
            self.assertEqual(set(menus.ids) <= set(visible), seen, group)
            own = self.env.ref("biometric_attendance.menu_biometric_my_time")
            self.assertIn(own.id, visible, group)

    def test_every_screen_opens_with_its_fields(self):
        """What the browser asks first of each action. Red when one field cannot describe itself:
        the dialog then shows an error instead of a form."""
        actions = self.env["ir.actions.act_window"].search([("res_model", "=like", "biometric.%")])
        self.assertGreater(len(actions), 20)
        for action in actions:
            with self.subTest(action.xml_id):
                views = [(False, mode) for mode in action.view_mode.split(",")]
                self.env[action.res_model].get_views([*views, (False, "search")])

    def test_a_number_of_a_graph_is_a_measure(self):
        """Red when a graph lists a number without a type: Odoo then makes a group of it, and the
        graph has a bar per minute."""
        views = self.env["ir.ui.view"].search(
            [("model", "=like", "biometric.%"), ("type", "in", ("graph", "pivot"))]
        )
        self.assertGreater(len(views), 2)
        for view in views:
            model = self.env[view.model]
            fields, tree = model._fields, etree.fromstring(view.arch)
            shown = [node for node in tree.iter("field") if node.get("invisible") != "1"]
            numbers = [n for n in shown if fields[n.get("name")].type in ("integer", "float")]
            if view.type == "graph":
                untyped = [n.get("name") for n in numbers if n.get("type") != "measure"]
                self.assertEqual(untyped, [], view.name)
            groups = [
                n.get("name") + (f":{n.get('interval')}" if n.get("interval") else "")
                for n in shown
                if n not in numbers
            ]
            measures = [f"{n.get('name')}:sum" for n in numbers]
            model.formatted_read_group([], groups, measures)

    def test_every_filter_of_days_finds_its_days_for_every_role(self):
        """Red when a filter names a field that a role may not search, or a date that is none."""
        arch = self.env["biometric.day"].get_views([(False, "search")])["views"]["search"]["arch"]
        roles = ("group_employee", "group_approver", "group_hr_officer")
        for role in roles:
            user = new_test_user(
                self.env, f"filters_{role}", f"base.group_user,biometric_attendance.{role}"
            )
            days = self.env["biometric.day"].with_user(user)
            own = days.get_views([(False, "search")])["views"]["search"]["arch"]
            for node in etree.fromstring(own).iter("filter"):
                if node.get("domain"):
                    with self.subTest(role=role, filter=node.get("name")):
                        days.search(safe_eval(node.get("domain"), {"uid": user.id}), limit=1)
        names = {node.get("name") for node in etree.fromstring(arch).iter("filter")}
        self.assertLessEqual(
            {
                *("incomplete", "late", "to_approve", "absent", "conflict", "unmapped", "pending"),
                *("this_week", "this_month", "last_month", "my_team", "my_department", "my_days"),
                *("by_employee", "by_department", "by_week", "by_month"),
            },
            names,
        )
