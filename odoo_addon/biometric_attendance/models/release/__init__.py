# ruff: noqa: I001 - a model is imported before what extends it.
from . import (
    res_company,
    biometric_release,
    biometric_update,
    biometric_update_seat,
    biometric_sync,
)
