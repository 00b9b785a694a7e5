"""Asking for an adjustment: who may ask for what about whom, and what each kind must say.

Owns the check of a request and of its evidence. Must not know who decides.
"""

import base64
import hashlib
from datetime import UTC, datetime

from odoo import api, fields
from odoo.exceptions import AccessError, UserError

from ...engine import BUCKET_FIELDS, Review, RuleSet, epoch
from .biometric_adjustment_once import OFFERED

# What somebody may ask for about themselves; an approver also for their team.
PUNCH_KINDS = ("add_punch", "void_punch", "set_direction")
OWN_KINDS = (*PUNCH_KINDS, "excuse_late", "excuse_early", "approve_ot")
TEAM_KINDS = (*OWN_KINDS, "reclassify", "remap")
# What a request of each kind must name besides whose day it is.
NEEDS = {
    "add_punch": ("at",),
    "void_punch": ("punch_id",),
    "set_direction": ("punch_id", "direction"),
    "clock_correction": ("device_id", "window_from", "window_to", "seconds"),
    "excuse_late": ("minutes",),
    "excuse_early": ("minutes",),
    "approve_ot": ("minutes",),
    "reclassify": ("pay_class", "to_class"),
    "set_minutes": ("pay_class",),
    "remap": ("punch_id", "to_employee_id"),
}
VALUES = (
    "at",
    "direction",
    "punch_id",
    "device_id",
    "window_from",
    "window_to",
    "seconds",
    "minutes",
    "pay_class",
    "to_class",
    "to_employee_id",
)
DAY_MINUTES = 1440
# A clock that is off by more is an impossible one: its punches are counted at another time.
MOST_SECONDS = 366 * 86_400
MOST_FILES, MOST_BYTES = 5, 10 * 1024 * 1024


