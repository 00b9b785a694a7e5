"""Paychex Flex, Gusto and QuickBooks Desktop.

Owns their columns and limits; sums and codes are handed in. Sources: Paychex' SPI specification
sheet and Gusto's help pages (confidence A), files of several tools for QuickBooks (B).
"""

from collections.abc import Iterable, Sequence
from datetime import date

from .format_cells import (
    HOLD_BACK,
    Refused,
    Total,
    american,
    hours_or_blank,
    joined,
    limited,
    line_of,
    matching,
    people_matching,
    refuse_all,
    refuse_people,
    table,
    unique,
    within,
)
from .payroll import hours_text
from .spreadsheet_text import human_cell

# Positions count, not names: a header with fewer columns puts hours into the job number.
PAYCHEX_COLUMNS = (
    "CLIENT ID",
    "WORKER ID",
    "ORG",
    "JOB NUMBER",
    "PAY COMPONENT",
    "RATE",
    "RATE NUMBER",
    "HOURS",
    "UNITS",
    "LINE DATE",
    "AMOUNT",
    "CHECK SEQ NUMBER",
    "OVERRIDE STATE",
    "OVERRIDE LOCAL",
    "OVERRIDE LOCAL JURISDICTION",
    "LABOR ASSIGNMENT",
)
PAYCHEX_NUMBER = r"[A-Za-z0-9]{1,10}"
GUSTO_NUMBER = r"[A-Za-z0-9]{6}"
GUSTO_HOURS = ("regular_hours", "overtime_hours", "double_overtime_hours")
GUSTO_COLUMNS = ("last_name", "first_name", "title", "gusto_employee_id", *GUSTO_HOURS)
PRIMARY = " (Primary)"
IIF_COLUMNS = ("DATE", "JOB", "EMP", "ITEM", "PITEM", "DURATION", "PROJ", "NOTE", "BILLINGSTATUS")
# QuickBooks refuses a longer duration in one line.
IIF_LONGEST_MINUTES = 23 * 60 + 59


def paychex_spi(client: str, rows: Iterable[tuple[str, str, int, date | None]]) -> str:
    """Paychex Flex SPI, sixteen columns, in the order given. `rows`: `(worker id, component as the
    client named it, minutes, line date or None)`; hours below zero are a correction."""
    matching("client", client, r"[A-Za-z0-9]{1,8}", "a client id has 1 to 8 letters and digits")
    told = list(rows)
    workers = [worker for worker, *_rest in told]
    people_matching("worker", workers, PAYCHEX_NUMBER, "a worker id has 1 to 10 of A-Z, 0-9")
    within("hours", [(worker, minutes) for worker, _name, minutes, _day in told], "999.99")
    lines: list[tuple[str, ...]] = []
    for worker, component, minutes, day in told:
        limited("component", component, 20, "PAY COMPONENT")
        if "," in component or component != component.strip():
            raise Refused("component", f"{component!r}: no comma and no blank at an end")
        if not minutes:
            continue
        cells = dict.fromkeys(PAYCHEX_COLUMNS, "") | {
            "CLIENT ID": client,
            "WORKER ID": worker,
            "PAY COMPONENT": component,
            "HOURS": hours_text(minutes),
            "LINE DATE": american(day) if day else "",
        }
        lines.append(tuple(cells[name] for name in PAYCHEX_COLUMNS))
    return table(PAYCHEX_COLUMNS, lines)


def gusto(people: Sequence[Total]) -> str:
    """Gusto's template, in the order given: last and first name are required, an id of 6
    characters may tell namesakes apart; a person with several titles has one row each, and exactly
    one of them is `… (Primary)`. A blank leaves what is there, a zero overwrites it: it is written
    where a total says so alone. Who has nothing to tell has no row."""
    refuse_all(
        "name",
        [total.who or "somebody" for total in people if not (total.first and total.last)],
        "Gusto matches by last and first name, and one is missing",
    )
    ids = [total.reference for total in people if total.reference]
    people_matching("id", ids, GUSTO_NUMBER, "a Gusto id has 6 characters")
    refuse_all(
        "hours",
        [total.who for total in people if min(_gusto_minutes(total)) < 0],
        f"hours are {HOLD_BACK}",
    )
    _check_titles(people)
    telling = {_gusto_key(total) for total in people if any(_gusto_hours(total))}
    rows = [
        (
            human_cell(total.last),
            human_cell(total.first),
            human_cell(total.title),
            total.reference,
            *_gusto_hours(total),
        )
        for total in people
        if any(_gusto_hours(total))
        or (total.title.endswith(PRIMARY) and _gusto_key(total) in telling)
    ]
    return table(GUSTO_COLUMNS, rows)


