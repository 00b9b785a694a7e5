"""The days' part of a verification: which days one run computes again, piece by piece.

Owns the choice: all of open periods, and of what is closed a share that comes round. What a
difference is, biometric.day.check says.
"""

from collections import defaultdict
from datetime import date, timedelta

from odoo import api, fields, models

# Days that are open when no file was produced for longer, or ever.
OPEN_DAYS = 62
# Nights until everybody's closed days were looked at once.
NIGHTS = 28
# Days of one piece: about 4 s.
PIECE_DAYS = 6_000


class BiometricAuditCheck(models.Model):
    _inherit = "biometric.audit.check"

    @api.model
    def _begin(self, company, asked_by):
        check = super()._begin(company, asked_by)
        check.pieces = [*check.pieces, *self._day_pieces(company)]
        return check

    def _day_pieces(self, company):
        """[["days", [employee ids], first, last]]: of everybody what is open, of one in NIGHTS what
        is closed."""
        self.env.flush_all()
        self.env.cr.execute(
            """SELECT employee_id, min(date), max(date) FROM biometric_day
                WHERE company_id = %s GROUP BY employee_id ORDER BY employee_id""",
            (company.id,),
        )
        rows = self.env.cr.fetchall()
        opens, turn = self._open_from(company), fields.Date.today().toordinal() % NIGHTS
        newest = max((row[2] for row in rows), default=opens)
        spans = defaultdict(list)
        for employee_id, first, last in rows:
            if last >= opens:
                spans[opens, newest].append(employee_id)
            if employee_id % NIGHTS == turn and first < opens:
                spans[date(first.year, 1, 1), opens - timedelta(days=1)].append(employee_id)
        return [
            ["days", ids[start : start + many], str(first), str(last)]
            for (first, last), ids in sorted(spans.items())
            for many in [max(1, PIECE_DAYS // (1 + (last - first).days))]
            for start in range(0, len(ids), many)
        ]

    @api.model
    def _open_from(self, company):
        """First date that no produced file reaches, so far as it is not long ago."""
        longest = fields.Date.subtract(company._biometric_today(), days=OPEN_DAYS)
        self.env.cr.execute(
            """SELECT max(date) FROM biometric_export_day
                WHERE company_id = %s AND state = 'paid'""",
            (company.id,),
        )
        (paid_until,) = self.env.cr.fetchone()
        return max(longest, paid_until + timedelta(days=1)) if paid_until else longest

    def _check_days(self, findings, employee_ids, first, last):
        verdict = self.env["biometric.day.check"]._verify(
            self.company_id, employee_ids, date.fromisoformat(first), date.fromisoformat(last)
        )
        for wrong in verdict.wrong:
            findings.add(wrong.code, wrong.place, wrong.text)
        self.env["biometric.day.rebuild"].sudo()._distrust(verdict.wrong)
        if verdict.waiting:
            self.env["biometric.stale.day"]._mark(verdict.waiting)
            findings.note(
                self.env._(
                    "Days waiting to be recomputed and compared next time: %s.",
                    len(verdict.waiting),
                )
            )
        return verdict.count
