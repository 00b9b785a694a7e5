"""Downloads: a company's export, one person's data, a day's evidence, the usage. Of the company on
screen, and of no other. Large ones are written to a file on disk first."""

import tempfile

from werkzeug.wsgi import wrap_file

from odoo import http
from odoo.exceptions import AccessError
from odoo.http import request


class BiometricCompanyExport(http.Controller):
    @http.route("/biometric_attendance/export", type="http", auth="user", readonly=False)
    def export(self, company=None):
        """Everything of one company, for whoever may read all of it."""
        company = self._company(company)
        service = request.env["biometric.company.export"]
        service._check_allowed()
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

    @http.route(
        "/biometric_attendance/evidence/<int:day_id>", type="http", auth="user", readonly=False
    )
    def evidence(self, day_id):
        """The evidence of one day as JSON, for who may read it."""
        day = request.env["biometric.day"].browse(day_id).exists()
        if not day:
            return request.not_found()
        name, data = request.env["biometric.day.evidence"]._file(day)
        return request.make_response(
            data,
            headers=[
                ("Content-Type", "application/json"),
                ("Content-Disposition", f'attachment; filename="{name}"'),
                ("Cache-Control", "no-store"),
            ],
        )

    @http.route(
        "/biometric_attendance/payroll/<int:export_id>", type="http", auth="user", readonly=False
    )
    def payroll(self, export_id):
        """A payroll file as a workbook for people, for who may read payroll files."""
        export = request.env["biometric.export"].browse(export_id).exists()
        if not export:
            return request.not_found()
        name, data = export._sheet()
        return request.make_response(
            data,
            headers=[
                (
                    "Content-Type",
                    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
                ),
                ("Content-Disposition", f'attachment; filename="{name}"'),
                ("Cache-Control", "no-store"),
            ],
        )

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
    def usage(self, form, company=None):
        """Usage of one company as `usage.csv` or `usage.json`."""
        company = self._company(company)
        request.env["biometric.usage"].check_access("read")
        service = request.env["biometric.usage"].sudo()
        rows = service._export_rows(company)
        if form == "json":
            return request.make_json_response(rows)
        if form == "csv":
            return request.make_response(
                service._export_csv(rows), headers=[("Content-Type", "text/csv; charset=utf-8")]
            )
        raise request.not_found()

    @staticmethod
    def _company(named):
        """The company that the address names, else the first that is ticked on screen, else the
        reader's own; AccessError where he may not enter it. From here on it is the request's."""
        ticked = (request.cookies.get("cids") or "").split("-")[0]
        wanted = named or ticked or str(request.env.company.id)
        own = {str(number): number for number in request.env.user._get_company_ids()}
        if wanted not in own:
            raise AccessError(request.env._("You have no access to this company: %s.", wanted))
        request.update_context(allowed_company_ids=[own[wanted]])
        return request.env.company
