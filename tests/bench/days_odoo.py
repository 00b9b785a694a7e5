"""What tests/bench/days.ts runs inside an Odoo shell: `env`, EMPLOYEES, ONLY, GROWTH and
BUDGET_SECONDS are given.

A month of four punches a day is laid where ingest would have laid it; then days are computed, and
the same sessions are given to Odoo's own attendances and overtime to compare with.
"""

# ruff: noqa: F821 - env and the names in capitals come from the shell
import json
import os
import random
import time
from datetime import date, datetime, timedelta

FIRST, DAYS, PART = date(2026, 3, 2), 31, 100
PEOPLE_AT_ONCE = 500
rng = random.Random(7)
su = env(su=True, context={"tracking_disable": True})
DATES = [FIRST + timedelta(days=number) for number in range(DAYS)]


def backend_cpu():
    """Processor seconds of the PostgreSQL process that serves us; 0 where it runs elsewhere."""
    try:
        with open(f"/proc/{env.cr._cnx.info.backend_pid}/stat", encoding="ascii") as file:
            fields = file.read().rsplit(")", 1)[1].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory():
    """Most resident memory since it was last asked for, MB."""
    with open("/proc/self/status", encoding="ascii") as file:
        most = next(int(line.split()[1]) for line in file if line.startswith("VmHWM"))
    with open("/proc/self/clear_refs", "w", encoding="ascii") as file:
        file.write("5")
    return most // 1024


class Measure:
    """Wall seconds, processor seconds (ours, and PostgreSQL's for us) and queries of what runs
    inside."""

    def __enter__(self):
        env.flush_all()
        self.queries, self.cpu = env.cr.sql_log_count, time.process_time()
        self.base_cpu = backend_cpu()
        self.start = time.perf_counter()
        return self

    def __exit__(self, *_error):
        env.flush_all()
        self.seconds = time.perf_counter() - self.start
        self.cpu = time.process_time() - self.cpu
        self.base_cpu = backend_cpu() - self.base_cpu
        self.queries = env.cr.sql_log_count - self.queries


def whole(measure):
    """What all of it may take, and took of the processor: 70 s for 10,000 people."""
    spent = measure.cpu + measure.base_cpu
    return f"goal {70 * EMPLOYEES / 10_000:.1f} s in all, {spent:.1f} of processor"


def report(what, count, measure, more="", **figures):
    """A row for a person, and the figures under the same name for a program; `figures`: more."""
    told = {"count": count, "seconds": measure.seconds, "cpu": measure.cpu}
    told |= {"base_cpu": measure.base_cpu, "queries": measure.queries} | figures
    print("FIGURE " + json.dumps({what: told}))
    print(
        f"| {what} | {count:,} | {measure.seconds:.1f} | {measure.cpu:.1f} | "
        f"{measure.base_cpu:.1f} | {measure.queries:,} | "
        f"{1000 * measure.queries / count:.1f} | {more} |"
    )


def world(count, prefix):
    agent = su["biometric.agent"].create({"name": prefix, "tz": "Asia/Manila"})
    agent.state = "active"
    device = su["biometric.device"].create(
        {"name": prefix, "serial": prefix, "agent_id": agent.id, "company_id": env.company.id}
    )
    device.action_approve()
    people = su["hr.employee"]
    for start in range(0, count, PEOPLE_AT_ONCE):
        people |= people.create(
            [
                {"name": f"{prefix} {number}", "date_version": "2025-01-01", "tz": "Asia/Manila"}
                for number in range(start, min(start + PEOPLE_AT_ONCE, count))
            ]
        )
        env.flush_all()
        env.invalidate_all()
    su["biometric.device.user"].create(
        [
            {
                "company_id": env.company.id,
                "device_id": device.id,
                "pin": str(number),
                "employee_id": person.id,
                "valid_from": "2025-01-01",
            }
            for number, person in enumerate(people)
        ]
    )
    return agent, device, people


