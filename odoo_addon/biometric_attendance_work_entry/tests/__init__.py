from . import test_work_entries
