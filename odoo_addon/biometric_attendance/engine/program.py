"""From the lines of a payroll file to the file of one payroll program.

Owns which sums a program wants (by person, by code, by day), that minutes are added first and hours
rounded once, and what a program is told of people and codes. Columns and limits are the formats';
which minutes are paid is payroll.py's. Pure.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Literal

from . import format_adp, format_american, format_datev, format_world
from .format_cells import Refused, Total, all_matching, refuse_all
from .formats import PROFILES
from .payroll import Line, hundredths_of

Column = Literal["regular", "overtime", "doubletime", "extra"]


@dataclass(frozen=True)
class Code:
    """Where the minutes of one pay code go. `text`: the program's own code, name or wage type;
    `column`: of programs with fixed columns for regular hours and overtime; `detail`: what else the
    program asks of a code (RUN's rate, QuickBooks' service item, Exo's type, DATEV's absence key,
    Silae's kind)."""

    text: str = ""
    column: Column = "extra"
    detail: str = ""


@dataclass(frozen=True)
class Person:
    """One person as the program knows them; `number` is never the number of a database row."""

    number: str
    first: str = ""
    last: str = ""
    title: str = ""
    cost_center: str = ""

    @property
    def name(self) -> str:
        return " ".join(part for part in (self.first, self.last) if part)


@dataclass(frozen=True)
class Setting:
    """What a company fills in for its program, and which file this is. `company`: the program's
    name for it (Co Code, IID, client id, adviser's client number); `second`: a second such text
    (DATEV's adviser number, QuickBooks' create time); `batch`: differs in every file; `first_line`:
    how a file of DATEV Lohn und Gehalt begins."""

    program: str
    first: date
    last: date
    company: str = ""
    second: str = ""
    frequency: str = ""
    pairs: int = 2
    columns: tuple[tuple[str, str], ...] = ()
    batch: str = ""
    first_line: format_datev.FirstLine = "client"


@dataclass(frozen=True)
class ProgramFile:
    """`hundredths`: sum of all hours as they stand in the file, in hundredths of an hour;
    `minutes`: what they were before rounding; `by_code`: hundredths by the program's own code, what
    it shows as its totals."""

    name: str
    data: bytes
    hundredths: int
    minutes: int
    by_code: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True)
class Sum:
    """Minutes of one person under one code of the program, of one day or of the period."""

    person: Person
    code: Code
    day: date | None
    minutes: int


# by day: a line stands for its date; otherwise for the whole period
BY_DAY = frozenset(
    ("quickbooks_iif", "xero", "myob_account_right", "employment_hero", "lug_calendar")
)
# Regular hours and overtime have columns of their own there, which need no code.
WITH_COLUMNS = frozenset(("adp_wfn", "gusto"))
# What `detail` of a code is read for; of the others it parts nothing.
_WITH_DETAIL = frozenset(("adp_run", "quickbooks_iif", "myob_exo", "lug_calendar", "silae"))
# Word of the refusal of a file without a line.
NOTHING = "empty"
# hours and minutes, nothing is rounded
_EXACT = frozenset(("quickbooks_iif",))


def sums(
    lines: Iterable[Line],
    people: Mapping[str, Person],
    codes: Mapping[str, Code],
    by_day: bool,
    keep_zero: bool = False,
) -> list[Sum]:
    """Lines added up as the program wants them, by number, day and code. `people`: by the identity
    of a line; `codes`: by our pay code. Refused with all that is missing of either."""
    told = list(lines)
    unknown = sorted({line.pay_code for line in told} - set(codes))
    refuse_all("code", unknown, "these pay codes have no code of the payroll program: add them")
    strangers = sorted({line.employee.identity for line in told} - set(people))
    refuse_all("ref", strangers, "the payroll program does not know these people")
    found: dict[tuple[Person, date | None, Code], int] = {}
    for line in told:
        day = line.work_date if by_day else None
        key = (people[line.employee.identity], day, codes[line.pay_code])
        found[key] = found.get(key, 0) + line.minutes
    return [
        Sum(person, code, day, minutes)
        for (person, day, code), minutes in sorted(found.items(), key=_order)
        if minutes or keep_zero
    ]


def _order(item: tuple[tuple[Person, date | None, Code], int]) -> tuple[str, ...]:
    (person, day, code), _minutes = item
    names = (person.number, person.last, person.first)
    return (*names, day.isoformat() if day else "", code.column, code.text, code.detail)


