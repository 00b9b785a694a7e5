/**
 * The commands by the names that people type, and which faults speak for themselves. Door of the room:
 * each command is in a file of its own. Must not know how arguments and configuration are read.
 */
import { StoreRefused, StoreUnavailable } from "../base/store_fault.ts";
import { LocalFault } from "../local/local.ts";
import { SiteAccessDamaged } from "../erpnext/erpnext.ts";
import { HostFault, NotWhole } from "../machine/machine.ts";
import { IdentityDamaged } from "../odoo/odoo.ts";
import { books } from "./books.ts";
import { type Command, Failed } from "./command.ts";
import { doctor } from "./doctor.ts";
import { erase } from "./erase.ts";
import { exportCommand } from "./export.ts";
import { heads } from "./heads.ts";
import { importCommand } from "./import.ts";
import { install, uninstall } from "./install.ts";
import { order } from "./order.ts";
import { pair } from "./pair.ts";
import { proof } from "./proof.ts";
import { provision } from "./provision.ts";
import { provisionErpnext } from "./provision_erpnext.ts";
import { report } from "./report.ts";
import { run } from "./run.ts";
import { config, flags, pull } from "./tools.ts";
import { update } from "./update.ts";

export {
  type Command,
  EXIT_FAILED,
  EXIT_OK,
  EXIT_USAGE,
  Misused,
  printable,
  type World,
} from "./command.ts";

export { tellVersion } from "./version.ts";

/** In the order of the overview. */
export const COMMANDS: Readonly<Record<string, Command>> = {
  install,
  run,
  pair,
  provision,
  "provision-erpnext": provisionErpnext,
  status: books.status,
  doctor,
  punches: books.punches,
  rejects: books.rejects,
  parked: books.parked,
  resend: books.resend,
  device: books.device,
  command: order,
  report,
  acknowledge: books.acknowledge,
  proof,
  export: exportCommand,
  heads,
  pull,
  import: importCommand,
  config,
  flags,
  update,
  erase,
  uninstall,
};

const FOR_PEOPLE = [
  Failed,
  HostFault,
  NotWhole,
  LocalFault,
  IdentityDamaged,
  SiteAccessDamaged,
  StoreRefused,
  StoreUnavailable,
];

/** What this fault says to a person: what happened and what to do. Null: a fault of the program. */
export function sentenceOf(error: unknown): string | null {
  if (!(error instanceof Error)) return null;
  if (FOR_PEOPLE.some((kind) => error instanceof kind)) return error.message;
  if (error instanceof Deno.errors.NotCapable) {
    return `the start flags do not allow this (${firstLine(error)}); ` +
      "the command flags prints those of this configuration";
  }
  const code = "code" in error ? error.code : null;
  if (error instanceof Deno.errors.PermissionDenied || code === "EACCES") {
    return `no right to do this (${firstLine(error)}): run it as the agent's user, ` +
      "e.g. with sudo -u biometric-agent";
  }
  return null;
}

function firstLine({ message }: Error): string {
  return message.split("\n")[0] ?? "";
}
