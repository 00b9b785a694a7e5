"""Where Odoo calls us: these fail loudly in a series of Odoo that no longer does.

Nothing else would say it. A guard that is not asked any more lets everybody in without an error;
an auth method that is called another way turns every agent's request into a refusal.
"""

import base64
import inspect
from unittest.mock import patch

from odoo.exceptions import AccessError
from odoo.tests import HttpCase, TransactionCase, new_test_user, tagged

from ..seams.binary import packed, raw
from ..seams.parameters import parameter
from .common import AddonCase
from .test_support import SHOWN, SupportCase

ROUTES = ("punches", "confirm", "users", "sync")


@tagged("post_install", "-at_install")
class TestSupportGuardIsAsked(TransactionCase, SupportCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.make_support()

    def doors(self, model):
        """Every way through which a user's rights on a model are asked."""
        records = self.env[model].with_env(self.devices().env)
        return {
            "search": lambda: records.search([]),
            "search_count": lambda: records.search_count([]),
            "search_read": lambda: records.search_read([], ["id"]),
            "read_group": lambda: records._read_group([], [], ["__count"]),
            "check_access": lambda: records.check_access("read"),
            "has_access": lambda: records.has_access("read"),
        }

    def test_every_door_asks_the_guard(self):
        """C15. Red in a series of Odoo whose access checks no longer call `_check_access`: support
        would read without a grant. Try it by renaming the method in biometric_support.py."""
        self.grant()
        for word in SHOWN:
            model = f"biometric.{word}"
            guard = type(self.env[model])._check_access
            self.assertIn("models.support", self.owner(model, "_check_access"), model)
            for name, door in self.doors(model).items():
                asked = []

                def noted(records, operation, asked=asked, guard=guard):
                    asked.append(operation)
                    return guard(records, operation)

                with patch.object(type(self.env[model]), "_check_access", noted):
                    door()
                self.assertIn("read", asked, f"{model}: Odoo's {name} does not ask the guard")

    def test_every_value_read_is_written_down(self):
        """C15. Red in a series that reads values past `_fetch_query`: looks would leave no trace.
        Try it by renaming the method in biometric_support.py."""
        self.grant()
        self.env.flush_all()
        for word in SHOWN:
            model = f"biometric.{word}"
            self.assertIn("models.support", self.owner(model, "_fetch_query"), model)
        self.env.invalidate_all()
        device = self.devices().browse(self.device.id)
        for read in (
            lambda: device.serial,
            lambda: device.read(["place"]),
            lambda: device.search_read([("id", "=", device.id)], ["peer"]),
            lambda: device.web_read({"family": {}}),
        ):
            self.env.cr.precommit.data.pop("biometric.support", None)
            before = len(self.looks())
            self.env.invalidate_all()
            read()
            self.assertGreater(len(self.looks()), before, inspect.getsource(read))

    def owner(self, model, method):
        """The Python module of the class that answers a method first."""
        for base in type(self.env[model]).mro():
            if method in vars(base):
                return base.__module__
        return ""

    def test_without_a_grant_no_door_is_open(self):
        """C15. Red when one of the doors answers before it asks."""
        for name, door in self.doors("biometric.device").items():
            with self.subTest(name):
                if name == "has_access":
                    self.assertFalse(door())
                    continue
                with self.assertRaises(AccessError):
                    door()


@tagged("post_install", "-at_install")
class TestAgentsAreAuthenticated(HttpCase, AddonCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.agent, cls.token = cls.make_agent()

    def test_every_route_asks_our_auth_method(self):
        """Red in a series that finds auth methods another way: every agent would be refused, or
        anybody let in. Try it by renaming `_auth_method_biometric_agent`."""
        http = self.env.registry["ir.http"]
        method = http.__dict__.get("_auth_method_biometric_agent")
        self.assertIsNone(method, "patched below; a class of the registry has none of its own")
        ours = http._auth_method_biometric_agent
        for route in ROUTES:
            asked = []

            def noted(_cls, *routing, asked=asked):
                asked.append(routing)
                return ours(*routing)

            with patch.object(http, "_auth_method_biometric_agent", classmethod(noted)):
                refused = self.post(route, {"version": 1}, "no token of ours")
                answered = self.post(route, {"version": 1}, self.token)
            self.assertEqual(len(asked), 2, f"Odoo does not ask for {route}")
            self.assertEqual(refused.status_code, 401, route)
            self.assertNotIn(answered.status_code, (401, 403, 404, 500), answered.text)

    def test_both_ways_of_calling_it(self):
        """Odoo 19 calls it without an argument, a later series hands in the routing. Red when one
        of them raises TypeError, which agents would see as a refusal."""
        signature = inspect.signature(self.env.registry["ir.http"]._auth_method_biometric_agent)
        signature.bind()
        signature.bind({"auth": "biometric_agent", "type": "biometric"})


@tagged("post_install", "-at_install")
class TestSeams(TransactionCase):
    def test_a_binary_field_gives_back_its_bytes(self):
        """Red when reading or writing a file takes a form that a binary field does not have."""
        data = bytes(range(256))
        attachment = self.env["ir.attachment"].create({"name": "x", "datas": packed(data)})
        self.env.flush_all()
        attachment.invalidate_recordset()
        self.assertEqual(raw(attachment.datas), data)
        self.assertEqual(raw(False), b"")
        self.assertEqual(raw(base64.b64encode(b"abc")), b"abc")
        with self.assertRaises(ValueError):
            raw("no base64!")

    def test_a_parameter_is_read_whoever_asks(self):
        """Red when a reader without rights on parameters gets none: a dialog names our address."""
        user = new_test_user(self.env, "bio-reader", groups="base.group_user")
        self.env["ir.config_parameter"].set_param("biometric_attendance.seam", "7")
        env = self.env["res.users"].with_user(user).env
        self.assertEqual(parameter(env, "biometric_attendance.seam"), "7")
        self.assertEqual(parameter(env, "biometric_attendance.none", "12"), "12")