def program_file(
    setting: Setting,
    codes: Mapping[str, Code],
    people: Mapping[str, Person],
    lines: Iterable[Line],
    keep_zero: bool = False,
) -> ProgramFile:
    """The file of `setting.program`; Refused with a word and a sentence before a byte is written.
    `keep_zero`: sums that came to nothing are told, for programs where a blank leaves what an
    earlier file wrote."""
    by_day = setting.program in BY_DAY
    told = sums(lines, people, _told_apart(setting.program, codes), by_day, keep_zero)
    if not told:
        raise Refused(NOTHING, "nothing is left to tell the payroll program")
    try:
        return _written(setting, told)
    except Refused as refused:
        names = {item.person.number: item.person for item in told}
        raise refused.named(
            {number: f"{who.name} ({number})" for number, who in names.items() if who.name}
        ) from None


def _told_apart(program: str, codes: Mapping[str, Code]) -> dict[str, Code]:
    """Codes by what the program tells apart, without those that say nothing there: two of ours
    that are one of its own are one sum."""
    if program not in WITH_COLUMNS:
        codes = {ours: replace(code, column="extra") for ours, code in codes.items()}
    if program not in _WITH_DETAIL:
        codes = {ours: replace(code, detail="") for ours, code in codes.items()}
    return {ours: code for ours, code in codes.items() if code.text or code.column != "extra"}


def _written(setting: Setting, told: Sequence[Sum]) -> ProgramFile:
    name, write = _WRITERS[setting.program]
    minutes = sum(item.minutes for item in told)
    exact = setting.program in _EXACT
    return ProgramFile(
        name(setting),
        PROFILES[setting.program].encode(write(setting, told)),
        hundredths_of(minutes) if exact else sum(hundredths_of(item.minutes) for item in told),
        minutes,
        _by_code(told, exact),
    )


def _by_code(told: Sequence[Sum], exact: bool) -> tuple[tuple[str, int], ...]:
    """Hours in hundredths by code; a column of the program's own goes by its name."""
    parts: dict[str, list[int]] = {}
    for item in told:
        own = item.code.text or item.code.column
        name = own if item.code.column == "extra" else item.code.column
        parts.setdefault(name, []).append(item.minutes)
    return tuple(
        (name, hundredths_of(sum(minutes)) if exact else sum(map(hundredths_of, minutes)))
        for name, minutes in sorted(parts.items())
    )


@dataclass
class _Row:
    """One person's cells while they are collected."""

    columns: dict[Column, int] = field(default_factory=dict["Column", int])
    extra: dict[str, int] = field(default_factory=dict[str, int])


def _totals(told: Sequence[Sum]) -> list[Total]:
    rows: dict[Person, _Row] = {}
    for item in told:
        row, column = rows.setdefault(item.person, _Row()), item.code.column
        if column == "extra":
            row.extra[item.code.text] = row.extra.get(item.code.text, 0) + item.minutes
        else:
            row.columns[column] = row.columns.get(column, 0) + item.minutes
    return [
        Total(
            who.number,
            row.columns.get("regular", 0),
            row.columns.get("overtime", 0),
            row.columns.get("doubletime", 0),
            row.extra,
            who.first,
            who.last,
            who.title,
            frozenset(name for name, minutes in row.columns.items() if not minutes),
        )
        for who, row in rows.items()
    ]


def _workforce_now(setting: Setting, told: Sequence[Sum]) -> str:
    return format_adp.workforce_now(setting.company, setting.batch, _totals(told), setting.pairs)


def _gusto(_setting: Setting, told: Sequence[Sum]) -> str:
    extra = sorted({item.code.text for item in told if item.code.column == "extra"})
    refuse_all("code", extra, "Gusto has columns for regular, overtime and double overtime alone")
    return format_american.gusto(_totals(told))


def _run_period(setting: Setting) -> format_adp.RunPeriod:
    return format_adp.RunPeriod(setting.company, setting.frequency, setting.first, setting.last)


def _run(setting: Setting, told: Sequence[Sum]) -> str:
    people: dict[str, list[format_adp.RunLine]] = {}
    for item in told:
        line = (item.code.text, item.code.detail or "BASE", item.minutes)
        people.setdefault(item.person.number, []).append(line)
    return format_adp.run(_run_period(setting), people.items())


def _paychex(setting: Setting, told: Sequence[Sum]) -> str:
    rows = [(item.person.number, item.code.text, item.minutes, item.day) for item in told]
    return format_american.paychex_spi(setting.company, rows)


def _quickbooks(setting: Setting, told: Sequence[Sum]) -> str:
    _named("QuickBooks", told)
    return format_american.quickbooks_iif(
        (setting.company, setting.second),
        [
            (_day(item), item.person.name, item.code.detail, item.code.text, item.minutes)
            for item in told
        ],
    )


