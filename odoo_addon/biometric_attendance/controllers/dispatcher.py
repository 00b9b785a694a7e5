"""Route type `biometric`: JSON in, JSON out, whatever happens.

Owns reading the body within its limits and turning every failure (bad input, no rights, retries
used up, a bug) into the contract's `{"error": CODE, "message": TEXT}`. An exception passes through
Odoo first, so serialization failures are retried and the transaction is rolled back before it is
put into words here. Must not know what the routes do.
"""

import logging

import werkzeug.exceptions

from odoo.exceptions import AccessDenied
from odoo.http import Dispatcher, Response

from ..contract import wire

RETRY_SECONDS = 10


class ApiError(Exception):
    """An answer of the contract that is not 200. Rolls the transaction back."""

    loglevel = logging.INFO

    def __init__(self, status, code, message, retry_after=None):
        super().__init__(message)
        self.status = status
        self.code = code
        self.retry_after = retry_after


def error_response(request, status, code, message, retry_after=None):
    headers = [("Cache-Control", "no-store")]
    if retry_after:
        headers.append(("Retry-After", str(retry_after)))
    return request.make_json_response(
        {"error": code, "message": message}, headers=headers, status=status
    )


class BiometricDispatcher(Dispatcher):
    routing_type = "biometric"

    @classmethod
    def is_compatible_with(cls, _request):
        # Refusals must be ours (JSON), so every content type is let in and judged in dispatch().
        return True

    def dispatch(self, endpoint, args):
        if self.request.httprequest.method == "POST":
            args = dict(args, body=self._body())
        self.request.params = dict(args)
        result = self.request.registry["ir.http"]._dispatch(endpoint)
        if isinstance(result, Response):
            return result
        return self.request.make_json_response(result, headers=[("Cache-Control", "no-store")])

    def _body(self):
        http = self.request.httprequest
        if http.headers.get("Content-Encoding", "identity").lower() != "identity":
            raise ApiError(415, "unsupported_encoding", "send the body uncompressed")
        if http.mimetype != "application/json":
            raise ApiError(415, "unsupported_encoding", "Content-Type must be application/json")
        if (http.content_length or 0) > wire.MAX_BODY_BYTES:
            raise ApiError(413, "too_large", f"at most {wire.MAX_BODY_BYTES} bytes")
        return wire.load(http.get_data())

    def handle_error(self, exc):
        if isinstance(exc, ApiError):
            return error_response(self.request, exc.status, exc.code, exc.args[0], exc.retry_after)
        if isinstance(exc, wire.Malformed):
            return error_response(self.request, 400, "bad_request", str(exc))
        if isinstance(exc, (AccessDenied, werkzeug.exceptions.Unauthorized)):
            return error_response(self.request, 401, "unauthorized", "not a valid token")
        if isinstance(exc, werkzeug.exceptions.RequestEntityTooLarge):
            return error_response(
                self.request, 413, "too_large", f"at most {wire.MAX_BODY_BYTES} bytes"
            )
        if isinstance(exc, werkzeug.exceptions.HTTPException) and (exc.code or 500) < 500:
            return error_response(self.request, exc.code, "bad_request", exc.name)
        # Odoo has logged it with its traceback; the agent learns only that it may come back.
        return error_response(self.request, 503, "unavailable", "try again later", RETRY_SECONDS)
