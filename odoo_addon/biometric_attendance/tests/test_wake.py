"""Hints to Odoo's other processes: together, never lost while their process lives."""

import json
import select
import threading
import time
from datetime import timedelta
from unittest.mock import MagicMock, patch

import psycopg2

import odoo
from odoo import fields
from odoo.tests import TransactionCase, tagged
from odoo.tools import mute_logger

from ..seams.wake import HINTS, JOBS, SCREENS, Hints, Line, hint_screens_together, wake_job
from .common import AddonCase


@tagged("post_install", "-at_install")
class TestHints(TransactionCase, AddonCase):
    def setUp(self):
        super().setUp()
        self.sent, self.gate, self.paused = [], threading.Semaphore(0), threading.Semaphore(0)

        def rest():
            self.paused.release()
            self.gate.acquire()

        self.lines = []
        self.hints = Hints(self.line, rest)
        self.addCleanup(self.end)

    def line(self):
        """One that keeps what it is given to send."""
        self.lines.append(MagicMock(send=MagicMock(side_effect=self.sent.append)))
        return self.lines[-1]

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
        self.assertEqual(len(self.lines), 1, "one line as long as they follow each other")

    def test_a_hint_after_all_were_sent_goes_at_once(self):
        """Red when the thread that ended is waited for."""
        for number in range(3):
            self.hints.ask(JOBS, str(number))
            self.assertTrue(self.paused.acquire(timeout=5))
            self.end()
            self.gate = threading.Semaphore(0)
        self.assertEqual(self.sent, [[(JOBS, str(number))] for number in range(3)])
        self.assertEqual([one.close.call_count for one in self.lines], [1, 1, 1])

    @mute_logger("odoo.addons.biometric_attendance.seams.wake")
    def test_one_that_cannot_be_sent_stops_no_other(self):
        """Red when a database that refuses a connection ends all hints of the process."""

        def send(due):
            self.sent.append(due)
            if len(self.sent) == 1:
                raise OSError("no connection")

        line = MagicMock(send=send)
        self.hints = Hints(lambda: line, self.hints._pause)
        self.hints.ask(JOBS, "one")
        self.assertTrue(self.paused.acquire(timeout=5))
        line.close.assert_called_once_with()
        self.hints.ask(JOBS, "two")
        self.gate.release()
        self.assertTrue(self.paused.acquire(timeout=5))
        self.assertEqual(self.sent[1], [(JOBS, "two")])

    @mute_logger("odoo.addons.biometric_attendance.seams.wake")
    def test_a_thread_that_cannot_begin_or_dies_stops_no_later_hint(self):
        """Red when a process that once had no room for a thread, or whose thread died, never hints
        again; or when whoever has just committed hears of it."""
        with patch.object(threading.Thread, "start", side_effect=RuntimeError("no new thread")):
            self.hints.ask(JOBS, "one")
        self.hints.ask(JOBS, "two")
        self.assertTrue(self.paused.acquire(timeout=5))
        self.assertEqual(self.sent, [[(JOBS, "one"), (JOBS, "two")]])
        died = threading.Event()
        line = MagicMock(send=MagicMock(side_effect=MemoryError("full")))
        line.close.side_effect = RuntimeError("no way to close")
        hints = Hints(lambda: line, self.hints._pause)
        with patch.object(threading, "excepthook", lambda _args: died.set()):
            hints.ask(JOBS, "three")
            self.assertTrue(died.wait(5))
        hints._line = self.line
        hints.ask(JOBS, "four")
        self.assertTrue(self.paused.acquire(timeout=5))
        self.assertEqual(self.sent[1:], [[(JOBS, "four")]])

    def test_a_forked_process_waits_for_no_thread_that_it_has_not(self):
        """Red when a process forked while another's thread was sending, and held the lock, never
        hints, or hints what the other will."""
        self.hints.ask(JOBS, "one")
        self.assertTrue(self.paused.acquire(timeout=5))
        self.hints.ask(JOBS, "the other's")
        held = self.hints._lock
        held.acquire()
        self.addCleanup(held.release)
        self.hints.forget()
        self.hints.ask(JOBS, "two")
        self.assertTrue(self.paused.acquire(timeout=5))
        self.assertEqual(self.sent, [[(JOBS, "one")], [(JOBS, "two")]])

    def test_what_a_kept_line_cannot_send_goes_over_a_new_one(self):
        """Red when a database that was started anew while the line was kept costs a hint: Odoo's
        own way would have met the new one. Or when one that refuses is asked for ever."""
        kept, new, refuses = MagicMock(), MagicMock(), MagicMock()
        with patch.object(odoo.sql_db, "db_connect") as connect:
            connect.return_value.cursor.side_effect = [kept, new, refuses]
            line = Line()
            line.send([(JOBS, "one")])
            kept.execute.side_effect = psycopg2.OperationalError("terminated")
            line.send([(JOBS, "two")])
            kept.close.assert_called_once_with()
            self.assertEqual(new.execute.call_args.args[0].params, [JOBS, "two"])
            new.execute.side_effect = psycopg2.OperationalError("terminated")
            refuses.execute.side_effect = psycopg2.OperationalError("refused")
            with self.assertRaisesRegex(psycopg2.OperationalError, "refused"):
                line.send([(JOBS, "three")])
            self.assertEqual(connect.return_value.cursor.call_count, 3)

    def test_a_line_is_one_connection_and_a_broken_one_is_made_anew(self):
        """Red when each hint opens a connection, when one is left waiting inside a transaction, or
        when a connection that broke is kept, or stops the thread that closes it."""
        broken = MagicMock()
        broken.execute.side_effect = broken.close.side_effect = psycopg2.InterfaceError("gone")
        sound = [MagicMock(), MagicMock()]
        with patch.object(odoo.sql_db, "db_connect") as connect:
            connect.return_value.cursor.side_effect = [sound[0], broken, sound[1]]
            line = Line()
            line.send([(JOBS, "one")])
            line.send([(JOBS, "two"), (SCREENS, ("db", "channel"))])
            self.assertEqual(connect.call_args_list, [(("postgres",),)])
            self.assertEqual(sound[0].execute.call_count, 3)
            self.assertIs(sound[0].connection.autocommit, True)
            line.close()
            sound[0].close.assert_called_once_with()
            with self.assertRaisesRegex(psycopg2.InterfaceError, "gone"):
                line.send([(JOBS, "three")])
            line.close()
            line.send([(JOBS, "three")])
            line.close()
            line.close()
        self.assertEqual(sound[1].execute.call_args.args[0].params, [JOBS, "three"])

    def test_a_line_hints_over_the_real_database(self):
        """Red when a hint waits for the end of a transaction: nobody would hear it. Or when its
        connection is left inside one, or is used for anything else once it is closed."""
        line, name = Line(), f"hint {self.env.cr.dbname}"
        self.addCleanup(line.close)
        with odoo.sql_db.db_connect("postgres").cursor() as cr:
            connection = cr.connection
            cr.execute("LISTEN cron_trigger")
            cr.commit()
            line.send([(JOBS, name)])
            until = time.monotonic() + 20
            while name not in [one.payload for one in connection.notifies]:
                self.assertLess(time.monotonic(), until, "heard within 20 s, on a busy machine too")
                select.select([connection], [], [], 1)
                connection.poll()
            status = line._cr.connection.info.transaction_status
            self.assertEqual(status, psycopg2.extensions.TRANSACTION_STATUS_IDLE)
            kept = line._cr.connection
            line.close()
            self.assertTrue(kept.closed, "not given back to a pool with autocommit")

    def test_a_job_is_woken_as_odoo_wakes_it(self):
        """Red when the row differs from that of Odoo's own way, when the cron workers are not
        hinted, or when a job that is switched off or gone is woken all the same."""
        job = self.env.ref("biometric_attendance.ir_cron_biometric_day")
        triggers = self.env["ir.cron.trigger"].search([("cron_id", "=", job.id)])
        triggers.unlink()
        cr = self.env.cr
        cr.postcommit.clear()

        def rows():
            self.env.flush_all()
            cr.execute("SELECT * FROM ir_cron_trigger WHERE cron_id = %s ORDER BY id", [job.id])
            return [{**row, "id": 0} for row in cr.dictfetchall()]

        job._trigger()
        wake_job(self.env, job.id)
        theirs, ours = rows()
        for name in theirs:
            if name in ("call_at", "create_date", "write_date"):
                self.assertLess(abs(theirs[name] - ours[name]), timedelta(minutes=1), name)
                self.assertLessEqual(ours[name], fields.Datetime.now(), name)
            else:
                self.assertEqual(theirs[name], ours[name], name)
        hooks = [hook.__name__ for hook in cr.postcommit._funcs]
        self.assertEqual(hooks, ["_notifydb", "_notifydb"])
        job.active = False
        cr.postcommit.clear()
        wake_job(self.env, job.id)
        wake_job(self.env, 0)
        self.assertEqual(len(rows()), 2)
        self.assertFalse(cr.postcommit._funcs)

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

    def test_messages_of_agents_requests_are_kept_as_odoo_keeps_them(self):
        """Red when the rows differ from those of Odoo's own way, or one of several is left out."""
        cr, found = self.env.cr, {}
        last = self.env["bus.bus"]._bus_last_id()
        for context in ({}, {"biometric_agent_id": 1}):
            cr.postcommit.clear()
            cr.precommit.clear()
            bus = self.env["biometric.bus"].with_context(**context)
            bus._tell("board", self.env.company, {"device_ids": [7]})
            bus._tell("finding", self.env.company, {"text": "Zoë's \\ {door}, 1"})
            cr.precommit.run()
            self.env.flush_all()
            cr.execute("SELECT * FROM bus_bus WHERE id > %s ORDER BY id", (last,))
            found[bool(context)] = rows = cr.dictfetchall()
            last = rows[-1]["id"]
        self.assertEqual([len(rows) for rows in found.values()], [2, 2])
        for theirs, ours in zip(found[False], found[True], strict=True):
            for name in set(theirs) - {"id", "create_date", "write_date"}:
                self.assertEqual(ours[name], theirs[name], name)
            for name in ("create_date", "write_date"):
                self.assertLess(abs(ours[name] - theirs[name]), timedelta(minutes=1), name)
        cr.postcommit.clear()

    def test_a_transaction_that_tells_nothing_after_all_ends_well(self):
        """Red when a request whose message could not be made, and which went on, cannot commit."""
        cr = self.env.cr
        cr.postcommit.clear()
        cr.precommit.clear()
        last = self.env["bus.bus"]._bus_last_id()
        hint_screens_together(self.env)
        cr.precommit.run()
        self.assertEqual(self.env["bus.bus"]._bus_last_id(), last)
        asked = []
        with self.patched_ask(asked):
            cr.postcommit.run()
        self.assertEqual(asked, [])

    def test_what_is_told_after_the_first_were_kept_is_kept_and_hinted_once(self):
        """Red when messages told between two flushes of one transaction are lost, are kept twice,
        or hint twice; or when what another told before loses its hint."""
        cr, asked = self.env.cr, []
        company = self.env.company
        for first in ({"biometric_agent_id": 1}, {}):
            cr.postcommit.clear()
            cr.precommit.clear()
            asked.clear()
            last = self.env["bus.bus"]._bus_last_id()
            agents = self.env["biometric.bus"].with_context(biometric_agent_id=1)
            agents.with_context(first)._tell("board", company, {"device_ids": [1]})
            if first:
                agents._tell("board", company, {"device_ids": [2]})
                cr.precommit.run()
            agents._tell("board", company, {"device_ids": [3]})
            cr.precommit.run()
            self.env.flush_all()
            cr.execute("SELECT message FROM bus_bus WHERE id > %s ORDER BY id", (last,))
            told = [json.loads(row[0])["payload"]["device_ids"][0] for row in cr.fetchall()]
            self.assertEqual(told, [1, 2, 3] if first else [1, 3])
            self.assertEqual(len(cr.postcommit._funcs), 1)
            if first:
                with self.patched_ask(asked):
                    cr.postcommit.run()
                self.assertEqual(len(asked), 1)
        cr.postcommit.clear()

    def patched_ask(self, asked):
        return patch.object(HINTS, "ask", lambda *hint: asked.append(hint))
