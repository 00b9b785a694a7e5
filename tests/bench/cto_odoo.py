"""What tests/bench/cto.ts runs inside an Odoo shell: `env` and PEOPLE are given.

Fills ten companies of PEOPLE accounts each with three years of entries, then measures
balances, a month of postings and one panel. The chain of what is filled is not that of the
product: no verification is measured here (tests/bench/audit.ts is for that).
"""

# ruff: noqa: F821 - env and PEOPLE come from the shell
import json
import time
from datetime import date, timedelta

ENTRIES = 120
DAYS = 8


def fill():
    companies = env["res.company"].create([{"name": f"Bench {n}"} for n in range(10)])
    home = companies[0]
    home.biometric_cto_from = "2020-01-01"
    people = env["hr.employee"].create(
        [{"name": f"Person {n}", "company_id": home.id} for n in range(PEOPLE)]
    )
    env["biometric.rule"].create(
        {
            "name": "Bank",
            "company_id": home.id,
            "valid_from": "2020-01-01",
            "parameters": {"cto_eligible": True},
        }
    )
    env.flush_all()
    env.cr.execute(
        """INSERT INTO biometric_cto_account (company_id, employee_id, kind, balance_minutes,
                  owed_minutes, head_number, head_hash, turn)
           SELECT c, e, 'bank', %s * 30, 0, %s, 'x', 0
             FROM unnest(%s) c, unnest(%s) e""",
        (ENTRIES, ENTRIES, companies.ids, people.ids),
    )
    env.cr.execute(
        """INSERT INTO biometric_cto_entry (account_id, company_id, employee_id, number, kind, date,
                  minutes, balance_minutes, source, moves, owed_change, earned_on, work_date,
                  asked_minutes, choice, overtime_minutes, posted_at, previous_hash, hash)
           SELECT a.id, a.company_id, a.employee_id, n, 'accrual', d, 30, n * 30,
                  'day:' || d || ':workday',
                  jsonb_build_array(jsonb_build_array('day:' || d || ':workday', 30)), 0, d, d,
                  30, 'time', 30, now(), 'x', 'x'
             FROM biometric_cto_account a, generate_series(1, %s) n,
                  LATERAL (SELECT date '2023-01-01' + n * 9 AS d) t""",
        (ENTRIES,),
    )
    env.cr.execute("ANALYZE biometric_cto_entry")
    env.cr.execute("ANALYZE biometric_cto_account")
    return companies, home, people


def timed(work):
    env.invalidate_all()
    queries, began, busy = env.cr.sql_log_count, time.perf_counter(), time.process_time()
    result = work()
    global processor_s
    processor_s = round(time.process_time() - busy, 3)
    return result, round(time.perf_counter() - began, 3), env.cr.sql_log_count - queries


def month(home, people):
    """Rows of biometric.day of a month, as the computation hands them on."""
    minutes = dict.fromkeys(
        (
            "doubletime_minutes",
            "rest_day_minutes",
            "rest_day_overtime_minutes",
            "holiday_minutes",
            "holiday_overtime_minutes",
        ),
        0,
    )
    first = date(2026, 2, 2)
    return [
        minutes
        | {
            "employee_id": person,
            "company_id": home.id,
            "department_id": None,
            "date": first + timedelta(days=3 * day),
            "status": "present",
            "overtime_minutes": 60,
        }
        for day in range(DAYS)
        for person in people.ids
    ]


companies, home, people = fill()
accounts = env["biometric.cto.account"].sudo()
shown, shown_s, shown_q = timed(
    lambda: sum(
        row["balance_minutes"] for row in accounts.search_read([], ["balance_minutes"], limit=20000)
    )
)


def add_up():
    env.cr.execute("SELECT account_id, sum(minutes) FROM biometric_cto_entry GROUP BY account_id")
    return sum(minutes for _account, minutes in env.cr.fetchall())


summed, summed_s, summed_q = timed(add_up)
assert shown == summed, (shown, summed)
book = env["biometric.rule"].sudo()._book_of(people)
rows = month(home, people)
accrual = env["biometric.cto.accrual"].sudo()
_none, posted_s, posted_q = timed(lambda: accrual._post_rows(rows, book))
posted_processor_s = processor_s
_none, again_s, again_q = timed(lambda: accrual._post_rows(rows, book))
env.cr.execute("SELECT count(*) FROM biometric_cto_entry WHERE company_id = %s", (home.id,))
assert env.cr.fetchone()[0] == PEOPLE * (ENTRIES + DAYS)
_panel, panel_s, panel_q = timed(lambda: accounts.get_panel_data(people[0].id))
print(
    "FIGURE "
    + json.dumps(
        {
            "accounts": PEOPLE * 10,
            "entries": PEOPLE * 10 * ENTRIES,
            "balances_shown_s": shown_s,
            "balances_shown_queries": shown_q,
            "balances_added_up_s": summed_s,
            "balances_added_up_queries": summed_q,
            "month_posted": len(rows),
            "month_posted_s": posted_s,
            "month_posted_processor_s": posted_processor_s,
            "month_posted_queries": posted_q,
            "month_again_s": again_s,
            "month_again_queries": again_q,
            "panel_s": panel_s,
            "panel_processor_s": processor_s,
            "panel_queries": panel_q,
            "panel_requests": 1,
        }
    )
)
