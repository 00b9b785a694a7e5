"""Hours of support: counted from the customer's grants and trail, told before they run out."""

from odoo.fields import Command, Datetime
from odoo.tests import TransactionCase, freeze_time, new_test_user, tagged

from odoo.addons.biometric_attendance.tests.common import lay_row

from .common import ServiceCase

REASON = "terminal of the gate falls silent"
NOW = "2026-03-15 04:00:00"


@tagged("post_install", "-at_install")
class TestServiceSupportHours(ServiceCase, TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        with freeze_time("2026-02-10 12:00:00"):
            cls.plan = cls.plans["ten"].copy({"support_hours": 2, "trial_days": 0})
            cls.tenant = cls.sign_up(plan=cls.plan.id)
            cls.tenant._order_plan(cls.plan)
        cls.company = cls.tenant.company_id
        cls.consultant = new_test_user(
            cls.env, "consultant", company_id=cls.company.id, groups="base.group_user"
        )
        cls.staff[0].company_ids = [Command.link(cls.company.id)]

    def grant(self, begun, hours, looks=(), user=None, ended=None, company=None):
        """A grant of the past with looks so many minutes after its begin; instants UTC."""
        begun = Datetime.to_datetime(begun)
        grant = self.env["biometric.support"].create(
            {
                "company_id": (company or self.company).id,
                "user_id": (user or self.staff[0]).id,
                "reason": REASON,
                "granted_at": begun,
                "expires_at": Datetime.add(begun, hours=hours),
                "revoked_at": ended and Datetime.add(begun, minutes=ended),
            }
        )
        for minutes in looks:
            values = {
                "company_id": grant.company_id.id,
                "happened_at": Datetime.add(begun, minutes=minutes),
                "action": "support.look",
                "model": "biometric.support",
                "res_id": grant.id,
            }
            lay_row(self.env["biometric.audit"], values)
        return grant

    def hours(self, tenant=None):
        """(in the plan, granted, used, beyond) as the provider's staff read it."""
        tenant = (tenant or self.tenant).with_user(self.staff[0])
        tenant.invalidate_recordset()
        names = ("included", "granted", "used", "beyond")
        return tuple(tenant[f"support_{name}"] for name in names)

    def march(self):
        """Six hours granted in March at the company's place, three of them used."""
        self.grant("2026-03-10 02:00", 3, looks=(5, 50, 130))
        self.grant("2026-03-11 02:00", 6, ended=70)
        self.grant("2026-03-12 02:00", 6, looks=(5, 65, 125), user=self.consultant)
        # The 1st of March and the 1st of April in Manila.
        self.grant("2026-02-28 17:00", 1, looks=(59,))
        self.grant("2026-03-31 16:30", 4, looks=(1, 61))

    @freeze_time(NOW)
    def test_an_hour_is_used_once_the_provider_looked_in_it(self):
        """Red when two looks of an hour count twice, a grant that nobody used or a customer's own
        consultant counts as used, a revoked grant as whole, the month is that of UTC, or another
        tenant's hours count here."""
        other = self.sign_up(company="Next", email="next@kiln.example")
        self.assertEqual(self.hours(), (2, 0, 0, 0))
        self.march()
        self.grant("2026-03-10 02:00", 5, looks=(1,), company=other.company_id)
        self.assertEqual(self.hours(), (2, 6, 3, 1))
        self.assertEqual(self.hours(other), (2, 5, 1, 0))
        # A look that was let in and written while its grant ended is of its last hour.
        self.grant("2026-03-13 02:00", 1, looks=(30, 60))
        self.assertEqual(self.hours(), (2, 7, 4, 2))
        both = (self.tenant | other).with_user(self.staff[0])
        self.assertEqual(both.mapped("support_used"), [4, 1])
        owner = self.tenant.with_user(self.tenant.owner_id)
        self.assertEqual(owner.with_company(self.company).support_used, 4)

    def test_a_real_look_counts(self):
        """Red when what the trail holds of a look is not what is counted."""
        self.branch(self.tenant)
        admin = self.env["biometric.support"].with_user(self.tenant.owner_id)
        admin.with_company(self.company)._grant(self.staff[0], 3, REASON)
        self.assertEqual(self.hours()[1:3], (3, 0))
        devices = self.env["biometric.device"].with_user(self.staff[0])
        devices = devices.with_context(allowed_company_ids=self.company.ids)
        self.assertEqual(devices.search([]).mapped("serial"), ["SN1"])
        self.assertEqual(self.hours()[1:3], (3, 1))

    def test_the_statement_and_the_status_page_say_it(self):
        """Red when a closed month forgets its hours, or a later change of the plan moves them."""
        self.march()
        with freeze_time("2026-04-05 12:00:00"):
            made = self.env["biometric.service.statement"]._close_due(self.tenant)
            statement = made.filtered(lambda one: one.month_name == "2026-03")
            status = self.tenant._status()["support"]
        said = {"included": 2, "granted": 6, "used": 3}
        self.assertEqual(statement._export_json()["support_hours"], said)
        self.assertEqual(status, {"month": "2026-04", "included": 2, "granted": 4, "used": 2})
        self.plan.support_hours = 9
        self.assertEqual(statement._export_json()["support_hours"], said)
        with freeze_time(NOW):
            self.assertEqual(self.hours()[0], 2)

    @freeze_time(NOW)
    def test_going_beyond_is_told_before_and_refused_nowhere(self):
        """Red when the dialog says nothing, forgets what is open and unused, counts a consultant,
        or when a grant beyond the plan is refused."""
        self.grant("2026-03-10 02:00", 1, looks=(5,))
        dialog = self.dialog(hours=1)
        self.assertEqual((dialog.support_beyond, "2 at most." in dialog.support_note), (0, True))
        self.assertEqual(self.dialog(hours=3).support_beyond, 2)
        # Open since an hour and a half, looked at in the first hour: two of its hours are to come.
        self.grant("2026-03-15 02:30", 3, looks=(5,))
        dialog = self.dialog(hours=1)
        self.assertEqual(dialog.support_beyond, 3)
        self.assertIn("Used: 2; with this and what is open, 5 at most", dialog.support_note)
        self.assertIn("Nothing is refused", dialog.support_note)
        dialog.action_confirm()
        self.assertEqual(self.hours()[1], 5)
        self.assertFalse(self.dialog(hours=6, user=self.consultant).support_note)

    @freeze_time(NOW)
    def test_without_a_plan_nothing_is_beyond(self):
        """Red when a plan that is gone turns every hour into one too many, or a plan holds fewer
        hours than none."""
        self.march()
        self.tenant.order_ids.unlink()
        self.tenant.plan_id = False
        self.assertEqual(self.hours(), (0, 6, 3, 0))
        self.assertFalse(self.dialog(hours=6).support_note)
        with self.assertRefused("“Support hours a month” cannot be negative"):
            self.plan.support_hours = -1

    def dialog(self, hours, user=None):
        grants = self.env["biometric.support.grant"].with_user(self.tenant.owner_id)
        return grants.with_company(self.company).create(
            {"user_id": (user or self.staff[0]).id, "hours": hours, "reason": REASON}
        )
