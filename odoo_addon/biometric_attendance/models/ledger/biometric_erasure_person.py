"""What belongs to no one company and goes last: an erased person's employee record, login, contact
and correspondence. The employee's record stays for the totals that hang on it, without the person.

Must not know who asked, nor which company still waits: biometric.erasure does.
"""

from ...seams.sql_time_off import blank_time_off

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


class ErasedPerson:
    """Part of biometric.erasure: the person's own records."""

    __slots__ = ()

    def _nobody(self, employee):
        return self.env._("Erased person %s", employee.id)

    def _anonymise(self, employee):
        """The employee's record stays for the totals that hang on it, without the person."""
        nobody = self._nobody(employee)
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
