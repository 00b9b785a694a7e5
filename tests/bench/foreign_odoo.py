"""What tests/bench/foreign.ts runs inside an Odoo shell: `env` and PEOPLE are given.

Each cell is measured three times in turns, with and without the question; the least counts, since
another program on the machine only adds.
"""

# ruff: noqa: F821 - env and the name in capitals come from the shell
import os
import time
from datetime import date, timedelta
from pathlib import Path
from unittest.mock import patch

from odoo.addons.biometric_attendance.contract import wire
from odoo.addons.biometric_attendance.models.ledger import biometric_ingest, biometric_usable
from odoo.addons.biometric_attendance.tests.common import AddonCase, Lane

FIRST, DAYS, BATCH, TURNS = date(2026, 3, 2), 10, 500, 3
MANILA, UTC = ("08:00", "12:00", "12:45", "17:00"), ("00:00", "04:00", "04:45", "09:00")
TICKS = os.sysconf("SC_CLK_TCK")


class Fill(AddonCase):
    pass


Fill.env = env
env.cr.execute("SELECT pg_backend_pid()")
BACKEND = env.cr.fetchone()[0]


def processor():
    """Seconds of Python, and of the server process that works for it."""
    fields = Path(f"/proc/{BACKEND}/stat").read_text().rpartition(")")[2].split()
    return time.process_time(), (int(fields[11]) + int(fields[12])) / TICKS


def measured(work):
    """Processor seconds (Python, PostgreSQL) of one turn, undone afterwards."""
    env.flush_all()
    env.invalidate_all()
    with env.cr.savepoint() as savepoint:
        before = processor()
        work()
        env.flush_all()
        after = processor()
        savepoint.rollback()
    return tuple(late - early for early, late in zip(before, after, strict=True))


def least(found):
    return min(found, key=sum)


def batches(serial, lane_name):
    lane, rows = Lane(lane_name), []
    for day in (FIRST + timedelta(days=n) for n in range(DAYS)):
        for clock, utc in zip(MANILA, UTC, strict=True):
            rows += [
                lane.punch(
                    serial,
                    pin=str(pin),
                    wall=f"{day} {clock}:{pin % 60:02d}",
                    received_at=f"{day}T{utc}:{pin % 60:02d}.500Z",
                )
                for pin in range(PEOPLE)
            ]
    for at in range(0, len(rows), BATCH):
        yield wire.parse_batch(lane.batch(*rows[at : at + BATCH]))


def plainly(cr, company_id, _agent_id, serials):
    cr.execute(
        "SELECT serial, id, state, NULL FROM biometric_device WHERE company_id = %s"
        " AND serial = ANY(%s)",
        (company_id, list(serials)),
    )
    return cr.fetchall()


WITHOUT = (
    patch.object(biometric_ingest, "devices_told", plainly),
    patch.object(biometric_usable, "BOUND", "TRUE"),
)


def compare(what, count, work):
    cells = {"with": [], "without": []}
    for _turn in range(TURNS):
        cells["with"].append(measured(work))
        with WITHOUT[0], WITHOUT[1]:
            cells["without"].append(measured(work))
    (python, server), (python_0, server_0) = least(cells["with"]), least(cells["without"])
    more = (python + server) / (python_0 + server_0) - 1
    print(
        f"| {what} | {count:,} | {python_0:.2f} + {server_0:.2f} | {python:.2f} + {server:.2f} |"
        f" {100 * more:+.0f} % |"
    )


print("| what | count | without, Python + PostgreSQL s | with | more |")
print("|---|---|---|---|---|")
agent, _token = Fill.make_agent("Own", tz="Asia/Manila")
device = Fill.make_device(agent, "BENCH1")
heir, _token = Fill.make_agent("Heir", tz="Asia/Manila")
people = env["hr.employee"].create([{"name": f"P {number}"} for number in range(PEOPLE)])
env["biometric.device.user"].create(
    [
        {
            "device_id": device.id,
            "pin": str(number),
            "employee_id": person.id,
            "valid_from": "2026-01-01",
        }
        for number, person in enumerate(people)
    ]
)
ingest = env["biometric.ingest"]
parsed = list(batches("BENCH1", "ab" * 16))


def take():
    for _batch, name, rows in parsed:
        ingest._store_batch(agent, name, rows)


def ask():
    last = FIRST + timedelta(days=DAYS)
    return env["biometric.punch"]._usable(people.ids, FIRST - timedelta(days=1), last)


total = PEOPLE * DAYS * 4
compare("ingest, told by its own agent", total, take)
take()
env.cr.commit()
env.cr.execute("ANALYZE biometric_punch; ANALYZE biometric_sighting")
assert len(ask()) == total, len(ask())
compare("punches of days, told by its own agent", total, ask)
device.agent_id = heir
env.cr.commit()
assert len(ask()) == total, len(ask())
compare("punches of days, told by a former agent", total, ask)
