"""The verifier on what may be missing: every exception needs its counter-entry. A removal obeys
the retention that was in force, erased keys are those that removals counted, a carried number is
one that an upload names, a lane that an agent delivers has a signed head, a ledger has its
triggers. Standard library alone;
knows neither odoo nor where rows come from.
"""

import calendar
from datetime import date, datetime, timedelta

try:
    from .trail import LEDGERS
except ImportError:  # run as a script, outside Odoo
    from trail import LEDGERS

# What a removal calls "before" is a date at the place of the company, its instant is in UTC.
ZONES = timedelta(days=1)
# A night takes up what was stored up to an hour before it.
SETTLED = timedelta(hours=1)
# An agent signs its lane at every sync, seconds apart; without a signature after this it is odd.
UNSIGNED = timedelta(days=1)


def months_before(day, months):
    """The same day so many months earlier, or the last of a shorter month."""
    number = day.year * 12 + day.month - 1 - months
    if number < 12:
        return date.min
    year, month = divmod(number, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last))


def instant(text):
    return datetime.strptime(text[:19].replace("T", " "), "%Y-%m-%d %H:%M:%S")


def check_removals(trail, findings):
    """Removals against the retention that the trail says was in force then. Those before the trail
    speaks of it are not judged."""
    for removal in trail.removals:
        if removal["months"] is None:
            continue
        place = f"audit {removal['number']}"
        after, at = removal["after"], instant(removal["at"])
        before, purge = after.get("before"), removal["action"] == "retention.purge"
        if not removal["months"]:
            if purge or before:
                findings.add("purge_policy", place, "a purge, and no retention was in force")
            continue
        if not before:
            findings.add("purge_policy", place, "it does not say up to which day it removed")
            continue
        latest = months_before((at + ZONES).date(), removal["months"])
        if date.fromisoformat(before) > latest:
            text = f"it removed up to {before}, the retention in force allowed {latest}"
            findings.add("purge_policy", place, text)
        elif purge:
            _check_ages(trail, findings, place, after, date.fromisoformat(before))


def _check_ages(trail, findings, place, after, before):
    """Punches that a night took up were stored after the night before it: none of a night that
    began after `before` may have been purged."""
    stored_from = {}
    last = None
    for night in trail.nights:
        for said in night["punches"]:
            stored_from[said["from"]] = last
        last = instant(night["at"]) - SETTLED
    for first in after.get("restated", {}):
        since = stored_from.get(int(first))
        if since and since.date() > before:
            text = f"punches from {first} on were stored after {since}, it removed up to {before}"
            findings.add("purge_policy", place, text)


def check_erased_keys(rows, trail, findings):
    """rows: {"batch", "count", "digest"}: the digests of erased keys per removal; digest is SHA-256
    over them in ascending order, joined by LF."""
    held = {row["batch"]: (row["count"], row["digest"]) for row in rows}
    for batch, stands in sorted(held.items()):
        place = f"erased keys {batch}"
        if batch not in trail.batches:
            findings.add("erased_key", place, f"{stands[0]} that no removal counted", stands)
        elif trail.batches[batch] != stands:
            said = trail.batches[batch][0]
            text = f"they are {stands[0]}, the removal counted {said}, or others"
            findings.add("erased_key", place, text, stands)
    for batch in sorted(set(trail.batches) - set(held)):
        if trail.batches[batch][0]:
            findings.add("erased_key", f"erased keys {batch}", "they are gone")


def check_lanes(lanes, heads, trail, findings):
    """A lane that a person carried is named number by number by uploads; one that an agent delivers
    has a signed head, unless it is older than the beginning of what is compared.

    lanes: lane, id, agent_id, carrier_id, head_seq, checkpoint_seq, started_at, agent_seen_at
    (instants as text); heads: signed heads by lane_id.
    """
    signed = {head["lane_id"] for head in heads}
    began = instant(trail.begin[1]) if trail.begin else datetime.min
    for lane in lanes:
        place = f"lane {lane['lane']}"
        if lane["agent_id"] is None:
            ranges = trail.carried.get(lane["lane"], ())
            who = trail.carriers.get(lane["lane"])
            if who and lane["carrier_id"] not in who:
                text = (
                    f"user {lane['carrier_id']} is said to have carried it, the trail says others"
                )
                findings.add("lane_carrier", place, text)
            missing = _first_uncovered(ranges, lane["checkpoint_seq"] or 0, lane["head_seq"])
            if missing:
                findings.add("lane_upload", f"{place} number {missing}", "no upload brought it")
        elif lane["head_seq"] and lane["id"] not in signed and lane["agent_seen_at"]:
            started = instant(lane["started_at"])
            if started >= began and instant(lane["agent_seen_at"]) - started > UNSIGNED:
                findings.add("lane_unsigned", place, "its agent never signed its head")


def _first_uncovered(ranges, low, high):
    """The first number above `low` up to `high` that no range holds, or None."""
    at = low
    for first, last in sorted(map(tuple, ranges)):
        if first > at + 1:
            break
        at = max(at, last)
    return at + 1 if at < high else None


def check_protection(rows, findings, trail):
    """rows: {"table", "owner", "row_trigger", "whole_trigger", "refuses", "others"} of every
    ledger."""
    found = {row["table"]: row for row in rows}
    before = trail.nights[-1].get("protection", {}) if trail.nights else {}
    for table in sorted({*LEDGERS, *found, *before}):
        row = found.get(table)
        if row is None:
            findings.add("protection", table, "the table is not there")
            continue
        for name in ("row_trigger", "whole_trigger"):
            if row[name] not in ("O", "A"):
                state = "missing" if row[name] is None else "switched off"
                findings.add("protection", table, f"its {name.replace('_', ' ')} is {state}")
        for name in row.get("others", ()):
            findings.add("protection", table, f"{name} is none of its triggers or rules", name)
        if row["refuses"] is False:
            findings.add("protection", table, "a change of a row was not refused")
        if table in before and row["owner"] != before[table]:
            findings.add("protection", table, f"its owner was {before[table]}, now {row['owner']}")
