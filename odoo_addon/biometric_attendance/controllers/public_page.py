"""Pages for people without a login: never kept, never found by a search engine, no script.

Owns how such a page is sent. Must not know what stands on it.
"""

from odoo.http import request

HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'",
}


def public_page(env, template, values, status=200):
    """The answer to a browser: a template of the addon."""
    page = env["ir.qweb"]._render(
        f"biometric_attendance.{template}", {**values, "csrf_token": request.csrf_token()}
    )
    headers = [("Content-Type", "text/html; charset=utf-8"), *HEADERS.items()]
    return request.make_response(page, headers=headers, status=status)
