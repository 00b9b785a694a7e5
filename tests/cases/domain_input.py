"""Reads a worked example (JSON) into engine values.

Owns the words examples use. Knows the engine's values, none of its rules, and no single example.
"""

import sys
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import get_args

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "odoo_addon/biometric_attendance"))

import engine  # noqa: E402
from engine import RuleSet, Zone, epoch, iso, resolve_walls, wall, wall_of  # noqa: E402

CLASS_NAMES = ("class", "pay_class", "from_class")
WATERMARK = ("sync", "watermark", "complete_until")
# words in the name of a field that tells the first or the last day of employment
FIRST_DAY = ("hire", "join", "start", "from", "enter")
LAST_DAY = (
    "left",
    "leaving",
    "leave_date",
    "last",
    "until",
    "end",
    "employed_to",
    "exit",
    "termin",
)
NOT_EMPLOYMENT = ("period", "week", "range", "rules", "leaves", "work_date")


def first_of(data, names, default=None):
    """The first of several names that the example uses."""
    return next((data[name] for name in names if data.get(name) is not None), default)


def rules_of(case):
    return RuleSet.from_dict(case.get("rules") or {})


def zone_of(case):
    schedule = case.get("schedule") or {}
    return Zone.named(schedule.get("tz") or case.get("tz") or "UTC")


def work_date(case):
    schedule = case.get("schedule") or {}
    text = schedule.get("work_date") or case.get("work_date") or case.get("date")
    return date.fromisoformat(text)


def instant(text, zone):
    """Instant of ISO text; without an offset it is local time of the schedule."""
    try:
        return epoch(text)
    except ValueError:
        return zone.instant(wall_of(text))


def shifts_of(case, zone, day):
    shifts = []
    for number, item in enumerate((case.get("schedule") or {}).get("shifts") or (), 1):
        on = date.fromisoformat(item["date"]) if item.get("date") else day
        own = Zone.named(item["tz"]) if item.get("tz") else zone
        shifts.append(
            engine.make_shift(
                own,
                item.get("id", f"S{number}"),
                on,
                item["start"],
                item["end"],
                item.get("breaks") or (),
            )
        )
    return tuple(shifts)


def day_types_of(case, day):
    """Types by date: of the work date, and of any other date the example names."""
    schedule, types = case.get("schedule") or {}, {}
    for source in (case, schedule):
        for name, value in source.items():
            types |= dict(_types_in(name, value, day))
    for item in schedule.get("shifts") or ():
        if item.get("date") and item.get("day_type"):
            types[date.fromisoformat(item["date"])] = item["day_type"]
    if schedule.get("day_type") or case.get("day_type"):
        types[day] = schedule.get("day_type") or case.get("day_type")
    unknown = set(types.values()) - set(get_args(engine.DayType))
    if unknown:
        raise ValueError(f"unknown day type {sorted(unknown)[0]!r}")
    return types


def _types_in(name, value, day):
    """`(date, type)` that one field tells: a table by date, a list of holidays or rest days, or
    the type of the day before or after."""
    if isinstance(value, dict) and value and all(_is_date(text) for text in value):
        for text, kind in value.items():
            if isinstance(kind, str):
                yield date.fromisoformat(text), kind
    for word, kind in (("rest_day", engine.REST_DAY), ("holiday", engine.HOLIDAY)):
        if word in name:
            items = value if isinstance(value, list) else [value]
            dates = (item.get("date") if isinstance(item, dict) else item for item in items)
            for text in dates:
                if _is_date(text):
                    yield date.fromisoformat(text), kind
    if "type" in name and isinstance(value, str):
        for words, offset in ((("next", "following"), 1), (("prev",), -1)):
            if any(word in name for word in words):
                yield day + timedelta(days=offset), value


def leaves_of(case, zone, day):
    leaves = []
    for item in case.get("leaves") or ():
        paid = item.get("paid", True)
        if item.get("start") and "T" in item["start"]:
            leaves.append(
                engine.Leave(instant(item["start"], zone), instant(item["end"], zone), paid)
            )
            continue
        first = date.fromisoformat(item.get("start") or item.get("date") or day.isoformat())
        last = date.fromisoformat(item["end"]) if item.get("end") else first
        leaves.append(engine.Leave(zone.on(first, 0), zone.on(last, 1440), paid))
    return tuple(leaves)


