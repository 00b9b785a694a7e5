"""The acts of a tenant's life as sentences of the audit trail, in the tenant's own and in the
provider's. Owns words alone. Must not know what the acts do.
"""

from odoo import api, models

OURS = "service."


class BiometricAudit(models.Model):
    _inherit = "biometric.audit"

    @api.model
    def _act_words(self):
        _ = self.env._
        return {
            **super()._act_words(),
            "service.state": _("The state of the service changed: %(what)s"),
            "service.order": _("%(who)s ordered a plan: %(what)s"),
            "service.leave": _("%(who)s started leaving the service: %(what)s"),
            "service.stay": _("%(who)s canceled leaving the service: %(what)s"),
            "service.stop": _("%(who)s stopped the agents in order to leave: %(what)s"),
            "service.confirm": _("%(who)s confirmed that the company is to be deleted: %(what)s"),
            "service.ask": _("%(who)s requested the deletion of the company: %(what)s"),
            "service.delete": _("%(who)s deleted the company: %(what)s"),
        }

    def _what(self):
        """With the states or plans that a change went from and to."""
        name = super()._what()
        told = {"service.state": "state", "service.order": "plan"}.get(self.action)
        if not told:
            return name
        before, after = self._read(self.before), self._read(self.after)
        field = self.env["biometric.service.tenant"]._fields.get(told)
        old, new = before.get(told), after.get(told)
        words = {"name": name, "new": self._value(field, new), "old": self._value(field, old)}
        if old and old != new:
            return self.env._("%(name)s, %(new)s instead of %(old)s", **words)
        return self.env._("%(name)s, %(new)s", **words)

    def _label(self, field, name, says_clock):
        """What these acts write beside their state, as a heading."""
        label = self._our_labels().get(name) if self.action.startswith(OURS) else None
        return label or super()._label(field, name, says_clock)

    @api.model
    def _our_labels(self):
        _ = self.env._
        return {
            "plan": _("Plan"),
            "from": _("Valid from"),
            "since": _("Since"),
            "next": _("Until"),
            "on": _("Date"),
            "tokens": _("Stopped agents"),
            "sha256": _("SHA-256"),
            "possible_from": _("Not before"),
        }
