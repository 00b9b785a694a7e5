from . import (
    biometric_alarm_explain,
    biometric_decide,
    biometric_erase,
    biometric_finding_explain,
    biometric_gap_accept,
    biometric_pairing_show,
    biometric_pull,
    biometric_zone_change,
)
