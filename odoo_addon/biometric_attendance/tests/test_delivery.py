"""Payroll files on their way: who may name a target, what is not reached, what a receipt says."""

import base64
import hashlib
import json
import os
import ssl
import tempfile
import threading
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from unittest.mock import patch

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import new_test_user, tagged

from ..models.payroll import biometric_delivery
from ..seams import delivery_folder, webhook
from .test_day import DayCase

ROLE = "base.group_user,biometric_attendance.group_"


class Receiver(BaseHTTPRequestHandler):
    """Another system: keeps what it was told and answers as the test wants."""

    status, taken = 200, []
    # Set by a test that wants a byte now and then; ends it.
    enough = None

    def do_POST(self):  # noqa: N802 - the library's name
        body = self.rfile.read(int(self.headers["Content-Length"]))
        type(self).taken.append((self.path, dict(self.headers), body))
        self.send_response(self.status)
        if self.status == 302:
            self.send_header("Location", "https://localhost/elsewhere")
        self.end_headers()
        for _byte in range(60 if self.enough else 0):
            if self.enough.wait(0.05):
                return
            self.wfile.write(b".")
        self.wfile.write(b"taken \0" + b"x" * 5000)

    def log_message(self, *_args):
        pass


def certificate(folder):
    """Path of a key with a certificate for localhost that is its own authority."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), True)
        .sign(key, hashes.SHA256())
    )
    path = Path(folder, "server.pem")
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return str(path)


class DeliveryCase(DayCase):
    """DayCase with a payroll file, two administrators who set targets up and who delivers."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.admin = new_test_user(cls.env, "deliver-admin", ROLE + "administrator")
        cls.second = new_test_user(cls.env, "deliver-second", ROLE + "administrator")
        cls.pay = new_test_user(
            cls.env, "deliver-pay", ROLE + "payroll_officer", email="pay@example.com"
        )

    def setUp(self):
        super().setUp()
        self.punch_in("2026-03-02 08:00:00", "2026-03-02 17:00:00")
        self.rebuild()
        self.export = self.env["biometric.export"].create(
            {"date_from": "2026-03-02", "date_to": "2026-03-06"}
        )
        self.export.action_generate()
        held = tempfile.TemporaryDirectory()
        self.addCleanup(held.cleanup)
        self.root = held.name
        environ = patch.dict(os.environ, {delivery_folder.ROOT: self.root})
        environ.start()
        self.addCleanup(environ.stop)

    def target(self, kind, confirmed=True, **values):
        target = (
            self.env["biometric.delivery.target"]
            .with_user(self.admin)
            .create({"name": f"By {kind}", "kind": kind, **values})
        )
        if confirmed:
            target.with_user(self.second).action_confirm()
        return target

    def deliver(self):
        """The newest receipt after the button and a turn of the job."""
        self.export.with_user(self.pay).action_deliver()
        self.env["biometric.delivery"]._cron_deliver()
        return self.env["biometric.delivery"].search([], limit=1)


