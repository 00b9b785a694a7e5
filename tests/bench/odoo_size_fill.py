"""Runs inside `odoo shell`: fills both tables with years of punches, and times reads of them.

10 terminals of one branch, 500 PINs each, four punches a day: 20,000 a day, in the order of time.
The keys are those of the contract, so that `confirm` can be asked. Started by odoo_size.ts.
"""

import hashlib
import json
import time

from odoo.addons.biometric_attendance.tests.common import AddonCase

DEVICES, PINS, SLOTS = 10, 500, 4
A_DAY = DEVICES * PINS * SLOTS
FIRST_DAY = "2005-01-03"


def figure(**values):
    print("FIGURE " + json.dumps(values))


def timed(call, times=5):
    """Median milliseconds."""
    taken = []
    for _n in range(times):
        env.invalidate_all()  # noqa: F821 - odoo shell hands in env
        began = time.perf_counter()
        call()
        taken.append((time.perf_counter() - began) * 1000)
    return round(sorted(taken)[len(taken) // 2], 1)


def prepare(env):
    """An agent with its terminals, people on the first of them, a team, two readers."""

    class Case(AddonCase):
        pass

    Case.env = env
    agent, token = Case.make_agent("Size")
    for n in range(DEVICES):
        Case.make_device(agent, f"D{n}")
    user, lead = env["res.users"].create(
        [
            {
                "name": name,
                "login": f"bench-{name}",
                "group_ids": [(4, env.ref(f"biometric_attendance.group_{group}").id)],
            }
            for name, group in (("officer", "hr_officer"), ("lead", "approver"))
        ]
    )
    people = env["hr.employee"].create(
        [
            {"name": f"Person {n}", "attendance_manager_id": lead.id if n < 20 else False}
            for n in range(PINS)
        ]
    )
    device = env["biometric.device"].search([("serial", "=", "D0")])
    env["biometric.device.user"].map_pins(
        device.ids, [[str(n), one.id] for n, one in enumerate(people)]
    )
    other, other_token = Case.make_agent("Writer")
    Case.make_device(other, "W0")
    env["biometric.lane"].create(
        {
            "company_id": agent.company_id.id,
            "agent_id": agent.id,
            "lane": "f" * 32,
            "started_at": "2005-01-01 00:00:00",
            "head_seq": 0,
            "head_hash": "0" * 64,
        }
    )
    env["ir.config_parameter"].set_param("bench.writer", other_token)
    env.cr.commit()


ROWS = """
SELECT d.company_id, d.id AS device_id, d.serial, pin, wall, t + interval '1 second' AS stored_at,
       encode(sha256(convert_to(concat_ws(E'\\n', 'v1', d.serial, pin, wall, '0'), 'UTF8')), 'hex')
           AS key
  FROM generate_series(%(first)s::bigint, %(last)s::bigint) n
 CROSS JOIN LATERAL (SELECT ((n - 1) / 40 %% 500)::text AS pin,
       date %(day)s + ((n - 1) / 20000)::int
       + interval '7 hours' + ((n - 1) %% 4) * interval '3 hours'
       + ((n * 7919) %% 1800) * interval '1 second' AS t) w
 CROSS JOIN LATERAL (SELECT to_char(t, 'YYYY-MM-DD HH24:MI:SS') AS wall) v
  JOIN biometric_device d ON d.serial = 'D' || ((n - 1) / 4 %% 10)
"""


def fill(env, rows):
    """Fill up to `rows`; the indexes are taken away meanwhile, which is several times quicker."""
    if not env["biometric.agent"].search_count([("name", "=", "Size")]):
        prepare(env)
    cr = env.cr
    cr.execute("SELECT count(*) FROM biometric_punch WHERE serial LIKE 'D%%'")
    held = cr.fetchone()[0]
    cr.execute("SET session_replication_role = replica")
    cr.execute("SET maintenance_work_mem = '512MB'")
    cr.execute("SET work_mem = '256MB'")
    if rows > held:
        indexes = drop_indexes(cr)
        values = {"first": held + 1, "last": rows, "day": FIRST_DAY}
        cr.execute(
            f"""WITH made AS (
                    INSERT INTO biometric_punch (company_id, device_id, key, serial, pin, wall_time,
                           wall_date, status, stored_at)
                    SELECT company_id, device_id, key, serial, pin, wall, left(wall, 10)::date, '0',
                           stored_at
                      FROM ({ROWS}) r
                 RETURNING id, company_id, device_id, key, stored_at)
                INSERT INTO biometric_sighting (company_id, lane_id, seq, kind, punch_id, device_id,
                       verify, work_code, extra, channel, received_at, clock, skew_seconds, salt,
                       leaf, hash)
                SELECT m.company_id, l.id, %(first)s - 1 + row_number() OVER (), 'punch', m.id,
                       m.device_id, '1', '', '', 'push', m.stored_at, 'ok', 0, left(m.key, 32),
                       m.key, m.key
                  FROM made m, biometric_lane l WHERE l.lane = repeat('f', 32)""",
            values,
        )
        for definition in indexes:
            cr.execute(definition)
        cr.commit()
        cr.execute("ANALYZE biometric_punch, biometric_sighting")
    cr.commit()
    token = env["ir.config_parameter"].get_param("bench.writer")
    cr.execute(
        """SELECT pg_total_relation_size('biometric_punch'),
                  pg_total_relation_size('biometric_sighting')"""
    )
    punch, sighting = cr.fetchone()
    figure(
        agents=[{"token": token, "serial": "W0"}],
        punch_mb=punch // 2**20,
        sighting_mb=sighting // 2**20,
    )


def drop_indexes(cr):
    """Statements that make again what is dropped here."""
    cr.execute(
        """SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid) FROM pg_index i
            WHERE i.indrelid IN ('biometric_punch'::regclass, 'biometric_sighting'::regclass)
              AND NOT i.indisprimary"""
    )
    found = cr.fetchall()
    for name, _definition in found:
        cr.execute(f"DROP INDEX {name}")
    return [definition for _name, definition in found]


def reads(env):
    """Pages as people's screens ask for them, and what agents and crons ask."""
    officer, lead = (
        env["res.users"].search([("login", "=", f"bench-{name}")]) for name in ("officer", "lead")
    )
    fields = ["wall_time", "pin", "device_id", "employee_id", "status"]

    def page(user, domain=()):
        punches = env["biometric.punch"].with_user(user)
        return lambda: punches.search_read(list(domain), fields, limit=80)

    punch = env["biometric.punch"].search([("serial", "=", "D0")], limit=1)
    day = str(punch.wall_date or FIRST_DAY)
    one_day = [("wall_date", "=", day)]
    agent = env["biometric.agent"].search([("name", "=", "Size")])
    confirm = env["biometric.confirm"]
    env.cr.execute(
        "SELECT key FROM biometric_punch WHERE serial = 'D0' AND wall_date = %s ORDER BY key",
        (day,),
    )
    keys = [key for (key,) in env.cr.fetchall()]
    digest = hashlib.sha256("\n".join(keys).encode()).hexdigest()
    month = {str(one): (0, "0" * 64) for one in days_before(env, day, 31)}
    people = env["hr.employee"].search([("name", "like", "Person")], limit=30)
    assert confirm._differing_days(agent, "D0", {day: (len(keys), digest)}) == []
    figure(
        officer_punches_ms=timed(page(officer)),
        officer_punches_of_a_day_ms=timed(page(officer, one_day)),
        team_punches_ms=timed(page(lead)),
        officer_days_ms=timed(
            lambda: (
                env["biometric.day"]
                .with_user(officer)
                .search_read([], ["date", "status"], limit=80)
            )
        ),
        officer_board_ms=timed(lambda: env["biometric.device"].with_user(officer).get_board_data()),
        confirm_a_day_ms=timed(
            lambda: confirm._differing_days(agent, "D0", {day: (len(keys), digest)})
        ),
        confirm_31_days_ms=timed(lambda: confirm._differing_days(agent, "D0", month)),
        confirm_keys_ms=timed(lambda: confirm._missing_keys(agent, "D0", keys)),
        confirm_keys=len(keys),
        usable_30_people_31_days_ms=timed(
            lambda: (
                env["biometric.punch"]._usable(
                    people.ids, days_before(env, day, 31)[-1], punch.wall_date
                )
                if punch
                else None
            )
        ),
        lane_hole_ms=timed(lambda: hole(env)),
    )


def days_before(env, day, count):
    env.cr.execute("SELECT %s::date - n FROM generate_series(0, %s) n", (day, count - 1))
    return [row[0] for row in env.cr.fetchall()]


def hole(env):
    """What opening a gap over a hole in a lane reads, at the end of the long lane."""
    env.cr.execute("SELECT id, max_seq - 1000 FROM biometric_lane WHERE lane = repeat('f', 32)")
    env["biometric.completeness"]._around_hole(*env.cr.fetchone())
