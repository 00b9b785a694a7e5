from . import biometric_service_deletion_print
