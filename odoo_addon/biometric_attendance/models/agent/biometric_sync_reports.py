"""What an agent says of its terminals, taken in: all at once, and terminal by terminal where the
turn of one raises, so that it holds up no other.

Must not know what any report proves.
"""

import logging

from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY

_logger = logging.getLogger(__name__)


class SyncReports:
    """Of biometric.sync: the reports of a sync. Mixed into its one class."""

    __slots__ = ()

    def _take_reports(self, agent, said, mine, devices, look, now):
        """Reports, runs and results of one sync. A terminal whose turn raises is set aside; while
        one is, each of them is taken by itself. Returns the ids of the losses that need not
        be told again."""
        facts = (agent, said, mine, devices, look, now)
        if not look.has_set_aside:
            try:
                with self.env.cr.savepoint():
                    return self._take_all(lambda rows, work: work(rows), *facts)
            except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
                raise
            except Exception as error:  # noqa: BLE001 - taken one by one, whatever it is
                _logger.warning("Agent %s: taken terminal by terminal", agent.id, exc_info=error)
        aside = self.env["biometric.job"]._aside("completeness", "biometric.device")

        def each(rows, work):
            aside.do(aside.due(rows), work)

        return self._take_all(each, *facts)

    def _take_all(self, each, agent, said, mine, devices, look, now):
        """The same. each(devices, work): does `work(devices)`, of all or one by one."""
        completeness = self.env["biometric.completeness"]
        rows = {devices[row["serial"]]: row for row in said["devices"]}
        no_device = mine.browse()

        def note_clocks(some):
            for device in some:
                row = rows[device]
                device._note_clock(row["facts"], now)
                device._note_offset(row["clock_offset_seconds"], row["unbroken_since"], now)

        each(no_device.union(*(device for device in rows if device.agent_id == agent)), note_clocks)
        step = self._beat_step(look)
        self._note_told(agent, devices, said["devices"], step)
        self._note_lane(agent, said["lane"], look)
        heard = [(device, row) for device, row in rows.items() if row["heard_state"] == "heard"]
        # Before anything is proven: what was lost ends the proofs it took with it.
        losses_known = completeness._take_losses(agent, said, now, each, look.top_seq)
        # Only its own agent proves a terminal complete: another one hears a part at best.
        own = [(device, row) for device, row in heard if device.agent_id == agent]
        sessions = completeness._sessions(agent, own)

        def note_heard(some):
            for device in some:
                completeness._device_said(device, rows[device], now, sessions, step)

        each(no_device.union(*(device for device, _row in own)), note_heard)
        fresh = self._note_runs(agent, devices, said["runs"])
        self.env["biometric.device"]._note_carriers(
            fresh, [(device, row["last_heard_at"]) for device, row in heard]
        )
        if said["commands"]:
            self.env["biometric.command"]._results(agent, said["commands"])
        if fresh or look.unsettled_runs:
            pending = {row["serial"]: row["pending"] for row in said["devices"]}
            completeness._settle_runs(agent, pending, said["agent"]["queue_pending"], each)
        lane = said["lane"]
        if look.lanes_with_holes or (lane and lane["seq"] > (look.head_seq or 0)):
            completeness._check_lanes(agent, lane["id"] if lane else None, now)
        each(mine.filtered("active"), completeness._update_devices)
        return losses_known
