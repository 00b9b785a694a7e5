"""The evidence of one synchronisation: what window, how many, what came of it.

Pulls are reported by agents; push sessions are written by biometric.completeness from what the
agents say of each terminal's connection.
"""

from psycopg2.extras import execute_values

from odoo import api, fields, models

OUTCOMES = [
    ("complete", "Complete"),
    ("partial", "Incomplete"),
    ("failed", "Failed"),
    ("open", "Going on"),
]


class BiometricRun(models.Model):
    _name = "biometric.run"
    _description = "Runs"
    _log_access = False
    _order = "started_at desc, id desc"
    _rec_name = "uuid"

    company_id = fields.Many2one("res.company", required=True, index=True, ondelete="restrict")
    agent_id = fields.Many2one("biometric.agent", required=True, ondelete="restrict")
    device_id = fields.Many2one("biometric.device", required=True, index=True, ondelete="restrict")
    uuid = fields.Char("Id", required=True)
    channel = fields.Selection([("push", "Push"), ("poll", "Poll"), ("file", "File")])
    asked_by = fields.Char()
    window_from = fields.Char("From (device time)")
    window_to = fields.Char("To (device time)")
    read_count = fields.Integer("Read")
    new_count = fields.Integer("New")
    duplicate_count = fields.Integer("Known")
    rejected_count = fields.Integer("Unreadable")
    device_count = fields.Integer("Counted by device", help="-1: the device did not say")
    started_at = fields.Datetime()
    ended_at = fields.Datetime()
    outcome = fields.Char()
    message = fields.Char()
    command_id = fields.Many2one("biometric.command", ondelete="set null")

    _one_run = models.UniqueIndex("(agent_id, uuid)")

    @api.model
    def _keep(self, agent, devices, runs):
        """Keep reported runs, each once. runs: parsed dicts; returns the runs that were new."""
        if not runs:
            return self.browse()
        columns = list(runs[0]["values"])
        rows = [
            (agent.company_id.id, agent.id, devices[run["serial"]].id, *run["values"].values())
            for run in runs
        ]
        names = ", ".join(columns)
        ids = execute_values(
            self.env.cr._obj,
            f"INSERT INTO biometric_run (company_id, agent_id, device_id, {names}) VALUES %s "
            "ON CONFLICT (agent_id, uuid) DO NOTHING RETURNING id",
            rows,
            fetch=True,
        )
        return self.browse([row[0] for row in ids])
