"""The bank against a second reading of the same rules (bankwise.py) on random operations.

Red on any change of caps, order of use, expiry, reversal or debt. `BANKWISE_CASES=20000` looks
longer.
"""

import os
import random
import unittest
from datetime import date, timedelta

import run_domain

from .bankwise import Book

COUNT = int(os.environ.get("BANKWISE_CASES", "300"))
CHOICES = {
    "cto_cap_per_month_minutes": (None, 900, 2400),
    "cto_balance_cap_minutes": (None, 1200, 7200),
    "cto_multiplier_workday": (1.0, 1.0, 1.5, 1.25),
    "cto_input_round_unit_minutes": (0, 0, 15, 6),
    "cto_usage_block_minutes": (None, None, [240, 480]),
    "cto_max_consecutive_days": (None, 2),
}
EXPIRY = (
    {},
    {"cto_expiry_policy": "days_after_earn", "cto_expiry_value": 40},
    {"cto_expiry_policy": "days_after_earn", "cto_expiry_value": 0},
    {"cto_expiry_policy": "end_of_year_plus", "cto_expiry_value": 0},
)


def example(rng):
    """Up to thirty operations in order of date; sources and uses are corrected and cancelled."""
    rules = {name: rng.choice(values) for name, values in CHOICES.items()} | rng.choice(EXPIRY)
    day, ops, earned, used = date(2026, 11, 3), [], [], []
    for number in range(rng.randrange(3, 31)):
        day += timedelta(days=rng.choice((0, 0, 1, 3, 10, 25)))
        op = {"op": rng.choice(("earn", "use") * 3 + ("correct_earn", "cancel_use") * 2)}
        op |= {"id": f"{number:02d}", "date": day.isoformat()}
        if number == 0 or rng.random() < 0.05:
            op |= {"op": "opening", "minutes": rng.choice((240, 600))}
            op["expires"] = (day + timedelta(days=rng.randrange(90))).isoformat()
        elif op["op"] == "use":
            op["per_day"] = rng.choice(
                ([240], [480], [480, 240], [480] * 3, [rng.randrange(1, 400)])
            )
            op["minutes"] = sum(op["per_day"])
            used.append(op["id"])
        elif op["op"] == "earn" or (op["op"] == "correct_earn" and not earned):
            op |= {"op": "earn", **overtime(rng)}
            earned.append(op["id"])
        elif op["op"] == "correct_earn":
            op |= {"of": rng.choice(earned), **overtime(rng)}
        else:
            op["of"] = rng.choice([*used, "none"])
        ops.append(op)
    if rng.random() < 0.3:
        ops.append({"op": rng.choice(("terminate", "as_of")), "date": "2027-06-01"})
    return {"id": "B", "kind": "bank", "rules": rules, "ops": ops}


def overtime(rng):
    return {
        "class": rng.choice(("workday", "workday", "rest_day", "holiday")),
        "ot_minutes": rng.choice((0, 60, 480, rng.randrange(600))),
    }


class SecondBankTest(unittest.TestCase):
    def test_bank_and_second_reading_agree(self):
        for number in range(COUNT):
            case = example(random.Random(number))
            answer = run_domain.run(case)
            self.assertNotIn("error", answer, case)
            for name, value in Book(case).result().items():
                self.assertEqual(answer["result"][name], value, f"seed {number} {name}: {case}")


if __name__ == "__main__":
    unittest.main()
