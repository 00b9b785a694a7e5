"""Erasing a person: what it reaches, what the law still keeps, and doing it.

A row of biometric.erasure is the request; it names the person by number only. Where the retention
period still runs, recent punches are kept and the nightly purge completes the request later.
Payroll totals stay. What is the person's by record, or by PIN and terminal within a mapping's
dates, goes by itself; where their words stand elsewhere (biometric.trace) the administrator chose.
Must not decide who may be erased by law: a named administrator does.
"""

from collections import Counter

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ...seams.sql_time_off import blank_time_off

_PUNCHES = """
SELECT p.id, p.wall_date FROM biometric_punch p JOIN biometric_device_user u
    ON u.device_id = p.device_id AND u.pin = p.pin AND u.employee_id = %s
   AND p.wall_date >= COALESCE(u.valid_from, '0001-01-01'::date)
   AND p.wall_date <= COALESCE(u.valid_to, '9999-12-31'::date)
"""
# Lines that could not be read and name a PIN of the person while it was theirs.
_REJECTS = """
SELECT s.id FROM biometric_sighting s JOIN biometric_device_user u
    ON u.device_id = s.device_id AND u.employee_id = %s
   AND s.received_at::date >= COALESCE(u.valid_from, '0001-01-01'::date)
   AND s.received_at::date <= COALESCE(u.valid_to, '9999-12-31'::date)
 WHERE s.kind = 'reject'
   AND (btrim(split_part(s.raw, E'\\t', 1)) = u.pin
        OR 'pin=' || lower(u.pin) = ANY(string_to_array(lower(s.raw), E'\\t')))
"""
# Orders about a PIN of the person while it was theirs.
_COMMANDS = """
UPDATE biometric_command c SET arguments = '{}', message = NULL
  FROM biometric_device_user u
 WHERE u.employee_id = %s AND c.device_id = u.device_id AND c.arguments->>'pin' = u.pin
   AND c.create_date::date >= COALESCE(u.valid_from, '0001-01-01'::date)
   AND c.create_date::date <= COALESCE(u.valid_to, '9999-12-31'::date)
"""
# What an employee's own record says about the person, as far as the column exists.
_EMPLOYEE_FIELDS = (
    "work_email",
    "work_phone",
    "mobile_phone",
    "private_street",
    "private_street2",
    "private_city",
    "private_zip",
    "private_phone",
    "private_email",
    "identification_id",
    "passport_id",
    "ssnid",
    "birthday",
    "place_of_birth",
    "emergency_contact",
    "emergency_phone",
    "barcode",
    "pin",
    "image_1920",
    "legal_name",
)
# What a contact says about the person, as far as the column exists.
_CONTACT_FIELDS = (
    *("email", "phone", "mobile", "street", "street2", "city", "zip", "vat", "website", "comment"),
    *("function", "ref", "barcode", "image_1920"),
)


