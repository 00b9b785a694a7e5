from . import test_languages, test_pot, test_story, test_work_entries
