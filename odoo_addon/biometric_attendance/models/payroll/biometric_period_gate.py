"""The gate of a pay period in Odoo: the facts that the engine's gate judges, and the screen that
mends each blocker.

Owns where each fact is read and which screen answers for it. Which of them block, and which two
people may let pass, is the engine's.
"""

from collections import Counter
from datetime import datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from odoo import fields
from odoo.exceptions import AccessError

from ...engine import formats, gate, payroll

ADDON = "biometric_attendance"


class Gate(NamedTuple):
    """blockers: by minutes at risk, the most first; minutes: of each, in the same order."""

    blockers: list
    minutes: list


class PeriodGate:
    """Of biometric.period: its gate. Mixed into its one class."""

    __slots__ = ()

    def _gate(self, deep=False):
        """deep: every day is computed once more and compared; a difference becomes a finding."""
        found = gate.by_risk(self.sudo()._gate_facts(deep))
        return Gate([one for one, _minutes in found], [minutes for _one, minutes in found])

    def _gate_facts(self, deep):
        self.ensure_one()
        self.env.flush_all()
        people = self._paid_people()
        days = self._gate_days(people.ids)
        differs = self._differing(people.ids) if deep else set()
        asked = self._days_asked(people.ids)
        by_person = Counter()
        for row in days:
            by_person[row["employee_id"]] += row["minutes"]
        missing, shared, unfit = self._number_faults(people.browse(by_person))
        classes = self._unmapped(people.ids)
        devices, gaps = self._unproven()
        findings = self._findings()
        waiting = self.env["biometric.stale.day"]._waiting(
            self.company_id, self.date_from, self.date_to
        )
        at_device = self._minutes_at(devices.ids + gaps.device_id.ids, people.ids)
        return gate.GateFacts(
            days=tuple(self._gate_day(row, asked, differs) for row in days),
            devices_behind=tuple(f"device:{one.id}" for one in devices),
            open_gaps=tuple(f"gap:{one.id}" for one in gaps),
            unmapped_employees=tuple(f"employee:{one}" for one in missing),
            shared_numbers=tuple(f"employee:{one}" for one in shared),
            unfit_numbers=tuple(f"employee:{one}" for one in unfit),
            unmapped_classes=tuple(classes),
            findings=tuple(f"finding:{one.id}" for one in findings),
            waiting=("waiting",) if waiting else (),
            minutes_of=(
                *((f"employee:{one}", minutes) for one, minutes in by_person.items()),
                *((f"device:{one.id}", at_device[one.id]) for one in devices),
                *((f"gap:{one.id}", at_device[one.device_id.id]) for one in gaps),
                *classes.items(),
            ),
        )

    @staticmethod
    def _gate_day(row, asked, differs):
        key = (row["employee_id"], row["date"])
        return {
            "employee": f"employee:{row['employee_id']}",
            "date": row["date"].isoformat(),
            "status": row["status"],
            "minutes": row["minutes"],
            "overtime_unapproved_minutes": row["overtime_unapproved_minutes"] or 0,
            "open_adjustment": key in asked["open_adjustment"],
            "open_attestation": key in asked["open_attestation"],
            "differs": key in differs,
        }

    def _gate_days(self, people):
        self.env.cr.execute(
            """SELECT employee_id, date, status, overtime_unapproved_minutes,
                      GREATEST(worked_minutes, scheduled_minutes, 0) AS minutes
                 FROM biometric_day
                WHERE company_id = %s AND employee_id = ANY(%s) AND date BETWEEN %s AND %s""",
            (self.company_id.id, people, self.date_from, self.date_to),
        )
        return self.env.cr.dictfetchall()

    def _days_asked(self, people):
        """`{reason: {(employee_id, date)}}` of days about which somebody still has to answer. Of
        everybody, who left among them: whose days are looked at, the days say."""
        dates = self.env["biometric.export"].new(
            {"company_id": self.company_id.id, "date_from": self.date_from, "date_to": self.date_to}
        )
        self.env.cr.execute(
            """SELECT employee_id, date FROM biometric_adjustment
                WHERE state = 'submitted' AND employee_id = ANY(%s) AND date BETWEEN %s AND %s""",
            (people, self.date_from, self.date_to),
        )
        return {
            "open_adjustment": set(self.env.cr.fetchall()),
            "open_attestation": {
                (one["employee_id"], one["date"])
                for one in self.env["biometric.attestation"].unanswered(self.company_id, dates)
            }
            if "biometric.attestation" in self.env
            else set(),
        }

    def _differing(self, people):
        """`{(employee_id, date)}` of days that are not what their punches give; each is a finding
        now, whatever becomes of this transaction."""
        verdict = self._verdict(people)
        if verdict.wrong:
            self.env["biometric.export"].new({"company_id": self.company_id.id})._keep_findings(
                verdict.wrong
            )
        return {(one.employee_id, one.date) for one in verdict.wrong}

    def _verdict(self, people):
        """What comparing every day of these people with the engine's answer gives (sudo)."""
        return self.env["biometric.day.check"]._verify(
            self.company_id, people, self.date_from, self.date_to
        )

    def _number_faults(self, employees):
        """`(ids without a payroll number, ids that share one, ids whose number the payroll program
        does not take)`."""
        numbers = self.env["biometric.payroll.number"]
        people, _salaried = numbers._people(self.company_id, employees, self.date_to)
        count = Counter(person.number for person in people.values())
        program = self._profile().program
        return (
            [one.id for one in employees if one.id not in people],
            [one for one, person in people.items() if count[person.number] > 1],
            [one for one, person in people.items() if not formats.fits(program, person.number)],
        )

    def _unmapped(self, people):
        """`{"class:<rule set>:<class>" or "code:<profile>:<pay code>": minutes}` of what has no
        code."""
        sums = ", ".join(f"sum({field}) AS {name}" for name, field in payroll.TOLD_FIELDS.items())
        self.env.cr.execute(
            f"""SELECT rule_id, {sums} FROM biometric_day
                 WHERE company_id = %s AND employee_id = ANY(%s) AND date BETWEEN %s AND %s
                   AND NOT COALESCE(is_blocking, FALSE)
              GROUP BY rule_id""",
            (self.company_id.id, people, self.date_from, self.date_to),
        )
        rows, found, profile = self.env.cr.dictfetchall(), Counter(), self._profile()
        known = set(profile._codes()) if profile else None
        for row in rows:
            rule = self.env["biometric.rule"].browse(row["rule_id"])
            codes = (rule._rule_set().codes if rule else None) or payroll.DEFAULT_CODES
            for name in payroll.DEFAULT_CODES:
                if not row[name]:
                    continue
                if name not in codes:
                    found[f"class:{rule.id}:{name.removesuffix('_minutes')}"] += row[name]
                elif known is not None and codes[name] not in known:
                    found[f"code:{profile.id}:{codes[name]}"] += row[name]
        for code, minutes in self._told_beside(people) if profile else ():
            if code not in known:
                found[f"code:{profile.id}:{code}"] += minutes
        return dict(found)

    def _told_beside(self, people):
        """`[(pay code, minutes)]` that a file tells beside the minutes of days: what statements
        owe, and banked time that is paid."""
        self.env.cr.execute(
            """SELECT one->>0, sum((one->>1)::integer)
                 FROM biometric_day d
                CROSS JOIN LATERAL jsonb_array_elements(d.derivation->'premiums') one
                WHERE d.company_id = %s AND d.employee_id = ANY(%s) AND d.date BETWEEN %s AND %s
                  AND NOT COALESCE(d.is_blocking, FALSE)
             GROUP BY 1""",
            (self.company_id.id, people, self.date_from, self.date_to),
        )
        told = self.env.cr.fetchall()
        unpaid = self.env["biometric.export.day"]._unpaid_entries(
            self.company_id, self.date_to, people
        )
        account = self.env["biometric.cto.account"]
        for entry in unpaid:
            code = payroll.payout_code(account._rules_on(entry.employee_id, entry.date))
            if code:
                told.append((code, -entry.minutes))
        return told

    def _unproven(self):
        """`(devices not complete past the end, open gaps in the period)`."""
        zone = ZoneInfo(self.company_id._biometric_zone())
        begin = _utc(self.date_from, zone)
        end = _utc(self.date_to + timedelta(days=1), zone)
        devices = self.env["biometric.device"].search(
            [
                ("company_id", "=", self.company_id.id),
                ("state", "=", "active"),
                ("in_service_from", "<", end),
                "|",
                ("complete_until", "=", False),
                ("complete_until", "<", end),
            ],
            limit=1000,
        )
        gaps = self.env["biometric.gap"].search(
            [
                ("company_id", "=", self.company_id.id),
                ("state", "=", "open"),
                ("window_from", "<", end),
                "|",
                ("window_to", "=", False),
                ("window_to", ">", begin),
            ],
            limit=1000,
        )
        return devices, gaps

    def _findings(self):
        return self.env["biometric.audit.finding"].search(
            [
                ("company_id", "=", self.company_id.id),
                ("explained_at", "=", False),
                ("gone_at", "=", False),
            ],
            limit=1000,
        )

    def _minutes_at(self, devices, people):
        """`{device_id: minutes due in the period of those who punch there}`."""
        found = Counter()
        if devices:
            self.env.cr.execute(
                """SELECT u.device_id, sum(d.scheduled_minutes) FROM biometric_day d
                     JOIN (SELECT DISTINCT device_id, employee_id FROM biometric_device_user
                            WHERE device_id = ANY(%s) AND employee_id = ANY(%s)) u
                       ON u.employee_id = d.employee_id
                    WHERE d.company_id = %s AND d.date BETWEEN %s AND %s GROUP BY u.device_id""",
                (devices, people, self.company_id.id, self.date_from, self.date_to),
            )
            found.update({device: int(minutes or 0) for device, minutes in self.env.cr.fetchall()})
        return found

    # ------------------------------------------------------------------ in words, and where to mend

    def _why(self, reason):
        return {
            "overtime_unapproved": self.env._("overtime not approved"),
            "open_adjustment": self.env._("request not decided"),
            "open_attestation": self.env._("not confirmed by the employee"),
            "day_not_as_computed": self.env._("day does not match its punches"),
            "employee_not_mapped": self.env._("no payroll number"),
            "number_shared": self.env._("shares a payroll number"),
            "number_unfit": self.env._("payroll number not accepted by the program"),
            "class_not_mapped": self.env._("no pay code"),
            "device_not_complete": self.env._("not complete beyond the end"),
            "gap_open": self.env._("gap not accepted"),
            "chain_not_verified": self.env._("finding not explained"),
            "days_being_computed": self.env._("days are being computed"),
        }.get(reason) or dict(
            self.env["biometric.day"]._fields["status"]._description_selection(self.env)
        ).get(reason, reason)

    def _names_of(self, blockers):
        """`{blocker: name of what it is about}`."""
        ids = {}
        for what, _date, _reason in blockers:
            kind, _colon, rest = what.partition(":")
            if rest.isdigit():
                ids.setdefault(kind, set()).add(int(rest))
        names = {}
        for kind, model in MODELS.items():
            records = self.env[model].sudo().with_context(active_test=False)
            for one in records.browse(sorted(ids.get(kind, ()))).exists():
                # the name of a finding is the word of a program; where it is says more
                name = one.place if kind == "finding" else one.display_name
                names[f"{kind}:{one.id}"] = name
        return {one: names.get(one[0]) or self._plain_name(one[0]) for one in blockers}

    def _plain_name(self, what):
        kind, number, name = [*what.split(":", 2), "", ""][:3]
        if kind == "class":
            rule = self.env["biometric.rule"].sudo().browse(int(number)).exists()
            field = self.env["biometric.day"]._fields.get(f"{name}_minutes")
            label = field._description_string(self.env) if field else name
            return f"{label} ({rule.name})" if rule else label
        return name if kind == "code" else ""

    def _mended_by(self, what, on):
        """Who resolves a blocker whose screen this user may not open; "" where they may."""
        kind = what.partition(":")[0]
        if on or kind not in OPENED or self.env[OPENED[kind]].has_access("read"):
            return ""
        if kind == "finding":
            return self.env._("HR officer or administrator")
        return self.env._("Payroll officer")

    def action_mend(self, what, on, reason):
        """The screen that resolves a blocker."""
        self.ensure_one()
        self._check_may_look()
        if who := self._mended_by(what, on):
            raise AccessError(self.env._("This is fixed by: %s.", who))
        kind, number, _name = [*what.split(":", 2), "", ""][:3]
        record_id = int(number) if number.isdigit() else 0
        if on and reason == "open_adjustment":
            return self._screen(
                "biometric_adjustment_action",
                domain=[("employee_id", "=", record_id), ("date", "=", on)],
            )
        if on:
            return self._screen(
                "biometric_day_action", domain=[("employee_id", "=", record_id), ("date", "=", on)]
            )
        if kind == "employee":
            return self._screen(
                "biometric_payroll_number_action",
                domain=[("employee_id", "=", record_id)],
                context={"default_employee_id": record_id},
            )
        if kind == "waiting":
            return self._screen(
                "biometric_day_action",
                domain=[("date", ">=", self.date_from), ("date", "<=", self.date_to)],
            )
        action = self._screen(SCREENS[kind], domain=[("id", "=", record_id)])
        if kind in FORMS:
            action |= {"res_id": record_id, "views": [(False, "form")]}
        return action

    def _screen(self, name, **values):
        action = self.env["ir.actions.act_window"]._for_xml_id(f"{ADDON}.{name}")
        return action | {"context": {}} | values


MODELS = {
    "employee": "hr.employee",
    "device": "biometric.device",
    "gap": "biometric.gap",
    "finding": "biometric.audit.finding",
}
# What is opened of them, for who may; days and requests are open to whoever sees the gate.
OPENED = {
    "employee": "biometric.payroll.number",
    "finding": "biometric.audit.finding",
    "code": "biometric.payroll.profile",
}
SCREENS = {
    "device": "biometric_device_action",
    "gap": "biometric_gap_action",
    "finding": "biometric_audit_finding_action",
    "class": "biometric_rule_action",
    "code": "biometric_payroll_profile_action",
}
FORMS = ("device", "class", "code")


def _utc(day, zone):
    """Midnight of a date in a zone as naive UTC."""
    return fields.Datetime.to_datetime(
        datetime.combine(day, time(), zone).astimezone(ZoneInfo("UTC")).replace(tzinfo=None)
    )
