/**
 * The one command that destroys: clearing a terminal's attendance log. It needs a ClearPermit, and a
 * permit exists only where every condition was weighed and held. Only cleanup/attempt.ts may import this
 * file (tests/edge/zk/bounds_test.ts holds that). Pure, like talk.ts.
 *
 * The protocol clears all or nothing and offers no compare-and-clear, so the last count stands just
 * before the command, on the same connection, while the terminal is disabled.
 */
import { COMMAND } from "./constants.ts";
import { ZkFault } from "./frame.ts";
import { exchange, readSizes, requireOk, type Session, type Talk } from "./talk.ts";

/** What was found before the clear; every number is a count of records. */
export interface ClearEvidence {
  readonly expectedSerial: string;
  /** As the terminal stated it on this very connection. */
  readonly serial: string;
  /** Its count while disabled, before and after the full read. */
  readonly countBefore: number;
  readonly countAfter: number;
  /** Records in the read, repeats included. */
  readonly read: number;
  /** Rejects in the read that no person has released. */
  readonly unreleasedRejects: number;
  /** Different punches and rejects of the read, and how many of them Odoo holds at this moment. */
  readonly distinct: number;
  readonly confirmed: number;
  /** Whether every channel of the device was alive, caught up and quiet. */
  readonly channelsQuiet: boolean;
  /** The name under which the intent is on disk, synced. */
  readonly intentId: string;
}

/** Leave to send one clear over one connection. Cannot be made by hand, copied or used twice. */
export class ClearPermit {
  readonly session: Session;
  readonly count: number;
  #spent = false;

  private constructor(session: Session, count: number) {
    this.session = session;
    this.count = count;
  }

  /** A permit, or the first reason against it. */
  static weigh(session: Session, evidence: ClearEvidence): ClearPermit | { refused: string } {
    const refused = whyNot(session, evidence);
    return refused === null ? new ClearPermit(session, evidence.read) : { refused };
  }

  spend(session: Session): void {
    if (this.#spent) throw new Error("this permit was used");
    if (session !== this.session) throw new Error("this permit is for another connection");
    this.#spent = true;
  }
}

function whyNot(session: Session, evidence: ClearEvidence): string | null {
  if (evidence.serial !== evidence.expectedSerial) return "another terminal answers";
  if (!session.disabled) return "the terminal is not disabled";
  if (!evidence.channelsQuiet) return "a channel of the device is not quiet";
  if (!(evidence.countBefore > 0)) return "the terminal counts no records";
  if (evidence.read !== evidence.countBefore) return "the read and the count differ";
  if (evidence.countAfter !== evidence.countBefore) return "the count changed while disabled";
  if (evidence.unreleasedRejects !== 0) return "the log has records that cannot be read";
  if (evidence.distinct < 1 || evidence.confirmed !== evidence.distinct) {
    return "the destination does not hold every record";
  }
  if (evidence.intentId === "") return "the intent is not on disk";
  return null;
}

/**
 * Counts a last time and clears. Throws `refused` when the terminal says no or the count moved; a
 * `timeout` leaves it open whether the log was cleared, and the command must not be sent again.
 */
export function* clearLog(session: Session, permit: ClearPermit): Talk<void> {
  permit.spend(session);
  const last = yield* readSizes(session);
  if (last?.records !== permit.count) {
    throw new ZkFault("refused", "the count moved just before the clear");
  }
  requireOk(yield* exchange(session, COMMAND.clearAttendanceLog), "CLEAR_ATTLOG");
}
