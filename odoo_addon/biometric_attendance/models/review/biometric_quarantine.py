"""What is stored but does not count before a person acts, and why. A view, nothing is stored.

Reasons: the device waits or was refused, another agent than its own told it, it was made before
the device served here or after it moved away, the PIN means nobody, or somebody who is not employed
that day; the clock was impossible or off, the line could not be read, nobody but the person it is
about brought it. Discarded and released ones are no longer work and do not appear.
"""

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ...engine import wall
from ..ledger.biometric_bound import FOREIGN
from ..ledger.biometric_flag import ALIKE, KINDS, OPEN
from ..ledger.biometric_own import FILES, OWN_CARRIED, PEOPLE
from ..mixins.biometric_words import sentence
from ..mixins.sql_view import SqlView

# The instant of undecided punch u by the zone its clock showed then.
_INSTANT = """(u.wall_time::timestamp AT TIME ZONE biometric_zone(COALESCE(
                   (SELECT z.tz FROM biometric_device_zone z
                     WHERE z.device_id = u.device_id AND z.valid_from <= u.wall_time
                     ORDER BY z.valid_from DESC LIMIT 1), 'UTC')) AT TIME ZONE 'UTC')"""
# Of the order of these and their place come the ids of the view's rows: append only.
CODES = (
    "device_waiting",
    "device_refused",
    "unmapped",
    "clock",
    "unwitnessed",
    "unpushed",
    "reject",
    "order",
    "outside_employment",
    "before_service",
    "after_service",
    "skew",
    "own_carried",
    "foreign_serial",
)
# Each branch starts from the few rows that can be meant (days outside employment, clocks that were
# off, terminals that moved, the first dates of each terminal): it does not read all punches;
# only what means nobody is looked for among all of them. `OFFSET 0` keeps PostgreSQL, which cannot
# know that next to none lies before a terminal's service, from reading them all for it. The common
# parts are inlined: written down once for all branches, all punches would be copied first.
_VIEW = """
CREATE OR REPLACE VIEW biometric_quarantine AS
WITH files AS MATERIALIZED (
    %(files)s
), undecided AS NOT MATERIALIZED (
    SELECT p.id, p.company_id, p.device_id, p.pin, p.wall_time, p.wall_date, p.stored_at,
           d.state AS device_state, NULL::varchar AS detail, d.moved_at, d.back_at
      FROM biometric_punch p JOIN biometric_device d ON d.id = p.device_id
     WHERE NOT EXISTS (SELECT 1 FROM biometric_decision c WHERE c.punch_id = p.id)
), served AS NOT MATERIALIZED (
    SELECT u.* FROM undecided u WHERE u.device_state IN ('active', 'moved')
), found AS (
    SELECT u.*, 'device_' || u.device_state AS reason FROM undecided u
     WHERE u.device_state NOT IN ('active', 'moved')
    UNION ALL
    SELECT u.id, u.company_id, u.device_id, u.pin, u.wall_time, u.wall_date, u.stored_at,
           d.state, NULL, d.moved_at, d.back_at, 'before_service'
      FROM biometric_device d CROSS JOIN LATERAL (
           SELECT * FROM biometric_punch p
            WHERE p.device_id = d.id
              AND p.wall_date BETWEEN '%(first_year)s-01-01' AND d.in_service_from::date + 1
           OFFSET 0) u
     WHERE d.in_service_said AND d.state IN ('active', 'moved')
       AND NOT EXISTS (SELECT 1 FROM biometric_decision c WHERE c.punch_id = u.id)
       AND %(instant)s < d.in_service_from
    UNION ALL
    SELECT u.*, 'after_service' FROM served u
     WHERE u.moved_at IS NOT NULL
       AND u.wall_date >= u.moved_at::date - 1 AND %(instant)s >= u.moved_at
       AND (u.back_at IS NULL OR %(instant)s < u.back_at)
    UNION ALL
    SELECT u.*, 'unmapped' FROM served u
     WHERE u.wall_date >= '%(first_year)s-01-01' AND NOT EXISTS (
           SELECT 1 FROM biometric_device_user m
            WHERE m.device_id = u.device_id AND m.pin = u.pin AND m.employee_id IS NOT NULL
              AND u.wall_date >= COALESCE(m.valid_from, '0001-01-01'::date)
              AND u.wall_date <= COALESCE(m.valid_to, '9999-12-31'::date))
    UNION ALL
    SELECT u.*, 'outside_employment' FROM served u
     WHERE u.id IN (
           SELECT q.id FROM biometric_day y
             JOIN biometric_device_user m ON m.employee_id = y.employee_id
              AND y.date >= COALESCE(m.valid_from, '0001-01-01'::date)
              AND y.date <= COALESCE(m.valid_to, '9999-12-31'::date)
             JOIN biometric_punch q ON q.device_id = m.device_id AND q.pin = m.pin
              AND q.wall_date = y.date
            WHERE y.status = 'outside_employment')
    UNION ALL
    SELECT u.*, 'clock' FROM served u WHERE u.wall_date < '%(first_year)s-01-01'
    UNION ALL
    SELECT u.*, 'clock' FROM served u
     WHERE u.wall_date >= '%(first_year)s-01-01'
       AND u.id IN (SELECT s.punch_id FROM biometric_sighting s WHERE s.skew_seconds > 36000)
       AND %(instant)s > COALESCE((SELECT min(s.received_at) FROM biometric_sighting s
                                    WHERE s.punch_id = u.id AND s.clock = 'ok'), u.stored_at)
                     + interval '%(limit)s seconds'
    UNION ALL
    SELECT p.*, 'own_carried' FROM served p
     WHERE p.id IN (SELECT s.punch_id FROM biometric_lane l
                      JOIN biometric_sighting s ON s.lane_id = l.id
                     WHERE l.carrier_id IS NOT NULL)
       AND %(own)s
    UNION ALL
    SELECT p.*, 'foreign_serial' FROM served p JOIN biometric_device v ON v.id = p.device_id
     WHERE p.device_id IN (SELECT w.device_id FROM biometric_hearing w
                            WHERE w.state IN ('foreign', 'ended'))
       AND %(foreign)s
       AND NOT EXISTS (
           SELECT 1 FROM biometric_sighting r JOIN biometric_lane n ON n.id = r.lane_id
             JOIN biometric_hearing w ON w.device_id = p.device_id AND w.agent_id = n.agent_id
            WHERE r.punch_id = p.id AND w.state = 'refused')
    UNION ALL
    SELECT u.id, u.company_id, u.device_id, u.pin, u.wall_time, u.wall_date, u.stored_at,
           u.device_state, g.detail, u.moved_at, u.back_at, g.kind
      FROM served u JOIN biometric_flag g ON g.punch_id = u.id
     WHERE %(open)s
       AND (g.kind <> 'skew' OR EXISTS (
            SELECT 1 FROM biometric_sighting s WHERE s.punch_id = u.id AND s.channel = 'push'
               AND abs(EXTRACT(epoch FROM %(instant)s - s.received_at)) > %(skew)s))
)
SELECT f.id::bigint * 16 + array_position(ARRAY[%(codes)s], f.reason::text) AS id,
       f.company_id, f.device_id, f.id AS punch_id, NULL::integer AS sighting_id,
       f.pin, f.wall_time, f.reason, f.stored_at AS seen_at, NULL::text AS raw, f.detail
  FROM found f
UNION ALL
SELECT s.id::bigint * 16 + %(reject)s, s.company_id, s.device_id, NULL, s.id, NULL, NULL, 'reject',
       s.received_at,
       s.raw, s.reason
  FROM biometric_sighting s
 WHERE s.kind = 'reject'
   AND NOT EXISTS (SELECT 1 FROM biometric_decision c WHERE c.sighting_id = s.id)
"""

