"""Dialog with the whole line to type at the branch, and the same as a small file to lay beside the
program. Its fields live in the browser only: the plain code is never written to the database.
"""

import base64
import json

from markupsafe import Markup

from odoo import api, fields, models

from ..seams.parameters import parameter

FILE_NAME = "biometric-pairing.json"


class BiometricPairingShow(models.TransientModel):
    _name = "biometric.pairing.show"
    _inherit = ["biometric.dialog"]
    _description = "Pairing line"

    agent_name = fields.Char("Agent", store=False, readonly=True)
    company_name = fields.Char("Company name", store=False, readonly=True)
    code = fields.Char(store=False, readonly=True)
    line = fields.Char("Enter this at the branch", store=False, readonly=True)
    # A link that holds the file itself: nothing is fetched, because nothing was stored.
    file_link = fields.Html(
        "Or place this file next to the program", store=False, readonly=True, sanitize=False
    )

    @api.model
    def _action(self, agent, code):
        url = parameter(self.env, "web.base.url")
        database = self.env.cr.dbname
        spoken = f"{code[:4]}-{code[4:]}"
        line = f"biometric-agent pair {url} {spoken} --database {database}"
        content = json.dumps({"url": url, "code": spoken, "database": database}, indent=1)
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Pair %s", agent.name),
            "res_model": self._name,
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_agent_name": agent.name,
                "default_company_name": agent.company_id.name,
                "default_code": spoken,
                "default_line": line,
                "default_file_link": Markup(
                    '<a href="data:application/json;base64,%s" download="%s">%s</a>'
                )
                % (base64.b64encode(content.encode()).decode(), FILE_NAME, FILE_NAME),
            },
        }
