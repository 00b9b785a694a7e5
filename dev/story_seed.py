"""Runs after screens_seed.py and today_seed.py in the same shell: what people did with those.

A balance of time off, a pay group, a correction that was approved, PINs that mean nobody yet.
"""

# ruff: noqa: F821 - what the seeds before made is given

admin = env.ref("base.user_admin")
make_user("Ben Tan", "biometric", "group_administrator")

# Time off of before: sixteen hours that end in a month, eight that end in ten.
company.biometric_cto_from = TODAY
holder = office[0][0]
accounts = env["biometric.cto.account"].sudo()
book = accounts._open(company, holder.ids)[holder.id]
for name, hours, days in (("soon", 16, 30), ("later", 8, 300)):
    book.bank.opening(f"opening:{name}", TODAY, hours * 60, TODAY + timedelta(days=days))
accounts._write_down([book])
monday = TODAY + timedelta(days=7 - TODAY.weekday())
env["hr.leave"].create(
    {
        "employee_id": holder.id,
        "holiday_status_id": env.ref("biometric_attendance.leave_type_cto").id,
        "request_date_from": monday,
        "request_date_to": monday,
    }
).with_user(admin).action_approve()

env["biometric.period.group"].create({"name": "Everybody", "anchor": FIRST})

# A second terminal was put up: its list of people means nobody yet.
door = env["biometric.device"].create(
    {"name": "Warehouse door", "serial": "BRM9203600002", "agent_id": agent.id}
)
door.with_user(admin).action_approve()
door.sudo().write({"in_service_from": FIRST, "complete_until": fields.Datetime.now()})
newcomer = env["hr.employee"].create(
    {
        "name": "Mayumi Salazar",
        "department_id": departments["Plant"].id,
        "barcode": "1404",
        "tz": TZ,
    }
)
told = [
    (gate, "404", newcomer.name),
    (door, "201", warehouse[0][0].name),
    (door, "202", ""),
    (door, "1203", ""),
    (door, "0102", "Bayani"),
    (door, "77", "Guard"),
    (door, "303", plant[2][0].name),
]
users = env["biometric.device.user"]
for device, pin, name in told:
    row = users.search([("device_id", "=", device.id), ("pin", "=", pin)])
    row = row or users.create({"device_id": device.id, "pin": pin})
    row.sudo().write({"device_name": name, "sync_state": "on_device"})
users.with_user(hr).map_pins(door.ids, [["303", plant[2][0].id]])

# HR asked for punches that people forgot; another person said yes to one of them.
asked = env["biometric.adjustment"].with_user(hr)
forgotten = env["biometric.day"].search(
    [("status", "=", "incomplete"), ("exceptions", "=", "missing_out")], order="date", limit=2
)
for day in forgotten:
    number = asked.request(
        {
            "kind": "add_punch",
            "employee_id": day.employee_id.id,
            "date": str(day.date),
            "clock": "17:00",
            "reason_id": env.ref("biometric_attendance.reason_forgot").id,
            "reason_text": "the gate's book shows that they left at five",
        }
    )
    if day == forgotten[0]:
        asked.browse(number).with_user(admin).approve()
compute()
env.cr.commit()
