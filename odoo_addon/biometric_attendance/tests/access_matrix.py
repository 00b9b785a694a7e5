"""Who may do what: written by hand from the roles, never generated from what the code allows.

A role stands for the least one that may; every higher role may too, every lower one may not.
`nobody` is refused to all. Order: public, portal, user (internal, without a role of ours),
employee, approver, hr_officer, payroll_officer, administrator. test_access_matrix.py executes
every cell and fails when a model, public method or route is missing here.
"""

ROLES = (
    "public",
    "portal",
    "user",
    "employee",
    "approver",
    "hr_officer",
    "payroll_officer",
    "administrator",
)

# model: least role that may read, write, create, unlink.
MODELS = {
    "biometric.agent": ("approver", "administrator", "administrator", "administrator"),
    "biometric.agent.token": ("nobody", "nobody", "nobody", "nobody"),
    "biometric.alarm": ("approver", "nobody", "nobody", "nobody"),
    "biometric.audit": ("hr_officer", "nobody", "nobody", "nobody"),
    "biometric.audit.check": ("hr_officer", "nobody", "nobody", "nobody"),
    "biometric.audit.finding": ("hr_officer", "nobody", "nobody", "nobody"),
    "biometric.audit.witness": ("hr_officer", "nobody", "nobody", "nobody"),
    "biometric.command": ("hr_officer", "nobody", "nobody", "nobody"),
    "biometric.coverage": ("approver", "nobody", "nobody", "nobody"),
    "biometric.day": ("employee", "nobody", "nobody", "nobody"),
    "biometric.decision": ("hr_officer", "nobody", "nobody", "nobody"),
    "biometric.device": ("approver", "administrator", "administrator", "administrator"),
    "biometric.device.user": ("approver", "hr_officer", "hr_officer", "hr_officer"),
    "biometric.device.zone": ("approver", "administrator", "administrator", "administrator"),
    "biometric.erased.key": ("nobody", "nobody", "nobody", "nobody"),
    "biometric.erasure": ("administrator", "nobody", "nobody", "nobody"),
    "biometric.export": (
        "payroll_officer",
        "payroll_officer",
        "payroll_officer",
        "payroll_officer",
    ),
    "biometric.export.day": ("payroll_officer", "nobody", "nobody", "nobody"),
    "biometric.flag": ("hr_officer", "nobody", "nobody", "nobody"),
    "biometric.gap": ("approver", "nobody", "nobody", "nobody"),
    "biometric.incident": ("approver", "nobody", "nobody", "nobody"),
    "biometric.lane": ("hr_officer", "nobody", "nobody", "nobody"),
    "biometric.lane.head": ("hr_officer", "nobody", "nobody", "nobody"),
    "biometric.pairing": ("nobody", "nobody", "nobody", "nobody"),
    "biometric.pairing.try": ("nobody", "nobody", "nobody", "nobody"),
    "biometric.punch": ("employee", "nobody", "nobody", "nobody"),
    "biometric.quarantine": ("hr_officer", "nobody", "nobody", "nobody"),
    "biometric.registry.work": ("hr_officer", "nobody", "nobody", "nobody"),
    "biometric.roster": ("employee", "hr_officer", "hr_officer", "hr_officer"),
    "biometric.rule": ("approver", "hr_officer", "hr_officer", "administrator"),
    "biometric.run": ("approver", "nobody", "nobody", "nobody"),
    "biometric.shift": ("approver", "hr_officer", "hr_officer", "hr_officer"),
    "biometric.sighting": ("hr_officer", "nobody", "nobody", "nobody"),
    "biometric.stale.day": ("hr_officer", "nobody", "nobody", "nobody"),
    "biometric.support": ("administrator", "nobody", "nobody", "nobody"),
    "biometric.usage": ("administrator", "nobody", "nobody", "nobody"),
    "biometric.watch": ("nobody", "nobody", "nobody", "nobody"),
    # Dialogs.
    "biometric.alarm.explain": ("administrator",) * 4,
    "biometric.calibration": ("hr_officer",) * 4,
    "biometric.calibration.line": ("hr_officer",) * 4,
    "biometric.carry": ("hr_officer",) * 4,
    "biometric.checklist": ("approver",) * 4,
    "biometric.checklist.line": ("approver",) * 4,
    "biometric.decide": ("hr_officer",) * 4,
    "biometric.device.approve": ("administrator",) * 4,
    "biometric.device.move": ("administrator",) * 4,
    "biometric.erase": ("administrator",) * 4,
    "biometric.finding.explain": ("administrator",) * 4,
    "biometric.gap.accept": ("hr_officer",) * 4,
    "biometric.import.csv": ("hr_officer",) * 4,
    "biometric.pairing.show": ("administrator",) * 4,
    "biometric.pull": ("hr_officer",) * 4,
    "biometric.roster.assign": ("hr_officer",) * 4,
    "biometric.roster.import": ("hr_officer",) * 4,
    "biometric.sheet": ("employee",) * 4,
    "biometric.support.grant": ("administrator",) * 4,
    "biometric.trial": ("hr_officer",) * 4,
    "biometric.trial.line": ("hr_officer",) * 4,
    "biometric.user.push": ("hr_officer",) * 4,
    "biometric.user.push.line": ("hr_officer",) * 4,
    "biometric.zone.change": ("administrator",) * 4,
    "biometric.week.finding": ("employee", "nobody", "nobody", "nobody"),
    "biometric.employment.company": ("hr_officer", "hr_officer", "nobody", "hr_officer"),
    "biometric.employment.break": ("hr_officer",) * 4,
}

