"""What tests/bench/today.ts runs in an Odoo shell after dev/screens_seed.py: `env` and PEOPLE are
given.

The days of the seed's twelve people are laid again for PEOPLE others in forty departments; then the
readings of Today and of the roster grid are made as an HR officer and as an approver of twenty,
each with nothing read before.
"""

# ruff: noqa: F821 - env, office, warehouse, plant and PEOPLE come from the shell
import json
import os
import time

models = [person for person, _pin in [*office, *warehouse, *plant]]
lines = env["hr.department"].create([{"name": f"Line {number}"} for number in range(40)])
hr_user, lead = (env["res.users"].search([("login", "=", login)]) for login in ("hr", "boss"))
copies = env["hr.employee"].create(
    [
        {
            "name": f"Copy {number}",
            "department_id": lines[number % 40].id,
            "tz": "Asia/Manila",
            "resource_calendar_id": models[number % 12].resource_calendar_id.id,
            "attendance_manager_id": lead.id if number < 20 else False,
        }
        for number in range(PEOPLE)
    ]
)
env.flush_all()
env.cr.execute(
    """SELECT string_agg(quote_ident(column_name), ', '), string_agg('d.' || column_name, ', ')
         FROM information_schema.columns
        WHERE table_name = 'biometric_day'
          AND column_name NOT IN ('id', 'employee_id', 'department_id')"""
)
columns, values = env.cr.fetchone()
env.cr.execute(
    f"""INSERT INTO biometric_day (employee_id, department_id, {columns})
        SELECT c.id, c.department, {values}
          FROM unnest(%s, %s, %s) c (id, model, department)
          JOIN biometric_day d ON d.employee_id = c.model""",
    [
        copies.ids,
        [models[number % 12].id for number in range(PEOPLE)],
        [lines[number % 40].id for number in range(PEOPLE)],
    ],
)
env.cr.commit()
env.cr._cnx.autocommit = True
env.cr.execute("VACUUM ANALYZE biometric_day")
env.cr._cnx.autocommit = False


env.cr.execute("SELECT pg_backend_pid()")
BACKEND = env.cr.fetchone()[0]
TICKS = os.sysconf("SC_CLK_TCK")


def database_seconds():
    """Processor seconds of this connection's PostgreSQL process, on the same machine."""
    with open(f"/proc/{BACKEND}/stat") as stat:
        user, system = stat.read().rsplit(")", 1)[1].split()[11:13]
    return (int(user) + int(system)) / TICKS


def call(who, model, name, *arguments, times=2, **named):
    """One call; prints its seconds on the wall and of the processor, and its queries. The second of
    two, as a screen that is read again finds it; an act once."""
    door = env[model].with_user(who)
    for _time in range(times):
        env.flush_all()
        env.invalidate_all()
        wall, cpu, queries = time.perf_counter(), time.process_time(), env.cr.sql_log_count
        database = database_seconds()
        answer = getattr(door, name)(*arguments, **named)
        env.flush_all()
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        queries, database = env.cr.sql_log_count - queries, database_seconds() - database
    size = len(json.dumps(answer, default=str)) / 1000
    what = " ".join([name, *(f"{key}={value}" for key, value in named.items())])
    spent = f"{wall:.2f} | {cpu:.2f} | {database:.2f}"
    print(f"| {who.login} | {what} | {spent} | {queries} | {size:,.0f} |")
    return answer


print("| who | call | seconds | processor: Odoo | PostgreSQL | queries | kB |")
print("| --- | --- | --- | --- | --- | --- | --- |")
for who in (hr_user, lead):
    call(who, "biometric.today", "get_today")
    call(who, "biometric.today", "get_trends")
for who in (hr_user, lead):
    call(who, "biometric.roster.grid", "open_grid")
    month = call(who, "biometric.roster.grid", "open_grid", days=31)
month = call(hr_user, "biometric.roster.grid", "open_grid", days=31)
night = env["biometric.shift"].search([("code", "=", "N")]).id
for people in (5, 60):
    dates = [day["date"] for day in month["days"]][: 7 if people == 5 else 31]
    changes = [
        [one["id"], day, one["cells"][number + 1]["own"], [night]]
        for one in month["people"][-people:]
        for number, day in enumerate(dates)
    ]
    call(hr_user, "biometric.roster.grid", "apply", changes, times=1)
    print(f"| ({len(changes):,} cells) | | | | | | |")
    if people == 5:
        month = env["biometric.roster.grid"].with_user(hr_user).open_grid(days=31)
env.cr.execute("SELECT count(*), count(DISTINCT employee_id) FROM biometric_day")
days, people = env.cr.fetchone()
print(f"| {people:,} people, {days:,} days | | | | | | |")
