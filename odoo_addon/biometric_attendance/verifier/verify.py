#!/usr/bin/env python3
"""Verifies an export of a company: `python3 verify.py EXPORT.zip [--witness FILE]`.

Needs Python 3.9 or newer and nothing else (`python3 -I -S` will do), and 3.11 to compute the days
again; an older one says that it did not. The
witness file holds audit heads remembered elsewhere, one JSON object a line: of mails to auditors,
of other exports, or what `biometric-agent heads` printed. Ends with 0 when everything fits, 1 when
something was found, 2 when a file cannot be read. Memory does not grow with the number of rows.
"""

import argparse
import io
import json
import os
import sqlite3
import sys
import tempfile
import zipfile
from itertools import groupby

try:
    from . import (
        bank,
        days,
        exceptions,
        explained,
        files,
        kept_heads,
        ledgers,
        rows,
        states,
        trail,
    )
    from .audited import AUDITED
except ImportError:  # run as a script, outside Odoo; an isolated Python does not look beside it
    sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
    import bank
    import exceptions
    import explained
    import files
    import kept_heads
    import ledgers
    import rows
    import states
    import trail
    from audited import AUDITED

    try:
        import days
    except ImportError:  # the engine needs Python 3.11
        days = None

FORMAT = "biometric-export 2"


class Export:
    """The zip: one JSON object in company.json, JSON lines in every other file."""

    def __init__(self, path):
        self.archive = zipfile.ZipFile(path)
        with self.archive.open("company.json") as file:
            self.company = json.load(file)
        if self.company.get("format") != FORMAT:
            raise ValueError(f"not a file of form {FORMAT!r}")

    def has(self, name):
        """Whether the export brings a file; one of an older release lacks some."""
        return name in self.archive.namelist()

    def content(self, name):
        return self.archive.read(name) if self.has(name) else b""

    def rows(self, name):
        with self.archive.open(f"{name}.jsonl") as file:
            for line in io.TextIOWrapper(file, encoding="utf-8"):
                yield json.loads(line)


class Seen:
    """On disk, so that memory does not grow: which punch a checked sighting names, and what entries
    say of audited rows."""

    def __init__(self):
        handle, self.path = tempfile.mkstemp(suffix=".sqlite")
        os.close(handle)
        self.base = sqlite3.connect(self.path, isolation_level=None)
        self.base.execute("PRAGMA journal_mode = OFF")
        self.base.execute("PRAGMA synchronous = OFF")
        self.base.execute("CREATE TABLE seen (punch INTEGER PRIMARY KEY, key TEXT) WITHOUT ROWID")
        self.base.execute(
            "CREATE TABLE said (model TEXT, subject INTEGER, seq INTEGER, action TEXT, after TEXT, "
            "blank INTEGER, tx TEXT, PRIMARY KEY (model, subject, seq)) WITHOUT ROWID"
        )
        self.base.execute("BEGIN")

    def add(self, punch, key):
        self.base.execute("INSERT OR IGNORE INTO seen VALUES (?, ?)", (punch, key))

    def __call__(self, punch, key):
        query = "SELECT 1 FROM seen WHERE punch = ? AND key = ?"
        return self.base.execute(query, (punch, key)).fetchone() is not None

    def said(self, row):
        """Take up an entry that speaks of an audited row."""
        try:
            about = states.subject(row)
        except (AttributeError, KeyError, TypeError, ValueError):
            return  # the check of the trail says so
        if about:
            content = (row["action"], row["after"], row["content_salt"] is None)
            line = (*about, int(row["seq"]), *content, row["transaction_id"])
            self.base.execute("INSERT OR IGNORE INTO said VALUES (?, ?, ?, ?, ?, ?, ?)", line)

    def entries(self, model, since):
        """Entries after number `since` about rows of a model, by row and age."""
        columns = "subject, seq, action, after, blank, tx"
        query = f"SELECT {columns} FROM said WHERE model = ? AND seq > ? "
        for row in self.base.execute(f"{query} ORDER BY subject, seq", (model, since)):
            subject, seq, action, after, blank, transaction = row
            yield {
                "subject": subject,
                "seq": seq,
                "action": action,
                "after": after,
                "blank": blank,
                "transaction_id": transaction,
            }

    def close(self):
        self.base.close()
        os.unlink(self.path)


def verify(export, witnesses=()):
    """trail.Findings of an Export. witnesses: [{"who", "seq", "hash"}] from outside."""
    findings, learned, seen = trail.Findings(), trail.Trail(), Seen()
    books = days and days.Books()
    try:
        company = export.company["company_id"]
        countersigned = list(export.rows("audit_witness"))
        heads = [
            {"who": f"agent {row['agent_id']}", "seq": row["seq"], "hash": row["hash"]}
            for row in countersigned
        ]
        audit = trail.AuditCheck(company, findings, learned, [*heads, *witnesses])
        entries, told, acts = files.Entries(), explained.Explained(), bank.Told()
        for row in export.rows("audit"):
            audit.row(row)
            seen.said(row)
            entries.learn(row)
            told.learn(row)
            acts.learn(row)
            if books:
                books.learn(row)
        audit.close()
        _states(export, findings, learned, seen)
        _exceptions(export, findings, learned)
        _rows(export, findings, learned)
        if export.has("tables/biometric.audit.finding.jsonl"):
            explained.check(export.rows("tables/biometric.audit.finding"), told, findings)
        _lanes(export, findings, learned, seen, countersigned)
        punches = ledgers.PunchCheck(
            company, findings, learned, lambda row: seen(row["id"], row["key"])
        )
        for row in export.rows("punch"):
            punches.row(row)
            if books:
                books.punch(row)
        punches.close()
        _days(export, findings, books)
        _files(export, findings, entries)
        _accounts(export, findings, acts)
        exceptions.check_protection(export.company["protection"], findings, learned)
        if not heads and not witnesses:
            findings.note("no witness of the audit trail: entries cut off its end cannot be missed")
    finally:
        seen.close()
        if books:
            books.close()
    return findings


