"""Runs inside `odoo shell` behind odoo_fleet_fill.py: the fleet's agents become `branches` each of
companies of their own, and every terminal's PINs mean people of its company. Started by
tests/bench/odoo_morning.ts.
"""

# Tables of a branch and how each names its agent.
OF_AN_AGENT = (
    ("biometric_agent", "t.id"),
    ("biometric_agent_token", "t.agent_id"),
    ("biometric_lane", "t.agent_id"),
    ("biometric_device", "t.agent_id"),
    ("biometric_device_zone", "(SELECT agent_id FROM biometric_device WHERE id = t.device_id)"),
)


def companies(env, branches, people):
    cr = env.cr
    cr.execute("SELECT id FROM biometric_agent WHERE name LIKE 'Fleet %' ORDER BY id")
    agents = [agent for (agent,) in cr.fetchall()]
    made = env["res.company"]
    wanted = -(-len(agents) // branches)
    # Odoo keeps what a company brings in memory until it is written.
    for start in range(0, wanted, 50):
        numbers = range(start, min(start + 50, wanted))
        # Odoo draws a logo for whoever has none, which takes longer than all the rest.
        values = [{"name": f"Tenant {number}", "logo": False} for number in numbers]
        made |= env["res.company"].create(values)
        cr.commit()
    cr.execute("SET LOCAL biometric.allow_change = 'on'")
    of = [made[number // branches].id for number in range(len(agents))]
    for table, column in OF_AN_AGENT:
        cr.execute(
            f"""UPDATE {table} t SET company_id = c.company
                  FROM unnest(%s, %s) c (agent, company) WHERE c.agent = {column}""",
            (agents, of),
        )
    for start in range(0, len(made), 50):
        values = [
            {"name": f"Person {one.id}-{n}", "company_id": one.id, "date_version": "2020-01-01"}
            for one in made[start : start + 50]
            for n in range(people)
        ]
        env["hr.employee"].create(values)
        env.flush_all()
        cr.commit()
    cr.execute(
        """INSERT INTO biometric_device_user (company_id, device_id, pin, employee_id, sync_state,
               create_date, write_date)
           SELECT d.company_id, d.id, e.number::text, e.id, 'unknown', now(), now()
             FROM biometric_device d
             JOIN (SELECT id, company_id,
                          row_number() OVER (PARTITION BY company_id ORDER BY id) - 1 AS number
                     FROM hr_employee WHERE name LIKE 'Person %') e
               ON e.company_id = d.company_id"""
    )
    cr.commit()
    cr.execute("ANALYZE")
    cr.commit()
