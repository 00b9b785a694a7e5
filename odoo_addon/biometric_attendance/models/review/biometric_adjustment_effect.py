"""What an adjustment in effect does: as engine values for the days, and which days it touches.

Owns the way from rows to engine Adjustments and the days that are computed again. Must not know
who decided: what is approved and not reversed counts, in the order of approval.
"""

from collections import defaultdict
from datetime import timedelta

from odoo import api, models

from ...engine import Adjustment, epoch
from ..day.biometric_day_facts import KEY_DIGITS

# Adjustments of the days that one list shows.
MOST_ROWS = 20_000
DAY_KINDS = ("excuse_late", "excuse_early", "approve_ot", "reclassify", "set_minutes")


class AdjustmentEffect:
    """Of biometric.adjustment: its effect. Mixed into its one class."""

    __slots__ = ()

    @api.model
    def _effective(self, employee_ids):
        """`{employee_id: (engine Adjustment, ...)}` in effect (call with sudo)."""
        self.flush_model()
        found = defaultdict(list)
        rows = self.search(
            [
                ("state", "=", "approved"),
                ("kind", "not in", ("reversal", "clock_correction")),
                "|",
                ("employee_id", "in", employee_ids),
                ("to_employee_id", "in", employee_ids),
            ],
            order="sequence, id",
        )
        for row in rows:
            if row.kind != "remap":
                found[row.employee_id.id].append(row._as_engine())
                continue
            found[row.employee_id.id].append(row._as_engine("void_punch"))
            found[row.to_employee_id.id].append(row._as_engine("add_punch"))
        for employee_id, clocks in self._clocks_of(employee_ids).items():
            found[employee_id] += [clock._as_engine() for clock in clocks]
        return {
            employee_id: tuple(sorted(own, key=lambda item: (item.sequence, item.identity)))
            for employee_id, own in found.items()
            if employee_id in set(employee_ids)
        }

    def _clocks_of(self, employee_ids):
        """`{employee_id: corrections}` of the terminals that these people have a PIN on."""
        clocks = self.search([("state", "=", "approved"), ("kind", "=", "clock_correction")])
        if not clocks:
            return {}
        self.env["biometric.device.user"].flush_model()
        self.env.cr.execute(
            """SELECT DISTINCT employee_id, device_id FROM biometric_device_user
                WHERE employee_id = ANY(%s) AND device_id = ANY(%s)""",
            (list(employee_ids), clocks.device_id.ids),
        )
        found, devices = defaultdict(self.browse), self.env["biometric.device"]
        for employee_id, device_id in self.env.cr.fetchall():
            found[employee_id] |= clocks.grouped("device_id")[devices.browse(device_id)]
        return found

    def _as_engine(self, kind=None):
        """The engine's value of one row; `kind` in place of its own."""
        self.ensure_one()
        kind = kind or self.kind
        punch = self.punch_id
        at = self.at or (punch._instant() if punch and kind == "add_punch" else None)
        day_kind = kind in DAY_KINDS
        # of a class without a number all of it changes
        whole = kind == "reclassify" and not self.minutes
        return Adjustment(
            kind,
            str(self.id),
            self.sequence,
            day=self.date if day_kind else None,
            at=epoch(at) if at and kind == "add_punch" else None,
            device=str((self.device_id or punch.device_id).id or ""),
            direction=self.direction or None,
            target=punch.key[:KEY_DIGITS] if punch and kind != "add_punch" else "",
            start=epoch(self.window_from) if self.window_from else None,
            end=epoch(self.window_to) if self.window_to else None,
            seconds=self.seconds,
            minutes=self.minutes if day_kind and not whole else None,
            pay_class=self.pay_class or "",
            to_class=self.to_class or "",
        )

    @api.model
    def _of_days(self, employee_ids, first, last):
        """What was asked for about these people's dates, drafts left out (sudo)."""
        return self.search(
            [
                "|",
                ("employee_id", "in", employee_ids),
                ("to_employee_id", "in", employee_ids),
                ("date", ">=", first),
                ("date", "<=", last),
                ("state", "!=", "draft"),
            ],
            order="id",
            limit=MOST_ROWS,
        )

    # ------------------------------------------------------------------ days

    def _day_snapshot(self):
        """`{date: {employee number: result}}` of the days that it is about, as they stand."""
        self.ensure_one()
        one = (self.sudo().reverses_id or self).sudo()
        people = one.employee_id | one.to_employee_id
        days = (
            self.env["biometric.day"]
            .sudo()
            .search([("employee_id", "in", people.ids), ("date", "=", one.date)], limit=2)
        )
        return {
            str(day.employee_id.id): {"date": str(day.date), **day._decision_values()}
            for day in days
        }

    def _recompute(self):
        """Mark the days it touches; compute them at once where they are few. The snapshot then."""
        self.ensure_one()
        stale = self.env["biometric.stale.day"].sudo()
        one = (self.sudo().reverses_id or self).sudo()
        if one.kind == "clock_correction":
            days = timedelta(seconds=abs(one.seconds)) + timedelta(days=1)
            stale._mark_punches(
                device_ids=one.device_id.ids,
                wall_from=(one.window_from - days).date(),
                wall_to=(one.window_to + days).date(),
            )
            return {"people": len(self._people_of_clock())}
        people = (one.employee_id | one.to_employee_id).ids
        pairs = [
            (person, one.date + timedelta(days=step)) for person in people for step in (-1, 0, 1)
        ]
        stale._mark(pairs)
        self.env["biometric.day.rebuild"].sudo()._rebuild_stale(pairs)
        return self._day_snapshot()

    def _yields(self):
        """Whether a punch that is typed now may still come from a terminal: one that the person
        may use has not told everything up to then."""
        if self.kind != "add_punch":
            return False
        self.env.flush_all()
        self.env.cr.execute(
            """SELECT 1 FROM biometric_device_user u JOIN biometric_device d ON d.id = u.device_id
                WHERE u.employee_id = %s AND d.state = 'active'
                  AND %s >= COALESCE(u.valid_from, '0001-01-01'::date)
                  AND %s <= COALESCE(u.valid_to, '9999-12-31'::date)
                  AND COALESCE(d.complete_until, '0001-01-01') <= %s LIMIT 1""",
            (self.employee_id.id, self.date, self.date, self.at),
        )
        return bool(self.env.cr.fetchone())

    def _people_of_clock(self):
        """Ids of the people with punches of the terminal in the time it is about."""
        one = (self.sudo().reverses_id or self).sudo()
        day = timedelta(days=1)
        self.env.flush_all()
        self.env.cr.execute(
            """SELECT DISTINCT u.employee_id FROM biometric_device_user u
                 JOIN biometric_punch p ON p.device_id = u.device_id AND p.pin = u.pin
                WHERE u.device_id = %s AND u.employee_id IS NOT NULL
                  AND p.wall_date BETWEEN %s AND %s
                  AND p.wall_date >= COALESCE(u.valid_from, '0001-01-01'::date)
                  AND p.wall_date <= COALESCE(u.valid_to, '9999-12-31'::date)""",
            (one.device_id.id, (one.window_from - day).date(), (one.window_to + day).date()),
        )
        return {row[0] for row in self.env.cr.fetchall()}


class BiometricDayFacts(models.AbstractModel):
    _inherit = "biometric.day.facts"

    @api.model
    def _decided(self, employees):
        decided = self.env["biometric.adjustment"].sudo()._effective(employees.ids)
        stated = self.env["biometric.attestation"].sudo()._effective(employees.ids)
        found = super()._decided(employees) | decided
        return found | {one: (*found.get(one, ()), *own) for one, own in stated.items()}
