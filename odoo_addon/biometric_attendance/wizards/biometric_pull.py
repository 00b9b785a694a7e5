"""Dialog that orders a terminal to be read over a window, and shows how any order fares, live.

The window is of the device's own time. More than a month is asked for in pieces.
"""

from datetime import timedelta

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..engine import wall
from ..models.agent.biometric_command import MAX_WINDOW_DAYS, OPEN_STATES

MAX_PIECES = 24
COLORS = {"done": "success", "failed": "danger", "expired": "danger"}

_TABLE = Markup('<table class="table table-sm mb-0"><tbody>%s</tbody></table>')
_ROW = Markup(
    "<tr><td>%(name)s</td><td>%(window)s</td>"
    '<td><span class="badge text-bg-%(color)s">%(state)s</span></td>'
    "<td>%(counts)s</td><td>%(message)s</td></tr>"
)
_BAR = Markup(
    '<div>%(numbers)s</div><div class="progress" role="progressbar" aria-valuenow="%(share)s" '
    'aria-valuemin="0" aria-valuemax="100"><div class="progress-bar" style="width: %(share)s%%">'
    "</div></div>"
)


def _words(record, name):
    """The label of a selection's value, in the reader's language."""
    field = record._fields[name]
    return dict(field._description_selection(record.env))[record[name]]


class BiometricPull(models.TransientModel):
    _name = "biometric.pull"
    _inherit = ["biometric.dialog"]
    _description = "Read a window again"

    device_id = fields.Many2one("biometric.device", "Terminal", required=True, readonly=True)
    date_from = fields.Date("From", help="In terminal time")
    date_to = fields.Date("To", help="In terminal time")
    command_ids = fields.Many2many("biometric.command", readonly=True)
    is_ordered = fields.Boolean("Command sent", compute="_compute_progress")
    is_open = fields.Boolean("In progress", compute="_compute_progress")
    headline = fields.Char("Summary", compute="_compute_progress")
    progress = fields.Html(compute="_compute_progress", sanitize=False)

    @api.depends("command_ids")
    def _compute_progress(self):
        for pull in self:
            commands = pull.sudo().command_ids
            pull.is_ordered = bool(commands)
            pull.is_open = any(command.state in OPEN_STATES for command in commands)
            pull.headline = pull._headline(commands)
            pull.progress = _TABLE % Markup().join(
                _ROW % pull._step(command) for command in commands.sorted("id")
            )

    def _headline(self, commands):
        _ = self.env._
        agent = self.device_id.sudo().agent_id
        if not commands:
            return ""
        if any(command.state in OPEN_STATES for command in commands):
            if not self.device_id._is_recent(agent.last_seen_at, 60):
                return _("The branch is offline. This is done as soon as it is back.")
            return _("Being sent")
        if any(command.state != "done" for command in commands):
            return _("Not done")
        return _("Done") + self._nothing_new(commands)

    def _nothing_new(self, commands):
        """Why reads that ended well brought nothing; "" where they did, or nothing was read."""
        runs = self.env["biometric.run"].sudo().search([("command_id", "in", commands.ids)])
        if not runs or any(run.new_count for run in runs):
            return ""
        if any(run.read_count for run in runs):
            return self.env._(". Nothing is new: everything it contained was already in Odoo.")
        return self.env._(". Nothing is new: it contains no record of this time.")

    def _step(self, command):
        """What became of one order, for the table of the dialog."""
        told = self._told(command)
        bar = {"numbers": told["numbers"], "share": told["share"]}
        return {
            "name": _words(command, "name"),
            "window": told["window"],
            "state": told["state"],
            "color": COLORS.get(command.state, "info"),
            "counts": told["numbers"] if told["share"] is False else _BAR % bar,
            "message": told["message"],
        }

    @api.model
    def _told(self, command):
        """`{"window", "state": in words, "numbers", "share": 0 to 100 or False, "message"}` of one
        order: what the run that it left has read, or how far its agent told it is."""
        run = (
            self.env["biometric.run"]
            .sudo()
            .search([("command_id", "=", command.id)], order="id desc", limit=1)
        )
        numbers, share = self._how_far(command)
        if run:
            numbers = self.env._(
                "%(read)s read, %(new)s new", read=run.read_count, new=run.new_count
            )
            share = False
        arguments = command.arguments or {}
        window = [arguments[word][:16] for word in ("from", "to") if word in arguments]
        return {
            "window": " – ".join(window),
            "state": _words(command, "state"),
            "numbers": numbers,
            "share": share,
            "message": run.message or command.message or "",
        }

    def _how_far(self, command):
        """(in words, share or False) of a read that goes on, as its agent told it last."""
        if not command.step:
            return "", False
        step = _words(command, "step")
        if not command.step_total:
            return (f"{step} {command.step_done:,}" if command.step_done else step), False
        share = min(100, 100 * command.step_done // command.step_total)
        return f"{step} {command.step_done:,} / {command.step_total:,}", share

    @api.model
    def _open(self, device, commands):
        pull = self.create({"device_id": device.id, "command_ids": [(6, 0, commands.ids)]})
        return pull._action()

    def _action(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": self.id,
            "name": self.device_id.name,
            "view_mode": "form",
            "target": "new",
        }

    def action_confirm(self):
        self.ensure_one()
        self.check_access("write")
        if not self.date_from or not self.date_to:
            raise UserError(self.env._("Enter the start and the end."))
        window = (f"{self.date_from} 00:00:00", f"{self.date_to} 23:59:59")
        self.command_ids = self._give_window(self.device_id, *window)
        return self._action()

    @api.model
    def default_get(self, names):
        """Today at the terminal. Somebody is about to order: the agent is told to ask more
        often."""
        values = super().default_get(names)
        device = self.env["biometric.device"].browse(values.get("device_id"))
        if device:
            device.watch()
            today = device.sudo()._day_of(fields.Datetime.now())
            for name in {"date_from", "date_to"} & {*names}:
                values.setdefault(name, today)
        return values

    @api.model
    def _give_window(self, device, start, end):
        """Commands that read wall times `start` to `end`, in pieces a terminal can answer."""
        commands = self.env["biometric.command"]
        if start > end:
            raise UserError(self.env._("The window ends before it starts."))
        first, last = wall.parse(start), wall.parse(end)
        step = timedelta(days=MAX_WINDOW_DAYS)
        pieces = -(-(last - first) // step)
        if pieces > MAX_PIECES:
            raise UserError(self.env._("At most %s months at once.", MAX_PIECES))
        while first <= last:
            until = min(first + step - timedelta(seconds=1), last)
            commands |= commands._give(
                device, "pull_window", {"from": f"{first}", "to": f"{until}"}
            )
            first = until + timedelta(seconds=1)
        return commands
