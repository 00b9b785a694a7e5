"""For which payroll program a company's files are written, and what that program calls things.

Owns what a company fills in, the program's codes for our pay codes, and the preview. Which columns
and limits a program has is the engine's; which minutes are paid is the file's.
"""

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ...engine import formats, payroll, program

# Lines of a preview: enough to compare with what the program shows, little enough to read.
PREVIEW_LINES = 25
# People of a preview that is made from days, before there is a file.
PREVIEW_PEOPLE = 20
# Programs whose file begins as the adviser asks, and the word that `columns` keeps it under.
WITH_FIRST_LINE = ("lug_calendar", "lug_month")
FIRST_LINE = "first_line"
FIRST_LINES = [
    ("client", "Consultant, client and month"),
    ("headings", "Headings of the columns"),
    ("none", "The first person: no previous line"),
]
SECOND_IMPORT = [
    ("replaces", "replaces what was imported before: a correction is reported in full"),
    ("adds", "adds to what was imported before: a correction is reported as the difference"),
    ("refused", "is refused"),
    ("unknown", "depends on your program: check it"),
]


class BiometricPayrollProfile(models.Model):
    _name = "biometric.payroll.profile"
    _description = "Payroll program"
    _inherit = ["biometric.audited"]
    _order = "company_id, name, id"
    _audit_word = "payroll_profile"
    _audit_right = "payroll_officer"

    name = fields.Char(required=True)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    program = fields.Selection(
        [(key, one.name) for key, one in formats.PROFILES.items()], required=True
    )
    version = fields.Integer(
        default=1,
        readonly=True,
        copy=False,
        help="Increases with every change; each file states its own.",
    )
    company_code = fields.Char(
        "Company code", help="Your company's name or code in the payroll program."
    )
    second_code = fields.Char(
        "Second code", help="DATEV: consultant number. QuickBooks: creation time."
    )
    frequency = fields.Selection(
        [
            ("W", "Weekly"),
            ("B", "Every two weeks"),
            ("S", "Twice a month"),
            ("M", "Monthly"),
            ("Q", "Quarterly"),
        ],
        "Pay frequency",
    )
    pairs = fields.Selection(
        [("1", "One pair: Hours 3"), ("2", "Two pairs: Hours 3 and Hours 4")],
        "Further hours in a row",
        default="2",
    )
    columns = fields.Text(
        help="One column per line: heading=field, from matricule, code, valeur, debut and fin."
    )
    first_line = fields.Selection(
        FIRST_LINES,
        "The file starts with",
        compute="_compute_first_line",
        inverse="_inverse_first_line",
        help="As described in your consultant's import instructions.",
    )
    salaried = fields.Selection(
        [("keep", "are in the file"), ("drop", "are left out")],
        "Regular hours of salaried people",
        default="keep",
        required=True,
    )
    rounding = fields.Selection(
        [
            ("line", "each line separately"),
            ("total", "once per person and pay code; the largest line gets the remainder"),
        ],
        "Hours in our own file are rounded",
        default="line",
        required=True,
        help="The control record shows both totals, of the lines and of the minutes.",
    )
    code_ids = fields.One2many("biometric.payroll.profile.code", "profile_id", "Codes", copy=True)
    confidence = fields.Char(compute="_compute_about")
    second_import = fields.Selection(SECOND_IMPORT, "A second import", compute="_compute_about")
    is_sure = fields.Boolean("Import description verified", compute="_compute_about")
    preview = fields.Text(compute="_compute_preview")

    @api.depends("program")
    def _compute_about(self):
        for profile in self:
            about = formats.PROFILES.get(profile.program)
            profile.confidence = about and about.confidence
            profile.second_import = about and about.second_import
            profile.is_sure = bool(about) and about.confidence == "A"

    @api.onchange("program")
    def _onchange_program(self):
        """The company's pay codes, to be given the program's; the option of another program is no
        column."""
        if self.program not in WITH_FIRST_LINE and FIRST_LINE in dict(self._pairs_of_columns()):
            self.columns = False
        if self.program and not self.code_ids:
            columns = {"REG": "regular", "OT": "overtime", "DT": "doubletime"}
            fixed = self.program in ("adp_wfn", "gusto")
            self.code_ids = [
                fields.Command.create(
                    {"pay_code": code, "column": columns.get(code, "extra") if fixed else "extra"}
                )
                for code in dict.fromkeys([*payroll.DEFAULT_CODES.values(), payroll.PAYOUT_CODE])
            ]

    @api.depends("columns", "program")
    def _compute_first_line(self):
        for profile in self:
            kept = dict(profile._pairs_of_columns()).get(FIRST_LINE)
            own = profile.program in WITH_FIRST_LINE and kept in dict(FIRST_LINES)
            profile.first_line = kept if own else "client"

    def _inverse_first_line(self):
        for profile in self.filtered(lambda one: one.program in WITH_FIRST_LINE):
            other = profile.first_line not in (False, "client")
            profile.columns = f"{FIRST_LINE}={profile.first_line}" if other else False

    def _pairs_of_columns(self):
        """`[(heading, field)]`, or the one option of programs without columns of their own."""
        lines = [line.partition("=") for line in (self.columns or "").splitlines() if line.strip()]
        return [(head.strip(), name.strip()) for head, _is, name in lines]

    @api.constrains("columns", "program")
    def _check_columns(self):
        for profile in self:
            for line in (profile.columns or "").splitlines():
                if line.strip() and "=" not in line:
                    raise ValidationError(
                        self.env._("“%s”: a column is a heading and a field, heading=field.", line)
                    )
            begins = dict(profile._pairs_of_columns()).get(FIRST_LINE, "client")
            if profile.program in WITH_FIRST_LINE and begins not in dict(FIRST_LINES):
                raise ValidationError(
                    self.env._("“%s”: a file starts with client, headings or none.", begins)
                )

    def write(self, vals):
        result = super().write(vals)
        if set(vals) & {*self._audit_fields, "code_ids"} - {"active", "name"}:
            self._grow()
        return result

    def _grow(self):
        for profile in self.sudo():
            super(BiometricPayrollProfile, profile).write({"version": profile.version + 1})

    # ------------------------------------------------------------------ the file

    def _codes(self):
        """Those that were given a code of the program, or a column of its own that needs none."""
        with_columns = self.program in program.WITH_COLUMNS
        return {
            line.pay_code: program.Code(line.text or "", line.column, line.detail or "")
            for line in self.code_ids
            if line.text or (with_columns and line.column != "extra")
        }

    def _setting(self, first, last, batch):
        return program.Setting(
            self.program,
            first,
            last,
            company=self.company_code or "",
            second=self.second_code or "",
            frequency=self.frequency or "",
            pairs=int(self.pairs or 2),
            columns=tuple(self._pairs_of_columns()),
            batch=batch,
            first_line=self.first_line,
        )

    def _told(self, lines, salaried):
        """`lines` without what the program pays by itself. `salaried`: identities of people."""
        if self.salaried == "keep":
            return lines
        return [
            line
            for line in lines
            if not (line.pay_class == "regular" and line.employee.identity in salaried)
        ]

    def _file(self, lines, people, salaried, period, batch, keep_zero=False):
        """ProgramFile of `lines`; engine's Refused says what is missing. people: Person by a line's
        identity; salaried: identities; period: `(first, last)`."""
        self.ensure_one()
        told = self._told(lines, salaried)
        return program.program_file(
            self._setting(*period, batch), self._codes(), people, told, keep_zero
        )

    # ------------------------------------------------------------------ preview

    @api.depends(
        "program",
        "company_id",
        "company_code",
        "second_code",
        "frequency",
        "pairs",
        "columns",
        "first_line",
        "salaried",
        "code_ids.pay_code",
        "code_ids.text",
        "code_ids.column",
        "code_ids.detail",
    )
    def _compute_preview(self):
        for profile in self:
            profile.preview = profile._preview() if profile.program else False

    def _preview(self):
        """What the company's newest file would be, or why it cannot be made; before there is one,
        days of some people in the last month in its place."""
        export = self.env["biometric.export"].search(
            [("company_id", "=", self.company_id.id), ("state", "=", "done")], limit=1
        )
        try:
            made = export._program_file(self) if export else self._file_of_days()
            if not made:
                return self.env._("There is no payroll file and no day of last month yet.")
        except payroll.ExportError as error:
            return self.env._("No file: %s", error)
        except UserError as error:
            return str(error)
        text = made.data.decode(formats.PROFILES[self.program].encoding).splitlines()
        more = len(text) - PREVIEW_LINES
        rest = [self.env._("… %s more lines", more)] if more > 0 else []
        return "\n".join([made.name, "", *text[:PREVIEW_LINES], *rest])

    def _file_of_days(self):
        """ProgramFile of last month's settled days of some people, None without any."""
        exports, days = self.env["biometric.export"], self.env["biometric.day"]
        first, last = exports._last_month(self.company_id)
        domain = [
            ("company_id", "=", self.company_id.id),
            ("date", ">=", first),
            ("date", "<=", last),
            ("is_blocking", "=", False),
        ]
        rows = days._read_group(domain, ["employee_id"], limit=PREVIEW_PEOPLE)
        export = exports.new(
            {"company_id": self.company_id.id, "date_from": first, "date_to": last}
        )
        own = [("employee_id", "in", [person.id for (person,) in rows])]
        lines = export._lines(days.search([*domain, *own], limit=PREVIEW_PEOPLE * 31))
        return export._program_made(self, lines) if lines else None

    def _audit_subjects(self):
        return set()


