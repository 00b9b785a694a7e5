"""Examples of bank, export, gate, delta and review: reads the operations, asks the engine.

Holds no arithmetic of credits or files.
"""

import hashlib
from dataclasses import replace
from datetime import date

from domain_input import (
    CLASS_NAMES,
    WATERMARK,
    change_of,
    facts_of,
    first_of,
    instant,
    named_like,
    rules_of,
    zone_of,
)
from engine import (
    FOREVER,
    Bank,
    Review,
    formats,
    gate,
    payroll,
)

# overtime minutes of credit over a cap that go to pay instead
CASH_NAMES = (
    "cash_overtime_minutes",
    "over_cap_cash_minutes",
    "over_cap_paid_minutes",
    "over_cap_paid_ot_minutes",
    "over_cap_cash_ot_minutes",
    "pay_cash_minutes",
    "paid_ot_minutes",
    "cash_ot_minutes",
)


def _date(text):
    return date.fromisoformat(text) if text else None


def run_bank(case):
    bank = Bank(rules_of(case), case.get("month_to_date"))
    shown, first_named = {}, {}
    for op in case["ops"]:
        name, on = op["op"], date.fromisoformat(op["date"])
        identity = op.get("id") or op.get("of") or ""
        # a key is the source itself; lots bear the name under which it came first
        identity = first_named.setdefault(op.get("key", identity), identity)
        if name == "as_of":
            bank.advance(on)
            shown[op["date"]] = bank.balance
        elif name in _BANK_OPS:
            _BANK_OPS[name](bank, identity, on, op)
        else:
            raise ValueError(f"unknown bank operation {name!r}")
    return _bank_result(bank, shown)


_BANK_OPS = {
    "opening": lambda bank, name, on, op: bank.opening(
        name, on, op["minutes"], _date(op.get("expires"))
    ),
    "earn": lambda bank, name, on, op: bank.earn(
        name,
        on,
        op.get("class", "workday"),
        op["ot_minutes"],
        authority=str(first_of(op, ("authority_ref", "authority"), "")),
        period_end=_date(op.get("period_end")),
        posted_on=_date(first_of(op, ("posted", "posted_on", "approved"))),
    ),
    "use": lambda bank, name, on, op: bank.use(
        name,
        _date(op.get("use_date")) or on,
        op["minutes"] if "minutes" in op else sum(op["per_day"]),
        op.get("per_day"),
        _date(first_of(op, ("requested", "requested_on", "request_date")))
        or (on if op.get("use_date") else None),
    ),
    "cancel_use": lambda bank, name, on, op: bank.cancel_use(op.get("of", name), on),
    "correct_earn": lambda bank, name, on, op: bank.correct_earn(
        op.get("of", name), on, op.get("class", "workday"), op["ot_minutes"]
    ),
    "certificate": lambda bank, name, on, op: bank.certify(op.get("of", name), on),
    "payout": lambda bank, name, on, op: bank.pay_out(name, on, op["minutes"]),
    "terminate": lambda bank, _name, on, _op: bank.terminate(on),
}
_BANK_OPS["certify"] = _BANK_OPS["certificate"]


def _bank_result(bank, shown):
    over = bank.overflows.values()
    forfeits = bank.rules.cto_over_cap == "forfeit"
    lost = sum(item.minutes for item in over)
    cash = sum(item.overtime_minutes for item in over)
    by_kind = {}
    for entry in bank.entries:
        by_kind[entry.kind] = by_kind.get(entry.kind, 0) + entry.minutes
    return {
        "balance_minutes": bank.balance,
        "owed_minutes": bank.owed,
        "entries": [[entry.kind, entry.minutes] for entry in bank.entries],
        "ledger": [
            {
                "kind": entry.kind,
                "minutes": entry.minutes,
                "date": entry.on.isoformat(),
                "source": entry.source,
            }
            for entry in bank.entries
        ],
        "usage_parts": [
            [[lot, -minutes] for lot, minutes in entry.moves]
            for entry in bank.entries
            if entry.kind == "usage"
        ],
        "lots": {name: lot.left for name, lot in bank.lots.items()},
        "expires": {
            name: None if lot.expires_on == FOREVER else lot.expires_on.isoformat()
            for name, lot in bank.lots.items()
        },
        "rejected": [list(pair) for pair in bank.refused],
        "over_cap": [[item.source, item.minutes, item.reason] for item in over],
        "over_cap_forfeited_minutes": lost if forfeits else 0,
        **dict.fromkeys(CASH_NAMES, cash),
        "balances": shown,
        "as_of": shown,
        "expired_minutes": -by_kind.get("expiry", 0),
        "forfeited_minutes": -by_kind.get("forfeit", 0),
        "payout_minutes": -by_kind.get("payout", 0),
        "credited_minutes": by_kind.get("accrual", 0) + by_kind.get("accrual_reversal", 0),
        "used_minutes": -by_kind.get("usage", 0) - by_kind.get("usage_reversal", 0),
    }


