"""Monthly records as PDF files, made in the background: who asked, how far it is, what is missing.

Owns the order of the work and what a file is called. Files hang on their records, so whoever may
read a record reads its file. Must not know what stands on the pages.
"""

import io

from pypdf import PdfReader, PdfWriter

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ...seams.job import Turn
from .biometric_month_record import LAYOUTS

# Records of one call of the program that prints: starting it costs as much as a dozen of pages.
BATCH = 20
# As the rows that it sets aside are told.
JOB = "month_run"
NAMES_SHOWN = 5
REPORT = "biometric_attendance.month_record"
MIMETYPE = "application/pdf"


class BiometricMonthRun(models.Model):
    _name = "biometric.month.run"
    _description = "Monthly records as files"
    _log_access = False
    _order = "id desc"
    _rec_name = "asked_at"

    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="restrict")
    date_from = fields.Date("From", required=True, readonly=True)
    date_to = fields.Date("To", required=True, readonly=True)
    layout = fields.Selection(LAYOUTS, required=True, readonly=True)
    user_id = fields.Many2one(
        "res.users", "Requested by", required=True, readonly=True, ondelete="restrict"
    )
    asked_at = fields.Datetime("Requested", required=True, readonly=True)
    done_at = fields.Datetime("Done", readonly=True)
    record_ids = fields.Many2many(
        "biometric.month.record", "biometric_month_run_record", string="Records", readonly=True
    )
    left_ids = fields.Many2many(
        "biometric.month.record", "biometric_month_run_left", string="Not done yet", readonly=True
    )
    total = fields.Integer("People", compute="_compute_progress")
    done = fields.Integer("Files", compute="_compute_progress")
    progress = fields.Float(compute="_compute_progress")
    is_open = fields.Boolean("In progress", compute="_compute_progress")
    state_text = fields.Char("State", compute="_compute_progress")

    @api.depends("record_ids", "left_ids", "done_at")
    @api.depends_context("lang")
    def _compute_progress(self):
        for run in self.sudo():
            run.total = len(run.record_ids)
            run.done = run.total - len(run.left_ids)
            run.progress = 100 * run.done / run.total if run.total else 100
            run.is_open = not run.done_at
            run.state_text = run._state_words()

    def _state_words(self):
        """How far it is, and whose file could not be made yet: without it a run stands still."""
        words = self.env._("%(done)s of %(total)s files", done=self.done, total=self.total)
        known = self.env["biometric.job"]._known(JOB, "biometric.month.record")
        failed = self.left_ids.filtered(lambda one: one.id in known)
        if not failed:
            return words
        names = failed.employee_id.mapped("name")
        return self.env._(
            "%(state)s; failed and will be retried: %(who)s",
            state=words,
            who=", ".join(names[:NAMES_SHOWN]) + ("…" if len(names) > NAMES_SHOWN else ""),
        )

    @api.depends("date_from", "date_to", "layout")
    @api.depends_context("lang")
    def _compute_display_name(self):
        names = dict(self._fields["layout"]._description_selection(self.env))
        for run in self:
            run.display_name = f"{run.date_from} – {run.date_to}, {names.get(run.layout, '')}"

    @api.model
    def _ask(self, records, layout):
        """A run for these records (one company and dates); made in the background."""
        first = records[:1].sudo()
        run = self.sudo().create(
            {
                "company_id": first.company_id.id,
                "date_from": first.date_from,
                "date_to": first.date_to,
                "layout": layout,
                "user_id": self.env.uid,
                "asked_at": fields.Datetime.now(),
                "record_ids": [(6, 0, records.ids)],
                "left_ids": [(6, 0, records.ids)],
            }
        )
        self._cron_of().sudo()._trigger()
        return run.sudo(False)

    @api.model
    def _cron_of(self):
        return self.env.ref("biometric_attendance.ir_cron_biometric_month_run")

    def action_download(self):
        """The zip of what is done so far."""
        self.ensure_one()
        self.check_access("read")
        if not self.env.user.has_group("biometric_attendance.group_hr_officer"):
            raise AccessError(
                self.env._("Only HR officers can download the files of several people.")
            )
        if not self.sudo().done:
            raise UserError(self.env._("No file is done yet."))
        return {
            "type": "ir.actions.act_url",
            "url": f"/biometric_attendance/records/{self.id}",
            "target": "self",
        }

    # ------------------------------------------------------------------ the work

    @api.model
    def _cron_print(self):
        """Make the files that were asked for, the oldest run first; a bad record stops none."""
        runs = self.sudo().search([("done_at", "=", False)], order="id", limit=100)
        aside = self.env["biometric.job"]._aside(JOB, "biometric.month.record")

        def due(run):
            return aside.due(run.left_ids)

        # What rests is not for this turn: Odoo would call at once again for it, without end.
        turn = Turn(self.env, sum(len(due(run)) for run in runs))
        for run in runs:
            while rows := due(run)[:BATCH]:
                done = aside.do(rows, run._make_files)
                run.left_ids -= done
                if not run.left_ids:
                    run.done_at = fields.Datetime.now()
                if not turn.done(len(done)):
                    return

    def _make_files(self, records):
        """A PDF for each record, as whoever asked sees it."""
        asker = self.user_id
        own = records.with_user(asker).with_company(self.company_id)
        own = own.with_context(
            lang=asker.lang, tz=asker.tz, allowed_company_ids=self.company_id.ids
        )
        pages = own.env[f"report.{REPORT}"]._sheets(own.ids)
        data = self._printed(own)
        counts = [len(sheet) for sheet in pages]
        if sum(counts) != len(PdfReader(io.BytesIO(data)).pages):
            # A page ran over: which page is whose is only known of one record at a time.
            for one in own:
                self._keep_file(one, self._printed(one))
            return
        reader, start = PdfReader(io.BytesIO(data)), 0
        for one, count in zip(own, counts, strict=True):
            writer, file = PdfWriter(), io.BytesIO()
            for number in range(start, start + count):
                writer.add_page(reader.pages[number])
            writer.write(file)
            start += count
            self._keep_file(one, file.getvalue())

    @staticmethod
    def _printed(records):
        # Odoo renders HTML in tests unless it is asked; the cron's answer is the file.
        forced = records.env["ir.actions.report"].with_context(force_report_rendering=True)
        data, kind = forced._render_qweb_pdf(REPORT, res_ids=records.ids)
        if kind != "pdf":
            raise UserError(records.env._("The server made no PDF."))
        return data

    @staticmethod
    def _keep_file(record, data):
        """The newest file of a record takes the place of the one before; its digest, like that of
        every paper, stays under Signatures."""
        one = record.sudo()
        one._files().unlink()
        one.env["ir.attachment"].create(
            {
                "name": f"{one.employee_id.name} {one.date_from} {one.date_to}.pdf",
                "res_model": one._name,
                "res_id": one.id,
                "company_id": one.company_id.id,
                "mimetype": MIMETYPE,
                "raw": data,
            }
        )
