/** Hostile changes to swaps of shifts: who decides, what stands in the way, what changes, who is told. */
import type { RoomMutations } from "../../dev/mutation.ts";

const review = (name: string) =>
  `odoo_addon/biometric_attendance/models/review/biometric_${name}.py`;
const swap = review("swap");
const plan = review("swap_plan");
const words = review("swap_words");

const list: RoomMutations = {
  odoo: ["TestSwap", "TestWhoseClock"].map((name) => `/biometric_attendance:${name}`).join(","),
  mutations: [
    {
      says: "the leader of one of the two is enough",
      file: swap,
      from: "return (mine & theirs) or mine",
      to: "return mine",
    },
    {
      says: "whoever asked or agreed decides",
      file: swap,
      from: "            alone = one._alone()\n",
      to: "            alone = False\n",
    },
    {
      says: "it is decided before the colleague agreed",
      file: swap,
      from: '        if self.awaits_answer:\n            raise UserError(self.env._("%s has',
      to: '        if False:\n            raise UserError(self.env._("%s has',
    },
    {
      says: "approving does not look whether it can still come about",
      file: swap,
      from: "            one._check_may_decide()\n            one._check_possible()\n",
      to: "            one._check_may_decide()\n",
    },
    {
      says: "the entries of the roster say no reason",
      file: swap,
      from: "_because(one._why())",
      to: '_because("")',
    },
    {
      says: "a shift that began is swapped",
      file: plan,
      from: "if self._begins_at() <= fields.Datetime.now():",
      to: "if False:",
    },
    {
      says: "a locked period is swapped into",
      file: plan,
      from: 'if self.env["biometric.period"]._is_locked(person, day):',
      to: "if False:",
    },
    {
      says: "a roster that was changed meanwhile is overwritten",
      file: plan,
      from: "if sorted(self._as_stands()) != sorted(self.roster_before):",
      to: "if False:",
    },
    {
      says: "somebody who left gets a shift",
      file: plan,
      from: "if not self._is_employed(person, day):",
      to: "if False:",
    },
    {
      says: "a stranger is asked",
      file: plan,
      from: "found = self._colleagues(employee).filtered(",
      to: 'found = employee.search([("user_id", "!=", False)]).filtered(',
    },
    {
      says: "what is taken in return stays where it was",
      file: plan,
      from: "            after[giver.id, day].discard(shift.id)\n",
      to: "",
    },
    {
      says: "one of the two is told nothing",
      file: words,
      from: "for person in one.employee_id | one.to_employee_id:",
      to: "for person in one.employee_id:",
    },
    {
      says: "a corrected zone leaves the places' times as they were",
      file: "odoo_addon/biometric_attendance/models/fleet/biometric_device_zone.py",
      from: "        zones.device_id._show_places_again()\n",
      to: "",
    },
    {
      says: "a date and time says no clock",
      file: "odoo_addon/biometric_attendance/models/mixins/biometric_your_time.py",
      from: 'told["string"] = self.env._("%s (your time)", told["string"])',
      to: "pass",
    },
  ],
};

export default list;
