"""The time one run of a cron job takes: Odoo's, or the job's own where that is less.

Odoo gives a job a least time that differs by its series (10 s, later two minutes). Where one thread
runs all jobs, days that wait to be computed wait for the others: so each job ends by itself, and
goes on in its next turn. Must not know what a job does.
"""

import logging
from bisect import bisect_right
from math import inf
from time import monotonic

from odoo import fields

from .parameters import parameter, set_parameter

_logger = logging.getLogger(__name__)

# Seconds of one turn.
TURN = 10.0
# Key of where a round stands: no setting of a person, so not one that the trail witnesses.
PLACE = "biometric_round"


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


def is_before_its_hour(env):
    """Whether this run of a cron job was woken for something before its next planned hour, which
    Odoo moves on only when a planned run has ended."""
    cron = env["ir.cron"].sudo().browse(env.context.get("cron_id") or [])
    return bool(cron) and cron.nextcall > fields.Datetime.now()


def go_round(env, job, keys, work, size=1):
    """Do `work(list of keys)` for all keys, ascending numbers, `size` at a time and each list in a
    transaction of its own. Returns whether the round is done.

    What does not fit into this turn comes in the next, which begins behind the last one done: the
    first of many cannot starve the others. A list that fails is logged and left for the next round,
    so that it holds up nobody else.
    """
    keys, place = sorted(keys), f"{PLACE}.{job}"
    begun = int(parameter(env, place, 0))
    left = keys[bisect_right(keys, begun) :]
    turn = Turn(env, len(left))
    while left:
        piece, left = left[:size], left[size:]
        try:
            with env.cr.savepoint():
                work(piece)
        except Exception:
            _logger.exception("%s: failed for %s", job, piece)
        if not turn.done(len(piece)) and left:
            set_parameter(env, place, piece[-1])
            turn.done()
            return False
    if begun:
        set_parameter(env, place, None)
    turn.done()
    return True
