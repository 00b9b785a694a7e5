"""Lists of employees in dialogs and rule sets, for roles that hold no rights in Employees.

Odoo refuses to write any many2many to hr.employee, even an empty one, for whoever may not read that
model. Our roles see employees as everybody does, through their public side; whom they may name is
checked there, then the rest is written as the system. Owns that check and nothing else.
"""

from odoo import api, models
from odoo.fields import Command


class BiometricEmployeeChoice(models.AbstractModel):
    _name = "biometric.employee.choice"
    _description = "Choice of employees"

    @api.model_create_multi
    def create(self, vals_list):
        if self.env.su or not any("employee_ids" in vals for vals in vals_list):
            return super().create(vals_list)
        self.check_access("create")
        for vals in vals_list:
            self._check_choice(vals)
        records = super(BiometricEmployeeChoice, self.sudo()).create(vals_list).sudo(False)
        records.check_access("create")
        return records

    def write(self, vals):
        if self.env.su or "employee_ids" not in vals:
            return super().write(vals)
        self.check_access("write")
        self._check_choice(vals)
        super(BiometricEmployeeChoice, self.sudo()).write(vals)
        self.check_access("write")
        return True

    @api.model
    def _check_choice(self, vals):
        """Only employees whose public side the reader may see; nothing but links is taken."""
        named = set()
        for command in vals.get("employee_ids") or ():
            if command[0] in (Command.LINK, Command.UNLINK):
                named.add(command[1])
            elif command[0] == Command.SET:
                named.update(command[2])
            elif command[0] != Command.CLEAR:
                raise ValueError("employees are chosen here, never created or changed")
        self.env["hr.employee.public"].browse(named).check_access("read")
