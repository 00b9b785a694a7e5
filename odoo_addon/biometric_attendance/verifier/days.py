"""The verifier on days: each is computed from the inputs that the export carries, with the engine
that it brings along, and compared with what is kept; and the inputs with punches, PINs, rule sets.

Knows the written forms and the engine, neither odoo nor where rows come from. Needs Python 3.11 or
newer, as the engine does.
"""

import json
import os
import sqlite3
import tempfile
from datetime import UTC, date, datetime, timedelta

try:
    from ..engine import (
        UNSETTLED,
        RuleSet,
        Zone,
        case_from_json,
        day_record,
        record_digest,
        wall,
        wall_of,
    )
except ImportError:  # run as a script, outside Odoo
    from engine import (
        UNSETTLED,
        RuleSet,
        Zone,
        case_from_json,
        day_record,
        record_digest,
        wall,
        wall_of,
    )
try:
    from .removal import removal_of
except ImportError:
    from removal import removal_of

# Words of a day that the engine does not say.
BESIDE = ("employee_id", "company_id", "rule_id", "rule_name", "shift_reason")
SHOWN = 4
KEY_DIGITS = 16
# An export of a large company takes its time.
READING = timedelta(hours=6)
FIRST, LAST = "0001-01-01", "9999-12-31"


class Books:
    """Days, punches and what tells whose they are, on disk: memory does not grow with them."""

    def __init__(self):
        handle, self.path = tempfile.mkstemp(suffix=".sqlite")
        os.close(handle)
        self.base = sqlite3.connect(self.path, isolation_level=None)
        self.base.execute("PRAGMA journal_mode = OFF")
        self.base.execute("PRAGMA synchronous = OFF")
        self.base.execute(
            "CREATE TABLE day (employee INTEGER, date TEXT, row TEXT, seen INTEGER DEFAULT 0,"
            " PRIMARY KEY (employee, date)) WITHOUT ROWID"
        )
        self.base.execute(
            "CREATE TABLE punch (id INTEGER PRIMARY KEY, name TEXT, device INTEGER, pin TEXT,"
            " wall_time TEXT, marked INTEGER DEFAULT 0)"
        )
        self.base.execute("CREATE INDEX punch_name ON punch (name)")
        self.base.execute("CREATE INDEX punch_pin ON punch (device, pin, wall_time)")
        self.base.execute("BEGIN")
        self.mappings, self.rules, self.zones, self.devices = {}, {}, {}, {}
        self.counted, self.erased, self.provable_from = {}, {}, FIRST

    def learn(self, row):
        """An audit entry: whose punches were erased, and up to when all were purged."""
        if row["action"] not in ("person.erase", "retention.purge") or not row["after"]:
            return
        day = min(row["happened_at"], row["sealed_at"] or row["happened_at"])[:10]
        removal = removal_of(row["after"], date.fromisoformat(day))
        if removal is None:
            return  # the check of the trail says so
        if row["action"] == "retention.purge":
            if removal.reach:
                self.provable_from = max(self.provable_from, removal.reach.isoformat())
        elif removal.person is not None:
            until = self.erased.get(removal.person, FIRST)
            self.erased[removal.person] = max(until, removal.until.isoformat())

    def read(self, export):
        """What tells whose a punch is and what counts, of an export."""
        for row in export.rows("tables/biometric.day"):
            self.day(row)
        for row in export.rows("tables/biometric.device.user"):
            self.mapping(row)
        for row in export.rows("tables/biometric.device.zone"):
            self.zones.setdefault(row["device_id"], []).append((row["valid_from"], row["tz"]))
        for row in export.rows("tables/biometric.flag"):
            self._mark(row["punch_id"])
        for row in export.rows("tables/biometric.decision"):
            if row["punch_id"] is not None:
                self.counted[row["punch_id"]] = (row["verdict"], row["counts_at"])
                self._mark(row["punch_id"])
        self.devices = {row["id"]: row for row in export.rows("tables/biometric.device")}
        self.rules = {row["id"]: row for row in export.rows("tables/biometric.rule")}

    def punch(self, row):
        self.base.execute(
            "INSERT OR IGNORE INTO punch (id, name, device, pin, wall_time) VALUES (?, ?, ?, ?, ?)",
            (row["id"], row["key"][:KEY_DIGITS], row["device_id"], row["pin"], row["wall_time"]),
        )

    def day(self, row):
        self.base.execute(
            "INSERT OR IGNORE INTO day (employee, date, row) VALUES (?, ?, ?)",
            (row["employee_id"], row["date"], json.dumps(row)),
        )

    def mapping(self, row):
        if row["employee_id"] is not None:
            span = (row["valid_from"] or FIRST, row["valid_to"] or LAST)
            own = self.mappings.setdefault(row["employee_id"], [])
            own.append((row["device_id"], row["pin"], *span))

    def _mark(self, punch_id):
        self.base.execute("UPDATE punch SET marked = 1 WHERE id = ?", (punch_id,))

    def close(self):
        self.base.close()
        os.unlink(self.path)


