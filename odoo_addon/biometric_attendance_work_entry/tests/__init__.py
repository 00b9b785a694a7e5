from . import test_languages, test_pot, test_work_entries
