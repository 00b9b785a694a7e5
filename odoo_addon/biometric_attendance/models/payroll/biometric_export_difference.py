"""What changed since earlier payroll files: now minus paid, by day, pay code and class.

Owns which of it is told and which a rule set holds back. What earlier files paid,
biometric.export.day knows.
"""

from ...engine import payroll


class Differences:
    """Of biometric.export: the lines of a correction. Mixed into its one class."""

    __slots__ = ()

    def _differences(self, days, paid):
        """`(lines, held)`: what changed on days that stand in an earlier file, with where they
        stood; held, as lines too: what would be taken back, of people whose rule set holds it."""
        lines, held = [], []
        free, premiums = self._kept_by_field(days), self._premiums(days)
        for rule, of_rule in days.grouped("rule_id").items():
            rules = rule.sudo()._rule_set() if rule else None
            for day in of_rule:
                before, origin, factors = paid[day.employee_id.id, day.date]
                own = self._lines(day, free, premiums)
                now = {(line.pay_code, line.pay_class): line for line in own}
                due, kept = payroll.corrections(
                    before, {key: line.minutes for key, line in now.items()}, rules
                )
                # what is gone is taken back as it was paid
                factors = factors | {key: line.factor for key, line in now.items()}
                lines += self._told(day.employee_id, day.date, due, factors, origin)
                held += self._told(day.employee_id, day.date, kept, factors, origin)
        return lines, held

    def _differences_of_lost(self, days, paid):
        """The same of dates that have no day any more: all that was paid is taken back, unless the
        rule set of the date holds it."""
        there = {(day.employee_id.id, day.date) for day in days}
        gone = {key: of for key, of in paid.items() if key not in there and any(of[0].values())}
        people = self.env["hr.employee"].sudo().browse({employee_id for employee_id, _day in gone})
        book = self.env["biometric.rule"].sudo()._book_of(people)
        lines, held = [], []
        for (employee_id, day), (before, origin, factors) in gone.items():
            employee = people.browse(employee_id)
            where = (self.company_id.id, employee_id, employee.department_id.id)
            _id, _name, rules = book.find(*where, day)
            due, kept = payroll.corrections(before, {}, rules)
            lines += self._told(employee, day, due, factors, origin)
            held += self._told(employee, day, kept, factors, origin)
        return lines, held

    def _told(self, employee, day, minutes, factors, origin):
        """Lines of `{(pay code, class): minutes}`. factors: `{(pay code, class): factor}`."""
        who = self._who(employee)
        return [
            payroll.Line(
                who,
                day,
                *key,
                value,
                factors.get(key, ""),
                "correction",
                origin,
                day,
            )
            for key, value in minutes.items()
        ]

    def _unchanged_text(self, held, negative):
        text = self.env._("Nothing is new or changed since:\n%s", self._earlier_text() or "")
        if held:
            text += "\n" + self.env._(
                "Days in a file of the company these people worked for at that time: %s. "
                "They are paid here once that company has produced its changes and "
                "reversed them.",
                len(held),
            )
        if negative:
            text += "\n" + self.env._(
                "%(minutes)s minutes would be deducted (days: %(days)s). The rule set "
                "holds such differences until it is changed or they become positive.",
                minutes=-sum(line.minutes for line in negative),
                days=len({(line.employee.identity, line.work_date) for line in negative}),
            )
        return text
