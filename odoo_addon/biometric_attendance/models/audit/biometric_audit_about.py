"""What an entry of the trail is about, to be searched by: a person and a day. The terminal is the
registry's to say.

Owns fields that are searched and hardly shown. The trail keeps numbers and texts, no links:
records that are gone are found by what was written. Must not know words.
"""

from odoo import api, fields
from odoo.fields import Domain
from odoo.tools import SQL

from ...seams.sql_people import LOGINS

# What an act names as its day lies this near to the day on which it was done.
APART = 400


class AuditAbout:
    """Of biometric.audit: person and day. Mixed into its one class."""

    __slots__ = ()

    @api.model
    def _search_person(self, operator, value):
        """By a part of the name: whom it is about, whom it concerns, who acted."""
        if operator not in ("ilike", "=ilike", "like", "in"):
            return NotImplemented
        people = self.env["hr.employee"].sudo().with_context(active_test=False)
        where = [("name", operator, value), ("company_id", "in", self.env.companies.ids)]
        return self._about_people(people._search(where).subselect())

    @api.model
    def _search_concerned_id(self, operator, value):
        """By the numbers of employees."""
        if operator != "in":
            return NotImplemented
        return self._about_people(SQL("(SELECT unnest(%s))", [int(one) for one in value if one]))

    @api.model
    def _about_people(self, ids):
        """Domain of the entries about these employees (a subquery of ids), of those that concern
        them besides, and of what they did."""
        self.env["hr.employee"].flush_model(["user_id"])
        concerned = SQL("(SELECT entry_id FROM biometric_audit_concern WHERE person_id IN %s)", ids)
        acted = SQL(
            """(SELECT a.id FROM biometric_audit a JOIN %s l ON l.user_id = a.user_id
                 WHERE l.employee_id IN %s)""",
            SQL(LOGINS),
            ids,
        )
        named = SQL("(SELECT id FROM biometric_audit WHERE person_id IN %s)", ids)
        return Domain.OR(Domain("id", "in", one) for one in (named, concerned, acted))

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
    def action_open_history(self, model, ids):
        """What was done about these records, as a list: a terminal's with that of its PINs, zones
        and gaps, a person's with what concerns them, a day's with what names it."""
        self.check_access("read")
        ids = [int(one) for one in ids]
        by = self._history_fields()
        own = [("model", "=", model), ("res_id", "in", ids)]
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "biometric_attendance.biometric_audit_action"
        )
        domain = [(by[model], "in", ids)] if model in by else own
        return dict(action, name=self.env._("History"), domain=domain, context={}, path=False)

    @api.model
    def _history_fields(self):
        """`{model: field of the trail by which its history is found}`, where it is more than what
        was done to the record itself. Rooms add what is theirs."""
        return {"hr.employee": "concerned_id"}


def _is_date(text):
    return isinstance(text, str) and len(text) == 10 and text[:4].isdigit()
