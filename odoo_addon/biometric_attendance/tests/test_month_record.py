"""Monthly records: who certifies, who signs, what a later change does, and what a paper says."""

import io
import re
import zipfile
from datetime import datetime, timedelta
from math import inf
from unittest.mock import patch

from pypdf import PdfReader

from odoo.exceptions import AccessError, UserError
from odoo.fields import Datetime
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from ..report import paper
from ..report.month_layouts import LAYOUTS
from .review_case import WHY, ReviewCase
from .test_day import MONDAY
from .test_print import read

TUESDAY = MONDAY + timedelta(days=1)
HOURS = ("08:00:00", "12:00:00", "13:00:00", "17:30:00")
REPORT = "biometric_attendance.month_record"
# Columns that hold hours worked, and those that hold parts of them.
WORKED = {"worked", "worked_decimal"}
ORDINARY = {"ordinary", "regular"}
SPLIT = {
    "ordinary",
    "regular",
    "complementary",
    "overtime",
    "doubletime",
    "not_counted",
    "not_counted_decimal",
    "over",
}


class RecordCase(ReviewCase):
    def setUp(self):
        super().setUp()
        self.device.complete_until = datetime(2026, 3, 20)
        for day in (MONDAY, TUESDAY):
            self.punch_in(*(f"{day} {clock}" for clock in HOURS), lane=self.lane)
        self.rebuild()
        self.records = self.env["biometric.month.record"]
        self.record = self.prepare(self.employee)

    def prepare(self, people, layout="plain"):
        return self.records._prepare(people, self.env.company, MONDAY, TUESDAY, layout)

    def seen_by(self, user):
        self.env.invalidate_all()
        return self.record.with_user(user)

    def signed(self):
        self.seen_by(self.ana).certify()
        self.seen_by(self.mia).sign()

    def change_tuesday(self):
        """Somebody corrects a day that was signed."""
        values = {"date": str(TUESDAY), "pay_class": "regular", "minutes": 420}
        asked = self.ask(self.ida, "set_minutes", **values)
        asked.with_user(self.hal).approve()
        self.rebuild()


