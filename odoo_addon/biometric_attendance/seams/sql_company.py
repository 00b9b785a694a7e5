"""Companies, as our SQL reads them. Must not know our settings."""

# Behind FROM or JOIN.
COMPANIES = "(SELECT id, name FROM res_company)"
