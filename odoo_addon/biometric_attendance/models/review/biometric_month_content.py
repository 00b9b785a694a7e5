"""What a monthly record says: the days of one person and one company, as plain values in one form.

Owns that form and its digest, which is what somebody signs: the same days give the same digest
whoever reads them, in whatever language. Reads computed days set-based and computes no minute.

`{"form", "company", "employee", "from", "to", "days": [{"date", "type", "status", "findings",
"rule", "zone", "spans": [[in, out]], "corrections": [number], "minutes": {name: n}}], "sums"}`;
spans are instants `2026-03-02T00:00Z`, None at an open end, of what was punched or counted as such;
minutes hold what is not 0, None is not known yet. No name of a person stands in it.
"""

import hashlib
import json
from collections import defaultdict

from odoo import api
from odoo.tools import SQL

from ...engine import MINUTES

FORM = "1"
_ENCODE = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode
_DAYS = """
SELECT d.employee_id, d.company_id, d.date::text AS date, d.day_type, d.status, d.exceptions,
       d.rule_name, d.is_blocking, d.derivation->>'zone' AS zone,
       d.derivation->'sessions' AS sessions, %s
  FROM biometric_day d
  JOIN (SELECT * FROM unnest(%s::int[], %s::int[], %s::date[], %s::date[])
               AS w(employee_id, company_id, date_from, date_to)) w
    ON w.employee_id = d.employee_id AND w.company_id = d.company_id
   AND d.date BETWEEN w.date_from AND w.date_to
 GROUP BY d.id ORDER BY d.employee_id, d.date
"""

# What counts: approved, not reversed, and not waiting for the person's yes.
_CORRECTIONS = """
SELECT who, a.date::text, array_agg(a.id ORDER BY a.sequence, a.id)
  FROM biometric_adjustment a, unnest(ARRAY[a.employee_id, a.to_employee_id]) who
 WHERE a.state = 'approved' AND a.kind <> 'reversal' AND NOT COALESCE(a.awaits_answer, FALSE)
   AND (a.employee_id = ANY(%(people)s) OR a.to_employee_id = ANY(%(people)s))
   AND who = ANY(%(people)s) AND a.date BETWEEN %(first)s AND %(last)s
 GROUP BY who, a.date
"""


def digest_of(content):
    """SHA-256 of a record's content in its one written form."""
    return hashlib.sha256(_ENCODE(content).encode()).hexdigest()


def differing_dates(then, now):
    """Dates (texts) of which two contents say otherwise, in their order."""
    old, new = ({day["date"]: day for day in one["days"]} for one in (then, now))
    return sorted(date for date in {*old, *new} if old.get(date) != new.get(date))


class MonthContent:
    """Of biometric.month.record: what it says now. Mixed into its one class."""

    __slots__ = ()

    def _contents(self):
        """`{record id: content}` of these records as their days stand (call with sudo)."""
        spans = [
            (one.employee_id.id, one.company_id.id, one.date_from, one.date_to) for one in self
        ]
        return dict(zip(self._ids, self._contents_of(spans), strict=True))

    @api.model
    def _digest(self, content):
        """SHA-256 of a content, as it is signed."""
        return digest_of(content)

    @api.model
    def _contents_of(self, spans):
        """Contents of `[(employee id, company id, first, last date)]`, in their order (sudo)."""
        days = self._day_rows(spans)
        return [self._content(days[span[:2]], *span) for span in spans]

    @api.model
    def _day_rows(self, spans):
        """`{(employee id, company id): [row]}` of the days of all spans, read in one statement;
        rows in order of their dates."""
        self.env["biometric.day"].flush_model()
        found = defaultdict(list)
        if not spans:
            return found
        self.env.cr.execute(
            SQL(
                _DAYS,
                SQL(", ").join(SQL.identifier("d", name) for name in MINUTES),
                *(list(column) for column in zip(*spans, strict=True)),
            )
        )
        rows = self.env.cr.dictfetchall()
        corrected = self._corrected(spans)
        for row in rows:
            row["corrections"] = corrected.get((row["employee_id"], row["date"]), [])
            found[row["employee_id"], row["company_id"]].append(row)
        return found

    @api.model
    def _corrected(self, spans):
        """`{(employee id, date text): [adjustment id]}` of what counts in these spans."""
        self.env["biometric.adjustment"].flush_model()
        people, _companies, firsts, lasts = zip(*spans, strict=True)
        about = {"people": list(set(people)), "first": min(firsts), "last": max(lasts)}
        self.env.cr.execute(_CORRECTIONS, about)
        return {(who, day): ids for who, day, ids in self.env.cr.fetchall()}

    @api.model
    def _content(self, rows, employee_id, company_id, date_from, date_to):
        first, last = str(date_from), str(date_to)
        days = [self._day_content(row) for row in rows if first <= row["date"] <= last]
        sums = defaultdict(int)
        for day in days:
            for name, minutes in day["minutes"].items():
                sums[name] += minutes or 0
        return {
            "form": FORM,
            "company": company_id,
            "employee": employee_id,
            "from": first,
            "to": last,
            "days": days,
            "sums": dict(sums),
        }

    @staticmethod
    def _day_content(row):
        minutes = {name: row[name] for name in MINUTES if row[name] != 0}
        return {
            "date": row["date"],
            "type": row["day_type"],
            "status": row["status"],
            "blocks": bool(row["is_blocking"]),
            "findings": (row["exceptions"] or "").split(),
            "rule": row["rule_name"],
            "zone": row["zone"],
            "spans": [[one.get("in"), one.get("out")] for one in row["sessions"] or ()],
            "corrections": row["corrections"],
            "minutes": minutes,
        }
