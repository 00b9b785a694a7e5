"""The verifier on payroll files: the bytes against the digests of their row, and the row against
the trail and the days it says it holds. Knows the written forms alone.
"""

import csv
import hashlib
import io
import json

# What the trail says of a file when it is made.
SAID = (
    "name",
    "kind",
    "date_from",
    "date_to",
    "sha256",
    "control_sha256",
    "line_count",
    "employee_count",
    "total_minutes",
    "generated_by_id",
)
MODEL = "biometric.export"
# What its control record says of it as well.
CONTROLLED = (
    "sha256",
    "kind",
    "line_count",
    "employee_count",
    "total_minutes",
    "complete_days",
    "blocked_days",
)
# Of these each control record speaks, that of an older release too.
SEALED = ("sha256", "line_count", "total_minutes")
# States of its days: whose minutes it pays, and which stand beside it.
COMPLETE, BESIDE, PAYOUT = ("paid", "changed"), ("left_out", "elsewhere"), "payout"


class Entries:
    """What the trail says of payroll files: the newest value of each field, by file."""

    def __init__(self):
        self.said, self.erased = {}, set()
        self.taken = set()  # files of before the list of days was kept

    def learn(self, row):
        if row["model"] != MODEL or row["res_id"] is None:
            return
        file_id = int(row["res_id"])
        if row["action"] == "payroll.take_up":
            self.taken.add(file_id)
        if row["content_salt"] is None:
            # its content was taken out with a person; that this was said, the trail's check knows
            self.erased.add(file_id)
        elif row["after"]:
            self.said.setdefault(file_id, {}).update(json.loads(row["after"]))


class FileCheck:
    """Payroll files of one company."""

    def __init__(self, findings, entries):
        self.findings, self.entries = findings, entries
        self.count = 0
        self.seen = set()

    def file(self, row, data, control, program, held):
        """row: columns of the file; data, control, program: its bytes, its control record's and
        those of the payroll program's file (b"" for none); held: [{"employee_id", "date", "state",
        "minutes" by "code|class", "total_minutes", "payroll_number"}] of the days it says it
        holds."""
        place = f"payroll file {row['name']}"
        self.count += 1
        self.seen.add(row["id"])
        self._entry(place, row)
        for name, content, digest in (
            ("content", data, row["sha256"]),
            ("control record", control, row["control_sha256"]),
        ):
            if digest is not None and hashlib.sha256(content).hexdigest() != digest:
                self.findings.add("file_content", place, f"its {name} was changed")
        self._control(place, row, control)
        self._program(place, control, program)
        self._days(place, row, data, held)

    def _entry(self, place, row):
        if row["id"] in self.entries.erased:
            return
        said = self.entries.said.get(row["id"], {})
        if said.get("state") != "done":
            self.findings.add("file_entry", place, "the trail does not know that it was made")
            return
        for name in SAID:
            value = said.get(name)
            value = value[0] if isinstance(value, list) else value
            if name in said and value != row[name]:
                text = f"the trail says {name} {value}, not {row[name]}"
                self.findings.add("file_entry", place, text)

    def close(self):
        """Files that the trail knows and that are not there."""
        for file_id, said in sorted(self.entries.said.items()):
            if said.get("state") == "done" and file_id not in self.seen:
                place = f"payroll file {said.get('name')}"
                self.findings.add("file_gone", place, "the trail knows it, and it is not there")

    def _control(self, place, row, control):
        try:
            said = json.loads(control)
            own = {name: said[name] for name in CONTROLLED if name in said or name in SEALED}
        except (KeyError, TypeError, ValueError):
            self.findings.add("file_control", place, "its control record cannot be read")
            return
        for name, value in own.items():
            if row[name] != value:
                text = f"its control record says {name} {value}, not {row[name]}"
                self.findings.add("file_control", place, text)

    def _program(self, place, control, program):
        """The file of the payroll program is the one that the control record names."""
        try:
            said = json.loads(control).get("program")
            digest = said["sha256"] if said else None
        except (AttributeError, KeyError, TypeError, ValueError):
            return  # _control says so
        found = hashlib.sha256(program).hexdigest() if program else None
        if found != digest:
            text = "the file of the payroll program is not the one its control record names"
            self.findings.add("file_content", place, text)

    def _days(self, place, row, data, held):
        """The lines of the file and the days that are noted with it say the same minutes."""
        # A file of before payroll numbers stood in it names people by our rows.
        ours = {
            one["payroll_number"]: one["employee_id"] for one in held if one.get("payroll_number")
        }
        try:
            lines = list(csv.DictReader(io.StringIO(data.decode())))
            found = {}
            for line in lines:
                if line["minutes"] == "0":
                    continue  # told because the program asks for it, of no day
                who = line["employee_id"]
                key = (ours[who] if who in ours else int(who), line["work_date"])
                codes = found.setdefault(key, {})
                code = f"{line['pay_code']}|{line['class']}"
                codes[code] = codes.get(code, 0) + int(line["minutes"])
        except (KeyError, TypeError, ValueError):
            self.findings.add("file_content", place, "its content cannot be read")
            return
        if len(lines) != row["line_count"]:
            self.findings.add("file_content", place, "it has another number of lines")
        noted = {}
        for one in held:
            for code, number in (one["minutes"] or {}).items():
                codes = noted.setdefault((one["employee_id"], one["date"]), {})
                codes[code] = codes.get(code, 0) + number
        self._list(place, row, held)
        for employee, day in sorted({*found, *noted}):
            if found.get((employee, day)) != noted.get((employee, day)):
                where = f"{place}, day {day} of employee {employee}"
                self.findings.add("file_day", where, "the note of its minutes says otherwise")

    def _list(self, place, row, held):
        """How many days are in the file and how many beside it, and that their minutes add up: a
        day that leaves the list is paid once more by the next file."""
        for one in held:
            where = f"{place}, day {one['date']} of employee {one['employee_id']}"
            total = sum((one["minutes"] or {}).values())
            if total != one["total_minutes"] or (total and one["state"] in BESIDE):
                self.findings.add("file_day", where, "its minutes do not add up")
        if row["id"] in self.entries.taken:
            return  # made before the list was kept
        states = [one["state"] for one in held]
        paid = sum(one["total_minutes"] for one in held if one["state"] in (*COMPLETE, PAYOUT))
        stands = (sum(map(states.count, COMPLETE)), sum(map(states.count, BESIDE)), paid)
        names = ("complete_days", "blocked_days", "total_minutes")
        for name, counted in zip(names, stands):  # noqa: B905 - the scripts run on Python 3.9
            if counted != row[name]:
                text = f"its list of days gives {name} {counted}, not {row[name]}"
                self.findings.add("file_day", place, text)
