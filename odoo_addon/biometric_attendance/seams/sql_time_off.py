"""Absences, as our SQL reads them: personal leaves and public holidays (`resource_id` is NULL).

Each piece is a subquery to stand behind FROM or JOIN; instants are UTC without a zone. Must not
know what an absence does to a day, nor whose words are taken out.
"""

# Whatever they are: any of them can have touched a day.
LEAVES = "(SELECT id, resource_id, date_from, date_to FROM resource_calendar_leaves)"

# Those that are no work, with whether they are paid, the dates of a request for whole days, and the
# half (am, pm) of one for half a day.
ABSENCES = """(SELECT l.id, l.resource_id, l.company_id, l.calendar_id, l.date_from, l.date_to,
                      l.name, l.holiday_id, COALESCE(t.unpaid, false) AS unpaid,
                      CASE WHEN NOT COALESCE(h.request_unit_half OR h.request_unit_hours, false)
                           THEN h.request_date_from END AS first_day,
                      CASE WHEN NOT COALESCE(h.request_unit_half OR h.request_unit_hours, false)
                           THEN h.request_date_to END AS last_day,
                      CASE WHEN h.request_unit_half
                            AND h.request_date_from_period = h.request_date_to_period
                           THEN h.request_date_from_period END AS half
                 FROM resource_calendar_leaves l
            LEFT JOIN hr_leave h ON h.id = l.holiday_id
            LEFT JOIN hr_leave_type t ON t.id = h.holiday_status_id
                WHERE l.time_type = 'leave')"""

# What of a request must be in the database before ABSENCES is read.
REQUEST_FIELDS = (
    "holiday_status_id",
    "request_date_from",
    "request_date_from_period",
    "request_date_to",
    "request_date_to_period",
    "request_unit_half",
    "request_unit_hours",
)

LEAVE_FIELDS = ("date_from", "date_to", "resource_id")

# Requests for time off out of a time account, and how they were answered; days: until granted.
REQUESTS = """(SELECT h.id, h.company_id, h.employee_id, h.department_id,
                      h.create_date::date AS asked_on, h.request_date_from AS first_day,
                      h.biometric_refusal AS refusal,
                      CASE WHEN h.state = 'validate' THEN 'granted'
                           WHEN h.state = 'refuse' THEN 'refused' ELSE 'open' END AS state,
                      CASE WHEN h.state = 'validate'
                           THEN h.biometric_granted_at::date - h.create_date::date END AS days
                 FROM hr_leave h
                 JOIN hr_leave_type t ON t.id = h.holiday_status_id
                WHERE t.biometric_account IS NOT NULL AND h.state <> 'cancel')"""

_BLANK = (
    """UPDATE hr_leave SET private_name = NULL, notes = NULL, biometric_refusal_text = NULL
        WHERE id = ANY(%(leaves)s)""",
    "UPDATE resource_calendar_leaves SET name = %(nobody)s WHERE holiday_id = ANY(%(leaves)s)",
    """UPDATE hr_leave_allocation SET notes = NULL, name = %(nobody)s
        WHERE id = ANY(%(allocations)s)""",
    """UPDATE calendar_event SET description = NULL, name = %(nobody)s
        WHERE id = ANY(%(meetings)s)""",
)


def blank_time_off(env, leaves, meetings, allocations, nobody):
    """Take what was written about somebody's time off out of rows with these ids; dates and kind
    stay, days hang on them. nobody: what stands there instead of a name."""
    env.flush_all()
    rows = {"leaves": leaves, "meetings": meetings, "allocations": allocations, "nobody": nobody}
    for statement in _BLANK:
        env.cr.execute(statement, rows)
    env.invalidate_all()
