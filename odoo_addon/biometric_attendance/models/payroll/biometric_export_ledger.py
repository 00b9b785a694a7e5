"""A payroll file as a ledger: a draft is asked for, everything else is written once.

Owns who may write what, and the triggers. Must not know what a file holds.
"""

import base64
import hashlib

from odoo import api
from odoo.exceptions import UserError

from ...seams.binary import packed
from ...seams.sql_attachments import CONTENT_GUARD, FILE_GUARD

# What a person says of a draft.
ASKED = {"company_id", "date_from", "date_to", "profile_id", "period_id"}


# Fields that hold people's days.
CONTENTS = frozenset({"data", "control", "program_data"})


class FileLedger:
    """Of biometric.export: what makes it a ledger. Mixed into its one class."""

    __slots__ = ()

    def _append_only_guard(self):
        self.env.cr.execute(FILE_GUARD)
        self.env.cr.execute(CONTENT_GUARD)
        return super()._append_only_guard()

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_asked(vals)
        return super().create(vals_list)

    def write(self, vals):
        self._check_asked(vals)
        for export in self:
            if vals and export.state != "draft":
                raise UserError(
                    self.env._("%s was produced: a payroll file cannot be changed.", export.name)
                )
        return super().write(vals)

    def _check_asked(self, vals):
        """Whoever asks, as the system too: only the making of a file says what it holds."""
        for name in vals:
            if name not in ASKED and not (name == "state" and vals[name] == "draft"):
                raise UserError(
                    self.env._(
                        "“%s” is only created with the file.",
                        self._fields[name]._description_string(self.env)
                        if name in self._fields
                        else name,
                    )
                )

    def _keep_file(self, data, control, program, vals):
        """Writes a file once; its bytes first, because nothing is put beside a produced one.
        program: bytes of the payroll program's file, or None."""
        keep = super(FileLedger, self.sudo()).write
        keep({"data": packed(data), "control": packed(control)})
        if program is not None:
            keep({"program_data": packed(program)})
        keep(
            vals
            | {
                "sha256": hashlib.sha256(data).hexdigest(),
                "control_sha256": hashlib.sha256(control).hexdigest(),
                "state": "done",
            }
        )

    def _bytes(self, name):
        """Content of a binary field; b"" for none."""
        return base64.b64decode(self.with_context(bin_size=False)[name] or b"")

    def _as_row(self):
        """What the verifier compares of a produced file."""
        self.ensure_one()
        self.env.flush_all()
        self.env.cr.execute("SELECT to_jsonb(e) FROM biometric_export e WHERE id = %s", (self.id,))
        return self.env.cr.fetchone()[0]

    def _read_format(self, fnames, load="_classic_read"):
        """Values over RPC, searched for or not. Who reads a content as an auditor, and not its size
        alone, looks at the people it holds days of."""
        if not self.env.context.get("bin_size") and CONTENTS & set(fnames):
            self._write_down_download()
        return super()._read_format(fnames, load)

    def _write_down_download(self):
        days = self.env["biometric.export.day"]
        if days._is_looking():
            days._write_down_look(days.sudo().search([("export_id", "in", self.ids)]).employee_id)

    def _held(self):
        """The days that it holds, as the verifier reads them: employee_id, date, state, minutes by
        "code|class", total_minutes, payroll_number."""
        held = self.env["biometric.export.day"].search([("export_id", "in", self.ids)])
        return [
            {
                "employee_id": day.employee_id.id,
                "date": str(day.date),
                "state": day.state,
                "minutes": day.minutes or {},
                "total_minutes": day.total_minutes,
                "payroll_number": day.payroll_number or None,
            }
            for day in held
        ]
