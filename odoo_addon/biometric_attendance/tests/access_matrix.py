"""Who may do what: written by hand from the roles, never generated from what the code allows.

Roles are no ladder: each cell names every role that may; all others are refused. Roles besides
ours: public, portal, user (internal, without a role of ours). test_access_matrix.py executes every
cell and fails when a model, public method or route is missing here.
"""

from odoo.tools import frozendict

NOBODY = frozenset()
APPROVER = frozenset({"approver"})
HR = frozenset({"hr_officer"})
PAYROLL = frozenset({"payroll_officer"})
ADMIN = frozenset({"administrator"})
AUDITOR = frozenset({"auditor"})
# Who sees terminals and what became of them: everybody with a role but their own days.
FLEET = APPROVER | HR | PAYROLL | ADMIN | AUDITOR
# Who sees the trail and what keeps it.
TRAIL = HR | ADMIN | AUDITOR
EVERYBODY = frozenset({"employee"}) | FLEET
ROLES = ("public", "portal", "user", *sorted(EVERYBODY))


def read_only(roles):
    return (roles, NOBODY, NOBODY, NOBODY)


# model: roles that may read, write, create, unlink.
MODELS = {
    "biometric.adjustment": read_only(EVERYBODY),
    "biometric.adjustment.step": read_only(EVERYBODY),
    "biometric.agent": (FLEET, ADMIN, ADMIN, ADMIN),
    "biometric.agent.token": read_only(NOBODY),
    "biometric.alarm": read_only(FLEET),
    "biometric.approval.level": (APPROVER | HR | PAYROLL | AUDITOR, HR, HR, HR),
    "biometric.attestation": read_only(EVERYBODY),
    "biometric.attestation.choice": (APPROVER | HR | PAYROLL | AUDITOR, HR, HR, HR),
    "biometric.attestation.question": (APPROVER | HR | PAYROLL | AUDITOR, HR, HR, HR),
    "biometric.audit": read_only(TRAIL),
    "biometric.audit.check": read_only(TRAIL),
    "biometric.audit.finding": read_only(TRAIL),
    "biometric.audit.concern": read_only(TRAIL),
    "biometric.audit.witness": read_only(TRAIL),
    "biometric.command": read_only(TRAIL),
    "biometric.consent": read_only(EVERYBODY),
    "biometric.consent.text": (HR | AUDITOR, NOBODY, HR, NOBODY),
    "biometric.coverage": read_only(FLEET),
    "biometric.cto.account": read_only(EVERYBODY),
    "biometric.cto.agreement": (HR | PAYROLL | AUDITOR, HR, HR, HR),
    "biometric.cto.answer": read_only(HR | AUDITOR),
    "biometric.cto.certificate": (EVERYBODY, NOBODY, HR, NOBODY),
    "biometric.cto.entry": read_only(EVERYBODY),
    "biometric.cto.liability": read_only(HR | PAYROLL | AUDITOR),
    "biometric.cto.payout": (EVERYBODY, EVERYBODY, EVERYBODY, NOBODY),
    "biometric.cto.refusal": read_only(HR | AUDITOR),
    "biometric.day": read_only(EVERYBODY),
    "biometric.day.approval": read_only(EVERYBODY),
    "biometric.decision": read_only(HR | PAYROLL | AUDITOR),
    "biometric.deputy": (APPROVER | HR | AUDITOR, APPROVER | HR, APPROVER | HR, APPROVER | HR),
    "biometric.device": (FLEET, ADMIN, ADMIN, ADMIN),
    "biometric.device.user": (APPROVER | HR | PAYROLL | AUDITOR, HR, HR, HR),
    "biometric.device.zone": (FLEET, ADMIN, ADMIN, ADMIN),
    "biometric.employment.break": (HR | PAYROLL | AUDITOR, HR, HR, HR),
    "biometric.employment.company": (HR | PAYROLL | AUDITOR, HR, NOBODY, HR),
    "biometric.erased.key": read_only(NOBODY),
    "biometric.erasure": read_only(ADMIN | AUDITOR),
    "biometric.export": (PAYROLL | AUDITOR, PAYROLL, PAYROLL, PAYROLL),
    "biometric.export.day": read_only(PAYROLL | AUDITOR),
    "biometric.delivery": read_only(PAYROLL | AUDITOR),
    "biometric.delivery.target": (PAYROLL | ADMIN | AUDITOR, ADMIN, ADMIN, ADMIN),
    "biometric.payroll.number": (PAYROLL | AUDITOR, PAYROLL, PAYROLL, PAYROLL),
    "biometric.payroll.profile": (PAYROLL | AUDITOR, PAYROLL, PAYROLL, PAYROLL),
    "biometric.payroll.profile.code": (PAYROLL | AUDITOR, PAYROLL, PAYROLL, PAYROLL),
    "biometric.flag": read_only(HR | AUDITOR),
    "biometric.gap": read_only(FLEET),
    "biometric.hearing": read_only(TRAIL),
    "biometric.incident": read_only(FLEET),
    "biometric.lane": read_only(TRAIL),
    "biometric.lane.head": read_only(TRAIL),
    "biometric.pairing": read_only(NOBODY),
    "biometric.pairing.try": read_only(NOBODY),
    "biometric.period": (APPROVER | HR | PAYROLL | AUDITOR, PAYROLL, NOBODY, NOBODY),
    "biometric.period.group": (APPROVER | HR | PAYROLL | AUDITOR, PAYROLL, PAYROLL, PAYROLL),
    "biometric.personal.link": read_only(HR | AUDITOR),
    "biometric.punch": read_only(EVERYBODY),
    "biometric.quarantine": read_only(HR | AUDITOR),
    "biometric.reason": (EVERYBODY, HR, HR, HR),
    "biometric.registry.work": read_only(HR),
    "biometric.role.holder": read_only(TRAIL),
    "biometric.roster": (EVERYBODY, HR, HR, HR),
    "biometric.rule": (APPROVER | HR | PAYROLL | AUDITOR, HR, HR, HR),
    "biometric.run": read_only(FLEET),
    "biometric.shift": (APPROVER | HR | PAYROLL | AUDITOR, HR, HR, HR),
    "biometric.sighting": read_only(HR | AUDITOR),
    "biometric.stale.day": read_only(HR | PAYROLL | AUDITOR),
    "biometric.support": read_only(ADMIN | AUDITOR),
    "biometric.usage": read_only(ADMIN | AUDITOR),
    "biometric.watch": read_only(NOBODY),
    "biometric.week.finding": read_only(EVERYBODY),
    "biometric.work": read_only(APPROVER | HR | AUDITOR),
    # Dialogs.
    "biometric.agent.approve": (ADMIN,) * 4,
    "biometric.adjustment.say": (EVERYBODY,) * 4,
    "biometric.alarm.explain": (ADMIN,) * 4,
    "biometric.calibration": (HR,) * 4,
    "biometric.calibration.line": (HR,) * 4,
    "biometric.carry": (HR,) * 4,
    "biometric.checklist": (FLEET,) * 4,
    "biometric.checklist.line": (FLEET,) * 4,
    "biometric.cto.close": (HR,) * 4,
    "biometric.cto.import": (HR,) * 4,
    "biometric.cto.liability.ask": (HR | PAYROLL | AUDITOR,) * 4,
    "biometric.cto.payout.refuse": (PAYROLL,) * 4,
    "biometric.cto.refuse": (EVERYBODY | {"user"},) * 4,
    "biometric.consent.note": (HR,) * 4,
    "biometric.correct": (EVERYBODY,) * 4,
    "biometric.decide": (HR,) * 4,
    "biometric.device.approve": (ADMIN,) * 4,
    "biometric.device.move": (ADMIN,) * 4,
    "biometric.erase": (ADMIN,) * 4,
    "biometric.erase.trace": (ADMIN,) * 4,
    "biometric.leave": (ADMIN,) * 4,
    "biometric.finding.explain": (HR | ADMIN,) * 4,
    "biometric.gap.accept": (HR,) * 4,
    "biometric.import.csv": (HR,) * 4,
    "biometric.pairing.show": (ADMIN,) * 4,
    "biometric.personal.link.issue": (HR,) * 4,
    "biometric.pull": (HR | ADMIN,) * 4,
    "biometric.retention.confirm": (ADMIN,) * 4,
    "biometric.review.say": (APPROVER | HR,) * 4,
    "biometric.roster.assign": (HR,) * 4,
    "biometric.roster.import": (HR,) * 4,
    "biometric.sheet": (EVERYBODY,) * 4,
    "biometric.support.grant": (ADMIN,) * 4,
    "biometric.trial": (HR,) * 4,
    "biometric.trial.line": (HR,) * 4,
    "biometric.user.push": (HR,) * 4,
    "biometric.user.push.line": (HR,) * 4,
    "biometric.zone.change": (ADMIN,) * 4,
}

