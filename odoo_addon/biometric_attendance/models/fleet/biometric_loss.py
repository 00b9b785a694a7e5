"""What a queue lost: the windows that are no longer proven because an agent's file or machine was
damaged, and when what the terminals still hold has brought them back.

A loss opens one gap a terminal, from the last instant that was proven. It closes only by order and
by number: as many sightings as were lost have come anew, or the terminal told again a punch from
before the window, so that its log reaches over it. What no terminal holds any more stays open until
a named person accepts it. Must not know HTTP; is told by biometric.sync.
"""

from collections import namedtuple
from datetime import timedelta

from odoo import api

from ...contract import wire
from ...contract.wire_sync import LOSS_CAUSES
from ...engine import wall

# How far back before a window a punch that was told again is looked for: a log that reaches over
# the window told it among thousands; further back a stamp is rather a clock that was reset.
REACH = timedelta(days=62)
# A loss that an agent of an earlier version tells among its errors alone.
OF_ERRORS = "errors:"
# One that the agent cannot know: its lane is shorter than it was.
OF_HEADS = "head:"

Window = namedtuple("Window", "first first_wall last last_wall")


class AgentLosses:
    """Of biometric.completeness: what queues lost. Mixed into its one class."""

    __slots__ = ()

    @api.model
    def _take_losses(self, agent, said, now, each, top=None):
        """Open, follow and close the gaps of what the agent says it lost.

        said: the parsed sync. top: highest number of its lane that it signed before.
        each(devices, work): does `work(devices)`, of all or one by one.
        Returns the ids of the losses that need not be told again in this state: what came back is
        judged once all of it has been delivered. What is not the agent's own word says nothing."""
        if not said["proven"]:
            return []
        losses = self._told_losses(agent, said) + self._fallen_back(agent, said["lane"], top, now)
        whole = not said["agent"]["queue_pending"]
        known = []
        for loss in losses:
            gaps = self.env["biometric.gap"].search(
                [("agent_id", "=", agent.id), ("loss", "=", loss["id"])]
            )
            if not gaps:
                gaps = self._open_lost(agent, loss, now)
            settled = self._follow_loss(gaps, loss["state"], whole, each)
            if settled and not loss["id"].startswith(OF_HEADS):
                known.append(loss["id"])
        if losses:
            each(agent.device_ids, self._update_devices)
        return known

    @api.model
    def _fallen_back(self, agent, lane, top, now):
        """The loss of a whole card that was put back to what it was: queue and witness are of one
        moment, so the agent sees nothing, and the numbers that are gone are given to other punches.
        It closes by a whole read that reaches over it, or by a named person."""
        if not lane or not top or lane["seq"] >= top:
            return []
        known = self.env["biometric.lane"].search(
            [("agent_id", "=", agent.id), ("lane", "=", lane["id"])], limit=1
        )
        return [
            {
                "id": f"{OF_HEADS}{lane['id']}:{top}",
                "lane": lane["id"],
                "cause": "older_copy",
                "from": self._held_below(known, lane["seq"] + 1),
                "to": now,
                "first_seq": None,
                "last_seq": None,
                "state": "open",
            }
        ]

    @api.model
    def _follow_loss(self, gaps, state, whole, each):
        """How far the agent is with one loss. Returns whether it need not say so again."""
        # What was said to be gone for good does not come back by another word.
        if "unrecoverable" in gaps.mapped("loss_state"):
            return True
        gaps.filtered(lambda gap: gap.loss_state != state).write({"loss_state": state})
        if state != "read_again":
            return True
        return whole and self._close_lost(gaps, each)

    @api.model
    def _told_losses(self, agent, said):
        """The losses of a sync; of an agent that does not report any, by the errors it names, and
        those that it names no more: then it has read its terminals again."""
        if "loss_report" in said["can"] or said["losses"]:
            return said["losses"]
        found = [
            {
                "id": f"{OF_ERRORS}{error['code']} {error['at']}",
                "lane": said["lane"]["id"] if said["lane"] else None,
                "cause": error["code"],
                "from": None,
                "to": wire.to_datetime(error["at"]).replace(microsecond=0),
                "first_seq": None,
                "last_seq": None,
                "state": "open",
            }
            for error in said["agent"]["last_errors"]
            if error["code"] in LOSS_CAUSES and error["at"]
        ]
        told = {loss["id"] for loss in found}
        ended = self.env["biometric.gap"].search(
            [
                ("agent_id", "=", agent.id),
                ("state", "=", "open"),
                ("loss", "=like", f"{OF_ERRORS}%"),
                ("loss", "not in", list(told)),
            ]
        )
        return found + [{"id": one, "state": "read_again"} for one in set(ended.mapped("loss"))]

    # ------------------------------------------------------------------ opening

    @api.model
    def _open_lost(self, agent, loss, now):
        """One gap a terminal in service; where there is none, one of the agent."""
        lane = self.env["biometric.lane"].search(
            [("agent_id", "=", agent.id), ("lane", "=", loss["lane"])], limit=1
        )
        ends = min(loss["to"], now)
        held = self._held_below(lane, loss["first_seq"])
        devices = agent.device_ids.filtered(lambda device: device.state == "active")
        values = {
            "company_id": agent.company_id.id,
            "agent_id": agent.id,
            "lane_id": lane.id,
            "kind": "lost",
            "loss": loss["id"],
            "cause": loss["cause"],
            "loss_state": loss["state"],
            "seq_from": loss["first_seq"],
            "seq_to": loss["last_seq"],
            "opened_at": now,
        }
        return self.env["biometric.gap"].create(
            [
                values
                | {"device_id": device.id}
                | self._lost_window(device, loss["from"], held, ends)
                for device in devices or [self.env["biometric.device"]]
            ]
        )

    @api.model
    def _lost_window(self, device, told, held, ends):
        """From the last proven instant; from before it where the agent knows that more went, or
        where the proof itself was given after the loss."""
        proven = device.proven_until or device.in_service_from
        begins = [told, proven if proven and proven < ends else held]
        start = min(filter(None, begins), default=ends - timedelta(minutes=1))
        return {"window_from": min(start, ends - timedelta(seconds=1)), "window_to": ends}

    @api.model
    def _held_below(self, lane, first_seq):
        """When the last sighting of the lane that Odoo holds below the lost ones was received."""
        if not lane:
            return None
        self.env.cr.execute(
            """SELECT received_at FROM biometric_sighting
                WHERE lane_id = %s AND seq < %s AND received_at IS NOT NULL
                ORDER BY seq DESC LIMIT 1""",
            (lane.id, first_seq or wire.MAX_SEQ),
        )
        row = self.env.cr.fetchone()
        return row[0].replace(microsecond=0) if row else lane.started_at

    # ------------------------------------------------------------------ closing

    @api.model
    def _close_lost(self, gaps, each):
        """Close those of one loss that came back; with the last of them the hole in the numbers.
        Returns whether each was judged."""
        opened = gaps.filtered(lambda gap: gap.state == "open")
        windows = {}

        def note_windows(devices):
            for gap in opened.filtered(lambda gap: gap.device_id in devices):
                windows[gap.id] = self._wall_window(gap)

        each(opened.device_id, note_windows)
        # A terminal whose window cannot be said in its own clock stays open, alone.
        back = opened.filtered(lambda gap: gap.id in windows)
        if not self._all_came_again(back, windows):
            back = back.filtered(lambda gap: self._log_reaches_over(gap, windows[gap.id]))
        back._close_proven(back)
        if back and all(gap.state != "open" for gap in gaps) and gaps[0].seq_from:
            holes = self.env["biometric.gap"].search(
                [
                    ("lane_id", "=", gaps[0].lane_id.id),
                    ("kind", "=", "lane"),
                    ("state", "=", "open"),
                    ("seq_from", ">=", gaps[0].seq_from),
                    ("seq_to", "<=", gaps[0].seq_to),
                ]
            )
            holes._close_proven(holes)
        return len(windows) == len(opened.filtered("device_id"))

    @api.model
    def _close_lost_by_read(self, run):
        """A whole read ended after the loss and nothing vanished: its log may reach over it."""
        gaps = self._open_gaps(run.device_id, "lost").filtered(
            lambda gap: (
                gap.loss_state != "unrecoverable"
                and gap.window_to <= run.started_at
                and not self._overlaps(run, gap)
            )
        )
        for gap in gaps:
            if self._log_reaches_over(gap, self._wall_window(gap)):
                gap._close_proven(gap, run)

    @api.model
    def _wall_window(self, gap):
        spans = gap.device_id._spans()
        return Window(
            gap.window_from,
            wall.from_instant(gap.window_from, spans),
            gap.window_to,
            wall.from_instant(gap.window_to, spans),
        )

    @api.model
    def _all_came_again(self, gaps, windows):
        """Whether as many sightings as were lost came after the loss, of punches within its
        windows that this channel had not told before."""
        if not gaps or not gaps[0].seq_from:
            return False
        came = 0
        for gap in gaps.filtered("device_id"):
            window = windows[gap.id]
            self.env.cr.execute(
                """SELECT count(*) FROM biometric_punch p
                     JOIN biometric_sighting s ON s.punch_id = p.id AND s.received_at >= %(last)s
                     JOIN biometric_lane l ON l.id = s.lane_id AND l.agent_id = %(agent)s
                    WHERE p.device_id = %(device)s
                      AND p.wall_date BETWEEN left(%(first_wall)s, 10)::date
                                          AND left(%(last_wall)s, 10)::date
                      AND p.wall_time BETWEEN %(first_wall)s AND %(last_wall)s
                      AND NOT EXISTS (
                          SELECT 1 FROM biometric_sighting o
                           WHERE o.punch_id = p.id AND o.channel = s.channel
                             AND o.received_at < %(last)s)""",
                window._asdict() | {"agent": gap.agent_id.id, "device": gap.device_id.id},
            )
            came += self.env.cr.fetchone()[0]
        return came >= gaps[0].seq_to - gaps[0].seq_from + 1

    @api.model
    def _log_reaches_over(self, gap, window):
        """Whether the terminal told, after the loss, a punch that it had recorded before the
        window: terminals delete their oldest records first, so all of the window was told too."""
        self.env.cr.execute(
            """SELECT EXISTS (
                   SELECT 1 FROM biometric_punch p
                     JOIN biometric_sighting s ON s.punch_id = p.id AND s.received_at >= %(last)s
                      AND s.channel <> 'file'
                     JOIN biometric_lane l ON l.id = s.lane_id AND l.agent_id IS NOT NULL
                    WHERE p.device_id = %(device)s
                      AND p.wall_date BETWEEN %(floor)s AND left(%(first_wall)s, 10)::date
                      AND p.wall_time < %(first_wall)s)""",
            window._asdict()
            | {"device": gap.device_id.id, "floor": (gap.window_from - REACH).date()},
        )
        return self.env.cr.fetchone()[0]
