"""A terminal told by an agent that is not its own: what waits, what counts by itself, what a person
answers; and an agent that takes over the terminals of a dead one."""

from datetime import date, timedelta

from odoo.exceptions import AccessError, UserError
from odoo.fields import Datetime
from odoo.tests import tagged

from .common import Lane
from .test_fleet_device import FleetCase

DAY = date(2026, 3, 2)
SILENT = timedelta(minutes=20)


@tagged("post_install", "-at_install", "biometric_fleet")
class TestForeign(FleetCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.employee = cls.env["hr.employee"].create({"name": "Ana"})
        cls.other, _token = cls.make_agent("Cebu")
        cls.other.last_seen_at = cls.now
        cls.env["biometric.device.user"].create(
            {"device_id": cls.device.id, "pin": "7", "employee_id": cls.employee.id}
        )

    def counted(self):
        self.env.flush_all()
        found = self.env["biometric.punch"]._usable(self.employee.ids, DAY, DAY)
        return [row.wall_time[11:] for row in found]

    def tell(self, agent, lane, *clocks, **other):
        """Verdicts of punches at these times."""
        rows = [lane.punch(wall=f"{DAY} {clock}", **other) for clock in clocks]
        return self.store(agent, lane, *rows)[1]

    def waiting(self):
        self.env.flush_all()
        rows = self.env["biometric.quarantine"].search([("reason", "=", "foreign_serial")])
        return rows.mapped("wall_time")

    def listed(self):
        return self.env["biometric.hearing"].search([("waits", "=", True)])

    def stale(self):
        """Employees whose days are marked to be computed again; the marks are taken away."""
        marks = self.env["biometric.stale.day"].search([])
        people = marks.employee_id
        self.env.cr.execute("DELETE FROM biometric_stale_day")
        marks.invalidate_model()
        return people

    def test_another_agents_word_waits_in_one_list(self):
        """I3. Turns red when a punch counts that only an agent told which the terminal is not
        bound to, or when it waits nowhere."""
        self.assertEqual(self.tell(self.other, Lane("cd" * 16), "08:00:00"), ["foreign_serial"])
        self.assertEqual((self.counted(), self.waiting()), ([], [f"{DAY} 08:00:00"]))
        row = self.listed()
        self.assertEqual((row.device_id, row.agent_id), (self.device, self.other))
        self.assertEqual((row.own_agent_id, row.waiting_count), (self.agent, 1))
        self.tell(self.other, Lane("ef" * 16), "09:00:00")
        self.assertEqual(len(self.listed()), 1, "one line a terminal and agent")

    def test_the_right_agent_makes_it_count_whatever_comes_first(self):
        """I4. Turns red when the same punch by the terminal's own agent needs a person, or when the
        answer hangs on which of the two was first."""
        self.tell(self.other, Lane("cd" * 16), "08:00:00")
        self.stale()
        self.assertEqual(self.tell(self.agent, Lane(), "08:00:00"), ["duplicate"])
        self.assertEqual((self.counted(), self.waiting()), (["08:00:00"], []))
        self.assertIn(self.employee, self.stale(), "its day is computed again")
        own = Lane("12" * 16)
        self.tell(self.agent, own, "09:00:00")
        self.tell(self.other, Lane("34" * 16), "09:00:00")
        self.assertEqual(self.counted(), ["08:00:00", "09:00:00"])

    def test_a_foreign_word_cannot_move_a_punch_that_counts(self):
        """Turns red when what a foreign agent says of the receipt makes a good punch impossible."""
        self.tell(self.agent, Lane(), "08:00:00")
        self.tell(self.other, Lane("cd" * 16), "08:00:00", received_at="2025-01-01T00:00:00.000Z")
        self.assertEqual(self.counted(), ["08:00:00"])

    def test_it_moved_to_the_other_agent(self):
        """Turns red when a word too few counts after the answer, when what the former agent saw so
        far stops counting, or when what it sees later counts."""
        self.tell(self.agent, Lane(), "07:00:00")
        self.tell(self.other, Lane("cd" * 16), "08:00:00")
        row = self.listed().with_user(self.administrator)
        self.stale()
        row.action_moved_here()
        self.assertEqual(self.device.agent_id, self.other)
        self.assertEqual(self.counted(), ["07:00:00", "08:00:00"])
        self.assertIn(self.employee, self.stale())
        self.assertFalse(self.listed())
        later = {"received_at": self.now_text(60)}
        self.assertEqual(self.tell(self.agent, Lane("ab" * 15 + "ff"), "09:00:00"), ["stored"])
        verdicts = self.tell(self.agent, Lane("ab" * 15 + "ee"), "10:00:00", **later)
        self.assertEqual(verdicts, ["foreign_serial"])
        self.assertEqual(self.counted(), ["07:00:00", "08:00:00", "09:00:00"])
        entry = self.env["biometric.audit"].search([("action", "=", "device.change")], limit=1)
        self.assertEqual(entry.reason, "it moved to Cebu")
        self.assertEqual(entry.user_id, self.administrator.id)

    def test_a_former_agent_that_tells_it_again_is_listed_again(self):
        """Turns red when an agent that was left comes back and nobody is asked."""
        self.device.agent_id = self.other
        self.assertFalse(self.listed())
        self.env.cr.execute("UPDATE biometric_hearing SET until = until - interval '1 hour'")
        self.env.invalidate_all()
        self.tell(self.agent, Lane(), "08:00:00", received_at=self.now_text(-60))
        self.assertEqual(self.listed().agent_id, self.agent)
        self.listed().with_user(self.administrator).action_both()
        self.assertEqual((self.counted(), self.waiting()), (["08:00:00"], []))

    def test_both_hear_it(self):
        """Turns red when a second agent on purpose makes work for every punch."""
        self.tell(self.other, Lane("cd" * 16), "08:00:00")
        self.stale()
        self.listed().with_user(self.administrator).action_both()
        self.assertEqual(self.counted(), ["08:00:00"])
        self.assertIn(self.employee, self.stale())
        self.assertEqual(self.tell(self.other, Lane("ef" * 16), "09:00:00"), ["stored"])
        self.assertEqual(self.counted(), ["08:00:00", "09:00:00"])
        self.assertEqual(self.device.agent_id, self.agent, "orders go where they went")

    def test_refused(self):
        """Turns red when a refused agent's word counts, goes on waiting or is asked about anew."""
        self.tell(self.other, Lane("cd" * 16), "08:00:00")
        self.listed().with_user(self.administrator).action_refuse()
        self.assertEqual((self.counted(), self.waiting()), ([], []))
        self.tell(self.other, Lane("ef" * 16), "09:00:00")
        self.assertEqual((self.counted(), self.waiting()), ([], []))
        self.assertFalse(self.listed())
        self.assertEqual(self.env["biometric.punch"].search_count([]), 2, "kept all the same")

    def test_who_may_answer_and_only_once(self):
        """Turns red when somebody but an administrator answers, or an answer is given twice."""
        self.tell(self.other, Lane("cd" * 16), "08:00:00")
        row = self.listed()
        for button in ("action_moved_here", "action_both", "action_refuse"):
            with self.assertRaisesRegex(AccessError, "not allowed to modify"):
                getattr(row.with_user(self.hr_officer), button)()
        with self.assertRaisesRegex(UserError, "cannot be set manually"):
            row.with_user(self.administrator).write({"state": "both"})
        row.with_user(self.administrator).action_both()
        with self.assertRaisesRegex(UserError, "already answered"):
            row.with_user(self.administrator).action_refuse()

    def test_a_person_may_release_a_single_one(self):
        """Turns red when a named person's word for one punch does not count."""
        self.tell(self.other, Lane("cd" * 16), "08:00:00", "09:00:00")
        punch = self.env["biometric.punch"].search([("wall_time", "like", "08:00")])
        self.env["biometric.decision"].with_user(self.hr_officer)._decide(
            punch, "release", "seen at the door that morning"
        )
        self.assertEqual(self.counted(), ["08:00:00"])
        self.assertEqual(self.waiting(), [f"{DAY} 09:00:00"])

    # ------------------------------------------------------------------ taking over

    def waiting_agent(self):
        fresh, _token = self.make_agent("Main, new Pi", state="waiting")
        fresh.write({"host_name": "pi-2", "fingerprint": "aaaa bbbb"})
        return fresh.with_user(self.administrator)

    def dialog(self, agent, **answer):
        action = agent.action_approve()
        self.assertEqual(action["res_model"], "biometric.agent.approve")
        return (
            self.env["biometric.agent.approve"]
            .with_user(self.administrator)
            .with_context(**action["context"])
            .create(answer)
        )

    def test_an_approval_asks_which_terminals_it_takes_over(self):
        """P09. Turns red when an agent is approved without an answer, or when not those of the
        silent agent, and only those, are ticked."""
        busy = self.make_device(self.other, "SN2")
        self.agent.last_seen_at = self.now - SILENT
        fresh = self.waiting_agent()
        dialog = self.dialog(fresh)
        self.assertEqual(fresh.state, "waiting", "the button alone approves nothing")
        self.assertEqual((dialog.device_ids, dialog.silent_names), (self.device, "Branch"))
        with self.assertRaisesRegex(UserError, "Select the terminals it takes over"):
            dialog.action_confirm()
        dialog.write({"answer": "takes", "device_ids": [(5,)]})
        with self.assertRaisesRegex(UserError, "Tick the terminals"):
            dialog.action_confirm()
        self.assertEqual(fresh.state, "waiting")
        dialog = self.dialog(fresh, answer="takes")
        dialog.action_confirm()
        self.assertEqual((fresh.state, self.device.agent_id), ("active", fresh))
        self.assertEqual(busy.agent_id, self.other)
        entry = self.env["biometric.audit"].search([("action", "=", "device.change")], limit=1)
        self.assertEqual(entry.reason, "Main, new Pi replaces it")

    def test_none_is_an_answer(self):
        """Turns red when an agent of a further branch cannot be approved, or takes something."""
        fresh = self.waiting_agent()
        self.dialog(fresh, answer="none").action_confirm()
        self.assertEqual((fresh.state, self.device.agent_id), ("active", self.agent))

    def test_where_no_other_has_terminals_nothing_is_asked(self):
        """Turns red when the first agent of a company needs an answer about nothing."""
        self.device.agent_id = False
        fresh = self.waiting_agent()
        action = fresh.action_compare()
        dialog = self.env["biometric.agent.approve"].with_user(self.administrator)
        dialog = dialog.with_context(**action["context"]).create({})
        self.assertEqual((dialog.fingerprint, dialog.has_others), ("aaaa bbbb", False))
        dialog.action_confirm()
        self.assertEqual(fresh.state, "active")

    def test_what_it_tells_of_them_counts_at_once_old_punches_included(self):
        """P09. Turns red when history from the terminal's memory waits, when what the dead
        machine had told stops counting, or when orders go on going to it."""
        self.tell(self.agent, Lane(), "07:00:00")
        kept = self.env["biometric.command"]._add(self.device, "info", {})
        begun = self.env["biometric.command"]._add(self.device, "check", {})
        begun.state = "fetched"
        self.agent.last_seen_at = self.now - SILENT
        fresh = self.waiting_agent()
        self.dialog(fresh, answer="takes").action_confirm()
        lane = Lane("cd" * 16)
        early = {"received_at": "2026-03-02T09:00:00.000Z"}
        self.assertEqual(
            self.tell(fresh, lane, "07:00:00", "08:00:00", **early), ["duplicate", "stored"]
        )
        self.assertEqual((self.counted(), self.waiting()), (["07:00:00", "08:00:00"], []))
        self.assertEqual(kept.agent_id, fresh)
        self.assertEqual((begun.agent_id, begun.state), (self.agent, "failed"))
        self.assertEqual(begun.message, "the terminal has another agent now")
        order = self.env["biometric.command"]._give(self.device, "info", {})
        self.assertEqual(order.agent_id, fresh)

    def test_it_takes_only_terminals_of_its_own_company(self):
        """I6. Turns red when an approval binds a terminal of another company."""
        company = self.env["res.company"].create({"name": "Elsewhere"})
        theirs, _token = self.make_agent("Theirs", company=company)
        device = self.make_device(theirs, "SN9")
        fresh = self.waiting_agent()
        with self.assertRaisesRegex(UserError, "not a terminal of another agent here"):
            fresh._approve_taking(device.with_user(self.administrator).sudo(False))
        self.assertEqual(fresh.state, "waiting")

    # ------------------------------------------------------------------ status and proof

    def heard_by(self, agent, **body):
        return self.env["biometric.sync"]._sync(
            agent, {"version": 1, "devices": [self.row()], **body}, "10.0.0.2"
        )

    def row(self):
        at = self.now_text(-5)
        return {
            "serial": "SN1",
            "state": "heard",
            "peer": "10.0.0.99",
            "last_heard_at": at,
            "unbroken_since": self.now_text(-600),
            "upload_idle": True,
        }

    def test_the_board_names_who_tells_it_instead(self):
        """I8. Turns red when the board hides that another agent tells the terminal, or when that
        agent's word stands in for its own agent's."""
        self.agent.last_seen_at = self.now - SILENT
        self.device.write({"peer": "10.0.0.1", "last_heard_at": self.now - SILENT})
        self.heard_by(self.other)
        self.env.invalidate_all()
        self.assertEqual(self.device.peer, "10.0.0.1")
        board = self.env["biometric.device"].with_user(self.administrator).get_board_data()
        (row,) = [one for one in board["devices"] if one["id"] == self.device.id]
        self.assertEqual(row["status"], "dead")
        self.assertEqual(
            row["cause"],
            "Its agent is not responding, and Cebu reports it: decide under Foreign terminals",
        )
        self.assertEqual(self.listed().agent_id, self.other)

    def test_only_its_own_agent_proves_it_complete(self):
        """Rule (a), (b). Turns red when an unbroken session or a whole read of another agent moves
        *complete until*, or closes a gap."""
        self.device.write({"proven_until": self.now - SILENT, "complete_until": self.now - SILENT})
        gap = self.env["biometric.gap"].create(
            {
                "company_id": self.device.company_id.id,
                "agent_id": self.agent.id,
                "device_id": self.device.id,
                "kind": "silence",
                "window_from": self.now - SILENT,
                "window_to": self.now - SILENT / 2,
            }
        )
        self.heard_by(self.other, runs=[self.run_of(1)])
        self.assertEqual(self.device.complete_until, self.now - SILENT)
        self.assertEqual(self.device.proven_until, self.now - SILENT, "not by its session either")
        self.assertEqual(gap.state, "open")
        self.assertTrue(
            self.env["biometric.run"].search([("agent_id", "=", self.other.id)]).settled
        )
        self.heard_by(self.agent, runs=[self.run_of(2)])
        self.assertEqual(gap.state, "proven")
        self.assertGreater(self.device.complete_until, self.now - SILENT)

    def test_the_trail_holds_every_answer(self):
        """I5. Turns red when an answer that turns punches into minutes has no birth in the trail,
        or a row that the service noted needs one."""
        self.tell(self.other, Lane("cd" * 16), "08:00:00")
        row = self.listed()
        entries = [("model", "=", "biometric.hearing"), ("res_id", "=", row.id)]
        self.assertFalse(self.env["biometric.audit"].search(entries))
        row.with_user(self.administrator).action_both()
        entry = self.env["biometric.audit"].search(entries)
        self.assertEqual(entry.action, "hearing.change")
        self.assertIn('"state":"both"', entry.after)
        self.assertIn('"device_id"', entry.after, "its birth says all of it")
        self.assertEqual(entry.happened_at.date(), Datetime.now().date())
