"""What a finished run proves: which gaps it closes, how far it moves *complete until*, which losses
and flags it brings to light. Rules (a) and (c) of completeness.

A run is judged only when everything it read has arrived: the agent reports the run before it has
delivered the last sighting. Must not know HTTP; is told by biometric.sync.
"""

from odoo import api

from ...engine import wall

# Runs judged in one sync.
MAX_JUDGED = 200


class RunProof:
    """Of biometric.completeness: what runs prove. Mixed into its one class."""

    __slots__ = ()

    @api.model
    def _settle_runs(self, agent, pending, agent_pending, each):
        """Judge the agent's runs whose sightings are all here. each(devices, work): does
        `work(devices)`, of all or one by one.

        pending: {serial: sightings the agent has not delivered}; agent_pending: the same for all
        its devices together, which counts where a device is not listed.
        """
        runs = self.env["biometric.run"].search(
            [("agent_id", "=", agent.id), ("settled", "=", False), ("outcome", "!=", "open")],
            order="started_at, id",
            limit=MAX_JUDGED,
        )
        whole = runs.filtered(lambda run: not pending.get(run.device_id.serial, agent_pending))

        def judge(devices):
            for run in whole.filtered(lambda run: run.device_id in devices):
                run.settled = True
                # Only its own agent proves a terminal complete: another's punches may not count.
                if run.device_id.agent_id == agent:
                    self._judge_run(run)

        each(whole.device_id, judge)

    @api.model
    def _judge_run(self, run):
        if run.channel == "poll":
            self._judge_losses(run)
            self._note_read(run)
        if run._is_whole():
            self._judge_whole(run)
        elif run.window_from and run.window_to:
            self._judge_window(run)
        self._update_devices(run.device_id)

    @api.model
    def _note_read(self, run):
        """A terminal that never calls is heard when it is read."""
        device = run.device_id
        if device.channel_push or run.outcome == "failed" or not run.ended_at:
            return
        if not device.last_heard_at or device.last_heard_at < run.ended_at:
            device.last_heard_at = run.ended_at

    @api.model
    def _judge_whole(self, run):
        device = run.device_id
        self.env["biometric.flag"]._weigh(run)
        if not run.started_at or not self._is_readable(run):
            return
        gaps = self._silences(device).filtered(
            lambda gap: (
                gap.window_to
                and gap.window_to <= run.started_at
                and not (self._vanished_unread(run) or self._overlaps(run, gap))
            )
        )
        gaps._close_proven(gaps | self._counted_wrongly(run), run)
        if not self._vanished_unread(run):
            self._close_lost_by_read(run)
        if not device.proven_until or device.proven_until < run.started_at:
            device.proven_until = run.started_at

    @api.model
    def _silences(self, device):
        return self._open_gaps(device, "silence")

    @api.model
    def _open_gaps(self, device, kind):
        return self.env["biometric.gap"].search(
            [("device_id", "=", device.id), ("state", "=", "open"), ("kind", "=", kind)]
        )

    @api.model
    def _is_readable(self, run):
        """Nothing of the read was unreadable, or a person has decided about every such line.

        Equal lines are stored once, and agents before 1.1 count every copy of them: so not their
        number tells, but that what the read brought has arrived (a run is judged then) and that no
        line of the terminal waits."""
        if not run.rejected_count:
            return True
        self.env.cr.execute(
            """SELECT bool_and(EXISTS (SELECT 1 FROM biometric_decision c
                                        WHERE c.sighting_id = s.id))
                 FROM biometric_sighting s WHERE s.device_id = %s AND s.kind = 'reject'""",
            (run.device_id.id,),
        )
        return bool(self.env.cr.fetchone()[0])

    @api.model
    def _overlaps(self, run, gap):
        """Whether a gap touches what the terminal lost."""
        if not run.lost_from or not run.lost_to:
            return False
        start, end = self._window(run.device_id, run.lost_from, run.lost_to)
        return gap.window_from < end and gap.window_to > start

    @staticmethod
    def _vanished_unread(run):
        """Whether records may have gone unread, by the word of an agent that compares counts.

        A terminal loses its oldest records first: where most of a log was read before, whatever
        came after that is still there. Agents that compare the records themselves name a window
        instead (lost_from)."""
        known_before = 0 < run.read_count < 2 * run.duplicate_count
        return bool(run.vanished_count) and not known_before

    @api.model
    def _counted_wrongly(self, run):
        """Open losses that were told by comparing counts alone and that were none."""
        if run.vanished_count or run.lost_from:
            return self.env["biometric.gap"]
        losses = self._open_gaps(run.device_id, "overflow")
        return losses.filtered(
            lambda gap: (
                gap.run_id.vanished_count
                and not gap.run_id.lost_from
                and not self._vanished_unread(gap.run_id)
            )
        )

    @api.model
    def _judge_losses(self, run):
        """An overflow, or a clear by somebody else, is a gap that no reading closes."""
        device = run.device_id
        if run.lost_from and run.lost_to:
            self._open_loss(run, *self._window(device, run.lost_from, run.lost_to))
        elif self._vanished_unread(run) and run.started_at:
            start = device.proven_until or device.in_service_from
            # While push was alive it carried what the log has lost.
            if start and start < run.started_at and not device.unbroken_since:
                self._open_loss(run, start, run.started_at)

    @api.model
    def _open_loss(self, run, start, end):
        known = self.env["biometric.gap"].search_count(
            [
                ("device_id", "=", run.device_id.id),
                ("kind", "=", "overflow"),
                ("window_from", "=", start),
            ],
            limit=1,
        )
        if not known and start < end:
            self.env["biometric.gap"].create(
                {
                    "company_id": run.company_id.id,
                    "agent_id": run.agent_id.id,
                    "device_id": run.device_id.id,
                    "kind": "overflow",
                    "window_from": start,
                    "window_to": end,
                    "opened_at": run.ended_at,
                    "run_id": run.id,
                }
            )

    @api.model
    def _judge_window(self, run):
        """A query of a window that finished. Nothing in the answer needs a second proof: some
        firmware answers an empty window as it answers a refusal."""
        if run.read_count:
            counted = run.device_count < 0 or run.read_count >= run.device_count
            if run.outcome == "complete" and counted:
                self._close_window(run)
        elif run.outcome == "complete" and run.device_count == 0:
            self._close_window(run)
        elif run.channel == "push":
            self._ask_count(run)

    @api.model
    def _close_window(self, run):
        if not self._is_readable(run):
            return
        windows = self._windows(run)
        gaps = self._silences(run.device_id).filtered(
            lambda gap: (
                gap.window_to
                and any(start <= gap.window_from and gap.window_to <= end for start, end in windows)
                and (not run.started_at or gap.window_to <= run.started_at)
            )
        )
        gaps._close_proven(gaps, run)

    @api.model
    def _ask_count(self, run):
        """Ask how many records the window has; `_counted` takes the answer."""
        start, end = self._window(run.device_id, run.window_from, run.window_to)
        touched = self._silences(run.device_id).filtered(
            lambda gap: gap.window_to and start <= gap.window_from and gap.window_to <= end
        )
        window = {"from": run.window_from, "to": run.window_to}
        device = run.device_id
        if touched and device.state == "active" and device.agent_id:
            commands = self.env["biometric.command"]
            if not commands.search_count(
                [
                    ("device_id", "=", device.id),
                    ("name", "=", "count_window"),
                    ("ordered_at", ">=", run.started_at),
                ],
                limit=1,
            ):
                commands._add(device, "count_window", window)

    @api.model
    def _counted(self, command):
        """A terminal counted a window: none there and none read is the second proof."""
        if command.state != "done" or command.return_code:
            return
        window = command.arguments
        run = self.env["biometric.run"].search(
            [
                ("device_id", "=", command.device_id.id),
                ("window_from", "=", window["from"]),
                ("window_to", "=", window["to"]),
                ("read_count", "=", 0),
            ],
            order="id desc",
            limit=1,
        )
        if run:
            self._close_window(run)
            self._update_devices(run.device_id)

    @api.model
    def _windows(self, run):
        """The run's window in instants, without its holes: what it can prove."""
        bounds = [run.window_from, *(text for hole in run.holes or () for text in hole)]
        bounds.append(run.window_to)
        return [
            self._window(run.device_id, start, end)
            for start, end in zip(bounds[::2], bounds[1::2], strict=True)
        ]

    @api.model
    def _window(self, device, start, end):
        """Instants of a window of the device's wall times."""
        spans = device._spans()
        return tuple(wall.to_instant(text, wall.span_zone(spans, text)) for text in (start, end))
