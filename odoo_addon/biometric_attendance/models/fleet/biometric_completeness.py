"""Complete until: per device, the instant before which nothing it recorded can be missing.

Proven by push sessions (b): no silence since the last proof, upload idle, every sighting received;
and by named persons who accept a gap (d). Complete polls (a) and finished queries (c) close gaps
through their run. What is not proven is a gap: silence of a device, a hole in a lane's numbers, or
what a damaged queue lost (biometric_loss.py).
Must not know HTTP; is told by biometric.sync.
"""

from datetime import timedelta

from odoo import api, fields, models

from .biometric_loss import AgentLosses
from .biometric_proof import RunProof

# A hole in a lane younger than this is only a batch on its way (live goes before backlog).
HOLE_PATIENCE = timedelta(minutes=10)
# A push session's run is brought up to date at most this often while it goes on.
RUN_PERIOD = timedelta(minutes=5)


class BiometricCompleteness(RunProof, AgentLosses, models.AbstractModel):
    _name = "biometric.completeness"
    _description = "Complete until"

    @api.model
    def _device_said(self, device, report, server_now, sessions, step):
        """Take one device's status of a sync into account.

        report: {heard, last_heard_at, unbroken_since, upload_idle, pending} with naive UTC times;
        sessions: as `_sessions` says; step: how far a heartbeat has to go to be a proof of its own.
        """
        since, heard_at = report["unbroken_since"], report["last_heard_at"]
        if device.state != "active" or not since or not heard_at:
            return
        heard_at = min(heard_at, server_now)
        if since > heard_at:
            return
        start = device.proven_until or device.in_service_from
        if start and since > start:
            self._open_silence(device, start, since)
            # From here on the session proves; what lies before is the gap's business.
            device.proven_until = since
        if (
            report["upload_idle"]
            and not report["pending"]
            and heard_at > (device.proven_until or since)
            and heard_at - (device.proven_until or since) >= step
        ):
            device.proven_until = heard_at
        elif not device.proven_until:
            device.proven_until = since
        if not device.in_service_from:
            device._begin_service(since)
        noted_at = sessions.get(self._session_name(device, since))
        if not noted_at or heard_at - noted_at >= RUN_PERIOD:
            self._note_session(device, since, heard_at)

    @api.model
    def _open_silence(self, device, start, end):
        gap = self.env["biometric.gap"].search(
            [("device_id", "=", device.id), ("state", "=", "open"), ("window_to", "=", start)],
            limit=1,
        )
        # One outage is one gap: a line that drops again at once lengthens it.
        if gap and end - start < timedelta(minutes=5):
            gap.window_to = end
            return
        self.env["biometric.gap"].create(
            {
                "company_id": device.company_id.id,
                "agent_id": device.agent_id.id,
                "device_id": device.id,
                "kind": "silence",
                "window_from": start,
                "window_to": end,
                "opened_at": fields.Datetime.now(),
            }
        )

    @staticmethod
    def _session_name(device, since):
        return f"push-{device.id}-{since:%Y%m%d%H%M%S}"

    @api.model
    def _sessions(self, agent, reports):
        """{uuid of a push session: when its run was brought up to date last} of an agent's devices
        in one query. reports: [(device, report)]."""
        names = [
            self._session_name(device, report["unbroken_since"])
            for device, report in reports
            if report["unbroken_since"]
        ]
        if not names:
            return {}
        self.env.cr.execute(
            "SELECT uuid, ended_at FROM biometric_run WHERE agent_id = %s AND uuid = ANY(%s)",
            (agent.id, names),
        )
        return dict(self.env.cr.fetchall())

    @api.model
    def _note_session(self, device, since, heard_at):
        """The push session as a run: one row a session, brought up to date now and then."""
        uuid = self._session_name(device, since)
        runs = self.env["biometric.run"]
        run = runs.search([("agent_id", "=", device.agent_id.id), ("uuid", "=", uuid)], limit=1)
        if run:
            run.ended_at = heard_at
            return
        runs.search(
            [("device_id", "=", device.id), ("channel", "=", "push"), ("outcome", "=", "open")]
        ).outcome = "complete"
        runs.create(
            {
                "company_id": device.company_id.id,
                "agent_id": device.agent_id.id,
                "device_id": device.id,
                "uuid": uuid,
                "channel": "push",
                "asked_by": "device",
                "started_at": since,
                "ended_at": heard_at,
                "outcome": "open",
                "device_count": -1,
            }
        )

    # ------------------------------------------------------------------ lanes

    @api.model
    def _check_lanes(self, agent, current=None, server_now=None):
        """Holes of an agent's lanes become gaps, and close when the numbers came after all.

        current: name of the lane the agent uses now; an older lane is not written any more.
        """
        now = server_now or fields.Datetime.now()
        changed = self.env["biometric.gap"]
        for lane in agent.lane_ids:
            top = max(lane.max_seq, max(lane.head_ids.mapped("seq"), default=0))
            opened = self.env["biometric.gap"].search(
                [("lane_id", "=", lane.id), ("kind", "=", "lane"), ("state", "=", "open")]
            )
            filled = opened.filtered(lambda gap, lane=lane: gap.seq_to <= lane.head_seq)
            filled._close_proven(filled)
            changed |= filled
            stuck = lane.lane != current or now - lane.moved_at > HOLE_PATIENCE
            if top <= lane.head_seq or not stuck or opened - filled:
                continue
            # Accepted, or proven without its numbers: the terminals told the punches again.
            settled = self.env["biometric.gap"].search(
                [
                    ("lane_id", "=", lane.id),
                    ("kind", "=", "lane"),
                    ("state", "!=", "open"),
                    ("seq_from", "=", lane.head_seq + 1),
                ],
                limit=1,
            )
            if not settled:
                changed |= self._open_hole(agent, lane, top, now)
        if changed:
            self._update_devices(agent.device_ids)

    @api.model
    def _open_hole(self, agent, lane, top, now):
        before, next_seq, after = self._around_hole(lane.id, lane.head_seq)
        return self.env["biometric.gap"].create(
            {
                "company_id": agent.company_id.id,
                "agent_id": agent.id,
                "lane_id": lane.id,
                "kind": "lane",
                "window_from": before or lane.started_at,
                "window_to": after or now,
                "seq_from": lane.head_seq + 1,
                "seq_to": next_seq - 1 if next_seq else top,
                "opened_at": now,
            }
        )

    @api.model
    def _around_hole(self, lane_id, head_seq):
        """(when the last sighting below a hole was received, number of the first above it, when the
        first above it was received); None where there is none. A lane may hold millions: both ends
        are found by its index."""
        self.env.cr.execute(
            """SELECT (SELECT received_at FROM biometric_sighting
                        WHERE lane_id = %(lane)s AND seq <= %(head)s AND received_at IS NOT NULL
                        ORDER BY seq DESC LIMIT 1),
                      (SELECT min(seq) FROM biometric_sighting
                        WHERE lane_id = %(lane)s AND seq > %(head)s),
                      (SELECT received_at FROM biometric_sighting
                        WHERE lane_id = %(lane)s AND seq > %(head)s AND received_at IS NOT NULL
                        ORDER BY seq LIMIT 1)""",
            {"lane": lane_id, "head": head_seq},
        )
        return self.env.cr.fetchone()

    # ------------------------------------------------------------------ the result

    @api.model
    def _update_devices(self, devices):
        """complete_until of these devices from proofs and open gaps; days that became judgeable
        are marked to be computed again."""
        if not devices:
            return
        self.env.flush_all()
        self.env.cr.execute(
            """SELECT d.id, LEAST(d.proven_until, (
                      SELECT min(g.window_from) FROM biometric_gap g
                       WHERE g.state = 'open'
                         AND (g.device_id = d.id
                              OR (g.device_id IS NULL AND g.agent_id = d.agent_id))))
                 FROM biometric_device d WHERE d.id = ANY(%s) AND d.proven_until IS NOT NULL""",
            (devices.ids,),
        )
        for device_id, until in self.env.cr.fetchall():
            device = devices.browse(device_id)
            before = device.complete_until
            if before == until:
                continue
            device.complete_until = until
            if before and until < before:
                self._take_back(device, until, before)
            elif not before or _may_be_another_day(device, before, until):
                self._mark_judgeable(device, before, until)

    @api.model
    def _take_back(self, device, until, before):
        """A gap turned up: what was judged behind the new instant was judged too early."""
        begins = device._day_of(until) - timedelta(days=1)
        ends = device._day_of(before) + timedelta(days=1)
        for user in self.env["biometric.device.user"].search(
            [("device_id", "=", device.id), ("employee_id", "!=", False)]
        ):
            self.env["biometric.stale.day"]._mark_judged(
                user.employee_id.ids,
                max(begins, user.valid_from or begins),
                min(ends, user.valid_to or ends),
            )

    @api.model
    def _mark_judgeable(self, device, before, until):
        """Absence may be judged once a day is complete: mark the days between the old and the new
        instant, both on its own clock, for everybody who may use the device."""
        last = device._day_of(until)
        first = device._day_of(before or until - timedelta(days=1)) - timedelta(days=1)
        first = max(first, last - timedelta(days=62))
        self.env.cr.execute(
            """SELECT DISTINCT u.employee_id, day::date
                 FROM biometric_device_user u,
                      generate_series(%s::date, %s::date, interval '1 day') day
                WHERE u.device_id = %s AND u.employee_id IS NOT NULL
                  AND day::date >= COALESCE(u.valid_from, '0001-01-01'::date)
                  AND day::date <= COALESCE(u.valid_to, '9999-12-31'::date)""",
            (first, last, device.id),
        )
        self.env["biometric.stale.day"]._mark(self.env.cr.fetchall())


def _may_be_another_day(device, before, until):
    """Whether midnight at the terminal lies between. Zones differ from UTC by whole quarters of an
    hour: within one of them nobody need be asked, and a terminal that beats all the time is not."""
    if _quarter(before) == _quarter(until):
        return False
    return device._day_of(before) != device._day_of(until)


def _quarter(at):
    return at.replace(minute=at.minute // 15, second=0, microsecond=0)
