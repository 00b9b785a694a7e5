"""What a sync has to know of its agent, in one statement: the heads it answers, and whether
anything waits that a model has to be asked about.

Each mark may say yes too often, never no when there is work. Reads only.
"""

from datetime import datetime
from typing import NamedTuple

from odoo import api, models

from ...seams.sql_company import COMPANIES
from ..audit.biometric_audit_witness import TAMPER_WORDS
from .biometric_command import OPEN_STATES


class Look(NamedTuple):
    """Lane columns are None where Odoo does not know the lane; those of its signed head where
    none was kept today."""

    company: str
    lane_id: int | None
    lane_since: datetime | None
    head_seq: int | None
    head_hash: str | None
    signed_seq: int | None
    signed_hash: str | None
    signature: str | None
    signed_key: str | None
    # Highest number that any kept head names, but for one of the last two minutes: an answer that
    # was lost is asked for again, and the older question may be read last.
    top_seq: int | None
    open_commands: bool
    watched: bool
    unsettled_runs: bool
    lanes_with_holes: bool
    active_agents: int
    trail_doubted: bool
    has_set_aside: bool
    clone_since: datetime | None
    clone_message: str | None
    # A release may still come to this agent, or to one that is not in its order yet.
    updates_open: bool


_LOOK = f"""
SELECT c.name, l.id, l.started_at, l.head_seq, l.head_hash,
       h.seq, h.hash, h.signature, h.public_key,
       (SELECT max(m.seq) FROM biometric_lane_head m
         WHERE m.lane_id = l.id AND m.signed_at < %(now)s - interval '2 minutes'),
       EXISTS (SELECT 1 FROM biometric_command m
                WHERE m.agent_id = a.id AND m.state = ANY(%(open_states)s)),
       EXISTS (SELECT 1 FROM biometric_watch w
                WHERE w.agent_id = a.id AND w.until > %(now)s),
       EXISTS (SELECT 1 FROM biometric_run r
                WHERE r.agent_id = a.id AND r.settled IS NOT TRUE
                  AND r.outcome IS DISTINCT FROM 'open'),
       EXISTS (SELECT 1 FROM biometric_lane o
                WHERE o.agent_id = a.id
                  AND (o.head_seq < o.max_seq
                       OR EXISTS (SELECT 1 FROM biometric_lane_head s
                                   WHERE s.lane_id = o.id AND s.seq > o.head_seq)
                       OR EXISTS (SELECT 1 FROM biometric_gap g
                                   WHERE g.lane_id = o.id AND g.kind = 'lane'
                                     AND g.state = 'open'))),
       (SELECT count(*) FROM biometric_agent f WHERE f.state = 'active'),
       EXISTS (SELECT 1 FROM biometric_audit_finding t
                WHERE t.company_id = a.company_id AND t.explained_at IS NULL
                  AND t.code = ANY(%(tampering)s)),
       EXISTS (SELECT 1 FROM biometric_incident i
                WHERE i.company_id = a.company_id AND i.closed_at IS NULL
                  AND i.kind = 'set_aside' AND i.job = 'completeness'),
       k.opened_at, k.message,
       EXISTS (SELECT 1 FROM biometric_release e
                 LEFT JOIN biometric_update u ON u.release_id = e.id AND u.agent_id = a.id
                WHERE e.company_id = a.company_id AND e.state IN ('offered', 'halted')
                  AND (u.id IS NULL OR u.state IN ('waiting', 'fetching', 'fetched', 'trial')))
  FROM biometric_agent a
  JOIN {COMPANIES} c ON c.id = a.company_id
  LEFT JOIN biometric_lane l ON l.agent_id = a.id AND l.lane = %(lane)s
  LEFT JOIN biometric_lane_head h
    ON h.lane_id = l.id AND h.day = (now() AT TIME ZONE 'UTC')::date
  LEFT JOIN biometric_alarm k
    ON k.agent_id = a.id AND k.kind = 'clone' AND k.closed_at IS NULL
 WHERE a.id = %(agent)s"""


class BiometricSyncLook(models.AbstractModel):
    _name = "biometric.sync.look"
    _description = "Sync state"

    @api.model
    def _take(self, agent, lane, now):
        """Look of one agent. lane: what it says of the lane it uses, or None."""
        self.env.cr.execute(
            _LOOK,
            {
                "agent": agent.id,
                "lane": lane["id"] if lane else None,
                "open_states": list(OPEN_STATES),
                "now": now,
                "tampering": list(TAMPER_WORDS),
            },
        )
        return Look(*self.env.cr.fetchone())
