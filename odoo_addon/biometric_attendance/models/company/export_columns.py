"""Which columns of which tables travel in a company's export: a list of what may, never of what may
not. A column that is not named here stays, whoever added it.

Owns the list. Must not know how an export is written.
"""

# What opens a door, or a keyed digest is made with. Named so that a test can tell a secret from a
# column that somebody forgot to decide about.
STAYS = {
    "biometric.delivery.target": ("secret", "private_key"),
    "biometric.device": ("comm_key_secret",),
    "biometric.inspection": ("token_hash", "number_salt", "number_hash"),
    "biometric.attestation": ("token_hash",),
    "biometric.personal.link": ("token_hash", "number_salt", "number_hash"),
}

TRAVELS = {
    "biometric.adjustment": """
        id company_id employee_id at awaits_answer bulk by_link date day_before
        decided_at decided_by_id device_id direction due_at evidence is_provisional kind
        level minutes pay_class punch_id reason_id reason_text requested_at
        requested_by_id reverses_id seconds self_approved sequence state to_class
        to_employee_id window_from window_to
    """,
    "biometric.adjustment.step": """
        id company_id employee_id action adjustment_id by_link day done_at level
        self_approved text user_id
    """,
    "biometric.afd.line": """
        id company_id chain day employee_id kind line nsr punch_number
    """,
    "biometric.agent": """
        id company_id approved_by_id uptime_seconds clock_offset_seconds queue_pending
        queue_parked create_uid write_uid name place tz state public_key fingerprint
        paired_address host_name host_os host_arch agent_version last_address clock
        statement_email statement_period statement_sent_on offered_heads last_errors
        instances queue_bytes disk_free_bytes disk_total_bytes active rotate_wanted
        paired_at approved_at batches_signed_since last_seen_at started_at
        oldest_pending_at create_date write_date requests_signed_since
        contact updates_itself updates_fresh_at
    """,
    "biometric.alarm": """
        id company_id agent_id lane_id closed_by_id kind message explanation opened_at
        closed_at
    """,
    "biometric.approval.level": """
        id company_id department_id hours kind level user_id who create_uid write_uid
        create_date write_date
    """,
    "biometric.area": """
        id company_id name same_pins stated_by_id stated_at note active create_uid
        write_uid create_date write_date
    """,
    "biometric.area.member": """
        id company_id area_id employee_id valid_from valid_to create_uid write_uid
        create_date write_date
    """,
    "biometric.area.place": """
        id kind area_id company_id device_id employee_id user_id pin
    """,
    "biometric.attestation": """
        id company_id employee_id asked_id question_id user_id answer_text by_link choice
        choices consequence date date_from done_at event is_required minutes pay_code
        reason step text until version
    """,
    "biometric.attestation.choice": """
        id company_id question_id consequence minutes pay_code sequence text create_uid
        write_uid create_date write_date
    """,
    "biometric.attestation.question": """
        id company_id active by_mail event hours is_required name text valid_from
        version create_uid write_uid create_date write_date
    """,
    "biometric.audit.check": """
        id company_id position row_count finding_count asked_by state pieces crowded
        notes started_at finished_at
    """,
    "biometric.audit.concern": """
        id company_id entry_id person_id date_from date_to is_self
    """,
    "biometric.audit.finding": """
        id company_id explained_by_id check_id code place text explanation fact
        first_seen_at last_seen_at explained_at gone_at
    """,
    "biometric.audit.witness": """
        id company_id agent_id seq hash signature public_key day agrees received_at
    """,
    "biometric.command": """
        id company_id device_id agent_id ordered_by_id return_code step_done step_total
        create_uid write_uid name state message step arguments ordered_at ended_at
        create_date write_date
    """,
    "biometric.commissioning": """
        id company_id device_id occasion tester_id by_finger by_face by_palm by_card by_pin
        said_count said_first said_last state started_at ended_at ended_by_id agent_version
        firmware checks waivers create_uid write_uid create_date write_date
    """,
    "biometric.consent": """
        id company_id employee_id text_id user_id by_link date done_at ground note text
        verdict version
    """,
    "biometric.consent.text": """
        id company_id made_by_id ground made_at name text version
    """,
    "biometric.coverage": """
        id company_id device_id agent_id day state windows open_minutes accepted_count
        punch_count
    """,
    "biometric.cto.account": """
        id company_id employee_id balance_minutes band head_hash head_number kind
        next_expiry owed_minutes turn
    """,
    "biometric.cto.agreement": """
        id company_id employee_id choice reference valid_from valid_to create_uid
        write_uid create_date write_date
    """,
    "biometric.cto.certificate": """
        id company_id employee_id date_from date_to name create_uid write_uid
        create_date write_date
    """,
    "biometric.cto.correction": """
        id company_id employee_id answer decided_by_id entry_id expires_on kind minutes
        reason requested_by_id state create_uid write_uid create_date write_date
    """,
    "biometric.cto.entry": """
        id company_id employee_id account_id asked_minutes authority balance_minutes
        choice chosen_by date day_class earned_on expires_on hash kind leave_number
        minutes moves note number over_minutes over_overtime_minutes over_reason
        overtime_minutes owed_change posted_at previous_hash reason requested_on
        rule_name source use_date user_id work_date
    """,
    "biometric.cto.refusal": """
        id company_id employee_id asked_on department_id kind minutes reason use_date
    """,
    "biometric.cto.payout": """
        id company_id employee_id decided_by_id minutes reason requested_by_id state
        create_uid write_uid create_date write_date
    """,
    "biometric.day": """
        id employee_id company_id department_id scheduled_minutes worked_minutes
        break_minutes paid_break_minutes leave_minutes paid_leave_minutes late_minutes
        early_leave_minutes penalised_late_minutes penalised_early_leave_minutes
        undertime_minutes regular_minutes overtime_minutes doubletime_minutes
        rest_day_minutes rest_day_overtime_minutes holiday_minutes
        holiday_overtime_minutes overtime_dropped_minutes overtime_unapproved_minutes
        night_minutes rule_id create_uid write_uid day_type status exceptions rule_name
        shift_reason waits_for digest inputs_digest date derivation is_blocking
        is_projected has_manual_attendance first_in_at last_out_at due_at settles_at
        computed_at create_date write_date in_place out_place
    """,
    "biometric.day.approval": """
        id company_id employee_id bulk date day decided_at self_approved user_id verdict
    """,
    "biometric.decision": """
        id company_id punch_id sighting_id user_id verdict reason counts_date counts_at
        decided_at
    """,
    "biometric.deputy": """
        id company_id date_from date_to deputy_id user_id create_uid write_uid
        create_date write_date
    """,
    "biometric.device": """
        id company_id agent_id clock_offset_seconds pending rejects discarded_biometrics
        storage_percent poll_port poll_minutes silence_seconds cleanup_percent
        cleanup_days create_uid write_uid work_location_id name serial place state
        dialect status_preset verify_preset heard_state peer family detected_dialect
        carrier carrier_reason poll_host poll_transport poll_times quiet_hours
        cleanup_when cleanup_hours settings status_map verify_map facts active
        in_service_said channel_push channel_poll upload_idle comm_key_set poll_live
        in_service_from moved_at back_at first_seen_at last_heard_at last_punch_at
        unbroken_since complete_until proven_until polled_at complete_read_at
        oldest_pending_at clock_set_at clock_off_since carrier_since create_date
        write_date report report_at last_heard_place last_punch_place complete_place
    """,
    "biometric.device.user": """
        id company_id device_id employee_id fingers faces palms create_uid write_uid pin
        device_name privilege card group upload sync_state valid_from valid_to
        has_password seen_at create_date write_date
    """,
    "biometric.device.zone": """
        id company_id device_id create_uid write_uid tz valid_from create_date
        write_date
    """,
    "biometric.employment.break": """
        id employee_id company_id create_uid write_uid date_from date_to create_date
        write_date
    """,
    "biometric.employment.company": """
        id employee_id company_id create_uid write_uid tz valid_from create_date
        write_date
    """,
    "biometric.erasure": """
        id company_id person_number requested_by_id removed_punches kept_punches state
        reason requested_at done_at report
    """,
    "biometric.delivery": """
        id company_id answer export_id sent_at sent_bytes sha256 state target_id
        target_name tries user_id create_uid write_uid create_date write_date
    """,
    "biometric.delivery.target": """
        id company_id active changed_by_id confirmed_by_id folder host host_key is_automatic kind
        login name port public_key recipients url usable_at create_uid write_uid create_date
        write_date
    """,
    "biometric.export": """
        id company_id line_count employee_count total_minutes complete_days blocked_days
        generated_by_id create_uid write_uid name state filename control_filename sha256
        control_sha256 kind date_from date_to generated_at create_date write_date
        held_minutes period_id profile_id program_filename
    """,
    "biometric.export.day": """
        id export_id company_id factors employee_id total_minutes state status date minutes
        cto_entry_id payroll_number rule_name
    """,
    "biometric.flag": """
        id company_id device_id punch_id run_id offset_seconds kind detail found_at
    """,
    "biometric.gap": """
        id company_id agent_id device_id lane_id seq_from seq_to run_id accepted_by_id
        kind state reason window_from window_to opened_at closed_at
        window_from_place window_to_place cause loss loss_state
    """,
    "biometric.hearing": """
        id company_id device_id agent_id state first_at told_at until create_uid write_uid
        create_date write_date
    """,
    "biometric.incident": """
        id company_id agent_id device_id level create_uid write_uid kind message
        opened_at seen_at told_at closed_at create_date write_date job retry_at
        subject_id subject_model
        facts found_at gone_at
    """,
    "biometric.lane": """
        id company_id agent_id head_seq max_seq broken_seq checkpoint_seq carrier_id
        lane head_hash checkpoint_hash started_at moved_at signed_at unsigned_at
    """,
    "biometric.lane.head": """
        id company_id lane_id seq hash signature public_key day signed_at
    """,
    "biometric.inspection": """
        id company_id closed_at date_from date_to expires_at issued_at issued_by_id name
        reason tries used_at
    """,
    "biometric.late.record": """
        id company_id employee_id date day_count department_id hand_count late_count
        late_share recorded_at worked_minutes
    """,
    "biometric.month.record": """
        id company_id employee_id date_from date_to layout number
    """,
    "biometric.month.run": """
        id company_id asked_at date_from date_to done_at layout user_id
    """,
    "biometric.month.step": """
        id company_id employee_id by_link content date_from date_to digest done_at kind
        number record_id text user_id
    """,
    "biometric.payroll.number": """
        id company_id employee_id cost_center first_name is_salaried last_name number
        title valid_from valid_to create_uid write_uid create_date write_date
    """,
    "biometric.payroll.profile": """
        id company_id active columns company_code frequency name pairs program rounding salaried
        second_code version create_uid write_uid create_date write_date
    """,
    "biometric.payroll.profile.code": """
        id company_id column detail pay_code profile_id sequence text create_uid
        write_uid create_date write_date
    """,
    "biometric.period": """
        id company_id date_from date_to gate_at gate_count group_id override_asked_at
        override_asked_by_id override_blockers override_confirmed_at
        override_confirmed_by_id override_reason reminded state create_uid write_uid
        create_date write_date
    """,
    "biometric.period.group": """
        id company_id active anchor name profile_id rhythm create_uid write_uid create_date
        write_date
    """,
    "biometric.personal.link": """
        id company_id employee_id closed_at expires_at issued_at issued_by_id tries
        used_at
    """,
    "biometric.quarantine": """
        id company_id device_id punch_id sighting_id pin wall_time reason seen_at raw
        detail
    """,
    "biometric.reason": """
        id company_id active code name position create_uid write_uid create_date
        write_date
    """,
    "biometric.registry.work": """
        id kind company_id device_id employee_id user_id pin
    """,
    "biometric.role.holder": """
        id user_id company_id role by_name role_count
    """,
    "biometric.roster": """
        id employee_id company_id shift_id create_uid write_uid date create_date
        write_date
    """,
    "biometric.rule": """
        id company_id create_uid write_uid name state preset valid_from parameters
        active create_date write_date
    """,
    "biometric.release": """
        id company_id name state ring metadata files set_version expires_at
        root_fingerprint halt_reason create_uid write_uid create_date write_date
    """,
    "biometric.swap": """
        id company_id employee_id to_employee_id shift_id to_shift_id date to_date
        reason_text answer_text roster_before begins_at requested_by_id requested_at
        state awaits_answer level passed_level due_at decided_at decided_by_id
        self_approved create_uid write_uid create_date write_date
    """,
    "biometric.update": """
        id company_id release_id agent_id state place is_chosen from_version shown_at
        shown_set served_at served_bytes ended_at reason lost_turns seat
    """,
    "biometric.run": """
        id company_id agent_id device_id read_count new_count duplicate_count
        rejected_count device_count vanished_count command_id uuid channel asked_by
        window_from window_to outcome message lost_from lost_to holes settled started_at
        ended_at started_place ended_place
    """,
    "biometric.shift": """
        id sequence color company_id create_uid write_uid name code active break_paid
        create_date write_date start end break_start break_end
    """,
    "biometric.support": """
        id company_id user_id granted_by_id reason granted_at expires_at revoked_at
    """,
    "biometric.usage": """
        id company_id revision devices employees device_change employee_change
        upto_punch identifier day counted_at
    """,
    "biometric.watch": """
        id agent_id company_id until
    """,
    "biometric.week.finding": """
        id company_id employee_id department_id worked_minutes rule_id kind rule_name
        week_start
    """,
}
