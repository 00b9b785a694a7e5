"""From the days of a payroll file to its bytes, its control record and the notes beside it.

Owns which lines there are, under which numbers they are told, and what the control record says.
Which days those are, the scope says; what a line is, the engine's payroll.
"""

import hashlib
from dataclasses import replace
from typing import NamedTuple

from odoo import fields, models
from odoo.exceptions import UserError

from ...engine import blocks_pay, payroll


class Parts(NamedTuple):
    """Days of a file: all, new, left out, held by another company's files; payouts to tell."""

    days: models.Model
    fresh: models.Model
    left_out: models.Model
    held: models.Model
    payouts: list


class FileMaking:
    """Of biometric.export: the making of a file. Mixed into its one class."""

    __slots__ = ()

    def _produce(self, kind):
        parts, lines, negative = self._content(kind)
        self._write_file(kind, parts, lines, negative)

    def _refusal(self):
        """Why no file of these dates could be made now, "" where one can: numbers, codes and the
        limits of the payroll program are known before anybody presses the button."""
        try:
            _parts, lines, negative = self._content("regular")
            self._people_told([*lines, *negative])
            self._program(lines)
        except UserError as error:
            return str(error)
        return ""

    def _content(self, kind):
        """`(parts, lines, lines that a rule set holds back)`. A file of a period holds both: whole
        days that are new and what changed of others."""
        days = self._days_told()
        payable = days.filtered(lambda day: not blocks_pay(day.status))
        paid, elsewhere = self.env["biometric.export.day"]._paid(self)
        held = payable.filtered(lambda day: (day.employee_id.id, day.date) in elsewhere)
        payable -= held
        fresh = payable.filtered(lambda day: (day.employee_id.id, day.date) not in paid)
        payouts, negative = self._payouts(), []
        lines = self._lines(fresh) + [line for _entry, own in payouts for line in own]
        if kind == "correction" or self.period_id:
            # What stands in a file and blocks now keeps what was paid until somebody settles it;
            # who is not employed that day is owed nothing.
            known = payable | days.filtered(lambda day: day.status == "outside_employment")
            standing = known.filtered(lambda day: (day.employee_id.id, day.date) in paid) - held
            changed, negative = self._differences(standing, paid)
            lost, kept = self._differences_of_lost(days, paid)
            lines, negative = [*lines, *changed, *lost], [*negative, *kept]
            if not lines and kind == "correction":
                raise UserError(self._unchanged_text(held, negative))
        if not lines and not self.period_id:
            raise UserError(self._nothing_text(days))
        parts = Parts(days, fresh, days - payable - held, held, payouts)
        return parts, lines + self._zero_lines(fresh, lines), negative

    def _zero_lines(self, days, lines):
        """What the rule sets of new days want told of codes without minutes (zero_policy)."""
        told, found = {}, []
        for line in lines:
            told.setdefault(line.employee.identity, set()).add(line.pay_code)
        for employee, own in days.grouped("employee_id").items():
            who, rule = self._who(employee), own[-1].rule_id
            rules = rule.sudo()._rule_set() if rule else None
            found += payroll.zero_lines(who, told.get(who.identity, ()), rules)
        return found

    def _nothing_text(self, days):
        """Why no file can be made of these days of the period."""
        if days:
            return self.env._(
                "No file: all days of the period (%s) are incomplete, in conflict, not "
                "settled or outside employment. Open Days, fix them and produce the file "
                "again.",
                len(days),
            )
        return self.env._(
            "No file: nobody in %s has a day in this period. Nobody was expected and no "
            "terminal reported a punch; check the dates and the company.",
            self.company_id.name,
        )

    def _write_file(self, kind, parts, lines, negative):
        """`negative`: differences that a rule set holds back. Lines name people by our rows; the
        file by their payroll numbers."""
        name, people = self._batch_name(), self._people_told([*lines, *negative])
        batch = payroll.Batch(
            name,
            self.company_id.name,
            self.date_from,
            self.date_to,
            rule_versions=tuple(sorted(set(parts.days.mapped("rule_name")) - {False})),
            generated_at=fields.Datetime.now().isoformat() + "Z",
            generated_by=self.env.user.login,
            previous_sha256=self._previous_sha256(),
            rounding=self.profile_id.rounding or "line",
        )
        told = self._named(lines, people)
        data = payroll.to_csv(told, batch)
        changed = {
            (line.employee.identity, line.work_date) for line in lines if line.kind == "correction"
        }
        record = payroll.control_record(told, batch, data) | {
            "complete_days": len(parts.fresh) + len(changed),
            "blocked_days": len(parts.left_out) + len(parts.held),
            "kind": kind,
            "self_approved_days": self._self_approved(lines, people),
            "held_back": [
                [line.employee.identity, line.work_date.isoformat(), line.pay_code, line.minutes]
                for line in sorted(self._named(negative, people), key=lambda line: line.order)
            ],
            **self._period_record(),
        }
        named, program, said = self._program(lines)
        if said:
            record["program"] = said | {"sha256": hashlib.sha256(program).hexdigest()}
        self._keep_file(
            data,
            payroll.control_json(record),
            program,
            named | self._values_of(name, record, negative),
        )
        numbers = {int(key): person.number for key, person in people.items()}
        self.env["biometric.export.day"]._note_file(self, parts, lines, numbers)

    def _values_of(self, name, record, negative):
        """What a row says of the file that it holds."""
        return {
            "name": name,
            "filename": f"{name}.csv",
            "control_filename": f"{name}.control.json",
            "held_minutes": -sum(line.minutes for line in negative),
            "generated_at": fields.Datetime.now(),
            "generated_by_id": self.env.user.id,
            **{
                key: record[key]
                for key in (
                    "kind",
                    "line_count",
                    "employee_count",
                    "total_minutes",
                    "complete_days",
                    "blocked_days",
                )
            },
        }

    def _previous_sha256(self):
        """Digest of the company's file before this one: a file that is missing leaves a hole."""
        return (
            self.search(
                [("company_id", "=", self.company_id.id), ("state", "=", "done")],
                order="generated_at desc, id desc",
                limit=1,
            ).sha256
            or ""
        )

    def _period_record(self):
        """What the control record says of the period that the file closes."""
        if not self.period_id:
            return {}
        return {"pay_group": self.period_id.group_id.sudo().name} | self.period_id._passed_record()

    def _self_approved(self, lines, people):
        """[[payroll number, date]] of the lines that hang on something their employee decided
        alone."""
        told = {(line.employee.identity, line.work_date) for line in lines if line.work_date}
        if not told:
            return []
        days = [day for _identity, day in told]
        found = self.env["biometric.audit.concern"]._self_approved_dates(
            {int(identity) for identity, _day in told}, min(days), max(days)
        )
        return sorted(
            [people[identity].number, day.isoformat()]
            for identity, day in told
            if (int(identity), day) in found
        )

    @staticmethod
    def _who(employee):
        """By a number of ours, which no file says; `_named` puts the payroll program's there."""
        return payroll.Employee(f"{employee.id:06d}")

    @staticmethod
    def _named(lines, people):
        """Lines as the file tells them. `people`: Person by the identity of a line."""
        known = {
            identity: payroll.Employee(person.number, person.number, person.cost_center)
            for identity, person in people.items()
        }
        return [replace(line, employee=known[line.employee.identity]) for line in lines]

    def _people_told(self, lines):
        """`{identity: Person}` of these lines; refused while one has no number or two share one."""
        employees = self.env["hr.employee"].browse({int(line.employee.identity) for line in lines})
        people, _salaried = self.env["biometric.payroll.number"]._people(
            self.company_id, employees, self.date_to
        )
        self._check_numbers(employees, people)
        return {f"{key:06d}": person for key, person in people.items()}

    def _batch_name(self):
        return f"payroll-{self.company_id.id}-{self.date_from}-{self.date_to}-{self.id}"

    def _lines(self, days, kept=None, premiums=None):
        """Lines of days. kept: see _kept_by_field; premiums: see _premiums; both read where they
        are not given."""
        lines = []
        premiums = self._premiums(days) if premiums is None else premiums
        kept = self._kept_by_field(days) if kept is None else kept
        for employee, own in days.grouped("employee_id").items():
            for rule, days_of_rule in own.grouped("rule_id").items():
                values = [self._paid_minutes(day, kept) for day in days_of_rule]
                rules = rule.sudo()._rule_set() if rule else None
                try:
                    lines += payroll.day_lines(self._who(employee), values, rules)
                    lines += self._premium_lines(employee, days_of_rule, premiums)
                except payroll.ExportError as error:
                    raise UserError(
                        self.env._(
                            "%(who)s: %(fault)s. Add it to the pay codes (code_map) of rule set "
                            "%(rule)s.",
                            who=employee.sudo().name,
                            fault=error,
                            rule=rule.name,
                        )
                    ) from error
        return lines
