"""One produced payroll file: the computed days of a period as bytes, with its control record.

Owns the file, its digest and its counts: a ledger. A draft names a company and a period; everything
else is written once, with the file, and the row is never changed or removed again. How a file is
made, its parts say.
"""

from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import format_date

from ..mixins.biometric_words import named_moment, shown
from .biometric_export_check import ComputedDays
from .biometric_export_difference import Differences
from .biometric_export_ledger import FileLedger
from .biometric_export_make import FileMaking
from .biometric_export_program import ProgramFiles
from .biometric_export_scope import FileScope
from .biometric_export_sheet import PeopleSheet
from .biometric_export_time import PaidTime

# States of days that a file does not pay.
LEFT_OUT = ("left_out", "elsewhere")


class BiometricExport(
    ComputedDays,
    Differences,
    FileLedger,
    FileMaking,
    FileScope,
    PaidTime,
    PeopleSheet,
    ProgramFiles,
    models.Model,
):
    _name = "biometric.export"
    _description = "Payroll Export"
    _order = "id desc"
    _inherit = ["biometric.audited", "biometric.guarded"]
    _audit_word = "payroll"
    _append_only_function = "biometric_file_guard"
    _append_only_rows = "state = 'done'"

    name = fields.Char(readonly=True, copy=False, default="New")
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company, index=True
    )
    date_from = fields.Date(
        "From", required=True, default=lambda self: self._last_month(self.env.company)[0]
    )
    date_to = fields.Date(
        "To", required=True, default=lambda self: self._last_month(self.env.company)[1]
    )
    state = fields.Selection(
        [("draft", "Draft"), ("done", "Produced")], default="draft", readonly=True, copy=False
    )
    data = fields.Binary("File", readonly=True, copy=False, attachment=True)
    filename = fields.Char(readonly=True, copy=False)
    control = fields.Binary("Control record", readonly=True, copy=False, attachment=True)
    control_filename = fields.Char("Control record file name", readonly=True, copy=False)
    sha256 = fields.Char("SHA-256", readonly=True, copy=False)
    control_sha256 = fields.Char("SHA-256 of the control record", readonly=True, copy=False)
    line_count = fields.Integer("Lines", readonly=True, copy=False)
    employee_count = fields.Integer("Employees", readonly=True, copy=False)
    total_minutes = fields.Integer("Total", readonly=True, copy=False)
    complete_days = fields.Integer("Days included", readonly=True, copy=False)
    blocked_days = fields.Integer(
        "Days left out",
        readonly=True,
        copy=False,
        help="Incomplete, in conflict, not settled, outside employment, or in a file of "
        "another company: not in the file, nobody is paid for them here.",
    )
    held_minutes = fields.Integer(
        "Held back",
        readonly=True,
        copy=False,
        help="Minutes that would be deducted. The rule set of these people holds such "
        "differences until the rule set changes or they become positive.",
    )
    generated_at = fields.Datetime("Produced on", readonly=True, copy=False)
    generated_by_id = fields.Many2one("res.users", "Produced by", readonly=True, copy=False)

    profile_id = fields.Many2one(
        "biometric.payroll.profile",
        "Payroll program",
        default=lambda self: self._only_profile(self.env.company),
        ondelete="restrict",
        copy=True,
        help="Its file is written next to our own, from the same lines. Empty: our own file only.",
    )
    program_data = fields.Binary("File for the program", readonly=True, copy=False, attachment=True)
    program_filename = fields.Char("Program file name", readonly=True, copy=False)
    kind = fields.Selection(
        [("regular", "Regular"), ("correction", "Changes since the last file")],
        default="regular",
        readonly=True,
        copy=False,
        help="Days already in an earlier file are included with the difference only.",
    )
    earlier_text = fields.Text("Already in an earlier file", compute="_compute_earlier_text")
    delivery_ids = fields.One2many("biometric.delivery", "export_id", readonly=True)
    delivery_count = fields.Integer("Number of deliveries", compute="_compute_delivery_count")
    day_ids = fields.One2many("biometric.export.day", "export_id", readonly=True)
    period_id = fields.Many2one(
        "biometric.period",
        "Pay period",
        readonly=True,
        copy=False,
        ondelete="restrict",
        index="btree_not_null",
        help="The period closed by this file: only its people, and their changes since "
        "earlier files.",
    )

    @api.depends("delivery_ids")
    def _compute_delivery_count(self):
        for export in self:
            export.delivery_count = len(export.delivery_ids)

    @api.constrains("date_from", "date_to")
    def _check_dates(self):
        for export in self:
            if export.date_to < export.date_from:
                raise ValidationError(self.env._("The period ends before it starts."))

    @api.depends("date_from", "date_to", "company_id", "state")
    def _compute_earlier_text(self):
        for export in self:
            asked = export.state == "draft" and export.date_from and export.date_to
            export.earlier_text = asked and export._earlier_text()

    def _earlier_text(self):
        """Which earlier files hold days of this period, of how many people; False for none."""
        files = self.env["biometric.export.day"]._files(self)
        return (
            "\n".join(
                self.env._(
                    "%(file)s, produced %(when)s, days: %(days)s, people: %(count)s (%(names)s)",
                    file=export.name
                    if export.company_id == self.company_id
                    else self.env._("a file of another company"),
                    when=named_moment(
                        self.env, export.generated_at, self.company_id._biometric_zone()
                    ),
                    days=days,
                    count=len(people),
                    names=", ".join(shown(sorted(person.name or "" for person in people))),
                )
                for export, days, people in files
            )
            or False
        )

    def action_generate(self):
        """Produce the file from the days as they stand; a second call refuses, and so does a day
        that stands in an earlier file."""
        for export in self:
            export._check_may_produce()
            if earlier := export._earlier_text():
                raise UserError(
                    self.env._(
                        "Days of this period are in a payroll file already; a second file would "
                        "pay them twice.\n%s\nProduce what is new or changed since instead.",
                        earlier,
                    )
                )
            export._produce("regular")
        return True

    def action_generate_changes(self):
        """Produce a file of what no earlier file holds: whole days that are new, and of the others
        the difference."""
        for export in self:
            export._check_may_produce()
            export._produce("correction")
        return True

    def _check_may_produce(self):
        self.ensure_one()
        self.check_access("write")
        if self.state != "draft":
            raise UserError(
                self.env._(
                    "%s was already produced. Create a new export for new content.", self.name
                )
            )
        today = self.company_id._biometric_today()
        if self.date_to >= today:
            raise UserError(
                self.env._(
                    "The period is not over: it ends on %(end)s and today is %(today)s. Produce "
                    "the file from %(next)s on.",
                    end=format_date(self.env, self.date_to),
                    today=format_date(self.env, today),
                    next=format_date(self.env, self.date_to + timedelta(days=1)),
                )
            )
        self._check_no_period()
        self._check_nothing_stale()
        self._check_as_computed()

    def _check_no_period(self):
        """Where periods are laid out, the gate of each is not gone around."""
        period = self.env["biometric.period"].search(
            [
                ("company_id", "=", self.company_id.id),
                ("date_from", "<=", self.date_to),
                ("date_to", ">=", self.date_from),
                ("state", "!=", "exported"),
            ],
            limit=1,
        )
        if period:
            raise UserError(
                self.env._(
                    "These dates are in the pay period %s, which is not exported yet. "
                    "Close it under Payroll › Close a period: that creates its file.",
                    period.display_name,
                )
            )

    @api.model
    def _only_profile(self, company):
        """The company's program, where it has one alone."""
        found = self.env["biometric.payroll.profile"].search(
            [("company_id", "=", company.id)], limit=2
        )
        return found if len(found) == 1 else found.browse()

    @api.constrains("profile_id", "company_id")
    def _check_profile(self):
        for export in self:
            if export.profile_id and export.profile_id.company_id != export.company_id:
                raise ValidationError(
                    self.env._("%s is another company's payroll program.", export.profile_id.name)
                )

    @api.model
    def _last_month(self, company):
        """First and last date of the month before today's at the place of the company."""
        last = company._biometric_today().replace(day=1) - timedelta(days=1)
        return last.replace(day=1), last

    @api.model
    def _count_naming(self, employee, companies):
        """Number of these companies' produced files with days of the person. They are records of
        what was paid, under the duties of bookkeeping: never changed, because their digest is their
        proof. They hold a payroll number, no name."""
        rows = (
            self.env["biometric.export.day"]
            .sudo()
            ._read_group(
                [("employee_id", "=", employee.id), ("company_id", "in", companies.ids)],
                ["export_id"],
            )
        )
        return len(rows)

    def _check_nothing_stale(self):
        stale = self.env["biometric.stale.day"].sudo()
        waiting = stale._waiting(self.company_id, self.date_from, self.date_to)
        if waiting:
            raise UserError(
                self.env._(
                    "Days of this period being computed: %s. Try again in a minute.", waiting
                )
            )

    @api.ondelete(at_uninstall=False)
    def _unlink_draft_only(self):
        if any(export.state != "draft" for export in self):
            raise UserError(
                self.env._("A produced payroll file cannot be deleted; only a draft can.")
            )

    def action_deliver(self):
        """Send the file to every target that may be used; the receipts tell what came of it. Again
        is no fault: the batch number goes with it."""
        self.ensure_one()
        self.check_access("write")
        if self.state != "done":
            raise UserError(self.env._("%s has no file yet.", self.name))
        targets = (
            self.env["biometric.delivery.target"]
            .sudo()
            .search([("company_id", "=", self.company_id.id)], limit=100)
        )
        if not targets:
            raise UserError(
                self.env._(
                    "No target is set up: an administrator has to create one under "
                    "Configuration › Delivery targets."
                )
            )
        targets._check_usable()
        self.env["biometric.delivery"]._ask(self, targets)
        self.env.ref("biometric_attendance.ir_cron_biometric_deliver").sudo()._trigger()
        return self.action_open_deliveries()

    def action_open_deliveries(self):
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "biometric_attendance.biometric_delivery_action"
        )
        return action | {"domain": [("export_id", "=", self.id)], "context": {}}

    def action_open(self):
        """The file's own form."""
        self.ensure_one()
        self.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "res_model": "biometric.export",
            "res_id": self.id,
            "views": [(False, "form")],
        }

    def action_open_days(self):
        return self._open_days([("state", "not in", LEFT_OUT)], self.env._("Days in the file"))

    def action_open_people(self):
        """The same days by person."""
        action = self._open_days([("state", "not in", LEFT_OUT)], self.env._("People in the file"))
        return dict(action, context={"group_by": "employee_id"})

    def action_open_left_out(self):
        return self._open_days([("state", "in", LEFT_OUT)], self.env._("Days left out"))

    def _open_days(self, domain, name):
        self.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "res_model": "biometric.export.day",
            "name": name,
            "view_mode": "list",
            "domain": [("export_id", "in", self.ids), *domain],
        }
