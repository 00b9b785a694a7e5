"""The form of a new customer, and the page behind the mailed link. Envelope in, page out; what a
sign-up keeps and makes is biometric.service.request."""

from odoo import http
from odoo.exceptions import UserError
from odoo.http import request

from odoo.addons.base.models.res_partner import _tz_get

from .page import page


class BiometricServiceSignUp(http.Controller):
    @http.route(
        "/biometric/sign-up", type="http", auth="public", methods=["GET", "POST"], readonly=False
    )
    def form(self, **given):
        if request.httprequest.method == "GET":
            return self._form(given)
        try:
            with request.env.cr.savepoint():
                request.env["biometric.service.request"]._ask(
                    given, request.httprequest.remote_addr
                )
        except UserError as error:
            return self._form(given, said=str(error))
        return page("page_asked", {"email": given.get("email", "")})

    def _form(self, given, said=""):
        offered = request.env["biometric.service.plan"].sudo()
        offered = offered.search([("is_offered", "=", True)], limit=20)
        countries = request.env["res.country"].sudo().search([], order="name", limit=400)
        zones = [name for name, _label in _tz_get(request.env["res.partner"])]
        plans = [(plan.id, plan._offer()) for plan in offered]
        values = {"given": given, "said": said, "plans": plans}
        return page("page_sign_up", {**values, "countries": countries, "zones": zones})

    @http.route(
        "/biometric/sign-up/<string:token>",
        type="http",
        auth="public",
        methods=["GET", "POST"],
        readonly=False,
    )
    def confirm(self, token, **given):
        """404 for a link that is used, over or made up."""
        asked = request.env["biometric.service.request"]._of_token(token)
        if not asked:
            return request.not_found()
        if request.httprequest.method == "GET":
            return page("page_password", {"asked": asked.given, "said": ""})
        try:
            with request.env.cr.savepoint():
                tenant, line = asked._confirm(given.get("password"))
        except UserError as error:
            return page("page_password", {"asked": asked.given, "said": str(error)})
        return page("page_begun", {"tenant": tenant.sudo(), "line": line})
