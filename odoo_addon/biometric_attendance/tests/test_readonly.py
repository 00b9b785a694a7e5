"""A62: "readonly" in a view protects nothing. What a screen shows as read-only is refused by the
model, or nothing hangs on it: the list is derived from the views.
"""

from lxml import etree

from odoo.exceptions import AccessError, UserError
from odoo.tests import TransactionCase, new_test_user, tagged

from .common import AddonCase, lay_row

OPEN = {"0", "False", "false"}
# Fields that a view alone makes read-only, by what keeps them. Whoever adds one says what does.
REFUSED = {
    # the model's own write refuses: tried below
    "biometric.agent": {"company_id"},
    "biometric.area": {"company_id"},
    "biometric.area.member": {"area_id", "employee_id"},
    "biometric.commissioning": {
        *("device_id", "tester_id", "occasion", "said_count", "said_first", "said_last"),
        *("by_finger", "by_face", "by_palm", "by_card", "by_pin"),
    },
    "biometric.cto.payout": {"employee_id", "minutes"},
    "biometric.device.user": {"device_id", "pin"},
    "biometric.employment.break": {"employee_id"},
    "biometric.employment.company": {"valid_from"},
    "biometric.export": {"company_id", "date_from", "date_to", "profile_id"},
    "biometric.period": {"date_from", "date_to"},
    "biometric.release": {"agent_ids"},
    "biometric.rule": {"parameters_text", "preset", "valid_from"},
}
# Lines of another model, whose own access list refuses: tried below.
LINES = {
    "biometric.agent": {"alarm_ids", "lane_ids"},
    "biometric.device": {"command_ids", "gap_ids"},
}
# Dialogs that ask a question and show its answer: no record of the company hangs on a field.
ANSWERS = {"biometric.calibration", "biometric.cto.import", "biometric.trial"}
# Read only where the line says that it is to be written.
WISHES = {("biometric.user.push.line", "wanted_pin"), ("biometric.erase.trace", "chosen")}


def shown_readonly(env):
    """`{(model, field): condition}` of every field that a view of ours shows read-only."""
    found = {}
    views = env["ir.ui.view"].search([("model", "=like", "biometric.%"), ("type", "!=", "qweb")])
    for view in views:
        _walk(env, etree.fromstring(view.arch_db), view.model, found)
    return found


def _walk(env, node, model, found):
    for child in node:
        inner = model
        if child.tag == "field" and child.get("name") in env[model]._fields:
            field = env[model]._fields[child.get("name")]
            condition = child.get("readonly")
            if condition and condition not in OPEN:
                found.setdefault((model, field.name), condition)
            if field.comodel_name in env:
                inner = field.comodel_name if field.comodel_name.startswith("biometric.") else model
        _walk(env, child, inner, found)


