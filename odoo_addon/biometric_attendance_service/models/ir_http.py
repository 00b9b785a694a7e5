"""An agent whose company left is told so, with the contract's error `gone`; and every request of an
agent or a login is counted for its company."""

import werkzeug.exceptions

from odoo import models
from odoo.http import request

from odoo.addons.biometric_attendance.controllers.dispatcher import ApiError

from .biometric_service_traffic import AGENTS, PEOPLE

GONE = "this company has left: what this agent holds stays here until its owner removes it"


class GoneError(ApiError, werkzeug.exceptions.Forbidden):
    """Both: Odoo makes 401 of whatever else is raised while it finds out who asks."""

    def __init__(self):
        super().__init__(403, "gone", GONE)
        self.args = (GONE,)


class IrHttp(models.AbstractModel):
    _inherit = "ir.http"

    @classmethod
    def _auth_method_biometric_agent(cls, routing=None):
        """403, as any refusal of a known agent: every agent says it aloud, tries slowly, goes on
        capturing and keeps what is not delivered."""
        try:
            return super()._auth_method_biometric_agent(routing)
        except werkzeug.exceptions.Unauthorized:
            scheme, _, token = request.httprequest.headers.get("Authorization", "").partition(" ")
            gone = request.env(user=1)["biometric.service.gone"]
            if scheme.lower() == "bearer" and gone._is_gone(token.strip()):
                raise GoneError() from None
            raise

    @classmethod
    def _pre_dispatch(cls, rule, args):
        super()._pre_dispatch(rule, args)
        cls._biometric_count()

    @classmethod
    def _biometric_count(cls):
        """A request of nobody is nobody's."""
        env = request.env
        if env.context.get("biometric_agent_id"):
            company, kind = env.context["allowed_company_ids"][0], AGENTS
        elif request.session.uid and env.uid:
            company, kind = env.user.company_id.id, PEOPLE
        else:
            return
        env["biometric.service.traffic"]._note(company, kind)
