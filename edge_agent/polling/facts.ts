/** What a terminal said of itself over port 4370, by the names of docs/contract.md. Pure. */
import { wallSecondsBetween } from "../base/wall_time.ts";
import { type TerminalFacts } from "../zk/zk.ts";

export interface Circumstances {
  /** Whether it wanted a comm key at all. */
  readonly keyAsked: boolean;
  readonly commKey: number;
  /** What its clock should show, null while our own is not trusted. */
  readonly expected: string | null;
}

export function toldFacts(
  facts: TerminalFacts,
  { keyAsked, commKey, expected }: Circumstances,
): Record<string, string | number> {
  const offset = facts.wallTime === null || expected === null
    ? null
    : wallSecondsBetween(expected, facts.wallTime);
  const told = {
    // S49: whoever reaches the port can read and clear such a terminal.
    comm_key: !keyAsked ? "none" : commKey === 0 ? "default" : "set",
    firmware: facts.firmware,
    name: facts.name,
    platform: facts.platform,
    mac: facts.mac,
    users: facts.sizes?.users,
    punches: facts.sizes?.records,
    capacity: facts.sizes?.recordCapacity,
    poll_clock_offset_seconds: offset,
  };
  return Object.fromEntries(
    Object.entries(told).flatMap(([name, value]) =>
      value === null || value === undefined ? [] : [[name, value]]
    ),
  );
}
