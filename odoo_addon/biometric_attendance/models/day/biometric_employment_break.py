"""When somebody who was archived and came back was not employed, and since when who is archived.

A contract that names its dates says so itself; archiving says it for people without, by the
departure date where HR states one. Each time is a row that stays when the person returns, and HR
corrects its dates. Marks the days it touches; judges none.
"""

from collections import defaultdict
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from .biometric_stale import ALWAYS_TO


class BiometricEmploymentBreak(models.Model):
    _name = "biometric.employment.break"
    _description = "Time outside employment"
    _inherit = ["biometric.day.source", "biometric.audited"]
    _order = "date_from desc, id desc"
    _rec_name = "employee_id"
    _audit_word = "break"
    _day_fields = ("date_from", "date_to", "employee_id")

    employee_id = fields.Many2one("hr.employee", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(
        "res.company",
        compute="_compute_company_id",
        store=True,
        index=True,
        help="The person's company on the first of these dates.",
    )
    date_from = fields.Date(
        "Not employed from", required=True, help="The day after the last day of employment."
    )
    date_to = fields.Date(
        "Until", help="The last day before the person is employed again. Empty: not back yet."
    )

    _one_open = models.UniqueIndex(
        "(employee_id) WHERE date_to IS NULL", "This person is already away."
    )

    @api.depends("employee_id", "date_from")
    def _compute_company_id(self):
        belongings = (
            self.env["biometric.employment.company"].sudo()._belongings(self.employee_id.sudo())
        )
        for one in self:
            found = belongings.get(one.employee_id.id)
            first = one.date_from or fields.Date.today()
            one.company_id = found.company_on(first) if found else False

    @api.constrains("employee_id", "date_from", "date_to")
    def _check_dates(self):
        for one in self:
            if one.date_to and one.date_to < one.date_from:
                raise ValidationError(self.env._("The time ends before it starts."))
            if not one.date_to and one.employee_id.sudo().active:
                raise ValidationError(
                    self.env._(
                        "%s is employed now: enter the last day of the time outside employment.",
                        one.employee_id.sudo().name,
                    )
                )
            others = self.sudo().search(
                [("employee_id", "=", one.employee_id.id), ("id", "!=", one.id)]
            )
            if any(one._overlaps(other) for other in others):
                raise ValidationError(
                    self.env._("These dates are in another time outside employment.")
                )

    def write(self, vals):
        if "employee_id" in vals and not self.env.su:
            raise UserError(
                self.env._(
                    "A time outside employment cannot change its employee: delete it and "
                    "enter it for the other person."
                )
            )
        if vals.get("date_to"):
            self.filtered(lambda one: not one.date_to)._check_is_back()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_who_is_back(self):
        self.filtered(lambda one: not one.date_to)._check_is_back()

    def _check_is_back(self):
        for one in self.filtered(lambda one: not one.employee_id.sudo().active):
            raise UserError(
                self.env._(
                    "%s is archived: restore the person in Employees, the time then ends "
                    "automatically.",
                    one.employee_id.sudo().name,
                )
            )

    def _overlaps(self, other):
        mine, theirs = self.date_to or ALWAYS_TO, other.date_to or ALWAYS_TO
        return self.date_from <= theirs and other.date_from <= mine

    def _mark_days_stale(self):
        stale = self.env["biometric.stale.day"].sudo()
        for one in self:
            stale._mark_existing(one.employee_id.ids, one.date_from, one.date_to or ALWAYS_TO)

    # ------------------------------------------------------------------ archiving

    @api.model
    def _begin(self, employee, today):
        """The person was archived: their departure date is the last day, without one today."""
        self.flush_model(["date_to"])
        first = self._after(employee, employee.departure_date or today)
        self.create({"employee_id": employee.id, "date_from": first})

    @api.model
    def _after(self, employee, last_day):
        """The date after a last day, and after the times outside employment before it."""
        ended = self.search([("employee_id", "=", employee.id), ("date_to", "!=", False)])
        return max([last_day, *ended.mapped("date_to")]) + timedelta(days=1)

    @api.model
    def _follow_departure(self, employees):
        """Their departure date was said after they were archived, as Odoo's dialog does: it stays
        known when they are back and Odoo forgets it."""
        own = self.search([("employee_id", "in", employees.ids), ("date_to", "=", False)])
        for one in own:
            first = self._after(one.employee_id, one.employee_id.departure_date)
            if one.date_from != first:
                one.date_from = first

    @api.model
    def _end(self, employee, today, last_day):
        """The person is back, today. Where a contract says that they began earlier, it counts.
        `last_day`: what archiving told of somebody of whom no time was noted."""
        own = self.search([("employee_id", "=", employee.id), ("date_to", "=", False)])
        first = own.date_from or last_day + timedelta(days=1)
        starts = employee.version_ids.mapped("contract_date_start")
        last = min([today, *(day for day in starts if day and first <= day)]) - timedelta(days=1)
        if last < first:
            # archived by mistake, or back the next day
            own.unlink()
            self.env["biometric.stale.day"].sudo()._mark_existing([employee.id], first)
        elif own:
            own.date_to = last
        else:
            self.create({"employee_id": employee.id, "date_from": first, "date_to": last})

    @api.model
    def _times(self, employees):
        """`{employee_id: [(first, last or None)]}` by date (call with sudo)."""
        found = defaultdict(list)
        rows = self.search([("employee_id", "in", employees.ids)], order="date_from, id")
        for one in rows:
            found[one.employee_id.id].append((one.date_from, one.date_to or None))
        return found
