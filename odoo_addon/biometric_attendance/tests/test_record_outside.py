"""What leaves the house about working time: an inspector's look, the evidence of a dispute, and the
files of Brazil's labour inspection.
"""

import base64
import importlib.util
import io
import json
import re
import tempfile
from datetime import datetime, timedelta
from pathlib import Path
from unittest.mock import patch

from pypdf import PdfReader

from odoo.exceptions import AccessError, UserError
from odoo.fields import Datetime
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from ..models.review import biometric_afd_line as lines_module
from ..seams import spreadsheet
from ..verifier import evidence as outside
from ..verifier.verify import main
from .common import Signer
from .review_case import WHY
from .test_contract import beside_the_checkout
from .test_day import MONDAY
from .test_month_record import HOURS, TUESDAY, RecordCase
from .test_print import read

CPF, CNPJ = "52998224725", "11222333000181"


def layout_check():
    """The judge of these files that was written from the layout and shares no code with ours."""
    path = beside_the_checkout("independent", "check_brazil.py")
    spec = importlib.util.spec_from_file_location("check_brazil", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.check


@tagged("post_install", "-at_install", "biometric_review")
class TestInspection(RecordCase, HttpCase):
    def setUp(self):
        super().setUp()
        self.other = self.make_employee("Ben Cruz", "8")
        self.punch_in("2026-03-05 08:00:00", "2026-03-05 17:00:00", pin="8", lane=self.lane)
        self.punch_in(*(f"{MONDAY} {clock}" for clock in HOURS), pin="8", lane=self.lane)
        self.rebuild()
        self.about = {
            "company": self.env.company,
            "name": "Iris, Labour Inspectorate",
            "reason": "complaint of the fifth of May",
            "date_from": MONDAY,
            "date_to": TUESDAY,
        }
        self.inspections = self.env["biometric.inspection"].with_user(self.hal)
        self.link, self.token = self.inspections._issue("4711", 8, **self.about)
        self.path = f"/biometric_attendance/inspection/{self.token}"
        self.env.flush_all()
        self.authenticate(None, None)

    def enter(self, number="4711"):
        page = self.url_open(self.path)
        token = re.search(r'name="csrf_token" value="([^"]+)"', page.text)[1]
        return self.url_open(self.path, data={"csrf_token": token, "number": number})

    def looks(self):
        entries = self.env["biometric.audit"].search([("action", "=", "inspection.look")])
        return [json.loads(entry.after) for entry in entries.sorted("id")]

    def test_rc4_one_company_one_period_each_look_an_entry(self):
        """S87, RC4. Red when the link alone opens anything, a day outside its dates or a person of
        another company shows, a look leaves no entry, or a page may be kept."""
        page = self.url_open(self.path)
        self.assertNotIn("Ana Reyes", page.text)
        self.assertEqual(self.looks(), [])
        self.env.company.partner_id.tz = "Asia/Manila"
        self.link.sudo().expires_at = Datetime.now().replace(hour=20, minute=5, second=0)
        self.link.sudo().expires_at += timedelta(days=1)
        self.env.flush_all()
        page = self.enter()
        # 20:05 UTC: an inspector at the place reads the hour of the place.
        self.assertRegex(page.text, r" 4:05\sAM \(Asia/Manila\)")
        self.assertIn("Ana Reyes", page.text)
        self.assertIn("Ben Cruz", page.text)
        self.assertIn("no-store", page.headers["Cache-Control"])
        page = self.url_open(f"{self.path}?person={self.other.id}")
        self.assertIn("12:00–13:00", page.text)
        self.assertNotIn("03/05/2026", page.text)
        file = self.url_open(f"{self.path}?form=csv")
        lines = file.content.decode("utf-8-sig").splitlines()
        self.assertTrue(lines[0].startswith("employee,date,status"))
        self.assertIn("Ana Reyes,2026-03-02,present,2026-03-02T00:00Z/2026-03-02T04:00Z", lines[1])
        self.assertEqual({line.split(",")[1] for line in lines[1:]}, {str(MONDAY), str(TUESDAY)})
        book = self.url_open(f"{self.path}?person={self.employee.id}&form=xlsx")
        rows = spreadsheet.rows(book.content)
        self.assertEqual(rows[0][:3], ["employee", "date", "status"])
        self.assertEqual({row[0] for row in rows[1:]}, {"Ana Reyes"})
        self.assertEqual(rows[1][5], lines[1].split(",")[5], "the same minutes")
        company = self.env["res.company"].create({"name": "Elsewhere"})
        stranger = self.env["hr.employee"].create({"name": "Far", "company_id": company.id})
        self.env.flush_all()
        with mute_logger("odoo.http"):
            answer = self.url_open(f"{self.path}?person={stranger.id}")
        self.assertEqual(answer.status_code, 404)
        looks = self.looks()
        self.assertEqual([look["what"] for look in looks], ["list", "register", "csv", "xlsx"])
        self.assertEqual(looks[1]["people"], [self.other.id])
        self.assertEqual(set(looks[0]["people"]), {self.employee.id, self.other.id})

    def test_rc2_a_register_as_pdf(self):
        """RC2, RC4, RC5. Red when an inspector gets no paper, it shows no pause, taking it writes
        anything but the entry of the look, or the paper cannot be found again by that entry."""
        self.env["ir.config_parameter"].set_param("report.print_delay", "1")
        self.enter()
        records, steps = self.env["biometric.month.record"], self.env["biometric.month.step"]
        self.employee.sudo().department_id = False
        before = records.search([]).mapped("display_name"), steps.search_count([])
        for person in (self.other, self.employee):
            answer = self.url_open(f"{self.path}?person={person.id}&form=pdf", timeout=60)
            self.assertEqual(answer.status_code, 200)
            self.assertIn("attachment", answer.headers["Content-Disposition"])
            self.env.invalidate_all()
            self.assertEqual(
                (records.search([]).mapped("display_name"), steps.search_count([])), before
            )
            look = self.looks()[-1]
            self.assertEqual((look["what"], look["people"]), ("pdf", [person.id]))
            self.assertRegex(look["sha256"], "^[0-9a-f]{64}$")
        paper = self.env["report.biometric_attendance.inspection_register"].sudo()
        (pages,) = paper.with_context(biometric_person=self.other.id)._sheets(self.link.ids)
        told = str(pages)
        for words in ("12:00–13:00", "Ben Cruz", "Iris, Labour Inspectorate", "Audit trail: entry"):
            self.assertIn(words, told)
        self.assertNotIn("Ana Reyes", told)
        with self.assertRefused("through an inspector's link", AccessError):
            paper.sudo(False).with_user(self.hal)._sheets(self.link.ids)

    def test_rc4_five_wrong_numbers_a_click_and_time_close_it(self):
        """S87, RC4. Red when somebody may go on guessing, or what ended still opens."""
        for number in ("1", "2", "3", "4"):
            self.assertIn("Wrong number", self.enter(number).text)
        self.enter("5")
        with mute_logger("odoo.http"):
            self.assertEqual(self.url_open(self.path).status_code, 404)
        works = self.inspections.sudo()._of_token
        for close in (
            lambda link: link.with_user(self.hal).action_close(),
            lambda link: link.sudo().write(
                {"expires_at": Datetime.subtract(Datetime.now(), hours=1)}
            ),
        ):
            link, token = self.inspections._issue("4711", 8, **self.about)
            self.assertTrue(works(token))
            close(link)
            self.assertFalse(works(token))
        stored = self.link.sudo()
        self.assertNotIn(self.token, (stored.token_hash, stored.number_hash))
        actions = self.env["biometric.audit"].search([("model", "=", self.link._name)])
        self.assertIn("inspection.issue", actions.mapped("action"))
        self.assertIn("inspection.close", actions.mapped("action"))

    def test_rc4_who_gives_it_and_for_how_long(self):
        """S87, RC4. Red when somebody but HR gives it, for longer than days, or without words."""
        for user, hours, more, words in (
            (self.mia, 8, {}, "Only HR officers"),
            (self.hal, 73, {}, "1 to 72 hours"),
            (self.hal, 8, {"name": " "}, "Name the inspector"),
            (self.hal, 8, {"reason": "x"}, "at least 10 characters"),
            (self.hal, 8, {"date_to": MONDAY + timedelta(days=400)}, "one day and one year"),
        ):
            with self.assertRaisesRegex((AccessError, UserError), words):
                self.env["biometric.inspection"].with_user(user)._issue(
                    "4711", hours, **{**self.about, **more}
                )
        dialog = self.env["biometric.inspection.issue"].with_user(self.hal)
        values = {name: value for name, value in self.about.items() if name != "company"}
        one = dialog.create({**values, "number": "4712"})
        one.action_issue()
        self.assertIn("/biometric_attendance/inspection/", one.url)
        self.assertFalse(one.number)


@tagged("post_install", "-at_install", "biometric_review")
class TestEvidencePack(RecordCase, HttpCase):
    def setUp(self):
        super().setUp()
        self.signer = Signer()
        asked = self.ask(self.ida, "excuse_early", minutes=10)
        asked.with_user(self.hal).approve()
        self.rebuild()
        self.env["biometric.audit"]._seal(1000)
        self.sign_heads()

    def sign_heads(self):
        """An agent's signatures under the newest head of its lane and of the trail."""
        lane = self.env["biometric.lane"].search([("agent_id", "=", self.agent.id)])
        text = ("v1", "head", lane.lane, str(lane.head_seq), lane.head_hash)
        self.env["biometric.lane.head"].create(
            {
                "company_id": self.env.company.id,
                "lane_id": lane.id,
                "seq": lane.head_seq,
                "hash": lane.head_hash,
                "day": "2026-03-04",
                "signed_at": "2026-03-04 00:00:00",
                "public_key": self.signer.public,
                "signature": self.signer.sign(*text),
            }
        )
        seq, head = self.env["biometric.audit"]._head(self.env.company.id)
        text = ("v1", "audit", str(self.env.company.id), str(seq), head)
        self.env["biometric.audit.witness"].create(
            {
                "company_id": self.env.company.id,
                "agent_id": self.agent.id,
                "seq": seq,
                "hash": head,
                "day": "2026-03-04",
                "received_at": "2026-03-04 00:00:00",
                "public_key": self.signer.public,
                "signature": self.signer.sign(*text),
            }
        )

    def pack(self):
        service = self.env["biometric.day.evidence"].with_user(self.hal)
        return json.loads(service._file(self.day().with_user(self.hal))[1])

    @staticmethod
    def codes(pack):
        return set(outside.verify(pack).counts)

    def test_the_verifier_accepts_the_file_and_says_who_signed(self):
        """A88. Red when the stand-alone verifier finds something in an honest file, or a link to an
        agent's signature is missing."""
        pack = self.pack()
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "evidence.json"
            path.write_text(json.dumps(pack), encoding="utf-8")
            said = io.StringIO()
            self.assertEqual(main([str(path)], said), 0, said.getvalue())
            self.assertIn("everything fits", said.getvalue())
            self.assertIn("signed by the agent with the fingerprint", said.getvalue())
            self.assertNotIn("no agent signed", said.getvalue())
            path.write_text(json.dumps({**pack, "format": "other"}), encoding="utf-8")
            self.assertEqual(main([str(path)], io.StringIO()), 2)
        for name in ("runs", "rule", "time_account", "payroll_files", "adjustments", "trail"):
            self.assertIn(name, pack)
        self.assertTrue(pack["day"]["sentences"])
        self.assertEqual(len(pack["proof"]["lanes"]), 8)

    def test_each_forgery_is_found(self):
        """A88. Red when a changed time, verify mode, signature, actor or number of an entry, a
        left out
        sighting or a cut trail still fits."""
        honest = json.dumps(self.pack())

        def forged(change):
            pack = json.loads(honest)
            change(pack)
            return self.codes(pack)

        def at(path, value):
            def change(pack):
                *names, last = path
                for name in names:
                    pack = pack[name]
                pack[last] = value

            return change

        audit = ("proof", "audit", "rows")
        for change, code in (
            (at(("punches", 0, "wall_time"), "2026-03-02 07:00:00"), "punch_key"),
            (at(("proof", "lanes", 0, "verify"), "15"), "sighting_leaf"),
            (at(("proof", "lanes", 1, "previous"), "0" * 64), "sighting_hash"),
            (at(("proof", "lanes", 0, "leaves", 0), "0" * 64), "lane_rewritten"),
            (at(("proof", "lanes", 0, "head", "signature"), "AAAA"), "head_signature"),
            (at(("proof", "audit", "witness", "signature"), "AAAA"), "head_signature"),
            (at((*audit, 0, "user_name"), "Someone"), "audit_content"),
            (at((*audit, 0, "happened_at"), "2026-01-01T00:00:00.000Z"), "audit_hash"),
            (at(("trail", 0, "reason"), "another reason altogether"), "audit_content"),
            (at((*audit, 1, "previous_hash"), "0" * 64), "audit_link"),
            (lambda pack: pack["proof"]["audit"]["rows"].pop(1), "audit_cut"),
            (lambda pack: pack["proof"]["lanes"].clear(), "punch_unseen"),
            (lambda pack: pack["punches"].pop(), "punch_missing"),
            (lambda pack: pack["proof"]["audit"]["rows"].clear(), "audit_cut"),
        ):
            with self.subTest(code):
                self.assertIn(code, forged(change))

    def test_the_paper_and_who_may(self):
        """Red when the paper lacks a part, its taking leaves no entry, or somebody else gets it."""
        self.env["ir.config_parameter"].set_param("report.print_delay", "1")
        reports = self.env["ir.actions.report"].with_context(force_report_rendering=True)
        name = "biometric_attendance.day_evidence"
        data, _kind = reports.with_user(self.hal)._render_qweb_pdf(name, res_ids=self.day().ids)
        text = read(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(data)).pages))
        for words in (
            "Evidence of a day",
            "Ana Reyes",
            "The day and the days around it",
            "2026-03-02 08:00:00",
            "SN1",
            "Verify mode",
            "How the day was computed",
            "Corrections",
            "adjustment.approve",
            "Audit trail up to entry",
            # states and steps as screens say them
            "Approved",
            "Requested review-ida",
        ):
            self.assertIn(words, text)
        self.assertTrue(
            self.env["biometric.audit"].search([("action", "=", "evidence.write")], limit=1)
        )
        for user in (self.mia, self.pay, self.ana):
            with self.assertRaisesRegex(AccessError, "HR officers and auditors"):
                reports.with_user(user)._render_qweb_html(name, self.day().ids)


