"""What review keeps about a punch or a person goes when that goes.

An adjustment that says what to do with a punch goes with the punch, as a decision does. Of a person
who is erased the adjustments stay, for days hang on them, without what anybody wrote or attached;
personal links go. Must not know when, nor what else goes.
"""

from odoo import api, models

# Adjustments of punches, and what reverses them.
_OF_PUNCHES = """
WITH RECURSIVE gone AS (
    SELECT id FROM biometric_adjustment WHERE punch_id = ANY(%s)
     UNION
    SELECT a.id FROM biometric_adjustment a JOIN gone ON a.reverses_id = gone.id)
SELECT id FROM gone ORDER BY id
"""
_OF_SWAPS = """
UPDATE biometric_swap SET reason_text = NULL, answer_text = NULL
 WHERE (employee_id = %s OR to_employee_id = %s) AND company_id = %s
"""
_WORDS = """
UPDATE biometric_adjustment SET reason_text = NULL, evidence = NULL
 WHERE employee_id = %s AND company_id = %s RETURNING id
"""


class BiometricRemoval(models.AbstractModel):
    _inherit = "biometric.removal"

    @api.model
    def _drop_about_punches(self, punch_ids, register):
        self.env.cr.execute(_OF_PUNCHES, (punch_ids,))
        ids = [row[0] for row in self.env.cr.fetchall()]
        self._drop_evidence(ids)
        self.env.cr.execute(
            "DELETE FROM biometric_adjustment_step WHERE adjustment_id = ANY(%s)", (ids,)
        )
        self.env.cr.execute("DELETE FROM biometric_adjustment WHERE id = ANY(%s)", (ids,))
        self._note_gone("biometric.adjustment", ids, register)
        return super()._drop_about_punches(punch_ids, register)

    @api.model
    def _forget_rows(self, employee, register):
        about = super()._forget_rows(employee, register)
        cr, mine = self.env.cr, (employee.id, self.env.company.id)
        self._door("on")
        cr.execute(_WORDS, mine)
        ids = [row[0] for row in cr.fetchall()]
        cr.execute(
            "UPDATE biometric_adjustment_step SET text = NULL WHERE adjustment_id = ANY(%s)", (ids,)
        )
        here = "WHERE employee_id = %s AND company_id = %s"
        cr.execute(f"UPDATE biometric_month_step SET text = NULL {here}", mine)
        cr.execute(f"UPDATE biometric_afd_line SET line = NULL {here}", mine)
        bare = "SET reason = NULL, token_hash = NULL"
        cr.execute(f"UPDATE biometric_attestation {bare} {here} RETURNING id", mine)
        stated = [row[0] for row in cr.fetchall()]
        cr.execute(f"UPDATE biometric_consent SET note = NULL {here}", mine)
        cr.execute(_OF_SWAPS, (employee.id, *mine))
        self._door("off")
        self._drop_evidence(ids)
        records = self.env["biometric.month.record"]
        own = [("employee_id", "=", employee.id), ("company_id", "=", self.env.company.id)]
        records.search(own)._files().unlink()
        cr.execute(
            """DELETE FROM biometric_personal_link
                WHERE employee_id = %s AND company_id = %s RETURNING id""",
            mine,
        )
        links = [row[0] for row in cr.fetchall()]
        self.env.invalidate_all()
        return {
            **about,
            "biometric.adjustment": ids,
            "biometric.attestation": stated,
            "biometric.personal.link": links,
        }

    @api.model
    def _rows_about(self, employee):
        asked = self.env["biometric.adjustment"].search([("employee_id", "=", employee.id)])
        records = self.env["biometric.month.record"].search([("employee_id", "=", employee.id)])
        own = [("employee_id", "=", employee.id)]
        said = [
            self.env[name].search(own) for name in ("biometric.attestation", "biometric.consent")
        ]
        either = ["|", ("employee_id", "=", employee.id), ("to_employee_id", "=", employee.id)]
        mine = [records, records.step_ids, self.env["biometric.swap"].search(either)]
        return [*super()._rows_about(employee), asked, asked.step_ids, *said, *mine]

    @api.model
    def _drop_evidence(self, adjustment_ids):
        files = self.env["ir.attachment"].sudo()
        files.search(
            [("res_model", "=", "biometric.adjustment"), ("res_id", "in", adjustment_ids)]
        ).unlink()
