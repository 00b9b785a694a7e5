"""Hints to Odoo's other processes that rows of theirs are new: messages for open screens, due jobs.

Odoo sends each hint over a connection that it opens for it, some milliseconds of processor on both
ends: dear where a thousand branches deliver their punches one by one. Here the hints of one process
go together: the first at once, what is asked for meanwhile a moment later. A hint holds nothing:
its rows are committed before, and one that is lost with its process is made good by the next, or
by the job that looks for itself every minute. Must not know what is told, nor to whom.
"""

import logging
import os
import threading
import time

import odoo
from odoo.tools import SQL, OrderedSet

from odoo.addons.bus.models.bus import ODOO_NOTIFY_FUNCTION, get_notify_payloads

_logger = logging.getLogger(__name__)

# Seconds between two hints of one process: no screen and no job shows that it waited so long.
PAUSE = 0.2
SCREENS, JOBS = "imbus", "cron_trigger"


class Hints:
    """Of one process. send: takes [(channel, payload)] and sends them; pause: waits until more may
    be sent. Their thread ends when nothing is left, so that an idle process has none."""

    def __init__(self, send, pause):
        self._send, self._pause = send, pause
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
        threading.Thread(target=self._run, name="biometric hints", daemon=True).start()

    def _run(self):
        while due := self._taken():
            try:
                self._send(due)
            except Exception:
                # the rows stand; whoever is hinted next finds them too
                _logger.warning("A hint to Odoo's other processes could not be sent", exc_info=True)
            self._pause()

    def _taken(self):
        with self._lock:
            due, self._due = list(self._due), {}
            self._sending = bool(due)
        return due


def _notify(due):
    channels = [payload for channel, payload in due if channel == SCREENS]
    payloads = [(SCREENS, one) for one in get_notify_payloads(channels)] if channels else []
    payloads += [one for one in due if one[0] == JOBS]
    with odoo.sql_db.db_connect("postgres").cursor() as cr:
        for channel, payload in payloads:
            cr.execute(
                SQL("SELECT %s(%s, %s)", SQL.identifier(ODOO_NOTIFY_FUNCTION), channel, payload)
            )


HINTS = Hints(_notify, lambda: time.sleep(PAUSE))
os.register_at_fork(after_in_child=HINTS.forget)


def hint_screens_together(env):
    """The messages of this transaction to screens are hinted with those of others. Call it before
    the first of them is sent."""
    data = env.cr.postcommit.data
    if "bus.bus.channels" in data:
        return
    data["bus.bus.channels"] = OrderedSet()

    @env.cr.postcommit.add
    def ask():
        for channel in env.cr.postcommit.data.pop("bus.bus.channels"):
            HINTS.ask(SCREENS, channel)


def hint_jobs_together(env):
    """What wakes Odoo's cron workers, with the hints of others. For after the commit."""
    HINTS.ask(JOBS, env.cr.dbname)
