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
    "batches_signed_since requests_signed_since",
    "biometric.area": "name company_id device_ids same_pins stated_by_id stated_at active",
    "biometric.area.member": "area_id company_id employee_id valid_from valid_to",
    "biometric.attestation": "company_id employee_id date date_from step asked_id question_id "
    "event version text choices is_required until choice answer_text "
    "consequence pay_code minutes reason user_id done_at by_link",
    "biometric.attestation.choice": "question_id sequence text consequence pay_code minutes",
    "biometric.attestation.question": "name company_id event text version by_mail hours "
    "is_required valid_from active",
    "biometric.cto.agreement": "company_id employee_id valid_from valid_to choice reference",
    "biometric.cto.certificate": "name company_id employee_id date_from date_to",
    "biometric.cto.correction": "company_id employee_id kind entry_id minutes expires_on reason "
    "state answer requested_by_id decided_by_id",
    "biometric.cto.payout": "company_id employee_id minutes state reason decided_by_id",
    "biometric.decision": "punch_id sighting_id verdict counts_at counts_date reason user_id "
    "decided_at",
    "biometric.device": "name serial company_id agent_id place state dialect status_preset "
    "status_map verify_preset verify_map in_service_from in_service_said "
    "moved_at back_at active channel_push channel_poll settings poll_host poll_port poll_transport "
    "poll_minutes poll_times quiet_hours poll_live silence_seconds cleanup_when cleanup_percent "
    "cleanup_days cleanup_hours comm_key_set",
    "biometric.delivery.target": "name active company_id kind recipients folder url host port "
    "login host_key is_automatic usable_at confirmed_by_id changed_by_id",
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
    "biometric.inspection": "company_id date_from date_to name reason issued_by_id issued_at "
    "expires_at closed_at",
    "biometric.month.step": "company_id employee_id date_from date_to number kind digest user_id "
    "done_at by_link",
    "biometric.payroll.number": "employee_id company_id number first_name last_name title "
    "cost_center is_salaried valid_from valid_to",
    "biometric.payroll.profile": "name active company_id program company_code second_code "
    "frequency pairs columns salaried rounding",
    "biometric.payroll.profile.code": "profile_id pay_code text column detail",
    "biometric.roster": "employee_id date shift_id",
    "biometric.rule": "name company_id state active valid_from department_ids employee_ids "
    "parameters",
    "biometric.shift": "name company_id start end break_start break_end break_paid active",
    "biometric.support": "user_id granted_at expires_at revoked_at",
    "biometric.adjustment": "company_id employee_id date kind at direction punch_id device_id "
    "window_from window_to seconds minutes pay_class to_class to_employee_id reverses_id "
    "reason_id reason_text evidence requested_by_id requested_at by_link state sequence "
    "decided_at decided_by_id self_approved is_provisional awaits_answer",
    "biometric.approval.level": "company_id department_id kind level who user_id hours",
    "biometric.deputy": "company_id user_id deputy_id date_from date_to",
    "biometric.day.approval": "company_id employee_id date verdict day bulk user_id decided_at",
    "biometric.period": "company_id group_id date_from date_to state override_reason "
    "override_asked_by_id override_asked_at override_confirmed_by_id override_confirmed_at "
    "override_blockers",
    "biometric.period.group": "name company_id rhythm anchor department_ids active profile_id",
    "ir.config_parameter": "key value",
    "res.company": "biometric_answer_days biometric_ask_missing_out biometric_auditors "
    "biometric_cto_from biometric_device_limit biometric_needs_consent "
    "biometric_needs_yes biometric_notice biometric_payroll_days biometric_projection "
    "biometric_remind_days biometric_retention_months biometric_statement_days_before "
    "biometric_statement_hour biometric_statement_weekday biometric_updates biometric_yes_days "
    "biometric_yield_minutes",
}
WORDS = {
    "biometric.agent": "agent",
    "biometric.area": "area",
    "biometric.area.member": "area_member",
    "biometric.attestation": "attestation",
    "biometric.attestation.choice": "choice",
    "biometric.attestation.question": "question",
    "biometric.cto.agreement": "agreement",
    "biometric.cto.certificate": "certificate",
    "biometric.cto.correction": "correction",
    "biometric.cto.payout": "payout",
    "biometric.decision": "decision",
    "biometric.device": "device",
    "biometric.device.user": "mapping",
    "biometric.device.zone": "zone",
    "biometric.employment.break": "break",
    "biometric.employment.company": "company",
    "biometric.export": "payroll",
    "biometric.gap": "gap",
    "biometric.hearing": "hearing",
    "biometric.inspection": "inspection",
    "biometric.month.step": "month",
    "biometric.payroll.number": "payroll_number",
    "biometric.delivery.target": "delivery_target",
    "biometric.payroll.profile": "payroll_profile",
    "biometric.payroll.profile.code": "payroll_code",
    "biometric.roster": "roster",
    "biometric.rule": "rule",
    "biometric.shift": "shift",
    "biometric.support": "support",
    "biometric.adjustment": "adjustment",
    "biometric.approval.level": "level",
    "biometric.deputy": "deputy",
    "biometric.day.approval": "approval",
    "biometric.period": "period",
    "biometric.period.group": "group",
    "ir.config_parameter": "parameter",
    "res.company": "settings",
}
ENTRY = (
    "form id company_id seq happened_at sealed_at transaction_id user_id real_user_id action model "
    "res_id person_id self_approved actor_digest content_digest"
)
# Digests of lists of before, oldest first.
LISTS_BEFORE = [
    "65654cab5fb84cbe1df680551eba3aaaf9398d85cbd6eb9bf574d711b818e990",
    "26e6b0232a9728d3979227983aa1ab813340541055a7ec4aa5cb17df1b1ca9e3",
    "91b2fb9843d729bcd1a3d7f158ae9bd1aaa1207d9b6c4ddcc0fd7fe526a38bb6",
    "4898370ab6fa3d51f0d35821123222bda839818bd1af5678e88aed17fd2b8596",
]
REMOVALS = ("person.erase", "retention.purge")
FILE_FIELDS = (
    "state sha256 control_sha256 line_count employee_count total_minutes complete_days "
    "blocked_days generated_at generated_by_id"
)
# Columns of a day that its digest leaves out.
DAY_BESIDE = (
    "id digest inputs_digest department_id is_projected computed_at has_manual_attendance "
    "create_uid create_date write_uid write_date in_place out_place"
)


