"""The coverage map: each number is that of the list, a cell tells what stands behind it, and a day
is read again by whoever may order it."""

from datetime import datetime, timedelta

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from .test_fleet_device import GROUP, FleetCase

DAY = timedelta(days=1)


@tagged("post_install", "-at_install", "biometric_fleet")
class TestCoverageMap(FleetCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.second = cls.make_device(cls.agent, "SN2")
        cls.devices = cls.device | cls.second
        cls.env.company.partner_id.tz = cls.device._zone_now()
        cls.midnight = datetime.combine(cls.now.date(), datetime.min.time())
        cls.devices.write({"proven_until": cls.now, "in_service_from": cls.midnight - 10 * DAY})
        cls.yesterday = cls.midnight - DAY
        cls.gap = cls.env["biometric.gap"].create(
            {
                "company_id": cls.env.company.id,
                "agent_id": cls.agent.id,
                "device_id": cls.second.id,
                "kind": "silence",
                "window_from": cls.yesterday.replace(hour=9),
                "window_to": cls.yesterday.replace(hour=10, minute=30),
            }
        )

    def door(self, user):
        self.env.flush_all()
        self.env.invalidate_all()
        return self.env["biometric.coverage.map"].with_user(user)

    def mine(self, told):
        return {row["id"]: row for row in told["devices"] if row["id"] in self.devices.ids}

    def listed(self, user, *domain):
        return self.env["biometric.coverage"].with_user(user).search_count([*domain])

    def test_cells_and_counts_are_those_of_the_list(self):
        """Red when a cell is put under another day, or a count is not that of the list."""
        told = self.door(self.approver).open_map()
        dates = [day["date"] for day in told["days"]]
        self.assertEqual(len(dates), 31)
        self.assertEqual([day["today"] for day in told["days"]], [False] * 30 + [True])
        rows = self.mine(told)
        column = dates.index(str(self.yesterday.date()))
        self.assertEqual(rows[self.second.id]["cells"][column], ["partial", 90, 0])
        self.assertEqual(rows[self.device.id]["cells"][column], ["complete", 0, 0])
        # not in service yet, eleven days ago
        self.assertIsNone(rows[self.device.id]["cells"][column - 10])
        span = [("day", ">=", told["first"]), ("day", "<=", told["last"])]
        for state, count in told["counts"].items():
            with self.subTest(state):
                self.assertEqual(self.listed(self.approver, ("state", "=", state), *span), count)

    def test_what_is_not_proven_comes_first_and_can_be_had_alone(self):
        rows = self.door(self.approver).open_map()["devices"]
        self.assertEqual(rows[0]["id"], self.second.id)
        alone = self.door(self.approver).open_map(trouble=True)
        self.assertIn(self.second.id, self.mine(alone))
        self.assertNotIn(self.device.id, self.mine(alone))
        self.assertEqual(alone["all"], self.door(self.approver).open_map()["total"])
        found = self.door(self.approver).open_map(search=" sn2 ")
        self.assertEqual([row["id"] for row in found["devices"]], self.second.ids)
        other, _token = self.make_agent("Far branch")
        self.assertEqual(self.door(self.approver).open_map(agent=other.id)["devices"], [])

    def test_days_are_shown_as_far_back_as_they_are_listed(self):
        """Red when an old or coming date shows an empty map for one that is full."""
        door = self.door(self.approver)
        self.assertEqual(door.open_map(last="2999-01-01")["last"], str(self.now.date()))
        self.assertFalse(door.open_map()["later"])
        oldest = door.open_map(last="2001-01-01")
        self.assertFalse(oldest["earlier"])
        self.assertEqual(oldest["first"], str(self.now.date() - 92 * DAY))
        self.assertTrue(oldest["later"])

    def test_behind_a_cell_are_its_gap_its_runs_and_the_reason(self):
        self.env["biometric.run"].create(
            {
                "company_id": self.env.company.id,
                "agent_id": self.agent.id,
                "device_id": self.second.id,
                "uuid": "session",
                "channel": "push",
                "asked_by": "device",
                "started_at": self.yesterday.replace(hour=7),
                "ended_at": self.yesterday.replace(hour=9),
                "outcome": "open",
            }
        )
        told = self.door(self.approver).open_cell(self.second.id, str(self.yesterday.date()))
        self.assertEqual(told["state"], "partial")
        # by the same clock as the gap below it, not in 24 hours beside AM and PM
        self.assertRegex(told["why"], "9:00.AM–10:30.AM")
        (gap,) = told["gaps"]
        self.assertEqual((gap["id"], gap["may_accept"]), (self.gap.id, False))
        (run,) = told["runs"]
        self.assertEqual(run["result"], "ended")
        # of the same date the end has its time alone
        self.assertRegex(run["words"], "^Connected from .+ 7:00.AM to 9:00.AM")
        self.assertEqual((told["may_pull"], told["orders"]), (False, []))
        self.assertEqual(told["stretch"]["days"], 1)
        officer = self.door(self.hr_officer).open_cell(self.second.id, str(self.yesterday.date()))
        self.assertTrue(officer["may_pull"] and officer["gaps"][0]["may_accept"])
        empty = self.door(self.approver).open_cell(self.device.id, str(self.yesterday.date()))
        self.assertEqual((empty["state"], empty["gaps"], empty["runs"]), ("complete", [], []))

    def test_a_window_of_the_whole_branch_is_behind_each_of_its_terminals(self):
        branch = self.gap.copy({"device_id": False, "kind": "lost"})
        told = self.door(self.approver).open_cell(self.device.id, str(self.yesterday.date()))
        self.assertEqual([gap["id"] for gap in told["gaps"]], branch.ids)

    def test_what_is_not_known_says_since_when(self):
        self.second.proven_until = self.midnight - 3 * DAY
        told = self.door(self.approver).open_cell(self.second.id, str(self.now.date()))
        self.assertEqual(told["state"], "unknown")
        self.assertIn("is not known", told["why"])
        self.assertEqual(told["stretch"]["last"], str(self.now.date()))
        self.assertEqual(told["stretch"]["days"], 4)
        self.second.proven_until = False
        told = self.door(self.approver).open_cell(self.second.id, str(self.now.date()))
        self.assertIn("Nothing is confirmed", told["why"])

    def test_a_day_is_read_again_and_tells_how_far_it_is(self):
        """Red when the order is not of that day, or its progress is not told."""
        day = str(self.yesterday.date())
        (order,) = self.door(self.hr_officer).pull(self.second.id, day, day)
        command = self.env["biometric.command"].browse(order["id"])
        self.assertEqual((command.name, command.device_id), ("pull_window", self.second))
        window = {"from": f"{day} 00:00:00", "to": f"{day} 23:59:59"}
        self.assertEqual(command.arguments, window)
        self.assertTrue(order["is_open"])
        command.write({"state": "sent", "step": "reading", "step_done": 40, "step_total": 80})
        (order,) = self.door(self.hr_officer).get_orders(self.second.id, day)
        self.assertEqual((order["share"], order["numbers"]), (50, "Reading 40 / 80"))
        command.write({"state": "done", "step": False})
        self.env["biometric.run"].create(
            {
                "company_id": self.env.company.id,
                "device_id": self.second.id,
                "agent_id": self.agent.id,
                "uuid": "asked",
                "channel": "poll",
                "read_count": 80,
                "new_count": 2,
                "command_id": command.id,
                "outcome": "complete",
            }
        )
        (order,) = self.door(self.hr_officer).get_orders(self.second.id, day)
        self.assertEqual((order["is_open"], order["numbers"]), (False, "80 read, 2 new"))
        self.assertEqual(self.door(self.hr_officer).get_orders(self.second.id, dated(self, -3)), [])
        entry = self.env["biometric.audit"].search([], limit=1)
        self.assertEqual((entry.action, entry.user_id), ("command.pull_window", self.hr_officer.id))

    def test_rights_and_companies(self):
        """Red when a reader orders, an employee reads, or a foreign terminal is told of."""
        day = str(self.yesterday.date())
        with self.assertRefused("Only HR officers and biometric administrators", AccessError):
            self.door(self.approver).pull(self.second.id, day, day)
        employee = new_test_user(self.env, "map-employee", groups=GROUP + "employee")
        with self.assertRefused("Coverage per terminal and day", AccessError):
            self.door(employee).open_map()
        company = self.env["res.company"].create({"name": "Next door"})
        self.hr_officer.company_ids = [Command.link(company.id)]
        next_door = self.door(self.hr_officer).with_context(allowed_company_ids=company.ids)
        told = next_door.open_map()
        self.assertEqual((told["devices"], told["agents"], told["total"]), ([], [], 0))
        with self.assertRefused("not in service on that day, or you have no access", UserError):
            next_door.open_cell(self.second.id, day)
        with self.assertRefused("not in service on that day, or you have no access", UserError):
            next_door.pull(self.second.id, day, day)

    def test_the_board_leads_to_the_gap_and_an_incident_to_its_lines(self):
        """Red when either leads to a list of everything."""
        action = self.second.with_user(self.approver).action_open_gaps()
        self.assertEqual((action["res_model"], action["res_id"]), ("biometric.gap", self.gap.id))
        more = self.gap.copy({"device_id": False})
        self.gap.copy({"device_id": self.device.id})
        action = self.second.with_user(self.approver).action_open_gaps()
        found = self.env["biometric.gap"].search(action["domain"])
        self.assertEqual(found, self.gap | more)
        incident = self.env["biometric.incident"].create(
            {
                "company_id": self.env.company.id,
                "kind": "reject",
                "agent_id": self.agent.id,
                "device_id": self.second.id,
                "opened_at": self.now,
            }
        )
        lines = incident.with_user(self.hr_officer).action_open_lines()
        self.assertEqual(lines["res_model"], "biometric.sighting")
        # who may not read what a line held is led to its terminal
        lines = incident.with_user(self.administrator).action_open_lines()
        self.assertEqual((lines["res_model"], lines["res_id"]), (self.second._name, self.second.id))
        incident.kind = "gap"
        lines = incident.with_user(self.approver).action_open_lines()
        self.assertEqual(self.env["biometric.gap"].search(lines["domain"]), self.gap | more)
        incident.write({"kind": "agent_silent", "device_id": False})
        lines = incident.with_user(self.approver).action_open_lines()
        self.assertEqual((lines["res_model"], lines["res_id"]), (self.agent._name, self.agent.id))

    def test_a_session_that_nobody_hears_any_more_has_ended(self):
        """Red when a session goes on for ever because its terminal never began another one."""
        values = {
            "company_id": self.env.company.id,
            "agent_id": self.agent.id,
            "device_id": self.device.id,
            "channel": "push",
            "asked_by": "device",
            "outcome": "open",
            "started_at": self.now - 2 * DAY,
        }
        runs = self.env["biometric.run"]
        over = runs.create({**values, "uuid": "a", "ended_at": self.now - DAY})
        fresh = runs.create({**values, "uuid": "b", "ended_at": self.now - timedelta(minutes=4)})
        self.assertEqual((over.result, fresh.result), ("ended", "open"))
        self.assertRegex(over.story, "^Connected from")
        self.assertRegex(fresh.story, "^Connected since .+, last contact")
        for result, found in (("ended", over), ("open", fresh)):
            mine = [("id", "in", (over | fresh).ids), ("result", "=", result)]
            self.assertEqual(runs.search(mine), found)
        self.assertEqual(runs.search([("result", "!=", "open"), ("id", "=", over.id)]), over)

    def test_a_session_of_several_dates_has_both_however_a_language_writes_them(self):
        """Red when dates that begin alike (1 March, 10 March) are taken for one."""
        self.env["res.lang"]._lang_get("en_US").date_format = "%-d %B %Y"
        run = self.env["biometric.run"].create(
            {
                "company_id": self.env.company.id,
                "agent_id": self.agent.id,
                "device_id": self.device.id,
                "uuid": "long",
                "channel": "push",
                "asked_by": "device",
                "outcome": "open",
                "started_at": datetime(2026, 3, 10, 7),
                "ended_at": datetime(2026, 4, 10, 9),
            }
        )
        self.assertRegex(run.story, "^Connected from 10 .* 7:00.AM to 10 .* 9:00.AM.$")

    def test_a_read_says_what_it_brought(self):
        values = {
            "company_id": self.env.company.id,
            "device_id": self.device.id,
            "channel": "poll",
            "started_at": self.now,
            "read_count": 80,
            "new_count": 2,
            "device_count": 80,
            "outcome": "complete",
        }
        runs = self.env["biometric.run"]
        whole = runs.create({**values, "uuid": "a"})
        self.assertRegex(whole.story, "complete read: 80 read, 2 new, as many as it counts.$")
        window = {"window_from": "2026-03-02 00:00:00", "window_to": "2026-03-02 23:59:59"}
        less = runs.create({**values, **window, "uuid": "b", "device_count": 90})
        self.assertRegex(
            less.story,
            "read 2026-03-02 00:00 – 2026-03-02 23:59 again: 80 read, 2 new, it counts 90.$",
        )
        dead = runs.create(
            {**values, "uuid": "c", "outcome": "failed", "read_count": 0, "device_count": -1}
        )
        self.assertRegex(dead.story, "no response.$")
        # what an agent does on the push channel is no session
        push = {"channel": "push", "device_count": -1}
        asked = runs.create({**values, **push, "uuid": "d", "asked_by": "agent"})
        self.assertRegex(asked.story, "asked to resend its punches: 80 read, 2 new.$")
        check = {**push, "asked_by": "self-check", "outcome": "confirmed"}
        agreed = runs.create({**values, **check, "uuid": "e"})
        self.assertRegex(agreed.story, "compared with Odoo, matching punches: 80.$")


def dated(case, days):
    return str(case.now.date() + days * DAY)
