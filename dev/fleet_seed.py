"""Branches in every state that a terminal board knows, and a month of what is proven of them.

Runs in Odoo's shell (`env` is given). Rows are written as the agents' reports would have left them;
nothing of the answer is made up.
"""

# ruff: noqa: F821 - env comes from the shell

from datetime import timedelta

from odoo import fields

now = fields.Datetime.now()


def ago(**span):
    return now - timedelta(**span)


def agent(name, seen, **values):
    record = env["biometric.agent"].create({"name": name, "tz": "Asia/Manila"})
    record.sudo().write(
        dict(
            {
                "state": "active",
                "last_seen_at": seen,
                "disk_total_bytes": 32e9,
                "disk_free_bytes": 2e10,
            },
            **values,
        )
    )
    return record


def device(agent, name, serial, heard, **values):
    record = env["biometric.device"].create(
        {"name": name, "serial": serial, "agent_id": agent.id, "place": values.pop("place", "")}
    )
    record.sudo().write(
        dict(
            {
                "state": "active",
                "first_seen_at": ago(days=90),
                "last_heard_at": heard,
                "last_punch_at": heard,
            },
            **values,
        )
    )
    return record


manila = agent("Manila", ago(seconds=4))
cebu = agent("Cebu", ago(seconds=7), queue_pending=312, oldest_pending_at=ago(minutes=31))
davao = agent("Davao", ago(hours=5))
iloilo = agent(
    "Iloilo",
    ago(seconds=20),
    state="waiting",
    queue_pending=41,
    oldest_pending_at=ago(minutes=55),
    paired_at=ago(hours=1),
)
for number, place in enumerate(["Main gate", "Warehouse", "Canteen", "Reception"]):
    device(
        manila,
        f"Manila {place}",
        f"BRM92036{number}0417",
        ago(seconds=9 + number),
        place=place,
        storage_percent=21 + 9 * number,
        complete_until=ago(minutes=2 + number),
    )
device(
    manila,
    "Manila Car park",
    "BRM9203640417",
    ago(seconds=12),
    storage_percent=93,
    complete_until=ago(minutes=3),
)
device(
    cebu,
    "Cebu Plant entrance",
    "CJDE204160022",
    ago(seconds=40),
    pending=312,
    rejects=3,
    storage_percent=37,
    complete_until=ago(minutes=33),
)
device(
    davao,
    "Davao Office",
    "CJDE204160518",
    ago(hours=5),
    storage_percent=48,
    complete_until=ago(hours=5),
)
device(
    manila,
    "BRM9203777001",
    "BRM9203777001",
    ago(seconds=30),
    state="waiting",
    first_seen_at=ago(minutes=12),
    last_punch_at=False,
)

# Punches come from terminals alone; here they are laid where ingest would have laid them.
tz = "Asia/Manila"
for index, record in enumerate(env["biometric.device"].search([("state", "=", "active")])):
    env.cr.execute(
        """
        INSERT INTO biometric_punch (company_id, device_id, key, serial, pin, wall_time, wall_date,
                                     status, stored_at)
        SELECT %s, %s, encode(sha256((%s || n)::bytea), 'hex'), %s, n::text,
               to_char(now() AT TIME ZONE %s, 'YYYY-MM-DD') || ' 00:00:00',
               (now() AT TIME ZONE %s)::date, '0', now() AT TIME ZONE 'utc'
          FROM generate_series(1, %s) n""",
        (record.company_id.id, record.id, record.serial, record.serial, tz, tz, 41 + 37 * index),
    )

# What is proven: all but the last hours, and windows that nobody has told yet.
for record in env["biometric.device"].search([("state", "=", "active")]):
    proven = record.complete_until or ago(minutes=5)
    record.sudo().write({"in_service_from": ago(days=60), "proven_until": proven})


def gap(serial, begins, hours, kind="silence"):
    record = env["biometric.device"].search([("serial", "=", serial)])
    env["biometric.gap"].sudo().create(
        {
            "company_id": record.company_id.id,
            "agent_id": record.agent_id.id,
            "device_id": record.id,
            "kind": kind,
            "window_from": begins,
            "window_to": begins + timedelta(hours=hours),
        }
    )


gap("CJDE204160022", ago(days=2, hours=5), 3)
gap("CJDE204160022", ago(days=6, hours=2), 26)
gap("CJDE204160518", ago(days=9, hours=8), 7, "lost")
gap("BRM9203620417", ago(days=12, hours=4), 2)
env.cr.commit()