# model: whose rows each role reads: own, own and team, everybody of the company. Roles below the
# least one read none. Device users of an approver are those of the team: their own PINs they see
# as punches.
SCOPES = {
    "biometric.punch": {"employee": "own", "approver": "own team", "hr_officer": "all"},
    "biometric.day": {"employee": "own", "approver": "own team", "hr_officer": "all"},
    "biometric.roster": {"employee": "own", "approver": "own team", "hr_officer": "all"},
    "biometric.week.finding": {"employee": "own", "approver": "own team", "hr_officer": "all"},
    "biometric.device.user": {"approver": "team", "hr_officer": "all"},
}

# model, method, arguments: least role. What only opens a dialog or a list needs to read the record;
# the dialog and the list have their own cells.
METHODS = {
    ("biometric.agent", "action_pairing_code", ()): "administrator",
    ("biometric.agent", "action_approve", ()): "administrator",
    ("biometric.agent", "action_revoke", ()): "administrator",
    ("biometric.agent", "action_rotate", ()): "administrator",
    ("biometric.agent", "action_open_devices", ()): "approver",
    ("biometric.alarm", "action_explain", ("found out what it was",)): "administrator",
    ("biometric.audit.check", "action_verify", ()): "hr_officer",
    ("biometric.audit.check", "action_open_findings", ()): "hr_officer",
    ("biometric.audit.finding", "action_explain", ("found out what it was",)): "administrator",
    ("biometric.device", "get_board_data", ()): "approver",
    ("biometric.device", "action_approve", ()): "administrator",
    ("biometric.device", "action_refuse", ()): "administrator",
    ("biometric.device", "action_open_approve", ()): "administrator",
    ("biometric.device", "action_moved_away", ()): "administrator",
    ("biometric.device", "action_command", ()): "hr_officer",
    ("biometric.device.user", "map_pins", ((), ())): "hr_officer",
    ("biometric.agent", "action_send_statement", ()): "administrator",
    ("biometric.agent", "action_open_gaps", ()): "approver",
    ("biometric.device", "action_clear", ()): "administrator",
    ("biometric.device", "action_take_address", ()): "administrator",
    ("biometric.device", "action_why", ()): "approver",
    ("biometric.day", "action_open_punches", ()): "employee",
    ("biometric.device", "watch", ()): "approver",
    ("biometric.gap", "watch", ()): "approver",
    ("biometric.device.user", "action_take_suggestion", ()): "hr_officer",
    ("biometric.device.user", "action_switch_off", ()): "hr_officer",
    ("biometric.device.user", "action_write", ()): "hr_officer",
    ("biometric.rule", "action_adopt", ()): "hr_officer",
    ("biometric.rule", "action_new_version", ()): "hr_officer",
    ("biometric.export", "action_generate", ()): "payroll_officer",
    ("biometric.export", "action_generate_changes", ()): "payroll_officer",
    ("biometric.export", "action_open_days", ()): "payroll_officer",
    ("biometric.export", "action_open_left_out", ()): "payroll_officer",
    ("biometric.export", "action_open_people", ()): "payroll_officer",
    ("biometric.device", "action_open_rejects", ()): "hr_officer",
    ("biometric.run", "action_open_gaps", ()): "approver",
    ("biometric.run", "action_open_new", ()): "approver",
    ("biometric.run", "action_open_known", ()): "approver",
    ("biometric.run", "action_open_rejects", ()): "hr_officer",
    ("biometric.export.day", "action_open_day", ()): "payroll_officer",
    ("biometric.coverage", "action_pull", ()): "hr_officer",
    ("biometric.gap", "action_pull", ()): "hr_officer",
    ("biometric.gap", "action_accept", ("nobody worked that night",)): "hr_officer",
    ("biometric.quarantine", "action_release", ()): "hr_officer",
    ("biometric.quarantine", "action_discard", ()): "hr_officer",
    ("biometric.quarantine", "action_count_as", ()): "hr_officer",
    ("biometric.alarm.explain", "action_confirm", ()): "administrator",
    ("biometric.decide", "action_confirm", ()): "hr_officer",
    ("biometric.erase", "action_confirm", ()): "administrator",
    ("biometric.finding.explain", "action_confirm", ()): "administrator",
    ("biometric.gap.accept", "action_confirm", ()): "hr_officer",
    ("biometric.pull", "action_confirm", ()): "hr_officer",
    ("biometric.roster.assign", "action_apply", ()): "hr_officer",
    ("biometric.support", "action_revoke", ()): "administrator",
    ("biometric.zone.change", "action_confirm", ()): "administrator",
}

