"""A fleet with a release on offer, and what a sync asks of it. Runs in `odoo shell` behind
odoo_fleet_fill.py; started by tests/bench/updates.ts.
"""

import hashlib
import time
from datetime import timedelta

from odoo import fields

FILE_BYTES = 87_000_000


def offer(env):
    """The release is offered to all; nobody fetches yet. The SHA-256 of its file."""
    company = env.company
    company.biometric_updates = True
    data = bytes(FILE_BYTES)
    digest = hashlib.sha256(data).hexdigest()
    release = env["biometric.release"].create({"company_id": company.id, "ring": "100"})
    attachment = env["ir.attachment"].create(
        {"name": "agent", "raw": data, "res_model": release._name, "res_id": release.id}
    )
    file = {"version": "2.0.0", "architecture": "aarch64", "length": FILE_BYTES}
    file |= {"sha256": digest, "attachment": attachment.id}
    release.write({"name": "2.0.0", "state": "offered", "files": [file], "set_version": 1})
    release.expires_at = fields.Datetime.now() + timedelta(days=30)
    agents = env["biometric.agent"].search([("name", "=like", "Fleet %")])
    agents.write(
        {"host_arch": "aarch64", "updates_itself": True, "queue_pending": 0}
        | {"agent_version": "1.0.0", "last_seen_at": fields.Datetime.now() + timedelta(days=1)}
    )
    env["biometric.update"]._enlist(release)
    env.cr.commit()
    return digest


def ask(env, times):
    """What `_update_offer` costs a sync: {state of the seats: [statements, processor ms]}."""
    said = {"agent": {"update": {"on_trial": "", "refused": []}, "last_errors": []}}
    figures = {}
    rows = env["biometric.update"].search([], order="place desc")
    for name, seats in (("a seat is free", ()), ("both seats are taken", (1, 2))):
        env.cr.execute("UPDATE biometric_update SET seat = 0, state = 'waiting'")
        for seat, row in zip(seats, rows[-2:], strict=False):
            env.cr.execute(
                "UPDATE biometric_update SET seat = %s, served_at = now() at time zone 'UTC' "
                "WHERE id = %s",
                (seat, row.id),
            )
        agents = rows[:times].agent_id
        statements, used = env.cr.sql_log_count, time.process_time()
        for agent in agents:
            env.invalidate_all()
            agent = env["biometric.agent"].browse(agent.id)
            assert env["biometric.sync"]._update_offer(agent, said) is None
        ms = 1000 * (time.process_time() - used) / len(agents)
        count = (env.cr.sql_log_count - statements) / len(agents)
        figures[name] = [round(count, 1), round(ms, 2)]
    env.cr.rollback()
    return figures
