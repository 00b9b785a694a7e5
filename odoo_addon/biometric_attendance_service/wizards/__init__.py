from . import biometric_service_choose, biometric_service_leave, biometric_service_new
