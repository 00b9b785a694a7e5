"""What a payroll file holds beside minutes as computed: compensatory time (minutes that time off
stands for are not paid, banked time that is paid is a line of its own, once) and what an employee's
statement owes.

What a minute of overtime became, the room of time accounts says; what is owed, the day's
derivation.
"""

from types import SimpleNamespace

from odoo.exceptions import UserError

from ...engine import MINUTES, kept_from_pay, payroll


class PaidTime:
    """Of biometric.export: what compensatory time makes of it. Mixed into its one class."""

    __slots__ = ()

    def _kept_by_field(self, days):
        """`{(employee_id, date): {day field: minutes}}` that time off stands for."""
        accrual = self.env["biometric.cto.accrual"].sudo()
        found = accrual._kept_from_pay(self.company_id, days) if days else {}
        of_day = {(day.employee_id.id, day.date): day for day in days}
        return {key: kept_from_pay(of_day[key], minutes) for key, minutes in found.items()}

    @staticmethod
    def _paid_minutes(day, kept):
        """Minutes of a day by field, without those that time off stands for."""
        own = kept.get((day.employee_id.id, day.date), {})
        minutes = {field: (day[field] or 0) - own.get(field, 0) for field in MINUTES}
        return SimpleNamespace(work_date=day.date, **minutes)

    def _premiums(self, days):
        """`{day id: [(pay code, minutes)]}` of what days are owed by what their employee stated (a
        meal premium). Read past the days' pictures, which are large: a month of them is hundreds of
        megabytes."""
        self.env.flush_all()
        self.env.cr.execute(
            """SELECT id, derivation->'premiums' FROM biometric_day
                WHERE id = ANY(%s) AND derivation->'premiums' IS NOT NULL""",
            (days.ids,),
        )
        return dict(self.env.cr.fetchall())

    def _premium_lines(self, employee, days, premiums):
        """Lines of what these days are owed. premiums: see _premiums."""
        return [
            line
            for day in days
            for line in payroll.premium_lines(
                self._who(employee), day.date, premiums.get(day.id) or ()
            )
        ]

    def _payouts(self):
        """`[(entry, lines)]` of banked time that was paid out up to the end of the period and
        stands in no file: a line for each lot that it came from."""
        unpaid = self.env["biometric.export.day"]._unpaid_entries(
            self.company_id, self.date_to, self._people_ids()
        )
        return [(entry, self._payout_lines(entry)) for entry in unpaid]

    def _payout_lines(self, entry):
        account = self.env["biometric.cto.account"].sudo()
        rules = account._rules_on(entry.employee_id, entry.date)
        who = self._who(entry.employee_id)
        # a flex account has no lots: its cut, or what a day added beyond the limit, is the one line
        moves = entry.moves or [[entry.source, entry.minutes]]
        earned = self._earned_on(entry, [lot for lot, _minutes in moves])
        if not entry.moves:
            earned = {entry.source: entry.earned_on}
        try:
            return [
                payroll.payout_line(who, entry.date, -minutes, (lot, earned.get(lot)), rules)
                for lot, minutes in moves
            ]
        except payroll.ExportError as error:
            raise UserError(
                self.env._(
                    "%(who)s: %(fault)s. Add it to the pay codes (code_map) of the rule set.",
                    who=entry.employee_id.name,
                    fault=error,
                )
            ) from error

    def _earned_on(self, entry, lots):
        openers = (
            self.env["biometric.cto.entry"]
            .sudo()
            .search(
                [
                    ("account_id", "=", entry.account_id.id),
                    ("source", "in", lots),
                    ("kind", "in", ("opening", "accrual")),
                ],
                limit=len(lots),
            )
        )
        return {one.source: one.earned_on or one.date for one in openers}
