"""The review desk's server side: what it opens with, what a key does, what comes back."""

import inspect
import io
import re
from datetime import date, timedelta

import openpyxl

from odoo.exceptions import UserError
from odoo.tests import tagged

from ..engine import proposals, sentences
from ..seams.binary import raw
from .review_case import WHY, ReviewCase, plain
from .test_day import MONDAY

DAYS = [MONDAY + timedelta(days=n) for n in range(14)]
WORKDAYS = [day for day in DAYS if day.weekday() < 5]
# Nobody punched out on this one.
OPEN = date(2026, 3, 11)
FIRST, LAST = str(DAYS[0]), str(DAYS[-1])


class DeskCase(ReviewCase):
    def two_weeks(self, pin="7", forgot=OPEN):
        """Two weeks of somebody who keeps their hours and forgot one punch."""
        self.device.sudo().write({"in_service_from": "2026-01-01"})
        self.device.complete_until = "2026-03-20 00:00:00"
        for day in WORKDAYS:
            walls = [f"{day} 07:58:00", f"{day} 17:02:00"]
            self.punch_in(*(walls[:1] if day == forgot else walls), pin=pin)
        self.rebuild()

    def desk(self, user):
        """The door as a call from outside meets it: nothing read before."""
        self.env.invalidate_all()
        return self.env["biometric.desk"].with_user(user)

    def cells(self, user, on=FIRST):
        opened = self.desk(user).open_desk(on)
        return {cell[1]: cell for person in opened["people"] for cell in person["days"]}


