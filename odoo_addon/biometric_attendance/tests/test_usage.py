"""C04 to C06: a plan stops adding and nothing else; usage is counted once, corrections are rows."""

import csv
import io

from odoo.exceptions import UserError
from odoo.tests import TransactionCase, tagged

from .common import AddonCase, Lane


@tagged("post_install", "-at_install")
class TestPlan(TransactionCase, AddonCase):
    def setUp(self):
        super().setUp()
        self.company = self.env["res.company"].create({"name": "Plan"})
        self.agent, _token = self.make_agent(company=self.company)

    def test_a_limit_stops_the_next_device_and_nothing_else(self):
        """C04, C05, I10. Red when the plan is asked anywhere but at approval."""
        self.company.biometric_device_limit = 5
        devices = [self.make_device(self.agent, f"SN{n}") for n in range(5)]
        sixth = self.make_device(self.agent, "SN5", approve=False)
        with self.assertRaises(UserError) as refused:
            sixth.action_approve()
        self.assertIn("includes 5 terminals, 5 are active", str(refused.exception))
        self.company.biometric_device_limit = 3
        lane = Lane()
        rows = [lane.punch(f"SN{n}") for n in range(6)]
        _head, verdicts = self.store(self.agent, lane, *rows)
        self.assertEqual(verdicts, ["stored"] * 5 + ["device_waiting"])
        for device in devices:
            self.assertEqual(device.state, "active")
            device.action_approve()
        self.assertEqual(
            self.env["biometric.punch"].search_count([("company_id", "=", self.company.id)]), 6
        )
        export = io.BytesIO()
        self.env["biometric.company.export"]._write(self.company, export)
        self.assertGreater(export.tell(), 1000)
        self.company.biometric_device_limit = 0
        sixth.action_approve()
        self.assertEqual(sixth.state, "active")


@tagged("post_install", "-at_install")
class TestUsage(TransactionCase, AddonCase):
    def setUp(self):
        super().setUp()
        self.a = self.env["res.company"].create({"name": "Usage A"})
        self.b = self.env["res.company"].create({"name": "Usage B"})
        self.agents = {c: self.make_agent(company=c)[0] for c in (self.a, self.b)}
        self.devices = {c: self.make_device(self.agents[c], "SN1") for c in (self.a, self.b)}
        self.lanes = {self.a: Lane("a" * 32), self.b: Lane("b" * 32)}
        for company, device in self.devices.items():
            people = self.env["hr.employee"].create(
                [{"name": f"P{n}", "company_id": company.id} for n in range(2)]
            )
            self.env["biometric.device.user"].map_pins(
                device.ids, [["1", people[0].id], ["2", people[1].id]]
            )

    def punch(self, company, pin, day, serial="SN1"):
        lane = self.lanes[company]
        self.store(self.agents[company], lane, lane.punch(serial, pin, f"{day} 08:00:00"))

    def count(self, company, day):
        self.env["biometric.usage"]._count(company)
        rows = self.env["biometric.usage"].search(
            [("company_id", "=", company.id), ("day", "=", day)], order="revision"
        )
        return [
            (row.devices, row.employees, row.device_change, row.employee_change) for row in rows
        ]

    def test_counted_once_however_often(self):
        """C06. Red when usage is added up from deliveries instead of counted from punches."""
        self.punch(self.a, "1", "2026-03-02")
        self.punch(self.b, "1", "2026-03-02")
        for _again in range(10):
            self.assertEqual(self.count(self.a, "2026-03-02"), [(1, 1, 1, 1)])
        self.assertEqual(self.count(self.b, "2026-03-02"), [(1, 1, 1, 1)])
        other = Lane("e" * 32)
        for _again in range(10):
            self.store(self.agents[self.a], other, other.punch("SN1", "1", "2026-03-02 08:00:00"))
        self.assertEqual(self.count(self.a, "2026-03-02"), [(1, 1, 1, 1)])

    def test_a_terminal_that_waits_is_not_counted(self):
        """C06. Red when a company pays for a terminal that it has not approved."""
        self.punch(self.a, "1", "2026-03-02")
        self.make_device(self.agents[self.a], "SN9", approve=False)
        self.punch(self.a, "1", "2026-03-02", "SN9")
        self.punch(self.a, "2", "2026-03-03", "SN9")
        self.assertEqual(self.count(self.a, "2026-03-02"), [(1, 1, 1, 1)])
        self.assertEqual(self.count(self.a, "2026-03-03"), [])

    def test_late_arrivals_are_corrections_of_their_own_day(self):
        """C06. Sixty days late, a second terminal, a PIN mapped afterwards."""
        self.punch(self.a, "1", "2025-12-02")
        self.assertEqual(self.count(self.a, "2025-12-02"), [(1, 1, 1, 1)])
        self.make_device(self.agents[self.a], "SN2")
        self.punch(self.a, "9", "2025-12-02", "SN2")
        self.assertEqual(self.count(self.a, "2025-12-02"), [(1, 1, 1, 1), (2, 1, 1, 0)])
        self.punch(self.a, "2", "2025-12-02")
        rows = self.count(self.a, "2025-12-02")
        self.assertEqual(rows[-1], (2, 2, 0, 1))
        total = [sum(row[n] for row in rows) for n in (2, 3)]
        self.assertEqual(total, [2, 2], "the changes add up to the hand count")

    def test_export_has_stable_identifiers(self):
        self.punch(self.a, "1", "2026-03-02")
        self.count(self.a, "2026-03-02")
        usage = self.env["biometric.usage"]
        first = usage._export_rows(self.a)
        self.punch(self.a, "2", "2026-03-02")
        self.count(self.a, "2026-03-02")
        second = usage._export_rows(self.a)
        self.assertEqual(second[:1], first)
        identifiers = [row["identifier"] for row in second]
        self.assertEqual(len(set(identifiers)), 2)
        parsed = list(csv.DictReader(io.StringIO(usage._export_csv(second))))
        self.assertEqual([row["identifier"] for row in parsed], identifiers)
        self.assertEqual(parsed[1]["employee_change"], "1")

    def test_erased_punches_were_used_all_the_same(self):
        self.punch(self.a, "1", "2026-03-02")
        self.count(self.a, "2026-03-02")
        punch = self.env["biometric.punch"].search([("company_id", "=", self.a.id)])
        removal = self.env["biometric.removal"]
        self.punch(self.a, "2", "2026-03-02")
        self.count(self.a, "2026-03-02")
        removal._remove_punches(self.a, punch.ids, removal._new_register())
        rows = self.count(self.a, "2026-03-02")
        self.assertEqual(rows, [(1, 1, 1, 1), (1, 2, 0, 1)])
