"""What follows from the statement that PINs are the same on all terminals of an area.

Owns which PIN of which terminal means whom by it, on which days, and what stands against it; and
the job that maps them. Where a PIN of one terminal of the area means a member, the same PIN of the
others means them too, on the days of both. Where it means somebody else there, on some of these
days, or two say different people, nothing is touched: it is shown. Nobody's own statement or own
membership maps their own PIN. Must not know how a mapping acts on days: it goes by the registry's
own write.
"""

from collections import defaultdict
from datetime import timedelta
from typing import NamedTuple

from odoo import api, fields
from odoo.tools import SQL, format_date

from ...seams.sql_people import EMPLOYEES, LOGINS
from .biometric_device_user import EVER, NEVER

# PINs mapped by one turn of the job; the next turn goes on.
PIECE = 300

_REACH = f"""
WITH terminal AS (
    SELECT * FROM unnest(%(areas)s::integer[], %(devices)s::integer[], %(serves)s::date[])
                  t (area_id, device_id, serves)
), member AS (
    SELECT area_id, employee_id, valid_from, valid_to, create_uid, write_uid
      FROM biometric_area_member WHERE area_id = ANY(%(areas)s)
    UNION ALL
    SELECT %(joined)s::integer, p, %(first)s::date, %(last)s::date, %(asker)s::integer, NULL
      FROM unnest(%(people)s::integer[]) p
), said AS (
    SELECT t.area_id, s.device_id, s.pin, s.employee_id,
           GREATEST(NULLIF(s.valid_from, t.serves), m.valid_from) AS first,
           LEAST(s.valid_to, m.valid_to) AS last
      FROM terminal t
      JOIN biometric_area a ON a.id = t.area_id
      JOIN biometric_device_user s ON s.device_id = t.device_id
       AND (%(pins)s::varchar[] IS NULL OR s.pin = ANY(%(pins)s::varchar[]))
      JOIN member m ON m.area_id = t.area_id AND m.employee_id = s.employee_id
      JOIN {EMPLOYEES} e ON e.id = s.employee_id AND e.company_id = a.company_id
     WHERE NOT EXISTS (SELECT 1 FROM {LOGINS} l WHERE l.employee_id = s.employee_id
               AND l.user_id IN (a.stated_by_id, m.create_uid, m.write_uid,
                                 %(asker)s::integer))
), meeting AS (
    SELECT x.area_id, u.id, u.device_id, u.pin, x.employee_id, u.employee_id AS means,
           GREATEST(x.first, t.serves) AS whole_first, x.last AS whole_last,
           GREATEST(x.first, t.serves, u.valid_from) AS first, LEAST(x.last, u.valid_to) AS last,
           u.valid_from, u.valid_to
      FROM said x
      JOIN terminal t ON t.area_id = x.area_id AND t.device_id <> x.device_id
      JOIN biometric_device_user u ON u.device_id = t.device_id AND u.pin = x.pin
     WHERE COALESCE(GREATEST(x.first, t.serves), %(ever)s) <= COALESCE(x.last, %(never)s)
), met AS (
    SELECT *, COALESCE(first, %(ever)s) <= COALESCE(last, %(never)s) AS meets FROM meeting
)
SELECT DISTINCT id, device_id, pin, means, area_id, employee_id, first, last,
       COALESCE(valid_from, %(ever)s) > COALESCE(whole_first, %(ever)s)
       OR COALESCE(valid_to, %(never)s) < COALESCE(whole_last, %(never)s) AS is_part,
       FALSE AS is_further
  FROM met WHERE meets
 UNION
SELECT max(id), device_id, pin, NULL, area_id, employee_id, whole_first, whole_last, FALSE, TRUE
  FROM met GROUP BY area_id, device_id, pin, employee_id, whole_first, whole_last
HAVING NOT bool_or(meets)
 ORDER BY id, first NULLS FIRST, employee_id, area_id
"""


class Span(NamedTuple):
    """Days on which an unmapped PIN of a terminal means somebody by the statement of an area."""

    area_id: int
    employee_id: int
    first: object  # date or None: from the beginning
    last: object  # date or None: no end


class Reached(NamedTuple):
    """One PIN of one terminal that would be mapped. is_further: by rows beside those that it has,
    which mean somebody on other days only; user_id is then the newest of them."""

    user_id: int
    device_id: int
    pin: str
    spans: tuple  # of Span, in their order, none over another
    is_further: bool


class Reach(NamedTuple):
    """What a statement reaches: PINs that would be mapped, and ids of the rows of terminals that
    stand against it."""

    pins: list
    conflicts: list


