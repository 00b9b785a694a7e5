"""How the users on a terminal and the people in Odoo stand to each other: in step, only on one
side, different; and who an unknown PIN probably is.

A suggestion is never taken by itself. Names never flow from a terminal into employees. Writing to a
terminal is biometric_registry_push.
"""

import unicodedata

from odoo import api, fields
from odoo.exceptions import UserError
from odoo.tools import SQL

from ...contract.terminal_name import terminal_name
from ...seams.sql_people import EMPLOYEES

STANDINGS = [
    ("in_step", "Synchronised"),
    ("only_device", "Only on the terminal"),
    ("only_odoo", "Only in Odoo"),
    ("differs", "Differs"),
]
# Older terminals cut a name after so many characters.
SHORT_NAME = 8
# Bit 0 of what a terminal states as privilege: the user is switched off there.
IS_DISABLED = "(CASE WHEN u.privilege ~ '^[0-9]{1,3}$' THEN u.privilege::int & 1 ELSE 0 END) = 1"

# The date that the clock of the terminal of row u shows.
TODAY = """(now() AT TIME ZONE biometric_zone(COALESCE((
                 SELECT z.tz FROM biometric_device_zone z WHERE z.device_id = u.device_id
                  ORDER BY z.valid_from DESC LIMIT 1), 'UTC')))::date"""

_STANDING = f"""
SELECT u.id,
       CASE WHEN u.employee_id IS NULL
            THEN CASE WHEN u.sync_state <> 'gone' THEN 'only_device' END
            WHEN COALESCE(u.valid_from, {TODAY}) > {TODAY}
              OR COALESCE(u.valid_to, {TODAY}) < {TODAY}
            THEN CASE WHEN u.sync_state = 'on_device' AND NOT ({IS_DISABLED}) AND NOT EXISTS (
                           SELECT 1 FROM biometric_device_user n WHERE n.device_id = u.device_id
                              AND n.pin = u.pin AND n.id <> u.id AND n.employee_id IS NOT NULL
                              AND COALESCE(n.valid_to, {TODAY}) >= {TODAY})
                      THEN 'only_device' END
            WHEN u.sync_state <> 'on_device' THEN 'only_odoo'
            WHEN {IS_DISABLED} OR COALESCE(u.device_name, '') = ''
              OR lower(u.device_name) <> lower(left(e.name, char_length(u.device_name)))
              OR char_length(u.device_name) < LEAST(char_length(e.name), %(short)s)
            THEN 'differs' ELSE 'in_step' END AS standing
  FROM biometric_device_user u LEFT JOIN {EMPLOYEES} e ON e.id = u.employee_id
"""


def fold(name):
    """A name as compared: without case, accents and double blanks."""
    plain = unicodedata.normalize("NFKD", name or "")
    return " ".join("".join(c for c in plain if not unicodedata.combining(c)).casefold().split())


class DeviceUserStanding:
    """Of biometric.device.user: how it stands to Odoo. Mixed into its one class."""

    __slots__ = ()

    def _compute_standing(self):
        self.flush_model()
        self.env.cr.execute(
            SQL(
                "SELECT * FROM (%s) s WHERE id = ANY(%s)",
                SQL(_STANDING, short=SHORT_NAME),
                self.ids,
            )
        )
        found = dict(self.env.cr.fetchall())
        for user in self:
            user.standing = found.get(user.id)

    @api.model
    def _search_standing(self, operator, value):
        if operator != "in":
            return NotImplemented
        self.flush_model()
        query = SQL(
            "(SELECT id FROM (%s) s WHERE COALESCE(standing, '') = ANY(%s))",
            SQL(_STANDING, short=SHORT_NAME),
            [item or "" for item in value],
        )
        return [("id", "in", query)]

    @api.depends("privilege")
    def _compute_is_disabled(self):
        for user in self:
            user.is_disabled = bool((user._privilege_bits() or 0) & 1)

    def _privilege_bits(self):
        """What the terminal states: bit 0 switched off, bits 1 to 3 the level. None: unclear."""
        self.ensure_one()
        text = self.privilege or "0"
        return int(text) if text.isascii() and text.isdigit() and len(text) <= 3 else None

    @api.depends("fingers", "faces", "palms", "card", "has_password")
    def _compute_is_enrolled(self):
        for user in self:
            user.is_enrolled = bool(
                user.fingers
                or user.faces
                or user.palms
                or user.has_password
                or (user.card or "0").strip("0")
            )

    def _credentials_text(self):
        """What the terminal already knows of the person, in words; numbers only, never content."""
        self.ensure_one()
        _ = self.env._
        parts = [
            _("Fingers: %s", self.fingers) if self.fingers else "",
            _("face") if self.faces else "",
            _("palm") if self.palms else "",
            _("card") if (self.card or "0").strip("0") else "",
            _("password") if self.has_password else "",
        ]
        return ", ".join(filter(None, parts))

    @api.model
    def _search_is_enrolled(self, operator, value):
        if operator != "in":
            return NotImplemented
        known = [
            "|",
            "|",
            "|",
            "|",
            ("fingers", ">", 0),
            ("faces", ">", 0),
            ("palms", ">", 0),
            ("has_password", "=", True),
            ("card", "not in", (False, "", "0")),
        ]
        parts = ([known] if True in value else []) + ([["!", *known]] if False in value else [])
        return fields.Domain.OR(parts)

    def _compute_suggestion(self):
        for company, users in self.grouped("company_id").items():
            open_users = users.filtered(lambda user: not user.employee_id)
            badges, names = self._candidates(company) if open_users else ({}, {})
            for user in users:
                found, reason = None, ""
                if user in open_users:
                    found = badges.get(user.pin)
                    reason = self.env._("same badge number") if found else ""
                    if not found and user.device_name:
                        found = names.get(fold(user.device_name))
                        reason = self.env._("same name") if found else ""
                user.suggested_employee_id = found
                user.suggestion_reason = reason

    @api.model
    def _candidates(self, company):
        """({badge number: employee id}, {folded name: employee id}), only what is unambiguous."""
        badges, names = {}, {}
        for employee in self.env["hr.employee"].search([("company_id", "=", company.id)]):
            if employee.barcode:
                badges[employee.barcode] = employee.id
            for name in {fold(employee.name), fold(terminal_name(employee.name))}:
                names[name] = None if name in names else employee.id
        return badges, names

    def action_take_suggestion(self):
        """A person confirms: these PINs mean whom they probably are."""
        self.check_access("write")
        for user in self:
            employee = user.suggested_employee_id
            if not employee:
                raise UserError(self.env._("Nobody is suggested for PIN %s.", user.pin))
            user.employee_id = employee
