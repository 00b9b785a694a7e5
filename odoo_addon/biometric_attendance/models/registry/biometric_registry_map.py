"""The registry mapper: PINs that mean nobody beside the people they may mean.

Readings: a page of PINs with whom each fits, people to choose from, what a choice would do. One
act: the chosen PINs mean these people, whole or not at all, by the registry's own checks and trail.
Signs and their weights are biometric_registry_fit. Nothing is mapped that nobody chose.
"""

from collections import defaultdict
from typing import NamedTuple

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import SQL, format_date

PAGE = 60
# People to choose from, shown at once.
MOST_PEOPLE = 40
# PINs mapped by one act.
MOST_CHOICES = 200


class Tried(NamedTuple):
    """What mapping one PIN would do, in words where not said otherwise."""

    days: set  # of (employee id, date) computed again
    problem: str  # why it is refused, or ""
    also: list  # where else the areas of its terminal map it
    against: list  # what stands against that


class _Taken(Exception):
    """A trial was enough: everything it did is taken back."""


class BiometricRegistryMap(models.AbstractModel):
    _name = "biometric.registry.map"
    _description = "PINs and people"

    @api.model
    def open_map(self, device=False, search="", offset=0):
        """A page of PINs that mean nobody, by terminal and PIN.

        `{"may_map", "devices": [[id, name, number of its PINs]], "rows": [row], "total", "offset",
        "page"}`; a row is `{"id", "device": name, "branch", "pin", "name": on the terminal,
        "known": whether the terminal still has it, "punches", "days", "first", "last": dates in
        words, "fits": [{"id", "name", "percent", "reasons": text}], "likely": whether the first
        stands alone}`."""
        users = self._users()
        domain = self._domain(device, search)
        total = users.search_count(domain)
        offset = max(0, min(int(offset), max(0, total - 1) // PAGE * PAGE))
        page = users.search(domain, limit=PAGE, offset=offset)
        fits, work = page._fits(), self._work(page)
        names = self._names({fit.employee_id for own in fits.values() for fit in own})
        groups = users._read_group(self._domain(False, ""), ["device_id"], ["__count"])
        devices = [[one.id, one.name or one.serial, count] for one, count in groups]
        return {
            "may_map": users.has_access("write"),
            "devices": sorted(devices, key=lambda row: row[1].casefold()),
            "rows": [self._row(user, fits[user], names, work.get(user.id)) for user in page],
            "total": total,
            "offset": offset,
            "page": PAGE,
        }

    @api.model
    def find_people(self, search="", device=False):
        """People to choose from: of the company of the terminal (or the reader's), by a part of
        the name or the badge number; without words those who have no PIN anywhere.

        `[{"id", "name", "department", "pins": text}]`, at most MOST_PEOPLE."""
        self._users().check_access("write")
        company = self._company(device)
        domain = Domain("company_id", "=", company.id)
        if search and search.strip():
            word = search.strip()
            domain &= Domain("name", "ilike", word) | Domain("barcode", "=", word)
        else:
            domain &= Domain("id", "not in", self._with_pin(company))
        staff = self.env["hr.employee"].sudo()
        people = staff.search(domain, limit=MOST_PEOPLE, order="name, id")
        pins = self._pins_of(people)
        return [
            {
                "id": one.id,
                "name": one.name or "",
                "department": one.department_id.name or "",
                "pins": ", ".join(pins[one.id]),
            }
            for one in people
        ]

    @api.model
    def preview(self, choices):
        """What mapping would do, without doing it. `choices`: `[[row id, employee id, first day
        (ISO) or False]]`.

        `{"days": days computed again, "people": number, "rows": [{"id", "days", "problem": why it
        is refused or "", "also": [text: what the terminal's areas make of it elsewhere], "notes":
        [text]}]}`: tried for real and taken back, so it is what the act does and refuses."""
        asked = self._asked(choices)
        notes = self._notes(asked)
        rows, pairs = [], set()
        for user, employee, first in asked:
            tried = self._try([(user, employee, first)])
            pairs |= tried.days
            rows.append(
                {
                    "id": user.id,
                    "days": len(tried.days),
                    "problem": tried.problem,
                    "also": tried.also,
                    "notes": [*notes[user.id], *tried.against],
                }
            )
        people = {employee.id for _user, employee, _first in asked}
        return {"days": len(pairs), "people": len(people), "rows": rows}

    @api.model
    def confirm(self, choices):
        """The chosen PINs mean these people from now on; all of them or none. Answers `{"rows":
        [{"id", "pin", "device", "name", "standing": in words}], "days": days computed again,
        "people": their ids}`."""
        asked = self._asked(choices)
        if not asked:
            return {"rows": [], "days": 0, "people": []}
        before = self._stale()._last_mark()
        carried, _against = self._map(asked)
        users = self.env["biometric.device.user"].union(*(user for user, _one, _first in asked))
        users |= carried
        users.invalidate_recordset()
        people = sorted({employee.id for _user, employee, _first in asked})
        labels = dict(users._fields["standing"]._description_selection(self.env))
        return {
            "rows": [
                {
                    "id": user.id,
                    "pin": user.pin,
                    "device": user.device_id.name or user.device_id.serial,
                    "name": user.sudo().employee_id.name or "",
                    "standing": labels.get(user.standing, ""),
                }
                for user in users
            ],
            "days": len(self._stale()._marked_since(before)),
            "people": people,
        }

    @api.model
    def count_waiting(self, people):
        """How many days of these people still wait to be computed."""
        self._users().check_access("write")
        known = (
            self.env["hr.employee"]
            .sudo()
            .search([("id", "in", [int(one) for one in people]), self._mine()], limit=MOST_CHOICES)
        )
        return self._stale()._count_waiting(known.ids)

    # ------------------------------------------------------------------ reading

    @api.model
    def _users(self):
        users = self.env["biometric.device.user"]
        users.check_access("read")
        return users

    @api.model
    def _stale(self):
        return self.env["biometric.stale.day"].sudo()

    @api.model
    def _mine(self):
        return ("company_id", "in", self.env.companies.ids)

    @api.model
    def _domain(self, device, search):
        domain = Domain("employee_id", "=", False)
        if device:
            domain &= Domain("device_id", "=", int(device))
        if search and search.strip():
            word = search.strip()
            domain &= Domain("pin", "=like", f"{word}%") | Domain("device_name", "ilike", word)
        return domain

    @api.model
    def _company(self, device):
        if not device:
            return self.env.company
        found = self.env["biometric.device"].browse(int(device))
        found.check_access("read")
        return found.company_id

    @api.model
    def _row(self, user, fits, names, work):
        punches, days, first, last = work or (0, 0, None, None)
        device = user.device_id
        return {
            "id": user.id,
            "device": device.name or device.serial,
            "device_id": device.id,
            "branch": device.sudo().agent_id.name or "",
            "pin": user.pin,
            "name": user.device_name or "",
            "known": user.sync_state != "gone",
            "punches": punches,
            "days": days,
            "first": format_date(self.env, first) if first else "",
            "last": format_date(self.env, last) if last else "",
            "fits": [
                {
                    "id": fit.employee_id,
                    "name": names[fit.employee_id],
                    "percent": fit.percent,
                    "reasons": ", ".join(fit.reasons),
                }
                for fit in fits
            ],
            "likely": user._is_likely(fits),
        }

    @api.model
    def _names(self, ids):
        people = self.env["hr.employee"].sudo().browse(sorted(ids))
        return {one.id: one.name or "" for one in people}

    @api.model
    def _work(self, users):
        """`{row id: (punches, days, first date, last date)}` of what waits for a mapping."""
        self.env.cr.execute(
            """SELECT u.id, count(*), count(DISTINCT p.wall_date), min(p.wall_date),
                      max(p.wall_date)
                 FROM biometric_device_user u
                 JOIN biometric_punch p ON p.device_id = u.device_id AND p.pin = u.pin
                WHERE u.id = ANY(%s)
                  AND p.wall_date BETWEEN COALESCE(u.valid_from, '0001-01-01'::date)
                                      AND COALESCE(u.valid_to, '9999-12-31'::date)
                GROUP BY u.id""",
            (users.ids,),
        )
        return {row[0]: row[1:] for row in self.env.cr.fetchall()}

    @api.model
    def _with_pin(self, company):
        """Subquery of the employees who have a PIN now at a terminal of the company."""
        self.env["biometric.device.user"].flush_model()
        return SQL(
            """(SELECT employee_id FROM biometric_device_user
                 WHERE company_id = %s AND employee_id IS NOT NULL
                   AND COALESCE(valid_to, 'infinity'::date) >= current_date)""",
            company.id,
        )

    @api.model
    def _pins_of(self, people):
        """`{employee id: ["7 at Gate"]}` of now."""
        rows = self.env["biometric.device.user"].search(
            [("employee_id", "in", people.ids), ("valid_to", "=", False)], limit=MOST_PEOPLE * 10
        )
        found = defaultdict(list)
        for row in rows:
            where = row.device_id.name or row.device_id.serial
            found[row.employee_id.id].append(
                self.env._("%(pin)s at %(where)s", pin=row.pin, where=where)
            )
        return found

    # ------------------------------------------------------------------ choosing

    @api.model
    def _asked(self, choices):
        """[(row, employee, first day or False)], each checked: unmapped, of the reader's and the
        person's company, each PIN once."""
        users = self._users()
        users.check_access("write")
        if len(choices) > MOST_CHOICES:
            raise UserError(self.env._("At most %s PINs at once.", MOST_CHOICES))
        asked = [
            (int(row), int(employee), fields.Date.to_date(first) or False)
            for row, employee, first in choices
        ]
        found = users.search([("id", "in", [row for row, _one, _first in asked])], limit=len(asked))
        people = (
            self.env["hr.employee"]
            .sudo()
            .search(
                [("id", "in", [one for _row, one, _first in asked]), self._mine()], limit=len(asked)
            )
        )
        if len(found) < len(asked) or {one for _row, one, _first in asked} - set(people.ids):
            raise AccessError(
                self.env._(
                    "One of these PINs or people no longer exists, or you have no access to it."
                )
            )
        for row in found.filtered("employee_id"):
            raise UserError(
                self.env._(
                    "PIN %(pin)s at %(device)s was mapped in the meantime. Nothing was "
                    "saved: check the current mapping, then choose again.",
                    pin=row.pin,
                    device=row.device_id.name or row.device_id.serial,
                )
            )
        return [(users.browse(row), people.browse(one), first) for row, one, first in asked]

    @api.model
    def _map(self, asked):
        for user, employee, first in asked:
            # as the reader, through the registry's own write: its checks, its trail
            user.write({"employee_id": employee.id} | ({"valid_from": first} if first else {}))
        users = self.env["biometric.device.user"].union(*(user for user, _one, _first in asked))
        return self.env["biometric.area"]._carry(users)

    @api.model
    def _try(self, asked):
        """What this would do, taken back; of one PIN."""
        try:
            with self.env.cr.savepoint():
                before = self._stale()._last_mark()
                user, employee, _first = asked[0]
                done = self._map(asked)
                also, against = self.env["biometric.area"]._carry_words(user, employee, *done)
                days = self._stale()._marked_since(before)
                raise _Taken
        except _Taken:
            return Tried(days, "", also, against)
        except (UserError, AccessError) as refusal:
            return Tried(set(), str(refusal), [], [])

    @api.model
    def _notes(self, asked):
        """`{row id: [what somebody should know before]}`: no refusals, but seldom meant."""
        _ = self.env._
        notes = defaultdict(list)
        chosen = defaultdict(list)
        for user, employee, _first in asked:
            chosen[user.device_id, employee].append(user)
        for user, employee, _first in asked:
            others = [one.pin for one in chosen[user.device_id, employee] if one != user]
            has = user.search(
                [
                    ("device_id", "=", user.device_id.id),
                    ("employee_id", "=", employee.id),
                    ("valid_to", "=", False),
                ],
                limit=1,
            )
            if others:
                values = {"name": employee.name, "pins": ", ".join(others)}
                notes[user.id].append(_("%(name)s gets PIN %(pins)s here as well", **values))
            if has:
                notes[user.id].append(
                    _("%(name)s already has PIN %(pin)s here", name=employee.name, pin=has.pin)
                )
            meant = user.search(
                [
                    ("device_id", "=", user.device_id.id),
                    ("pin", "=", user.pin),
                    ("employee_id", "not in", (False, employee.id)),
                ],
                limit=1,
            )
            if meant and meant.valid_to:
                until = format_date(self.env, meant.valid_to)
                values = {"name": meant.sudo().employee_id.name, "until": until}
                notes[user.id].append(_("this PIN belonged to %(name)s until %(until)s", **values))
        return notes
