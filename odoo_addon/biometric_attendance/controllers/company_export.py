"""Downloads: a company's export, one person's data, the usage. Written to a file on disk first:
they may be larger than memory."""

import tempfile

from werkzeug.wsgi import wrap_file

from odoo import http
from odoo.http import request


class BiometricCompanyExport(http.Controller):
    @http.route("/biometric_attendance/export", type="http", auth="user", readonly=False)
    def export(self):
        """The reader's current company, for whoever may read all of it."""
        service = request.env["biometric.company.export"]
        service._check_allowed()
        company = request.env.company
        return self._zip(
            f"biometric-{company.id}.zip", lambda file: service.sudo()._write(company, file)
        )

    @http.route(
        "/biometric_attendance/person/<int:employee_id>", type="http", auth="user", readonly=False
    )
    def person(self, employee_id):
        """What is held about one person, for them and for who may read all of it."""
        employee = request.env["hr.employee"].browse(employee_id)
        service = request.env["biometric.person.export"]
        service._check_may(employee)
        return self._zip(f"person-{employee_id}.zip", lambda file: service._write(employee, file))

    @staticmethod
    def _zip(name, write):
        file = tempfile.TemporaryFile()  # noqa: SIM115 - closed by the response that sends it
        write(file)
        size = file.tell()
        file.seek(0)
        return request.make_response(
            wrap_file(request.httprequest.environ, file),
            headers=[
                ("Content-Type", "application/zip"),
                ("Content-Length", str(size)),
                ("Content-Disposition", f'attachment; filename="{name}"'),
                ("Cache-Control", "no-store"),
            ],
        )

    @http.route("/biometric_attendance/usage.<string:form>", type="http", auth="user")
    def usage(self, form):
        """Usage of the reader's current company as `usage.csv` or `usage.json`."""
        request.env["biometric.usage"].check_access("read")
        service = request.env["biometric.usage"].sudo()
        rows = service._export_rows(request.env.company)
        if form == "json":
            return request.make_json_response(rows)
        if form == "csv":
            return request.make_response(
                service._export_csv(rows), headers=[("Content-Type", "text/csv; charset=utf-8")]
            )
        raise request.not_found()
