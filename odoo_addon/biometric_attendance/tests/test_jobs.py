"""A cron job's own turn: it ends by itself, whatever time Odoo's series would give it."""

import re
from datetime import date
from itertools import count
from math import inf
from pathlib import Path
from unittest.mock import patch

from freezegun import freeze_time

from odoo.tests import tagged
from odoo.tools import mute_logger

from ..models.ledger.biometric_removal import PIECE
from ..seams.job import TURN, Turn, go_round
from .test_day import DayCase

ADDON = "odoo.addons.biometric_attendance"


@tagged("post_install", "-at_install")
class TestJobs(DayCase):
    def patches(self, given, step):
        """Odoo that gives `given` seconds each time, and a clock that runs `step` a look."""
        self.processed, self.left = [], []

        def progress(_cron, processed=0, *, remaining=None):
            self.processed.append(processed)
            self.left.append((self.left[-1] - processed) if remaining is None else remaining)
            return given

        cron = type(self.env["ir.cron"])
        self.enterContext(patch.object(cron, "_commit_progress", progress))
        self.enterContext(
            patch(f"{ADDON}.seams.job.monotonic", side_effect=count(0, step).__next__)
        )

    def test_a_turn_is_the_lesser_of_the_two(self):
        """Red when a job works as long as a later series of Odoo lets it (two minutes)."""
        self.patches(120, 4)
        turn = Turn(self.env, 5)
        self.assertEqual(turn.left, TURN - 4)
        self.assertTrue(turn.done(1))
        self.assertFalse(turn.done(1))
        self.assertEqual(turn.left, 0)
        self.patches(3, 0)
        self.assertEqual(Turn(self.env, 5).left, 3)

    def test_a_button_has_no_turn(self):
        """Red when what a person starts stops half-way: no cron would go on with it."""
        self.patches(inf, 1000)
        turn = Turn(self.env, 5)
        self.assertTrue(turn.done(1) and turn.done(1))

    def test_days_that_wait_are_computed_in_turns(self):
        """Red when computing days keeps the only cron thread until the queue is empty."""
        stale = self.env["biometric.stale.day"].sudo()
        self.env.cr.execute("DELETE FROM biometric_stale_day")
        stale._mark([(self.employee.id, date(2026, 3, day)) for day in range(2, 12)])
        self.patches(120, 4)
        with patch(f"{ADDON}.models.day.biometric_day_rebuild.PAIRS_PER_SLICE", 1):
            self.env["biometric.day.rebuild"].sudo()._cron_rebuild()
        self.assertEqual(self.processed, [0, 1, 1])
        self.assertEqual(stale.search_count([("employee_id", "=", self.employee.id)]), 8)

    def test_the_trail_is_sealed_in_turns(self):
        """Red when sealing keeps the only cron thread until every entry is numbered."""
        audit = self.env["biometric.audit"].sudo()
        while audit._seal(1000):
            pass
        for number in range(6):
            audit._record("test.turn", self.employee, None, {"number": number})
        self.env.flush_all()
        self.patches(120, 4)
        with patch(f"{ADDON}.models.audit.biometric_audit.SEAL_BATCH", 1):
            audit._cron_seal()
        self.assertEqual(self.processed, [0, 1, 1])
        self.assertEqual(audit._unsealed_count(), 4)

    def test_statements_go_out_in_turns_each_once(self):
        """Red when mailing statements keeps the only cron thread, or a next turn mails a branch
        twice or leaves one out."""
        agents = self.env["biometric.agent"]
        agents.search([]).state = "revoked"
        for name in ("One", "Two", "Three"):
            agent, _token = self.make_agent(name)
            agent.write(
                {
                    "statement_email": "payroll@example.com",
                    # There before the weekly moment of the frozen day.
                    "approved_at": "2026-02-01 06:00:00",
                }
            )
        company = self.env.company
        company.write({"biometric_payroll_days": "15, 31", "biometric_statement_days_before": 2})
        for job in (agents._cron_statement, agents._cron_payroll_statement):
            sent = []

            def send(agent, *_days, sent=sent):
                sent.extend(agent.mapped("name"))

            with (
                freeze_time("2026-02-26 06:00:00"),
                patch.object(type(agents), "_send_statement", send),
            ):
                company.biometric_statement_final_for = "2026-02-15"
                for _turn in range(4):
                    self.patches(120, 6)
                    job()
            self.assertEqual(sorted(sent), ["One", "Three", "Two"], job.__name__)
        self.assertEqual(str(company.biometric_statement_early_for), "2026-02-28")

    def test_pay_periods_are_looked_at_in_turns_each_once(self):
        """Red when a next turn begins with the oldest period again, or only so many are looked at:
        a company that never closes its periods would keep another's from being exported."""
        periods = self.env["biometric.period"]
        groups = self.env["biometric.period.group"].search([])
        groups.period_ids.unlink()
        group = self.env["biometric.period.group"].create(
            {"name": "All", "rhythm": "weekly", "anchor": "2026-01-05"}
        )
        looked = []

        def look(period):
            looked.append(str(period.date_from))

        with (
            freeze_time("2026-01-27 04:00:00"),
            patch.object(type(periods), "_look_at_gate", look),
        ):
            for _turn in range(3):
                self.patches(120, 12)
                periods._cron_gate()
        self.assertTrue(group.period_ids)
        self.assertEqual(looked, ["2026-01-05", "2026-01-12", "2026-01-19"])

    def test_usage_is_counted_in_turns(self):
        """Red when counting keeps the only cron thread, or a next turn begins with the first
        company again."""
        other = self.env["res.company"].create({"name": "Other"})
        agent, _token = self.make_agent("There", company=other)
        self.make_device(agent, serial="SN9")
        usage, counted = self.env["biometric.usage"].sudo(), []
        companies = self.env["biometric.device"].sudo().search([]).company_id
        companies.biometric_usage_counted_at = False

        def count_one(_usage, company):
            counted.append(company.id)

        with patch.object(type(usage), "_count", count_one):
            for _turn in companies:
                self.patches(120, 12)
                usage._cron_count()
        self.assertEqual(sorted(counted), sorted(companies.ids))

    def rounds(self, keys, work, size=1, step=12):
        """Turns until the round is done; a turn has time for one piece where `step` is 12."""
        for turns in range(1, len(keys) + 2):
            self.patches(120, step)
            if go_round(self.env, "test", keys, work, size):
                return turns
        return self.fail("the round never ends")

    def test_a_round_goes_on_behind_the_last_one_done(self):
        """Red when a next turn begins with the first again: the first of many starves the rest."""
        done = []
        self.assertEqual(self.rounds([3, 1, 2], done.extend), 3)
        self.assertEqual(done, [1, 2, 3])
        self.assertEqual(self.rounds([1, 2, 3, 4], done.extend, size=2), 2)
        self.assertEqual(done, [1, 2, 3, 1, 2, 3, 4], "a new round begins with the first")
        self.assertEqual(self.rounds([], done.extend), 1)

    def test_a_round_takes_who_came_and_misses_nobody_who_went(self):
        """Red when the place is a number of pieces: one company less and another is left out."""
        done = []
        self.patches(120, 12)
        self.assertFalse(go_round(self.env, "test", [1, 2, 4], done.extend))
        self.patches(120, 0)
        self.assertTrue(go_round(self.env, "test", [2, 3, 4], done.extend))
        self.assertEqual(done, [1, 2, 3, 4])

    def test_a_piece_that_fails_holds_up_nobody(self):
        """Red when one company's fault ends the job for all behind it, every night anew."""
        done = []

        def work(keys):
            if keys == [2]:
                self.env.cr.execute("SELECT 1/0")
            done.extend(keys)

        with mute_logger("odoo.sql_db"), self.assertLogs(f"{ADDON}.seams.job", "ERROR") as log:
            self.rounds([1, 2, 3], work)
        self.assertEqual(done, [1, 3])
        self.assertIn("test: failed for [2]", log.output[0])

    def test_missing_days_are_found_in_turns(self):
        """Red when the search for missing days keeps the only cron thread for all people."""
        stale, seen = self.env["biometric.stale.day"].sudo(), []
        self.make_employee("Ben Cruz", "8")
        people = stale._people_to_fill()
        self.assertGreater(len(people), 1)
        with (
            patch(f"{ADDON}.models.day.biometric_day_missing.PEOPLE_PER_PIECE", 1),
            patch.object(type(stale), "_fill", lambda _stale, ids: seen.extend(ids)),
        ):
            for _turn in people:
                self.patches(120, 12)
                stale._cron_fill()
        self.assertEqual(seen, sorted(people))

    def test_nights_and_looks_reach_every_company(self):
        """Red when a big first company takes every turn: the others get no nightly entry and no
        incident is told there."""
        other = self.env["res.company"].create({"name": "Other"})
        agent, _token = self.make_agent("There", company=other)
        companies = self.env["biometric.agent"].search([]).company_id.ids
        night, look = self.env["biometric.audit.night"], self.env["biometric.incident"]
        agents = self.env["biometric.agent"].search([])
        agents.last_seen_at = "2026-01-01 00:00:00"
        nights, looks = [], []
        with (
            patch.object(type(night), "_night", lambda _night, one: nights.append(one.id)),
            patch.object(type(look), "_look", lambda _look, one, *_found: looks.append(one)),
        ):
            for _turn in companies:
                self.patches(120, 12)
                night._cron_night()
                self.patches(120, 12)
                look._cron_look()
        self.assertEqual(nights, sorted(companies))
        self.assertEqual(looks, sorted(companies))
        self.assertIn(agent.company_id.id, looks)

    def turns(self, run, most):
        """The job by turns that have time for one piece each, until Odoo would not come again."""
        for turn in range(1, most + 1):
            self.patches(120, 12)
            run()
            if self.left[-1] == 0:
                return turn
        return self.fail("the job asks for another turn for ever")

    def many(self):
        """{job: (run, model, method that a turn does, ids it must reach)} of several companies."""
        companies = self.env["res.company"].search([])
        for number in range(3 - len(companies)):
            companies |= companies.create({"name": f"Company {number}"})
        companies.biometric_retention_months = 12
        periods, groups = self.env["biometric.period"], self.env["biometric.period.group"]
        for company in companies:
            group = groups.search([("company_id", "=", company.id)], limit=1)
            group = group or groups.create({"name": "All", "company_id": company.id})
            dates = {"date_from": "2025-01-01", "date_to": "2025-01-31"}
            periods.create({"group_id": group.id, "company_id": company.id, **dates})
        over = periods.search(
            [("state", "in", ("open", "ready", "locked")), ("date_to", "<", "2026-01-01")]
        )
        notice, purge = self.env["biometric.notice"], self.env["biometric.retention"]
        return {
            "notice": (notice._cron_notice, notice, "_notify", companies.ids),
            "purge": (purge._cron_purge, purge, "_purge", companies.ids),
            "gate": (periods._cron_gate, periods, "_look_at_gate", over.ids),
            "lay out": (periods._cron_lay_out, groups, "_lay_out", groups.search([]).ids),
        }

    def test_every_job_of_many_reaches_each_of_them_once(self):
        """Red when a next turn of a job begins with its first company again: that one is mailed
        anew in each turn, and those behind what fits into one are never reached."""
        for job, (run, model, method, ids) in self.many().items():
            with self.subTest(job):
                self.assertGreater(len(ids), 2)
                reached = []

                def work(one, *rows, reached=reached):
                    reached.append((rows[0] if rows else one).id)
                    return 0

                with patch.object(type(model), method, work):
                    self.turns(run, len(ids) + 1)
                self.assertEqual(reached, sorted(ids))

    def test_a_long_purge_lets_the_others_through(self):
        """Red when one company's million old punches go before anybody else's first."""
        companies = self.many()["purge"][3]
        purge, cron = self.env["biometric.retention"], self.env["ir.cron"]
        first, reached, woken = min(companies), [], []

        def work(_self, company, *_limit):
            reached.append(company.id)
            return PIECE if company.id == first else 0

        with (
            patch.object(type(purge), "_purge", work),
            patch.object(type(cron), "_trigger", lambda one, *_at: woken.append(one)),
        ):
            self.turns(purge._cron_purge, len(companies) + 1)
        self.assertEqual(reached, sorted(companies))
        self.assertEqual([one.cron_name for one in woken], ["Biometric: retention"])

    def test_who_was_set_aside_is_met_again_alone(self):
        """Red when a notice that failed for one company is mailed once more to all the others an
        hour later, when they get a second nightly entry, or when the others' next one does not
        come because of it."""
        (_run, notice, _method, ids) = self.many()["notice"]
        self.met_again_alone("notice", notice, ("_cron_notice", "_notify"), ids)
        for number, company in enumerate(self.env["res.company"].browse(ids)):
            self.make_agent(f"Branch {number}", company=company)
        night = self.env["biometric.audit.night"]
        self.met_again_alone("night", night, ("_cron_night", "_night"), ids)

    def met_again_alone(self, job, model, names, ids):
        """`names`: of the method that the job `job` calls, and of the one that does a company."""
        cron = self.env.ref(f"biometric_attendance.ir_cron_biometric_{job}")
        run = getattr(model.with_context(cron_id=cron.id), names[0])
        bad, reached = max(ids), []

        def work(_self, company):
            reached.append(company.id)
            if company.id == bad:
                raise ValueError("its address is none")

        def again(planned):
            cron.nextcall = planned
            self.env["biometric.incident"].search(
                [("kind", "=", "set_aside"), ("closed_at", "=", False)]
            ).action_try_again()
            self.env.flush_all()
            reached.clear()
            run()
            return list(reached)

        with (
            self.subTest(job),
            patch.object(type(model), names[1], work),
            self.assertLogs(f"{ADDON}.models.mixins.biometric_job", "WARNING"),
        ):
            self.assertEqual(again("2026-01-01 04:00:00"), sorted(ids))
            self.assertEqual(again("2100-01-01 04:00:00"), [bad])
            self.assertEqual(again("2100-01-01 04:00:00"), [bad])
            self.assertEqual(again("2026-01-02 04:00:00"), sorted(ids), "however late the last was")

    def test_a_turn_without_a_round_is_of_what_leaves_by_itself(self):
        """Red when a job walks rows that stay as they were without going round."""
        leave = {
            "models/audit/biometric_audit.py": "entries that are sealed",
            "models/audit/biometric_audit_check.py": "pieces that are verified",
            "models/company/biometric_usage.py": "companies whose count is old",
            "models/day/biometric_day_rebuild.py": "marks that are popped",
            "models/day/biometric_projection.py": "days that are shown",
            "models/fleet/biometric_statement.py": "branches without this week's",
            "models/fleet/biometric_statement_schedule.py": "branches without this period's",
            "models/payroll/biometric_delivery.py": "files that wait",
            "models/review/biometric_month_run.py": "records without a file",
        }
        root = Path(__file__).parent.parent
        found = {
            str(path.relative_to(root))
            for path in root.glob("models/**/*.py")
            if re.search(r"\bTurn\(", path.read_text())
        }
        self.assertEqual(found, set(leave))

    def test_a_round_whose_rest_is_gone_is_done_and_the_next_begins_with_the_first(self):
        """Red when the place of a round that nobody is left of stays: whoever is before it would
        never be met again."""
        done = []
        self.patches(120, 12)
        self.assertFalse(go_round(self.env, "test", [1, 2, 3], done.extend))
        self.patches(120, 12)
        self.assertFalse(go_round(self.env, "test", [1, 2, 3], done.extend))
        self.patches(120, 0)
        self.assertTrue(go_round(self.env, "test", [1, 2], done.extend))
        self.assertEqual(done, [1, 2])
        self.assertTrue(go_round(self.env, "test", [1, 2], done.extend))
        self.assertEqual(done, [1, 2, 1, 2])

    def test_each_job_has_its_own_place(self):
        """Red when two jobs share one: each would leave out whom the other has done."""
        done = {"one": [], "other": []}
        self.patches(120, 12)
        self.assertFalse(go_round(self.env, "one", [1, 2, 3], done["one"].extend))
        self.patches(120, 0)
        self.assertTrue(go_round(self.env, "other", [1, 2], done["other"].extend))
        self.assertTrue(go_round(self.env, "one", [1, 2, 3], done["one"].extend))
        self.assertEqual(done, {"one": [1, 2, 3], "other": [1, 2]})

    def test_a_round_that_began_is_done_before_anybody_is_met_again_alone(self):
        """Red when a row that was set aside, woken in the middle of a planned round, is taken for
        all of it: the rest of the round would never come."""
        (_run, notice, _method, ids) = self.many()["notice"]
        cron = self.env.ref("biometric_attendance.ir_cron_biometric_notice")
        cron.nextcall = "2026-01-01 04:00:00"
        notice = notice.with_context(cron_id=cron.id)
        bad, reached = min(ids), []

        def work(_self, company):
            reached.append(company.id)
            if reached == [bad]:
                raise ValueError("its address is none")

        def turn(step):
            reached.clear()
            self.env["biometric.incident"].search(
                [("kind", "=", "set_aside"), ("closed_at", "=", False)]
            ).action_try_again()
            self.env.flush_all()
            self.patches(120, step)
            notice._cron_notice()
            return list(reached)

        with patch.object(type(notice), "_notify", work):
            with self.assertLogs(f"{ADDON}.models.mixins.biometric_job", "WARNING"):
                self.assertEqual(turn(12), [bad], "the first of a round")
            self.assertEqual(turn(0), sorted(ids)[1:], "and its rest")
            cron.nextcall = "2100-01-01 04:00:00"
            with self.assertLogs(f"{ADDON}.models.mixins.biometric_job", "WARNING"):
                self.assertEqual(turn(0), [bad], "who was set aside, alone")

    def test_who_came_and_went_in_the_middle_of_a_round(self):
        """Red when a company made meanwhile is left out, or one that was archived holds up those
        behind it."""
        (run, notice, _method, ids) = self.many()["notice"]
        reached = []
        with patch.object(type(notice), "_notify", lambda _self, one: reached.append(one.id)):
            self.patches(120, 12)
            run()
            gone = self.env["res.company"].browse(sorted(ids)[1])
            self.env.cr.execute("UPDATE res_company SET active = FALSE WHERE id = %s", (gone.id,))
            self.env.invalidate_all()
            new = self.env["res.company"].create({"name": "New"})
            self.turns(run, len(ids) + 1)
        self.assertEqual(reached, [one for one in sorted({*ids, new.id}) if one != gone.id])
