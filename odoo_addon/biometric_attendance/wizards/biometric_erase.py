"""Dialog that shows what erasing a person would remove and keep, where else their words stand, and
asks for the reason. What it found is personal: it goes with the dialog.
"""

from odoo import api, fields, models
from odoo.exceptions import UserError

STAYS = [
    ("ledger", "Stays: a ledger that is never changed"),
    ("payroll", "Stays: a payroll file as it was handed over"),
]


class BiometricErase(models.TransientModel):
    _name = "biometric.erase"
    _inherit = ["biometric.dialog"]
    _description = "Erase a person"

    employee_id = fields.Many2one("hr.employee", required=True)
    reason = fields.Char(required=True)
    preview = fields.Char("What happens", compute="_compute_preview")
    looked = fields.Boolean(readonly=True)
    trace_ids = fields.One2many("biometric.erase.trace", "erase_id", "Where else their words stand")
    more = fields.Integer("Places beyond those shown", readonly=True)

    @api.depends("employee_id")
    def _compute_preview(self):
        for dialog in self:
            if not dialog.employee_id:
                dialog.preview = False
                continue
            found = self.env["biometric.erasure"].sudo()._preview(dialog.employee_id.sudo())
            dialog.preview = self.env._(
                "%(punches)s punches go now, %(kept)s stay until the retention period has passed; "
                "%(entries)s audit entries lose their content. %(files)s payroll files stay "
                "as they are, as records of what was paid: they state number and badge, no name",
                **found,
            )

    def action_look(self):
        """Look where the person's words stand besides their own records."""
        self.ensure_one()
        traces, count = self._found()
        self.trace_ids.unlink()
        self.trace_ids.create([{"erase_id": self.id, **trace._asdict()} for trace in traces])
        self.write({"looked": True, "more": count - len(traces)})
        return self._again()

    def _found(self):
        """([Trace], how many there are), as they stand now."""
        self.env["biometric.erasure"]._check_may(self.employee_id)
        service = self.env["biometric.trace"].sudo()
        person = self.employee_id.sudo()
        return service._find(person.company_id, service._words(person), self._own_rows(person))

    def _chosen(self):
        """[Trace] of the places that were ticked and are found again: the rows of the dialog say
        which, never what; whoever opened it can write them."""
        ticked = {(row.table, row.column, row.row) for row in self.trace_ids if row.chosen}
        if not ticked:
            return []
        traces, _count = self._found()
        return [trace for trace in traces if trace[:3] in ticked]

    @staticmethod
    def _own_rows(person):
        """{(table, id)} of what goes by itself."""
        person = person.with_context(active_test=False)
        records = [person, person.version_ids, person.user_id, person.resource_id]
        records += [person.work_contact_id | person.user_id.partner_id]
        mappings = person.env["biometric.device.user"].with_context(active_test=False)
        records.append(mappings.search([("employee_id", "=", person.id)]))
        audit = person.env["biometric.audit"].search(
            ["|", ("person_id", "=", person.id), "&", ("model", "=", "hr.employee")]
            + [("res_id", "=", person.id)]
        )
        records += [audit, *person.env["biometric.removal"]._rows_about(person)]
        for rows in list(records):
            messages = person.env["mail.message"].search(
                [("model", "=", rows._name), ("res_id", "in", rows.ids)]
            )
            records += [messages, messages.tracking_value_ids]
        return {(rows._table, row) for rows in records for row in rows.ids}

    def _again(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Erase a person"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
        }

    def action_confirm(self):
        self.ensure_one()
        self.check_access("write")
        if not self.looked:
            raise UserError(
                self.env._("Look first where else this person's words stand, and choose what goes.")
            )
        request = self.env["biometric.erasure"]._request(
            self.employee_id, self.reason, self._chosen()
        )
        self.sudo().trace_ids.unlink()
        self.sudo().unlink()
        return {
            "type": "ir.actions.act_window",
            "res_model": "biometric.erasure",
            "res_id": request.id,
            "view_mode": "form",
        }


class BiometricEraseTrace(models.TransientModel):
    _name = "biometric.erase.trace"
    _inherit = ["biometric.dialog"]
    _description = "Place where a person's words stand"
    _order = "table, column, row, id"

    erase_id = fields.Many2one(
        "biometric.erase", "Dialog", required=True, ondelete="cascade", readonly=True
    )
    table = fields.Char(required=True, readonly=True)
    column = fields.Char(required=True, readonly=True)
    place = fields.Char("Where", compute="_compute_place")
    row = fields.Integer("Record", required=True, readonly=True)
    excerpt = fields.Char("Text", readonly=True)
    stays = fields.Selection(STAYS, "Cannot go", readonly=True)
    chosen = fields.Boolean("Erase")

    @api.depends("table", "column")
    def _compute_place(self):
        for trace in self:
            model = self.env["biometric.trace"]._model(trace.table)
            field = model._fields.get(trace.column)
            trace.place = self.env._(
                "%(what)s: %(field)s",
                what=self.env["ir.model"].sudo()._get(model._name).name,
                field=field._description_string(self.env) if field else trace.column,
            )

    def action_choose_table(self):
        """Tick this and every other place in the same table."""
        self.ensure_one()
        alike = self.erase_id.trace_ids.filtered(
            lambda trace: trace.table == self.table and not trace.stays
        )
        alike.chosen = True
        return self.erase_id._again()
