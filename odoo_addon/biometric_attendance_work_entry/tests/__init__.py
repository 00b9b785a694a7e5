from . import test_pot, test_work_entries
