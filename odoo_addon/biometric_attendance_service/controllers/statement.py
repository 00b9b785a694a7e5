"""A statement as JSON or CSV, for whoever may read it."""

from odoo import http
from odoo.http import request


class BiometricServiceStatementFile(http.Controller):
    @http.route(
        "/biometric_attendance_service/statement/<int:number>.<string:form>",
        type="http",
        auth="user",
    )
    def file(self, number, form):
        statement = request.env["biometric.service.statement"].browse(number).exists()
        if not statement or form not in ("json", "csv"):
            return request.not_found()
        statement.check_access("read")
        if form == "json":
            return request.make_json_response(statement.sudo()._export_json())
        return request.make_response(
            statement.sudo()._export_csv(),
            headers=[("Content-Type", "text/csv; charset=utf-8")],
        )
