"""What one person's time was to be over a range of dates, as the engine takes it.

Filled by biometric.schedule and read by biometric.day.facts. Must not read any record.
"""

from dataclasses import dataclass, field
from datetime import date

from ...engine import Zone
from .biometric_belonging import Belonging


@dataclass(eq=False)
class Plan:
    """One employee's plan over a range of dates in one zone, ready for engine Facts.

    It counts for the dates on which `zone` is the employee's: `holds(day)`.
    """

    zone: Zone
    zone_names: dict = field(default_factory=dict)
    shifts: list = field(default_factory=list)
    leaves: list = field(default_factory=list)
    day_types: dict = field(default_factory=dict)
    flexible_minutes: dict = field(default_factory=dict)
    flexible_weeks: dict = field(default_factory=dict)
    reasons: dict = field(default_factory=dict)
    employed_from: date | None = None
    employed_until: date | None = None
    away: tuple = ()
    versions: list = field(default_factory=list)
    department_by_date: dict = field(default_factory=dict)
    belonging: Belonging | None = None

    def holds(self, day):
        return self.zone_names.get(day, self.zone.name) == self.zone.name

    def company_on(self, day):
        """Id of the company that the person belonged to on a date."""
        return self.belonging.company_on(day)

    def is_outside(self, day):
        """Whether a date lies outside employment."""
        before = self.employed_from and day < self.employed_from
        after = self.employed_until and day > self.employed_until
        return bool(before or after or any(first <= day <= last for first, last in self.away))
