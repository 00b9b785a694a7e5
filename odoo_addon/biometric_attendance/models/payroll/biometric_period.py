"""A pay period as payroll closes it: its people, its files, and the act that locks the period and
makes its file in one transaction.

Owns who is paid in a period, and that it is closed once. Why it cannot be closed yet, the gate
says; what the file holds, the export's parts. Dates and rhythm are the review room's.
"""

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL, format_date

from ...engine import STATUSES, blocks_pay, gate, payroll
from ..mixins.biometric_words import named_moment, shown
from .biometric_period_cockpit import PeriodCockpit
from .biometric_period_gate import PeriodGate
from .biometric_period_override import PeriodOverride
from .biometric_period_schedule import PeriodSchedule
from .biometric_period_totals import PeriodTotals

# Corrections reach so far back before a period: what payroll programs still take up.
LOOK_BACK_MONTHS = 36
# A day against what files hold of it, by pay class, zeros left out: where they differ, the day is
# new or has changed. A day that is gone and stands in files differs, too. What blocks keeps what
# was paid; who is not employed that day is owed nothing.
_CHANGED = """
    WITH since AS (
        SELECT person AS employee_id,
               GREATEST(LEAST(%(first)s::date, held.date), %(oldest)s) AS date
          FROM unnest(%(people)s::integer[]) person
          LEFT JOIN LATERAL (
               SELECT d.date FROM biometric_export_day d
                 JOIN biometric_export e ON e.id = d.export_id
                WHERE d.employee_id = person AND d.company_id = %(company)s AND d.state = 'paid'
                  AND e.period_id IS NOT NULL
             ORDER BY d.date LIMIT 1) held ON TRUE
         WHERE COALESCE(%(first)s::date, held.date) IS NOT NULL),
    told AS (
        SELECT d.employee_id, d.date, split_part(m.key, '|', 2) AS class,
               sum(m.value::integer) AS minutes
          FROM since s
          JOIN biometric_export_day d ON d.employee_id = s.employee_id AND d.date >= s.date
         CROSS JOIN LATERAL jsonb_each_text(d.minutes) m
         WHERE d.company_id = %(company)s AND d.date < %(until)s AND d.state IN ('paid', 'changed')
      GROUP BY 1, 2, 3),
    paid AS (
        SELECT employee_id, date, jsonb_object_agg(class, minutes) AS classes,
               sum(minutes) AS minutes
          FROM told WHERE minutes <> 0 GROUP BY 1, 2),
    now AS (
        SELECT day.employee_id, day.date, {total} + COALESCE(owed.minutes, 0) AS minutes, status,
               jsonb_strip_nulls(jsonb_build_object({fields}, '{premium}', owed.minutes)) AS classes
          FROM since s
          JOIN biometric_day day ON day.employee_id = s.employee_id AND day.date >= s.date
          LEFT JOIN LATERAL (
               SELECT NULLIF(sum((one->>1)::integer), 0) AS minutes
                 FROM jsonb_array_elements(derivation->'premiums') one) owed ON TRUE
         WHERE day.company_id = %(company)s AND day.date < %(until)s)
    SELECT employee_id, date,
           CASE WHEN now.status = 'outside_employment' THEN 0 ELSE COALESCE(now.minutes, 0) END
             - COALESCE(paid.minutes, 0),
           now.status, COALESCE(now.classes, '{{}}'), COALESCE(paid.classes, '{{}}')
      FROM now FULL JOIN paid USING (employee_id, date)
     WHERE CASE WHEN now.status = 'outside_employment' THEN paid.classes IS NOT NULL
                WHEN now.status = ANY(%(blocking)s) THEN FALSE
                ELSE COALESCE(now.classes, '{{}}') <> COALESCE(paid.classes, '{{}}') END
  ORDER BY employee_id, date
""".format(
    total=" + ".join(f"COALESCE({field}, 0)" for field in payroll.TOLD_FIELDS.values()),
    premium=payroll.PREMIUM,
    fields=", ".join(
        f"'{name.removesuffix('_minutes')}', NULLIF({field}, 0)"
        for name, field in payroll.TOLD_FIELDS.items()
    ),
)
BLOCKING = [status for status in STATUSES if blocks_pay(status)]


