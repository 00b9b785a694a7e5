"""What the period cockpit shows: in one reading the gate, control totals, what is to come, files
and their deliveries; in a second one whether the days are what their punches give.

Owns that picture. Each number has its owner elsewhere; nothing is changed here.
"""

from collections import Counter

from odoo import api, fields
from odoo.exceptions import AccessError
from odoo.tools import format_datetime

from ...engine import gate
from ..mixins.biometric_words import sentence, shown

# Blockers that are sent to the screen, those with most at risk, and the first of each kind, so that
# no count stands without a line; the others are counted.
SHOWN = 60
SHOWN_OF_KIND = 10
# Roles that see what blocks a period.
LOOK = ("payroll_officer", "hr_officer", "auditor")
# Periods to choose from.
CHOICES = 24


class PeriodCockpit:
    """Of biometric.period: its cockpit. Mixed into its one class."""

    __slots__ = ()

    @api.model
    def get_cockpit_data(self, period_id=None):
        """Everything of one period: the one asked for, else the oldest that is over and not
        exported, else the newest. False for `period` where none is laid out."""
        self._check_may_look()
        periods = self.search(
            [("date_from", "<=", self.env.company._biometric_today())],
            order="date_from desc, id",
            limit=CHOICES,
        )
        period = self.browse(period_id).exists() if period_id else periods._to_close()
        if not period:
            return {"period": False, "periods": []}
        period.check_access("read")
        found = period._gate()
        standing = gate.stands(found.blockers, period._passed())
        return {
            "period": period._cockpit_head(),
            "periods": [
                {"id": one.id, "name": one.display_name, "state": one.state}
                for one in periods | period
            ],
            "gate": period._cockpit_gate(found, standing),
            "totals": period._cockpit_totals(),
            "corrections": period._cockpit_corrections(),
            "outside": period._cockpit_outside(),
            "override": period._cockpit_override(),
            "files": period._cockpit_files(),
            "deliveries": period._cockpit_deliveries(),
            "may_close": self.env.user.has_group("biometric_attendance.group_payroll_officer"),
        }

    def get_cockpit_check(self, with_file=False):
        """Every day of the period computed once more and compared, as closing does: how many there
        are, and which are not what their punches give. with_file: also why the file would be
        refused now, by the payroll program for example. Writes nothing; closing makes findings of
        the days."""
        self.ensure_one()
        self._check_may_look()
        verdict = self.sudo()._verdict(self._paid_people().ids)
        people = self.env["hr.employee"].sudo().with_context(active_test=False)
        return {
            "days": verdict.count,
            "count": len(verdict.wrong),
            "refusal": self.sudo()._draft()._refusal() if with_file else "",
            "differs": [
                {
                    "name": people.browse(one.employee_id).name,
                    "date": one.date.isoformat(),
                    "text": one.text,
                }
                for one in verdict.wrong[:CHOICES]
            ],
        }

    @api.model
    def _check_may_look(self):
        """The gate names people of every team."""
        self.check_access("read")
        if not any(self.env.user.has_group(f"biometric_attendance.group_{one}") for one in LOOK):
            raise AccessError(self.env._("Payroll, HR and auditors see what blocks a period."))

    def action_open_cockpit(self):
        self.ensure_one()
        self._check_may_look()
        action = self.env["ir.actions.client"]._for_xml_id(
            "biometric_attendance.biometric_period_cockpit_action"
        )
        return action | {"params": {"period_id": self.id}}

    def _to_close(self):
        today = self.env.company._biometric_today()
        over = self.filtered(lambda one: one.date_to < today and one.state != "exported")
        return over[-1:] or self[:1]

    def _cockpit_head(self):
        return {
            "id": self.id,
            "name": self.display_name,
            "state": self.state,
            "state_label": dict(self._fields["state"]._description_selection(self.env))[self.state],
            "date_from": self.date_from.isoformat(),
            "date_to": self.date_to.isoformat(),
            "is_over": self.date_to < self.company_id._biometric_today(),
            "profile": self._profile().name or "",
        }

    def _cockpit_gate(self, found, standing):
        stand, kinds = set(standing), {}
        for one, minutes in zip(found.blockers, found.minutes, strict=True):
            if one not in stand:
                continue
            kind = kinds.setdefault(one[2], {"reason": one[2], "count": 0, "minutes": 0})
            kind["count"] += 1
            kind["minutes"] += minutes
        for reason, kind in kinds.items():
            kind |= {
                "label": sentence(self._why(reason)),
                "may_pass": reason not in gate.MUST_BE_MENDED,
            }
        told = self._told_of([pair for pair in zip(*found, strict=True) if pair[0] in stand])
        names = self._names_of([one for one, _minutes in told])
        return {
            "open": len(standing),
            "passed": len(found.blockers) - len(standing),
            "kinds": sorted(kinds.values(), key=lambda kind: -kind["minutes"]),
            "blockers": [
                {
                    "what": one[0],
                    "date": one[1],
                    "reason": one[2],
                    "name": names[one],
                    "label": sentence(self._why(one[2])),
                    "minutes": minutes,
                    "by": self._mended_by(one[0], one[1]),
                }
                for one, minutes in told
            ],
            "more": len(standing) - len(told),
        }

    @api.model
    def _told_of(self, pairs):
        """Those of (blocker, minutes) that are listed, in the order they come in."""
        told, of_kind = [], Counter()
        for number, (blocker, minutes) in enumerate(pairs):
            of_kind[blocker[2]] += 1
            if number < SHOWN or of_kind[blocker[2]] <= SHOWN_OF_KIND:
                told.append((blocker, minutes))
        return told

    def _cockpit_corrections(self):
        """What changed before the period since it was exported, and goes into the next file."""
        changed = self._changed_before()
        by_person = Counter()
        for employee_id, _day, minutes in changed:
            by_person[employee_id] += minutes
        return {
            "days": len(changed),
            "people": len(by_person),
            "minutes": sum(by_person.values()),
        }

    def _cockpit_outside(self):
        """People with days in the period whom no group of the company pays: a file that leaves
        somebody out reports no error."""
        groups = self.env["biometric.period.group"].sudo()._in_use(self.company_id)
        if groups.filtered(lambda one: not one.department_ids):
            return {"count": 0, "names": ""}
        self.env.flush_all()
        self.env.cr.execute(
            """SELECT DISTINCT employee_id FROM biometric_day
                WHERE company_id = %s AND date BETWEEN %s AND %s""",
            (self.company_id.id, self.date_from, self.date_to),
        )
        people = self.env["hr.employee"].sudo().browse(row[0] for row in self.env.cr.fetchall())
        found = people.exists().filtered(
            lambda one: one.company_id == self.company_id and not groups._nearest(one.department_id)
        )
        return {"count": len(found), "names": ", ".join(shown(sorted(found.mapped("name"))))}

    def _cockpit_override(self):
        period = self.sudo()
        if not period.override_asked_by_id:
            return False
        user = self.env.user
        return {
            "reason": period.override_reason,
            "asked_by": period.override_asked_by_id.name,
            "confirmed_by": period.override_confirmed_by_id.name or "",
            "count": len(period.override_blockers or ()),
            "may_confirm": not period.override_confirmed_by_id
            and period.override_asked_by_id != user
            and (
                user.has_group("biometric_attendance.group_payroll_officer")
                or user.has_group("biometric_attendance.group_hr_officer")
            ),
        }

    def _cockpit_files(self):
        """None to whoever may not read payroll files: HR sees the gate alone."""
        exports = self.env["biometric.export"]
        if not exports.has_access("read"):
            return []
        return [
            {
                "id": one.id,
                "name": one.name,
                "sha256": one.sha256,
                "lines": one.line_count,
                "people": one.employee_count,
                "minutes": one.total_minutes,
                "by": one.generated_by_id.name,
                "at": format_datetime(self.env, one.generated_at, dt_format="short"),
                "program": one.program_filename or "",
            }
            for one in exports.search([("period_id", "=", self.id)], limit=CHOICES)
        ]

    def _waits_for(self, delivery):
        """Why one waits that was never tried: its target is new or was changed."""
        usable_at = delivery.target_id.sudo().usable_at
        if delivery.state != "waiting" or not usable_at or usable_at <= fields.Datetime.now():
            return ""
        return self.env._(
            "Sent from %s on, or as soon as a second administrator confirms the destination.",
            format_datetime(self.env, usable_at, dt_format="short"),
        )

    def _cockpit_deliveries(self):
        """Newest first; none to whoever may not read them."""
        deliveries = self.env["biometric.delivery"]
        if not deliveries.has_access("read"):
            return []
        states = dict(deliveries._fields["state"]._description_selection(self.env))
        return [
            {
                "id": one.id,
                "where": one.target_name,
                "file": one.export_id.name,
                "state": one.state,
                "state_label": states[one.state],
                "at": one.sent_at and format_datetime(self.env, one.sent_at, dt_format="short"),
                "bytes": one.sent_bytes,
                "answer": one.answer or self._waits_for(one),
            }
            for one in deliveries.search([("export_id.period_id", "=", self.id)], limit=CHOICES)
        ]
