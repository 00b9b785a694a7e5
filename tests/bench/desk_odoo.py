"""What tests/bench/desk.ts runs in an Odoo shell after dev/screens_seed.py: `env` and PEOPLE are
given.

The days of one person of the seed are laid again for PEOPLE others and kept; then the calls of the
review desk are made as an HR officer, each with nothing read before, and a month's records are laid
out and read: of that nothing is kept.
"""

# ruff: noqa: F821 - env, FIRST, timedelta, office and PEOPLE come from the shell
import json
import time

model = office[1][0]
copies = env["hr.employee"].create(
    [
        {"name": f"Copy {number}", "department_id": model.department_id.id, "tz": "Asia/Manila"}
        for number in range(PEOPLE)
    ]
)
env.flush_all()
env.cr.execute(
    """SELECT string_agg(quote_ident(column_name), ', '), string_agg('d.' || column_name, ', ')
         FROM information_schema.columns
        WHERE table_name = 'biometric_day' AND column_name NOT IN ('id', 'employee_id')"""
)
columns, values = env.cr.fetchone()
env.cr.execute(
    f"""INSERT INTO biometric_day (employee_id, {columns})
        SELECT p.id, {values} FROM biometric_day d, unnest(%s) p (id) WHERE d.employee_id = %s""",
    [copies.ids, model.id],
)
env.cr.commit()
desk = env["biometric.desk"].with_user(env["res.users"].search([("login", "=", "hr")]))


def call(name, *arguments):
    """One call of the desk; prints its seconds on the wall, of the processor, and its queries."""
    return measured(name, lambda: getattr(desk, name)(*arguments))


def measured(name, act):
    env.flush_all()
    env.invalidate_all()
    wall, cpu, asked = time.perf_counter(), time.process_time(), env.cr.sql_log_count
    answer = act()
    env.flush_all()
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    size = len(json.dumps(answer, default=str)) // 1000
    queries = env.cr.sql_log_count - asked
    print(f"| {name} | {wall:.2f} | {cpu:.2f} | {queries} | {size:,} |")
    return answer


print("| call | seconds | of the processor | queries | kB |")
print("| --- | --- | --- | --- | --- |")
opened = call("open_desk", None)
span = (opened["from"], opened["to"])
call("get_proposals", *span)
call("get_day", opened["people"][0]["days"][0][0])
told = call("sum_clean", *span)
done = call("approve_clean", *span, told["days"])
call("undo", done["undo"])
days = sum(len(person["days"]) for person in opened["people"])
first, last = FIRST, (FIRST + timedelta(days=32)).replace(day=1) - timedelta(days=1)
records = env["biometric.month.record"].sudo()
people = records._people(env.company, first, last)
laid = measured(
    f"monthly records of {len(people)} people laid out",
    lambda: records._prepare(people, env.company, first, last).ids,
)
measured("what they say", lambda: records.browse(laid)._contents())
print(f"| {len(opened['people'])} people, {days} days, {told['days']} approved | | | | |")
