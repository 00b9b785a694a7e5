/**
 * The commands by the names that people type, and which faults speak for themselves. Door of the room:
 * each command is in a file of its own. Must not know how arguments and configuration are read.
 */
import { StoreRefused, StoreUnavailable } from "../base/store_fault.ts";
import { LocalFault } from "../local/local.ts";
import { IdentityDamaged } from "../odoo/odoo.ts";
import { books } from "./books.ts";
import { type Command, Failed } from "./command.ts";
import { doctor } from "./doctor.ts";
import { exportCommand } from "./export.ts";
import { importCommand } from "./import.ts";
import { pair } from "./pair.ts";
import { provision } from "./provision.ts";
import { run } from "./run.ts";
import { config, flags, pull } from "./tools.ts";

export {
  type Command,
  EXIT_FAILED,
  EXIT_OK,
  EXIT_USAGE,
  Misused,
  printable,
  type World,
} from "./command.ts";

/** In the order of the overview. */
export const COMMANDS: Readonly<Record<string, Command>> = {
  run,
  pair,
  provision,
  status: books.status,
  doctor,
  punches: books.punches,
  rejects: books.rejects,
  parked: books.parked,
  resend: books.resend,
  device: books.device,
  command: books.command,
  acknowledge: books.acknowledge,
  export: exportCommand,
  pull,
  import: importCommand,
  config,
  flags,
};

/** Whether the message of this fault says to a person what happened and what to do. */
export function isForPeople(error: unknown): error is Error {
  return [Failed, LocalFault, IdentityDamaged, StoreRefused, StoreUnavailable].some((kind) =>
    error instanceof kind
  );
}
