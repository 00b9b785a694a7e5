"""Dialog that shows what erasing a person would remove and keep, where else their words stand, and
asks for the reason. What it found is personal: it goes with the dialog.

Of somebody who moved it names every company: those where its maker may act are treated at once, in
the others an administrator of theirs is asked, and answers in this dialog too.
"""

from odoo import api, fields, models
from odoo.exceptions import UserError

STAYS = [
    ("ledger", "Kept: a ledger that cannot be changed"),
    ("payroll", "Kept: a payroll file as it was submitted"),
]


class BiometricErase(models.TransientModel):
    _name = "biometric.erase"
    _inherit = ["biometric.dialog"]
    _description = "Erase a person"

    employee_id = fields.Many2one("hr.employee")
    former = fields.Selection(
        "_former",
        "Or those who left",
        help="People who now work for another company: the data this company has of them is "
        "erased, they remain there.",
    )
    erasure_id = fields.Many2one("biometric.erasure", "Requested by another company", readonly=True)
    person_name = fields.Char("Who", related="erasure_id.person_name")
    reason = fields.Char(required=True)
    preview = fields.Char("Effect", compute="_compute_preview")
    places = fields.Char("Where", compute="_compute_preview")
    looked = fields.Boolean("Traces searched", readonly=True)
    trace_ids = fields.One2many("biometric.erase.trace", "erase_id", "Other places with their name")
    more = fields.Integer("Further places not shown", readonly=True)

    @api.model
    def _former(self):
        """[(number as text, name)] for whoever may erase them, of the companies at the top."""
        erasures = self.env["biometric.erasure"]
        if not self.env.user.has_group("biometric_attendance.group_administrator"):
            return []
        return [(str(person.id), person.name) for person in erasures._former()]

    def _person(self):
        """The employee whom the dialog is about, or none yet (sudo)."""
        people = self.env["hr.employee"].sudo().with_context(active_test=False)
        if self.erasure_id:
            return self.erasure_id._person()
        return people.browse(int(self.former or 0) or self.employee_id.ids).exists()

    @api.depends("employee_id", "former", "erasure_id")
    @api.depends_context("allowed_company_ids")
    def _compute_preview(self):
        erasures = self.env["biometric.erasure"]
        for dialog in self:
            person = dialog._person()
            here, others = dialog._companies(person) if person else (None, None)
            if not here:
                dialog.preview = dialog.places = False
                continue
            dialog.preview = self.env._(
                "%(punches)s punches will be deleted now, %(kept)s remain until the "
                "retention period has passed; %(entries)s audit entries lose their "
                "content. %(files)s payroll files remain unchanged as records of what "
                "was paid: they contain the number and badge, no name",
                **erasures.sudo()._preview(person, here),
            )
            dialog.places = self._said_places(person, here, others)

    def _companies(self, person):
        """(companies treated now, companies that are asked)."""
        if self.erasure_id:
            return self.erasure_id.company_id, self.env["res.company"]
        return self.env["biometric.erasure"]._companies(person)

    def _said_places(self, person, here, others):
        """Where the person is erased now, and who has to be asked."""
        said = [self.env._("Erased in %s.", ", ".join(here.mapped("name")))]
        if others:
            said.append(
                self.env._(
                    "An administrator of %s has to do the same there (Erasures). Until "
                    "then the employee's record, login and contact remain.",
                    ", ".join(others.sudo().mapped("name")),
                )
            )
        elif person.company_id not in here and not self.erasure_id:
            said.append(
                self.env._(
                    "The employee's record, login and contact belong to another company now."
                )
            )
        return " ".join(said)

    def action_look(self):
        """Look where the person's words stand besides their own records."""
        self.ensure_one()
        found, count = self._found()
        traces = [trace for some in found.values() for trace in some]
        self.trace_ids.unlink()
        self.trace_ids.create([{"erase_id": self.id, **trace._asdict()} for trace in traces])
        self.write({"looked": True, "more": count - len(traces)})
        return self._again()

    def _found(self):
        """({company: [Trace]}, how many there are), as they stand now. What belongs to no company
        is found in the first one."""
        person = self._person()
        if not person:
            raise UserError(self.env._("Choose who to erase."))
        self.env["biometric.erasure"]._check_may(person)
        service = self.env["biometric.trace"].sudo()
        words, own = service._words(person), self._own_rows(person)
        found, places, total = {}, set(), 0
        for company in self._companies(person)[0]:
            traces, count = service._find(company, words, own)
            fresh = [trace for trace in traces if trace[:3] not in places]
            places |= {trace[:3] for trace in fresh}
            total += count - (len(traces) - len(fresh))
            found[company] = fresh
        return found, total

    def _chosen(self):
        """{company: [Trace]} of the places that were ticked and are found again: the rows of the
        dialog say which, never what; whoever opened it can write them."""
        ticked = {(row.table, row.column, row.row) for row in self.trace_ids if row.chosen}
        if not ticked:
            return {}
        found, _count = self._found()
        return {
            company: [trace for trace in traces if trace[:3] in ticked]
            for company, traces in found.items()
        }

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
                self.env._(
                    "First check where else this person's name appears, and choose what is removed."
                )
            )
        person, chosen = self._person(), self._chosen()
        if self.erasure_id:
            request = self.erasure_id
            request._confirm(chosen.get(request.company_id, ()))
        else:
            request = self.env["biometric.erasure"]._request(person, self.reason, chosen)
        return self._close(request)

    def action_decline(self):
        """Keep what this company has, though another one asked to erase it."""
        self.ensure_one()
        self.check_access("write")
        request = self.erasure_id
        if not request:
            raise UserError(self.env._("Nobody asked this company."))
        request._decline(self.reason)
        return self._close(request)

    def _close(self, request):
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
    _description = "Place where a person's name appears"
    _order = "table, column, row, id"

    erase_id = fields.Many2one(
        "biometric.erase", "Dialog", required=True, ondelete="cascade", readonly=True
    )
    table = fields.Char(required=True, readonly=True)
    column = fields.Char(required=True, readonly=True)
    place = fields.Char("Where", compute="_compute_place")
    row = fields.Integer("Record", required=True, readonly=True)
    excerpt = fields.Char("Text", readonly=True)
    stays = fields.Selection(STAYS, "Cannot proceed", readonly=True)
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
