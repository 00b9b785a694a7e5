"""Runs worked examples of the day arithmetic: `python3 tests/cases/run_domain.py FILE.json …`.

Prints one JSON line per example: `{"id", "result"}` with the field names of `expect`, or
`{"id", "error"}`. Owns the mapping from kinds to engine functions; holds no arithmetic.
"""

import json
import sys

from domain_formats import run_format
from domain_input import facts_of, rules_of, work_date
from domain_ledgers import run_bank, run_delta, run_export, run_gate, run_review
from domain_periods import run_period, run_roster, run_week_split
from engine import (
    build_days,
    credited,
    earning_minutes,
    in_order,
    iso,
)
from plain_day import plain_day


def run_day(case):
    return day_of(facts_of(case)[0], rules_of(case), case)


def day_of(facts, rules, case):
    """The result of the work date of a case, from facts that may have been adjusted."""
    day = work_date(case)
    dates = sorted({day} | {shift.day for shift in facts.shifts})
    days = {built.work_date: built for built in build_days(facts, dates, lambda _day: rules)}
    return day_result(days[day], list(days.values()), facts, rules, case)


def day_result(built, all_days, facts, rules, case):
    result = plain_day(built)
    for other in all_days:
        result["per_shift"] = dict(other.per_shift) | result["per_shift"]
    result["penalised_minutes"] = built.penalised_late_minutes + built.penalised_early_leave_minutes
    result["excused_late_minutes"] = built.late_minutes - built.penalised_late_minutes
    result["excused_early_leave_minutes"] = (
        built.early_leave_minutes - built.penalised_early_leave_minutes
    )
    result["buckets"] = built.buckets
    result["sessions"] = built.derivation.get("sessions", [])
    result["resolved_utc"] = [iso(punch.at) for punch in in_order(facts.punches)]
    earns = case.get("cto_class", rules.cto_eligible)
    result["cto_delta_minutes"] = _credited(built, rules) if earns else 0
    return result


def _credited(built, rules):
    return sum(credited(kind, minutes, rules) for kind, minutes in earning_minutes(built).items())


KINDS = {
    "day": run_day,
    "period": run_period,
    "week_split": run_week_split,
    "roster": run_roster,
    "bank": run_bank,
    "export": run_export,
    "gate": run_gate,
    "delta": run_delta,
    "format": run_format,
    "review": lambda case: run_review(case, day_of),
}


def run(case):
    """Answer line of one case: a result, or an error that says what is wrong."""
    name = case.get("id") if isinstance(case, dict) else None
    try:
        handler = KINDS.get(case["kind"])
        if handler is None:
            return {"id": name, "error": "unsupported kind"}
        return {"id": name, "result": handler(case)}
    except (ValueError, LookupError, TypeError, AttributeError, ArithmeticError) as error:
        return {"id": name, "error": f"{type(error).__name__}: {error}"}


def main(paths):
    for path in paths:
        with open(path, encoding="utf-8") as file:
            data = json.load(file)
        if isinstance(data, dict):
            data = data.get("cases", [data])
        for case in data:
            if "kind" in case:
                print(json.dumps(run(case), sort_keys=True, ensure_ascii=False))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
