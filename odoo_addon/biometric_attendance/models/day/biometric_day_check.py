"""Stored days against the engine: every day asked for is really computed again and compared.

Owns what is a difference, and which differences are only on their way: a person whose days wait to
be computed, a day whose time has just come. No digest lets a day be skipped. Changes no day. Runs
as the system (sudo).
"""

import json
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import NamedTuple

from odoo import api, fields, models
from odoo.tools import SQL

from ...engine import MINUTES, UNSETTLED, case_to_json
from ...verifier.removal import removal_of
from .biometric_day_case import fits_digest

# People of one set of queries.
PEOPLE = 64
# Words of a row that no minute hangs on and that are written in the language of whoever computed.
WORDS = ("shift_reason",)
SHOWN = 4
# A date this young may not have been made yet by the job that makes missing days.
YOUNG = timedelta(days=2)
FIRST = date(1, 1, 1)
DAY = timedelta(days=1)


class Wrong(NamedTuple):
    """A day that is not as computed: `code` of the finding, `text` of the difference."""

    employee_id: int
    date: date
    code: str
    text: str

    @property
    def place(self):
        return f"day {self.date} of employee {self.employee_id}"


@dataclass
class Verdict:
    """`wrong`: [Wrong]; `waiting`: (employee_id, date) that cannot be judged before they are
    computed again; `count`: days compared."""

    wrong: list = field(default_factory=list)
    waiting: set = field(default_factory=set)
    count: int = 0


