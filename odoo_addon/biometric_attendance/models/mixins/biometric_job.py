"""One bad row never stops the others: what a job does row by row, each as far as it can be done.

A piece of work is done in one go. Where it raises, it is done half by half, down to the one person,
device, branch or company whose turn raises; that row is set aside, told, tried again later, and the
rest goes on. Owns the halving. Who is told and when it is tried again, `biometric.job` of the fleet
says; what the work is, only the job knows.
"""

import logging

from odoo import api, models
from odoo.exceptions import ConcurrencyError
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY

from ...seams.job import go_round, is_before_its_hour

_logger = logging.getLogger(__name__)


class Aside:
    """Rows of one model as one job of this turn meets them.

    `known`: ids that were set aside and are not well yet; `resting`: those of them that raised
    lately and are left alone until their hour comes.
    """

    def __init__(self, env, job, model, known):
        self._env, self._job, self._model = env, job, model
        self.known = set(known)
        self.resting = {row_id for row_id, rests in known.items() if rests}

    def due(self, rows):
        """Those of `rows` that do not rest."""
        return rows.filtered(lambda row: row.id not in self.resting)

    def each(self, rows, work):
        """`work(row)` for each row that does not rest."""
        for row in self.due(rows):
            self.do(row, work)

    def do(self, rows, work):
        """`work(rows)`; returns the rows with which it ended well. What it did for the others is
        undone."""
        if not rows:
            return rows
        try:
            with self._env.cr.savepoint():
                work(rows)
        except (*PG_CONCURRENCY_EXCEPTIONS_TO_RETRY, ConcurrencyError) as error:
            # Nobody's fault: another transaction was quicker. The next turn sees what it did.
            return self._halves(rows, work, error, is_fault=False)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is this row's alone
            if self._env.cr.closed:
                raise
            return self._halves(rows, work, error, is_fault=True)
        if well := rows.filtered(lambda row: row.id in self.known):
            self._env["biometric.job"]._is_well(self._job, well)
        return rows

    def round(self, rows, work, is_planned=False):
        """`work(row)` for each row that does not rest, over as many turns as it takes: a next turn
        goes on behind the last one done, so that the first of many starve nobody. Whether the round
        is done.

        With `is_planned` a run that is woken before the job's hour, for those that were set aside,
        is for them alone: what a job does once a day it does not do twice to all the others.
        """
        job, due = self._job, set(rows.ids) - self.resting
        if is_planned and self.known and is_before_its_hour(self._env):
            # With a place of its own: a round that waits for its next turn goes on from its own.
            job, due = f"{job}.again", due & self.known
        return go_round(self._env, job, due, lambda ids: self.do(rows.browse(ids), work))

    def _halves(self, rows, work, error, is_fault):
        if len(rows) > 1:
            half = len(rows) // 2
            return self.do(rows[:half], work) | self.do(rows[half:], work)
        _logger.warning("%s: %s set aside", self._job, rows, exc_info=error)
        if is_fault:
            self.resting.add(rows.id)
            self._env["biometric.job"]._set_aside(self._job, rows, error)
        return rows.browse()


class BiometricJob(models.AbstractModel):
    _name = "biometric.job"
    _description = "Records skipped by a job"

    @api.model
    def _aside(self, job, model):
        """The rows of `model` as the job `job` meets them in this turn."""
        return Aside(self.env, job, model, self._known(job, model))

    @api.model
    def _known(self, job, model):  # noqa: ARG002 - who keeps them fills it in
        """`{id: whether it rests}` of the rows of `model` that `job` has set aside."""
        return {}

    @api.model
    def _set_aside(self, job, row, error):
        """Keep and tell that the turn of one row raised `error`."""

    @api.model
    def _is_well(self, job, rows):
        """The turn of rows that were set aside ended well."""
