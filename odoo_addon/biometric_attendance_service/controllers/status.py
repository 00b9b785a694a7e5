"""The status page of one tenant, behind its own long address."""

from odoo import http
from odoo.http import request

from .page import page


class BiometricServiceStatusPage(http.Controller):
    @http.route("/biometric/status/<string:token>", type="http", auth="public", methods=["GET"])
    def status(self, token):
        """404 for an address that is nobody's."""
        tenant = request.env["biometric.service.tenant"]._of_status(token)
        if not tenant:
            return request.not_found()
        return page("page_status", {"company": tenant.name, **tenant._status()})
