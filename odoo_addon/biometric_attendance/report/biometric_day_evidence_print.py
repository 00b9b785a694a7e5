"""The evidence of one day on paper, for a dispute: everything that the file says, to be read.

Owns columns and words. What is gathered, who may take it, and the entry that says who did, are
biometric.day.evidence.
"""

from odoo import api, fields, models
from odoo.tools import format_date, format_datetime

from .paper import Column, Table

DIGITS = 16


class DayEvidencePrint(models.AbstractModel):
    _name = "report.biometric_attendance.day_evidence"
    _inherit = ["biometric.paper"]
    _description = "Evidence of a day"

    @api.model
    def _sheets(self, docids):
        days = self.env["biometric.day"].browse(docids)
        return [self._evidence(day) for day in days]

    @api.model
    def _evidence(self, day):
        pack, _data = self.env["biometric.day.evidence"]._taken(day)
        day = day.sudo()
        return self._sheet(
            day.company_id.name,
            self.env._("Evidence of a day"),
            day.employee_id.name,
            [format_date(self.env, day.date, date_format="EEEE, d MMMM y"), self._about(pack)],
            self._tables(pack),
            remarks=self._remarks(pack),
        )

    @api.model
    def _about(self, pack):
        rule = pack["rule"]
        return self.env._(
            "Rule set: %(rule)s, in force from %(date)s. Times in UTC where no zone is named.",
            rule=rule["name"] or "–",
            date=rule["valid_from"] or "–",
        )

    @api.model
    def _tables(self, pack):
        made = (
            self._days(pack),
            self._punches(pack),
            self._sightings(pack),
            self._derivation(pack),
            self._corrections(pack),
            self._runs(pack),
            self._files(pack),
            self._account(pack),
            self._entries(pack),
        )
        return [table for table in made if table.rows]

    @api.model
    def _days(self, pack):
        _ = self.env._
        columns = [
            Column(_("Date"), 150),
            Column(_("Status"), 150),
            Column(_("First in"), 160),
            Column(_("Last out"), 160),
            Column(_("Worked"), 90, True),
            Column(_("Overtime"), 90, True),
            Column(_("Computed"), 200, is_apart=True),
        ]
        names = dict(self.env["biometric.day"]._fields["status"]._description_selection(self.env))
        days = sorted([pack["day"], *pack["neighbours"]], key=lambda day: day["date"])
        rows = [
            [
                str(day["date"]),
                names.get(day["status"], ""),
                self._at(day["first_in_at"]),
                self._at(day["last_out_at"]),
                self._hours(day["worked_minutes"]),
                self._hours(day["overtime_minutes"]),
                self._at(day["computed_at"]),
            ]
            for day in days
        ]
        return Table(columns, rows, title=_("The day and the days around it"))

    @api.model
    def _punches(self, pack):
        _ = self.env._
        columns = [
            Column(_("Shown by the terminal"), 190),
            Column(_("Serial number"), 160),
            Column(_("PIN"), 80),
            Column(_("Key pressed"), 70),
            Column(_("Counted at"), 160),
            Column(_("Zone"), 160),
            Column(_("Key"), 180),
        ]
        rows = [
            [
                row["wall_time"],
                row["serial"],
                row["pin"],
                row["status"] or "",
                self._at(row["counts_at"]) or _("does not count"),
                row["zone"] or "",
                row["key"][:DIGITS],
            ]
            for row in pack["punches"]
        ]
        return Table(columns, rows, title=_("Punches"))

    @api.model
    def _sightings(self, pack):
        _ = self.env._
        columns = [
            Column(_("Key"), 180),
            Column(_("Channel"), 90),
            Column(_("Verify mode"), 100),
            Column(_("Received"), 180),
            Column(_("Terminal's clock off (s)"), 170, True),
            Column(_("Agent's clock"), 110, is_apart=True),
            Column(_("Lane, number"), 170),
        ]
        rows = [
            [
                punch["key"][:DIGITS],
                one["channel"] or "",
                one["verify"] or "",
                self._at(one["received_at"]),
                "" if one["skew_seconds"] is None else f"{one['skew_seconds']:.0f}",
                one["clock"] or "",
                f"{one['lane'][:8]} {one['seq']}",
            ]
            for punch in pack["punches"]
            for one in punch["sightings"]
        ]
        return Table(columns, rows, title=_("How agents saw them"))

    @api.model
    def _derivation(self, pack):
        columns = [Column(self.env._("Step"), 1000)]
        rows = [[line] for line in pack["day"]["sentences"]]
        return Table(columns, rows, title=self.env._("How the day was computed"))

    @api.model
    def _corrections(self, pack):
        _ = self.env._
        columns = [
            Column(_("Change"), 300),
            Column(_("State"), 100),
            Column(_("Why"), 220),
            Column(_("Steps"), 380),
        ]
        rows = [
            [
                row["change"] or "",
                self._label("biometric.adjustment", "state", row["state"]),
                row["reason"] or "",
                "; ".join(map(self._step, row["steps"])),
            ]
            for row in pack["adjustments"]
        ]
        return Table(columns, rows, title=_("Corrections"))

    @api.model
    def _step(self, step):
        what = self._label("biometric.adjustment.step", "action", step["what"])
        said = [self._at(step["at"]), what, step["by"], step["words"]]
        return " ".join(filter(None, said))

    @api.model
    def _label(self, model, name, code):
        """What the file says by its code, as screens say it."""
        return dict(self.env[model]._fields[name]._description_selection(self.env)).get(code, code)

    @api.model
    def _runs(self, pack):
        _ = self.env._
        columns = [
            Column(_("Started"), 180),
            Column(_("Ended"), 180),
            Column(_("Serial number"), 180),
            Column(_("Channel"), 110),
            Column(_("Outcome"), 130),
            Column(_("Read"), 110, True),
            Column(_("New"), 110, True),
        ]
        rows = [
            [
                self._at(row["started_at"]),
                self._at(row["ended_at"]),
                row["serial"],
                row["channel"] or "",
                row["outcome"] or "",
                str(row["read_count"] or 0),
                str(row["new_count"] or 0),
            ]
            for row in pack["runs"]
        ]
        return Table(columns, rows, title=_("Runs that delivered them"))

    @api.model
    def _files(self, pack):
        _ = self.env._
        columns = [
            Column(_("Payroll file"), 250),
            Column(_("State"), 120),
            Column(_("Minutes"), 230),
            Column(_("Produced"), 160),
            Column(_("SHA-256"), 240),
        ]
        rows = [
            [
                row["file"] or "",
                row["state"] or "",
                ", ".join(f"{code} {n}" for code, n in sorted((row["minutes"] or {}).items())),
                self._at(row["produced_at"]),
                (row["sha256"] or "")[:DIGITS],
            ]
            for row in pack.get("payroll_files", ())
        ]
        return Table(columns, rows, title=_("Payroll files with this day"))

    @api.model
    def _account(self, pack):
        _ = self.env._
        columns = [
            Column(_("Number"), 90, True),
            Column(_("Entry"), 180, is_apart=True),
            Column(_("Minutes"), 110, True),
            Column(_("Balance"), 110, True),
            Column(_("Posted"), 180, is_apart=True),
            Column(_("Reason"), 190),
            Column(_("Hash"), 140),
        ]
        rows = [
            [
                str(row["number"]),
                self._label("biometric.cto.entry", "kind", row["kind"]),
                str(row["minutes"]),
                str(row["balance_minutes"]),
                self._at(row["posted_at"]),
                row["reason"] or "",
                (row["hash"] or "")[:DIGITS],
            ]
            for row in pack.get("time_account", ())
        ]
        return Table(columns, rows, title=_("Time account"))

    @api.model
    def _entries(self, pack):
        _ = self.env._
        columns = [
            Column(_("Number"), 80, True),
            Column(_("When"), 170, is_apart=True),
            Column(_("Who"), 170),
            Column(_("What"), 180),
            Column(_("Why"), 220),
            Column(_("Hash"), 180),
        ]
        rows = [
            [
                str(row["seq"] or ""),
                self._at(row["happened_at"]),
                row["user_name"] or "",
                row["action"],
                row["reason"] or "",
                (row["hash"] or "")[:DIGITS],
            ]
            for row in pack["trail"]
        ]
        return Table(columns, rows, title=_("Audit trail"))

    @api.model
    def _remarks(self, pack):
        _ = self.env._
        number, head = pack["trail_head"]
        history = pack["history"]
        agrees = history["in_effect_by_history"] == history["in_effect_by_ledger"]
        return [
            _("Audit trail up to entry %(number)s: %(hash)s", number=number, hash=head),
            _("The corrections in effect match their steps.")
            if agrees
            else _("The corrections in effect do NOT match their steps."),
            _(
                "The JSON file of the same day contains keys, leaves, links and "
                "signatures; the verifier checks them: python3 verify.py FILE.json"
            ),
        ]

    @api.model
    def _at(self, moment):
        if not moment:
            return ""
        moment = fields.Datetime.to_datetime(moment)
        return format_datetime(self.env, moment, tz="UTC", dt_format="yyyy-MM-dd HH:mm:ss")

    @api.model
    def _hours(self, minutes):
        return f"{minutes // 60}:{minutes % 60:02d}" if minutes else ""
