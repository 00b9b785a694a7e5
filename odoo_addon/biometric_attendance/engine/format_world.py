"""MYOB, Employment Hero, Xero's converters, Sage Payroll Ireland and Silae.

Owns their columns and limits; sums and codes are handed in. Sources: MYOB's, Employment Hero's and
Sage's help pages (confidence A), converters and integrators for Xero and Silae (B and C).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from .format_cells import (
    Refused,
    all_matching,
    joined,
    limited,
    line_of,
    matching,
    people_matching,
    refuse_all,
    refuse_people,
    table,
    within,
)
from .payroll import hours_text
from .spreadsheet_text import human_cell

MYOB_COLUMNS = (
    "Emp. Co./Last Name",
    "Emp. First Name",
    "Payroll Category",
    "Date",
    "Hours",
    "Emp. Card ID",
)
EMPLOYMENT_HERO_COLUMNS = (
    "EmployeeExternalId",
    "Date",
    "Start",
    "End",
    "Units",
    "WorkType",
    "Location",
    "Comments",
)
XERO_COLUMNS = ("Employee", "Date", "Hours", "Earnings Rate")
EXO_NUMBER = r"\d{1,6}"
SAGE_NUMBER = r"[A-Za-z0-9]{1,8}"
MYOB_LONGEST, EMPLOYMENT_HERO_LONGEST, SILAE_LONGEST = 15, 50, 20
SILAE_FIELDS = ("matricule", "code", "valeur", "debut", "fin")


@dataclass(frozen=True)
class Entry:
    """One value of one person: a day's or a total's minutes under the program's own code."""

    reference: str
    code: str
    minutes: int
    day: date | None = None
    first: str = ""
    last: str = ""
    start: str = ""
    end: str = ""
    location: str = ""
    comment: str = ""
    until: date | None = None
    kind: str = ""


def _dated(entry: Entry) -> date:
    if entry.day is None:
        raise Refused("date", f"{entry.reference}: each line of this program has its date")
    return entry.day


def myob_account_right(entries: Iterable[Entry]) -> str:
    """AccountRight's time sheets, parted by tab, in the order given. The date is day first, as an
    Australian system writes it. People by name or card id: at least one of the two."""
    told = list(entries)
    if not all(entry.reference or entry.last for entry in told):
        raise Refused("ref", "a line has neither a last name nor a card id")
    for word, longest, what, texts in (
        ("last", 30, "last name", [(entry.reference, entry.last) for entry in told]),
        ("first", 20, "first name", [(entry.reference, entry.first) for entry in told]),
        ("ref", MYOB_LONGEST, "card id", [(entry.reference, entry.reference) for entry in told]),
    ):
        wrong = [(number or text, "") for number, text in texts if len(text) > longest]
        refuse_people(word, wrong, f"a {what} has 1 to {longest} characters")
    rows: list[tuple[str, ...]] = []
    for entry in told:
        limited("category", entry.code, 30, "payroll category")
        if entry.minutes:
            day = f"{_dated(entry):%d/%m/%Y}"
            names = (human_cell(entry.last), human_cell(entry.first), entry.code)
            rows.append((*names, day, hours_text(entry.minutes), entry.reference))
    return table(MYOB_COLUMNS, rows, "\t")


def myob_exo(entries: Iterable[tuple[str, str, int, int, str]]) -> str:
    """Exo's `timetran`, without headings: staff code, type `W`, units, wage type, allowance code,
    cost centre. `entries`: `(staff code, type, minutes, wage type, cost centre)`."""
    told = list(entries)
    numbers = [staff for staff, *_rest in told]
    people_matching("staff", numbers, EXO_NUMBER, "a staff code has 1 to 6 digits")
    within("hours", [(staff, minutes) for staff, _kind, minutes, *_rest in told], "99999.99")
    lines: list[str] = []
    for staff, kind, minutes, wage_type, cost_center in told:
        matching("type", kind, r"[A-Z]", "a type is one letter: W wages, A allowance")
        matching("wage_type", str(wage_type), r"\d", "a wage type is one digit")
        if cost_center:
            matching("cost_center", cost_center, r"\d{1,12}", "a cost centre has 1 to 12 digits")
        if minutes:
            lines.append(f"{staff},{kind},{hours_text(minutes)},{wage_type},,{cost_center}")
    return joined(lines)