@tagged("post_install", "-at_install", "biometric_day")
class TestDelivery(DeliveryCase):
    # ------------------------------------------------------------------ targets

    def test_a_new_target_sends_nothing_for_a_day_unless_a_second_person_confirms(self):
        """Red when who names a target can use it at once, alone, or by changing a confirmed one."""
        with self.assertRefused("not allowed to create", AccessError):
            self.env["biometric.delivery.target"].with_user(self.pay).create(
                {"name": "Mine", "recipients": "me@example.com"}
            )
        target = self.target("mail", confirmed=False, recipients="office@example.com")
        with self.assertRaisesRegex(AccessError, "less than a day ago"):
            self.deliver()
        with self.assertRaisesRegex(UserError, "by someone other than who entered it"):
            target.action_confirm()
        target.with_user(self.second).action_confirm()
        self.assertEqual(self.deliver().state, "delivered")
        target.with_user(self.admin).write({"recipients": "thief@example.com"})
        with self.assertRaisesRegex(AccessError, "less than a day ago"):
            self.deliver()

    def test_whoever_acts_as_somebody_else_is_no_second_person(self):
        """Red when code that acts as another user confirms what whoever is logged in entered."""
        target = self.target("mail", confirmed=False, recipients="office@example.com")
        audit = type(self.env["biometric.audit"])
        with (
            patch.object(audit, "_real_uid", lambda _audit: self.admin.id),
            self.assertRefused("by someone other than who entered it"),
        ):
            target.with_user(self.second).action_confirm()
        with patch.object(audit, "_real_uid", lambda _audit: self.admin.id):
            target.with_user(self.second).write({"recipients": "thief@example.com"})
        self.assertEqual(target.changed_by_id, self.admin)

    def test_a_target_that_waits_does_not_hold_up_the_others(self):
        """Red when entering a new target stops every delivery for a day, sends there too, or tells
        nobody that it was left out."""
        known = self.target("mail", recipients="office@example.com")
        self.target("mail", confirmed=False, recipients="new@example.com", name="Somebody new")
        action = self.export.with_user(self.pay).action_deliver()
        self.assertIn("Not sent to: Somebody new", action["params"]["message"])
        self.assertEqual(action["params"]["next"]["res_model"], "biometric.delivery")
        self.env["biometric.delivery"]._cron_deliver()
        receipts = self.env["biometric.delivery"].search([])
        self.assertEqual(receipts.mapped("target_id"), known)
        self.assertEqual(receipts.mapped("state"), ["delivered"])

    def test_the_cockpit_says_why_a_delivery_waits(self):
        """Red when whoever closed a period sees “Waits” for a day and no word why."""
        target = self.target("mail", confirmed=False, recipients="office@example.com")
        (receipt,) = self.env["biometric.delivery"]._ask(self.export, target)
        says = self.env["biometric.period"].with_user(self.pay)._waits_for
        self.assertRegex(
            says(receipt), "Sent from .*, or as soon as a second administrator confirms"
        )
        target.with_user(self.second).action_confirm()
        self.assertEqual(says(receipt), "")

    def test_what_waits_is_not_sent_after_its_target_was_changed(self):
        """Red when a delivery that was asked for goes where somebody pointed it meanwhile."""
        target = self.target("mail", recipients="office@example.com")
        self.export.with_user(self.pay).action_deliver()
        target.with_user(self.admin).write({"recipients": "thief@example.com"})
        self.env["biometric.delivery"]._cron_deliver()
        receipt = self.env["biometric.delivery"].search([], limit=1)
        self.assertEqual((receipt.state, receipt.sent_at), ("waiting", False))

    def test_every_change_of_where_files_go_waits_again(self):
        """Red when a confirmed target can be pointed elsewhere by a field that is not looked at."""
        Path(self.root, "payroll").mkdir()
        other = self.env["res.company"].create({"name": "Other"})
        (self.admin | self.second).company_ids |= other
        mail = {"kind": "mail", "recipients": "office@example.com"}
        for values, change in (
            (mail, {"kind": "folder"}),
            (mail, {"company_id": other.id}),
            ({"kind": "folder"}, {"folder": "payroll"}),
            ({"kind": "webhook", "url": "https://example.com/"}, {"url": "https://example.org/"}),
        ):
            with self.subTest(change):
                target = self.target(**values)
                target._check_usable()
                target.with_user(self.admin).write(change)
                with self.assertRefused("less than a day ago", AccessError):
                    target._check_usable()

    def test_nothing_goes_to_a_target_that_was_archived(self):
        """Red when what waits is sent to a target that somebody took out of use."""
        target = self.target("mail", recipients="office@example.com")
        self.export.with_user(self.pay).action_deliver()
        target.with_user(self.admin).active = False
        self.env["biometric.delivery"]._cron_deliver()
        receipt = self.env["biometric.delivery"].search([], limit=1)
        self.assertEqual(receipt.state, "waiting")
        self.assertIn("is archived: nothing is sent there", receipt.answer)

    def test_a_file_that_cannot_be_laid_leaves_nothing_behind(self):
        """Red when a full disk or a failed renaming leaves half a file that somebody imports."""
        self.target("folder")
        with patch.object(delivery_folder.os, "rename", side_effect=OSError("no space")):
            receipt = self.deliver()
        self.assertEqual((receipt.state, receipt.sent_bytes), ("waiting", 0))
        self.assertIn("no space", receipt.answer)
        self.assertEqual(os.listdir(self.root), [])

    def test_an_address_that_cannot_be_is_refused_when_it_is_entered(self):
        for values, words in (
            ({"kind": "mail", "recipients": "nobody"}, "Enter the e-mail addresses"),
            ({"kind": "webhook", "url": "http://example.com"}, "begins with https"),
            ({"kind": "webhook", "url": "https://a:b@example.com"}, "no name, password"),
            ({"kind": "webhook", "url": "https://example.com/a b"}, "blanks and letters beyond"),
            ({"kind": "webhook", "url": "https://example.com/ä"}, "blanks and letters beyond"),
            ({"kind": "webhook", "url": "https://example.com/\r\nX: 1"}, "blanks and letters"),
            ({"kind": "folder", "folder": "../etc"}, "without .."),
            ({"kind": "folder", "folder": "/etc"}, "without .."),
        ):
            with self.subTest(values), self.assertRaisesRegex(ValidationError, words):
                self.target(**values)
        with (
            patch.dict(os.environ, {delivery_folder.ROOT: ""}),
            self.assertRaisesRegex(ValidationError, "names no directory"),
        ):
            self.target("folder")

    # ------------------------------------------------------------------ mail

    def test_mail_goes_to_the_named_recipients_with_the_files(self):
        self.target("mail", recipients="office@example.com, boss@example.com")
        receipt = self.deliver()
        data = self.export._bytes("data")
        self.assertEqual(
            (receipt.state, receipt.sent_bytes, receipt.sha256),
            ("delivered", len(data), self.export.sha256),
        )
        mail = self.env["mail.mail"].search([("subject", "ilike", self.export.name)], limit=1)
        self.assertEqual(mail.email_to, "office@example.com, boss@example.com")
        held = {one.name: one.raw for one in mail.attachment_ids}
        self.assertEqual(held[self.export.filename], data)
        self.assertIn(self.export.control_filename, held)

    def test_the_receipt_is_of_the_file_that_the_payroll_program_takes(self):
        """Red when our own file goes in its place, or the receipt shows another digest than the one
        of what is imported."""
        self.employee.barcode = "118"
        profile = self.env["biometric.payroll.profile"].create(
            {
                "name": "Sage",
                "program": "sage_ie",
                "code_ids": [(0, 0, {"pay_code": "REG", "text": "1"})],
            }
        )
        self.punch_in("2026-03-09 08:00:00", "2026-03-09 17:00:00")
        self.rebuild()
        self.export = self.env["biometric.export"].create(
            {"date_from": "2026-03-09", "date_to": "2026-03-13", "profile_id": profile.id}
        )
        self.export.action_generate()
        self.target("folder")
        receipt = self.deliver()
        data = Path(self.root, self.export.program_filename).read_bytes()
        self.assertEqual(data, b"2,118,1,,,8.00,\r\n")
        self.assertEqual(
            (receipt.sent_bytes, receipt.sha256), (len(data), hashlib.sha256(data).hexdigest())
        )
        self.assertTrue(receipt.answer.startswith(f"{self.export.program_filename}: "))
        self.assertEqual(len(os.listdir(self.root)), 3)

    # ------------------------------------------------------------------ folder

    def test_a_folder_gets_whole_files_and_no_link_is_followed(self):
        """Red when a link leads out of the directory, or a file is replaced by another."""
        Path(self.root, "payroll").mkdir()
        target = self.target("folder", folder="payroll")
        self.assertEqual(self.deliver().state, "delivered")
        self.assertEqual(self.deliver().state, "delivered", "the same bytes again are no fault")
        laid = Path(self.root, "payroll", self.export.filename)
        self.assertEqual(laid.read_bytes(), self.export._bytes("data"))
        self.assertEqual(len(list(laid.parent.iterdir())), 2, "a part was left")
        laid.write_bytes(b"other")
        self.assertIn("another file of that name", self.deliver().answer)
        with tempfile.TemporaryDirectory() as outside:
            Path(self.root, "link").symlink_to(outside)
            target.with_user(self.admin).write({"folder": "link"})
            target.with_user(self.second).action_confirm()
            self.assertIn("or a link", self.deliver().answer)
            laid.unlink()
            laid.symlink_to(Path(outside, "there"))
            target.with_user(self.admin).write({"folder": "payroll"})
            target.with_user(self.second).action_confirm()
            self.assertIn("a link or no file", self.deliver().answer)
            self.assertEqual(list(Path(outside).iterdir()), [])

    # ------------------------------------------------------------------ webhook

    def receiver(self, status=200):
        """Port of another system on this machine, with a certificate for localhost."""
        pem = certificate(self.root)
        handler = type("Own", (Receiver,), {"status": status, "taken": []})
        server = HTTPServer(("127.0.0.1", 0), handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(pem)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        trusting = patch.object(
            biometric_delivery.webhook,
            "post",
            lambda *args, _post=webhook.post, **more: _post(*args, **{"ca_certs": pem} | more),
        )
        trusting.start()
        self.addCleanup(trusting.stop)
        return server.server_port, handler

    def test_a_webhook_is_signed_and_its_answer_capped(self):
        """Red when a receiver cannot prove who sent what when, or recognise it again; or when a
        byte of its answer that no column takes loses the receipt: the file is sent anew."""
        port, handler = self.receiver()
        target = self.target("webhook", url=f"https://localhost:{port}/in?x=1")
        with patch.dict(os.environ, {webhook.ALLOWED: "localhost"}):
            receipt = self.deliver()
        self.assertEqual(receipt.state, "delivered", receipt.answer)
        self.assertIn("taken x", receipt.answer)
        self.assertTrue(receipt.answer.endswith("x"))
        self.assertLess(len(receipt.answer), 2100)
        path, headers, body = handler.taken[0]
        self.assertEqual((path, headers["X-Biometric-Batch"]), ("/in?x=1", self.export.name))
        secret = target.with_user(self.admin).secret
        self.assertEqual(
            headers["X-Biometric-Signature"],
            webhook.signature(secret, headers["X-Biometric-Time"], body),
        )
        self.assertEqual(headers["X-Biometric-Digest"], hashlib.sha256(body).hexdigest())
        said = json.loads(body)
        self.assertEqual(said["batch_id"], self.export.name)
        self.assertEqual(base64.b64decode(said["files"][0]["content"]), self.export._bytes("data"))
        with self.assertRefused("do not have enough rights to access the field", AccessError):
            target.with_user(self.pay).read(["secret"])

    def test_the_secret_reaches_the_recipient_by_a_button(self):
        """Red when the administrator's form shows the secret, or gives no way to hand it on; or
        the payroll officer's has it at all."""
        targets = self.env["biometric.delivery.target"]
        arch = targets.with_user(self.admin).get_view(view_type="form")["arch"]
        self.assertRegex(arch, r'<field name="secret" widget="CopyClipboardButton"')
        self.assertEqual(arch.count('name="secret"'), 1)
        arch = targets.with_user(self.pay).get_view(view_type="form")["arch"]
        self.assertNotIn('name="secret"', arch)

    def test_who_answers_a_byte_now_and_then_holds_nobody(self):
        """Red when only each byte has its time: the job would wait for hours, and with it the
        deliveries behind."""
        port, handler = self.receiver()
        handler.enough = threading.Event()
        self.addCleanup(handler.enough.set)
        self.target("webhook", url=f"https://localhost:{port}/")
        with (
            patch.dict(os.environ, {webhook.ALLOWED: "localhost"}),
            patch.object(webhook, "TIMEOUT", 0.5),
        ):
            receipt = self.deliver()
        self.assertEqual((receipt.state, receipt.tries), ("waiting", 1))
        self.assertIn("no whole answer within", receipt.answer)

    def test_a_redirect_is_a_failure_and_officers_are_told(self):
        """Red when hours follow a redirect, or a failure ends in a log."""
        port, handler = self.receiver(status=302)
        self.target("webhook", url=f"https://localhost:{port}/")
        before = self.env["mail.mail"].search([])
        with patch.dict(os.environ, {webhook.ALLOWED: "localhost"}):
            receipt = self.deliver()
            for _again in range(biometric_delivery.TRIES):
                self.env["biometric.delivery"]._cron_deliver()
        self.assertEqual((receipt.state, receipt.tries), ("failed", biometric_delivery.TRIES))
        self.assertIn("302", receipt.answer)
        self.assertEqual({path for path, _headers, _body in handler.taken}, {"/"})
        mails = self.env["mail.mail"].search([]) - before
        self.assertIn("pay@example.com", mails.mapped("email_to"))

    def test_private_addresses_are_refused_after_the_name_was_resolved(self):
        """Red when a name that leads into the own network is asked: directly, by a mapped address,
        or as one of several."""
        public, quiet = "93.184.216.34", [(2, 1, 6, "", ("93.184.216.34", 443))]
        for address in (
            "127.0.0.1",
            "10.0.0.5",
            "169.254.169.254",
            "192.168.1.1",
            "100.64.0.1",
            "0.0.0.0",
            "224.0.0.1",
            "::1",
            "fe80::1%eth0",
            "fd00::1",
            "::ffff:127.0.0.1",
            "64:ff9b::a00:5",
            "2002:7f00:1::",
        ):
            found = [*quiet, (2, 1, 6, "", (address, 443))]
            with (
                self.subTest(address),
                patch.object(webhook.socket, "getaddrinfo", return_value=found),
                self.assertRaisesRegex(webhook.WebhookError, "no address of the public network"),
            ):
                webhook.public_address("example.com", 443)
        with patch.object(webhook.socket, "getaddrinfo", return_value=quiet):
            self.assertEqual(webhook.public_address("example.com", 443), public)
        port, handler = self.receiver()
        self.target("webhook", url=f"https://localhost:{port}/")
        self.assertIn("no address of the public network", self.deliver().answer)
        self.assertEqual(handler.taken, [])

    def test_a_certificate_of_another_name_is_refused(self):
        """Red when the pinned address is connected to without proving the name."""
        port, handler = self.receiver()
        found = [(2, 1, 6, "", ("127.0.0.1", port))]
        with (
            patch.dict(os.environ, {webhook.ALLOWED: "payroll.example.com"}),
            patch.object(webhook.socket, "getaddrinfo", return_value=found),
            self.assertRaisesRegex(webhook.WebhookError, "payroll.example.com"),
        ):
            webhook.post(
                f"https://payroll.example.com:{port}/", b"x", {}, ca_certs=f"{self.root}/server.pem"
            )
        self.assertEqual(handler.taken, [])
