"""Messages to open screens: who hears them, by role and company.

A message says only that something is new; screens read again with their reader's own rights. Its
channel is the company's and the kind's, and the server alone subscribes to it: whoever holds one of
the kind's roles hears the companies he may enter. Must not know what is told.
"""

from odoo import api, models

from ...seams.wake import hint_screens_together

SEES_TERMINALS = ("approver", "hr_officer", "payroll_officer", "administrator", "auditor")
# Whoever looks after other people's days.
SEES_PEOPLE = ("approver", "hr_officer", "payroll_officer", "auditor")
# kind: roles that hear it. The kind is the message's type too, behind `biometric_attendance/`.
HEARS = {
    "board": SEES_TERMINALS,
    "finding": SEES_TERMINALS,
    "work": SEES_TERMINALS,
    "day": SEES_PEOPLE,
    "command": ("hr_officer", "administrator"),
}


class BiometricBus(models.AbstractModel):
    _name = "biometric.bus"
    _description = "Messages to screens"

    @api.model
    def _tell(self, kind, company, message):
        """One message to the screens of a company (`res.company`), sent after the commit."""
        name = _name(kind)
        if self.env.context.get("biometric_agent_id"):
            hint_screens_together(self.env)
        self.env["bus.bus"]._sendone((company, name), name, message)

    @api.model
    def _hears(self, kind):
        """Whether the reader holds a role that hears a kind."""
        has_group = self.env.user.has_group
        return any(has_group(f"biometric_attendance.group_{role}") for role in HEARS[kind])

    @api.model
    def _channels(self):
        """What the reader's screens are subscribed to."""
        kinds = [_name(kind) for kind in HEARS if self._hears(kind)]
        companies = self.env.user.sudo().company_ids if kinds else ()
        return [(company, name) for company in companies for name in kinds]


class IrWebsocket(models.AbstractModel):
    _inherit = "ir.websocket"

    def _build_bus_channel_list(self, channels):
        found = super()._build_bus_channel_list(channels)
        return [*found, *self.env["biometric.bus"]._channels()]


def _name(kind):
    return f"biometric_attendance/{kind}"
