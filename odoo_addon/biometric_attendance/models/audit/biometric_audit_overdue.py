"""Since when nothing was verified, where that is too long ago. Mixed into the one class of
biometric.audit.check. Must not verify.
"""

from datetime import timedelta

from odoo import api, fields

# A night verifies; one may fail.
OVERDUE = timedelta(hours=48)


class Overdue:
    """Of biometric.audit.check: how long ago the last run ended."""

    __slots__ = ()

    @api.model
    def _overdue_since(self, companies):
        """When the last verification of one of these companies ended, or its trail began, where
        that is longer ago than it may be; the oldest of them, else None. Of companies that have an
        agent or a terminal: the others have nothing to verify."""
        self.flush_model()
        self.env.cr.execute(
            """SELECT min(t.at) FROM (
                   SELECT COALESCE(
                              (SELECT max(k.finished_at) FROM biometric_audit_check k
                                WHERE k.company_id = c.id AND k.state <> 'running'),
                              (SELECT a.happened_at FROM biometric_audit a
                                WHERE a.company_id = c.id AND a.seq = 1)) AS at
                     FROM unnest(%s) c (id)
                    WHERE EXISTS (SELECT 1 FROM biometric_agent g WHERE g.company_id = c.id)
                       OR EXISTS (SELECT 1 FROM biometric_device d WHERE d.company_id = c.id)) t
                WHERE t.at < %s""",
            (companies.ids, fields.Datetime.now() - OVERDUE),
        )
        return self.env.cr.fetchone()[0]
