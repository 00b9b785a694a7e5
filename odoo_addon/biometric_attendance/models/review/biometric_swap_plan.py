"""What a swap changes on the roster, and what stands in the way of it.

Owns who may be asked, the dates before and after, and when it can no longer come about. What breaks
a rule of rest says the roster's own check. Must not know who decides.
"""

from datetime import UTC, datetime

from odoo import api, fields
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import format_date

# Colleagues offered to somebody who looks for one.
MOST_COLLEAGUES = 200


class SwapPlan:
    """Of biometric.swap: what changes. Mixed into its one class."""

    __slots__ = ()

    # ------------------------------------------------------------------ what is asked for

    @api.model
    def _row(self, values):
        """Columns of a request, checked. UserError: what stands in the way."""
        employee = self._giver(values)
        colleague = self._taker(employee, values)
        date, shift = fields.Date.to_date(values["date"]), self._shift(values, "shift_id")
        to_shift = self._shift(values, "to_shift_id")
        to_date = fields.Date.to_date(values.get("to_date") or False) if to_shift else False
        if to_shift and not to_date:
            raise UserError(self.env._("Say on which date you work in return."))
        company = self.env["biometric.adjustment"]._company_on(employee, date)
        row = {
            "company_id": company.id,
            "employee_id": employee.id,
            "date": date,
            "shift_id": shift.id,
            "to_employee_id": colleague.id,
            "to_date": to_date,
            "to_shift_id": to_shift.id,
            "requested_by_id": self.env.uid,
            "requested_at": fields.Datetime.now(),
            "state": "submitted",
            "awaits_answer": True,
        }
        draft = self.sudo().new(row)
        draft.begins_at = draft._begins_at()
        draft.roster_before = draft._as_stands()
        draft._check_owned()
        draft._check_possible()
        draft._check_alone()
        return {**row, "begins_at": draft.begins_at, "roster_before": draft.roster_before}

    @api.model
    def _giver(self, values):
        """The asker's own record that has the shift on its roster."""
        own = self.env.user.sudo().employee_ids
        found = (
            self.env["biometric.roster"]
            .sudo()
            .search(
                [
                    ("employee_id", "in", own.ids),
                    ("date", "=", values.get("date") or False),
                    ("shift_id", "=", int(values.get("shift_id") or 0)),
                    ("shift_id", "!=", False),
                ],
                limit=1,
            )
        )
        if not found:
            raise UserError(self.env._("You do not have this shift on that date."))
        return found.employee_id

    @api.model
    def _taker(self, employee, values):
        wanted = int(values.get("to_employee_id") or 0)
        found = self._colleagues(employee).filtered(lambda one: one.id == wanted)
        if not found:
            raise UserError(self.env._("Choose one of your colleagues who has a login."))
        return found

    @api.model
    def _colleagues(self, employee):
        """Whom a person may ask (sudo): who works in the same department or for the same manager,
        and has a login to answer with."""
        near = Domain("department_id", "=", employee.department_id.id)
        if employee.parent_id:
            near |= Domain("parent_id", "=", employee.parent_id.id)
        if employee.attendance_manager_id:
            near |= Domain("attendance_manager_id", "=", employee.attendance_manager_id.id)
        return employee.search(
            near
            & Domain("company_id", "=", employee.company_id.id)
            & Domain("user_id.active", "=", True)
            & Domain("user_id.share", "=", False)
            & Domain("id", "!=", employee.id),
            order="name, id",
            limit=MOST_COLLEAGUES,
        )

    @api.model
    def _shift(self, values, name):
        return self.env["biometric.shift"].sudo().browse(int(values.get(name) or 0) or []).exists()

    # ------------------------------------------------------------------ before and after

    def _moves(self):
        """`(who gives, who takes, date, shift)` of each shift that changes hands (sudo)."""
        moves = [(self.employee_id, self.to_employee_id, self.date, self.shift_id)]
        if self.to_shift_id:
            moves.append((self.to_employee_id, self.employee_id, self.to_date, self.to_shift_id))
        return moves

    def _touched(self):
        """`(employee id, date)` of each date that it touches (sudo)."""
        days = sorted({day for _giver, _taker, day, _shift in self._moves()})
        people = (self.employee_id | self.to_employee_id).ids
        return [(employee, day) for day in days for employee in people]

    def _days(self):
        one = self.sudo()
        days = {one.date, one.to_date or one.date}
        return min(days), max(days)

    def _standing(self):
        """`{(employee id, date): ids of shifts}` on the roster now: [] a day off, None nothing."""
        keys = self._touched()
        rows = self.env["biometric.roster"].search(
            [
                ("employee_id", "in", [employee for employee, _day in keys]),
                ("date", "in", [day for _employee, day in keys]),
            ]
        )
        found = rows.grouped(lambda row: (row.employee_id.id, row.date))
        return {key: sorted(found[key].shift_id.ids) if key in found else None for key in keys}

    def _as_stands(self):
        """The same as it is kept: `[[employee id, ISO date, ids or None]]`."""
        return [
            [employee, fields.Date.to_string(day), own]
            for (employee, day), own in self._standing().items()
        ]

    def _wishes_ids(self):
        """`{(employee id, date): ids of shifts}` as they are to be."""
        after = {key: set(own or ()) for key, own in self._standing().items()}
        for giver, taker, day, shift in self._moves():
            after[giver.id, day].discard(shift.id)
            after[taker.id, day].add(shift.id)
        return {key: sorted(own) for key, own in after.items()}

    def _wishes(self):
        """The same as the roster takes it."""
        shifts = self.env["biometric.shift"]
        return {key: shifts.browse(own) for key, own in self._wishes_ids().items()}

    def _trouble(self):
        """What would break a rule of rest, overlap or fall on leave: lines (sudo)."""
        return self.env["biometric.roster.grid"]._trouble(self._wishes_ids())

    def _begins_at(self):
        """When the first of its shifts begins (UTC)."""
        zone_of = self.env["biometric.adjustment"]._zone_of
        first = min(
            zone_of(giver, day).on(day, shift._span()[0])
            for giver, _taker, day, shift in self._moves()
        )
        return datetime.fromtimestamp(first, UTC).replace(tzinfo=None)

    # ------------------------------------------------------------------ what stands in the way

    def _check_owned(self):
        """Each gives what they have and takes what they have not."""
        standing, _ = self._standing(), self.env._
        for giver, taker, day, shift in self._moves():
            values = {"shift": shift.name, "date": format_date(self.env, day)}
            if shift.id not in (standing[giver.id, day] or ()):
                raise UserError(
                    _("%(who)s does not have %(shift)s on %(date)s.", who=giver.name, **values)
                )
            if shift.id in (standing[taker.id, day] or ()):
                raise UserError(
                    _("%(who)s works %(shift)s on %(date)s already.", who=taker.name, **values)
                )

    def _check_alone(self):
        """One swap of a shift waits at a time."""
        same = [(name, "=", self[name].id) for name in ("employee_id", "shift_id")]
        same += [("date", "=", self.date), ("state", "=", "submitted")]
        if self.search_count(same, limit=1):
            raise UserError(
                self.env._("A swap of this shift is already waiting. Withdraw it first.")
            )

    def _check_possible(self):
        """UserError where it cannot come about."""
        if words := self.sudo()._obstacle(self.env):
            raise UserError(words)

    def _obstacle(self, env):
        """Why it cannot come about, in the language of `env`; "" where it can (sudo)."""
        _ = env._
        if self._begins_at() <= fields.Datetime.now():
            return _("The shift has started.")
        for employee, day in self._touched():
            person = self.env["hr.employee"].browse(employee)
            values = {"who": person.name, "date": format_date(env, day)}
            if not self._is_employed(person, day):
                return _("%(who)s does not work here on %(date)s.", **values)
            if self.env["biometric.period"]._is_locked(person, day):
                return _("%(date)s lies in a pay period of %(who)s that is locked.", **values)
        if sorted(self._as_stands()) != sorted(self.roster_before):
            return _("The roster of these dates has changed. Please ask again.")
        return ""

    def _is_employed(self, person, day):
        """Whether a person is still with the company on a date."""
        company = self.env["biometric.adjustment"]._company_on(person, day)
        plans = self.env["biometric.schedule"]._plans(person, day, day)[person.id]
        return (
            person.active
            and company == self.company_id
            and not any(plan.holds(day) and plan.is_outside(day) for plan in plans)
        )
