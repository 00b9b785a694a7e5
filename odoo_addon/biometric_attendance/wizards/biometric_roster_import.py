"""Dialog that takes a roster from a CSV file or a workbook, whole or not at all.

A spreadsheet takes the zeros before a number away: a number that fits one person but for zeros is
that person, and the name in the line has to agree.
Owns who an employee text means and what a shift text means; how the file is read is roster_csv's
part. What is wrong is told line by line, and then nothing was changed.
"""

import binascii
from collections import defaultdict
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..engine import roster_csv
from ..models.registry.biometric_registry import fold
from ..seams import spreadsheet
from ..seams.binary import packed, raw

# Enough to see what is wrong with a file; the rest is mostly the same.
SHOWN_FAULTS = 30
# In this order: what is printed on a badge, then a number some installations have, then the name.
NUMBERS = ("barcode", "registration_number")
# Between the shifts of somebody who works more than one on a date.
TOGETHER = "+"


class BiometricRosterImport(models.TransientModel):
    _name = "biometric.roster.import"
    _inherit = ["biometric.dialog"]
    _description = "Import of a roster"

    state = fields.Selection([("choose", "Choose"), ("done", "Done")], default="choose")
    data = fields.Binary("File", attachment=False)
    file_name = fields.Char("File name")
    week_of = fields.Date(
        "Week",
        required=True,
        default=lambda self: self.env.company._biometric_today() + timedelta(days=7),
        help="A date in the week the empty plan is created for.",
    )
    template = fields.Binary("Plan to fill in", compute="_compute_template")
    template_name = fields.Char("Plan file name", compute="_compute_template")
    sheet = fields.Binary("The same as a workbook", compute="_compute_template")
    sheet_name = fields.Char("Sheet", compute="_compute_template")
    faults = fields.Text("Errors", readonly=True)
    added_count = fields.Integer("Added", readonly=True)
    removed_count = fields.Integer("Replaced", readonly=True)
    same_count = fields.Integer("Unchanged", readonly=True)
    found = fields.Json(readonly=True, help="Ids of roster entries: added, replaced, unchanged.")
    employee_count = fields.Integer("Employees", readonly=True)
    date_from = fields.Date("From", readonly=True)
    date_to = fields.Date("To", readonly=True)

    # ------------------------------------------------------------------ the plan to fill in

    @api.depends("week_of")
    def _compute_template(self):
        for wizard in self:
            week = wizard.week_of or wizard.env.company._biometric_today()
            monday = week - timedelta(days=week.weekday())
            days = [monday + timedelta(days=number) for number in range(7)]
            plan = wizard._plan(days)
            wizard.template = packed(roster_csv.write(days, plan))
            wizard.template_name = f"roster-{monday}.csv"
            wizard.sheet = packed(spreadsheet.write(roster_csv.plan_rows(days, plan)))
            wizard.sheet_name = f"roster-{monday}.xlsx"

    def action_template(self):
        """Download the plan; the dialog stays open for what becomes of it."""
        self.ensure_one()
        return self._download("template", self.template_name)

    def action_sheet(self):
        """The same as a workbook whose cells are text: badge numbers keep their zeros."""
        self.ensure_one()
        return self._download("sheet", self.sheet_name)

    def _download(self, field, name):
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{self._name}/{self.id}/{field}/{name}?download=1",
            "target": "download",
        }

    def _plan(self, days):
        """Everybody who has PINs or was rostered lately, with what stands on those days."""
        rows = self.env["biometric.roster"].search(
            [
                ("company_id", "=", self.env.company.id),
                ("date", ">=", days[0] - timedelta(days=28)),
                ("date", "<=", days[-1]),
            ],
            order="date, shift_id",
        )
        employees = self._employees().filtered("biometric_user_ids") | rows.employee_id.sudo()
        shifts = defaultdict(dict)
        for (employee_id, day), own in rows.grouped(
            lambda row: (row.employee_id.id, row.date)
        ).items():
            names = [shift.code or shift.name for shift in own.shift_id]
            shifts[employee_id][day] = TOGETHER.join(names) or roster_csv.DAY_OFF[0].upper()
        return [
            (person.barcode or person.name or "", person.name or "", shifts[person.id])
            for person in employees.sorted("name")
        ]

    def _employees(self):
        # sudo: badge numbers need rights in Employees, which an HR officer of ours may not have
        return self.env["hr.employee"].sudo().search([("company_id", "=", self.env.company.id)])

    # ------------------------------------------------------------------ the file

    def action_import(self):
        """Take the whole file, or nothing and say why; shows what came of it."""
        self.ensure_one()
        self.check_access("write")
        wishes, faults = self._read()
        if faults:
            self.write({"faults": self._fault_text(faults), "data": False})
        else:
            self.write({"state": "done", "faults": False, "data": False, **self._keep(wishes)})
        return self._show()

    def action_open_roster(self):
        """The roster of what was imported."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "biometric_attendance.biometric_roster_action"
        )
        span = [("date", ">=", self.date_from), ("date", "<=", self.date_to)]
        return action | {"domain": span, "context": {"initial_date": str(self.date_from)}}

    def action_open_added(self):
        return self._open_rows("added", self.env._("Added"))

    def action_open_same(self):
        return self._open_rows("same", self.env._("Unchanged"))

    def action_open_employees(self):
        """What stands for these people on the dates of the file, by person."""
        action = self.action_open_roster()
        found = self.found or {}
        people = [("employee_id", "in", found.get("people", []))]
        return action | {
            "views": [(False, "list"), (False, "calendar")],
            "domain": [*action["domain"], *people],
            "context": {"group_by": "employee_id"},
        }

    def _open_rows(self, which, name):
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "biometric_attendance.biometric_roster_action"
        )
        return action | {
            "name": name,
            "views": [(False, "list"), (False, "calendar")],
            "domain": [("id", "in", (self.found or {}).get(which, []))],
            "context": {},
        }

    def action_open_replaced(self):
        """What stood there before: rows that are gone, as the audit trail keeps them."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "biometric_attendance.biometric_audit_action"
        )
        return action | {
            "name": self.env._("Replaced"),
            "domain": [
                ("action", "=", "roster.remove"),
                ("res_id", "in", (self.found or {}).get("replaced", [])),
            ],
            "context": {},
        }

    def _show(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Import a roster"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
        }

    def _read(self):
        """`({(employee, date): shifts}, [(line, fault)])`; no shifts is a day off."""
        try:
            data = raw(self.data)
            form = self.env["res.lang"]._get_data(code=self.env.user.lang).date_format
            cells, faults = self._parse(data, form)
        except (binascii.Error, roster_csv.Unreadable, spreadsheet.NoWorkbook) as error:
            raise UserError(self.env._("This is not a roster: %s.", error)) from error
        people, shifts = self._people(), self._shifts()
        wishes, lines = {}, {}
        for cell in cells:
            found, doubt = self._find(cell, people)
            shift = self._shift(cell.shift.casefold(), shifts)
            if fault := doubt or self._fault(cell, found, shift):
                faults.append((cell.line, fault))
                continue
            key = (found[0], cell.day)
            if key in wishes and (not shift or not wishes[key] or shift & wishes[key]):
                fault = self.env._(
                    "%(who)s on %(date)s is already in line %(line)s",
                    who=cell.who,
                    date=cell.day,
                    line=lines[key],
                )
                faults.append((cell.line, fault))
                continue
            lines.setdefault(key, cell.line)
            wishes[key] = wishes.get(key, shift) | shift
        if not cells and not faults:
            raise UserError(self.env._("There is no assignment in the file."))
        return wishes, sorted(faults)

    @staticmethod
    def _parse(data, form):
        if not spreadsheet.is_workbook(data):
            return roster_csv.parse(data, form)
        if len(data) > roster_csv.MAX_BYTES:
            raise roster_csv.Unreadable("the workbook is too large")
        rows = enumerate(spreadsheet.rows(data), 1)
        filled = ((line, row) for line, row in rows if any(text.strip() for text in row))
        return roster_csv.parse_rows(filled, form)

    def _find(self, cell, people):
        """`([employee], fault or "")`: whom a line means, its number and its name together."""
        exact, but_zeros, names = people
        text = cell.who.casefold()
        found = exact.get(text, [])
        near = but_zeros.get(text.lstrip("0"), []) if text.isdigit() else []
        # A number that begins with zeros went through no spreadsheet: it is what it says.
        likely = found if text.startswith("0") and found else [*dict.fromkeys([*found, *near])]
        if not cell.name:
            if len(likely) > 1 and len(found) == 1:
                return [], self.env._(
                    "'%(who)s' is the badge of %(people)s, ignoring zeros: spreadsheets "
                    "remove leading zeros; add the name next to it",
                    who=cell.who,
                    people=self._called(likely, names),
                )
            return likely, ""
        agreed = [one for one in likely if fold(names[one]) == fold(cell.name)]
        if likely and not agreed:
            return [], self.env._(
                "badge %(who)s is %(people)s, but the line names %(name)s",
                who=cell.who,
                people=self._called(likely, names),
                name=cell.name,
            )
        return agreed, ""

    def _called(self, employees, names):
        return self.env._(" or ").join(names[one] for one in employees)

    @api.model
    def _shift(self, text, shifts):
        """The shifts a text names; empty for a day off, None for one that means nothing."""
        if text in shifts:
            return shifts[text]
        parts = [shifts.get(part.strip()) for part in text.split(TOGETHER)]
        return self.env["biometric.shift"].union(*parts) if all(parts) else None

    def _fault(self, cell, found, shift):
        if not found:
            return self.env._("no employee '%s'", cell.who)
        if len(found) > 1:
            return self.env._("several employees are called '%s': use the badge", cell.who)
        if shift is None:
            return self.env._("no shift '%s'", cell.shift)
        return None

    def _people(self):
        """`({text: [employee]}, the same of numbers without their first zeros, {employee: name})`:
        badge before registration number before name."""
        known, but_zeros = {}, defaultdict(list)
        employees = self._employees()
        for field in [*(name for name in NUMBERS if name in employees._fields), "name"]:
            named = defaultdict(list)
            for person in employees:
                if text := (person[field] or "").strip().casefold():
                    named[text].append(person.id)
                    if field == "barcode" and text.isdigit():
                        but_zeros[text.lstrip("0")].append(person.id)
            known = {**named, **known}
        return known, but_zeros, {person.id: person.name for person in employees}

    def _shifts(self):
        """`{text: shift}`: code before name before the words for a day off."""
        shifts = self.env["biometric.shift"]
        known = dict.fromkeys(roster_csv.DAY_OFF, shifts)
        own = shifts.search([("company_id", "=", self.env.company.id)])
        for field in ("name", "code"):
            known |= {shift[field].casefold(): shift for shift in own if shift[field]}
        return known

    def _fault_text(self, faults):
        shown = [
            self.env._("line %(line)s: %(fault)s", line=line, fault=fault)
            for line, fault in faults[:SHOWN_FAULTS]
        ]
        if len(faults) > SHOWN_FAULTS:
            shown.append(self.env._("and %s more", len(faults) - SHOWN_FAULTS))
        return "\n".join(shown)

    # ------------------------------------------------------------------ the roster

    def _keep(self, wishes):
        """Bring the roster in step with the file on the dates it names; what is right stays."""
        days = [day for _employee, day in wishes]
        people = {employee for employee, _day in wishes}
        added, replaced, same = self.env["biometric.roster"]._bring_in_step(wishes)
        return {
            "added_count": len(added),
            "removed_count": len(replaced),
            "same_count": len(same),
            "found": {
                "added": added.ids,
                "replaced": replaced,
                "same": same.ids,
                "people": sorted(people),
            },
            "employee_count": len(people),
            "date_from": min(days),
            "date_to": max(days),
        }
