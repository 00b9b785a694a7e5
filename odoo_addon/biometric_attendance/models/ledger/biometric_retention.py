"""Retention per company: how long raw punches stay, what a purge would remove, and the purge.

One number of months. Before it has passed, what the law may ask for is kept, whoever asks for
erasure; afterwards the nightly purge removes punches and the beginnings of lanes. Days, payroll
files and the audit trail are not raw punches and stay.
"""

from odoo import api, models

from .biometric_removal import PIECE


class BiometricRetention(models.AbstractModel):
    _name = "biometric.retention"
    _description = "Retention"

    @api.model
    def _preview(self, company, cutoff):
        """{"punches", "pins", "first", "last"} that a purge before `cutoff` (date or False)
        removes: how many, of how many PINs, and their first and last date as text, "" for none."""
        if not cutoff:
            return {"punches": 0, "pins": 0, "first": "", "last": ""}
        self.env.cr.execute(
            """SELECT count(*), count(DISTINCT (device_id, pin)),
                      COALESCE(min(wall_date)::text, ''), COALESCE(max(wall_date)::text, '')
                 FROM biometric_punch
                WHERE company_id = %s AND wall_date < %s AND stored_at < %s""",
            (company.id, cutoff, cutoff),
        )
        return dict(zip(("punches", "pins", "first", "last"), self.env.cr.fetchone(), strict=True))

    @api.model
    def _purge(self, company, limit=PIECE):
        """Remove up to `limit` punches older than the policy; how many went.

        Old by its own date and by when it came: a terminal whose clock fell back to the year 2000
        must not lose what it recorded today.
        """
        cutoff = company._biometric_cutoff()
        if not cutoff:
            return 0
        removal = self.env["biometric.removal"]
        removal._check_clean(company)
        self.env.cr.execute(
            """SELECT id FROM biometric_punch WHERE company_id = %s AND wall_date < %s
                  AND stored_at < %s ORDER BY wall_time LIMIT %s""",
            (company.id, cutoff, cutoff, limit),
        )
        punch_ids = [row[0] for row in self.env.cr.fetchall()]
        register = removal._new_register()
        removal._remove_punches(company, punch_ids, register)
        removal._checkpoint(company, cutoff, register)
        if punch_ids or register["checkpoints"]:
            facts = {"before": str(cutoff), "punches": len(punch_ids)}
            removal._write_register("retention.purge", company, company, register, facts, None)
        return len(punch_ids)

    @api.model
    def _cron_purge(self):
        """Nightly: purge every company with a policy, then finish erasures that had to wait. A
        piece of each company a round: one with much to remove keeps no other waiting."""
        companies = self.env["res.company"].search([("biometric_retention_months", ">", 0)])
        companies |= self.env["biometric.erasure"].search([("state", "=", "waiting")]).company_id
        clean = companies.filtered(self.env["biometric.removal"]._is_clean)
        aside = self.env["biometric.job"]._aside("purge", "res.company")
        aside.round(clean, self._purge_piece)

    @api.model
    def _purge_piece(self, company):
        """Purge up to PIECE punches and ask for another round, or go on with erasures behind the
        last of them."""
        if self._purge(company) < PIECE:
            self.env["biometric.erasure"]._go_on(company)
        else:
            self.env.ref("biometric_attendance.ir_cron_biometric_purge").sudo()._trigger()
