"""To 19.0.1.3.0: an erasure covers every company that a person was in. Before, one company's erasure
took the punches of the others with it, named in its own trail alone, and left theirs as it was.

So each other company is asked for its part, and its trail says now what the erasure of then had
said in the other one: which numbers went, which rows, and what its nights counted is as it stands.
"""

import json

from odoo import SUPERUSER_ID, api

# Kinds of rows that an erasure of then took out of any company.
GONE = ("biometric.decision", "biometric.device.user", "biometric.payroll.number")


def migrate(cr, version):
    if not version:
        return
    env = api.Environment(cr, SUPERUSER_ID, {"active_test": False})
    erasures = env["biometric.erasure"]
    for done in erasures.search([], order="id"):
        person = env["hr.employee"].browse(done.person_number).exists()
        known = erasures.search([("person_number", "=", done.person_number)]).company_id
        # Where the record is gone, nobody could say any more whom to look for.
        if not person or done.state not in ("waiting", "done"):
            continue
        for company in env["biometric.removal"]._companies_about(person) - known:
            request = erasures.create(
                {
                    "company_id": company.id,
                    "person_number": person.id,
                    "state": "asked",
                    "requested_at": done.requested_at,
                    "requested_by_id": done.requested_by_id.id,
                    "reason": done.reason,
                }
            )
            _say_what_went(env, done, request, person)


def _say_what_went(env, done, request, person):
    company = request.company_id
    register = env["biometric.removal"]._new_register()
    lanes = {str(lane["id"]) for lane in env["biometric.evidence"]._lanes(company.id)}
    for said in _told(env, done):
        for lane in lanes & said.get("lanes", {}).keys():
            register["lanes"].setdefault(lane, []).extend(said["lanes"][lane])
        for model in GONE:
            if ranges := said.get("gone", {}).get(model):
                ids = _spoken_of(env, company, model, ranges)
                env["biometric.removal"]._note_gone(model, ids, register)
    if not (register["lanes"] or register["gone"]):
        return
    nights = env["biometric.audit.night"]
    for night in nights._said(company):
        for said in night["punches"]:
            now = nights._digest(company.id, said["from"], said["to"])
            if (now["count"], now["digest"]) != (said["count"], said["digest"]):
                register["restated"][str(said["from"])] = [now["count"], now["digest"]]
    request._write_register(person, register, {})


def _told(env, done):
    """What the entries of an erasure say of what went."""
    env.cr.execute(
        """SELECT after FROM biometric_audit WHERE company_id = %s AND action = 'person.erase'
              AND model = 'biometric.erasure' AND res_id = %s AND after IS NOT NULL ORDER BY id""",
        (done.company_id.id, done.id),
    )
    return [json.loads(text) for (text,) in env.cr.fetchall()]


def _spoken_of(env, company, model, ranges):
    """Ids in these ranges of which the trail of a company speaks."""
    found = set()
    for low, high in ranges:
        rows = env["biometric.state"]._entries(model, company.id, low=low, high=high)
        found |= {row["subject"] for row in rows}
    return sorted(found)
