<<<<<<< HEAD
from . import test_agent_api, test_append_only, test_contract, test_day, test_ingest, test_usable
=======
from . import test_contract, test_agent_api
from . import test_screens
>>>>>>> owl
