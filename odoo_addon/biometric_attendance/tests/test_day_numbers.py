"""The numbered promises that end in a day: odd nights, the same second, PINs nobody has mapped."""

from datetime import date, datetime

from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import Lane
from .test_day import MONDAY, DayCase


@tagged("post_install", "-at_install", "biometric_day")
class TestNumbers(DayCase):
    def send(self, *stamps, serial="SN1", pin="7", channel="push", verify="1", lane=None):
        """Punches `(wall time, status)` in the order the terminal tells them."""
        lane = lane or self.lane
        self.store(
            self.agent,
            lane,
            *(
                lane.punch(
                    serial=serial,
                    pin=pin,
                    wall=wall,
                    status=status,
                    verify=verify,
                    channel=channel,
                    received_at="2026-12-01T00:00:00.000Z",
                )
                for wall, status in stamps
            ),
        )
        self.rebuild()

    def person(self, name, serial, tz, **values):
        """Somebody without shifts, PIN 7 on a terminal of their own."""
        device = self.make_device(self.agent, serial, tz=tz)
        employee = self.env["hr.employee"].create(
            {
                "name": name,
                "date_version": "2026-01-01",
                "resource_calendar_id": False,
                "tz": tz,
                **values,
            }
        )
        self.env["biometric.device.user"].map_pins(device.ids, [["7", employee.id]])
        return employee

    # ------------------------------------------------------------------ R19

    def test_r19_both_nights_of_the_clock_change_in_two_zones(self):
        """R19. Work from 00:30 to 03:30. Red if durations are differences of wall clocks, if the
        order of the device does not decide the hour shown twice, or if two zones share one."""
        nights = {
            ("Europe/Berlin", "BER"): ("2026-03-29", "2026-10-25", "02:40:00", "02:20:00"),
            ("America/New_York", "NYC"): ("2026-03-08", "2026-11-01", "01:40:00", "01:20:00"),
        }
        for (tz, serial), (spring, autumn, first, second) in nights.items():
            worker = self.person(f"Night {tz}", serial, tz)
            walls = [f"{spring} 00:30:00", f"{spring} 03:30:00"]
            walls += [f"{autumn} {at}" for at in ("00:30:00", first, second, "03:30:00")]
            self.send(*((wall, "0") for wall in walls), serial=serial)
            stored = self.env["biometric.punch"].search([("serial", "=", serial)])
            self.assertEqual(sorted(stored.mapped("wall_time")), sorted(walls))
            self.assertEqual(self.day(date.fromisoformat(spring), worker).worked_minutes, 120)
            day = self.day(date.fromisoformat(autumn), worker)
            # four hours by the sun; out from 40 past to 20 past the same hour shown again
            self.assertEqual((day.worked_minutes, len(day.derivation["sessions"])), (200, 2))
            self.assertNotIn("undecided", day.derivation)

    def test_r19_an_hour_that_nothing_decides_is_flagged_on_the_day(self):
        """R19. Red if the flag is lost between the punch and the day."""
        worker = self.person("Night", "BER", "Europe/Berlin")
        self.send(("2026-10-25 00:30:00", "0"), ("2026-10-25 02:30:00", "1"), serial="BER")
        day = self.day(date(2026, 10, 25), worker)
        self.assertEqual(day.worked_minutes, 120)
        self.assertEqual(len(day.derivation["undecided"]), 1)

    # ------------------------------------------------------------------ R22

    def test_r22_the_same_second_twice_is_one_punch_and_equal_on_both_channels(self):
        """R22. Identical or other verify mode: one punch. Other status: two punches, kept both.
        Red if verify becomes part of the key, or if the channel decides anything."""
        results = []
        for number, channels in enumerate((("push",), ("poll",), ("poll", "push"))):
            worker = self.person(f"Twin {number}", f"TWIN{number}", "Asia/Manila")
            for channel in channels:
                for verify in ("1", "15"):
                    self.send(
                        ("2026-03-02 08:00:00", "0"),
                        ("2026-03-02 08:00:00", "0"),
                        ("2026-03-02 17:00:00", "0"),
                        ("2026-03-02 17:00:00", "1"),
                        serial=f"TWIN{number}",
                        channel=channel,
                        verify=verify,
                        lane=Lane(f"{number}{channel == 'push':d}{verify:0>2}".ljust(32, "a")),
                    )
            stored = self.env["biometric.punch"].search([("serial", "=", f"TWIN{number}")])
            self.assertEqual(
                sorted((punch.wall_time[11:13], punch.status) for punch in stored),
                [("08", "0"), ("17", "0"), ("17", "1")],
            )
            day = self.day(MONDAY, worker)
            ends = [session["out"] for session in day.derivation["sessions"]]
            results.append((day.status, ends))
        # both labels of the last second count: the day ends open, and says so
        self.assertEqual(results, [("pending", ["2026-03-02T09:00Z", None])] * 3)

    # ------------------------------------------------------------------ R37

    def test_r37_an_unknown_pin_waits_and_mapping_makes_the_days(self):
        """R37. Red if a punch of an unknown PIN is lost, or if mapping does not reach back."""
        self.send(("2026-03-02 08:00:00", "0"), ("2026-03-02 17:00:00", "1"), pin="404")
        self.assertEqual(self.env["biometric.punch"].search_count([("pin", "=", "404")]), 2)
        to_map = self.env["biometric.device.user"].search(
            [("employee_id", "=", False), ("pin", "=", "404")]
        )
        self.assertEqual(len(to_map), 1)
        newcomer = self.env["hr.employee"].create(
            {
                "name": "New Comer",
                "date_version": "2026-01-01",
                "resource_calendar_id": self.calendar.id,
            }
        )
        self.assertFalse(self.day(MONDAY, newcomer))
        to_map.employee_id = newcomer
        self.rebuild()
        day = self.day(MONDAY, newcomer)
        self.assertEqual((day.status, day.worked_minutes), ("present", 480))
        self.assertEqual(day.first_in_at, datetime(2026, 3, 2, 0, 0))

    def test_r37_an_archived_employee_keeps_the_days_worked(self):
        """R37. Red if archived people are not read: their last wages come from these days."""
        self.employee.active = False
        self.send(("2026-03-02 08:00:00", "0"), ("2026-03-02 17:00:00", "1"))
        self.assertEqual(self.day().worked_minutes, 480)
        self.env["biometric.stale.day"].sudo()._cron_fill()
        self.assertFalse(self.env["biometric.stale.day"].sudo().search_count([]))

    def test_r37_an_employee_outside_the_company_cannot_be_meant(self):
        """R37, I6. The punch is kept; red if a mapping may cross companies."""
        other = self.env["res.company"].create({"name": "Elsewhere"})
        stranger = self.env["hr.employee"].create({"name": "Stranger", "company_id": other.id})
        self.send(("2026-03-02 08:00:00", "0"), pin="405")
        with self.assertRaises(UserError):
            self.env["biometric.device.user"].map_pins(self.device.ids, [["405", stranger.id]])
        self.assertEqual(self.env["biometric.punch"].search_count([("pin", "=", "405")]), 1)
