# ruff: noqa: I001 - a model is imported before what extends it.
from . import (
    biometric_device_user,
    biometric_device,
    biometric_registry_push,
    biometric_registry_work,
    hr_employee,
)
