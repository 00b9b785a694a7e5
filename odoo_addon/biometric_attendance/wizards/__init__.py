from . import (
    biometric_alarm_explain,
    biometric_carry,
    biometric_checklist,
    biometric_decide,
    biometric_erase,
    biometric_finding_explain,
    biometric_gap_accept,
    biometric_import_csv,
    biometric_pairing_show,
    biometric_pull,
    biometric_user_push,
    biometric_zone_change,
)
