"""Runs inside `odoo shell` before screens_fill.py, which calls `work`: what waits for people in the
company that it lays.

PINs that punch and mean nobody, areas with their people, swaps of shifts, a pay group of a thousand
with a period that is over. Must not know how the company was laid: it reads its tables.
"""

# Terminals of one branch are one area, two departments are its people.
AREAS, AREA_PEOPLE = 50, 100
SWAPS, OPEN_SWAPS = 2000, 200
# Departments of the pay group.
PAID = 20


def work(env, first):
    """Lays all of it; number of rows. `first`: the first date that people punched."""
    count = strangers(env) + areas(env) + swaps(env)
    paid = env["hr.department"].search([("name", "=like", "Department %")], order="id", limit=PAID)
    env["biometric.period.group"].create(
        {
            "name": "A thousand",
            "rhythm": "biweekly",
            "anchor": str(first),
            "department_ids": [(6, 0, paid.ids)],
        }
    )
    env.cr.commit()
    return count


def strangers(env):
    """Terminals named their PINs as they named people's, so that signs are there to weigh."""
    env.cr.execute(
        """INSERT INTO biometric_device_user (company_id, device_id, pin, sync_state, device_name,
               create_date, write_date)
           SELECT DISTINCT p.company_id, p.device_id, p.pin, 'on_device',
                  'PERSON ' || lpad(substr(p.pin, 2), 5, '0'), now(), now()
             FROM biometric_punch p
            WHERE NOT EXISTS (SELECT 1 FROM biometric_device_user u
                               WHERE u.device_id = p.device_id AND u.pin = p.pin)"""
    )
    return env.cr.rowcount


def areas(env):
    """Each with the terminals of a branch and the people of two departments, nearly all of whom no
    terminal of it knows."""
    cr = env.cr
    cr.execute(
        """SELECT agent_id, array_agg(id ORDER BY id) FROM biometric_device
            GROUP BY agent_id ORDER BY agent_id LIMIT %s""",
        (AREAS,),
    )
    made = env["biometric.area"].create(
        [
            {"name": f"Area {number + 1}", "device_ids": [(6, 0, devices)]}
            for number, (_agent, devices) in enumerate(cr.fetchall())
        ]
    )
    env.flush_all()
    cr.execute(
        """INSERT INTO biometric_area_member (company_id, area_id, employee_id, create_date,
               write_date)
           SELECT e.company_id, a.id, e.id, now(), now()
             FROM unnest(%s) WITH ORDINALITY a (id, number)
             JOIN (SELECT id, company_id, (row_number() OVER (ORDER BY id) - 1) / %s + 1 AS number
                     FROM hr_employee WHERE name LIKE 'Person %%') e ON e.number = a.number""",
        (made.ids, AREA_PEOPLE),
    )
    return cr.rowcount


def swaps(env):
    """Shifts of the roster asked of colleagues; most of them decided."""
    env.cr.execute(
        """INSERT INTO biometric_swap (company_id, employee_id, date, shift_id, to_employee_id,
               begins_at, requested_by_id, requested_at, state, awaits_answer, level, passed_level)
           SELECT company_id, employee_id, date, shift_id, colleague, date + interval '6 hours', %s,
                  now() AT TIME ZONE 'UTC', CASE WHEN number > %s THEN 'approved'
                  ELSE 'submitted' END, false, 1, 0
             FROM (SELECT r.*, lead(r.employee_id, 40) OVER (ORDER BY r.employee_id, r.date)
                          AS colleague, row_number() OVER (ORDER BY r.employee_id, r.date) AS number
                     FROM biometric_roster r WHERE r.shift_id IS NOT NULL) w
            WHERE colleague <> employee_id LIMIT %s""",
        (env.uid, OPEN_SWAPS, SWAPS),
    )
    return env.cr.rowcount