class AreaReach:
    """Of biometric.area: what follows from its statement. Mixed into its one class."""

    __slots__ = ()

    def _wake(self):
        """The job looks whether these reach further PINs by now."""
        if self.sudo().filtered(lambda area: area.same_pins and area.active):
            cron = self.env.ref("biometric_attendance.ir_cron_biometric_area")
            cron.sudo()._trigger()

    @api.model
    def _wake_for(self, device_ids):
        """The same of the areas of these terminals."""
        self._stated(device_ids)._wake()

    @api.model
    def _stated(self, device_ids=None):
        """Areas with a statement, of these terminals or all (sudo)."""
        domain = [("same_pins", "=", True)]
        if device_ids is not None:
            domain.append(("device_ids", "in", list(device_ids)))
        return self.sudo().search(domain)

    # ------------------------------------------------------------------ what it reaches

    def _reach_of(self, devices, joining=None):
        """The Reach of this one area alone, with these terminals; joining: (ids of people, first,
        last day) of who would be added. Call with sudo."""
        area = self._origin
        if not area:
            return Reach([], [])
        return area._reach({area.id: devices}, joining=joining, asker=self.env.uid)

    def _reach(self, devices=None, pins=None, joining=None, asker=None):
        """The Reach of these areas taken together (call with sudo). devices: {area id: terminals}
        where others are meant than those kept; pins: these alone; joining: as above, of one area;
        asker: the user who would state it."""
        pairs = [
            (area.id, device)
            for area in self
            for device in (devices or {}).get(area.id, area.device_ids)
            if device.state == "active"
            and device.active
            # chosen in a form, not yet checked by anything
            and device.company_id == area.company_id
        ]
        first_days = self.env["biometric.device"].union(*(one for _area, one in pairs))
        first_days = first_days._first_days()
        people, first, last = joining or ((), None, None)
        for name in ("biometric.area", "biometric.area.member", "biometric.device.user"):
            self.env[name].flush_model()
        self.env.cr.execute(
            _REACH,
            {
                "areas": [area for area, _device in pairs],
                "devices": [device.id for _area, device in pairs],
                "serves": [first_days.get(device.id) for _area, device in pairs],
                "pins": None if pins is None else list(pins),
                "people": list(people),
                "joined": self[:1].id or None,
                "first": first or None,
                "last": last or None,
                "asker": asker,
                "ever": EVER,
                "never": NEVER,
            },
        )
        return _sorted_out(self.env.cr.fetchall())

    # ------------------------------------------------------------------ acting

    @api.model
    def _cron_follow(self):
        """Map what the statements of all areas reach by now, a piece a turn; one PIN that cannot be
        mapped never stops the others."""
        reach = self._stated()._reach()
        aside = self.env["biometric.job"]._aside("areas", "biometric.device.user")
        due = defaultdict(list)
        for one in reach.pins:
            if one.user_id not in aside.resting:
                due[one.user_id].append(one)
        rows = self.env["biometric.device.user"].sudo().browse(list(due)[:PIECE])
        aside.do(rows, lambda some: self._follow([one for row in some for one in due[row.id]]))
        if len(due) > PIECE:
            self.env.ref("biometric_attendance.ir_cron_biometric_area").sudo()._trigger()

    @api.model
    def _carry(self, users):
        """These PINs were mapped by a person: what the statements of their terminals' areas say of
        the same PINs elsewhere is done with it, as that person. Returns (rows mapped, ids of rows
        that stand against it)."""
        areas = self._stated(users.device_id.ids)
        meant = {(user.pin, user.employee_id.id) for user in users}
        reach = areas._reach(pins={pin for pin, _who in meant})
        mine = [
            one
            for one in reach.pins
            if {(one.pin, span.employee_id) for span in one.spans} <= meant
        ]
        return self._follow(mine), reach.conflicts

    @api.model
    def _follow(self, reached):
        """Map these PINs, each by a reason that names the statement; the rows."""
        users = self.env["biometric.device.user"]
        done = users.browse()
        for one in reached:
            row = users.browse() if one.is_further else users.browse(one.user_id)
            for span in one.spans:
                with users._because(self._statement_words(span.area_id)):
                    if row:
                        row.write(_values(span))
                        done |= row
                    else:
                        values = {"device_id": one.device_id, "pin": one.pin}
                        done |= users.create(values | _values(span))
                row = users.browse()
        return done

    # ------------------------------------------------------------------ words

    def _belonging_from(self, day):
        """Who belongs to it on that day or later (call with sudo)."""
        ever = fields.Date.to_date(EVER)
        return self.member_ids.filtered(
            lambda row: not row.valid_to or row.valid_to >= (day or ever)
        ).employee_id

    @api.model
    def _statement_words(self, area_id):
        """Why a PIN was mapped: by which area's statement, and whose that is."""
        area = self.sudo().browse(area_id)
        return self.env._(
            "Area %(area)s: PINs are the same on all its terminals, stated by %(who)s on %(day)s",
            area=area.name,
            who=area.stated_by_id.name or "",
            day=format_date(self.env, area.stated_at) if area.stated_at else "",
        )

    @api.model
    def _carry_words(self, user, employee, carried, against):
        """Of one PIN that was mapped to somebody: ([where else the areas of its terminal map it],
        [what stands against that]), in words."""
        _ = self.env._
        also, conflicts = [], []
        for area in self._stated(user.device_id.ids):
            values = {"area": area.name, "name": employee.name}
            there = carried.device_id & area.device_ids
            if employee not in area._belonging_from(user.valid_from):
                also.append(
                    _(
                        "%(name)s does not belong to %(area)s: mapped on this terminal only",
                        **values,
                    )
                )
            elif len(there) == 1:
                where = there.name or there.serial
                also.append(_("also on %(terminal)s of %(area)s", terminal=where, **values))
            elif there:
                also.append(
                    _("also on %(count)s other terminals of %(area)s", count=len(there), **values)
                )
        for row in user.browse(against):
            values = {"device": row.device_id.name or row.device_id.serial, "pin": row.pin}
            who = row.sudo().employee_id
            if who == employee:
                text = _("not changed on %(device)s: PIN %(pin)s is mapped for other days")
            elif who:
                text = _("not changed on %(device)s: PIN %(pin)s means %(name)s there")
            else:
                text = _("not changed on %(device)s: PIN %(pin)s would mean two people")
            conflicts.append(text % {**values, "name": who.name})
        return also, conflicts

    def _reach_words(self, reach, adding=False):
        """The effect of a statement, in words; "" where it has none. adding: of people who join."""
        _ = self.env._
        texts = []
        if reach.pins:
            spans = [span for one in reach.pins for span in one.spans]
            values = {
                "pins": len(reach.pins),
                "terminals": len({one.device_id for one in reach.pins}),
                "people": len({span.employee_id for span in spans}),
                "days": self._punched_days(reach.pins),
            }
            texts.append(
                _(
                    "Maps PINs by the statement of the area: %(pins)s; terminals: %(terminals)s; "
                    "people: %(people)s; days with punches that are recomputed: %(days)s.",
                    **values,
                )
            )
        if reach.conflicts and not adding:
            texts.append(_("PINs left alone because of a conflict: %s.", len(reach.conflicts)))
        return " ".join(texts)

    @api.model
    def _punched_days(self, reached):
        """On how many days of people there are punches of these PINs."""
        rows = [(one, span) for one in reached for span in one.spans]
        self.env.cr.execute(
            SQL(
                """SELECT count(DISTINCT (r.who, p.wall_date))
                     FROM unnest(%s::integer[], %s::varchar[], %s::integer[], %s::date[],
                                 %s::date[]) r (device_id, pin, who, first, last)
                     JOIN biometric_punch p ON p.device_id = r.device_id AND p.pin = r.pin
                      AND p.wall_date BETWEEN COALESCE(r.first, %s) AND COALESCE(r.last, %s)""",
                [one.device_id for one, _span in rows],
                [one.pin for one, _span in rows],
                [span.employee_id for _one, span in rows],
                [span.first for _one, span in rows],
                [span.last for _one, span in rows],
                EVER,
                NEVER,
            )
        )
        return self.env.cr.fetchone()[0]


