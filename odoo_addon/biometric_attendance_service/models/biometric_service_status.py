"""A tenant's own status page: is every branch heard, what happened, since when and until when.

From the same incidents as the alerts, told ones alone: a blip that nobody was told of stands here
as little as in the mail. Names branches; no person, no terminal's users, no punch. Must not know
how the page looks.
"""

from typing import NamedTuple

from odoo import api, fields, models

from odoo.addons.biometric_attendance.seams.parameters import parameter

SHOWN_DAYS = 30
MOST = 50


class StatusLine(NamedTuple):
    """One branch: its name, whether it is well, when it was heard last (UTC or None)."""

    name: str
    health: str
    words: str
    heard_at: object


class BiometricServiceTenant(models.Model):
    _inherit = "biometric.service.tenant"

    status_url = fields.Char("Status page", compute="_compute_status_url")

    def _compute_status_url(self):
        base = parameter(self.env, "web.base.url")
        for tenant in self:
            tenant.status_url = f"{base}/biometric/status/{tenant.sudo().status_token}"

    @api.model
    def _of_status(self, token):
        """The tenant (sudo) of a status page's address, else none."""
        if not token:
            return self.sudo().browse()
        return self.sudo().search(
            [("status_token", "=", token), ("company_id", "!=", False)], limit=1
        )

    def _status(self):
        """`{"branches": [StatusLine], "incidents": [{kind, branch, from, until}],
        "support": {month, included, granted, used}}`, support in hours of this month (sudo)."""
        self.ensure_one()
        branches = self.env["biometric.service.branch"]
        words = dict(branches._fields["health"]._description_selection(self.env))
        rows = branches.search([("tenant_id", "=", self.id)], limit=1000)
        return {
            "branches": [
                StatusLine(row.name, row.health, words[row.health], row.last_seen_at)
                for row in rows
            ],
            "incidents": self._status_incidents(),
            "support": {
                "month": f"{self._today():%Y-%m}",
                "included": self.support_included,
                "granted": self.support_granted,
                "used": self.support_used,
            },
        }

    def _status_incidents(self):
        incidents = self.env["biometric.incident"]
        kinds = dict(incidents._fields["kind"]._description_selection(self.env))
        since = fields.Datetime.subtract(fields.Datetime.now(), days=SHOWN_DAYS)
        told = incidents.search(
            [
                ("company_id", "=", self.company_id.id),
                ("told_at", "!=", False),
                ("agent_id", "!=", False),
                "|",
                ("closed_at", "=", False),
                ("closed_at", ">", since),
            ],
            limit=MOST,
        )
        return [
            {
                "kind": kinds[row.kind],
                "branch": row.agent_id.name,
                "from": row.opened_at,
                "until": row.closed_at,
            }
            for row in told
        ]
