"""Which days a produced payroll file holds, with how many minutes, and which it left out.

Owns the rule that a day stands in one regular file only, of whichever company: a unique index keeps
it, whoever produces at the same moment. Written with the file, never changed. What the minutes are
is the file's.
"""

from collections import defaultdict
from datetime import date

from psycopg2.extras import execute_values

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..day.biometric_day import STATUS_LABELS


class BiometricExportDay(models.Model):
    _name = "biometric.export.day"
    _description = "Day of a payroll file"
    _order = "export_id desc, employee_id, date"
    _rec_name = "date"
    _inherit = ["biometric.append.only", "biometric.look"]
    _log_access = False

    export_id = fields.Many2one(
        "biometric.export", "File", required=True, readonly=True, ondelete="restrict", index=True
    )
    company_id = fields.Many2one("res.company", required=True, readonly=True)
    employee_id = fields.Many2one(
        "hr.employee", required=True, readonly=True, ondelete="restrict", index=True
    )
    date = fields.Date(required=True, readonly=True)
    state = fields.Selection(
        [
            ("paid", "In the file"),
            ("changed", "Difference in the file"),
            ("left_out", "Left out"),
            ("elsewhere", "In a file of another company"),
            ("payout", "Banked time paid"),
        ],
        required=True,
        readonly=True,
    )
    status = fields.Selection(
        list(STATUS_LABELS.items()),
        "Status at export",
        readonly=True,
        help="Status of the day when the file was produced.",
    )
    minutes = fields.Json(
        "Minutes by code", readonly=True, help="Minutes in the file by pay code and class."
    )
    factors = fields.Json(
        "Factor by code",
        readonly=True,
        help="With the same names; only those the rule set pays at a different rate.",
    )
    total_minutes = fields.Integer("Minutes", readonly=True)
    payroll_number = fields.Char(
        "Payroll number",
        readonly=True,
        help="Number the file uses for the person; empty in older files without numbers.",
    )
    rule_name = fields.Char("Rule set", readonly=True, help="Name and version that computed it.")

    cto_entry_id = fields.Many2one(
        "biometric.cto.entry", "Payout", readonly=True, ondelete="restrict"
    )

    _payout_once = models.UniqueIndex(
        "(cto_entry_id) WHERE cto_entry_id IS NOT NULL",
        "This payout is already in a payroll file.",
    )
    _once = models.UniqueIndex(
        "(employee_id, date) WHERE state = 'paid'",
        "A day of this period is already in a payroll file.",
    )

    @api.model_create_multi
    def create(self, _vals_list):
        raise AccessError(self.env._("The content of a payroll file is created with the file."))

    def _day(self):
        return self.env["biometric.day"].search(
            [("employee_id", "=", self.employee_id.id), ("date", "=", self.date)], limit=1
        )

    def action_proof(self):
        """One JSON for an outsider: punches, decisions and files of the day, the trail's head."""
        self.ensure_one()
        self.check_access("read")
        day = self._day()
        if not day:
            raise UserError(
                self.env._("The day no longer exists: only the content of the file remains.")
            )
        return day.action_evidence()

    def action_open_day(self):
        """The day as it stands now."""
        self.ensure_one()
        self.check_access("read")
        found = self._day()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "biometric_attendance.biometric_day_action"
        )
        return action | {"res_id": found.id, "views": [(False, "form")], "context": {}}

    # ------------------------------------------------------------------ what is in which file

    @api.model
    def _standing(self, export):
        """Rows of earlier files on dates that this one tells, and of its people alone where it has
        a period: of its company, and of any other that once held what are its days now."""
        self.env.flush_all()
        people, earlier = export._people_ids(), export._earlier()
        self.env.cr.execute(
            """SELECT d.export_id, d.company_id = %(company)s, d.employee_id, d.date, d.minutes,
                      e.name, d.factors
                 FROM biometric_export_day d JOIN biometric_export e ON e.id = d.export_id
                WHERE d.state IN ('paid', 'changed')
                  AND (d.date BETWEEN %(first)s AND %(last)s
                       AND (%(everybody)s OR d.employee_id = ANY(%(people)s))
                       OR (d.employee_id, d.date) IN (
                          SELECT * FROM unnest(%(who)s::integer[], %(when)s::date[])))
                  AND d.export_id IS DISTINCT FROM %(own)s
                  AND (d.company_id = %(company)s OR EXISTS (
                       SELECT 1 FROM biometric_day n
                        WHERE n.employee_id = d.employee_id AND n.date = d.date
                          AND n.company_id = %(company)s))
             ORDER BY d.export_id""",
            {
                "company": export.company_id.id,
                "first": export.date_from,
                "last": export.date_to,
                "own": export._origin.id or None,
                "everybody": people is None,
                "people": people or [],
                "who": [employee_id for employee_id, _day in earlier],
                "when": [day for _employee_id, day in earlier],
            },
        )
        return self.env.cr.fetchall()

    @api.model
    def _paid(self, export):
        """`({(employee_id, date): ({(code, class): minutes}, name of the file, {(code, class):
        factor})}, held)` of what earlier files of the company hold in sum; the file is the first
        one that held the day, the factor that of the last.

        held: `(employee_id, date)` that files of another company hold. It takes them back first;
        then they stand here with nothing paid, and without the name of its file."""
        found, others = {}, {}
        for _export, is_own, employee_id, day, minutes, name, rates in self._standing(export):
            key = (employee_id, day)
            if is_own:
                sums, _name, factors = found.setdefault(key, (defaultdict(int), name, {}))
                factors.update(
                    (tuple(words.split("|")), rate) for words, rate in (rates or {}).items()
                )
            else:
                sums = others.setdefault(key, defaultdict(int))
            for words, value in (minutes or {}).items():
                sums[tuple(words.split("|"))] += value
        for key in others:
            found.setdefault(key, (defaultdict(int), "", {}))
        return found, {key for key, sums in others.items() if any(sums.values())}

    @api.model
    def _files(self, export):
        """`[(file, number of days, people)]` of earlier files with days of this period."""
        days, people = defaultdict(set), defaultdict(set)
        for export_id, _own, employee_id, day, *_rest in self._standing(export):
            days[export_id].add((employee_id, day))
            people[export_id].add(employee_id)
        files = self.env["biometric.export"].sudo().browse(sorted(days))
        employees = self.env["hr.employee"].sudo().with_context(active_test=False)
        return [(one, len(days[one.id]), employees.browse(people[one.id])) for one in files]

    @api.model
    def _note_file(self, export, parts, lines, numbers):
        """Write down what a file that was just made holds: its days, and the payouts in it.
        numbers: `{employee_id: payroll number}` that the file tells. Unique indexes refuse a day or
        a payout that another file took at the same moment."""
        minutes, factors = defaultdict(dict), defaultdict(dict)
        for line in lines:
            if line.kind != "payout" and line.minutes:
                key = (int(line.employee.identity), line.work_date)
                minutes[key][f"{line.pay_code}|{line.pay_class}"] = line.minutes
                if line.factor:
                    factors[key][f"{line.pay_code}|{line.pay_class}"] = line.factor
        known = {(day.employee_id.id, day.date): day for day in parts.days}
        new = {(day.employee_id.id, day.date) for day in parts.fresh}
        rows = [(*key, "paid", minutes.get(key, {})) for key in sorted(new)]
        rows += [
            (*key, "changed", found) for key, found in sorted(minutes.items()) if key not in new
        ]
        rows += [(day.employee_id.id, day.date, "left_out", {}) for day in parts.left_out]
        rows += [(day.employee_id.id, day.date, "elsewhere", {}) for day in parts.held]
        self._insert(export, rows, known, numbers, factors=factors)
        self._note_payouts(export, parts.payouts, numbers)

    @api.model
    def _note_payouts(self, export, payouts, numbers):
        """`payouts`: `[(entry, lines)]`."""
        rows, entries = [], {}
        for entry, lines in payouts:
            found = defaultdict(int)
            for line in lines:
                found[f"{line.pay_code}|{line.pay_class}"] += line.minutes
            entries[len(rows)] = entry.id
            rows.append((entry.employee_id.id, entry.date, "payout", dict(found)))
        self._insert(export, rows, {}, numbers, entries)

    @api.model
    def _unpaid_entries(self, company, until, people=None):
        """Payouts of time accounts that no file holds, by date and number. people: ids, or None for
        everybody."""
        self.env.flush_all()
        self.env.cr.execute(
            """SELECT e.id FROM biometric_cto_entry e
                WHERE e.company_id = %s AND e.kind = 'payout' AND e.date <= %s
                  AND (%s OR e.employee_id = ANY(%s))
                  AND NOT EXISTS (SELECT 1 FROM biometric_export_day d WHERE d.cto_entry_id = e.id)
             ORDER BY e.date, e.id""",
            (company.id, until, people is None, people or []),
        )
        entries = self.env["biometric.cto.entry"].sudo()
        return entries.browse([row[0] for row in self.env.cr.fetchall()])

    @api.model
    def _insert(self, export, rows, known, numbers, entries=None, factors=None):
        """known: days by `(employee_id, date)`; entries: `{place in rows: entry of an account}`;
        factors: `{(employee_id, date): {"code|class": factor}}`."""
        self.env.flush_all()
        none = self.env["biometric.day"]
        execute_values(
            self.env.cr._obj,
            """INSERT INTO biometric_export_day
                      (export_id, company_id, employee_id, date, state, status, rule_name, minutes,
                       total_minutes, payroll_number, cto_entry_id, factors) VALUES %s""",
            [
                (
                    export.id,
                    export.company_id.id,
                    employee_id,
                    day,
                    state,
                    known.get((employee_id, day), none).status or None,
                    known.get((employee_id, day), none).rule_name or None,
                    fields.Json().convert_to_column(found, self),
                    sum(found.values()),
                    numbers.get(employee_id),
                    (entries or {}).get(place),
                    fields.Json().convert_to_column(
                        (factors or {}).get((employee_id, day)) or None, self
                    ),
                )
                for place, (employee_id, day, state, found) in enumerate(rows)
            ],
            page_size=1000,
        )
        self.invalidate_model()

    @api.model
    def _last_numbers(self, company, employee_ids):
        """`{employee_id: number}` under which files of the company told these people last."""
        self.env.flush_all()
        self.env.cr.execute(
            """SELECT DISTINCT ON (employee_id) employee_id, payroll_number
                 FROM biometric_export_day
                WHERE company_id = %s AND employee_id = ANY(%s) AND payroll_number IS NOT NULL
             ORDER BY employee_id, id DESC""",
            (company.id, list(employee_ids)),
        )
        return dict(self.env.cr.fetchall())

    @api.model
    def _take_over(self, export, rows):
        """Files of before this list was kept: what their lines say, `(employee, date, code, class,
        minutes)`; a person that is gone is left out."""
        found = defaultdict(dict)
        people = self.env["hr.employee"].sudo().browse({int(row[0]) for row in rows})
        known = set(people.exists().ids)
        for identity, day, code, name, minutes in rows:
            if int(identity) in known:
                found[int(identity), date.fromisoformat(day)][f"{code}|{name}"] = int(minutes)
        self.env.cr.execute(
            "SELECT employee_id, date FROM biometric_export_day WHERE state = 'paid'"
        )
        taken = set(self.env.cr.fetchall())
        self._insert(
            export,
            [
                (*key, "changed" if key in taken else "paid", minutes)
                for key, minutes in sorted(found.items())
            ],
            {},
            {},
        )
