"""Whoever reads as an auditor is written down: each look at a person's days is an entry.

Mixin of what shows people's days. Sums and counts by group are looks too. Must not know what is
shown.
"""

from odoo import api, models

from ..mixins.biometric_audited import Concern

AUDITOR = "biometric_attendance.group_auditor"


class BiometricLook(models.AbstractModel):
    _name = "biometric.look"
    _description = "Views by auditors are recorded"

    @api.model
    def _is_looking(self):
        """Whether the reader reads as an auditor: nobody writes down what people do by the other
        roles they hold, which is their daily work."""
        return not self.env.su and self.env.user.has_group(AUDITOR)

    def _fetch_query(self, query, fields):
        """Every value that is read, by whatever door, comes through here."""
        fetched = super()._fetch_query(query, fields)
        if fetched and self._is_looking():
            self._write_down_look(fetched.sudo().employee_id)
        return fetched

    @api.model
    @api.readonly
    def search_count(self, domain, limit=None):
        """How many days are late, of one person, tells of that person."""
        if self._is_looking():
            self._write_down_look(self.sudo().browse(self._search(domain)).employee_id)
        return super().search_count(domain, limit=limit)

    @api.model
    def _read_group(self, domain, *args, **kwargs):
        if self._is_looking():
            self._write_down_look(self.sudo().browse(self._search(domain)).employee_id)
        return super()._read_group(domain, *args, **kwargs)

    @api.model
    def _read_grouping_sets(self, domain, *args, **kwargs):
        if self._is_looking():
            self._write_down_look(self.sudo().browse(self._search(domain)).employee_id)
        return super()._read_grouping_sets(domain, *args, **kwargs)

    @api.model
    def _write_down_look(self, employees):
        """One entry a company and request, of those not yet named in it; never of the reader."""
        seen = self.env.cr.precommit.data.setdefault("biometric.look", set())
        people = employees.filtered(lambda one: (self.env.uid, self._name, one.id) not in seen)
        seen.update((self.env.uid, self._name, one.id) for one in people)
        people = people.filtered(lambda one: one.user_id != self.env.user)
        for company, own in people.grouped("company_id").items():
            self.env["biometric.audit"].sudo()._record(
                "auditor.look",
                own if len(own) == 1 else company,
                None,
                {"model": self._name, "people": sorted(own.ids)},
                company=company,
                concern=Concern(set(own.ids), may_refuse=False),
            )