# Dialogs with a content of their own, tested where they are; creating one has its cell above, and
# nobody confirms what they could not create.
OWN_DIALOGS = {
    ("biometric.calibration", "action_adopt"),
    ("biometric.calibration", "action_measure"),
    ("biometric.carry", "action_confirm"),
    ("biometric.carry", "action_open_gaps"),
    ("biometric.carry", "action_open_known"),
    ("biometric.carry", "action_open_new"),
    ("biometric.carry", "action_open_punches"),
    ("biometric.carry", "action_open_rejects"),
    ("biometric.checklist", "action_clear"),
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
    ("biometric.trial", "action_open_days"),
    ("biometric.trial", "action_open_filled"),
    ("biometric.trial", "action_try"),
    ("biometric.trial.line", "action_open_days"),
    ("biometric.user.push", "action_confirm"),
}

# Return an action and touch nothing: whoever calls them gains nothing the action does not check.
HARMLESS = {
    ("biometric.alarm", "action_open_explain"),
    ("biometric.audit.finding", "action_open_explain"),
    ("biometric.device", "action_open_punches"),
    ("biometric.device", "action_open_users"),
    # 0 for everybody below approver.
    ("biometric.audit.finding", "get_banner"),
    ("biometric.gap", "action_open_accept"),
    ("biometric.registry.work", "action_do"),
    ("biometric.run", "action_open_punches"),
    ("biometric.roster.import", "action_open_roster"),
    ("hr.employee", "action_open_biometric_days"),
    ("hr.employee", "action_open_biometric_punches"),
}

# Printed reports of the addon: the dialog or the rows they are printed from, and the least role.
# What stands in them has its own rows (SCOPES).
REPORTS = {
    "biometric_attendance.compliance": ("biometric.sheet", "employee"),
    "biometric_attendance.enrolment": ("biometric.device.user", "approver"),
    "biometric_attendance.month_sheet": ("biometric.sheet", "employee"),
}

# Routes for people: least role. Below it a login page for the public, 403 for the others.
USER_ROUTES = {
    "/biometric_attendance/export": "administrator",
    "/biometric_attendance/usage.<string:form>": "administrator",
}

# Routes of agents: a session of no role opens them, only a token does (the pairing code for pair).
AGENT_ROUTES = (
    "/biometric/v1/pair",
    "/biometric/v1/punches",
    "/biometric/v1/confirm",
    "/biometric/v1/users",
    "/biometric/v1/sync",
    "/biometric/v1/file/<int:file_id>",
)
