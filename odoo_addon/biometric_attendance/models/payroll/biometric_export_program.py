"""The file of a payroll program beside the canonical one: written with it, from its lines.

Owns what a correction tells a program that replaces what it had, and the
words of a refusal. What a program's file looks like is the profile's.
"""

import csv
import io
from collections import Counter
from datetime import date

from odoo.exceptions import UserError

from ...engine import formats, payroll, program
from ..mixins.biometric_words import shown


class ProgramFiles:
    """Of biometric.export: the file of its payroll program. Mixed into its one class."""

    __slots__ = ()

    def _program(self, lines):
        """`(values to keep, bytes, what the control record says)` of the program's file of lines
        that are about to be written; `({}, None, None)` without a program, and of a pay period that
        has nothing to tell it: a week in which nobody worked is closed too."""
        profile = self.profile_id
        if not profile:
            return {}, None, None
        told = [line for line in lines if line.minutes or self._is_told_as_zero(profile, line)]
        try:
            made = self._program_made(profile, self._program_lines(profile, told))
        except payroll.ExportError as error:
            if self.period_id and getattr(error, "word", "") == program.NOTHING:
                return {}, None, None
            raise UserError(
                self.env._("No file for %(program)s: %(why)s", program=profile.name, why=error)
            ) from error
        about = formats.PROFILES[profile.program]
        total = payroll.hours_text(made.minutes)
        said = {
            "profile": profile.program,
            "name": profile.name,
            "version": profile.version,
            "filename": made.name,
            "second_import": about.second_import,
            "confidence": about.confidence,
            "hours_of_file": f"{made.hundredths / 100:.2f}",
            "hours_of_total": total,
            "hours_by_code": {
                code: payroll.hundredths_text(hundredths) for code, hundredths in made.by_code
            },
            "add_up": "hours_of_file is the sum of the hours in the program's file, each rounded "
            "once; hours_of_total is the sum of their minutes. They differ by rounding alone.",
        }
        return {"program_filename": made.name}, made.data, said

    @staticmethod
    def _is_told_as_zero(profile, line):
        """Whether a line without minutes goes into the program's file as a zero."""
        return (
            not line.is_blank
            and profile.program not in program.BY_DAY
            and line.pay_code in profile._codes()
        )

    def _program_lines(self, profile, lines):
        """Lines for the program. One that replaces what it had of these dates is told all that the
        people of a correction have been paid in them, this file with it. What is told of earlier
        dates is the difference: their payroll was run, and whole days would be paid again."""
        if formats.PROFILES[profile.program].second_import != "replaces":
            return lines
        changed = {line.employee.identity: line.employee for line in lines}
        sums = Counter()
        paid, _others = self.env["biometric.export.day"]._paid(self)
        for (employee_id, day), (minutes, *_rest) in paid.items():
            if day < self.date_from:
                continue
            for (code, pay_class), value in minutes.items():
                sums[f"{employee_id:06d}", day, code, pay_class] += value
        for line in lines:
            key = (line.employee.identity, line.work_date, line.pay_code, line.pay_class)
            sums[key] += line.minutes
        return [
            payroll.Line(changed[who], day, code, pay_class, minutes)
            for (who, day, code, pay_class), minutes in sums.items()
            if who in changed
        ]

    def _program_file(self, profile):
        """ProgramFile of what this produced file holds, as `profile` stands now."""
        ours = self._identities()
        rows = csv.DictReader(io.StringIO(self._bytes("data").decode()))
        lines = [
            payroll.Line(
                payroll.Employee(
                    ours.get(row["employee_id"], row["employee_id"]),
                    row["employee_ref"],
                    row["cost_center"],
                ),
                date.fromisoformat(row["work_date"]),
                row["pay_code"],
                row["class"],
                int(row["minutes"]),
            )
            for row in rows
            if int(row["minutes"])
        ]
        return self._program_made(profile, lines)

    def _identities(self):
        """`{payroll number: identity}` of the people of this produced file."""
        self.env.cr.execute(
            """SELECT DISTINCT payroll_number, employee_id FROM biometric_export_day
                WHERE export_id = %s AND payroll_number IS NOT NULL""",
            (self.id,),
        )
        return {number: f"{employee_id:06d}" for number, employee_id in self.env.cr.fetchall()}

    def _program_made(self, profile, lines):
        employees = self.env["hr.employee"].browse({int(line.employee.identity) for line in lines})
        people, salaried = self.env["biometric.payroll.number"]._people(
            self.company_id, employees, self.date_to
        )
        self._check_numbers(employees, people)
        return profile._file(
            lines,
            {f"{key:06d}": person for key, person in people.items()},
            {f"{key:06d}" for key in salaried},
            (self.date_from, self.date_to),
            f"{(self._origin.id or 0) % 10**8:08d}",
            keep_zero=formats.PROFILES[profile.program].second_import == "replaces"
            or any(not line.minutes for line in lines),
        )

    def _check_numbers(self, employees, people):
        """Nobody without a number, no number twice."""
        missing = employees.sudo().filtered(lambda one: one.id not in people)
        if missing:
            raise UserError(
                self.env._(
                    "These people have no payroll number: %s. Enter one under Payroll › "
                    "Payroll numbers, or a badge.",
                    ", ".join(shown(sorted(missing.mapped("name")))),
                )
            )
        count = Counter(person.number for person in people.values())
        shared = [
            f"{employee.sudo().name} ({people[employee.id].number})"
            for employee in employees
            if count[people[employee.id].number] > 1
        ]
        if shared:
            raise UserError(
                self.env._(
                    "These people share a payroll number and would be paid as one: %s. "
                    "Give each their own number under Payroll › Payroll numbers.",
                    ", ".join(shown(sorted(shared))),
                )
            )
