"""Everything held about one person, as files that the person can read: what data protection law
lets them ask for. Tables in a zip, one a subject, with the words of the screens as headings.

For the person, and for whoever may read all of their days anyway. Each one is an entry of the
trail. Never what opens a door, nor lines about somebody else. Must not know the verifier's form:
this is for reading, biometric.company.export is for proving.
"""

import csv
import io
import zipfile

from odoo import api, fields, models
from odoo.exceptions import AccessError

from ...engine import formats

READERS = ("hr_officer", "auditor")
PAGE = 2000
_PUNCHES = """
SELECT DISTINCT p.id FROM biometric_punch p JOIN biometric_device_user u
    ON u.device_id = p.device_id AND u.pin = p.pin AND u.employee_id = %s
   AND p.wall_date >= COALESCE(u.valid_from, '0001-01-01'::date)
   AND p.wall_date <= COALESCE(u.valid_to, '9999-12-31'::date)
 ORDER BY p.id
"""
# Of the employee's own record: what this addon reads, shows or erases.
_PERSON = (
    *("name", "barcode", "pin", "company_id", "department_id", "job_title", "work_email"),
    *("work_phone", "mobile_phone", "private_street", "private_street2", "private_city"),
    *("private_zip", "private_phone", "private_email", "resource_calendar_id", "tz"),
)
# Numbers of the machinery, which say nothing to a reader.
_UNREAD = ("id", "display_name", "create_uid", "write_uid", "write_date", "company_id")
_README = """What is held about {name} ({company}), {at}.

Open the files with any spreadsheet program. Each has one line a record; its first line says what
the columns are. A cell that would begin with =, +, - or @ as a text wears an apostrophe before it.

{files}

punches.csv holds what terminals stated: the time is the terminal's own clock. days.csv and the
others hold what was computed or decided from it. audit.csv says who did what about you, and when.
Fingerprints, faces, photos and passwords are not held at all.
"""


class BiometricPersonExport(models.AbstractModel):
    _name = "biometric.person.export"
    _description = "Export of one person's data"

    @api.model
    def _check_may(self, employee):
        user, person = self.env.user, employee.sudo().exists()
        own = bool(person) and person.user_id == user
        reads = any(user.has_group(f"biometric_attendance.group_{role}") for role in READERS)
        if not person or not (own or (reads and person.company_id in self.env.companies)):
            raise AccessError(
                self.env._(
                    "A person's data is for the person, and for HR officers and auditors of their "
                    "company."
                )
            )

    @api.model
    def _write(self, employee, file):
        """Write the zip about `employee` into a binary file object; checks who asks."""
        self._check_may(employee)
        person = employee.sudo().with_context(active_test=False)
        self.env["biometric.audit"].sudo()._record(
            "person.export", person, company=person.company_id
        )
        self.env.flush_all()
        service = self.sudo().with_context(active_test=False)
        names = []
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, rows, columns in service._tables(person):
                if not rows:
                    continue
                names.append(f"{name}.csv: {len(rows)}")
                with archive.open(f"{name}.csv", "w", force_zip64=True) as out:
                    for text in service._lines(rows, columns):
                        out.write(text.encode())
            at = fields.Datetime.now().strftime("%Y-%m-%d %H:%M UTC")
            said = {"name": person.name, "company": person.company_id.name, "at": at}
            archive.writestr("README.txt", _README.format(files="\n".join(names), **said))

    def _tables(self, person):
        """(name, records, columns) of everything that is about the person."""
        yield "person", person, [name for name in _PERSON if name in person._fields]
        self.env.cr.execute(_PUNCHES, (person.id,))
        punches = self.env["biometric.punch"].browse([row[0] for row in self.env.cr.fetchall()])
        yield "punches", punches, self._readable(punches, without=("key",))
        sightings = self.env["biometric.sighting"].search([("punch_id", "in", punches.ids)])
        seen = ("received_at", "channel", "punch_id", "verify", "work_code", "extra", "clock")
        yield "sightings", sightings, list(seen)
        entries = self.env["biometric.audit"].search(
            ["|", ("person_id", "=", person.id), "&", ("model", "=", "hr.employee")]
            + [("res_id", "=", person.id)]
        )
        said = ("happened_at", "user_name", "action", "record_name", "before", "after", "reason")
        yield "audit", entries, list(said)
        for name in self._models_about():
            rows = self.env[name].search([("employee_id", "=", person.id)], order="id")
            yield (
                name.removeprefix("biometric.").replace(".", "_") + "s",
                rows,
                self._readable(rows),
            )

    @api.model
    def _models_about(self):
        """Stored models of the addon whose rows are about one employee."""
        return sorted(
            name
            for name, model in self.env.items()
            if name.startswith("biometric.")
            and model._auto
            and not (model._abstract or model._transient)
            and name != "biometric.stale.day"
            and (field := model._fields.get("employee_id")) is not None
            and field.store
            and field.comodel_name == "hr.employee"
        )

    @staticmethod
    def _readable(rows, without=()):
        return [
            name
            for name, field in rows._fields.items()
            if field.store
            and field.groups != fields.NO_ACCESS  # what opens a door
            and field.type not in ("binary", "one2many", "many2many", "image")
            and name not in (*_UNREAD, *without)
        ]

    def _lines(self, rows, columns):
        """The lines of a file as text, the headings first."""
        told = rows.fields_get(columns)
        yield "\ufeff" + self._line([told[name]["string"] for name in columns])
        for start in range(0, len(rows), PAGE):
            page = rows[start : start + PAGE]
            for row in page:
                yield self._line([self._cell(row, name) for name in columns])
            page.invalidate_recordset(flush=False)

    @staticmethod
    def _line(cells):
        out = io.StringIO(newline="")
        csv.writer(out).writerow(cells)
        return out.getvalue()

    @staticmethod
    def _cell(row, name):
        """As a person reads it; numbers stay numbers."""
        value, field = row[name], row._fields[name]
        if field.type in ("integer", "float", "monetary"):
            return value
        if field.type == "many2one":
            return formats.human_text(value.display_name or "")
        if field.type == "boolean":
            return row.env._("yes") if value else row.env._("no")
        if value in (None, False):
            return ""
        if field.type == "selection":
            value = dict(field._description_selection(row.env)).get(value, value)
        return formats.human_text(str(value))
