"""Eight weeks of a small company in Manila, for pictures and for looking at the screens by hand.

Runs in Odoo's shell (`env` is given). Owns people, schedules, a roster, leaves and what terminals
would have sent; days are computed by the addon, never written here. The same seed gives the same
punches; only the dates follow today.
"""

# ruff: noqa: F821 - env comes from the shell

import random
from datetime import datetime, time, timedelta

from odoo import Command, fields

from odoo.addons.biometric_attendance.contract.wire import parse_batch
from odoo.addons.biometric_attendance.tests.common import Lane

TZ = "Asia/Manila"
UTC_OFFSET = timedelta(hours=8)
RANDOM = random.Random(16)
TODAY = (fields.Datetime.now() + UTC_OFFSET).date()
FIRST = (TODAY.replace(day=1) - timedelta(days=1)).replace(day=1)
OFFICE = ["Amihan Reyes", "Bayani Cruz", "Carmela Santos-de los Reyes", "Dalisay Ocampo"]
WAREHOUSE = ["Efren Bautista", "Florencia Garcia", "Gregorio Mendoza", "Hiraya Villanueva"]
PLANT = ["Isagani Torres", "Jasmin Aquino", "Kidlat Ramos", "Ligaya Dela Cruz"]


def make_user(name, login, group):
    return env["res.users"].create(
        {
            "name": name,
            "login": login,
            "password": login,
            "tz": TZ,
            "group_ids": [
                Command.link(env.ref("base.group_user").id),
                Command.link(env.ref(f"biometric_attendance.{group}").id),
            ],
        }
    )


def make_calendar():
    windows = [(8, 12, "morning"), (12, 13, "lunch"), (13, 17, "afternoon")]
    return env["resource.calendar"].create(
        {
            "name": "Office, 8 to 5",
            "tz": TZ,
            "attendance_ids": [
                Command.clear(),
                *(
                    Command.create(
                        {
                            "name": f"{part} {weekday}",
                            "dayofweek": str(weekday),
                            "hour_from": start,
                            "hour_to": end,
                            "day_period": part,
                        }
                    )
                    for weekday in range(5)
                    for start, end, part in windows
                ),
            ],
        }
    )


def make_people(names, department, calendar, first_pin, device):
    people = []
    for number, name in enumerate(names):
        employee = env["hr.employee"].create(
            {
                "name": name,
                "department_id": department.id,
                "date_version": FIRST - timedelta(days=400),
                "contract_date_start": FIRST - timedelta(days=400),
                "resource_calendar_id": calendar.id,
                "tz": TZ,
                "barcode": f"{1000 + first_pin + number}",
            }
        )
        user = {"device_id": device.id, "pin": str(first_pin + number), "employee_id": employee.id}
        env["biometric.device.user"].create(user)
        people.append((employee, str(first_pin + number)))
    return people


