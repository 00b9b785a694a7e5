"""On what ground somebody's finger, face or palm is used at terminals: the words as shown, when
they were agreed to, and when that was taken back. Append-only; each row has its entry of the trail.

Owns who may be enrolled with a biometric feature and who uses a card or a PIN instead. No template
ever comes to Odoo: what is kept here is words and dates. Where the company wants it, lists for
enrolment and writing people to terminals leave out whoever has said nothing, and say so. Must not
know terminals' lists; what is still on them, biometric.registry.work shows.

The doors: `give`, `refuse` and `withdraw` (of the person), `keep_paper` (HR, of what was signed on
paper).
"""

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import format_date

from ..mixins.biometric_audited import Concern
from ..mixins.biometric_words import shown

GROUNDS = [
    ("consent", "Consent"),
    ("law", "Law or collective agreement"),
    ("contract", "Contract"),
    ("interest", "Legitimate interest"),
]
VERDICTS = [
    ("given", "Agreed"),
    ("no_biometrics", "No biometrics: card or PIN"),
    ("withdrawn", "Withdrawn"),
]
OFFICER = "biometric_attendance.group_hr_officer"


class BiometricConsentText(models.Model):
    _name = "biometric.consent.text"
    _description = "Consent texts"
    _inherit = ["biometric.append.only"]
    _log_access = False
    _order = "company_id, version desc"
    _rec_name = "name"

    name = fields.Char(required=True)
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        ondelete="restrict",
        default=lambda self: self.env.company,
    )
    ground = fields.Selection(GROUNDS, "Legal basis", required=True, default="consent")
    text = fields.Text("Text as shown", required=True)
    version = fields.Integer(readonly=True)
    made_at = fields.Datetime("Since", readonly=True)
    made_by_id = fields.Many2one("res.users", "By", readonly=True, ondelete="restrict")

    _one_version = models.UniqueIndex(
        "(company_id, version)", "Another version was created at the same moment. Try again."
    )

    @api.model_create_multi
    def create(self, vals_list):
        """Other words are another version; the newest one is shown."""
        made = self.browse()
        for vals in vals_list:
            company = vals.get("company_id") or self.env.company.id
            row = super().create(
                [
                    {
                        **vals,
                        "company_id": company,
                        "version": self._last_version(company) + 1,
                        "made_at": fields.Datetime.now(),
                        "made_by_id": self.env.uid,
                    }
                ]
            )
            told = {"version": row.version, "ground": row.ground, "text": row.text}
            self.env["biometric.audit"]._record("consent.text", row, None, told)
            made |= row
        return made

    @api.model
    def _last_version(self, company_id):
        return self.sudo().search([("company_id", "=", company_id)], limit=1).version

    @api.model
    def _newest(self, company):
        """The text that is shown now (sudo); none where the company wrote none."""
        return self.sudo().search([("company_id", "=", company.id)], limit=1)


