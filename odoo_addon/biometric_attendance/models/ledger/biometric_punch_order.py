"""What stands beside a punch: its neighbours in the device's own order, and when it was received.

For the person who says when a punch of a wrong clock was really made. Changes nothing.
"""

from odoo import fields
from odoo.tools import format_datetime

from ...engine import wall

# Sightings looked at on either side of one.
NEAR = 50


class PunchOrder:
    """Of biometric.punch: what its neighbours tell. Mixed into its one class."""

    __slots__ = ()

    def _instant(self):
        """Naive UTC instant of its stamp, by the zone the clock showed."""
        self.ensure_one()
        return wall.to_instant(
            self.wall_time, wall.span_zone(self.sudo().device_id._spans(), self.wall_time)
        )

    def _between(self):
        """`(instant before, instant after, likely instant)`, naive UTC or None: of the next ones
        with a possible stamp that the device told before and after it."""
        self.ensure_one()
        seen = self._best_sighting()
        if not seen:
            return None, None, None
        before, after = self._neighbour(seen, "<", "DESC"), self._neighbour(seen, ">", "ASC")
        received = seen.received_at.replace(microsecond=0) if seen.received_at else None
        fits = received and seen.clock == "ok" and (not after or received <= after)
        likely = received if fits and seen.channel == "push" else before or after
        return before, after, likely

    def _best_sighting(self):
        rank = {"push": 0, "poll": 1, "file": 2}
        told = self.sudo().sighting_ids.filtered(lambda one: one.kind == "punch")
        return told.sorted(lambda one: (rank.get(one.channel, 3), one.id))[:1]

    def _neighbour(self, seen, side, order):
        """The first possible instant on one side of a sighting, in the order of its lane."""
        self.env.cr.execute(
            f"""SELECT p.wall_time, COALESCE(s.received_at, p.stored_at)
                  FROM biometric_sighting s JOIN biometric_punch p ON p.id = s.punch_id
                 WHERE s.lane_id = %s AND s.seq {side} %s AND s.device_id = %s
                   AND s.channel = %s AND s.kind = 'punch'
                 ORDER BY s.seq {order} LIMIT %s""",
            (seen.lane_id.id, seen.seq, self.device_id.id, seen.channel, NEAR),
        )
        rows = self.env.cr.fetchall()
        spans = self.sudo().device_id._spans()
        for shown, seen_at in rows:
            instant = wall.to_instant(shown, wall.span_zone(spans, shown))
            if wall.is_sane(shown, instant, seen_at):
                return instant
        return None

    def _between_words(self):
        """The same in a sentence, on the clock of the device."""
        self.ensure_one()
        _ = self.env._
        before, after, _likely = self._between()
        device = self.sudo().device_id
        zone = device._zone_now()

        def shown(instant):
            return format_datetime(self.env, instant, tz=zone)

        words = [_("The terminal (%(zone)s) showed %(time)s.", zone=zone, time=self.wall_time)]
        if before and after:
            words.append(
                _(
                    "By order of receipt it is between %(before)s and %(after)s.",
                    before=shown(before),
                    after=shown(after),
                )
            )
        elif before or after:
            words.append(
                _("By order of receipt it is after %s.", shown(before))
                if before
                else _("By order of receipt it is before %s.", shown(after))
            )
        seen = self._best_sighting()
        if seen.received_at:
            words.append(
                _("It was received %s.", shown(fields.Datetime.to_datetime(seen.received_at)))
            )
        return " ".join(words)
