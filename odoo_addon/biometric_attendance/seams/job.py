"""The time one run of a cron job takes: Odoo's, or the job's own where that is less.

Odoo gives a job a least time that differs by its series (10 s, later two minutes). Where one thread
runs all jobs, days that wait to be computed wait for the others: so each job ends by itself, and
goes on in its next turn. Must not know what a job does.
"""

from math import inf
from time import monotonic

# Seconds of one turn.
TURN = 10.0


class Turn:
    """One run of a cron job over pieces of work, each committed when it is done.

    `left` is what remains of it in seconds; without end where no cron runs, as for a button.
    """

    def __init__(self, env, remaining, seconds=TURN):
        self._cron = env["ir.cron"]
        self._seconds, self._begin = seconds, monotonic()
        self.left = self._within(self._cron._commit_progress(remaining=remaining))

    @property
    def spent(self):
        return monotonic() - self._begin

    def done(self, count=0):
        """Commit what was done, `count` pieces of what remained. Whether there is time for more."""
        self.left = self._within(self._cron._commit_progress(count))
        return self.left > 0

    def _within(self, given):
        return given if given == inf else min(given, max(0.0, self._seconds - self.spent))
