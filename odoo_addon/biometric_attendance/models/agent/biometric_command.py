"""Orders to terminals from a fixed list. They wait here and travel with the agent's next sync.

Never shell, file or firmware. The agent judges each one again by itself.
"""

from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ...contract import wire
from ...engine import wall

NAMES = [
    ("pull_window", "Read a window again"),
    ("count_window", "Count a window"),
    ("upload_new", "Send new data"),
    ("check", "Check for changes"),
    ("info", "Request its details"),
    ("refresh_users", "Read its users"),
    ("push_user", "Write one user"),
    ("set_clock", "Set its clock"),
    ("set_option", "Set an option"),
    ("reboot", "Restart"),
    ("report", "Create report"),
    ("clear_log", "Clear its punches"),
]
STEPS = [
    ("connecting", "Connecting"),
    ("reading", "Reading"),
    ("storing", "Storing"),
    ("proving", "Verifying"),
]
# Arguments each name takes: {argument: (kind, required)}. wall: wall time; text: limit below; flag:
# true or false.
ARGUMENTS = {
    "pull_window": {"from": ("wall", True), "to": ("wall", True)},
    "count_window": {"from": ("wall", True), "to": ("wall", True)},
    "push_user": {
        "pin": ("text", True),
        "name": ("text", False),
        "privilege": ("privilege", False),
        "card": ("text", False),
        "disabled": ("flag", False),
        "was": ("text", False),
    },
    "set_option": {"option": ("text", True), "value": ("text", True)},
}
TEXT_LIMIT = 64
# What changes nothing on a terminal and fills gaps: an HR officer orders it too.
OPERATOR_NAMES = (
    *("pull_window", "count_window", "upload_new", "check", "info", "refresh_users"),
    "report",
)
# Numbers of the protocol: an ordinary user, an administrator of the terminal.
PRIVILEGES = (0, 14)
# A window that an agent accepts.
MAX_WINDOW_DAYS = 31
# While an order is younger than this, somebody probably watches it.
WATCHED_MINUTES = 5
# An order nobody fetched is stale: the person who wanted it would be surprised.
LIFE_HOURS = 24
OPEN_STATES = ("waiting", "fetched", "sent")


