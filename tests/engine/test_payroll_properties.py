"""Invariants 10 to 12 over whole files: whatever changes between them, the bytes of all files of a
person add up to what the days are now, and every day stands in one file as regular.

The keeper of files here is a few dictionaries; the addon's own stands in its tests.
"""

import csv
import hashlib
import io
import json
import unittest
from collections import Counter
from dataclasses import replace
from datetime import date

from engine import blocks_pay, payroll
from engine.day import build_days
from engine.rules import RuleSet
from engine.status import STATUSES

from .world import random_rules, worlds

# Two classes share a code.
CODES = {"code_map": payroll.DEFAULT_CODES | {"rest_day_minutes": "REG"}}


class Files:
    """Files one after another, as somebody who only has their bytes keeps them."""

    def __init__(self):
        self.made, self.regular, self.held = [], set(), Counter()

    def close(self, person, days, rules):
        """One file: what is new whole, and of what stands in files the difference."""
        lines = []
        for day in days:
            key = (person.identity, day.work_date.isoformat())
            own = payroll.day_lines(person, [day], rules)
            if key not in self.regular:
                self.regular.add(key)
                lines += own
                continue
            now = {(line.pay_code, line.pay_class): line.minutes for line in own}
            before = {
                (code, name): minutes
                for (who, told, code, name), minutes in self.told().items()
                if (who, told) == key
            }
            due, held = payroll.corrections(before, now, rules)
            self.held = Counter({k: n for k, n in self.held.items() if k[:2] != key})
            self.held.update({(*key, *code): minutes for code, minutes in held.items()})
            lines += [
                payroll.Line(person, day.work_date, *code, minutes, "", "correction")
                for code, minutes in due.items()
            ]
        batch = payroll.Batch(f"b{len(self.made)}", "Acme", date(2026, 1, 1), date(2026, 12, 31))
        data = payroll.to_csv(lines, batch)
        record = json.loads(payroll.control_json(payroll.control_record(lines, batch, data)))
        self.made.append((data, record))

    def rows(self):
        for data, _record in self.made:
            yield from csv.DictReader(io.StringIO(data.decode(), newline=""))

    def told(self):
        """`{(person, date, code, class): minutes}` of all files together."""
        found = Counter()
        for row in self.rows():
            key = (row["employee_id"], row["work_date"], row["pay_code"], row["class"])
            found[key] += int(row["minutes"])
        return found


def changed(rng, facts):
    """The same world with some punches lost, as if they had come later or were voided."""
    punches = tuple(p for p in facts.punches if rng.random() > 0.2)
    return replace(facts, punches=punches)


class FileInvariantTest(unittest.TestCase):
    def run_files(self, policy, seed):
        """Yield `(files, days now, rules)` after each of some files of a world that changes."""
        for rng, facts, dates in worlds(25, seed):
            files, person = Files(), payroll.Employee("007")
            rules = random_rules(rng, negative_policy=policy, **CODES)
            for _file in range(4):
                days = [
                    day
                    for day in build_days(changed(rng, facts), dates, lambda _day, r=rules: r)
                    if day.status and not blocks_pay(day.status)
                ]
                before = [hashlib.sha256(data).hexdigest() for data, _record in files.made]
                files.close(person, days, rules)
                after = [hashlib.sha256(data).hexdigest() for data, _record in files.made]
                self.assertEqual(after[:-1], before)
                yield files, days, rules

    def test_invariant_10_files_add_up_to_what_the_days_are_now(self):
        """Red if a difference is told whole, twice, under another code, or is left out."""
        checked = 0
        for files, days, rules in self.run_files("allow", 41):
            told = files.told()
            for day in days:
                own = payroll.day_lines(payroll.Employee("007"), [day], rules)
                now = {(line.pay_code, line.pay_class): line.minutes for line in own}
                paid = {
                    key[2:]: minutes
                    for key, minutes in told.items()
                    if key[1] == day.work_date.isoformat() and minutes
                }
                self.assertEqual(paid, now)
                checked += bool(now)
            self.assertFalse(+files.held or -files.held)
        self.assertGreater(checked, 200)

    def test_invariant_10_what_is_held_back_is_all_that_is_missing(self):
        """Red if `hold` loses what it holds, or holds what is owed to the person."""
        held = 0
        for files, days, rules in self.run_files("hold", 42):
            told = files.told()
            for day in days:
                own = payroll.day_lines(payroll.Employee("007"), [day], rules)
                now = Counter({(line.pay_code, line.pay_class): line.minutes for line in own})
                for key, minutes in told.items():
                    if key[1] == day.work_date.isoformat():
                        self.assertEqual(minutes + files.held[key], now[key[2:]])
                        self.assertLessEqual(files.held[key], 0)
                        held += files.held[key] < 0
        self.assertGreater(held, 20)

    def test_invariant_11_each_day_is_regular_once_and_totals_are_the_control_records(self):
        """Red if a day comes whole a second time, or a sum stands beside its lines."""
        for files, _days, _rules in self.run_files("allow", 43):
            regular = Counter()
            for data, record in files.made:
                by_code = Counter()
                rows = list(csv.DictReader(io.StringIO(data.decode(), newline="")))
                for row in rows:
                    by_code[row["pay_code"]] += int(row["minutes"])
                kinds = {(row["employee_id"], row["work_date"], row["kind"]) for row in rows}
                regular.update(key[:2] for key in kinds if key[2] == "regular")
                self.assertEqual(dict(by_code), record["minutes_by_code"])
                self.assertEqual(sum(by_code.values()), record["total_minutes"])
                self.assertEqual(len(rows), record["line_count"])
                self.assertEqual(hashlib.sha256(data).hexdigest(), record["sha256"])
            self.assertLessEqual(max(regular.values(), default=0), 1)

    def test_invariant_12_every_date_of_a_file_has_one_status(self):
        for rng, facts, dates in worlds(25, 44):
            rules = random_rules(rng)
            days = build_days(facts, dates, lambda _day, r=rules: r)
            self.assertEqual([day.work_date for day in days], list(dates))
            self.assertEqual({day.status for day in days} - set(STATUSES), set())

    def test_a_rule_set_that_changes_its_codes_takes_back_and_gives(self):
        """Red if a code that is gone keeps what it was paid."""
        person, files = payroll.Employee("007"), Files()
        first = RuleSet.from_dict({"code_map": dict.fromkeys(payroll.DEFAULT_CODES, "A")})
        second = RuleSet.from_dict({"code_map": dict.fromkeys(payroll.DEFAULT_CODES, "B")})
        (_rng, facts, dates) = next(iter(worlds(1, 45)))
        days = build_days(facts, dates, lambda _day: RuleSet())
        files.close(person, days, first)
        files.close(person, days, second)
        self.assertEqual({code for _w, _d, code, _c in +files.told()}, {"B"})
        self.assertEqual({code for _w, _d, code, _c in -files.told()}, set())


if __name__ == "__main__":
    unittest.main()