@tagged("post_install", "-at_install", "biometric_review")
class TestMonthRecord(RecordCase):
    def test_certify_sign_and_what_the_trail_names(self):
        """A87. Red when a signature names another digest than that of exactly what was signed, or
        has
        no entry."""
        self.assertEqual(self.record.state, "blank")
        self.assertTrue(self.seen_by(self.ana).may_certify)
        self.signed()
        self.assertEqual(self.seen_by(self.mia).state, "signed")
        digest = self.record._issue()[self.record.id][1]
        steps = self.record.step_ids.sorted("id")
        self.assertEqual(steps.mapped("kind"), ["certify", "sign"])
        self.assertEqual(set(steps.mapped("digest")), {digest})
        entries = self.env["biometric.audit"].search(
            [("model", "=", steps._name), ("res_id", "in", steps.ids)], order="id"
        )
        self.assertEqual(entries.mapped("action"), ["month.certify", "month.sign"])
        for entry in entries:
            self.assertIn(digest, entry.after)

    def test_a_changed_day_asks_again_and_the_old_stays(self):
        """A87. Red when a changed day leaves the record signed, its date is not named, or what was
        signed before is not there any more."""
        self.signed()
        old = self.record.step_ids
        before = old.mapped("content")
        self.change_tuesday()
        record = self.seen_by(self.ana)
        self.assertEqual(record.state, "changed")
        self.assertIn("03/03/2026", record.changed_text)
        self.assertNotIn("03/02/2026", record.changed_text)
        self.assertIn(self.record, self.records.search([("state", "=", "changed")]))
        self.assertTrue(record.may_certify)
        self.signed()
        self.assertEqual(self.seen_by(self.ana).state, "signed")
        self.assertEqual(len(self.record.step_ids), 4)
        self.assertEqual(old.mapped("content"), before)
        with self.assertRaisesRegex(UserError, "Signatures of monthly records cannot be changed"):
            old[0].write({"digest": "0" * 64})

    def mailed(self, word="New signature needed"):
        """`{address: body}` of such mails since the last call."""
        mails = self.env["mail.mail"].search([("subject", "like", word)])
        found = {mail.email_to: mail.body_html for mail in mails}
        mails.unlink()
        return found

    def test_a_new_signature_is_asked_for_by_mail_once(self):
        """Red when whoever signed is not told that days changed, is told twice of one change or of
        a day that was only computed again, or a record that was never signed asks anybody."""
        ask = self.env["biometric.attestation"]._cron_ask
        self.change_tuesday()
        ask()
        self.assertEqual(self.mailed(), {}, "nobody signed")
        self.signed()
        self.env["biometric.stale.day"]._mark([(self.employee.id, MONDAY)])
        self.rebuild()
        ask()
        self.assertEqual(self.mailed(), {}, "nothing changed")
        asked = self.ask(self.ida, "excuse_early", date=str(MONDAY), minutes=10)
        asked.with_user(self.hal).approve()
        self.rebuild()
        ask()
        ask()
        told = self.mailed()
        self.assertEqual(set(told), {"ana@example.com", "mia@example.com"})
        for body in told.values():
            self.assertRegex(body, r"have changed since: 03/02/2026\.")
        self.assertIn("certify the record again", told["ana@example.com"])
        self.assertIn(f"/odoo/biometric-monthly-records/{self.record.id}", told["mia@example.com"])
        self.signed()
        ask()
        self.assertEqual(self.mailed(), {})
        self.assertEqual(self.seen_by(self.ana).state, "signed")
        kinds = self.record.step_ids.sorted("id").mapped("kind")
        self.assertEqual(kinds, ["certify", "sign", "ask_again", "certify", "sign"])

    def test_only_what_was_signed_or_put_on_paper_is_a_known_paper(self):
        """A87. Red when a state of which people were only told by mail counts as a paper of the
        company, or making that paper leaves no step of its own."""
        self.signed()
        self.change_tuesday()
        self.env["biometric.attestation"]._cron_ask()
        asked = self.record.step_ids.filtered(lambda step: step.kind == "ask_again")
        number = self.record.number
        self.assertEqual(self.records._verify(number, asked.digest)["verdict"], "unknown")
        self.assertEqual(self.record._issue()[self.record.id][1], asked.digest)
        self.assertEqual(
            self.records._verify(number, asked.digest),
            {"verdict": "genuine", "certified": False, "signed": False},
        )
        kinds = self.record.step_ids.sorted("id").mapped("kind")
        self.assertEqual(kinds, ["certify", "sign", "ask_again", "issue"])

    def test_a_supervisor_signs_what_was_certified_and_nothing_newer(self):
        """A87. Red when the person's yes to other numbers is enough for a signature without
        words."""
        self.seen_by(self.ana).certify()
        self.change_tuesday()
        with self.assertRefused("has not certified the current record"):
            self.seen_by(self.mia).sign()
        self.signed()
        self.assertEqual(self.seen_by(self.mia).state, "signed")

    def test_who_certified_by_link_hears_of_a_change(self):
        """Red when somebody who certified by a personal link is not told that days changed, is led
        to a page that they cannot open, or is forgotten once they have a login."""
        ask = self.env["biometric.attestation"]._cron_ask
        self.employee.sudo().write({"user_id": False, "work_email": "ana@home.example"})
        self.record.sudo()._certify(by_link=True)
        self.change_tuesday()
        ask()
        ask()
        told = self.mailed()
        self.assertEqual(set(told), {"ana@home.example"})
        self.assertIn("Open it through your personal link", told["ana@home.example"])
        self.assertNotIn("/odoo/", told["ana@home.example"])
        self.employee.sudo().user_id = self.ana
        asked = self.ask(self.ida, "excuse_early", date=str(MONDAY), minutes=10)
        asked.with_user(self.hal).approve()
        self.rebuild()
        ask()
        told = self.mailed()
        self.assertEqual(set(told), {self.ana.email})
        self.assertIn("/odoo/biometric-my-time", told[self.ana.email])

    def test_nobody_signs_their_own(self):
        """A87. Red when a supervisor, or the only HR officer, signs their own record, or somebody
        who
        is no supervisor signs any."""
        self.seen_by(self.ana).certify()
        self.assertTrue(self.seen_by(self.mia).may_sign)
        self.employee.user_id = self.hal
        for user in (self.hal,):
            self.assertFalse(self.seen_by(user).may_sign)
            with self.assertRaisesRegex(UserError, "You cannot sign your own record"):
                self.seen_by(user).sign()
        self.ida.active = False
        with self.assertRaisesRegex(UserError, "You cannot sign your own record"):
            self.seen_by(self.hal).sign("nobody else is there today")
        for user in (self.pay, self.make_user("aud", "auditor")):
            with self.assertRaisesRegex(AccessError, "You do not sign"):
                self.seen_by(user).sign()

    def test_each_certifies_their_own_alone(self):
        for user in (self.hal, self.mia):
            with self.assertRaisesRegex(AccessError, "only their own record"):
                self.seen_by(user).certify()

    def test_what_is_in_the_way(self):
        """Red when a month that is not over, or holds days that must be mended, is certified, or
        one is signed twice."""
        with self.assertRaisesRegex(UserError, "has not certified"):
            self.seen_by(self.mia).sign()
        with self.assertRaisesRegex(UserError, "at least 10 characters"):
            self.seen_by(self.mia).sign("ill")
        self.signed()
        with self.assertRaisesRegex(UserError, "already been signed"):
            self.seen_by(self.ana).certify()
        wednesday = MONDAY + timedelta(days=2)
        self.punch_in(f"{wednesday} 08:00:00", lane=self.lane)
        self.rebuild()
        company, today = self.env.company, self.env.company._biometric_today()
        for first, last, words in (
            (MONDAY, wednesday, "fixed first: 03/04/2026"),
            (today, today, "has not ended yet"),
            (MONDAY - timedelta(days=60), MONDAY - timedelta(days=60), "has no days"),
        ):
            record = self.records._prepare(self.employee, company, first, last)
            with self.assertRaisesRegex(UserError, words):
                record.with_user(self.ana).certify()

    def test_without_the_employee_needs_words(self):
        """Red when the words do not stand at the step and in the trail."""
        dialog = self.env["biometric.month.sign"].with_user(self.mia)
        one = dialog.create({"record_ids": self.record.ids, "text": "left the company in April"})
        one.action_confirm()
        step = self.record.step_ids
        self.assertEqual((step.kind, step.text), ("sign", "left the company in April"))
        entry = self.env["biometric.audit"].search([("action", "=", "month.sign")], limit=1)
        self.assertEqual(entry.reason, "left the company in April")

    def test_who_signs_sees_the_days_first(self):
        """Red when the days of a record are others', or those of other dates."""
        action = self.seen_by(self.mia).action_open_days()
        days = self.env["biometric.day"].with_user(self.mia).search(action["domain"])
        self.assertEqual(days.employee_id, self.record.employee_id)
        told = [day["date"] for day in self.record._contents()[self.record.id]["days"]]
        self.assertEqual(sorted(map(str, days.mapped("date"))), told)

    def test_preparing_many(self):
        """Red when a second turn makes a second record, or somebody but HR prepares."""
        other = self.make_employee("Ben Cruz", "8")
        self.punch_in(*(f"{MONDAY} {clock}" for clock in HOURS), pin="8", lane=self.lane)
        self.rebuild()
        dialog = self.env["biometric.month.prepare"].with_user(self.hal)
        values = {"date_from": MONDAY, "date_to": TUESDAY, "layout": "eu_register"}
        for _turn in range(2):
            action = dialog.create(values).action_prepare()
        found = self.records.search(action["domain"])
        self.assertEqual(found.employee_id, self.employee | other)
        self.assertIn(self.record, found)
        self.assertEqual(set(found.mapped("layout")), {"eu_register"})
        with self.assertRefused("not allowed to", AccessError):
            dialog.with_user(self.mia).create(values)
        with self.assertRaisesRegex(UserError, "Nobody has a day"):
            early = {"date_from": "2020-01-01", "date_to": "2020-01-31"}
            dialog.create(early).action_prepare()

    def test_my_time_shows_and_certifies(self):
        """RC1, RC17. Red when the month's record is not offered to its person, an older month does
        not open, or another person's record is certified."""
        mine = self.env["biometric.my.time"].with_user(self.ana)
        month = mine.open_month(str(MONDAY))
        (shown,) = [one for one in month["records"] if one["id"] == self.record.id]
        self.assertTrue(shown["may_certify"])
        mine.certify(self.record.id, str(MONDAY))
        month = mine.open_month(str(MONDAY))
        (shown,) = [one for one in month["records"] if one["id"] == self.record.id]
        self.assertEqual((shown["state"], shown["may_certify"]), ("certified", False))
        self.change_tuesday()
        self.env.invalidate_all()
        month = mine.open_month(str(MONDAY))
        self.assertEqual(month["records"][0]["state"], "changed")
        (tuesday,) = [day for day in month["days"] if day["date"] == str(TUESDAY)]
        self.assertTrue(tuesday["changes"][0]["before"] and tuesday["changes"][0]["after"])
        years = self.env.company._biometric_today() - timedelta(days=4 * 365)
        self.assertEqual(mine.open_month(str(years))["days"], [])
        self.make_employee("Mia Lim", "9", user_id=self.mia.id)
        with self.assertRaisesRegex(UserError, "not one of your records"):
            self.env["biometric.my.time"].with_user(self.mia).certify(self.record.id, str(MONDAY))

    def test_my_time_makes_the_months_own(self):
        """Red when somebody must wait for HR to certify a month that is over."""
        april = MONDAY.replace(month=4)
        for day in range(1, 31):
            self.env["biometric.day.rebuild"].sudo()._rebuild(
                [(self.employee.id, april.replace(day=day))]
            )
        mine = self.env["biometric.my.time"].with_user(self.ana)
        (shown,) = mine.open_month(str(april))["records"]
        self.assertEqual((shown["id"], shown["may_certify"]), (0, True))
        try:
            mine.certify(0, str(april))
        except UserError as error:
            self.assertIn("fixed first", str(error))
        else:
            record = self.records.search([("date_from", "=", april.replace(day=1))])
            self.assertEqual(record.state, "certified")

    def test_the_same_days_give_the_same_digest(self):
        """Red when language, order or a second reading change what is signed."""
        first = self.record._issue()[self.record.id]
        self.env["res.lang"]._activate_lang("fr_FR")
        again = self.record.with_context(lang="fr_FR", tz="Asia/Tokyo")._contents()
        self.assertEqual(again[self.record.id], first[0])
        self.assertNotIn("Ana", str(first[0]))

    def test_what_a_layout_splits_adds_up_to_the_hours_worked(self):
        """Red when minutes below the overtime minimum, or that wait for an approval, are in the
        hours worked and in no column beside them."""
        rule = self.env["biometric.rule"].create({"name": "Least", "valid_from": "2026-01-01"})
        paper = self.env["report.biometric_attendance.month_record"]
        for parameters in (
            {"ot_min_minutes": 60},
            {"ot_requires_approval": True},
            {"ot_min_minutes": 15, "ot_round_unit_minutes": 20},
        ):
            rule.parameters = parameters
            self.env["biometric.day.rebuild"].sudo()._rebuild(
                [(self.employee.id, day) for day in (MONDAY, TUESDAY)]
            )
            days = self.record._contents()[self.record.id]["days"]
            worked = [day["minutes"]["worked_minutes"] for day in days]
            self.assertEqual(worked, [510, 510], parameters)
            self.assertNotEqual(sum(day["minutes"].get("overtime_minutes", 0) for day in days), 60)
            for name, layout in LAYOUTS.items():
                keys = {key for key, _width in layout.columns}
                parts = keys & SPLIT
                if keys & WORKED and parts & ORDINARY:
                    told = [sum(paper._minutes(key, day) for key in parts) for day in days]
                    self.assertEqual(told, worked, f"{name} {parameters}")
                    self.assertLessEqual(parts | keys & WORKED, set(layout.sums), name)

    def test_rc6_recorded_later_than_the_day(self):
        """RC6. Red when a day that was typed alone, after its date, is not counted, or one that a
        terminal told is."""
        wednesday = MONDAY + timedelta(days=2)
        self.punch_in("2026-03-05 08:00:00", "2026-03-05 17:00:00", lane=self.lane)
        for clock, way in (("08:00", "in"), ("17:00", "out")):
            asked = self.ask(self.hal, date=str(wednesday), clock=clock, direction=way)
            asked.with_user(self.ida).approve()
        self.change_tuesday()
        late = self.env["biometric.late.record"].with_user(self.hal)
        rows = late.search([("employee_id", "=", self.employee.id)])
        counted = {row.date: (row.hand_count, row.late_count) for row in rows}
        self.assertEqual(counted[wednesday], (1, 1))
        self.assertEqual(counted[TUESDAY], (0, 0))
        self.assertEqual(sum(row.late_count for row in rows), 1)
        ((_dept, days, later, share),) = late._read_group(
            [("employee_id", "=", self.employee.id)],
            ["employee_id"],
            ["day_count:sum", "late_count:sum", "late_share:avg"],
        )
        self.assertEqual((days, later, round(share, 1)), (4, 1, 25.0))


