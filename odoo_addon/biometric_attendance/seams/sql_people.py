"""Employees and their contract versions, as our SQL reads them.

Each piece is a subquery to stand behind FROM or JOIN; PostgreSQL reads through it.
Must not know what is asked of them.
"""

EMPLOYEES = """(SELECT id, name, active, company_id, resource_id, current_version_id AS version_id
                  FROM hr_employee)"""

# The language of a login's company.
LOGIN_LANGUAGES = """(SELECT u.id AS user_id, p.lang FROM res_users u
                        JOIN res_company c ON c.id = u.company_id
                        JOIN res_partner p ON p.id = c.partner_id)"""

LOGINS = """(SELECT id AS employee_id, user_id FROM hr_employee WHERE user_id IS NOT NULL)"""

VERSIONS = """(SELECT id, active, employee_id, date_version AS valid_from, contract_date_start,
                      contract_date_end, departure_date, resource_calendar_id AS calendar_id,
                      department_id, work_location_id
                 FROM hr_version)"""

# Fields that must be in the database before VERSIONS is read, for everything it tells and for the
# schedule alone. Nothing else: it is also asked in the middle of Odoo's own writes, where flushing
# more makes Odoo compute its own fields from half-made records.
VERSION_FIELDS = (
    "active",
    "contract_date_end",
    "contract_date_start",
    "date_version",
    "departure_date",
    "department_id",
    "employee_id",
    "resource_calendar_id",
)
VERSION_SCHEDULE_FIELDS = ("active", "date_version", "employee_id", "resource_calendar_id")
EMPLOYEE_FIELDS = ("resource_id",)

# The wage of an hour as Odoo's _get_normalized_wage has it without a payroll app: of a month by the
# hours of the calendar, as it stands where there is no calendar.
HOURLY_WAGES = """(SELECT v.id AS version_id,
                          CASE WHEN c.id IS NULL THEN v.wage
                               WHEN c.hours_per_week > 0 THEN v.wage * 12 / 52 / c.hours_per_week
                               ELSE 0 END AS wage
                     FROM hr_version v
                     LEFT JOIN resource_calendar c ON c.id = v.resource_calendar_id)"""

# Archived people, with the column of 19.0.1.1.0 that held their last day where it is still there.
ARCHIVED = """(SELECT id, (to_jsonb(e)->>'biometric_archived_on')::date AS archived_on
                 FROM hr_employee e WHERE NOT active)"""

# What the chatter tells of employees that were given another company.
COMPANY_CHANGES = """(SELECT v.id, m.res_id AS employee_id, o.id AS old_id, n.id AS new_id,
                             v.create_date AS changed_at
                        FROM mail_tracking_value v
                        JOIN mail_message m ON m.id = v.mail_message_id
                         AND m.model = 'hr.employee'
                        JOIN ir_model_fields f ON f.id = v.field_id AND f.model = 'hr.employee'
                         AND f.name = 'company_id'
                        JOIN res_company o ON o.id = v.old_value_integer
                        JOIN res_company n ON n.id = v.new_value_integer)"""
