"""Runs inside `odoo shell` behind odoo_fleet_fill.py and screens_work_fill.py: a company at size,
for benches of screens.

AGENTS branches of three terminals, all heard just now; PEOPLE people in departments of fifty, each
known to the terminals of one branch; DAYS dates up to today with four punches on every weekday, one
in a hundred forgotten, as ingest would have laid them, and their computed days; gaps, a roster of
the coming month, and what screens_work_fill.py lays. It is early afternoon there, whenever it is
laid, and everybody works today: what the screens of today cost does not depend on the hour. Logins
are their passwords: `officer`, `administrator`, `payroll`, and `lead` of the first two hundred.
Other benches may lay it too, after naming the ZONE (dev/place.ts): `lay(env, agents, people,
days)`.
"""

# ruff: noqa: F821 - `fill` and `work` come from the files before, ZONE from whoever starts it
import json
import random
import time
from datetime import date, timedelta

TEAM, UNMAPPED_PART = 50, 0.001
# People of the one who approves.
LED = 200
# People and dates of the roster: 48,000 rows.
ROSTERED, ROSTER_DAYS = 1600, 30


def said(what, began, count):
    print("FIGURE " + json.dumps({what: {"count": count, "seconds": since(began)}}))


def since(began):
    return round(time.perf_counter() - began, 1)


def readers(env):
    """Who opens these screens."""
    base = env.ref("base.group_user")
    env.company.partner_id.tz = ZONE
    # shifts of that place, for which people come in time
    env.company.resource_calendar_id.tz = ZONE
    env["res.users"].create(
        [
            {
                "name": login.capitalize(),
                "login": login,
                "password": login,
                "tz": ZONE,
                "group_ids": (base | env.ref(f"biometric_attendance.group_{group}")).ids,
            }
            for login, group in (
                ("officer", "hr_officer"),
                ("administrator", "administrator"),
                ("payroll", "payroll_officer"),
                ("lead", "approver"),
            )
        ]
    )


def fleet(env, agents, days):
    """Branches that are heard, in service since before the dates, proven up to an hour ago."""
    fill(env, agents, 3)
    cr = env.cr
    cr.execute(
        "UPDATE biometric_agent SET last_seen_at = now() AT TIME ZONE 'UTC', tz = %s", (ZONE,)
    )
    cr.execute("UPDATE biometric_device_zone SET tz = %s", (ZONE,))
    cr.execute(
        """UPDATE biometric_device
              SET last_heard_at = now() AT TIME ZONE 'UTC', heard_state = 'heard',
                  first_seen_at = now() AT TIME ZONE 'UTC' - make_interval(days => %s),
                  in_service_from = now() AT TIME ZONE 'UTC' - make_interval(days => %s),
                  complete_until = now() AT TIME ZONE 'UTC' - interval '10 minutes',
                  proven_until = now() AT TIME ZONE 'UTC' - interval '10 minutes',
                  place = 'Hall ' || id %% 20""",
        (days + 1, days + 1),
    )
    cr.execute(
        """INSERT INTO biometric_gap (company_id, agent_id, device_id, kind, state, window_from,
               window_to, opened_at)
           SELECT company_id, agent_id, id, 'lost', 'open',
                  now() AT TIME ZONE 'UTC' - interval '3 days',
                  now() AT TIME ZONE 'UTC' - interval '3 days' + interval '2 hours',
                  now() AT TIME ZONE 'UTC'
             FROM biometric_device WHERE id % 30 = 0"""
    )
    cr.commit()


