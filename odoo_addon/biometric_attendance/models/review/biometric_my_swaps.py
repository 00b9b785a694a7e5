"""Swaps of shifts on My time: one's own shifts ahead, what one asked and is asked, and what may be
asked of whom.

Owns what is shown to the two people. Acts go through biometric.swap, which checks them.
"""

from datetime import timedelta

from odoo import api, fields
from odoo.exceptions import UserError

from ..mixins.biometric_words import day_words

# Shifts so many days ahead are shown and can be swapped.
AHEAD_DAYS = 35
# Swaps that have ended are shown so many days after.
KEPT_DAYS = 14
MOST_SHOWN = 50


class MySwaps:
    """Of biometric.my.time: swaps of shifts. Mixed into its one class."""

    __slots__ = ()

    @api.model
    def _swaps(self, employee):
        """`{"shifts": [shift], "rows": [swap]}`: one's own shifts ahead that the roster names, and
        the swaps one has part in."""
        return {"shifts": self._shifts_ahead(employee), "rows": self._own_swaps(employee)}

    @api.model
    def open_swap(self, date, shift_id):
        """Whom somebody may ask to take a shift of theirs: `[{"id", "name", "shifts": [shift]}]`,
        with the colleague's own shifts ahead, of which one may be taken in return."""
        employee = self._employee()
        colleagues = self.env["biometric.swap"].sudo()._colleagues(employee)
        ahead = self._shifts_ahead(colleagues)
        taken = (date, int(shift_id))
        return [
            {
                "id": one.id,
                "name": one.name,
                "shifts": [
                    shift
                    for shift in ahead
                    if shift["employee_id"] == one.id and (shift["date"], shift["id"]) != taken
                ],
            }
            for one in colleagues
        ]

    @api.model
    def check_swap(self, values):
        """What would be wrong with the roster after a swap, before it is asked for: lines.
        UserError where it cannot come about."""
        self._employee()
        swaps = self.env["biometric.swap"]
        return swaps.sudo().new(swaps._row(dict(values)))._trouble()

    @api.model
    def ask_swap(self, values):
        """Ask for a swap; its id. values: as `ask` of biometric.swap takes them."""
        return self.env["biometric.swap"].ask(values)

    @api.model
    def say_swap(self, swap_id, what, text=None):
        """Agree, decline, or withdraw."""
        one = self.env["biometric.swap"].search([("id", "=", int(swap_id))], limit=1)
        if not one:
            raise UserError(self.env._("This no longer exists."))
        if what == "withdraw":
            return one.withdraw()
        if what not in ("agree", "decline"):
            raise UserError(self.env._("Say whether you agree."))
        return one.agree() if what == "agree" else one.decline(text)

    # ------------------------------------------------------------------ what is read

    @api.model
    def _shifts_ahead(self, employees):
        """`[{"employee_id", "date", "date_text", "id", "name", "hours"}]` by date."""
        if not employees:
            return []
        today = self.env.company._biometric_today()
        rows = (
            self.env["biometric.roster"]
            .sudo()
            .search(
                [
                    ("employee_id", "in", employees.ids),
                    ("shift_id", "!=", False),
                    ("date", ">=", today),
                    ("date", "<=", today + timedelta(days=AHEAD_DAYS)),
                ],
                order="date, shift_id",
            )
        )
        return [
            {
                "employee_id": row.employee_id.id,
                "date": fields.Date.to_string(row.date),
                "date_text": day_words(self.env, row.date, weekday=True),
                "id": row.shift_id.id,
                "name": row.shift_id.name,
                "hours": row.shift_id._hours_text(),
            }
            for row in rows
        ]

    @api.model
    def _own_swaps(self, employee):
        since = fields.Datetime.now() - timedelta(days=KEPT_DAYS)
        rows = self.env["biometric.swap"].search(
            [
                "|",
                ("employee_id", "=", employee.id),
                ("to_employee_id", "=", employee.id),
                "|",
                ("state", "=", "submitted"),
                ("decided_at", ">=", since),
            ],
            limit=MOST_SHOWN,
        )
        states = dict(rows._fields["state"]._description_selection(self.env))
        return [
            {
                "id": one.id,
                "change": one.change_text,
                "why": one.reason_text or "",
                "state": one.state,
                "state_text": states[one.state],
                "waits": one.waits_text or "",
                "trouble": (one.trouble_text or "").splitlines(),
                "answer": one.answer_text or "",
                "decided_by": one.sudo().decided_by_id.name
                if one.state in ("approved", "rejected")
                else "",
                "may_answer": bool(one.is_asked and one.awaits_answer),
                "may_decline": bool(one.is_asked and one.state == "submitted"),
                "may_withdraw": bool(one.is_mine and one.state == "submitted"),
            }
            for one in rows
        ]