class BiometricCommand(models.Model):
    _name = "biometric.command"
    _description = "Terminal commands"
    _order = "id desc"
    _rec_name = "name"

    company_id = fields.Many2one("res.company", required=True, index=True, ondelete="restrict")
    device_id = fields.Many2one(
        "biometric.device", "Terminal", required=True, index=True, ondelete="restrict"
    )
    agent_id = fields.Many2one("biometric.agent", required=True, ondelete="restrict")
    name = fields.Selection(NAMES, required=True, readonly=True)
    arguments = fields.Json(readonly=True)
    state = fields.Selection(
        [
            ("waiting", "Waiting"),
            ("fetched", "Downloaded by agent"),
            ("sent", "Sent to terminal"),
            ("done", "Done"),
            ("failed", "Failed"),
            ("expired", "Expired"),
        ],
        default="waiting",
        required=True,
        readonly=True,
    )
    ordered_by_id = fields.Many2one("res.users", "Sent by", readonly=True, ondelete="restrict")
    ordered_at = fields.Datetime("Sent on", readonly=True)
    ended_at = fields.Datetime("Ended on", readonly=True)
    return_code = fields.Integer("Return code", readonly=True)
    message = fields.Char(readonly=True)
    # How far a read is, in records; kept only while it goes on. A total of 0: not known.
    step = fields.Selection(STEPS, readonly=True)
    step_done = fields.Integer("Steps done", readonly=True)
    step_total = fields.Integer("Steps in total", readonly=True)

    _open = models.Index("(agent_id, id) WHERE state IN ('waiting', 'fetched', 'sent')")

    @api.model
    def _give(self, device, name, arguments):
        """Order one command; audited. Needs a biometric administrator, or an HR officer for
        what only reads."""
        if name not in dict(NAMES):
            raise UserError(self.env._("Unknown command."))
        if name in OPERATOR_NAMES:
            self._check_operator()
            device.check_access("read")
        else:
            device.check_access("write")
        if device.state != "active" or not device.agent_id:
            raise UserError(self.env._("Only approved terminals with an agent accept commands."))
        command = self._add(device, name, self._check_arguments(name, arguments))
        self.env["biometric.audit"]._record(
            f"command.{name}", device, None, {"command": command.id, "arguments": arguments}
        )
        return command

    @api.model
    def _may_operate(self):
        """Whether the reader may order what changes nothing on a terminal."""
        roles = ("group_hr_officer", "group_administrator")
        return any(self.env.user.has_group(f"biometric_attendance.{role}") for role in roles)

    @api.model
    def _check_operator(self):
        if not self._may_operate():
            raise AccessError(
                self.env._(
                    "Only HR officers and biometric administrators can have a terminal read."
                )
            )

    @api.model
    def _add(self, device, name, arguments):
        """The row alone: also for what the service asks by itself."""
        return self.sudo().create(
            {
                "company_id": device.company_id.id,
                "device_id": device.id,
                "agent_id": device.agent_id.id,
                "name": name,
                "arguments": arguments,
                "ordered_by_id": self.env.uid,
                "ordered_at": fields.Datetime.now(),
            }
        )

    @api.model
    def _readdress(self, device, former):
        """The terminal has another agent: orders that wait go there; what the former one fetched
        may have been done, so it ends here and is not given twice."""
        opened = self.search(
            [
                ("device_id", "=", device.id),
                ("agent_id", "=", former.id),
                ("state", "in", OPEN_STATES),
            ]
        )
        waiting = opened.filtered(lambda command: command.state == "waiting")
        if device.agent_id:
            waiting.agent_id = device.agent_id
        else:
            waiting = self.browse()
        (opened - waiting).write(
            {
                "state": "failed",
                "ended_at": fields.Datetime.now(),
                "message": self.env._("the terminal has another agent now"),
            }
        )
        opened._tell()

    @api.model
    def _is_watched(self, agent):
        limit = fields.Datetime.subtract(fields.Datetime.now(), minutes=WATCHED_MINUTES)
        return bool(
            self.search_count(
                [
                    ("agent_id", "=", agent.id),
                    ("state", "in", OPEN_STATES),
                    ("ordered_at", ">=", limit),
                ],
                limit=1,
            )
        )

    def _tell(self):
        """Screens that show these orders read again; sent after the commit."""
        for command in self:
            message = {"command_id": command.id, "device_id": command.device_id.id}
            self.env["biometric.bus"]._tell("command", command.company_id, message)

    def _check_arguments(self, name, arguments):
        wanted = ARGUMENTS.get(name, {})
        if set(arguments) - set(wanted):
            raise UserError(self.env._("This command does not accept these arguments."))
        checked = {}
        try:
            for argument, (kind, required) in wanted.items():
                if argument not in arguments and not required:
                    continue
                if kind == "wall":
                    checked[argument] = wire.wall_time(arguments, argument)
                elif kind == "privilege":
                    if arguments[argument] not in PRIVILEGES:
                        raise wire.Malformed("privilege: 0 or 14")
                    checked[argument] = arguments[argument]
                elif kind == "flag":
                    checked[argument] = wire.flag(arguments, argument)
                else:
                    checked[argument] = wire.text(
                        arguments, argument, TEXT_LIMIT, empty=not required
                    )
        except wire.Malformed as error:
            raise UserError(str(error)) from error
        if name in ("pull_window", "count_window"):
            self._check_window(checked["from"], checked["to"])
        return checked

    def _check_window(self, start, end):
        if start > end:
            raise UserError(self.env._("The window ends before it starts."))
        if wall.parse(end) - wall.parse(start) > timedelta(days=MAX_WINDOW_DAYS):
            raise UserError(self.env._("A window is at most %s days.", MAX_WINDOW_DAYS))

    @api.model
    def _fetch(self, agent):
        """Open commands of an agent, as its sync answer lists them; stale ones expire."""
        limit = fields.Datetime.subtract(fields.Datetime.now(), hours=LIFE_HOURS)
        self.search(
            [("agent_id", "=", agent.id), ("state", "=", "waiting"), ("ordered_at", "<", limit)]
        ).write({"state": "expired", "ended_at": fields.Datetime.now()})
        commands = self.search(
            [("agent_id", "=", agent.id), ("state", "in", OPEN_STATES)], order="id", limit=100
        )
        fresh = commands.filtered(lambda command: command.state == "waiting")
        fresh.state = "fetched"
        fresh._tell()
        return [
            {
                "id": command.id,
                "serial": command.device_id.serial,
                "name": command.name,
                "arguments": command.arguments or {},
            }
            for command in commands
        ]

    @api.model
    def _results(self, agent, results):
        """Take over what became of commands; unknown ids and other agents' are ignored."""
        by_id = {result["id"]: result for result in results}
        for command in self.search(
            [("agent_id", "=", agent.id), ("id", "in", list(by_id)), ("state", "in", OPEN_STATES)]
        ):
            result = by_id[command.id]
            goes_on = result["state"] == "sent"
            step, done, total = (goes_on and result["progress"]) or (False, 0, None)
            said = {
                "state": result["state"],
                "message": result["message"],
                "step": step,
                "step_done": done,
                "step_total": total or 0,
            }
            if all((command[name] or False) == (value or False) for name, value in said.items()):
                continue
            ended = {} if goes_on else {"ended_at": fields.Datetime.now()}
            command.write({**said, **ended, "return_code": result["return"] or 0})
            command._tell()
            if command.name == "report" and result["report"]:
                command.device_id._keep_report(result["report"])
            if command.name == "count_window":
                self.env["biometric.completeness"]._counted(command)
