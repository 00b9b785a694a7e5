"""Who belongs to an area, from when to when.

Owns the spans, and that they end when somebody leaves. A membership by itself maps no PIN and
writes to no terminal. Must not know what follows from it: biometric_area_reach and
biometric_area_place.
"""

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL

from ..mixins.biometric_team import TeamReader
from .biometric_device_user import EVER, NEVER


class BiometricAreaMember(TeamReader, models.Model):
    _name = "biometric.area.member"
    _description = "People of areas"
    _check_company_auto = True
    _inherit = ["biometric.audited"]
    _order = "area_id, employee_id, valid_from"
    _rec_name = "employee_id"
    _audit_word = "area_member"
    # Whom a PIN means turns minutes, and each mapping is an act of its own; nobody's own
    # membership maps their own PIN (biometric_area_reach).
    _audit_pay_fields = ()

    company_id = fields.Many2one("res.company", required=True, index=True, ondelete="restrict")
    area_id = fields.Many2one(
        "biometric.area", required=True, index=True, ondelete="restrict", check_company=True
    )
    employee_id = fields.Many2one(
        "hr.employee", required=True, index=True, ondelete="cascade", check_company=True
    )
    valid_from = fields.Date(
        "From",
        default=lambda self: self.env.company._biometric_today(),
        help="First day; empty: from the beginning",
    )
    valid_to = fields.Date("To", help="Last day; empty: no end")
    is_now = fields.Boolean("Belongs today", compute="_compute_is_now", search="_search_is_now")

    # For the record rule of approvers: live search, whatever the rule cache holds.
    team_user_id = fields.Many2one(
        "res.users", "Approver", compute="_compute_team", search="_search_team"
    )

    _one_span = models.UniqueIndex(
        "(area_id, employee_id, (COALESCE(valid_from, '0001-01-01'::date)))",
        "This person already belongs to the area from that day.",
    )

    @api.depends("valid_from", "valid_to")
    def _compute_is_now(self):
        today = self.env.company._biometric_today()
        for row in self:
            row.is_now = (row.valid_from or today) <= today <= (row.valid_to or today)

    @api.model
    def _search_is_now(self, operator, value):
        if operator != "in" or set(value) != {True}:
            return NotImplemented
        today = self.env.company._biometric_today()
        return [
            *("|", ("valid_from", "=", False), ("valid_from", "<=", today)),
            *("|", ("valid_to", "=", False), ("valid_to", ">=", today)),
        ]

    @api.constrains("area_id", "employee_id", "valid_from", "valid_to")
    def _check_spans(self):
        for row in self:
            if row.valid_from and row.valid_to and row.valid_to < row.valid_from:
                raise ValidationError(self.env._("It cannot end before it starts."))
        if found := self._overlapping():
            row = self.browse(found[0])
            raise ValidationError(
                self.env._(
                    "%(name)s already belongs to %(area)s on some of these days.",
                    name=row.sudo().employee_id.name,
                    area=row.area_id.name,
                )
            )

    def _overlapping(self):
        """Ids of those of these whose days another row of the same person and area has too."""
        self.flush_model()
        self.env.cr.execute(
            SQL(
                """SELECT DISTINCT a.id FROM biometric_area_member a JOIN biometric_area_member b
                     ON b.area_id = a.area_id AND b.employee_id = a.employee_id AND b.id <> a.id
                  WHERE a.id = ANY(%s)
                    AND COALESCE(a.valid_from, %s) <= COALESCE(b.valid_to, %s)
                    AND COALESCE(b.valid_from, %s) <= COALESCE(a.valid_to, %s) ORDER BY a.id""",
                self.ids,
                EVER,
                NEVER,
                EVER,
                NEVER,
            )
        )
        return [row for (row,) in self.env.cr.fetchall()]

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            area = self.env["biometric.area"].browse(vals.get("area_id"))
            vals["company_id"] = area.sudo().company_id.id
        members = super().create(vals_list)
        members.area_id._wake()
        return members

    def write(self, vals):
        if set(vals) & {"area_id", "employee_id", "company_id"}:
            raise UserError(
                self.env._("Area and person of a line cannot be changed; add another line.")
            )
        result = super().write(vals)
        self.area_id._wake()
        return result

    @api.model
    def _end(self, employees, company=None):
        """These people left, or left `company`: they belong to its areas for the last time on
        their last day of work, else today (call with sudo)."""
        domain = [("employee_id", "in", employees.ids)]
        if company:
            domain.append(("company_id", "=", company.id))
        for row in self.search(domain):
            last = row._last_day(row.company_id._biometric_today())
            if row.valid_from and row.valid_from > last:
                # what had not begun does not begin any more
                row.unlink()
            elif not row.valid_to or row.valid_to > last:
                row.valid_to = last

    @api.model
    def _end_elsewhere(self, employee):
        """The person is in another company: they belong to no area of the former any more."""
        members = self.sudo()
        before = members.search([("employee_id", "=", employee.id)]).company_id
        for company in before - employee.company_id:
            members._end(employee, company)

    def _last_day(self, today):
        version = self.employee_id.current_version_id
        days = [day for day in (version.contract_date_end, version.departure_date) if day]
        return min([today, *days])
