"""Which company a person belonged to on which date: a day keeps the company of its date.

Odoo's employee names one company, that of now, and gives it to all contract versions. So the move
is noted here when it is made: from which date on, and the zone the person had before. Who never
moved has no rows. Reads nothing of days; marks those whose answer changes.
"""

from collections import defaultdict
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import format_date

from odoo.addons.base.models.res_partner import _tz_get

from .biometric_belonging import FIRST, Belonging
from .biometric_stale import ALWAYS_FROM, ALWAYS_TO


class BiometricEmploymentCompany(models.Model):
    _name = "biometric.employment.company"
    _description = "Company history of employees"
    _inherit = ["biometric.audited", "biometric.zones"]
    _order = "employee_id, valid_from desc nulls last"
    _rec_name = "employee_id"
    _audit_word = "company"

    employee_id = fields.Many2one(
        "hr.employee", required=True, readonly=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    valid_from = fields.Date("From", help="First date in this company. Empty: from the beginning.")
    tz = fields.Selection(
        _tz_get,
        "Time zone then",
        help="Time zone of the person when they left this company: it applies to days without "
        "a working schedule.",
    )

    valid_to = fields.Date(
        "Until", compute="_compute_valid_to", help="Last date in this company. Empty: current."
    )

    _one_start = models.UniqueIndex(
        "(employee_id, (COALESCE(valid_from, '0001-01-01'::date)))",
        "This person already changed company on that date.",
    )

    @api.depends("employee_id", "valid_from")
    def _compute_valid_to(self):
        # sudo: the following row may be another company's; only its date is told
        people = self.sudo().search([("employee_id", "in", self.employee_id.ids)])
        starts = {
            one: own.mapped("valid_from") for one, own in people.grouped("employee_id").items()
        }
        for span in self:
            after = [
                day
                for day in starts.get(span.employee_id, ())
                if day and day > (span.valid_from or FIRST)
            ]
            span.valid_to = min(after) - timedelta(days=1) if after else False

    # ------------------------------------------------------------------ what others ask

    @api.model
    def _belongings(self, employees):
        """`{employee_id: Belonging}` of all of them (call with sudo)."""
        self.flush_model()
        self.env.cr.execute(
            """SELECT employee_id, COALESCE(valid_from, '0001-01-01'::date), company_id, tz
                 FROM biometric_employment_company WHERE employee_id = ANY(%s)
             ORDER BY employee_id, 2""",
            (employees.ids,),
        )
        spans = defaultdict(list)
        for employee_id, *span in self.env.cr.fetchall():
            spans[employee_id].append(tuple(span))
        return {one.id: Belonging(one.company_id.id, spans[one.id]) for one in employees}

    @api.model
    def _company_ids(self, employees):
        """Ids of every company that one of them belonged to at any time."""
        found = self._belongings(employees).values()
        return {company_id for belonging in found for company_id in belonging.company_ids}

    # ------------------------------------------------------------------ a move

    @api.model
    def _note_move(self, employee, before, today):
        """The employee's company was changed on a date; `before`: `(company, zone)` until then.
        Two moves on one day are one."""
        spans = self.search([("employee_id", "=", employee.id)])
        last = spans.filtered("valid_from")[:1]
        company, zone = before
        if not spans:
            self.create({"employee_id": employee.id, "company_id": company.id, "tz": zone})
        elif last and last.valid_from >= today:
            earlier = spans.filtered(lambda span: span != last)[:1]
            # back where they were: there was no move
            if earlier.company_id == employee.company_id:
                last.unlink()
                earlier.tz = False
            else:
                last.company_id = employee.company_id
            return
        else:
            spans.filtered(lambda span: span.company_id == company)[:1].tz = zone
        self.create(
            {
                "employee_id": employee.id,
                "company_id": employee.company_id.id,
                "valid_from": today,
            }
        )

    @api.model_create_multi
    def create(self, vals_list):
        spans = super().create(vals_list)
        # the first of a person says what was so before it was noted
        for span in spans.filtered("valid_from"):
            self._changed(span.employee_id, span.valid_from, ALWAYS_TO)
        return spans

    def write(self, vals):
        before = [(span.employee_id, span.valid_from, span._neighbours()) for span in self]
        if "valid_from" in vals:
            self._check_may_move()
            if any(bool(span.valid_from) != bool(vals["valid_from"]) for span in self):
                raise UserError(
                    self.env._("The first company of a person applies from the very beginning.")
                )
        result = super().write(vals)
        for span, (employee, old, neighbours) in zip(self, before, strict=True):
            if span._neighbours() != neighbours:
                raise UserError(
                    self.env._("The order of companies cannot change: move the other dates first.")
                )
            if span.valid_from != old:
                span._move_version(old)
            days = [day for day in (old, span.valid_from) if day]
            first = min(days) if days else ALWAYS_FROM
            last = ALWAYS_TO
            if set(vals) == {"valid_from"} and days:
                last = max(days) - timedelta(days=1)
            self._changed(employee, first, last)
        return result

    def unlink(self):
        self._check_may_move()
        touched = [(span.employee_id, span.valid_from or ALWAYS_FROM) for span in self]
        result = super().unlink()
        for employee, first in touched:
            spans = self.sudo().search([("employee_id", "=", employee.id)])
            if spans and spans[0].company_id != employee.sudo().company_id:
                raise UserError(
                    self.env._("Change the company of the employee: this is the current one.")
                )
            if spans and spans[-1].valid_from:
                raise UserError(
                    self.env._("The first company of a person applies from the very beginning.")
                )
            self._changed(employee, first, ALWAYS_TO)
        return result

    def _neighbours(self):
        """Ids of all spans of the person in the order of their dates."""
        spans = self.sudo().search([("employee_id", "=", self.employee_id.id)])
        return spans.ids

    def _check_may_move(self):
        """A date between two companies is a matter of both: who moves it has the rights of both."""
        if self.env.su:
            return
        spans = self.sudo().search([("employee_id", "in", self.employee_id.ids)])
        if spans.company_id - self.env.user.company_ids:
            raise UserError(
                self.env._(
                    "This date separates the days of two companies. Only someone with "
                    "access to both can change it."
                )
            )

    @api.constrains("valid_from")
    def _check_not_ahead(self):
        for span in self.filtered("valid_from"):
            today = span.employee_id.sudo()._biometric_date_of(fields.Datetime.now())
            if span.valid_from > today:
                raise ValidationError(
                    self.env._(
                        "A move can only be recorded once it has happened: %s is still "
                        "in the future.",
                        format_date(self.env, span.valid_from),
                    )
                )

    def _move_version(self, old):
        """The contract version that began with the move begins with it still."""
        version = self.env["hr.version"].sudo()
        own = version.search([("employee_id", "=", self.employee_id.id)])
        begun = own.filtered(lambda one: one.date_version == old)
        if begun and not own.filtered(lambda one: one.date_version == self.valid_from):
            begun.date_version = self.valid_from

    @api.model
    def _changed(self, employee, first, last):
        """Days and roster rows on dates that may have another company now."""
        self.flush_model()
        self.env["biometric.stale.day"].sudo()._mark_existing([employee.id], first, last)
        roster = self.env["biometric.roster"].sudo()
        rows = roster.search([("employee_id", "=", employee.id), ("date", ">=", first)])
        stood = [(row, row.company_id) for row in rows]
        self.env.add_to_compute(roster._fields["company_id"], rows)
        for row, company in stood:
            row._note_company(company)
