"""Which company a person belonged to on a date, as a value and as SQL.

Must not know who notes a move: biometric.employment.company does.
"""

from datetime import date

from odoo.tools import SQL

from ...seams.sql_people import EMPLOYEES

FIRST = date.min


def company_on(employee, day):
    """SQL of the company on a date; `employee` and `day` are SQL of an id and a date."""
    return SQL(
        f"""COALESCE((SELECT c.company_id FROM biometric_employment_company c
                       WHERE c.employee_id = %(employee)s
                         AND COALESCE(c.valid_from, '0001-01-01'::date) <= %(day)s
                    ORDER BY c.valid_from DESC NULLS LAST LIMIT 1),
                     (SELECT e.company_id FROM {EMPLOYEES} e WHERE e.id = %(employee)s))""",
        employee=employee,
        day=day,
    )


class Belonging:
    """One person's companies by date."""

    def __init__(self, company_id, spans=()):
        """`spans`: `(first date, company id, zone or None)` by date; without any, always
        `company_id`."""
        self._spans = tuple(spans) or ((FIRST, company_id, None),)

    def _on(self, day):
        found = self._spans[0]
        for span in self._spans:
            if span[0] <= day:
                found = span
        return found

    def company_on(self, day):
        return self._on(day)[1]

    def zone_on(self, day):
        """Name of the zone the person had when a company was left; None while they are there."""
        return self._on(day)[2]

    @property
    def company_ids(self):
        return {span[1] for span in self._spans}