@tagged("post_install", "-at_install", "biometric_print")
class TestMonthPaper(RecordCase, HttpCase):
    def setUp(self):
        super().setUp()
        self.env["ir.config_parameter"].set_param("report.print_delay", "1")

    def pages(self, layout):
        self.prepare(self.employee, layout)
        forced = self.env["ir.actions.report"].with_context(force_report_rendering=True)
        data, kind = forced._render_qweb_pdf(REPORT, res_ids=self.record.ids)
        self.assertEqual(kind, "pdf")
        return [read(page.extract_text()) for page in PdfReader(io.BytesIO(data)).pages]

    def test_every_layout(self):
        """Red when a layout does not print, a time or a sum is missing, or the proof is."""
        self.signed()
        self.change_tuesday()
        said = {
            "plain": ("Monthly record", "08:00 17:30", "Total 2:00 16:00 16:00"),
            "cs_form_48": ("Civil Service Form No. 48", "2 Mon 08:00 12:00 13:00 17:30"),
            "eu_register": ("Register of working time", "12:00–13:00"),
            "es_part_time": ("part-time hours", "Complementary"),
            "us_time_card": ("Time card", "08:00–12:00, 13:00–17:30", "Workweek from"),
        }
        self.assertEqual(set(said), set(LAYOUTS))
        for layout, words in said.items():
            (page,) = self.pages(layout)
            with self.subTest(layout):
                for text in (
                    *words,
                    "Ana Reyes",
                    self.record.number,
                    "a new signature is needed",
                    "Audit trail: entry",
                    WHY.split(",")[0],
                ):
                    self.assertIn(text, page)

    def test_rc5_every_pause_is_shown_with_its_times(self):
        """RC5. Red when a register nets the pauses, shows the first one alone, or the sum that was
        taken off is another."""
        wednesday = MONDAY + timedelta(days=2)
        walls = ("08:00", "10:00", "10:25", "12:00", "12:45", "17:00")
        self.punch_in(*(f"{wednesday} {wall}:00" for wall in walls), lane=self.lane)
        self.rebuild()
        self.record = self.records._prepare(
            self.employee, self.env.company, wednesday, wednesday, "eu_register"
        )
        forced = self.env["ir.actions.report"].with_context(force_report_rendering=True)
        data, _kind = forced._render_qweb_pdf(REPORT, res_ids=self.record.ids)
        page = read(PdfReader(io.BytesIO(data)).pages[0].extract_text())
        self.assertIn("08:00 17:00 10:00–10:25, 12:00–12:45 1:10 7:50", page)
        content = self.record._contents()[self.record.id]
        self.assertEqual(
            [span[1:] for span in content["days"][0]["spans"]],
            [["2026-03-04T02:00Z"], ["2026-03-04T04:00Z"], ["2026-03-04T09:00Z"]],
            "what is signed has them too",
        )

    def test_a_paper_is_genuine_changed_or_unknown(self):
        """A87. Red when a paper that says what stands is called anything but genuine, one that was
        overtaken is, a made-up one is known, or the page names anybody."""
        (digest,) = {digest for _content, digest in self.record._issue().values()}
        path = f"/biometric_attendance/record/{self.record.number}"
        self.env.flush_all()
        self.authenticate(None, None)
        page = self.url_open(f"{path}/{digest}")
        self.assertIn("Genuine.", page.text)
        self.assertIn("no-store", page.headers["Cache-Control"])
        self.assertNotIn("Ana", page.text)
        for other in ("0" * 64, "x", digest[:-1]):
            answer = self.url_open(f"{path}/{other}")
            self.assertEqual(answer.status_code, 404)
            self.assertIn("Unknown.", answer.text)
        self.assertIn("Unknown.", self.url_open(f"{path[:-1]}/{digest}").text)
        self.signed()
        self.assertIn("Signed by a supervisor", self.url_open(f"{path}/{digest}").text)
        self.change_tuesday()
        self.env.flush_all()
        self.assertIn("Changed since.", self.url_open(f"{path}/{digest}").text)

    def test_files_in_the_background(self):
        """Red when a file holds another person's page or is not printed for whoever asked, the
        progress is wrong, or the zip is anybody's."""
        for pin, name in enumerate(("Ben Cruz", "Cid Dizon"), 8):
            self.make_employee(name, str(pin))
            self.punch_in(*(f"{MONDAY} {clock}" for clock in HOURS), pin=str(pin), lane=self.lane)
        self.rebuild()
        dialog = self.env["biometric.month.prepare"].with_user(self.hal)
        values = {"date_from": MONDAY, "date_to": TUESDAY, "with_files": True}
        action = dialog.create(values).action_prepare()
        run = self.env["biometric.month.run"].browse(action["res_id"])
        self.assertEqual((run.done, run.total, run.is_open), (0, 3, True))
        with self.assertRaisesRegex(UserError, "No file is done yet"):
            run.with_user(self.hal).action_download()
        run.with_context(force_report_rendering=True)._cron_print()
        self.env.invalidate_all()
        self.assertEqual((run.done, run.total, run.is_open), (3, 3, False))
        self.authenticate("review-hal", "review-hal")
        path = f"/biometric_attendance/records/{run.id}"
        answer = self.url_open(path)
        with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
            names = archive.namelist()
            self.assertEqual(len(names), 3)
            for name in names:
                pages = PdfReader(io.BytesIO(archive.read(name))).pages
                text = read(" ".join(page.extract_text() for page in pages))
                owner = re.search(r"(Ana Reyes|Ben Cruz|Cid Dizon)", name)[1]
                self.assertIn(owner, text)
                self.assertIn(f"by {self.hal.name}", text)
                others = {"Ana Reyes", "Ben Cruz", "Cid Dizon"} - {owner}
                self.assertFalse([one for one in others if one in text])
        self.authenticate("review-mia", "review-mia")
        with mute_logger("odoo.http"):
            self.assertEqual(self.url_open(path).status_code, 403)

    def test_a_file_of_several_pages_holds_no_other_persons(self):
        """Red when records of two pages each are cut by the page, or files are cut by the pages
        that were laid out though the printer made more."""
        self.make_employee("Ben Cruz", "8")
        self.punch_in(*(f"{MONDAY} {clock}" for clock in HOURS), pin="8", lane=self.lane)
        self.rebuild()
        dialog = self.env["biometric.month.prepare"].with_user(self.hal)
        values = {"date_from": MONDAY, "date_to": TUESDAY, "with_files": True}
        for height, last in ((560, "Page 2 of 2"), (2000, "Page 1 of 1")):
            action = dialog.create(values).action_prepare()
            run = self.env["biometric.month.run"].browse(action["res_id"])
            with patch.dict(paper.HEIGHT, A4=height, Letter=height):
                run.with_context(force_report_rendering=True)._cron_print()
            self.env.invalidate_all()
            self.assertEqual(len(run.record_ids), 2)
            for record in run.record_ids:
                pages = PdfReader(io.BytesIO(record._files().raw)).pages
                self.assertGreater(len(pages), 1, height)
                text = read(" ".join(page.extract_text() for page in pages))
                named = [name for name in ("Ana Reyes", "Ben Cruz") if name in text]
                self.assertEqual(named, [record.employee_id.name])
                self.assertIn(last, text)

    def test_one_file_that_cannot_be_made_stops_no_other(self):
        """Red when one record that fails keeps its neighbours from their files, the screen does not
        say whose is missing, Odoo is told to call at once again for what rests, or it is never
        made once it can be."""
        for pin, name in enumerate(("Ben Cruz", "Cid Dizon", "Dan Uy"), 8):
            self.make_employee(name, str(pin))
            self.punch_in(*(f"{MONDAY} {clock}" for clock in HOURS), pin=str(pin), lane=self.lane)
        self.rebuild()
        dialog = self.env["biometric.month.prepare"].with_user(self.hal)
        values = {"date_from": MONDAY, "date_to": TUESDAY, "with_files": True}
        run = self.env["biometric.month.run"].browse(
            dialog.create(values).action_prepare()["res_id"]
        )
        made, told = [], []

        def make(one, records):
            made.append(len(records))
            if "Ben Cruz" in records.employee_id.mapped("name"):
                raise UserError("a letter that no font holds")
            for record in records:
                one._keep_file(record, b"%PDF")

        def progress(_cron, _processed=0, *, remaining=None, **_more):
            if remaining is not None:
                told.append(remaining)
            return inf

        self.patch(type(self.env["ir.cron"]), "_commit_progress", progress)
        jobs = "odoo.addons.biometric_attendance.models.mixins.biometric_job"
        with patch.object(type(run), "_make_files", make), mute_logger(jobs):
            run._cron_print()
            self.env.invalidate_all()
            self.assertEqual((run.done, run.total, run.is_open), (3, 4, True))
            self.assertIn("3 of 4 files; failed and will be", run.state_text)
            self.assertTrue(run.state_text.endswith("retried: Ben Cruz"))
            made.clear()
            told.clear()
            run._cron_print()
        self.assertEqual((made, told), ([], [0]), "it rests, and nothing is said to be left")
        incident = self.env["biometric.incident"].search([("job", "=", "month_run")])
        self.assertIn("a letter that no font holds", incident.message)
        incident.sudo().retry_at = Datetime.subtract(Datetime.now(), hours=1)
        with patch.object(type(run), "_make_files", lambda one, rows: one._keep_file(rows, b"%P")):
            run._cron_print()
        self.env.invalidate_all()
        self.assertEqual((run.done, run.is_open, run.state_text), (4, False, "4 of 4 files"))

    def test_certified_by_personal_link(self):
        """Red when somebody without a login cannot certify, another person's record is certified,
        or the step does not say how it came."""
        today = self.env.company._biometric_today()
        day = today - timedelta(days=3)
        self.device.complete_until = f"{today} 00:00:00"
        self.punch_in(*(f"{day} {clock}" for clock in HOURS), lane=self.lane)
        other = self.make_employee("Ben Cruz", "8")
        self.punch_in(*(f"{day} {clock}" for clock in HOURS), pin="8", lane=self.lane)
        self.rebuild()
        own, theirs = (
            self.records._prepare(one, self.env.company, day, day) for one in (self.employee, other)
        )
        links = self.env["biometric.personal.link"].with_user(self.hal)
        _link, token = links._issue(self.employee, "4711", 30)
        self.env.flush_all()
        self.authenticate(None, None)
        path = f"/biometric_attendance/my/{token}"

        def send(**values):
            page = self.url_open(path)
            csrf = re.search(r'name="csrf_token" value="([^"]+)"', page.text)[1]
            return self.url_open(path, data={"csrf_token": csrf, **values}).text

        self.assertIn("I certify that this is right", send(number="4711"))
        self.assertIn("nothing to certify", send(record=str(theirs.id)))
        self.assertIn("Your record is certified", send(record=str(own.id)))
        self.env.invalidate_all()
        self.assertEqual((own.state, own.step_ids.by_link), ("certified", True))
        self.assertEqual(theirs.state, "blank")