def run_export(case):
    """Bare minutes are a question about hours, whatever the profile."""
    profile = "hours" if isinstance(case.get("minutes"), list) else case.get("profile", "summary")
    if profile not in _PROFILES:
        raise ValueError(f"unknown export profile {profile!r}")
    return _PROFILES[profile](case)


def _export_hours(case):
    minutes = case["minutes"]
    german = case.get("decimal_comma") or str(case.get("profile")).startswith("datev")
    names = ("decimal", "decimal_separator", "decimal_point")
    point = first_of(case, names, "," if german else ".")
    total, lines = sum(minutes), sum(payroll.hundredths_of(item) for item in minutes)
    sum_of_lines = f"{lines // 100}.{lines % 100:02d}"
    return {
        "hours": [payroll.hours_text(item, point) for item in minutes],
        "hhmm": [f"{item // 60}:{item % 60:02d}" for item in minutes],
        "total_minutes": total,
        "total_hours": payroll.hours_text(total, point),
        "hours_of_total": payroll.hours_text(total, point),
        "sum_of_lines": sum_of_lines.replace(".", point),
        "sum_of_rounded_lines": sum_of_lines.replace(".", point),
    }


def _export_adp(case):
    totals = [
        formats.Total(
            row["file_no"], row.get("reg", 0), row.get("ot", 0), extra=row.get("extra") or {}
        )
        for row in case["employees"]
    ]
    text = formats.wfn_table(case["co_code"], case["batch_id"], totals)
    return _file_result(text, sum(total.minutes for total in totals))


def _file_result(text, minutes):
    data = text.encode()
    return {
        "csv": text,
        "lines": text.count("\r\n") - 1,
        "total_minutes": minutes,
        "bytes": len(data),
        "sha256": hashlib.sha256(data).hexdigest(),
    }


def _export_summary(case):
    codes = case.get("pay_codes") or payroll.DEFAULT_CODES
    sums = {}
    for day in case["days"]:
        for name, code in codes.items():
            sums[code] = sums.get(code, 0) + day.get(name, 0)
    lines = [
        [code, minutes, payroll.hours_text(minutes)]
        for code, minutes in sorted(sums.items())
        if minutes
    ]
    return {
        "lines": lines,
        "line_count": len(lines),
        "worked_minutes": sum(day.get("worked_minutes", 0) for day in case["days"]),
        "total_minutes": sum(line[1] for line in lines),
        "minutes_by_code": {line[0]: line[1] for line in lines},
    }


def _export_gusto(case):
    totals = [
        formats.Total(
            str(first_of(row, ("id", "gusto_employee_id", "employee"))),
            row.get("reg", 0),
            row.get("ot", 0),
            row.get("dt", 0),
        )
        for row in case["employees"]
    ]
    text = formats.gusto_by_id(totals, case.get("zero_policy") or rules_of(case).zero_policy)
    return _file_result(text, sum(total.minutes for total in totals))


def _export_canonical(case):
    """`rows`: one dict per line under the names of the file's columns."""
    period = case.get("period") or [case.get("period_start"), case.get("period_end")]
    batch = payroll.Batch(
        str(case.get("batch_id", "")), case.get("company", ""), *(_date(text) for text in period)
    )
    lines = [
        payroll.Line(
            payroll.Employee(
                str(row["employee_id"]),
                str(row.get("employee_ref", "")),
                str(row.get("cost_center", "")),
            ),
            _date(first_of(row, ("work_date", "date"))),
            first_of(row, ("pay_code", "code")),
            row.get("class", ""),
            row["minutes"],
            str(row.get("factor", "")),
            row.get("kind", "regular"),
            str(row.get("origin_batch", "")),
            _date(row.get("origin_date")),
        )
        for row in first_of(case, ("rows", "lines"), ())
    ]
    data = payroll.to_csv(lines, batch)
    result = _file_result(data.decode(), sum(line.minutes for line in lines))
    return result | {"control": payroll.control_record(lines, batch, data)}


