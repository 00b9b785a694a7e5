"""What a job sets aside, as incidents: told once with the cause, tried again, told when it is over.

Owns the words, the hour of the next try and the job that is woken for it. Must not know what the
jobs do.
"""

import logging
from datetime import timedelta

import psycopg2

from odoo import api, fields, models

_logger = logging.getLogger(__name__)

# job: the cron that is woken for the next try; None where an agent's next call is it.
JOBS = {
    "days": "day",
    "fill": "day_missing",
    "projection": "projection",
    "completeness": None,
    "look": "incident",
    "statement": "statement",
    "payroll_statement": "payroll_statement",
    "seal": "seal",
    "night": "night",
    "verify": "verify",
    "purge": "purge",
    "erase": "purge",
    "notice": "notice",
    "usage": "usage",
    "month_run": "month_run",
    "period_gate": "gate",
    "deliver": "deliver",
    "attestation": "attestation",
    "review": "review",
    "period": "period",
    "remind": "remind",
    "areas": "area",
}
REST = timedelta(hours=1)
# So many of one job and company are mailed; when everything fails at once, the rest is on the list.
MAILED = 5
LONGEST_CAUSE = 200


class BiometricJob(models.AbstractModel):
    _inherit = "biometric.job"

    @api.model
    def _known(self, job, model):
        self.env["biometric.incident"].flush_model()
        self.env.cr.execute(
            """SELECT subject_id, retry_at > clock_timestamp() AT TIME ZONE 'UTC'
                 FROM biometric_incident WHERE kind = 'set_aside' AND closed_at IS NULL AND job = %s
                  AND subject_model = %s""",
            (job, model),
        )
        return dict(self.env.cr.fetchall())

    @api.model
    def _set_aside(self, job, row, error):
        try:
            with self.env.cr.savepoint():
                self._keep(job, row, self._cause(error))
        except Exception:
            # Told or not, the job goes on; the log has the cause already.
            _logger.exception("%s: that %s was set aside could not be kept", job, row)

    @api.model
    def _keep(self, job, row, cause):
        incidents, now = self.env["biometric.incident"].sudo(), fields.Datetime.now()
        own = [("kind", "=", "set_aside"), ("closed_at", "=", False), ("job", "=", job)]
        known = incidents.search(
            [*own, ("subject_model", "=", row._name), ("subject_id", "=", row.id)], limit=1
        )
        values = {
            "seen_at": now,
            "retry_at": now + REST,
            "message": self._words(job, row, cause),
        }
        if known:
            known.write(values)
        else:
            company = self._company_told(row)
            known = incidents.create(
                {
                    **values,
                    "kind": "set_aside",
                    "company_id": company.id,
                    "device_id": row.id if row._name == "biometric.device" else False,
                    "job": job,
                    "subject_model": row._name,
                    "subject_id": row.id,
                    "opened_at": now,
                }
            )
            if incidents.search_count([*own, ("company_id", "=", company.id)]) <= MAILED:
                known._tell_all(now)
        self._wake(job, known.retry_at)

    @api.model
    def _company_told(self, row):
        """The company whose administrators are told that this row was set aside."""
        return row if row._name == "res.company" else row.sudo().company_id

    @api.model
    def _wake(self, job, at):
        if JOBS[job] and (cron := self._cron(job)):
            cron._trigger(at)

    @api.model
    def _cron(self, job):
        name = f"biometric_attendance.ir_cron_biometric_{JOBS[job]}"
        found = self.env.ref(name, raise_if_not_found=False)
        return found and found.sudo()

    @api.model
    def _is_well(self, job, rows):
        found = (
            self.env["biometric.incident"]
            .sudo()
            .search(
                [
                    ("kind", "=", "set_aside"),
                    ("closed_at", "=", False),
                    ("job", "=", job),
                    ("subject_model", "=", rows._name),
                    ("subject_id", "in", rows.ids),
                ]
            )
        )
        for incident in found:
            incident._end(fields.Datetime.now())

    # ------------------------------------------------------------------ words

    @api.model
    def _words(self, job, row, cause):
        """Support reads incidents too: a person is a number here, a name on the form for who may
        read it."""
        label = dict(self.env["biometric.incident"]._fields["job"]._description_selection(self.env))
        what = (
            self.env._("employee no. %s", row.id)
            if row._name == "hr.employee"
            else row.sudo().display_name
        )
        return self.env._(
            "%(job)s: %(what)s was skipped, the rest continued. Cause: %(cause)s",
            job=label[job],
            what=what,
            cause=cause,
        )

    @api.model
    def _cause(self, error):
        """One line; of PostgreSQL's without its detail, which repeats the whole row."""
        if isinstance(error, psycopg2.Error):
            text = error.diag.message_primary or type(error).__name__
        else:
            text = str(error) or type(error).__name__
            if not hasattr(error, "http_status"):
                text = f"{type(error).__name__}: {text}"
        return text.strip().splitlines()[0][:LONGEST_CAUSE]
