"""Filters *Today*, *This week* … by the date at the place of what is listed, not by the reader's.

Owns what the periods are. Whose place has which zone, each model says. Weeks begin as the reader's
language has it.
"""

from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools.date_utils import parse_date

# Name: label, first date, first date after it, as Odoo writes dates relative to today. The longer
# of two that hold the same date come later.
_PERIODS = {
    "today": ("Today", "today", "today +1d"),
    "this_week": ("This week", "today =week_start", "today =week_start +7d"),
    "last_week": ("Last week", "today =week_start -7d", "today =week_start"),
    "next_week": ("Next week", "today =week_start +7d", "today =week_start +14d"),
    "this_month": ("This month", "today =1d", "today =1d +1m"),
    "last_month": ("Last month", "today =1d -1m", "today =1d"),
    "coming": ("From today on", "today", None),
}
# The dates of two places on earth lie at most so far apart from that of UTC.
APART = timedelta(days=1)
# Where a date ends last and where it begins first.
FURTHEST = ("Etc/GMT+12", "Pacific/Kiritimati")


class BiometricPlacePeriod(models.AbstractModel):
    _name = "biometric.place.period"
    _description = "Periods by the place's date"

    # The field that holds the date.
    _period_date = "date"

    period = fields.Selection(
        [(name, label) for name, (label, *_bounds) in _PERIODS.items()],
        compute="_compute_period",
        search="_search_period",
        help="According to the current date at that location.",
    )

    @api.model
    def _period_zones(self, bounds):
        """`{zone name: domain of the records whose place has it}` for dates within `bounds`,
        `(first, before or None)`."""
        raise NotImplementedError

    @api.model
    def _zones_of(self, places, zone_of, name):
        """The same of records that name their place in a field: `zone_of` tells a place's zone."""
        zones = places.grouped(zone_of)
        if len(zones) == 1:
            return {zone: [] for zone in zones}
        return {zone: [(name, "in", own.ids)] for zone, own in zones.items()}

    def _compute_period(self):
        self.period = False
        left = self
        for name in _PERIODS:
            found = left.search([("period", "=", name), ("id", "in", left.ids)])
            found.period = name
            left -= found

    @api.model
    def _search_period(self, operator, value):
        if operator != "in":
            return NotImplemented
        return Domain.OR(self._period_domain(name) for name in value if name in _PERIODS)

    @api.model
    def _period_domain(self, name):
        west, east = (self._period_bounds(name, zone) for zone in FURTHEST)
        if west == east:
            # it is the same month, or week, everywhere: no place need be asked
            return self._within(*west)
        first, before = self._period_bounds(name, "UTC")
        wide = (first - APART, before and before + APART)
        return Domain.OR(
            self._within(*self._period_bounds(name, zone)) & Domain(places)
            for zone, places in self._period_zones(wide).items()
        )

    @api.model
    def _within(self, first, before):
        domain = Domain(self._period_date, ">=", first)
        return domain & Domain(self._period_date, "<", before) if before else domain

    @api.model
    def _period_bounds(self, name, zone):
        """`(first date, first date after or None)` of a period at a place with this zone."""
        env = self.with_context(tz=zone).env
        _label, first, before = _PERIODS[name]
        return parse_date(first, env), before and parse_date(before, env)
