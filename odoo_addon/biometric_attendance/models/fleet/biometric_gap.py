"""A window of a device that is not proven complete, until a proof or a named person closes it.

Written by biometric.completeness; a person accepts with a reason (audited, told in the statements
of completeness).
"""

from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import format_datetime

from ..mixins.biometric_audited import Concern

CLOSED_STATES = ("proven", "accepted")
DAY = timedelta(days=1)


class BiometricGap(models.Model):
    _name = "biometric.gap"
    _description = "Gaps"
    _inherit = ["biometric.place.time"]
    _log_access = False
    _order = "window_from desc, id desc"
    _rec_name = "kind"
    _place_times = {"window_from_place": "window_from", "window_to_place": "window_to"}

    company_id = fields.Many2one("res.company", required=True, index=True, ondelete="restrict")
    agent_id = fields.Many2one("biometric.agent", index=True, ondelete="restrict")
    device_id = fields.Many2one(
        "biometric.device",
        "Terminal",
        index=True,
        ondelete="restrict",
        help="Empty: every terminal of the agent",
    )
    lane_id = fields.Many2one("biometric.lane", ondelete="restrict")
    kind = fields.Selection(
        [
            ("silence", "Terminal was silent"),
            ("lane", "Numbers missing in a lane"),
            ("overflow", "Lost in the terminal"),
            ("lost", "Lost at the agent"),
        ],
        required=True,
    )
    loss = fields.Char(readonly=True, help="The agent's own name for what its queue lost")
    cause = fields.Selection(
        [
            ("lost_tail", "The newest punches are missing from its queue"),
            ("older_copy", "An older copy of its queue was restored"),
            ("missing_file", "Its queue is gone"),
            ("damaged_file", "Its queue was damaged"),
        ],
        readonly=True,
    )
    loss_state = fields.Selection(
        [
            ("open", "The terminals are asked again"),
            ("read_again", "The terminals were read again"),
            ("unrecoverable", "No terminal has it any more"),
        ],
        "Action taken",
        readonly=True,
    )
    window_from = fields.Datetime("From", required=True)
    window_to = fields.Datetime("To", help="Empty: still open")
    window_from_place = fields.Char("From (place's time)", readonly=True)
    window_to_place = fields.Char("To (place's time)", readonly=True, help="Empty: still open")
    seq_from = fields.Integer("First missing number")
    seq_to = fields.Integer("Last missing number")
    state = fields.Selection(
        [("open", "Open"), ("proven", "Confirmed complete"), ("accepted", "Accepted")],
        default="open",
        required=True,
        readonly=True,
    )
    opened_at = fields.Datetime("Found")
    closed_at = fields.Datetime("Closed")
    run_id = fields.Many2one("biometric.run", "Proof", ondelete="restrict")
    accepted_by_id = fields.Many2one("res.users", "Accepted by", ondelete="restrict")
    reason = fields.Char()

    _one_lane_gap = models.UniqueIndex("(lane_id, seq_from) WHERE state = 'open' AND kind = 'lane'")
    _one_loss = models.UniqueIndex(
        "(agent_id, loss, (COALESCE(device_id, 0))) WHERE loss IS NOT NULL"
    )
    _open = models.Index("(device_id, window_from) WHERE state = 'open'")

    @api.model
    def _count_by_agent(self, agents):
        """{agent: its gaps that neither a proof nor a person closed}, as the reader sees them."""
        return dict(self._read_group(self._open_of_agents(agents), ["agent_id"], ["__count"]))

    def _open_of_agents(self, agents):
        return [("agent_id", "in", agents.ids), ("state", "not in", CLOSED_STATES)]

    def _action_of_agents(self, agents):
        """The list of what `_count_by_agent` counts."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "biometric_attendance.biometric_gap_action"
        )
        return dict(action, domain=self._open_of_agents(agents), context={})

    @api.model
    def _action_of_device(self, device):
        """Its open windows, those of its whole branch among them; a single one is shown itself."""
        domain = [
            ("state", "not in", CLOSED_STATES),
            "|",
            ("device_id", "=", device.id),
            "&",
            ("device_id", "=", False),
            ("agent_id", "=", device.sudo().agent_id.id or 0),
        ]
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "biometric_attendance.biometric_gap_action"
        )
        found = self.search(domain, limit=2)
        if len(found) == 1:
            one = {"res_id": found.id, "view_mode": "form", "views": [(False, "form")]}
            return dict(action, context={}, **one)
        return dict(action, domain=domain, context={})

    def _compute_display_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for gap in self:
            where = gap.device_id.name or gap.agent_id.name or ""
            start = format_datetime(self.env, gap.window_from)
            gap.display_name = f"{kinds[gap.kind]}, {where}, {start}"

    def _lost_words(self):
        """What was lost and what is done about it, in a sentence."""
        self.ensure_one()
        _ = self.env._

        def word(name):
            return dict(self._fields[name]._description_selection(self.env)).get(self[name], "")

        if not self.seq_from:
            return f"{word('cause')}: {word('loss_state')}"
        return _(
            "%(cause)s (punches missing by number: %(count)s): %(state)s",
            cause=word("cause"),
            count=self.seq_to - self.seq_from + 1,
            state=word("loss_state"),
        )

    def action_accept(self, reason):
        """A named person takes responsibility for the window. Returns nothing."""
        if not self.env.user.has_group("biometric_attendance.group_hr_officer"):
            raise AccessError(self.env._("Only HR officers can accept gaps."))
        reason = self.env["biometric.audited"]._check_reason(reason)
        self.check_access("read")
        for gap in self:
            if gap.state != "open":
                raise UserError(self.env._("This gap is already closed."))
            if not gap.window_to:
                raise UserError(
                    self.env._("The terminal is still not responding; wait until it connects.")
                )
            before = gap._window()
            concern = Concern(
                set().union(*(device._people() for device in gap._devices())),
                (gap.window_from.date() - DAY, gap.window_to.date() + DAY),
            )
            with self.env["biometric.audited"]._all_or_nothing():
                gap.sudo().write(
                    {
                        "state": "accepted",
                        "closed_at": fields.Datetime.now(),
                        "accepted_by_id": self.env.uid,
                        "reason": reason,
                    }
                )
                after = self.env["biometric.state"].sudo()._said(gap.sudo())
                self.env["biometric.audit"]._record(
                    "gap.accept", gap, before, after, reason, concern=concern
                )
        self.sudo()._recompute_devices()

    def _window(self):
        self.ensure_one()
        return {
            "kind": self.kind,
            "device": self.device_id.serial or None,
            "from": fields.Datetime.to_string(self.window_from),
            "to": fields.Datetime.to_string(self.window_to) if self.window_to else None,
            "numbers": [self.seq_from, self.seq_to] if self.seq_from else None,
            "state": self.state,
        }

    def _devices(self):
        return self.device_id | self.filtered(lambda gap: not gap.device_id).agent_id.device_ids

    def _recompute_devices(self):
        self.env["biometric.completeness"]._update_devices(self._devices())

    def action_pull(self):
        """Ask the terminals for these windows now; shows how it fares."""
        if any(gap.kind == "overflow" for gap in self):
            raise UserError(
                self.env._(
                    "The terminal lost these records; nothing can be pulled. Accept the gap."
                )
            )
        if not self.device_id or len(self.device_id) > 1:
            raise UserError(self.env._("Choose gaps of one terminal."))
        commands = self.env["biometric.command"]
        for gap in self:
            start, end = gap._wall_window()
            commands |= self.env["biometric.pull"]._give_window(gap.device_id, start, end)
        return self.env["biometric.pull"]._open(self.device_id, commands)

    def _wall_window(self):
        """Wall times of the device around the gap."""
        self.ensure_one()
        end = self.window_to or fields.Datetime.now()
        return self.device_id._wall_window(self.window_from, end)

    def action_open_accept(self):
        return {
            "type": "ir.actions.act_window",
            "res_model": "biometric.gap.accept",
            "name": self.env._("Accept gap"),
            "view_mode": "form",
            "target": "new",
            "context": {"default_gap_ids": [(6, 0, self.ids)]},
        }

    @api.model
    def _close_proven(self, gaps, run=None):
        """A proof arrived for these windows."""
        gaps.filtered(lambda gap: gap.state == "open").write(
            {
                "state": "proven",
                "closed_at": fields.Datetime.now(),
                "run_id": run.id if run else False,
            }
        )

    def watch(self):
        """A form shows these gaps; called again while it is open. Needs the right to read."""
        self.check_access("read")
        gaps = self.sudo()
        self.env["biometric.watch"].sudo()._note(gaps.agent_id | gaps.device_id.agent_id)
        return True
