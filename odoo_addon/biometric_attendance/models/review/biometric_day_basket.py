"""Days by their basket, for lists: found without reading every day.

Owns how the days of a basket are found. Which basket a day lies in is biometric_day.py's one rule:
it is asked once for all days that look alike, and of a day by itself only where something was asked
for, found out or decided otherwise about it. Must not know what makes a day one to be fixed.
"""

from datetime import date
from typing import NamedTuple

from odoo import api, fields
from odoo.fields import Domain
from odoo.tools import SQL

from ...engine import MINUTES
from ..mixins.sql_view import uncompiled

# How far back lists by basket look: what is older is paid or long known.
LOOKED_BACK = 92
# Days that are sorted by themselves at once: of many more the newest requests would be left unread.
SORTED_AT_ONCE = 2_000
# What a day and a decision about it are compared by.
COMPARED = ("status", *MINUTES)

# All that the basket of a day hangs on about which nobody said anything. Days that agree in it are
# one look: of a hundred thousand days there are some dozens.
_LOOK = """COALESCE(%(d)s.status, ''), COALESCE(%(d)s.exceptions, ''),
           COALESCE(%(d)s.is_blocking, FALSE), %(d)s.settles_at IS NOT NULL,
           COALESCE(%(d)s.penalised_late_minutes, 0) > 0,
           COALESCE(%(d)s.penalised_early_leave_minutes, 0) > 0"""
_LOOK_TYPES = ("text", "text", "boolean", "boolean", "boolean", "boolean")
# Fields that a look is of.
_LOOKED_AT = (
    "status",
    "exceptions",
    "is_blocking",
    "settles_at",
    "penalised_late_minutes",
    "penalised_early_leave_minutes",
)
# Whether a day was approved and that was not taken back: its last row says so.
_APPROVED = """COALESCE((SELECT a.verdict FROM biometric_day_approval a
                          WHERE a.employee_id = %(d)s.employee_id AND a.date = %(d)s.date
                          ORDER BY a.id DESC LIMIT 1), '') = 'approve'"""
# A day that was computed so long before somebody approved it is the one that they saw: no day is
# computed in a transaction that lasts as long.
_SEEN = "1 day"


class Known(NamedTuple):
    """What is known of a day beside its look, where that is nothing but whether it was approved,
    as it stands."""

    approved: bool = False
    disputed: bool = False
    decided: None = None
    rows: tuple = ()
    in_effect: frozenset = frozenset()
    flags: frozenset = frozenset()


NOTHING = Known()
APPROVED = Known(approved=True)


