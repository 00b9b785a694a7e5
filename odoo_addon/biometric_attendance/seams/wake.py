"""Hints to Odoo's other processes that rows of theirs are new: messages for open screens, due jobs.

Odoo sends each hint over a connection that it opens for it, some milliseconds of processor on both
ends: dear where a thousand branches deliver their punches one by one. Here the hints of one process
go together: the first at once, what is asked for meanwhile a moment later, over one connection as
long as they follow each other. A hint holds nothing:
its rows are committed before, and one that is lost with its process is made good by the next, or
by the job that looks for itself every minute. Must not know what is told, nor to whom.
"""

import logging
import os
import threading
import time
from contextlib import closing, suppress

import psycopg2

import odoo
from odoo import fields
from odoo.tools import SQL, OrderedSet

from odoo.addons.bus.models.bus import ODOO_NOTIFY_FUNCTION, get_notify_payloads

_logger = logging.getLogger(__name__)

# Seconds between two hints of one process: no screen and no job shows that it waited so long.
PAUSE = 0.2
SCREENS, JOBS = "imbus", "cron_trigger"


class Hints:
    """Of one process. line: makes a line, whose `send` takes [(channel, payload)]; pause: waits
    until more may be sent. Their thread and its line end when nothing is left, so that an idle
    process has none."""

    def __init__(self, line, pause):
        self._line, self._pause = line, pause
        self.forget()

    def forget(self):
        """Begin anew: a forked process inherits no thread, and must not wait for one."""
        self._lock, self._due, self._sending = threading.Lock(), {}, False

    def ask(self, channel, payload):
        """Hint as soon as may be; the same hint again before it went is one."""
        with self._lock:
            self._due[channel, payload] = True
            if self._sending:
                return
            self._sending = True
        try:
            threading.Thread(target=self._run, name="biometric hints", daemon=True).start()
        except RuntimeError:
            # what asked has committed and is told nothing; the hint goes with the next
            self._sending = False
            _logger.warning("No thread for hints to Odoo's other processes", exc_info=True)

    def _run(self):
        try:
            self._send_all()
        except BaseException:
            self._sending = False  # of a thread that died nobody waits
            raise

    def _send_all(self):
        with closing(self._line()) as line:
            while due := self._taken():
                try:
                    line.send(due)
                except Exception:
                    # the rows stand; whoever is hinted next finds them too
                    _logger.warning(
                        "A hint to Odoo's other processes could not be sent", exc_info=True
                    )
                    line.close()
                self._pause()

    def _taken(self):
        with self._lock:
            due, self._due = list(self._due), {}
            self._sending = bool(due)
        return due


class Line:
    """A connection to the database of hints, made with the first that is sent. One that was closed
    is made anew with the next; what one that was kept cannot send, because the database was started
    anew meanwhile, goes over a new one."""

    def __init__(self):
        self._cr = None

    def send(self, due):
        channels = [payload for channel, payload in due if channel == SCREENS]
        payloads = [(SCREENS, one) for one in get_notify_payloads(channels)] if channels else []
        payloads += [one for one in due if one[0] == JOBS]
        is_kept = self._cr is not None
        try:
            self._notify(payloads)
        except psycopg2.Error:
            if not is_kept:
                raise
            self.close()
            # some may be heard twice: who hears looks for what is new, and finds nothing
            self._notify(payloads)

    def _notify(self, payloads):
        if self._cr is None:
            self._cr = odoo.sql_db.db_connect("postgres").cursor()
            # each is heard at once, and a line that waits holds no transaction
            self._cr.connection.autocommit = True
        for channel, payload in payloads:
            self._cr.execute(
                SQL("SELECT %s(%s, %s)", SQL.identifier(ODOO_NOTIFY_FUNCTION), channel, payload)
            )

    def close(self):
        cr, self._cr = self._cr, None
        if cr is not None:
            with suppress(psycopg2.Error):  # of one that broke there is nothing left to close
                cr.close()


HINTS = Hints(Line, lambda: time.sleep(PAUSE))
os.register_at_fork(after_in_child=HINTS.forget)


def hint_screens_together(env):
    """The messages of this transaction to screens are kept in one statement, and hinted with those
    of others. Call it before the first of them is sent."""
    before, after = env.cr.precommit.data, env.cr.postcommit.data
    if "bus.bus.channels" in after or "bus.bus.values" in before:
        return
    before["bus.bus.values"], after["bus.bus.channels"] = [], OrderedSet()

    @env.cr.precommit.add
    def keep():
        messages = env.cr.precommit.data.pop("bus.bus.values")
        if not messages:
            return  # what could not be told was set aside with its row
        env.cr.execute(
            """INSERT INTO bus_bus (channel, message, create_uid, create_date, write_uid,
                      write_date)
               SELECT channel, message, %(user)s, now() AT TIME ZONE 'UTC', %(user)s,
                      now() AT TIME ZONE 'UTC'
                 FROM unnest(%(channels)s, %(messages)s) m (channel, message)""",
            {
                "user": env.uid,
                "channels": [one["channel"] for one in messages],
                "messages": [one["message"] for one in messages],
            },
        )

    @env.cr.postcommit.add
    def ask():
        for channel in env.cr.postcommit.data.pop("bus.bus.channels"):
            HINTS.ask(SCREENS, channel)


def hint_jobs_together(env):
    """What wakes Odoo's cron workers, with the hints of others. For after the commit."""
    HINTS.ask(JOBS, env.cr.dbname)


def wake_job(env, job_id):
    """Have a scheduled job run as soon as this transaction is committed, like `_trigger` of Odoo,
    in one statement in place of three: that one reads the whole job and its action to see whether
    it is active. Nothing where it is not, or is no more."""
    env["ir.cron"].flush_model(["active"])
    now = fields.Datetime.now()
    env.cr.execute(
        """INSERT INTO ir_cron_trigger (cron_id, call_at, create_uid, create_date, write_uid,
                  write_date)
           SELECT id, %(now)s, %(user)s, %(now)s, %(user)s, %(now)s
             FROM ir_cron WHERE id = %(job)s AND active""",
        {"now": now, "user": env.uid, "job": job_id},
    )
    if env.cr.rowcount:
        env.cr.postcommit.add(env["ir.cron"]._notifydb)
