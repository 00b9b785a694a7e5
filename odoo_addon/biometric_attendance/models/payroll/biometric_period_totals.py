"""What the file of a pay period says in sums: before it is made from the days as they stand, after
that from what it holds.

Owns those sums alone. What a file holds, the export's parts say; time off in place of pay, the room
of time accounts.
"""

from collections import Counter

from ...engine import payroll

NAMES = [name.removesuffix("_minutes") for name in payroll.DEFAULT_CODES]
PAYOUT = payroll.PAYOUT.removesuffix("_minutes")
# Days that a file pays already come as a difference: they are no part of these sums.
_DUE = f"""
    SELECT count(DISTINCT d.employee_id), count(*),
           {", ".join(f"COALESCE(sum(d.{field}), 0)" for field in payroll.TOLD_FIELDS.values())},
           COALESCE(sum((SELECT sum((one->>1)::integer)
                           FROM jsonb_array_elements(d.derivation->'premiums') one)), 0)
      FROM biometric_day d
     WHERE d.company_id = %(company)s AND d.employee_id = ANY(%(people)s)
       AND d.date BETWEEN %(first)s AND %(last)s AND NOT COALESCE(d.is_blocking, FALSE)
       AND NOT EXISTS (SELECT 1 FROM biometric_export_day p
                        WHERE p.employee_id = d.employee_id AND p.date = d.date
                          AND p.state = 'paid')
"""
_HELD = """
    SELECT count(DISTINCT d.employee_id),
           count(DISTINCT (d.employee_id, d.date)) FILTER (WHERE d.state <> 'payout')
      FROM biometric_export_day d
     WHERE d.export_id = ANY(%(files)s) AND d.state IN ('paid', 'changed', 'payout')
"""
_HELD_CLASSES = """
    SELECT split_part(m.key, '|', 2), sum(m.value::integer)
      FROM biometric_export_day d CROSS JOIN LATERAL jsonb_each_text(d.minutes) m
     WHERE d.export_id = ANY(%(files)s) GROUP BY 1
"""


class PeriodTotals:
    """Of biometric.period: the sums of its file. Mixed into its one class."""

    __slots__ = ()

    def _cockpit_totals(self):
        """People, days and minutes by class, of the file that was made or would be made now."""
        files = self.sudo().export_ids.ids
        people, days, minutes = self._held_sums(files) if files else self._due_sums()
        names = [*NAMES, payroll.PREMIUM, PAYOUT]
        return {
            "people": people,
            "days": days,
            "classes": [
                {"label": self._class_label(name), "minutes": minutes[name]}
                for name in names
                if minutes[name]
            ],
            "minutes": sum(minutes.values()),
            "is_made": bool(files),
        }

    def _class_label(self, name):
        own = {
            payroll.PREMIUM: self.env._("Owed by statements"),
            PAYOUT: self.env._("Banked time paid"),
        }
        field = self.env["biometric.day"]._fields.get(f"{name}_minutes")
        return own.get(name) or field._description_string(self.env)

    def _held_sums(self, files):
        """`(people, days, Counter of minutes by class)` of files."""
        self.env.flush_all()
        self.env.cr.execute(_HELD, {"files": files})
        people, days = self.env.cr.fetchone()
        self.env.cr.execute(_HELD_CLASSES, {"files": files})
        return people, days, Counter(dict(self.env.cr.fetchall()))

    def _due_sums(self):
        """The same of the days that would be paid now, without minutes that time off stands for."""
        self.env.flush_all()
        paid = self._paid_people().ids
        about = {
            "company": self.company_id.id,
            "people": paid,
            "first": self.date_from,
            "last": self.date_to,
        }
        self.env.cr.execute(_DUE, about)
        people, days, *sums = self.env.cr.fetchone()
        minutes = Counter(dict(zip([*NAMES, payroll.PREMIUM], map(int, sums), strict=True)))
        export = self.env["biometric.export"].sudo().new({"company_id": self.company_id.id})
        for kept in export._kept_by_field(self._earning_days(paid)).values():
            minutes.subtract({name.removesuffix("_minutes"): n for name, n in kept.items()})
        unpaid = self.env["biometric.export.day"]._unpaid_entries(
            self.company_id, self.date_to, paid
        )
        minutes[PAYOUT] -= sum(unpaid.mapped("minutes"))
        return people, days, minutes

    def _earning_days(self, people):
        """Days of the period that no file pays yet and of which time off may stand for something
        (sudo)."""
        days = self.env["biometric.day"].sudo()
        if not self.company_id.sudo().biometric_cto_from:
            return days
        found = days.search_fetch(
            [
                ("company_id", "=", self.company_id.id),
                ("employee_id", "in", people),
                ("date", ">=", self.date_from),
                ("date", "<=", self.date_to),
                ("is_blocking", "=", False),
                *self._some_of(self.env["biometric.cto.accrual"]._earning),
            ],
            [],
        )
        self.env.cr.execute(
            """SELECT employee_id, date FROM biometric_export_day
                WHERE employee_id = ANY(%s) AND date BETWEEN %s AND %s AND state = 'paid'""",
            (people, self.date_from, self.date_to),
        )
        told = set(self.env.cr.fetchall())
        return found.filtered(lambda day: (day.employee_id.id, day.date) not in told)

    @staticmethod
    def _some_of(names):
        return ["|"] * (len(names) - 1) + [(name, ">", 0) for name in names]