class DayBasket:
    """Of biometric.day: search by basket. Mixed into its one class."""

    __slots__ = ()

    @api.model
    def _search_review_basket(self, operator, value):
        """Of the days of the last LOOKED_BACK days."""
        if operator != "in":
            return NotImplemented
        uncompiled(self.env)
        since = fields.Date.subtract(fields.Date.today(), days=LOOKED_BACK)
        self.flush_model([*_LOOKED_AT, *COMPARED, "employee_id", "date", "computed_at"])
        self.env["biometric.day.approval"].flush_model()
        alone, wanted = self._told_apart(since), set(value)
        ids = alone._ids_of_baskets(wanted)
        looks = self._looks(since)
        plain, approved = (
            {look for day, look in looks if day._basket(known) in wanted}
            for known in (NOTHING, APPROVED)
        )
        alike = Domain.custom(
            to_sql=lambda _model, alias, _query: _alike(SQL.identifier(alias), plain, approved)
        )
        others = Domain("id", "not in", alone.ids) & Domain("date", ">=", since) & alike
        return Domain("id", "in", ids) | others

    def _ids_of_baskets(self, wanted):
        """Ids of those of these days that lie in a wanted basket, each sorted by itself."""
        ids, dated = [], self.sorted("date")
        for start in range(0, len(dated), SORTED_AT_ONCE):
            days = dated[start : start + SORTED_AT_ONCE]
            facts = days._review_facts()
            ids += [
                day.id
                for day in days
                if day._basket(facts.get((day.employee_id.id, day.date), NOTHING)) in wanted
            ]
        return ids

    @api.model
    def _looks(self, since):
        """`[(a day that looks so, its look)]`, of days since a date."""
        self.env.cr.execute(
            SQL(
                """SELECT min(d.id), %s FROM biometric_day d
                    WHERE d.date >= %s AND %s GROUP BY 2, 3, 4, 5, 6, 7""",
                _look(SQL.identifier("d")),
                since,
                self._of_companies(SQL.identifier("d", "company_id")),
            )
        )
        rows = self.env.cr.fetchall()
        days = self.sudo().browse([row[0] for row in rows])
        days.fetch(_LOOKED_AT)
        return [(day, row[1:]) for day, row in zip(days, rows, strict=True)]

    @api.model
    def _told_apart(self, since):
        """Days about which something was asked for, which may stand otherwise than they were
        approved, or whose punches are flagged: each is sorted by itself (sudo)."""
        adjustments = self.env["biometric.adjustment"].sudo()
        adjustments.flush_model(["employee_id", "to_employee_id", "date", "state"])
        differs = SQL(" OR ").join(
            SQL(
                """(a.day ? %(name)s AND COALESCE(NULLIF(a.day->>%(name)s, ''), '0')
                                      <> COALESCE(NULLIF(d.%(column)s::text, ''), '0'))""",
                name=name,
                column=SQL.identifier(name),
            )
            for name in COMPARED
        )
        self.env.cr.execute(
            SQL(
                """SELECT d.id FROM biometric_day d JOIN biometric_adjustment r
                       ON r.date = d.date AND d.employee_id IN (r.employee_id, r.to_employee_id)
                    WHERE d.date >= %(since)s AND r.state <> 'draft' AND %(companies)s
                    UNION
                   SELECT d.id FROM biometric_day_approval a JOIN biometric_day d
                       ON d.employee_id = a.employee_id AND d.date = a.date
                    WHERE a.date >= %(since)s AND a.verdict = 'approve' AND %(companies)s
                      AND COALESCE(d.computed_at >= a.decided_at - %(seen)s::interval, TRUE)
                      AND (%(differs)s)""",
                since=since,
                companies=self._of_companies(SQL.identifier("d", "company_id")),
                seen=_SEEN,
                differs=differs,
            )
        )
        ids = {row[0] for row in self.env.cr.fetchall()}
        return self.sudo().browse(sorted(ids | self._flagged_since(since)))

    @api.model
    def _flagged_since(self, since):
        """Ids of days of people who punched what only one channel knows."""
        flagged = self.env["biometric.punch"].sudo()._flagged_dates(None, since, date.max)
        if not flagged:
            return set()
        self.env.cr.execute(
            """SELECT d.id FROM biometric_day d JOIN unnest(%s, %s::date[]) f (employee_id, date)
                   ON f.employee_id = d.employee_id AND f.date = d.date""",
            [[one for one, _day in flagged], [day for _one, day in flagged]],
        )
        return {row[0] for row in self.env.cr.fetchall()}


def _look(alias):
    return SQL(_LOOK, d=alias)


def _one_of(alias, looks):
    """Condition that a day has one of these looks."""
    if not looks:
        return SQL("FALSE")
    columns = SQL(", ").join(
        SQL(f"%s::{kind}[]", list(column))
        for kind, column in zip(_LOOK_TYPES, zip(*looks, strict=True), strict=True)
    )
    return SQL("(%s) IN (SELECT * FROM unnest(%s))", _look(alias), columns)


def _alike(alias, plain, approved):
    """Condition that a day looks like those that are wanted as they are, or where it is approved.
    Whether it is approved is asked only where that decides."""
    known = SQL(_APPROVED, d=alias)
    return SQL(
        "(%s OR (%s AND NOT %s) OR (%s AND %s))",
        _one_of(alias, plain & approved),
        _one_of(alias, plain - approved),
        known,
        _one_of(alias, approved - plain),
        known,
    )
