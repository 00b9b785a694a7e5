from . import biometric_commissioning, biometric_commissioning_check, biometric_device
