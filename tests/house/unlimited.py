"""Searches without a limit, each with what bounds it.

Nobody lengthens this list without a reason that says so: a search that grows with the number of
punches, days or employees of a site needs a limit, pages or one statement of SQL.
"""

# {why it ends: the functions, as "file::function" below the addon}
UNLIMITED = {
    "agents of one company, a row each": """
        models/fleet/biometric_coverage_map.py::_branches
        models/release/biometric_update.py::_enlist
        models/release/biometric_update.py::_try_again
    """,
    "two seats of one Odoo": """
        models/release/biometric_update.py::_free_seats
    """,
    "one row of an agent and a release": """
        models/release/biometric_update.py::_of
    """,
    "companies of one database": """
        models/release/biometric_update_seat.py::_is_turn
        hooks.py::post_init_hook
        migrations/19.0.1.2.0/end-taken-up.py::migrate
        migrations/19.0.1.3.0/end-audited-list.py::migrate
        migrations/19.0.1.4.0/end-audited-list.py::migrate
        migrations/19.0.1.5.0/end-audited-list.py::migrate
        models/audit/biometric_audit_coverage.py::every_company
        models/day/biometric_stale_sources.py::write
    """,
    "public holidays of a company": """
        models/day/res_company.py::_biometric_mark_holidays
    """,
    "entries of one person in the dates of one certificate": """
        models/cto/biometric_cto_certificate.py::_compute_entries
    """,
    "time accounts of one company, a row a person": """
        models/cto/biometric_cto_flex.py::_settle
        models/cto/biometric_cto_rights.py::_escalate
    """,
    "requests of one person that nobody answered yet": """
        models/cto/hr_leave.py::_biometric_check_cover
    """,
    "approved requests of the people in hand on the dates whose roster changes": """
        models/cto/leave_roster.py::_biometric_follow_roster
    """,
    "roster rows of one shift whose hours change, marked by the day as well": """
        models/cto/biometric_roster.py::write
    """,
    "roster of the people in hand, at most a day and shift each": """
        models/day/hr_employee.py::unlink
    """,
    "one lane a person who carried files": """
        models/fleet/biometric_carried.py::_take_up
    """,
    "rows of one record in hand, a handful each": """
        models/payroll/biometric_export_ledger.py::_write_down_download
        models/agent/biometric_agent_token.py::_revoke
        models/agent/biometric_agent_token.py::_offer
        models/agent/biometric_pairing.py::_void
        models/day/biometric_presence.py::_awaited_devices
        models/day/biometric_employment_break.py::_check_dates
        models/day/biometric_employment_break.py::_end
        models/day/biometric_employment_company.py::_changed
        models/day/biometric_employment_company.py::_check_may_move
        models/day/biometric_employment_company.py::_compute_valid_to
        models/day/biometric_employment_company.py::_move_version
        models/day/biometric_employment_company.py::_neighbours
        models/day/biometric_employment_company.py::_note_move
        models/day/biometric_employment_company.py::unlink
        models/day/biometric_screen.py::action_open_punches
        models/fleet/biometric_completeness.py::_note_session
        models/fleet/biometric_completeness.py::_check_lanes
        models/ledger/biometric_decision.py::_meant
        wizards/biometric_decide.py::_skew_flags
        models/fleet/biometric_proof.py::_open_gaps
        models/fleet/biometric_hearing.py::_bind
        models/registry/biometric_device_user.py::_map_one
        models/registry/biometric_device_user.py::_follow_move
        models/registry/biometric_device.py::_unlink_from_areas
        models/registry/biometric_area_member.py::_end
        models/registry/biometric_area_member.py::_end_elsewhere
        models/registry/biometric_removal.py::_companies_about
        models/registry/hr_employee.py::unlink
        models/registry/biometric_registry_push.py::_push_plan
        models/registry/biometric_registry_push.py::_first_pin
        wizards/biometric_trial.py::_apply_zone
        wizards/biometric_zone_change.py::action_confirm
    """,
    "the subjects of one act: whom a rule set, a shift or a terminal's PINs mean": """
        models/day/biometric_rule.py::_audit_subjects
        models/day/biometric_shift.py::_audit_subjects
        models/fleet/biometric_device_service.py::_people
    """,
    "the lines of one file, which is bounded": """
        models/fleet/biometric_carried.py::_own
    """,
    "people of one area, or those that somebody adds to it": """
        models/registry/biometric_area.py::unlink
        wizards/biometric_area_join.py::_people
    """,
    "areas with a statement: a few a plant, of a company's terminals": """
        models/registry/biometric_area_reach.py::_stated
    """,
    "users of one terminal: some thousands at most": """
        models/fleet/biometric_completeness.py::_take_back
        models/registry/biometric_registry_push.py::_probably_there
        wizards/biometric_trial.py::_people
    """,
    "orders to one agent that wait or run": """
        models/agent/biometric_command.py::_fetch
        models/agent/biometric_command.py::_readdress
        models/agent/biometric_command.py::_results
        models/agent/biometric_sync.py::_note_runs
        wizards/biometric_pull.py::_nothing_new
    """,
    "flags of the punches a person chose, and of at most MOST that wait with them": """
        models/review/biometric_quarantine.py::_off_alike
    """,
    "terminals of one company that belong to other agents, or those named in a sync": """
        models/fleet/biometric_hearing.py::_hears
        models/fleet/biometric_takeover.py::_terminals_of_others
    """,
    "open windows of one agent's losses: one a terminal and loss": """
        models/fleet/biometric_loss.py::_close_lost
        models/fleet/biometric_loss.py::_take_losses
        models/fleet/biometric_loss.py::_told_losses
    """,
    "terminals of the database": """
        models/day/biometric_day_missing.py::_mark_settled
    """,
    "terminals of one agent, or those named in the question": """
        models/agent/biometric_sync.py::_devices
        models/fleet/biometric_board.py::_board_today
        models/fleet/biometric_device_arrival.py::_find
        models/fleet/biometric_device_service.py::_elsewhere
    """,
    "one row a branch, terminal or company": """
        models/review/biometric_adjustment_levels.py::_cron_hourly
        models/review/biometric_period.py::_cron_lay_out
        models/review/biometric_attestation_ask.py::_cron_ask
        models/review/biometric_period_reminder.py::_cron_remind
        models/audit/biometric_notice.py::_cron_notice
        models/cto/biometric_cto_night.py::_cron_night
        models/company/biometric_usage.py::_cron_count
        models/fleet/biometric_board.py::_board_agents
        models/fleet/biometric_board.py::_board_losses
        models/fleet/biometric_statement.py::_cron_statement
        models/fleet/biometric_statement_schedule.py::_due_statements
        models/fleet/biometric_statement_schedule.py::_due_of
        models/fleet/biometric_job.py::_is_well
        models/day/biometric_shift.py::_period_zones
        models/ledger/biometric_punch.py::_period_zones
        models/ledger/biometric_retention.py::_cron_purge
        wizards/biometric_calibration.py::_devices
        wizards/biometric_import_csv.py::_agent
        wizards/biometric_import_csv.py::_keep_runs
    """,
    "open ones only; each is closed, ends or is removed by the same job": """
        models/agent/biometric_pairing.py::_open
        models/agent/biometric_pairing.py::_gc_tries
        models/audit/biometric_audit_check.py::_cron_verify
        models/fleet/biometric_incident.py::_cron_look
        models/fleet/biometric_incident.py::_look
        models/fleet/biometric_statement.py::_statement
        models/ledger/biometric_erasure.py::_go_on
    """,
    "pay periods that are over and hold no file, each looked at in its turn": """
        models/payroll/biometric_period_schedule.py::_cron_gate
    """,
    "everything of one person is wanted": """
        models/day/biometric_projection.py::_forget
        models/day/biometric_removal.py::_spans
        models/ledger/biometric_erasure.py::_finish
        models/ledger/biometric_erasure.py::_others
        models/ledger/biometric_erasure_request.py::_is_left
        models/ledger/biometric_removal.py::_companies_about
        models/company/biometric_person_export.py::_tables
        models/cto/biometric_removal.py::_rows_about
        models/ledger/biometric_erasure_person.py::_anonymise
        models/ledger/biometric_erasure_person.py::_remove_correspondence
        models/ledger/biometric_removal.py::_rows_about
        models/payroll/biometric_removal.py::_rows_about
        models/review/biometric_month_paper.py::_files
        models/review/biometric_removal.py::_drop_evidence
        models/review/biometric_removal.py::_forget_rows
        models/review/biometric_removal.py::_rows_about
        models/ledger/biometric_trace.py::_words
        wizards/biometric_erase.py::_own_rows
    """,
    "whom a user, a resource or a team names": """
        models/audit/biometric_audit_coverage.py::write
        models/day/biometric_stale_sources.py::write
        models/ledger/biometric_punch.py::_search_own
        models/registry/hr_employee.py::_biometric_team
    """,
    "the people of one company, once at a person's click": """
        models/review/biometric_today.py::get_today
        models/review/biometric_today.py::_by_department
        models/review/biometric_period.py::_people
        models/review/biometric_personal_link.py::_issue
        models/registry/biometric_registry.py::_candidates
        models/registry/biometric_registry_fit.py::__init__
        wizards/biometric_calibration.py::_people
        wizards/biometric_roster_import.py::_employees
    """,
    "once at installation or when a company switches the projection off": """
        hooks.py::post_init_hook
        models/day/biometric_projection.py::_withdraw
    """,
    "rule sets, shifts, corrections of clocks, levels, deputies, pay groups: made by hand": """
        models/review/biometric_adjustment_effect.py::_clocks_of
        models/review/biometric_approval_level.py::_levels_of
        models/review/biometric_approval_level.py::_standing_in
        models/review/biometric_period.py::_in_use
        models/review/biometric_period.py::_departments
        models/review/biometric_my_time.py::_leave_left
        models/day/biometric_rule.py::_book_of
        migrations/19.0.1.2.0/post-rule-names.py::migrate
        wizards/biometric_roster_import.py::_shifts
    """,
    "the employees and dates handed in bound it: a slice of days, a file or a dialog": """
        models/day/biometric_schedule.py::_apply_roster
        models/review/biometric_adjustment_effect.py::_effective
        models/review/biometric_day_approval.py::_locked
        models/review/biometric_attestation_ask.py::_ask_missing_outs
        models/review/biometric_attestation_ask.py::_periods_of
        models/review/biometric_desk_act.py::_answer
        models/review/biometric_desk_act.py::_day_of
        models/review/biometric_desk_act.py::undo
        models/review/biometric_my_time.py::_punches
        models/review/biometric_my_time.py::open_month
        models/day/biometric_screen.py::_compute_filters
        models/day/biometric_employment_break.py::_after
        models/day/biometric_employment_break.py::_follow_departure
        models/day/biometric_employment_break.py::_times
        models/mixins/biometric_place_period.py::_compute_period
        wizards/biometric_roster_assign.py::action_apply
        wizards/biometric_roster_assign.py::_copied
        wizards/biometric_roster_import.py::_plan
        models/day/biometric_shift.py::_bring_in_step
        models/day/biometric_roster_grid.py::_named
        models/day/biometric_roster_grid.py::_shifts
        models/day/biometric_roster_plans.py::__init__
        models/review/biometric_swap_plan.py::_standing
        models/review/biometric_my_swaps.py::_shifts_ahead
    """,
    "a changed shift, leave or leave type reaches all its days, or they would be wrong": """
        models/day/biometric_shift.py::_mark_days_stale
        models/day/biometric_stale_sources.py::_mark_leaves_stale
    """,
    "the whole is the product: a pay period's file, a printed sheet, an export on leaving": """
        models/company/biometric_company_export.py::_write_payroll
        models/company/biometric_usage.py::_export_rows
        models/payroll/biometric_export_scope.py::_days_told
        models/payroll/biometric_period_totals.py::_earning_days
        models/review/biometric_attestation.py::unanswered
        models/payroll/biometric_payroll_number.py::_people
        models/payroll/biometric_export_ledger.py::_held
        models/payroll/biometric_export_check.py::_check_as_computed
        models/payroll/biometric_audit_check.py::_check_files
        migrations/19.0.1.2.0/post-day-digests.py::migrate
        wizards/biometric_sheet.py::_days
        wizards/biometric_sheet.py::_week_findings
    """,
    "an upgrade, once: files that were produced, people who were archived": """
        migrations/19.0.1.1.0/post-days.py::migrate
        migrations/19.0.1.6.0/post-dates-off.py::migrate
    """,
    "people who moved between companies, and erasures: few by nature": """
        migrations/19.0.1.3.0/post-erasure.py::migrate
        models/day/biometric_removal.py::_moved_away
        models/ledger/biometric_removal.py::_moved_away
    """,
}


def unlimited():
    """`{"file::function"}`."""
    return {line for lines in UNLIMITED.values() for line in lines.split()}