@tagged("post_install", "-at_install")
class TestReadonly(AddonCase, TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.agent, _token = cls.make_agent()
        cls.device = cls.make_device(cls.agent)
        cls.roles = {
            name: new_test_user(
                cls.env, f"ro-{name}", f"base.group_user,biometric_attendance.{name}"
            )
            for name in ("group_administrator", "group_hr_officer", "group_payroll_officer")
        }

    def by_view_alone(self):
        """`{model: {fields}}` that somebody may write, and that only a view keeps."""
        found = {}
        for model, name in shown_readonly(self.env):
            if (model, name) in WISHES or model in ANSWERS:
                continue
            if self.writable(model) and not self.env[model]._fields[name].readonly:
                parameter = model == "biometric.rule" and name.startswith("p_")
                found.setdefault(model, set()).add("parameters_text" if parameter else name)
        return found

    def writable(self, model):
        return self.env["ir.model.access"].search_count(
            [("model_id.model", "=", model), ("perm_write", "=", True), ("active", "=", True)],
            limit=1,
        )

    def test_what_a_view_shows_read_only_is_on_the_list(self):
        """A62. Red when a view makes a field read-only that the model lets be written."""
        known = {model: set(names) for model, names in REFUSED.items()}
        for model, names in LINES.items():
            known.setdefault(model, set()).update(names)
        self.assertEqual(self.by_view_alone(), known)

    def test_read_only_fields_are_refused_from_outside(self):
        """A62. Red when a stored model that somebody may write lacks the guard of read-only
        fields."""
        seen = 0
        for name, model in self.env.items():
            if not name.startswith("biometric.") or model._abstract or model._transient:
                continue
            if self.writable(name):
                seen += 1
                self.assertTrue(hasattr(model, "_refuse_service_fields"), name)
        self.assertGreater(seen, 6)

    def area_tries(self, people, officer, other):
        area = self.env["biometric.area"].create({"name": "Plant"})
        values = {"area_id": area.id, "employee_id": people.id}
        member = self.env["biometric.area.member"].create(values)
        return {
            "biometric.area": (area, officer, {"company_id": other.id}),
            "biometric.area.member": (member, officer, values),
        }

    def test_the_models_refuse(self):
        """A62. Red when one of the fields of REFUSED or LINES can be written over RPC."""
        people = self.env["hr.employee"].create({"name": "Ro"})
        mapping = self.env["biometric.device.user"].create(
            {"device_id": self.device.id, "pin": "1", "employee_id": people.id}
        )
        other = self.env["res.company"].create({"name": "Elsewhere"})
        rule = self.env["biometric.rule"].create({"name": "In force", "valid_from": "2026-01-01"})
        export = self.env["biometric.export"].create(
            {"date_from": "2026-03-01", "date_to": "2026-03-02"}
        )
        export._keep_file(b"x", b"{}", None, {"name": "file"})
        away = self.env["biometric.employment.break"].create(
            {"employee_id": people.id, "date_from": "2026-01-05", "date_to": "2026-01-06"}
        )
        first = self.env["biometric.employment.company"].create(
            {"employee_id": people.id, "company_id": people.company_id.id}
        )
        admin, officer, pay = self.roles.values()
        group = self.env["biometric.period.group"].create({"name": "All", "anchor": "2026-01-01"})
        period = group.period_ids.sorted("date_from")[0]
        period.with_user(pay).action_lock()
        own = {"employee_id": people.id, "company_id": people.company_id.id}
        wish = lay_row(self.env["biometric.cto.payout"], own | {"minutes": 60, "state": "approved"})
        tried = self.env["biometric.commissioning"].create(
            {"device_id": self.device.id, "tester_id": people.id}
        )
        with self.assertRefused("start another for another terminal or person"):
            tried.with_user(admin).write({"tester_id": people.id})
        tried.state = "abandoned"
        withdrawn = self.env["biometric.release"].create({"state": "withdrawn"})
        tries = {
            **self.area_tries(people, officer, other),
            "biometric.cto.payout": (wish, officer, {"employee_id": away.id, "minutes": 5}),
            "biometric.agent": (self.agent, admin, {"company_id": other.id}),
            "biometric.commissioning": (
                tried,
                admin,
                dict.fromkeys(REFUSED["biometric.commissioning"], False),
            ),
            "biometric.device.user": (mapping, officer, {"device_id": self.device.id, "pin": "2"}),
            "biometric.employment.break": (
                away,
                officer,
                {"employee_id": self.env["hr.employee"].create({"name": "Other"}).id},
            ),
            "biometric.employment.company": (first, officer, {"valid_from": "2026-02-01"}),
            "biometric.export": (
                export,
                pay,
                {
                    "company_id": other.id,
                    "date_from": "2026-01-01",
                    "date_to": "2026-03-31",
                    "profile_id": False,
                },
            ),
            "biometric.period": (
                period,
                pay,
                {"date_from": "2026-01-02", "date_to": "2026-01-30"},
            ),
            "biometric.release": (withdrawn, admin, {"agent_ids": self.agent.ids}),
            "biometric.rule": (
                rule,
                officer,
                {
                    "parameters_text": '{"round_unit_minutes": 15}',
                    "preset": "philippines",
                    "valid_from": "2026-02-01",
                    "state": "draft",
                    "p_round_unit_minutes": 15,
                    "parameters": {"round_unit_minutes": 15},
                },
            ),
        }
        self.assertEqual(set(tries), set(REFUSED))
        for name, (record, user, vals) in tries.items():
            self.assertLessEqual(REFUSED[name], set(vals))
            for field, value in vals.items():
                with self.subTest(f"{name}.{field}"), self.assertRaises(UserError) as refused:
                    record.with_user(user).write({field: value})
                self.assertNotIsInstance(refused.exception, AccessError)
        for name, fields in LINES.items():
            record = {"biometric.agent": self.agent, "biometric.device": self.device}[name]
            for field in fields:
                with self.subTest(f"{name}.{field}"), self.assertRaises(AccessError):
                    record.with_user(admin).write({field: [(0, 0, {})]})

    def test_a_new_version_of_a_rule_set_may_be_written(self):
        """Red when the refusal reaches drafts too."""
        rule = self.env["biometric.rule"].create({"name": "In force", "valid_from": "2026-01-01"})
        officer = self.roles["group_hr_officer"]
        draft = self.env["biometric.rule"].browse(
            rule.with_user(officer).action_new_version()["res_id"]
        )
        draft.with_user(officer).write({"p_round_unit_minutes": 15})
        draft.with_user(officer).action_adopt()
        self.assertEqual((draft.state, draft.parameters), ("adopted", {"round_unit_minutes": 15}))
