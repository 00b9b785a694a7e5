"""The device board's data: states, since when, cause, one budget of queries."""

from odoo.exceptions import AccessError
from odoo.fields import Datetime
from odoo.tests import TransactionCase, new_test_user, tagged

from .common import AddonCase, Lane

KEYS = {
    "id",
    "name",
    "serial",
    "agent_id",
    "agent_name",
    "company",
    "place",
    "state",
    "status",
    "since_at",
    "cause",
    "last_heard_at",
    "last_punch_at",
    "punches_today",
    "rejects",
    "pending",
    "storage_percent",
    "complete_until",
}


def wire_text(when):
    return when.strftime("%Y-%m-%dT%H:%M:%S.000Z")


@tagged("post_install", "-at_install")
class TestBoard(TransactionCase, AddonCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.approver = new_test_user(
            cls.env, "bio-approver", groups="biometric_attendance.group_approver"
        )
        cls.agent, _token = cls.make_agent()
        cls.device = cls.make_device(cls.agent)

    def fare(self, record, seconds_ago=0, **values):
        """Status as a sync would have written it."""
        when = Datetime.subtract(Datetime.now(), seconds=seconds_ago)
        field = "last_seen_at" if record._name == "biometric.agent" else "last_heard_at"
        record.write({field: when, **values})
        return when

    def board(self, **arguments):
        return self.env["biometric.device"].with_user(self.approver).get_board_data(**arguments)

    def status(self):
        (row,) = self.board()["devices"]
        return row

    def test_shape_and_ok(self):
        self.fare(self.agent)
        self.fare(self.device)
        board = self.board()
        self.assertEqual(set(board), {"server_time", "total", "counts", "agents", "devices"})
        self.assertEqual(
            set(board["counts"]),
            {"ok", "late", "dead", "clock", "storage", "clone", "gap", "waiting"},
        )
        (row,) = board["devices"]
        self.assertEqual(set(row), KEYS)
        self.assertEqual((row["status"], row["cause"], row["punches_today"]), ("ok", "", 0))
        self.assertEqual(
            set(board["agents"][0]),
            {
                "id",
                "name",
                "company",
                "state",
                "last_seen_at",
                "pending",
                "oldest_pending_at",
                "status",
                "since_at",
                "cause",
            },
        )

    def test_what_a_silent_agent_holds_is_not_known(self):
        """I8. Turns red when board or form say that nothing is undelivered, or what was so once,
        of a terminal whose agent nobody hears."""
        self.fare(self.device)
        self.device.pending = self.agent.queue_pending = 3

        def told():
            self.device.invalidate_recordset(["pending_text"])
            (agent,) = self.board()["agents"]
            return self.status()["pending"], agent["pending"], self.device.pending_text

        self.fare(self.agent, 90)
        self.assertEqual(told(), (3, 3, "3"))
        self.fare(self.agent, 110)
        self.assertEqual(told()[:2], (None, None))
        self.assertIn("unknown since", told()[2])
        self.fare(self.agent)
        self.agent.state = "revoked"
        self.assertEqual(told()[:2], (None, None))
        self.device.agent_id = False
        self.device.invalidate_recordset()
        self.assertEqual((self.status()["pending"], self.device.pending_text), (None, "unknown"))

    def test_a_terminal_that_is_only_read_fares_as_its_agent_says(self):
        """Red when the minutes of a heartbeat are demanded of hourly reads."""
        self.fare(self.agent)
        read_at = Datetime.subtract(Datetime.now(), hours=2)
        self.device.write({"polled_at": read_at, "heard_state": "heard"})
        row = self.status()
        self.assertEqual((row["status"], row["last_heard_at"]), ("ok", wire_text(read_at)))
        self.device.heard_state = "silent"
        row = self.status()
        self.assertEqual((row["status"], row["since_at"]), ("dead", wire_text(read_at)))
        self.assertIn("cannot be read", row["cause"])

    def test_each_state_with_since_and_cause(self):
        """C13. Red when a threshold or the order of judgement changes."""
        self.fare(self.agent)
        heard = self.fare(self.device, 400)
        row = self.status()
        self.assertEqual(row["status"], "late")
        self.assertEqual(row["since_at"], heard.strftime("%Y-%m-%dT%H:%M:%S.000Z"))
        self.assertIn("terminal is not responding", row["cause"])
        self.fare(self.device, 4000)
        self.assertEqual(self.status()["status"], "dead")
        self.fare(self.device)
        self.fare(self.agent, 130)
        self.assertIn("agent is not responding", self.status()["cause"])
        self.assertEqual(self.status()["status"], "late")
        self.fare(self.agent, 1000)
        self.assertEqual(self.status()["status"], "dead")
        self.fare(self.agent, oldest_pending_at=Datetime.subtract(Datetime.now(), minutes=20))
        self.device.pending = 5
        self.assertEqual(self.status()["status"], "late")
        self.assertIn("are waiting at the agent", self.status()["cause"])
        self.device.pending = 0
        self.device.storage_percent = 85
        self.assertEqual(self.status()["status"], "storage")
        self.assertIn("85", self.status()["cause"])
        self.device.storage_percent = 10
        gap = self.env["biometric.gap"].create(
            {
                "company_id": self.env.company.id,
                "agent_id": self.agent.id,
                "device_id": self.device.id,
                "kind": "silence",
                "window_from": "2026-01-01 00:00:00",
                "window_to": "2026-01-01 01:00:00",
            }
        )
        self.assertEqual(self.status()["status"], "gap")
        self.env["biometric.gap"]._close_proven(gap)
        self.assertEqual(self.status()["status"], "ok")
        self.env["biometric.alarm"]._raise("clone", self.agent, "two")
        self.assertEqual(self.status()["status"], "clone")
        self.assertEqual(self.board()["agents"][0]["status"], "clone")

    def test_search_status_and_pages(self):
        self.fare(self.agent)
        self.fare(self.device)
        for n in range(30):
            self.make_device(self.agent, f"W{n:02d}", approve=False).place = "100% cotton_hall"
        board = self.board(limit=10, offset=25)
        self.assertEqual((board["total"], len(board["devices"])), (31, 6))
        self.assertEqual(board["counts"]["waiting"], 30)
        self.assertEqual(self.board(status="ok")["total"], 1)
        self.assertEqual(self.board(search="w07")["total"], 1)
        self.assertEqual(self.board(search="100% cotton_hall")["total"], 30)
        self.assertEqual(self.board(search="100_")["total"], 0)
        self.assertEqual(self.board(search="'; --")["total"], 0)
        with self.assertRefused("Unknown status"):
            self.board(status="x'")
        employee = new_test_user(
            self.env, "bio-employee", groups="biometric_attendance.group_employee"
        )
        with self.assertRaises(AccessError):
            self.env["biometric.device"].with_user(employee).get_board_data()

    def test_punches_of_today_by_the_devices_own_clock(self):
        lane = Lane()
        now = Datetime.now()
        stamp = now.strftime("%Y-%m-%dT%H:%M:%S.000Z")
        today = now.strftime("%Y-%m-%d 00:00:00")
        yesterday = Datetime.subtract(now, days=1).strftime("%Y-%m-%d 08:00:00")
        self.store(
            self.agent,
            lane,
            lane.punch(wall=today, received_at=stamp),
            lane.punch(pin="8", wall=yesterday),
        )
        self.assertEqual(self.status()["punches_today"], 1)

    def test_one_budget_of_queries(self):
        """C13. Red when a query is run per device or agent."""

        def queries():
            self.env.flush_all()
            self.env.invalidate_all()
            start = self.env.cr.sql_log_count
            self.board()
            return self.env.cr.sql_log_count - start

        self.board()
        few = queries()
        for n in range(20):
            agent, _token = self.make_agent(f"Branch {n}")
            for m in range(3):
                self.make_device(agent, f"S{n}-{m}")
        many = queries()
        self.assertLessEqual(many, few + 2)
        self.assertLessEqual(many, 25)