class BiometricDayCheck(models.AbstractModel):
    _name = "biometric.day.check"
    _description = "Recomputation of days"

    @api.model
    def _verify(self, company, employee_ids, first, last):
        """Verdict on the company's days of these people from `first` to `last`."""
        verdict = Verdict()
        for begin, ids in self._provable(company, employee_ids, first):
            if begin <= last:
                self._verify_some(verdict, company, ids, begin, last)
        return verdict

    @api.model
    def _provable(self, company, employee_ids, first=FIRST):
        """[(first date that can be judged, at least `first`, [ids of at most PEOPLE])]."""
        erased, groups = self._erased(company), defaultdict(list)
        first = max(first, self._provable_from(company))
        for employee_id in sorted(set(employee_ids)):
            until = erased.get(employee_id)
            groups[max(first, until + DAY) if until else first].append(employee_id)
        return [
            (begin, ids[start : start + PEOPLE])
            for begin, ids in sorted(groups.items())
            for start in range(0, len(ids), PEOPLE)
        ]

    @api.model
    def _people(self, company, first, last):
        """Ids of people who have days of the company between these dates, or should."""
        self.env.flush_all()
        tracked = [
            employee_id
            for employee_id, (begin, end) in self._tracked(None).items()
            if begin <= last and end >= first
        ]
        employees = self.env["hr.employee"].sudo().with_context(active_test=False)
        tracked = employees.browse(tracked).exists()
        belongings = self.env["biometric.employment.company"].sudo()._belongings(tracked)
        tracked = tracked.filtered(lambda one: company.id in belongings[one.id].company_ids)
        self.env.cr.execute(
            """SELECT DISTINCT employee_id FROM biometric_day
                WHERE company_id = %s AND date BETWEEN %s AND %s""",
            (company.id, first, last),
        )
        return sorted({*tracked.ids, *(row[0] for row in self.env.cr.fetchall())})

    @api.model
    def _provable_from(self, company):
        """First date whose punches, and those it may hang on, no purge has taken."""
        reaches = [purge.reach for purge in self._removals(company, "retention.purge")]
        return max(filter(None, reaches), default=FIRST)

    @api.model
    def _erased(self, company):
        """`{employee_id: last date}` of people whose punches were erased: up to there their days
        stand for themselves alone."""
        erased = {}
        for removal in self._removals(company, "person.erase"):
            if removal.person is not None and removal.until:
                erased[removal.person] = max(removal.until, erased.get(removal.person, FIRST))
        return erased

    def _removals(self, company, action):
        """What entries of a trail took punches out; a forged form is the verifier's finding and
        takes nothing out."""
        self.env.cr.execute(
            """SELECT after, LEAST(happened_at, COALESCE(sealed_at, happened_at))::date
                 FROM biometric_audit WHERE company_id = %s AND action = %s""",
            (company.id, action),
        )
        return list(filter(None, (removal_of(*row) for row in self.env.cr.fetchall())))

    @api.model
    def _cases(self, company):
        """Yield what the company's days are computed from, for whoever checks them without Odoo:
        `{"employee_id", "dates", "not_in_service", "rules", "waiting", "case"}` of some weeks of a
        person; rules: `[id or None, name]` of each date."""
        self.env.flush_all()
        self.env.cr.execute(
            "SELECT DISTINCT employee_id FROM biometric_day WHERE company_id = %s ORDER BY 1",
            (company.id,),
        )
        ids = [row[0] for row in self.env.cr.fetchall()]
        for first, some in self._provable(company, ids):
            stored, busy = self._stored(company, some, first, date.max), self._busy(some)
            rebuild = self.env["biometric.day.rebuild"].sudo()
            for employee, results in rebuild._recomputed(self._due(stored, some, first, date.max)):
                own = [
                    one
                    for one in results
                    if (employee.id, one.day.work_date) in stored
                    or one.prepared.beside(one.day.work_date)["company_id"] == company.id
                ]
                if own:
                    yield self._case(employee, own, employee.id in busy)

    @staticmethod
    def _case(employee, results, waiting):
        away = [str(one.day.work_date) for one in results if not one.in_service]
        return {
            "employee_id": employee.id,
            "dates": [str(one.day.work_date) for one in results],
            "not_in_service": away,
            "rules": [[one.chosen.rule_id, one.chosen.name] for one in results],
            "waiting": waiting,
            "case": case_to_json(results[0].inputs.case),
        }

    def _verify_some(self, verdict, company, ids, first, last):
        stored = self._stored(company, ids, first, last)
        busy = self._busy(ids)
        rebuild = self.env["biometric.day.rebuild"].sudo()
        for employee, results in rebuild._recomputed(self._due(stored, ids, first, last)):
            for result in results:
                values = rebuild._values(result)
                key = (employee.id, result.day.work_date)
                if values["company_id"] == company.id or key in stored:
                    self._judge(verdict, stored.get(key), values, (*key, employee.id in busy))

    def _due(self, stored, ids, first, last):
        """`[(employee_id, date)]` of days that are there, and of dates with punches."""
        self.env.cr.execute(
            """SELECT DISTINCT u.employee_id, p.wall_date
                 FROM biometric_device_user u
                 JOIN biometric_punch p ON p.device_id = u.device_id AND p.pin = u.pin
                WHERE u.employee_id = ANY(%s)
                  AND p.wall_date >= GREATEST(COALESCE(u.valid_from, %s), %s)
                  AND p.wall_date <= LEAST(COALESCE(u.valid_to, %s), %s)""",
            (ids, first, first, last, min(last, fields.Date.context_today(self))),
        )
        return sorted({*stored, *self.env.cr.fetchall()})

    def _tracked(self, ids):
        return self.env["biometric.stale.day"].sudo()._tracked(ids)

    def _busy(self, ids):
        """People of whom days wait to be computed: a change may reach any of theirs."""
        self.env["biometric.stale.day"].flush_model()
        self.env.cr.execute(
            "SELECT DISTINCT employee_id FROM biometric_stale_day WHERE employee_id = ANY(%s)",
            (ids,),
        )
        return {row[0] for row in self.env.cr.fetchall()}

    @api.model
    def _stored(self, company, ids, first, last):
        """`{(employee_id, date): row}` as JSON reads them."""
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """SELECT d.employee_id, d.date, to_jsonb(d) FROM biometric_day d
                    WHERE d.company_id = %s AND d.employee_id = ANY(%s)
                      AND d.date BETWEEN %s AND %s""",
                company.id,
                ids,
                first,
                last,
            )
        )
        return {(row[0], row[1]): row[2] for row in self.env.cr.fetchall()}

    def _judge(self, verdict, row, values, about):
        """`values`: what the engine says now; `about`: (employee_id, date, days wait)."""
        employee_id, day, busy = about
        due = values["status"] is not None
        if row is None:
            if not due or not values["derivation"].get("sessions"):
                return
            if busy or day > fields.Date.context_today(self) - YOUNG:
                verdict.waiting.add((employee_id, day))
            else:
                text = "the day is gone, work was punched"
                verdict.wrong.append(Wrong(employee_id, day, "day_missing", text))
            return
        verdict.count += 1
        whole = _fits(row)
        if not whole:
            text = "somebody wrote into it: it does not fit its own digest"
            verdict.wrong.append(Wrong(employee_id, day, "day_digest", text))
        changed = _differences(row, values)
        if due and not changed:
            return
        if busy or (whole and _is_due(row)):
            # what only waits for its time is computed again, and judged by the next check
            verdict.waiting.add((employee_id, day))
            return
        text = _told(row, values, changed) if due else "nobody is employed then and nobody punched"
        verdict.wrong.append(Wrong(employee_id, day, "day_result", text))

    @api.model
    def _take_digests(self, company, employee_ids):
        """Give days of before digests were kept theirs: of those that come out as they stand, by
        computing them. Returns how many did not, and keep none until they are computed again."""
        otherwise = 0
        for start in range(0, len(employee_ids), PEOPLE):
            ids = employee_ids[start : start + PEOPLE]
            stored = self._stored(company, ids, FIRST, date.max)
            rebuild, rows = self.env["biometric.day.rebuild"].sudo(), []
            for employee, results in rebuild._recomputed(sorted(stored)):
                for result in results:
                    row = stored[employee.id, result.day.work_date]
                    if _differences(row, rebuild._values(result)):
                        otherwise += 1
                        continue
                    reason = row["shift_reason"]
                    rows.append(rebuild._row(result, shift_reason=reason))
            rebuild._note_digests(rows)
        return otherwise


def _differences(row, values):
    """Names of what a stored row says otherwise than the engine."""
    return [
        name
        for name in values
        if name not in WORDS
        and row[name] != values[name]
        and _text(row, name) != _text(values, name)
    ]


def _text(values, name):
    """As JSON: what the engine keeps in tuples, the database gives as lists."""
    return json.dumps(values[name], sort_keys=True)


def _is_due(row):
    """Whether the time has come at which an unsettled day is computed again by itself. One that
    says a later time comes out as it stands, unless somebody wrote into it."""
    if not row["settles_at"] or row["status"] not in UNSETTLED:
        return False
    return datetime.fromisoformat(row["settles_at"]) <= fields.Datetime.now()


def _fits(row):
    """Whether a stored row fits the digest that was kept with it; a day without one came before."""
    return row["inputs_digest"] is None or fits_digest(row)


def _told(row, values, changed):
    """The difference in words: minutes and status first."""
    names = sorted(changed, key=lambda name: (name not in MINUTES, name != "status", name))
    told = [
        name if name == "derivation" else f"{name} {row[name]}, computed {values[name]}"
        for name in names[:SHOWN]
    ]
    return "; ".join(told) + (f"; {len(names) - SHOWN} more" if len(names) > SHOWN else "")
