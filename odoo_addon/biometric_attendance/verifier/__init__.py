from . import audited, ed25519, exceptions, kept_heads, ledgers, states, trail, verify
