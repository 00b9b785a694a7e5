"""When a terminal serves: from which instant its punches count, and that it moved.

What it holds from before, or from elsewhere, are the punches of other people under the same PINs:
they wait for a person. Owns the buttons and what an approval is offered. Must not know days.
"""

from datetime import timedelta

from odoo import api, fields
from odoo.exceptions import UserError
from odoo.tools import format_datetime

from ...engine import log_reach, service_begins, wall

# Sightings looked at to find where a log begins.
FIRST_LINES = 2000


class DeviceService:
    """Of biometric.device: since when it serves here. Mixed into its one class."""

    __slots__ = ()

    # Which of its audited fields turn punches into other minutes, and whose they are to change.
    _audit_right = "administrator"
    _audit_pay_fields = (
        "state",
        "agent_id",
        "status_preset",
        "status_map",
        "verify_preset",
        "verify_map",
        "in_service_from",
        "moved_at",
        "back_at",
    )

    def _audit_subjects(self):
        return self._people()

    def _people(self):
        """Ids of the employees whom its PINs mean or meant."""
        self.ensure_one()
        users = self.env["biometric.device.user"].sudo()
        rows = users.search([("device_id", "=", self.id), ("employee_id", "!=", False)])
        return set(rows.employee_id.ids)

    def _service_begins(self):
        """Naive UTC instant from which a person said that it serves here, or since it came back;
        None where nobody said so."""
        self.ensure_one()
        said = self.in_service_from if self.in_service_said else None
        return max(filter(None, (said, self.back_at)), default=None)

    def _service_day(self):
        """First day of its service on its own clock; False where nobody said one."""
        begins = self._service_begins()
        return self._day_of(begins) if begins else False

    def _first_days(self):
        """{device id: first day of its service on its own clock}, whoever named it; of those that
        have one."""
        return {
            device.id: device._day_of(device.in_service_from)
            for device in self.sudo()
            if device.in_service_from
        }

    def _after_write(self, vals):
        """A person said since when it serves, or what its codes mean: days change."""
        said = "in_service_from" in vals and "in_service_said" not in vals
        if said:
            self.sudo().write({"in_service_said": bool(vals["in_service_from"])})
        if said or set(vals) & {"status_preset", "status_map"}:
            self._mark_all_stale()

    def _begin_service(self, since):
        """Heard for the first time: what lies before is no claim of ours, but nobody said so."""
        self.write({"in_service_from": since, "in_service_said": False})

    # ------------------------------------------------------------------ approval

    def action_open_approve(self):
        """The dialog of an approval; it offers since when each terminal serves. Those that serve
        already, and those that came back, are not asked about."""
        self.check_access("write")
        devices = self.filtered(lambda device: device.state in ("waiting", "refused"))
        if not devices:
            raise UserError(self.env._("None of these terminals is waiting for approval."))
        one = {"default_device_id": devices.id} if len(devices) == 1 else None
        return {
            "type": "ir.actions.act_window",
            "res_model": "biometric.device.approve",
            "name": self.env._("Approve"),
            "view_mode": "form",
            "target": "new",
            "context": one or {"default_device_ids": devices.ids},
        }

    def _service_offer(self):
        """`(instant offered, reason in words)`: never before the first record of its own log, and
        where it served elsewhere not before it was heard here."""
        self.ensure_one()
        _ = self.env._
        if self.in_service_from:
            return self.in_service_from, _("as configured")
        heard = self.first_seen_at or self.create_date
        if self._served_elsewhere():
            return heard, _("its first contact here: it was in service elsewhere before")
        begins = self._log_begins()
        if not begins:
            return heard, _("its first contact here")
        return begins[0], _("the first record of its own log")

    def _begin_after_elsewhere(self):
        """Approved without a word about its service: where an agent heard a terminal that served
        elsewhere, it begins when it was heard here."""
        self.ensure_one()
        if self.first_seen_at and not self.in_service_from and self._served_elsewhere():
            self.in_service_from = self.first_seen_at

    def _log_begins(self):
        """Where its log begins by its own order: of the read, else of what it pushed."""
        self.env.cr.execute(
            """SELECT p.wall_time, s.received_at
                 FROM biometric_sighting s JOIN biometric_punch p ON p.id = s.punch_id
                WHERE s.device_id = %(device)s AND s.kind = 'punch' AND s.channel = COALESCE(
                      (SELECT o.channel FROM biometric_sighting o
                        WHERE o.device_id = %(device)s AND o.kind = 'punch' AND o.channel = 'poll'
                        LIMIT 1), 'push')
                ORDER BY s.lane_id, s.seq LIMIT %(lines)s""",
            {"device": self.id, "lines": FIRST_LINES},
        )
        rows = self.env.cr.fetchall()
        spans = self._spans()
        stamps = [
            (wall.to_instant(shown, wall.span_zone(spans, shown)), shown) for shown, _at in rows
        ]
        return service_begins(log_reach(stamps, fields.Datetime.now()))

    # ------------------------------------------------------------------ moving

    def action_moved_away(self):
        """It serves somewhere else now. What it recorded here stays and counts; its mappings end,
        and what it tells from now on waits."""
        self.check_access("write")
        for device in self:
            if device.state != "active":
                raise UserError(self.env._("Only a terminal in service can be moved away."))
            moved_at = device.last_heard_at or fields.Datetime.now()
            device._end_mappings(device._day_of(moved_at))
            device.sudo().write({"state": "moved", "moved_at": moved_at, "back_at": False})
            device._mark_all_stale(device._day_of(moved_at) - timedelta(days=1))

    def _move_to_place(self, first_day, values):
        """The same company, another place: other people own its PINs from that day on.

        first_day: the first one at the new place, on its clock there; values: what is written of
        the place. Needs the right to write."""
        self.ensure_one()
        self.check_access("write")
        self._end_mappings(first_day - timedelta(days=1))
        self.write(values)
        midnight = f"{first_day} 00:00:00"
        moved_at = wall.to_instant(midnight, wall.span_zone(self._spans(), midnight))
        self.sudo().write({"moved_at": moved_at, "back_at": moved_at})
        self._mark_all_stale(first_day - timedelta(days=1))

    def _day_of(self, instant):
        """The date that its own clock showed at an instant (naive UTC)."""
        self.ensure_one()
        return fields.Date.to_date(wall.from_instant(instant, self._spans())[:10])

    def _end_mappings(self, day):
        """Mappings end with that day; those that would begin later mean nobody here any more."""
        self.ensure_one()
        users = self.sudo().user_ids.filtered(
            lambda user: user.employee_id and (not user.valid_to or user.valid_to > day)
        )
        begun = users.filtered(lambda user: not user.valid_from or user.valid_from <= day)
        with self._because(self.env._("the terminal moved")):
            begun.valid_to = day
            (users - begun).employee_id = False

    def _come_back(self):
        """Approved again after it had moved away; what it recorded elsewhere does not count."""
        self.ensure_one()
        self.sudo().write({"state": "active", "back_at": fields.Datetime.now()})
        self._mark_all_stale()

    def _elsewhere(self):
        """The same serial number in other companies; for the system alone."""
        return (
            self.env["biometric.device"]
            .sudo()
            .with_context(active_test=False)
            .search([("serial", "in", self.mapped("serial")), ("state", "in", ("active", "moved"))])
        )

    def _served_elsewhere(self):
        self.ensure_one()
        return any(
            other.serial == self.serial and other.company_id != self.company_id
            for other in self._elsewhere()
        )

    @api.depends("state", "serial")
    def _compute_elsewhere_note(self):
        """That it moved, for the administrators of both places; nothing of the other one."""
        others = self._elsewhere()
        for device in self:
            rivals = others.filtered(
                lambda other, device=device: (
                    other.serial == device.serial and other.company_id != device.company_id
                )
            )
            device.elsewhere_note = device._moved_words(rivals) if rivals else False

    def _moved_words(self, rivals):
        """rivals: the same terminal elsewhere, under sudo."""
        _ = self.env._
        mine = self.first_seen_at or self.create_date
        newer = rivals.filtered(
            lambda other: other.state == "active" and (other.first_seen_at or mine) > mine
        )
        if self.state == "active" and newer:
            when = format_datetime(self.env, max(other.first_seen_at for other in newer))
            return _(
                "Since %s this terminal has been in service elsewhere. If it was moved "
                "away, press “Moved away”: what it recorded here is kept.",
                when,
            )
        if self.state in ("waiting", "active"):
            return _(
                "This terminal was in service elsewhere before. What it recorded before "
                "its service here belongs to other people and waits for your decision."
            )
        return False