# Columns of the line of a row that each night says.
NIGHT_ROWS = {
    "biometric.audit.concern": "id entry_id person_id date_from date_to is_self",
    "biometric.cto.entry": "id account_id number hash",
    "biometric.flag": "id device_id punch_id run_id kind found_at offset_seconds",
}


def night_line(columns, row):
    """Values as JSON writes them, nothing for null."""
    values = (row[name] for name in columns.split())
    return "|".join(
        "" if one is None else json.dumps(one) if isinstance(one, bool) else str(one)
        for one in values
    )


def sha(*lines):
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def ages():
    """Digests of all lists of audited fields, oldest first."""
    lines = [f"{name}:{','.join(sorted(AUDITED[name].split()))}" for name in sorted(AUDITED)]
    return [one for one in LISTS_BEFORE if one != sha(*lines)] + [sha(*lines)]


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
        numbers = [type(one) is int for one in value]
        if len(value) == 2 and numbers[0] and (value[1] is False or isinstance(value[1], str)):
            return value[0] or None
        return (sorted(value) if all(numbers) else value) or None
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


def broken_ranges(nights):
    """(place, text) where ranges of nights (`after` each) do not follow one another: those of
    punches from 0 on, of rows from 1."""
    following = {}
    for night in nights:
        named = {"punches": night.get("punches") or (), **(night.get("rows") or {})}
        for name, spans in named.items():
            for span in spans:
                start = following.get(name, 0 if name == "punches" else 1)
                if span["from"] != start or span["to"] < start:
                    yield f"{name} from {span['from']}", f"not {start}"
                following[name] = max(start, span["to"] + 1)


def listed_days(days):
    """(complete days, days left out, minutes) of the list of a payroll file."""
    states = [day["state"] for day in days]
    beside = states.count("left_out") + states.count("elsewhere")
    within_it = ("paid", "changed", "payout")
    minutes = sum(day["total_minutes"] for day in days if day["state"] in within_it)
    return states.count("paid") + states.count("changed"), beside, minutes
