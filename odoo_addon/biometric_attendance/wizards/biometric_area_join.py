"""Dialog that adds a department or several people to an area at once.

Owns who is meant: who belongs already on some of these days is left as it is. What a membership
may be is its model's own check.
"""

from odoo import api, fields, models
from odoo.exceptions import UserError


class BiometricAreaJoin(models.TransientModel):
    _name = "biometric.area.join"
    _inherit = ["biometric.dialog", "biometric.employee.choice"]
    _description = "Add people to an area"

    area_id = fields.Many2one("biometric.area", required=True, ondelete="cascade")
    company_id = fields.Many2one(related="area_id.company_id")
    department_ids = fields.Many2many(
        "hr.department",
        string="Departments",
        domain="[('company_id', 'in', (False, company_id))]",
        help="Everybody of these departments and of those below them",
    )
    employee_ids = fields.Many2many(
        "hr.employee", string="People", domain="[('company_id', '=', company_id)]"
    )
    valid_from = fields.Date(
        "From",
        default=lambda self: self.env.company._biometric_today(),
        help="First day; empty: from the beginning",
    )
    valid_to = fields.Date("To", help="Last day; empty: no end")
    effect_text = fields.Char("Effect", compute="_compute_effect_text")

    @api.depends("area_id", "department_ids", "employee_ids", "valid_from", "valid_to")
    @api.depends_context("lang")
    def _compute_effect_text(self):
        _ = self.env._
        for dialog in self:
            new, known = dialog._people()
            texts = []
            if new:
                texts.append(_("People added: %s.", len(new)))
            if known:
                texts.append(_("Already in the area on these days: %s.", len(known)))
            if new and dialog.area_id.same_pins:
                area = dialog.area_id._origin.sudo()
                joining = (new.ids, dialog.valid_from, dialog.valid_to)
                reach = area._reach_of(area.device_ids, joining)
                texts.append(area._reach_words(reach, adding=True))
            dialog.effect_text = " ".join(filter(None, texts))

    def _people(self):
        """(who would be added, who belongs to the area on some of these days), as the system."""
        self.ensure_one()
        staff = self.env["hr.employee"].sudo()
        people = self.employee_ids._origin.sudo()
        if departments := self.department_ids._origin.ids:
            people |= staff.search(
                [
                    ("department_id", "child_of", departments),
                    ("company_id", "=", self.area_id.company_id.id),
                ]
            )
        domain = [("area_id", "=", self.area_id._origin.id), ("employee_id", "in", people.ids)]
        if self.valid_from:
            domain += ["|", ("valid_to", "=", False), ("valid_to", ">=", self.valid_from)]
        if self.valid_to:
            domain += ["|", ("valid_from", "=", False), ("valid_from", "<=", self.valid_to)]
        known = self.env["biometric.area.member"].sudo().search(domain).employee_id
        return people - known, known

    def action_confirm(self):
        """Adds them; opens the people of the area."""
        self.ensure_one()
        self.check_access("write")
        members = self.env["biometric.area.member"]
        members.check_access("create")
        new, known = self._people()
        if not new:
            raise UserError(
                self.env._("All of them belong to the area on these days already.")
                if known
                else self.env._("Select a department or people first.")
            )
        members.create(
            [
                {
                    "area_id": self.area_id.id,
                    "employee_id": person.id,
                    "valid_from": self.valid_from,
                    "valid_to": self.valid_to,
                }
                for person in new
            ]
        )
        return self.area_id.action_open_members()