class DayCheck:
    """Every case of the export against the days that are kept."""

    def __init__(self, company_id, findings, books, exported_at):
        """exported_at: instant (text) at which the days were read, or shortly before."""
        self.company_id, self.findings, self.books = company_id, findings, books
        self.read_by = _moment(exported_at) + READING
        self.count = self.waiting = 0
        # {punch id: (name, device id, employee id, wall time)} that no day was computed from
        self.left_out = {}

    def case(self, line):
        """line: {"employee_id", "dates", "not_in_service", "rules", "waiting", "case"}."""
        employee = line["employee_id"]
        try:
            case = case_from_json(line["case"])
            days = case.days()
        except (KeyError, TypeError, ValueError, IndexError) as error:
            place = f"inputs of employee {employee} from {(line['dates'] or ['?'])[0]}"
            self.findings.add("day_inputs", place, f"nothing can be computed from them: {error!r}")
            return
        away = set(line["not_in_service"])
        for text, chosen in zip(line["dates"], line["rules"], strict=True):
            day = date.fromisoformat(text)
            place = f"day {text} of employee {employee}"
            row = self._row(employee, text)
            if row is None:
                if days[day].derivation.get("sessions") and not line["waiting"]:
                    self.findings.add("day_missing", place, "the day is gone, work was punched")
                continue
            self.count += 1
            record = day_record(days[day], case.facts_of(day), text not in away)
            self._compare(place, row, record, line["waiting"])
            if not line["waiting"]:
                self._rule(place, row, chosen, case.rules_for(day))
        self._punches(employee, line, case)

    def _row(self, employee, text):
        self.books.base.execute(
            "UPDATE day SET seen = 1 WHERE employee = ? AND date = ?", (employee, text)
        )
        found = self.books.base.execute(
            "SELECT row FROM day WHERE employee = ? AND date = ?", (employee, text)
        ).fetchone()
        return found and json.loads(found[0])

    def _compare(self, place, row, record, waiting):
        if row["company_id"] != self.company_id:
            self.findings.add("day_company", place, "it is of another company")
        own = {name: row[name] for name in (*record, *BESIDE)}
        own["derivation"] = _text(own["derivation"])
        if row["inputs_digest"] is not None and record_digest(own) != row["digest"]:
            text = "somebody wrote into it: it does not fit its own digest"
            self.findings.add("day_digest", place, text)
        changed = [name for name in record if _text(row[name]) != _text(record[name])]
        if not changed:
            return
        if waiting or self._waits(row):
            self.waiting += 1
            return
        told = [
            name if name == "derivation" else f"{name} {row[name]}, computed {record[name]}"
            for name in changed[:SHOWN]
        ]
        self.findings.add("day_result", place, "; ".join(told))

    def _waits(self, row):
        """A day whose time has just come may come out otherwise by the passing of time alone, until
        it is computed again; nobody is paid from it."""
        settles_at = row["settles_at"]
        due = settles_at is not None and _moment(settles_at) <= self.read_by
        return due and row["status"] in UNSETTLED

    def _rule(self, place, row, chosen, rules):
        """The day names the rule set that was in force, and was computed by its parameters."""
        if [row["rule_id"], row["rule_name"]] != chosen:
            text = f"it names {row['rule_name']}, in force was {chosen[1]}"
            self.findings.add("day_rule", place, text)
            return
        written = {}
        if row["rule_id"] is not None:
            kept = self.books.rules.get(row["rule_id"])
            if kept is None or kept["state"] != "adopted" or kept["valid_from"] > row["date"]:
                self.findings.add("day_rule", place, f"{row['rule_name']} was not in force")
                return
            written = kept["parameters"] or {}
        try:
            same = RuleSet.from_dict(written) == rules
        except ValueError:
            same = False
        if not same:
            self.findings.add("day_rule", place, "it was computed by other rules than its rule set")

    # ------------------------------------------------------------------ inputs and ledgers

    def _punches(self, employee, line, case):
        """Every punch the day was computed from is in the ledger, at this time, of this person; and
        every one of this person in the ledger, that nothing speaks against, is among them."""
        used = {}
        for group in case.groups:
            used.update({(p.identity, p.device): p for p in group.facts.punches})
        names = set()
        for (identity, device), punch in sorted(used.items()):
            names.add(identity)
            wrong = self._punch(employee, identity, device, punch.at)
            if wrong:
                moment = datetime.fromtimestamp(punch.at, UTC).strftime("%Y-%m-%d %H:%M")
                place = f"punch {identity} of employee {employee} at {moment}"
                self.findings.add("day_punch", place, wrong)
        if not line["dates"]:
            return
        for device, pin, since, until in self.books.mappings.get(employee, ()):
            if not self._serves(device):
                continue
            low, high = max(since, min(line["dates"])), min(until, max(line["dates"]))
            rows = self.books.base.execute(
                "SELECT id, name, wall_time FROM punch WHERE device = ? AND pin = ? AND marked = 0"
                " AND wall_time >= ? AND wall_time < ?",
                (device, pin, low, high + "T"),
            )
            for punch_id, name, shown in rows:
                if name not in names:
                    self.left_out[punch_id] = (name, device, employee, shown)

    def _serves(self, device):
        """Whether a device's punches count whenever they were made."""
        row = self.books.devices.get(device)
        if row is None or row["state"] != "active":
            return False
        return not (row.get("in_service_from") or row.get("moved_at") or row.get("back_at"))

    def _punch(self, employee, identity, device, at):
        rows = self.books.base.execute(
            "SELECT id, device, pin, wall_time FROM punch WHERE name = ?", (identity,)
        ).fetchall()
        rows = [row for row in rows if str(row[1]) == device]
        if not rows:
            return "no such punch is in the ledger"
        punch_id, device_id, pin, shown = rows[0]
        verdict, counts_at = self.books.counted.get(punch_id, (None, None))
        if verdict == "discard":
            return "it was discarded"
        on = shown[:10]
        if verdict == "count_as" and counts_at:
            decided = datetime.fromisoformat(counts_at).replace(tzinfo=UTC)
            return None if int(decided.timestamp()) == at else "a person said another time"
        own = self.books.mappings.get(employee, ())
        if not any(d == device_id and p == pin and a <= on <= b for d, p, a, b in own):
            return "its PIN means somebody else"
        if device_id in self.books.zones and at not in self._instants(device_id, shown):
            return "its terminal showed another time"
        return None

    def _instants(self, device, shown):
        """What a wall time may mean by the zone spans of its device."""
        spans = sorted(self.books.zones.get(device, ()))
        try:
            zone, clock = Zone.named(wall.span_zone(spans, shown)), wall_of(shown)
        except ValueError:
            return ()
        return (zone.instant(clock, 0), zone.instant(clock, 1))

    def close(self, export):
        """Days that no case covers: only those whose punches were taken out by rule may be such.
        Punches that no day was computed from: the ledgers are read once more for what speaks
        against them, because there are few."""
        books = self.books
        self._judge_left_out(export)
        for employee, text in books.base.execute("SELECT employee, date FROM day WHERE seen = 0"):
            if text > books.erased.get(employee, "") and text >= books.provable_from:
                place = f"day {text} of employee {employee}"
                self.findings.add("day_inputs", place, "the file does not say what it came from")
        if self.waiting:
            self.findings.note(
                f"{self.waiting} days were not settled or about to be computed again"
            )

    def _judge_left_out(self, export):
        """A punch may be left out whose clock was impossible when it was first seen, or that only
        a file told: whether its own person brought it, an export does not say."""
        seen_at, told = {}, set()
        for row in export.rows("punch") if self.left_out else ():
            if row["id"] in self.left_out:
                seen_at[row["id"]] = _moment(row["stored_at"])
        for row in export.rows("sighting") if self.left_out else ():
            if row["punch_id"] in self.left_out and row["kind"] == "punch":
                if row["channel"] != "file":
                    told.add(row["punch_id"])
                if row["clock"] == "ok":
                    received_at = _moment(row["received_at"])
                    seen_at[row["punch_id"]] = min(seen_at[row["punch_id"]], received_at)
        for punch_id, (name, device, employee, shown) in sorted(self.left_out.items()):
            sane = any(
                wall.is_sane(shown, wall.utc(at), seen_at[punch_id])
                for at in self._instants(device, shown)
            )
            if sane and punch_id in told:
                place = f"punch {name} of employee {employee} at {shown}"
                self.findings.add("day_left_out", place, "the days were computed without it")


def _moment(text):
    """Naive UTC of an instant of an export."""
    moment = datetime.fromisoformat(text)
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment


def _text(value):
    return json.dumps(value, sort_keys=True)
