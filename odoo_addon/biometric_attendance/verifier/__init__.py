from . import audited, ed25519, exceptions, ledgers, states, trail, verify
