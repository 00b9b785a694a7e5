"""The verifier on small ledgers that days hang on beside punches: each night says a digest of the
rows that came since the one before. Standard library alone; knows neither odoo nor where rows come
from.

A line of a digest is the values of a row's columns in their order, as the database writes them in
JSON, nothing for NULL, joined by "|" and closed by LF.
"""

import hashlib

# {model: columns of its line}
WITNESSED = {
    "biometric.audit.concern": (
        "id",
        "entry_id",
        "person_id",
        "date_from",
        "date_to",
        "is_self",
    ),
    "biometric.cto.entry": ("id", "account_id", "number", "hash"),
    "biometric.flag": (
        "id",
        "device_id",
        "punch_id",
        "run_id",
        "kind",
        "found_at",
        "offset_seconds",
    ),
}
# Where the first night begins to count, where that is not 1.
FIRST_ID = {"biometric.punch": 0}


def line(model, row):
    """Bytes of a row (JSON values by column)."""
    return ("|".join(_text(row[name]) for name in WITNESSED[model]) + "\n").encode()


def _text(value):
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def check_nights(findings, trail):
    """The ranges of nights follow one another from the first id on: behind one that reaches beyond
    all rows, no night would witness any more."""
    spans = {}
    for night in trail.nights:
        named = {"biometric.punch": night["punches"], **night.get("rows", {})}
        for model, ranges in named.items():
            for said in ranges:
                spans.setdefault(model, []).append((night["number"], said["from"], said["to"]))
    for model, said in sorted(spans.items()):
        expected = FIRST_ID.get(model, 1)
        for number, low, high in said:
            if low != expected or high < low:
                text = f"its range {low} to {high} does not begin at {expected}"
                findings.add("night_range", f"audit {number}, {model}", text)
            expected = max(expected, high + 1)


class Digest:
    """Count and SHA-256 of rows, one by one in the order of their ids."""

    def __init__(self, model):
        self.model, self.count, self.sha = model, 0, hashlib.sha256()

    def add(self, row):
        self.count += 1
        self.sha.update(line(self.model, row))

    def said(self):
        return [self.count, self.sha.hexdigest()]


class RowCheck:
    """Rows of one model, in the order of their ids, against what the nights said of them."""

    def __init__(self, model, findings, trail):
        self.model, self.findings = model, findings
        restated = trail.restated_rows.get(model, {})
        self.ranges = [
            (said, restated.get(said["from"]) or [said["count"], said["digest"]])
            for night in trail.nights
            for said in night.get("rows", {}).get(model, ())
        ]
        self.at, self.count, self.digest = 0, 0, Digest(model)

    def row(self, row):
        self.count += 1
        while self.at < len(self.ranges) and row["id"] > self.ranges[self.at][0]["to"]:
            self._close_range()
        if self.at < len(self.ranges) and row["id"] >= self.ranges[self.at][0]["from"]:
            self.digest.add(row)

    def _close_range(self):
        said, expected = self.ranges[self.at]
        if self.digest.said() != list(expected):
            place = f"{self.model} {said['from']} to {said['to']}"
            text = "they are not what they were that night"
            self.findings.add("row_night", place, text, self.digest.said())
        self.at += 1
        self.digest = Digest(self.model)

    def close(self):
        while self.at < len(self.ranges):
            self._close_range()
