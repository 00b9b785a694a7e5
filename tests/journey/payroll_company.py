"""Fifty people and a month of theirs that cannot be closed yet, for the journey of payroll.

Runs in Odoo's shell (`env` is given). Owns the people, what the terminal would have sent and what
is left open; days are computed by the addon, never written here.
"""

# ruff: noqa: F821 - env comes from the shell

import json
from datetime import datetime, time, timedelta

from odoo import Command, fields

from odoo.addons.biometric_attendance.contract.wire import parse_batch
from odoo.addons.biometric_attendance.tests.common import Lane

PEOPLE, PINS = 50, 2000
LAST = fields.Date.today().replace(day=1) - timedelta(days=1)
MIDDLE = LAST.replace(day=1)
FIRST = (MIDDLE - timedelta(days=1)).replace(day=1)


def user(name, login, group):
    return env["res.users"].create(
        {
            "name": name,
            "login": login,
            "password": login,
            "tz": "UTC",
            "group_ids": [
                Command.link(env.ref("base.group_user").id),
                Command.link(env.ref(f"biometric_attendance.{group}").id),
            ],
        }
    )


hr = user("Hannah Lim", "hr", "group_hr_officer")
second = user("Ivo Hart", "second", "group_hr_officer")
pay = user("Paolo Yu", "pay", "group_payroll_officer")
env.company.partner_id.tz = "UTC"
agent = env["biometric.agent"].create({"name": "Gate", "tz": "UTC"})
agent.state = "active"
gate = env["biometric.device"].create(
    {"name": "Gate", "serial": "PAY1", "agent_id": agent.id, "company_id": env.company.id}
)
gate.action_approve()
gate.sudo().write(
    {
        "in_service_from": FIRST - timedelta(days=60),
        "complete_until": fields.Datetime.now() - timedelta(minutes=4),
    }
)
people = env["hr.employee"].create(
    [
        {
            "name": f"Worker {number:02d}",
            "barcode": f"{PINS + number}" if number else False,
            "tz": "UTC",
            "date_version": FIRST - timedelta(days=400),
            "contract_date_start": FIRST - timedelta(days=400),
        }
        for number in range(PEOPLE)
    ]
)
env["biometric.device.user"].create(
    [
        {"device_id": gate.id, "pin": str(number), "employee_id": person.id}
        for number, person in enumerate(people)
    ]
)
days = [FIRST + timedelta(days=n) for n in range((MIDDLE - FIRST).days)]
workdays = [day for day in days if day.weekday() < 5]
forgot, late = workdays[3], workdays[4]
lane, sightings = Lane(), []
for day in workdays:
    for number in range(PEOPLE):
        for hour in (8, 16):
            if (day, number, hour) == (forgot, 1, 16):
                continue
            moment = datetime.combine(day, time(hour))
            sightings.append(
                lane.punch(
                    "PAY1",
                    str(number),
                    f"{moment:%Y-%m-%d %H:%M:%S}",
                    str(int(hour == 16)),
                    received_at=f"{moment:%Y-%m-%dT%H:%M:%S}.400Z",
                )
            )
for start in range(0, len(sightings), 500):
    _id, name, batch = parse_batch(lane.batch(*sightings[start : start + 500]))
    env["biometric.ingest"]._store_batch(agent, name, batch)
stale = env["biometric.stale.day"].sudo()
while pairs := stale._pop(6000):
    env["biometric.day.rebuild"].sudo()._rebuild_stale(pairs)
group = env["biometric.period.group"].create(
    {"name": "Everybody", "rhythm": "monthly", "anchor": FIRST}
)
asked = env["biometric.adjustment"].with_user(second)
asked.request(
    {
        "kind": "add_punch",
        "employee_id": people[1].id,
        "date": str(forgot),
        "clock": "16:00",
        "reason_text": "forgot to punch, the guard saw her leave",
    }
)
raised = asked.request(
    {
        "kind": "set_minutes",
        "employee_id": people[2].id,
        "date": str(late),
        "pay_class": "regular",
        "minutes": 480,
        "reason_text": "an hour of inventory outside the gate",
    }
)
env.cr.commit()
told = {
    "periods": group.period_ids.sorted("date_from")[:2].ids,
    "nobody": people[0].name,
    "forgot": [people[1].name, str(forgot)],
    "late": [people[2].name, str(late)],
    "workdays": len(workdays),
    "raised": raised,
}
print("COMPANY|" + json.dumps(told))
