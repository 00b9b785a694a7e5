"""Whether a paper is genuine, for whoever holds it; and the files of many monthly records.

Envelope in, answer out; what is known is biometric.month.record.
"""

import re
import zipfile

from odoo import http
from odoo.exceptions import AccessError
from odoo.http import request

from .company_export import BiometricCompanyExport
from .public_page import public_page

_SHA256 = re.compile(r"[0-9a-f]{64}")


class BiometricMonthRecord(http.Controller):
    @http.route(
        "/biometric_attendance/record/<string:number>/<string:digest>",
        type="http",
        auth="public",
        methods=["GET"],
    )
    def verify(self, number, digest):
        """genuine, changed since, or unknown; nothing of anybody. 404 for what is unknown."""
        records = request.env["biometric.month.record"].sudo()
        digest = digest.lower()
        known = records._verify(number, digest if _SHA256.fullmatch(digest) else "")
        status = 404 if known["verdict"] == "unknown" else 200
        values = {**known, "number": number, "digest": digest}
        return public_page(records.env, "record_page", values, status)

    @http.route(
        "/biometric_attendance/records/<int:run_id>", type="http", auth="user", methods=["GET"]
    )
    def files(self, run_id):
        """The PDF files of a run that are done, as a zip, for HR officers of its company."""
        run = request.env["biometric.month.run"].browse(run_id).exists()
        if not run:
            return request.not_found()
        run.check_access("read")
        if not request.env.user.has_group("biometric_attendance.group_hr_officer"):
            raise AccessError(
                request.env._("Only HR officers can download the files of several people.")
            )
        return BiometricCompanyExport._zip(
            f"records-{run_id}.zip", lambda file: self._write(run.sudo(), file)
        )

    @staticmethod
    def _write(run, file):
        with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
            for record in run.record_ids:
                for one in record._files():
                    archive.writestr(f"{record.number} {one.name}".replace("/", "-"), one.raw)