def punches_of(case, zone):
    """Punches with an offset as they are; device stamps through the device's zone and order."""
    items = list(enumerate(case.get("punches") or ()))
    stamped = {}
    for i, item in items:
        if "t" not in item:
            stamped.setdefault(item.get("dev", ""), []).append((i, item))
    times = {}
    for device, rows in stamped.items():
        rows.sort(key=lambda row: (row[1].get("seq", row[0]), row[0]))
        spans = _device_zones(case, device, zone)
        clocks = [_clock_text(item["local"]) for _i, item in rows]
        stamps = [
            (wall_of(clock), Zone.named(item.get("tz") or wall.span_zone(spans, clock)))
            for clock, (_i, item) in zip(clocks, rows, strict=True)
        ]
        times |= {i: found for (i, _item), found in zip(rows, resolve_walls(stamps), strict=True)}
    return tuple(
        _punch(item, times[i] if i in times else (instant(item["t"], zone), False))
        for i, item in items
    )


_STANDARD = engine.status_codes(engine.STATUS_PRESETS["standard"])


def _punch(item, found):
    at, undecided = found
    state = item.get("state")
    direction = item.get("dir") or item.get("direction") or _STANDARD.get(str(state), (None, ""))[0]
    seq = item.get("seq") if isinstance(item.get("seq"), int) else 0
    device = str(item.get("dev", ""))
    drift = first_of(item, ("clock_offset_seconds", "offset_seconds", "drift_seconds"))
    name = item.get("id") or ":".join(
        str(part)
        for part in (device, iso(at), item.get("dir") or "", state, seq or "")
        if part not in ("", None)
    )
    return engine.Punch(
        at, device, str(name), direction, "" if state is None else str(state), seq, drift, undecided
    )


def _device_zones(case, device, zone):
    """`[(valid from, zone name)]` of a device, sorted, from a list of spans, a table by device, or
    one name."""
    spans = []
    for source in (case, case.get("schedule") or {}):
        named = first_of(source, ("zone_spans", "zones", "device_zones", "device_tz"), ())
        if isinstance(named, dict):
            named = named.get(device, ())
        for item in [named] if isinstance(named, str) else named:
            item = {"tz": item} if isinstance(item, str) else item
            if item.get("dev", device) == device:
                start = first_of(item, ("valid_from", "from", "start"))
                begins = _clock_text(start) if start else wall.BEGINNING
                spans.append((begins, first_of(item, ("tz", "zone"))))
    return sorted(spans) or [(wall.BEGINNING, zone.name)]


def _clock_text(text):
    """A wall time, or the midnight of a date, in the form in which spans are kept."""
    return datetime.fromisoformat(text).isoformat(sep=" ")


def named_like(case, *parts):
    """Values of every field, here or in the schedule, whose name contains one of the parts."""
    for source in (case, case.get("schedule") or {}):
        for name, value in source.items():
            if any(part in name for part in parts):
                yield value


def complete_until_of(case, zone):
    """The earliest watermark of all devices; complete for all time if the example names none."""
    found = [mark for value in named_like(case, *WATERMARK) for mark in _watermarks(value, zone)]
    for value in named_like(case, "devices"):
        for device in value.values() if isinstance(value, dict) else value:
            if isinstance(value, dict) and isinstance(device, str):
                found.append(instant(device, zone))
            elif isinstance(device, dict):
                found += [
                    mark
                    for own in named_like(device, *WATERMARK)
                    for mark in _watermarks(own, zone)
                ]
    return min(found, default=engine.ALWAYS)


def _watermarks(value, zone):
    """Instants in a text, a table by device or a list; a device without one was never heard."""
    if value is None or value is False:
        return [0]
    if isinstance(value, str):
        return [instant(value, zone)]
    if isinstance(value, dict):
        value = [item for name, item in value.items() if name not in ("dev", "device", "id")]
    if isinstance(value, (list, tuple)):
        return [mark for item in value for mark in _watermarks(item, zone)]
    return []


def approvals_of(case, day):
    """Approved overtime minutes by date, from one number, a table or a list of them."""
    approvals = {}
    for value in named_like(case, "approv"):
        for item in value if isinstance(value, list) else [value]:
            for on, minutes in _approved(item, day):
                approvals[on] = approvals.get(on, 0) + minutes
    return approvals