def _states(export, findings, learned, seen):
    """Rows of state.jsonl stand model by model, in the order of names and ids."""
    since = learned.begin[0] if learned.begin else 0
    groups = groupby(export.rows("state"), key=lambda row: row["model"])
    ahead = next(groups, None)
    for name in sorted(AUDITED):
        here = ahead is not None and ahead[0] == name
        rows = ahead[1] if here else ()
        states.StateCheck(name, findings, learned).run(seen.entries(name, since), rows)
        if here:
            ahead = next(groups, None)
    if ahead is not None:
        findings.add("state_order", ahead[0], "rows of no audited model, or out of order")


def _rows(export, findings, learned):
    rows.check_nights(findings, learned)
    for name in sorted(rows.WITNESSED):
        check = rows.RowCheck(name, findings, learned)
        for row in export.rows(f"tables/{name}") if export.has(f"tables/{name}.jsonl") else ():
            check.row(row)
        check.close()


def _exceptions(export, findings, learned):
    exceptions.check_removals(learned, findings)
    exceptions.check_erased_keys(export.rows("erased_key"), learned, findings)
    lanes, heads = export.rows("lane"), list(export.rows("lane_head"))
    exceptions.check_lanes(lanes, heads, learned, findings)


def _days(export, findings, books):
    if not export.has("day_case.jsonl"):
        findings.note(
            "the days cannot be computed: the file is of a release before it carried them"
        )
        return
    if books is None:
        findings.note("the days were not computed: that needs Python 3.11 or newer")
        return
    books.read(export)
    company = export.company
    check = days.DayCheck(company["company_id"], findings, books, company["exported_at"])
    for line in export.rows("day_case"):
        check.case(line)
    check.close(export)


def _files(export, findings, entries):
    if not export.has("tables/biometric.export.jsonl"):
        return
    held = {}
    for row in export.rows("tables/biometric.export.day"):
        held.setdefault(row["export_id"], []).append(row)
    check = files.FileCheck(findings, entries)
    for row in export.rows("tables/biometric.export"):
        if row["state"] == "done":
            content = (
                export.content(f"payroll/{row['id']}-{name}")
                for name in ("data", "control", "program_data")
            )
            check.file(row, *content, held.get(row["id"], []))
    check.close()


def _accounts(export, findings, acts):
    if not export.has("tables/biometric.cto.account.jsonl"):
        return
    accounts = export.rows("tables/biometric.cto.account")
    check = bank.AccountCheck(export.company["company_id"], accounts, acts, findings)
    for row in export.rows("tables/biometric.cto.entry"):
        check.row(row)
    check.close()


def _lanes(export, findings, learned, seen, countersigned):
    lanes = list(export.rows("lane"))
    signed = list(export.rows("lane_head"))
    wanted = {(head["lane_id"], head["seq"]) for head in signed}
    for night in learned.nights:
        wanted |= {(int(lane), said["seq"]) for lane, said in night["lanes"].items()}
    hashes, by_id = {}, {lane["id"]: lane for lane in lanes}
    check = None
    for row in export.rows("sighting"):
        lane = by_id.get(row["lane_id"])
        if lane is None:
            findings.add("lane_missing", f"lane {row['lane_id']}", "numbers of no lane")
            continue
        if check is None or check.lane is not lane:
            if check is not None:
                check.close()
            check = ledgers.LaneCheck(lane, findings, learned)
            lane["checked"] = True
        check.row(row)
        if row["punch_id"] is not None:
            seen.add(row["punch_id"], row["key"])
        if (row["lane_id"], row["seq"]) in wanted:
            hashes[row["lane_id"], row["seq"]] = row["hash"]
    if check is not None:
        check.close()
    for lane in lanes:
        if not lane.get("checked"):
            ledgers.LaneCheck(lane, findings, learned).close()
    agents = list(export.rows("agent"))
    match = ledgers.HeadCheck(
        lanes, agents, findings, learned, lambda lane, seq: hashes.get((lane, seq))
    )
    for head in signed:
        match.signed(head, export.company["exported_at"][:10])
    for witness in countersigned:
        match.countersigned(witness)
    match.nights()


def report(findings, out):
    for row in findings.rows:
        print(f"{row['code']}: {row['place']}: {row['text']}", file=out)
    for code, count in sorted(findings.counts.items()):
        if count > trail.PLACES_PER_CODE:
            print(f"{code}: {count} in all", file=out)
    for note in findings.notes:
        print(f"note: {note}", file=out)
    print("NOT as it was" if findings.counts else "everything fits", file=out)


def main(arguments=None, out=None):
    parser = argparse.ArgumentParser(description="Verifies an export of Biometric Attendance.")
    parser.add_argument("export", help="the zip file")
    parser.add_argument("--witness", action="append", default=[], help="heads kept elsewhere")
    asked = parser.parse_args(arguments)
    out = out or sys.stdout
    try:
        export = Export(asked.export)
        company = export.company["company_id"]
        witnesses = [row for path in asked.witness for row in kept_heads.read(path, company)]
        findings = verify(export, witnesses)
    except (OSError, KeyError, ValueError, zipfile.BadZipFile) as error:
        print(f"cannot be read: {error!r}", file=out)
        return 2
    except (AttributeError, RecursionError, TypeError) as error:
        print(f"check_failed: a row has a form that nothing expects: {error!r}", file=out)
        print("NOT as it was", file=out)
        return 1
    report(findings, out)
    return 1 if findings.counts else 0


if __name__ == "__main__":
    sys.exit(main())
