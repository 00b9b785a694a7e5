"""C15, P20: support looks for the hours it was granted, at the fleet alone, and leaves a trail."""

import json
from datetime import timedelta

from odoo.exceptions import AccessError, UserError
from odoo.fields import Datetime
from odoo.tests import HttpCase, TransactionCase, new_test_user, tagged

from .common import AddonCase, Lane
from .form_reader import open_form

REASON = "terminal of the warehouse falls silent"
SHOWN = ("hearing", "agent", "device", "device.zone", "run", "gap", "alarm", "incident")
# The dialog that says why nothing arrives: it is made, and orders nothing.
# Refusing time off is Odoo's right, whatever role of ours one has.
DIALOGS = ("checklist", "checklist.line", "cto.refuse")


class SupportCase(AddonCase):
    @classmethod
    def make_support(cls):
        cls.company = cls.env.company
        cls.agent, _token = cls.make_agent("Warehouse")
        cls.device = cls.make_device(cls.agent)
        cls.admin = new_test_user(
            cls.env,
            "bio-admin",
            groups="base.group_user,biometric_attendance.group_administrator",
        )
        cls.outsider = new_test_user(cls.env, "bio-support", groups="base.group_user")
        cls.other = cls.env["res.company"].create({"name": "Next door"})
        cls.outsider.company_ids |= cls.other

    def grant(self, hours=1, user=None):
        grants = self.env["biometric.support"].with_user(self.admin)
        return grants._grant(user or self.outsider, hours, REASON)

    def devices(self, companies=None):
        ids = (companies or self.company).ids
        seen = self.env["biometric.device"].with_user(self.outsider)
        return seen.with_context(allowed_company_ids=ids)

    def looks(self):
        return self.env["biometric.audit"].search([("action", "=", "support.look")])