@tagged("post_install", "-at_install", "biometric_review")
class TestDesk(DeskCase):
    def test_rv1_baskets_hold_every_day_of_the_period_once(self):
        """RV1. Red when a day is in no basket, or a pending one counts as clean."""
        self.two_weeks()
        self.device.complete_until = "2026-03-13 00:00:00"
        self.punch_in("2026-03-16 08:00:00")
        self.rebuild()
        opened = self.desk(self.mia).open_desk(FIRST)
        (person,) = opened["people"]
        days = self.env["biometric.day"].search(
            [("date", ">=", opened["from"]), ("date", "<=", opened["to"])]
        )
        self.assertEqual(len(person["days"]), len(days))
        found = {cell[1]: cell[2] for cell in person["days"]}
        self.assertEqual(found[str(OPEN)], "must_fix")
        self.assertEqual(found["2026-03-16"], "pending")
        self.assertEqual(found["2026-03-02"], "clean")
        self.assertEqual(person["name"], "Ana Reyes")
        kinds = next(cell[5] for cell in person["days"] if cell[1] == str(OPEN))
        self.assertEqual(opened["kinds"][kinds[0]], "missing check-out")

    def test_three_readings_open_the_desk_and_say_what_to_do(self):
        """Red when a proposal has no reason, or a day does not explain itself."""
        self.two_weeks()
        found = self.desk(self.mia).get_proposals(FIRST, LAST)
        day = self.day(OPEN)
        proposal = found[day.id]
        self.assertEqual((proposal["clock"], proposal["direction"]), ("17:02", "out"))
        self.assertEqual(proposal["at"], "2026-03-11 09:02:00")
        self.assertEqual(proposal["level"], "likely")
        self.assertIn("As on 9 of the 9 nearest complete days.", proposal["reasons"])
        told = self.desk(self.mia).get_day(day.id)
        self.assertEqual(told["employee"], "Ana Reyes")
        self.assertIn("Present from 7:58 AM; nobody punched out.", [*map(plain, told["sentences"])])
        whole = self.desk(self.mia).get_day(self.day().id)
        self.assertIn("Present from 7:58 AM to 5:02 PM: 9:04.", [*map(plain, whole["sentences"])])

    def test_nothing_is_proposed_while_a_terminal_owes_punches(self):
        """Red when an open gap of the terminal leaves the proposal standing."""
        self.two_weeks()
        self.env["biometric.gap"].create(
            {
                "company_id": self.env.company.id,
                "agent_id": self.agent.id,
                "device_id": self.device.id,
                "kind": "silence",
                "window_from": "2026-03-11 08:00:00",
                "window_to": "2026-03-11 10:00:00",
            }
        )
        proposal = self.desk(self.mia).get_proposals(FIRST, LAST)[self.day(OPEN).id]
        self.assertEqual((proposal["at"], proposal["level"]), (False, "none"))
        self.assertIn("a terminal has not reported everything", proposal["reasons"][0])

    def test_rv5_one_key_asks_and_another_person_decides(self):
        """RV5, A02. Red when accepting skips the second pair of eyes, or changes a number alone."""
        self.two_weeks()
        day = self.day(OPEN)
        answer = self.desk(self.mia).accept([day.id])
        self.assertEqual(self.numbers(OPEN)[0], "incomplete")
        asked = self.env["biometric.adjustment"].search([("date", "=", OPEN)])
        self.assertEqual((asked.kind, asked.state), ("add_punch", "submitted"))
        self.assertEqual(asked.requested_by_id, self.mia)
        self.assertIn("% sure. As on 9 of the 9", asked.reason_text)
        self.assertIn("1 waiting for review-hal", answer["text"])
        done = self.desk(self.hal).decide(asked.id, True)
        self.assertEqual(self.numbers(OPEN)[:2], ("present", 484))
        cells = {cell[1]: cell for _person, cell in done["cells"]}
        self.assertEqual(cells[str(OPEN)][2:4], ["clean", 484])

    def test_a_day_of_which_something_is_asked_is_not_asked_for_twice(self):
        self.two_weeks()
        day = self.day(OPEN)
        self.desk(self.mia).accept([day.id])
        answer = self.desk(self.hal).accept([day.id])
        self.assertEqual(self.env["biometric.adjustment"].search_count([("date", "=", OPEN)]), 1)
        self.assertIn("1 without a proposal left unchanged", answer["text"])

    def test_who_is_alone_accepts_at_once_and_takes_it_back(self):
        """A04. Red when the only one is stuck, or undo leaves the day as it was made."""
        (self.ida | self.mia).active = False
        self.employee.attendance_manager_id = False
        self.two_weeks()
        day = self.day(OPEN)
        answer = self.desk(self.hal).accept([day.id], 90)
        self.assertEqual(self.numbers(OPEN)[0], "present")
        asked = self.env["biometric.adjustment"].browse(answer["undo"]["requests"])
        self.assertTrue(asked.self_approved)
        self.desk(self.hal).undo(answer["undo"])
        self.assertEqual(self.numbers(OPEN)[0], "incomplete")
        self.assertEqual(asked.state, "reversed")

    def test_accepting_above_a_threshold_leaves_the_others(self):
        self.two_weeks()
        self.desk(self.mia).accept([self.day(OPEN).id], 100)
        self.assertFalse(self.env["biometric.adjustment"].search_count([("date", "=", OPEN)]))

    def test_rv2_clean_days_are_announced_approved_and_taken_back(self):
        """RV2, RV3. Red when a day with a finding is approved, the sum is not what is done, or
        there is not one entry a day joined by one act."""
        self.two_weeks()
        said = self.desk(self.mia).sum_clean(FIRST, LAST)
        clean = [cell for cell in self.cells(self.mia).values() if cell[2] == "clean"]
        within = [cell for cell in clean if FIRST <= cell[1] <= LAST]
        self.assertEqual(said["days"], len(within))
        self.assertEqual(said["worked_minutes"], sum(cell[3] for cell in within))
        with self.assertRaisesRegex(UserError, "Something changed in the meantime"):
            self.desk(self.mia).approve_clean(FIRST, LAST, said["days"] + 1)
        before = self.env["biometric.audit"].search_count([])
        answer = self.desk(self.mia).approve_clean(FIRST, LAST, said["days"])
        self.assertEqual(answer["text"], f"Days approved: {said['days']}")
        self.assertEqual(self.env["biometric.audit"].search_count([]) - before, said["days"])
        cells = self.cells(self.mia)
        self.assertFalse(cells[str(OPEN)][6])
        self.assertTrue(cells["2026-03-02"][6])
        self.assertEqual(self.desk(self.mia).sum_clean(FIRST, LAST)["days"], 0)
        self.desk(self.mia).undo(answer["undo"])
        self.assertFalse(self.cells(self.mia)["2026-03-02"][6])

    def test_rv3_what_must_be_fixed_is_never_waved_through(self):
        """RV3. Red when naming such a day approves it."""
        self.two_weeks()
        day = self.day(OPEN)
        done = self.env["biometric.day.approval"].with_user(self.mia).approve_days(day.ids)
        self.assertEqual((done["days"], done["left_out"]), (0, {"must_fix": 1}))

    def test_overtime_and_lateness_are_asked_for_from_the_day(self):
        self.two_weeks(forgot=None)
        self.punch_in("2026-03-16 08:30:00", "2026-03-16 17:00:00")
        self.device.complete_until = "2026-03-20 00:00:00"
        self.rebuild()
        day = self.day(date(2026, 3, 16))
        self.assertEqual(self.desk(self.mia).get_day(day.id)["late"], 30)
        answer = self.desk(self.mia).ask(day.id, "excuse_late", WHY)
        cells = {cell[1]: cell for _person, cell in answer["cells"]}
        self.assertEqual(cells["2026-03-16"][5], ["late", "request"])
        asked = self.env["biometric.adjustment"].search([("date", "=", day.date)])
        self.assertEqual((asked.kind, asked.minutes), ("excuse_late", 30))
        with self.assertRaisesRegex(UserError, "on the form of the day"):
            self.desk(self.mia).ask(day.id, "set_minutes", WHY)

    def test_everybody_sees_their_own_people_and_not_themselves(self):
        """Red when an approver sees another team, HR their own days, or an employee anybody."""
        self.two_weeks()
        self.make_employee("Ben Cruz", "8")
        self.punch_in("2026-03-02 08:00:00", "2026-03-02 17:00:00", pin="8")
        own = self.make_employee("Hal Ong", "9", user_id=self.hal.id)
        self.punch_in("2026-03-02 08:00:00", "2026-03-02 17:00:00", pin="9")
        self.rebuild()
        self.assertTrue(self.day(employee=own))

        def names(user):
            return sorted(one["name"] for one in self.desk(user).open_desk(FIRST)["people"])

        self.assertEqual(names(self.mia), ["Ana Reyes"])
        self.assertEqual(names(self.hal), ["Ana Reyes", "Ben Cruz"])
        self.assertEqual(names(self.ana), [])
        self.assertTrue(self.desk(self.mia).open_desk(FIRST)["may_act"])
        self.assertFalse(self.desk(self.pay).open_desk(FIRST)["may_act"])
        with self.assertRaisesRegex(UserError, "you have no access to it"):
            self.desk(self.mia).get_day(self.day(employee=own).id)

    def test_sentences_read_in_words_add_up_to_the_day(self):
        """From the words alone: hours by class, and where presence, breaks and deductions lead."""
        self.two_weeks()
        for on in WORKDAYS:
            day = self.day(on)
            lines = self.env["biometric.sentence"]._of_day(day)
            counted = _lengths(r"Counted from .+? to .+?: (\S+) as ", lines)
            self.assertEqual(counted, day.worked_minutes, lines)
            there = _lengths(r"Present from .+? to .+?: (\S+)\.$", lines)
            away = _lengths(r"(?:Deducted|Break) from .+? to .+?: (\S+?),", lines)
            self.assertEqual(there - away, day.worked_minutes, lines)

    def test_every_code_of_the_engine_has_words(self):
        """Red when a sentence or a reason gets a code that nobody can read. The codes are read off
        the engine's own descriptions of them."""
        words = self.env["biometric.sentence"]
        told = re.findall(r"^(\w+) +\| ", inspect.getmodule(sentences).__doc__, re.MULTILINE)
        self.assertLessEqual(set(told) - {"code"}, set(words._day_words()))
        self.assertGreater(len(told), 12)
        reasons = set(re.findall(r"`(\w+)`", proposals.Proposal.__doc__))
        reasons -= {"minute", "direction", "reasons"}
        self.assertEqual(reasons, set(words._proposal_words()))
        for name in ("break_window", "meal", "snap_in", "round_out"):
            self.assertIn(name, words._rules())

    def test_a_day_is_confirmed_as_it_stands_or_refreshed(self):
        """Red when confirming needs no words, or takes a day that must be fixed."""
        self.two_weeks()
        self.punch_in("2026-03-16 08:30:00", "2026-03-16 17:00:00")
        self.rebuild()
        day = self.day(date(2026, 3, 16))
        with self.assertRaisesRegex(UserError, "at least 10 characters"):
            self.desk(self.mia).confirm(day.id, "ok")
        answer = self.desk(self.mia).confirm(day.id, WHY)
        cells = {cell[1]: cell for _person, cell in answer["cells"]}
        self.assertEqual((cells["2026-03-16"][2], cells["2026-03-16"][6]), ("clean", True))
        with self.assertRaisesRegex(UserError, "has to be fixed first"):
            self.desk(self.mia).confirm(self.day(OPEN).id, WHY)
        again = self.desk(self.mia).refresh(day.id)
        self.assertEqual((again["text"], again["undo"]), ("", None))


