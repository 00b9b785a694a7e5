"""The addon's tests on a real Odoo."""

from . import (
    test_agent_api,
    test_append_only,
    test_board,
    test_calibration,
    test_concurrency,
    test_contract,
    test_day,
    test_day_numbers,
    test_day_reach,
    test_day_stale,
    test_ingest,
    test_projection,
    test_rights,
    test_roster,
    test_rules,
    test_screens,
    test_sync,
    test_usable,
)
