"""Which days a payroll file tells: those of its dates, and for a pay period those of its people
alone, with whatever changed of theirs on earlier dates.

Owns that choice. What changed since earlier files, the period knows; what stands in which file,
biometric.export.day.
"""

from ...engine import MINUTES

# What a file is made of. Nothing else of a day is read: its picture alone is kilobytes.
TOLD = (*MINUTES, "employee_id", "date", "status", "rule_id", "rule_name")


class FileScope:
    """Of biometric.export: which days it tells. Mixed into its one class."""

    __slots__ = ()

    def _people_ids(self):
        """Ids of those whose days the file tells; None: of everybody of the company."""
        return self.period_id._paid_people().ids if self.period_id else None

    def _earlier(self):
        """`[(employee_id, date)]` before the period that are new or changed since files told
        them."""
        if not self.period_id:
            return []
        return [(who, day) for who, day, _minutes in self.period_id._changed_before()]

    def _days_told(self):
        """Days to tell, by person and date."""
        days, people = self.env["biometric.day"], self._people_ids()
        domain = [
            ("company_id", "=", self.company_id.id),
            ("date", ">=", self.date_from),
            ("date", "<=", self.date_to),
        ]
        if people is not None:
            domain.append(("employee_id", "in", people))
        found = days.search_fetch(domain, TOLD, order="employee_id, date")
        if earlier := self._earlier():
            found |= self._days_at(earlier)
        return found

    def _days_at(self, pairs):
        """The company's days (biometric.day) of `[(employee_id, date)]`, by person and date."""
        days = self.env["biometric.day"]
        if not pairs:
            return days
        self.env.cr.execute(
            """SELECT d.id FROM biometric_day d
                 JOIN unnest(%s::integer[], %s::date[]) AS e(employee_id, date)
                USING (employee_id, date)
                WHERE d.company_id = %s ORDER BY d.employee_id, d.date""",
            (*map(list, zip(*pairs, strict=True)), self.company_id.id),
        )
        found = days.browse(row[0] for row in self.env.cr.fetchall())
        found.fetch(TOLD)
        return found
