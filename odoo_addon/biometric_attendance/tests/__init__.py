from . import test_contract, test_agent_api
from . import test_screens
