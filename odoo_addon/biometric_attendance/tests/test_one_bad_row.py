"""R57: one bad row never stops the others. In each loop one row is poisoned; it is set aside and
told, the rest goes on, and it is met again when its hour has come."""

from datetime import timedelta
from unittest.mock import patch

from psycopg2.errors import InvalidParameterValue

from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Datetime
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from ..models.fleet.biometric_incident import JOB_NAMES
from ..models.fleet.biometric_job import JOBS, MAILED
from .sync_case import SyncCase
from .test_day import MONDAY, DayCase

ASIDE = "odoo.addons.biometric_attendance.models.mixins.biometric_job"


class Poison(Exception):
    """What only a test raises."""


class AsideCase:
    """What is asked of every loop."""

    def aside(self, job=None):
        """Open incidents of what was set aside."""
        job_is = [("job", "=", job)] if job else []
        return self.env["biometric.incident"].search(
            [("kind", "=", "set_aside"), ("closed_at", "=", False), *job_is]
        )

    def meets(self, job, bad, good, run, target, reached):
        """Poison `bad` in the method `target` (model, name) of the loop `run`. `reached(args)` is
        the rows that a call of it is about; `good` shall be done all the same."""
        model, name = target
        kind = type(self.env[model])
        real, done, tried = getattr(kind, name), [], []

        def poisoned(one, *args, **kwargs):
            rows = reached(one, *args)
            if bad.id in rows:
                tried.append(bad.id)
                raise Poison("its record says Müller")
            done.extend(rows)
            return real(one, *args, **kwargs)

        with patch.object(kind, name, poisoned), self.assertLogs(ASIDE, "WARNING"):
            run()
        for row in good:
            self.assertIn(row.id, done, f"{job}: the others go on")
        incident = self.aside(job)
        self.assertEqual((incident.subject_model, incident.subject_id), (bad._name, bad.id), job)
        self.assertRegex(incident.message, "was skipped.*Cause: Poison: its record says")
        self.assertGreater(incident.retry_at, Datetime.now() + timedelta(minutes=50))
        tried.clear()
        with patch.object(kind, name, poisoned):
            run()
        self.assertFalse(tried, f"{job}: it rests, and is not met")
        self.assertEqual(self.aside(job), incident, "nothing is new")
        incident.action_try_again()
        self.env.flush_all()
        done.clear()
        self.again(job)

        def cured(one, *args, **kwargs):
            done.extend(reached(one, *args))
            return real(one, *args, **kwargs)

        with patch.object(kind, name, cured):
            run()
        self.assertIn(bad.id, done, f"{job}: it is met again")
        self.assertTrue(incident.closed_at, f"{job}: it is over")

    def again(self, job):
        """There is something to do once more."""


