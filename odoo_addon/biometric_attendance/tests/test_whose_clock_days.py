"""Whose clock a day's first in and last out are by: the place's, whoever lists, groups, filters or
exports them."""

from odoo.tests import tagged

from .test_day import MONDAY, DayCase

READERS = ("Asia/Manila", "America/New_York")


@tagged("post_install", "-at_install", "biometric_day")
class TestDayClock(DayCase):
    def night(self):
        """From 21:58 on Monday to 06:02 on Tuesday, in Manila."""
        shift = self.env["biometric.shift"].create({"name": "Night", "start": 22, "end": 6})
        self.env["biometric.roster"].create(
            {"employee_id": self.employee.id, "date": MONDAY, "shift_id": shift.id}
        )
        self.punch_in("2026-03-02 21:58:00", "2026-03-03 06:02:00")
        self.rebuild()
        return self.day()

    def test_every_reader_sees_files_and_groups_the_same(self):
        """Red when a list, an export, a filter or a group of first in or last out depends on whose
        clock the reader has."""
        day = self.night()
        told = set()
        for zone in READERS:
            self.env.user.tz = zone
            there = day.with_context(tz=zone)
            there.invalidate_recordset()
            (listed,) = there.web_read({"in_place": {}, "out_place": {}, "in_clock": {}})
            file = there.export_data(["in_place", "out_place", "in_clock", "out_clock"])["datas"]
            own = [("employee_id", "=", self.employee.id), ("in_place", ">=", "21:00")]
            groups = there._read_group(own, ["in_place", "out_place"], ["__count"])
            told.add((listed["in_place"], listed["in_clock"], str(file), str(groups)))
        self.assertEqual(len(told), 1, told)
        ((first, _clock, file, groups),) = told
        self.assertEqual(first, "21:58")
        self.assertIn("06:02 +1", file)
        self.assertEqual(groups, "[('21:58', '06:02 +1', 1)]")

    def test_the_text_stays_in_step_with_the_day(self):
        """Red when a day that is computed again, in another zone or without a punch, shows the
        times of before."""
        self.night()
        self.employee.tz = "UTC"
        self.employee.resource_calendar_id.tz = "UTC"
        self.rebuild()
        day = self.day()
        day.invalidate_recordset()
        self.assertEqual(day.in_clock.replace("\u202f", " "), "1:58 PM")
        self.assertEqual((day.in_place, day.out_place), ("13:58", "22:02"))
        self.env.cr.execute("UPDATE biometric_day SET last_out_at = NULL WHERE id = %s", (day.id,))
        day.invalidate_recordset()
        self.assertEqual((day.in_place, day.out_place), ("13:58", False))

    def test_a_zone_that_is_none_shows_utc(self):
        """R57. Red when a name that PostgreSQL does not know keeps a day from being written."""
        day = self.night()
        self.env.cr.execute(
            """UPDATE biometric_day SET derivation = derivation || '{"zone": "Berlin"}'
                WHERE id = %s""",
            (day.id,),
        )
        day.invalidate_recordset()
        self.assertEqual(day.in_place, "13:58")
