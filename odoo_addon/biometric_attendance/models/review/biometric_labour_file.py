"""The values of Brazil's AFD and AEJ: who the employer is, which punches and days there are.

Owns what is gathered and what is refused for lack of a number. How lines are written is
engine/brazil.py, which numbers were given is biometric.afd.line.
"""

from collections import defaultdict
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from odoo import api, fields, models
from odoo.exceptions import UserError

from ...engine import brazil

NAMES_SHOWN = 5
FREE = "SEM-HORARIO"
TREATING = "Biometric Attendance"
ADDED = "adjustment:"


class BiometricLabourValues(models.AbstractModel):
    _name = "biometric.labour.values"
    _description = "Values of Brazil's labour files"

    # ------------------------------------------------------------------ who

    @api.model
    def _employer(self, company):
        """Fields of the employer; UserError where its number is none."""
        number = brazil.digits(company.vat or company.company_registry or "")
        if not brazil.employer_kind(number):
            raise UserError(
                self.env._(
                    "%s has no valid CNPJ or CPF: enter it as Tax ID on the company.", company.name
                )
            )
        return {
            "employer_kind": brazil.employer_kind(number),
            "employer": number,
            "employer_name": company.name,
        }

    @api.model
    def _cpfs(self, people):
        """`{employee id: CPF}`; UserError names who has none."""
        found = {one.id: brazil.digits(one.identification_id or "") for one in people}
        missing = [one.name for one in people if not brazil.is_cpf(found[one.id])]
        if missing:
            shown = ", ".join(sorted(missing)[:NAMES_SHOWN]) + (
                "…" if len(missing) > NAMES_SHOWN else ""
            )
            raise UserError(
                self.env._(
                    "Without a valid CPF (Identification No of the employee): %(who)s.", who=shown
                )
            )
        return found

    @staticmethod
    def _dh(moment, zone):
        """An instant (naive UTC) by a zone's clock, as both files write it."""
        local = moment.replace(tzinfo=UTC).astimezone(ZoneInfo(zone))
        return local.strftime("%Y-%m-%dT%H:%M:00%z")

    @api.model
    def _zone(self, company):
        return company.partner_id.tz or self.env.user.tz or "America/Sao_Paulo"

    # ------------------------------------------------------------------ AFD

    @api.model
    def _afd(self, company, date_from, date_to, recorder):
        """Bytes of the AFD of these dates (sudo). recorder: {"kind": "A" or "P",
        "number", "maker", "responsible"}."""
        employer, zone = self._employer(company), self._zone(company)
        now = self._dh(fields.Datetime.now(), zone)
        about = {**employer, "responsible": recorder["responsible"]}
        punches = self._punches(company, date_from, date_to)
        lines = self.env["biometric.afd.line"].sudo()
        lines._number(company, "7" if recorder["kind"] == "P" else "3", about, punches)
        written = lines._lines(company, date_from, date_to)
        header = {
            **employer,
            "recorder": recorder["number"],
            "first": date_from,
            "last": date_to,
            "made_at": now,
            "maker_kind": brazil.employer_kind(recorder["maker"]),
            "maker": recorder["maker"],
        }
        return brazil.afd_file(header, written)

    @api.model
    def _punches(self, company, date_from, date_to):
        """What `_number` takes, of everybody with a PIN in the company."""
        self.env.flush_all()
        self.env.cr.execute(
            """SELECT DISTINCT employee_id FROM biometric_device_user
                WHERE company_id = %s AND employee_id IS NOT NULL""",
            (company.id,),
        )
        ids = [row[0] for row in self.env.cr.fetchall()]
        usable = self.env["biometric.punch"].sudo()._usable(ids, date_from, date_to)
        people = self.env["hr.employee"].sudo().browse({one.employee_id for one in usable})
        cpfs, by_id = self._cpfs(people), {one.id: one for one in people}
        stored = dict(self._stored([one.punch_id for one in usable]))
        return [
            (
                one.punch_id,
                by_id[one.employee_id],
                cpfs[one.employee_id],
                self._dh(one.instant, one.tz),
                self._dh(stored[one.punch_id], one.tz),
            )
            for one in usable
        ]

    @api.model
    def _stored(self, punch_ids):
        """[(punch id, when an agent first told it)]."""
        self.env.cr.execute(
            """SELECT p.id, COALESCE(min(s.received_at), min(p.stored_at))
                 FROM biometric_punch p LEFT JOIN biometric_sighting s ON s.punch_id = p.id
                WHERE p.id = ANY(%s) GROUP BY p.id""",
            (punch_ids,),
        )
        return self.env.cr.fetchall()

    # ------------------------------------------------------------------ AEJ

    @api.model
    def _aej(self, company, date_from, date_to, recorder):
        """Bytes of the AEJ of these dates (sudo)."""
        employer, zone = self._employer(company), self._zone(company)
        records = self.env["biometric.month.record"].sudo()
        people = records._people(company, date_from, date_to).sorted("id")
        if not people:
            raise UserError(self.env._("Nobody has a day on these dates."))
        cpfs = self._cpfs(people)
        spans = [(one.id, company.id, date_from, date_to) for one in people]
        head = ["01", employer["employer_kind"], employer["employer"], "", "", company.name]
        rows = [
            (*head, date_from, date_to, self._dh(fields.Datetime.now(), zone), brazil.AEJ_VERSION),
            ("02", 1, "3" if recorder["kind"] == "P" else "2", recorder["number"]),
            self._treating(recorder),
        ]
        hours = {}
        for link, (person, span) in enumerate(zip(people, spans, strict=True), 1):
            rows.append(("03", link, cpfs[person.id], person.name))
            days = (
                self.env["biometric.day"]
                .sudo()
                .search(
                    [
                        ("employee_id", "=", person.id),
                        ("company_id", "=", company.id),
                        ("date", ">=", span[2]),
                        ("date", "<=", span[3]),
                    ],
                    order="date",
                    limit=400,
                )
            )
            left_out = self._left_out(person, span)
            for day in days:
                rows += [*self._marks(day, link, hours), *self._absences(day, link)]
                zone = (day.derivation or {}).get("zone") or "UTC"
                rows += [
                    self._unused(link, at, zone, why) for at, why in left_out.get(day.date, ())
                ]
            rows += self._bank_moves(person, company, span, link)
        rows += [("04", code, *values) for code, values in sorted(hours.items())]
        return brazil.aej_file(rows)

    def _treating(self, recorder):
        maker = recorder["maker"]
        version = (
            self.env["ir.module.module"]
            .sudo()
            .search([("name", "=", "biometric_attendance")], limit=1)
            .latest_version
            or "19.0"
        )
        return (
            "08",
            TREATING,
            ".".join(version.split(".")[-3:])[:8],
            brazil.employer_kind(maker),
            maker,
            recorder["maker_name"],
            recorder["maker_email"],
        )

    def _marks(self, day, link, hours):
        """Records 05 of a day; puts its contract hours into `hours`."""
        derivation = day.derivation or {}
        zone = derivation.get("zone") or "UTC"
        code = self._hours_of(day, derivation, zone, hours)
        rows = []
        for number, session in enumerate(derivation.get("sessions") or (), 1):
            for way, side, name in (("E", "in", "in_punch"), ("S", "out", "out_punch")):
                at = session.get(side)
                if not at:
                    continue
                source, why = self._source(session.get(name), session.get("assumed"))
                first = code if way == "E" and number == 1 else ""
                moment = datetime.fromisoformat(at).astimezone(UTC).replace(tzinfo=None)
                rows.append(
                    (
                        "05",
                        link,
                        self._dh(moment, zone),
                        1 if source == "O" else "",
                        way,
                        f"{number:03d}",
                        source,
                        first,
                        why,
                    )
                )
        reasons = self.env["biometric.sentence"]._reasons()
        for one in derivation.get("ignored") or ():
            moment = datetime.fromisoformat(one["at"]).astimezone(UTC).replace(tzinfo=None)
            why = reasons.get(one.get("reason"), one.get("reason") or "-")
            rows.append(self._unused(link, moment, zone, why))
        return rows

    def _unused(self, link, moment, zone, why):
        """Record 05 of a punch that was left out: it stays in the file, with the reason."""
        return ("05", link, self._dh(moment, zone), 1, "D", "000", "O", "", why)

    def _left_out(self, person, span):
        """`{date: [(naive UTC, reason)]}` of punches that a decision took out of the person's
        days: no derivation holds them any more."""
        found = defaultdict(list)
        rows = self.env["biometric.adjustment"].sudo()._of_days([person.id], *span[2:])
        for row in rows:
            gone = row.kind in ("void_punch", "remap") and row.state == "approved"
            if gone and row.employee_id == person and row.punch_id:
                words = row._reason_words() or row.change_text
                found[row.date].append((row.punch_id._instant(), words[:150]))
        return found

    def _source(self, name, assumed):
        """(source, reason) of a mark: O of the recorder, I put in by hand, P taken for granted."""
        if name and name.startswith(ADDED):
            number = name.removeprefix(ADDED)
            row = self.env["biometric.adjustment"].sudo().browse(int(number)).exists()
            words = (row and row._reason_words()) or self.env._("Correction %s", number)
            return "I", words[:150]
        return ("O", "") if name else ("P", "" if not assumed else self.env._("Assumed by rule"))

    def _hours_of(self, day, derivation, zone, hours):
        """The code of the contract hours of a day: what its shifts say, local."""
        clocks = []
        for shift in derivation.get("shifts") or ():
            for side in ("start", "end"):
                at = datetime.fromisoformat(shift[side]).astimezone(ZoneInfo(zone))
                clocks.append(at.strftime("%H%M"))
        if not clocks:
            hours.setdefault(FREE, (0, "0000", "0000"))
            return FREE
        code = "-".join([*clocks, str(day.scheduled_minutes or 0)])[:30]
        hours.setdefault(code, (day.scheduled_minutes or 0, *clocks))
        return code

    @staticmethod
    def _absences(day, link):
        """Record 07 of a weekly rest that was kept, or of an absence without an excuse."""
        kind = {"rest_day": "1", "absent": "2"}.get(day.status)
        return [("07", link, kind, day.date, "", "")] if kind else []

    def _bank_moves(self, person, company, span, link):  # noqa: ARG002 - the form of the override
        """Records 07 of movements of the bank of hours; the room of time accounts says."""
        return []

    @api.model
    def _name_of(self, company, kind, recorder):
        """The file's name as the layout gives it."""
        employer = self._employer(company)["employer"]
        if kind == "aej":
            return f"AEJ{employer}.txt"
        number = recorder["number"] if recorder["kind"] == "P" else ""
        return f"AFD{number}{employer}REP_{recorder['kind']}.txt"
