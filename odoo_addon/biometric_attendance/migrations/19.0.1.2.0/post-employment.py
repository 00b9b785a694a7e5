"""To 19.0.1.2.0: times outside employment are rows, and people keep the companies they were in.

Archiving was one date on the employee, gone when the person came back. Moves between companies were
noted by nobody of ours; Odoo's chatter tells when the company of an employee was changed. Where it
does not (imported, or tracking switched off), the produced files do: the last date that a company's
files pay is its last. Days of who has moved are computed again, by what counted then.
"""

from collections import defaultdict
from datetime import timedelta

from odoo import SUPERUSER_ID, api

from odoo.addons.biometric_attendance.seams.sql_people import (
    ARCHIVED,
    COMPANY_CHANGES,
    EMPLOYEES,
)


def migrate(cr, version):
    if not version:
        return
    env = api.Environment(cr, SUPERUSER_ID, {"active_test": False})
    with env["biometric.audited"]._because("Taken over from the version before"):
        _archived(env)
        _moved(env)


def _archived(env):
    cr = env.cr
    cr.execute(
        f"""SELECT e.id, e.archived_on FROM {ARCHIVED} e WHERE NOT EXISTS (
                SELECT 1 FROM biometric_employment_break b
                 WHERE b.employee_id = e.id AND b.date_to IS NULL)"""
    )
    for employee_id, archived_on in cr.fetchall():
        employee = env["hr.employee"].browse(employee_id)
        env["biometric.employment.break"]._begin(
            employee, archived_on or employee._biometric_last_day()
        )


def _moved(env):
    cr, companies = env.cr, env["biometric.employment.company"]
    moves = _told_by_chatter(env)
    for employee_id, own in _told_by_files(env).items():
        moves.setdefault(employee_id, own)
    for employee in env["hr.employee"].browse(sorted(moves)).exists():
        spans = moves[employee.id]
        if len(spans) < 2:
            continue
        if companies.search_count([("employee_id", "=", employee.id)]):
            continue
        companies.create(
            [
                {"employee_id": employee.id, "valid_from": first, "company_id": company_id}
                for first, company_id in spans
            ]
        )
    cr.execute(
        """INSERT INTO biometric_stale_day (company_id, employee_id, date)
           SELECT d.company_id, d.employee_id, d.date FROM biometric_day d
            WHERE d.employee_id IN (SELECT employee_id FROM biometric_employment_company)"""
    )


def _told_by_chatter(env):
    """`{employee_id: [(first date or False, company_id)]}` of people with days."""
    cr = env.cr
    cr.execute(
        f"""SELECT v.employee_id, v.old_id, v.new_id, v.changed_at FROM {COMPANY_CHANGES} v
            WHERE EXISTS (SELECT 1 FROM biometric_day d WHERE d.employee_id = v.employee_id)
               OR EXISTS (SELECT 1 FROM biometric_export_day d
                           WHERE d.employee_id = v.employee_id)
         ORDER BY v.employee_id, v.id"""
    )
    found = {}
    for employee_id, old, new, moment in cr.fetchall():
        employee = env["hr.employee"].browse(employee_id).exists()
        if not employee or old == new:
            continue
        spans = found.setdefault(employee_id, [(False, old)])
        day = employee._biometric_date_of(moment)
        if spans[-1][0] == day:
            spans.pop()
        if spans and spans[-1][1] == new:
            continue
        spans.append((day if spans else False, new))
    people = env["hr.employee"].browse(found)
    return {one.id: found[one.id] for one in people if found[one.id][-1][1] == one.company_id.id}


def _told_by_files(env):
    """The same of people of whom another company's files hold days."""
    env.cr.execute(
        f"""SELECT d.employee_id, d.company_id, max(d.date), e.company_id
             FROM biometric_export_day d JOIN {EMPLOYEES} e ON e.id = d.employee_id
            WHERE d.state IN ('paid', 'changed') AND d.company_id <> e.company_id
         GROUP BY d.employee_id, d.company_id, e.company_id ORDER BY d.employee_id, 3"""
    )
    lasts = defaultdict(list)
    for employee_id, company_id, last, current in env.cr.fetchall():
        lasts[employee_id].append((last, company_id, current))
    found = {}
    for employee_id, rows in lasts.items():
        spans, first = [], False
        for last, company_id, _current in rows:
            spans.append((first, company_id))
            first = last + timedelta(days=1)
        found[employee_id] = [*spans, (first, rows[0][2])]
    return found
