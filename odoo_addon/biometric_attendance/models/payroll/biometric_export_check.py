"""Before a payroll file: every day of its period is computed again and compared.

Owns the refusal. What is a difference, biometric.day.check says.
"""

from odoo import api
from odoo.exceptions import UserError
from odoo.tools import format_date

from ..mixins.biometric_words import NAMES_SHOWN, shown


class ComputedDays:
    """Of biometric.export: its days are as computed. Mixed into its one class."""

    __slots__ = ()

    def _check_as_computed(self):
        """Computes every day of the period again; a difference opens a finding, which stays though
        the file is refused, and names people and dates."""
        people = (
            self.env["biometric.day.check"]
            .sudo()
            ._people(self.company_id, self.date_from, self.date_to)
        )
        verdict = (
            self.env["biometric.day.check"]
            .sudo()
            ._verify(self.company_id, people, self.date_from, self.date_to)
        )
        if verdict.wrong:
            self._keep_findings(verdict.wrong)
            raise UserError(self._refusal_text(verdict.wrong))
        waiting = {(person, day) for person, day in verdict.waiting}
        settled = (
            self.env["biometric.day"]
            .sudo()
            .search_fetch(
                [
                    ("company_id", "=", self.company_id.id),
                    ("date", ">=", self.date_from),
                    ("date", "<=", self.date_to),
                    ("is_blocking", "=", False),
                ],
                ["employee_id", "date"],
            )
        )
        if changing := [day for day in settled if (day.employee_id.id, day.date) in waiting]:
            raise UserError(
                self.env._(
                    "Days of this period being computed: %s. Try again in a minute.",
                    len(changing),
                )
            )

    def _keep_findings(self, wrong):
        """In a transaction of their own: the refusal takes back everything else."""
        with self.env.registry.cursor() as cr:
            env = api.Environment(cr, self.env.uid, {})
            env["biometric.audit.finding"].sudo()._found(
                self.company_id.id,
                [{"code": one.code, "place": one.place, "text": one.text} for one in wrong],
            )
            env["biometric.day.rebuild"].sudo()._distrust(wrong)

    def _refusal_text(self, wrong):
        people = self.env["hr.employee"].sudo().with_context(active_test=False)
        lines = [
            self.env._(
                "%(who)s, %(date)s: %(difference)s",
                who=people.browse(one.employee_id).name,
                date=format_date(self.env, one.date),
                difference=one.text,
            )
            for one in wrong[:NAMES_SHOWN]
        ]
        return self.env._(
            "No file. Days that do not match their punches, schedules and rules: "
            "%(count)s.\n%(days)s\nEach is now a finding; have it explained, then "
            "recompute these days.",
            count=len(wrong),
            days="\n".join(shown(lines, len(wrong))),
        )