@tagged("post_install", "-at_install", "biometric_review")
class TestLabourFile(RecordCase):
    def setUp(self):
        super().setUp()
        self.env.company.vat = False
        self.env.company.company_registry = CNPJ
        self.employee.identification_id = "529.982.247-25"

    def make(self, kind="afd", recorder="P", **values):
        dialog = self.env["biometric.labour.file"].with_user(self.hal)
        one = dialog.create(
            {
                "kind": kind,
                "date_from": MONDAY,
                "date_to": TUESDAY,
                "recorder_kind": recorder,
                "recorder_number": "512021000123456" if recorder == "P" else False,
                "maker": CNPJ,
                "maker_name": "Maker",
                "maker_email": "maker@example.com",
                "responsible": CPF,
                **values,
            }
        )
        one.action_make()
        return one.filename, base64.b64decode(one.file).decode("latin-1").split("\r\n")[:-1]

    def test_rc10_raw_punches_keep_their_numbers(self):
        """RC10. Red when a number is given twice or anew, a correction changes a line, or a late
        punch changes one that was written."""
        name, lines = self.make()
        self.assertEqual(name, f"AFD00512021000123456{CNPJ}REP_P.txt")
        kinds = [line[9] for line in lines[1:-2]]
        self.assertEqual(kinds, ["2", "5", *"77777777"])
        self.assertEqual([int(line[:9]) for line in lines[1:-2]], list(range(1, 11)))
        self.assertIn("2026-03-02T08:00:00+0800052998224725", lines[3])
        self.change_tuesday()
        self.assertEqual(self.make()[1][1:-2], lines[1:-2])
        self.punch_in(f"{MONDAY} 17:45:00", lane=self.lane)
        again = self.make()[1]
        self.assertEqual(again[1 : len(lines) - 2], lines[1:-2])
        self.assertEqual(int(again[-3][:9]), 11)
        with self.assertRefused("was started as REP-P: continue with it"):
            self.make(recorder="A")
        row = self.env["biometric.afd.line"].search([], limit=1)
        with self.assertRefused("Records of the AFD cannot be changed"):
            row.write({"line": "x"})

    def test_rc10_the_treated_day(self):
        """RC10. Red when a punch put in by hand is called original, an absence or the contract
        hours are missing, or a mark has no pair."""
        asked = self.ask(self.ida, date=str(TUESDAY), clock="18:30", direction="out")
        asked.with_user(self.hal).approve()
        wednesday = MONDAY + timedelta(days=2)
        self.env["biometric.day.rebuild"].sudo()._rebuild([(self.employee.id, wednesday)])
        name, lines = self.make("aej", date_to=wednesday)
        self.assertEqual(name, f"AEJ{CNPJ}.txt")
        records = [line.split("|") for line in lines]
        marks = [record for record in records if record[0] == "05"]
        self.assertIn(
            ["05", "1", "2026-03-02T08:00:00+0800", "1", "E", "001", "O"],
            [mark[:7] for mark in marks],
        )
        typed = [mark for mark in marks if mark[6] == "I"]
        self.assertTrue(typed and all("gate log shows it" in mark[8] for mark in typed))
        self.assertIn(["07", "1", "2", str(wednesday), "", ""], records)
        hours = {record[1] for record in records if record[0] == "04"}
        self.assertTrue({mark[7] for mark in marks if mark[7]} <= hours)

    def test_rc10_a_punch_that_was_left_out_stays_with_its_reason(self):
        """RC10. Red when a punch that a decision or the pairing left out is gone from the treated
        days, has no reason in words, or comes back as left out once the decision is reversed."""
        first = f"{MONDAY}T12:00:00+0800"
        punch = self.env["biometric.punch"].search([("wall_time", "=", f"{MONDAY} 12:00:00")])
        asked = self.ask(self.ida, "void_punch", punch_id=punch.id)
        asked.with_user(self.hal).approve()
        at = f"{TUESDAY}T23:59:00.000Z"
        again = {"pin": "7", "wall": f"{TUESDAY} 17:30:20", "status": "1", "received_at": at}
        self.store(self.agent, self.lane, self.lane.punch(**again))
        self.rebuild()

        def marks():
            rows = [line.split("|") for line in self.make("aej")[1]]
            return [row[2:] for row in rows if row[0] == "05"]

        out = [mark for mark in marks() if mark[2] == "D"]
        self.assertEqual(out[0][:5], [first, "1", "D", "000", "O"])
        self.assertIn("gate log shows it", out[0][6])
        self.assertEqual((len(out), out[1][6]), (2, "repeated tap"))
        back = asked.browse(asked.with_user(self.hal).reverse(WHY))
        back.with_user(self.ida).approve()
        self.rebuild()
        self.assertEqual([mark[2] for mark in marks() if mark[0] == first], ["S"])

    def a_month(self):
        """March of three people as terminals and HR leave it: days put right in each way, nights, a
        month's end at work, days nobody came, names that no code page of the layout holds."""
        ben = self.make_employee("Łukasz | Żółć 渡辺", "8", identification_id="111.444.777-35")
        cy = self.make_employee("Cy Ocampo", "9", identification_id="935.411.347-80")
        night = self.env["biometric.shift"].create(
            {"name": "Night", "code": "N", "start": 22.0, "end": 6.0}
        )
        days = [MONDAY + timedelta(days=n) for n in range(28)]
        works = [day for day in days if day.weekday() < 5]
        self.env["biometric.roster"].create(
            [{"employee_id": ben.id, "date": day, "shift_id": night.id} for day in works]
        )
        for day in works:
            # Monday and Tuesday of the first person are there already
            if day > TUESDAY:
                self.punch_in(*(f"{day} {clock}" for clock in HOURS), lane=self.lane)
            ends = [f"{day} 21:{50 + day.day % 10}:00", f"{day + timedelta(days=1)} 06:02:00"]
            self.punch_in(*ends, pin="8", lane=self.lane)
        self.punch_in(f"{works[2]} 08:00:00", pin="9", lane=self.lane)
        self.punch_in(f"{works[3]} 08:00:00", f"{works[3]} 08:00:20", pin="9", lane=self.lane)
        self.device.complete_until = datetime(2026, 4, 20)
        self.rebuild()
        self.correct(cy, works)
        self.env["biometric.stale.day"]._mark(
            [(one.id, day) for one in (self.employee, ben, cy) for day in days]
        )
        self.rebuild()
        return {"date_from": MONDAY, "date_to": days[-1]}

    def correct(self, cy, works):
        """One of each way to put a day right, approved."""

        def punch(day, clock, pin="7"):
            found = [("wall_time", "=", f"{day} {clock}"), ("pin", "=", pin)]
            return self.env["biometric.punch"].search(found).id

        for kind, employee, day, values in (
            ("add_punch", cy, works[2], {"clock": "17:00", "direction": "out"}),
            ("add_punch", cy, works[4], {"clock": "22:00", "direction": "in"}),
            ("add_punch", cy, works[4], {"clock": "05:00", "next_day": True, "direction": "out"}),
            ("void_punch", self.employee, works[5], {"punch_id": punch(works[5], HOURS[1])}),
            ("set_direction", self.employee, works[6], {"punch_id": punch(works[6], HOURS[2])}),
            ("remap", self.employee, works[7], {"punch_id": punch(works[7], HOURS[3])}),
            ("set_minutes", self.employee, works[8], {"pay_class": "regular", "minutes": 420}),
        ):
            more = {"set_direction": {"direction": "in"}, "remap": {"to_employee_id": cy.id}}
            values = {**values, **more.get(kind, {}), "date": str(day)}
            self.ask(self.ida, kind, employee=employee, **values).with_user(self.hal).approve()

    def test_rc10_the_check_from_the_layout_accepts_a_month(self):
        """RC10. Red when a file of a month with corrections, punches left out and nights breaks a
        rule of the layout, by a check that shares no code with what writes it; and when that check
        takes anything."""
        span = self.a_month()
        check = layout_check()
        for kind, least in (("afd", 120), ("aej", 150)):
            with self.subTest(kind):
                _name, lines = self.make(kind, **span)
                self.assertGreater(len(lines), least)
                data = "".join(f"{line}\r\n" for line in lines).encode("latin-1")
                self.assertEqual(check(data), [])
                self.assertTrue(check(data.replace(b"52998224725", b"5299822472A", 1)))
                self.assertTrue(check(data[: len(data) // 2] + data[len(data) // 2 + 1 :]))
        marks = [line.split("|") for line in lines if line.startswith("05|")]
        self.assertEqual({mark[4] for mark in marks}, {"E", "S", "D"})
        self.assertLessEqual({"O", "I"}, {mark[6] for mark in marks})

    def test_rc10_the_check_accepts_a_recorder_by_agreement(self):
        """RC10. Red when the records of the other kind of recorder break the layout."""
        _name, lines = self.make(recorder="A")
        data = "".join(f"{line}\r\n" for line in lines).encode("latin-1")
        self.assertEqual(layout_check()(data), [])
        self.assertEqual({line[9] for line in lines[1:-2]}, set("253"))

    def test_rc10_a_file_is_never_cut_short(self):
        """RC10. Red when records beyond what one file may hold are left out without a word."""
        self.make()
        with (
            patch.object(lines_module, "MOST_LINES", 9),
            self.assertRaisesRegex(UserError, "more than 9 records: choose fewer days"),
        ):
            self.make()

    def test_what_is_missing_is_said(self):
        """Red when a file without a number of the employer, a person or the developer is made, or
        somebody but HR makes one."""
        for values, words in (
            ({"maker": "1"}, "developer needs"),
            ({"responsible": "1"}, "responsible needs"),
            ({"recorder_number": False}, "number at INPI"),
        ):
            with self.assertRaisesRegex(UserError, words):
                self.make(**values)
        self.employee.identification_id = "52998224724"
        with self.assertRaisesRegex(UserError, "Without a valid CPF.*Ana Reyes"):
            self.make()
        self.env.company.company_registry = "123"
        with self.assertRaisesRegex(UserError, "no valid CNPJ"):
            self.make()
        with self.assertRefused("not allowed to", AccessError):
            self.env["biometric.labour.file"].with_user(self.mia).create({})
