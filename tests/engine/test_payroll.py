"""The payroll file, its control record, gate and corrections; invariants 10 and 11."""

import csv
import hashlib
import io
import random
import unittest
from datetime import date

from engine import gate, payroll
from engine.day import build_days
from engine.rules import RuleSet

from .world import random_rules, worlds

MONTH_END = date(2026, 3, 31)

BATCH = payroll.Batch(
    "2026-03-A",
    "Acme, Inc.",
    date(2026, 3, 1),
    date(2026, 3, 31),
    rule_versions=("7", "3"),
    previous_sha256="00",
)


def read(data):
    return list(csv.DictReader(io.StringIO(data.decode(), newline="")))


class HoursTest(unittest.TestCase):
    def test_hours_are_rounded_half_up_to_hundredths(self):
        for minutes, text in (
            (0, "0.00"),
            (1, "0.02"),
            (455, "7.58"),
            (-455, "-7.58"),
            (59, "0.98"),
            (7460, "124.33"),
            (6000, "100.00"),
        ):
            self.assertEqual(payroll.hours_text(minutes), text)
        self.assertEqual(payroll.hours_text(7460, ","), "124,33")

    def test_adding_first_keeps_hours_from_drifting(self):
        person = payroll.Employee("1")
        lines = [
            payroll.Line(person, date(2026, 3, day), "REG", "regular", 100) for day in (2, 3, 4)
        ]
        record = payroll.control_record(lines, BATCH, b"")
        self.assertEqual((record["hours_of_lines"], record["hours_of_total"]), ("5.01", "5.00"))
        (total,) = payroll.totals(lines)
        self.assertEqual((total.minutes, payroll.hours_text(total.minutes)), (300, "5.00"))


class CanonicalFileTest(unittest.TestCase):
    def lines(self):
        people = [payroll.Employee("000123", "E-7", 'A "B"'), payroll.Employee("000045")]
        rules = RuleSet.from_dict({"rate_table": {"overtime": 125}})
        found = []
        for (_rng, facts, days), person in zip(worlds(2, 31), people, strict=True):
            found += payroll.day_lines(person, build_days(facts, days, lambda _day: rules), rules)
        return found

    def test_a_rate_is_told_as_it_stands(self):
        """Red when a half percent is cut off, or a rate that is no number passes for one."""
        for percent, text in (
            (None, ""), (125, "1.25"), (100, "1.00"), (10, "0.10"), (0, "0.00"), ("130", "1.30"),
            (137.5, "1.375"), (128.55, "1.2855"), (1000, "10.00"),
        ):  # fmt: skip
            self.assertEqual(payroll.factor_text(percent), text)
        for percent in ("abc", True, "NaN", "Infinity", "", -25):
            with self.assertRaisesRegex(payroll.ExportError, "is no rate in percent"):
                payroll.factor_text(percent)

    def test_canonical_file_is_sorted_quoted_and_ends_its_lines_with_crlf(self):
        lines = self.lines()
        data = payroll.to_csv(lines, BATCH)
        rows = read(data)
        self.assertEqual(data.count(b"\r\n"), len(lines) + 1)
        self.assertFalse(data.startswith(b"\xef\xbb\xbf"))
        self.assertEqual(list(rows[0]), list(payroll.COLUMNS))
        keys = [(row["employee_id"], row["work_date"], row["pay_code"]) for row in rows]
        self.assertEqual(keys, sorted(keys))
        self.assertEqual(rows[0]["employee_id"], "000045")
        self.assertEqual(rows[-1]["cost_center"], 'A "B"')
        self.assertEqual(rows[0]["company"], "Acme, Inc.")
        self.assertEqual(
            {row["factor"] for row in rows if row["class"] == "overtime"} - {"1.25"}, set()
        )

    def test_same_lines_in_any_order_give_the_same_bytes(self):
        lines = self.lines()
        mixed = random.Random(1).sample(lines, len(lines))
        self.assertEqual(payroll.to_csv(mixed, BATCH), payroll.to_csv(lines, BATCH))

    def test_invariant_11_lines_sum_to_days_and_to_the_control_record(self):
        """Red if a class is left out of the file or a bucket that is not paid gets in."""
        for rng, facts, days in worlds(60, 32):
            rules = random_rules(rng)
            built = build_days(facts, days, lambda _day, rules=rules: rules)
            lines = payroll.day_lines(payroll.Employee("1"), built)
            data = payroll.to_csv(lines, BATCH)
            record = payroll.control_record(lines, BATCH, data)
            paid = sum(
                int(row["minutes"]) for row in read(data) if row["class"] not in ("night", "leave")
            )
            held = sum(
                day.overtime_dropped_minutes + day.overtime_unapproved_minutes for day in built
            )
            self.assertEqual(paid + held, sum(day.worked_minutes for day in built))
            self.assertEqual(record["total_minutes"], sum(line.minutes for line in lines))
            self.assertEqual(
                record["minutes_by_code"].get("ND", 0), sum(day.night_minutes for day in built)
            )
            self.assertEqual(record["sha256"], hashlib.sha256(data).hexdigest())
            self.assertEqual(record["line_count"], len(lines))

    def test_a_class_without_code_stops_the_file(self):
        rules = RuleSet.from_dict({"code_map": {"regular_minutes": "R"}})
        with self.assertRaisesRegex(payroll.ExportError, "no pay code for overtime_minutes"):
            for _rng, facts, days in worlds(20, 33):
                payroll.day_lines(
                    payroll.Employee("1"), build_days(facts, days, lambda _day: RuleSet()), rules
                )

    def test_control_record_is_stable_json(self):
        record = payroll.control_record([], BATCH, b"")
        self.assertEqual(record["rule_versions"], ["3", "7"])
        self.assertEqual(
            payroll.control_json(record), payroll.control_json(dict(reversed(list(record.items()))))
        )


