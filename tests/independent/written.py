"""Owns: the written forms of an export, as docs/contract.md and docs/audit.md give them: lists of
columns, digests, texts that are signed, values as they are compared.

Must not know: any code of the project, or where in an export a row stands.
"""

import base64
import calendar
import hashlib
import json
import sys
from datetime import date, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import ed25519  # noqa: E402  (a bare Python with -I has no folder of the script on its path)

AUDITED = {
    "biometric.agent": "name company_id place tz state active public_key fingerprint "
    "batches_signed_since",
    "biometric.decision": "punch_id sighting_id verdict counts_at counts_date reason user_id "
    "decided_at",
    "biometric.device": "name serial company_id agent_id place state dialect status_preset "
    "status_map verify_preset verify_map in_service_from moved_at back_at active channel_push "
    "channel_poll settings poll_host poll_port poll_transport poll_minutes poll_times quiet_hours "
    "poll_live silence_seconds cleanup_when cleanup_percent cleanup_days cleanup_hours "
    "comm_key_set",
    "biometric.device.user": "device_id pin employee_id valid_from valid_to",
    "biometric.device.zone": "device_id tz valid_from",
    "biometric.employment.break": "employee_id date_from date_to",
    "biometric.employment.company": "employee_id company_id valid_from tz",
    "biometric.export": "name company_id date_from date_to state kind sha256 control_sha256 "
    "line_count employee_count total_minutes complete_days blocked_days generated_at "
    "generated_by_id",
    "biometric.gap": "state kind device_id agent_id lane_id window_from window_to seq_from seq_to "
    "accepted_by_id reason",
    "biometric.hearing": "device_id agent_id state until",
    "biometric.roster": "employee_id date shift_id",
    "biometric.rule": "name company_id state active valid_from department_ids employee_ids "
    "parameters",
    "biometric.shift": "name company_id start end break_start break_end break_paid active",
    "biometric.support": "user_id granted_at expires_at revoked_at",
    "ir.config_parameter": "key value",
    "res.company": "biometric_auditors biometric_device_limit biometric_notice "
    "biometric_payroll_days biometric_projection biometric_retention_months "
    "biometric_statement_days_before",
}
WORDS = {
    "biometric.agent": "agent",
    "biometric.decision": "decision",
    "biometric.device": "device",
    "biometric.device.user": "mapping",
    "biometric.device.zone": "zone",
    "biometric.employment.break": "break",
    "biometric.employment.company": "company",
    "biometric.export": "payroll",
    "biometric.gap": "gap",
    "biometric.hearing": "hearing",
    "biometric.roster": "roster",
    "biometric.rule": "rule",
    "biometric.shift": "shift",
    "biometric.support": "support",
    "ir.config_parameter": "parameter",
    "res.company": "settings",
}
ENTRY = (
    "form id company_id seq happened_at sealed_at transaction_id user_id real_user_id action model "
    "res_id person_id self_approved actor_digest content_digest"
)
REMOVALS = ("person.erase", "retention.purge")
FILE_FIELDS = (
    "state sha256 control_sha256 line_count employee_count total_minutes complete_days "
    "blocked_days generated_at generated_by_id"
)
# Columns of a day that its digest leaves out.
DAY_BESIDE = (
    "id digest inputs_digest department_id is_projected computed_at has_manual_attendance "
    "create_uid create_date write_uid write_date"
)


def sha(*lines):
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def within(number, ranges):
    return any(first <= number <= last for first, last in ranges or ())


def signed(public, signature, *lines):
    """Whether base64 of a signature over lines is by base64 of a key."""
    try:
        key = base64.b64decode(public or "", validate=True)
        value = base64.b64decode(signature or "", validate=True)
    except ValueError:
        return False
    return ed25519.holds(key, value, "\n".join(lines).encode())


def fingerprint(public):
    try:
        digest = hashlib.sha256(base64.b64decode(public or "")).hexdigest()[:16]
    except ValueError:
        return "none"
    return " ".join(digest[n : n + 4] for n in range(0, 16, 4))


def form(title, columns, row):
    """Form 1: the title, then `name:-` or `name:LENGTH:VALUE` a column."""
    lines = [title]
    for name in columns.split():
        value = row[name]
        lines.append(f"{name}:-" if value is None else f"{name}:{len(value.encode())}:{value}")
    return "\n".join(lines)


def as_object(text):
    """The JSON object of a text; an entry in which none stands says nothing."""
    try:
        value = json.loads(text or "{}")
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def plain(value):
    """A value in the form in which trail and row are compared."""
    if isinstance(value, list):
        if len(value) == 2 and isinstance(value[0], int) and isinstance(value[1], str):
            return plain(value[0])
        return sorted((plain(one) for one in value), key=str) or None
    if isinstance(value, dict):
        return value or None
    return value or None


def moment(text):
    """Instant of `YYYY-MM-DD`, with a time behind `T` or not."""
    return datetime.fromisoformat(text.rstrip("Z"))  # Python 3.9 knows three digits of a second


def ahead(row):
    """Seconds by which the wall time of a punch, read as UTC, is after its receipt."""
    return (moment(row["wall_time"]) - moment(row["received_at"])).total_seconds()


def earlier(day, months):
    """The day so many months before; of a shorter month its last."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))
