from . import (
    agent_api,
    company_export,
    dispatcher,
    inspection,
    json_only,
    load,
    month_record,
    personal_link,
    share,
)