class RoundingTest(unittest.TestCase):
    def test_lines_add_up_to_the_rounded_total_where_asked(self):
        """Red when 427.30 stands beside 427.40: the rest of a person's code is not laid on its
        largest line, or on somebody else's."""
        days = [date(2026, 3, day) for day in range(2, 30)]
        who = [payroll.Employee(f"{n}") for n in range(3)]
        lines = [
            payroll.Line(one, day, code, "regular", minutes)
            for n, one in enumerate(who)
            for day in days
            for code, minutes in (("REG", 481 + n), ("OT", 20))
        ]
        batch = payroll.Batch("b", "C", days[0], days[-1], rounding="total")
        rows = list(csv.DictReader(io.StringIO(payroll.to_csv(lines, batch).decode())))
        for one in who:
            for code in ("REG", "OT"):
                own = [
                    row
                    for row in rows
                    if (row["employee_id"], row["pay_code"]) == (one.identity, code)
                ]
                minutes = sum(int(row["minutes"]) for row in own)
                hundredths = sum(round(float(row["hours"]) * 100) for row in own)
                self.assertEqual(hundredths, payroll.hundredths_of(minutes))
                usual = payroll.hours_text(int(own[-1]["minutes"]))
                self.assertEqual({row["hours"] for row in own[1:]}, {usual})
        record = payroll.control_record(lines, batch, b"")
        told = sum(round(float(row["hours"]) * 100) for row in rows)
        self.assertEqual(record["hours_of_lines"], payroll.hundredths_text(told))
        self.assertIn("compare the first", record["add_up"])

    def test_each_line_by_itself_keeps_its_own_rounding(self):
        lines = [
            payroll.Line(payroll.Employee("1"), date(2026, 3, day), "REG", "regular", minutes)
            for day, minutes in ((2, 481), (3, 481), (4, -1))
        ]
        self.assertEqual(payroll.line_hundredths(lines, "line"), [802, 802, -2])
        self.assertEqual(payroll.line_hundredths(lines, "total"), [802, 802, -2])
        self.assertEqual(payroll.line_hundredths(lines[:2], "total"), [801, 802])
        short = [
            payroll.Line(payroll.Employee("1"), date(2026, 3, day), "REG", "regular", minutes)
            for day, minutes in ((2, 10), (3, 481), (4, 10))
        ]
        self.assertEqual(payroll.line_hundredths(short, "total"), [17, 801, 17])


class ZeroTest(unittest.TestCase):
    def test_codes_without_minutes_are_told_as_the_rule_set_wants(self):
        """Red when zero_policy is accepted and ignored."""
        who, batch = payroll.Employee("1"), payroll.Batch("b", "C", date(2026, 3, 1), MONTH_END)
        hours = {}
        for policy in ("omit", "blank", "zero"):
            rules = RuleSet.from_dict(
                {
                    "zero_policy": policy,
                    "code_map": {"regular_minutes": "R", "overtime_minutes": "O"},
                }
            )
            lines = payroll.zero_lines(who, {"R"}, rules)
            rows = csv.DictReader(io.StringIO(payroll.to_csv(lines, batch).decode()))
            hours[policy] = [(row["pay_code"], row["minutes"], row["hours"]) for row in rows]
        self.assertEqual(
            hours, {"omit": [], "blank": [("O", "0", "")], "zero": [("O", "0", "0.00")]}
        )


