from . import (
    audited,
    days,
    ed25519,
    exceptions,
    files,
    kept_heads,
    ledgers,
    states,
    trail,
    verify,
)
