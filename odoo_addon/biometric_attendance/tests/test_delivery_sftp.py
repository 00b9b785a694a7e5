"""Payroll files by SFTP: offered only where the server can speak it, to a machine that proves the
pinned key alone, whole or not at all. Where paramiko is installed its own server is the machine;
elsewhere a folder stands in the place of the connection."""

import json
import os
import tempfile
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import tagged

from ..seams import sftp, webhook
from ..verifier.audited import LISTS_BEFORE
from .test_delivery import DeliveryCase
from .test_migrations import script

OTHER = sftp.new_key("theirs")[1]


class Laid:
    """What `sftp.connected` yields, on a folder of this machine."""

    def __init__(self, root):
        self.root = Path(root)

    def read(self, name):
        path = self.root / name
        return path.read_bytes() if path.exists() else None

    def write(self, name, data):
        (self.root / name).write_bytes(data)

    def rename(self, name, to):
        (self.root / name).rename(self.root / to)


class SftpCase(DeliveryCase):
    """DeliveryCase on a server that can speak SFTP; `there` is the folder of the other machine."""

    def setUp(self):
        super().setUp()
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.there = Path(folder.name, "in")
        self.there.mkdir()
        self.offer(True)
        self.allow("localhost")

    def offer(self, able):
        patched = patch.object(sftp, "available", return_value=able)
        patched.start()
        self.addCleanup(patched.stop)

    def allow(self, names):
        patched = patch.dict(os.environ, {webhook.ALLOWED: names})
        patched.start()
        self.addCleanup(patched.stop)

    def place(self, **values):
        about = {"host": "localhost", "login": "payroll", "folder": "/in", "host_key": OTHER}
        return self.target("sftp", **about | values)

    def check_laid_whole_and_once(self):
        receipt = self.deliver()
        self.assertEqual(receipt.state, "delivered", receipt.answer)
        self.assertIn("placed in the folder of localhost", receipt.answer)
        laid = self.there / self.export.filename
        self.assertEqual(laid.read_bytes(), self.export._bytes("data"))
        names = {self.export.filename, self.export.control_filename}
        self.assertEqual({one.name for one in self.there.iterdir()}, names)
        self.assertEqual(self.deliver().state, "delivered", "the same bytes again are no fault")
        laid.write_bytes(b"other")
        self.assertIn("another file of that name", self.deliver().answer)
        self.assertEqual(laid.read_bytes(), b"other")


@tagged("post_install", "-at_install", "biometric_day")
class TestDeliverySftp(SftpCase):
    def test_files_are_laid_whole_and_once(self):
        """Red when the same bytes again fail, other bytes under a name are taken for it, or
        something is left beside."""
        target = self.place()

        @contextmanager
        def connected(place):
            self.assertEqual((place.host, place.login), (target.host, target.login))
            yield Laid(self.there)

        with patch.object(sftp, "connected", connected):
            self.check_laid_whole_and_once()

    def test_it_is_on_the_screen_only_where_the_server_can_speak_it(self):
        """Red when a way is offered that cannot work, or one that was set up before fails without a
        word."""
        kinds = self.env["biometric.delivery.target"]._kinds
        self.assertIn("sftp", dict(kinds()))
        self.place()
        self.offer(False)
        self.assertNotIn("sftp", dict(kinds()))
        receipt = self.deliver()
        self.assertEqual(receipt.state, "waiting")
        self.assertIn("python3-paramiko is not installed", receipt.answer)

    def test_what_names_no_machine_or_no_key_is_refused_when_it_is_entered(self):
        for change, words in (
            ({"host": False}, "Enter the server"),
            ({"port": 0}, "its port"),
            ({"login": False}, "the login there"),
            ({"host_key": False}, "as ssh-keyscan prints it"),
            ({"host_key": "ssh-ed25519 not-base64"}, "as ssh-keyscan prints it"),
            ({"host_key": "ssh-dss AAAA"}, "as ssh-keyscan prints it"),
            ({"host_key": "ssh-rsa " + OTHER.split()[1]}, "as ssh-keyscan prints it"),
        ):
            with self.subTest(change), self.assertRaisesRegex(ValidationError, words):
                self.place(**change)
        scanned = self.place(host_key=f"localhost {OTHER}")
        self.assertEqual(sftp.check_host_key(scanned.host_key)[0], "ssh-ed25519")

    def test_a_changed_machine_or_key_waits_for_a_second_administrator(self):
        """Red when somebody can point a confirmed target at a machine of their own."""
        target = self.place()
        for change in ({"host": "evil"}, {"host_key": OTHER}, {"port": 2222}, {"login": "me"}):
            target.with_user(self.second).action_confirm()
            target.with_user(self.admin).write(change)
            with self.subTest(change), self.assertRefused("less than a day ago", AccessError):
                self.deliver()

    def test_our_key_is_told_and_its_private_part_is_not(self):
        """Red when whoever uses or reads a target can log in as it."""
        target = self.place()
        self.assertTrue(target.public_key.startswith("ssh-ed25519 "))
        self.assertIn("PRIVATE KEY", target.with_user(self.admin).private_key)
        with self.assertRefused("do not have enough rights to access the field", AccessError):
            target.with_user(self.pay).read(["private_key"])
        other = self.target("mail", recipients="office@example.com")
        self.assertFalse(other.public_key)
        other.with_user(self.admin).write(
            {"kind": "sftp", "host": "localhost", "login": "x", "host_key": OTHER}
        )
        self.assertTrue(other.public_key)
        self.assertNotEqual(other.public_key, target.public_key)


