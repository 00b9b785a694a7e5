// Owns: the demo's last words: every login, and where a person sees what was told. Must not know: how it was
// told.

import { ROLES } from "./branch.ts";
import type { Stage } from "./stage.ts";

/** What an export fills; the other addresses are the stories'. */
const OF_EXPORT = ["biometric-days-today", "biometric-board", "biometric-exports"];
/** After the last line: where a person sees what was told, and with which login. */
const LOOK_AT: readonly (readonly [string, string, string])[] = [
  [
    "biometric-days-today",
    "officer",
    "Days: who is at work, late, missing or done today; without the filter the week before",
  ],
  [
    "biometric-board",
    "biometric",
    "Terminal board: what each terminal is and until when it is complete",
  ],
  [
    "biometric-quarantine",
    "officer",
    "Quarantine: punches of the year 2000 and a line that waits for a person",
  ],
  [
    "biometric-period",
    "payroll",
    "Payroll: what still blocks last week's period, and what its file would hold",
  ],
  ["biometric-exports", "payroll", "Payroll: the file of last week, and what went into it"],
  [
    "biometric-my-time-account",
    "employee",
    "My time account: a balance, what ends when, a day off taken and two hours that are paid",
  ],
  [
    "biometric-devices",
    "biometric",
    "Terminals: open Back gate for its gap, its runs and its clear; try Refresh users",
  ],
  [
    "biometric-commissioning",
    "biometric",
    "Commissioning: the second terminal as a test person tried it, and its acceptance report",
  ],
  [
    "biometric-releases",
    "biometric",
    "Releases: what two people signed, and to whom it is offered",
  ],
];

/** `ofExport`: nothing but a terminal's file was played. */
export function showLogins(stage: Stage, ofExport: boolean): void {
  console.log(`\nOdoo is at ${stage.odoo.url} (database ${stage.odoo.db}). Logins:`);
  console.log(`  ${"administrator of Odoo".padEnd(24)} admin / admin`);
  for (const { title, login } of ROLES) console.log(`  ${title.padEnd(24)} ${login} / ${login}`);
  console.log(`\nThe terminals' port is ${stage.agent.devicePort}. Ctrl-C ends everything.`);
  console.log("\nWhere to look:");
  for (const [path, login, words] of LOOK_AT) {
    if (ofExport && !OF_EXPORT.includes(path)) continue;
    console.log(`  ${stage.odoo.url}/odoo/${path}\n    as ${login}. ${words}.`);
  }
}
