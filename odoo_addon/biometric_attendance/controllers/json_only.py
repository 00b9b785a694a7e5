"""Every answer under the agent's path is the contract's JSON, also where Odoo answers before
it has found a route: a database that is not there or cannot be opened, a method or path that is
none, a session of another database. Agents take nothing else for an answer; people read it.

Stands around Odoo's WSGI application, because nothing of the addon is asked in those cases. Must
not touch answers that are JSON, nor any other path. Where one server holds many databases, the
addon has to be among its server-wide modules to speak for those that do not have it.
"""

import json

from odoo.http import Application

from .share import gate

PATH = "/biometric/v1/"
# A part of a signed file: the one answer that is no JSON.
RANGE_TYPE = "application/octet-stream"
RETRY_SECONDS = 10
_BACK_LATER = (503, "unavailable", "try again later")
_WORDS = {
    400: ("bad_request", "this request cannot be read"),
    403: ("bad_request", "send no cookie, and the name of one database"),
    404: ("not_found", "no such route, or no such database, or it does not have the addon"),
    405: ("bad_request", "this route does not take this method"),
    413: ("too_large", "the body is too large"),
    429: ("slow_down", "too many requests"),
}


def in_words(status):
    """(status, error, message) instead of a page with this status."""
    if status in _WORDS:
        return (status, *_WORDS[status])
    if 400 <= status < 500:
        return (status, "bad_request", "this request is refused")
    # A redirect or a page where an answer was due: not our route.
    return _BACK_LATER if status >= 500 else (404, *_WORDS[404])


class JsonOnly:
    """A WSGI application that lets only JSON pass; of anything else its status is put in words."""

    def __init__(self, application):
        self.application = application

    def __call__(self, environ, start_response):
        said = []

        def note(status, headers, exc_info=None):
            said[:] = [(status, headers, exc_info)]
            return lambda _data: None

        body = self.application(environ, note)
        status, headers, exc_info = said[0]
        kind = next((value for name, value in headers if name.lower() == "content-type"), "")
        is_range = kind == RANGE_TYPE and status.startswith("206 ")
        if is_range or kind.split(";")[0].strip() == "application/json":
            start_response(status, headers, exc_info)
            return body
        if hasattr(body, "close"):
            body.close()
        number, code, message = in_words(int(status.split()[0]))
        data = json.dumps({"error": code, "message": message}).encode()
        head = [
            ("Content-Type", "application/json"),
            ("Content-Length", str(len(data))),
            ("Cache-Control", "no-store"),
        ]
        if number == 503:
            head.append(("Retry-After", str(RETRY_SECONDS)))
        start_response(f"{number} {code}", head)
        return [data]


def _stand_before(application_class):
    plain = application_class.__call__

    def call(self, environ, start_response):
        if not environ.get("PATH_INFO", "").startswith(PATH):
            return plain(self, environ, start_response)
        served = gate(lambda *given: plain(self, *given))
        return JsonOnly(served)(environ, start_response)

    application_class.__call__ = call


_stand_before(Application)
