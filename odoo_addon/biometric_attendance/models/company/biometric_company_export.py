"""Everything of one company in one zip, readable and verifiable without Odoo: leaving is easy.

JSON lines per table, the payroll files as they were produced, and the verifier itself. Never what
opens a door: tokens, pairing codes, keyed digests of erased punches. Whatever the plan says.
"""

import json
import zipfile
from pathlib import Path

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from ...verifier import verify
from .export_columns import TRAVELS

# What no export holds: secrets, and what only the server itself needs.
LEFT_OUT = (
    "biometric.agent.token",
    "biometric.erased.key",
    "biometric.pairing",
    "biometric.pairing.try",
    "biometric.stale.day",
    # a view of what stands in other tables
    "biometric.work",
)
# Columns of the verifier's own files, which are written in its form.
OWN_FORM = ("biometric.audit", "biometric.punch", "biometric.sighting")
PAGE = 2000
# Roles that together read whatever an export holds.
READERS_OF_ALL = ("administrator", "hr_officer", "payroll_officer")
# Tables that the verifier reads beside the ledgers.
VERIFIED = (
    "biometric.audit.concern",
    "biometric.audit.finding",
    "biometric.cto.account",
    "biometric.cto.entry",
    "biometric.day",
    "biometric.decision",
    "biometric.device",
    "biometric.device.user",
    "biometric.device.zone",
    "biometric.export",
    "biometric.export.day",
    "biometric.flag",
    "biometric.rule",
)
_README = """Export of {name}, {at}.

One JSON object a line and file. To verify it, with Python 3.9 or newer and nothing else (3.11 or
newer to compute the days as well):

    unzip THIS.zip 'verifier/*' && python3 verifier/verify.py THIS.zip

Better still, take the verifier from a source you trust. `--witness FILE` adds audit heads that you
kept elsewhere.
"""


class BiometricCompanyExport(models.AbstractModel):
    _name = "biometric.company.export"
    _description = "Export of a company"

    @api.model
    def action_download(self):
        """Menu: the company on screen, the first that is ticked."""
        self._check_allowed()
        url = f"/biometric_attendance/export?company={self.env.company.id}"
        return {"type": "ir.actions.act_url", "url": url, "target": "self"}

    @api.model
    def _check_allowed(self):
        """It holds everything: for auditors, and for whoever is an administrator, HR officer and
        payroll officer in one and so may read all of it."""
        user = self.env.user
        if not user.has_group("biometric_attendance.group_auditor") and not all(
            user.has_group(f"biometric_attendance.group_{role}") for role in READERS_OF_ALL
        ):
            raise AccessError(
                self.env._(
                    "A company's export contains the days, punches and payroll files of "
                    "everybody. It is for auditors, and for administrators who are also "
                    "HR and payroll officers."
                )
            )

    @api.model
    def _write(self, company, file):
        """Write the zip of `company` into a binary file object. The caller has checked rights."""
        audit = self.env["biometric.audit"]
        audit._record("company.export", company, company=company)
        while audit._seal(1000):
            pass
        if self.env["biometric.evidence"]._unsealed(company.id, "0 seconds"):
            # Another sealer is at work, and its numbers are not to be seen by this transaction.
            raise UserError(
                self.env._("The audit trail is being sealed right now. Export again in a minute.")
            )
        self.env.flush_all()
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            self._write_head(archive, company)
            self._write_verified(archive, company)
            for name in self._other_models():
                if name not in VERIFIED:
                    self._write_table(archive, name, company)

    def _write_head(self, archive, company):
        at = fields.Datetime.now().strftime("%Y-%m-%dT%H:%M:%SZ")
        head = {
            "format": verify.FORMAT,
            "company_id": company.id,
            "company": company.name,
            "exported_at": at,
            "protection": self.env["biometric.evidence"]._protection(),
        }
        archive.writestr("company.json", json.dumps(head, indent=1))
        archive.writestr("README.txt", _README.format(name=company.name, at=at))
        folder = Path(verify.__file__).parent
        scripts = {path.name: path for path in folder.glob("*.py") if path.stem != "__init__"}
        engine = (folder.parent / "engine").glob("*.py")
        scripts |= {f"engine/{path.name}": path for path in engine}
        for name, path in sorted(scripts.items()):
            archive.writestr(f"verifier/{name}", path.read_text(encoding="utf-8"))

    def _write_verified(self, archive, company):
        evidence = self.env["biometric.evidence"]
        lanes = evidence._lanes(company.id)
        files = {
            "audit": evidence._audit(company.id),
            "audit_witness": evidence._witnesses(company.id),
            "agent": evidence._agents(company.id),
            "lane": lanes,
            "lane_head": evidence._lane_heads(company.id),
            "sighting": (row for lane in lanes for row in evidence._sightings(lane["id"])),
            "punch": evidence._punches(company.id),
            "state": self.env["biometric.state"]._all_rows(company.id),
            "erased_key": evidence._erased_keys(company.id),
            "day_case": self.env["biometric.day.check"].sudo()._cases(company),
        }
        for name, rows in files.items():
            self._write_rows(archive, name, rows)
        for name in VERIFIED:
            self._write_table(archive, name, company)
        self._write_payroll(archive, company)

    @staticmethod
    def _write_rows(archive, name, rows):
        with archive.open(f"{name}.jsonl", "w", force_zip64=True) as file:
            for row in rows:
                line = json.dumps(row, ensure_ascii=False, separators=(",", ":"), default=str)
                file.write(line.encode() + b"\n")

    @api.model
    def _other_models(self):
        """Stored models of the addon that have a company and are not written in another form."""
        return sorted(
            name
            for name, model in self.env.items()
            if name.startswith("biometric.")
            and not (model._abstract or model._transient or model._table_query)
            and "company_id" in model._fields
            and name not in (*LEFT_OUT, *OWN_FORM)
        )

    def _write_table(self, archive, name, company):
        table = self.env[name]._table
        columns = [SQL.identifier(column) for column in TRAVELS.get(name, "id company_id").split()]

        def page(last):
            return SQL(
                """SELECT t.id, to_jsonb(t) AS row FROM (SELECT %s FROM %s) t
                    WHERE t.company_id = %s AND t.id > %s ORDER BY t.id LIMIT %s""",
                SQL(", ").join(columns),
                SQL.identifier(table),
                company.id,
                last,
                PAGE,
            )

        rows = self.env["biometric.evidence"]._pages(page, 0, lambda row: row["id"], PAGE)
        self._write_rows(archive, f"tables/{name}", (row["row"] for row in rows))

    def _write_payroll(self, archive, company):
        attachments = self.env["ir.attachment"].search(
            [("res_model", "=", "biometric.export"), ("res_field", "!=", False)], order="id"
        )
        exports = self.env["biometric.export"].search([("company_id", "=", company.id)])
        for attachment in attachments.filtered(lambda row: row.res_id in exports.ids):
            name = f"payroll/{attachment.res_id}-{attachment.res_field}"
            archive.writestr(name, attachment.raw or b"")
