"""Of many companies none slows the others with many small requests: each has a part of a worker."""

from unittest.mock import patch

from odoo.tests import HttpCase, TransactionCase, tagged
from odoo.tools import config

from ..controllers import share
from ..controllers.share import LITTLE, NEAR, PART, SHARES, STORE, Shares
from ..models.ledger.biometric_backlog import BACKLOG
from .common import AddonCase, Lane

# Seconds of a worker that a single punch and a sync take.
PUNCH, SYNC = 0.012, 0.018
LOUD, QUIET = ("db", 1), ("db", 2)
# As it is; the tests of the door say that there are workers.
IS_COUNTED = share.is_counted


@tagged("post_install", "-at_install")
class TestShares(TransactionCase):
    """The count alone, in a time of its own."""

    def setUp(self):
        super().setUp()
        self.now = 1000.0
        self.shares = Shares(clock=lambda: self.now)

    def ask(self, who, company, seconds=PUNCH, is_punches=True):
        """Seconds to wait; 0 and it was served, which took `seconds`."""
        if wait := self.shares.wait(who, is_punches):
            return wait
        with self.shares.serving(who, is_punches):
            self.shares.is_of(company)
            self.now += seconds
        return 0

    def rush(self, agents, seconds, is_punches=True, cost=PUNCH):
        """Agents of one company that each ask again at once, told or not; seconds served of them,
        after the store was used up."""
        until, served, number = self.now + seconds, 0.0, 0
        while self.now < until:
            number += 1
            if self.ask(f"loud {number % agents}", LOUD, cost, is_punches):
                # The refusal itself
                self.now += 0.0005
            else:
                served += cost
            if number % 500 == 0:
                self.assertEqual(self.ask("quiet", QUIET), 0, "a neighbour never waits")
        return served

    def test_p23_a_company_that_asks_without_a_pause_takes_its_part(self):
        """P23. Red when one company's single punches, by one agent or by two hundred, take more of
        a worker than its part, or an agent in a circle of syncs does."""
        for agents, is_punches, cost in ((1, True, PUNCH), (200, True, PUNCH), (1, False, SYNC)):
            with self.subTest(agents=agents, is_punches=is_punches):
                self.shares = Shares(clock=lambda: self.now)
                self.ask("quiet", QUIET)
                self.rush(agents, 10, is_punches, cost)
                served = self.rush(agents, 60, is_punches, cost)
                most = PART * 1.5 if agents > 1 else PART * 1.05
                self.assertLess(served / 60, most)
                self.assertGreater(served / 60, PART * 0.9)

    def test_what_a_company_did_not_take_it_has_in_store(self):
        """Red when a morning's rush of a quiet company is slowed from its first punch, or when what
        it may have in store or be behind grows without end."""
        self.ask("quiet", QUIET)
        served = sum(not self.ask("loud", LOUD) for _n in range(200))
        self.assertGreater(served * PUNCH, STORE)
        self.assertLess(served * PUNCH, 2 * STORE)
        self.ask("quiet", QUIET)
        self.now += 1000
        self.ask("quiet", QUIET)
        self.assertEqual(self.ask("loud", LOUD, 500), 0)
        self.ask("quiet", QUIET)
        wait = self.ask("loud", LOUD)
        self.assertIn(wait, (STORE / PART - 1, STORE / PART))
        self.now += wait
        self.ask("quiet", QUIET)
        self.assertEqual(self.ask("loud", LOUD), 0, "who waits as told is served")

    def test_the_log_says_once_a_minute_who_is_loud(self):
        """Red when an operator cannot see who is asked to wait, or reads a line for each."""
        self.ask("quiet", QUIET)
        with patch.object(share._logger, "info") as said:
            self.rush(1, 70)
        lines = [call.args[0] % call.args[1:] for call in said.call_args_list]
        self.assertEqual(len(lines), 2)
        self.assertIn("Company 1 of database db takes its whole part", lines[0])

    def test_a_company_alone_is_never_slowed(self):
        """Red when the only company at a worker is told to wait for nobody, or one that was there
        an hour ago counts as a neighbour."""
        self.assertEqual({self.ask("loud", LOUD) for _n in range(1000)}, {0})
        self.ask("quiet", QUIET)
        self.assertGreater(self.ask("loud", LOUD), 0)
        self.now += NEAR + 1
        for _n in range(1000):
            self.assertEqual(self.ask("loud", LOUD), 0)

    def test_p23_an_agent_that_takes_little_is_served_whatever_its_company_takes(self):
        """P23. Red when one agent in a circle has the punches or the syncs of its company's other
        branches wait, or its own syncs wait for its punches."""
        waits, refused = [], 0
        for number in range(4000):
            self.ask("quiet", QUIET)
            if self.ask("loud", LOUD):
                refused += 1
                self.now += 0.01
            if number % 100 == 0:
                waits += [self.ask(f"branch {branch}", LOUD, SYNC, False) for branch in range(10)]
                waits.append(self.ask("loud", LOUD, SYNC, is_punches=False))
            if number % 500 == 0:
                waits += [self.ask(f"branch {branch}", LOUD) for branch in range(10)]
        self.assertGreater(self.now - 1000, 40)
        self.assertEqual(set(waits), {0})
        self.assertGreater(refused, 1000)

    def test_an_agent_in_a_circle_of_syncs_waits(self):
        """Red when what is little has no end."""
        self.ask("quiet", QUIET)
        while not self.ask("loud", LOUD):
            pass
        asked = [self.ask("loud", LOUD, SYNC, is_punches=False) for _n in range(100)]
        served = asked.index(max(asked)) * SYNC
        self.assertLess(served, LITTLE * share.MEMORY + SYNC)

    def test_a_turn_is_nobody_s(self):
        """Red when the rest before a backlog's turn, or the turn, is counted once more."""
        self.ask("quiet", QUIET)
        for _n in range(20):
            with self.shares.serving("loud", True):
                self.shares.is_of(LOUD)
                self.shares.leave_out()
                self.now += 0.5
            self.ask("quiet", QUIET)
        self.assertEqual(self.ask("loud", LOUD), 0)

    def test_agents_gather_before_they_are_refused(self):
        """Red when a receipt does not say that punches are to gather before the part is used up,
        says it to a company alone, or says more than the contract's two seconds."""

        def gather(seconds=PUNCH):
            with self.shares.serving("loud", True):
                self.shares.is_of(LOUD)
                self.now += seconds
                return self.shares.gather_ms()

        gather(1.0)
        self.assertEqual(gather(), 0, "nobody else is there")
        self.now += 10
        self.ask("quiet", QUIET)
        said = [gather() for _n in range(110)]
        self.assertEqual(said[0], 0)
        self.assertEqual(said, sorted(said))
        self.assertGreater(max(said), 1000)
        gather(5.0)
        self.ask("quiet", QUIET)
        self.assertEqual(gather(), share.MAX_GATHER_MS)
        self.assertEqual(self.shares.gather_ms(), 0, "nobody is served")

    def test_what_a_process_knows_has_an_end(self):
        """Red when tokens are remembered without end, or beginning anew forgets who is served."""
        self.patch(share, "MOST", 10)
        for number in range(25):
            self.ask(f"agent {number}", ("db", number))
        self.assertLessEqual(len(self.shares._company), 10)
        self.assertLessEqual(len(self.shares._uses), 10)
        self.assertLessEqual(len(self.shares._accounts), 10)


