"""What people set in their own preferences moves none of their days."""

from datetime import date

from odoo.tests import new_test_user, tagged

from .test_day import DayCase

NIGHT = {"night_window": ["22:00", "06:00"]}
WORKED = date(2026, 3, 2)


@tagged("post_install", "-at_install", "biometric_day")
class TestOwnZone(DayCase):
    """Ana has no working schedule: her days go by the zone of her employee record."""

    def setUp(self):
        super().setUp()
        rule = {"name": "Nights", "valid_from": "2026-01-01", "parameters": NIGHT}
        self.env["biometric.rule"].create(rule).action_adopt()
        self.employee.resource_calendar_id = False
        self.user = self.login("own-zone", self.employee)
        self.punch_in("2026-03-02 08:00:00", "2026-03-02 16:00:00")
        self.rebuild()

    def login(self, name, employee):
        user = new_test_user(
            self.env,
            name,
            groups="base.group_user,biometric_attendance.group_employee",
            tz="Asia/Manila",
        )
        employee.user_id = user
        employee.tz = "Asia/Manila"
        return user

    def told(self):
        self.rebuild()
        self.env.invalidate_all()
        return [(day.date, day.worked_minutes, day.night_minutes) for day in self.day(WORKED)]

    def prefer(self, user, tz):
        """As the dialog of one's own preferences writes it."""
        self.env["res.users"].with_user(user).browse(user.id).write({"tz": tz})
        self.assertEqual(user.tz, tz)

    def test_nobody_moves_their_own_days_by_their_preferences(self):
        """Red when the time zone that somebody chooses for their screens becomes that of their
        days: by day in Manila is by night in Honolulu, and was paid as such, in past months too."""
        self.assertEqual(self.told(), [(WORKED, 480, 0)])
        self.prefer(self.user, "America/New_York")
        self.assertEqual(self.employee.tz, "Asia/Manila")
        self.assertEqual(self.told(), [(WORKED, 480, 0)])

    def test_hr_says_where_somebody_works(self):
        """Red when HR cannot correct it on the employee."""
        self.employee.tz = "America/New_York"
        self.rebuild()
        self.assertEqual(self.user.tz, "America/New_York")
        days = self.env["biometric.day"].search([("employee_id", "=", self.employee.id)])
        self.assertEqual([day.night_minutes for day in days if day.worked_minutes], [300])

    def test_of_whom_no_terminal_knows_odoo_decides(self):
        """Red when the zone of people who are not recorded by terminals is held back too."""
        free = self.env["hr.employee"].create({"name": "Free Lance"})
        user = self.login("own-zone-free", free)
        self.prefer(user, "Europe/Paris")
        self.assertEqual(free.tz, "Europe/Paris")