def _export_datev(case):
    entries = [
        formats.Movement(str(row["pnr"]), str(row["wage_type"]), row["minutes"])
        for row in case["entries"]
    ]
    client = formats.Client(
        str(case["adviser_number"]),
        str(case["client_number"]),
        date.fromisoformat(case["month"] + "-01"),
    )
    text = formats.lodas_standard(client, entries)
    return _file_result(text, sum(entry.amount for entry in entries)) | {"text": text}


_PROFILES = {
    "hours": _export_hours,
    "canonical": _export_canonical,
    "adp": _export_adp,
    "summary": _export_summary,
    "gusto": _export_gusto,
    "datev": _export_datev,
}


def run_gate(case):
    found = gate.blockers(
        gate.GateFacts(
            days=tuple(case.get("days") or ()),
            devices_behind=tuple(case.get("devices_behind") or _devices_behind(case)),
            unmapped_employees=tuple(case.get("unmapped_employees") or ()),
            unmapped_classes=tuple(case.get("unmapped_classes") or ()),
        )
    )
    return {
        "export_allowed": not found,
        "blockers": [[part for part in blocker if part] for blocker in found],
    }


def _devices_behind(case):
    """Devices whose watermark is not past the last date of the period."""
    zone, last = zone_of(case), first_of(case, ("period_end", "period"))
    last = last[1] if isinstance(last, list) else last
    if not last:
        return
    end = zone.on(date.fromisoformat(last), 1440)
    for marks in named_like(case, *WATERMARK):
        for name, mark in marks.items() if isinstance(marks, dict) else ():
            if mark is None or instant(mark, zone) < end:
                yield name


def run_delta(case):
    policy = case.get("negative_policy") or rules_of(case).negative_policy
    exported = {tuple(row[:-1]): row[-1] for row in case.get("exported") or ()}
    current, answer, held = dict(exported), [], []
    for batch in case["recomputed_batches"]:
        current |= {tuple(row[:-1]): row[-1] for row in batch["now"]}
        if not batch.get("final", True):
            continue
        due, waiting = payroll.deltas(exported, current, policy)
        exported = {key: exported.get(key, 0) + due.get(key, 0) for key in {*exported, *due}}
        answer.append([[*key, minutes] for key, minutes in due.items()])
        held.append([[*key, minutes] for key, minutes in waiting.items()])
    return {
        "deltas": answer,
        "held": held,
        "exported_total_after": sum(exported.values()),
        "current_total": sum(current.values()),
    }


def run_review(case, day_of):
    """`day_of(facts, rules, case)` gives the result of the work date."""
    facts, day = facts_of(case)
    rules = rules_of(case)
    review = Review(rules, case.get("employee_user", ""))
    for action in case["actions"]:
        _act(review, action)
    applied = review.effective()
    decided = replace(
        facts,
        adjustments=facts.adjustments
        + tuple(
            change_of(request.change, facts.zone, day, request.identity, request.sequence)
            for request in applied
        ),
    )
    return {
        "applied": [request.identity for request in applied],
        "rejected": [
            [entry.target, entry.refused or "rejected"]
            for entry in review.entries
            if entry.refused or entry.action == "reject"
        ],
        "states": {name: request.state for name, request in review.requests.items()},
        "pending": [request.identity for request in review.open()],
        "before": day_of(facts, rules, case),
        "after": day_of(decided, rules, case),
        "raw_punches": len(facts.punches),
        "audit_entries": len(review.entries),
    }


def _act(review, action):
    name, by = action["do"], action.get("by", "")
    change = action.get("change") or {}
    kind = first_of(change, ("type", "kind"))
    if name == "request" and kind == "set_minutes" and not first_of(change, CLASS_NAMES):
        review.forbid(name, action["id"], by, action.get("reason", ""))
    elif name == "request":
        review.request(action["id"], by, action.get("reason", ""), action["change"])
    elif name == "approve":
        review.approve(action["of"], by)
    elif name == "reject":
        review.reject(action["of"], by, action.get("reason", ""))
    elif name == "reverse":
        review.reverse(
            action.get("id", ""),
            action["of"],
            by,
            action.get("reason", ""),
            action.get("approved_by", ""),
        )
    elif name in ("edit", "delete"):
        review.forbid(name, first_of(action, ("of", "id"), ""), by, action.get("reason", ""))
    else:
        raise ValueError(f"unknown review action {name!r}")
