"""Which rows turn punches into minutes and are therefore witnessed by the trail, and which of their
fields: the one list. The addon's models take their audited fields from here; docs/audit.md prints
it. Data alone: knows neither odoo nor how rows are compared.

What Odoo keeps itself (schedules, holidays, leaves, contract versions, employees) is not in it, nor
what ingest and sync write by themselves (status, counters).
"""

import hashlib
from functools import cache


class Audited:
    """words: first words of the actions that speak of a row. fields: the names of what is compared,
    with a space between; a tuple of them once made.

    made_by_service: (field, value) of a row that the service makes by itself and that counts for
    nothing until a person changes that field; only from then on it needs a birth in the trail.
    counts_from: (field, value) a row must have to be compared at all.
    """

    def __init__(self, words, fields, made_by_service=None, counts_from=None):
        self.words, self.fields = words, tuple(fields.split())
        self.made_by_service, self.counts_from = made_by_service, counts_from


AUDITED = {
    "biometric.adjustment": Audited(
        ("adjustment",),
        "company_id employee_id date kind at direction punch_id device_id window_from "
        "window_to seconds minutes pay_class to_class to_employee_id reverses_id reason_id "
        "reason_text evidence requested_by_id requested_at by_link state sequence decided_at "
        "decided_by_id self_approved is_provisional awaits_answer",
    ),
    "biometric.approval.level": Audited(
        ("level",), "company_id department_id kind level who user_id hours"
    ),
    "biometric.attestation": Audited(
        ("attestation",),
        "company_id employee_id date date_from step asked_id question_id event version text "
        "choices is_required until choice answer_text consequence pay_code minutes reason "
        "user_id done_at by_link",
    ),
    "biometric.attestation.choice": Audited(
        ("choice",), "question_id sequence text consequence pay_code minutes"
    ),
    "biometric.attestation.question": Audited(
        ("question",),
        "name company_id event text version by_mail hours is_required valid_from active",
    ),
    "biometric.agent": Audited(
        ("agent",),
        "name company_id place tz state active public_key fingerprint batches_signed_since "
        "requests_signed_since",
    ),
    "biometric.area": Audited(
        ("area",), "name company_id device_ids same_pins stated_by_id stated_at active"
    ),
    "biometric.area.member": Audited(
        ("area_member",), "area_id company_id employee_id valid_from valid_to"
    ),
    "biometric.cto.agreement": Audited(
        ("agreement",), "company_id employee_id valid_from valid_to choice reference"
    ),
    "biometric.cto.certificate": Audited(
        ("certificate",), "name company_id employee_id date_from date_to"
    ),
    "biometric.cto.correction": Audited(
        ("correction",),
        "company_id employee_id kind entry_id minutes expires_on reason state answer "
        "requested_by_id decided_by_id",
    ),
    "biometric.cto.payout": Audited(
        ("payout",), "company_id employee_id minutes state reason decided_by_id"
    ),
    "biometric.decision": Audited(
        ("decision",),
        "punch_id sighting_id verdict counts_at counts_date reason user_id decided_at",
    ),
    "biometric.deputy": Audited(("deputy",), "company_id user_id deputy_id date_from date_to"),
    "biometric.day.approval": Audited(
        ("approval",), "company_id employee_id date verdict day bulk user_id decided_at"
    ),
    "biometric.delivery.target": Audited(
        ("delivery_target",),
        "name active company_id kind recipients folder url host port login host_key "
        "is_automatic usable_at confirmed_by_id changed_by_id",
    ),
    "biometric.device": Audited(
        ("device",),
        "name serial company_id agent_id place state dialect status_preset status_map "
        "verify_preset verify_map in_service_from in_service_said moved_at back_at active "
        "channel_push channel_poll settings poll_host poll_port poll_transport poll_minutes "
        "poll_times quiet_hours poll_live silence_seconds cleanup_when cleanup_percent "
        "cleanup_days cleanup_hours comm_key_set",
        made_by_service=("state", "waiting"),
    ),
    "biometric.device.user": Audited(
        ("mapping",),
        "device_id pin employee_id valid_from valid_to",
        made_by_service=("employee_id", None),
    ),
    "biometric.device.zone": Audited(("zone",), "device_id tz valid_from"),
    "biometric.employment.break": Audited(("break",), "employee_id date_from date_to"),
    "biometric.employment.company": Audited(("company",), "employee_id company_id valid_from tz"),
    "biometric.export": Audited(
        ("payroll",),
        "name company_id date_from date_to state kind sha256 control_sha256 line_count "
        "employee_count total_minutes complete_days blocked_days generated_at generated_by_id",
    ),
    "biometric.gap": Audited(
        ("gap",),
        "state kind device_id agent_id lane_id window_from window_to seq_from seq_to "
        "accepted_by_id reason",
        counts_from=("state", "accepted"),
    ),
    "biometric.hearing": Audited(
        ("hearing",), "device_id agent_id state until", made_by_service=("state", "foreign")
    ),
    "biometric.inspection": Audited(
        ("inspection",),
        "company_id date_from date_to name reason issued_by_id issued_at expires_at closed_at",
    ),
    "biometric.month.step": Audited(
        ("month",),
        "company_id employee_id date_from date_to number kind digest user_id done_at by_link",
    ),
    "biometric.payroll.number": Audited(
        ("payroll_number",),
        "employee_id company_id number first_name last_name title cost_center is_salaried "
        "valid_from valid_to",
    ),
    "biometric.payroll.profile": Audited(
        ("payroll_profile",),
        "name active company_id program company_code second_code frequency pairs columns "
        "salaried rounding",
    ),
    "biometric.payroll.profile.code": Audited(
        ("payroll_code",), "profile_id pay_code text column detail"
    ),
    "biometric.period": Audited(
        ("period",),
        "company_id group_id date_from date_to state override_reason override_asked_by_id "
        "override_asked_at override_confirmed_by_id override_confirmed_at override_blockers",
    ),
    "biometric.period.group": Audited(
        ("group",), "name company_id rhythm anchor department_ids active profile_id"
    ),
    "biometric.roster": Audited(("roster",), "employee_id date shift_id"),
    "biometric.rule": Audited(
        ("rule",), "name company_id state active valid_from department_ids employee_ids parameters"
    ),
    "biometric.shift": Audited(
        ("shift",), "name company_id start end break_start break_end break_paid active"
    ),
    "biometric.support": Audited(("support",), "user_id granted_at expires_at revoked_at"),
    "ir.config_parameter": Audited(("parameter",), "key value"),
    "res.company": Audited(
        ("settings",),
        "biometric_answer_days biometric_ask_missing_out biometric_auditors "
        "biometric_cto_from biometric_device_limit biometric_needs_consent "
        "biometric_needs_yes biometric_notice biometric_payroll_days biometric_projection "
        "biometric_remind_days biometric_retention_months biometric_statement_days_before "
        "biometric_statement_hour biometric_statement_weekday biometric_updates "
        "biometric_yes_days biometric_yield_minutes",
    ),
}
# The first words of actions about a decision; the entry stands at the punch or line it is about and
# names the decision in `after`.
DECIDED = ("punch", "reject")
# The entry from which on state is compared; the first of a trail counts, none: all of the trail.
BEGIN = "state.begin"
# The entry that says by which list rows are compared from then on: at an installation, for a new
# company, and at an upgrade that made the list another one. Digests of the lists of before, oldest
# first: none is said twice, and none after a younger one.
LIST = "state.list"
LISTS_BEFORE = (
    "65654cab5fb84cbe1df680551eba3aaaf9398d85cbd6eb9bf574d711b818e990",
    "26e6b0232a9728d3979227983aa1ab813340541055a7ec4aa5cb17df1b1ca9e3",
    "91b2fb9843d729bcd1a3d7f158ae9bd1aaa1207d9b6c4ddcc0fd7fe526a38bb6",
    "4898370ab6fa3d51f0d35821123222bda839818bd1af5678e88aed17fd2b8596",
)
# Of each of these, the models of which the list after it says more: an upgrade takes up their rows.
WIDENED = (
    ("biometric.agent", "biometric.device", "res.company"),
    ("biometric.delivery.target", "res.company"),
    (),
    (),
)
# Step of an entry that states a row as it stands, whatever the trail said of it.
TAKE_UP = "take_up"
# Steps that end a row for the company whose trail it is.
ENDS = ("remove", "leave")


@cache
def list_digest():
    """SHA-256 of the list: one line `model:field,field` a model, in order of names, joined by
    LF."""
    lines = [f"{name}:{','.join(sorted(AUDITED[name].fields))}" for name in sorted(AUDITED)]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def list_age(digest):
    """Place of a list in time, by its digest; -1 for one that never was."""
    lists = [*(one for one in LISTS_BEFORE if one != list_digest()), list_digest()]
    return lists.index(digest) if digest in lists else -1


def widened_since(digest):
    """Names of the models of which today's list says more than the list of that digest; every
    audited model for one that never was."""
    age = list_age(digest)
    if age < 0:
        return sorted(AUDITED)
    return sorted({name for models in WIDENED[age:] for name in models})