def staff(env, count, agents):
    """People, each known by a PIN to the terminals of one branch."""
    quiet = env["hr.employee"].with_context(tracking_disable=True)
    lead = env["res.users"].search([("login", "=", "lead")])
    departments = env["hr.department"].create(
        [{"name": f"Department {number + 1}"} for number in range(-(-count // TEAM))]
    )
    for start in range(0, count, 500):
        quiet.create(
            [
                {
                    "name": f"Person {number:05d}",
                    "department_id": departments[number // TEAM].id,
                    "date_version": "2020-01-01",
                    "tz": ZONE,
                    "barcode": f"B{number:05d}",
                    "attendance_manager_id": lead.id if number < LED else False,
                }
                for number in range(start, min(start + 500, count))
            ]
        )
        env.cr.commit()
    env.cr.execute(
        """INSERT INTO biometric_device_user (company_id, device_id, pin, employee_id, sync_state,
               valid_from, create_date, write_date)
           SELECT d.company_id, d.id, e.number::text, e.id, 'unknown', '2020-01-01', now(), now()
             FROM (SELECT id, substr(name, 8)::int AS number FROM hr_employee
                    WHERE name LIKE 'Person %%') e
             JOIN biometric_agent a ON a.name = 'Fleet ' || (e.number %% %s + 1)
             JOIN biometric_device d ON d.agent_id = a.id""",
        (agents,),
    )
    env.cr.commit()
    return env["hr.employee"].search([("name", "=like", "Person %")])


def punches(env, first, days):
    """Four a weekday at a person's first terminal, today up to now; some of PINs that mean
    nobody."""
    cr = env.cr
    cr.execute("SELECT setseed(0.26)")
    cr.execute(
        """INSERT INTO biometric_punch (company_id, device_id, key, serial, pin, wall_time,
               wall_date, status, stored_at)
           SELECT company_id, device_id,
                  encode(sha256(convert_to(serial || pin || d || at, 'UTF8')), 'hex'), serial,
                  CASE WHEN random() < %(unmapped)s THEN '9' || pin ELSE pin END,
                  to_char(d + at + random() * interval '15 minutes', 'YYYY-MM-DD HH24:MI:SS'),
                  d::date, '0', d + interval '1 day'
             FROM (SELECT DISTINCT ON (u.employee_id) u.company_id, u.device_id, d.serial, u.pin
                     FROM biometric_device_user u JOIN biometric_device d ON d.id = u.device_id
                    ORDER BY u.employee_id, u.device_id) p,
                  generate_series(%(first)s::timestamp, %(last)s::timestamp, '1 day') d,
                  (VALUES (interval '7:50'), (interval '12:00'), (interval '12:45'),
                          (interval '17:00')) t (at)
            WHERE (extract(isodow FROM d) < 6 OR d = %(last)s::timestamp) AND random() > 0.01
              AND d + at < now() AT TIME ZONE %(zone)s - interval '15 minutes'""",
        {
            "first": first,
            "last": first + timedelta(days=days - 1),
            "unmapped": UNMAPPED_PART,
            "zone": ZONE,
        },
    )
    cr.execute(
        """INSERT INTO biometric_sighting (company_id, lane_id, device_id, punch_id, seq, kind,
               channel, received_at, clock, hash, leaf)
           SELECT p.company_id, l.id, p.device_id, p.id,
                  100 + row_number() OVER (PARTITION BY l.id ORDER BY p.wall_time, p.id), 'punch',
                  'push', p.wall_time::timestamp AT TIME ZONE %s AT TIME ZONE 'UTC',
                  'ok', p.key, p.key
             FROM biometric_punch p JOIN biometric_device d ON d.id = p.device_id
             JOIN biometric_lane l ON l.agent_id = d.agent_id""",
        [ZONE],
    )
    cr.commit()
    cr.execute("ANALYZE")
    cr.commit()
    cr.execute("SELECT count(*) FROM biometric_punch")
    return cr.fetchone()[0]


def compute(env, people, first, days):
    """The days of all of them, through the rebuild, a part of the people at a time."""
    dates = [first + timedelta(days=number) for number in range(days)]
    rebuild = env["biometric.day.rebuild"].sudo()
    for start in range(0, len(people), 250):
        rebuild._rebuild([(one, day) for one in people.ids[start : start + 250] for day in dates])
        env.cr.execute("DELETE FROM biometric_stale_day")
        env.cr.commit()
        env.invalidate_all()
    return len(people) * days


def roster(env, people, first):
    """Rows as the dialog that assigns shifts creates them: one call of the ORM."""
    shifts = env["biometric.shift"].create(
        [
            {"name": "Early", "code": "E", "start": 6, "end": 14, "color": 2},
            {"name": "Late", "code": "L", "start": 14, "end": 22, "color": 4},
        ]
    )
    chance = random.Random(26)
    rows = [
        {"employee_id": one, "date": first + timedelta(days=number), "shift_id": shift.id}
        for one in people.ids[:ROSTERED]
        for number in range(ROSTER_DAYS)
        for shift in [chance.choice(shifts) if chance.random() < 0.8 else shifts[:0]]
    ]
    began, used = time.perf_counter(), time.process_time()
    queries = env.cr.sql_log_count
    env["biometric.roster"].create(rows)
    env.flush_all()
    print(
        "FIGURE "
        + json.dumps(
            {
                "roster": {
                    "count": len(rows),
                    "seconds": since(began),
                    "cpu_seconds": round(time.process_time() - used, 1),
                    "queries": env.cr.sql_log_count - queries,
                }
            }
        )
    )
    env.cr.commit()


def lay(env, agents, people, days):
    # early afternoon there, so that its date is that of UTC, as this process has it
    today = date.today()
    first = today - timedelta(days=days - 1)
    readers(env)
    began = time.perf_counter()
    fleet(env, agents, days)
    said("terminals", began, 3 * agents)
    began = time.perf_counter()
    made = staff(env, people, agents)
    said("people", began, len(made))
    began = time.perf_counter()
    said("punches", began, punches(env, first, days))
    began = time.perf_counter()
    said("days", began, compute(env, made, first, days))
    roster(env, made, today + timedelta(days=1))
    began = time.perf_counter()
    said("work", began, work(env, first))
    while env["biometric.audit"]._seal(5000):
        env.cr.commit()
    env.cr.execute("ANALYZE")
    env.cr.commit()