class BiometricErasure(models.Model):
    _name = "biometric.erasure"
    _description = "Erasures"
    _log_access = False
    _order = "id desc"
    _rec_name = "person_number"

    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="restrict")
    person_number = fields.Integer(required=True, readonly=True)
    state = fields.Selection(
        [("waiting", "Waits for the retention period"), ("done", "Done")],
        required=True,
        readonly=True,
    )
    requested_at = fields.Datetime(required=True, readonly=True)
    requested_by_id = fields.Many2one("res.users", readonly=True, ondelete="restrict")
    reason = fields.Char(readonly=True)
    removed_punches = fields.Integer(readonly=True)
    kept_punches = fields.Integer(readonly=True)
    done_at = fields.Datetime(readonly=True)
    report = fields.Text("What stayed", readonly=True, help="Places, without the words themselves")

    _one_person = models.UniqueIndex("(person_number) WHERE state = 'waiting'")

    @api.model
    def _punches(self, employee):
        """(ids that may go, number that must stay)."""
        self.env["biometric.device.user"].flush_model()
        self.env.cr.execute(_PUNCHES, (employee.id,))
        rows = self.env.cr.fetchall()
        cutoff = employee.company_id._biometric_cutoff()
        gone = [punch_id for punch_id, day in rows if not cutoff or day < cutoff]
        return gone, len(rows) - len(gone)

    @api.model
    def _preview(self, employee):
        """What would go now (`punches`), stay for now (`kept`), lose its content (`entries`), and
        the payroll files that go on naming the person by number and badge (`files`)."""
        gone, kept = self._punches(employee)
        self.env.cr.execute(
            "SELECT count(*) FROM biometric_audit WHERE company_id = %s AND person_id = %s",
            (employee.company_id.id, employee.id),
        )
        entries = self.env.cr.fetchone()[0]
        return {
            "punches": len(gone),
            "kept": kept,
            "entries": entries,
            "files": self.env["biometric.export"]._count_naming(employee),
        }

    @api.model
    def _check_may(self, employee):
        """Who may erase, and whom."""
        if not self.env.user.has_group("biometric_attendance.group_administrator"):
            raise AccessError(self.env._("Only administrators erase a person."))
        # The role need not hold rights in Employees; the company decides.
        if employee.sudo().company_id not in self.env.companies:
            raise AccessError(self.env._("This person belongs to another company."))

    @api.model
    def _request(self, employee, reason, traces=()):
        """Erase `employee` as far as allowed, now. traces: places that the administrator chose.
        Returns the request."""
        self._check_may(employee)
        reason = self.env["biometric.audited"]._check_reason(reason)
        service = self.sudo()
        employee = employee.sudo().with_context(active_test=False)
        if self.env.user in employee.user_id:
            raise UserError(self.env._("Nobody erases themselves."))
        if any(part.lower() in reason.lower() for part in employee.name.split() if len(part) > 2):
            raise UserError(self.env._("The reason stays in the trail: leave the name out of it."))
        request = service.search(
            [("person_number", "=", employee.id), ("state", "=", "waiting")], limit=1
        )
        request = request or service.create(
            {
                "company_id": employee.company_id.id,
                "person_number": employee.id,
                "state": "waiting",
                "requested_at": fields.Datetime.now(),
                "requested_by_id": self.env.uid,
                "reason": reason,
            }
        )
        request._work(employee, traces)
        return request

    @api.model
    def _go_on(self, company):
        """Requests whose retention period has passed by now, each as far as it can be done."""
        aside = self.env["biometric.job"]._aside("erase", self._name)
        people = self.env["hr.employee"].with_context(active_test=False)
        for request in self.search(
            [
                ("company_id", "=", company.id),
                ("state", "=", "waiting"),
                ("id", "not in", list(aside.resting)),
            ]
        ):
            aside.do(request, lambda one: one._work(people.browse(one.person_number).exists()))

    def _work(self, employee, traces=()):
        self.ensure_one()
        removal, trace = self.env["biometric.removal"], self.env["biometric.trace"]
        company = self.company_id
        words = trace._words(employee)
        removal._check_clean(company)
        while self.env["biometric.audit"]._seal(1000):
            pass
        register = removal._new_register()
        punch_ids, kept = self._punches(employee)
        removal._remove_punches(company, punch_ids, register)
        blanked = trace._take_out(company, words, traces, register)
        if not kept:
            blanked |= self._forget(employee, register)
        self.env["biometric.state"]._state_again(company, blanked)
        cutoff = company._biometric_cutoff()
        facts = {
            "person": employee.id,
            "punches": len(punch_ids),
            "kept": kept,
            "before": str(cutoff) if cutoff else None,
        }
        if punch_ids or traces or not kept:
            removal._write_register("person.erase", company, self, register, facts, self.reason)
        self.write(
            {
                "removed_punches": self.removed_punches + len(punch_ids),
                "kept_punches": kept,
                "report": self._what_stayed(words),
                "state": "waiting" if kept else "done",
                "done_at": False if kept else fields.Datetime.now(),
            }
        )

    def _what_stayed(self, words):
        """Lines of the report: where words of the person still stand, and why."""
        traces, count = self.env["biometric.trace"]._find(self.company_id, words)
        why = {
            "": self.env._("was not chosen"),
            "ledger": self.env._("a ledger that is never changed"),
            "payroll": self.env._("a payroll file as it was handed over"),
        }
        places = Counter((trace.table, trace.column, trace.stays) for trace in traces)
        lines = [
            f"{table}.{column}: {number} ({why[stays]})"
            for (table, column, stays), number in sorted(places.items())
        ]
        if count > len(traces):
            lines.append(self.env._("and %s places more", count - len(traces)))
        return "\n".join(lines)

    # ------------------------------------------------------------------ everything but punches

    def _forget(self, employee, register):
        """Nothing of the person is under retention any more: PINs, trail, projection, record.
        {(model, id)} of what lost its content in the trail."""
        cr, removal = self.env.cr, self.env["biometric.removal"]
        cr.execute(_REJECTS, (employee.id,))
        removal._bare([row[0] for row in cr.fetchall()], register)
        cr.execute("SELECT id FROM biometric_device_user WHERE employee_id = %s", (employee.id,))
        mappings = [row[0] for row in cr.fetchall()]
        cr.execute(_COMMANDS, (employee.id,))
        cr.execute("DELETE FROM biometric_device_user WHERE employee_id = %s", (employee.id,))
        removal._note_gone("biometric.device.user", mappings, register)
        self.env["biometric.stale.day"]._forget(employee)
        self.env.invalidate_all()
        about = {
            "hr.employee": employee.ids,
            "biometric.device.user": mappings,
            "res.users": employee.user_id.ids,
            **removal._forget_rows(employee, register),
        }
        self._anonymise(employee)
        # Of the person's records becoming nobody's there are entries, too.
        while self.env["biometric.audit"]._seal(1000):
            pass
        return self._blank_trail(employee, about, register)

    def _blank_trail(self, employee, about, register):
        """Blank what the trail says of the person and of the rows `about` them, {model: [id]};
        {(model, id)} of what lost its content. That their words stand in an entry about somebody
        else is a trace, which is chosen."""
        removal, company = self.env["biometric.removal"], self.company_id
        condition, parameters = "person_id = %s", [employee.id]
        for model, ids in about.items():
            condition += " OR (model = %s AND res_id = ANY(%s))"
            parameters += [model, ids]
        blanked = removal._blank_entries(company, "content", condition, parameters, register)
        users = about["res.users"]
        condition = "user_id = ANY(%s) OR real_user_id = ANY(%s)"
        removal._blank_entries(company, "actor", condition, (users, users), register)
        return blanked

    def _anonymise(self, employee):
        """The employee's record stays for the totals that hang on it, without the person."""
        nobody = self.env._("Erased person %s", employee.id)
        quiet = {"tracking_disable": True, "mail_notrack": True, "active_test": False}
        employee = employee.with_context(**quiet)
        user, versions = employee.user_id.with_context(**quiet), employee.version_ids
        partners = (employee.work_contact_id | user.partner_id).with_context(**quiet)
        leaves = self.env["hr.leave"].search([("employee_id", "=", employee.id)])
        granted = self.env["hr.leave.allocation"].search([("employee_id", "=", employee.id)])
        records = (employee, versions, user, partners, leaves, granted)
        own = {record._name: record.ids for record in records}
        blank_time_off(self.env, leaves.ids, leaves.meeting_id.ids, granted.ids, nobody)
        self._remove_correspondence(own, partners)
        blank = {name: False for name in _EMPLOYEE_FIELDS if name in employee._fields}
        for version in versions - employee.version_id:
            version.write({name: False for name in blank if name in version._fields})
        employee.write({**blank, "name": nobody, "active": False, "user_id": False})
        if user:
            login = f"erased-{user.id}"
            user.write({"name": nobody, "login": login, "signature": False, "active": False})
        blank = {name: False for name in _CONTACT_FIELDS if name in partners._fields}
        partners.write({**blank, "name": nobody})

    def _remove_correspondence(self, own, partners):
        """Messages, activities and files on the person's own records, mails to them, their name as
        a sender, and what still waits to be shown on a screen. own: {model: [id]}."""
        messages, files = self.env["mail.message"].sudo(), self.env["ir.attachment"].sudo()
        mails, waiting = self.env["mail.mail"].sudo(), self.env["bus.bus"].sudo()
        activities = self.env["mail.activity"].sudo().with_context(active_test=False)
        for name, ids in own.items():
            activities.search([("res_model", "=", name), ("res_id", "in", ids)]).unlink()
            messages.search([("model", "=", name), ("res_id", "in", ids)]).unlink()
            files.search([("res_model", "=", name), ("res_id", "in", ids)]).unlink()
        mails.search([("recipient_ids", "in", partners.ids)]).unlink()
        addresses = [address for address in partners.mapped("email") if address]
        for address in addresses:
            mails.search([("email_to", "ilike", address)]).unlink()
        messages.search([("author_id", "in", partners.ids)]).write({"email_from": False})
        compiled = self.env["biometric.trace"]._compiled([*addresses, *partners.mapped("name")])
        waiting.search([]).filtered(lambda row: compiled.findall(row.message or "")).unlink()
