from . import agent_api, company_export, dispatcher, load
