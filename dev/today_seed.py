"""Runs after screens_seed.py in the same shell: a working day around the hour the picture is taken.

At any hour of any day somebody is at work, late, not yet here and expected later: shifts that began
three hours ago, or begin in two, for the people of office and warehouse.
"""

# ruff: noqa: F821 - what screens_seed.py made is given

HOUR = (datetime.now() + UTC_OFFSET).replace(minute=0, second=0, microsecond=0)
BEGAN = HOUR - timedelta(hours=3)
# Minutes before or after the shift's beginning; None: nobody came.
CAME = (-4, 3, 27, -9, 12, None, None, -2)
LATER = 6

around, later = env["biometric.shift"].create(
    [
        {"name": name, "code": code, "start": start.hour, "end": (start.hour + 8) % 24, "color": 5}
        for name, code, start in (
            ("Around now", "A", BEGAN),
            ("Later", "LT", HOUR + timedelta(hours=2)),
        )
    ]
)
crew = [*office, *warehouse]
env["biometric.roster"].create(
    [
        {
            "employee_id": person.id,
            "date": BEGAN.date(),
            "shift_id": later.id if number == LATER else around.id,
        }
        for number, (person, _pin) in enumerate(crew)
    ]
)
# a lane of its own: the one of the seed goes on where it ended
lane = Lane("cd" * 16)
sightings = []
for minutes, (_person, pin) in zip(CAME, crew, strict=True):
    if minutes is not None:
        moment = BEGAN + timedelta(minutes=minutes)
        received = (moment - UTC_OFFSET).strftime("%Y-%m-%dT%H:%M:%S.400Z")
        wall = moment.strftime("%Y-%m-%d %H:%M:%S")
        sightings.append(lane.punch(gate.serial, pin, wall, "0", received_at=received))
_id, name, batch = parse_batch(lane.batch(*sightings))
env["biometric.ingest"]._store_batch(agent, name, batch)
compute()
env.cr.commit()
