"""How a page of this addon is sent to a browser without a login: never kept, no script."""

from odoo.http import request

from odoo.addons.biometric_attendance.controllers.public_page import HEADERS


def page(template, values, status=200):
    """The answer: a template of this addon."""
    body = request.env["ir.qweb"]._render(
        f"biometric_attendance_service.{template}",
        {**values, "csrf_token": request.csrf_token()},
    )
    headers = [("Content-Type", "text/html; charset=utf-8"), *HEADERS.items()]
    return request.make_response(body, headers=headers, status=status)
