"""What an adjustment does to what is paid and read: files, periods, lists; and nothing sooner."""

import base64
import csv
import hashlib
import io
import json
import re
from datetime import date
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .review_case import WHY, ReviewCase
from .test_day import MONDAY


@tagged("post_install", "-at_install", "biometric_review")
class TestReviewPaid(ReviewCase):
    def setUp(self):
        super().setUp()
        self.device.complete_until = "2026-03-12 00:00:00"

    def held(self):
        """A day with two hours of overtime that nobody approved yet."""
        self.env["biometric.rule"].create(
            {
                "name": "Office",
                "valid_from": "2026-01-01",
                "parameters": {"ot_requires_approval": True},
            }
        )
        self.punch_in(f"{MONDAY} 08:00:00", f"{MONDAY} 19:00:00")
        self.rebuild()

    def file(self, changes=False):
        """(file, its rows) of the week."""
        self.rebuild()
        export = self.env["biometric.export"].create(
            {"date_from": "2026-03-02", "date_to": "2026-03-06"}
        )
        if changes:
            export.action_generate_changes()
        else:
            export.action_generate()
        rows = csv.DictReader(io.StringIO(base64.b64decode(export.data).decode("utf-8-sig")))
        return export, list(rows)

    def test_a_late_approval_comes_as_a_difference(self):
        """Red when an approval after the file pays the day twice, or never."""
        self.held()
        _first, rows = self.file()
        paid = sum(int(row["minutes"]) for row in rows)
        self.ask(self.mia, "approve_ot", minutes=90).with_user(self.hal).approve()
        _second, rows = self.file(changes=True)
        self.assertEqual([row["kind"] for row in rows], ["correction"] * len(rows))
        self.assertEqual(sum(int(row["minutes"]) for row in rows), 90)
        self.assertEqual(paid, 480)

    def paths(self):
        """Every number that is read of the week, by way."""
        self.env.invalidate_all()
        days = self.env["biometric.day"]
        domain = [("employee_id", "=", self.employee.id)]
        fields = ["worked_minutes", "overtime_minutes", "overtime_unapproved_minutes"]
        sheet = self.env["biometric.sheet"].create(
            {"date_from": "2026-03-02", "date_to": "2026-03-06"}
        )
        page, _kind = self.env["ir.actions.report"]._render_qweb_html(
            "biometric_attendance.month_sheet", sheet.ids
        )
        self.env["biometric.projection"]._cron_project()
        shown = self.env["hr.attendance"].search([("employee_id", "=", self.employee.id)])
        return {
            "rows": days.search_read(domain, [*fields, "digest", "inputs_digest"]),
            "pivot": days.formatted_read_group(
                domain, ["date:month"], [f"{f}:sum" for f in fields]
            ),
            "sheet": re.sub(rb"[0-9:]+\s*[AP]M by", b"", page.split(b"<main")[-1]),
            "attendances": shown.mapped("worked_hours"),
            "computed": [
                result.record
                for _one, results in self.env["biometric.day.rebuild"]._recomputed(
                    [(self.employee.id, MONDAY)]
                )
                for result in results
            ],
        }

    def test_rv4_an_open_request_changes_no_number_on_any_way(self):
        """RV4. Red when a list, a pivot, a printed sheet, an attendance or a file knows a request
        that nobody approved: submitted, rejected, withdrawn, or a draft."""
        self.held()
        before = self.paths()
        self.ask(self.mia, "approve_ot", minutes=60).with_user(self.hal).reject(WHY)
        self.ask(self.ana, "approve_ot")
        self.ask(self.ana, clock="20:00")
        self.ask(self.hal, "set_minutes", pay_class="regular", minutes=30, draft=True)
        self.ask(self.mia, "excuse_late", minutes=5).withdraw()
        self.env["biometric.stale.day"]._mark([(self.employee.id, MONDAY)])
        self.rebuild()
        after = self.paths()
        for way, numbers in before.items():
            with self.subTest(way):
                self.assertEqual(after[way], numbers)
        _file, rows = self.file()
        self.assertEqual(sum(int(row["minutes"]) for row in rows), 480)

    # ------------------------------------------------------------------ the same minutes once

    def overtime(self):
        """(paid, held) of the day."""
        self.env.invalidate_all()
        day = self.day()
        return day.overtime_minutes, day.overtime_unapproved_minutes

    def grows(self):
        """Two hours more, which nobody has looked at."""
        self.punch_in(f"{MONDAY} 19:15:00", f"{MONDAY} 21:15:00", lane=self.lane)
        self.rebuild()

    def unguarded(self, *args, **values):
        """A request handed in at the same moment as another, or before an upgrade."""
        with self.without_guard():
            return self.ask(*args, **values)

    def without_guard(self):
        adjustments = type(self.env["biometric.adjustment"])
        return patch.object(adjustments, "_check_once", lambda *_one, **_how: None)

    def test_held_overtime_is_asked_for_once_at_a_time(self):
        """Red when a second request of the same minutes is taken while one waits, a draft of before
        its approval is handed in afterwards, or what is asked in advance, or was named anew since,
        is refused."""
        self.held()
        draft = self.ask(self.hal, "approve_ot", draft=True)
        first = self.ask(self.ana, "approve_ot")
        for act in (
            lambda: self.ask(self.mia, "approve_ot", minutes=60),
            lambda: draft.submit(),
            lambda: (
                self.env["biometric.desk"].with_user(self.mia).ask(self.day().id, "approve_ot", WHY)
            ),
        ):
            with self.assertRefused("already waiting for .* request everything that is missing"):
                act()
        self.ask(self.mia, "approve_ot", date="2026-03-03", minutes=60)
        ben = self.make_employee("Ben Cruz", "8")
        self.ask(self.hal, "approve_ot", employee=ben, minutes=60)
        for kind in ("excuse_late", "excuse_early"):
            self.ask(self.mia, kind, minutes=5)
            with self.assertRefused("already waiting for"):
                self.ask(self.ana, kind, minutes=5)
        first.with_user(self.mia).approve()
        with self.assertRefused("approved after this one was made"):
            draft.submit()
        named = {"kind": "approve_ot", "employee_id": self.employee.id, "date": str(MONDAY)}
        draft.amend({**named, "minutes": 10, "reason_text": WHY})
        draft.submit()
        draft.withdraw()
        advance = self.ask(self.mia, "approve_ot", minutes=45)
        advance.with_user(self.hal).approve()
        self.assertEqual(self.overtime(), (120, 0))
        self.grows()
        self.assertEqual(self.overtime(), (165, 75))

    def test_two_requests_of_the_same_minutes_release_them_once(self):
        """Red when both are approved and their minutes add up: a day that grows is paid by the
        second one unseen. Once the first is reversed the second counts."""
        self.held()
        first, second = (self.unguarded(self.mia, "approve_ot") for _n in range(2))
        first.with_user(self.hal).approve()
        with self.assertRefused("approved after this one was made. Reject this one or withdraw it"):
            second.with_user(self.hal).approve()
        self.grows()
        self.assertEqual(self.overtime(), (120, 120))
        back = first.browse(first.with_user(self.hal).reverse(WHY))
        back.with_user(self.ida).approve()
        second.with_user(self.hal).approve()
        self.assertEqual(self.overtime(), (120, 120))

    def test_minutes_change_their_pay_class_once(self):
        """Red when the same hour is moved to overtime twice, by two requests of one mind."""
        self.held()
        change = {"minutes": 60, "pay_class": "regular", "to_class": "overtime"}
        first = self.ask(self.mia, "reclassify", **change)
        with self.assertRefused("already waiting for"):
            self.ask(self.ida, "reclassify", **change)
        self.ask(self.ida, "reclassify", **{**change, "to_class": "doubletime"}).withdraw()
        second = self.unguarded(self.ida, "reclassify", **change)
        first.with_user(self.hal).approve()
        with self.assertRefused("approved after this one was made"):
            second.with_user(self.hal).approve()
        second.with_user(self.hal).reject(WHY)
        self.env.invalidate_all()
        self.assertEqual((self.day().regular_minutes, self.day().overtime_minutes), (420, 60))
        self.ask(self.mia, "reclassify", **change).with_user(self.hal).approve()
        self.env.invalidate_all()
        self.assertEqual((self.day().regular_minutes, self.day().overtime_minutes), (360, 120))

    def test_minutes_that_wait_for_a_yes_are_released_once(self):
        """Red when one that waits for its person's yes is passed by another, one that they dispute
        keeps them from asking, or their late yes to it adds to what they got instead."""
        self.env.company.biometric_needs_yes = True
        self.held()
        first, other = (self.unguarded(self.mia, "approve_ot", minutes=90) for _n in range(2))
        first.with_user(self.hal).approve()
        with self.assertRefused("already waiting for"):
            other.with_user(self.hal).approve()
        other.with_user(self.hal).reject(WHY)
        with self.assertRefused("already waiting for"):
            self.ask(self.ana, "approve_ot")
        first.with_user(self.ana).answer(False, "I stayed two hours that day")
        self.ask(self.ana, "approve_ot").with_user(self.mia).approve()
        with self.assertRefused("approved after this one was made"):
            first.with_user(self.ana).answer(True)
        self.assertEqual(self.overtime(), (120, 0))

    def test_of_two_that_wait_for_a_yes_one_counts(self):
        """Red when silence lets both take effect, keeps both from it, or the one that is left over
        is told to nobody."""
        self.env.company.biometric_needs_yes = True
        self.held()
        first, other = (self.unguarded(self.mia, "approve_ot", minutes=90) for _n in range(2))
        for one in (first, other):
            with self.without_guard():
                one.with_user(self.hal).approve()
        self.env.cr.execute("UPDATE biometric_adjustment SET due_at = now() - interval '1 hour'")
        self.env.invalidate_all()
        with mute_logger("odoo.addons.biometric_attendance.models.mixins.biometric_job"):
            first.sudo()._cron_answers()
        self.assertEqual(sorted((first | other).mapped("state")), ["approved", "submitted"])
        self.assertEqual(self.overtime(), (90, 30))
        left = (first | other).filtered(lambda one: one.state == "submitted")
        with self.assertRefused("approved after this one was made"):
            left.with_user(self.ana).answer(True)

    # ------------------------------------------------------------------ periods

    def group(self, rhythm, anchor, **values):
        return self.env["biometric.period.group"].create(
            {"name": rhythm, "rhythm": rhythm, "anchor": anchor, **values}
        )

    def test_periods_are_laid_out_ahead_without_a_hole(self):
        """Red when a rhythm leaves a date out, has one twice, or ends before today."""
        team = self.env["hr.department"].create({"name": "Line"})
        today = self.env.company._biometric_today()
        for rhythm, anchor, length in (
            ("weekly", "2026-01-05", {7}),
            ("biweekly", "2026-01-05", {14}),
            ("semimonthly", "2026-01-01", {15, 16, 13, 14}),
            ("monthly", "2026-01-26", {28, 29, 30, 31}),
        ):
            with self.subTest(rhythm):
                group = self.group(rhythm, anchor, department_ids=[(6, 0, team.ids)])
                periods = group.period_ids.sorted("date_from")
                self.assertEqual(periods[0].date_from, group.anchor)
                for one, following in zip(periods, periods[1:], strict=False):
                    self.assertEqual((following.date_from - one.date_to).days, 1)
                days = {(one.date_to - one.date_from).days + 1 for one in periods}
                self.assertLessEqual(days, length)
                self.assertGreater(periods[-1].date_to, today)
                count = len(periods)
                self.env["biometric.period"]._cron_lay_out()
                self.assertEqual(len(group.period_ids), count)

    def test_dates_of_a_period_with_a_file_stay(self):
        """Red when the dates of a paid period move, or somebody but payroll locks one."""
        self.held()
        self.file()
        period, other = self.group("weekly", "2026-03-02").period_ids.sorted("date_from")[:2]
        self.assertFalse(other.has_file)
        week = [("date", ">=", "2026-03-02"), ("date", "<=", "2026-03-08")]
        self.assertEqual(period.day_count, self.env["biometric.day"].search_count(week))
        self.ask(self.mia, "approve_ot")
        period.invalidate_recordset()
        self.assertEqual(period.open_count, 1)
        with self.assertRaisesRegex(AccessError, "Only payroll officers can lock periods"):
            period.with_user(self.hal).action_lock()
        self.assertTrue(period.has_file)
        for vals in ({"date_from": date(2026, 3, 3)}, {"date_to": date(2026, 3, 7)}):
            with self.assertRaisesRegex(UserError, "its dates cannot be changed"):
                period.with_user(self.pay).write(vals)
        with self.assertRaisesRegex(UserError, "its dates cannot be changed"):
            period.unlink()
        period.with_user(self.pay).action_lock()
        with self.assertRaisesRegex(UserError, "stays locked"):
            period.with_user(self.pay).action_unlock()

    def test_who_can_mend_something_is_reminded_once_before_and_once_after(self):
        """Red when nobody is told, somebody twice, or of people who are not theirs."""
        self.punch_in(f"{MONDAY} 08:00:00")
        self.rebuild()
        self.ask(self.ana)
        period = self.group("weekly", "2026-03-02").period_ids.sorted("date_from")[0]
        self.env.cr.execute(
            "UPDATE biometric_period SET date_to = %s, date_from = %s WHERE id = %s",
            (date.today(), MONDAY, period.id),
        )
        self.env.invalidate_all()
        before = self.env["mail.mail"].search([])
        for _morning in range(2):
            self.env["biometric.period"]._cron_remind()
        mails = (self.env["mail.mail"].search([]) - before).grouped("email_to")
        self.assertEqual(len(mails["mia@example.com"]), 1)
        body = mails["mia@example.com"].body_html
        for words in ("Ana Reyes", "Requests waiting for your decision: 1", "it ends on"):
            self.assertIn(words, body)
        self.assertNotIn("Ana Reyes", mails["hal@example.com"].body_html)

    def test_one_group_takes_the_rest(self):
        """Red when two groups of a company pay the same people."""
        team = self.env["hr.department"].create({"name": "Line"})
        self.group("monthly", "2026-01-01")
        with self.assertRaisesRegex(ValidationError, "a group for all other employees"):
            self.group("weekly", "2026-01-05")
        weekly = self.group("weekly", "2026-01-05", department_ids=[(6, 0, team.ids)])
        groups = self.env["biometric.period.group"]
        self.assertEqual(groups._of(self.employee).rhythm, "monthly")
        self.employee.department_id = team
        self.assertEqual(groups._of(self.employee), weekly)

    def test_a25_a_file_run_again_after_an_edit_can_be_explained(self):
        """A25. Red when the trail does not say of each file who made it, of which dates, how many
        lines, and by which digest; when an edit changes what was said of the former one, or the
        later one does not say what it took up."""
        self.held()
        first, rows = self.file()
        data = bytes(first._bytes("data"))
        self.ask(self.mia, "approve_ot", minutes=90).with_user(self.hal).approve()
        second, more = self.file(changes=True)
        while self.env["biometric.audit"]._seal(1000):
            pass
        self.env.invalidate_all()
        told = []
        for export, lines in ((first, rows), (second, more)):
            entries = self.env["biometric.audit"].search(
                [("model", "=", export._name), ("res_id", "=", export.id)], order="id"
            )
            said, entry = {}, entries[-1:]
            for one in entries:
                said |= json.loads(one.after)
            digest = hashlib.sha256(bytes(export._bytes("data"))).hexdigest()
            self.assertEqual(said["sha256"], digest)
            self.assertEqual(
                (said["date_from"], said["date_to"], said["line_count"]),
                ("2026-03-02", "2026-03-06", len(lines)),
            )
            self.assertEqual(said["generated_by_id"][0], self.env.uid)
            self.assertTrue(entry.seq and entry.hash, "a head stands behind it")
            told.append(entry.seq)
        self.assertEqual(bytes(first._bytes("data")), data)
        decision = self.env["biometric.audit"].search([("action", "=", "adjustment.approve")])
        self.assertTrue(told[0] < decision.seq < told[1], "the edit lies between the two files")
        held = (first + second).day_ids.filtered(lambda one: one.date == MONDAY).sorted("id")
        self.assertEqual(held.export_id, first + second, "each says what of the day it holds")
        self.assertNotEqual(held[0].minutes, held[1].minutes)

    def test_a26_what_comes_after_the_file_never_changes_it_silently(self):
        """A26. Red when an adjustment touches a produced file, or the day of a locked period is
        approved in bulk."""
        self.held()
        first, _rows = self.file()
        before = (first.sha256, bytes(first.data))
        self.group("weekly", "2026-03-02").period_ids.sorted("date_from")[0].with_user(
            self.pay
        ).action_lock()
        self.ask(self.mia, "approve_ot").with_user(self.hal).approve()
        first.invalidate_recordset()
        self.assertEqual((first.sha256, bytes(first.data)), before)
        told = self.env["biometric.day.approval"].with_user(self.hal).sum_of(self.day().ids)
        self.assertEqual((told["days"], told["left_out"]), (0, {"locked": 1}))
