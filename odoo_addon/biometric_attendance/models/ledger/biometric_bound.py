"""Which agents a terminal is bound to: what another agent of the company tells of it waits.

Derived, stored nowhere: a sighting counts when it came from the terminal's agent, from one that
hears it too by a person's word, from a former one while it was that, or when a person carried it.
A punch counts as soon as one of its sightings does. Must not know who answers.
"""

# Sighting s of lane l, told of device v. A row of biometric.hearing can only bind, so that one that
# is missing counts nothing.
BOUND = """(l.agent_id IS NULL OR v.agent_id IS NULL OR l.agent_id = v.agent_id OR EXISTS (
       SELECT 1 FROM biometric_hearing h
        WHERE h.device_id = v.id AND h.agent_id = l.agent_id
          AND (h.state = 'both' OR h.state = 'ended' AND s.received_at < h.until)))"""
# Punch p of device v is known by such agents alone.
FOREIGN = f"""NOT EXISTS (
       SELECT 1 FROM biometric_sighting s JOIN biometric_lane l ON l.id = s.lane_id
        WHERE s.punch_id = p.id AND {BOUND})"""
# From when on what agent %(agent)s tells of device d is foreign: null where it is bound to it, the
# year 1 where it never was.
_FOREIGN_FROM = """CASE
       WHEN %(agent)s::int IS NULL OR d.agent_id IS NULL OR d.agent_id = %(agent)s THEN NULL
       WHEN EXISTS (SELECT 1 FROM biometric_hearing h WHERE h.device_id = d.id
                       AND h.agent_id = %(agent)s AND h.state = 'both') THEN NULL
       ELSE COALESCE((SELECT h.until FROM biometric_hearing h WHERE h.device_id = d.id
                         AND h.agent_id = %(agent)s AND h.state = 'ended'),
                     '0001-01-01'::timestamp) END"""


def devices_told(cr, company_id, agent_id, serials):
    """[(serial, device id, state, from when on what this agent saw of it is foreign or None,
    seconds that its clock was ahead by its agent's last word or None, when its session began)] of
    the known ones. agent_id: None for a person who carries a file."""
    cr.execute(
        f"""SELECT d.serial, d.id, d.state, {_FOREIGN_FROM}, d.clock_offset_seconds,
                   d.unbroken_since
              FROM biometric_device d
             WHERE d.company_id = %(company)s AND d.serial = ANY(%(serials)s)""",
        {"company": company_id, "serials": list(serials), "agent": agent_id},
    )
    return cr.fetchall()