def lay_punches(device, agent, people, first, days):
    """Four punches on every weekday, some forgotten, at seconds of their own."""
    env.cr.execute(
        """INSERT INTO biometric_punch (company_id, device_id, key, serial, pin, wall_time,
                                        wall_date, status, stored_at)
           SELECT %(company)s, %(device)s,
                  encode(sha256(convert_to(%(serial)s || n || d || t.at, 'UTF8')), 'hex'),
                  %(serial)s, n::text,
                  to_char(d + t.at + random() * interval '15 minutes', 'YYYY-MM-DD HH24:MI:SS'),
                  d::date, '0', d + interval '1 day'
             FROM generate_series(0, %(people)s - 1) n,
                  generate_series(%(first)s::timestamp, %(last)s::timestamp, '1 day') d,
                  (VALUES (interval '7:50'), (interval '12:00'), (interval '12:45'),
                          (interval '17:00')) t (at)
            WHERE extract(isodow FROM d) < 6 AND random() > 0.01""",
        {
            "company": env.company.id,
            "device": device.id,
            "serial": device.serial,
            "people": len(people),
            "first": first,
            "last": first + timedelta(days=days - 1),
        },
    )
    lane = env["biometric.lane"].sudo().search([("agent_id", "=", agent.id)], limit=1)
    if not lane:
        env.cr.execute(
            """INSERT INTO biometric_lane (company_id, agent_id, lane, head_seq, head_hash, max_seq,
                                           started_at)
               VALUES (%s, %s, %s, 0, '', 0, now() AT TIME ZONE 'UTC') RETURNING id""",
            (env.company.id, agent.id, f"{agent.id:032d}"),
        )
        lane = env["biometric.lane"].browse(env.cr.fetchone()[0])
    env.cr.execute(
        """INSERT INTO biometric_sighting (company_id, lane_id, device_id, punch_id, seq,
               kind, channel, received_at, clock, hash, leaf)
           SELECT company_id, %s, device_id, id, id, 'punch', 'push', stored_at, 'ok', '', ''
             FROM biometric_punch p WHERE device_id = %s
              AND NOT EXISTS (SELECT 1 FROM biometric_sighting s WHERE s.punch_id = p.id)""",
        (lane.id, device.id),
    )
    env.cr.execute("ANALYZE biometric_punch; ANALYZE biometric_sighting")


