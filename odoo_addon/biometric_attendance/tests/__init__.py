from . import test_contract, test_agent_api
