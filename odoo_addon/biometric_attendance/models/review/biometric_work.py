"""Work lists: what waits for somebody, by kind, each with the one or two acts that usually resolve
it. A view over days, flags and foreign terminals; and what the icon in the bar counts.

Owns which kinds there are and which act belongs to each. Decides nothing: acts go through the desk,
the correction dialog, the quarantine. Must not know how a day is computed.
"""

from odoo import api, fields, models
from odoo.tools import SQL

from ..fleet.biometric_hearing import WAITS
from ..ledger.biometric_flag import OPEN
from .biometric_day_basket import LOOKED_BACK

KINDS = [
    ("missing", "Missing punch"),
    ("double_in", "Two check-ins in a row"),
    ("late", "Late beyond grace"),
    ("overtime", "Overtime to approve"),
    ("outside", "Outside employment"),
    ("leave", "Conflict with leave"),
    ("unwitnessed", "Pushed, not in the terminal's log"),
    ("clock", "Terminal clock was off"),
    ("attested", "Stated by the employee"),
    ("duplicate", "Terminal reported by another agent"),
]
# What the correction dialog is opened with.
ASKS = {"late": "excuse_late", "overtime": "approve_ot", "double_in": "set_direction"}
# Questions with a change ever asked for that the icon looks through.
MOST_CHANGES = 500
# Rows of one source keep their number from reading to reading: so many kinds fit.
STEP = 16
# Which days belong to a list, by its place in KINDS. A day that somebody found right as it stands
# is in none, but for what must be fixed.
_OF_DAY = {
    "missing": "d.is_blocking AND codes && ARRAY['missing_in', 'missing_out']",
    "double_in": "NOT settled AND 'double_in' = ANY(codes)",
    "late": "NOT settled AND d.penalised_late_minutes > 0",
    "overtime": "NOT settled AND d.overtime_unapproved_minutes > 0",
    "outside": "d.status = 'outside_employment'",
    "leave": "NOT settled AND (d.status = 'conflict' OR 'work_during_leave' = ANY(codes))",
    "clock": "NOT settled AND 'clock_drift' = ANY(codes)",
    "attested": "NOT settled AND 'attested' = ANY(codes)",
}
# What is read of a day. Not all of it: the day is laid aside for the lists, and its story is most
# of its bytes.
_READ = (
    "id",
    "company_id",
    "employee_id",
    "department_id",
    "date",
    "status",
    "is_blocking",
    "penalised_late_minutes",
    "overtime_unapproved_minutes",
)
# Most days have nothing: they are left out before anything is looked up about them.
_ODD = """(d.is_blocking OR d.exceptions IS NOT NULL OR d.penalised_late_minutes > 0
           OR d.overtime_unapproved_minutes > 0
           OR d.status IN ('outside_employment', 'conflict'))"""
_SETTLED = """
    LEFT JOIN LATERAL (
        SELECT a.verdict = 'approve' AND a.day->>'status' IS NOT DISTINCT FROM d.status
               AND COALESCE(a.day->>'exceptions', '') = COALESCE(d.exceptions, '')
               AND COALESCE(a.day->>'worked_minutes', '0') = COALESCE(d.worked_minutes, 0)::text
               AS settled
          FROM biometric_day_approval a
         WHERE a.employee_id = d.employee_id AND a.date = d.date ORDER BY a.id DESC LIMIT 1) s
      ON TRUE"""

# Days with a punch that was pushed and that the terminal's own log does not hold, undecided.
_UNWITNESSED = f"""
      FROM biometric_flag g JOIN biometric_punch p ON p.id = g.punch_id
      JOIN biometric_device_user u ON u.device_id = p.device_id AND u.pin = p.pin
       AND p.wall_date >= COALESCE(u.valid_from, '0001-01-01'::date)
       AND p.wall_date <= COALESCE(u.valid_to, '9999-12-31'::date)
      JOIN biometric_day d ON d.employee_id = u.employee_id AND d.date = p.wall_date
     WHERE g.kind = 'unwitnessed' AND {OPEN}
       AND NOT EXISTS (SELECT 1 FROM biometric_decision c WHERE c.punch_id = p.id)"""


