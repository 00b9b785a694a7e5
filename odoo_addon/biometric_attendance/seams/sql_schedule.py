"""Working schedules, their lines and the zone of a resource, as our SQL reads them.

Each piece is a subquery to stand behind FROM or JOIN. Must not know whose schedule it is.
"""

CALENDARS = "(SELECT id, tz, flexible_hours AS flexible FROM resource_calendar)"

# Lines that mean work or its lunch; section headings of the form are none.
LINES = """(SELECT id, calendar_id, dayofweek::int AS weekday, week_type, hour_from, hour_to,
                   day_period, duration_hours
              FROM resource_calendar_attendance WHERE display_type IS NULL)"""

RESOURCES = "(SELECT id, tz FROM resource_resource)"
