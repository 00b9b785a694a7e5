"""To 19.0.1.3.0: a terminal told by another agent than its own waits from now on. What was told so
far counted and goes on counting: a former agent is bound until the upgrade, and one that is at work
beside the terminal's own is taken for the second agent that it evidently is."""

from datetime import timedelta

from odoo import SUPERUSER_ID, api, fields

REASON = "taken up at the upgrade to 19.0.1.3.0: what it told so far counts"
# An agent that spoke within a day is at work.
AT_WORK = timedelta(days=1)


def migrate(cr, version):
    if not version:
        return
    env = api.Environment(cr, SUPERUSER_ID, {"active_test": False})
    cr.execute(
        """SELECT DISTINCT s.device_id, l.agent_id
             FROM biometric_lane l JOIN biometric_sighting s ON s.lane_id = l.id
             JOIN biometric_device d ON d.id = s.device_id
            WHERE d.agent_id <> l.agent_id"""
    )
    now = fields.Datetime.now()
    with env["biometric.hearing"]._because(REASON):
        for device_id, agent_id in cr.fetchall():
            device, agent = (
                env["biometric.device"].browse(device_id),
                env["biometric.agent"].browse(agent_id),
            )
            at_work = agent.state == "active" and agent.last_seen_at
            both = at_work and now - agent.last_seen_at < AT_WORK
            env["biometric.hearing"].create(
                {
                    "company_id": device.company_id.id,
                    "device_id": device.id,
                    "agent_id": agent.id,
                    "state": "both" if both else "ended",
                    "until": False if both else now,
                }
            )
