"""Erasing a person: what it reaches, what the law still keeps, and doing it.

A row of biometric.erasure is the request in one company; it names the person by number only. Who
moved has one in each company where something of theirs stands: each takes out what is that
company's, into its own trail, by a user who may act there. The employee's record, login and contact
go with the last of them. Where a retention period still runs, recent punches are kept and the
nightly purge completes the request later. Payroll totals stay. What is the person's by record, or
by PIN and terminal within a mapping's dates, goes by itself; where their words stand elsewhere
(biometric.trace) the administrator chose.
Must not decide who may be erased by law: a named administrator does.
"""

from collections import Counter

from odoo import api, fields, models

from .biometric_erasure_person import ErasedPerson
from .biometric_erasure_request import OPEN, ErasureRequest

_PUNCHES = """
SELECT p.id, p.wall_date FROM biometric_punch p JOIN biometric_device_user u
    ON u.device_id = p.device_id AND u.pin = p.pin AND u.employee_id = %s
   AND p.wall_date >= COALESCE(u.valid_from, '0001-01-01'::date)
   AND p.wall_date <= COALESCE(u.valid_to, '9999-12-31'::date)
 WHERE p.company_id = %s
"""
# Lines that could not be read and name a PIN of the person while it was theirs.
_REJECTS = """
SELECT s.id FROM biometric_sighting s JOIN biometric_device_user u
    ON u.device_id = s.device_id AND u.employee_id = %s
   AND s.received_at::date >= COALESCE(u.valid_from, '0001-01-01'::date)
   AND s.received_at::date <= COALESCE(u.valid_to, '9999-12-31'::date)
 WHERE s.kind = 'reject' AND s.company_id = %s
   AND (btrim(split_part(s.raw, E'\\t', 1)) = u.pin
        OR 'pin=' || lower(u.pin) = ANY(string_to_array(lower(s.raw), E'\\t')))
"""
# Orders about a PIN of the person while it was theirs.
_COMMANDS = """
UPDATE biometric_command c SET arguments = '{}', message = NULL
  FROM biometric_device_user u
 WHERE u.employee_id = %s AND u.company_id = %s
   AND c.device_id = u.device_id AND c.arguments->>'pin' = u.pin
   AND c.create_date::date >= COALESCE(u.valid_from, '0001-01-01'::date)
   AND c.create_date::date <= COALESCE(u.valid_to, '9999-12-31'::date)
"""


