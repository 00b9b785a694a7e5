"""The monthly record on paper, in the layout that its record names: a line per day, corrections
with who and why, signatures, and a code that leads to whoever asks whether the paper is genuine.

Owns what stands in a column; its words are month_words.py. What the record says and who signed it
is biometric.month.record; each layout is data of month_layouts.py.
"""

from datetime import date, datetime, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

from odoo import api, fields, models
from odoo.tools import format_date, ormcache

from .month_layouts import LAYOUTS
from .month_words import MonthWords
from .paper import Column, Table

OVERTIME = (
    "overtime_minutes",
    "doubletime_minutes",
    "rest_day_overtime_minutes",
    "holiday_overtime_minutes",
)
ORDINARY = ("regular_minutes", "rest_day_minutes", "holiday_minutes")
# Worked beyond what was due and no overtime: it waits for somebody, or the rules drop it.
NOT_COUNTED = ("overtime_unapproved_minutes", "overtime_dropped_minutes")
# Minutes behind the columns that hold minutes.
MINUTES = {
    "pause": ("break_minutes", "paid_break_minutes"),
    "due": ("scheduled_minutes",),
    "worked": ("worked_minutes",),
    "worked_decimal": ("worked_minutes",),
    "leave": ("leave_minutes",),
    "under": ("undertime_minutes",),
    "over": OVERTIME,
    "complementary": (*OVERTIME, *NOT_COUNTED),
    "night": ("night_minutes",),
    "ordinary": ORDINARY,
    "regular": ORDINARY,
    "overtime": ("overtime_minutes", "rest_day_overtime_minutes", "holiday_overtime_minutes"),
    "doubletime": ("doubletime_minutes",),
    "not_counted": NOT_COUNTED,
    "not_counted_decimal": NOT_COUNTED,
}
DECIMAL = ("regular", "overtime", "doubletime", "not_counted_decimal", "worked_decimal")
HOURS_OF = ("under_hours", "under_minutes")
NUMBERS = (*MINUTES, *HOURS_OF)
MARK = "*"


