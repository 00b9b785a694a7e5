"""Companies, as our SQL reads them. Must not know our settings."""

# Behind FROM or JOIN.
COMPANIES = "(SELECT id, name FROM res_company)"

# Whether nobody of a company is written to a terminal without consent.
CONSENT = "(SELECT id, biometric_needs_consent AS needs_consent FROM res_company)"
