"""Requests of erasures: in which companies a person is erased, by whom, and how another company
answers. Nobody reaches into a company where they may not act.

Must not know what is taken out: biometric.erasure does.
"""

from odoo import api, fields
from odoo.exceptions import AccessError, UserError

# What a request still waits for; one that waits for nothing is done or declined.
OPEN = ("asked", "waiting", "others")


class ErasureRequest:
    """Part of biometric.erasure: asking and answering."""

    __slots__ = ()

    @api.model
    def _companies(self, employee):
        """(companies of the person in which the reader may act now, the others that have to be
        asked). From a former company its own part alone is erased: where they are now goes on."""
        person = employee.sudo()
        found = self.env["biometric.removal"].sudo()._companies_about(person)
        here = found & self.env.companies
        if person.company_id not in here:
            return here, found.browse()
        return here, (found - here).filtered(lambda company: self._is_left(person, company))

    def _is_left(self, person, company):
        """Whether something of the person is left in a company: nothing is, where it was erased
        after they had been there."""
        requests = self.sudo().search(
            [("person_number", "=", person.id), ("company_id", "=", company.id)]
        )
        if requests.filtered(lambda one: one.state in ("waiting", "others")):
            return False
        done = requests.filtered(lambda one: one.state == "done").mapped("done_at")
        since = self.env["biometric.removal"].sudo()._there_since(person, company)
        return not done or since >= max(done).date()

    @api.model
    def _former(self):
        """People who left the reader's companies for another one and left something there."""
        people = self.env["biometric.removal"].sudo()._moved_away(self.env.companies)
        return people.filtered(
            lambda person: any(self._is_left(person, one) for one in self._companies(person)[0])
        )

    @api.model
    def _check_may(self, employee):
        """Who may erase, and whom."""
        self._check_role()
        # The role need not hold rights in Employees; the company decides.
        if not self._companies(employee)[0]:
            raise AccessError(self.env._("This person belongs to another company."))

    @api.model
    def _check_role(self):
        if not self.env.user.has_group("biometric_attendance.group_administrator"):
            raise AccessError(self.env._("Only administrators can erase a person."))

    @api.model
    def _request(self, employee, reason, traces=None):
        """Erase `employee` as far as allowed, now, wherever the reader may; ask the others.
        traces: {company: places that the administrator chose}. Returns the request of the company
        that the person is in, or else of the last one."""
        self._check_may(employee)
        reason = self.env["biometric.audited"]._check_reason(reason)
        here, others = self._companies(employee)
        service = self.sudo()
        employee = employee.sudo().with_context(active_test=False)
        self._check_sane(employee, reason)
        # where they are now comes last: what belongs to no one company goes with it
        here = here.sorted(lambda company: (company == employee.company_id, company.id))
        requests = service.browse()
        for company in here:
            requests |= service._open(employee, company, reason, "waiting")
        for company in others:
            service._open(employee, company, reason, "asked")
        for request in requests:
            request._work(employee, (traces or {}).get(request.company_id, ()))
        return requests[-1].sudo(False)

    def _check_sane(self, employee, reason):
        if self.env.user in employee.user_id:
            raise UserError(self.env._("You cannot erase yourself."))
        # of who was erased by an older release only a number is left
        known = employee.name != self._nobody(employee)
        if known and self.env["biometric.audited"]._names_someone(reason, employee):
            raise UserError(
                self.env._(
                    "The reason remains in the audit trail: do not write the person's name in it."
                )
            )

    def _open(self, employee, company, reason, state):
        """The open request of a person in a company, made where there is none."""
        request = self.search(
            [
                ("person_number", "=", employee.id),
                ("company_id", "=", company.id),
                ("state", "in", OPEN),
            ],
            limit=1,
        )
        if request:
            if state == "waiting":
                request.state = "waiting"
            return request
        request = self.create(
            {
                "company_id": company.id,
                "person_number": employee.id,
                "state": state,
                "requested_at": fields.Datetime.now(),
                "requested_by_id": self.env.uid,
                "reason": reason,
            }
        )
        if state == "asked":
            said = {"person": employee.id}
            self.env["biometric.audit"]._record(
                "person.erase_asked", request, None, said, reason, company=company
            )
        return request

    def action_answer(self):
        """The dialog that erases what was asked for here, or declines."""
        self.ensure_one()
        self._check_asked()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Erase a person"),
            "res_model": "biometric.erase",
            "view_mode": "form",
            "target": "new",
            "context": {"default_erasure_id": self.id},
        }

    def _check_asked(self):
        """Whether the reader may answer what another company asked for."""
        self.check_access("read")
        self._check_role()
        if self.company_id - self.env.companies:
            raise AccessError(self.env._("First select the company of this request at the top."))
        if self.state != "asked":
            raise UserError(self.env._("This request has already been answered."))

    def _confirm(self, traces):
        """Erase here what another company asked for. traces: places that were chosen."""
        self._check_asked()
        person = self._person()
        if not person:
            raise UserError(self.env._("The employee's record has already been removed."))
        self._check_sane(person, self.reason)
        self.sudo().state = "waiting"
        self.sudo()._work(person, traces)

    def _decline(self, reason):
        """This company keeps what it has; nobody waits for it any more."""
        self._check_asked()
        reason = self.env["biometric.audited"]._check_reason(reason)
        request = self.sudo()
        person = self._person()
        self._check_sane(person, reason)
        request.write({"state": "declined", "done_at": fields.Datetime.now()})
        self.env["biometric.audit"].sudo()._record(
            "person.erase_declined",
            request,
            None,
            {"person": self.person_number},
            reason,
            company=self.company_id,
        )
        request._finish(person, person.user_id)

    def _person(self):
        """The employee of a request, archived or not; empty where the record is gone."""
        people = self.env["hr.employee"].sudo().with_context(active_test=False)
        return people.browse(self.person_number).exists()