# model: whose rows each role reads: own, own and team, everybody of the company. Device users of an
# approver are those of the team: their own PINs they see as punches.
OF_PEOPLE = {
    "employee": "own",
    "administrator": "own",
    "approver": "own team",
    "hr_officer": "all",
    "payroll_officer": "all",
    "auditor": "all",
}
SCOPES = {
    "biometric.adjustment": OF_PEOPLE,
    "biometric.adjustment.step": OF_PEOPLE,
    "biometric.attestation": OF_PEOPLE,
    "biometric.consent": OF_PEOPLE,
    "biometric.day.approval": OF_PEOPLE,
    "biometric.punch": OF_PEOPLE,
    "biometric.day": OF_PEOPLE,
    "biometric.roster": OF_PEOPLE,
    "biometric.week.finding": OF_PEOPLE,
    "biometric.cto.account": OF_PEOPLE,
    "biometric.cto.certificate": OF_PEOPLE,
    "biometric.cto.entry": OF_PEOPLE,
    "biometric.cto.payout": OF_PEOPLE,
    "biometric.device.user": {
        "approver": "team",
        "hr_officer": "all",
        "payroll_officer": "all",
        "auditor": "all",
    },
}

# model, method, arguments: roles that may. What only opens a dialog or a list needs to read the
# record; the dialog and the list have their own cells.
METHODS = {
    # On a request about oneself: whose it is besides, biometric.duty says; others' are tried in
    # the review's own tests.
    ("biometric.adjustment", "request", ((),)): EVERYBODY,
    ("biometric.adjustment", "amend", ((),)): EVERYBODY,
    ("biometric.adjustment", "submit", ()): EVERYBODY,
    ("biometric.adjustment", "withdraw", ()): EVERYBODY,
    ("biometric.adjustment", "answer", (True,)): EVERYBODY,
    ("biometric.adjustment", "action_agree", ()): EVERYBODY,
    ("biometric.adjustment", "reverse", ("was somebody else",)): EVERYBODY,
    ("biometric.adjustment", "approve", ()): HR,
    ("biometric.adjustment", "reject", ("was somebody else",)): HR,
    ("biometric.day.approval", "sum_of", ((),)): EVERYBODY,
    ("biometric.day.approval", "approve_days", ((),)): EVERYBODY,
    ("biometric.day.approval", "take_back", ("nothing",)): EVERYBODY,
    ("biometric.day.approval", "take_back", ("x",)): HR,
    ("biometric.day.approval", "confirm_day", (0, "is right as it stands")): EVERYBODY,
    # Of a question to oneself; whose it is besides is tried in the review's own tests.
    ("biometric.attestation", "answer", (1,)): EVERYBODY,
    ("biometric.attestation", "ask_change", (1, "was somebody else")): EVERYBODY,
    ("biometric.attestation", "decide_change", (True, "was somebody else")): HR,
    ("biometric.consent", "give", (0,)): EVERYBODY,
    ("biometric.consent", "refuse", (0,)): EVERYBODY,
    ("biometric.consent", "withdraw", ()): EVERYBODY,
    ("biometric.consent", "keep_paper", (0, "given", "2026-03-02", "in the folder")): HR,
    # On a row about nobody of the approver's team.
    ("biometric.work", "action_propose", ()): HR | AUDITOR,
    ("biometric.work", "action_open", ()): HR | AUDITOR,
    ("biometric.work", "action_confirm", ()): HR | AUDITOR,
    ("biometric.work", "action_correct", ()): HR | AUDITOR,
    # Zeros for whoever has no list of work.
    ("biometric.work", "get_systray", ()): frozenset(ROLES),
    ("biometric.period", "action_lock", ()): PAYROLL,
    ("biometric.period", "action_close", ()): PAYROLL,
    ("biometric.period", "action_ask_override", ("the guard saw him",)): PAYROLL,
    ("biometric.period", "action_confirm_override", ()): PAYROLL | HR,
    ("biometric.period", "action_download", ()): PAYROLL | AUDITOR,
    ("biometric.period", "action_mend", ("waiting", "", "")): PAYROLL | HR | AUDITOR,
    ("biometric.period", "action_open_cockpit", ()): PAYROLL | HR | AUDITOR,
    ("biometric.period", "get_cockpit_data", ()): PAYROLL | HR | AUDITOR,
    ("biometric.personal.link", "action_close", ()): HR,
    ("biometric.period", "action_unlock", ()): PAYROLL,
    ("biometric.agent", "action_pairing_code", ()): ADMIN,
    ("biometric.agent", "action_approve", ()): ADMIN,
    ("biometric.agent", "action_revoke", ()): ADMIN,
    ("biometric.agent", "action_rotate", ()): ADMIN,
    ("biometric.agent", "action_open_devices", ()): FLEET,
    ("biometric.alarm", "action_explain", ("found out what it was",)): ADMIN,
    ("biometric.audit.check", "action_verify", ()): TRAIL,
    ("biometric.audit.check", "action_open_findings", ()): TRAIL,
    ("biometric.audit.finding", "action_explain", ("found out why",)): HR | ADMIN,
    ("biometric.cto.account", "get_panel_data", ()): EVERYBODY,
    ("biometric.cto.account", "get_forecast", (0, "2026-12-31")): EVERYBODY,
    ("biometric.cto.account", "action_request", (0, 60)): EVERYBODY,
    ("biometric.cto.answer", "action_open_barred", ()): HR | AUDITOR,
    ("biometric.cto.answer", "action_open_requests", ()): HR | AUDITOR,
    ("biometric.cto.entry", "action_open_source", ()): EVERYBODY,
    ("biometric.cto.entry", "action_take_pay", ()): EVERYBODY,
    ("biometric.cto.entry", "action_take_time", ()): EVERYBODY,
    ("biometric.cto.payout", "action_approve", ()): PAYROLL,
    ("biometric.cto.payout", "action_ask_reason", ()): PAYROLL,
    ("biometric.cto.payout", "action_cancel", ()): EVERYBODY,
    ("biometric.cto.payout", "action_refuse", ("no money this month",)): PAYROLL,
    ("biometric.device", "get_board_data", ()): FLEET,
    ("biometric.device", "action_approve", ()): ADMIN,
    ("biometric.device", "action_refuse", ()): ADMIN,
    ("biometric.device", "action_open_approve", ()): ADMIN,
    ("biometric.device", "action_moved_away", ()): ADMIN,
    ("biometric.device", "action_command", ()): HR | ADMIN,
    ("biometric.device.user", "map_pins", ((), ())): HR,
    ("biometric.agent", "action_send_statement", ()): ADMIN,
    ("biometric.agent", "action_open_gaps", ()): FLEET,
    ("biometric.device", "action_clear", ()): ADMIN,
    ("biometric.device", "action_take_address", ()): ADMIN,
    ("biometric.device", "action_why", ()): FLEET,
    ("biometric.day", "action_open_punches", ()): EVERYBODY,
    # Only an address: its route has its own test.
    ("biometric.day", "action_evidence", ()): frozenset(ROLES),
    ("biometric.device", "watch", ()): FLEET,
    ("biometric.gap", "watch", ()): FLEET,
    ("biometric.device.user", "action_take_suggestion", ()): HR,
    ("biometric.device.user", "action_switch_off", ()): HR,
    ("biometric.device.user", "action_write", ()): HR,
    ("biometric.rule", "action_adopt", ()): HR,
    ("biometric.rule", "action_new_version", ()): HR,
    ("biometric.export", "action_generate", ()): PAYROLL,
    ("biometric.export", "action_generate_changes", ()): PAYROLL,
    ("biometric.export", "action_open", ()): PAYROLL | AUDITOR,
    ("biometric.export", "action_open_deliveries", ()): PAYROLL | AUDITOR,
    ("biometric.export", "action_deliver", ()): PAYROLL,
    ("biometric.export", "action_sheet", ()): PAYROLL | AUDITOR,
    ("biometric.delivery.target", "action_confirm", ()): ADMIN,
    ("biometric.export.day", "action_proof", ()): PAYROLL | AUDITOR,
    ("biometric.export", "action_open_days", ()): PAYROLL | AUDITOR,
    ("biometric.export", "action_open_left_out", ()): PAYROLL | AUDITOR,
    ("biometric.export", "action_open_people", ()): PAYROLL | AUDITOR,
    ("biometric.device", "action_open_rejects", ()): HR | AUDITOR,
    ("biometric.run", "action_open_gaps", ()): FLEET,
    ("biometric.run", "action_open_punches", ()): FLEET,
    ("biometric.run", "action_open_rejects", ()): HR | AUDITOR,
    ("biometric.export.day", "action_open_day", ()): PAYROLL | AUDITOR,
    ("biometric.coverage", "action_pull", ()): HR | ADMIN,
    ("biometric.gap", "action_pull", ()): HR | ADMIN,
    ("biometric.gap", "action_accept", ("nobody worked that night",)): HR,
    ("biometric.quarantine", "action_release", ()): HR | AUDITOR,
    ("biometric.quarantine", "action_discard", ()): HR | AUDITOR,
    ("biometric.quarantine", "action_count_as", ()): HR | AUDITOR,
    ("biometric.hearing", "action_moved_here", ()): ADMIN,
    ("biometric.hearing", "action_both", ()): ADMIN,
    ("biometric.hearing", "action_refuse", ()): ADMIN,
    ("biometric.alarm.explain", "action_confirm", ()): ADMIN,
    ("biometric.decide", "action_confirm", ()): HR,
    ("biometric.erase", "action_confirm", ()): ADMIN,
    ("biometric.finding.explain", "action_confirm", ()): HR | ADMIN,
    ("biometric.gap.accept", "action_confirm", ()): HR,
    ("biometric.pull", "action_confirm", ()): HR | ADMIN,
    ("biometric.roster.assign", "action_apply", ()): HR,
    ("biometric.support", "action_revoke", ()): ADMIN,
    ("biometric.zone.change", "action_confirm", ()): ADMIN,
    ("biometric.run", "action_open_new", ()): FLEET,
    ("biometric.run", "action_open_known", ()): FLEET,
    ("biometric.role.holder", "action_take_away", ()): ADMIN,
    ("biometric.incident", "action_try_again", ()): ADMIN,
    # Services of the screens. Whose day it is, and who decides, are their rows' own rules.
    ("biometric.company.export", "action_download", ()): AUDITOR,
    ("biometric.desk", "open_desk", ()): EVERYBODY,
    ("biometric.desk", "get_proposals", ("2026-03-02", "2026-03-02")): EVERYBODY,
    ("biometric.desk", "get_day", (0,)): EVERYBODY,
    ("biometric.desk", "refresh", (0,)): EVERYBODY,
    ("biometric.desk", "accept", ((),)): EVERYBODY,
    ("biometric.desk", "ask", (0, "excuse_late", "the bus was late")): EVERYBODY,
    ("biometric.desk", "confirm", (0, "is right as it stands")): EVERYBODY,
    ("biometric.desk", "decide", (0, True)): EVERYBODY,
    ("biometric.desk", "reverse", (0, "was somebody else")): EVERYBODY,
    ("biometric.desk", "sum_clean", ("2026-03-02", "2026-03-02")): EVERYBODY,
    ("biometric.desk", "approve_clean", ("2026-03-02", "2026-03-02", 0)): EVERYBODY,
    ("biometric.desk", "undo", (frozendict(bulk="x"),)): HR,
    ("biometric.my.time", "open_month", ()): EVERYBODY,
    ("biometric.my.time", "ask", (0, ())): EVERYBODY,
    ("biometric.my.time", "attest", (0, 1)): EVERYBODY,
    ("biometric.my.time", "consent", ("given", 0)): EVERYBODY,
    ("biometric.my.time", "say", (0, "agree")): EVERYBODY,
    ("hr.employee", "action_export_biometric_data", ()): HR | AUDITOR,
    ("res.company", "action_confirm_retention", ()): ADMIN,
}

