"""What a tenant costs in requests: counted in memory, written together, of each company its own."""

from unittest.mock import patch

from odoo.tests import HttpCase, freeze_time, tagged
from odoo.tools import mute_logger

from ..models import biometric_service_traffic as traffic
from .common import ServiceCase

OURS = "odoo.addons.biometric_attendance_service.models.biometric_service_traffic"


@tagged("post_install", "-at_install")
class TestServiceTraffic(ServiceCase, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tenant = cls.sign_up()
        cls.other = cls.sign_up(company="Next", email="next@kiln.example")
        cls.agent, cls.token = cls.branch(cls.tenant)
        cls.traffic = cls.env["biometric.service.traffic"]
        cls.database = cls.env.cr.dbname

    def setUp(self):
        super().setUp()
        self.now = 0.0
        self.tally = traffic.Tally(clock=lambda: self.now)
        self.patch(traffic, "TALLY", self.tally)

    def counted(self):
        return self.tally.take(self.database)

    def rows(self, tenant):
        self.env.invalidate_all()
        rows = self.traffic.search([("company_id", "=", tenant.company_id.id)])
        return [(str(row.day), row.agent_count, row.people_count) for row in rows]

    def test_requests_of_agents_and_people_are_their_company_s(self):
        """Red when a request of an agent or a login is not counted, is counted for another company,
        or when one of nobody is anybody's."""
        lane, own = self.lane(), self.tenant.company_id.id
        batch = lane.batch(lane.punch("SN1", "7", "2026-03-02 08:00:00"))
        self.assertEqual(self.post("punches", batch, self.token).status_code, 200)
        self.post("sync", {"version": 1}, self.token)
        self.assertEqual(self.post("punches", batch, "no token of ours").status_code, 401)
        self.url_open("/biometric/sign-up")
        self.assertEqual(self.counted(), {(own, traffic.AGENTS): 2})
        owner = self.other.owner_id
        owner.password = "correct horse battery"
        self.env.flush_all()
        self.authenticate(owner.login, "correct horse battery")
        self.counted()
        self.url_open("/web/session/get_session_info", json={"params": {}})
        self.assertEqual(self.counted(), {(self.other.company_id.id, traffic.PEOPLE): 1})
        self.assertEqual(self.rows(self.tenant), [], "nothing is written request by request")

    def test_a_write_is_due_some_minutes_after_the_last_and_adds_to_the_day(self):
        """Red when each request writes, when a day has two rows, or a deleted company's count is
        in the way of the others'."""
        own, database = self.tenant.company_id.id, self.database
        due = []
        for self.now in (0.0, 10.0, traffic.WRITE_SECONDS, traffic.WRITE_SECONDS + 1):
            due.append(self.tally.count(database, own, traffic.AGENTS))
        self.assertEqual(due, [False, False, True, True])
        self.assertFalse(self.tally.count("another", own, traffic.AGENTS))
        with freeze_time("2026-03-02 12:00:00"):
            self.tally.count(database, 2_000_000_000, traffic.AGENTS)
            self.traffic._write_tally()
            self.assertFalse(self.tally.count(database, own, traffic.PEOPLE))
            self.traffic._write_tally()
        self.assertEqual(self.rows(self.tenant), [("2026-03-02", 4, 1)])
        self.assertEqual(self.tally.take("another"), {(own, traffic.AGENTS): 1})
        with freeze_time("2026-03-03 12:00:00"):
            self.tally.count(database, own, traffic.AGENTS)
            self.traffic._write_tally()
            self.tenants._cron_cost()
            self.assertEqual(self.tenant.request_count, 6)
            self.assertEqual(self.other.request_count, 0)
        with freeze_time("2026-04-01 12:00:00"):
            self.tenants._cron_cost()
        self.assertEqual(self.tenant.request_count, 1, "thirty days, the second of March no more")
        with freeze_time("2027-06-01 12:00:00"):
            self.traffic._gc_old()
        self.assertEqual(self.rows(self.tenant), [])

    def test_what_cannot_be_written_is_kept_and_no_request_fails(self):
        """Red when a count is lost with a database that is busy, or whoever asked hears of it."""
        self.tally.count(self.database, self.tenant.company_id.id, traffic.AGENTS)
        model = type(self.traffic)
        with (
            patch.object(model, "_add", side_effect=RuntimeError("busy")),
            mute_logger(OURS),
        ):
            self.traffic._write_tally()
        self.traffic._write_tally()
        self.assertEqual([agents for _day, agents, _people in self.rows(self.tenant)], [1])

    def test_a_write_waits_for_the_commit(self):
        """Red when counting writes inside the transaction of whoever asked, or never writes."""
        with patch.object(type(self.env.cr.postcommit), "add") as after:
            self.traffic._note(self.tenant.company_id.id, traffic.AGENTS)
            after.assert_not_called()
            self.now = traffic.WRITE_SECONDS + 1
            self.traffic._note(self.tenant.company_id.id, traffic.AGENTS)
        self.assertEqual(self.rows(self.tenant), [])
        after.call_args.args[0]()
        self.assertEqual([agents for _day, agents, _people in self.rows(self.tenant)], [2])
