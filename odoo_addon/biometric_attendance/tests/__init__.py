from . import (
    test_agent_api,
    test_append_only,
    test_contract,
    test_day,
    test_day_stale,
    test_ingest,
    test_screens,
    test_usable,
)
