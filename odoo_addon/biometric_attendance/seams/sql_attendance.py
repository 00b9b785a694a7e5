"""Odoo's own attendances, as our SQL reads them. Must not know what a day is."""

# Behind FROM or JOIN. `day_id` is NULL for what a person recorded.
ATTENDANCES = """(SELECT id, employee_id, check_in, check_out, biometric_day_id AS day_id
                    FROM hr_attendance)"""
