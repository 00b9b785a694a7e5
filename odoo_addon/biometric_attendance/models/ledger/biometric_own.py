"""Punches that nobody but the person they are about vouches for.

What people carried from a terminal in a file counts for themselves only when the terminal told it
too, or another person released it; a release counts only from another person, or where it was
marked `self_approved` because nobody else could give it. Derived, stored nowhere.
"""

from odoo import api

from ...seams.sql_people import LOGINS

# A mapping m means the carrier of lane l on a day of the file that sighting s came in.
_MEANS_CARRIER = """EXISTS (
       SELECT 1 FROM biometric_device_user m JOIN {people} ON e.employee_id = m.employee_id
        WHERE m.device_id = p.device_id AND m.pin = p.pin AND e.user_id = l.carrier_id
          AND COALESCE(m.valid_from, '0001-01-01'::date) <= f.last
          AND COALESCE(m.valid_to, '9999-12-31'::date) >= f.first)"""
# The dates of what one person brought of one terminal on one day.
FILES = """SELECT t.lane_id, t.device_id, t.received_at::date AS day, min(q.wall_date) AS first,
                  max(q.wall_date) AS last
             FROM biometric_lane c JOIN biometric_sighting t ON t.lane_id = c.id
             JOIN biometric_punch q ON q.id = t.punch_id
            WHERE c.carrier_id IS NOT NULL{only} GROUP BY 1, 2, 3"""
# Punches p that came in a file of the person they are about and by no other way.
OWN_CARRIED = (
    """EXISTS (
    SELECT 1 FROM biometric_sighting s JOIN biometric_lane l ON l.id = s.lane_id
      JOIN {files} f ON f.lane_id = s.lane_id AND f.device_id = s.device_id
                    AND f.day = s.received_at::date
     WHERE s.punch_id = p.id AND s.channel = 'file' AND l.carrier_id IS NOT NULL
       AND """
    + _MEANS_CARRIER
    + """) AND NOT EXISTS (
    SELECT 1 FROM biometric_sighting o JOIN biometric_lane n ON n.id = o.lane_id
     WHERE o.punch_id = p.id AND (o.channel <> 'file' OR n.carrier_id IS NULL))"""
)
# Employees by the login they have now; only where there are such files is more asked.
PEOPLE = f"{LOGINS} e"


class OwnPunches:
    """Of biometric.punch: who vouches for them. Mixed into its one class (biometric_punch.py)."""

    __slots__ = ()

    @api.model
    def _own_carried(self, punch_ids):
        """Those of these punches that only the person they are about has brought."""
        if not punch_ids:
            return set()
        self.env.cr.execute(
            """SELECT DISTINCT l.id, l.carrier_id FROM biometric_sighting s
                 JOIN biometric_lane l ON l.id = s.lane_id
                WHERE s.punch_id = ANY(%s) AND l.carrier_id IS NOT NULL""",
            (list(punch_ids),),
        )
        carriers = dict(self.env.cr.fetchall())
        duty = self.env["biometric.duty"]
        own = [
            (user, person)
            for user in set(carriers.values())
            for person in duty._own(user, ever=True)
        ]
        if not own:
            return set()
        people = "unnest(%(people)s, %(users)s) e (employee_id, user_id)"
        files = FILES.format(only=" AND c.id = ANY(%(lanes)s)")
        self.env.cr.execute(
            f"""WITH files AS MATERIALIZED ({files})
                SELECT p.id FROM biometric_punch p WHERE p.id = ANY(%(punches)s)
                   AND {OWN_CARRIED.format(files="files", people=people)}""",
            {
                "lanes": [*carriers],
                "punches": list(punch_ids),
                "users": [user for user, _person in own],
                "people": [person for _user, person in own],
            },
        )
        return {row[0] for row in self.env.cr.fetchall()}

    @api.model
    def _self_decided(self, pairs):
        """{(punch id, employee id)} of these whose last decision the employee made about
        themselves, without the mark of somebody who had nobody to ask."""
        if not pairs:
            return set()
        punches, people = zip(*pairs, strict=True)
        self.env.cr.execute(
            """SELECT r.punch, r.person, d.user_id
                 FROM unnest(%s, %s) r (punch, person)
                 JOIN LATERAL (SELECT o.user_id FROM biometric_decision o
                                WHERE o.punch_id = r.punch ORDER BY o.id DESC LIMIT 1) d ON TRUE
                WHERE NOT EXISTS (
                      SELECT 1 FROM biometric_audit_concern s
                        JOIN biometric_audit a ON a.id = s.entry_id
                       WHERE s.person_id = r.person AND s.is_self AND a.user_id = d.user_id
                         AND a.model = 'biometric.punch' AND a.res_id = r.punch)""",
            (list(punches), list(people)),
        )
        duty = self.env["biometric.duty"]
        return {
            (punch, person)
            for punch, person, user in self.env.cr.fetchall()
            if person in duty._own(user, ever=True)
        }

    @api.model
    def _vouched_by(self, user_ids):
        """Ids of the punches that these users brought in a file or decided about: what counts of
        them hangs on who they are."""
        self.env.cr.execute(
            """SELECT s.punch_id FROM biometric_lane l
                 JOIN biometric_sighting s ON s.lane_id = l.id AND s.punch_id IS NOT NULL
                WHERE l.carrier_id = ANY(%(users)s)
                UNION
               SELECT punch_id FROM biometric_decision
                WHERE user_id = ANY(%(users)s) AND punch_id IS NOT NULL""",
            {"users": list(user_ids)},
        )
        return [row[0] for row in self.env.cr.fetchall()]
