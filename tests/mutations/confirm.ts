/** Hostile changes to what is answered before a terminal is cleared. */
import type { RoomMutations } from "../../dev/mutation.ts";

const confirm = "odoo_addon/biometric_attendance/models/ledger/biometric_confirm.py";

const list: RoomMutations = {
  odoo: [
    "TestGuards.test_a_confirmation_speaks_of_its_own_company_alone",
    "TestAgentApi.test_confirm_finds_the_days_and_keys_that_differ",
    "TestAgentApi.test_confirm_tells_which_unreadable_lines_nobody_decided_about",
    "TestErasure.test_an_erased_punch_that_comes_again_is_receipted_and_not_kept",
  ].map((name) => `/biometric_attendance:${name}`).join(","),
  mutations: [
    {
      says: "days of every company",
      file: confirm,
      from: "WHERE p.company_id = %s AND d.serial = %s AND d.company_id = %s",
      to: "WHERE %s > 0 AND d.serial = %s AND %s > 0",
    },
    {
      says: "days of every terminal",
      file: confirm,
      from: "AND d.serial = %s AND d.company_id = %s",
      to: "AND length(%s) > 0 AND d.company_id = %s",
    },
    {
      says: "a day by its count alone",
      file: confirm,
      from: "if held.get(day, nothing) != days[day]]",
      to: "if held.get(day, nothing)[0] != days[day][0]]",
    },
    {
      says: "a day by its digest alone",
      file: confirm,
      from: "if held.get(day, nothing) != days[day]]",
      to: "if held.get(day, nothing)[1] != days[day][1]]",
    },
    {
      says: "a day that Odoo does not know agrees",
      file: confirm,
      from: "if held.get(day, nothing) != days[day]]",
      to: "if held.get(day, days[day]) != days[day]]",
    },
    {
      says: "more than was asked agrees",
      file: confirm,
      from: "if held.get(day, nothing) != days[day]]",
      to: "if held.get(day, nothing)[0] < days[day][0]]",
    },
    {
      says: "keys in another order",
      file: confirm,
      from: 'array_agg(key ORDER BY key COLLATE "C")',
      to: "array_agg(key ORDER BY p.id)",
    },
    {
      says: "keys of every company",
      file: confirm,
      from: "WHERE company_id = %s AND serial = %s AND key = ANY(%s)",
      to: "WHERE %s > 0 AND serial = %s AND key = ANY(%s)",
    },
    {
      says: "keys of every terminal",
      file: confirm,
      from: "WHERE company_id = %s AND serial = %s AND key = ANY(%s)",
      to: "WHERE company_id = %s AND length(%s) > 0 AND key = ANY(%s)",
    },
    {
      says: "no key is missing",
      file: confirm,
      from: "return [key for key in keys if key not in held]",
      to: "return []",
    },
    {
      says: "what was erased has to come again",
      file: confirm,
      from: "agent.company_id, [key for key in keys if key not in held]",
      to: "agent.company_id, []",
    },
    {
      says: "a line that nobody decided about is decided",
      file: confirm,
      from:
        "                  AND EXISTS (SELECT 1 FROM biometric_decision c WHERE c.sighting_id = s.id)\n",
      to: "",
    },
    {
      says: "a line of every company",
      file: confirm,
      from: "WHERE s.company_id = %s AND d.serial = %s AND s.kind = 'reject'",
      to: "WHERE %s > 0 AND d.serial = %s AND s.kind = 'reject'",
    },
    {
      says: "a line of every terminal",
      file: confirm,
      from: "AND d.serial = %s AND s.kind = 'reject'",
      to: "AND length(%s) > 0 AND s.kind = 'reject'",
    },
    {
      says: "a line that Odoo does not hold is decided",
      file: confirm,
      from: "return [item for item in digests if item not in decided]",
      to: "return []",
    },
  ],
};
export default list;
