"""What an entry of the trail is about, to be searched by: a person, a terminal, a day.

Owns three fields that are searched and hardly shown. The trail keeps numbers and texts, no links:
records that are gone are found by what was written. Must not know words.
"""

from odoo import api, fields
from odoo.fields import Domain
from odoo.tools import SQL

# Models whose rows belong to a terminal, with their table.
OF_TERMINALS = {
    "biometric.device.user": "biometric_device_user",
    "biometric.device.zone": "biometric_device_zone",
    "biometric.gap": "biometric_gap",
    "biometric.hearing": "biometric_hearing",
    "biometric.commissioning": "biometric_commissioning",
}
# What an act names as its day lies this near to the day on which it was done.
APART = 400


class AuditAbout:
    """Of biometric.audit: person, terminal and day. Mixed into its one class."""

    __slots__ = ()

    @api.model
    def _search_person(self, operator, value):
        """By a part of the name: whom it is about, whom it concerns, who acted."""
        if operator not in ("ilike", "=", "in", "like", "=ilike"):
            return NotImplemented
        people = self.env["hr.employee"].sudo().with_context(active_test=False)
        where = [("name", operator, value), ("company_id", "in", self.env.companies.ids)]
        return self._about_people(people._search(where))

    @api.model
    def _about_people(self, people):
        """Domain of the entries about these employees (a query), those who acted among them."""
        ids = people.subselect()
        concerned = SQL(
            "(SELECT entry_id FROM biometric_audit_concern WHERE person_id IN %s)", ids
        )
        named = SQL("(SELECT id FROM biometric_audit WHERE person_id IN %s)", ids)
        acted = SQL(
            """(SELECT a.id FROM biometric_audit a JOIN hr_employee e ON e.user_id = a.user_id
                 WHERE e.id IN %s)""",
            ids,
        )
        self.env["hr.employee"].flush_model(["user_id"])
        return Domain.OR(Domain("id", "in", one) for one in (named, concerned, acted))

    def _compute_device_id(self):
        """The terminal of each, where it is there still."""
        for entry in self:
            entry.device_id = entry._its_device()

    def _its_device(self):
        if self.model == "biometric.device":
            return self.env["biometric.device"].browse(self.res_id or 0).exists()
        if self.model in OF_TERMINALS:
            return self.env[self.model].sudo().browse(self.res_id or 0).exists().device_id
        return self.env["biometric.device"]

    @api.model
    def _search_device_id(self, operator, value):
        devices = self.env["biometric.device"].with_context(active_test=False)
        if operator == "any":
            ids = devices.search(value).ids
        elif operator == "in":
            ids = [one for one in value if one]
        else:
            return NotImplemented
        domains = [Domain("model", "=", "biometric.device") & Domain("res_id", "in", ids)]
        for model, table in OF_TERMINALS.items():
            self.env[model].flush_model(["device_id"])
            rows = SQL("(SELECT id FROM %s WHERE device_id = ANY(%s))", SQL.identifier(table), ids)
            domains.append(Domain("model", "=", model) & Domain("res_id", "in", rows))
        return Domain.OR(domains)

    def _compute_day(self):
        for entry in self:
            found = {**entry._read(entry.before), **entry._read(entry.after)}.get("date")
            entry.day = fields.Date.to_date(found) if _is_date(found) else False

    @api.model
    def _search_day(self, operator, value):
        """By the date that an act is about, as it was written."""
        if operator != "in":
            return NotImplemented
        days = [fields.Date.to_date(one) for one in value if one]
        return Domain.OR(self._about_day(day) for day in days)

    @api.model
    def _about_day(self, day):
        written = f'%"date":"{day}"%'
        near = Domain("happened_at", ">=", fields.Date.subtract(day, days=APART)) & Domain(
            "happened_at", "<", fields.Date.add(day, days=APART)
        )
        return near & (Domain("after", "=like", written) | Domain("before", "=like", written))

    # ------------------------------------------------------------------ histories

    @api.model
    def _search_day_id(self, operator, value):
        """The history of a computed day: acts about this person that name this date."""
        if operator != "in":
            return NotImplemented
        days = self.env["biometric.day"].browse([one for one in value if one])
        days.check_access("read")
        return Domain.OR(
            Domain("person_id", "=", day.employee_id.id) & self._about_day(day.date)
            for day in days.sudo()
        )


def _is_date(text):
    return isinstance(text, str) and len(text) == 10 and text[:4].isdigit()
