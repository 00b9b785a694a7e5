"""What comes out of the printer: PDFs of the real program, fetched as the web client does and read
back as text; and where a table is cut into pages.
"""

import io
import json
import unicodedata
from datetime import timedelta
from unittest.mock import patch

from pypdf import PdfReader

from odoo.exceptions import UserError
from odoo.tests import BaseCase, HttpCase, new_test_user, tagged

from ..report import paper
from .common import AddonCase
from .test_calibration import FEBRUARY, SiteCase

ARABIC = "محمد عبد الرحمن الأنصاري"
LONG = "Maria Concepcion Guadalupe de los Santos-Villanueva y Dimaculangan-Magbanua, Jr."
PRINTER = "odoo.addons.base.models.ir_actions_report.IrActionsReport.get_wkhtmltopdf_state"


def read(text):
    """Text of a page on one line; letters instead of the shapes that a PDF draws."""
    return unicodedata.normalize("NFKC", " ".join(text.split()))


@tagged("post_install", "-at_install", "biometric_print")
class TestPrint(SiteCase, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["ir.config_parameter"].set_param("report.print_delay", "1")
        cls.env.company.name = "Tindahan ng Bayan"
        groups = "base.group_user,biometric_attendance.group_hr_officer"
        cls.officer = new_test_user(cls.env, "printing_officer", groups, name="Olga Officer")

    def sheet(self, **values):
        dates = {"date_from": FEBRUARY, "date_to": FEBRUARY + timedelta(days=27)}
        return self.env["biometric.sheet"].with_user(self.officer).create(dates | values)

    def fetch(self, report, records):
        """The web client's own way to a report, logged in as an HR officer."""
        self.authenticate("printing_officer", "printing_officer")
        context = json.dumps({"force_report_rendering": True})
        ids = ",".join(map(str, records.ids))
        return self.url_open(f"/report/pdf/biometric_attendance.{report}/{ids}?context={context}")

    def pages(self, report, records):
        answer = self.fetch(report, records)
        self.assertEqual(answer.status_code, 200, answer.text[:300])
        self.assertEqual(answer.headers["Content-Type"], "application/pdf")
        return [page.extract_text() for page in PdfReader(io.BytesIO(answer.content)).pages]

    def test_month_sheets_of_a_month_take_a_page_each(self):
        """Red when wkhtmltopdf is not installed, a name, a sum or the number of the page is not on
        the paper, or a sheet with its line to sign on does not fit a page any more."""
        self.make_employee(LONG, "8")
        self.make_employee(ARABIC, "9")
        for pin in "789":
            self.month(lambda _number: [("08:10:00", "0"), ("17:00:00", "1")], pin=pin)
        drawn = self.pages("month_sheet", self.sheet())
        ana, maria, muhammad = pages = [read(page) for page in drawn]
        for page in pages:
            self.assertIn("Tindahan ng Bayan", page)
            self.assertIn("Mon 02/02/2026 Present 08:10 17:00 8:00 7:50", page)
            self.assertIn("Sun 03/01/2026 Rest day Total 160:00 156:40 3:20 3:20", page)
            self.assertIn("Employee, date Approved, date", page)
            self.assertIn("by Olga Officer Page 1 of 1", page)
        self.assertIn("Ana Reyes", ana)
        self.assertIn(LONG, maria)
        # drawn from left to right, as the eye of somebody who does not read it
        self.assertIn(ARABIC, read(drawn[2][::-1]))
        self.assertNotIn("Ana Reyes", muhammad)

    def test_a_longer_sheet_has_its_head_and_number_on_each_page(self):
        """Red when a page has no head of columns or a wrong number, a day is missing or printed
        twice, or the sums stand anywhere but at the end."""
        self.month(lambda _number: [("08:10:00", "0"), ("17:00:00", "1")])
        with patch.dict(paper.HEIGHT, A4=560, Letter=560):
            pages = [read(page) for page in self.pages("month_sheet", self.sheet())]
        self.assertEqual(len(pages), 3)
        for number, page in enumerate(pages, 1):
            self.assertIn("Ana Reyes", page)
            self.assertIn("Date Status In Out Due Worked", page)
            self.assertIn(f"Page {number} of 3", page)
        for offset in range(28):
            text = (FEBRUARY + timedelta(days=offset)).strftime("%a %m/%d/%Y")
            self.assertEqual(sum(page.count(text) for page in pages), 1, text)
        self.assertEqual(["Total 160:00 156:40" in page for page in pages], [False, False, True])

    def test_compliance_goes_on_under_its_departments_name(self):
        """Red when a department that goes over a page has no name there, or no sums."""
        departments = self.env["hr.department"].create([{"name": "Mill"}, {"name": "Yard"}])
        for number in range(6):
            name = [f"Worker {number}", ARABIC, LONG][number % 3]
            department = departments[number % 2].id
            self.make_employee(name, f"{10 + number}", department_id=department)
            self.month(lambda _number: [("08:10:00", "0"), ("17:00:00", "1")], pin=f"{10 + number}")
        with patch.dict(paper.HEIGHT, A4=380, Letter=380):
            drawn = self.pages("compliance", self.sheet(kind="compliance"))
        text = " ".join(map(read, drawn))
        self.assertIn("Mill (continued)", text)
        self.assertEqual(text.count("Total 470:00 60 10:00"), 2)
        self.assertIn(f"Page 1 of {len(drawn)}", text)
        self.assertEqual(sum(read(page[::-1]).count(ARABIC) for page in drawn), 2)

    def test_enrolment_list(self):
        """Red when the list cannot be printed by HR from its menu, or names nobody."""
        self.make_employee(ARABIC, "9")
        users = self.env["biometric.device.user"].search([("device_id", "=", self.device.id)])
        menu = self.env.ref("biometric_attendance.biometric_enrolment_print")
        action = menu.with_user(self.officer).with_context(
            active_model=users._name, active_ids=users.ids, active_id=users[:1].id
        )
        opened = action.run()
        self.assertEqual(opened["report_name"], "biometric_attendance.enrolment")
        with self.assertRaisesRegex(UserError, "Nothing is selected"):
            action.with_context(active_ids=[], active_id=False).run()
        (page,) = self.pages(
            "enrolment", self.env[users._name].browse(opened["context"]["active_ids"])
        )
        self.assertIn("To enrol at: SN1", page)
        self.assertIn("Ana Reyes", page)
        self.assertIn(ARABIC, read(page[::-1]))
        self.assertIn("Page 1 of 1", page)

    def test_nothing_to_print_is_a_sentence(self):
        """Red when an empty choice ends in a trace or an empty file."""
        (page,) = self.pages("month_sheet", self.sheet())
        self.assertIn("No days in this period.", page)
        (page,) = self.pages("compliance", self.sheet(kind="compliance"))
        self.assertIn("No days in this period.", page)

    def test_the_paper_is_the_companys(self):
        """Red when a company that prints on US Letter gets A4, or a page too long for it."""
        self.month(lambda _number: [("08:10:00", "0"), ("17:00:00", "1")])
        for form, height in (("euro", 842), ("us", 792)):
            self.env.company.paperformat_id = self.env.ref(f"base.paperformat_{form}")
            answer = self.fetch("month_sheet", self.sheet())
            (page,) = PdfReader(io.BytesIO(answer.content)).pages
            self.assertEqual(round(page.mediabox.height), height)

    def test_a_reader_of_arabic_gets_pages_from_right_to_left(self):
        """Red when the page does not run the reader's way, or weekday and date are one run."""
        self.env["res.lang"]._activate_lang("ar_001")
        self.officer.lang = "ar_001"
        self.month(lambda _number: [("08:10:00", "0"), ("17:00:00", "1")])
        (page,) = self.pages("month_sheet", self.sheet())
        sheet = self.sheet()
        html, _kind = (
            self.env["ir.actions.report"]
            .with_user(self.officer)
            .with_context(lang="ar_001")
            ._render_qweb_html("biometric_attendance.month_sheet", sheet.ids)
        )
        self.assertIn('<div class="o_paper" dir="rtl">', html.decode())
        self.assertIn('<span dir="rtl">الاثنين</span> <span dir="ltr">', html.decode())
        # a reader of PDF files gives Arabic letters as they stand from left to right
        self.assertRegex(read(page), "1 نم 1 ةحفصلا")

    def test_a_missing_printer_is_a_sentence_that_names_it(self):
        """Red when the button leads to a download that cannot come, the words do not say what to
        install, or the log shows a trace."""
        sheet = self.sheet()
        for state, said in (
            ("install", "apt-get install wkhtmltopdf"),
            ("broken", "does not report its version"),
            ("workers", "single worker"),
        ):
            with patch(PRINTER, lambda _self, state=state: state):
                with self.assertRaisesRegex(UserError, said):
                    sheet.action_print()
                with self.assertLogs("odoo.http", "WARNING") as log:
                    answer = self.fetch("month_sheet", sheet)
            self.assertEqual(answer.status_code, 422)
            self.assertIn(said, answer.text)
            self.assertEqual([record.exc_info for record in log.records], [None])
        self.assertEqual(sheet.action_print()["type"], "ir.actions.report")


@tagged("post_install", "-at_install", "biometric_print")
class TestPrintAcceptance(HttpCase, AddonCase):
    def fetch(self, tests):
        """The web client's own way to the report, logged in as who accepted."""
        self.authenticate("accepts", "accepts")
        context = json.dumps({"force_report_rendering": True})
        ids = ",".join(map(str, tests.ids))
        name = "biometric_attendance.commissioning"
        answer = self.url_open(f"/report/pdf/{name}/{ids}?context={context}")
        self.assertEqual(answer.status_code, 200, answer.text[:300])
        return answer.content

    def pages(self, data):
        return [read(page.extract_text()) for page in PdfReader(io.BytesIO(data)).pages]

    def test_it_is_printed_and_kept_as_it_was_accepted(self):
        """Red when no PDF comes out, several at once are mixed or printed twice, one that is open
        is kept or signed for, or a kept one changes."""
        self.env["ir.config_parameter"].set_param("report.print_delay", "1")
        groups = "base.group_user,biometric_attendance.group_administrator"
        admin = new_test_user(self.env, "accepts", groups, name="Bea Metric")
        device = self.make_device(self.make_agent()[0])
        device.write({"name": "Main gate", "place": "Warehouse 4"})
        tester = self.env["hr.employee"].create({"name": LONG})
        values = {"device_id": device.id, "tester_id": tester.id}
        accepted, opened = self.env["biometric.commissioning"].with_user(admin).create([values] * 2)
        for row in accepted._found():
            if not row["ok"]:
                accepted._waive(row["key"], "The line is down today")
        accepted.action_accept()
        with patch.dict(paper.HEIGHT, A4=560, Letter=560):
            pages = self.pages(self.fetch(opened | accepted))
        drafts, (first, second) = pages[:2], pages[2:]
        draft = " ".join(drafts)
        self.assertIn("Not accepted yet", draft)
        self.assertIn("Main gate Warehouse 4 Serial number: SN1 Test person: " + LONG, drafts[0])
        self.assertIn("Page 2 of 2", drafts[1])
        self.assertNotIn("Accepted by", draft)
        self.assertRegex(first, r"Accepted: .*, Bea Metric 1 passed, \d+ waived, 0 open")
        self.assertIn("waived by Bea Metric: The line is down today", first)
        self.assertIn("Page 2 of 2", second)
        self.assertIn("Test person Accepted by", second)
        kept = self.env["ir.attachment"].search([("res_model", "=", accepted._name)])
        self.assertEqual(kept.mapped("res_id"), accepted.ids)
        self.assertEqual(self.pages(kept.raw), [first, second])
        tester.name = "Somebody Else"
        self.assertEqual(self.pages(self.fetch(accepted)), [first, second])


ROW = paper.LINE + 2 * paper.PAD + paper.BORDER


def table(rows, **values):
    columns = [paper.Column("Name", 500), paper.Column("Hours", 500, True)]
    return paper.Table(columns, [[row, "8:00"] for row in rows], **values)


@tagged("post_install", "-at_install", "biometric_print")
class TestPaper(BaseCase):
    """Turns red when a row is lost, a head stands without a row, or sums stand alone."""

    def cut(self, tables, room):
        pages = paper.cut(tables, room)
        for page in pages:
            for part in page[:-1]:
                self.assertTrue(part.is_last)
        return [[(part.start, part.end) for part in page] for page in pages]

    def test_every_row_is_on_one_page_whatever_its_room(self):
        for count in range(40):
            for room in (70, 150, 400, 1000):
                rows = table(map(str, range(count)), sums=["Total", "1"], below=60)
                parts = [part for page in paper.cut([rows], room) for part in page]
                self.assertEqual([row for part in parts for row in part.rows], rows.rows)
                self.assertEqual([p.is_last for p in parts], [False] * (len(parts) - 1) + [True])

    def test_sums_take_rows_along(self):
        """Eleven rows of room, one for the head: ten rows fit, the sums do not."""
        self.assertEqual(self.cut([table("0123456789")], ROW * 11), [[(0, 10)]])
        self.assertEqual(
            self.cut([table("0123456789", sums=["Total", ""])], ROW * 11), [[(0, 7)], [(7, 10)]]
        )

    def test_a_head_goes_with_its_first_row(self):
        first, second = table("01234"), table("01")
        self.assertEqual(self.cut([first, second], ROW * 7), [[(0, 5)], [(0, 2)]])
        self.assertEqual(self.cut([first, second], ROW * 8), [[(0, 5), (0, 1)], [(1, 2)]])

    def test_a_row_higher_than_a_page_is_printed(self):
        self.assertEqual(self.cut([table(["a", "word " * 900, "b"])], 300)[1], [(1, 2)])

    def test_lines_of_a_text(self):
        for text, expected in (("", 1), (None, 1), ("Ana", 1), ("Ana " * 40, 6), ("x" * 200, 12)):
            self.assertGreaterEqual(paper.lines(text, 150), expected, text)
        self.assertEqual(paper.lines("Mon 02/02/2026", 150), 1)
        self.assertEqual(paper.lines("田" * 18, 150), 2)

    def test_the_way_a_text_runs(self):
        for text, way in (
            (ARABIC, "rtl"),
            ("דוד", "rtl"),
            ("7 علي", "rtl"),
            ("Ana", "ltr"),
            ("", "ltr"),
        ):
            self.assertEqual(paper.direction(text), way, text)
