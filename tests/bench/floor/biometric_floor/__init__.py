"""The least a route of Odoo can do: take a body, give as many bytes back as it is asked for.

Installed in databases of benches alone. Must not know what it is compared with.
"""

from odoo import http
from odoo.http import Response, request


class Floor(http.Controller):
    @http.route(
        "/biometric_floor/<int:size>",
        type="http",
        auth="none",
        methods=["POST"],
        csrf=False,
        save_session=False,
    )
    def answer(self, size):
        request.httprequest.get_data()
        return Response(b" " * min(size, 1_000_000), content_type="application/json")
