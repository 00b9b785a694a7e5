"""From computed days to credit: what a day's overtime earns, once, and the difference when it
changes.

Owns whether overtime becomes time or pay, and the dates that credits are posted with. Multipliers,
caps and expiry are the engine's; which minutes are overtime, the day says. Runs as the system.
"""

from collections import defaultdict
from datetime import date
from types import SimpleNamespace

from odoo import api, models
from odoo.exceptions import UserError

from ...engine import Entry, above_contingent, blocks_pay, compensable
from .terms import Source, Terms

EARNING = (
    "overtime_minutes",
    "doubletime_minutes",
    "rest_day_minutes",
    "rest_day_overtime_minutes",
    "holiday_minutes",
    "holiday_overtime_minutes",
)
COLUMNS = ("employee_id", "company_id", "department_id", "date", "status", *EARNING)


class BiometricCtoAccrual(models.AbstractModel):
    _name = "biometric.cto.accrual"
    _description = "Credit of compensatory time"
    # Columns of a day whose minutes may become time off.
    _earning = EARNING

    # ------------------------------------------------------------------ what days ask for

    @api.model
    def _post_rows(self, rows, book):
        """Post what these rows of biometric.day earn by the rules of a RuleBook. Rows of the same
        day again post nothing."""
        by_company = defaultdict(list)
        for row in rows:
            if row["company_id"]:
                by_company[row["company_id"]].append(row)
        for company_id, own in sorted(by_company.items()):
            self._post_company(self.env["res.company"].browse(company_id), own, book)

    def _post_company(self, company, rows, book):
        terms, sources = self._asking(company, rows, book)
        due = defaultdict(list)
        for source in sources:
            if terms.is_due(source):
                due[source.employee_id].append(source)
        if not due:
            return
        accounts = self.env["biometric.cto.account"]
        books = accounts._open(company, list(due))
        for employee_id, own in due.items():
            for source in sorted(own, key=lambda one: (one.day, one.kind)):
                self._post(books[employee_id], source, terms)
        accounts._write_down(books.values())

    def _asking(self, company, rows, book):
        """`(Terms, [Source])` of these rows of days, and of all days of a year with a contingent:
        a change of one moves what lies above it."""
        rows = [*rows, *self._rest_of_years(company, rows, book)]
        standing = self._standing(company, rows)
        sources = [source for row in rows for source in self._sources(row, book, standing)]
        sources = list(_weighed(sources))
        people = sorted({source.employee_id for source in sources})
        return Terms(self.env, company, people, standing), sources

    def _rest_of_years(self, company, rows, book):
        """Rows of the other days of the years of these rows whose rule set has a contingent."""
        years = set()
        for row in rows:
            place = (row["company_id"], row["employee_id"], row["department_id"], row["date"])
            if book.find(*place)[2].cto_contingent_minutes:
                years.add((row["employee_id"], row["date"].year))
        if not years:
            return []
        self.env.cr.execute(
            f"""SELECT {", ".join(COLUMNS)} FROM biometric_day
                 WHERE company_id = %s
                   AND (employee_id, EXTRACT(YEAR FROM date)::integer) IN %s""",
            (company.id, tuple(years)),
        )
        given = {(row["employee_id"], row["date"]) for row in rows}
        found = self.env.cr.dictfetchall()
        return [row for row in found if (row["employee_id"], row["date"]) not in given]

    @api.model
    def _standing(self, company, rows):
        """`{(employee_id, source): columns}` of the last entries of these days' sources."""
        days = {(row["employee_id"], row["date"]) for row in rows}
        self.env.cr.execute(
            """SELECT DISTINCT ON (account_id, source) employee_id, source, overtime_minutes,
                      over_minutes, over_overtime_minutes, asked_minutes, choice, chosen_by,
                      authority
                 FROM biometric_cto_entry
                WHERE company_id = %s AND employee_id = ANY(%s) AND work_date = ANY(%s)
                  AND choice IS NOT NULL
             ORDER BY account_id, source, number DESC""",
            (company.id, list({one for one, _day in days}), list({day for _one, day in days})),
        )
        return {(row["employee_id"], row["source"]): row for row in self.env.cr.dictfetchall()}

    def _sources(self, row, book, standing):
        """What a row of a day asks for, and what it once asked for and asks no more."""
        employee_id, day = row["employee_id"], row["date"]
        _id, name, rules = book.find(row["company_id"], employee_id, row["department_id"], day)
        earned = {}
        if rules.cto_eligible and row["status"] and not blocks_pay(row["status"]):
            day_minutes = SimpleNamespace(**{one: row[one] or 0 for one in EARNING})
            earned = compensable(day_minutes, rules)
        if not earned and not standing:
            return
        for kind in ("workday", "rest_day", "holiday"):
            minutes = earned.get(kind, 0)
            source = Source(employee_id, day, kind, minutes, rules, name, minutes)
            if source.minutes or (employee_id, source.name) in standing:
                yield source

    # ------------------------------------------------------------------ one source

    def _post(self, book, source, terms):
        """Post one source into an opened book, by the choice that counts for it."""
        self._post_choice(book, source, terms, terms.choice(source))

    def _post_choice(self, book, source, terms, choice, note=None):
        last = terms.last(source)
        minutes = source.earning if choice.what != "pay" else 0
        posted_on = terms.posting_date(source)
        if book.last_date:
            posted_on = max(posted_on, book.last_date)
        self._credit(book, source, minutes, (posted_on, choice.authority), terms)
        facts = {
            "work_date": source.day,
            "day_class": source.kind,
            "overtime_minutes": source.minutes,
            "choice": choice.what,
            "chosen_by": choice.who,
            "authority": choice.authority or None,
            "rule_name": source.rule_name,
            "note": note or self._inside_words(source),
            **self._over(book.bank, source),
        }
        if not book.note(source.name, facts) and self._differs(last, facts):
            book.remark(self._remark(source, posted_on, book.bank), facts)

    def _inside_words(self, source):
        if source.earning == source.minutes:
            return None
        clock = self.env["biometric.cto.account"]._clock(source.minutes - source.earning)
        return self.env._("%s of it is within the yearly limit", clock)

    def _credit(self, book, source, minutes, how, terms):
        """Ask the engine; `how`: the date it is posted with, and the paper behind it."""
        bank, (posted_on, authority) = book.bank, how
        book.use_rules(source.rules)
        if terms.last(source):
            bank.correct_earn(source.name, posted_on, source.kind, minutes)
        elif minutes:
            bank.earn(
                source.name,
                source.day,
                source.kind,
                minutes,
                authority=authority,
                posted_on=posted_on,
            )
            if terms.is_certified(source):
                bank.certify(source.name, posted_on)

    @staticmethod
    def _over(bank, source):
        over = bank.overflows.get(source.name)
        if not over:
            return {}
        return {
            "over_minutes": over.minutes,
            "over_reason": over.reason,
            "over_overtime_minutes": over.overtime_minutes,
        }

    @staticmethod
    def _differs(last, facts):
        told = ("overtime_minutes", "choice", "over_minutes", "over_overtime_minutes")
        return last is None or any((last[name] or 0) != (facts.get(name) or 0) for name in told)

    @staticmethod
    def _remark(source, posted_on, bank):
        """What a source that moves nothing leaves in the ledger: what it asked for."""
        return Entry(
            "accrual",
            0,
            posted_on,
            source.name,
            earned_on=source.day,
            asked=bank.asked(source.name),
        )

    # ------------------------------------------------------------------ who asks

    @api.model
    def _sweep(self, company, first, last=None, employee_ids=None):
        """Post what stands and was not posted: days of a company on dates of which an agreement, a
        certificate or the calendar has decided since."""
        self.env.flush_all()
        self.env.cr.execute(
            f"""SELECT {", ".join(COLUMNS)} FROM biometric_day
                 WHERE company_id = %s AND date >= %s AND date <= %s
                   AND (%s OR employee_id = ANY(%s))
                   AND ({" + ".join(f"COALESCE({name}, 0)" for name in EARNING)}) > 0
              ORDER BY date, employee_id""",
            (company.id, first, last or date.max, not employee_ids, list(employee_ids or ())),
        )
        rows = self.env.cr.dictfetchall()
        employees = self.env["hr.employee"].with_context(active_test=False)
        people = employees.browse({row["employee_id"] for row in rows})
        if rows:
            self._post_rows(rows, self.env["biometric.rule"].sudo()._book_of(people))

    @api.model
    def _kept_from_pay(self, company, days):
        """`{(employee_id, date): {day class: minutes}}` of days (biometric.day) that time off
        stands for, or will as soon as its credit is due: nobody is paid for them too."""
        rows = days.sudo().read([*COLUMNS], load=None)
        book = self.env["biometric.rule"].sudo()._book_of(days.sudo().employee_id)
        terms, sources = self._asking(company, rows, book)
        kept, asked = defaultdict(dict), {(row["employee_id"], row["date"]) for row in rows}
        for source in sources:
            if (source.employee_id, source.day) not in asked:
                continue
            last = terms.last(source)
            minutes = source.earning - ((last and last["over_overtime_minutes"]) or 0)
            if minutes > 0 and terms.choice(source).what == "time":
                kept[source.employee_id, source.day][source.kind] = minutes
        return kept

    # ------------------------------------------------------------------ the employee's answer

    @api.model
    def _answer(self, entry, what, who, note=None):
        """The overtime of an entry's day is compensated by `time` or `pay` from now on."""
        company, employee = entry.company_id, entry.employee_id
        day = (
            self.env["biometric.day"]
            .sudo()
            .search([("employee_id", "=", employee.id), ("date", "=", entry.work_date)], limit=1)
        )
        rows = day.read([*COLUMNS], load=None)
        book = self.env["biometric.rule"].sudo()._book_of(employee)
        terms, sources = self._asking(company, rows, book)
        source = next((one for one in sources if one.name == entry.source), None)
        if source is None:
            raise UserError(self.env._("This day no longer has overtime."))
        self._check_open(employee, source, terms)
        opened = self.env["biometric.cto.account"]._open(company, [employee.id])[employee.id]
        if what == "pay":
            self._check_untaken(opened, source)
        choice = terms.choice(source)._replace(what=what, who=who)
        self._post_choice(opened, source, terms, choice, note)
        self.env["biometric.cto.account"]._write_down([opened])

    def _check_open(self, employee, source, terms):
        if terms.is_locked(source) or self._paid_in(employee, source.day):
            raise UserError(
                self.env._(
                    "This day is in a payroll file or a closed period. Request a payout "
                    "of the credit instead."
                )
            )

    @api.model
    def _paid_in(self, _employee, _day):
        """Name of the payroll file that holds a day, or False."""
        return False

    @api.model
    def _last_paid(self, _company, _since):
        """`(last day from a date on whose overtime a payroll file paid, name of the file)` of days
        that stand in no account, or False."""
        return False

    def _check_untaken(self, opened, source):
        lot = opened.bank.lots.get(source.name)
        last = opened.latest.get(source.name)
        if lot and last and lot.left < (last["asked_minutes"] or 0) - (last["over_minutes"] or 0):
            raise UserError(
                self.env._(
                    "Time off was already taken from this credit: it cannot be paid out as well."
                )
            )


def _weighed(sources):
    """The sources with those of their minutes that earn."""
    years = defaultdict(list)
    for source in sources:
        if source.rules.cto_contingent_minutes:
            years[source.employee_id, source.day.year].append(source)
    above = {}
    for (employee_id, _year), own in years.items():
        order = sorted(own, key=lambda one: (one.day, one.kind))
        named = [(one.name, one.minutes) for one in order]
        found = above_contingent(named, order[0].rules)
        above |= {(employee_id, name): minutes for name, minutes in found.items()}
    for source in sources:
        earning = above.get((source.employee_id, source.name), source.minutes)
        yield source._replace(earning=earning)
