"""Days that were recorded by hand after their date: a view, a row for each day with a record.

Owns which day that is: none of its punches came from a terminal, and the first of what was typed
for it was asked for on a later date of its place. Some laws want hours recorded on the day of work,
and ask how often that was not so. Computes no minute.
"""

from odoo import fields, models

_VIEW = """
CREATE OR REPLACE VIEW biometric_late_record AS
SELECT d.id, d.company_id, d.employee_id, d.department_id, d.date, d.worked_minutes,
       h.asked_at AS recorded_at, 1 AS day_count, h.by_hand::integer AS hand_count,
       h.late::integer AS late_count, 100.0 * h.late::integer AS late_share
  FROM biometric_day d
  CROSS JOIN LATERAL (
      SELECT min(a.requested_at) AS asked_at FROM biometric_adjustment a
       WHERE a.employee_id = d.employee_id AND a.date = d.date AND a.state = 'approved'
         AND a.kind IN ('add_punch', 'set_minutes') AND NOT COALESCE(a.awaits_answer, FALSE)
  ) typed
  CROSS JOIN LATERAL (
      SELECT EXISTS (
          SELECT 1 FROM jsonb_array_elements(d.derivation->'sessions') s,
                        unnest(ARRAY[s->>'in_punch', s->>'out_punch']) name
           WHERE name IS NOT NULL AND NOT starts_with(name, 'adjustment:')) AS is_there
  ) terminal
  CROSS JOIN LATERAL (
      SELECT typed.asked_at, typed.asked_at IS NOT NULL AND NOT terminal.is_there AS by_hand,
             typed.asked_at IS NOT NULL AND NOT terminal.is_there
             AND (typed.asked_at AT TIME ZONE 'UTC'
                  AT TIME ZONE COALESCE(d.derivation->>'zone', 'UTC'))::date > d.date AS late
  ) h
 WHERE d.worked_minutes > 0 OR jsonb_array_length(COALESCE(d.derivation->'sessions', '[]')) > 0
"""


class BiometricLateRecord(models.Model):
    _name = "biometric.late.record"
    _description = "Entered after the day"
    _inherit = ["biometric.look"]
    _auto = False
    _log_access = False
    _order = "date desc, employee_id"
    _rec_name = "date"

    company_id = fields.Many2one("res.company", readonly=True)
    employee_id = fields.Many2one("hr.employee", readonly=True)
    department_id = fields.Many2one("hr.department", readonly=True)
    date = fields.Date(readonly=True)
    worked_minutes = fields.Integer("Worked", readonly=True)
    recorded_at = fields.Datetime("Entered first", readonly=True)
    day_count = fields.Integer("Days with a record", readonly=True)
    hand_count = fields.Integer("Entered manually only", readonly=True)
    late_count = fields.Integer("Entered after the day", readonly=True)
    late_share = fields.Float("Share later (%)", readonly=True, aggregator="avg", digits=(5, 1))

    def init(self):
        self.env.cr.execute("DROP VIEW IF EXISTS biometric_late_record")
        self.env.cr.execute(_VIEW)
