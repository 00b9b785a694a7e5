"""Invariants 10 to 12 on real files: weeks are closed one after another while punches of theirs and
of earlier weeks come late. The engine's own stand in tests/engine/test_payroll_properties.py."""

import hashlib
import random
from collections import Counter
from datetime import timedelta

from odoo.tests import tagged

from ..engine import STATUSES, blocks_pay, payroll
from .test_day import MONDAY
from .test_period import PeriodCase

WEEKS, SEED = 4, 29


@tagged("post_install", "-at_install", "biometric_review")
class TestPayrollInvariants(PeriodCase):
    def setUp(self):
        super().setUp()
        self.people = self.employee
        for number, name in enumerate(("Ben Cruz", "Cara Diaz"), 8):
            self.people |= self.make_employee(name, str(number), barcode=f"B{number}")
        # Somebody who was hired in the second week and left in the third.
        self.people[2].version_id.sudo().write(
            {
                "contract_date_start": MONDAY + timedelta(days=8),
                "contract_date_end": MONDAY + timedelta(days=16),
            }
        )
        self.kept = {}

    def change(self, rng, until):
        """Some punches of days up to a date: whole days, evenings, and a forgotten one."""
        for number in range(len(self.people)):
            for _again in range(4):
                day = MONDAY + timedelta(days=rng.randrange((until - MONDAY).days + 1))
                begin, end = rng.choice(((8, 17), (9, 12), (18, 20), (7, 19)))
                minute = rng.randrange(60)
                times = [f"{day} {begin:02d}:{minute:02d}:00", f"{day} {end:02d}:{minute:02d}:00"]
                if rng.random() < 0.1:
                    times = times[:1]
                self.punch_in(*times, pin=str(7 + number))
        self.rebuild()

    def let_pass(self, period):
        blockers = [list(one) for one in period._gate().blockers]
        period.sudo().write(
            {
                "override_reason": "measured elsewhere",
                "override_asked_by_id": self.pay.id,
                "override_asked_at": "2026-04-01 00:00:00",
                "override_confirmed_by_id": self.hal.id,
                "override_confirmed_at": "2026-04-01 00:00:00",
                "override_blockers": blockers,
            }
        )

    def files(self):
        return self.env["biometric.export"].search([("state", "=", "done")], order="id")

    def check_bytes(self):
        """10. A file that was made keeps its bytes; 11. its totals are its control record's."""
        for export in self.files():
            data = export._bytes("data")
            digest = hashlib.sha256(data).hexdigest()
            self.assertEqual(self.kept.setdefault(export.id, digest), digest)
            self.assertEqual(export.sha256, digest)
            record, by_code = self.control(export), Counter()
            for row in self.rows(export):
                by_code[row["pay_code"]] += int(row["minutes"])
            self.assertEqual(dict(by_code), record["minutes_by_code"])
            self.assertEqual(sum(by_code.values()), export.total_minutes)

    def check_sums(self, until):
        """10. All files together are what the days are now; 11. a day is regular in one of them;
        12. a day has one status, and none where nobody was employed and nobody punched."""
        told, regular = Counter(), Counter()
        for export in self.files():
            rows = self.rows(export)
            for row in rows:
                told[row["employee_id"], row["work_date"], row["class"]] += int(row["minutes"])
            regular.update(
                {(row["employee_id"], row["work_date"]) for row in rows if row["kind"] == "regular"}
            )
        self.assertLessEqual(max(regular.values()), 1)
        days = self.env["biometric.day"].search([("date", "<=", until)])
        self.assertEqual(len({(day.employee_id, day.date) for day in days}), len(days))
        settled = 0
        for day in days:
            self.assertIn(day.status, STATUSES)
            if blocks_pay(day.status):
                continue
            key = (day.employee_id.barcode, str(day.date))
            now = {
                name.removesuffix("_minutes"): day[name]
                for name in payroll.DEFAULT_CODES
                if day[name]
            }
            paid = {one[2]: minutes for one, minutes in told.items() if one[:2] == key and minutes}
            self.assertEqual(paid, now, key)
            settled += bool(now)
        return settled

    def test_invariants_10_to_12_hold_after_every_file(self):
        """A25. Red when a change is told whole, twice or not at all, a file moves, or a day is
        regular in two of them."""
        rng, settled = random.Random(SEED), 0
        for period in self.group.period_ids.sorted("date_from")[:WEEKS]:
            self.change(rng, period.date_to)
            self.let_pass(period)
            period.with_user(self.pay).action_close()
            self.check_bytes()
            settled = self.check_sums(period.date_to)
        self.assertEqual(len(self.files()), WEEKS)
        self.assertGreater(settled, 15)
        corrections = [
            row for export in self.files() for row in self.rows(export) if row["origin_batch"]
        ]
        self.assertGreater(len(corrections), 5, "nothing changed after a file")
        outside = self.env["biometric.day"].search(
            [
                ("employee_id", "=", self.people[2].id),
                ("date", "not in", [MONDAY + timedelta(days=n) for n in range(8, 17)]),
            ]
        )
        self.assertLessEqual(set(outside.mapped("status")), {"outside_employment"})
        self.assertTrue(outside, "nobody punched outside of their employment")
