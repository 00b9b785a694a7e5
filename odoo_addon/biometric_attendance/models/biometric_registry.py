"""How the users on a terminal and the people in Odoo stand to each other: in step, only on one
side, different; who an unknown PIN probably is; and how a person is written to a terminal.

A suggestion is never taken by itself. Names never flow from a terminal into employees. What is
written to a terminal is a whole record, read before, and never one of its administrators.
"""

import unicodedata
from datetime import timedelta
from typing import NamedTuple

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

STANDINGS = [
    ("in_step", "In step"),
    ("only_device", "Only on the device"),
    ("only_odoo", "Only in Odoo"),
    ("differs", "Differs"),
]
# Bytes of a name on a terminal; older ones cut after eight characters.
MAX_NAME_BYTES = 24
SHORT_NAME = 8
# A record is overwritten only when it was read this recently.
FRESH = timedelta(days=1)
ORDINARY = ("", "0")

_STANDING = """
SELECT u.id,
       CASE WHEN u.employee_id IS NULL
            THEN CASE WHEN u.sync_state <> 'gone' THEN 'only_device' END
            WHEN COALESCE(u.valid_from, now()::date) > now()::date
              OR COALESCE(u.valid_to, now()::date) < now()::date
            THEN CASE WHEN u.sync_state = 'on_device' AND NOT EXISTS (
                           SELECT 1 FROM biometric_device_user n WHERE n.device_id = u.device_id
                              AND n.pin = u.pin AND n.id <> u.id AND n.employee_id IS NOT NULL
                              AND COALESCE(n.valid_to, now()::date) >= now()::date)
                      THEN 'only_device' END
            WHEN u.sync_state <> 'on_device' THEN 'only_odoo'
            WHEN COALESCE(u.device_name, '') = ''
              OR lower(u.device_name) <> lower(left(e.name, char_length(u.device_name)))
              OR char_length(u.device_name) < LEAST(char_length(e.name), %(short)s)
            THEN 'differs' ELSE 'in_step' END AS standing
  FROM biometric_device_user u LEFT JOIN hr_employee e ON e.id = u.employee_id
"""


def fold(name):
    """A name as compared: without case, accents and double blanks."""
    plain = unicodedata.normalize("NFKD", name or "")
    return " ".join("".join(c for c in plain if not unicodedata.combining(c)).casefold().split())


def terminal_name(name):
    """As much of a name as a terminal keeps, cut between characters."""
    short = ""
    for character in " ".join((name or "").split()):
        if len((short + character).encode()) > MAX_NAME_BYTES:
            break
        short += character
    return short.rstrip()


class Push(NamedTuple):
    """What writing one person to one terminal would do. `problem`: why it is not done."""

    pin: str
    action: str  # create, rename, none
    before: str
    after: str
    problem: str


class BiometricDevice(models.Model):
    _inherit = "biometric.device"

    work_location_id = fields.Many2one(
        "hr.work.location",
        check_company=True,
        help="People of this work location belong on this terminal",
    )


class BiometricDeviceUser(models.Model):
    _inherit = "biometric.device.user"

    standing = fields.Selection(
        STANDINGS, "Sync state", compute="_compute_standing", search="_search_standing"
    )
    suggested_employee_id = fields.Many2one(
        "hr.employee", "Probably", compute="_compute_suggestion", compute_sudo=True
    )
    suggestion_reason = fields.Char("Because", compute="_compute_suggestion", compute_sudo=True)
    is_enrolled = fields.Boolean(
        "Enrolled",
        compute="_compute_is_enrolled",
        search="_search_is_enrolled",
        help="A finger, face, palm, card or password is known to the terminal",
    )

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

    # ------------------------------------------------------------------ suggestions

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

    # ------------------------------------------------------------------ writing to a terminal

    @api.model
    def _push_plan(self, device, employee, pin=None):
        """The Push of one person to one terminal; shows the difference, changes nothing."""
        _ = self.env._
        device, employee = device.sudo(), employee.sudo()
        rows = self.sudo().search(
            [("device_id", "=", device.id), ("employee_id", "=", employee.id)]
        )
        row = rows.filtered(lambda r: not r.valid_to or r.valid_to >= fields.Date.today())[:1]
        after = terminal_name(employee.name)
        if device.state != "active" or not device.channel_push:
            return Push(row.pin or "", "none", "", after, _("Only terminals that push take users"))
        if row and row.sync_state == "on_device":
            return self._rename_plan(row, after)
        pin = row.pin or (pin or "").strip() or self._first_pin(device, employee)
        if not pin:
            return Push("", "create", "", after, _("Choose a PIN"))
        taken = self.sudo().search(
            [("device_id", "=", device.id), ("pin", "=", pin), ("id", "!=", row.id)]
        )
        if taken.filtered(lambda t: t.employee_id or t.sync_state != "gone"):
            return Push(pin, "create", "", after, _("This PIN is in use on the terminal"))
        return Push(pin, "create", "", after, "")

    @api.model
    def _rename_plan(self, row, after):
        _ = self.env._
        before = row.device_name or ""
        if before == after:
            return Push(row.pin, "none", before, after, "")
        problem = ""
        if (row.privilege or "") not in ORDINARY:
            problem = _("An administrator of the terminal: left alone")
        elif not row.seen_at or fields.Datetime.now() - row.seen_at > FRESH:
            problem = _("Refresh its users first: its record was not read today")
        return Push(row.pin, "rename", before, after, problem)

    @api.model
    def _first_pin(self, device, employee):
        """The PIN a person has on the company's other terminals, else the badge number."""
        pins = set(
            self.sudo()
            .search(
                [
                    ("company_id", "=", device.company_id.id),
                    ("employee_id", "=", employee.id),
                ]
            )
            .mapped("pin")
        )
        if len(pins) == 1:
            return pins.pop()
        return employee.barcode if not pins and employee.barcode else ""

    @api.model
    def _push(self, device, employee, plan):
        """Order one Push that has no problem; HR officers. The mapping is made with it."""
        if not self.env.user.has_group("biometric_attendance.group_hr_officer"):
            raise AccessError(self.env._("Only HR officers write users to terminals."))
        device.check_access("read")
        if plan.action == "create":
            self.map_pins(device.ids, [[plan.pin, employee.id]])
        row = self.search(
            [("device_id", "=", device.id), ("pin", "=", plan.pin)], order="id desc", limit=1
        )
        # The whole record: a field left out is wiped by some firmware.
        arguments = {"pin": plan.pin, "name": plan.after, "privilege": 0}
        if row.card and row.card.strip("0"):
            arguments["card"] = row.card
        return self.env["biometric.command"]._give_user(device, arguments)


class BiometricCommand(models.Model):
    _inherit = "biometric.command"

    @api.model
    def _give_user(self, device, arguments):
        """`push_user` as the registry built it; its caller checked who may. Audited."""
        if device.state != "active" or not device.sudo().agent_id:
            raise UserError(self.env._("Only approved devices with an agent take commands."))
        command = self._add(device, "push_user", self._check_arguments("push_user", arguments))
        self.env["biometric.audit"]._record(
            "command.push_user", device, None, {"command": command.id, "arguments": arguments}
        )
        return command
