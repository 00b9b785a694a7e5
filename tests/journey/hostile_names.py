"""What hostile_names_test.ts runs inside an Odoo shell: `env` and HOSTILE are given.

One record of every model as the access matrix makes them; then every stored text that is free text
becomes the hostile one, below all layers, as if each door had let it in. Prints what there is to
open: actions with a record of their model, reports with one of theirs.
"""

# ruff: noqa: F821 - env and HOSTILE come from the shell
import json
from datetime import date

import psycopg2

from odoo.tools import SQL, mute_logger

from odoo.addons.biometric_attendance.tests.common import Lane, lay_row
from odoo.addons.biometric_attendance.tests.test_access_matrix import MatrixRecords

DAY = "2026-03-02"
# Given out by a link alone: Odoo's own door to reports refuses it to everybody.
REGISTER = "biometric_attendance.inspection_register"
# Texts that the program itself reads: names of zones and codes, numbers of the chain, JSON.
PROGRAMS = {
    *("tz", "wall_time", "key", "hash", "leaf", "salt", "lane", "form", "action", "model", "code"),
    *("kind", "state", "public_key", "fingerprint", "digest", "identifier", "uuid", "before"),
    *("after", "signature", "previous_hash", "head_hash", "checkpoint_hash", "statement_email"),
    *("serial", "locale", "code_hash", "secret_hash", "status", "channel", "dialect", "family"),
}


def fill():
    class Filled(MatrixRecords):
        pass

    Filled.env = env
    Filled.far = env["hr.employee"].create({"name": HOSTILE, "tz": "UTC"})
    Filled.make_records()
    Filled.device.name = HOSTILE
    Filled.agent.write({"name": HOSTILE, "statement_email": "auditor@example.com"})
    env.ref("base.user_admin").email = "admin@example.com"
    env["biometric.device.user"].map_pins(Filled.device.ids, [["far", Filled.far.id]])
    lane = Lane("c" * 32)
    Filled.store(Filled, Filled.agent, lane, lane.punch(pin="far", wall=f"{DAY} 17:00:00"))
    # A PIN that means nobody and a line that cannot be read, as a terminal may send them.
    Filled.store(Filled, Filled.agent, lane, lane.punch(pin=HOSTILE[:24]), lane.reject(raw=HOSTILE))
    env["biometric.roster"].create({"employee_id": Filled.far.id, "date": DAY})
    lay_row(
        env["biometric.day"],
        {"employee_id": Filled.far.id, "company_id": env.company.id, "date": DAY},
    )
    Filled.lay_swap({"employee_id": Filled.far.id, "company_id": env.company.id})
    lay_row(
        env["biometric.cto.certificate"],
        {"employee_id": Filled.far.id, "company_id": env.company.id, "name": HOSTILE}
        | {"date_from": DAY, "date_to": DAY},
    )
    day = date.fromisoformat(DAY)
    env["biometric.month.record"]._prepare(Filled.far, env.company, day, day)
    officer = env["biometric.inspection"].with_user(env.ref("base.user_admin"))
    about = {"name": HOSTILE, "reason": "yearly inspection", "company": env.company}
    officer._issue("4711", 5, **about, date_from=day, date_to=day)
    Filled.agent._send_statement()
    env["biometric.incident"].search([]).write({"device_id": Filled.device.id, "message": HOSTILE})
    for incident in env["biometric.incident"].search([]):
        incident._mail_all()
    now = Filled.agent.create_date
    env["biometric.incident"].search([]).write({"opened_at": now, "seen_at": now})
    env["biometric.usage"].search([]).write({"devices": 0, "employees": 0})
    env.flush_all()


def free_texts():
    for name, model in env.items():
        if not name.startswith("biometric.") or model._abstract or model._transient:
            continue
        if not model._auto:
            continue
        for field in model._fields.values():
            free = field.type in ("char", "text", "html") and not field.translate
            if field.store and free and field.name not in PROGRAMS:
                yield model, field


def poison():
    """(columns that took the text, columns that refused it)."""
    env.cr.execute("SET LOCAL biometric.allow_change = 'on'")
    taken, refused = [], []
    for model, field in free_texts():
        statement = SQL(
            "UPDATE %s SET %s = %s",
            SQL.identifier(model._table),
            SQL.identifier(field.name),
            HOSTILE,
        )
        try:
            with mute_logger("odoo.sql_db"), env.cr.savepoint(flush=False):
                env.cr.execute(statement)
            taken.append(f"{model._name}.{field.name}")
        except psycopg2.Error:
            refused.append(f"{model._name}.{field.name}")
    env.invalidate_all()
    return taken, refused


def ours(model):
    names = env["ir.model.data"].search(
        [("module", "=", "biometric_attendance"), ("model", "=", model)]
    )
    return env[model].browse(names.mapped("res_id")).exists()


def record_of(model, domain=()):
    if env[model]._transient:
        return None
    return env[model].with_context(active_test=False).search(list(domain), limit=1).id or None


def openings():
    for action in ours("ir.actions.act_window"):
        yield {
            "id": action.id,
            "name": action.xml_id.split(".")[1],
            "model": action.res_model,
            "record": record_of(action.res_model),
        }


def register():
    """The paper that an inspector's link alone gives out, as the page behind it makes it."""
    link = env["biometric.inspection"].search([], limit=1)
    person = env["hr.employee"].search([("name", "=", HOSTILE)], limit=1)
    assert link and person, f"an inspector's link ({link}) and somebody to look at ({person})"
    paper = env["ir.actions.report"].sudo().with_context(biometric_person=person.id)
    return paper._render_qweb_html(REGISTER, link.ids)[0].decode()


def reports():
    """Each report with a record, or with its dialog as filled in by the person who will look."""
    admin = env.ref("base.user_admin")
    people = env["hr.employee"].search([("name", "=", HOSTILE)])
    asked = {"date_from": DAY, "date_to": DAY, "employee_ids": [(6, 0, people.ids)]}
    for report in ours("ir.actions.report"):
        if report.report_name == REGISTER:
            continue
        record = record_of(report.model)
        if env[report.model]._transient:
            record = env[report.model].with_user(admin).create(asked).id
        yield {"name": report.report_name, "record": record}


for role in ("administrator", "payroll_officer", "hr_officer", "approver"):
    env.ref("base.user_admin").group_ids |= env.ref(f"biometric_attendance.group_{role}")
fill()
taken, refused = poison()
found = {"actions": list(openings()), "reports": list(reports()), "taken": taken}
found["register"] = register()
bodies = env["mail.mail"].search([]).mapped("body_html")
bodies += env["mail.message"].search([("model", "like", "biometric.%")]).mapped("body")
env.cr.commit()
print("FOUND " + json.dumps({**found, "refused": refused, "mails": [str(one) for one in bodies]}))
