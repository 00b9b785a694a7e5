"""One produced payroll file: the computed days of a period as bytes, with its control record.

Owns the file, its digest and its counts: a ledger. A draft names a company and a period; everything
else is written once, with the file, and the row is never changed or removed again. Which minutes a
day has is the engine's business, formats are in engine/payroll.py.
"""

import hashlib
from datetime import timedelta
from typing import NamedTuple

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import format_date, format_datetime

from ...engine import blocks_pay, payroll
from .biometric_export_check import ComputedDays, shown
from .biometric_export_difference import Differences
from .biometric_export_ledger import FileLedger
from .biometric_export_program import ProgramFiles
from .biometric_export_time import PaidTime


class Parts(NamedTuple):
    """Days of a period: all, new, left out, held by another company's files; payouts to tell."""

    days: models.Model
    fresh: models.Model
    left_out: models.Model
    held: models.Model
    payouts: list


# States of days that a file does not pay.
LEFT_OUT = ("left_out", "elsewhere")


class BiometricExport(ComputedDays, Differences, FileLedger, PaidTime, ProgramFiles, models.Model):
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
    control_filename = fields.Char(readonly=True, copy=False)
    sha256 = fields.Char("SHA-256", readonly=True, copy=False)
    control_sha256 = fields.Char("SHA-256 of the control record", readonly=True, copy=False)
    line_count = fields.Integer("Lines", readonly=True, copy=False)
    employee_count = fields.Integer("Employees", readonly=True, copy=False)
    total_minutes = fields.Integer("Total", readonly=True, copy=False)
    complete_days = fields.Integer(readonly=True, copy=False)
    blocked_days = fields.Integer(
        readonly=True,
        copy=False,
        help="Incomplete, in conflict, not settled, outside employment, or in a file of another "
        "company: not in the file, nobody is paid from them here.",
    )
    held_minutes = fields.Integer(
        "Held back",
        readonly=True,
        copy=False,
        help="Minutes that would be taken back. The rule set of these people holds such "
        "differences back until the rule set changes or they turn.",
    )
    generated_at = fields.Datetime(readonly=True, copy=False)
    generated_by_id = fields.Many2one("res.users", readonly=True, copy=False)

    profile_id = fields.Many2one(
        "biometric.payroll.profile",
        "Payroll program",
        default=lambda self: self._only_profile(self.env.company),
        ondelete="restrict",
        copy=True,
        help="Its file is written beside ours, from the same lines. Empty: our file alone.",
    )
    program_data = fields.Binary("File for the program", readonly=True, copy=False, attachment=True)
    program_filename = fields.Char(readonly=True, copy=False)
    kind = fields.Selection(
        [("regular", "Regular"), ("correction", "What is new or changed")],
        default="regular",
        readonly=True,
        copy=False,
        help="Days that stand in an earlier file come with the difference alone.",
    )
    earlier_text = fields.Text("Stands in an earlier file", compute="_compute_earlier_text")
    day_ids = fields.One2many("biometric.export.day", "export_id", readonly=True)

    @api.constrains("date_from", "date_to")
    def _check_dates(self):
        for export in self:
            if export.date_to < export.date_from:
                raise ValidationError(self.env._("The period ends before it begins."))

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
                    "%(file)s, produced %(when)s: %(days)s days of %(count)s people (%(names)s)",
                    file=export.name
                    if export.company_id == self.company_id
                    else self.env._("a file of another company"),
                    when=format_datetime(self.env, export.generated_at, dt_format="short"),
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
                self.env._("%s was produced already. Make a new export for new content.", self.name)
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
        self._check_nothing_stale()
        self._check_as_computed()

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
        proof. They hold a number and a badge, no name."""
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
                    "%s days of this period are being computed. Try again in a minute.", waiting
                )
            )

    def _produce(self, kind):
        days = self.env["biometric.day"].search(
            [
                ("company_id", "=", self.company_id.id),
                ("date", ">=", self.date_from),
                ("date", "<=", self.date_to),
            ],
            order="employee_id, date",
        )
        payable = days.filtered(lambda day: not blocks_pay(day.status))
        paid, elsewhere = self.env["biometric.export.day"]._paid(self)
        held = payable.filtered(lambda day: (day.employee_id.id, day.date) in elsewhere)
        payable -= held
        fresh = payable.filtered(lambda day: (day.employee_id.id, day.date) not in paid)
        payouts, negative = self._payouts(), []
        lines = self._lines(fresh) + [line for _entry, own in payouts for line in own]
        if kind == "correction":
            # What stands in a file and blocks now keeps what was paid until somebody settles it;
            # who is not employed that day is owed nothing.
            known = payable | days.filtered(lambda day: day.status == "outside_employment")
            standing = known.filtered(lambda day: (day.employee_id.id, day.date) in paid) - held
            changed, negative = self._differences(standing, paid)
            lines += changed + self._differences_of_lost(days, paid)
            if not lines:
                raise UserError(self._unchanged_text(held, negative))
        elif not lines:
            raise UserError(self._nothing_text(days))
        parts = Parts(days, fresh, days - payable - held, held, payouts)
        self._write_file(kind, parts, self._named(lines), negative)

    def _nothing_text(self, days):
        """Why no file can be made of these days of the period."""
        if days:
            return self.env._(
                "No file: all %s days of the period are incomplete, in conflict, not settled or "
                "outside employment. Open Days, settle them and produce the file again.",
                len(days),
            )
        return self.env._(
            "No file: nobody of %s has a day in this period. Nobody was expected and no terminal "
            "told a punch; check the dates and the company.",
            self.company_id.name,
        )

    def _write_file(self, kind, parts, lines, negative):
        """`negative`: differences that a rule set holds back."""
        name, blocked = self._batch_name(), len(parts.left_out) + len(parts.held)
        batch = payroll.Batch(
            name,
            self.company_id.name,
            self.date_from,
            self.date_to,
            rule_versions=tuple(sorted(set(parts.days.mapped("rule_name")) - {False})),
            generated_at=fields.Datetime.now().isoformat() + "Z",
            generated_by=self.env.user.login,
        )
        data = payroll.to_csv(lines, batch)
        changed = {
            (int(line.employee.identity), line.work_date)
            for line in lines
            if line.kind == "correction"
        }
        record = payroll.control_record(lines, batch, data) | {
            "complete_days": len(parts.fresh) + len(changed),
            "blocked_days": blocked,
            "kind": kind,
            "self_approved_days": self._self_approved(lines),
            "held_back": [
                [line.employee.identity, line.work_date.isoformat(), line.pay_code, line.minutes]
                for line in sorted(negative, key=lambda line: line.order)
            ],
        }
        named, program, said = self._program(lines)
        if said:
            record["program"] = said | {"sha256": hashlib.sha256(program).hexdigest()}
        self._keep_file(
            data,
            payroll.control_json(record),
            program,
            named
            | {
                "name": name,
                "kind": kind,
                "filename": f"{name}.csv",
                "control_filename": f"{name}.control.json",
                "line_count": len(lines),
                "employee_count": record["employee_count"],
                "total_minutes": record["total_minutes"],
                "complete_days": record["complete_days"],
                "blocked_days": blocked,
                "held_minutes": -sum(line.minutes for line in negative),
                "generated_at": fields.Datetime.now(),
                "generated_by_id": self.env.user.id,
            },
        )
        noted, told = (
            self.env["biometric.export.day"],
            [one for one in lines if one.kind != "payout"],
        )
        noted._note(self, parts.fresh, (parts.left_out, parts.held), told)
        noted._note_payouts(self, parts.payouts)

    def _self_approved(self, lines):
        """[[employee, date]] of the lines that hang on something their employee decided alone."""
        people = {int(line.employee.identity) for line in lines}
        found = self.env["biometric.audit.concern"]._self_approved_dates(
            people, self.date_from, self.date_to
        )
        told = {(line.employee.identity, line.work_date) for line in lines}
        return sorted(
            [number, day.isoformat()] for number, day in told if (int(number), day) in found
        )

    @staticmethod
    def _who(employee):
        """By a number of ours; `_named` puts the payroll program's beside it."""
        return payroll.Employee(f"{employee.id:06d}")

    def _batch_name(self):
        return f"payroll-{self.company_id.id}-{self.date_from}-{self.date_to}-{self.id}"

    def _lines(self, days, kept=None):
        lines = []
        kept = self._kept_by_field(days) if kept is None else kept
        for employee, own in days.grouped("employee_id").items():
            for rule, days_of_rule in own.grouped("rule_id").items():
                values = [self._paid_minutes(day, kept) for day in days_of_rule]
                rules = rule.sudo()._rule_set() if rule else None
                try:
                    lines += payroll.day_lines(self._who(employee), values, rules)
                except payroll.ExportError as error:
                    raise UserError(
                        self.env._(
                            "%(who)s: %(fault)s. Add it to the pay codes (code_map) of rule set "
                            "%(rule)s.",
                            who=employee.sudo().name,
                            fault=error,
                            rule=rule.name,
                        )
                    ) from error
        return lines

    @api.ondelete(at_uninstall=False)
    def _unlink_draft_only(self):
        if any(export.state != "draft" for export in self):
            raise UserError(self.env._("A produced payroll file stays; only a draft can go."))

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
