from . import agent_api, dispatcher