if sftp.available():
    from .sftp_case import Machine

    @tagged("post_install", "-at_install", "biometric_day")
    class TestDeliverySftpMachine(SftpCase):
        """Against paramiko's own server."""

        def machine(self, **values):
            target = self.place()
            machine = Machine(self.there.parent, "payroll", target.public_key)
            self.addCleanup(machine.close)
            about = {"port": machine.port, "host_key": machine.host_key} | values
            target.with_user(self.admin).write(about)
            target.with_user(self.second).action_confirm()
            return machine

        def test_files_are_laid_whole_and_once(self):
            """Red as above, by the protocol itself."""
            self.machine()
            self.check_laid_whole_and_once()

        def test_a_machine_with_another_key_gets_nothing(self):
            """Red when whoever sits in the middle gets our login or everybody's hours: with another
            key of the same kind, and of another kind."""
            for key in (Machine(self.there, "x", "x y").host_key, OTHER):
                machine = self.machine(host_key=key)
                receipt = self.deliver()
                self.assertEqual(receipt.state, "waiting")
                self.assertRegex(receipt.answer, "another key than the pinned|Incompatible ssh")
                self.assertEqual(list(self.there.iterdir()), [])
                self.assertEqual(machine.gate.tried, [], "our login was said")
                self.env["biometric.delivery.target"].search([]).active = False

        def test_a_login_that_is_not_let_in_is_told(self):
            self.machine(login="somebody")
            self.assertIn("Authentication", self.deliver().answer)

        def test_private_addresses_are_refused(self):
            """Red when SFTP reaches what a webhook does not."""
            machine = self.machine()
            self.allow("")
            self.assertIn("no address of the public network", self.deliver().answer)
            self.assertEqual(machine.transports, [])


@tagged("post_install", "-at_install", "biometric_day")
class TestTargetsOfBefore(SftpCase):
    def test_an_upgrade_leaves_targets_of_every_kind_as_they_are(self):
        """Red when an upgrade makes a target wait again or lets one go that waits, gives it another
        place or secret, leaves one out of the trail, or when today's rules refuse a stored one."""
        mail = self.target("mail", recipients="office@example.com")
        folder, hook = self.target("folder"), self.target("webhook", url="https://example.com/in")
        there = self.place()
        waits = self.target("mail", confirmed=False, recipients="new@example.com")
        every = mail | folder | hook | there | waits
        self.assertEqual(set(every.mapped("kind")), {key for key, _name in every._kinds()})
        self.env.flush_all()
        # Of before there was SFTP: no column had its port, and Odoo fills a new one.
        self.env.cr.execute(
            "UPDATE biometric_delivery_target SET port = NULL WHERE id = ANY(%s)",
            ((every - there).ids,),
        )
        self.env.invalidate_all()
        every._init_column("port")
        before = self.stored(every)
        upgrade = script("19.0.1.4.0", "end-audited-list")
        state = self.env["biometric.state"]
        with patch.object(type(state), "_list_said", return_value=LISTS_BEFORE[1]):
            self.assertTrue(state._widen(self.env.company, upgrade.REASON))
        self.env.invalidate_all()
        self.assertEqual(self.stored(every), before)
        self.assertEqual(set(every.mapped("port")), {22})
        taken = self.env["biometric.audit"].search([("action", "=", "delivery_target.take_up")])
        told = {one.res_id: json.loads(one.after) for one in taken}
        self.assertEqual(set(told), set(every.ids))
        for target in every:
            self.assertEqual(told[target.id]["kind"], target.kind)
        every._check_where()
        (every - waits)._check_usable()
        with self.assertRefused("less than a day ago", AccessError):
            waits._check_usable()

    def stored(self, targets):
        self.env.cr.execute(
            "SELECT to_jsonb(t) FROM biometric_delivery_target t WHERE id = ANY(%s) ORDER BY id",
            (targets.ids,),
        )
        return [row[0] for row in self.env.cr.fetchall()]
