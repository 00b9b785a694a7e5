"""The certificate of a deletion as its file, byte by byte as its SHA-256 was computed."""

from odoo import http
from odoo.http import request


class BiometricServiceDeletionFile(http.Controller):
    @http.route(
        "/biometric_attendance_service/deletion/<int:number>.json", type="http", auth="user"
    )
    def file(self, number):
        deletion = request.env["biometric.service.deletion"].browse(number).exists()
        if not deletion:
            return request.not_found()
        deletion.check_access("read")
        if not deletion.certificate:
            return request.not_found()
        return request.make_response(
            deletion._written(deletion.certificate),
            headers=[("Content-Type", "application/json; charset=utf-8")],
        )
