"""A link for an inspector: the working time of one company in one period, for hours, to read.

Owns whom it was given to and what it opens; each look at it is an entry of the trail. How a link is
made and closed is biometric.secret.link. Must not know pages.
"""

import csv
import io

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ...engine import formats
from ...seams import spreadsheet
from ..mixins.biometric_audited import Concern
from ..mixins.biometric_words import moment_words

# What an inspector's paper shows: start, end and every pause.
LAYOUT = "eu_register"
MOST_HOURS = 72
MOST_DAYS = 366
CSV_HEAD = (
    "employee",
    "date",
    "status",
    "spans_utc",
    "zone",
    "worked_minutes",
    "break_minutes",
    "overtime_minutes",
    "corrections",
)
PAUSE = ("break_minutes", "paid_break_minutes")
OVERTIME = (
    "overtime_minutes",
    "doubletime_minutes",
    "rest_day_overtime_minutes",
    "holiday_overtime_minutes",
)


class BiometricInspection(models.Model):
    _name = "biometric.inspection"
    _description = "Inspector access"
    _inherit = ["biometric.secret.link"]
    _log_access = False
    _order = "id desc"

    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="restrict")
    name = fields.Char("Inspector", required=True, readonly=True, help="Name and authority.")
    reason = fields.Char("Why", required=True, readonly=True)
    date_from = fields.Date("From", required=True, readonly=True)
    date_to = fields.Date("To", required=True, readonly=True)

    @api.model
    def _issue(self, number, hours, **about):
        """A new link; (link, token). about: company, name, reason, date_from, date_to."""
        company, name = about["company"], (about["name"] or "").strip()
        officer = self.env.user.has_group("biometric_attendance.group_hr_officer")
        if not officer or company not in self.env.companies:
            raise AccessError(self.env._("Only HR officers can give an inspector access."))
        if not name:
            raise UserError(self.env._("Name the inspector and the authority."))
        if not 1 <= hours <= MOST_HOURS:
            raise UserError(self.env._("Inspector access lasts from 1 to %s hours.", MOST_HOURS))
        if not 0 <= (about["date_to"] - about["date_from"]).days <= MOST_DAYS:
            raise UserError(self.env._("Choose between one day and one year."))
        reason = self.env["biometric.audited"]._check_reason(about["reason"])
        values = {
            "company_id": company.id,
            "name": name,
            "reason": reason,
            "date_from": about["date_from"],
            "date_to": about["date_to"],
        }
        link, token = self._make(number, values, hours=hours)
        said = self.env["biometric.state"].sudo()._said(link)
        link.sudo(False)._tell_trail("issue", said, reason)
        return link, token

    def _tell_trail(self, step, after=None, reason=None, people=()):
        self.env["biometric.audit"]._record(
            f"inspection.{step}",
            self,
            None,
            after,
            reason,
            company=self.sudo().company_id,
            concern=Concern(frozenset(people), may_refuse=False, decides=False),
        )

    def _tell_closed(self):
        closed = self.env["biometric.state"].sudo()._said(self.sudo())["closed_at"]
        self._tell_trail("close", {"closed_at": closed})

    def action_close(self):
        """Close it at once."""
        self.check_access("read")
        if not self.env.user.has_group("biometric_attendance.group_hr_officer"):
            raise AccessError(self.env._("Only HR officers can close inspector access."))
        self._close()
        return True

    # ------------------------------------------------------------------ what it opens

    def _until_words(self):
        """Until when it opens. The reader's own clock is not known: the company's, by its name."""
        zone = self.company_id._biometric_zone()
        return f"{moment_words(self.env, self.expires_at, zone)} ({zone})"

    def _look(self, what, people=(), **more):
        """One entry a look: what was shown, of whom; of a paper also SHA-256 of its content."""
        self._tell_trail("look", {"what": what, "people": sorted(people), **more}, people=people)

    def _people(self):
        """Whoever has a day in these dates (sudo), by name."""
        records = self.env["biometric.month.record"]
        return records._people(self.company_id, self.date_from, self.date_to).sorted(
            lambda one: (one.name or "", one.id)
        )

    def _registers(self, people):
        """`[(employee, content)]` of these people (sudo), as biometric_month_content.py says."""
        company = self.company_id.id
        spans = [(one.id, company, self.date_from, self.date_to) for one in people]
        return list(
            zip(people, self.env["biometric.month.record"]._contents_of(spans), strict=True)
        )

    def _paper_of(self, employee):
        """`(monthly record of these dates that is kept nowhere, content, digest)` of one of the
        people, for the paper: an inspector's look makes no record of a month and no step of one."""
        records = self.env["biometric.month.record"]
        ((_employee, content),) = self._registers(employee)
        values = {
            "employee_id": employee.id,
            "company_id": self.company_id.id,
            "date_from": self.date_from,
            "date_to": self.date_to,
            "layout": LAYOUT,
        }
        return records.new(values), content, records._digest(content)

    def _signed_record(self, employee):
        """The record of exactly these dates that was kept, if any (sudo): who signed it."""
        return self.env["biometric.month.record"].search(
            [
                ("employee_id", "=", employee.id),
                ("company_id", "=", self.company_id.id),
                ("date_from", "=", self.date_from),
                ("date_to", "=", self.date_to),
            ],
            limit=1,
        )

    @staticmethod
    def _lines(registers):
        """Everybody's days, one line a day: minutes as whole numbers, instants in UTC."""
        for employee, content in registers:
            for day in content["days"]:
                minutes = day["minutes"]
                yield [
                    employee.name or "",
                    day["date"],
                    day["status"],
                    " ".join(f"{start}/{end or ''}" for start, end in day["spans"]),
                    day["zone"],
                    minutes.get("worked_minutes") or 0,
                    sum(minutes.get(name) or 0 for name in PAUSE),
                    sum(minutes.get(name) or 0 for name in OVERTIME),
                    len(day["corrections"]),
                ]

    def _csv(self, registers):
        """Those lines as CSV, a name safe from spreadsheets."""
        file = io.StringIO()
        writer = csv.writer(file)
        writer.writerow(CSV_HEAD)
        for name, *rest in self._lines(registers):
            writer.writerow([formats.human_text(name), *rest])
        return file.getvalue().encode("utf-8-sig")

    def _sheet(self, registers):
        """The same lines as a workbook (XLSX)."""
        return spreadsheet.write([CSV_HEAD, *self._lines(registers)])