# Odoo's own public methods that the addon goes before or behind: Odoo's rights stay as they are,
# and what ours do as the system is tried where it is tested.
OVERRIDES = {
    ("hr.leave", "action_refuse"),
    ("hr.leave.type", "get_allocation_data"),
    ("ir.actions.report", "get_paperformat"),
    ("ir.actions.report", "report_action"),
    ("ir.module.module", "button_uninstall"),
    ("ir.module.module", "module_uninstall"),
}

# Dialogs with a content of their own, tested where they are; creating one has its cell above, and
# nobody confirms what they could not create.
OWN_DIALOGS = {
    ("biometric.agent.approve", "action_confirm"),
    ("biometric.adjustment.say", "action_confirm"),
    ("biometric.correct", "action_confirm"),
    ("biometric.consent.note", "action_confirm"),
    ("biometric.review.say", "action_confirm"),
    ("biometric.personal.link.issue", "action_issue"),
    ("biometric.erase", "action_look"),
    ("biometric.erase.trace", "action_choose_table"),
    ("biometric.leave", "action_confirm"),
    ("biometric.leave", "action_verify"),
    ("biometric.carry", "action_open_own"),
    ("biometric.calibration", "action_adopt"),
    ("biometric.calibration", "action_measure"),
    ("biometric.carry", "action_confirm"),
    ("biometric.carry", "action_open_gaps"),
    ("biometric.carry", "action_open_known"),
    ("biometric.carry", "action_open_new"),
    ("biometric.carry", "action_open_punches"),
    ("biometric.carry", "action_open_rejects"),
    ("biometric.checklist", "action_clear"),
    ("biometric.cto.close", "action_confirm"),
    ("biometric.cto.import", "action_import"),
    ("biometric.cto.import", "action_try"),
    ("biometric.cto.liability.ask", "action_show"),
    ("biometric.cto.payout.refuse", "action_confirm"),
    ("biometric.cto.refuse", "action_confirm"),
    ("biometric.device.approve", "action_confirm"),
    ("biometric.device.move", "action_confirm"),
    ("biometric.import.csv", "action_import"),
    ("biometric.import.csv", "action_open_known"),
    ("biometric.import.csv", "action_open_new"),
    ("biometric.import.csv", "action_open_quarantine"),
    ("biometric.import.csv", "action_open_rejects"),
    ("biometric.import.csv", "action_open_runs"),
    ("biometric.roster.import", "action_import"),
    ("biometric.roster.import", "action_open_added"),
    ("biometric.roster.import", "action_open_employees"),
    ("biometric.roster.import", "action_open_replaced"),
    ("biometric.roster.import", "action_open_same"),
    ("biometric.roster.import", "action_sheet"),
    ("biometric.roster.import", "action_template"),
    ("biometric.sheet", "action_print"),
    ("biometric.sheet", "action_show"),
    ("biometric.support.grant", "action_confirm"),
    ("biometric.retention.confirm", "action_confirm"),
    ("res.config.settings", "action_confirm_retention"),
    ("biometric.trial", "action_open_days"),
    ("biometric.trial", "action_open_filled"),
    ("biometric.trial", "action_try"),
    ("biometric.trial.line", "action_open_days"),
    ("biometric.user.push", "action_confirm"),
}

