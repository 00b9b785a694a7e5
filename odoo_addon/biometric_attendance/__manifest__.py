{
    "name": "Biometric Attendance",
    "summary": "ZKTeco terminals to payroll: punches, days, rosters, audit trail, export",
    "version": "19.0.1.6.0",
    "category": "Human Resources/Attendances",
    "license": "LGPL-3",
    "author": "Biometric Attendance contributors",
    "application": True,
    "images": ["static/description/today.png"],
    "depends": ["hr_attendance", "hr_holidays", "bus"],
    "external_dependencies": {"python": ["cryptography"]},
    "data": [
        # rights, before anything that is seen
        "security/biometric_attendance_groups.xml",
        "security/biometric_support_security.xml",
        "security/ir.model.access.csv",
        "security/biometric_attendance_rules.xml",
        "security/biometric_day_security.xml",
        "security/biometric_audit_security.xml",
        "security/biometric_fleet_security.xml",
        "security/biometric_cto_security.xml",
        "security/biometric_review_security.xml",
        # jobs
        "data/ir_cron.xml",
        "data/biometric_registry_cron.xml",
        "data/biometric_day_cron.xml",
        "data/biometric_audit_cron.xml",
        "data/biometric_review_cron.xml",
        # dialogs that forms of several rooms open
        "views/biometric_wizard_views.xml",
        "views/biometric_import_views.xml",
        # agent
        "views/biometric_agent_views.xml",
        # fleet
        "views/biometric_device_views.xml",
        "views/biometric_hearing_views.xml",
        "views/biometric_gap_views.xml",
        "views/biometric_run_views.xml",
        "data/biometric_fleet_data.xml",
        "views/biometric_incident_views.xml",
        # registry
        "views/biometric_device_user_views.xml",
        "views/biometric_area_views.xml",
        # ledger
        "views/biometric_punch_views.xml",
        # review
        "views/biometric_quarantine_views.xml",
        "data/biometric_review_data.xml",
        "views/biometric_review_templates.xml",
        # audit
        "views/biometric_audit_views.xml",
        "views/biometric_audit_check_views.xml",
        # menus of the rooms above, and the board that hangs on them
        "views/biometric_menus.xml",
        "views/biometric_fleet_menus.xml",
        "views/biometric_release_views.xml",
        "report/biometric_commissioning_report.xml",
        "views/biometric_commissioning_views.xml",
        "views/biometric_board_views.xml",
        "views/biometric_desk_views.xml",
        # day
        "views/biometric_day_views.xml",
        "views/biometric_trial_views.xml",
        "views/biometric_calibration_views.xml",
        "report/biometric_paper.xml",
        "report/biometric_sheet_report.xml",
        "report/biometric_enrolment_report.xml",
        "report/biometric_month_record_report.xml",
        "report/biometric_day_evidence_report.xml",
        "views/biometric_rule_views.xml",
        # time accounts
        "data/biometric_cto_data.xml",
        "views/biometric_cto_wizard_views.xml",
        "views/biometric_cto_views.xml",
        "views/biometric_cto_menus.xml",
        "views/hr_leave_views.xml",
        "report/biometric_certificate_report.xml",
        # payroll
        "views/biometric_payroll_reports.xml",
        "views/biometric_export_views.xml",
        "views/biometric_payroll_views.xml",
        "views/biometric_period_views.xml",
        "data/biometric_payroll_cron.xml",
        # day, with its menus
        "views/biometric_day_menus.xml",
        "views/biometric_review_views.xml",
        "views/biometric_record_views.xml",
        "views/biometric_attestation_views.xml",
        "views/biometric_week_views.xml",
        "views/biometric_roster_views.xml",
        "views/biometric_swap_views.xml",
        "views/biometric_employment_views.xml",
        # settings of every room
        "views/biometric_settings_views.xml",
        "views/biometric_audit_menus.xml",
        "views/biometric_role_views.xml",
        "views/biometric_notice_templates.xml",
        # support
        "views/biometric_support_grant_views.xml",
        "views/biometric_support_views.xml",
        # people, as several rooms extend their form
        "views/hr_employee_views.xml",
    ],
    "demo": ["demo/biometric_attendance_demo.xml"],
    "post_init_hook": "post_init_hook",
    "uninstall_hook": "uninstall_hook",
    "assets": {
        "web.assets_backend": [
            "biometric_attendance/static/src/**/*.js",
            "biometric_attendance/static/src/**/*.xml",
            "biometric_attendance/static/src/**/*.scss",
        ],
        "web.assets_unit_tests": [
            "biometric_attendance/static/tests/**/*_bench.js",
            "biometric_attendance/static/tests/**/*.test.js",
        ],
        "web.assets_tests": ["biometric_attendance/static/tests/tours/**/*.js"],
    },
}