class BiometricWork(models.Model):
    _name = "biometric.work"
    _description = "Work lists"
    _auto = False
    _log_access = False
    _order = "kind, date desc, id"
    _rec_name = "kind"

    company_id = fields.Many2one("res.company", readonly=True)
    kind = fields.Selection(KINDS, readonly=True)
    employee_id = fields.Many2one("hr.employee", readonly=True)
    department_id = fields.Many2one("hr.department", readonly=True)
    date = fields.Date(readonly=True)
    day_id = fields.Many2one("biometric.day", "Its day", readonly=True)
    device_id = fields.Many2one("biometric.device", "Terminal", readonly=True)
    text = fields.Char("What", compute="_compute_text")

    def init(self):
        days = [
            f"""SELECT d.id::bigint * {STEP} + {number} AS id, d.company_id, '{kind}' AS kind,
                       d.employee_id, d.department_id, d.date, d.id AS day_id,
                       NULL::integer AS device_id
                  FROM day d WHERE {_OF_DAY[kind]}"""
            for number, (kind, _label) in enumerate(KINDS)
            if kind in _OF_DAY
        ]
        flag, hearing = (
            [kind for kind, _label in KINDS].index(name) for name in ("unwitnessed", "duplicate")
        )
        query = f"""
            WITH day AS (
                SELECT {", ".join(f"d.{name}" for name in _READ)},
                       COALESCE(s.settled, FALSE) AS settled,
                       string_to_array(COALESCE(d.exceptions, ''), ' ') AS codes
                  FROM biometric_day d {_SETTLED}
                 WHERE d.date >= CURRENT_DATE - {LOOKED_BACK} AND d.settles_at IS NULL
                   AND {_ODD})
            {" UNION ALL ".join(days)}
            UNION ALL
            SELECT DISTINCT d.id::bigint * {STEP} + {flag}, d.company_id, 'unwitnessed',
                   d.employee_id, d.department_id, d.date, d.id, NULL::integer
              {_UNWITNESSED} AND d.date >= CURRENT_DATE - {LOOKED_BACK}
            UNION ALL
            SELECT h.id::bigint * {STEP} + {hearing}, h.company_id, 'duplicate', NULL::integer,
                   NULL::integer, h.told_at::date, NULL::integer, h.device_id
              FROM biometric_hearing h WHERE {WAITS}"""
        self.env.cr.execute(SQL("DROP VIEW IF EXISTS biometric_work"))
        self.env.cr.execute(SQL("CREATE VIEW biometric_work AS %s", SQL(query)))

    @api.depends("day_id", "device_id")
    @api.depends_context("lang")
    def _compute_text(self):
        punches = self._unwitnessed_words()
        for row in self:
            words = punches.get(row.id) or row._what()
            waiting = row.day_id.open_request_count
            if waiting:
                # an open request changes no number: without it the row asks for the same again
                words = ", ".join(
                    filter(None, [words, self.env._("waiting requests: %s", waiting)])
                )
            row.text = words

    def _what(self):
        day = self.day_id
        if self.kind == "duplicate":
            # The row is of a hearing, which its number names.
            hearing = self.env["biometric.hearing"].sudo().browse(self.id // STEP)
            return self.env._(
                "%(terminal)s, also reported by %(agent)s: an administrator decides",
                terminal=self.device_id.display_name,
                agent=hearing.agent_id.name,
            )
        if self.kind == "late":
            return self.env._("%s min", day.penalised_late_minutes)
        if self.kind == "overtime":
            return self.env._("%s min", day.overtime_unapproved_minutes)
        return day.exception_text or day.review_text or False

    def _unwitnessed_words(self):
        """`{row id: "17:00 at Gate, ..."}` of punches that the terminal's own log does not hold."""
        rows = {row.day_id.id: row.id for row in self if row.kind == "unwitnessed"}
        self.env.cr.execute(
            SQL(
                """SELECT d.id, array_agg(DISTINCT ARRAY[substr(p.wall_time, 12, 5), t.name])
                     FROM (SELECT d.id, p.id AS punch_id %s AND d.id = ANY(%s)) d
                     JOIN biometric_punch p ON p.id = d.punch_id
                     JOIN biometric_device t ON t.id = p.device_id GROUP BY d.id""",
                SQL(_UNWITNESSED),
                list(rows),
            )
        )
        return {
            rows[day]: ", ".join(
                self.env._("%(time)s at %(terminal)s", time=time, terminal=name)
                for time, name in sorted(punches)
            )
            for day, punches in self.env.cr.fetchall()
        }

    # ------------------------------------------------------------------ acts

    def action_propose(self):
        """Ask for the likeliest missing punch of these days; what came of it, in words."""
        self.check_access("read")
        days = self.filtered(lambda row: row.kind == "missing").day_id
        answer = self.env["biometric.desk"].accept(days.ids)
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "message": answer["text"] or self.env._("There was nothing to do."),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def action_correct(self):
        """The correction dialog of the day, with what usually resolves its kind."""
        self.ensure_one()
        self.check_access("read")
        action = self.day_id.action_correct()
        if self.kind in ASKS:
            action["context"] |= {"default_kind": ASKS[self.kind]}
        return action

    def action_confirm(self):
        """Say that the day is right as it stands, with words."""
        self.ensure_one()
        self.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "res_model": "biometric.review.say",
            "name": self.env._("Correct as it is"),
            "view_mode": "form",
            "target": "new",
            "context": {"default_day_id": self.day_id.id, "default_verdict": "confirm"},
        }

    def action_open(self):
        """Where it is resolved: its punches in the quarantine, its terminal among the foreign ones,
        or the day itself."""
        self.ensure_one()
        self.check_access("read")
        if self.kind == "duplicate":
            return self._list("biometric_hearing_action", [("device_id", "=", self.device_id.id)])
        if self.kind == "unwitnessed" and self.env["biometric.quarantine"].has_access("read"):
            return self._quarantined(
                [
                    ("punch_id.employee_id", "=", self.employee_id.id),
                    ("punch_id.wall_date", "=", self.date),
                ]
            )
        action = self._list("biometric_day_action", [])
        return action | {"res_id": self.day_id.id, "views": [(False, "form")]}

    def action_open_punches(self):
        """What another agent told of the terminal and does not count yet."""
        self.ensure_one()
        self.check_access("read")
        return self._quarantined([("device_id", "=", self.device_id.id)])

    def _quarantined(self, domain):
        reason = {"duplicate": "foreign_serial"}.get(self.kind, self.kind)
        return self._list("biometric_quarantine_action", [("reason", "=", reason), *domain])

    def _list(self, name, domain):
        """A screen with exactly these rows, no filter of its own before them."""
        actions = self.env["ir.actions.act_window"]
        action = actions._for_xml_id(f"biometric_attendance.{name}")
        return action | {"domain": domain, "context": {}}

    # ------------------------------------------------------------------ the icon in the bar

    @api.model
    def get_systray(self):
        """What waits for the reader, in one reading: `{"incidents", "requests", "changes", "swaps",
        "work": [[kind, words, number]]}`; zeros and [] for what is not theirs to see."""
        answer = {"incidents": 0, "requests": 0, "changes": 0, "swaps": 0, "work": []}
        if not self.has_access("read"):
            return answer
        incidents = self.env["biometric.incident"]
        if incidents.has_access("read"):
            answer["incidents"] = incidents.search_count([("closed_at", "=", False)])
        answer["requests"] = self.env["biometric.adjustment"].search_count(
            [("can_decide", "=", True)]
        )
        answer["swaps"] = self.env["biometric.swap"].search_count([("can_decide", "=", True)])
        changes = self.env["biometric.attestation"].search(
            [("step", "=", "asked"), ("step_ids", "any", [("step", "=", "change_asked")])],
            limit=MOST_CHANGES,
        )
        answer["changes"] = len(changes.filtered("can_decide"))
        words = dict(self._fields["kind"]._description_selection(self.env))
        rows = self._read_group([], ["kind"], ["__count"])
        order = [kind for kind, _label in KINDS]
        answer["work"] = [
            [kind, words[kind], count]
            for kind, count in sorted(rows, key=lambda row: order.index(row[0]))
        ]
        return answer

    @api.model
    def _tell_screens(self, companies):
        """Something waits, or does not any more: open screens read again."""
        for company in companies:
            self.env["biometric.bus"]._tell("work", company, {})
