"""What tests/bench/audit.ts runs inside Odoo shells, one step each: `env` and ARGUMENTS are given.

fill: a company of 1,000 people over twelve months: a roster of 365,000 rows, each taken up by the
trail, a lane of PUNCHES punches, and other entries up to ENTRIES in all, sealed by the sealer.
verify: one run of the verifier, with the memory of a process that does nothing else; floor: the
same rows read and nothing judged. export: the company as a file.
"""

# ruff: noqa: F821 - env and ARGUMENTS come from the shell
import json
import resource
import secrets
import time

from psycopg2.extras import execute_values

from odoo.addons.biometric_attendance.contract import chain, wire

COMPANY = "Bench of a million"


def peak_mb():
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def figure(**values):
    print("FIGURE " + json.dumps(values))


def company():
    return env["res.company"].search([("name", "=", COMPANY)])


def fill(count, punches):
    found = env["res.company"].create({"name": COMPANY})
    agent = env["biometric.agent"].create({"name": "Bench", "tz": "UTC", "company_id": found.id})
    roster = min(365_000, count // 3)
    fill_roster(found, roster)
    env.cr.execute("SELECT count(*) FROM biometric_audit WHERE company_id = %s", (found.id,))
    rest = count - env.cr.fetchone()[0]
    env.cr.execute(
        """INSERT INTO biometric_audit (company_id, happened_at, transaction_id, form, actor_salt,
               content_salt, user_id, real_user_id, login, user_name, address, action, model,
               res_id, record_name, before, after, reason, self_approved)
           SELECT %s, date_trunc('milliseconds', now() AT TIME ZONE 'UTC'), (n / 3)::text, '1',
                  md5(n::text), md5(n::text || 'c'), 2, 2, 'admin', 'Mitchell Admin', '10.0.0.7',
                  'adjustment.approve', 'biometric.agent', %s, 'Ana, 2026-03-02',
                  json_build_object('state', 'requested', 'minutes', n %% 480)::text,
                  json_build_object('state', 'approved', 'minutes', n %% 480)::text,
                  'forgot to punch out, seen by the shift leader', false
             FROM generate_series(1, %s) n""",
        (found.id, agent.id, rest),
    )
    began = time.perf_counter()
    while env["biometric.audit"]._seal(1000):
        env.cr.commit()
    seal = round(time.perf_counter() - began, 1)
    fill_lane(found, agent, punches)
    for table in ("audit", "punch", "sighting", "roster"):
        env.cr.execute(f"ANALYZE biometric_{table}")
    env.cr.commit()
    figure(entries=count, roster=roster, punches=punches, seal_seconds=seal)


def fill_roster(found, rows):
    """As many rows as 1,000 people have in a year, of 100 people, who are quicker made; each has
    its birth in the trail."""
    people = env["hr.employee"].create(
        [{"name": f"Bench {n}", "company_id": found.id} for n in range(100)]
    )
    env.cr.execute(
        """INSERT INTO biometric_roster (employee_id, company_id, date)
           SELECT p.id, %s, '2016-01-01'::date + n
             FROM unnest(%s) p (id), generate_series(0, %s) n LIMIT %s""",
        (found.id, people.ids, rows // 100, rows),
    )
    env["biometric.state"]._take_up(found, "as filled", {"biometric.roster": None})
    env.cr.commit()


def fill_lane(found, agent, count):
    """One lane with right leaves, chain and punches, past ingest, which is not measured here."""
    device = env["biometric.device"].create(
        {"name": "B", "serial": "BENCH1", "agent_id": agent.id, "company_id": found.id}
    )
    name = secrets.token_hex(16)
    lane = env["biometric.lane"].create(
        {
            "company_id": found.id,
            "agent_id": agent.id,
            "lane": name,
            "started_at": "2026-01-01",
            "head_seq": 0,
            "head_hash": chain.lane_genesis(name),
        }
    )
    env.cr.execute("SELECT COALESCE(max(id), 0) FROM biometric_punch")
    first, digest, at = env.cr.fetchone()[0], lane.head_hash, "2026-01-01T08:00:00.000Z"
    for start in range(0, count, 10_000):
        punches, sightings = [], []
        for n in range(start, min(start + 10_000, count)):
            minute = n // 1000
            wall = f"2025-{1 + minute // 34560:02d}-{1 + minute // 1440 % 24:02d} "
            wall += f"{minute // 60 % 24:02d}:{minute % 60:02d}:00"
            key = chain.punch_key("BENCH1", str(n % 1000), wall, "0")
            row = wire.Sighting(
                "punch",
                n + 1,
                key=key,
                verify="1",
                work_code="0",
                channel="push",
                received_at=at,
                clock="ok",
                salt=f"{n:032x}",
            )
            leaf = chain.sighting_leaf(name, row)
            digest = chain.chain_hash(digest, leaf)
            punch = first + 1 + n
            punches.append((punch, key, str(n % 1000), wall, wall[:10]))
            sightings.append((n + 1, punch, row.salt, leaf, digest, wall))
        execute_values(
            env.cr._obj,
            "INSERT INTO biometric_punch (id, key, pin, wall_time, wall_date, company_id, "
            "device_id, serial, status, stored_at) VALUES %s",
            punches,
            template=f"(%s, %s, %s, %s, %s, {found.id}, {device.id}, 'BENCH1', '0', '2026-01-01')",
            page_size=5000,
        )
        execute_values(
            env.cr._obj,
            "INSERT INTO biometric_sighting (seq, punch_id, salt, leaf, hash, skew_seconds, "
            "company_id, lane_id, kind, device_id, channel, received_at, clock, verify, work_code, "
            "extra) VALUES %s",
            sightings,
            template="(%s, %s, %s, %s, %s, extract(epoch from %s::timestamp - '2026-01-01 08:00')"
            f", {found.id}, {lane.id}, 'punch', {device.id}, 'push', '2026-01-01 08:00', 'ok', "
            "'1', '0', '')",
            page_size=5000,
        )
    lane.write({"head_seq": count, "max_seq": count, "head_hash": digest})
    env.cr.execute("SELECT setval('biometric_punch_id_seq', %s)", (first + count + 1,))
    env.cr.commit()


def floor():
    """Seconds of reading what a run reads."""
    evidence, state, found = env["biometric.evidence"], env["biometric.state"], company()
    began, used = time.perf_counter(), time.process_time()
    count = 0
    for lane in evidence._lanes(found.id):
        count += sum(1 for _row in evidence._sightings(lane["id"]))
    for rows in (evidence._audit(found.id), evidence._punches(found.id), state._all_rows(found.id)):
        count += sum(1 for _row in rows)
    count += sum(1 for _row in state._entries("biometric.roster", found.id))
    figure(
        floor_rows=count,
        floor_seconds=round(time.perf_counter() - began, 1),
        floor_cpu_seconds=round(time.process_time() - used, 1),
    )


def verify():
    before = peak_mb()
    check = env["biometric.audit.check"]._begin(company(), "bench")
    began, used = time.perf_counter(), time.process_time()
    while check._step():
        env.cr.commit()
    env.cr.commit()
    for row in env["biometric.audit.finding"].search([("company_id", "=", company().id)], limit=5):
        print("FOUND", row.code, row.place, row.text)
    figure(
        state=check.state,
        rows=check.row_count,
        odoo_seconds=round(time.perf_counter() - began, 1),
        odoo_cpu_seconds=round(time.process_time() - used, 1),
        odoo_mb_before=before,
        odoo_mb_peak=peak_mb(),
    )


def export(path):
    began = time.perf_counter()
    with open(path, "wb") as file:
        env["biometric.company.export"]._write(company(), file)
    env.cr.commit()
    figure(export_seconds=round(time.perf_counter() - began, 1), export_mb_peak=peak_mb())


STEP, *REST = ARGUMENTS
{"fill": fill, "verify": verify, "floor": floor, "export": export}[STEP](*REST)
