"""The addon's tests on a real Odoo."""

from . import (
    test_access_matrix,
    test_agent_api,
    test_append_only,
    test_audit_attacks,
    test_audit_chain,
    test_audit_witness,
    test_board,
    test_concurrency,
    test_contract,
    test_day,
    test_day_stale,
    test_erasure,
    test_ingest,
    test_projection,
    test_rights,
    test_roster,
    test_screens,
    test_sync,
    test_usable,
)
