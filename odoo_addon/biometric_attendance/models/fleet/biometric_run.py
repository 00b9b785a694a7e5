"""The evidence of one synchronisation: what window, how many, what came of it.

Pulls are reported by agents; push sessions are written by biometric.completeness from what the
agents say of each terminal's connection.
"""

from datetime import datetime

from psycopg2.extras import Json, execute_values

from odoo import api, fields, models
from odoo.tools import SQL, format_datetime

from .biometric_run_words import RunWords

OUTCOMES = [
    ("complete", "Complete"),
    ("incomplete", "Incomplete"),
    ("failed", "Failed"),
    ("open", "In progress"),
    ("cleared", "Cleared"),
    ("not_cleared", "Not cleared"),
    ("unclear", "Unclear"),
    ("confirmed", "Confirmed"),
    ("resent", "Sent again"),
    ("imported", "Imported"),
]


class BiometricRun(RunWords, models.Model):
    _name = "biometric.run"
    _description = "Runs"
    _inherit = ["biometric.place.time"]
    _log_access = False
    _order = "started_at desc, id desc"
    _rec_name = "uuid"
    _place_times = {"started_place": "started_at", "ended_place": "ended_at"}

    company_id = fields.Many2one("res.company", required=True, index=True, ondelete="restrict")
    agent_id = fields.Many2one(
        "biometric.agent", ondelete="restrict", help="Empty: imported from a file"
    )
    device_id = fields.Many2one(
        "biometric.device", "Terminal", required=True, index=True, ondelete="restrict"
    )
    uuid = fields.Char("Id", required=True)
    channel = fields.Selection([("push", "Push"), ("poll", "Poll"), ("file", "File")])
    asked_by = fields.Char("Requested by")
    window_from = fields.Char("From (terminal time)")
    window_to = fields.Char("To (terminal time)")
    holes = fields.Json(help="Terminal times between which a file proves nothing")
    holes_shown = fields.Text("Time between without proof", compute="_compute_holes_shown")
    read_count = fields.Integer("Read")
    new_count = fields.Integer("New")
    duplicate_count = fields.Integer("Already known")
    rejected_count = fields.Integer("Unreadable")
    device_count = fields.Integer("Counted by terminal", help="-1: not reported by the terminal")
    started_at = fields.Datetime("Started")
    ended_at = fields.Datetime("Ended")
    started_place = fields.Char("Started (place's time)", readonly=True)
    ended_place = fields.Char("Ended (place's time)", readonly=True)
    outcome = fields.Selection(OUTCOMES)
    result = fields.Selection(
        [*OUTCOMES, ("ended", "Ended")],
        compute="_compute_result",
        search="_search_result",
        help="Its result; a push session whose terminal disconnected long ago has ended.",
    )
    story = fields.Char("Description, in the place's time", compute="_compute_story")
    message = fields.Char()
    lost_from = fields.Char("Lost from (terminal time)", help="The terminal's memory overflowed")
    lost_to = fields.Char("Lost to (terminal time)")
    vanished_count = fields.Integer("Disappeared", help="Records gone without our clear")
    settled = fields.Boolean(help="Everything that was read has arrived and was evaluated")
    gap_ids = fields.One2many("biometric.gap", "run_id", "Gaps closed by it")
    flag_ids = fields.One2many("biometric.flag", "run_id", "Flags raised")
    punch_count = fields.Integer("Punches of its window", compute="_compute_punch_count")
    command_id = fields.Many2one("biometric.command", ondelete="set null")

    _one_run = models.UniqueIndex("(agent_id, uuid)")
    _unsettled = models.Index("(agent_id, id) WHERE settled IS NOT TRUE")

    def _compute_display_name(self):
        for run in self:
            channel = dict(self._fields["channel"]._description_selection(self.env))[run.channel]
            started = format_datetime(self.env, run.started_at) if run.started_at else ""
            run.display_name = f"{channel}, {run.device_id.name}, {started}"

    @api.depends("holes")
    def _compute_holes_shown(self):
        for run in self:
            run.holes_shown = "\n".join(f"{start} – {end}" for start, end in run.holes or ())

    def _compute_punch_count(self):
        punches = self.env["biometric.punch"]
        may_count = punches.has_access("read")
        for run in self:
            run.punch_count = may_count and punches.search_count(run._punch_domain(), limit=10000)

    def _punch_domain(self):
        self.ensure_one()
        domain = [("device_id", "=", self.device_id.id)]
        if self.window_from:
            domain.append(("wall_time", ">=", self.window_from))
        if self.window_to:
            domain.append(("wall_time", "<=", self.window_to))
        return domain

    def action_open_rejects(self):
        """The lines it could not read: those of its channel that arrived while it went on. Of
        files all: a line that another file brought before is kept once."""
        self.ensure_one()
        self.check_access("read")
        domain = [("channel", "=", self.channel)]
        if self.channel == "file":
            return self.device_id._open_rejects(domain)
        if self.started_at:
            domain.append(("received_at", ">=", self.started_at))
        if self.ended_at:
            # milliseconds are kept in the column
            domain.append(("received_at", "<", fields.Datetime.add(self.ended_at, seconds=1)))
        return self.device_id._open_rejects(domain)

    def action_open_gaps(self):
        """The gaps it closed."""
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "biometric_attendance.biometric_gap_action"
        )
        return dict(action, domain=[("run_id", "in", self.ids)], context={})

    def action_open_punches(self):
        self.ensure_one()
        return self._open_punches(self._punch_domain())

    def action_open_new(self):
        """The punches that this run brought before any other did."""
        self.ensure_one()
        return self._open_punches(
            [("id", "in", self._seen(first_here=True))], self.env._("New punches")
        )

    def action_open_known(self):
        """The punches of its window that somebody had seen before it."""
        self.ensure_one()
        domain = [*self._punch_domain(), ("id", "in", self._seen(first_here=False))]
        return self._open_punches(domain, self.env._("Punches already known"))

    def _open_punches(self, domain, name=None):
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "biometric_attendance.biometric_punch_action"
        )
        return dict(action, domain=domain, context={}, **({"name": name} if name else {}))

    def _seen(self, first_here):
        """Ids of the terminal's punches that this run was the first to see: of its channel, while
        it went on; else of those that were seen before it began. An agent's file tells when its
        agent saw them: there the moment counts at which they were stored."""
        begun = self.started_at or datetime.min
        # milliseconds are kept in the column
        over = fields.Datetime.add(self.ended_at, seconds=1) if self.ended_at else datetime.max
        if self.outcome == "imported":
            when = SQL("p.stored_at >= %s AND p.stored_at < %s", begun, over)
            before = SQL("p.stored_at < %s", begun)
        else:
            sighted = "EXISTS (SELECT 1 FROM biometric_sighting s WHERE s.punch_id = p.id AND %s)"
            before = SQL(sighted, SQL("s.received_at < %s", begun))
            own = SQL(
                "s.channel = %s AND s.received_at >= %s AND s.received_at < %s",
                self.channel,
                begun,
                over,
            )
            when = SQL("%s AND NOT %s", SQL(sighted, own), before)
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                "SELECT p.id FROM biometric_punch p WHERE p.device_id = %s AND %s",
                self.device_id.id,
                when if first_here else before,
            )
        )
        return [row[0] for row in self.env.cr.fetchall()]

    def _is_whole(self):
        """Whether it read the whole log, as many records as the device counts."""
        self.ensure_one()
        return (
            self.channel == "poll"
            and self.outcome in ("complete", "cleared")
            and self.device_count >= 0
            and self.read_count == self.device_count
        )

    @api.model
    def _keep(self, agent, devices, runs):
        """Keep reported runs, each once. runs: parsed dicts; returns the runs that were new."""
        if not runs:
            return self.browse()
        columns = list(runs[0]["values"])
        rows = [
            (
                agent.company_id.id,
                agent.id,
                devices[run["serial"]].id,
                *(
                    Json(value) if isinstance(value, list) else value
                    for value in run["values"].values()
                ),
            )
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
