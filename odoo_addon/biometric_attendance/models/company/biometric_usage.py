"""Usage per company and day: devices that recorded something, employees who punched.

Counted from the punches themselves, so a replay changes nothing and a late branch is counted on its
own day. A day whose count changed gets a further revision with the difference; none is ever
rewritten. Holds numbers only, nobody's name. Must not limit anything.
"""

import csv
import io

from odoo import api, fields, models
from odoo.tools import SQL

from ...seams.job import Turn
from ...seams.parameters import parameter

# Days counted again every night: late mappings of PINs change them too.
RECOUNT_DAYS = 62
# A company counted less than so many hours ago is not counted again by the same night's job.
AGAIN_HOURS = 12
COLUMNS = (
    "identifier",
    "company_id",
    "day",
    "revision",
    "devices",
    "employees",
    "device_change",
    "employee_change",
    "counted_at",
)


class BiometricUsage(models.Model):
    _name = "biometric.usage"
    _description = "Usage"
    _log_access = False
    _order = "day desc, revision desc, id desc"
    _rec_name = "identifier"

    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="restrict")
    day = fields.Date(required=True, readonly=True)
    revision = fields.Integer(required=True, readonly=True, help="1; more if the count changed")
    identifier = fields.Char(required=True, readonly=True, help="Stable; always the same record")
    devices = fields.Integer("Terminals", readonly=True)
    employees = fields.Integer(readonly=True)
    device_change = fields.Integer(
        "Terminal change", readonly=True, help="Compared with the previous revision"
    )
    employee_change = fields.Integer("Employee change", readonly=True)
    counted_at = fields.Datetime("Counted on", required=True, readonly=True)
    upto_punch = fields.Integer("Up to punch", readonly=True)

    _one_revision = models.UniqueIndex("(company_id, day, revision)")

    @api.model
    def _cron_count(self):
        """Every company; those that do not fit into this turn come in the next."""
        since = fields.Datetime.subtract(fields.Datetime.now(), hours=AGAIN_HOURS)
        companies = (
            self.env["biometric.device"]
            .search([])
            .company_id.filtered(
                lambda company: (
                    not company.biometric_usage_counted_at
                    or company.biometric_usage_counted_at <= since
                )
            )
        )
        aside = self.env["biometric.job"]._aside("usage", "res.company")
        companies = aside.due(companies)
        turn = Turn(self.env, len(companies))
        for company in companies:
            aside.do(company, self._count_now)
            if not turn.done(1):
                break

    @api.model
    def _count_now(self, company):
        self._count(company)
        company.biometric_usage_counted_at = fields.Datetime.now()

    @api.model
    def _count(self, company, today=None):
        """Count what changed. Any number of times gives the same rows."""
        self.env.flush_all()
        days = self._days(company, today or company._biometric_today())
        if not days:
            return self.browse()
        known = self._latest(company, days)
        made = self.browse()
        for day, (devices, employees, upto) in self._counted(company, days).items():
            revision, old_devices, old_employees = known.get(day, (0, 0, 0))
            if (devices, employees) == (old_devices, old_employees):
                continue
            if revision and self._was_removed(company, devices, employees, known[day]):
                continue
            made |= self.create(
                {
                    "company_id": company.id,
                    "day": day,
                    "revision": revision + 1,
                    "identifier": self._identifier(company, day, revision + 1),
                    "devices": devices,
                    "employees": employees,
                    "device_change": devices - old_devices,
                    "employee_change": employees - old_employees,
                    "counted_at": fields.Datetime.now(),
                    "upto_punch": upto,
                }
            )
        return made

    def _identifier(self, company, day, revision):
        database = parameter(self.env, "database.uuid")
        return f"{database}:{company.id}:{day}:{revision}"

    def _was_removed(self, company, devices, employees, known):
        """Punches that were erased or purged were used all the same."""
        _revision, old_devices, old_employees = known
        if devices >= old_devices and employees >= old_employees:
            return False
        return bool(
            self.env["biometric.erased.key"].search_count(
                [("company_id", "=", company.id)], limit=1
            )
        )

    def _days(self, company, today):
        """Days of recent weeks, and older ones that punches reached since they were counted."""
        self.env.cr.execute(
            """SELECT DISTINCT p.wall_date FROM biometric_punch p
                WHERE p.company_id = %(company)s
                  AND (p.wall_date >= %(since)s OR p.id > COALESCE((
                       SELECT max(u.upto_punch) FROM biometric_usage u
                        WHERE u.company_id = %(company)s), 0) - 10000)""",
            {
                "company": company.id,
                "since": fields.Date.subtract(today, days=RECOUNT_DAYS),
            },
        )
        return [row[0] for row in self.env.cr.fetchall()]

    def _latest(self, company, days):
        self.env.cr.execute(
            """SELECT DISTINCT ON (day) day, revision, devices, employees FROM biometric_usage
                WHERE company_id = %s AND day = ANY(%s) ORDER BY day, revision DESC""",
            (company.id, days),
        )
        return {row[0]: row[1:] for row in self.env.cr.fetchall()}

    def _counted(self, company, days):
        """{day: (devices, employees, largest punch id)}"""
        self.env.cr.execute(
            SQL(
                """SELECT p.wall_date, count(DISTINCT p.device_id), count(DISTINCT u.employee_id),
                          max(p.id)
                     FROM biometric_punch p
                     JOIN biometric_device v ON v.id = p.device_id
                      AND v.state IN ('active', 'moved')
                     LEFT JOIN biometric_device_user u
                       ON u.device_id = p.device_id AND u.pin = p.pin
                      AND u.employee_id IS NOT NULL
                      AND p.wall_date >= COALESCE(u.valid_from, '0001-01-01'::date)
                      AND p.wall_date <= COALESCE(u.valid_to, '9999-12-31'::date)
                    WHERE p.company_id = %s AND p.wall_date = ANY(%s) GROUP BY p.wall_date""",
                company.id,
                days,
            )
        )
        return {row[0]: row[1:] for row in self.env.cr.fetchall()}

    # ------------------------------------------------------------------ out

    @api.model
    def _export_rows(self, company, since=None):
        """Rows as plain values, oldest first. since: date of counting."""
        domain = [("company_id", "=", company.id)]
        if since:
            domain.append(("counted_at", ">=", since))
        rows = []
        for usage in self.search(domain, order="id"):
            row = {name: usage[name] for name in COLUMNS}
            row["company_id"] = usage.company_id.id
            row["day"] = str(usage.day)
            row["counted_at"] = usage.counted_at.strftime("%Y-%m-%dT%H:%M:%SZ")
            rows.append(row)
        return rows

    @api.model
    def _export_csv(self, rows):
        file = io.StringIO()
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\r\n")
        writer.writeheader()
        writer.writerows(rows)
        return file.getvalue()