@tagged("post_install", "-at_install")
class TestSupport(TransactionCase, SupportCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.make_support()

    def test_off_then_an_hour_then_off_by_itself(self):
        """C15. Red when the group alone opens something, or the end waits for a cron or a cache."""
        with self.assertRaises(AccessError):
            self.devices().search([])
        grant = self.grant()
        self.assertEqual(grant.expires_at - grant.granted_at, timedelta(hours=1))
        self.assertEqual(self.devices().search([]).mapped("serial"), ["SN1"])
        self.assertEqual(len(self.devices().get_board_data()["devices"]), 1)
        grant.expires_at = Datetime.now() - timedelta(seconds=1)
        for look in (
            lambda: self.devices().search([]),
            lambda: self.devices().browse(self.device.id).read(["serial"]),
            lambda: self.devices().get_board_data(),
        ):
            with self.assertRaises(AccessError):
                look()
        self.assertEqual(grant.state, "over")

    def test_revoked_at_once(self):
        """C15. Red when revoking waits for the next session."""
        grant = self.grant(6)
        self.assertTrue(self.devices().search([]))
        grant.with_user(self.admin).action_revoke()
        with self.assertRaises(AccessError):
            self.devices().search([])
        self.assertEqual(grant.state, "revoked")

    def test_every_look_is_in_the_trail_of_the_company(self):
        """C15. Red when a door leaves no entry, or the entry does not say who and what."""
        grant = self.grant()
        self.assertFalse(self.looks())
        self.devices().search_count([])
        (entry,) = self.looks()
        self.assertEqual((entry.login, entry.reason), ("bio-support", REASON))
        self.assertEqual(entry.company_id, self.company)
        self.assertEqual(json.loads(entry.after), {"ids": [], "model": "biometric.device"})
        self.env.flush_all()
        for _twice in range(2):
            self.env.invalidate_all()
            self.devices().browse(self.device.id).read(["serial", "place"])
        self.assertEqual(
            [json.loads(row.after)["ids"] for row in self.looks()],
            [[self.device.id], []],
            "one entry a record and request, however often it is read in it",
        )
        self.env["biometric.run"].with_env(self.devices().env).search_count([])
        self.assertIn("biometric.run", self.looks()[0].after)
        grant.with_user(self.admin).action_revoke()
        entries = self.env["biometric.audit"].search([("model", "=", "biometric.support")])
        words = [row.action for row in entries if row.action != "support.look"]
        self.assertEqual(words, ["support.change", "support.create"])
        self.assertEqual(set(entries.mapped("login")), {"bio-admin", "bio-support"})
        self.assertEqual(entries[-1].reason, REASON)

    def test_agents_and_terminals_and_nothing_else(self):
        """C15, S48. Red when the group gets a right to people, punches, days or changes."""
        self.grant()
        lane = Lane()
        self.store(self.agent, lane, lane.punch())
        for name, model in self.env.items():
            if not name.startswith("biometric.") or model._abstract:
                continue
            for operation in ("read", "write", "create", "unlink"):
                short = name.removeprefix("biometric.")
                allowed = (operation == "read" and short in SHOWN) or short in DIALOGS
                with self.subTest(name, operation=operation):
                    seen = self.env[name].with_env(self.devices().env)
                    self.assertEqual(seen.has_access(operation), allowed)
        with self.assertRaises(AccessError):
            self.devices().browse(self.device.id).action_refuse()
        with self.assertRaises(AccessError):
            self.grant_as_support()

    def test_c15_it_opens_what_it_leads_to(self):
        """C15. Turns red when a form that support is led to asks for something it may not read, or
        *Why does nothing arrive?* cannot be answered."""
        self.grant()
        now = Datetime.now()
        row = {"company_id": self.company.id, "agent_id": self.agent.id}
        there = row | {"device_id": self.device.id}
        window = {"kind": "silence", "window_from": now, "window_to": now}
        records = [
            self.agent,
            self.device,
            self.env["biometric.run"].create(
                there | {"uuid": "0" * 36, "channel": "push", "started_at": now}
            ),
            self.env["biometric.gap"].create(there | window),
            self.env["biometric.alarm"].create(row | {"kind": "clone", "opened_at": now}),
            self.env["biometric.incident"].create(there | {"kind": "gap", "opened_at": now}),
        ]
        env = self.devices().env
        for record in records:
            with self.subTest(record._name):
                self.assertTrue(open_form(record.with_env(env)))
        action = self.device.with_env(env).action_why()
        why = env[action["res_model"]].browse(action["res_id"])
        self.assertTrue(open_form(why)[0]["line_ids"])
        with self.assertRaises(AccessError):
            why.action_clear()

    def test_c15_who_became_something_else_keeps_nothing_of_it(self):
        """C15. Turns red when somebody whose grant is over, and who became an employee here since,
        goes on seeing terminals by the group that the grant gave."""
        grant = self.grant()
        self.outsider.group_ids |= self.env.ref("biometric_attendance.group_employee")
        self.assertTrue(self.devices().search([]))
        grant.with_user(self.admin).action_revoke()
        with self.assertRaises(AccessError):
            self.devices().search([])

    def test_c15_the_end_is_said(self):
        """C15. Turns red when a refusal does not say that the time is over, or what to untick."""
        grant = self.grant()
        with self.assertRaisesRegex(AccessError, "You can only view .*: untick Next door"):
            self.devices(self.company | self.other).search([])
        grant.expires_at = Datetime.now() - timedelta(seconds=1)
        words = "Your support access to .* ended at .*An administrator there can grant it again"
        with self.assertRaisesRegex(AccessError, words):
            self.devices().search([])

    def grant_as_support(self):
        self.env["biometric.support"].with_user(self.outsider)._grant(self.outsider, 6, REASON)

    def test_one_company_is_one_company(self):
        """C15, S45. Red when a grant of one company opens what the reader chose besides."""
        self.grant()
        with self.assertRaises(AccessError):
            self.devices(self.company | self.other).search([])
        with self.assertRaises(AccessError):
            self.devices(self.other).get_board_data()

    def test_what_an_administrator_cannot_grant(self):
        portal = new_test_user(self.env, "bio-portal", groups="base.group_portal")
        away = new_test_user(self.env, "bio-away", groups="base.group_user")
        away.write({"company_ids": [(6, 0, self.other.ids)], "company_id": self.other.id})
        for user, hours in (
            (self.outsider, 0),
            (self.outsider, 7),
            (portal, 1),
            (away, 1),
            (self.admin, 1),
        ):
            with self.subTest(user.login, hours=hours), self.assertRaises(UserError):
                self.grant(hours, user)
        with self.assertRaises(UserError):
            self.env["biometric.support"].with_user(self.admin)._grant(self.outsider, 1, "help")
        self.assertFalse(self.env["biometric.support"].search([]))


@tagged("post_install", "-at_install")
class TestSupportHttp(HttpCase, SupportCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.make_support()

    def call(self, model, method, *args, **kwargs):
        call = {"model": model, "method": method, "args": args, "kwargs": kwargs}
        body = {"jsonrpc": "2.0", "method": "call", "params": call}
        return self.url_open("/web/dataset/call_kw", json=body).json()

    def test_over_http_a_look_is_answered_and_written_down(self):
        """C15. Red when a reading request cannot write its entry."""
        self.grant()
        self.authenticate("bio-support", "bio-support")
        here = {"allowed_company_ids": self.company.ids}
        fields = {"specification": {"serial": {}}, "context": here}
        said = self.call("biometric.device", "web_search_read", [], **fields)
        self.assertEqual([row["serial"] for row in said["result"]["records"]], ["SN1"])
        self.assertIn(str(self.device.id), self.looks()[0].after)
        self.env["biometric.support"].search([]).with_user(self.admin).action_revoke()
        self.env.flush_all()
        said = self.call("biometric.device", "web_search_read", [], **fields)
        self.assertEqual(said["error"]["data"]["name"], "odoo.exceptions.AccessError")
