from . import days, ed25519, files, ledgers, trail, verify
