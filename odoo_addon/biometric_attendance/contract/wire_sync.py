"""Strict reading of a sync request (docs/contract.md) into plain values. Pure, like wire.py."""

import re

from . import wire, wire_seal
from .wire import Malformed

_INT32 = 2**31 - 1
_FACT_NAME = re.compile(r"[a-z][a-z0-9_]{0,31}\Z")
MAX_FACTS = 40
# Of a file: one a week from the first sane year on would be fewer for decades.
MAX_HOLES = 2000
OUTCOMES = (
    "complete",
    "incomplete",
    "failed",
    "cleared",
    "not_cleared",
    "unclear",
    "confirmed",
    "resent",
)
# What a queue can lose, and how far its agent is with asking the terminals again.
LOSS_CAUSES = ("lost_tail", "older_copy", "missing_file", "damaged_file")
LOSS_STATES = ("open", "read_again", "unrecoverable")
# Of a terminal's report.
MAX_POINTS = 60
# Where a read stands, in its order.
STEPS = ("connecting", "reading", "storing", "proving")


def _when(row, name):
    """Naive UTC datetime without milliseconds, or None."""
    value = wire.instant(row, name, optional=True)
    return wire.to_datetime(value, name).replace(microsecond=0) if value else None


def parse(body):
    """dict: agent, lane, devices, unknown, runs, commands, token_confirm, countersigned,
    remembered, losses, can."""
    return {
        "agent": _agent(wire.group(body, "agent")),
        "lane": _lane(body.get("lane")),
        "devices": [_device(row) for row in wire.objects(body, "devices", wire.MAX_DEVICES)],
        "unknown": [_unknown(row) for row in wire.objects(body, "unknown", wire.MAX_LISTED)],
        "runs": [_run(row) for row in wire.objects(body, "runs", wire.MAX_LISTED)],
        "commands": [_command(row) for row in wire.objects(body, "commands", wire.MAX_LISTED)],
        "token_confirm": wire.flag(body, "token_confirm"),
        "countersigned": [
            _countersigned(row)
            for row in wire.objects(body, "countersigned", wire.MAX_COUNTERSIGNED)
        ],
        "remembered": [
            {
                "company_id": wire.whole(row, "company_id", 1, _INT32),
                "seq": wire.whole(row, "seq", 1, _INT32),
            }
            for row in wire.objects(body, "remembered", wire.MAX_REMEMBERED)
        ],
        "losses": [_loss(row) for row in wire.objects(body, "losses", wire.MAX_LISTED)],
        "can": wire_seal.parse_can(body),
    }


def _agent(row):
    host, queue, disk = (wire.group(row, name) for name in ("host", "queue", "disk"))
    return {
        "agent_version": wire.plain(row, "version", 32),
        "started_at": _when(row, "started_at"),
        "uptime_seconds": wire.whole(row, "uptime_seconds", 0, _INT32, default=0),
        "host_name": wire.plain(host, "name", 64),
        "host_os": wire.plain(host, "os", 64),
        "host_arch": wire.plain(host, "arch", 32),
        "clock": wire.choice(row, "clock", ("ok", "unsure"), "unsure"),
        "clock_at": _when(row, "clock_at"),
        "queue_pending": wire.whole(queue, "pending", 0, _INT32, default=0),
        "queue_parked": wire.whole(queue, "parked", 0, _INT32, default=0),
        "oldest_pending_at": _when(queue, "oldest_pending_at"),
        "queue_bytes": wire.whole(queue, "bytes", default=0),
        "disk_free_bytes": wire.whole(disk, "free_bytes", default=0),
        "disk_total_bytes": wire.whole(disk, "total_bytes", default=0),
        **_updates(row.get("update")),
        "last_errors": [
            {
                "code": wire.plain(error, "code", 32),
                "message": wire.plain(error, "message", 200),
                "at": wire.instant(error, "at", optional=True),
                "count": wire.whole(error, "count", 0, _INT32, default=1),
            }
            for error in wire.objects(row, "errors", wire.MAX_ERRORS)
        ],
    }


def _updates(row):
    """How the machine stands with updates; a program that never updates itself says null."""
    if not isinstance(row, dict):
        return {"updates_itself": False, "updates_fresh_at": None, "update": None}
    return {
        "updates_itself": True,
        "updates_fresh_at": _when(row, "fresh_at"),
        "update": {
            "on_trial": wire.plain(row, "on_trial", 32),
            "refused": [
                {
                    "version": wire.plain(one, "version", 32),
                    "reason": wire.plain(one, "reason", 200),
                }
                for one in wire.objects(row, "refused", wire.MAX_ERRORS)
            ],
        },
    }


def _lane(row):
    if row is None:
        return None
    if not isinstance(row, dict):
        raise Malformed("lane: object expected")
    signature = row.get("signature")
    return {
        "id": wire.lane(row, "id"),
        "seq": wire.whole(row, "seq", 0, wire.MAX_SEQ),
        "hash": wire.digest(row, "hash"),
        "signature": wire.text(row, "signature", 128) if signature is not None else "",
    }


def _facts(row):
    """Small facts for people: at most 40 names, numbers and short texts only."""
    facts = {}
    for name, value in list(wire.group(row, "facts").items())[:MAX_FACTS]:
        if not _FACT_NAME.match(name):
            continue
        if isinstance(value, bool) or (isinstance(value, int) and abs(value) <= wire.MAX_WHOLE):
            facts[name] = value
        elif isinstance(value, str):
            facts[name] = wire.plain({"value": value}, "value", 128)
    return facts