class MonthRecordPrint(MonthWords, models.AbstractModel):
    _name = "report.biometric_attendance.month_record"
    _inherit = ["biometric.paper"]
    _description = "Monthly record"

    @api.model
    def _sheets(self, docids):
        records = self.env["biometric.month.record"].browse(docids)
        records.check_access("read")
        issued = records.sudo()._issue()
        return [self._record(one.sudo(), *issued[one.id]) for one in records]

    @api.model
    def _record(self, one, content, digest):
        words = self._words()
        return self._pages_of(
            one,
            content,
            number=self._number_text(one),
            signed=self._signed(one, digest),
            signatures=[words[key] for key in LAYOUTS[one.layout].signatures],
            stamp=self._stamp(one, digest),
        )

    @api.model
    def _pages_of(self, one, content, *, signed, stamp, number="", signatures=()):
        """Pages of a record, or of one that was never kept (`new`), as `content` says. `signed`:
        lines of who signed; `signatures`: words under lines to sign on."""
        layout = LAYOUTS[one.layout]
        corrections = one._corrections(content)
        tables = self._day_tables(layout, content["days"])
        if corrections:
            tables.append(self._corrections_table(corrections))
        span = f"{format_date(self.env, one.date_from)} – {format_date(self.env, one.date_to)}"
        return self._sheet(
            one.company_id.name,
            self._titles()[layout.title],
            one.employee_id.name,
            [one.employee_id.department_id.name, span, number],
            tables,
            remarks=[*self._remarks(layout, content["days"]), *signed],
            signatures=list(signatures),
            stamp=stamp,
        )

    @api.model
    def _day_tables(self, layout, days):
        words = self._words()
        keys = [key for key, _width in layout.columns]
        columns = [
            Column(words[key], width, key in NUMBERS, key == "findings")
            for key, width in layout.columns
        ]
        return [
            Table(
                columns,
                [self._row(keys, day) for day in some],
                title=title,
                sums=self._sums(keys, layout, some),
            )
            for title, some in self._groups(layout, days)
        ]

    @api.model
    def _remarks(self, layout, days):
        """Lines below the tables: what columns mean, by which rules, what the person certifies."""
        titles = self._titles()
        remarks = [titles[f"remark_{key}"] for key in layout.remarks if key != "rules"]
        if "rules" in layout.remarks:
            rules = ", ".join(sorted({day["rule"] for day in days if day["rule"]}))
            remarks.append(self.env._("Counted by: %s.", rules))
        if layout.certify:
            remarks.append(titles[f"certify_{layout.certify}"])
        return remarks

    @api.model
    def _number_text(self, one):
        return self.env._("Record %s", one.number)

    # ------------------------------------------------------------------ tables

    @api.model
    def _groups(self, layout, days):
        """`[(title, days)]`: all of them, or a table a workweek as the company begins it."""
        if not layout.by_week or not days:
            return [("", days)]
        first = int(self.env["res.lang"]._get_data(code=self.env.lang or "en_US").week_start or 7)

        def start(day):
            on = date.fromisoformat(day["date"])
            return on - timedelta(days=(on.isoweekday() - first) % 7)

        return [
            (self.env._("Workweek from %s", format_date(self.env, week)), list(own))
            for week, own in groupby(days, key=start)
        ]

    @api.model
    def _row(self, keys, day):
        return [self._cell(key, day) for key in keys]

    @api.model
    def _cell(self, key, day):
        """What stands in a column of a day."""
        on = fields.Date.to_date(day["date"])
        if key in MINUTES:
            return self._length(key, self._minutes(key, day))
        if key in HOURS_OF:
            return self._under(key, day["minutes"].get("undertime_minutes"))
        if key == "date":
            return " ".join(self._date_words(on))
        if key == "day":
            return f"{on.day} {self._date_words(on)[0]}"
        if key == "status":
            return self._status(day)
        if key == "findings":
            words = self._finding_words()
            found = [words.get(code, code) for code in day["findings"]]
            return ", ".join([*found, *([MARK] if day["corrections"] else [])])
        if key == "mark":
            return MARK if day["corrections"] else ""
        return self._clocks(key, day)

    @api.model
    def _clocks(self, key, day):
        spans = self._local(day)
        if key == "spans":
            return ", ".join(f"{start}–{end}" for start, end in spans) or self._off(day)
        if key == "pauses":
            return ", ".join(
                f"{end}–{start}"
                for (_in, end), (start, _out) in zip(spans, spans[1:], strict=False)
            )
        if key in ("in", "out"):
            return (spans[0][0] if key == "in" else spans[-1][1]) if spans else ""
        # The four times of a day in two halves: the first two spans, or one that has no pause.
        first, last = (spans[:1], spans[1:]) if len(spans) > 1 else (spans, [])
        return {
            "am_in": first[0][0] if first else self._off(day),
            "am_out": first[0][1] if last else "",
            "pm_in": last[0][0] if last else "",
            "pm_out": last[-1][1] if last else (first[0][1] if first else ""),
        }[key]

    @api.model
    def _local(self, day):
        """`[(in, out)]` by the clock of the day's zone, `+1` behind a time of the next date."""
        on, zone = date.fromisoformat(day["date"]), ZoneInfo(day["zone"] or "UTC")
        return [tuple(self._clock(zone, at, on) for at in span) for span in day["spans"]]

    @api.model
    def _clock(self, zone, at, on):
        if not at:
            return "…"
        local = datetime.fromisoformat(at).astimezone(zone)
        after = (local.date() - on).days
        return local.strftime("%H:%M") + (f" {after:+d}" if after else "")

    @api.model
    def _off(self, day):
        """Why nobody came: of a day without a punch that is no ordinary workday."""
        return "" if day["spans"] or day["status"] == "present" else self._status(day)

    @api.model
    def _status(self, day):
        return self._status_words().get(day["status"], "")

    # A thousand people have thirty thousand days and few words: each is looked up once a language.

    @api.model
    @ormcache("self.env.lang")
    def _status_words(self):
        names = self.env["biometric.day"]._fields["status"]._description_selection(self.env)
        return dict(names)

    @api.model
    @ormcache("self.env.lang")
    def _finding_words(self):
        return dict(self.env["biometric.day"]._exception_words())

    @api.model
    @ormcache("self.env.lang", "on")
    def _date_words(self, on):
        """`(weekday, date)` as the language writes them."""
        return format_date(self.env, on, date_format="EEE"), format_date(self.env, on)

    @api.model
    def _minutes(self, key, day):
        return sum(day["minutes"].get(name) or 0 for name in MINUTES[key])

    @api.model
    def _length(self, key, minutes):
        if not minutes:
            return ""
        if key in DECIMAL:
            return f"{minutes / 60:.2f}"
        return f"{minutes // 60}:{minutes % 60:02d}"

    @api.model
    def _under(self, key, minutes):
        if not minutes:
            return ""
        return str(minutes // 60 if key == "under_hours" else minutes % 60)

    @api.model
    def _sums(self, keys, layout, days):
        under = sum(day["minutes"].get("undertime_minutes") or 0 for day in days)
        cells = []
        for key in keys:
            if key not in layout.sums:
                cells.append("")
            elif key in HOURS_OF:
                cells.append(self._under(key, under))
            else:
                cells.append(self._length(key, sum(self._minutes(key, day) for day in days)))
        cells[0] = self.env._("Total")
        return cells

    @api.model
    def _corrections_table(self, rows):
        _ = self.env._
        columns = [
            Column(_("Day"), 110),
            Column(_("Correction"), 300),
            Column(_("Before, after"), 240),
            Column(_("Requested by, decided by"), 200),
            Column(_("Why"), 150),
        ]
        return Table(columns, [self._correction(row) for row in rows], title=_("Corrections (*)"))

    @api.model
    def _correction(self, row):
        told = row.with_context(lang=self.env.lang)
        people = filter(None, [row.requested_by_id.name, row.decided_by_id.name])
        own = [self.env._("self-approved")] if row.self_approved else []
        return [
            format_date(self.env, row.date),
            told.change_text or "",
            " → ".join(filter(None, [told.before_text, told.after_text])),
            ", ".join([*people, *own]),
            told._reason_words() or "",
        ]

    # ------------------------------------------------------------------ who signed, and the proof

    @api.model
    def _signed(self, one, digest):
        """A line for each signature, of this state and of before."""
        kinds = dict(one.step_ids._fields["kind"]._description_selection(self.env))
        lines = []
        for step in one._signatures():
            when = step._when_words(self.env)
            who = one.employee_id if step.by_link else step.user_id
            what = f"{kinds[step.kind]}: {who.name}, {when} UTC"
            if step.by_link:
                what += f", {self.env._('by personal link')}"
            if step.text:
                what += f" ({step.text})"
            if step.digest != digest:
                what += f" – {self.env._('the days changed since; a new signature is needed')}"
            lines.append(what)
        return lines

    @api.model
    def _stamp(self, one, digest):
        return {
            "picture": one._code_of(digest),
            "lines": [
                self.env._("To check whether this document is genuine, scan the code or open"),
                one._address_of(digest),
                self._number_text(one),
                *self._proof(one, digest),
            ],
        }

    @api.model
    def _proof(self, one, digest):
        """Lines that tie a paper to the audit trail."""
        seq, head = self.env["biometric.audit"].sudo()._head(one.company_id.id)
        return [
            f"SHA-256 {digest}",
            self.env._("Audit trail: entry %(number)s, %(hash)s", number=seq, hash=head),
        ]
