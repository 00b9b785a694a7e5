from . import test_agent_api, test_contract, test_day