# Return an action and touch nothing: whoever calls them gains nothing the action does not check.
HARMLESS = {
    ("biometric.adjustment", "action_dispute"),
    ("biometric.adjustment", "action_reject"),
    ("biometric.adjustment", "action_reverse"),
    ("biometric.attestation", "action_approve_change"),
    ("biometric.attestation", "action_refuse_change"),
    ("biometric.day", "action_correct"),
    ("biometric.alarm", "action_open_explain"),
    ("biometric.audit.finding", "action_open_explain"),
    ("biometric.device", "action_open_punches"),
    ("biometric.device", "action_open_users"),
    # 0 for whoever has no role but their own days.
    ("biometric.audit.finding", "get_banner"),
    ("biometric.gap", "action_open_accept"),
    ("biometric.registry.work", "action_do"),
    ("biometric.roster.import", "action_open_roster"),
    ("hr.employee", "action_open_biometric_account"),
    ("hr.employee", "action_open_biometric_days"),
    ("hr.employee", "action_open_biometric_punches"),
}

# Printed reports of the addon: the dialog or the rows they are printed from, and the roles that
# may. What stands in them has its own rows (SCOPES).
REPORTS = {
    "biometric_attendance.certificate": ("biometric.cto.certificate", EVERYBODY),
    "biometric_attendance.compliance": ("biometric.sheet", EVERYBODY),
    "biometric_attendance.enrolment": ("biometric.device.user", APPROVER | HR | PAYROLL | AUDITOR),
    "biometric_attendance.month_sheet": ("biometric.sheet", EVERYBODY),
}