class BiometricPayrollProfileCode(models.Model):
    _name = "biometric.payroll.profile.code"
    _description = "Code of a payroll program"
    _inherit = ["biometric.audited"]
    _order = "profile_id, sequence, id"
    _rec_name = "pay_code"
    _audit_word = "payroll_code"
    _audit_right = "payroll_officer"

    profile_id = fields.Many2one(
        "biometric.payroll.profile", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="profile_id.company_id", store=True, index=True)
    sequence = fields.Integer(default=10)
    pay_code = fields.Char(
        "Our pay code", required=True, help="As written in the rule sets: REG, OT, HOL …"
    )
    text = fields.Char(
        "Code in the program", help="Earnings code, pay component, wage type or category."
    )
    column = fields.Selection(
        [
            ("regular", "Regular hours"),
            ("overtime", "Overtime hours"),
            ("doubletime", "Double time hours"),
            ("extra", "By its code"),
        ],
        required=True,
        default="extra",
    )
    detail = fields.Char(
        help="Further value required by the program: RUN's rate code (BASE, RATE_2), "
        "QuickBooks' service item, Exo's type (W, A), DATEV's absence key, Silae's type "
        "(HS, AB, EV)."
    )

    _once = models.UniqueIndex(
        "(profile_id, pay_code)", "This pay code already has a code of the program."
    )

    @api.model_create_multi
    def create(self, vals_list):
        codes = super().create(vals_list)
        codes.profile_id._grow()
        return codes

    def write(self, vals):
        result = super().write(vals)
        self.profile_id._grow()
        return result

    def unlink(self):
        profiles = self.profile_id
        result = super().unlink()
        profiles._grow()
        return result
