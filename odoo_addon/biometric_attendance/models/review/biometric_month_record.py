"""The monthly record of a person: what its days say, who certified it and who signed it.

Owns which person and dates a record is about, who may sign and when, and whether what was signed
still stands. What it says is biometric_month_content.py, the signatures are biometric.month.step.
Computes no minute; must not know paper.
"""

import secrets

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import format_date

from .biometric_month_ask import SIGNATURES, MonthAsk
from .biometric_month_content import MonthContent, differing_dates, digest_of
from .biometric_month_paper import MonthPaper

# How far back lists look for records by their state, in days, and how many they sort at most.
LOOKED_BACK = 400
MOST = 20_000
# Characters that nobody takes for one another, and how many: 60 bits that nobody guesses.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 12
DATES_SHOWN = 5
LAYOUTS = [
    ("plain", "Plain"),
    ("cs_form_48", "Civil Service Form No. 48 (Philippines)"),
    ("eu_register", "Working time register with pauses (EU)"),
    ("es_part_time", "Monthly summary for part-timers (Spain)"),
    ("us_time_card", "Time card by workweek (US)"),
]


class BiometricMonthRecord(MonthAsk, MonthPaper, MonthContent, models.Model):
    _name = "biometric.month.record"
    _description = "Monthly records"
    _inherit = ["biometric.look"]
    _log_access = False
    _order = "date_from desc, employee_id"
    _rec_name = "number"

    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="restrict")
    employee_id = fields.Many2one(
        "hr.employee", required=True, readonly=True, ondelete="restrict", index=True
    )
    date_from = fields.Date("From", required=True, readonly=True)
    date_to = fields.Date("To", required=True, readonly=True)
    number = fields.Char("Record number", required=True, readonly=True)
    layout = fields.Selection(LAYOUTS, required=True, readonly=True, default="plain")
    step_ids = fields.One2many("biometric.month.step", "record_id", "Signatures")
    state = fields.Selection(
        [
            ("blank", "Not signed"),
            ("certified", "Certified by the employee"),
            ("signed", "Signed"),
            ("changed", "Changed since it was signed"),
        ],
        compute="_compute_state",
        search="_search_state",
        help="Of the current days. Earlier signatures are kept under Signatures.",
    )
    changed_text = fields.Char("Changed days", compute="_compute_state")
    may_certify = fields.Boolean("Can certify", compute="_compute_may")
    may_sign = fields.Boolean("Can sign", compute="_compute_may")

    _one_number = models.UniqueIndex("(number)")
    _one_record = models.UniqueIndex(
        "(employee_id, company_id, date_from, date_to)",
        "There is already a record for this person and these dates.",
    )
    _in_order = models.Constraint(
        "CHECK (date_to >= date_from AND date_to <= date_from + 366)",
        "A record covers its first to its last day, at most one year.",
    )

    @api.depends("employee_id", "date_from", "date_to")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for one in self:
            first, last = (format_date(self.env, day) for day in (one.date_from, one.date_to))
            one.display_name = f"{one.employee_id.sudo().name or ''} {first} – {last}"

    # ------------------------------------------------------------------ making them

    @api.model
    def _prepare(self, employees, company, date_from, date_to, layout="plain"):
        """The records of these people in a company and dates, made where there is none (sudo)."""
        records = self.sudo()
        about = [
            ("date_from", "=", date_from),
            ("date_to", "=", date_to),
            ("company_id", "=", company.id),
        ]
        found = records.search([*about, ("employee_id", "in", employees.ids)], limit=MOST)
        records.create(
            [
                {
                    "company_id": company.id,
                    "employee_id": employee.id,
                    "date_from": date_from,
                    "date_to": date_to,
                    "layout": layout,
                    "number": "".join(secrets.choice(ALPHABET) for _at in range(LENGTH)),
                }
                for employee in employees - found.employee_id
            ]
        )
        found.filtered(lambda one: one.layout != layout).write({"layout": layout})
        return records.search(
            [*about, ("employee_id", "in", employees.ids)], order="employee_id", limit=MOST
        )

    @api.model
    def _people(self, company, date_from, date_to):
        """Employees with a day in these dates (sudo), those who left among them."""
        self.env["biometric.day"].flush_model()
        self.env.cr.execute(
            """SELECT DISTINCT employee_id FROM biometric_day
                WHERE company_id = %s AND date BETWEEN %s AND %s""",
            (company.id, date_from, date_to),
        )
        return self.env["hr.employee"].sudo().browse([row[0] for row in self.env.cr.fetchall()])

    # ------------------------------------------------------------------ what stands

    @api.depends("step_ids")
    @api.depends_context("lang")
    def _compute_state(self):
        stands = self.sudo()._stands()
        for one in self:
            one.state, dates = stands[one.id]
            one.changed_text = one._dates_text(dates)

    def _dates_text(self, dates):
        shown = [format_date(self.env, day) for day in dates[:DATES_SHOWN]]
        return ", ".join(shown) + ("…" if len(dates) > DATES_SHOWN else "")

    def _stands(self):
        """`{record id: (state, [changed date])}` (sudo)."""
        signed = self.filtered(lambda one: one.step_ids.filtered(lambda s: s.kind in SIGNATURES))
        now = signed._contents()
        found = {one.id: ("blank", []) for one in self}
        for one in signed:
            digest = digest_of(now[one.id])
            rows = one.step_ids.filtered(lambda step: step.kind in SIGNATURES).sorted("id")
            kinds = {step.kind for step in rows if step.digest == digest}
            if "sign" in kinds:
                found[one.id] = ("signed", [])
            elif kinds:
                found[one.id] = ("certified", [])
            else:
                found[one.id] = ("changed", differing_dates(rows[-1].content, now[one.id]))
        return found

    @api.model
    def _search_state(self, operator, value):
        if operator != "in":
            return NotImplemented
        since = fields.Date.subtract(fields.Date.today(), days=LOOKED_BACK)
        rows = self.sudo().search(
            [("date_to", ">=", since), ("company_id", "in", self.env.companies.ids)], limit=MOST
        )
        stands = rows._stands()
        return [
            ("id", "in", [number for number, (state, _dates) in stands.items() if state in value])
        ]

    @api.depends_context("uid")
    @api.depends("step_ids")
    def _compute_may(self):
        own = self.env.user.sudo().employee_ids
        for one in self:
            over = one.date_to < one.company_id.sudo()._biometric_today()
            employee = one.employee_id
            one.may_certify = over and employee in own and one.state in ("blank", "changed")
            one.may_sign = bool(
                over and employee not in own and one.state != "signed" and one._may_sign()
            )

    def _may_sign(self):
        """Whether the reader is one who signs for this person: a supervisor or HR."""
        if self.env.user.has_group("biometric_attendance.group_hr_officer"):
            return True
        return self.env["biometric.adjustment"]._leads(self.sudo().employee_id)

    # ------------------------------------------------------------------ signing

    def certify(self):
        """The person says that the record is right as it stands; True."""
        self.check_access("read")
        if self.sudo().employee_id - self.env.user.sudo().employee_ids:
            raise AccessError(self.env._("Each person certifies only their own record."))
        return self._certify()

    def _certify(self, by_link=False):
        """The same, of whoever was found to be the person."""
        ready = self.sudo()._ready("certify")
        self.env["biometric.month.step"]._keep("certify", ready, by_link=by_link)
        return True

    def sign(self, text=None):
        """A supervisor signs what the person certified; True. Where the person cannot certify it,
        `text` says why. Nobody signs their own."""
        self.check_access("read")
        people = self.sudo().employee_id
        if not all(one._may_sign() for one in self):
            raise AccessError(self.env._("You do not sign the records of this person."))
        if own := people.filtered(
            lambda one: one.id in self.env["biometric.duty"].sudo()._own(self.env.uid)
        ):
            raise UserError(
                self.env._(
                    "You cannot sign your own record as the supervisor: this is the record of %s.",
                    ", ".join(own.mapped("name")),
                )
            )
        text = self.env["biometric.audited"]._check_reason(text) if text else None
        ready = self.sudo()._ready("sign")
        for record, _content, digest in ready:
            certified = any(
                step.kind == "certify" and step.digest == digest for step in record.step_ids
            )
            if not certified and not text:
                raise UserError(
                    self.env._(
                        "%s has not certified the current record. If they cannot, state why.",
                        record.employee_id.name,
                    )
                )
        self.env["biometric.month.step"]._keep("sign", ready, text)
        return True

    def action_sign_without(self):
        """The dialog that asks why it is signed without the person."""
        return {
            "type": "ir.actions.act_window",
            "res_model": "biometric.month.sign",
            "name": self.env._("Sign without the employee"),
            "view_mode": "form",
            "target": "new",
            "context": {"default_record_ids": [(6, 0, self.ids)]},
        }

    def action_open_days(self):
        """The days that the record is about: who signs looks at them first."""
        self.ensure_one()
        about = [
            ("employee_id", "=", self.employee_id.id),
            ("company_id", "=", self.company_id.id),
            ("date", ">=", self.date_from),
            ("date", "<=", self.date_to),
        ]
        return {
            "type": "ir.actions.act_window",
            "name": self.display_name,
            "res_model": "biometric.day",
            "view_mode": "list,form",
            "domain": about,
        }

    def action_print(self):
        """The paper of these records."""
        self.check_access("read")
        report = self.env.ref("biometric_attendance.biometric_month_record_report")
        return report.report_action(self)

    def _ready(self, kind):
        """`[(record, content, digest)]` to be signed now; UserError says what is in the way."""
        contents, ready = self._contents(), []
        for one in self:
            content = contents[one.id]
            digest = digest_of(content)
            one._check_over(content)
            if not any(step.kind == kind and step.digest == digest for step in one.step_ids):
                ready.append((one, content, digest))
        if not ready:
            raise UserError(
                self.env._("This has already been signed, and nothing has changed since.")
            )
        return ready

    def _check_over(self, content):
        if self.date_to >= self.company_id._biometric_today():
            raise UserError(self.env._("%s has not ended yet.", self.display_name))
        if not content["days"]:
            raise UserError(self.env._("%s has no days.", self.display_name))
        blocked = [fields.Date.to_date(day["date"]) for day in content["days"] if day["blocks"]]
        if blocked:
            raise UserError(
                self.env._(
                    "%(record)s has days that must be fixed first: %(days)s.",
                    record=self.display_name,
                    days=self._dates_text(blocked),
                )
            )