def exo_file_name(company: str, number: str) -> str:
    """`<company>_timetran_<id>.csv`; Exo renames it after the import."""
    matching("company", company, r"[\w-]{1,40}", "Exo's file is named after the company: its code")
    return f"{company}_timetran_{number}.csv"


def employment_hero(entries: Iterable[Entry]) -> str:
    """Employment Hero (KeyPay): one entry a line, columns mapped once by the customer. A line has
    a date and units, or start and end."""
    told = list(entries)
    form = rf".{{1,{EMPLOYMENT_HERO_LONGEST}}}"
    numbers = [entry.reference for entry in told]
    people_matching("ref", numbers, form, "an external id has 1 to 50 characters")
    rows: list[tuple[str, ...]] = []
    for entry in told:
        if bool(entry.start) != bool(entry.end):
            raise Refused("start", f"{entry.reference}: a start needs an end, and the other way")
        if not entry.minutes:
            continue
        units = "" if entry.start else hours_text(entry.minutes)
        head = (entry.reference, _dated(entry).isoformat(), entry.start, entry.end, units)
        rows.append((*head, entry.code, entry.location, entry.comment))
    return table(EMPLOYMENT_HERO_COLUMNS, rows)


def xero(entries: Iterable[tuple[str, date, int, str]]) -> str:
    """Rows for Xero's converters. `entries`: `(employee, date, minutes, earnings rate)`."""
    told = sorted(entries)
    nameless = [f"{day} ({rate})" for name, day, _minutes, rate in told if not name]
    refuse_all("name", nameless, "Xero knows people by name, and one is missing")
    refuse_all(
        "rate", [who for who, *_rest, rate in told if not rate], "an earnings rate is missing"
    )
    rows = [
        (human_cell(name), day.isoformat(), hours_text(minutes), rate)
        for name, day, minutes, rate in told
        if minutes
    ]
    return table(XERO_COLUMNS, rows)


def sage_ireland(entries: Iterable[tuple[str, str, int]]) -> str:
    """Sage Payroll Ireland: no headings, columns A to G, one line per payment, the stored rate.
    `entries`: `(employee number, payment number, minutes)`."""
    told = list(entries)
    numbers = [employee for employee, *_rest in told]
    people_matching("employee", numbers, SAGE_NUMBER, "an employee number has 1 to 8 of A-Z 0-9")
    payments = [payment for _employee, payment, _minutes in told]
    all_matching("payment", payments, r"\d{1,3}", "a payment number has 1 to 3 digits")
    return joined(
        line_of(("2", employee, payment, "", "", hours_text(minutes), ""), ",")
        for employee, payment, minutes in told
        if minutes
    )


def silae(
    columns: Sequence[tuple[str, str]],
    entries: Iterable[Entry],
    keep_zero: bool = False,
) -> str:
    """Silae: the customer's own columns, `(heading, field)` of `matricule code valeur debut fin`.
    An entry's kind, `HS` hours, `AB` absence or `EV` variable element, is written before its code;
    `keep_zero`: a value that came to nothing takes back what an earlier file wrote."""
    unknown = [field for _heading, field in columns if field not in SILAE_FIELDS]
    if unknown or not columns:
        raise Refused("columns", f"{unknown or 'none'}: columns are {', '.join(SILAE_FIELDS)}")
    told = list(entries)
    numbers = [entry.reference for entry in told]
    people_matching(
        "matricule", numbers, rf".{{1,{SILAE_LONGEST}}}", "a matricule has 1 to 20 characters"
    )
    rows: list[tuple[str, ...]] = []
    for entry in told:
        matching("code", entry.kind, r"HS|AB|EV", f"{entry.code} has no kind")
        day = _dated(entry)
        cells = {
            "matricule": entry.reference,
            "code": f"{entry.kind}-{entry.code}",
            "valeur": hours_text(entry.minutes, ","),
            "debut": f"{day:%d/%m/%Y}",
            "fin": f"{entry.until or day:%d/%m/%Y}",
        }
        if entry.minutes or keep_zero:
            rows.append(tuple(cells[field] for _heading, field in columns))
    return table([heading for heading, _field in columns], rows, ";")
