"""Whose backlog is served now, so that one company's does not keep the others waiting.

Owns the turns. A branch that was cut off for weeks brings its punches many hundreds at a time, and
each such request fills a worker for as long as some dozens of single punches do. Where several
companies have agents, a company is served one of them at a time, and all companies together at
most one fewer than this server has workers; and a turn begins with a rest as long as such a request
took lately, so that database and processor are the others' for half of the time. Nothing is refused
for good: the agent keeps what it has and asks again. Live punches need no turn. Must not know HTTP,
nor what is in a batch.
"""

import os
import socket
import time

from odoo import api, models
from odoo.tools import SQL, config

# Sightings from which on a request is a backlog's: what gathers in two seconds of a rush is fewer.
BACKLOG = 100
# Seconds of rest for each second of work, and at most, however slow the database is.
REST = 1.0
LONGEST_REST = 1.0


class Pace:
    """Of one process: how long its latest request of a backlog took, its commit included, and the
    rest that the next one begins with. clock, sleep: in seconds."""

    def __init__(self, clock=time.monotonic, sleep=time.sleep):
        self._clock, self._sleep, self._took = clock, sleep, 0.0

    def begin(self, cr):
        """Rest, then time what `cr` does until its commit; a rollback teaches nothing."""
        self._sleep(min(self._took * REST, LONGEST_REST))
        began = self._clock()

        @cr.postcommit.add
        def end():
            self._took = self._clock() - began


PACE = Pace()


class BiometricBacklog(models.AbstractModel):
    _name = "biometric.backlog"
    _description = "Agent whose backlog is being processed"

    @api.model
    def _turn(self, agent, count):
        """Of a request of `count` sightings: `free`, it needs no turn; `taken`, it has one now,
        which ends with the transaction; `later`, it is not served now. The turn is taken while it
        rests, so that nobody else works meanwhile."""
        if count < BACKLOG or not self._has_neighbours(agent):
            return "free"
        if not (self._take("biometric_backlog", agent.company_id.id) and self._sit()):
            return "later"
        PACE.begin(self.env.cr)
        return "taken"

    def _has_neighbours(self, agent):
        """Whether a company beside the agent's has agents at work."""
        return self._first(
            SQL(
                """SELECT EXISTS (SELECT FROM biometric_agent
                    WHERE company_id != %s AND state = 'active' AND active)""",
                agent.company_id.id,
            )
        )

    def _sit(self):
        """One worker of this server stays free; a server of threads has no worker to keep free."""
        workers = config["workers"] or 0
        # Workers of one server have one parent; another host's server has workers of its own.
        server = f"biometric_backlog {socket.gethostname()} {os.getppid()}"
        seats = range(workers - 1 or 1)
        return not workers or any(self._take(server, seat) for seat in seats)

    def _take(self, name, number):
        """Whether nobody else has it; it is given back when the transaction ends, so that a worker
        that dies holds nothing."""
        return self._first(SQL("SELECT pg_try_advisory_xact_lock(hashtext(%s), %s)", name, number))

    def _first(self, query):
        self.env.cr.execute(query)
        return self.env.cr.fetchone()[0]
