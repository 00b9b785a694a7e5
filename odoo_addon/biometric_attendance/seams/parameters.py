"""The one way to a system parameter. Must not know what a parameter means."""

# How the keys of our own begin, and the same as a pattern of LIKE.
OURS = "biometric_attendance."
OURS_LIKE = r"biometric\_attendance.%"


def parameter(env, key, default=None):
    """Text of the system parameter `key`, read as the system; `default` where nobody set it."""
    return env["ir.config_parameter"].sudo().get_param(key, default)


def set_parameter(env, key, value):
    """Keep `value` as text under `key`, as the system; None takes the parameter away."""
    env["ir.config_parameter"].sudo().set_param(key, False if value is None else str(value))
