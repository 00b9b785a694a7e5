"""C04, C05, I10: what a plan stops, what no state stops, which state follows from which date."""

import io
import itertools
from datetime import timedelta
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import TransactionCase, freeze_time, new_test_user, tagged

from .. import life
from .common import ServiceCase


@tagged("post_install", "-at_install")
class TestServicePlan(ServiceCase, TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tenant = cls.sign_up()
        cls.company = cls.tenant.company_id
        cls.agent, cls.token = cls.branch(cls.tenant, ["SN1", "SN2", "SN3"])

    def test_signing_up_makes_a_company_that_works_and_lets_nobody_else_in(self):
        """Red when one piece is missing, when the provider's staff is in the company, or when the
        country's rules are not there."""
        tenant, company = self.tenant, self.company
        self.assertEqual((tenant.state, tenant.plan_id), ("trial", self.plans["ten"]))
        self.assertEqual(company.user_ids.filtered(lambda user: user.id != 1), tenant.owner_id)
        self.assertEqual(tenant.owner_id.company_ids, company)
        self.assertFalse(
            company & (self.staff[0].company_ids | self.env.user.company_ids - company)
        )
        rule = self.env["biometric.rule"].search([("company_id", "=", company.id)])
        self.assertEqual((rule.preset, rule.state), ("ph_private", "adopted"))
        self.assertEqual(self.agent.tz, "Asia/Manila")
        self.assertEqual(company.currency_id.name, "PHP")
        self.assertEqual(tenant.partner_id.company_id, self.provider)
        for role in ("administrator", "hr_officer", "payroll_officer"):
            self.assertTrue(tenant.owner_id.has_group(f"biometric_attendance.group_{role}"))
        self.env["biometric.company.export"].with_user(tenant.owner_id)._check_allowed()
        self.assertIn("Kiln Works: your trial has started", self.mails(tenant))
        self.assertEqual(self.trail(tenant)[0][0], "service.state")

    def test_signing_up_installs_nothing(self):
        """Red when the company is created with its country: Odoo then installs that country's
        accounting inside the customer's request, or refuses while a job runs."""
        asked = []
        companies = type(self.env["res.company"])
        self.patch(companies, "install_l10n_modules", lambda company: asked.append(company))
        tenant = self.sign_up(company="Abroad", email="abroad@kiln.example", country="DE")
        self.assertEqual((asked, tenant.company_id.country_id.code), ([], "DE"))

    def test_signing_up_says_what_does_not_fit_and_makes_nothing(self):
        companies = self.env["res.company"].search_count([])
        for wrong, words in (
            ({"owner": ""}, "Sign-up needs: owner"),
            ({"country": "XX"}, "No country has the code"),
            ({"email": "nobody"}, "is not an e-mail address"),
            ({"tz": "Mars/Base"}, "is not a time zone"),
            ({"email": "OLGA@kiln.example"}, "already has an account"),
        ):
            with self.assertRefused(words):
                self.sign_up(**{"company": "Next", "email": "next@kiln.example", **wrong})
        self.assertEqual(self.env["res.company"].search_count([]), companies)
        second = self.sign_up(email="other@kiln.example")
        self.assertEqual(second.company_id.name, "Kiln Works (2)", "names are unique in Odoo")
        for number, name in enumerate(("K%", "Kiln_Works", "Kiln\\")):
            # A pattern would say which companies are there, or be refused by the database.
            one = self.sign_up(company=name, email=f"like{number}@kiln.example")
            self.assertEqual(one.company_id.name, name)
        with self.assertRefused("Only the provider", AccessError):
            self.tenants.with_user(self.tenant.owner_id).sign_up({})

    def test_c04_a_smaller_plan_keeps_what_is_there_and_says_what_cannot_be_added(self):
        """C04. Red when ordering a smaller plan is refused, switches something off, or lets a
        further terminal or person in."""
        people = self.people(self.tenant, self.agent, "1", "2")
        small = self.plans["free"].copy({"name": "Small", "device_limit": 2, "employee_limit": 2})
        owner = self.tenant.owner_id
        dialog = self.env["biometric.service.choose"].with_user(owner).with_company(self.company)
        dialog = dialog.create({"tenant_id": self.tenant.id, "plan_id": small.id})
        self.assertIn("3 terminals are active, Small includes 2", dialog.not_addable)
        self.assertIn("2 people have a PIN, Small includes 2", dialog.not_addable)
        dialog.action_order()
        self.assertEqual(self.tenant.plan_id, small)
        fourth = self.make_device(self.agent, "SN4", approve=False)
        with self.assertRefused("includes 2 terminals, 3 are active"):
            fourth.action_approve()
        third = self.env["hr.employee"].create({"name": "Person 3", "company_id": self.company.id})
        with self.assertRefused("includes 2 people, 2 have a PIN"):
            self.people(self.tenant, self.agent, "3")
        users = self.env["biometric.device.user"]
        row = users.create({"device_id": self.agent.device_ids[0].id, "pin": "33"})
        with self.assertRefused("includes 2 people"):
            row.employee_id = third
        row.employee_id = people[0]
        lane = self.lane()
        self.assertEqual(
            [self.punch(self.agent, lane, "2026-03-02", "1", f"SN{n}") for n in (1, 2, 3, 4)],
            ["stored", "stored", "stored", "device_waiting"],
        )
        self.assertEqual(set(self.agent.device_ids.mapped("state")) - {"waiting"}, {"active"})
        self.tenant.plan_id = False
        self.tenant._go_on()
        fourth.action_approve()

    def test_states_follow_from_dates_alone(self):
        """Red when a state is reached a day early or late, or depends on the order of acts."""
        start = self.day("2026-03-01")
        facts = life.Facts(trial_until=start)

        def states(facts, *days):
            return [life.state_on(facts, start + timedelta(days=n)) for n in days]

        self.assertEqual(states(facts, 0, 1, 3650), ["trial", "suspended", "suspended"])
        ordered = facts._replace(ordered_on=start)
        self.assertEqual(states(ordered, 0, 3650), ["active", "active"])
        unpaid = ordered._replace(unpaid_since=start, grace_days=14)
        self.assertEqual(
            states(unpaid, 0, 1, 14, 15), ["active", "past_due", "past_due", "suspended"]
        )
        self.assertEqual(states(unpaid._replace(leaving_on=start), 15), ["closing"])
        self.assertEqual(states(unpaid._replace(deleted_on=start), -5), ["deleted"])
        self.assertEqual(
            (life.next_date(facts, "trial"), life.next_date(unpaid, "past_due")),
            (start, start + timedelta(days=14)),
        )
        self.assertIsNone(life.next_date(ordered, "active"))

    def test_the_job_moves_states_by_dates_tells_and_writes_each_step_down(self):
        """Red when a step has no entry, no mail or no date, or is told twice."""
        self.without_commits()
        tenant = self.tenant
        with freeze_time(self.at(26)):
            self.tenants._cron_life()
            self.tenants._cron_life()
        self.assertEqual(tenant.state, "trial")
        self.assertEqual(self.mails(tenant).count("Kiln Works: your trial ends soon"), 1)
        with freeze_time(self.at(31)):
            self.tenants._cron_life()
            self.tenants._cron_life()
            self.assertEqual(tenant.state, "suspended")
            with self.assertRefused("is suspended: no further terminal"):
                self.make_device(self.agent, "SN9")
            tenant.with_user(tenant.owner_id)._order_plan(self.plans["three"], "we like it")
            self.assertEqual(tenant.state, "active")
        said = [(action, before, after) for action, before, after in self.trail(tenant)]
        self.assertEqual(
            [action for action, _before, _after in said],
            ["service.state", "service.state", "service.order", "service.state"],
        )
        self.assertIn('"state":"suspended"', said[1][2])
        self.assertIn('"state":"trial"', said[1][1])
        self.assertIn(str(tenant.state_since), said[3][2])
        subjects = self.mails(tenant)
        for words in ("suspended, recording continues", "your plan is active"):
            self.assertEqual(subjects.count(f"Kiln Works: {words}"), 1, subjects)

    def test_one_tenant_that_fails_is_set_aside_and_the_provider_is_told(self):
        """Red when one bad row stops the others, or its own people hear of it."""
        self.without_commits()
        other = self.sign_up(company="Late", email="late@kiln.example")
        broken = type(self.tenants)._say_what_is_due

        def fail(tenant):
            if tenant == self.tenant:
                raise ValueError("broken on purpose")
            return broken(tenant)

        self.patch(type(self.tenants), "_say_what_is_due", fail)
        with freeze_time(self.at(31)), self.assertLogs(level="WARNING"):
            self.tenants._cron_life()
        self.assertEqual((other.state, self.tenant.state), ("suspended", "trial"))
        told = self.env["biometric.incident"].search([("job", "=", "service_life")])
        self.assertEqual(told.company_id, self.provider)
        self.assertIn("broken on purpose", told.message)

    def test_i10_no_state_and_no_clock_stops_capture_delivery_or_raw_export(self):
        """I10, C05. Every state the facts can reach, today, after ninety days in which nobody of
        the provider answers, and ten years on, with the plan's record and without: a punch is
        stored, its copy is a duplicate, the agent's token opens, the export is written. Red when
        any of them asks a plan, a state or a date."""
        today = self.tenant._today()
        lately, old = today - timedelta(days=3), today - timedelta(days=400)
        facts = itertools.product(
            (today + timedelta(days=9), old), (False, old), (False, lately, old), (False, old)
        )
        lane, seen, number = self.lane(), set(), 0
        for trial_until, ordered_on, unpaid_since, leaving_on in facts:
            for gone, days in ((False, 0), (False, 90), (True, 3652)):
                number += 1
                self.tenant.write(
                    {
                        "trial_until": trial_until,
                        "ordered_on": ordered_on,
                        "leaving_on": leaving_on,
                        "plan_id": False if gone else self.plans["three"].id,
                    }
                )
                self.patch(
                    type(self.tenants), "_oldest_due", lambda _t, due=unpaid_since: due or None
                )
                with freeze_time(self.at(days)):
                    self.tenant._go_on()
                    wall = f"2026-03-02 {8 + number // 60:02}:{number % 60:02}:00"
                    row = lane.punch("SN1", "7", wall)
                    verdicts = [self.store(self.agent, lane, row)[1] for _again in range(2)]
                    state = (self.tenant.state, days, gone)
                    size = 0 if state in seen else self.raw_export()
                with self.subTest(state=state):
                    self.assertEqual(verdicts, [["stored"], ["duplicate"]])
                    self.assertTrue(state in seen or size > 1000)
                    tokens = self.env["biometric.agent.token"]
                    self.assertEqual(tokens._authenticate(self.token)[0], self.agent.id)
                seen.add(state)
        live = {"trial", "active", "past_due", "suspended", "closing"}
        self.assertEqual({state for state, days, _gone in seen if not days}, live)
        self.assertEqual(
            {state for state, days, _gone in seen if days}, live - {"trial", "past_due"}
        )

    def raw_export(self):
        """Bytes of the company's export."""
        file = io.BytesIO()
        self.env["biometric.company.export"]._write(self.company, file)
        return file.tell()

    def test_menus_of_a_plan(self):
        """Red when a plan without a feature offers its menu, or one with it does not; or when a
        menu of records, payroll or export is a feature."""
        board = self.env.ref("biometric_attendance.menu_biometric_board").id
        analysis = self.env.ref("biometric_attendance.menu_biometric_day_analysis").id
        menus = self.env["ir.ui.menu"].with_user(self.tenant.owner_id)

        def offered():
            return {board, analysis} & set(menus.load_menus(False))

        self.assertEqual(offered(), {board, analysis})
        self.tenant.with_user(self.tenant.owner_id)._order_plan(self.plans["three"])
        self.assertEqual(offered(), {board})
        features = self.env["biometric.service.feature"]
        whole = features.search([]).filtered(lambda one: analysis in one.menu_ids.ids)
        self.plans["three"].feature_ids = [(4, whole.id)]
        self.assertEqual(offered(), {board, analysis}, "the plan holds it now")
        further = features.create({"name": "Further", "menu_ids": [(6, 0, [board])]})
        self.assertEqual(offered(), {analysis}, "a feature that the plan lacks")
        further.menu_ids = [(6, 0, [analysis])]
        self.assertEqual(offered(), {board})
        further.unlink()
        self.assertEqual(offered(), {board, analysis})
        self.tenant.write({"ordered_on": False, "trial_until": "2020-01-01"})
        self.tenant._go_on()
        self.assertEqual((self.tenant.state, offered()), ("suspended", set()))
        kept = [
            "menu_biometric_punch",
            "menu_biometric_day_all",
            "menu_biometric_export",
            "menu_biometric_audit_check",
            "menu_biometric_audit",
            "menu_service_own",
        ]
        there = menus.load_menus(False)
        for name in kept:
            addon = "biometric_attendance_service" if "service" in name else "biometric_attendance"
            self.assertIn(self.env.ref(f"{addon}.{name}").id, there, name)

    def test_an_hour_without_news_clears_no_cache(self):
        """Red when the hourly job has every worker read its caches anew for each tenant."""
        self.without_commits()
        self.tenants._cron_life()
        with patch.object(type(self.env.registry), "clear_cache") as cleared:
            self.tenants._cron_life()
            cleared.assert_not_called()
            with freeze_time(self.at(31)):
                self.tenants._cron_life()
            cleared.assert_called()

    def test_who_may_decide(self):
        """Red when another tenant's administrator, or an employee of this one, orders or leaves."""
        other = self.sign_up(company="Next", email="next@kiln.example")
        clerk = new_test_user(
            self.env,
            "clerk",
            groups="biometric_attendance.group_hr_officer",
            company_id=self.company.id,
            company_ids=[(6, 0, self.company.ids)],
        )
        for user in (other.owner_id, clerk):
            for act in (self.tenant.with_user(user).action_leave, lambda u=user: self.order(u)):
                with self.assertRefused("access|Administrators of", AccessError):
                    act()
        self.assertEqual(self.tenants.with_user(other.owner_id).search([]), other)
        self.assertEqual(self.tenants.with_user(self.staff[0]).search([]), self.tenant | other)
        self.order(self.staff[0])
        self.assertEqual(self.tenant.plan_id, self.plans["three"])
        with self.assertRefused("cannot be deleted here"):
            self.tenant.unlink()

    def order(self, user):
        self.tenant.with_user(user)._order_plan(self.plans["three"])

    def test_plans_are_never_below_zero(self):
        with self.assertRefused("cannot be negative", ValidationError):
            self.plans["ten"].price = -1

    def test_leaving_and_staying(self):
        """Red when leaving stops something, or cannot be taken back."""
        owner = self.tenant.with_user(self.tenant.owner_id)
        with self.assertRefused("is not leaving"):
            owner.action_stay()
        owner.action_leave()
        self.assertEqual(self.tenant.state, "closing")
        with self.assertRefused("already leaving", UserError):
            owner.action_leave()
        with self.assertRefused("is leaving; withdraw"):
            owner._order_plan(self.plans["three"])
        self.assertEqual(self.punch(self.agent, self.lane(), "2026-03-02"), "stored")
        owner.action_stay()
        self.assertEqual(self.tenant.state, "trial")
        actions = [action for action, _before, _after in self.trail(self.tenant)]
        self.assertEqual(
            actions[1:], ["service.leave", "service.state", "service.stay", "service.state"]
        )