def _gusto_key(total: Total) -> tuple[str, str, str]:
    """By what Gusto tells people apart."""
    return total.last.casefold(), total.first.casefold(), total.reference


def _gusto_minutes(total: Total) -> tuple[int, int, int]:
    return total.regular, total.overtime, total.doubletime


def _gusto_hours(total: Total) -> tuple[str, str, str]:
    def cell(name: str, minutes: int) -> str:
        return hours_text(0) if not minutes and name in total.zeros else hours_or_blank(minutes)

    return (
        cell("regular", total.regular),
        cell("overtime", total.overtime),
        cell("doubletime", total.doubletime),
    )


def _check_titles(people: Sequence[Total]) -> None:
    """One row per person, or one per title with one primary; namesakes need their ids."""
    own: dict[tuple[str, str], list[Total]] = {}
    for total in people:
        own.setdefault((total.last.casefold(), total.first.casefold()), []).append(total)
    for rows in own.values():
        ids = {total.reference for total in rows}
        if len(ids) > 1 and "" in ids:
            refuse_all("name", [rows[0].who], "two people have this name: give each their Gusto id")
        for reference in ids:
            jobs = [total.title for total in rows if total.reference == reference]
            if len(jobs) == 1:
                continue
            primary = sum(title.endswith(PRIMARY) for title in jobs)
            if len(set(jobs)) < len(jobs) or "" in jobs:
                refuse_all("name", [rows[0].who], "this name stands twice with the same title")
            if primary != 1:
                refuse_all("title", [rows[0].who], f"exactly one title ends with '{PRIMARY}'")


def gusto_by_id(totals: Iterable[Total], zero_policy: str = "blank") -> str:
    """Gusto's smart import: people by id alone, which Gusto offers to match on its screen."""
    people = sorted(totals, key=lambda item: item.reference)
    unique("id", [(total.reference, total.who) for total in people], "they share a Gusto id")
    rows = [
        (
            total.reference,
            *(
                tuple(hours_text(m) for m in (total.regular, total.overtime, total.doubletime))
                if zero_policy == "zero"
                else _gusto_hours(total)
            ),
        )
        for total in people
    ]
    return table(("gusto_employee_id", *GUSTO_HOURS), rows)


def quickbooks_iif(
    header: tuple[str, str], entries: Iterable[tuple[date, str, str, str, int]]
) -> str:
    """QuickBooks Desktop timer file, tab separated. `header`: `(company name, create time)` as the
    customer's own export states them. `entries`: `(date, employee, item, payroll item, minutes)`.
    """
    told = sorted(entries)
    limited("company", header[0], 100, "the company's name in QuickBooks")
    limited("created", header[1], 100, "the time of creation that QuickBooks exports")
    below = [(who, f"on {day}") for day, who, _item, _pay, minutes in told if minutes < 0]
    refuse_people("hours", below, HOLD_BACK)
    timer = ("VER", "REL", "COMPANYNAME", "IMPORTEDBEFORE", "FROMTIMER", "COMPANYCREATETIME")
    lines = [
        "\t".join(("!TIMERHDR", *timer)),
        line_of(("TIMERHDR", "8", "0", header[0], "N", "Y", header[1]), "\t"),
        "\t".join(("!TIMEACT", *IIF_COLUMNS)),
    ]
    for day, employee, item, payroll_item, duration in told:
        limited("item", payroll_item, 100, "payroll item")
        minutes = duration
        while minutes:
            part = min(minutes, IIF_LONGEST_MINUTES)
            duration_text = f"{part // 60}:{part % 60:02d}"
            cells = (f"{day:%m/%d/%y}", "", employee, item, payroll_item, duration_text)
            lines.append(line_of(("TIMEACT", *cells, "", "", "0"), "\t"))
            minutes -= part
    return joined(lines)
