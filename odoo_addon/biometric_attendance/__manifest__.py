{
    "name": "Biometric Attendance",
    "summary": "ZKTeco terminals to payroll: punches, days, compensatory time, review, export",
    "version": "19.0.1.0.0",
    "category": "Human Resources/Attendances",
    "license": "LGPL-3",
    "author": "Biometric Attendance contributors",
    "application": True,
    "depends": ["hr_attendance", "hr_holidays", "bus"],
    "data": [],
    "assets": {
        "web.assets_backend": [
            "biometric_attendance/static/src/**/*.js",
            "biometric_attendance/static/src/**/*.xml",
            "biometric_attendance/static/src/**/*.scss",
        ],
        "web.assets_unit_tests": ["biometric_attendance/static/tests/**/*.test.js"],
        "web.assets_tests": ["biometric_attendance/static/tests/tours/**/*.js"],
    },
}
