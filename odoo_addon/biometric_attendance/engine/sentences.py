"""A computed day as sentences that hold every number: who adds them up has the day again.

Owns which sentences there are and what stands in each, as `(code, parameters)`; whoever shows them
has the words. Reads the derivation as it is kept of a day (record.py) and computes nothing new.
Must not know rules or languages. Parameters are instants as the derivation writes them,
codes of the engine, whole seconds and minutes:

code        | parameters
planned     | from, to: a shift of the date
present     | from, to, seconds, assumed: one session; to and seconds None while it is open
not_counted | from, to, seconds: a session of which nothing was paid
left_out    | at, reason: a punch that made no session
moved       | rule, before, after: a punched time that counts as another
break_moved | before, after: minutes of a break that was rounded
clamped     | minutes: presence outside the shift that does not count
paid_gap    | from, to, seconds: a short break that counts as worked
unpaid_gap  | from, to, seconds: a punched break
taken_off   | rule, from, to, seconds: what a rule deducted
worked      | from, to, seconds: what is left
counted     | class, from, to, seconds: the same, by pay class, after decisions and weeks
sum         | class, minutes: all of a class; sums of all classes are the minutes worked
undecided   | punches: in an hour the clock showed twice
decided     | corrections: approved ones that took part
stated      | code, minutes: what is owed beside the minutes worked by what the person stated
stated_off  | code, minutes: the same, not owed any more: the punches show the meal now
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias

from .classes import minutes_by_class
from .instants import epoch
from .values import Json

Sentence: TypeAlias = tuple[str, Mapping[str, Json]]


def sentences(derivation: Mapping[str, Json]) -> list[Sentence]:
    """The kept derivation of a day in the order in which it came about."""
    told: list[Sentence] = [
        ("planned", {"from": shift["start"], "to": shift["end"]})
        for shift in _entries(derivation, "shifts")
    ]
    told += [("present", _present(session)) for session in _entries(derivation, "sessions")]
    told += _not_counted(derivation)
    told += [
        ("left_out", {"at": entry["at"], "reason": entry["reason"]})
        for entry in _entries(derivation, "ignored")
    ]
    for part in _entries(derivation, "paid"):
        told += _of_part(part)
    told += _counted(derivation)
    for code, key, name in (
        ("undecided", "undecided", "punches"),
        ("decided", "adjustments", "corrections"),
    ):
        if number := len(_list(derivation.get(key))):
            told.append((code, {name: number}))
    for key, name in (("premiums", "stated"), ("premiums_off", "stated_off")):
        for premium in _list(derivation.get(key)):
            code, minutes = _list(premium)
            told.append((name, {"code": code, "minutes": minutes}))
    return told


def _present(session: Mapping[str, Json]) -> dict[str, Json]:
    begin, end = session["in"], session.get("out")
    seconds = None if end is None else _instant(end) - _instant(begin)
    assumed = session.get("assumed") is True
    return {"from": begin, "to": end, "seconds": seconds, "assumed": assumed}


def _not_counted(derivation: Mapping[str, Json]) -> Iterator[Sentence]:
    """Closed sessions of a shift that has no paid part: all of it lay outside what counts."""
    paid = {str(part.get("shift")) for part in _entries(derivation, "paid")}
    for session in _entries(derivation, "sessions"):
        if session.get("out") is not None and str(session.get("shift")) not in paid:
            yield "not_counted", _span([session["in"], session["out"]])


def _of_part(part: Mapping[str, Json]) -> Iterator[Sentence]:
    """What was made of the presence of one shift, or of the work outside every shift."""
    for move in _list(part.get("moves")):
        rule, before, after = _list(move)
        if rule == "round_break":
            yield "break_moved", {"before": before, "after": after}
        else:
            yield "moved", {"rule": rule, "before": before, "after": after}
    if part.get("clamped_minutes"):
        yield "clamped", {"minutes": part["clamped_minutes"]}
    for key, code in (("paid_gaps", "paid_gap"), ("unpaid_gaps", "unpaid_gap")):
        for span in _list(part.get(key)):
            yield code, _span(span)
    for deduction in _list(part.get("deductions")):
        rule, spans = _list(deduction)
        for span in _list(spans):
            yield "taken_off", {"rule": rule, **_span(span)}
    for span in _list(part.get("worked")):
        yield "worked", _span(span)


def _counted(derivation: Mapping[str, Json]) -> Iterator[Sentence]:
    segments: list[tuple[int, int, str]] = []
    for segment in _list(derivation.get("segments")):
        begin, end, name = _list(segment)
        segments.append((_instant(begin), _instant(end), str(name)))
        yield "counted", {"class": name, **_span([begin, end])}
    for name, minutes in minutes_by_class(segments).items():
        yield "sum", {"class": name, "minutes": minutes}


def _span(span: Json) -> dict[str, Json]:
    begin, end = _list(span)
    return {"from": begin, "to": end, "seconds": _instant(end) - _instant(begin)}


def _instant(text: Json) -> int:
    return epoch(str(text))


def _list(value: Json) -> Sequence[Json]:
    return value if isinstance(value, (list, tuple)) else ()


def _entries(derivation: Mapping[str, Json], key: str) -> Iterator[Mapping[str, Json]]:
    for entry in _list(derivation.get(key)):
        if isinstance(entry, Mapping):
            yield entry