def _device(row):
    offset = wire.whole(row, "clock_offset_seconds", -_INT32, _INT32, optional=True)
    return {
        "serial": wire.serial(row),
        "heard_state": wire.choice(row, "state", ("heard", "silent")),
        "peer": wire.plain(row, "peer", 64),
        "last_heard_at": _when(row, "last_heard_at"),
        "last_punch_at": _when(row, "last_punch_at"),
        "detected_dialect": wire.plain(row, "dialect", 32),
        "family": wire.plain(row, "family", 32),
        "facts": _facts(row),
        "clock_offset_seconds": offset,
        "pending": wire.whole(row, "pending", 0, _INT32, default=0),
        "rejects": wire.whole(row, "rejects", 0, _INT32, default=0),
        "discarded_biometrics": wire.whole(row, "discarded_biometrics", 0, _INT32, default=0),
        "upload_idle": wire.flag(row, "upload_idle"),
        "unbroken_since": _when(row, "unbroken_since"),
        "polled_at": _when(row, "polled_at"),
        "complete_read_at": _when(row, "complete_read_at"),
        "oldest_pending_at": _when(row, "oldest_pending_at"),
    }


def _unknown(row):
    return {
        "serial": wire.serial(row),
        "peer": wire.plain(row, "peer", 64),
        "family": wire.plain(row, "family", 32),
        "first_seen_at": _when(row, "first_seen_at"),
        "last_heard_at": _when(row, "last_seen_at"),
    }


def _run(row):
    counted = wire.whole(row, "device_count", 0, _INT32, optional=True)
    return {
        "serial": wire.serial(row),
        "command_id": wire.whole(row, "command_id", 0, _INT32, optional=True),
        "values": {
            "uuid": wire.uuid(row, "id"),
            "channel": wire.choice(row, "channel", ("push", "poll", "file")),
            "asked_by": wire.plain(row, "asked_by", 64),
            "window_from": wire.wall_time(row, "window_from", optional=True),
            "window_to": wire.wall_time(row, "window_to", optional=True),
            "holes": _holes(row),
            "read_count": wire.whole(row, "read", 0, _INT32, default=0),
            "new_count": wire.whole(row, "new", 0, _INT32, default=0),
            "duplicate_count": wire.whole(row, "duplicate", 0, _INT32, default=0),
            "rejected_count": wire.whole(row, "rejected", 0, _INT32, default=0),
            # -1: the terminal did not say; null in the request.
            "device_count": -1 if counted is None else counted,
            "started_at": _when(row, "started_at"),
            "ended_at": _when(row, "ended_at"),
            "outcome": _outcome(row),
            "message": wire.plain(row, "message", 200),
            "lost_from": wire.wall_time(row, "lost_from", optional=True),
            "lost_to": wire.wall_time(row, "lost_to", optional=True),
            "vanished_count": wire.whole(row, "vanished", 0, _INT32, default=0),
        },
    }


def _holes(row):
    """Pairs of wall times, in order, within the window."""
    holes = wire.objects(row, "holes", MAX_HOLES)
    window = [row.get("window_from"), row.get("window_to")]
    said = [wire.wall_time(hole, end) for hole in holes for end in ("from", "to")]
    if said and (None in window or sorted([*window, *said]) != [window[0], *said, window[1]]):
        raise Malformed("holes: not in order within the window")
    return [list(pair) for pair in zip(said[::2], said[1::2], strict=True)]


def _outcome(row):
    """What an unknown word means nobody knows; it proves nothing."""
    said = wire.plain(row, "outcome", 32)
    return said if said in OUTCOMES else "unclear"


def _command(row):
    return {
        "id": wire.whole(row, "id", 1, _INT32),
        "state": wire.choice(row, "state", ("sent", "done", "failed")),
        "return": wire.whole(row, "return", -_INT32, _INT32, optional=True),
        "message": wire.plain(row, "message", 200),
        "progress": _progress(wire.group(row, "progress")),
        "report": _report(row),
    }


def _report(row):
    """[[point, found]] of a terminal's redacted report, None where the result brings none."""
    if row.get("report") is None:
        return None
    return [
        [wire.plain(one, "point", 64), wire.plain(one, "found", 200)]
        for one in wire.objects(row, "report", MAX_POINTS)
    ]


def _progress(row):
    """(step, done, total or None) of a read that goes on; None: nothing was said."""
    if not row:
        return None
    return (
        wire.choice(row, "step", STEPS),
        wire.whole(row, "done", 0, _INT32),
        wire.whole(row, "total", 0, _INT32, optional=True),
    )


def _loss(row):
    first = wire.whole(row, "first_seq", 1, wire.MAX_SEQ, optional=True)
    last = wire.whole(row, "last_seq", 1, wire.MAX_SEQ, optional=True)
    if (first is None) != (last is None) or (first or 0) > (last or 0):
        raise Malformed("last_seq: not in order with first_seq")
    return {
        "id": wire.uuid(row, "id"),
        "lane": wire.lane(row, "lane"),
        "cause": wire.choice(row, "cause", LOSS_CAUSES),
        "from": _when(row, "from"),
        "to": wire.to_datetime(wire.instant(row, "to"), "to").replace(microsecond=0),
        "first_seq": first,
        "last_seq": last,
        "state": wire.choice(row, "state", LOSS_STATES),
    }


def _countersigned(row):
    return {
        "company_id": wire.whole(row, "company_id", 1, _INT32),
        "seq": wire.whole(row, "seq", 1, _INT32),
        "hash": wire.digest(row, "hash"),
        "signature": wire.text(row, "signature", 128),
    }
