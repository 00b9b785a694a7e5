from . import (
    biometric_alarm_explain,
    biometric_decide,
    biometric_gap_accept,
    biometric_import_csv,
    biometric_pairing_show,
    biometric_pull,
    biometric_zone_change,
)
