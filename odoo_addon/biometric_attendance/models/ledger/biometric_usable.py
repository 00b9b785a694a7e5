"""Which punches count, for whom, and at which instant: derived here, stored nowhere.

The one door of the day engine: `biometric.punch._usable`. A punch counts when its device is
approved and served here then, its PIN means the employee on its wall date, its clock was possible
and not off (or a person released it, or said when it was made), an agent that the device is bound
to told it (biometric_bound.py) and nobody discarded it. What only the person it is about vouches
for waits for another (biometric_own.py). Whatever order the punches came in, the answer is the
same.
"""

from collections import defaultdict
from datetime import date, timedelta
from operator import itemgetter
from typing import NamedTuple

from odoo import api
from odoo.tools import SQL

from ...engine import (
    Zone,
    epoch,
    resolve_walls,
    wall,
    wall_of,
)
from .biometric_bound import BOUND
from .biometric_flag import OPEN
from .biometric_usable_terms import Terms

# A punch of what its clock showed, of the person whom its PIN meant on that day.
_BY_WALL = """biometric_punch p ON p.device_id = u.device_id AND p.pin = u.pin
                      AND p.wall_date >= GREATEST(COALESCE(u.valid_from, %(begin)s), %(begin)s)
                      AND p.wall_date <= LEAST(COALESCE(u.valid_to, %(end)s), %(end)s)"""
# A punch that a person counts at another time: of whom its PIN meant then.
_BY_DECISION = """biometric_decision c ON c.verdict = 'count_as'
                      AND c.counts_date >= GREATEST(COALESCE(u.valid_from, %(begin)s), %(begin)s)
                      AND c.counts_date <= LEAST(COALESCE(u.valid_to, %(end)s), %(end)s)
                     JOIN biometric_punch p ON p.id = c.punch_id AND p.device_id = u.device_id
                      AND p.pin = u.pin"""
# Sightings of punch p. OFFSET 0 holds the planner to their index: right after many punches came
# its figures are old, and it would read a lane's sightings whole for each of them.
_TOLD = "(SELECT * FROM biometric_sighting WHERE punch_id = p.id OFFSET 0)"
_ROWS = """SELECT u.employee_id, p.id, p.key, p.device_id, p.wall_time, p.status,
                          f.verify, f.channel, f.lane_id, f.seq,
                          extract(epoch FROM f.received_at)::float8, f.clock,
                          extract(epoch FROM COALESCE(f.seen_at, p.stored_at))::float8,
                          d.verdict, g.id IS NOT NULL,
                          EXISTS (SELECT 1 FROM biometric_flag k
                                   WHERE k.punch_id = p.id AND k.kind = 'skew'), d.counts_at,
                          f.bound
                     FROM biometric_device_user u
                     JOIN biometric_device v ON v.id = u.device_id
                      AND v.state IN ('active', 'moved')
                     JOIN {picked}
                     JOIN LATERAL (
                          SELECT s.verify, s.channel, s.lane_id, s.seq, s.received_at, s.clock,
                                 %(bound)s AS bound,
                                 min(s.received_at) FILTER (WHERE s.clock = 'ok' AND %(bound)s)
                                    OVER () AS seen_at
                            FROM {told} s JOIN biometric_lane l ON l.id = s.lane_id
                           ORDER BY bound DESC, %(rank)s, s.received_at, s.lane_id, s.seq
                           LIMIT 1) f ON TRUE
                     LEFT JOIN LATERAL (
                          SELECT o.id, o.verdict, o.counts_at FROM biometric_decision o
                           WHERE o.punch_id = p.id ORDER BY o.id DESC LIMIT 1) d ON TRUE
                     LEFT JOIN biometric_flag g
                       ON g.punch_id = p.id AND g.kind = 'unwitnessed' AND %(open)s
                    WHERE u.employee_id = ANY(%(employees)s) AND {counted}"""
# Push is what the terminal told at once, poll what it remembered, file what a person carried.
_CHANNEL_RANK = "CASE s.channel WHEN 'push' THEN 0 WHEN 'poll' THEN 1 ELSE 2 END"

# Verdicts by which a punch counts.
COUNTING = ("release", "count_as")


