"""One produced payroll file: the computed days of a period as bytes, with its control record.

Owns the file, its digest and its counts, written once. Which minutes a day has is the engine's
business, formats are in engine/payroll.py.
"""

import hashlib
from types import SimpleNamespace

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ...engine import blocks_pay, payroll
from ...seams.binary import packed
from ..day.biometric_day import MINUTE_FIELDS


class BiometricExport(models.Model):
    _name = "biometric.export"
    _description = "Payroll Export"
    _order = "id desc"

    name = fields.Char(readonly=True, copy=False, default="New")
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company, index=True
    )
    date_from = fields.Date("From", required=True)
    date_to = fields.Date("To", required=True)
    state = fields.Selection(
        [("draft", "Draft"), ("done", "Produced")], default="draft", readonly=True, copy=False
    )
    data = fields.Binary("File", readonly=True, copy=False, attachment=True)
    filename = fields.Char(readonly=True, copy=False)
    control = fields.Binary("Control record", readonly=True, copy=False, attachment=True)
    control_filename = fields.Char(readonly=True, copy=False)
    sha256 = fields.Char("SHA-256", readonly=True, copy=False)
    line_count = fields.Integer("Lines", readonly=True, copy=False)
    employee_count = fields.Integer("Employees", readonly=True, copy=False)
    total_minutes = fields.Integer("Total", readonly=True, copy=False)
    complete_days = fields.Integer(readonly=True, copy=False)
    blocked_days = fields.Integer(
        readonly=True,
        copy=False,
        help="Incomplete, in conflict, pending or without a status: not in the file, nobody is "
        "paid from them.",
    )
    generated_at = fields.Datetime(readonly=True, copy=False)
    generated_by_id = fields.Many2one("res.users", readonly=True, copy=False)

    @api.constrains("date_from", "date_to")
    def _check_dates(self):
        for export in self:
            if export.date_to < export.date_from:
                raise ValidationError(self.env._("The period ends before it begins."))

    def action_generate(self):
        """Produce the file from the days as they stand; a second call refuses."""
        for export in self:
            if export.state != "draft":
                raise UserError(
                    self.env._(
                        "%s was produced already. Make a new export for new content.", export.name
                    )
                )
            export._check_nothing_stale()
            export._produce()
        return True

    @api.model
    def _count_naming(self, employee):
        """Number of produced files with days of the person. They are records of what was paid,
        under the duties of bookkeeping: never changed, because their digest is their proof. They
        hold a number and a badge, no name."""
        self.env.flush_all()
        self.env.cr.execute(
            """SELECT count(*) FROM biometric_export e WHERE e.company_id = %s
                  AND e.state = 'done' AND EXISTS (SELECT 1 FROM biometric_day d
                      WHERE d.employee_id = %s AND d.date BETWEEN e.date_from AND e.date_to)""",
            (employee.company_id.id, employee.id),
        )
        return self.env.cr.fetchone()[0]

    def _check_nothing_stale(self):
        waiting = (
            self.env["biometric.stale.day"]
            .sudo()
            .search_count(
                [
                    ("company_id", "=", self.company_id.id),
                    ("date", ">=", self.date_from),
                    ("date", "<=", self.date_to),
                ]
            )
        )
        if waiting:
            raise UserError(
                self.env._(
                    "%s days of this period are being computed. Try again in a minute.", waiting
                )
            )

    def _produce(self):
        days = self.env["biometric.day"].search(
            [
                ("company_id", "=", self.company_id.id),
                ("date", ">=", self.date_from),
                ("date", "<=", self.date_to),
            ],
            order="employee_id, date",
        )
        payable = days.filtered(lambda day: not blocks_pay(day.status))
        name = self._batch_name()
        batch = payroll.Batch(
            name,
            self.company_id.name,
            self.date_from,
            self.date_to,
            rule_versions=tuple(sorted(set(days.mapped("rule_name")) - {False})),
            generated_at=fields.Datetime.now().isoformat() + "Z",
            generated_by=self.env.user.login,
        )
        lines = self._lines(payable)
        data = payroll.to_csv(lines, batch)
        record = payroll.control_record(lines, batch, data) | {
            "complete_days": len(payable),
            "blocked_days": len(days) - len(payable),
        }
        self.write(
            {
                "name": name,
                "state": "done",
                "data": packed(data),
                "filename": f"{name}.csv",
                "control": packed(payroll.control_json(record)),
                "control_filename": f"{name}.control.json",
                "sha256": hashlib.sha256(data).hexdigest(),
                "line_count": len(lines),
                "employee_count": record["employee_count"],
                "total_minutes": record["total_minutes"],
                "complete_days": len(payable),
                "blocked_days": len(days) - len(payable),
                "generated_at": fields.Datetime.now(),
                "generated_by_id": self.env.user.id,
            }
        )

    def _batch_name(self):
        return f"payroll-{self.company_id.id}-{self.date_from}-{self.date_to}-{self.id}"

    @staticmethod
    def _lines(days):
        lines = []
        for employee, own in days.grouped("employee_id").items():
            # numbers people know, not database ids: badge first
            who = payroll.Employee(f"{employee.id:06d}", employee.sudo().barcode or "")
            values = [
                SimpleNamespace(
                    work_date=day.date, **{field: day[field] for field in MINUTE_FIELDS}
                )
                for day in own
            ]
            lines += payroll.day_lines(who, values)
        return lines

    @api.ondelete(at_uninstall=False)
    def _unlink_draft_only(self):
        if any(export.state != "draft" for export in self):
            raise UserError(self.env._("A produced payroll file stays; only a draft can go."))
