from . import (
    test_access,
    test_console,
    test_deletion,
    test_demo,
    test_languages,
    test_pages,
    test_plan,
    test_pot,
    test_statement,
    test_story,
    test_support_hours,
    test_traffic,
)