# Punches of one clock that are decided at once.
MOST = 5000
REASONS = [
    ("device_waiting", "Terminal waiting for approval"),
    ("device_refused", "Terminal was refused"),
    ("unmapped", "PIN not mapped"),
    ("outside_employment", "No employee with this PIN"),
    ("clock", "Impossible clock"),
    ("reject", "Unreadable line"),
    ("before_service", "Before it was in service"),
    ("after_service", "After it was moved"),
    ("own_carried", "Imported by the employee concerned"),
    ("foreign_serial", "Reported by an agent that is not its own"),
    *KINDS,
]


class BiometricQuarantine(SqlView, models.Model):
    _name = "biometric.quarantine"
    _description = "Quarantine"
    _auto = False
    _log_access = False
    _order = "seen_at desc, id desc"
    _rec_name = "reason"

    company_id = fields.Many2one("res.company", readonly=True)
    device_id = fields.Many2one("biometric.device", "Terminal", readonly=True)
    punch_id = fields.Many2one("biometric.punch", readonly=True)
    sighting_id = fields.Many2one("biometric.sighting", readonly=True)
    pin = fields.Char("PIN", readonly=True)
    wall_time = fields.Char("Terminal time", readonly=True)
    reason = fields.Selection(REASONS, readonly=True)
    seen_at = fields.Datetime("Seen", readonly=True)
    raw = fields.Text("As sent", readonly=True)
    detail = fields.Char(readonly=True)
    detail_text = fields.Char("Why", compute="_compute_detail_text")

    @api.depends("detail", "reason", "raw")
    @api.depends_context("lang")
    def _compute_detail_text(self):
        for row in self:
            if row.reason == "reject":
                row.detail_text = row.sighting_id._reason_words(row.detail, row.raw)
            else:
                row.detail_text = sentence(row.detail)

    def init(self):
        self.env.cr.execute(SQL("DROP VIEW IF EXISTS biometric_quarantine"))
        self.env.cr.execute(
            SQL(
                _VIEW
                % {
                    "first_year": wall.FIRST_SANE_YEAR,
                    "limit": int(wall.FUTURE_LIMIT.total_seconds()),
                    "open": OPEN,
                    "files": FILES.format(only=""),
                    "own": OWN_CARRIED.format(files="files", people=PEOPLE),
                    "foreign": FOREIGN,
                    "instant": _INSTANT,
                    "skew": int(wall.SKEW_LIMIT.total_seconds()),
                    "codes": ", ".join(f"'{code}'" for code in CODES),
                    "reject": CODES.index("reject") + 1,
                }
            )
        )

    def action_release(self):
        return self._open_dialog("release")

    def action_discard(self):
        return self._open_dialog("discard")

    def action_count_as(self):
        """Say when these punches were made: by what stands beside them, or, where a clock was off,
        with the offset that was measured. One click takes all that waits of that clock."""
        punches = self.punch_id
        if not punches or self.filtered("sighting_id"):
            raise UserError(self.env._("Only a punch can be given another time."))
        if all(row.reason == "skew" for row in self):
            punches = self._off_alike()
        elif len(punches) > 1:
            raise UserError(self.env._("Choose one punch; each was made at its own time."))
        return self._dialog("count_as", self.env._("Count as"), punches, self.sighting_id)

    def _off_alike(self):
        """All waiting punches of the one clock that these rows name, off by the same offset."""
        flags = self.env["biometric.flag"]
        kind = [("kind", "=", "skew")]
        chosen = flags.search([*kind, ("punch_id", "in", self.punch_id.ids)])
        chosen._check_one_clock()
        offsets = sorted(chosen.mapped("offset_seconds"))
        waiting = self.search(
            [("reason", "=", "skew"), ("device_id", "=", chosen.device_id.id)], limit=MOST
        )
        alike = [
            ("offset_seconds", ">=", offsets[-1] - ALIKE),
            ("offset_seconds", "<=", offsets[0] + ALIKE),
        ]
        return flags.search([*kind, ("punch_id", "in", waiting.punch_id.ids), *alike]).punch_id

    def _open_dialog(self, verdict):
        """The dialog that asks for the reason; it works for many rows at once."""
        if verdict == "release" and (
            waiting := self.filtered(
                lambda row: (
                    row.reason.startswith("device_")
                    or row.reason in ("unmapped", "outside_employment")
                )
            )
        ):
            raise UserError(
                self.env._(
                    "%s: approve the terminal or map the PIN; its punches are then "
                    "counted automatically.",
                    dict(REASONS)[waiting[0].reason],
                )
            )
        name = self.env._("Release") if verdict == "release" else self.env._("Discard")
        return self._dialog(verdict, name, self.punch_id, self.sighting_id)

    def _dialog(self, verdict, name, punches, sightings):
        return {
            "type": "ir.actions.act_window",
            "res_model": "biometric.decide",
            "name": name,
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_verdict": verdict,
                "default_punch_ids": [(6, 0, punches.ids)],
                "default_sighting_ids": [(6, 0, sightings.ids)],
            },
        }
