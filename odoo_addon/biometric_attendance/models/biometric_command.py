"""Orders to terminals from a fixed list. They wait here and travel with the agent's next sync.

Never shell, file or firmware. The agent judges each one again by itself.
"""

from odoo import api, fields, models
from odoo.exceptions import UserError

from .. import wire

NAMES = [
    ("pull_window", "Read a window again"),
    ("check", "Check what it holds"),
    ("info", "Ask for its facts"),
    ("refresh_users", "Read its users"),
    ("push_user", "Write one user"),
    ("set_clock", "Set its clock"),
    ("set_option", "Set an option"),
    ("reboot", "Restart"),
    ("clear_log", "Clear its punches"),
]
# Arguments each name takes: {argument: (kind, required)}. wall: wall time; text: limit below.
ARGUMENTS = {
    "pull_window": {"from": ("wall", True), "to": ("wall", True)},
    "push_user": {
        "pin": ("text", True),
        "name": ("text", False),
        "privilege": ("text", False),
        "card": ("text", False),
    },
    "set_option": {"name": ("text", True), "value": ("text", True)},
}
TEXT_LIMIT = 64
# An order nobody fetched is stale: the person who wanted it would be surprised.
LIFE_HOURS = 24
OPEN_STATES = ("waiting", "fetched", "sent")


class BiometricCommand(models.Model):
    _name = "biometric.command"
    _description = "Commands to devices"
    _order = "id desc"
    _rec_name = "name"

    company_id = fields.Many2one("res.company", required=True, index=True, ondelete="restrict")
    device_id = fields.Many2one("biometric.device", required=True, index=True, ondelete="restrict")
    agent_id = fields.Many2one("biometric.agent", required=True, ondelete="restrict")
    name = fields.Selection(NAMES, required=True, readonly=True)
    arguments = fields.Json(readonly=True)
    state = fields.Selection(
        [
            ("waiting", "Waiting"),
            ("fetched", "Fetched by agent"),
            ("sent", "Sent to device"),
            ("done", "Done"),
            ("failed", "Failed"),
            ("expired", "Expired"),
        ],
        default="waiting",
        required=True,
        readonly=True,
    )
    ordered_by_id = fields.Many2one("res.users", readonly=True, ondelete="restrict")
    ordered_at = fields.Datetime(readonly=True)
    ended_at = fields.Datetime(readonly=True)
    return_code = fields.Integer(readonly=True)
    message = fields.Char(readonly=True)

    _open = models.Index("(agent_id, id) WHERE state IN ('waiting', 'fetched', 'sent')")

    @api.model
    def _give(self, device, name, arguments):
        """Order one command. Needs a biometric administrator; audited."""
        device.check_access("write")
        if name not in dict(NAMES):
            raise UserError(self.env._("Unknown command."))
        if device.state != "active" or not device.agent_id:
            raise UserError(self.env._("Only approved devices with an agent take commands."))
        arguments = self._check_arguments(name, arguments)
        command = self.sudo().create(
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
        self.env["biometric.audit"]._record(
            f"command.{name}", device, None, {"command": command.id, "arguments": arguments}
        )
        return command

    def _check_arguments(self, name, arguments):
        wanted = ARGUMENTS.get(name, {})
        if set(arguments) - set(wanted):
            raise UserError(self.env._("This command does not take these arguments."))
        checked = {}
        try:
            for argument, (kind, required) in wanted.items():
                if argument not in arguments and not required:
                    continue
                if kind == "wall":
                    checked[argument] = wire.wall_time(arguments, argument)
                else:
                    checked[argument] = wire.text(
                        arguments, argument, TEXT_LIMIT, empty=not required
                    )
        except wire.Malformed as error:
            raise UserError(str(error)) from error
        return checked

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
        commands.filtered(lambda command: command.state == "waiting").state = "fetched"
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
            if result["state"] == command.state:
                continue
            command.write(
                {
                    "state": result["state"],
                    "return_code": result["return"] or 0,
                    "message": result["message"],
                    "ended_at": False if result["state"] == "sent" else fields.Datetime.now(),
                }
            )