def _xero(_setting: Setting, told: Sequence[Sum]) -> str:
    _named("Xero", told)
    return format_world.xero(
        (item.person.name, _day(item), item.minutes, item.code.text) for item in told
    )


def _named(program: str, told: Sequence[Sum]) -> None:
    """These programs know people by their names: one must be there, and be one person's."""
    numbers: dict[str, str] = {}
    for item in told:
        name = item.person.name
        if not name:
            refuse_all("name", [item.person.number], f"{program} knows people by name")
        if numbers.setdefault(name, item.person.number) != item.person.number:
            refuse_all("name", [name], f"{program} knows people by name, and two have this one")


def _day(item: Sum) -> date:
    if item.day is None:
        raise Refused("date", f"{item.person.number}: each line of this program has its date")
    return item.day


def _client(setting: Setting) -> format_datev.Client:
    if (setting.first.year, setting.first.month) != (setting.last.year, setting.last.month):
        raise Refused(
            "month", f"{setting.first} to {setting.last}: a DATEV file holds one month, choose one"
        )
    return format_datev.Client(setting.second, setting.company, setting.last, setting.first_line)


def _datev(
    write: Callable[[format_datev.Client, Iterable[format_datev.Movement]], str],
) -> Callable[[Setting, Sequence[Sum]], str]:
    def text(setting: Setting, told: Sequence[Sum]) -> str:
        return write(
            _client(setting),
            [
                format_datev.Movement(
                    item.person.number,
                    item.code.text,
                    item.minutes,
                    # It holds days of one month: what is told late stands on its first, a row each.
                    day=item.day and max(item.day, setting.first),
                    absence=item.code.detail,
                    cost_center=item.person.cost_center,
                )
                for item in told
            ],
        )

    return text


def _entries(setting: Setting, told: Sequence[Sum]) -> list[format_world.Entry]:
    return [
        format_world.Entry(
            item.person.number,
            item.code.text,
            item.minutes,
            item.day or setting.first,
            item.person.first,
            item.person.last,
            until=item.day or setting.last,
            kind=item.code.detail,
        )
        for item in told
    ]


def _exo(_setting: Setting, told: Sequence[Sum]) -> str:
    all_matching("wage_type", [item.code.text for item in told], "[0-9]", "Exo's is one digit")
    return format_world.myob_exo(
        (
            item.person.number,
            item.code.detail or "W",
            item.minutes,
            int(item.code.text),
            item.person.cost_center,
        )
        for item in told
    )


def _sage(_setting: Setting, told: Sequence[Sum]) -> str:
    return format_world.sage_ireland(
        (item.person.number, item.code.text, item.minutes) for item in told
    )


def _silae(setting: Setting, told: Sequence[Sum]) -> str:
    # zeros come only where they were asked for
    return format_world.silae(setting.columns, _entries(setting, told), keep_zero=True)


def _plain(word: str, suffix: str) -> Callable[[Setting], str]:
    """`<word>-<first>-<last>-<batch><suffix>`: no two files of a folder share a name."""
    return lambda setting: f"{word}-{setting.first}-{setting.last}-{setting.batch}{suffix}"


_Writer = tuple[Callable[[Setting], str], Callable[[Setting, Sequence[Sum]], str]]
_WRITERS: Mapping[str, _Writer] = {
    "adp_wfn": (lambda setting: format_adp.wfn_file_name(setting.company), _workforce_now),
    "adp_run": (lambda setting: format_adp.run_file_name(_run_period(setting)), _run),
    "paychex_spi": (_plain("paychex", ".csv"), _paychex),
    "gusto": (_plain("gusto", ".csv"), _gusto),
    "quickbooks_iif": (_plain("quickbooks", ".iif"), _quickbooks),
    "xero": (_plain("xero", ".csv"), _xero),
    "myob_account_right": (
        _plain("myob", ".txt"),
        lambda setting, told: format_world.myob_account_right(_entries(setting, told)),
    ),
    "myob_exo": (
        lambda setting: format_world.exo_file_name(setting.company, setting.batch),
        _exo,
    ),
    "employment_hero": (
        _plain("employment-hero", ".csv"),
        lambda setting, told: format_world.employment_hero(_entries(setting, told)),
    ),
    "sage_ie": (_plain("sage", ".csv"), _sage),
    "lodas_standard": (_plain("lodas", ".txt"), _datev(format_datev.lodas_standard)),
    "lodas_stunden": (_plain("lodas", ".txt"), _datev(format_datev.lodas_hours_and_days)),
    "lug_calendar": (_plain("lug", ".txt"), _datev(format_datev.payroll_calendar)),
    "lug_month": (_plain("lug", ".txt"), _datev(format_datev.payroll_month)),
    "silae": (_plain("silae", ".csv"), _silae),
}
