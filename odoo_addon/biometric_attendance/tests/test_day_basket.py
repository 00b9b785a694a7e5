"""Days found by their basket: the same that each day says of itself, without reading every day."""

from datetime import date, timedelta
from itertools import product
from unittest.mock import patch

from odoo.tests import tagged

from ..engine import STATUSES
from ..models.review import biometric_adjustment_effect, biometric_day_basket
from .review_case import WHY, ReviewCase
from .test_day import MONDAY

BASKETS = ("must_fix", "look_at", "pending", "clean")
# Status, findings, whether it blocks pay, minutes late, when it is settled.
LOOKS = list(
    product(
        STATUSES,
        (None, "missing_out", "double_in", "clock_drift early_in"),
        (False, True),
        (0, 5),
        (None, "2026-03-03 00:00:00"),
    )
)
FIRST = MONDAY + timedelta(days=7)


@tagged("post_install", "-at_install", "biometric_review")
class TestDayBasket(ReviewCase):
    def setUp(self):
        super().setUp()
        self.device.complete_until = "2026-03-12 00:00:00"
        self.punch_in(f"{MONDAY} 08:00:00")
        self.rebuild()
        self.days = self.env["biometric.day"]
        # the days of this class are older than what lists by basket look at
        self.startPatcher(patch.object(biometric_day_basket, "LOOKED_BACK", 4000))

    def lay(self, employee=None):
        """A day of each look for a person, on dates one after the other."""
        employee = employee or self.employee
        self.env.flush_all()
        self.env.cr.execute(
            """SELECT string_agg(quote_ident(column_name), ', '),
                      string_agg('d.' || quote_ident(column_name), ', ')
                 FROM information_schema.columns
                WHERE table_name = 'biometric_day' AND column_name NOT IN (
                      'id', 'employee_id', 'date', 'status', 'exceptions', 'is_blocking',
                      'penalised_late_minutes', 'settles_at')"""
        )
        columns, values = self.env.cr.fetchone()
        dates = [FIRST + timedelta(days=number) for number in range(len(LOOKS))]
        columns_of_looks = [list(column) for column in zip(*LOOKS, strict=True)]
        self.env.cr.execute(
            f"""INSERT INTO biometric_day (employee_id, date, status, exceptions, is_blocking,
                       penalised_late_minutes, settles_at, {columns})
                SELECT %s, l.date, l.status, l.codes, l.blocks, l.late, l.ends::timestamp, {values}
                  FROM biometric_day d, unnest(%s::date[], %s, %s::text[], %s, %s, %s::text[])
                       l (date, status, codes, blocks, late, ends)
                 WHERE d.id = %s""",  # noqa: S608 - columns of our own table
            [employee.id, dates, *columns_of_looks, self.day().id],
        )
        self.env.invalidate_all()
        return self.days.search([("employee_id", "=", employee.id), ("date", ">=", FIRST)])

    def approve(self, day, verdict="approve", decided_at="2026-03-20 08:00:00", **changed):
        """A row that says so, of the day as it stands or with other numbers."""
        self.env["biometric.day.approval"].sudo().create(
            {
                "company_id": day.company_id.id,
                "employee_id": day.employee_id.id,
                "date": day.date,
                "verdict": verdict,
                "day": day._decision_values() | changed,
                "bulk": "b" * 16,
                "user_id": self.hal.id,
                "decided_at": decided_at,
            }
        )

    def say(self, days):
        """Something about two days of five, and of one of the others: approved, approved otherwise,
        taken back, asked, flagged."""
        self.env["biometric.adjustment"].sudo().create(
            [
                {
                    "company_id": day.company_id.id,
                    "employee_id": day.employee_id.id,
                    "date": day.date,
                    "kind": kind,
                    "minutes": 5,
                    "reason_text": WHY,
                    "state": state,
                    "requested_by_id": self.ana.id,
                    "requested_at": "2026-03-20 08:00:00",
                    "day_before": {},
                }
                for number, day in enumerate(days[::5])
                for state, kind in [(("draft", "submitted", "approved")[number % 3], "set_minutes")]
            ]
        )
        for number, day in enumerate(days[2::5]):
            if number % 3 == 0:
                self.approve(day)
            elif number % 3 == 1:
                self.approve(day, worked_minutes=(day.worked_minutes or 0) + 1)
            else:
                self.approve(day)
                self.approve(day, "take_back")
        others = days[4::5].with_user(self.hal)
        self.flag(others.filtered(lambda day: day.review_basket == "clean")[0])
        self.env.flush_all()
        self.env.invalidate_all()

    def flag(self, day):
        """A punch of that date that the terminal pushed and does not have in its own log."""
        self.flagged = day
        self.punch_in(f"{day.date} 08:00:00", lane=self.lane)
        punch = self.env["biometric.punch"].search([("wall_date", "=", day.date)], limit=1)
        self.env["biometric.flag"].create(
            {
                "company_id": punch.company_id.id,
                "device_id": punch.device_id.id,
                "punch_id": punch.id,
                "kind": "unwitnessed",
                "found_at": "2026-03-03 12:00:00",
            }
        )

    def found(self, *baskets, user=None):
        days = self.days.with_user(user or self.hal)
        return days.search([("review_basket", "in", baskets)], order="id")

    def check(self):
        """Each basket, and two together, hold exactly the days that say so of themselves."""
        every = self.days.with_user(self.hal).search([], order="id")
        said = {day.id: day.review_basket for day in every}
        self.assertEqual(set(said.values()), set(BASKETS))
        for asked in [(one,) for one in BASKETS] + [("must_fix", "look_at"), ("pending", "clean")]:
            wanted = [one for one, basket in said.items() if basket in asked]
            self.assertEqual(self.found(*asked).ids, wanted, asked)
        return said

    def test_days_of_every_look_lie_in_the_basket_that_they_say(self):
        """Red when a look leaves out the status, the findings, what blocks, lateness or whether the
        day is settled."""
        self.lay()
        self.check()

    def test_what_was_said_about_a_day_moves_it(self):
        """Red when approved days are taken for untouched ones, one that came out otherwise for
        approved, what was taken back for said, or a request or a flagged punch is not looked at."""
        days = self.lay()
        plain = {day.id: day.review_basket for day in days.with_user(self.hal)}
        self.say(days)
        said = self.check()
        self.assertGreater(sum(said[one] != basket for one, basket in plain.items()), 10)
        self.assertEqual(said[self.flagged.id], "must_fix")

    def test_a_reader_finds_their_own_people_alone(self):
        """Red when ids of days that were sorted by themselves come past the record rules."""
        other = self.env["hr.employee"].create({"name": "Somebody else", "tz": "Asia/Manila"})
        days = self.lay() | self.lay(other)
        self.say(days)
        mine = self.found("must_fix", "look_at", user=self.mia)
        self.assertEqual(mine.sudo().employee_id, self.employee)
        self.assertGreater(len(self.found("must_fix", "look_at")), len(mine))

    def test_every_way_of_asking_finds_what_days_say(self):
        """Red when what is not in a basket is found among all days, or days of no look that was
        asked for are lost where the question is turned round; or when expressions are compiled."""
        self.say(self.lay())
        every = self.days.with_user(self.hal).search([], order="id")
        said = {day.id: day.review_basket for day in every}
        asked = [
            ([("review_basket", "=", "clean")], lambda basket: basket == "clean"),
            ([("review_basket", "!=", "clean")], lambda basket: basket != "clean"),
            (
                [("review_basket", "not in", ["look_at", "pending"])],
                {"must_fix", "clean"}.__contains__,
            ),
            (["!", ("review_basket", "in", ["must_fix"])], lambda basket: basket != "must_fix"),
            ([("review_basket", "=", False)], lambda _basket: False),
            ([("review_basket", "!=", False)], lambda _basket: True),
            ([("review_basket", "in", [])], lambda _basket: False),
            (
                ["|", ("review_basket", "=", "clean"), ("review_basket", "=", "pending")],
                {"pending", "clean"}.__contains__,
            ),
            (
                ["&", ("review_basket", "=", "clean"), ("review_basket", "=", "pending")],
                lambda _basket: False,
            ),
        ]
        for domain, wanted in asked:
            found = every.search(domain, order="id")
            self.assertEqual(
                found.ids, [one for one, basket in said.items() if wanted(basket)], domain
            )
            self.assertEqual(every.search_count(domain), len(found), domain)
            self.assertEqual(every.filtered_domain(domain), found, domain)
        self.env.cr.execute("SHOW jit")
        self.assertEqual(self.env.cr.fetchone(), ("off",))

    def test_days_older_than_what_lists_look_back_on_lie_in_no_basket(self):
        """Red when a day of before is found because it looks like one of now, or a look of before
        costs a day of now its basket."""
        days = self.lay()
        self.say(days)
        middle = days.sorted("date")[len(days) // 2]
        back = (date.today() - middle.date).days
        with patch.object(biometric_day_basket, "LOOKED_BACK", back):
            found = self.found(*BASKETS)
        self.assertEqual(
            found.ids, days.filtered(lambda day: day.date >= middle.date).sorted("id").ids
        )

    def test_each_company_has_the_looks_of_its_own_days(self):
        """Red when looks of a company that is not asked are left out where the system asks for all,
        or days of one company are found by who asks for another's."""
        other = self.env["res.company"].create({"name": "Other"})
        days = self.lay()
        moved = days.filtered(lambda day: day.status == days[0].status)
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE biometric_day SET company_id = %s WHERE id = ANY(%s)", [other.id, moved.ids]
        )
        self.env.invalidate_all()
        self.hal.company_ids |= other
        every = self.days.search([], order="id")
        said = {day.id: day.review_basket for day in every}
        theirs = self.days.with_user(self.hal)
        for reader, seen in (
            (self.days, every),
            (theirs.with_context(allowed_company_ids=[other.id]), moved),
            (theirs.with_context(allowed_company_ids=self.env.company.ids), every - moved),
            (theirs.with_context(allowed_company_ids=[self.env.company.id, other.id]), every),
        ):
            for basket in BASKETS:
                lies = [one for one in seen.sorted("id").ids if said[one] == basket]
                rest = [one for one in seen.sorted("id").ids if said[one] != basket]
                self.assertEqual(
                    reader.search([("review_basket", "=", basket)], order="id").ids, lies
                )
                self.assertEqual(
                    reader.search([("review_basket", "!=", basket)], order="id").ids, rest
                )

    def test_the_newest_of_more_requests_than_are_read_at_once_count(self):
        """Red when the days that are sorted by themselves are read at once: of what was asked for
        about them, only so much is read, the oldest first."""
        self.say(self.lay())
        said = self.check()
        wanted = [one for one, basket in said.items() if basket in ("must_fix", "look_at")]
        with (
            patch.object(biometric_adjustment_effect, "MOST_ROWS", 4),
            patch.object(biometric_day_basket, "SORTED_AT_ONCE", 3),
        ):
            self.assertEqual(self.found("must_fix", "look_at").ids, wanted)

    def test_what_only_one_thing_moves(self):
        """Red when a colleague's side of a swap, a day computed shortly before it was approved
        otherwise, or one whose computation is undated is left out."""
        self.lay()
        colleague = self.env["hr.employee"].create({"name": "A colleague", "tz": "Asia/Manila"})
        theirs = self.lay(colleague)
        clean = theirs.with_user(self.hal).filtered(lambda day: day.review_basket == "clean").sudo()
        swapped, behind, undated = clean[:3]
        self.env["biometric.adjustment"].sudo().create(
            {
                "company_id": swapped.company_id.id,
                "employee_id": self.employee.id,
                "to_employee_id": colleague.id,
                "date": swapped.date,
                "kind": "remap",
                "reason_text": WHY,
                "state": "submitted",
                "requested_by_id": self.ana.id,
                "requested_at": "2026-03-20 08:00:00",
                "day_before": {},
            }
        )
        other = {"worked_minutes": (behind.worked_minutes or 0) + 1}
        self.approve(behind, decided_at=behind.computed_at + timedelta(hours=1), **other)
        self.approve(undated, **other)
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE biometric_day SET computed_at = NULL WHERE id = %s", [undated.id]
        )
        self.env.invalidate_all()
        said = self.check()
        self.assertEqual({said[day.id] for day in (swapped, behind, undated)}, {"look_at"})

    def test_twice_as_many_days_cost_no_more_statements_and_are_not_sorted_one_by_one(self):
        """Red when a list by basket reads every day: 31,000 of them took 8 s on a busy machine."""
        days = self.lay()
        self.say(days)
        costs = []
        for _turn in range(2):
            self.found("must_fix", "look_at")
            self.env.invalidate_all()
            before, sort = self.env.cr.sql_log_count, type(self.days)._basket
            with patch.object(type(self.days), "_basket", autospec=True, side_effect=sort) as asked:
                self.found("must_fix", "look_at")
            costs.append((self.env.cr.sql_log_count - before, asked.call_count))
            self.lay(self.env["hr.employee"].create({"name": "Another", "tz": "Asia/Manila"}))
        self.assertEqual(costs[0], costs[1])
        self.assertLessEqual(costs[0][0], 30)
