{
    "name": "Biometric Attendance: work entries",
    "summary": "Closed pay periods become Odoo work entries",
    "version": "19.0.1.0.0",
    "category": "Human Resources/Attendances",
    "license": "LGPL-3",
    "author": "Biometric Attendance contributors",
    "depends": ["biometric_attendance", "hr_work_entry"],
    "data": [
        "security/ir.model.access.csv",
        "security/work_entry_security.xml",
        "views/work_entry_views.xml",
    ],
}
