"""Erasing a person: what it reaches, what the law still keeps, and doing it.

A row of biometric.erasure is the request; it names the person by number only. Where the retention
period still runs, recent punches are kept and the nightly purge completes the request later.
Payroll totals stay. Must not decide who may be erased by law: a named administrator does.
"""

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

_PUNCHES = """
SELECT p.id, p.wall_date FROM biometric_punch p JOIN biometric_device_user u
    ON u.device_id = p.device_id AND u.pin = p.pin AND u.employee_id = %s
   AND p.wall_date >= COALESCE(u.valid_from, '0001-01-01'::date)
   AND p.wall_date <= COALESCE(u.valid_to, '9999-12-31'::date)
"""
# Lines that could not be read and begin with a PIN of the person.
_REJECTS = """
SELECT s.id FROM biometric_sighting s JOIN biometric_device_user u
    ON u.device_id = s.device_id AND u.employee_id = %s
 WHERE s.kind = 'reject' AND split_part(s.raw, E'\\t', 1) = u.pin
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
    def _request(self, employee, reason):
        """Erase `employee` as far as allowed, now. Returns the request."""
        if not self.env.user.has_group("biometric_attendance.group_administrator"):
            raise AccessError(self.env._("Only administrators erase a person."))
        # The role need not hold rights in Employees; the company decides.
        if employee.sudo().company_id not in self.env.companies:
            raise AccessError(self.env._("This person belongs to another company."))
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
        request._work(employee)
        return request

    @api.model
    def _go_on(self, company):
        """Requests whose retention period has passed by now."""
        for request in self.search([("company_id", "=", company.id), ("state", "=", "waiting")]):
            employee = self.env["hr.employee"].with_context(active_test=False)
            request._work(employee.browse(request.person_number).exists())

    def _work(self, employee):
        self.ensure_one()
        removal = self.env["biometric.removal"]
        company = self.company_id
        removal._check_clean(company)
        while self.env["biometric.audit"]._seal(1000):
            pass
        register = removal._new_register()
        punch_ids, kept = self._punches(employee)
        removal._remove_punches(company, punch_ids, register)
        if not kept:
            self._forget(employee, register)
        cutoff = company._biometric_cutoff()
        facts = {
            "person": employee.id,
            "punches": len(punch_ids),
            "kept": kept,
            "before": str(cutoff) if cutoff else None,
        }
        if punch_ids or not kept:
            removal._write_register("person.erase", company, self, register, facts, self.reason)
        self.write(
            {
                "removed_punches": self.removed_punches + len(punch_ids),
                "kept_punches": kept,
                "state": "waiting" if kept else "done",
                "done_at": False if kept else fields.Datetime.now(),
            }
        )

    # ------------------------------------------------------------------ everything but punches

    def _forget(self, employee, register):
        """Nothing of the person is under retention any more: PINs, trail, projection, record."""
        cr, removal = self.env.cr, self.env["biometric.removal"]
        cr.execute(_REJECTS, (employee.id,))
        removal._bare([row[0] for row in cr.fetchall()], register)
        cr.execute(
            "SELECT id, pin, device_id FROM biometric_device_user WHERE employee_id = %s",
            (employee.id,),
        )
        mappings = cr.fetchall()
        blanked = self._blank_trail(employee, [row[0] for row in mappings], register)
        for _mapping, pin, device_id in mappings:
            cr.execute(
                """UPDATE biometric_command SET arguments = '{}', message = NULL
                    WHERE device_id = %s AND arguments->>'pin' = %s""",
                (device_id, pin),
            )
        cr.execute("DELETE FROM biometric_device_user WHERE employee_id = %s", (employee.id,))
        removal._note_gone("biometric.device.user", [row[0] for row in mappings], register)
        self.env["biometric.stale.day"]._forget(employee)
        self.env.invalidate_all()
        self._anonymise(employee)
        self.env["biometric.state"]._state_again(self.company_id, blanked)

    def _blank_trail(self, employee, mapping_ids, register):
        """Blank what the trail says of the person; {(model, id)} of what lost its content."""
        removal, company = self.env["biometric.removal"], self.company_id
        name = employee.name.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        texts = " OR ".join(
            f"{column} ILIKE %s" for column in ("record_name", "before", "after", "reason")
        )
        blanked = removal._blank_entries(
            company,
            "content",
            f"person_id = %s OR (model = 'hr.employee' AND res_id = %s)"
            f" OR (model = 'biometric.device.user' AND res_id = ANY(%s)) OR {texts}",
            (employee.id, employee.id, mapping_ids, *[f"%{name}%"] * 4),
            register,
        )
        users = employee.user_id.ids
        removal._blank_entries(
            company,
            "actor",
            "user_id = ANY(%s) OR real_user_id = ANY(%s) OR user_name ILIKE %s",
            (users, users, f"%{name}%"),
            register,
        )
        return blanked

    def _anonymise(self, employee):
        """The employee's record stays for the totals that hang on it, without the person."""
        nobody = self.env._("Erased person %s", employee.id)
        quiet = {"tracking_disable": True, "mail_notrack": True}
        employee = employee.with_context(**quiet)
        blank = {name: False for name in _EMPLOYEE_FIELDS if name in employee._fields}
        partners = employee.work_contact_id | employee.user_id.partner_id
        user = employee.user_id
        employee.write({**blank, "name": nobody, "active": False, "user_id": False})
        if user:
            user.with_context(**quiet).write(
                {"name": nobody, "login": f"erased-{user.id}", "active": False}
            )
        partners.with_context(**quiet).write(
            {"name": nobody, "email": False, "phone": False, "image_1920": False}
        )
        self.env["mail.message"].search(
            [("model", "=", "hr.employee"), ("res_id", "=", employee.id)]
        ).unlink()