class BiometricConsent(models.Model):
    _name = "biometric.consent"
    _description = "Consent to biometrics"
    _inherit = ["biometric.append.only"]
    _log_access = False
    _order = "id desc"
    _rec_name = "employee_id"

    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="restrict")
    employee_id = fields.Many2one(
        "hr.employee", required=True, readonly=True, ondelete="restrict", index=True
    )
    verdict = fields.Selection(VERDICTS, "Answer", required=True, readonly=True)
    ground = fields.Selection(GROUNDS, "Legal basis", readonly=True)
    text_id = fields.Many2one("biometric.consent.text", readonly=True, ondelete="restrict")
    version = fields.Integer(readonly=True)
    text = fields.Text("Text as shown", readonly=True)
    date = fields.Date("From", required=True, readonly=True)
    note = fields.Char(readonly=True)
    user_id = fields.Many2one("res.users", "By", required=True, readonly=True, ondelete="restrict")
    done_at = fields.Datetime("When", required=True, readonly=True)
    by_link = fields.Boolean("By personal link", readonly=True)
    is_newest = fields.Boolean("Counts", compute="_compute_is_newest", search="_search_is_newest")

    _by_person = models.Index("(employee_id, id)")

    def _compute_is_newest(self):
        newest = self._newest_ids(self.sudo().employee_id.ids)
        for row in self:
            row.is_newest = row.id in newest

    @api.model
    def _search_is_newest(self, operator, value):
        if operator != "in" or set(value) != {True}:
            return NotImplemented
        self.flush_model()
        self.env.cr.execute("SELECT max(id) FROM biometric_consent GROUP BY employee_id")
        return [("id", "in", [row[0] for row in self.env.cr.fetchall()])]

    @api.model
    def _newest_ids(self, employee_ids):
        self.flush_model()
        self.env.cr.execute(
            """SELECT max(id) FROM biometric_consent
                WHERE employee_id = ANY(%s) GROUP BY employee_id""",
            (list(employee_ids),),
        )
        return {row[0] for row in self.env.cr.fetchall()}

    # ------------------------------------------------------------------ the doors

    @api.model
    def give(self, text_id):
        """The person agrees to the text that is shown now. UserError where it is another one by
        then: nobody agrees to words they have not seen."""
        return self._of_self("given", text_id)

    @api.model
    def refuse(self, text_id):
        """The person wants a card or a PIN instead of a biometric feature."""
        return self._of_self("no_biometrics", text_id)

    @api.model
    def withdraw(self):
        """The person takes back what was agreed; fingers at terminals become work to do."""
        return self._of_self("withdrawn", None)

    @api.model
    def keep_paper(self, employee_id, verdict, date, note):
        """Keep what somebody said on paper; HR officers. `date`: of the paper (ISO). The row's
        id."""
        self.check_access("read")
        if not self.env.user.has_group(OFFICER):
            raise AccessError(self.env._("Only HR officers can record what was signed on paper."))
        employee = self.env["hr.employee"].sudo().browse(employee_id).exists()
        if not employee or employee.company_id not in self.env.companies:
            raise UserError(self.env._("Select whose consent it is."))
        note = self.env["biometric.audited"]._check_reason(note)
        day = fields.Date.to_date(date) or employee.company_id._biometric_today()
        if day > employee.company_id._biometric_today():
            raise UserError(self.env._("The document is dated in the future."))
        return self._keep(employee, verdict, day, note=note).id

    @api.model
    def _of_self(self, verdict, text_id):
        self.check_access("read")
        employee = self.env.user.sudo().employee_id
        if not employee:
            raise UserError(
                self.env._(
                    "Your login is not linked to an employee. Ask HR to set it on your "
                    "employee record."
                )
            )
        return self._said(employee, verdict, text_id).id

    @api.model
    def _said(self, employee, verdict, text_id, by_link=False):
        """What a person said about the text that they were shown; the row."""
        shown = self.env["biometric.consent.text"]._newest(employee.company_id)
        if verdict != "withdrawn" and (not shown or shown.id != text_id):
            raise UserError(
                self.env._(
                    "The text has been changed in the meantime. Read the current text, then answer."
                )
            )
        day = employee.company_id._biometric_today()
        return self._keep(employee, verdict, day, by_link=by_link)

    @api.model
    def _keep(self, employee, verdict, day, **more):
        if verdict not in dict(VERDICTS):
            raise UserError(self.env._("Enter whether the person agrees."))
        before = self._of(employee)
        if verdict == "withdrawn" and before.verdict != "given":
            raise UserError(self.env._("There is nothing to withdraw: no consent was given."))
        text = self.env["biometric.consent.text"]._newest(employee.company_id)
        if verdict == "given" and not text:
            raise UserError(
                self.env._("First write the text that people agree to (Consent texts).")
            )
        text = before.text_id if verdict == "withdrawn" else text
        row = self.sudo().create(
            {
                "company_id": employee.company_id.id,
                "employee_id": employee.id,
                "verdict": verdict,
                "ground": text.ground,
                "text_id": text.id,
                "version": text.version,
                "text": text.text,
                "date": day,
                "user_id": self.env.uid,
                "done_at": fields.Datetime.now(),
                **more,
            }
        )
        self.env["biometric.audit"]._record(
            f"consent.{verdict}",
            row.sudo(False),
            {"verdict": before.verdict} if before else None,
            {"verdict": verdict, "version": row.version, "date": str(row.date)},
            row.note or None,
            company=row.company_id,
            concern=Concern(frozenset(employee.ids), may_refuse=False, decides=False),
        )
        return row

    @api.model
    def _shown_to(self, employee):
        """The text about biometrics and what the person said, as My time and the page behind a
        personal link show it; None where there is neither."""
        text = self.env["biometric.consent.text"]._newest(employee.company_id)
        said = self._of(employee)
        if not text and not said:
            return None
        verdicts = dict(self._fields["verdict"]._description_selection(self.env))
        words = said if said.verdict == "given" else text
        return {
            "text_id": text.id,
            "text": words.text or "",
            "version": words.version,
            "newer": bool(text) and said.verdict == "given" and said.version != text.version,
            "verdict": said.verdict or None,
            "verdict_text": verdicts.get(said.verdict, ""),
            "since": format_date(self.env, said.date) if said else "",
        }

    # ------------------------------------------------------------------ who may be enrolled

    @api.model
    def _of(self, employee):
        """The row that counts of a person (sudo); none where nobody said anything."""
        return self.sudo().search([("employee_id", "=", employee.id)], limit=1)

    @api.model
    def _standing(self, employees):
        """`{employee id: verdict}` of those about whom something was said."""
        rows = self.sudo().browse(self._newest_ids(employees.ids))
        return {row.employee_id.id: row.verdict for row in rows}

    @api.model
    def _left_out(self, employee):
        """Why somebody is not written to a terminal, in words; "" where they may be. Who uses a
        card or a PIN is written: nothing biometric goes with it."""
        return self._left_out_of(employee).get(employee.id, "")

    @api.model
    def _left_out_of(self, employees):
        """`{employee id: why}` of those who are left out."""
        asked = employees.filtered(lambda one: one.company_id.sudo().biometric_needs_consent)
        said = self._standing(asked) if asked else {}
        words = {
            None: self.env._("Has not consented yet, and has not chosen a card or PIN"),
            "withdrawn": self.env._("Has withdrawn the consent: choose a card or PIN first"),
        }
        return {one.id: words[said.get(one.id)] for one in asked if said.get(one.id) in words}

    @api.model
    def _left_out_words(self, employees):
        """Who is left out of a list, in a sentence."""
        names = ", ".join(shown(sorted(employees.mapped("name"))))
        return self.env._(
            "Skipped, because they have not consented or have withdrawn it: %s", names
        )