@tagged("post_install", "-at_install")
class TestSharesDoor(HttpCase, AddonCase):
    """Through the agents' routes."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.agent, cls.token = cls.make_agent()
        cls.make_device(cls.agent)
        neighbour = cls.env["res.company"].create({"name": "Neighbour"})
        cls.other, cls.other_token = cls.make_agent("Other", company=neighbour)
        cls.make_device(cls.other)

    def setUp(self):
        super().setUp()
        self.now = 1000.0
        self.patch(SHARES, "_clock", lambda: self.now)
        self.patch(share, "is_counted", lambda: True)
        SHARES._forget()
        self.addCleanup(SHARES._forget)
        self.lane = Lane()

    def punch(self, token=None, lane=None, seconds=0.0):
        """The answer to one single punch that takes so long."""
        lane = lane or self.lane
        body = lane.batch(lane.punch(wall=f"2026-03-02 08:00:{lane.seq:02}"))
        return self.send(body, token, seconds)

    def send(self, body, token=None, seconds=0.0):
        ingest = type(self.env["biometric.ingest"])
        store = ingest._store_batch

        def slow(model, *given):
            self.now += seconds
            return store(model, *given)

        with patch.object(ingest, "_store_batch", slow):
            return self.post("punches", body, token or self.token)

    def test_p23_slow_down_before_odoo_looks_nothing_lost_and_served_after_the_wait(self):
        """P23. Red when a company beyond its part is served, when the refusal costs a look at the
        database, has other words than the contract's or no wait, when something of it is stored,
        or who waited as told does not get through; when a neighbour or a small question waits."""
        self.punch(self.other_token, Lane("cd" * 16))
        self.assertEqual(self.punch(seconds=1.5).json()["head"]["seq"], 1)
        body = self.lane.batch(self.lane.punch(wall="2026-03-02 09:00:00"))
        tokens = type(self.env["biometric.agent.token"])
        with patch.object(tokens, "_authenticate", side_effect=AssertionError("asked")) as asked:
            answer = self.send(body)
        asked.assert_not_called()
        self.assertEqual((answer.status_code, answer.json()["error"]), (429, "slow_down"))
        self.assertEqual(answer.json()["message"], "other companies are served first")
        self.assertEqual(answer.headers["Retry-After"], "3", "half a second behind, a fifth each")
        own = [("agent_id", "=", self.agent.id)]
        lane = self.env["biometric.lane"].search(own)
        self.assertEqual(lane.head_seq, 1)
        self.assertEqual(self.post("sync", {"version": 1}, self.token).status_code, 200)
        again = self.punch(self.other_token, Lane("ef" * 16))
        self.assertEqual(again.status_code, 200, "the neighbour's")
        self.now += 3
        answer = self.send(body)
        self.assertEqual((answer.status_code, answer.json()["head"]["seq"]), (200, 2))
        self.assertGreater(answer.json()["wait_ms"], 1000)

    def test_a_backlog_s_turn_is_not_counted_and_one_without_a_turn_is(self):
        """Red when a company that rested for its turn waits once more for what it brought, or when
        batches bring as much as they like where their database has no other company."""
        self.punch(self.other_token, Lane("cd" * 16))
        times = [f"2026-03-03 08:{n // 60:02}:{n % 60:02}" for n in range(BACKLOG)]
        whole = self.lane.batch(*(self.lane.punch(wall=wall) for wall in times))
        for _n in range(3):
            self.assertEqual(self.send(whole, seconds=5.0).status_code, 200)
        backlog = type(self.env["biometric.backlog"])
        with patch.object(backlog, "_has_neighbours", lambda _self, _agent: False):
            self.assertEqual(self.send(whole, seconds=5.0).status_code, 200)
        self.assertEqual(self.send(whole).status_code, 429)

    def test_who_is_nobody_is_told_nothing_else_than_before(self):
        """Red when a made-up token is told to wait in place of refused, or the count of one is
        another's."""
        self.punch(self.other_token, Lane("cd" * 16))
        self.punch(seconds=3.0)
        for _n in range(3):
            answer = self.send(self.lane.batch(), "x" * 43)
            self.assertEqual(answer.status_code, 401)

    def test_an_agent_that_still_sends_hears_the_answer(self):
        """Red when an agent that sends the largest batch sees a broken connection in place of the
        answer: the server reads to the end of what nobody looks at."""
        self.punch(self.other_token, Lane("cd" * 16))
        self.punch(seconds=3.0)
        answer = self.post("punches", None, self.token, raw=b" " * 1_000_000)
        self.assertEqual((answer.status_code, answer.headers["Retry-After"]), (429, "5"))

    def test_workers_are_counted(self):
        """Red when a server of processes counts nothing, so that no company ever waits, or one of
        threads counts: the gate is asked as it is, whatever the other tests lay over it."""
        answers = []
        for workers in (0, 2):
            SHARES._forget()
            with (
                patch.object(share, "is_counted", IS_COUNTED),
                patch.dict(config.options, {"workers": workers}),
            ):
                self.punch(self.other_token, Lane(f"{workers}d" * 16))
                lane = Lane(f"{workers}e" * 16)
                answers.append([self.punch(None, lane, 3.0).status_code for _n in range(2)])
        self.assertEqual(answers, [[200, 200], [200, 429]])

    def test_threads_are_not_counted(self):
        """Red when a server of threads, whose requests wait for each other, counts them."""
        self.patch(share, "is_counted", lambda: False)
        self.punch(self.other_token, Lane("cd" * 16))
        for _n in range(3):
            self.assertEqual(self.punch(seconds=3.0).status_code, 200)
