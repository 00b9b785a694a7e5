"""How a person is written to a terminal: created, renamed, switched off or on again, as a
difference that is shown first and an order for the agent.

What is written was read before, is the whole record, and is never one of the terminal's
administrators. Nobody is deleted from a terminal: that would destroy the templates.
"""

from datetime import timedelta
from typing import NamedTuple

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ...contract.terminal_name import terminal_name

# A record is overwritten only when it was read this recently.
FRESH = timedelta(days=1)
# Bits 1 to 3 of a privilege: 0 is an ordinary user.
LEVEL = 14


class Push(NamedTuple):
    """What writing one person to one terminal would do. `problem`: why it is not done."""

    pin: str
    action: str  # create, rename, enable, disable, none
    before: str
    after: str
    problem: str


class DeviceUserPush:
    """Of biometric.device.user: writing it to terminals. Mixed into its one class."""

    __slots__ = ()

    def action_write(self):
        """Opens the dialog with what would be written for these people; changes nothing."""
        self.check_access("read")
        pairs = [(user.device_id, user.employee_id) for user in self if user.employee_id]
        if not pairs:
            raise UserError(self.env._("Assign these PINs first."))
        return self.env["biometric.user.push"]._open(pairs)

    def action_switch_off(self):
        """Opens the dialog that shows what switching these users off would do."""
        self.check_access("read")
        return self.env["biometric.user.push"]._open([], self)

    @api.model
    def _push_plan(self, device, employee, pin=None):
        """The Push that makes one person usable on one terminal; changes nothing."""
        _ = self.env._
        device, employee = device.sudo(), employee.sudo()
        rows = self.sudo().search(
            [("device_id", "=", device.id), ("employee_id", "=", employee.id)]
        )
        today = device._day_of(fields.Datetime.now())
        row = rows.filtered(lambda r: not r.valid_to or r.valid_to >= today)[:1]
        after = terminal_name(employee.name)
        if not device._takes_users():
            return Push(row.pin or "", "none", "", after, _("The terminal is not in use"))
        if row and row.sync_state == "on_device":
            return self._change_plan(row, after)
        pin = row.pin or (pin or "").strip() or self._first_pin(device, employee)
        if not pin:
            return Push("", "create", "", after, _("Choose a PIN"))
        taken = self.sudo().search(
            [("device_id", "=", device.id), ("pin", "=", pin), ("id", "!=", row.id)]
        )
        left_out = self.env["biometric.consent"]._left_out(employee)
        if left_out:
            return Push(pin, "create", "", after, left_out)
        if taken.filtered(lambda t: t.employee_id or t.sync_state != "gone"):
            return Push(pin, "create", "", after, _("This PIN is in use on the terminal"))
        there = self._probably_there(device, employee)
        if there:
            words = _("Probably already there as PIN %s: apply that suggestion first", there.pin)
            return Push(pin, "create", "", after, words)
        return Push(pin, "create", "", after, "")

    @api.model
    def _probably_there(self, device, employee):
        """The user of the terminal whom nobody mapped yet and who is probably this person."""
        unknown = self.sudo().search(
            [
                ("device_id", "=", device.id),
                ("employee_id", "=", False),
                ("sync_state", "=", "on_device"),
            ]
        )
        return unknown.filtered(lambda user: user.suggested_employee_id == employee)[:1]

    @api.model
    def _change_plan(self, row, after):
        before = row._as_on_terminal()
        if before == after:
            return Push(row.pin, "none", before, after, "")
        action = "enable" if row.is_disabled else "rename"
        left_out = self.env["biometric.consent"]._left_out(row.employee_id)
        return Push(row.pin, action, before, after, left_out or row._why_left_alone())

    def _disable_plan(self):
        """The Push that switches one user off on the terminal; the record and its fingers stay."""
        self.ensure_one()
        _ = self.env._
        row = self.sudo()
        before = row._as_on_terminal()
        after = _("%s (switched off)", row.device_name or "")
        if row.sync_state != "on_device" or row.is_disabled:
            return Push(row.pin, "none", before, before, "")
        problem = row._why_left_alone()
        if not problem and not (row.device_id._takes_users() and row.device_id._is_readable()):
            problem = _("Users cannot be disabled over push: enter the terminal's address")
        return Push(row.pin, "disable", before, after, problem)

    def _as_on_terminal(self):
        name = self.device_name or ""
        return self.env._("%s (switched off)", name) if self.is_disabled else name

    def _why_left_alone(self):
        self.ensure_one()
        _ = self.env._
        bits = self._privilege_bits()
        if bits is None or bits & LEVEL:
            return _("An administrator of the terminal: not changed")
        if not self.seen_at or fields.Datetime.now() - self.seen_at > FRESH:
            return _("Refresh its users first: its record was not read today")
        return ""

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
            raise AccessError(self.env._("Only HR officers can write users to terminals."))
        device.check_access("read")
        if plan.action == "create":
            self.map_pins(device.ids, [[plan.pin, employee.id]])
        row = self.search(
            [("device_id", "=", device.id), ("pin", "=", plan.pin)], order="id desc", limit=1
        )
        return self.env["biometric.command"]._give_user(device, row._user_record(plan))

    def _user_record(self, plan):
        """Arguments of the order. `was` is what the person was shown: the agent writes nothing if
        the terminal holds something else by now. Over push the rest is the whole record, because a
        field left out is wiped by some firmware."""
        held = "" if plan.action == "create" else self.device_name or ""
        if plan.action == "disable":
            return {"pin": plan.pin, "name": held, "was": held, "disabled": True}
        record = {"pin": plan.pin, "name": plan.after, "was": held, "privilege": 0}
        if plan.action == "enable":
            record["disabled"] = False
        if plan.action != "create" and self.card and self.card.strip("0"):
            record["card"] = self.card
        return record


class BiometricCommand(models.Model):
    _inherit = "biometric.command"

    @api.model
    def _give_user(self, device, arguments):
        """`push_user` as the registry built it; its caller checked who may. Audited."""
        if device.state != "active" or not device.sudo().agent_id:
            raise UserError(self.env._("Only approved terminals with an agent accept commands."))
        command = self._add(device, "push_user", self._check_arguments("push_user", arguments))
        self.env["biometric.audit"]._record(
            "command.push_user", device, None, {"command": command.id, "arguments": arguments}
        )
        return command