class BiometricErasure(ErasedPerson, ErasureRequest, models.Model):
    _name = "biometric.erasure"
    _description = "Erasures"
    _log_access = False
    _order = "id desc"
    _rec_name = "person_number"

    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="restrict")
    person_number = fields.Integer("Person number", required=True, readonly=True)
    person_name = fields.Char(
        "Who",
        compute="_compute_person_name",
        compute_sudo=True,
        help="While pending: as the company's days show them",
    )
    state = fields.Selection(
        [
            ("asked", "Waiting for an administrator of this company"),
            ("waiting", "Waiting for the retention period"),
            ("others", "Waiting for other companies"),
            ("done", "Done"),
            ("declined", "Declined"),
        ],
        required=True,
        readonly=True,
    )
    requested_at = fields.Datetime("Requested on", required=True, readonly=True)
    requested_by_id = fields.Many2one(
        "res.users", "Requested by", readonly=True, ondelete="restrict"
    )
    reason = fields.Char(readonly=True)
    removed_punches = fields.Integer("Punches deleted", readonly=True)
    kept_punches = fields.Integer("Punches kept", readonly=True)
    done_at = fields.Datetime("Done on", readonly=True)
    report = fields.Text("Retained data", readonly=True, help="Places, without the text itself")

    _one_person = models.UniqueIndex(
        "(person_number, company_id) WHERE state IN ('asked', 'waiting', 'others')"
    )

    @api.depends("state", "person_number")
    def _compute_person_name(self):
        people = self.env["hr.employee"].with_context(active_test=False)
        for request in self:
            person = people.browse(request.person_number).exists()
            request.person_name = person.name if request.state in OPEN else False

    @api.model
    def _punches(self, employee, company):
        """(ids that may go, number that must stay) of a company."""
        self.env["biometric.device.user"].flush_model()
        self.env.cr.execute(_PUNCHES, (employee.id, company.id))
        rows = self.env.cr.fetchall()
        cutoff = company._biometric_cutoff()
        gone = [punch_id for punch_id, day in rows if not cutoff or day < cutoff]
        return gone, len(rows) - len(gone)

    @api.model
    def _preview(self, employee, companies):
        """What would go now (`punches`), stay for now (`kept`), lose its content (`entries`) in
        these companies, and their payroll files that go on naming the person by number and badge
        (`files`)."""
        found = [self._punches(employee, company) for company in companies]
        self.env.cr.execute(
            "SELECT count(*) FROM biometric_audit WHERE company_id = ANY(%s) AND person_id = %s",
            (companies.ids, employee.id),
        )
        entries = self.env.cr.fetchone()[0]
        return {
            "punches": sum(len(gone) for gone, _kept in found),
            "kept": sum(kept for _gone, kept in found),
            "entries": entries,
            "files": self.env["biometric.export"]._count_naming(employee, companies),
        }

    # ------------------------------------------------------------------ doing it

    @api.model
    def _go_on(self, company):
        """Requests whose retention period has passed by now, each as far as it can be done."""
        aside = self.env["biometric.job"]._aside("erase", self._name)
        for request in self.search(
            [
                ("company_id", "=", company.id),
                ("state", "=", "waiting"),
                ("id", "not in", list(aside.resting)),
            ]
        ):
            aside.do(request, lambda one: one._work(one._person()))

    def _work(self, employee, traces=()):
        """Take out what is this company's, as far as its retention period allows; the person's own
        records too, where nobody else waits."""
        self.ensure_one()
        company = self.company_id
        removal = self.env["biometric.removal"].with_company(company)
        words = self.env["biometric.trace"]._words(employee)
        removal._check_clean(company)
        users = employee.user_id
        while self.env["biometric.audit"]._seal(1000):
            pass
        register = removal._new_register()
        punch_ids, kept = self._punches(employee, company)
        removal._remove_punches(company, punch_ids, register)
        blanked = self.env["biometric.trace"]._take_out(company, words, traces, register)
        is_present = company == employee.company_id
        last = not kept and is_present and not self._others(employee)
        if not kept:
            blanked |= self._forget(employee, register, last)
        self.env["biometric.state"]._state_again(company, blanked)
        if punch_ids or traces or not kept:
            facts = {"punches": len(punch_ids), "kept": kept}
            self._write_register(employee, register, facts)
        self.write(
            {
                "removed_punches": self.removed_punches + len(punch_ids),
                "kept_punches": kept,
                "report": self._what_stayed(words),
                "state": "waiting" if kept else "others" if is_present and not last else "done",
                "done_at": False if kept else fields.Datetime.now(),
            }
        )
        self._finish(employee, users, last)

    def _write_register(self, employee, register, facts):
        cutoff = self.company_id._biometric_cutoff()
        facts |= {"person": employee.id, "before": str(cutoff) if cutoff else None}
        self.env["biometric.removal"]._write_register(
            "person.erase", self.company_id, self, register, facts, self.reason
        )

    def _others(self, employee):
        """Open requests of the person in other companies."""
        mine = [("person_number", "=", employee.id), ("id", "!=", self.id)]
        return self.search([*mine, ("state", "in", OPEN)])

    def _finish(self, employee, users, last=False):
        """Behind the answer of one company. What the `last` one took out of the person's own
        records left entries in the trails of the others; and where they all waited for this one,
        the company that the person is in goes on."""
        if last:
            done = [("person_number", "=", employee.id), ("state", "=", "done")]
            for other in self.search([*done, ("company_id", "!=", self.company_id.id)]):
                other._blank_again(employee, users)
            return
        waiting = self._others(employee)
        present = waiting.filtered(
            lambda one: one.state == "others" and one.company_id == employee.company_id
        )
        if not present or waiting != present or self.state in OPEN:
            return
        if self.env["biometric.removal"]._is_clean(present.company_id):
            present._work(employee)
        else:
            # findings there are that company's matter: its own night goes on
            present.state = "waiting"

    def _blank_again(self, employee, users):
        """Of the person's records becoming nobody's the other companies' trails tell, too."""
        removal = self.env["biometric.removal"]
        register = removal._new_register()
        about = {"hr.employee": employee.ids, "res.users": users.ids}
        blanked = self._blank_trail(employee, about, register)
        self.env["biometric.state"]._state_again(self.company_id, blanked)
        if register["contents"] or register["actors"]:
            self._write_register(employee, register, {})

    def _what_stayed(self, words):
        """Lines of the report: where words of the person still stand, and why."""
        traces, count = self.env["biometric.trace"]._find(self.company_id, words)
        why = {
            "": self.env._("was not chosen"),
            "ledger": self.env._("a ledger that cannot be changed"),
            "payroll": self.env._("a payroll file as it was submitted"),
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

    def _forget(self, employee, register, last):
        """Nothing of the person is under retention here any more: PINs, trail, projection; and the
        person's own records, with the `last` company. {(model, id)} of what lost its content in the
        trail."""
        cr, company = self.env.cr, self.company_id
        removal = self.env["biometric.removal"].with_company(company)
        mine = (employee.id, company.id)
        cr.execute(_REJECTS, mine)
        removal._bare([row[0] for row in cr.fetchall()], register)
        cr.execute(_COMMANDS, mine)
        cr.execute(
            "DELETE FROM biometric_device_user WHERE employee_id = %s AND company_id = %s "
            "RETURNING id",
            mine,
        )
        mappings = [row[0] for row in cr.fetchall()]
        removal._note_gone("biometric.device.user", mappings, register)
        self.env.invalidate_all()
        about = {
            "hr.employee": employee.ids,
            "biometric.device.user": mappings,
            "res.users": employee.user_id.ids,
            **removal._forget_rows(employee, register),
        }
        if last:
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