def _approved(item, day):
    if isinstance(item, dict):
        on = date.fromisoformat(item["date"]) if item.get("date") else day
        yield (
            on,
            first_of(item, ("minutes", "ot_minutes", "overtime_minutes", "approved_minutes"), 0),
        )
        for name, value in item.items():
            if _is_date(name):
                yield date.fromisoformat(name), value
    elif isinstance(item, int) and not isinstance(item, bool):
        yield day, item


def change_of(change, zone, day, identity, sequence):
    """One adjustment from the `change` of a request."""
    kind = change.get("type") or change.get("kind")
    on = change.get("date") or change.get("work_date")
    at, start, end = (
        first_of(change, names) for names in (("t", "at"), ("from", "start"), ("to", "end"))
    )
    reclassifies = kind == "reclassify"
    shift = first_of(change, ("seconds", "shift_seconds", "offset_seconds"))
    if shift is None:
        shift = 60 * first_of(change, ("shift_minutes", "offset_minutes", "minutes"), 0)
    punch = str(change.get("punch") or "")
    if at is None and _is_stamp(punch):
        at, punch = punch, ""
    return engine.Adjustment(
        kind,
        identity,
        sequence,
        date.fromisoformat(on) if on else day,
        instant(at, zone) if at else None,
        str(first_of(change, ("dev", "device"), "")),
        first_of(change, ("dir", "direction")),
        punch,
        instant(start, zone) if start and not reclassifies else None,
        instant(end, zone) if end and not reclassifies else None,
        shift,
        change.get("minutes"),
        _class(first_of(change, CLASS_NAMES, "") or (start if reclassifies else "")),
        _class(change.get("to_class") or (end if reclassifies and end else "")),
    )


def _is_stamp(text):
    """True for the text of a moment; the name of a punch is none."""
    try:
        return "T" in text and bool(datetime.fromisoformat(text))
    except ValueError:
        return False


def _class(name):
    return (
        name.removesuffix("_minutes").removeprefix("overtime_")
        if name not in ("overtime_minutes", "overtime")
        else "overtime"
    )


def adjustments_of(case, zone, day):
    """Approved adjustments in their order, then what an `excuse` of {late, early} excuses."""
    items = case.get("adjustments") or ()
    changes = [(item.get("change", item), item.get("id")) for item in items]
    changes += [
        ({"type": f"excuse_{side}", "minutes": minutes}, f"excuse {side}")
        for side, minutes in (case.get("excuse") or {}).items()
    ]
    return tuple(
        change_of(change, zone, day, str(number if name is None else name), number)
        for number, (change, name) in enumerate(changes, 1)
    )


def employment_of(case):
    """First and last day of employment, None where the example does not limit it."""
    span = first_of(case, ("employment", "employed", "employee", "active", "contract"), {})
    if isinstance(span, (list, tuple)):
        return tuple(date.fromisoformat(text) if text else None for text in span)
    own = dict(span) if isinstance(span, dict) else {}
    if "to" in own:
        own["until"] = own.pop("to")
    fields = {
        name: value
        for name, value in (case | own).items()
        if _is_date(value) and not any(part in name for part in NOT_EMPLOYMENT)
    }
    return tuple(
        next(
            (date.fromisoformat(fields[name]) for name in fields if any(w in name for w in words)),
            None,
        )
        for words in (FIRST_DAY, LAST_DAY)
    )


def _is_date(value):
    """True for the text of one date, `2026-03-04`."""
    try:
        return isinstance(value, str) and len(value) == 10 and bool(date.fromisoformat(value))
    except ValueError:
        return False


def facts_of(case):
    """`(Facts, work date)` of a case of kind day or review."""
    zone, day = zone_of(case), work_date(case)
    hired, left = employment_of(case)
    flexible = first_of(case.get("schedule") or {}, ("flexible_minutes", "expected_minutes"))
    previous = next(
        (
            value
            for value in named_like(case, "previous", "prev_", "last_out")
            if isinstance(value, str) and "T" in value
        ),
        None,
    )
    return engine.Facts(
        zone=zone,
        punches=punches_of(case, zone),
        shifts=shifts_of(case, zone, day),
        leaves=leaves_of(case, zone, day),
        day_types=day_types_of(case, day),
        flexible_minutes={day: flexible} if flexible else {},
        approvals=approvals_of(case, day),
        adjustments=adjustments_of(case, zone, day),
        complete_until=complete_until_of(case, zone),
        as_of=instant(case["as_of"], zone) if case.get("as_of") else engine.ALWAYS,
        employed_from=hired,
        employed_until=left,
        previous_out=instant(previous, zone) if previous else None,
    ), day
