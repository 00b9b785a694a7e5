from . import (
    test_agent_api,
    test_append_only,
    test_board,
    test_concurrency,
    test_contract,
    test_ingest,
    test_rights,
    test_sync,
    test_usable,
)