@tagged("post_install", "-at_install")
class TestOneBadRow(AsideCase, DayCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["biometric.agent"].search([("id", "!=", cls.agent.id)]).state = "revoked"
        cls.good = cls.make_employee("Ben Cruz", "8")
        cls.here = cls.env.company
        cls.other = cls.env["res.company"].create({"name": "Second"})
        cls.agent_b, _token = cls.make_agent("There", company=cls.other)
        cls.device_b = cls.make_device(cls.agent_b, "SNB")

    def setUp(self):
        super().setUp()
        audit = self.env["biometric.audit"].sudo()
        while audit._seal(1000):
            pass
        self.stale = self.env["biometric.stale.day"].sudo()
        self.mark()

    def mark(self):
        self.stale._mark([(self.employee.id, MONDAY), (self.good.id, MONDAY)])

    def again(self, job):
        if job == "days":
            self.mark()
        elif job == "seal":
            self.env["biometric.audit"]._record("test.turn", self.employee)

    def test_r57_days(self):
        """R57. Turns red when a person whose day cannot be computed keeps the batch from being
        computed, or the mark of that person is lost."""
        rebuild = self.env["biometric.day.rebuild"].sudo()
        self.meets(
            "days",
            self.employee,
            self.good,
            rebuild._cron_rebuild,
            ("biometric.day.rebuild", "_rebuild_stale"),
            lambda _self, pairs: {pair[0] for pair in pairs},
        )

    def test_r57_a_mark_of_who_rests_stays(self):
        """R57. Turns red when what could not be computed is forgotten: nobody would ever compute
        the day."""
        real = type(self.env["biometric.day.rebuild"])._rebuild_stale

        def poisoned(one, pairs):
            if any(pair[0] == self.employee.id for pair in pairs):
                raise Poison
            return real(one, pairs)

        kind = type(self.env["biometric.day.rebuild"])
        with patch.object(kind, "_rebuild_stale", poisoned), self.assertLogs(ASIDE, "WARNING"):
            self.env["biometric.day.rebuild"].sudo()._cron_rebuild()
        self.assertEqual(self.stale.search([]).employee_id, self.employee)

    def test_r57_missing_days(self):
        """R57. Turns red when one person ends the search for missing days of 500."""
        self.meets(
            "fill",
            self.employee,
            self.good,
            self.stale._cron_fill,
            ("biometric.stale.day", "_fill"),
            lambda _self, ids: set(ids),
        )

    def test_r57_projection(self):
        """R57. Turns red when one attendance that Odoo refuses keeps a hundred others from being
        shown, for ever."""
        self.punch_in("2026-03-02 08:00:00", "2026-03-02 17:00:00")
        self.punch_in("2026-03-02 08:00:00", "2026-03-02 17:00:00", pin="8")
        self.rebuild()
        self.meets(
            "projection",
            self.employee,
            self.good,
            self.env["biometric.projection"].sudo()._cron_project,
            ("biometric.projection", "_project"),
            lambda _self, days: set(days.employee_id.ids),
        )

    def test_r57_looks_for_incidents(self):
        """R57. Turns red when what is found in one company keeps others from being told."""
        (self.agent | self.agent_b).last_seen_at = "2026-01-01 00:00:00"
        self.meets(
            "look",
            self.other,
            self.here,
            self.env["biometric.incident"]._cron_look,
            ("biometric.incident", "_look"),
            lambda _self, company_id, *_found: {company_id},
        )

    def test_r57_a_name_is_no_separator(self):
        """R57. Turns red when the facts of an incident are joined to one text: a terminal that is
        called *Gate | North* stopped the incidents of all companies."""
        at = Datetime.now()
        self.device.name = "Gate | North"
        self.agent.last_seen_at = at
        self.device.write({"last_heard_at": at, "clock_offset_seconds": 900})
        self.env["biometric.incident"]._cron_look()
        found = self.env["biometric.incident"].search([("device_id", "=", self.device.id)])
        self.assertEqual(found.facts, ["Gate | North", 900])
        self.assertTrue(found.message.startswith("Gate | North: 0:15 hours fast"), found.message)
        self.assertFalse(self.aside())

    def test_r57_statements(self):
        """R57. Turns red when one branch's statement keeps all others from being mailed."""
        branches = self.agent | self.agent_b
        branches.write({"statement_email": "payroll@example.com", "approved_at": "2026-01-01"})
        companies = self.here | self.other
        companies.write({"biometric_payroll_days": "15, 31"})
        companies.write({"biometric_statement_final_for": "2026-02-15"})
        agents = self.env["biometric.agent"]
        for job, run in (
            ("statement", agents._cron_statement),
            ("payroll_statement", agents._cron_payroll_statement),
        ):
            self.meets(
                job,
                self.agent_b,
                self.agent,
                run,
                ("biometric.agent", "_send_statement"),
                lambda agent, *_days: set(agent.ids),
            )

    def test_r57_sealing(self):
        """R57. Turns red when a head that cannot be followed keeps the trail of every company
        unsealed."""
        audit = self.env["biometric.audit"].sudo()
        for record in (self.agent, self.agent_b):
            audit._record("test.turn", record)
        self.again = lambda _job: audit._record("test.turn", self.agent_b)
        self.meets(
            "seal",
            self.other,
            self.here,
            lambda: [audit._record("test.turn", self.agent), audit._cron_seal()],
            ("biometric.audit", "_seal_rows"),
            lambda _self, companies, _rows: set(companies.ids),
        )

    def test_r57_nightly_proof(self):
        """R57. Turns red when one company's night keeps others without theirs, or others get a
        second entry when it is tried again."""
        cron = self.env.ref("biometric_attendance.ir_cron_biometric_night")
        cron.nextcall = "2100-01-01 02:00:00"  # woken before its hour, for who was set aside
        night = self.env["biometric.audit.night"].with_context(cron_id=cron.id)
        self.meets(
            "night",
            self.other,
            self.here,
            night._cron_night,
            ("biometric.audit.night", "_night"),
            lambda _self, company, *_rest: {company.id},
        )
        entries = [("action", "=", "audit.night"), ("company_id", "=", self.here.id)]
        self.assertEqual(self.env["biometric.audit"].search_count(entries), 1)

    def test_r57_verification(self):
        """R57. Turns red when a run that cannot go on keeps those behind it from ever beginning."""
        checks = self.env["biometric.audit.check"].sudo()
        checks.search([("state", "=", "running")]).state = "ok"
        bad, good = checks._begin(self.other, "x"), checks._begin(self.here, "x")
        self.meets(
            "verify",
            bad,
            good,
            checks._cron_verify,
            ("biometric.audit.check", "_step"),
            lambda check: set(check.ids),
        )

    def test_r57_pay_periods_and_deliveries(self):
        """R57. Turns red when one period, or one target that cannot be reached, keeps the others
        from being looked at or delivered."""
        group = self.env["biometric.period.group"].create(
            {"name": "All", "rhythm": "weekly", "anchor": str(MONDAY)}
        )
        periods = group.period_ids.sorted("date_from")
        self.meets(
            "period_gate",
            periods[0],
            periods[1],
            periods._cron_gate,
            ("biometric.period", "_look_at_gate"),
            lambda period: set(period.ids),
        )
        group.period_ids.unlink()
        self.punch_in(f"{MONDAY} 08:00:00", f"{MONDAY} 17:00:00")
        self.rebuild()
        export = self.env["biometric.export"].create({"date_from": MONDAY, "date_to": MONDAY})
        export.action_generate()
        target = self.env["biometric.delivery.target"].create(
            {"name": "Office", "recipients": "office@example.com"}
        )
        target.sudo().usable_at = Datetime.now() - timedelta(hours=1)
        deliveries = self.env["biometric.delivery"]._ask(export, target)
        deliveries |= deliveries._ask(export, target)
        self.meets(
            "deliver",
            deliveries[0],
            deliveries[1],
            deliveries._cron_deliver,
            ("biometric.delivery", "_deliver"),
            lambda delivery: set(delivery.ids),
        )

    def test_r57_the_other_jobs_of_companies(self):
        """R57. Turns red when one company ends the purge, the daily notice or the count of usage
        of all behind it."""
        (self.here | self.other).write({"biometric_retention_months": 12})
        self.env["res.company"].search([]).biometric_usage_counted_at = False

        def usage():
            self.env["res.company"].search([]).biometric_usage_counted_at = False
            self.env["biometric.usage"]._cron_count()

        for job, run, target in (
            ("purge", self.env["biometric.retention"]._cron_purge, "_purge"),
            ("notice", self.env["biometric.notice"]._cron_notice, "_notify"),
            ("usage", usage, "_count"),
            ("attestation", self.env["biometric.attestation"]._cron_ask, "_ask_company"),
        ):
            model = {"purge": "retention"}.get(job, job)
            self.meets(
                job,
                self.other,
                self.here,
                run,
                (f"biometric.{model}", target),
                lambda _self, company, *_rest: {company.id},
            )

    def test_r57_requests_periods_and_reminders(self):
        """R57. Turns red when one request, group or period keeps the others from being passed on,
        taking effect in silence, being laid out or reminded of."""
        company = self.env.company.sudo()
        company.write({"biometric_needs_yes": True, "biometric_remind_days": 7})
        requests = self.env["biometric.adjustment"].sudo()
        for person in (self.employee, self.good):
            person.user_id = new_test_user(self.env, f"aside-{person.id}", "base.group_user")
            values = {"kind": "add_punch", "employee_id": person.id, "date": str(MONDAY)}
            reason = {"clock": "17:00", "reason_text": "the guard wrote it down"}
            requests |= requests.browse(self.env["biometric.adjustment"].request(values | reason))

        def late():
            requests.invalidate_recordset()
            waiting = requests.filtered(lambda one: one.state == "submitted")
            waiting._move({"due_at": Datetime.now() - timedelta(hours=1)})

        late()
        rows = requests.sorted("id")
        self.meets(
            "review",
            rows[0],
            rows[1],
            lambda: (late(), requests._cron_escalate()),
            ("biometric.adjustment", "_pass_on"),
            lambda one: set(one.ids),
        )
        requests._move({"awaits_answer": True})
        self.meets(
            "review",
            rows[0],
            rows[1],
            lambda: (late(), requests._cron_answers()),
            ("biometric.adjustment", "_take_effect"),
            lambda one, *_rest: set(one.ids),
        )
        groups = self.env["biometric.period.group"].create(
            [
                {"name": "One", "rhythm": "weekly", "anchor": str(MONDAY)},
                {
                    "name": "Two",
                    "rhythm": "weekly",
                    "anchor": str(MONDAY),
                    "department_ids": [(0, 0, {"name": "Two"})],
                },
            ]
        )
        self.meets(
            "period",
            groups[0],
            groups[1],
            self.env["biometric.period"]._cron_lay_out,
            ("biometric.period.group", "_lay_out"),
            lambda one: set(one.ids),
        )
        due = groups.period_ids.filtered(lambda one: one.date_to >= company._biometric_today())
        due = due.sorted("date_to")[:2]
        self.meets(
            "remind",
            due[0],
            due[1],
            lambda: ([one._note_reminded(None) for one in due], due._cron_remind()),
            ("biometric.period", "_remind"),
            lambda one: set(one.ids),
        )

    def test_r57_one_erasure_stops_neither_the_others_nor_the_purge(self):
        """R57. Turns red when an erasure that raises sets its whole company aside: nobody's old
        punches would go any more."""
        self.here.biometric_retention_months = 12
        other = self.make_employee("Ben Cruz", "77")
        bad, good = (
            self.env["biometric.erasure"]
            .sudo()
            .create(
                {
                    "company_id": self.here.id,
                    "person_number": person.id,
                    "state": "waiting",
                    "requested_at": Datetime.now(),
                    "reason": "asked for by the person",
                }
            )
            for person in (self.employee, other)
        )
        self.meets(
            "erase",
            bad,
            good,
            self.env["biometric.retention"]._cron_purge,
            ("biometric.erasure", "_work"),
            lambda one, *_rest: set(one.ids),
        )
        self.assertFalse(self.aside("purge"))
        self.assertEqual((bad.state, good.state), ("done", "done"))

    # ------------------------------------------------------------------ what is told

    def set_aside(self, error, row=None, job="days"):
        self.env["biometric.job"]._set_aside(job, row or self.employee, error)
        return self.aside(job)[:1]

    def test_r57_what_is_told(self):
        """R57. Turns red when an incident names a person to support, or repeats the whole row that
        PostgreSQL prints behind its message."""
        error = InvalidParameterValue("time zone not recognized")
        self.assertIn("Cause: InvalidParameterValue", self.set_aside(error).message)
        incident = self.aside()
        self.assertIn(f"employee no. {self.employee.id} was skipped", incident.message)
        self.assertNotIn("Ana", incident.message)
        for role, subject in (("hr_officer", "Ana Reyes"), ("administrator", "Ana Reyes")):
            groups = f"base.group_user,biometric_attendance.group_{role}"
            reader = new_test_user(self.env, f"reads-{role}", groups=groups)
            self.assertEqual(incident.with_user(reader).subject, subject)
        self.assertEqual([name for name, _label in JOB_NAMES], list(JOBS))
        approver = new_test_user(
            self.env, "approves", groups="base.group_user,biometric_attendance.group_approver"
        )
        with self.assertRaises(AccessError):
            incident.with_user(approver).action_try_again()

    def test_r57_a_flood_is_on_the_list_and_a_few_are_mailed(self):
        """R57. Turns red when a rule set that cannot be computed mails one message a person."""
        for number in range(MAILED + 3):
            self.set_aside(Poison(), self.make_employee(f"P{number}", f"9{number}"))
        self.assertEqual(len(self.aside()), MAILED + 3)
        self.assertEqual(len(self.aside().filtered("told_at")), MAILED)

    def test_r57_who_is_met_no_more_is_over(self):
        """R57. Turns red when an incident about somebody whose days nobody asks for stays open for
        ever."""
        incident = self.set_aside(Poison())
        incident.retry_at = Datetime.now() - timedelta(days=1)
        self.env["biometric.incident"]._cron_look()
        self.assertFalse(incident.closed_at)
        incident.retry_at = Datetime.now() - timedelta(days=3)
        self.env["biometric.incident"]._cron_look()
        self.assertTrue(incident.closed_at)

    # ------------------------------------------------------------------ zones

    def test_r57_every_zone_field_refuses_what_is_none(self):
        """R57. Turns red when a zone that the database server does not know is taken, as Odoo
        takes any text for a choice when it is written: SQL over all rows fails for one of them."""
        zone = self.device.zone_ids[:1]
        company = self.env["biometric.employment.company"].create(
            {"employee_id": self.employee.id, "company_id": self.here.id}
        )
        rows = {row._name: row for row in (self.agent, zone, company)}
        for name, model in self.env.items():
            field = model._fields.get("tz")
            ours = name.startswith("biometric.") and field is not None and field.store
            if not ours or model._abstract or model._transient:
                continue
            with self.subTest(name):
                words = "does not know the time zone “Berlin”. Choose another"
                with self.assertRaisesRegex(ValidationError, words):
                    rows[name].tz = "Berlin"
        self.env.invalidate_all()

    def test_r57_one_zone_that_is_none_empties_no_list(self):
        """R57. Turns red when a screen of all terminals, or of what waits, hands a name to
        PostgreSQL that it may not know: its company's board was empty."""
        other = self.make_device(self.agent, "SN3", tz="UTC")
        self.punch_in("2026-03-02 08:00:00", pin="77")
        self.env.flush_all()
        self.env.cr.execute("UPDATE biometric_device_zone SET tz = 'Berlin'")
        self.env.cr.execute("UPDATE biometric_agent SET tz = 'Berlin'")
        self.env.invalidate_all()
        devices = self.env["biometric.device"]
        self.assertIn(other.id, [row["id"] for row in devices.get_board_data()["devices"]])
        self.assertTrue(self.env["biometric.quarantine"].search_count([]))
        for name in ("biometric.coverage", "biometric.registry.work"):
            self.env[name].search_count([])
        self.env["biometric.device.user"].search([]).mapped("standing")


@tagged("post_install", "-at_install")
class TestOneBadTerminal(AsideCase, SyncCase):
    def test_r57_completeness(self):
        """R57. Turns red when the zone of one terminal that no server knows makes the whole branch
        fall silent: its agent's every sync raised."""
        other = self.make_device(self.agent, "SN2")
        self.env.cr.execute(
            "UPDATE biometric_device_zone SET tz = 'Berlin' WHERE device_id = %s",
            (self.device.id,),
        )
        self.env.invalidate_all()

        def sync(minutes):
            at = Datetime.now() + timedelta(minutes=minutes)
            since = Datetime.now() - timedelta(days=3)
            reports = [{**self.heard(at, since), "serial": serial} for serial in ("SN1", "SN2")]
            self.sync(devices=reports)

        with (
            self.assertLogs(ASIDE, "WARNING"),
            mute_logger("odoo.addons.biometric_attendance.models.agent.biometric_sync_reports"),
        ):
            sync(-60)
        self.assertTrue(other.complete_until)
        self.assertFalse(self.device.complete_until)
        incident = self.aside("completeness")
        self.assertTrue(incident.told_at, "its mail has a clock all the same")
        self.assertEqual((incident.device_id, incident.subject_id), (self.device, self.device.id))
        self.assertIn("Berlin", incident.message)
        before = other.complete_until
        sync(-20)
        self.assertGreater(other.complete_until, before)
        self.env.cr.execute(
            "UPDATE biometric_device_zone SET tz = 'Europe/Berlin' WHERE tz = 'Berlin'"
        )
        self.env.invalidate_all()
        incident.action_try_again()
        sync(-5)
        self.assertTrue(self.device.complete_until)
        self.assertTrue(incident.closed_at)
