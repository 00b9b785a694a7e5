"""DATEV: movement data of LODAS in its three tables, and the two layouts of Lohn und Gehalt.

Owns sections, columns, digits and order; the numbers of adviser, client, people and wage types
come from the customer's tax adviser and are never guessed. Text is Windows-1252, CRLF. Sources:
files of several integrators that name DATEV's manual (confidence B).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from .format_cells import (
    Refused,
    all_matching,
    german,
    joined,
    line_of,
    matching,
    people_matching,
    within,
)
from .payroll import hours_text

_PERIOD = "abrechnung_zeitraum#bwd"
_TABLES = {
    "hours": f"u_lod_bwd_buchung_stunden;{_PERIOD};la_eigene#bwd;pnr#bwd;stunden#bwd;",
    "days": f"u_lod_bwd_buchung_tage;{_PERIOD};la_eigene#bwd;pnr#bwd;tage#bwd;",
}
_STANDARD = (
    f"1;u_lod_bwd_buchung_standard;{_PERIOD};bs_wert_butab#bwd;bs_nr#bwd;la_eigene#bwd;pnr#bwd;"
)
NUMBER = r"0*[1-9]\d{0,4}"
# of one line of the calendar layout; a month's total goes into the value column instead
LONGEST_LINE = "24.00"
# How a file of Lohn und Gehalt begins, as the adviser's import description asks: with whose books
# it is, with the headings of its columns, or with the first person.
FirstLine = Literal["client", "headings", "none"]
_AMOUNTS = "Stunden;Tage;Wert;Abw. Faktor;Abw. Lohnveränderung;Kostenstelle;Kostenträger"
_CALENDAR_HEADINGS = f"PersNr;Kalendertag;Ausfallschlüssel;Lohnart;{_AMOUNTS}"
_MONTH_HEADINGS = f"PersNr;Lohnart;{_AMOUNTS}"


@dataclass(frozen=True)
class Client:
    """Whose books: the adviser's number, the client's, the month. `first_line`: of Lohn und Gehalt
    alone; without these numbers in it nobody needs them."""

    adviser: str
    client: str
    month: date
    first_line: FirstLine = "client"

    def check(self) -> None:
        matching("berater", self.adviser, r"\d{4,7}", "a consultant's number has 4 to 7 digits")
        matching("mandant", self.client, r"\d{1,5}", "a client's number has 1 to 5 digits")


@dataclass(frozen=True)
class Movement:
    """One value of a person: minutes where `unit` is hours, whole days where it is days."""

    person: str
    wage_type: str
    amount: int
    unit: str = "hours"
    day: date | None = None
    absence: str = ""
    cost_center: str = ""
    cost_unit: str = ""

    @property
    def number(self) -> int:
        return int(self.person)

    @property
    def value(self) -> str:
        return hours_text(self.amount, ",") if self.unit == "hours" else f"{self.amount},00"


def _lodas(client: Client, tables: Sequence[str], rows: Iterable[str]) -> str:
    client.check()
    return joined(
        [
            "[Allgemein]",
            "Ziel=LODAS",
            "Version_SST=1.0",
            f"BeraterNr={client.adviser}",
            f"MandantenNr={client.client}",
            "Datumsformat=TT.MM.JJJJ",
            "Zahlenkomma=,",
            "",
            "[Satzbeschreibung]",
            *tables,
            "",
            "[Bewegungsdaten]",
            *rows,
        ]
    )


def _movements(movements: Iterable[Movement]) -> list[Movement]:
    """Those with a value, checked, by person as a number and wage type."""
    kept = [item for item in movements if item.amount]
    people = [item.person for item in kept]
    people_matching("pnr", people, NUMBER, "a personnel number is 1 to 99999")
    types = [item.wage_type for item in kept]
    all_matching("la", types, r"\d{1,4}", "a wage type has 1 to 4 digits")
    all_matching("unit", [item.unit for item in kept], "hours|days", "values are hours or days")
    short = r"[^;\r\n\t]{0,13}"
    for name, texts in (
        ("kst", [item.cost_center for item in kept]),
        ("ktr", [item.cost_unit for item in kept]),
        ("absence", [item.absence for item in kept]),
    ):
        all_matching(name, texts, short, "at most 13 characters and no semicolon")
    return sorted(kept, key=lambda item: (item.number, int(item.wage_type), item.day or date.min))


def lodas_standard(client: Client, movements: Iterable[Movement]) -> str:
    """Table `buchung_standard`: processing key 1 means hours."""
    first = german(client.month.replace(day=1))
    rows: list[str] = []
    for item in _movements(movements):
        if item.unit != "hours":
            raise Refused("unit", f"{item.person}: this table carries hours, days need their own")
        rows.append(f"1;{first};{item.value};1;{item.wage_type};{item.person};")
    return _lodas(client, [_STANDARD], rows)


def lodas_hours_and_days(client: Client, movements: Iterable[Movement]) -> str:
    """Tables `buchung_stunden` and `buchung_tage`, each with its own number."""
    first = german(client.month.replace(day=1))
    kept = _movements(movements)
    tables = [f"{number};{text}" for number, text in enumerate(_TABLES.values(), 1)]
    rows = [
        f"{number};{first};{item.wage_type};{item.person};{item.value};"
        for number, unit in enumerate(_TABLES, 1)
        for item in kept
        if item.unit == unit
    ]
    return _lodas(client, tables, rows)


def _payroll_head(client: Client, headings: str) -> list[str]:
    matching("first_line", client.first_line, "client|headings|none", "client, headings or none")
    if client.first_line != "client":
        return [headings] if client.first_line == "headings" else []
    client.check()
    return [f"{client.adviser};{client.client};{client.month:%m/%Y}"]


def payroll_calendar(client: Client, movements: Iterable[Movement]) -> str:
    """Lohn und Gehalt by calendar day, 11 columns: person, day, absence key, wage type, hours,
    days, value, two changed factors, cost centre, cost unit; at most 24 hours a line."""
    lines, kept = _payroll_head(client, _CALENDAR_HEADINGS), _movements(movements)
    within("hours", [(one.person, one.amount) for one in kept if one.unit == "hours"], LONGEST_LINE)
    for item in kept:
        day = item.day
        if day is None or (day.year, day.month) != (client.month.year, client.month.month):
            raise Refused("day", f"{item.person}: {day} is no day of {client.month:%m/%Y}")
        values = (item.value, "") if item.unit == "hours" else ("", item.value)
        cells = (item.person, german(day), item.absence, item.wage_type, *values, "", "", "")
        lines.append(line_of((*cells, item.cost_center, item.cost_unit), ";"))
    return joined(lines)


def payroll_month(client: Client, movements: Iterable[Movement]) -> str:
    """Lohn und Gehalt by month, 9 columns. Hours and days have limits of one day there, so totals
    stand in the value column and the wage type decides what they are."""
    lines = _payroll_head(client, _MONTH_HEADINGS)
    for item in _movements(movements):
        cells = (item.person, item.wage_type, "", "", item.value, "", "")
        lines.append(line_of((*cells, item.cost_center, item.cost_unit), ";"))
    return joined(lines)
