"""Runs inside `odoo shell`: a fleet of FLEET agents with DEVICES terminals each, as if paired.

Prints the private key they share; their tokens are `fleet-N`. Started by tests/bench/odoo_fleet.ts.
"""

import base64
import json

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from odoo.tools import SQL


def fill(env, agents, devices):
    key = Ed25519PrivateKey.generate()
    public = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    private = key.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())
    cr, company = env.cr, env.company.id
    cr.execute(
        """INSERT INTO biometric_agent (name, company_id, tz, state, active, public_key,
               create_date, write_date)
           SELECT 'Fleet ' || n, %s, 'Asia/Manila', 'active', true, %s, now(), now()
             FROM generate_series(1, %s) n""",
        (company, base64.b64encode(public).decode(), agents),
    )
    cr.execute(
        """INSERT INTO biometric_agent_token (company_id, agent_id, token_hash, state, created_at)
           SELECT company_id, id, encode(sha256(('fleet-' || substr(name, 7))::bytea), 'hex'),
                  'current', now() FROM biometric_agent WHERE name LIKE 'Fleet %%'""",
        (),
    )
    cr.execute(
        """INSERT INTO biometric_lane (company_id, agent_id, lane, started_at, head_seq, head_hash,
               max_seq, moved_at)
           SELECT company_id, id, md5(name), now(), 30, repeat('ab', 32), 30, now()
             FROM biometric_agent WHERE name LIKE 'Fleet %%'""",
        (),
    )
    values = env["biometric.device"]._first_values() | {"state": "active"}
    cr.execute(
        SQL(
            """INSERT INTO biometric_device (name, serial, agent_id, company_id, %s)
               SELECT 'F' || substr(a.name, 7) || '-' || d, 'F' || substr(a.name, 7) || '-' || d,
                      a.id, a.company_id, %s
                 FROM biometric_agent a, generate_series(1, %s) d WHERE a.name LIKE %s""",
            SQL(", ").join(map(SQL.identifier, values)),
            SQL(", ").join(SQL("%s", value) for value in values.values()),
            devices,
            "Fleet %",
        )
    )
    cr.execute(
        """INSERT INTO biometric_device_zone (company_id, device_id, tz, valid_from)
           SELECT company_id, id, 'Asia/Manila', '0001-01-01 00:00:00' FROM biometric_device"""
    )
    env["biometric.audit"]._seal(1000)
    cr.commit()
    cr.execute("ANALYZE")
    cr.commit()
    print("FIGURE " + json.dumps({"key": base64.b64encode(private).decode()}))


def people(env, count, serial="%"):
    """People who punch: each of the PINs 0 to `count` - 1 means one of them on every terminal, or
    on those whose serial numbers are like one."""
    made = env["hr.employee"].create(
        [{"name": f"Fleet {number}", "date_version": "2020-01-01"} for number in range(count)]
    )
    env.flush_all()
    env.cr.execute(
        """INSERT INTO biometric_device_user (company_id, device_id, pin, employee_id, sync_state,
               create_date, write_date)
           SELECT d.company_id, d.id, (e.number - 1)::text, e.id, 'unknown', now(), now()
             FROM biometric_device d, unnest(%s) WITH ORDINALITY e (id, number)
            WHERE d.serial LIKE %s""",
        (made.ids, serial),
    )
    env.cr.commit()
    env.cr.execute("ANALYZE")
    env.cr.commit()
