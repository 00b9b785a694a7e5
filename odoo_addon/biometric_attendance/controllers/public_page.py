"""Pages for people without a login: never kept, never found by a search engine, no script.

Owns how such a page is sent, and for how long a number that was told opens a link. Must not know
what stands on it.
"""

import time

from odoo.http import request

# Seconds after which the number of a link is asked again.
STAY = 1800

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


class NumberedPage:
    """Mixed into the controller of a link that opens with a number (biometric.secret.link)."""

    # Name in the session of the link that is open.
    _session = None

    def _is_inside(self, link):
        number, until = request.session.get(self._session) or (0, 0)
        return number == link.id and until > time.time()

    def _enter(self, link, number):
        """ "" where the number is right, else what is said."""
        if not link._confirm(number):
            return link.env._("Wrong number. After five wrong attempts the link is closed.")
        request.session[self._session] = [link.id, time.time() + STAY]
        return ""
