"""What a site's punches say about its rules, and what is printed of days."""

from datetime import date, timedelta

from odoo.tests import new_test_user, tagged

from .test_day import DayCase

FEBRUARY = date(2026, 2, 2)


class SiteCase(DayCase):
    def month(self, stamps, pin="7"):
        """Twenty workdays of `(time, status)`; the terminal tells them in order."""
        rows = []
        for number in range(28):
            day = FEBRUARY + timedelta(days=number)
            if day.weekday() < 5:
                rows += [
                    self.lane.punch(
                        pin=pin,
                        wall=f"{day} {time}",
                        status=status,
                        received_at=f"{day}T23:59:00.000Z",
                    )
                    for time, status in stamps(number)
                ]
        self.store(self.agent, self.lane, *rows)
        self.rebuild()

    def calibration(self):
        calibration = self.env["biometric.calibration"].create(
            {"date_from": FEBRUARY, "date_to": FEBRUARY + timedelta(days=27)}
        )
        calibration.action_measure()
        return calibration


@tagged("post_install", "-at_install", "biometric_day")
class TestCalibration(SiteCase):
    def test_a_clock_that_runs_ahead_is_named_a_right_one_in_manila_is_not(self):
        """Red if the difference is taken of the wall time itself: a right clock in Manila is then
        eight hours ahead."""
        ahead = self.make_device(self.agent, "SN2", tz="Asia/Manila")
        self.env["biometric.device.user"].create(
            {"device_id": ahead.id, "pin": "7", "employee_id": self.employee.id}
        )
        self.store(
            self.agent,
            self.lane,
            *(
                self.lane.punch(serial=serial, wall=f"{FEBRUARY} {wall}", received_at=received)
                for serial, wall, received in (
                    ("SN1", "08:00:00", f"{FEBRUARY}T00:00:02.000Z"),
                    ("SN2", "08:20:00", f"{FEBRUARY}T00:15:00.000Z"),
                )
            ),
        )
        lines = self.calibration().line_ids.filtered("is_warning")
        clocks = [(line.topic, line.text) for line in lines if line.topic.startswith("Clock")]
        self.assertEqual(
            clocks, [("Clock of SN2", "was ahead by 300 seconds (median); punches: 1")]
        )

    def test_reliable_keys_propose_pairing_by_key_and_one_click_adopts_it(self):
        """Every other day IN is pressed again minutes later: in turn that leaves the day open, by
        key it does not matter. Red if the methods are not computed by the engine."""
        other = self.make_employee("Ben Cruz", "8")

        def stamps(number):
            day = [("08:00:00", "0"), ("12:00:00", "1"), ("13:00:00", "0"), ("17:00:00", "1")]
            return [("07:57:00", "0"), *day] if number % 2 else day

        self.month(stamps)
        self.month(stamps, pin="8")
        self.assertTrue(other)
        calibration = self.calibration()
        self.assertEqual(calibration.worked_days, 40)
        self.assertEqual(calibration.proposed_method, "strict")
        self.assertEqual(calibration.labels_right_percent, 50.0)
        rule = self.env["biometric.rule"].browse(calibration.action_adopt()["res_id"])
        self.assertEqual((rule.state, rule.parameters["pairing_method"]), ("adopted", "strict"))

    def test_wrong_keys_keep_pairing_in_turn_and_short_breaks_are_pointed_out(self):
        def stamps(_number):
            return [
                ("08:00:00", "0"),
                ("12:00:00", "1"),
                ("12:03:00", "0"),
                ("17:00:00", "0"),
                ("17:00:20", "0"),
            ]

        self.month(stamps)
        self.month(stamps, pin="404")
        calibration = self.calibration()
        self.assertFalse(calibration.proposed_method)
        with self.assertRefused("Fewer than 30 days with punches are not enough to judge"):
            calibration.action_adopt()
        texts = calibration.line_ids.mapped("text")
        self.assertTrue(any("Pairs of punches within 60 seconds: 20" in text for text in texts))
        self.assertTrue(any("would drop 20 more punches, 20 of them" in text for text in texts))
        self.assertTrue(any("punched but not mapped" in text for text in texts))
        alternate, strict = (line.text for line in calibration.line_ids[:2])
        self.assertTrue(alternate.startswith("0.0 %"), alternate)
        self.assertTrue(strict.startswith("100.0 %"), strict)


@tagged("post_install", "-at_install", "biometric_day")
class TestSheets(SiteCase):
    def html(self, sheet, user=None):
        report = sheet._report(sheet.kind).with_user(user or self.env.user)
        content, kind = report._render_qweb_html(report.report_name, sheet.ids)
        self.assertEqual(kind, "html")
        return content.decode()

    def test_month_sheet_shows_days_and_sums_of_the_reader_only(self):
        """Red if the sheet is read with more rights than its reader has."""
        self.make_employee("Ben Cruz", "8")
        self.month(lambda _number: [("08:10:00", "0"), ("17:00:00", "1")])
        self.month(lambda _number: [("08:00:00", "0"), ("17:00:00", "1")], pin="8")
        values = {"date_from": FEBRUARY, "date_to": FEBRUARY + timedelta(days=27)}
        page = self.html(self.env["biometric.sheet"].create(values))
        self.assertIn("Ana Reyes", page)
        self.assertIn("Ben Cruz", page)
        self.assertIn("08:10", page)
        # twenty days of 7:50, and twenty times ten minutes late
        self.assertIn("156:40", page)
        self.assertIn("3:20", page)
        ana = new_test_user(self.env, "ana", "base.group_user")
        self.employee.user_id = ana
        own = self.html(self.env["biometric.sheet"].with_user(ana).create(values), ana)
        self.assertIn("Ana Reyes", own)
        self.assertNotIn("Ben Cruz", own)

    def test_a_sheet_of_somebody_who_left_is_theirs_alone(self):
        """Red if an archived person drops out of the list: an empty one means everybody."""
        self.make_employee("Ben Cruz", "8")
        self.month(lambda _number: [("08:10:00", "0"), ("17:00:00", "1")])
        self.month(lambda _number: [("08:00:00", "0"), ("17:00:00", "1")], pin="8")
        sheet = self.env["biometric.sheet"].create(
            {
                "date_from": FEBRUARY,
                "date_to": FEBRUARY + timedelta(days=27),
                "employee_ids": self.employee.ids,
            }
        )
        self.employee.action_archive()
        sheet.invalidate_recordset()
        pages = sheet._month_pages()
        self.assertEqual([employee.name for employee, _days, _sums in pages], ["Ana Reyes"])

    def test_compliance_counts_per_department(self):
        department = self.env["hr.department"].create({"name": "Warehouse"})
        self.employee.version_ids.department_id = department
        self.month(
            lambda number: [("08:10:00", "0"), ("16:30:00" if number % 7 else "17:00:00", "1")]
        )
        sheet = self.env["biometric.sheet"].create(
            {
                "kind": "compliance",
                "date_from": FEBRUARY,
                "date_to": FEBRUARY + timedelta(days=27),
                "department_ids": department.ids,
            }
        )
        ((_company, ((found, (row,)),)),) = sheet._compliance_runs()
        self.assertEqual(found, department)
        self.assertEqual((row["late_days"], row["late_minutes"]), (20, 200))
        self.assertEqual((row["early_days"], row["early_minutes"]), (16, 480))
        self.assertIn("Warehouse", self.html(sheet))