def at(day, hour, minute, spread=0):
    moment = datetime.combine(day, time(hour % 24, minute)) + timedelta(days=hour // 24)
    return moment + timedelta(seconds=RANDOM.randint(-spread * 60, spread * 60))


def office_punches(day, number):
    """Clock times of one day: mostly right, sometimes late, long, forgotten or absent."""
    dice = RANDOM.random()
    if dice < 0.03:
        return []
    came = at(day, 8, 24 if dice < 0.12 else 0, 11) - timedelta(minutes=6)
    left = at(day, 19 if number % 4 == 1 and day.weekday() in (1, 3) else 17, 6, 6)
    punches = [came, at(day, 12, 3, 3), at(day, 12, 55, 4), left]
    if dice > 0.96:
        return punches[:3]
    if dice > 0.92:
        return [came, came + timedelta(seconds=14), *punches[1:]]
    return punches


def night_punches(day):
    dice = RANDOM.random()
    if dice < 0.04:
        return []
    punches = [at(day, 21, 55, 6), at(day, 26, 0, 4), at(day, 26, 31, 4), at(day, 30, 4, 5)]
    return punches[:1] if dice > 0.95 else punches


def dates(first, last):
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


def send(agent, device, rows):
    """What the terminal sends: one sighting per punch, live, through the addon's own ingest."""
    lane = Lane()
    now = datetime.now() + UTC_OFFSET
    sightings = []
    for moment, pin, key in sorted(rows):
        if moment < now - timedelta(minutes=5):
            received = (moment - UTC_OFFSET).strftime("%Y-%m-%dT%H:%M:%S.400Z")
            wall = moment.strftime("%Y-%m-%d %H:%M:%S")
            sightings.append(lane.punch(device.serial, pin, wall, str(key), received_at=received))
    for start in range(0, len(sightings), 500):
        _id, name, batch = parse_batch(lane.batch(*sightings[start : start + 500]))
        env["biometric.ingest"]._store_batch(agent, name, batch)


def compute():
    stale = env["biometric.stale.day"].sudo()
    env["biometric.stale.day"]._mark(
        [
            (employee.id, day)
            for employee in env["hr.employee"].search([("biometric_user_ids", "!=", False)])
            for day in dates(FIRST, TODAY)
        ]
    )
    while pairs := stale._pop(6000):
        env["biometric.day.rebuild"].sudo()._rebuild_stale(pairs)


company = env.company
company.write({"name": "Maharlika Foods"})
company.partner_id.tz = TZ
env.user.tz = TZ
agent = env["biometric.agent"].search([], limit=1) or env["biometric.agent"].create(
    {"name": "Manila", "tz": TZ}
)
agent.sudo().state = "active"
gate = env["biometric.device"].create(
    {"name": "Main gate", "serial": "BRM9203600001", "agent_id": agent.id, "place": "Ground floor"}
)
gate.action_approve()
gate.sudo().write(
    {
        "in_service_from": FIRST - timedelta(days=60),
        "complete_until": fields.Datetime.now() - timedelta(minutes=4),
    }
)
env["biometric.device.zone"].search([("device_id", "=", gate.id)]).unlink()
env["biometric.device.zone"].create(
    {"device_id": gate.id, "tz": TZ, "valid_from": "0001-01-01 00:00:00"}
)

departments = {
    name: env["hr.department"].create({"name": name}) for name in ("Office", "Warehouse", "Plant")
}
calendar = make_calendar()
office = make_people(OFFICE, departments["Office"], calendar, 101, gate)
warehouse = make_people(WAREHOUSE, departments["Warehouse"], calendar, 201, gate)
plant = make_people(PLANT, departments["Plant"], calendar, 301, gate)

hr = make_user("Hannah Lim", "hr", "group_hr_officer")
payroll = make_user("Paolo Yu", "payroll", "group_payroll_officer")
auditor = make_user("Ida Gomez", "auditor", "group_auditor")
boss = make_user("Efren Bautista", "boss", "group_approver")
employee = make_user("Amihan Reyes", "employee", "group_employee")
warehouse[0][0].user_id = boss
office[0][0].user_id = employee
for person, _pin in warehouse[1:]:
    person.parent_id = warehouse[0][0]

shifts = {
    name: env["biometric.shift"].create(values | {"name": name, "color": color})
    for color, (name, values) in enumerate(
        {
            "Early": {
                "code": "E",
                "start": 6.0,
                "end": 14.0,
                "break_start": 10.0,
                "break_end": 10.5,
            },
            "Late": {
                "code": "L",
                "start": 14.0,
                "end": 22.0,
                "break_start": 18.0,
                "break_end": 18.5,
            },
            "Night": {"code": "N", "start": 22.0, "end": 6.0, "break_start": 2.0, "break_end": 2.5},
        }.items(),
        start=1,
    )
}
horizon = TODAY + timedelta(days=13)
roster = []
for day in dates(FIRST, horizon):
    for number, (person, _pin) in enumerate(plant):
        week = day.isocalendar().week + number
        off = (day.weekday() - number) % 7 in (5, 6)
        name = ("Early", "Late", "Night", "Early")[week % 4]
        roster.append(
            {"employee_id": person.id, "date": day, "shift_id": not off and shifts[name].id}
        )
env["biometric.roster"].create(roster)

# One of the plant gives a shift away; the colleague agreed, the approver's yes is missing.
giver, taker = plant[0][0], plant[1][0]
for person, login in ((giver, "giver"), (taker, "taker")):
    person.user_id = make_user(person.name, login, "group_employee")
taken = {(line["date"], line["shift_id"]) for line in roster if line["employee_id"] == taker.id}
given = next(
    line
    for line in roster
    if line["employee_id"] == giver.id
    and line["date"] > TODAY + timedelta(days=1)
    and line["shift_id"]
    and (line["date"], line["shift_id"]) not in taken
)
swaps = env["biometric.swap"].with_user(giver.user_id)
swap = swaps.browse(
    swaps.ask(
        {
            "date": str(given["date"]),
            "shift_id": given["shift_id"],
            "to_employee_id": taker.id,
            "reason_text": "My sister marries on that evening",
        }
    )
)
swap.with_user(taker.user_id).agree()

rules = env["biometric.rule"].create(
    {
        "name": "Whole company",
        "preset": "ph_private",
        "valid_from": FIRST - timedelta(days=30),
    }
)
rules.write(
    {
        "p_late_grace_minutes": 5,
        "p_ot_requires_approval": True,
        "p_ot_min_minutes": 30,
        "p_ot_round_unit_minutes": 15,
    }
)

holiday = FIRST + timedelta(days=(2 - FIRST.weekday()) % 7 + 14)
env["resource.calendar.leaves"].create(
    {
        "name": "Foundation day",
        "calendar_id": False,
        "company_id": company.id,
        "date_from": datetime.combine(holiday, time(0)) - UTC_OFFSET,
        "date_to": datetime.combine(holiday, time(23, 59, 59)) - UTC_OFFSET,
    }
)
kind = env["hr.leave.type"].create(
    {"name": "Vacation", "requires_allocation": False, "leave_validation_type": "no_validation"}
)
away = {}
for person, first, length in (
    (office[3][0], FIRST + timedelta(days=(7 - FIRST.weekday()) % 7 + 7), 3),
    (warehouse[2][0], FIRST + timedelta(days=(7 - FIRST.weekday()) % 7 + 21), 5),
):
    env["hr.leave"].create(
        {
            "employee_id": person.id,
            "holiday_status_id": kind.id,
            "request_date_from": first,
            "request_date_to": first + timedelta(days=length - 1),
        }
    )
    away[person.id] = dates(first, first + timedelta(days=length - 1))
# Somebody came in on the second day of a leave.
came_anyway = away[office[3][0].id][1]

rows = []
for number, (person, pin) in enumerate(office + warehouse):
    for day in dates(FIRST, TODAY):
        on_leave = day in away.get(person.id, ()) and day != came_anyway
        if day.weekday() > 4 or day == holiday or on_leave:
            continue
        punches = office_punches(day, number)
        tapped = len(punches) == 5
        rows += [
            (moment, pin, (index - (tapped and index > 0)) % 2)
            for index, moment in enumerate(punches)
        ]
saturday = FIRST + timedelta(days=(5 - FIRST.weekday()) % 7 + 7)
rows += [(at(saturday, 8, 0, 3), "202", 0), (at(saturday, 12, 10, 3), "202", 1)]
rows += [(at(holiday, 8, 0, 3), "203", 0), (at(holiday, 15, 10, 3), "203", 1)]
pins = {person.id: pin for person, pin in plant}
names = {shift.id: name for name, shift in shifts.items()}
for line in roster:
    if line["date"] > TODAY or not line["shift_id"]:
        continue
    hour = {"Early": 6, "Late": 14, "Night": 22}[names[line["shift_id"]]] - 22
    moments = [moment + timedelta(hours=hour) for moment in night_punches(line["date"])]
    rows += [(moment, pins[line["employee_id"]], index % 2) for index, moment in enumerate(moments)]
# A PIN that means nobody yet, a clock that fell back to its birthday.
rows += [(at(TODAY - timedelta(days=n), 8, 2, 4), "404", 0) for n in range(1, 5)]
rows += [(datetime(2000, 1, 1, 0, 4, 11), "102", 0)]
send(agent, gate, rows)
compute()
env.cr.commit()
