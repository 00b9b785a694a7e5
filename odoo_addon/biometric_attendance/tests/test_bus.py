"""I6, S45: a message to screens is heard in its own company alone, by who holds a role there."""

import json

from odoo.fields import Date
from odoo.tests import TransactionCase, new_test_user, tagged

from odoo.addons.bus.models.bus import channel_with_db

from ..models.mixins.biometric_bus import HEARS
from .access_matrix import BUS, ROLES
from .common import AddonCase, Lane
from .test_access_matrix import make_users


@tagged("post_install", "-at_install")
class TestBus(TransactionCase, AddonCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.here = cls.env.company
        cls.other = cls.env["res.company"].create({"name": "Next door"})
        cls.agent, _token = cls.make_agent(company=cls.other)
        cls.device = cls.make_device(cls.agent)

    def heard(self, user):
        """Channels that the server subscribes a user's screen to, beyond Odoo's own."""
        channels = self.env["biometric.bus"].with_user(user)._channels()
        return {json.dumps(channel_with_db(self.env.cr.dbname, one)) for one in channels}

    def told(self, call):
        """Channels of all messages of the addon that `call` sends."""
        self.env["bus.bus"]._ensure_hooks()
        sent = self.env.cr.precommit.data["bus.bus.values"]
        sent.clear()
        call()
        return {
            json.loads(row["message"])["type"]: json.dumps(json.loads(row["channel"]))
            for row in sent
            if json.loads(row["message"])["type"].startswith("biometric_attendance/")
        }

    def compute_today(self):
        """A day of somebody next door is computed, as the job does."""
        person = self.env["hr.employee"].create({"name": "Nan", "company_id": self.other.id})
        self.env["biometric.day.rebuild"].sudo()._rebuild([(person.id, Date.today())])

    def test_s45_a_message_stays_in_its_company(self):
        """S45. Turns red when terminals, orders or findings of one company are told to a group, and
        so to whoever has the role in any company."""
        lane = Lane()
        order = self.device.with_context(biometric_command="info")
        finding = {"code": "x", "place": "y", "text": "z"}
        messages = {}
        for call in (
            lambda: self.store(self.agent, lane, lane.punch()),
            order.action_command,
            lambda: self.env["biometric.command"].search([])._tell(),
            lambda: self.env["biometric.audit.finding"]._found(self.other.id, [finding]),
            lambda: self.env["biometric.work"]._tell_screens(self.other),
            lambda: self.compute_today(),
        ):
            messages |= self.told(call)
        self.assertEqual(set(messages), {f"biometric_attendance/{kind}" for kind in HEARS})
        roles = ("administrator", "hr_officer")
        groups = ",".join(f"biometric_attendance.group_{role}" for role in roles)
        near = new_test_user(self.env, "near", groups=f"base.group_user,{groups}")
        there = new_test_user(self.env, "there", groups=f"base.group_user,{groups}")
        there.write({"company_ids": [(6, 0, self.other.ids)], "company_id": self.other.id})
        for kind, channel in messages.items():
            with self.subTest(kind):
                self.assertIn(channel, self.heard(there))
                self.assertNotIn(channel, self.heard(near))

    def test_s48_channels_by_role(self):
        """S48. Turns red when a role hears a kind that the matrix does not give it."""
        users = make_users(self.env)
        for role in ROLES:
            kinds = {one[1] for one in self.env["biometric.bus"].with_user(users[role])._channels()}
            expected = {f"biometric_attendance/{kind}" for kind in BUS if role in BUS[kind]}
            with self.subTest(role):
                self.assertEqual(kinds, expected)
        self.assertEqual(set(BUS), set(HEARS))
