"""Runs inside `odoo shell`: what Odoo itself takes at the present size of the tables.

Prints lines that begin with FIGURE and hold one JSON object. Started by tests/bench/odoo.ts.
"""

import io
import json
import resource
import time

from odoo.addons.biometric_attendance.tests.common import AddonCase, Lane
from odoo.addons.biometric_attendance.verifier import verify

MARK = "FIGURE "


def figure(**values):
    print(MARK + json.dumps(values))


def timed(call, times=5):
    """Median milliseconds."""
    taken = []
    for _n in range(times):
        env.invalidate_all()  # noqa: F821 - odoo shell hands in env
        began = time.perf_counter()
        call()
        taken.append((time.perf_counter() - began) * 1000)
    return round(sorted(taken)[len(taken) // 2], 1)


def lists(env):
    """Pages of lists and the board, as their screens ask for them."""
    punches, days = env["biometric.punch"], env["biometric.day"]
    fields = ["wall_time", "pin", "device_id", "status"]
    figure(
        punch_list_ms=timed(lambda: punches.search_read([], fields, limit=80)),
        day_list_ms=timed(lambda: days.search_read([], ["date", "status"], limit=80)),
        board_ms=timed(lambda: env["biometric.device"].get_board_data()),
    )


def board(env):
    """The device board of a whole fleet, as an HR officer sees it."""
    user = env["res.users"].create(
        {
            "name": "Board",
            "login": "bench-board",
            "group_ids": [(4, env.ref("biometric_attendance.group_hr_officer").id)],
        }
    )
    devices = env["biometric.device"].with_user(user)
    devices.get_board_data()
    queries = env.cr.sql_log_count
    page = devices.get_board_data()
    queries = env.cr.sql_log_count - queries
    figure(
        board_agents=len(page["agents"]),
        board_devices=page["total"],
        board_queries=queries,
        board_page_ms=timed(devices.get_board_data),
        board_largest_page_ms=timed(lambda: devices.get_board_data(limit=1000)),
        board_search_ms=timed(lambda: devices.get_board_data(search="F77")),
    )
    env.cr.rollback()


def orm(env, count=2000):
    """Punches a second by ORM create of the same kind of rows, in one call."""
    agent = env["biometric.agent"].search([], limit=1)
    device = env["biometric.device"].search([("agent_id", "=", agent.id)], limit=1)
    stamp = "2026-03-02 08:00:00"
    rows = [
        {
            "company_id": agent.company_id.id,
            "device_id": device.id,
            "key": f"{n:064x}",
            "serial": device.serial,
            "pin": str(n),
            "wall_time": stamp,
            "wall_date": stamp[:10],
            "status": "0",
            "stored_at": stamp,
        }
        for n in range(count)
    ]
    lane = env["biometric.lane"].create(
        {
            "company_id": agent.company_id.id,
            "agent_id": agent.id,
            "lane": "e" * 32,
            "started_at": stamp,
        }
    )
    began = time.perf_counter()
    punches = env["biometric.punch"].create(rows)
    env["biometric.sighting"].create(
        [
            {
                "company_id": agent.company_id.id,
                "lane_id": lane.id,
                "seq": n + 1,
                "kind": "punch",
                "punch_id": punch.id,
                "device_id": device.id,
                "channel": "push",
                "received_at": stamp,
                "clock": "ok",
                "salt": "0" * 32,
                "leaf": "0" * 64,
                "hash": "0" * 64,
            }
            for n, punch in enumerate(punches)
        ]
    )
    env.flush_all()
    figure(orm_create_per_second=round(count / (time.perf_counter() - began)))
    env.cr.rollback()


def trail(env, count):
    """Seal and verify `count` audit entries, inside and outside."""
    company = env["res.company"].create({"name": "Bench trail"})
    agent, _token = AddonCase.make_agent.__func__(
        type("Case", (), {"env": env}), "T", company=company
    )
    env.cr.execute(
        """INSERT INTO biometric_audit (company_id, happened_at, transaction_id, form, actor_salt,
               content_salt, user_id, login, user_name, action, model, before, after, reason,
               self_approved)
           SELECT %s, date_trunc('milliseconds', now() AT TIME ZONE 'UTC'), 'b', '1', md5(n::text),
                  md5(n::text || 'c'), 2, 'admin', 'Admin', 'bench.change', 'biometric.device',
                  '{"n":1}', '{"n":2}', 'a reason of some length', false
             FROM generate_series(1, %s) n""",
        (company.id, count),
    )
    began = time.perf_counter()
    while env["biometric.audit"]._seal(5000):
        pass
    sealed = time.perf_counter() - began
    check = env["biometric.audit.check"]._begin(company, "bench")
    began, used = time.perf_counter(), time.process_time()
    while check._step():
        pass
    inside, used = time.perf_counter() - began, time.process_time() - used
    assert check.state == "ok", check.state
    file = io.BytesIO()
    env["biometric.company.export"]._write(company, file)
    began, script = time.perf_counter(), time.process_time()
    findings = verify.verify(verify.Export(file))
    outside, script = time.perf_counter() - began, time.process_time() - script
    assert not findings.counts, findings.rows[:3]
    figure(
        audit_entries=count,
        seal_seconds=round(sealed, 1),
        verify_in_odoo_seconds=round(inside, 1),
        verify_in_odoo_cpu_seconds=round(used, 1),
        verify_export_seconds=round(outside, 1),
        verify_export_cpu_seconds=round(script, 1),
        peak_mb=round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    )
    env.cr.rollback()


def lanes(env, count):
    """Verify `count` sightings that came through ingest."""

    class Case(AddonCase):
        pass

    Case.env = env
    company = env["res.company"].create({"name": "Bench lane"})
    agent, _token = Case.make_agent("L", company=company)
    Case.make_device(agent)
    lane = Lane("9" * 32)
    for start in range(0, count, 1000):
        rows = [lane.punch(pin=str(start + n)) for n in range(1000)]
        Case.store(Case, agent, lane, *rows)
    check = env["biometric.audit.check"]._begin(company, "bench")
    began = time.perf_counter()
    while check._step():
        pass
    assert check.state == "ok", check.state
    figure(sightings=count, verify_per_second=round(2 * count / (time.perf_counter() - began)))
    env.cr.rollback()
