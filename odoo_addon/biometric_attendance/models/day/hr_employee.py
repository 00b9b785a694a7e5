"""Employees as the day room sees them: whether their attendances are projected, and their days."""

from odoo import api, fields, models
from odoo.fields import Domain

from ...seams.sql_attendance import ATTENDANCES


class HrEmployee(models.Model):
    _inherit = "hr.employee"

    biometric_projected = fields.Boolean(
        "Attendances come from terminals", readonly=True, copy=False, groups="hr.group_hr_user"
    )

    @api.depends("attendance_ids")
    def _compute_last_attendance_id(self):
        """Odoo searches for each person; where many attendances are shown at once, one statement
        tells of all."""
        if len(self) < 2 or not all(isinstance(one, int) for one in self._ids):
            return super()._compute_last_attendance_id()
        self.env["hr.attendance"].flush_model(["employee_id", "check_in"])
        self.env.cr.execute(
            f"""SELECT DISTINCT ON (a.employee_id) a.employee_id, a.id FROM {ATTENDANCES} a
                 WHERE a.employee_id = ANY(%s) ORDER BY a.employee_id, a.check_in DESC""",
            (list(self._ids),),
        )
        latest = dict(self.env.cr.fetchall())
        for employee in self:
            employee.last_attendance_id = latest.get(employee.id, False)
        return None

    @api.model_create_multi
    def create(self, vals_list):
        employees = super().create(vals_list)
        for employee in employees.sudo().filtered(lambda one: not one.active):
            employee._biometric_note_archiving()
        return employees

    def write(self, vals):
        turned = self.filtered(lambda one: "active" in vals and one.active != vals["active"])
        last_days = {one.id: one.sudo()._biometric_last_day() for one in turned}
        company_id, result = vals.get("company_id"), True
        moved = self.filtered(lambda one: company_id and one.company_id.id != company_id)
        if moved:
            for employee in moved:
                employee._biometric_move(vals)
            if stayed := self - moved:
                result = super(HrEmployee, stayed).write(vals)
        else:
            result = super().write(vals)
        for employee in turned.sudo():
            if employee.active:
                breaks = self.env["biometric.employment.break"].sudo()
                breaks._end(employee, employee._biometric_now(), last_days[employee.id])
            else:
                employee._biometric_note_archiving()
        if vals.get("departure_date"):
            breaks = self.env["biometric.employment.break"].sudo()
            breaks._follow_departure(self.sudo().filtered(lambda one: not one.active))
        return result

    def _biometric_note_logins(self, before):
        """What a person vouches for hangs on who they are when they log in."""
        changed = super()._biometric_note_logins(before)
        users = {before[one.id][0] for one in changed if one.id in before}
        users |= set(changed.sudo().resource_id.user_id.ids)
        if users and (punches := self.env["biometric.punch"]._vouched_by(users)):
            self.env["biometric.stale.day"].sudo()._mark_punches(punch_ids=punches)
        return changed

    @api.ondelete(at_uninstall=False)
    def _unlink_whom_no_rule_set_names(self):
        self.env["biometric.rule"]._refuse_unlink_of_named("employee_ids", self)

    def _biometric_move(self, vals):
        """One person goes to another company, today. Days of before keep what counted then: a
        contract version of its own begins, so that a new schedule or department is no news of the
        past."""
        person = self.sudo()
        before, today = (person.company_id, person.tz), person._biometric_now()
        employee = self
        if person.env["biometric.day"].search_count([("employee_id", "=", self.id)], limit=1):
            version = person.create_version({"date_version": today})
            employee = self.with_context(version_id=version.id)
        super(HrEmployee, employee).write(dict(vals))
        person.env["biometric.employment.company"]._note_move(person, before, today)
        why = self.env._("Moved to %s", person.company_id.name)
        with person.env["biometric.audited"]._because(why):
            person.env["biometric.device.user"]._follow_move(person, today)

    def unlink(self):
        """A person's roster, and what was noted of employment, end through the trail, not by the
        tables' own cascades."""
        self.check_access("unlink")
        own = [("employee_id", "in", self.ids)]
        self.env["biometric.roster"].sudo().search(own).unlink()
        for name in ("biometric.employment.break", "biometric.employment.company"):
            for row in self.env[name].sudo().search(own):
                row._audit("remove", row._audit_values(), None)
        return super().unlink()

    def _biometric_note_archiving(self):
        self.env["biometric.employment.break"].sudo()._begin(self, self._biometric_now())

    def _biometric_now(self):
        return self._biometric_date_of(fields.Datetime.now())

    def _biometric_last_day(self):
        """Last day of an archived person of whom no time outside employment was noted: that of the
        last change."""
        self.ensure_one()
        return self._biometric_date_of(self.write_date)

    def _biometric_date_of(self, moment):
        """The date of an instant where the person works, whoever asks."""
        zone = self.resource_calendar_id.tz or self.tz or "UTC"
        return fields.Datetime.context_timestamp(self.with_context(tz=zone), moment).date()

    @api.model
    def _search(self, domain, *args, **kwargs):
        if self.env.context.get("biometric_skip_projected"):
            domain = Domain(domain) & Domain("biometric_projected", "=", False)
        return super()._search(domain, *args, **kwargs)

    def action_open_biometric_days(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "biometric_attendance.biometric_day_action"
        )
        return dict(action, domain=[("employee_id", "=", self.id)], context={})
