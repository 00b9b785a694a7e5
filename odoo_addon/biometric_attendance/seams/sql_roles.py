"""Users and their groups, as our SQL reads them.

Each piece is a subquery to stand behind FROM or JOIN. Must not know what is asked of them.
"""

# Our groups by the last part of their external id: `group_hr_officer` is the role `hr_officer`.
ROLES = """(SELECT res_id AS gid, substr(name, 7) AS role FROM ir_model_data
             WHERE module = 'biometric_attendance' AND model = 'res.groups'
               AND starts_with(name, 'group_'))"""
IMPLIED = "(SELECT gid AS holder, hid AS held FROM res_groups_implied_rel)"
MEMBERS = "(SELECT uid, gid FROM res_groups_users_rel)"
USERS = "(SELECT id, active, company_id FROM res_users)"
# Stands before a SELECT of (uid, gid).
GIVE = "INSERT INTO res_groups_users_rel (uid, gid)"
