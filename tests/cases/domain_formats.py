"""Examples of kind `format`: a payroll program's file as text and bytes, or the word of a refusal.

Owns the words in which an example states its input; every column and limit is the engine's.
"""

import hashlib
from dataclasses import replace
from datetime import date

from domain_input import first_of
from engine import formats

# an example may call a profile by another of its usual names
OTHER_NAMES = {
    "adp": "adp_wfn",
    "iif": "quickbooks_iif",
    "quickbooks": "quickbooks_iif",
    "myob": "myob_account_right",
    "myob_accountright": "myob_account_right",
    "exo": "myob_exo",
    "keypay": "employment_hero",
    "sage": "sage_ie",
    "sage_ireland": "sage_ie",
    "lodas": "lodas_standard",
    "lodas_buchung_standard": "lodas_standard",
    "lodas_tage": "lodas_stunden",
    "lug_kalender": "lug_calendar",
    "lug_kalendarium": "lug_calendar",
    "lug_tag": "lug_calendar",
    "lug_monat": "lug_month",
}
REFERENCES = ("ref", "id", "employee", "employee_id", "staff", "card_id", "matricule", "pnr")


def _day(text):
    return date.fromisoformat(text) if text else None


def _month(given):
    return date.fromisoformat(f"{given['month']}-01")


def _totals(given):
    return [
        formats.Total(
            str(first_of(row, REFERENCES, "")),
            first_of(row, ("regular", "reg"), 0),
            first_of(row, ("overtime", "ot"), 0),
            first_of(row, ("doubletime", "dt"), 0),
            row.get("extra") or {},
            row.get("first", ""),
            row.get("last", ""),
            row.get("title", ""),
        )
        for row in given["employees"]
    ]


def _adp_run(given):
    period = formats.RunPeriod(
        given["iid"], given["frequency"], _day(given["from"]), _day(given["to"])
    )
    people = [(row["ref"], [tuple(line) for line in row["lines"]]) for row in given["employees"]]
    return formats.run(period, people)


def _paychex(given):
    rows = [(str(who), name, minutes, _day(day)) for who, name, minutes, day in given["rows"]]
    return formats.paychex_spi(given["client"], rows)


def _client(given):
    begins = given.get("first_line", "client")
    adviser, client = (str(given.get(name, "")) for name in ("berater", "mandant"))
    return formats.Client(adviser, client, _month(given), begins)


def _movements(given):
    """Rows `[person, wage type, hours | days, amount]` or `[person, wage type, minutes]`, or by
    name with a day, an absence key and cost centres."""
    for row in given["rows"]:
        if isinstance(row, dict):
            yield formats.Movement(
                str(first_of(row, REFERENCES)),
                str(first_of(row, ("la", "lohnart", "wage_type", "code"))),
                first_of(row, ("minutes", "amount", "days"), 0),
                row.get("unit", "days" if "days" in row else "hours"),
                _day(first_of(row, ("day", "date"))),
                str(first_of(row, ("absence", "ausfall"), "")),
                str(first_of(row, ("cost_center", "kst"), "")),
                str(first_of(row, ("cost_unit", "ktr"), "")),
            )
            continue
        person, wage_type, *rest = row
        if rest and _is_day(rest[0]):
            yield formats.Movement(person, wage_type, rest[-1], "hours", _day(rest[0]))
        elif _is_day(wage_type):
            yield formats.Movement(person, rest[0], rest[-1], "hours", _day(wage_type))
        else:
            yield formats.Movement(
                person, wage_type, rest[-1], rest[0] if len(rest) > 1 else "hours"
            )


def _is_day(value):
    return isinstance(value, str) and len(value) == 10 and value[4] == "-"


def _datev(write):
    return lambda given: write(_client(given), _movements(given))


def _entries(given):
    """Rows by name: person, code, minutes, date and what else the program takes."""
    for row in first_of(given, ("rows", "entries", "employees")):
        yield formats.Entry(
            str(first_of(row, REFERENCES, "")),
            str(first_of(row, ("code", "category", "work_type", "rate"), "")),
            row.get("minutes", 0),
            _day(first_of(row, ("date", "day", "from"))),
            row.get("first", ""),
            row.get("last", ""),
            row.get("start", ""),
            row.get("end", ""),
            row.get("location", ""),
            first_of(row, ("comment", "comments"), ""),
            _day(first_of(row, ("to", "until"))),
        )


def _exo(given):
    return formats.myob_exo(
        (
            str(row["staff"]),
            row.get("type", "W"),
            row["minutes"],
            row.get("wage_type", 1),
            str(row.get("cost_center", "")),
        )
        for row in given["rows"]
    )


def _iif(given):
    header = (given["company"], str(first_of(given, ("create_time", "created"))))
    rows = [
        (_day(row["date"]), row["employee"], row["item"], row["payroll_item"], row["minutes"])
        for row in given["rows"]
    ]
    return formats.quickbooks_iif(header, rows)


def _xero(given):
    return formats.xero(
        (row["employee"], _day(row["date"]), row["minutes"], row["rate"]) for row in given["rows"]
    )


def _silae(given):
    columns = [tuple(column) for column in given["columns"]]
    kinds = given["kinds"]
    entries = [replace(entry, kind=kinds.get(entry.code, "")) for entry in _entries(given)]
    return formats.silae(columns, entries)


WRITERS = {
    "adp_wfn": lambda given: formats.workforce_now(
        given["co_code"], given["batch_id"], _totals(given), given.get("pairs", 2)
    ),
    "adp_run": _adp_run,
    "paychex_spi": _paychex,
    "gusto": lambda given: formats.gusto(_totals(given)),
    "quickbooks_iif": _iif,
    "xero": _xero,
    "myob_account_right": lambda given: formats.myob_account_right(_entries(given)),
    "myob_exo": _exo,
    "employment_hero": lambda given: formats.employment_hero(_entries(given)),
    "sage_ie": lambda given: formats.sage_ireland(tuple(row) for row in given["rows"]),
    "lodas_standard": _datev(formats.lodas_standard),
    "lodas_stunden": _datev(formats.lodas_hours_and_days),
    "lug_calendar": _datev(formats.payroll_calendar),
    "lug_month": _datev(formats.payroll_month),
    "silae": _silae,
}


def run_format(case):
    """`{text, encoding, bytes, sha256}`, or `{refuse: word, message}`."""
    name = OTHER_NAMES.get(case["profile"], case["profile"])
    if name not in WRITERS:
        raise ValueError(f"unknown profile {case['profile']!r}")
    profile = formats.PROFILES[name]
    try:
        text = WRITERS[name](case["input"])
        data = profile.encode(text)
    except formats.Refused as refused:
        return {"refuse": refused.word, "message": str(refused)}
    return {
        "text": text,
        "encoding": profile.encoding,
        "bytes": len(data),
        "sha256": hashlib.sha256(data).hexdigest(),
    }
