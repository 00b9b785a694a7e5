# ruff: noqa: I001 - a room is loaded after the rooms whose models it extends.
from . import (
    mixins,
    audit,
    ledger,
    agent,
    fleet,
    release,
    registry,
    day,
    review,
    cto,
    payroll,
    commissioning,
    company,
    support,
)