def _values(span):
    return {
        "employee_id": span.employee_id,
        "valid_from": span.first or False,
        "valid_to": span.last or False,
    }


def _sorted_out(rows):
    """The Reach of what the statement of _REACH found."""
    spans, where, against = defaultdict(list), {}, set()
    for user_id, device_id, pin, means, area_id, employee_id, first, last, *more in rows:
        is_part, is_further = more
        if means is None:
            where[user_id] = (device_id, pin)
            spans[user_id, is_further].append(Span(area_id, employee_id, first, last))
        elif means != employee_id or is_part:
            against.add(user_id)
    pins = []
    for (user_id, is_further), found in spans.items():
        united = _united(found)
        if united is None:
            against.add(user_id)
        else:
            pins.append(Reached(user_id, *where[user_id], united, is_further))
    return Reach(pins, sorted(against))


def _united(spans):
    """Spans of one PIN by their first days, those of one person that touch made one; None where
    they say different people on one day."""
    ever, never = fields.Date.to_date(EVER), fields.Date.to_date(NEVER)
    made = []
    for span in sorted(spans, key=lambda one: (one.first or ever, one.employee_id)):
        last = made[-1] if made else None
        end = (last.last or never) if last else None
        if last and (span.first or ever) <= end:
            if last.employee_id != span.employee_id:
                return None
            made[-1] = last._replace(last=_later(last.last, span.last))
        elif last and last.employee_id == span.employee_id and span.first - end <= timedelta(1):
            made[-1] = last._replace(last=_later(last.last, span.last))
        else:
            made.append(span)
    return tuple(made)


def _later(one, other):
    return max(one, other) if one and other else None
