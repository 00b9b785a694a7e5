"""From an incident to what it is about: the lines that could not be read, the windows that are not
proven, the terminal that is silent.

Owns which list that is. Must not decide what is an incident.
"""

from ..mixins.biometric_dialog import READ_AS


class IncidentLines:
    """Of biometric.incident: where it leads. Mixed into its one class (biometric_incident.py)."""

    __slots__ = ()

    def action_open_lines(self):
        """What it is about, as the reader may see it; its terminal or branch where there is no list
        of it or it is not for them."""
        self.ensure_one()
        self.check_access("read")
        finders = {
            "gap": self._open_its_gaps,
            "loss": self._open_its_gaps,
            "reject": self._open_its_rejects,
            "foreign": self._open_its_hearings,
            "set_aside": self._open_its_subject,
        }
        found = finders[self.kind]() if self.kind in finders else None
        return found or self._form_of(self.device_id or self.agent_id)

    def _open_its_gaps(self):
        if self.device_id:
            return self.device_id.action_open_gaps()
        action = self._list_of("gap")
        lost = [("kind", "=", "lost"), ("state", "=", "open")]
        return dict(action, domain=[("agent_id", "=", self.agent_id.id), *lost])

    def _open_its_rejects(self):
        if self.env["biometric.sighting"].has_access("read"):
            return self.device_id.action_open_rejects()
        return None

    def _open_its_hearings(self):
        if not self.env["biometric.hearing"].has_access("read"):
            return None
        return dict(self._list_of("hearing"), domain=[("device_id", "=", self.device_id.id)])

    def _open_its_subject(self):
        """The record that a job set aside, where it can be opened."""
        model = READ_AS.get(self.subject_model, self.subject_model)
        if model not in self.env:
            return None
        subject = self.env[model].browse(self.subject_id).exists()
        return self._form_of(subject) if subject and subject.has_access("read") else None

    def _list_of(self, what):
        action = self.env["ir.actions.act_window"]._for_xml_id(
            f"biometric_attendance.biometric_{what}_action"
        )
        return dict(action, context={})

    def _form_of(self, record):
        """The form of one record; of nothing, that of the incident itself."""
        return {
            "type": "ir.actions.act_window",
            "res_model": (record or self)._name,
            "res_id": (record or self).id,
            "view_mode": "form",
            "views": [(False, "form")],
        }
