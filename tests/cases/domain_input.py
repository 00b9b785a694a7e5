"""Reads a worked example (JSON) into engine values.

Owns the words examples use. Knows the engine's values, none of its rules, and no single example.
"""

import sys
from datetime import date, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "odoo_addon/biometric_attendance"))

from engine import values as v  # noqa: E402
from engine.instants import (  # noqa: E402
    Zone,
    ZoneSpans,
    date_of_wall,
    day_start_wall,
    epoch,
    iso,
    resolve_walls,
    wall_of,
)
from engine.rules import RuleSet  # noqa: E402

WATERMARK = ("sync", "watermark", "complete_until")
HIRED = (
    "hired",
    "hire_date",
    "hired_on",
    "employed_from",
    "employment_start",
    "joined",
    "joining",
    "start_date",
    "contract_start",
    "from",
    "start",
)
LEFT = (
    "left",
    "leave_date",
    "left_on",
    "employed_until",
    "employed_to",
    "employment_end",
    "leaving",
    "last_day",
    "end_date",
    "contract_end",
    "until",
    "to",
    "end",
)


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
            v.make_shift(
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
    schedule = case.get("schedule") or {}
    types = {}
    for source in (case, schedule):
        for name, kind in (("rest_days", v.REST_DAY), ("holidays", v.HOLIDAY)):
            types |= {
                date.fromisoformat(_date_text(text)): kind
                for text in source.get(name) or ()
                if _date_text(text)
            }
        for name in ("day_types", "calendar"):
            named = source.get(name)
            if isinstance(named, dict):
                types |= {date.fromisoformat(text): kind for text, kind in named.items()}
        for offset, names in (
            (1, ("next_day_type", "day_type_next")),
            (-1, ("previous_day_type", "prev_day_type")),
        ):
            kind = first_of(source, names)
            if kind:
                types[day + timedelta(days=offset)] = kind
    if schedule.get("day_type") or case.get("day_type"):
        types[day] = schedule.get("day_type") or case.get("day_type")
    unknown = set(types.values()) - set(v.DAY_TYPES)
    if unknown:
        raise ValueError(f"unknown day type {sorted(unknown)[0]!r}")
    return types


def _date_text(item):
    return item.get("date") if isinstance(item, dict) else item if isinstance(item, str) else None


def leaves_of(case, zone, day):
    leaves = []
    for item in case.get("leaves") or ():
        paid = item.get("paid", True)
        if item.get("start") and "T" in item["start"]:
            leaves.append(v.Leave(instant(item["start"], zone), instant(item["end"], zone), paid))
            continue
        first = date.fromisoformat(item.get("start") or item.get("date") or day.isoformat())
        last = date.fromisoformat(item["end"]) if item.get("end") else first
        leaves.append(v.whole_day_leave(zone, first, last, paid))
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
        walls = [wall_of(item["local"]) for _i, item in rows]
        stamps = [
            (wall, Zone.named(item["tz"]) if item.get("tz") else spans.at_wall(wall))
            for wall, (_i, item) in zip(walls, rows, strict=True)
        ]
        times |= {i: found for (i, _item), found in zip(rows, resolve_walls(stamps), strict=True)}
    return tuple(
        _punch(item, times[i] if i in times else (instant(item["t"], zone), False))
        for i, item in items
    )


def _punch(item, found):
    at, undecided = found
    state = item.get("state")
    direction = item.get("dir") or item.get("direction") or v.state_direction(state)
    seq = item.get("seq") if isinstance(item.get("seq"), int) else 0
    device = str(item.get("dev", ""))
    drift = first_of(item, ("clock_offset_seconds", "offset_seconds", "drift_seconds"))
    name = item.get("id") or ":".join(
        str(part)
        for part in (device, iso(at), item.get("dir") or "", state, seq or "")
        if part not in ("", None)
    )
    return v.Punch(
        at, device, str(name), direction, "" if state is None else str(state), seq, drift, undecided
    )


def _device_zones(case, device, zone):
    """Zone spans of a device: `zones`/`zone_spans` lists, or one zone by device."""
    spans = []
    for source in (case, case.get("schedule") or {}):
        for item in first_of(source, ("zone_spans", "zones", "device_zones"), ()):
            if isinstance(item, dict) and item.get("dev", device) == device:
                start = first_of(item, ("valid_from", "from", "start"))
                spans.append(
                    (_wall(start) if start else -(1 << 60), first_of(item, ("tz", "zone")))
                )
        named = first_of(source, ("device_tz", "device_zone"))
        if isinstance(named, dict):
            named = named.get(device)
        if named:
            spans.append((-(1 << 60), named))
    return ZoneSpans(spans or [(0, zone.name)])


def _wall(text):
    return wall_of(text) if len(text) > 10 else day_start_wall(date.fromisoformat(text))


def _named_like(case, *parts):
    """Values of every field, here or in the schedule, whose name contains one of the parts."""
    for source in (case, case.get("schedule") or {}):
        for name, value in source.items():
            if any(part in name for part in parts):
                yield value


def complete_until_of(case, zone):
    """The earliest watermark of all devices; complete for all time if the example names none."""
    found = [mark for value in _named_like(case, *WATERMARK) for mark in _watermarks(value, zone)]
    for value in _named_like(case, "devices"):
        for device in value.values() if isinstance(value, dict) else value:
            if isinstance(device, dict):
                found += [
                    mark
                    for own in _named_like(device, *WATERMARK)
                    for mark in _watermarks(own, zone)
                ]
    return min(found, default=v.ALWAYS)


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
    for value in _named_like(case, "approv"):
        for item in value if isinstance(value, list) else [value]:
            for on, minutes in _approved(item, day):
                approvals[on] = approvals.get(on, 0) + minutes
    return approvals


def _approved(item, day):
    if isinstance(item, dict):
        on = date.fromisoformat(item["date"]) if item.get("date") else day
        for name, value in item.items():
            if isinstance(value, int):
                yield (date.fromisoformat(name) if name[:4].isdigit() else on), value
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
        shift = 60 * first_of(change, ("shift_minutes", "offset_minutes"), 0)
    return v.Adjustment(
        kind,
        identity,
        sequence,
        date.fromisoformat(on) if on else day,
        instant(at, zone) if at else None,
        str(first_of(change, ("dev", "device"), "")),
        first_of(change, ("dir", "direction")),
        str(change.get("punch") or ""),
        instant(start, zone) if start and not reclassifies else None,
        instant(end, zone) if end and not reclassifies else None,
        shift,
        change.get("minutes"),
        _class(
            first_of(change, ("class", "pay_class", "from_class"), "")
            or (start if reclassifies else "")
        ),
        _class(change.get("to_class") or (end if reclassifies and end else "")),
    )


def _class(name):
    return (
        name.removesuffix("_minutes").removeprefix("overtime_")
        if name not in ("overtime_minutes", "overtime")
        else "overtime"
    )


def adjustments_of(case, zone, day):
    return tuple(
        change_of(item.get("change", item), zone, day, str(item.get("id", number)), number)
        for number, item in enumerate(case.get("adjustments") or (), 1)
    )


def employment_of(case):
    span = first_of(case, ("employment", "employed", "employee"), {})
    if isinstance(span, (list, tuple)):
        span = {"hired": span[0], "left": span[1]}
    outside_names = (HIRED[:-2], LEFT[:-3])
    return tuple(
        date.fromisoformat(text)
        if isinstance(
            text := first_of(case, outer, first_of(span if isinstance(span, dict) else {}, names)),
            str,
        )
        else None
        for outer, names in zip(outside_names, (HIRED, LEFT), strict=True)
    )


def facts_of(case):
    """`(Facts, work date)` of a case of kind day or review."""
    zone, day = zone_of(case), work_date(case)
    hired, left = employment_of(case)
    previous = next(
        (
            value
            for value in _named_like(case, "previous", "prev_", "last_out")
            if isinstance(value, str) and "T" in value
        ),
        None,
    )
    return v.Facts(
        zone=zone,
        punches=punches_of(case, zone),
        shifts=shifts_of(case, zone, day),
        leaves=leaves_of(case, zone, day),
        day_types=day_types_of(case, day),
        approvals=approvals_of(case, day),
        adjustments=adjustments_of(case, zone, day),
        complete_until=complete_until_of(case, zone),
        employed_from=hired,
        employed_until=left,
        previous_out=instant(previous, zone) if previous else None,
    ), day


__all__ = ["date_of_wall", "facts_of", "first_of", "instant", "rules_of", "work_date", "zone_of"]
