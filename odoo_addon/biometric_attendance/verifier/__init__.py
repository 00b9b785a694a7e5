from . import ed25519, ledgers, trail, verify
