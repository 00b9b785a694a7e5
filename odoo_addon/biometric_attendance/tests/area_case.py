"""One area of three terminals at two branches, and people with PINs on them."""

from odoo.fields import Command, Date
from odoo.tests import new_test_user

from .common import Lane
from .test_fleet_device import GROUP, FleetCase


class AreaCase(FleetCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        officer = f"base.group_user,{GROUP}hr_officer"
        cls.hr_officer = new_test_user(cls.env, "area-officer", groups=officer)
        cls.users = cls.env["biometric.device.user"]
        cls.members = cls.env["biometric.area.member"]
        cls.ann, cls.bo, cls.cid = cls.env["hr.employee"].create(
            [{"name": name} for name in ("Ann Öberg", "Bo Cruz", "Cid Campeador")]
        )
        cls.device.name = "Gate"
        cls.hall = cls.make_device(cls.agent, "SN2")
        cls.hall.name = "Hall"
        far, _token = cls.make_agent("Far branch")
        cls.yard = cls.make_device(far, "SN3")
        cls.yard.name = "Yard"
        cls.terminals = cls.device | cls.hall | cls.yard
        # terminals without a day of service, so that spans are as they are said
        cls.terminals.sudo().in_service_from = False
        cls.area = cls.make_area("Plant North", cls.terminals)
        cls.lane = Lane("a" * 32)
        cls.today = cls.env.company._biometric_today()

    @classmethod
    def make_area(cls, name, terminals, **values):
        made = {"name": name, "device_ids": [Command.set(terminals.ids)]} | values
        return cls.env["biometric.area"].with_user(cls.hr_officer).create(made).sudo()

    def belongs(self, *people, area=None, first="2026-01-01", last=False):
        area = area or self.area
        return self.members.with_user(self.hr_officer).create(
            [
                {"area_id": area.id, "employee_id": one.id}
                | {"valid_from": first, "valid_to": last}
                for one in people
            ]
        )

    def state(self, area=None, **values):
        """HR states that PINs are the same on all terminals of the area."""
        (area or self.area).with_user(self.hr_officer).write({"same_pins": True} | values)

    def seen(self, pin, *terminals):
        """A PIN that these terminals know and nobody mapped; the rows, in that order."""
        return self.users.create([{"device_id": one.id, "pin": pin} for one in terminals])

    def row(self, pin, terminal):
        return self.users.search([("device_id", "=", terminal.id), ("pin", "=", pin)])

    def spans(self, pin, terminal):
        """[(name, first, last)] of a PIN on a terminal, in their order."""
        self.env.invalidate_all()
        return [
            (
                row.employee_id.name,
                row.valid_from and Date.to_string(row.valid_from) or None,
                row.valid_to and Date.to_string(row.valid_to) or None,
            )
            for row in self.row(pin, terminal).sorted(lambda row: str(row.valid_from or ""))
        ]

    def follow(self):
        self.env.flush_all()
        self.env["biometric.area"]._cron_follow()
        self.env.invalidate_all()

    def punches(self, pin, *days, serial="SN2"):
        rows = [self.lane.punch(serial=serial, pin=pin, wall=f"{day} 08:00:00") for day in days]
        self.store(self.agent, self.lane, *rows)

    def last_entry(self, record):
        return self.env["biometric.audit"].search(
            [("model", "=", record._name), ("res_id", "=", record.id)], order="id desc", limit=1
        )
