"""Who is here, who is not yet: what a day that is not settled says, and what it waits for.

Of biometric.day, read from its stored state and the clock; nothing here is stored, because the
answer changes while nobody writes.
"""

from odoo import api, fields
from odoo.tools import SQL

from ..mixins.biometric_words import moment_words

PRESENCES = [
    ("not_here", "Not yet here"),
    ("at_work", "At work"),
    ("expected", "Expected later"),
    ("other", "Others"),
]

# Each of these is said of days of one status alone, of which a database has few.
STATUS_OF = {"not_here": "pending", "at_work": "at_work", "expected": "pending"}


def _possible(presences):
    """A condition that lets the index on the status find the days of these presences."""
    if not all(one in STATUS_OF for one in presences):
        return SQL()
    return SQL("d.status IN %s AND ", tuple(STATUS_OF[one] for one in presences) or (None,))


class DayPresence:
    """Of biometric.day: presence and waiting. Mixed into its one class."""

    __slots__ = ()

    @api.depends("status", "due_at", "first_in_at", "settles_at")
    def _compute_presence(self):
        now = fields.Datetime.now()
        for day in self:
            expected = day.status == "pending" and day.due_at and not day.first_in_at
            if day.status == "at_work":
                day.presence = "at_work"
            elif not expected or (day.settles_at and day.settles_at <= now):
                day.presence = "other"
            else:
                day.presence = "not_here" if day.due_at <= now else "expected"

    def _field_to_sql(self, alias, field_expr, query=None):
        """Presence as the database tells it, so that days can be counted and grouped by it."""
        if field_expr != "presence":
            return super()._field_to_sql(alias, field_expr, query)
        return SQL(
            """(CASE WHEN %(day)s.status = 'at_work' THEN 'at_work'
                     WHEN %(day)s.status = 'pending' AND %(day)s.first_in_at IS NULL
                          AND %(day)s.due_at IS NOT NULL
                          AND (%(day)s.settles_at IS NULL OR %(day)s.settles_at > %(now)s)
                     THEN CASE WHEN %(day)s.due_at <= %(now)s THEN 'not_here' ELSE 'expected' END
                     ELSE 'other' END)""",
            day=SQL.identifier(alias),
            now=fields.Datetime.now(),
        )

    @api.model
    def _search_presence(self, operator, value):
        if operator != "in":
            return NotImplemented
        self.flush_model(["status", "due_at", "first_in_at", "settles_at"])
        return [
            (
                "id",
                "in",
                SQL(
                    "(SELECT d.id FROM biometric_day d WHERE %s%s IN %s)",
                    _possible(value),
                    self._field_to_sql("d", "presence"),
                    tuple(value) or (None,),
                ),
            )
        ]

    @api.depends("status", "waits_for", "settles_at", "first_in_at", "derivation", "employee_id")
    @api.depends_context("lang")
    def _compute_waiting_text(self):
        for day in self:
            day.waiting_text = day._waiting_text()

    def _waiting_text(self):
        """What is not settled about the day, why, and what to do; False where nothing is."""
        if self.status == "outside_employment":
            return self.env._(
                "Punches while nobody is employed under this name: they are kept but "
                "never paid. Assign the PIN from that day on (PINs and employees), or "
                "correct the contract."
            )
        if not self.waits_for or self.status not in ("at_work", "pending"):
            return False
        zone = (self.derivation or {}).get("zone") or "UTC"
        end = moment_words(self.env, self.settles_at, zone)
        if self.status == "at_work":
            return self.env._("At work since %(since)s.", since=self.in_clock or "")
        if self.waits_for == "window":
            return self.env._("The day is not over: it is evaluated at %(end)s.", end=end)
        names = self._awaited_devices()
        if self.waits_for == "service":
            return self.env._(
                "No terminal was in service yet on that day (%(names)s). If one was "
                "installed there, enter the day under In service from on the terminal; "
                "if not, end the PIN's mapping.",
                names=names,
            )
        return self.env._(
            "Waiting until everything up to %(end)s has arrived from: %(names)s.",
            end=end,
            names=names,
        )

    def _awaited_devices(self):
        """Names of the terminals that the day waits for."""
        users = self.env["biometric.device.user"].sudo()
        mapped = users.search([("employee_id", "=", self.employee_id.id)]).filtered(
            lambda user: (
                user.device_id.state == "active"
                and (not user.valid_from or user.valid_from <= self.date)
                and (not user.valid_to or user.valid_to >= self.date)
            )
        )
        behind = mapped.device_id.filtered(
            lambda device: (
                self.waits_for == "service"
                or not device.complete_until
                or device.complete_until <= self.settles_at
            )
        )
        return ", ".join(sorted(set(behind.mapped("display_name"))))
