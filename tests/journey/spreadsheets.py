"""Files for people, full of what spreadsheets like to change, and what each cell has to say.

Runs in Odoo's shell (`env` and FOLDER are given). Owns the people and the manifest; the files are
the addon's own.
"""

# ruff: noqa: F821 - env and FOLDER come from the shell

import base64
import csv
import io
import json
import zipfile
from datetime import date, timedelta
from pathlib import Path

from odoo.addons.biometric_attendance.engine import formats, roster_csv

PEOPLE = (
    ("00042", "=1+1"),
    ("000", "+49 Jürgen Müßig"),
    ("1E5", "-Şükrü Öztürk"),
    ("0E5", "@René"),
    ("123456789012345678", "محمد عبد الله"),
    ("007", 'Ł\'Ångström, "Quote"; Ltd'),
    ("TRUE", '=HYPERLINK("http://example.com","x")'),
)
DAYS = [date(2026, 3, 2) + timedelta(days=n) for n in range(7)]
env.company.partner_id.tz = "UTC"
agent = env["biometric.agent"].create({"name": "Gate", "tz": "UTC"})
agent.state = "active"
gate = env["biometric.device"].create(
    {"name": "Gate", "serial": "SHEET", "agent_id": agent.id, "company_id": env.company.id}
)
gate.action_approve()
people = env["hr.employee"].create(
    [
        {"name": name, "barcode": number, "tz": "UTC", "date_version": "2026-01-01"}
        for number, name in PEOPLE
    ]
)
for pin, person in enumerate(people):
    env["biometric.device.user"].create(
        {"device_id": gate.id, "pin": f"00{pin}", "employee_id": person.id}
    )
for person in people:
    env.cr.execute(
        """INSERT INTO biometric_day (company_id, employee_id, date, status, is_blocking,
                                      worked_minutes, regular_minutes)
           VALUES (%s, %s, %s, 'present', FALSE, 487, 487)""",
        (env.company.id, person.id, DAYS[0]),
    )
# codes that a spreadsheet of one language or another likes to change
CODES = ("E", "DEZ1", "1E5", "MAI 5", "007", "1-2", "Mrz 1")
shifts = env["biometric.shift"].create(
    [{"name": f"Shift of {code}", "code": code, "start": 6.0, "end": 14.0} for code in CODES]
)
env["biometric.roster"].create(
    [
        {"employee_id": person.id, "date": day, "shift_id": shifts[(place + number) % 7].id}
        for place, person in enumerate(people)
        for number, day in enumerate(DAYS)
    ]
)
export = env["biometric.export"].create({"date_from": DAYS[0], "date_to": DAYS[-1]})
export._produce("regular")
manifest = {}


def keep(name, data, cells):
    Path(FOLDER, name).write_bytes(data)
    manifest[name] = cells


rows = list(csv.DictReader(io.StringIO(export._bytes("data").decode())))
names = dict(PEOPLE)
keep(
    "payroll.xlsx",
    export._sheet()[1],
    [
        [row["employee_id"], names[row["employee_id"]], row["work_date"], row["pay_code"]]
        + [row["hours"], row["minutes"]]
        for row in rows
    ],
)
wizard = env["biometric.roster.import"].create({"week_of": DAYS[0]})
plan = roster_csv.plan_rows(DAYS, wizard._plan(DAYS))
whole = wizard.with_context(bin_size=False)
keep("roster.xlsx", base64.b64decode(whole.sheet), plan[1:])
shown = [list(map(formats.human_text, row)) for row in plan[1:]]
keep("roster.csv", base64.b64decode(whole.template), shown)
for person in people:
    packed = io.BytesIO()
    env["biometric.person.export"]._write(person, packed)
    with zipfile.ZipFile(packed) as archive:
        data = archive.read("person.csv")
    told = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))
    assert formats.human_text(person.name) in told[1], told
    keep(f"person-{person.id}.csv", data, told[1:])
Path(FOLDER, "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
env.cr.commit()
print("MADE|" + str(len(manifest)))
