"""Swaps of shifts: two people agree, somebody else approves, the roster changes as one act."""

from datetime import timedelta
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command, Date, Datetime
from odoo.tests import tagged

from .common import lay_row
from .review_case import ReviewCase

WHY = "my sister marries that day"
NO = "nobody else can run the press"


@tagged("post_install", "-at_install")
class TestSwap(ReviewCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        today = cls.env.company._biometric_today()
        cls.monday = today + timedelta(days=14 - today.weekday())
        cls.days = [cls.monday + timedelta(days=n) for n in range(7)]
        cls.night, cls.early = cls.env["biometric.shift"].create(
            [
                {"name": "Night", "code": "N", "start": 22.0, "end": 6.0},
                {"name": "Early", "code": "E", "start": 6.0, "end": 14.0},
            ]
        )
        cls.press = cls.env["hr.department"].create({"name": "Press"})
        cls.ben_user = cls.make_user("ben", "employee")
        cls.ben = cls.make_employee(
            "Ben Cruz", "8", user_id=cls.ben_user.id, attendance_manager_id=cls.mia.id
        )
        (cls.employee | cls.ben).department_id = cls.press
        cls.plan(cls.employee, cls.days[0], cls.night)
        cls.plan(cls.ben, cls.days[2], cls.early)

    @classmethod
    def plan(cls, employee, day, shift):
        return cls.env["biometric.roster"].create(
            {"employee_id": employee.id, "date": day, "shift_id": shift.id if shift else False}
        )

    def swap(self, *, back=True, user=None, **values):
        """What Ana asks Ben for, with her eyes."""
        asked = {
            "date": str(self.days[0]),
            "shift_id": self.night.id,
            "to_employee_id": self.ben.id,
            "reason_text": WHY,
        }
        if back:
            asked |= {"to_date": str(self.days[2]), "to_shift_id": self.early.id}
        swaps = self.env["biometric.swap"].with_user(user or self.ana)
        return swaps.browse(swaps.ask(asked | values))

    def agreed(self, **values):
        one = self.swap(**values)
        one.with_user(self.ben_user).agree()
        return one

    def roster(self, employee):
        self.env.invalidate_all()
        rows = self.env["biometric.roster"].search([("employee_id", "=", employee.id)])
        return sorted(((row.date - self.monday).days, row.shift_id.name or "off") for row in rows)

    def mails(self):
        self.env.flush_all()
        return self.env["mail.mail"].sudo().search([], order="id")

    # ------------------------------------------------------------------ the walk

    def test_both_agree_and_the_roster_changes_as_one_act(self):
        """Red when one side alone changes, an entry lacks the reason, the entries are of two
        transactions, or one of the two is told nothing."""
        one = self.agreed()
        self.assertEqual(
            self.roster(self.employee), [(0, "Night")], "nothing before it is approved"
        )
        self.assertEqual(one.sudo().decider_ids & self.mia, self.mia)
        before = self.mails()
        last = self.env["biometric.audit"].search([], order="id desc", limit=1).id
        one.with_user(self.mia).approve()
        self.assertEqual(one.state, "approved")
        self.assertEqual(self.roster(self.employee), [(0, "off"), (2, "Early")])
        self.assertEqual(self.roster(self.ben), [(0, "Night"), (2, "off")])
        entries = self.env["biometric.audit"].search([("id", ">", last)], order="id")
        acts = sorted(entries.mapped("action"))
        self.assertEqual(
            acts, ["roster.create"] * 4 + ["roster.remove"] * 2 + ["swap.approve"], acts
        )
        self.assertEqual(len(set(entries.mapped("transaction_id"))), 1)
        self.assertTrue(all(WHY in entry.reason for entry in entries))
        self.assertEqual(set(entries.mapped("login")), {self.mia.login})
        told = entries.filtered(lambda entry: entry.action == "swap.approve")
        self.assertIn(f"Ben Cruz, {self.days[0]}: as scheduled", told.before)
        self.assertIn(f"Ben Cruz, {self.days[0]}: Night", told.after)
        new = self.mails() - before
        self.assertEqual(
            set(new.mapped("email_to")), {self.ana.email, self.ben_user.email}, "both are told"
        )
        self.assertIn("the roster updated", new[0].body_html)

    def test_time_off_out_of_an_account_follows_a_swap(self):
        """Red when a swap changes the roster of approved time off past its account."""
        kind = self.env.ref("biometric_attendance.leave_type_cto")
        kind.write({"active": True, "request_unit": "day"})
        accounts = self.env["biometric.cto.account"]
        book = accounts._open(self.env.company, self.employee.ids)[self.employee.id]
        book.bank.opening("opening:x", self.env.company._biometric_today(), 6000)
        accounts._write_down([book])
        leave = self.env["hr.leave"].create(
            {
                "employee_id": self.employee.id,
                "holiday_status_id": kind.id,
                "request_date_from": self.days[2],
                "request_date_to": self.days[2],
            }
        )
        self.plan(self.employee, self.days[2], None)
        leave.action_approve()
        account = accounts.search([("employee_id", "=", self.employee.id)])
        self.assertEqual(account.balance_minutes, 6000)
        self.agreed().with_user(self.mia).approve()
        self.assertEqual(self.roster(self.employee), [(0, "off"), (2, "Early")])
        self.assertEqual(account.balance_minutes, 6000 - 480)

    def test_a_shift_is_given_away_for_nothing(self):
        one = self.agreed(back=False)
        self.assertIn("gives Night (22:00 – 06:00 +1)", one.change_text)
        one.with_user(self.hal).approve()
        self.assertEqual(self.roster(self.employee), [(0, "off")], "not back to the schedule")
        self.assertEqual(self.roster(self.ben), [(0, "Night"), (2, "Early")])

    def test_two_shifts_of_one_date_change_hands(self):
        """Red when a shift that stays goes along, or one that goes stays."""
        self.plan(self.employee, self.days[2], self.night)
        one = self.agreed(date=str(self.days[2]))
        one.with_user(self.mia).approve()
        self.assertEqual(self.roster(self.employee), [(0, "Night"), (2, "Early")])
        self.assertEqual(self.roster(self.ben), [(2, "Night")])

    def test_days_are_computed_again(self):
        """Red when a day that is there already keeps the plan of before."""
        own = {"company_id": self.env.company.id, "date": self.days[0]}
        for one in (self.employee, self.ben):
            lay_row(self.env["biometric.day"], own | {"employee_id": one.id})
        self.env["biometric.stale.day"].search([]).unlink()
        self.agreed().with_user(self.mia).approve()
        marks = self.env["biometric.stale.day"].search([("date", "=", self.days[0])])
        self.assertEqual(set(marks.employee_id.ids), set((self.employee | self.ben).ids))

    # ------------------------------------------------------------------ who may

    def test_whoever_asks_or_agrees_does_not_decide(self):
        """Red when one of the two, or somebody before the colleague agreed, decides."""
        self.ana.group_ids += self.env.ref("biometric_attendance.group_hr_officer")
        self.ben_user.group_ids += self.env.ref("biometric_attendance.group_hr_officer")
        one = self.swap()
        with self.assertRefused("Ben Cruz has not agreed yet", UserError):
            one.with_user(self.hal).approve()
        with self.assertRefused("Only the colleague who was asked answers", AccessError):
            one.agree()
        one.with_user(self.ben_user).agree()
        with self.assertRefused("You agreed already", UserError):
            one.with_user(self.ben_user).agree()
        for user in (self.ana, self.ben_user):
            with self.assertRefused("Someone else who can do it", UserError):
                one.with_user(user).approve()
        one.with_user(self.hal).approve()
        self.assertFalse(one.self_approved)
        with self.assertRefused("is not open any more", UserError):
            one.with_user(self.hal).approve()

    def test_nobody_decides_about_a_person_of_another_team(self):
        """Red when the leader of one of the two is enough, or HR may not."""
        other = self.make_user("olaf", "approver")
        self.ben.attendance_manager_id = other
        one = self.agreed()
        self.assertFalse(one.sudo().decider_ids & (self.mia | other))
        self.assertLessEqual(self.hal | self.ida, one.sudo().decider_ids)
        for user in (self.mia, other):
            with self.assertRefused("is decided by", AccessError):
                one.with_user(user).approve()
        one.with_user(self.ida).approve()
        self.assertEqual(one.state, "approved")

    def test_levels_of_approval_are_passed_one_by_one(self):
        """Red when the first of two levels is enough, or levels of other kinds count."""
        levels = self.env["biometric.approval.level"]
        levels.create([{"level": 1, "who": "approver", "kind": "swap"}])
        levels.create([{"level": 2, "who": "user", "user_id": self.pay.id, "kind": "swap"}])
        one = self.agreed()
        one.with_user(self.mia).approve()
        self.assertEqual((one.state, one.level), ("submitted", 2))
        self.assertEqual(one.waits_text, self.pay.name)
        self.assertEqual(self.roster(self.ben), [(2, "Early")])
        one.with_user(self.pay).approve()
        self.assertEqual((one.state, one.decided_by_id), ("approved", self.pay))

    def test_what_waits_too_long_passes_on(self):
        levels = self.env["biometric.approval.level"]
        levels.create([{"level": 1, "who": "approver", "hours": 4}])
        levels.create([{"level": 2, "who": "user", "user_id": self.pay.id}])
        one = self.agreed()
        one._move({"due_at": Datetime.subtract(Datetime.now(), hours=1)})
        self.assertTrue(one.is_late)
        self.env["biometric.adjustment"]._cron_escalate()
        self.assertEqual(one.level, 2)
        self.assertIn(self.pay, one.sudo().decider_ids)

    def test_only_an_own_shift_and_a_colleague_are_named(self):
        """Red when somebody else's shift is offered, or a stranger is asked."""
        with self.assertRefused("You do not have this shift on that date", UserError):
            self.swap(date=str(self.days[3]))
        with self.assertRefused("You do not have this shift on that date", UserError):
            self.swap(user=self.ben_user)
        far = self.make_employee("Far Away", "9", user_id=self.make_user("far", "employee").id)
        far.department_id = self.env["hr.department"].create({"name": "Elsewhere"})
        with self.assertRefused("Choose one of your colleagues", UserError):
            self.swap(to_employee_id=far.id)
        with self.assertRefused("Ben Cruz does not have Night", UserError):
            self.swap(to_shift_id=self.night.id)
        with self.assertRefused("at least 10 characters", UserError):
            self.swap(reason_text="no")
        self.plan(self.ben, self.days[0], self.night)
        with self.assertRefused("Ben Cruz works Night", UserError):
            self.swap(back=False)

    # ------------------------------------------------------------------ what stands in the way

    def test_what_came_between_refuses_each_step(self):
        """Red when a shift that began, a locked period, a changed entry or somebody who left does
        not stop asking, agreeing and approving, or the words do not say which."""
        waiting = self.swap()

        def began():
            return patch.object(Datetime, "now", lambda: waiting.begins_at)

        def locked():
            return patch.object(type(self.env["biometric.period"]), "_is_locked", lambda *_a: True)

        for words, hindrance in (("The shift has started", began), ("is locked", locked)):
            with hindrance():
                with self.assertRefused(words, UserError):
                    waiting.with_user(self.ben_user).agree()
                with self.assertRefused(words, UserError):
                    self.swap(back=False, date=str(self.days[0]))
        waiting.with_user(self.ben_user).agree()
        with began(), self.assertRefused("The shift has started", UserError):
            waiting.with_user(self.mia).approve()
        row = self.plan(self.ben, self.days[0], False)
        with self.assertRefused("roster of these dates has changed", UserError):
            waiting.with_user(self.mia).approve()
        row.unlink()
        self.ben.version_id.write(
            {"contract_date_start": "2026-01-01", "contract_date_end": str(self.days[1])}
        )
        with self.assertRefused("Ben Cruz does not work here", UserError):
            waiting.with_user(self.mia).approve()
        self.assertEqual(self.roster(self.ben), [(2, "Early")])

    def test_a_period_that_is_locked_is_found(self):
        """Red when the state of the period is not looked at."""
        one = self.agreed()
        group = self.env["biometric.period.group"].create(
            {"name": "All", "anchor": str(Date.add(self.monday, months=-1).replace(day=1))}
        )
        group.period_ids.filtered(
            lambda period: period.date_from <= self.days[2] and period.date_to >= self.days[0]
        ).write({"state": "locked"})
        with self.assertRefused("lies in a pay period of", UserError):
            one.with_user(self.mia).approve()

    def test_what_can_no_longer_come_about_ends_by_itself(self):
        """Red when a swap waits after its shift began, or both are not told why."""
        begun = self.agreed()
        self.plan(self.employee, self.days[4], self.night)
        changed = self.swap(date=str(self.days[4]), back=False)
        self.plan(self.employee, self.days[5], self.night)
        fine = self.swap(date=str(self.days[5]), back=False)
        self.plan(self.ben, self.days[4], self.early)
        before = self.mails()
        with patch.object(Datetime, "now", lambda: begun.begins_at):
            self.env["biometric.adjustment"]._cron_answers()
        self.assertEqual(
            (begun | changed | fine).mapped("state"), ["expired", "expired", "submitted"]
        )
        self.assertEqual(begun.answer_text, "The shift has started.")
        self.assertIn("roster of these dates has changed", changed.answer_text)
        told = self.mails() - before
        self.assertEqual(set(told.mapped("email_to")), {self.ana.email, self.ben_user.email})
        self.assertEqual(self.roster(self.ben), [(2, "Early"), (4, "Early")])

    def test_rest_and_overlap_are_told_before_and_again(self):
        """Red when what the grid calls a conflict is not said to the person who asks, or to whoever
        decides."""
        self.env["biometric.rule"].create(
            {
                "name": "Rest",
                "valid_from": "2026-01-01",
                "department_ids": [Command.set(self.press.ids)],
                "parameters": {"min_daily_rest_minutes": 660},
            }
        ).action_adopt()
        self.plan(self.ben, self.days[1], self.early)
        asked = {
            "date": str(self.days[0]),
            "shift_id": self.night.id,
            "to_employee_id": self.ben.id,
        }
        mine = self.env["biometric.my.time"].with_user(self.ana)
        lines = mine.check_swap(asked)
        self.assertEqual(len(lines), 1, lines)
        self.assertRegex(lines[0], "Ben Cruz, .*: only 0:00 rest, 11:00 is the least")
        one = self.agreed(back=False)
        self.assertEqual(one.with_user(self.mia).trouble_text, lines[0])
        one.with_user(self.mia).approve()
        self.assertFalse(one.trouble_text, "what is done is not weighed again")

    # ------------------------------------------------------------------ taking back

    def test_it_is_taken_back_or_declined_until_it_is_decided(self):
        """Red when another may take it back, or what was ended still changes the roster."""
        one = self.swap()
        with self.assertRefused("A swap of this shift is already waiting", UserError):
            self.swap(back=False)
        with self.assertRefused("Only your own open requests", UserError):
            one.with_user(self.ben_user).withdraw()
        one.withdraw()
        self.assertEqual(one.state, "withdrawn")
        two = self.agreed()
        two.with_user(self.ben_user).decline("I have to be at school")
        self.assertEqual((two.state, two.answer_text), ("rejected", "I have to be at school"))
        three = self.agreed()
        three.with_user(self.mia).reject(NO)
        self.assertEqual((three.state, three.decided_by_id), ("rejected", self.mia))
        for ended in (one, two, three):
            with self.assertRefused("is not open any more", UserError):
                ended.with_user(self.hal).approve()
        self.assertEqual(self.roster(self.employee), [(0, "Night")])

    def test_the_dialog_for_the_words_refuses(self):
        one = self.agreed()
        action = one.with_user(self.mia).action_reject()
        dialogs = self.env[action["res_model"]].with_user(self.mia)
        dialogs.with_context(**action["context"]).create({"text": NO}).action_confirm()
        self.assertEqual((one.state, one.answer_text), ("rejected", NO))

    def test_nobody_writes_one_by_hand(self):
        one = self.swap()
        for user in (self.ana, self.hal):
            with self.assertRefused("not allowed to modify", AccessError):
                one.with_user(user).write({"state": "approved"})

    # ------------------------------------------------------------------ where it is seen

    def test_my_time_offers_answers_and_shows_what_became_of_it(self):
        """Red when a colleague's shifts are not offered, or the colleague has nothing to press."""
        mine = self.env["biometric.my.time"].with_user(self.ana)
        shifts = mine.open_month()["swaps"]["shifts"]
        self.assertEqual(
            [(one["date"], one["name"]) for one in shifts], [(str(self.days[0]), "Night")]
        )
        (choice,) = mine.open_swap(str(self.days[0]), self.night.id)
        self.assertEqual((choice["id"], choice["name"]), (self.ben.id, "Ben Cruz"))
        self.assertEqual([one["name"] for one in choice["shifts"]], ["Early"])
        number = mine.ask_swap(
            {
                "date": str(self.days[0]),
                "shift_id": self.night.id,
                "to_employee_id": self.ben.id,
                "reason_text": WHY,
            }
        )
        (row,) = mine.open_month()["swaps"]["rows"]
        self.assertTrue(row["may_withdraw"] and not row["may_answer"], row)
        self.assertEqual(row["waits"], "Ben Cruz")
        his = self.env["biometric.my.time"].with_user(self.ben_user)
        (row,) = his.open_month()["swaps"]["rows"]
        self.assertTrue(row["may_answer"] and not row["may_withdraw"], row)
        his.say_swap(number, "agree")
        self.env["biometric.swap"].browse(number).with_user(self.mia).approve("well agreed")
        (row,) = his.open_month()["swaps"]["rows"]
        self.assertEqual((row["state_text"], row["decided_by"]), ("Approved", self.mia.name))

    def test_the_grid_marks_it_and_the_bar_counts_it(self):
        """Red when a date that waits for a swap has no mark, or whoever decides sees no number."""
        grid = self.env["biometric.roster.grid"]
        one = self.swap()
        swaps = grid.with_user(self.hal).open_grid(str(self.monday))["swaps"]
        self.assertEqual(swaps["waiting"], 1)
        self.assertEqual(
            sorted(mark[:2] for mark in swaps["marks"]),
            sorted(
                [who.id, str(day)]
                for who in (self.employee, self.ben)
                for day in (self.days[0], self.days[2])
            ),
        )
        self.assertEqual({mark[2] for mark in swaps["marks"]}, {one.change_text})
        work = self.env["biometric.work"].with_user(self.mia)
        self.assertEqual(work.get_systray()["swaps"], 0, "the colleague has not agreed")
        one.with_user(self.ben_user).agree()
        self.assertEqual(work.get_systray()["swaps"], 1)
        one.with_user(self.mia).approve()
        self.assertEqual(work.get_systray()["swaps"], 0)
        self.assertEqual(grid.with_user(self.hal).open_grid(str(self.monday))["swaps"]["marks"], [])

    def test_others_see_none_of_it(self):
        """Red when somebody outside of the two and who leads them reads a swap."""
        one = self.swap()
        stranger = self.make_user("stranger", "employee")
        seen = {
            user: bool(self.env["biometric.swap"].with_user(user).search([("id", "=", one.id)]))
            for user in (self.ana, self.ben_user, self.mia, self.hal, stranger)
        }
        self.assertEqual(
            [user for user, sees in seen.items() if not sees], [stranger], "the stranger alone"
        )
