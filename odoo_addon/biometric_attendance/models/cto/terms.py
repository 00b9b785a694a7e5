"""What decides about the credit of a company's days besides the days: agreements, certificates,
closed periods, and since when the company has a bank at all. Gathered once for a slice of days.
"""

from typing import NamedTuple

from ...engine import compensated_by, credited, due_on


class Choice(NamedTuple):
    """By what the overtime of a source is compensated, who said so, by which paper."""

    what: str
    who: str
    authority: str = ""


# Without an agreement where one is required: paid as ever, and nothing is written.
PAID = Choice("pay", "")


class Source(NamedTuple):
    """What one class of minutes of one day asks for. `earning`: those of its minutes that lie above
    the contingent of the year, all where there is none."""

    employee_id: int
    day: object
    kind: str
    minutes: int
    rules: object
    rule_name: str
    earning: int

    @property
    def name(self):
        return f"day:{self.day}:{self.kind}"


class Terms:
    """Answers for the sources of one company. `standing`: `{(employee_id, source): columns}` of
    the last entries of sources."""

    def __init__(self, env, company, people, standing):
        self.today = company._biometric_today()
        self.since = company.sudo().biometric_cto_from or None
        self.standing = standing
        self._agreements = env["biometric.cto.agreement"]._book_of(company.id)
        self._certified = env["biometric.cto.certificate"]._certified(company.id, people)
        self._locked = Locked(env, company)

    def last(self, source):
        return self.standing.get((source.employee_id, source.name))

    def choice(self, source):
        """The answer that stands in the ledger, else what was agreed, else what the rule set says:
        time, where it asks for no paper."""
        if last := self.last(source):
            return Choice(last["choice"], last["chosen_by"], last["authority"] or "")
        if self.since is None or source.day < self.since:
            return PAID
        rules = source.rules
        if agreed := self._agreements.find(source.employee_id, source.day):
            return Choice(compensated_by(agreed[0], rules), "agreement", agreed[1])
        if rules.cto_requires_authority_ref:
            return PAID
        return Choice(compensated_by("time", rules), "rule")

    def is_due(self, source):
        """Whether there is something to post: news of a source that stands, or one that may be
        credited now."""
        choice = self.choice(source)
        if last := self.last(source):
            if (last["overtime_minutes"] or 0) != source.minutes:
                return True
            asked = credited(source.kind, source.earning, source.rules)
            return choice.what != "pay" and (last["asked_minutes"] or 0) != asked
        if choice == PAID or not source.minutes:
            return False
        due = due_on(source.day, source.rules)
        return choice.what == "pay" or (due <= self.today if due else self.is_certified(source))

    def is_certified(self, source):
        spans = self._certified.get(source.employee_id, ())
        return any(first <= source.day <= last for first, last in spans)

    def posting_date(self, source):
        """The day itself when it is posted first and at once; else today: what was corrected, what
        waited, and what belongs to a closed period, which keeps what was paid by it."""
        waited = due_on(source.day, source.rules) != source.day
        if self.last(source) or waited or self.is_locked(source):
            return self.today
        return min(source.day, self.today)

    def is_locked(self, source):
        return self._locked(source.employee_id, source.day)


class Locked:
    """Answers whether a person's date lies in a pay period of the company that is locked."""

    def __init__(self, env, company):
        self._env, self._spans = env, []
        if "biometric.period" in env:
            periods = env["biometric.period"].sudo()
            self._spans = periods._read_group(
                [("company_id", "=", company.id), ("state", "in", periods._closed_states)],
                ["id"],
                ["date_from:min", "date_to:max"],
            )

    def __call__(self, employee_id, day):
        """Which of the company's groups a person is paid with, the period knows."""
        if not any(first <= day <= last for _period, first, last in self._spans):
            return False
        employee = self._env["hr.employee"].sudo().browse(employee_id)
        return self._env["biometric.period"]._is_locked(employee, day)