class UsablePunch(NamedTuple):
    """One punch that counts. Rows of one device are in the device's own order by (lane, seq)."""

    employee_id: int
    punch_id: int
    key: str
    device_id: int
    tz: str
    at: int  # epoch seconds
    wall_time: str
    status: str
    # what the status means on this device: IN, OUT or None, and the state most terminals send
    direction: str | None
    state: str
    verify: str
    channel: str
    lane_id: int
    seq: int
    fold_undecided: bool  # a time shown twice or skipped, and nothing tells which it was
    skewed: bool  # a live push whose stamp is far from the agent's trusted clock
    # seconds a live push was stamped after a trusted clock had received it; None: not after, or
    # not known (a terminal may tell late, but never before), or a person said when it was
    offset_seconds: int | None

    @property
    def instant(self):
        """Naive UTC."""
        return wall.utc(self.at)


# By position: naming the fields takes half as long again.
_ORDER = itemgetter(
    *map(UsablePunch._fields.index, ("employee_id", "at", "device_id", "lane_id", "seq"))
)
_SKEW_SECONDS = wall.SKEW_LIMIT.total_seconds()


class UsablePunches:
    """Of biometric.punch: which of them count. Mixed into its one class (biometric_punch.py)."""

    __slots__ = ()

    @api.model
    def _usable(self, employee_ids, date_from, date_to):
        """Usable punches of these employees whose device showed a day from date_from to date_to.

        Dates are inclusive and of wall time: ask for the neighbours of the days you compute.
        Returns [UsablePunch] sorted by (employee_id, instant, device_id, lane_id, seq). Two
        queries, one more per device only where a clock showed an hour twice.
        """
        if not employee_ids:
            return []
        self.env.flush_all()
        rows = self._usable_rows(employee_ids, date_from, date_to)
        devices = self.env["biometric.device"].sudo().browse(sorted({row[3] for row in rows}))
        terms = {device.id: Terms.of(device) for device in devices}
        spans = {device_id: one.spans for device_id, one in terms.items()}
        clocks = [wall_of(row[4]) for row in rows]
        zones = [terms[row[3]].zone_at(row[4]) for row in rows]
        # None in a quarter hour of which the clock showed some twice or never
        plain = [zone.plain_instant(clock) for zone, clock in zip(zones, clocks, strict=True)]
        unsure = [one[:3] for one in zip(rows, zones, clocks, plain, strict=True) if one[3] is None]
        folds = self._folds(unsure, spans)
        carried = self._own_carried({row[1] for row in rows if row[7] == "file"})
        unheard = self._self_decided([(row[1], row[0]) for row in rows if row[13] in COUNTING])
        usable = []
        for row, zone, at in zip(rows, zones, plain, strict=True):
            decided = row[13] in COUNTING
            if decided and unheard and (row[1], row[0]) in unheard:
                if row[13] == "count_as":
                    continue
                decided = False
            if carried and not decided and row[1] in carried:
                continue
            shown = folds[row[1]] if at is None else (at, False)
            punch = self._usable_punch(row, zone, shown, terms[row[3]], decided)
            if punch:
                usable.append(punch)
        usable.sort(key=_ORDER)
        return usable

    @api.model
    def _waiting_dates(self, employee_ids, date_from, date_to):
        """{(employee id, date)} on which a punch waits whose clock was off: until a person says
        when it was, nobody knows what the day holds. Dates are inclusive and of wall time."""
        self.env.flush_all()
        self.env.cr.execute(
            """SELECT DISTINCT u.employee_id, p.wall_date, p.id
                 FROM biometric_flag g JOIN biometric_punch p ON p.id = g.punch_id
                 JOIN biometric_device_user u ON u.device_id = p.device_id AND u.pin = p.pin
                  AND p.wall_date >= GREATEST(COALESCE(u.valid_from, %(begin)s), %(begin)s)
                  AND p.wall_date <= LEAST(COALESCE(u.valid_to, %(end)s), %(end)s)
                WHERE g.kind = 'skew' AND u.employee_id = ANY(%(employees)s)
                  AND NOT EXISTS (SELECT 1 FROM biometric_decision c WHERE c.punch_id = p.id)""",
            {"begin": date_from, "end": date_to, "employees": list(employee_ids)},
        )
        rows = self.env.cr.fetchall()
        off = self.browse({punch_id for _employee, _day, punch_id in rows})._off_clock()
        return {(employee, day) for employee, day, punch_id in rows if punch_id in off.ids}

    @api.model
    def _flagged_dates(self, employee_ids, date_from, date_to):
        """{(employee id, date): {kinds}} of flags that no other channel answered and nobody
        decided; of everybody for None. Dates are inclusive and of wall time."""
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """SELECT DISTINCT u.employee_id, p.wall_date, g.kind
                     FROM biometric_flag g JOIN biometric_punch p ON p.id = g.punch_id
                     JOIN biometric_device_user u ON u.device_id = p.device_id AND u.pin = p.pin
                      AND p.wall_date >= GREATEST(COALESCE(u.valid_from, %(begin)s), %(begin)s)
                      AND p.wall_date <= LEAST(COALESCE(u.valid_to, %(end)s), %(end)s)
                    WHERE %(people)s AND %(open)s AND NOT EXISTS (
                          SELECT 1 FROM biometric_decision c WHERE c.punch_id = p.id)""",
                open=SQL(OPEN),
                begin=date_from,
                end=date_to,
                people=SQL("u.employee_id IS NOT NULL")
                if employee_ids is None
                else SQL("u.employee_id = ANY(%s)", list(employee_ids)),
            )
        )
        found = defaultdict(set)
        for employee_id, day, kind in self.env.cr.fetchall():
            found[employee_id, day].add(kind)
        return found

    def _off_clock(self):
        """Those of these flagged punches that still are off by the zones as they are known now."""
        return self.filtered(
            lambda punch: any(
                abs(punch._instant() - seen.received_at) > wall.SKEW_LIMIT
                for seen in punch.sudo().sighting_ids
                if seen.channel == "push" and seen.received_at
            )
        )

    @api.model
    def _usable_rows(self, employee_ids, date_from, date_to):
        """Punches by what their clock showed, and those that a person counts at another time."""
        rows = []
        for picked, counted in (
            (_BY_WALL, "d.verdict IS DISTINCT FROM 'count_as'"),
            (_BY_DECISION, "d.id = c.id"),
        ):
            self.env.cr.execute(
                SQL(
                    _ROWS.format(picked=picked, counted=counted, told=_TOLD),
                    open=SQL(OPEN),
                    begin=date_from,
                    end=date_to,
                    employees=list(employee_ids),
                    rank=SQL(_CHANNEL_RANK),
                    bound=SQL(BOUND),
                )
            )
            rows += self.env.cr.fetchall()
        return rows

    @staticmethod
    def _usable_punch(row, zone, shown, terms, decided):
        """UsablePunch, or None where it does not count. shown: `(epoch seconds, undecided)` by its
        clock; decided: a person who may vouch for it did."""
        (
            employee_id,
            punch_id,
            key,
            device_id,
            wall_time,
            status,
            verify,
            channel,
            lane_id,
            seq,
            received_at,
            clock,
            seen_at,
            verdict,
            unwitnessed,
            flagged,
            counts_at,
            bound,
        ) = row
        # Unwitnessed: the device's own log denies it; not bound: only agents that it is not bound
        # to have told it. It counts when a person says so.
        if verdict == "discard" or ((unwitnessed or not bound) and not decided):
            return None
        at, undecided = shown
        if verdict == "count_as":
            at, undecided = epoch(counts_at), False
        elif not decided and not (wall.is_sane_ahead(wall_time, at - seen_at) and terms.serves(at)):
            return None
        elif decided:
            # no clock shows it, and a person released it: as far as a date can be
            at = epoch(wall.utc(at))
        live = channel == "push" and clock == "ok" and verdict != "count_as"
        ahead = at - received_at if live else 0
        off = ahead > _SKEW_SECONDS or (flagged and abs(ahead) > _SKEW_SECONDS)
        if off and flagged and not decided:
            return None
        direction, state = terms.codes.get(status or "", (None, status or ""))
        return UsablePunch(
            employee_id,
            punch_id,
            key,
            device_id,
            zone.name,
            at,
            wall_time,
            status or "",
            direction,
            state,
            verify or "",
            channel,
            lane_id,
            seq,
            undecided,
            off,
            round(ahead) if ahead > 0 else None,
        )

    @api.model
    def _moved_by_sightings(self, punch_ids):
        """Ids of those of these punches that a further sighting may move, drop, put in another
        place or vouch for: stamped later than they were seen, in an hour shown twice, in one second
        with another of the same PIN, brought in a file, or told by another agent than the
        device's. Of all others every sighting says the same."""
        if not punch_ids:
            return []
        self.env.flush_all()
        self.env.cr.execute(
            """SELECT p.id, p.device_id, p.wall_time,
                      LEAST(p.stored_at, (SELECT min(s.received_at) FROM biometric_sighting s
                                           WHERE s.punch_id = p.id AND s.clock = 'ok')),
                      EXISTS (SELECT 1 FROM biometric_punch o
                               WHERE o.device_id = p.device_id AND o.pin = p.pin
                                 AND o.wall_date = p.wall_date AND o.wall_time = p.wall_time
                                 AND o.id <> p.id),
                      EXISTS (SELECT 1 FROM biometric_sighting b
                               WHERE b.punch_id = p.id AND b.channel = 'file')
                      OR v.agent_id IS NOT NULL AND EXISTS (
                             SELECT 1 FROM biometric_sighting b
                               JOIN biometric_lane l ON l.id = b.lane_id
                              WHERE b.punch_id = p.id AND l.agent_id <> v.agent_id)
                 FROM biometric_punch p JOIN biometric_device v ON v.id = p.device_id
                WHERE p.id = ANY(%s)""",
            (list(punch_ids),),
        )
        rows = self.env.cr.fetchall()
        devices = self.env["biometric.device"].sudo().browse(sorted({row[1] for row in rows}))
        spans = {device.id: device._spans() for device in devices}
        moved = []
        for punch_id, device_id, wall_time, seen_at, twin, brought in rows:
            zone = wall.span_zone(spans[device_id], wall_time)
            late = wall.to_instant(wall_time, zone) > seen_at
            if twin or late or brought or Zone.named(zone).is_ambiguous(wall_of(wall_time)):
                moved.append(punch_id)
        return moved

    @api.model
    def _folds(self, unsure, spans):
        """{punch id: (epoch seconds, undecided)} of `(row, zone, wall clock)` about an hour that
        the clock showed twice or skipped. A skipped one: no order tells whether that clock had been
        set or not."""
        twice, folds = defaultdict(set), {}
        for row, zone, clock in unsure:
            folds[row[1]] = (zone.instant(clock), zone.skips(clock))
            if zone.is_ambiguous(clock):
                twice[row[3], row[4][:10]].add(row[1])
        for (device_id, day), punch_ids in twice.items():
            found = self._device_folds(device_id, day, spans[device_id])
            folds.update((punch_id, found[punch_id]) for punch_id in punch_ids)
        return folds

    @api.model
    def _device_folds(self, device_id, day, spans):
        """{punch id: (epoch seconds, undecided)} of one device around one day, by the order of
        sightings of one channel.

        The best channel that decides is taken; orders of different channels are never mixed.
        """
        middle = date.fromisoformat(day)
        self.env.cr.execute(
            """SELECT s.channel, s.lane_id, p.id, p.wall_time
                 FROM biometric_punch p JOIN biometric_sighting s ON s.punch_id = p.id
                WHERE p.device_id = %s AND p.wall_date BETWEEN %s AND %s
                ORDER BY s.channel, s.lane_id, s.seq""",
            (device_id, middle - timedelta(days=1), middle + timedelta(days=1)),
        )
        orders = defaultdict(list)
        for channel, lane_id, punch_id, wall_time in self.env.cr.fetchall():
            zone = Zone.named(wall.span_zone(spans, wall_time))
            orders[channel, lane_id].append((punch_id, wall_of(wall_time), zone))
        result = {}
        for channel in ("push", "poll", "file"):
            for (name, _lane), ordered in sorted(orders.items()):
                if name == channel:
                    self._take_order(result, ordered)
        return result

    @staticmethod
    def _take_order(result, ordered):
        answers = resolve_walls([(shown, zone) for _punch, shown, zone in ordered])
        for (punch_id, _shown, _zone), (at, undecided) in zip(ordered, answers, strict=True):
            if punch_id not in result or result[punch_id][1]:
                result[punch_id] = (at, undecided)
