from . import ledgers, trail, verify