@tagged("post_install", "-at_install", "biometric_review")
class TestMyTime(DeskCase):
    def mine(self, user=None):
        """The door as a call from outside meets it: nothing read before."""
        self.env.invalidate_all()
        return self.env["biometric.my.time"].with_user(user or self.ana)

    def day_of(self, month, on):
        return next(day for day in month["days"] if day["date"] == str(on))

    def test_rc1_a_month_of_ones_own_with_punches_and_sums(self):
        """RC1. Red when a day, a punch or a sum is missing, or somebody else's month opens."""
        self.two_weeks()
        month = self.mine().open_month("2026-03-15")
        self.assertEqual((month["employee"], month["month"]), ("Ana Reyes", "2026-03-01"))
        first = self.day_of(month, MONDAY)
        self.assertEqual([punch["time"] for punch in first["punches"]], ["07:58:00", "17:02:00"])
        self.assertEqual(month["sums"]["Worked"], sum(day["worked"] for day in month["days"]))
        self.assertIn("Present from 7:58 AM to 5:02 PM: 9:04.", [*map(plain, first["sentences"])])
        self.assertEqual(self.mine().open_month("2022-05-01")["days"], [])
        with self.assertRaisesRegex(UserError, "is not linked to an employee"):
            self.mine(self.pay).open_month()
        # Whoever leads a team may read its days, and finds none of them in a month of their own.
        hers = {day["id"] for day in month["days"]}
        self.assertTrue(hers)
        team = self.env["biometric.day"].with_user(self.mia)
        self.assertEqual(team.search_count([("id", "in", list(hers))]), len(hers))
        self.env["hr.employee"].create({"name": "Mia Cruz", "user_id": self.mia.id})
        led = self.mine(self.mia).open_month("2026-03-15")
        self.assertFalse(hers & {day["id"] for day in led["days"]}, led["employee"])

    def test_a_month_as_a_workbook_says_what_the_screen_does(self):
        """Red when a day or a column of the file is not what My time shows, minutes are text, or
        it is somebody else's month."""
        self.two_weeks()
        days = self.mine().open_month("2026-03-15")["days"]
        book = openpyxl.load_workbook(io.BytesIO(raw(self.mine().get_sheet("2026-03-15"))))
        head, *rows = book.active.iter_rows(values_only=True)
        self.assertEqual(head[:5], ("Date", "Status", "In", "Out", "Worked (min)"))
        self.assertEqual([row[0] for row in rows], sorted(day["date"] for day in days))
        self.assertEqual(sum(row[4] for row in rows), sum(day["worked"] for day in days))
        with self.assertRaisesRegex(UserError, "is not linked to an employee"):
            self.mine(self.pay).get_sheet()

    def test_a_forgotten_punch_is_asked_for_with_the_likeliest_time(self):
        """Red when the time is not proposed, the request changes a number, or is not shown."""
        self.two_weeks()
        day = self.day_of(self.mine().open_month(str(OPEN)), OPEN)
        self.assertTrue(day["incomplete"])
        self.assertEqual((day["proposal"]["clock"], day["lacks"]), ("17:02", "out"))
        values = {"kind": "add_punch", "clock": "17:05", "direction": "out", "reason_text": WHY}
        self.mine().ask(day["id"], values)
        day = self.day_of(self.mine().open_month(str(OPEN)), OPEN)
        self.assertEqual((day["worked"], day["changes"][0]["state"]), (0, "submitted"))
        self.assertEqual(self.numbers(OPEN)[0], "incomplete")
        self.mine().say(day["changes"][0]["id"], "withdraw")
        day = self.day_of(self.mine().open_month(str(OPEN)), OPEN)
        self.assertEqual(day["changes"][0]["state"], "rejected")

    def test_rc17_a_change_shows_old_and_new_who_and_why(self):
        """RC17, RV6. Red when one of the four is missing, or an answer has no trace."""
        self.two_weeks()
        one = self.ask(self.mia, date=str(OPEN))
        one.with_user(self.hal).approve()
        change = self.day_of(self.mine().open_month(str(OPEN)), OPEN)["changes"][0]
        self.assertIn("Incomplete", change["before"])
        self.assertIn("Present, Worked 8:02", change["after"])
        self.assertEqual((change["by"], change["decided_by"]), (self.mia.name, self.hal.name))
        self.assertEqual((change["why"], change["answer"]), (WHY, ""))
        self.assertTrue(change["may_answer"])
        with self.assertRaisesRegex(UserError, "at least 10 characters"):
            self.mine().say(one.id, "dispute", "no")
        self.mine().say(one.id, "dispute", "I left at half past six that day")
        day = self.day_of(self.mine().open_month(str(OPEN)), OPEN)
        self.assertTrue(day["disputed"])
        self.assertEqual(day["changes"][0]["answer"], "Employee disputes")
        kinds = self.cells(self.mia, str(OPEN))[str(OPEN)]
        self.assertIn("disputed", kinds[5])
        self.assertEqual(kinds[2], "must_fix")

    def test_nobody_asks_or_answers_for_somebody_else(self):
        self.two_weeks()
        day = self.day(OPEN)
        with self.assertRaisesRegex(UserError, "not one of your days"):
            self.mine(self.hal).ask(day.id, {"kind": "add_punch", "clock": "17:00"})


def _lengths(pattern, lines):
    """Minutes of all lengths `h:mm` that a pattern finds."""
    found = [re.search(pattern, line) for line in lines]
    parts = [match[1].split(":") for match in found if match]
    return sum(int(hours) * 60 + int(minutes) for hours, minutes in parts)
