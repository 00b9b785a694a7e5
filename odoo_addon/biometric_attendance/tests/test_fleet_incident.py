"""Incidents are told once and ended once; the statement says what is proven."""

import logging
from datetime import timedelta
from math import inf
from unittest.mock import patch

from odoo.exceptions import ValidationError
from odoo.fields import Date, Datetime
from odoo.tests import freeze_time, new_test_user, tagged
from odoo.tools.mail import html2plaintext

from .common import Lane
from .test_fleet_device import FleetCase

LOG = "odoo.addons.biometric_attendance.models.fleet.biometric_statement"


@tagged("post_install", "-at_install", "biometric_fleet")
class TestFleetIncident(FleetCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.administrator.email = "admin@example.com"
        cls.incidents = cls.env["biometric.incident"]

    def look(self, minutes=0, before=None):
        """One look, `minutes` from now, `before` minutes after the last one (None: the first of a
        server); returns the open incidents of the fleet under test."""
        at = self.now + timedelta(minutes=minutes)
        lastcall = before and at - timedelta(minutes=before)
        with freeze_time(at):
            self.incidents.with_context(lastcall=lastcall)._cron_look()
        return self.incidents.search([("closed_at", "=", False), ("agent_id", "=", self.agent.id)])

    def fares(self, minutes=0, **values):
        """All is heard at `minutes` from now."""
        at = self.now + timedelta(minutes=minutes)
        self.agent.last_seen_at = at
        self.device.write({"last_heard_at": at} | values)

    def mails(self):
        """What was mailed to the administrator, newest first."""
        return self.env["mail.mail"].search([("email_to", "ilike", "admin@example.com")])

    def test_once_when_it_begins_and_once_when_it_is_over(self):
        """Red when a lasting cause is told twice, or its end is not told."""
        self.fares(storage_percent=40)
        self.assertFalse(self.look())
        self.agent.last_seen_at = self.now - timedelta(minutes=3)
        incident = self.look()
        self.assertEqual(incident.kind, "agent_silent", "the device behind it is not told as well")
        self.assertFalse(self.mails(), "it may be a blip yet")
        self.look(1)
        self.assertFalse(incident.told_at)
        self.look(2)
        self.assertEqual(incident.activity_ids.user_id & self.administrator, self.administrator)
        self.assertEqual(self.mails().subject, "Branch: the agent is not responding")
        self.look(5)
        self.look(10)
        self.assertEqual(len(self.mails()), 1)
        self.fares(12)
        self.assertTrue(self.look(12), "gone for a moment is not over")
        self.fares(25)
        self.assertFalse(self.look(25))
        self.assertEqual(len(self.mails()), 2)
        self.assertTrue(self.mails()[0].subject.startswith("Over:"))
        self.assertTrue(incident.closed_at)
        self.assertFalse(incident.activity_ids)

    def test_one_mail_a_person_in_their_own_words(self):
        """C14. Turns red when a person gets two mails of one incident, in another's language or
        clock, or one that does not say place, since when, cause, what to do and whom to call; when
        the mail queue is not woken; or when a cut of ten minutes is told as longer."""
        self.env["res.lang"]._activate_lang("fr_FR")
        self.administrator.write({"tz": "Asia/Manila"})
        second = new_test_user(
            self.env, "fleet-second", groups="biometric_attendance.group_administrator"
        )
        second.write({"email": "second@example.com", "tz": "Europe/Paris", "lang": "fr_FR"})
        self.agent.write({"place": "Server cabinet", "tz": "Asia/Manila", "contact": "Ana, 4711"})
        self.now = Datetime.to_datetime("2026-03-02 08:00:00")
        self.fares()
        queue = self.env.ref("mail.ir_cron_mail_scheduler_action")
        woken = [("cron_id", "=", queue.id)]
        self.env["ir.cron.trigger"].search(woken).unlink()
        for minute in range(9):
            self.look(minute)
        mail = self.mails()
        self.assertEqual(len(mail), 1)
        self.assertLessEqual(
            self.incidents.search([]).told_at - self.now, timedelta(minutes=2 + 1 + 2)
        )
        self.assertTrue(self.env["ir.cron.trigger"].search(woken), "it waits for nobody's hour")
        text = " ".join(html2plaintext(mail.body_html).split())
        for words in (
            "Branch Branch, Server cabinet",
            f"Company {self.agent.company_id.name}",
            "Since 2026-03-02 16:00 (Asia/Manila)",
            "Likely cause Not responding",
            "First steps Ask at the branch whether the machine has power",
            "Contact person Ana, 4711",
            "/odoo/biometric-incidents/",
        ):
            self.assertIn(words, text)
        self.assertNotIn("UTC", text)
        theirs = self.env["mail.mail"].search([("email_to", "ilike", "second@example.com")])
        self.assertEqual(len(theirs), 1)
        self.assertIn(
            "2026-03-02 09:00 (Europe/Paris) = 2026-03-02 16:00 (Asia/Manila)",
            html2plaintext(theirs.body_html),
        )
        # Back after ten minutes: it is told once it has been calm, and told as ten minutes.
        for minute in range(10, 25):
            self.fares(minute)
            self.look(minute)
        self.assertEqual(len(self.mails()), 2)
        over = self.mails()[0]
        self.assertEqual(over.subject, "Over: Branch: the agent is not responding")
        self.assertIn("Duration 10 min 0 s", " ".join(html2plaintext(over.body_html).split()))

    def test_what_a_job_set_aside_is_mailed_without_a_branch(self):
        """Turns red when the mail of what a job set aside fails because no branch or terminal is
        concerned, or does not say how to have it tried again; or when its end is not told."""
        self.env["biometric.job"]._set_aside("days", self.agent.company_id, ValueError("no rule"))
        incident = self.incidents.search([("kind", "=", "set_aside")])
        mail = self.mails()
        self.assertEqual(mail.subject, incident.message)
        text = " ".join(html2plaintext(mail.body_html).split())
        self.assertIn("Cause: ValueError: no rule", text)
        self.assertIn(f"Company {self.agent.company_id.name}", text)
        self.assertIn("press Try again", text)
        self.assertNotIn("Contact person", text)
        self.env["biometric.job"]._is_well("days", self.agent.company_id)
        self.assertEqual(self.mails()[0].subject, f"Over: {incident.message}")

    def test_a_zone_that_is_none_is_told_in_utc(self):
        """Turns red when a terminal whose zone no server knows is not told, is told with a clock
        that nobody has, or sets the whole company aside."""
        self.env.flush_all()
        self.env.cr.execute("UPDATE biometric_device_zone SET tz = 'Berlin'")
        self.env.cr.execute("UPDATE biometric_agent SET tz = 'Berlin'")
        self.env.invalidate_all()
        self.fares(clock_offset_seconds=-2700, clock_off_since=self.now - timedelta(hours=1))
        incident = self.look()
        self.assertEqual((incident.kind, bool(incident.told_at)), ("clock", True))
        self.assertIn("(UTC)", incident.message)
        self.assertNotIn("Berlin", self.mails().body_html)
        self.assertFalse(self.incidents.search([("kind", "=", "set_aside")]))

    def test_an_incident_of_before_its_facts_were_kept_ends_in_words(self):
        """Turns red when what was open at an upgrade ends with an empty subject."""
        self.fares(storage_percent=90)
        incident = self.look()
        incident.facts = False
        self.fares(1, storage_percent=40)
        self.look(1)
        self.fares(12, storage_percent=40)
        self.look(12)
        self.assertTrue(incident.closed_at)
        self.assertIn(incident.message, self.mails()[0].subject)

    def test_the_board_knows_what_an_agent_says_of_its_card(self):
        """Turns red when a guard that cannot be written, or a slow card, is another colour than a
        card that fails, or is told in the agent's own words."""
        for code, words in (
            ("guard", "The loss check of its queue cannot be written"),
            ("slow_storage", "Its card is slow"),
        ):
            self.agent.last_errors = [{"code": code, "message": "its own", "at": None}]
            self.fares()
            rows = self.env["biometric.device"].get_board_data()["agents"]
            (row,) = [one for one in rows if one["id"] == self.agent.id]
            self.assertEqual(row["status"], "storage")
            self.assertIn(words, row["cause"])

    def test_what_only_concerns_updates_hides_nothing(self):
        """Turns red when an agent whose address changed is green because its updates are stale, or
        one that only has no room for a version is not."""
        words = {"message": "its own", "at": None}
        for codes, status, cause in (
            (("update_no_room",), "ok", "the space is reserved for punches"),
            (("updates_stale", "own_address"), "late", "terminals still use the old one"),
            (("update_no_room", "storage"), "storage", "It cannot write to its card"),
        ):
            self.agent.last_errors = [{"code": code, **words} for code in codes]
            self.fares()
            rows = self.env["biometric.device"].get_board_data()["agents"]
            (row,) = [one for one in rows if one["id"] == self.agent.id]
            with self.subTest(codes):
                self.assertEqual(row["status"], status)
                self.assertIn(cause, row["cause"])

    def test_the_mail_speaks_the_readers_language(self):
        """Turns red when a mail is worded in the language of the job instead of its reader's."""
        self.env["res.lang"]._activate_lang("fr_FR")
        self.administrator.write({"lang": "fr_FR"})
        spoken = []
        real = type(self.incidents)._mail

        def mail(incident, user):
            spoken.append((incident.env.lang, incident.env.context["tz"]))
            return real(incident, user)

        self.fares(storage_percent=90)
        with patch.object(type(self.incidents), "_mail", mail):
            self.look()
        self.assertIn(("fr_FR", "UTC"), spoken)

    def test_a_fleet_that_falls_silent_points_at_odoo(self):
        """Turns red when every branch is told to look for its own cable though all are silent."""
        other, _token = self.make_agent("Cebu")
        silent = self.now - timedelta(minutes=10)
        (self.agent | other).write({"last_seen_at": silent})
        for minute in range(3):
            self.look(minute)
        mails = self.mails()
        self.assertEqual(len(mails), 2)
        self.assertTrue(all("address or network rather than" in mail.body_html for mail in mails))

    def test_what_is_not_known_is_not_nothing(self):
        """Turns red when an agent that nobody hears is shown with nothing undelivered."""
        self.agent.write({"last_seen_at": Datetime.now(), "queue_pending": 35})
        self.assertEqual(self.agent.queue_pending_text, "35")
        self.agent.write({"last_seen_at": self.now - timedelta(minutes=3), "queue_pending": 0})
        # short, in the form of every date on a screen, and by whose clock
        said = self.agent.with_context(tz="Asia/Manila").queue_pending_text
        self.assertRegex(said, r"^unknown since \w+ \d+(, \d{4})? \d+:\d\d.[AP]M \(your time\)$")
        fresh, _token = self.make_agent("New", state="new")
        self.assertEqual(fresh.queue_pending_text, "unknown")

    def test_a_loss_and_a_foreign_terminal_are_told_at_once(self):
        """Turns red when what a queue lost, or who tells another's terminal, is told to nobody."""
        self.fares()
        values = {"company_id": self.device.company_id.id, "agent_id": self.agent.id}
        values |= {"device_id": self.device.id, "kind": "lost", "loss": "x", "cause": "lost_tail"}
        values |= {"window_from": self.now - timedelta(hours=1), "window_to": self.now}
        self.env["biometric.gap"].create(values | {"seq_from": 2, "seq_to": 4})
        other, _token = self.make_agent("Cebu")
        self.env["biometric.hearing"]._note(other, self.device.ids)
        self.assertEqual(self.look().kind, "loss", "the other one is the foreign agent's")
        self.assertEqual(
            set(self.mails().mapped("subject")),
            {
                "Branch: The newest punches are missing from its queue, 3 by number",
                "Cebu, SN1: reported by Cebu, which is not its agent",
            },
        )

    def test_silence_begins_where_the_board_says_late(self):
        """Red when board and incidents disagree about who is late, or a blip is mailed."""
        board = self.env["biometric.device"].with_user(self.administrator)

        def seen(agent_seconds, device_seconds):
            self.agent.last_seen_at = self.now - timedelta(seconds=agent_seconds)
            self.device.last_heard_at = self.now - timedelta(seconds=device_seconds)
            with freeze_time(self.now):
                (row,) = [
                    row
                    for row in board.get_board_data(limit=1000)["devices"]
                    if row["id"] == self.device.id
                ]
            open_kinds = self.look().mapped("kind")
            self.incidents.search([]).unlink()
            return row["status"], open_kinds

        self.assertEqual(seen(99, 99), ("ok", []))
        self.assertEqual(seen(101, 99), ("late", ["agent_silent"]))
        self.assertEqual(seen(10, 99), ("ok", []))
        self.assertEqual(seen(10, 101), ("late", ["device_silent"]))
        self.device.write({"carrier": "poll", "polled_at": self.now})
        self.assertEqual(seen(10, 7200), ("late", ["device_silent"]), "it is read instead")
        self.device.carrier = "push"
        self.assertEqual(seen(10, 7200), ("dead", ["device_silent"]))
        self.device.write({"channel_push": False, "channel_poll": True, "poll_minutes": 60})
        self.assertEqual(seen(10, 7200), ("ok", []), "two reads may be missed")
        self.assertEqual(seen(10, 7400), ("late", ["device_silent"]))
        self.assertFalse(self.mails(), "each was over within two minutes")

    def test_a_flapping_link_is_told_twice_at_most(self):
        """C14. A line that breaks a hundred times an hour, looked at every minute for two hours:
        one message when it begins, one when it is over. Red when an incident ends with the first
        look that finds nothing, or is told again while it lasts."""
        self.fares()
        breaks = 0
        for second in range(0, 2 * 3600, 60):
            minute = second / 60
            # 36 s a turn, a third of it broken: the looks fall on both, in no order.
            broken = minute < 60 and second % 36 < 12
            breaks += broken
            self.fares(minute, clock_offset_seconds=600 if broken else 0)
            if broken:
                self.agent.last_seen_at = self.now + timedelta(minutes=minute - 20)
            self.look(minute, before=1)
        self.assertGreater(breaks, 15, "the looks must meet the breaks")
        subjects = self.mails().mapped("subject")
        self.assertEqual(len(subjects), 2, subjects)
        self.fares(121)
        self.assertFalse(self.look(121))

    def test_r47_storage_is_told_at_each_level(self):
        """R47: three alarms at 70, 85 and 95 %. Red when a level is left out or told twice."""
        told = []
        for minute, percent in enumerate((69, 70, 72, 86, 84, 95, 99)):
            self.fares(minute, storage_percent=percent)
            self.look(minute)
            told.append(len(self.mails()))
        self.assertEqual(told, [0, 1, 1, 2, 2, 3, 3])
        self.assertEqual(len(self.look(7)), 1)

    def test_every_kind(self):
        """S09, Odoo's half: a clock 45 minutes slow is told. Red when a kind is never found, or
        found where nothing is wrong."""
        self.fares()
        self.assertFalse(self.look())
        self.fares(clock_offset_seconds=-2700)
        self.store(self.agent, Lane(), Lane().reject())
        self.env["biometric.gap"].create(
            {
                "company_id": self.device.company_id.id,
                "device_id": self.device.id,
                "kind": "silence",
                "window_from": self.now - timedelta(hours=30),
                "window_to": self.now - timedelta(hours=29),
                "opened_at": self.now - timedelta(hours=29),
            }
        )
        self.device.last_heard_at = self.now - timedelta(hours=2)
        self.assertEqual(
            set(self.look().mapped("kind")), {"clock", "reject", "gap", "device_silent"}
        )
        self.device.sudo().state = "waiting"
        with freeze_time(self.now + timedelta(minutes=20)):
            self.agent.last_seen_at = Datetime.now()
            self.incidents._cron_look()
        self.assertFalse(
            self.incidents.search([("closed_at", "=", False), ("device_id", "=", self.device.id)])
        )

    # ------------------------------------------------------------------ statement

    def test_the_statement_before_payroll_goes_out_by_itself(self):
        """Red when a period closes without a statement, when one goes out twice, or when its days
        are not the period's."""
        company = self.agent.company_id
        company.write({"biometric_payroll_days": "15, 31", "biometric_statement_days_before": 2})
        with self.assertRefused("“15, 32” are not days of a month", ValidationError):
            company.biometric_payroll_days = "15, 32"
        mails = self.env["mail.mail"]

        turns = patch.object(
            type(self.env["ir.cron"]), "_commit_progress", lambda *_cron, **_remaining: inf
        )

        def sent(day):
            before = mails.search([("model", "=", "biometric.agent")])
            with freeze_time(f"{day} 06:00:00"), turns:
                self.env["biometric.agent"]._cron_payroll_statement()
            fresh = mails.search([("model", "=", "biometric.agent")]) - before
            return [
                mail.subject.split(", ")[-1] for mail in fresh if self.agent.name in mail.subject
            ]

        self.assertEqual(sent("2026-02-20"), ["2026-02-01 to 2026-02-15"], "closed this week")
        self.assertEqual(sent("2026-02-25"), [])
        self.assertEqual(sent("2026-02-26"), ["2026-02-16 to 2026-02-28"], "time to pull")
        self.assertEqual(sent("2026-02-27"), [])
        self.assertEqual(sent("2026-03-03"), ["2026-02-16 to 2026-02-28"], "the day was missed")
        self.assertEqual(sent("2026-03-04"), [])
        company.biometric_payroll_days = False
        self.assertEqual(sent("2026-03-14"), [])

    def test_the_weekly_statement_goes_out_on_the_companys_day_and_hour(self):
        """Turns red when a server that starts, or a branch that is new, is a reason to mail; when
        the day or the hour is not the company's; when one goes out twice or a missed one never."""
        company = self.agent.company_id
        company.partner_id.tz = "Asia/Manila"
        company.write({"biometric_statement_weekday": "2", "biometric_statement_hour": 8})
        with self.assertRaisesRegex(ValidationError, "0 to 23"), self.cr.savepoint():
            company.biometric_statement_hour = 24
        self.agent.approved_at = "2026-03-04 01:00:00"
        mails = self.env["mail.mail"]

        def sent(at):
            before = mails.search([])
            with freeze_time(at):
                self.env["biometric.agent"]._cron_statement()
            fresh = mails.search([]) - before
            return len(fresh.filtered(lambda mail: f", {self.agent.name}, " in mail.subject))

        # Wednesday 8 o'clock in Manila is midnight of UTC.
        self.assertEqual(sent("2026-03-10 23:59:00"), 0, "approved after the last moment")
        self.assertEqual(sent("2026-03-11 00:30:00"), 1)
        self.assertEqual(sent("2026-03-11 01:30:00"), 0)
        self.assertEqual(sent("2026-03-17 23:00:00"), 0)
        self.assertEqual(sent("2026-03-20 05:00:00"), 1, "the server was off on the day")
        self.assertEqual(sent("2026-03-21 05:00:00"), 0)
        mail = mails.search([], limit=1)
        self.assertIn(company.name, mail.subject)

    def test_the_statement_says_what_to_do(self):
        """Turns red when a branch with work left is told figures alone, or one without is sent to
        look for some."""
        days = (Date.today() - timedelta(days=7), Date.today() - timedelta(days=1))
        self.device.write({"complete_until": self.now, "proven_until": self.now})
        self.assertEqual(self.agent._statement(*days)["to_do"], [])
        self.device.complete_until = self.now - timedelta(days=3)
        (step,) = self.agent._statement(*days)["to_do"]
        self.assertIn("Open Coverage", step)
        self.store(self.agent, Lane(), Lane().reject())
        values = {"company_id": self.device.company_id.id, "device_id": self.device.id}
        values |= {"window_from": self.now - timedelta(days=3)}
        self.env["biometric.gap"].create(
            values | {"kind": "silence", "window_to": self.now - timedelta(days=2)}
        )
        steps = self.agent._statement(*days)["to_do"]
        self.assertEqual([step.split(":")[0] for step in steps], ["Open Gaps", "Open Quarantine"])
        self.agent._send_statement(*days)
        mail = self.env["mail.mail"].search([("model", "=", "biometric.agent")], limit=1)
        self.assertIn("What to do", mail.body_html)
        self.assertIn(self.agent.company_id.name, mail.body_html)

    def test_the_statement_says_what_is_proven(self):
        """Red when a branch with an open gap, or without proof, is called complete."""
        today = Date.today()
        week = (today - timedelta(days=7), today - timedelta(days=1))
        self.store(self.agent, Lane(), Lane().punch(wall=f"{week[1]} 08:00:00"))
        said = self.agent._statement(*week)
        self.assertEqual((said["punches"], said["complete"]), (1, False))
        self.device.write({"complete_until": self.now, "proven_until": self.now})
        said = self.agent._statement(*week)
        self.assertTrue(said["complete"])
        self.assertEqual(said["head_seq"], 1)
        gap = self.env["biometric.gap"].create(
            {
                "company_id": self.device.company_id.id,
                "device_id": self.device.id,
                "kind": "silence",
                "window_from": self.now - timedelta(days=3),
                "window_to": self.now - timedelta(days=2),
            }
        )
        self.assertFalse(self.agent._statement(*week)["complete"])
        self.assertEqual(self.agent._send_statement(), 1)
        mail = self.env["mail.mail"].search([("model", "=", "biometric.agent")], limit=1)
        self.assertIn("NOT complete", mail.subject)
        self.assertIn("1 gaps open", mail.body_html.replace("<span>", "").replace("</span>", ""))
        gap.with_user(self.hr_officer).action_accept("nobody worked on those days")
        self.agent.statement_email = "auditor@example.com"
        self.device.write({"complete_until": self.now})
        self.agent._send_statement(*week)
        mail = self.env["mail.mail"].search([("model", "=", "biometric.agent")], limit=1)
        self.assertEqual(mail.email_to, "auditor@example.com")
        self.assertIn("nobody worked on those days", mail.body_html)
        self.assertTrue(mail.subject.startswith("Complete"))

    def test_the_statement_goes_by_the_days_of_the_branch(self):
        """Turns red when a week is cut at midnight of UTC, when time before any terminal served
        is called complete, or when the clock figure is of this second."""
        self.agent.tz = "Asia/Manila"
        self.device.zone_ids.sudo().tz = "Asia/Manila"
        noon = Datetime.to_datetime("2026-03-16 04:00:00")
        self.device.write(
            {"complete_until": noon, "proven_until": noon, "in_service_from": "2026-03-01 00:00:00"}
        )
        gap = self.env["biometric.gap"].create(
            {
                "company_id": self.device.company_id.id,
                "device_id": self.device.id,
                "kind": "silence",
                "window_from": "2026-03-08 17:00:00",
                "window_to": "2026-03-08 18:00:00",
            }
        )
        week = (Date.to_date("2026-03-09"), Date.to_date("2026-03-15"))
        lane = Lane()
        row = lane.punch(
            wall="2026-03-10 08:00:40", received_at="2026-03-10T00:00:00.000Z", clock="ok"
        )
        self.store(self.agent, lane, row)
        with freeze_time("2026-03-16 05:00:00"):
            said = self.agent._statement(*week)
            self.assertEqual((said["complete"], said["open_gaps"]), (False, gap))
            self.assertEqual((said["clock_known"], said["clock"]), (True, 40))
            gap.state = "proven"
            self.assertTrue(self.agent._statement(*week)["complete"])
            self.device.in_service_from = "2026-03-11 01:00:00"
            said = self.agent._statement(*week)
            self.assertFalse(said["complete"])
            self.assertTrue(said["complete_since"])
            self.assertEqual(str(said["not_in_service"]), "2026-03-11 01:00:00")
            before = self.agent._statement(Date.to_date("2026-03-02"), Date.to_date("2026-03-08"))
            self.assertEqual((before["complete"], before["complete_since"]), (False, False))
            self.assertTrue(before["not_in_service"])
            self.assertFalse(before["clock_known"], "nothing was pushed in those days")
        with freeze_time("2026-03-15 17:00:00"):
            self.assertEqual(str(self.agent._last_week()[0]), "2026-03-09")

    def test_a_statement_for_nobody_says_why(self):
        """Red when "0 statements are on their way" comes back, or branches are not told apart."""
        group = self.env.ref("biometric_attendance.group_administrator")
        group.all_user_ids.email = False
        told = self.agent.action_send_statement()["params"]
        self.assertEqual(told["type"], "warning")
        self.assertEqual(
            told["message"],
            f"No statement for {self.agent.name}: nobody has an e-mail address. Fill in "
            "Statement recipients on the branch's form, or the e-mail of a biometric "
            "administrator of its company.",
        )
        other, _token = self.make_agent("Cebu")
        other.statement_email = "cebu@example.com"
        told = (self.agent | other).action_send_statement()["params"]["message"]
        self.assertTrue(told.startswith("One statement is being sent. No statement for"), told)
        told = other.action_send_statement()["params"]
        self.assertEqual(
            (told["type"], told["message"]), ("success", "One statement is being sent.")
        )
        # by number: Odoo calls its own level 25 "INFO", too
        with self.assertLogs(LOG, logging.INFO) as log:
            self.agent._send_statement()
        self.assertIn("Nobody has an address for statements of ['Branch']", log.output[0])

    def test_the_number_of_open_gaps_leads_to_them(self):
        """Red when the list behind the number holds others than the number counts."""
        values = {"company_id": self.device.company_id.id, "device_id": self.device.id}
        values |= {"kind": "silence", "window_from": self.now, "window_to": self.now}
        gaps = self.env["biometric.gap"].create(
            [values | {"agent_id": self.agent.id, "state": state} for state in ("open", "accepted")]
        )
        action = self.agent.action_open_gaps()
        self.assertEqual(gaps.search(action["domain"]).ids, gaps[:1].ids)
        self.assertEqual((self.agent.gap_count, action["context"]), (1, {}))
