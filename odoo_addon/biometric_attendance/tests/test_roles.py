"""Roles are no ladder: whatever way one is given leaves an entry, auditors change nothing, and the
upgrade gives by name what the ladder gave."""

import importlib.util
import itertools
import json
from pathlib import Path
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import TransactionCase, new_test_user, tagged

from odoo.addons.base.models.ir_binary import IrBinary

from .test_day import MONDAY, DayCase

GROUP = "base.group_user,biometric_attendance.group_"
REASON = "found out what it was"
UPGRADE = Path(__file__).parents[1] / "migrations/19.0.1.2.0"


def group(env, role):
    return env.ref(f"biometric_attendance.group_{role}")


def load(name):
    """A script of the upgrade, as a module."""
    spec = importlib.util.spec_from_file_location(name.replace("-", "_"), UPGRADE / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class RolesCase(TransactionCase):
    def every_company(self):
        """How many trails there are; one is of an archived company, whose nights go on."""
        self.env["res.company"].create({"name": "Cancelled", "active": False})
        return self.env["res.company"].with_context(active_test=False).search_count([])

    def entries(self, action="role.change"):
        return self.env["biometric.audit"].search([("action", "=", action)])

    def change(self):
        entry = self.entries()[:1]
        return json.loads(entry.before)["roles"], json.loads(entry.after)["roles"]


@tagged("post_install", "-at_install")
class TestRoles(RolesCase):
    def test_the_groups_of_all_roles_are_looked_up_together(self):
        """Red when each role asks the database for its group, six questions a user written to;
        or when a group that is gone is still named, or one that is called otherwise no more."""
        users = self.env["res.users"]
        groups = users._biometric_groups()
        self.assertGreater(len(groups), 4)
        self.assertEqual(groups["auditor"], group(self.env, "auditor"))
        groups["auditor"].name = "Whoever looks"
        self.assertEqual(users._biometric_groups(), groups)
        with self.assertQueryCount(1):
            users._biometric_groups()
        name = [("module", "=", "biometric_attendance"), ("name", "=", "group_auditor")]
        self.env["ir.model.data"].search(name).res_id = 2**31 - 1
        self.env.flush_all()
        self.env.registry.clear_all_caches()
        self.assertEqual(set(groups) - set(users._biometric_groups()), {"auditor"})

    def test_a51_a_role_given_by_any_way_leaves_an_entry(self):
        """A51. Turns red when a role comes without an entry: by a new user or group, by a group
        that implies it, by a group that goes."""
        before = len(self.entries())
        user = new_test_user(self.env, "role-new", GROUP + "hr_officer")
        self.assertEqual(self.change(), ([], ["employee", "hr_officer"]))
        user.group_ids -= group(self.env, "hr_officer")
        hr = ["employee", "hr_officer"]
        self.assertEqual(self.change()[0], hr)
        groups = self.env["res.groups"]
        made = groups.create(
            {
                "name": "Side door",
                "implied_ids": [Command.link(group(self.env, "hr_officer").id)],
                "user_ids": [Command.link(user.id)],
            }
        )
        self.assertEqual(self.change(), ([], hr))
        made.user_ids = [Command.clear()]
        self.assertEqual(self.change(), (hr, []))
        plain = groups.create({"name": "Plain", "user_ids": [Command.link(user.id)]})
        plain.implied_ids = made
        self.assertEqual(self.change(), ([], hr))
        made.implied_ids = [Command.clear()]
        self.assertEqual(self.change(), (hr, []))
        made.implied_by_ids = [Command.clear()]
        group(self.env, "hr_officer").implied_by_ids = plain
        self.assertEqual(self.change(), ([], hr))
        plain.unlink()
        self.assertEqual(self.change(), (hr, []))
        self.assertEqual(len(self.entries()), before + 8)

    def test_a51_what_is_renamed_keeps_its_trace(self):
        """A51. Turns red when a role, its holder or a parameter is called otherwise unseen, or when
        a renamed group hides who holds it."""
        auditor = group(self.env, "auditor")
        auditor.write({"name": "Reader", "privilege_id": False})
        entry = self.entries("role.rename")[:1]
        self.assertEqual(json.loads(entry.before)["name"], "Auditor")
        self.assertEqual(json.loads(entry.after)["name"], "Reader")
        user = new_test_user(self.env, "role-reader", GROUP + "auditor")
        self.assertEqual(self.change()[1], ["auditor", "employee"])
        user.login = "somebody-else"
        entry = self.entries("role.rename")[:1]
        self.assertEqual(json.loads(entry.before)["login"], "role-reader")
        parameters, companies = self.env["ir.config_parameter"], self.every_company()
        one = parameters.create({"key": "biometric_attendance.test", "value": "1"})
        one.key = "elsewhere.test"
        entry = self.entries("parameter.remove")[:1]
        self.assertEqual(json.loads(entry.before)["key"], "biometric_attendance.test")
        count = len(self.entries("parameter.change"))
        one.key = "biometric_attendance.test"
        entry = self.entries("parameter.change")[:1]
        self.assertEqual(json.loads(entry.after)["key"], "biometric_attendance.test")
        one.key = "elsewhere.test"
        one.value = "2"
        self.assertEqual(
            len(self.entries("parameter.change")), count + companies, "others' values are theirs"
        )

    def test_a74_where_a_role_is_held_leaves_an_entry(self):
        """A74. Turns red when a company given to who holds a role, or taken away, leaves no entry
        in that company's trail; or when everybody's companies fill the trail."""
        second = self.env["res.company"].create({"name": "Second"})
        officer = new_test_user(self.env, "two-hr", GROUP + "hr_officer")
        plain = new_test_user(self.env, "two-plain", GROUP + "employee")
        entries = [
            ("action", "=", "role.companies"),
            ("company_id", "=", second.id),
            ("res_id", "!=", self.env.uid),
        ]
        for user in (officer, plain):
            user.company_ids |= second
        (entry,) = self.env["biometric.audit"].search(entries)
        self.assertEqual(entry.res_id, officer.id)
        self.assertEqual(
            json.loads(entry.after), {"here": True, "roles": ["employee", "hr_officer"]}
        )
        officer.write({"company_ids": [(3, second.id)]})
        newest = self.env["biometric.audit"].search(entries, limit=1)
        self.assertFalse(json.loads(newest.after)["here"])
        born = new_test_user(
            self.env,
            "two-born",
            GROUP + "administrator",
            company_ids=[(6, 0, [self.env.company.id, second.id])],
        )
        newest = self.env["biometric.audit"].search(entries, limit=1)
        self.assertEqual((newest.res_id, json.loads(newest.after)["here"]), (born.id, True))

    def test_a75_a_scheduled_action_switched_off_leaves_an_entry(self):
        """A75. Turns red when the nightly verification can be switched off, slowed down, put off,
        run as another user or made to do something else, in its own record or in that of its code,
        without an entry; or when its own runs fill the trail."""
        cron = self.env.ref("biometric_attendance.ir_cron_biometric_verify")
        companies = self.every_company()
        before = len(self.entries("cron.change"))
        for values in (
            {"active": False},
            {"interval_number": 999},
            {"code": "pass"},
            {"code": "pass  # beside it"},
            {"nextcall": "2099-01-01 00:00:00"},
            {"user_id": self.env.ref("base.user_admin").id},
        ):
            beside = "beside" in str(values)
            (cron.ir_actions_server_id if beside else cron).write(values)
            entry = self.entries("cron.change")[:1]
            after = json.loads(entry.after)
            self.assertEqual({name: after[name] for name in values}, values)
            self.assertEqual(entry.res_id, cron.id)
        count = len(self.entries("cron.change"))
        self.assertEqual(count, before + 6 * companies)
        # As Odoo itself notes a run.
        self.env.cr.execute("UPDATE ir_cron SET nextcall = now() WHERE id = %s", cron.ids)
        self.env.ref("base.autovacuum_job").active = False
        self.assertEqual(len(self.entries("cron.change")), count)
        cron.unlink()
        self.assertEqual(self.entries("cron.remove")[:1].res_id, cron.id)

    def test_a52_the_upgrade_gives_by_name_what_the_ladder_gave(self):
        """A52. Turns red when somebody stands before empty menus after the upgrade, gets more than
        the ladder gave, gets it without an entry that says why, or with more than one."""
        ladder = ["approver", "hr_officer", "payroll_officer", "administrator"]
        groups = [group(self.env, role) for role in ladder]
        # As it was: each rung implies the one below it.
        for low, high in itertools.pairwise(groups):
            high.implied_ids += low
        users = {
            role: new_test_user(self.env, f"rung-{role}", GROUP + role)
            for role in ("employee", *ladder)
        }
        side = self.env["res.groups"].create({"name": "Side", "implied_ids": groups[1].ids})
        users["payroll_officer"].group_ids += side
        self.env.flush_all()
        load("pre-roles").migrate(self.env.cr, "19.0.1.1.0")
        self.env.invalidate_all()
        before = len(self.entries())
        # What the groups' own file does after that.
        for high in groups:
            high.implied_ids = group(self.env, "employee")
        self.assertEqual(len(self.entries()), before, "nobody gains or loses anything")
        load("post-roles").migrate(self.env.cr, "19.0.1.1.0")
        self.env.invalidate_all()
        for role, user in users.items():
            rungs = ladder[: ladder.index(role) + 1] if role in ladder else []
            roles = user._biometric_roles()[user.id]
            self.assertEqual(roles, sorted(["employee", *rungs]), role)
        got = {entry.res_id: json.loads(entry.after)["by_name"] for entry in self.entries()[:3]}
        self.assertEqual(
            got,
            {
                users["hr_officer"].id: ["approver"],
                users["payroll_officer"].id: ["approver"],
                users["administrator"].id: ["approver", "hr_officer", "payroll_officer"],
            },
            "what another group gives stays with it",
        )
        self.assertEqual(self.entries()[:1].reason, "by name, what the ladder of 19.0.1.1.0 gave")
        self.assertEqual(len(self.entries()), before + 3, "one for each who got something")
        listed = self.env["biometric.role.holder"].search(
            [("user_id", "=", users["administrator"].id)]
        )
        self.assertEqual(set(listed.mapped("role")), set(ladder))
        self.assertEqual(set(listed.mapped("role_count")), {4})

    def test_a52_the_list_thins_out(self):
        """A52. Turns red when an administrator cannot take a role away from the list, anybody else
        can, or the last administrator goes."""
        admin = new_test_user(self.env, "thin-admin", GROUP + "administrator")
        hr = new_test_user(self.env, "thin-hr", GROUP + "hr_officer")
        both = new_test_user(
            self.env, "thin-both", f"{GROUP}payroll_officer,biometric_attendance.group_hr_officer"
        )
        holders = self.env["biometric.role.holder"]
        row = holders.search([("user_id", "=", both.id), ("role", "=", "payroll_officer")])
        with self.assertRaises(AccessError):
            row.with_user(hr).action_take_away()
        row.with_user(admin).action_take_away()
        self.assertEqual(both._biometric_roles()[both.id], ["employee", "hr_officer"])
        self.assertEqual(self.entries()[:1].user_id, admin.id)
        others = holders.search([("role", "=", "administrator"), ("user_id", "!=", admin.id)])
        others.with_user(admin).action_take_away()
        last = holders.search([("role", "=", "administrator"), ("user_id", "=", admin.id)])
        with self.assertRaisesRegex(UserError, "last biometric administrator"):
            last.with_user(admin).action_take_away()


@tagged("post_install", "-at_install")
class TestAuditor(DayCase, RolesCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        groups = f"{GROUP}auditor,base.group_allow_export"
        cls.auditor = new_test_user(cls.env, "audit-ida", groups)
        cls.other = cls.make_employee("Ben Cruz", "8")

    def setUp(self):
        super().setUp()
        self.punch_in("2026-03-02 08:00:00", "2026-03-02 17:00:00")
        self.punch_in("2026-03-02 08:05:00", "2026-03-02 17:05:00", pin="8")
        self.rebuild()
        self.env["biometric.audit"].flush_model()

    def looks(self):
        return [json.loads(entry.after) for entry in reversed(self.entries("auditor.look"))]

    def as_auditor(self, model):
        """A new request: what was written down in an earlier one is written down again."""
        self.env.cr.precommit.data.pop("biometric.look", None)
        self.env.invalidate_all()
        return self.env[model].with_user(self.auditor)

    def test_a53_each_look_at_a_persons_days_is_an_entry(self):
        """A53. Turns red when a door shows an auditor somebody's days unseen: list, record, sums by
        group, export, punches; or when an officer's daily work fills the trail."""
        days = self.as_auditor("biometric.day").search(
            [("date", "=", MONDAY), ("employee_id", "=", self.employee.id)]
        )
        days.read(["worked_minutes"])
        self.assertEqual(self.looks(), [{"model": "biometric.day", "people": [self.employee.id]}])
        entry = self.entries("auditor.look")
        self.assertEqual((entry.person_id, entry.user_id), (self.employee.id, self.auditor.id))
        days.read(["late_minutes"])
        self.assertEqual(len(self.looks()), 1, "once a person and request")
        both = sorted((self.employee | self.other).ids)
        doors = {
            "list": lambda model: model.web_search_read([("date", "=", MONDAY)], {"status": {}}),
            "sums": lambda model: model.formatted_read_group(
                [("date", "=", MONDAY)], ["employee_id"], ["worked_minutes:sum"]
            ),
            "pivot": lambda model: model.formatted_read_grouping_sets(
                [("date", "=", MONDAY)], [[], ["employee_id"]], ["worked_minutes:sum"]
            ),
            "export": lambda model: model.search([("date", "=", MONDAY)]).export_data(["status"]),
            "count": lambda model: model.search_count([("date", "=", MONDAY)]),
            "counts by group": lambda model: model.formatted_read_group(
                [("date", "=", MONDAY)], ["status"], ["__count"]
            ),
        }
        for name, door in doors.items():
            with self.subTest(name):
                count = len(self.looks())
                door(self.as_auditor("biometric.day"))
                self.assertEqual(self.looks()[count:], [{"model": "biometric.day", "people": both}])
        self.as_auditor("biometric.punch").search_read([], ["wall_time"])
        self.assertEqual(self.looks()[-1], {"model": "biometric.punch", "people": both})
        count = len(self.looks())
        officer = new_test_user(self.env, "audit-hr", GROUP + "hr_officer")
        self.env["biometric.day"].with_user(officer).search_read([], ["status"])
        self.assertEqual(len(self.looks()), count)

    def test_a53_taking_a_payroll_file_home_is_a_look(self):
        """A53. Turns red when an auditor downloads a payroll file, its control record, or reads it
        or the attachment behind it over RPC without an entry that names whose days it holds; or
        when the list of files is one."""
        export = self.env["biometric.export"].create(
            {"date_from": MONDAY, "date_to": MONDAY, "company_id": self.env.company.id}
        )
        export.action_generate()
        held = self.env["biometric.export.day"].search([("export_id", "=", export.id)])
        people = sorted(held.employee_id.ids)
        self.assertTrue(people)
        count = len(self.looks())
        exports = self.as_auditor("biometric.export")
        exports.search_read([], ["name", "state", "total_minutes"])
        exports.with_context(bin_size=True).browse(export.id).read(["data"])
        self.assertEqual(len(self.looks()), count)
        # What Odoo makes of the bytes needs a request.
        odoos = patch.object(IrBinary, "_record_to_stream", lambda *_args: None)
        odoos.start()
        self.addCleanup(odoos.stop)
        binary, file = exports.env["ir.binary"], exports.browse(export.id)
        of_files = [("res_model", "=", "biometric.export"), ("res_field", "=", "data")]
        of_files += [("res_id", "=", export.id)]
        behind = exports.env["ir.attachment"].search(of_files)
        behind.read(["name"])
        self.assertEqual(len(self.looks()), count, "a name is no look")
        for name, door in {
            "download": lambda: binary._record_to_stream(file, "data"),
            "control record": lambda: binary._record_to_stream(file, "control"),
            "RPC": lambda: file.read(["data"]),
            "searched for": lambda: exports.search_read([("id", "=", file.id)], ["control"]),
            "attachment": lambda: behind.read(["raw"]),
            "its words": lambda: behind.read(["index_content"]),
            "found by what it hangs on": lambda: behind.search_read(of_files, ["datas"]),
            "download of the attachment": lambda: binary._record_to_stream(behind, "raw"),
        }.items():
            with self.subTest(name):
                self.env.cr.precommit.data.pop("biometric.look", None)
                count = len(self.looks())
                door()
                self.assertEqual(
                    self.looks()[count:], [{"model": "biometric.export.day", "people": people}]
                )

    def test_a53_auditors_see_no_key_and_explain_nothing(self):
        """A53. Turns red when an auditor reads a comm key or a token, or explains a finding, with
        whatever other role beside it."""
        device = self.device.with_user(self.auditor)
        self.assertEqual(device.read(["name"])[0]["name"], self.device.name)
        for name in ("comm_key", "comm_key_secret"):
            with self.assertRaises(AccessError):
                device.read([name])
        tokens = self.env["biometric.agent.token"].with_user(self.auditor)
        self.assertFalse(tokens.has_access("read"))
        finding = self.found("audit 999999")
        with self.assertRaisesRegex(AccessError, "Auditors read findings"):
            finding.with_user(self.auditor).action_explain(REASON)
        self.auditor.group_ids += group(self.env, "administrator")
        with self.assertRaisesRegex(AccessError, "Auditors read findings"):
            finding.with_user(self.auditor).action_explain(REASON)

    def found(self, place):
        findings = self.env["biometric.audit.finding"]
        findings._found(self.env.company.id, [{"code": "test", "place": place, "text": "changed"}])
        return findings.search([("place", "=", place)])

    def test_a54_who_caused_a_finding_does_not_explain_it(self):
        """A54. Turns red when the actor of the entry, or of the newest entry about the record that
        a finding names, explains it while somebody else may; or when the only one cannot."""
        admin = new_test_user(self.env, "cause-admin", GROUP + "administrator")
        self.device.with_user(admin).place = "Gate 2"
        while self.env["biometric.audit"]._seal(1000):
            pass
        entry = self.entries("device.change")[:1]
        for place in (f"audit {entry.seq}", f"biometric.device {self.device.id}"):
            with self.subTest(place):
                finding = self.found(place)
                with self.assertRaisesRegex(UserError, "an action of your own"):
                    finding.with_user(admin).action_explain(REASON)
                self.assertFalse(finding.explained_at)
        hr = new_test_user(self.env, "cause-hr", GROUP + "hr_officer")
        finding.with_user(hr).action_explain(REASON)
        self.assertEqual(finding.explained_by_id, hr)
        for role in ("administrator", "hr_officer"):
            (group(self.env, role).all_user_ids - admin).group_ids -= group(self.env, role)
        lone = self.found(f"audit {entry.seq}")
        lone.with_user(admin).action_explain(REASON)
        self.assertIn("caused_by_explainer", self.entries("finding.explain")[:1].after)

    def test_a72_nobody_explains_findings_about_their_own_time(self):
        """A72. Turns red when whom a finding is about explains it while somebody else may: named
        by the finding, by the entry it names, by the record or by the punch."""
        hr = new_test_user(self.env, "own-hr", GROUP + "hr_officer")
        new_test_user(self.env, "own-other", GROUP + "hr_officer")
        self.employee.user_id = hr
        roster = self.env["biometric.roster"].create(
            {"employee_id": self.employee.id, "date": "2026-03-02"}
        )
        while self.env["biometric.audit"]._seal(1000):
            pass
        entry = self.entries("roster.create")[:1]
        punch = self.env["biometric.punch"].search([("employee_id", "=", self.employee.id)])[:1]
        places = [
            f"day 2026-03-02 of employee {self.employee.id}",
            f"biometric.roster {roster.id}",
            f"audit {entry.seq}",
            *(f"punch {one.id}" for one in punch),
        ]
        for place in places:
            with self.subTest(place):
                finding = self.found(place)
                with self.assertRaisesRegex(UserError, "You cannot decide about yourself"):
                    finding.with_user(hr).action_explain(REASON)
                self.assertFalse(finding.explained_at)
        for role in ("administrator", "hr_officer"):
            (group(self.env, role).all_user_ids - hr).group_ids -= group(self.env, role)
        finding.with_user(hr).action_explain(REASON)
        self.assertTrue(self.entries("finding.explain")[:1].self_approved)

    def test_a53_an_export_is_for_who_may_read_all_of_it(self):
        """A53. Turns red when a biometric administrator alone takes days and payroll files home."""
        service = self.env["biometric.company.export"]
        admin = new_test_user(self.env, "take-admin", GROUP + "administrator")
        with self.assertRaisesRegex(AccessError, "It is for auditors"):
            service.with_user(admin)._check_allowed()
        service.with_user(self.auditor)._check_allowed()
        admin.group_ids += group(self.env, "hr_officer") | group(self.env, "payroll_officer")
        service.with_user(admin)._check_allowed()
