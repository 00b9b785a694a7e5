from . import dispatcher, agent_api
