"""Runs inside `odoo shell` behind odoo_fleet_fill.py: the first agents of the fleet become one
company's, each other one gets a company of its own. Started by tests/bench/odoo_tenants.ts.
"""


def apart(env, behind):
    cr = env.cr
    cr.execute("SELECT id FROM biometric_agent WHERE name LIKE 'Fleet %' ORDER BY id")
    agents = [agent for (agent,) in cr.fetchall()]
    companies = env["res.company"].create(
        [{"name": f"Tenant {number}"} for number in range(len(agents) - behind + 1)]
    )
    env.flush_all()
    of = [companies[max(0, number - behind + 1)].id for number in range(len(agents))]
    cr.execute("SET LOCAL biometric.allow_change = 'on'")
    for table, column in (
        ("biometric_agent", "t.id"),
        ("biometric_agent_token", "t.agent_id"),
        ("biometric_lane", "t.agent_id"),
        ("biometric_device", "t.agent_id"),
        (
            "biometric_device_zone",
            "(SELECT d.agent_id FROM biometric_device d WHERE d.id = t.device_id)",
        ),
    ):
        cr.execute(
            f"""UPDATE {table} t SET company_id = c.company
                  FROM unnest(%s, %s) c (agent, company) WHERE c.agent = {column}""",
            (agents, of),
        )
    cr.commit()
    cr.execute("ANALYZE")
    cr.commit()
