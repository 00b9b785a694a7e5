"""Hints to Odoo's other processes: together, never lost while their process lives."""

import threading
from unittest.mock import patch

from odoo.tests import TransactionCase, tagged
from odoo.tools import mute_logger

from ..seams.wake import HINTS, JOBS, SCREENS, Hints
from .common import AddonCase


@tagged("post_install", "-at_install")
class TestHints(TransactionCase, AddonCase):
    def setUp(self):
        super().setUp()
        self.sent, self.gate, self.paused = [], threading.Semaphore(0), threading.Semaphore(0)

        def rest():
            self.paused.release()
            self.gate.acquire()

        self.hints = Hints(self.sent.append, rest)
        self.addCleanup(self.end)

    def end(self):
        for _turn in range(9):
            self.gate.release()
        for thread in threading.enumerate():
            if thread.name == "biometric hints":
                thread.join(5)

    def test_the_first_goes_at_once_and_the_others_together(self):
        """Red when a hint waits at an idle process, when one that came meanwhile is left out, or
        the same one goes twice."""
        self.hints.ask(JOBS, "one")
        self.assertTrue(self.paused.acquire(timeout=5))
        self.assertEqual(self.sent, [[(JOBS, "one")]])
        for payload in ("two", "three", "two"):
            self.hints.ask(SCREENS, payload)
        self.assertEqual(len(self.sent), 1, "not before the pause is over")
        self.gate.release()
        self.assertTrue(self.paused.acquire(timeout=5))
        self.assertEqual(self.sent[1], [(SCREENS, "two"), (SCREENS, "three")])

    def test_a_hint_after_all_were_sent_goes_at_once(self):
        """Red when the thread that ended is waited for."""
        for number in range(3):
            self.hints.ask(JOBS, str(number))
            self.assertTrue(self.paused.acquire(timeout=5))
            self.end()
            self.gate = threading.Semaphore(0)
        self.assertEqual(self.sent, [[(JOBS, str(number))] for number in range(3)])

    @mute_logger("odoo.addons.biometric_attendance.seams.wake")
    def test_one_that_cannot_be_sent_stops_no_other(self):
        """Red when a database that refuses a connection ends all hints of the process."""

        def send(due):
            self.sent.append(due)
            if len(self.sent) == 1:
                raise OSError("no connection")

        self.hints = Hints(send, self.hints._pause)
        self.hints.ask(JOBS, "one")
        self.assertTrue(self.paused.acquire(timeout=5))
        self.hints.ask(JOBS, "two")
        self.gate.release()
        self.assertTrue(self.paused.acquire(timeout=5))
        self.assertEqual(self.sent[1], [(JOBS, "two")])

    def test_agents_requests_are_hinted_together_and_people_at_once(self):
        """Red when a request of an agent opens a connection for each hint, or when what a person
        does waits for others."""
        agent, _token = self.make_agent()
        self.make_device(agent)
        cr = self.env.cr
        for context, together in (({}, False), ({"biometric_agent_id": agent.id}, True)):
            cr.precommit.data.pop("bus.bus.channels", None)
            cr.postcommit.clear()
            cr.precommit.clear()
            bus = self.env["biometric.bus"].with_context(**context)
            bus._tell("board", self.env.company, {})
            hooks = [hook.__module__ for hook in cr.postcommit._funcs]
            ours = "odoo.addons.biometric_attendance.seams.wake"
            self.assertEqual(hooks, [ours if together else "odoo.addons.bus.models.bus"])
        asked = []
        with self.patched_ask(asked):
            for hook in list(cr.postcommit._funcs):
                hook()
            self.env["ir.cron"].with_context(biometric_agent_id=agent.id)._notifydb()
        self.assertEqual([channel for channel, _payload in asked], [SCREENS, JOBS])
        self.assertEqual(asked[1][1], cr.dbname)
        cr.postcommit.clear()
        cr.precommit.clear()

    def patched_ask(self, asked):
        return patch.object(HINTS, "ask", lambda *hint: asked.append(hint))