class AdjustmentAsk:
    """Of biometric.adjustment: how one comes about. Mixed into its one class."""

    __slots__ = ()

    @api.model
    def request(self, values):
        """Ask for an adjustment of a day; the id of the row.

        values: `kind`, `employee_id` (not for clock_correction), `date` (ISO), what the kind needs,
        `reason_id` and/or `reason_text`, `evidence_ids` (attachments of one's own), `draft` (keep
        it back). Instants are UTC `YYYY-MM-DD HH:MM:SS`; in place of `at` a `clock` `HH:MM` of the
        date counts, with `next_day`. Minutes that are left out are those of the day now.
        AccessError for whoever may not ask this about this person, UserError for what is missing.
        """
        self.check_access("read")
        values = dict(values)
        draft = values.pop("draft", False)
        one = self._lay(values)
        if draft:
            one._note("draft")
            one._tell_trail("draft", one._concern())
        else:
            one._hand_in()
        return one.id

    @api.model
    def _ask_by_link(self, employee, values):
        """A request of a person without a login, about their own day (sudo); the row."""
        company = self._company_on(employee, fields.Date.to_date(values["date"]))
        row = self._row({**values, "employee_id": employee.id}, company)
        one = self.create(row | self._asker() | {"by_link": True})
        one._hand_in()
        return one

    def amend(self, values):
        """Change one's own draft: what `request` takes, whole."""
        self.ensure_one()
        self._check_own_draft()
        row = self._row(dict(values))
        self._move({**dict.fromkeys(VALUES, False), **row})
        self._hang_evidence()
        self._note("amend")
        self._tell_trail("amend", self._concern())
        return True

    def submit(self):
        """Hand drafts in; from then on they stay as they are."""
        for one in self:
            one._check_own_draft()
            one._hand_in()
        return True

    def _hand_in(self):
        self._move(
            {
                "state": "submitted",
                "requested_at": fields.Datetime.now(),
                "day_before": self._day_snapshot(),
                **self._first_level(),
            }
        )
        self._show_deciders()
        self._note("submit", self._reason_words())
        self._check_once()
        self._tell_trail("submit", self._concern())
        self._tell_deciders()

    def _check_own_draft(self):
        self.check_access("read")
        if self.state != "draft":
            raise UserError(
                self.env._("%s was submitted and cannot be changed.", self.display_name)
            )
        if self.requested_by_id != self.env.user:
            raise AccessError(self.env._("A draft is visible to its author only."))

    def _lay(self, values):
        bulk = {"bulk": values.get("bulk") or False}
        one = self.sudo().create(self._row(values) | self._asker() | bulk)
        one._hang_evidence()
        return one.sudo(False)

    def _asker(self):
        now = fields.Datetime.now()
        return {"state": "draft", "requested_by_id": self.env.uid, "requested_at": now}

    # ------------------------------------------------------------------ what is asked for

    def _row(self, values, company=None):
        """Columns of a request, checked. Takes evidence up. `company`: of a request whose asker was
        checked already."""
        kind = values.get("kind")
        if kind not in NEEDS:
            raise UserError(self.env._("Enter what is to be changed."))
        employee = self.env["hr.employee"].sudo().browse(values.get("employee_id") or [])
        device = self.env["biometric.device"].browse(values.get("device_id") or [])
        company = company or self._may_ask(kind, employee, device, values)
        row = {name: values.get(name) or False for name in VALUES if name in NEEDS[kind]}
        day = self._date_of(kind, values)
        row |= {"kind": kind, "employee_id": employee.id, "date": day, "company_id": company.id}
        row["minutes"] = values.get("minutes") or 0
        if kind in (*PUNCH_KINDS, "remap"):
            row["direction"] = values.get("direction") or False
            row["device_id"] = device.id if kind == "add_punch" else False
        if kind == "add_punch" and values.get("clock"):
            row["at"] = self._clock_of(employee, day, values)
        self._offer(row, employee, day)
        self._check_needs(row)
        self.env["biometric.day.rebuild"].sudo()._check_still_computed(company, day)
        self._check_values(row, employee, company)
        reason = self.env["biometric.reason"].browse(values.get("reason_id") or [])
        self._check_reason_of(reason, values.get("reason_text"), employee, day)
        return row | {
            "reason_id": reason.id,
            "reason_text": (values.get("reason_text") or "").strip() or False,
            **self._take_evidence(values.get("evidence_ids") or []),
        }

    def _date_of(self, kind, values):
        """The work date; of a clock the first that it concerns."""
        text = values.get("date")
        if not text and kind == "clock_correction" and values.get("window_from"):
            text = str(values["window_from"])[:10]
        if not text:
            raise UserError(self.env._("Choose the day it concerns."))
        return fields.Date.to_date(text)

    def _may_ask(self, kind, employee, device, values):
        """The company it belongs to; AccessError for whoever may not ask this."""
        user, officer = (
            self.env.user,
            self.env.user.has_group("biometric_attendance.group_hr_officer"),
        )
        if kind == "clock_correction":
            if not device:
                raise UserError(self.env._("Select the terminal whose clock was wrong."))
            device.check_access("read")
            if not officer:
                raise AccessError(
                    self.env._("Only HR officers can correct the clock of a terminal.")
                )
            return device.sudo().company_id
        if not employee.exists():
            raise UserError(self.env._("Select whose day it is."))
        day = self._date_of(kind, values)
        company = self._company_on(employee, day)
        own = employee.id in self.env["biometric.duty"].sudo()._own(user.id)
        team = self._leads(employee)
        allowed = (
            (own and kind in OWN_KINDS)
            or (team and kind in TEAM_KINDS)
            or (officer and company in self.env.companies)
        )
        if not allowed:
            raise AccessError(
                self.env._("You are not allowed to request this about %s.", employee.name)
                if own or team
                else self.env._("You are not allowed to request a change of this person's days.")
            )
        return company

    @api.model
    def _kinds_of(self, user):
        """Kinds that somebody may ask for about people, in the order of the list."""
        if user.has_group("biometric_attendance.group_hr_officer"):
            return [kind for kind in NEEDS if kind != "clock_correction"]
        team = user.has_group("biometric_attendance.group_approver")
        return list(TEAM_KINDS if team else OWN_KINDS)

    @api.model
    def _leads(self, employee):
        """Whether the reader approves the attendance of a person (sudo), as with their days."""
        user = self.env.user
        if not user.has_group("biometric_attendance.group_approver"):
            return False
        if employee.attendance_manager_id == user:
            return True
        mine = set(user.sudo().employee_ids.ids)
        above = employee.parent_id
        seen = set()
        while above and above.id not in seen:
            if above.id in mine:
                return True
            seen.add(above.id)
            above = above.parent_id
        return False

    @api.model
    def _company_on(self, employee, day):
        found = self.env["biometric.employment.company"].sudo()._belongings(employee.sudo())
        return self.env["res.company"].browse(found[employee.id].company_on(day))

    # ------------------------------------------------------------------ what it must say

    @api.model
    def _zone_of(self, employee, day):
        """The zone whose clock the person's day goes by."""
        plans = self.env["biometric.schedule"].sudo()._plans(employee.sudo(), day, day)
        held = [plan for plan in plans[employee.id] if plan.holds(day)]
        return (held or plans[employee.id])[0].zone

    @api.model
    def _clock_of(self, employee, day, values):
        try:
            hours, minutes = (int(part) for part in values["clock"].split(":"))
            valid = 0 <= hours < 24 and 0 <= minutes < 60
        except ValueError:
            valid = False
        if not valid:
            raise UserError(self.env._("Enter the time as 17:05, not “%s”.", values["clock"]))
        minute = hours * 60 + minutes + (DAY_MINUTES if values.get("next_day") else 0)
        at = self._zone_of(employee, day).on(day, minute)
        return datetime.fromtimestamp(at, UTC).replace(tzinfo=None)

    def _offer(self, row, employee, day):
        """Minutes that were not named are those that stand on the day now."""
        self._take_turn(row["kind"], employee, day)
        field = OFFERED.get(row["kind"])
        if field and not row.get("minutes"):
            stored = (
                self.env["biometric.day"]
                .sudo()
                .search([("employee_id", "=", employee.id), ("date", "=", day)], limit=1)
            )
            row["minutes"] = stored[field] if stored else 0

    def _check_needs(self, row):
        for name in NEEDS[row["kind"]]:
            if not row.get(name):
                words = self._fields[name]._description_string(self.env)
                if name == "minutes":
                    raise UserError(
                        self.env._("There are no minutes of this type on the day; enter them.")
                    )
                raise UserError(self.env._("Please enter: %s.", words))

    def _check_values(self, row, employee, company):
        kind, minutes = row["kind"], row["minutes"]
        if not 0 <= minutes <= DAY_MINUTES:
            raise UserError(self.env._("Minutes of a day are from 0 to 1440."))
        for name in ("pay_class", "to_class"):
            value = row.get(name)
            if value and (value not in BUCKET_FIELDS or value in ("dropped", "unapproved")):
                raise UserError(self.env._("There is no pay class “%s”.", value))
        if kind == "reclassify" and row["pay_class"] == row["to_class"]:
            raise UserError(self.env._("The new pay class is the same as the current one."))
        if kind == "add_punch":
            self._check_instant(row, employee)
        if row.get("punch_id"):
            self._check_punch(row, employee)
        if kind == "clock_correction":
            self._check_window(row)
        if kind == "remap":
            other = self.env["hr.employee"].sudo().browse(row["to_employee_id"])
            if other == employee or self._company_on(other, row["date"]) != company:
                raise UserError(
                    self.env._("Name another person of %s who made the punch.", company.name)
                )

    def _check_instant(self, row, employee):
        at = row["at"] = fields.Datetime.to_datetime(row["at"]).replace(second=0)
        if at > fields.Datetime.now():
            raise UserError(self.env._("A punch cannot have been made in the future."))
        there = self._zone_of(employee, row["date"]).date_at(epoch(at))
        if abs((there - row["date"]).days) > 1:
            raise UserError(self.env._("The punch is on a different day from the one concerned."))

    def _check_punch(self, row, employee):
        """It is a punch of the person, near the date."""
        punch = self.env["biometric.punch"].sudo().browse(row["punch_id"]).exists()
        near = punch and abs((punch.wall_date - row["date"]).days) <= 2
        if not near or punch.employee_id != employee:
            raise UserError(self.env._("This is not a punch of this person on that day."))

    def _check_window(self, row):
        first, last = (
            fields.Datetime.to_datetime(row[name]) for name in ("window_from", "window_to")
        )
        row["window_from"], row["window_to"] = first, last
        if last <= first:
            raise UserError(self.env._("The time ends before it starts."))
        if abs(row["seconds"]) > MOST_SECONDS:
            raise UserError(
                self.env._(
                    "A clock that is off by more than a year is treated as impossible: "
                    "open the quarantine and correct the time of its punches."
                )
            )

    @api.model
    def _check_reason_of(self, reason, text, employee, day):
        """Words that explain something, and a code where the person's rule set names codes."""
        said = " ".join(filter(None, [reason.name if reason else "", (text or "").strip()]))
        self.env["biometric.audited"]._check_reason(said)
        rules = self._rules_on(employee, day)
        review = Review(rules)
        spoken = f"{reason.code}: {said}" if reason else said
        if review.request("new", str(self.env.uid), spoken, None).refused == "reason_code":
            raise UserError(
                self.env._(
                    "The rule set of this day requires one of these reasons: %s.",
                    ", ".join(rules.reason_codes),
                )
            )

    @api.model
    def _rules_on(self, employee, day):
        """The engine's rule set of a person's date; the built-in one of a terminal."""
        if not employee:
            return RuleSet()
        employee = employee.sudo()
        book = self.env["biometric.rule"].sudo()._book_of(employee)
        company = self._company_on(employee, day)
        return book.find(company.id, employee.id, employee.department_id.id, day)[2]

    # ------------------------------------------------------------------ evidence

    def _take_evidence(self, ids):
        """Columns of attached files, each with its digest; they must be the asker's own."""
        ids = [one for one in ids if one]
        if not ids:
            return {"evidence": False, "evidence_ids": [(5,)]}
        files = self.env["ir.attachment"].browse(ids)
        files.check_access("read")
        own = files.sudo().filtered(lambda file: file.create_uid == self.env.user)
        if len(own) != len(ids):
            raise AccessError(self.env._("Attach only files that you uploaded yourself."))
        if len(ids) > MOST_FILES or any(file.file_size > MOST_BYTES for file in own):
            raise UserError(self.env._("At most %(files)s files of 10 MB each.", files=MOST_FILES))
        told = [
            {
                "id": file.id,
                "name": file.name,
                "size": file.file_size,
                "sha256": hashlib.sha256(base64.b64decode(file.datas or b"")).hexdigest(),
            }
            for file in own.sorted("id")
        ]
        return {"evidence": told, "evidence_ids": [(6, 0, own.ids)]}

    def _hang_evidence(self):
        """Files belong to the adjustment: whoever reads it reads them, nobody writes them."""
        for one in self.sudo():
            one.evidence_ids.write({"res_model": one._name, "res_id": one.id})