class GateTest(unittest.TestCase):
    def test_every_reason_is_named_with_person_and_date(self):
        facts = gate.GateFacts(
            days=(
                {"date": "2026-03-02", "status": "present", "employee": "1"},
                {
                    "date": "2026-03-03",
                    "status": "conflict",
                    "employee": "2",
                    "open_adjustment": True,
                    "overtime_unapproved_minutes": 1,
                },
            ),
            devices_behind=("Gate",),
            unmapped_employees=("3",),
            unmapped_classes=("holiday",),
        )
        self.assertEqual(
            gate.blockers(facts),
            [
                ("2", "2026-03-03", "conflict"),
                ("2", "2026-03-03", "overtime_unapproved"),
                ("2", "2026-03-03", "open_adjustment"),
                ("3", "", "employee_not_mapped"),
                ("Gate", "", "device_not_complete"),
                ("holiday", "", "class_not_mapped"),
            ],
        )

    def test_each_reason_blocks_by_itself_and_says_who_may_let_it_pass(self):
        """Red when one fact no longer blocks, or two people could let pass what no file can be made
        with, or could no longer let pass what waits for somebody."""
        day = {"date": "2026-03-03", "status": "present", "employee": "1"}
        mended, passing = [], []
        for reason, facts in (
            ("incomplete", {"days": (day | {"status": "incomplete"},)}),
            ("pending", {"days": (day | {"status": "pending"},)}),
            ("conflict", {"days": (day | {"status": "conflict"},)}),
            ("outside_employment", {"days": (day | {"status": "outside_employment"},)}),
            ("status_missing", {"days": (day | {"status": None},)}),
            ("overtime_unapproved", {"days": (day | {"overtime_unapproved_minutes": 1},)}),
            ("open_adjustment", {"days": (day | {"open_adjustment": True},)}),
            ("open_attestation", {"days": (day | {"open_attestation": True},)}),
            ("day_not_as_computed", {"days": (day | {"differs": True},)}),
            ("employee_not_mapped", {"unmapped_employees": ("1",)}),
            ("number_shared", {"shared_numbers": ("1",)}),
            ("number_unfit", {"unfit_numbers": ("1",)}),
            ("class_not_mapped", {"unmapped_classes": ("holiday",)}),
            ("device_not_complete", {"devices_behind": ("Gate",)}),
            ("gap_open", {"open_gaps": ("gap",)}),
            ("chain_not_verified", {"findings": ("finding",)}),
            ("days_being_computed", {"waiting": ("waiting",)}),
        ):
            found = gate.blockers(gate.GateFacts(**facts))
            self.assertEqual([one[2] for one in found], [reason])
            (mended if gate.stands(found, found) else passing).append(reason)
        self.assertEqual(
            mended,
            [
                *("day_not_as_computed", "employee_not_mapped", "number_shared", "number_unfit"),
                *("class_not_mapped", "days_being_computed"),
            ],
        )
        self.assertEqual(len(passing), 11)

    def test_the_most_time_at_risk_is_told_first(self):
        """Red when the order is another one, or overtime that waits weighs as its whole day."""
        days = tuple(
            {"date": "2026-03-03", "status": status, "employee": name, "minutes": minutes}
            | {"overtime_unapproved_minutes": held}
            for name, status, minutes, held in (
                ("a", "incomplete", 60, 0),
                ("b", "conflict", 480, 0),
                ("c", "present", 600, 90),
            )
        )
        found = gate.by_risk(
            gate.GateFacts(days=days, open_gaps=("gap",), minutes_of=(("gap", 120),))
        )
        self.assertEqual(
            [(one[0], minutes) for one, minutes in found],
            [("b", 480), ("gap", 120), ("c", 90), ("a", 60)],
        )

    def test_a_period_closes_when_the_latest_of_its_rule_sets_says(self):
        """Red when one team's early date closes the period of all."""
        rules = [RuleSet(lock_after_days=days) for days in (3, None, 10)]
        self.assertEqual(gate.closes_on(MONTH_END, rules), date(2026, 4, 10))
        self.assertIsNone(gate.closes_on(MONTH_END, rules[1:2]))

    def test_nothing_blocks_final_days(self):
        self.assertEqual(
            gate.blockers(gate.GateFacts(days=({"date": "2026-03-02", "status": "absent"},))),
            [],
        )


class DeltaTest(unittest.TestCase):
    def test_zero_differences_are_left_out_and_lost_keys_are_taken_back(self):
        due, held = payroll.deltas({"a": 480, "b": 60}, {"a": 480, "c": 30})
        self.assertEqual((due, held), ({"b": -60, "c": 30}, {}))

    def test_negative_differences_may_be_held(self):
        due, held = payroll.deltas({"a": 480}, {"a": 400, "b": 10}, "hold")
        self.assertEqual((due, held), ({"b": 10}, {"a": -80}))

    def test_invariant_10_batches_add_up_to_the_current_value(self):
        rng = random.Random(3)
        exported, current = {}, {}
        for _batch in range(200):
            for _change in range(rng.randrange(4)):
                current[rng.randrange(20)] = rng.randrange(600)
            due, held = payroll.deltas(exported, current)
            self.assertEqual(held, {})
            self.assertNotIn(0, due.values())
            exported = {key: exported.get(key, 0) + due.get(key, 0) for key in {*exported, *due}}
            self.assertEqual(
                {k: m for k, m in exported.items() if m}, {k: m for k, m in current.items() if m}
            )


if __name__ == "__main__":
    unittest.main()