# Settings that a company's row holds, which all of its people read: who reads these. What a plan
# holds, and the secret of erased keys, is for none of the roles.
SETTINGS = ADMIN | AUDITOR
OF_NO_ROLE = {"biometric_device_limit", "erased_key_secret"}

# Messages to screens of the addon, each in the channel of its company: roles that hear them.
BUS = {"board": FLEET, "work": FLEET, "command": HR | ADMIN, "finding": FLEET}

# Routes for people: roles that may. Else a login page for the public, 403 for the others.
USER_ROUTES = {
    # Everything of everybody: one role alone reads that only as an auditor.
    "/biometric_attendance/export": AUDITOR,
    "/biometric_attendance/usage.<string:form>": ADMIN | AUDITOR,
}

# Pages behind a personal link: who is logged in opens nothing, a token and its number do.
LINK_ROUTES = ("/biometric_attendance/my/<string:token>",)
# Pages of one record, tried where the record is.
RECORD_ROUTES = (
    "/biometric_attendance/evidence/<int:day_id>",
    "/biometric_attendance/payroll/<int:export_id>",
    "/biometric_attendance/person/<int:employee_id>",
)

# Routes of agents: a session of no role opens them, only a token does (the pairing code for pair).
AGENT_ROUTES = (
    "/biometric/v1/pair",
    "/biometric/v1/punches",
    "/biometric/v1/confirm",
    "/biometric/v1/users",
    "/biometric/v1/sync",
    "/biometric/v1/file/<int:file_id>",
)
