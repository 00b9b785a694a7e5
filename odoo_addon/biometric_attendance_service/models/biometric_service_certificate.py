"""The certificate of a deletion as a person reads it: what was deleted, when, by whom, how to
verify it.

Owns words alone, for the screen and for the paper; what happened is what the certificate says, and
its file, whose SHA-256 stands in the provider's trail, is handed out byte by byte as it was summed.
Must not know how a company is deleted.
"""

import json
from collections import Counter

from markupsafe import Markup

from odoo import api, fields, models
from odoo.tools import format_datetime

_TABLE = Markup(
    '<table class="table table-sm mb-0"><thead><tr><th scope="col">%s</th>'
    '<th scope="col" class="text-end">%s</th></tr></thead><tbody>%s</tbody></table>'
)
_ROW = Markup('<tr><td class="text-break">%s</td><td class="text-end text-nowrap">%s</td></tr>')


class BiometricServiceDeletion(models.Model):
    _inherit = "biometric.service.deletion"

    certificate_story = fields.Text("In short", compute="_compute_certificate_words")
    certificate_table = fields.Html(
        "What was deleted", compute="_compute_certificate_words", sanitize=False
    )
    certificate_check = fields.Text("How to verify it", compute="_compute_certificate_words")

    @api.depends("certificate")
    @api.depends_context("lang")
    def _compute_certificate_words(self):
        for one in self:
            told = one.certificate
            one.certificate_story = told and "\n".join(one._certificate_lines())
            one.certificate_check = told and "\n".join(one._certificate_checks())
            one.certificate_table = told and one._certificate_html()

    def _certificate_html(self):
        _ = self.env._
        counts = self._certificate_counts()
        rows = [*counts, (_("Total"), sum(count for _name, count in counts))]
        return _TABLE % (_("Records"), _("Deleted"), Markup().join(_ROW % row for row in rows))

    def _certificate_counts(self):
        """`[(what a person calls it, rows)]`, most first; tables of one name together."""
        self.ensure_one()
        names = self._table_names(self.certificate["rows"])
        counts = Counter()
        for table, count in self.certificate["rows"].items():
            counts[names.get(table, table)] += count
        return sorted(counts.items(), key=lambda row: (-row[1], row[0]))

    @api.model
    def _table_names(self, tables):
        """`{table: what its records are called}`, in the reader's language."""
        named = {
            model._table: name
            for name, model in self.env.registry.items()
            if model._table in tables and not model._abstract
        }
        known = self.env["ir.model"].sudo()
        return {table: known._get(name).name for table, name in named.items()}

    def _certificate_lines(self):
        """What happened, a sentence a line; the clock is UTC, the same for every reader."""
        self.ensure_one()
        _, told = self.env._, self.certificate
        return [
            _("Agents stopped: %s", self._moment(told["stopped_at"])),
            _(
                "Confirmed by the owner: %(at)s (user number %(number)s)",
                at=self._moment(told["confirmed_at"]),
                number=self.confirmed_by,
            ),
            _("Requested by: %s", self._act(told["asked_by"], self.asked_at)),
            _("Deleted by: %s", self._act(told["done_by"], told["done_at"])),
            self._remains_words(),
            _("Kept: %s", told["kept"]),
        ]

    def _remains_words(self):
        """Where a word of the company still stands; nowhere is the promise."""
        _, places = self.env._, self.certificate["remains"]
        if not places:
            return _("Searched afterwards: nothing names the company or its people any more.")
        names = self._table_names({table for table, _column, _row in places})
        found = Counter(names.get(table, table) for table, _column, _row in places)
        return _(
            "Searched afterwards: names were found in %s.",
            ", ".join(f"{name} ({count})" for name, count in sorted(found.items())),
        )

    def _certificate_checks(self):
        """How somebody who trusts nobody verifies it."""
        _ = self.env._
        return [
            _(
                "Download the certificate as JSON and compute its SHA-256 (Linux: sha256sum "
                "FILE, Windows: certutil -hashfile FILE SHA256). It is:"
            ),
            self.certificate_sha256,
            _(
                "The same value was recorded in the provider's audit trail when the company was "
                "deleted."
            ),
            _("SHA-256 of the export that the owner received and verified before:"),
            self.certificate["export_sha256"],
        ]

    @api.model
    def _act(self, number, at):
        return f"{self._person(number)}, {self._moment(at)}"

    @api.model
    def _moment(self, at):
        """A time, by a clock that is the same for every reader."""
        at = fields.Datetime.to_datetime(at)
        return f"{format_datetime(self.env, at, tz='UTC', dt_format='short')} (UTC)"

    @api.model
    def _person(self, number):
        user = self.env["res.users"].sudo().with_context(active_test=False).browse(number).exists()
        return f"{user.name} ({number})" if user else str(number)

    # ------------------------------------------------------------------ out

    @api.model
    def _written(self, certificate):
        """The text whose SHA-256 stands beside the certificate and in the provider's trail: the
        one way in which a certificate is written."""
        return json.dumps(certificate, sort_keys=True, ensure_ascii=False, indent=1)

    def action_download_certificate(self):
        """Button: the file."""
        self.ensure_one()
        self.check_access("read")
        return {
            "type": "ir.actions.act_url",
            "url": f"/biometric_attendance_service/deletion/{self.id}.json",
            "target": "download",
        }

    def action_print_certificate(self):
        """Button: the paper."""
        self.check_access("read")
        report = self.env.ref("biometric_attendance_service.deletion_report")
        return report.report_action(self)
