from . import agent_api, company_export, dispatcher, json_only, load, personal_link
