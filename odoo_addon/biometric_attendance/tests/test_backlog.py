"""Of many companies none keeps the others waiting with its backlog: turns of large batches."""

from unittest.mock import patch

from odoo.sql_db import db_connect
from odoo.tests import HttpCase, tagged
from odoo.tools import config

from ..models.ledger import biometric_backlog
from ..models.ledger.biometric_backlog import BACKLOG, LONGEST_REST, Pace
from .common import AddonCase, Lane


@tagged("post_install", "-at_install")
class TestBacklog(HttpCase, AddonCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["biometric.agent"].search([]).active = False
        cls.agent, cls.token = cls.make_agent()
        cls.make_device(cls.agent)
        cls.neighbour = cls.env["res.company"].create({"name": "Neighbour"})
        cls.other, cls.other_token = cls.make_agent("Other", company=cls.neighbour)
        cls.backlog = cls.env["biometric.backlog"]

    def setUp(self):
        super().setUp()
        # A connection of its own is another worker: what it takes is taken from everybody else.
        self.worker = db_connect(self.env.cr.dbname).cursor()
        self.addCleanup(self.worker.close)

    def serve(self, agent, count=BACKLOG, workers=0):
        """What the other worker is answered."""
        env = self.backlog.with_env(self.env(cr=self.worker)).env
        with (
            patch.dict(config.options, {"workers": workers}),
            patch.object(type(self.backlog), "_has_neighbours", lambda _self, _agent: True),
        ):
            return env["biometric.backlog"]._turn(agent, count) != "later"

    def bring(self, count=BACKLOG, token=None):
        lane = Lane()
        punches = [lane.punch(wall=f"2026-03-02 08:{n // 60:02}:{n % 60:02}") for n in range(count)]
        return self.post("punches", lane.batch(*punches), token or self.token)

    def test_a_company_has_one_turn_at_a_time(self):
        """Red when a company's second backlog is served beside its first, when a neighbour's or
        live punches wait for it, when the answer is no `slow_down` with a wait, or when something
        of the batch is stored that was told to come later."""
        self.assertTrue(self.serve(self.agent))
        answer = self.bring()
        self.assertEqual((answer.status_code, answer.json()["error"]), (429, "slow_down"))
        self.assertEqual(answer.json()["message"], "other companies are served first")
        self.assertEqual(answer.headers["Retry-After"], "1")
        self.assertFalse(self.env["biometric.lane"].search([("agent_id", "=", self.agent.id)]))
        self.assertEqual(self.bring(BACKLOG - 1).status_code, 200, "live punches")
        self.assertEqual(self.bring(token=self.other_token).status_code, 200, "the neighbour's")
        self.worker.rollback()
        self.assertEqual(self.bring().status_code, 200, "the turn ended with its transaction")

    def test_a_company_alone_needs_no_turn(self):
        """Red when the only company of an Odoo is slowed by the rule for many, or a branch that is
        stopped, or waits for its approval, counts as a neighbour."""
        self.assertTrue(self.serve(self.agent))
        self.assertEqual(self.bring().status_code, 429)
        for left in ({"state": "waiting"}, {"state": "active", "active": False}):
            with self.subTest(left):
                self.other.write({"state": "active", "active": True, **left})
                self.assertEqual(self.bring().status_code, 200)

    def test_one_worker_stays_free(self):
        """Red when backlogs of several companies fill every worker of a server, or when one
        worker alone never serves any."""
        for workers, served in ((1, 1), (2, 1), (3, 2), (5, 4)):
            with self.subTest(workers=workers):
                others = [db_connect(self.env.cr.dbname).cursor() for _n in range(served)]
                for number, cr in enumerate(others):
                    self.worker, worker = cr, self.worker
                    company = self.neighbour.browse(10_000 + number)
                    agent = self.other.new({"company_id": company.id})
                    self.assertTrue(self.serve(agent, workers=workers), number)
                    self.worker = worker
                agent = self.other.new({"company_id": self.neighbour.id})
                self.assertFalse(self.serve(agent, workers=workers))
                self.assertTrue(self.serve(agent, count=BACKLOG - 1, workers=workers))
                for cr in others:
                    cr.close()
                self.assertTrue(self.serve(agent, workers=workers))
                self.worker.rollback()

    def test_a_turn_begins_with_a_rest_as_long_as_the_one_before_worked(self):
        """Red when backlogs follow upon each other without a rest, when a slow database or a
        request that was rolled back makes a rest of minutes, or the first one waits for nothing."""
        rests, ticks = [], iter((10.0, 10.4, 20.0, 27.0, 30.0, 40.0, 50.0))
        pace = Pace(clock=lambda: next(ticks), sleep=rests.append)
        for ending in ("commit", "commit", "rollback", "commit"):
            pace.begin(self.worker)
            getattr(self.worker, ending)()
        self.assertEqual(rests, [0.0, 10.4 - 10.0, LONGEST_REST, LONGEST_REST])

    def test_nobody_else_works_while_a_turn_rests_and_live_punches_never_rest(self):
        """Red when the turn is free during its rest, so that another request fills it, when live
        punches or a company alone rest, or who is refused rests before the answer."""
        free, rests = [], []
        pace = Pace(clock=lambda: 0.0, sleep=rests.append)
        pace._took = 0.25
        self.patch(biometric_backlog, "PACE", pace)
        self.assertTrue(self.serve(self.agent))
        self.assertEqual(self.bring().status_code, 429)
        self.assertEqual(rests, [0.25], "the other worker's own")
        self.worker.rollback()

        def rest(seconds):
            rests.append(seconds)
            free.append(self.serve(self.agent))
            self.worker.rollback()

        self.patch(pace, "_sleep", rest)
        self.assertEqual(self.bring(BACKLOG - 1).status_code, 200)
        self.assertEqual((rests, free), ([0.25], []))
        self.assertEqual(self.bring().status_code, 200)
        self.assertEqual((rests, free), ([0.25, 0.25], [False]))
        self.other.active = False
        self.assertEqual(self.bring().status_code, 200)
        self.assertEqual(len(rests), 2)