def single_punch(people, on, turns=40):
    """Milliseconds from a batch of one punch to its recomputed day, the cron's wake-up left out."""
    spent = []
    for _turn in range(turns):
        person = rng.choice(people)
        start = time.perf_counter()
        su["biometric.stale.day"]._mark(
            (person.id, on + timedelta(days=step)) for step in (-1, 0, 1)
        )
        su["biometric.day.rebuild"]._rebuild_stale(su["biometric.stale.day"]._pop(1000))
        env.flush_all()
        spent.append(1000 * (time.perf_counter() - start))
    spent.sort()
    return spent[len(spent) // 2], spent[int(len(spent) * 0.95)]


# measured from here
print("| what | count | seconds | processor s | PostgreSQL's | queries | per 1,000 | |")
print("|---|---|---|---|---|---|---|---|")
agent, device, people = world(EMPLOYEES, "BENCH")
lay_punches(device, agent, people, FIRST, DAYS)
env.cr.commit()
pairs = [(person, day) for person in people.ids for day in DATES]
rebuild = su["biometric.day.rebuild"]
env.invalidate_all()
memory()
idle_mb = memory()
with Measure() as days:
    rebuild._rebuild(pairs)
most_mb = memory()
report(
    "days, first time",
    len(pairs),
    days,
    f"{len(pairs) / days.cpu:,.0f} employee-days a processor second (goal 5,000); {whole(days)}; "
    f"at most {most_mb} MB, {idle_mb} before",
    most_mb=most_mb,
)
env.cr.commit()
env.invalidate_all()
with Measure() as again:
    rebuild._rebuild(pairs)
report(
    "days again, nothing changed",
    len(pairs),
    again,
    f"goal {1.5 * len(pairs) / 31_000:.1f} processor s; {memory()} MB",
)


def in_other_ways(pairs):
    """The same days compared with the engine, carried elsewhere, and through the queue."""
    with Measure() as compared:
        verdict = su["biometric.day.check"]._verify(env.company, people.ids, DATES[0], DATES[-1])
    report("days compared with the engine", len(pairs), compared, f"{len(verdict.wrong)} differ")
    size = 0
    with Measure() as carried:
        for case in su["biometric.day.check"]._cases(env.company):
            size += len(json.dumps(case))
    report("what they were computed from, as JSON", len(pairs), carried, f"{size:,} bytes")
    su["biometric.stale.day"]._mark(pairs)
    env.cr.commit()
    with Measure() as queue:
        while popped := su["biometric.stale.day"]._pop(2000):
            rebuild._rebuild_stale(popped)
    report("days through the queue, widened", len(pairs), queue, "employee-days")
    env.cr.commit()


def beside_odoo(days, pairs):
    """The same month by Odoo's own attendances and overtime, and our projection of it."""
    # Odoo's own computation is slow: a part of the people tells enough
    some = people[:PART]
    computed = su["biometric.day"].search([("employee_id", "in", some.ids)])
    sessions = [
        {
            "employee_id": day.employee_id.id,
            "check_in": datetime.fromisoformat(session["in"]).replace(tzinfo=None),
            "check_out": datetime.fromisoformat(session["out"]).replace(tzinfo=None),
        }
        for day in computed
        for session in day.derivation.get("sessions", ())
        if session["out"]
    ]
    with env.cr.savepoint() as savepoint:
        with Measure() as plain:
            created = su["hr.attendance"].create(sessions)
        report("plain create of the same attendances", len(sessions), plain, "with Odoo's overtime")
        with Measure() as native:
            created._update_overtime()
        report("Odoo's own overtime again", len(some) * DAYS, native, "employee-days")
        savepoint.close(rollback=True)
    env.invalidate_all()
    with env.cr.savepoint() as savepoint:
        some.version_ids.write({"ruleset_id": False})
        with Measure() as bare:
            su["hr.attendance"].create(sessions)
        report("plain create without overtime rules", len(sessions), bare, "attendances")
        savepoint.close(rollback=True)
    env.invalidate_all()
    projection = su["biometric.projection"]
    with Measure() as project:
        for start in range(0, len(computed), 500):
            projection._project(computed[start : start + 500])
    shown = su["hr.attendance"].search_count([("biometric_day_id", "!=", False)])
    report("projection of the same month", shown, project, "attendances")
    env.cr.commit()
    own = days.seconds / len(pairs)
    theirs = native.seconds / (len(some) * DAYS)
    ratio = theirs / own
    print(f"| ratio per employee-day, Odoo's overtime : days | | {ratio:.1f} | | | | | |")


if not ONLY:
    in_other_ways(pairs)
if not (ONLY or GROWTH):
    beside_odoo(days, pairs)
p50, p95 = single_punch(people, DATES[15])
print(
    f"| one punch to its day, ms, {len(pairs):,} days | p50 {p50:.0f} | p95 {p95:.0f} | | | | | |"
)
if GROWTH:
    earlier, began = FIRST, time.monotonic()
    total = su["biometric.day"].search_count([])
    while total < 300_000 and time.monotonic() - began < BUDGET_SECONDS:
        earlier -= timedelta(days=DAYS)
        lay_punches(device, agent, people, earlier, DAYS)
        more = [(p, earlier + timedelta(days=n)) for p in people.ids for n in range(DAYS)]
        env.cr.commit()
        with Measure() as grown:
            rebuild._rebuild(more)
        env.cr.commit()
        env.invalidate_all()
        env.cr.execute("ANALYZE biometric_day")
        total = su["biometric.day"].search_count([])
        report(f"a further month, then {total:,} days", len(more), grown, "employee-days")
        p50, p95 = single_punch(people, DATES[15])
        print(
            f"| one punch to its day, ms, {total:,} days | p50 {p50:.0f} | p95 {p95:.0f} "
            "| | | | | |"
        )
