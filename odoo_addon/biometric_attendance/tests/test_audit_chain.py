"""The verifier against 19 kinds of attack, inside Odoo and on an export without Odoo.

Kinds: five on columns (A12), three on holes (A13), three on the end (A14), three on order (A15),
re-hashing (A16), rolling back (A17) and three on the protection (A18); on the audit trail, on
sightings and on punches. The attacker owns the database: triggers are lifted first.
"""

import base64
import io
import json
import zipfile
from datetime import timedelta
from pathlib import Path
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.fields import Datetime
from odoo.tests import TransactionCase, new_test_user, tagged

from ..contract import chain
from ..models.audit import biometric_audit
from ..verifier import verify
from .common import AddonCase, Lane, Signer

ENTRIES = 14
LEDGERS = ("audit", "sighting", "punch")


class ChainCase(TransactionCase, AddonCase):
    """A company with an approved agent, a lane, punches, rejects, entries, heads and a night."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env["res.company"].create({"name": "Audited"})
        cls.env.user.company_ids |= cls.company
        cls.env = cls.env(context={**cls.env.context, "allowed_company_ids": cls.company.ids})
        cls.witness = Signer()
        cls.agent, _token = cls.make_agent(state="new", company=cls.company)
        cls.agent.write(
            {
                "public_key": cls.witness.public,
                "fingerprint": chain.fingerprint(base64.b64decode(cls.witness.public)),
                "state": "waiting",
            }
        )
        cls.agent.action_approve()
        cls.device = cls.make_device(cls.agent)
        cls.other_device = cls.make_device(cls.agent, "SN2")

    def setUp(self):
        super().setUp()
        self.lane = Lane()
        rows = [
            self.lane.punch(pin=str(n % 5), wall=f"2026-03-{n + 1:02d} 08:00:00")
            for n in range(ENTRIES)
        ]
        rows.insert(4, self.lane.reject())
        rows.append(Lane.bare(self.lane.punch(pin="9")))
        self.store(self.agent, self.lane, *rows)
        audit = self.env["biometric.audit"]
        for n in range(ENTRIES):
            audit._record(
                "test.change", self.device, {"n": n}, {"n": n + 1}, f"changed it for the {n}th time"
            )
        self.sign_lane_head()
        self.env["biometric.audit.night"]._night(self.company, "-1 second")
        self.countersign()

    def sign_lane_head(self):
        lane = self.env["biometric.lane"].search([("agent_id", "=", self.agent.id)])
        parts = (lane.lane, str(lane.head_seq), lane.head_hash)
        self.env["biometric.lane.head"]._keep(
            lane, lane.head_seq, lane.head_hash, self.witness.sign("v1", "head", *parts)
        )

    def countersign(self):
        seq, head = self.env["biometric.audit"]._head(self.company.id)
        parts = (str(self.company.id), str(seq), head)
        self.env["biometric.audit.witness"]._keep(
            self.agent,
            [
                {
                    "company_id": self.company.id,
                    "seq": seq,
                    "hash": head,
                    "signature": self.witness.sign("v1", "audit", *parts),
                }
            ],
        )
        return {"who": "mail", "seq": seq, "hash": head}

    def inside(self):
        """Codes that the verifier finds in Odoo."""
        self.env.invalidate_all()
        self.env.cr.execute(
            "DELETE FROM biometric_audit_finding WHERE company_id = %s", (self.company.id,)
        )
        check = self.env["biometric.audit.check"]._begin(self.company, "test")
        while check._step():
            pass
        self.assertEqual(check.state, "bad" if check.finding_count else "ok")
        found = self.env["biometric.audit.finding"].search([("company_id", "=", self.company.id)])
        return sorted(set(found.mapped("code")))

    def packed(self):
        """The export as bytes; sealing an entry for it is left out, the attack stands as it is."""
        file = io.BytesIO()
        service = self.env["biometric.company.export"]
        with zipfile.ZipFile(file, "w") as archive:
            service._write_head(archive, self.company)
            service._write_verified(archive, self.company)
        file.seek(0)
        return file

    def outside(self, witnesses=()):
        """Codes that the stand-alone verifier finds in an export."""
        return sorted(verify.verify(verify.Export(self.packed()), witnesses).counts)

    def owner(self, *statements):
        """What the owner of the tables can do: lift the triggers, change, put them back."""
        for table in LEDGERS:
            self.env.cr.execute(f"ALTER TABLE biometric_{table} DISABLE TRIGGER USER")
        for statement in statements:
            self.env.cr.execute(statement)
        for table in LEDGERS:
            self.env.cr.execute(f"ALTER TABLE biometric_{table} ENABLE TRIGGER USER")

    def attack(self, *statements):
        self.env.cr.execute("SET CONSTRAINTS ALL DEFERRED")
        self.env.flush_all()
        self.owner(*statements)
        self.env.invalidate_all()


@tagged("post_install", "-at_install")
class TestAuditChain(ChainCase):
    def test_untouched_ledgers_verify_inside_and_outside(self):
        """Red when the verifier and the sealer, or the agents' form, disagree about anything, or
        when the one in Odoo is content because it left rows out."""
        self.assertEqual(self.inside(), [])
        self.assertEqual(self.outside(), [])
        check = self.env["biometric.audit.check"].search([], limit=1)
        self.assertGreater(check.row_count, 3 * ENTRIES)

    def test_the_plan_of_a_check_is_copied_once_a_piece(self):
        """Red when a piece reads the plan of all pieces again: each reading copies all of it."""
        check = self.env["biometric.audit.check"]._begin(self.company, "test")
        plan, read = type(check).pieces, []
        whole = type(plan).convert_to_record

        def counted(field, value, record):
            if field is plan:
                read.append(record.position)
            return whole(field, value, record)

        with patch.object(type(plan), "convert_to_record", counted):
            while check._step():
                pass
        self.assertGreater(len(read), 40)
        self.assertEqual(len(read), len(set(read)))

    def test_an_entry_says_who_when_why_before_and_after(self):
        """A09. Red when sudo hides the real user, or the transaction or person is not noted."""
        user = new_test_user(
            self.env,
            "bio-admin",
            groups="biometric_attendance.group_administrator",
            company_id=self.company.id,
            company_ids=[(6, 0, self.company.ids)],
        )
        employee = self.env["hr.employee"].create({"name": "Ana", "company_id": self.company.id})
        self.device.with_user(user).with_context(
            tracking_disable=True, mail_notrack=True, install_mode=True, import_file=True
        ).write({"place": "Gate 2"})
        entry = self.env["biometric.audit"].search([], limit=1)
        self.assertEqual((entry.action, entry.user_id), ("device.change", user.id))
        self.assertEqual(json.loads(entry.after), {"place": "Gate 2"})
        self.device.with_user(user).sudo().write({"place": "Gate 3"})
        entry = self.env["biometric.audit"].search([], limit=1)
        self.assertEqual((entry.login, entry.real_user_id), ("bio-admin", user.id))
        self.env["biometric.device.user"].map_pins(self.device.ids, [["77", employee.id]])
        entry = self.env["biometric.audit"].search([], limit=1)
        self.assertEqual(entry.person_id, employee.id)
        self.assertTrue(entry.transaction_id)

    def test_gapless_per_company_under_one_sealer(self):
        audit = self.env["biometric.audit"]
        while audit._seal(3):
            pass
        self.env.cr.execute(
            "SELECT company_id, count(*), max(seq), count(DISTINCT seq) FROM biometric_audit "
            "GROUP BY company_id"
        )
        for _company, count, last, distinct in self.env.cr.fetchall():
            self.assertEqual(count, last)
            self.assertEqual(count, distinct)

    def test_a75_the_banner_says_since_when_nothing_was_verified(self):
        """A75. Turns red when a company whose nights stopped looks like one that fits."""
        findings = self.env["biometric.audit.finding"].with_context(
            allowed_company_ids=self.company.ids
        )
        self.assertEqual(self.inside(), [])
        self.assertIsNone(findings.get_banner()["unverified_since"])
        check = self.env["biometric.audit.check"].search([("company_id", "=", self.company.id)])
        check.finished_at = Datetime.now() - timedelta(hours=47)
        self.assertIsNone(findings.get_banner()["unverified_since"])
        check.finished_at = Datetime.now() - timedelta(hours=49)
        self.assertTrue(findings.get_banner()["unverified_since"])
        self.env["biometric.audit.check"]._begin(self.company, "nightly")
        self.assertTrue(findings.get_banner()["unverified_since"], "a run that did not end")
        self.env.cr.execute(
            "DELETE FROM biometric_audit_check WHERE company_id = %s", (self.company.id,)
        )
        self.assertIsNone(findings.get_banner()["unverified_since"], "young")
        other = self.env["res.company"].create({"name": "Without a terminal"})
        alone = findings.with_context(allowed_company_ids=other.ids)
        self.assertIsNone(alone.get_banner()["unverified_since"])

    def test_findings_are_explained_never_dismissed(self):
        """Red when anybody can write or remove one, or a short word silences the banner."""
        admin = new_test_user(
            self.env,
            "bio-admin",
            groups="biometric_attendance.group_administrator",
            company_id=self.company.id,
            company_ids=[(6, 0, self.company.ids)],
        )
        officer = new_test_user(
            self.env,
            "bio-hr",
            groups="biometric_attendance.group_hr_officer",
            company_id=self.company.id,
            company_ids=[(6, 0, self.company.ids)],
        )
        self.attack("UPDATE biometric_audit SET reason = 'other' WHERE action = 'test.change'")
        self.assertIn("audit_content", self.inside())
        findings = self.env["biometric.audit.finding"]
        banner = findings.with_user(officer).with_company(self.company).get_banner
        self.assertGreaterEqual(banner()["open"], ENTRIES)
        self.assertRegex(banner()["since_at"], r"^\d{4}-\d\d-\d\dT[\d:.]{12}Z$")
        self.assertTrue(banner()["may_open"])
        rows = findings.search([("company_id", "=", self.company.id)])
        for operation in ("create", "write", "unlink"):
            self.assertFalse(findings.with_user(admin).has_access(operation))
        chief = new_test_user(
            self.env, "bio-chief", groups="biometric_attendance.group_payroll_officer"
        )
        with self.assertRaises(AccessError):
            rows.with_user(chief).action_explain("a colleague tried something out")
        with self.assertRaises(UserError):
            rows.with_user(admin).action_explain("oops")
        rows.with_user(admin).action_explain("a colleague tried something out")
        fits = {"open": 0, "since_at": None, "may_open": True, "unverified_since": None}
        self.assertEqual(banner(), fits)
        entry = self.env["biometric.audit"].search([("action", "=", "finding.explain")], limit=1)
        self.assertEqual(entry.login, "bio-admin")

    def test_the_banner_calls_approvers_of_the_company_and_nobody_else(self):
        """Red when it counts other companies, or shows to employees, or leads where one may not."""
        self.env["biometric.audit.finding"]._found(
            self.company.id, [{"code": "audit_hash", "place": "audit 3", "text": "changed"}]
        )
        other = self.env["res.company"].create({"name": "Next door"})
        for group, company, seen in (
            ("approver", self.company, (1, False)),
            ("administrator", self.company, (1, True)),
            ("administrator", other, (0, True)),
            ("employee", self.company, (0, False)),
        ):
            with self.subTest(group=group, company=company.name):
                user = new_test_user(
                    self.env,
                    f"banner-{group}-{company.id}",
                    groups=f"base.group_user,biometric_attendance.group_{group}",
                    company_id=company.id,
                    company_ids=[(6, 0, company.ids)],
                )
                findings = self.env["biometric.audit.finding"].with_user(user)
                banner = findings.with_context(allowed_company_ids=company.ids).get_banner()
                self.assertEqual((banner["open"], banner["may_open"]), seen)

    def test_the_verdict_does_not_depend_on_who_asks(self):
        """A20. Red when the verifier reads through record rules."""
        officer = new_test_user(
            self.env,
            "bio-hr",
            groups="biometric_attendance.group_hr_officer",
            company_id=self.company.id,
            company_ids=[(6, 0, self.company.ids)],
        )
        checks = self.env["biometric.audit.check"]
        mine = checks.browse(checks.with_company(self.company).action_verify()["res_id"])
        theirs = checks.browse(
            checks.with_user(officer).with_company(self.company).action_verify()["res_id"]
        )
        self.assertEqual((mine.state, mine.row_count), (theirs.state, theirs.row_count))
        self.assertEqual(theirs.state, "ok")

    def test_the_verifier_shares_no_code_with_the_sealer(self):
        folder = Path(verify.__file__).parent
        for file in folder.glob("*.py"):
            text = file.read_text(encoding="utf-8")
            for word in ("import chain", "from ..", "import odoo", "from odoo"):
                # the engine computes, it seals and stores nothing
                self.assertNotIn(word, text.replace("from ..engine", ""), file.name)
        self.assertNotIn("verifier", Path(biometric_audit.__file__).read_text(encoding="utf-8"))
