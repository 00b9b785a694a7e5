"""Somebody looks at a branch's device and may order something of it: until when, per agent.

While it lasts the agent is asked to sync every second, so that an order leaves within it. One row
an agent, apart from the agent's own row, which its sync holds. Must not know what is ordered.
"""

from odoo import api, fields, models

# A form that is open says so every 25 s; a browser that is gone says nothing any more.
WATCH_SECONDS = 60
# A row that is good for this long yet is left alone: forms of many people make no traffic.
FRESH_SECONDS = 30


class BiometricWatch(models.Model):
    _name = "biometric.watch"
    _description = "Person observed"
    _log_access = False
    _rec_name = "agent_id"

    agent_id = fields.Many2one("biometric.agent", required=True, ondelete="cascade")
    company_id = fields.Many2one("res.company", required=True, ondelete="cascade")
    until = fields.Datetime(required=True)

    _one_agent = models.UniqueIndex("(agent_id)")

    @api.model
    def _note(self, agents):
        """These agents are watched from now on, for a while."""
        if not agents:
            return
        agents.flush_recordset(["company_id"])
        self.env.cr.execute(
            """INSERT INTO biometric_watch (agent_id, company_id, until)
               SELECT a.id, a.company_id,
                      now() AT TIME ZONE 'UTC' + make_interval(secs => %(watch)s)
                 FROM biometric_agent a
                WHERE a.id = ANY(%(agents)s)
                  AND NOT EXISTS (SELECT 1 FROM biometric_watch w WHERE w.agent_id = a.id
                      AND w.until > now() AT TIME ZONE 'UTC' + make_interval(secs => %(fresh)s))
               ON CONFLICT (agent_id) DO UPDATE SET until = EXCLUDED.until""",
            {"agents": sorted(agents.ids), "watch": WATCH_SECONDS, "fresh": FRESH_SECONDS},
        )
        self.invalidate_model()