class BiometricPeriod(
    PeriodCockpit, PeriodGate, PeriodOverride, PeriodSchedule, PeriodTotals, models.Model
):
    _inherit = "biometric.period"

    export_ids = fields.One2many("biometric.export", "period_id", "Files", readonly=True)
    gate_count = fields.Integer(
        "Blockers", readonly=True, help="Issues that blocked the file at the last check."
    )
    gate_at = fields.Datetime("Last checked before closing", readonly=True)
    override_reason = fields.Char("Reason for the override", readonly=True)
    override_asked_by_id = fields.Many2one(
        "res.users", "Override requested by", readonly=True, ondelete="restrict"
    )
    override_asked_at = fields.Datetime("Override requested on", readonly=True)
    override_confirmed_by_id = fields.Many2one(
        "res.users", "Override confirmed by", readonly=True, ondelete="restrict"
    )
    override_confirmed_at = fields.Datetime("Override confirmed on", readonly=True)
    override_blockers = fields.Json(
        "Overridden issues",
        readonly=True,
        help="Issues overridden by two people: [what, date, why] of each.",
    )

    def _with_file(self):
        found = super()._with_file()
        kept = self.filtered("id")
        if not kept:
            return found
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """SELECT p.id FROM biometric_period p
                    WHERE p.id = ANY(%s) AND EXISTS (
                          SELECT 1 FROM biometric_export e
                           WHERE e.company_id = p.company_id AND e.state = 'done'
                             AND (e.period_id IS NULL OR e.period_id = p.id)
                             AND e.date_from <= p.date_to AND e.date_to >= p.date_from)""",
                kept.ids,
            )
        )
        return found | self.browse(row[0] for row in self.env.cr.fetchall())

    # ------------------------------------------------------------------ whose days

    def _paid_people(self):
        """Employees of the group (sudo), who left among them; with the group of everybody else,
        whoever has days of the company here or stands in its files and is in no other group."""
        self.ensure_one()
        people = self.with_context(active_test=False)._people()
        groups = self.env["biometric.period.group"].sudo()
        if self.group_id.sudo().department_ids:
            return people
        self.env.cr.execute(
            """SELECT DISTINCT employee_id FROM biometric_day
                WHERE company_id = %(company)s AND date BETWEEN %(first)s AND %(last)s
                UNION
               SELECT d.employee_id FROM biometric_export_day d
                 JOIN biometric_export e ON e.id = d.export_id
                 JOIN biometric_period p ON p.id = e.period_id
                WHERE p.group_id = %(group)s""",
            {
                "company": self.company_id.id,
                "first": self.date_from,
                "last": self.date_to,
                "group": self.group_id.id,
            },
        )
        others = people.browse(row[0] for row in self.env.cr.fetchall()) - people
        return people | others.exists().filtered(
            lambda one: groups._of(one).company_id != self.company_id
        )

    def _first_exported(self):
        """First date of the group's periods that hold a file of their own, or None."""
        found = self.sudo().search(
            [("group_id", "=", self.group_id.id), ("state", "=", "exported")],
            order="date_from",
            limit=1,
        )
        return found.date_from or None

    def _changed_before(self):
        """`[(employee_id, date, minutes more or less)]` before the period, new or changed since
        files told them; none of before the group's first period that was exported, but for who
        came from another group: of theirs from the first day that the file of a period held."""
        self.env.flush_all()
        self.env.cr.execute(
            _CHANGED,
            {
                "people": self._paid_people().ids,
                "company": self.company_id.id,
                "first": self._first_exported(),
                "oldest": fields.Date.subtract(self.date_from, months=LOOK_BACK_MONTHS),
                "until": self.date_from,
                "blocking": BLOCKING,
            },
        )
        return self._without_kept(self.env.cr.fetchall())

    def _without_kept(self, rows):
        """`[(employee_id, date, minutes more or less)]` of those that differ still once what time
        off stands for is left out: no file ever told it. rows: see _CHANGED."""
        export = self.env["biometric.export"].sudo().new({"company_id": self.company_id.id})
        days = export._days_at([(who, day) for who, day, *_rest in rows])
        kept, found = export._kept_by_field(days), []
        for who, day, minutes, status, now, paid in rows:
            own = kept.get((who, day)) if status != "outside_employment" else None
            for field, value in (own or {}).items():
                name = field.removesuffix("_minutes")
                now[name] = now.get(name, 0) - value
                minutes -= value
            if not own or {name: value for name, value in now.items() if value} != paid:
                found.append((who, day, minutes))
        return found

    # ------------------------------------------------------------------ closing

    def action_close(self):
        """Lock the period, keep its days and make its file, all or nothing. Of two at the same
        moment one does it and the other is told."""
        self.ensure_one()
        self._check_payroll()
        return self._close().action_open()

    def _close(self):
        """The file of the period."""
        # The row is held until the end of the transaction: whoever comes second waits here.
        self.env.cr.execute(
            "SELECT state FROM biometric_period WHERE id = %s FOR UPDATE", (self.id,)
        )
        self.invalidate_recordset(["state"])
        if self.state == "exported":
            raise UserError(self._exported_text())
        if self.date_to >= self.company_id._biometric_today():
            raise UserError(self.env._("%s has not ended yet.", self.display_name))
        standing = gate.stands(self._gate(deep=True).blockers, self._passed())
        if standing:
            raise UserError(self._blocked_text(standing))
        period = self.sudo()
        if period.state != "locked":
            period.write({"state": "locked"})
        export = self.env["biometric.export"].sudo().create(self._asked()).sudo(self.env.su)
        export._produce("regular")
        period.write({"state": "exported"})
        self._note_gate(0)
        automatic = (
            self.env["biometric.delivery.target"]
            .sudo()
            .search(
                [("company_id", "=", self.company_id.id), ("is_automatic", "=", True)], limit=100
            )
        )
        self.env["biometric.delivery"]._ask(export, automatic)
        return export

    def _asked(self):
        """What a file of the period is asked for with."""
        return {
            "company_id": self.company_id.id,
            "date_from": self.date_from,
            "date_to": self.date_to,
            "period_id": self.id,
            "profile_id": self._profile().id,
        }

    def _draft(self):
        """A file of the period that is never stored, to ask what it would be."""
        return self.env["biometric.export"].new(self._asked())

    def _profile(self):
        """The payroll program of the group, else the company's only one (sudo)."""
        return self.group_id.sudo().profile_id or (
            self.env["biometric.export"].sudo()._only_profile(self.company_id)
        )

    def _exported_text(self):
        export = self.sudo().export_ids[:1]
        return self.env._(
            "%(period)s was already exported: %(file)s, by %(who)s on %(when)s. Later "
            "changes go into the next file.",
            period=self.display_name,
            file=export.name,
            who=export.generated_by_id.name,
            when=named_moment(self.env, export.generated_at, self.company_id._biometric_zone()),
        )

    def _blocked_text(self, standing):
        names = self._names_of(standing)
        lines = [
            " ".join(
                part for part in (names[one], self._date_text(one[1]), self._why(one[2])) if part
            )
            for one in standing
        ]
        return self.env._(
            "%(period)s cannot be exported yet. Blocking issues: %(count)s\n%(what)s",
            period=self.display_name,
            count=len(standing),
            what="\n".join(shown(lines)),
        )

    def _date_text(self, text):
        return format_date(self.env, text) if text else ""

    def action_download(self):
        """The file of the period as it was made: the same bytes each time."""
        self.ensure_one()
        self.check_access("read")
        export = self.env["biometric.export"].search([("period_id", "=", self.id)], limit=1)
        if not export:
            raise UserError(self.env._("%s has no file yet.", self.display_name))
        field = "program_data" if export.program_filename else "data"
        name = "program_filename" if export.program_filename else "filename"
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/biometric.export/{export.id}/{field}"
            f"?download=true&filename_field={name}",
            "target": "download",
        }
