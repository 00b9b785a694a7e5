# ruff: noqa: I001 - a model is imported before what extends it.
from . import (
    biometric_agent,
    biometric_agent_token,
    biometric_pairing,
    biometric_command,
    biometric_signed_request,
    biometric_sync,
    biometric_sync_look,
    ir_http,
)
