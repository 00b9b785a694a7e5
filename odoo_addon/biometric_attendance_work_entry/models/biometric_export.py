"""The lines of a payroll file as work entries of Odoo: one per person, date and pay code.

Owns which type a pay code is, how a correction changes what was posted, and what work entries
cannot say. The minutes are the file's.
"""

from collections import Counter, defaultdict

from odoo import fields, models
from odoo.exceptions import UserError

from odoo.addons.biometric_attendance.models.mixins.biometric_words import shown

# Odoo makes the entries of time off itself.
TIME_OFF = "leave"
# Types that Odoo brings, for our usual codes; a type with the code as its external code goes first.
USUAL = {
    "REG": "hr_work_entry.work_entry_type_attendance",
    "OT": "hr_work_entry.work_entry_type_overtime",
}
# Longest work entry, in minutes.
MOST = 24 * 60


class BiometricExport(models.Model):
    _inherit = "biometric.export"

    posting_ids = fields.One2many("hr.work.entry.posting", "export_id", readonly=True)

    def action_post_work_entries(self):
        self.ensure_one()
        self.env["biometric.period"]._check_payroll()
        self.check_access("write")
        self._post_work_entries()
        return self.action_open_work_entries()

    def action_open_work_entries(self):
        self.ensure_one()
        self.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Work entries"),
            "res_model": "hr.work.entry.posting",
            "view_mode": "list,form",
            "domain": [("export_id", "=", self.id)],
        }

    def _post_work_entries(self):
        """Entries of what the file tells; all of it or nothing. UserError names what is missing."""
        self.ensure_one()
        if self.state != "done":
            raise UserError(self.env._("%s has no file yet.", self.name))
        if self.sudo().posting_ids:
            raise UserError(self.env._("%s was posted as work entries already.", self.name))
        told, left = self._told_work()
        self._check_sources(told)
        types = self._types({code for _who, _day, code in told})
        count = self._lay_entries(told, types, left)
        posting = {
            "export_id": self.id,
            "company_id": self.company_id.id,
            "posted_at": fields.Datetime.now(),
            "user_id": self.env.uid,
            "entry_count": count,
            "minutes": sum(told.values()),
            "left_text": "\n".join(left) or False,
        }
        self.env["hr.work.entry.posting"].sudo().create(posting)
        self.env["biometric.audit"].sudo()._record(
            "work_entries.post", self, None, {"entries": count, "left": left}
        )

    def _told_work(self):
        """`({(employee, date, code): minutes}, [what cannot be told])` of the file, time off left
        out."""
        told, left = Counter(), []
        rows = self.env["biometric.export.day"].sudo().search([("export_id", "=", self.id)])
        for row in rows:
            for key, minutes in (row.minutes or {}).items():
                code, _bar, pay_class = key.partition("|")
                if pay_class == TIME_OFF or not minutes:
                    continue
                if row.state == "payout":
                    left.append(self._left(row.employee_id, row.date, code, minutes))
                    continue
                told[row.employee_id, row.date, code] += minutes
        return Counter({key: minutes for key, minutes in told.items() if minutes}), left

    def _left(self, employee, day, code, minutes):
        return self.env._(
            "%(who)s, %(date)s: %(code)s %(minutes)s minutes",
            who=employee.name,
            date=fields.Date.to_string(day),
            code=code,
            minutes=minutes,
        )

    def _check_sources(self, told):
        """Nobody's time comes from the schedule and from the file too."""
        others = {
            employee.name
            for employee, day, _code in told
            if employee.sudo()._get_version(day).work_entry_source != "biometric"
        }
        if others:
            raise UserError(
                self.env._(
                    "Odoo makes the work entries of these people from their schedule; with the "
                    "file's they would be paid twice: %s. Set the source of their work entries to "
                    "Biometric attendance on the employee, under Payroll.",
                    ", ".join(shown(sorted(others))),
                )
            )

    def _types(self, codes):
        """`{pay code: hr.work.entry.type}`; refused with all that have none, or more than one."""
        types = self.env["hr.work.entry.type"].sudo()
        country = self.company_id.country_id
        found, wrong = {}, []
        for code in sorted(codes):
            domain = [("external_code", "=", code), ("country_id", "in", [False, country.id])]
            own = types.search(domain, limit=2)
            if not own and code in USUAL:
                own = types.env.ref(USUAL[code], raise_if_not_found=False) or own
            if len(own) == 1:
                found[code] = own
            else:
                wrong.append(code)
        if wrong:
            raise UserError(
                self.env._(
                    "These pay codes have no work entry type, or more than one: %s. Give one type "
                    "each of them as its external code.",
                    ", ".join(wrong),
                )
            )
        return found

    def _lay_entries(self, told, types, left):
        """Number of entries made, changed or taken away. What is in a payslip already stays: more
        time comes as an entry of the last date of the file, less is left to a person."""
        entries = self.env["hr.work.entry"].sudo()
        posted, count, values = self._posted(told), 0, []
        for (employee, day, code), minutes in sorted(
            told.items(), key=lambda item: (item[0][0].id, item[0][1:])
        ):
            own = posted.get((employee, day, code), entries)
            free = own.filtered(lambda one: one.state != "validated")
            total = minutes + round(sum(free.mapped("duration")) * 60)
            if own and not free:
                if minutes < 0:
                    left.append(self._left(employee, day, code, minutes))
                    continue
                day = self.date_to
            elif free:
                count += len(free)
                free.with_context(hr_work_entry_no_check=True).unlink()
            if total < 0:
                left.append(self._left(employee, day, code, total))
            elif total > MOST:
                left.append(self._left(employee, day, code, total - MOST))
            if total > 0:
                values.append(self._entry(employee, day, code, types[code], min(total, MOST)))
        entries.create(values)
        return count + len(values)

    def _entry(self, employee, day, code, kind, minutes):
        return {
            "name": f"{kind.name}: {employee.name}",
            "employee_id": employee.id,
            "version_id": employee.sudo()._get_version(day).id,
            "company_id": self.company_id.id,
            "date": day,
            "duration": minutes / 60,
            "work_entry_type_id": kind.id,
            "biometric_export_id": self.id,
            "biometric_pay_code": code,
        }

    def _posted(self, told):
        """`{(employee, date, code): entries}` that earlier files posted."""
        found = defaultdict(self.env["hr.work.entry"].sudo().browse)
        if not told:
            return found
        days = [day for _who, day, _code in told]
        for entry in (
            self.env["hr.work.entry"]
            .sudo()
            .search(
                [
                    ("employee_id", "in", [who.id for who, _day, _code in told]),
                    ("date", ">=", min(days)),
                    ("date", "<=", max(days)),
                    ("biometric_export_id", "!=", False),
                ]
            )
        ):
            found[entry.employee_id, entry.date, entry.biometric_pay_code] |= entry
        return found
