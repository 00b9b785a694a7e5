# ruff: noqa: I001 - a model is imported before what extends it.
from . import (
    res_company,
    biometric_consent,
    biometric_device_user,
    biometric_device,
    biometric_registry_map,
    biometric_audit,
    biometric_registry_push,
    biometric_registry_work,
    biometric_area_member,
    biometric_area,
    biometric_area_reach,
    biometric_area_place,
    biometric_removal,
    hr_employee,
)
