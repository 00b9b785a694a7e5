/**
 * `pull HOST[:PORT] [--commkey N] [--udp] [--json]`: reads a terminal once for a person who wants to
 * know whether it works. Stores nothing, clears nothing, sends nothing to Odoo. Arguments, output and
 * the clock are handed in; the answer is an exit code.
 */
import { parseArgs } from "node:util";
import type { Punch, Reject } from "../base/punch.ts";
import { MAX_COMM_KEY } from "../base/terminal.ts";
import { wallSecondsBetween, wallText } from "../base/wall_time.ts";
import {
  DEFAULT_PORT,
  type Dial,
  inBatches,
  latestBelievable,
  type LogRead,
  readFacts,
  readLog,
  type TerminalFacts,
  type Waits,
  whyIncomplete,
  withTerminal,
  ZkFault,
} from "../zk/zk.ts";
import { printable } from "./command.ts";

export const PULL_USAGE = "pull HOST[:PORT] [--commkey N] [--udp] [--json]";

/** Exit codes: complete read; read nothing or not proven complete; wrong arguments. */
const PULL_COMPLETE = 0, PULL_INCOMPLETE = 1, PULL_USAGE_ERROR = 2;

export interface PullWorld {
  write(text: string): void;
  writeError(text: string): void;
  /** Milliseconds since 1970. */
  now(): number;
  /** Shorter waits for tests. */
  readonly waits?: Waits;
}

interface Order {
  readonly dial: Dial;
  readonly json: boolean;
}

interface Pulled {
  readonly facts: TerminalFacts;
  readonly read: LogRead;
}

/** Runs the command and returns the exit code of the program. */
export async function pullCommand(args: readonly string[], world: PullWorld): Promise<number> {
  let order: Order;
  try {
    order = parseOrder(args, world.waits);
  } catch (error) {
    world.writeError(
      `${error instanceof Error ? error.message : "bad arguments"}\n${PULL_USAGE}\n`,
    );
    return PULL_USAGE_ERROR;
  }
  const known: { facts: TerminalFacts | null } = { facts: null };
  let pulled: Pulled | null = null;
  let reason: string | null;
  try {
    pulled = await pullOnce(order.dial, world.now(), known);
    reason = whyIncomplete(pulled.read);
  } catch (fault) {
    if (!(fault instanceof ZkFault)) throw fault;
    reason = `${fault.kind}: ${fault.message}`;
  }
  const report = makeReport(order.dial, known.facts, pulled, reason, world.now());
  const write = order.json ? writeJson : writeText;
  write(report, pulled, (text) => world.write(text));
  return reason === null ? PULL_COMPLETE : PULL_INCOMPLETE;
}

/** Throws an Error whose message is for the person at the keyboard. */
function parseOrder(args: readonly string[], waits: Waits | undefined): Order {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      commkey: { type: "string" },
      json: { type: "boolean" },
      udp: { type: "boolean" },
    },
  });
  const [target, ...rest] = positionals;
  if (target === undefined || rest.length > 0) throw new Error("one HOST[:PORT] is needed");
  const { host, port } = parseTarget(target);
  const dial: Dial = {
    host,
    port,
    commKey: values.commkey === undefined
      ? 0
      : wholeNumber(values.commkey, MAX_COMM_KEY, "--commkey"),
    transport: values.udp ? "udp" : "tcp",
    ...(waits && { waits }),
  };
  return { dial, json: values.json ?? false };
}

function parseTarget(target: string): { host: string; port: number } {
  const parts = /^(?:\[([0-9A-Fa-f:.]+)\]|([^:\s]+))(?::(\d+))?$/.exec(target);
  const host = parts?.[1] ?? parts?.[2];
  if (!host) throw new Error(`"${target}" is not HOST[:PORT]`);
  const port = parts?.[3] === undefined ? DEFAULT_PORT : wholeNumber(parts[3], 65_535, "the port");
  if (port === 0) throw new Error("the port cannot be 0");
  return { host, port };
}

function wholeNumber(text: string, most: number, what: string): number {
  const number = Number(text);
  if (!/^\d{1,10}$/.test(text) || number > most) throw new Error(`${what} is not a whole number`);
  return number;
}

/** Facts go to `known` as soon as they are read, so that a failed read can still show them. */
async function pullOnce(
  dial: Dial,
  now: number,
  known: { facts: TerminalFacts | null },
): Promise<Pulled> {
  return await withTerminal(dial, async (terminal) => {
    const facts = known.facts = await terminal.run(readFacts(terminal.session));
    const latest = latestBelievable(now, facts.wallTime);
    return { facts, read: await terminal.run(readLog(terminal.session, { latest })) };
  });
}

/** Everything but the records, which are written as they are decoded. */
interface Report {
  readonly host: string;
  readonly port: number;
  readonly transport: string;
  readonly serial: string | null;
  readonly firmware: string | null;
  readonly name: string | null;
  readonly platform: string | null;
  readonly mac: string | null;
  readonly device_time: string | null;
  /** Against the agent's UTC clock; whole hours in it are the time zone. */
  readonly utc_offset_seconds: number | null;
  readonly users: number | null;
  readonly device_count: number | null;
  readonly capacity: number | null;
  readonly record_layout: string | null;
  readonly read: number;
  readonly complete: boolean;
  readonly reason: string | null;
}

function makeReport(
  dial: Dial,
  facts: TerminalFacts | null,
  pulled: Pulled | null,
  reason: string | null,
  now: number,
): Report {
  const utc = wallText(now);
  const sizes = pulled?.read.after ?? facts?.sizes ?? null;
  return {
    host: dial.host,
    port: dial.port ?? DEFAULT_PORT,
    transport: dial.transport ?? "tcp",
    serial: facts?.serial ?? null,
    firmware: facts?.firmware ?? null,
    name: facts?.name ?? null,
    platform: facts?.platform ?? null,
    mac: facts?.mac ?? null,
    device_time: facts?.wallTime ?? null,
    utc_offset_seconds: facts?.wallTime ? wallSecondsBetween(utc, facts.wallTime) : null,
    users: sizes?.users ?? null,
    device_count: sizes?.records ?? null,
    capacity: sizes?.recordCapacity ?? null,
    record_layout: pulled?.read.layout ?? null,
    read: pulled?.read.count ?? 0,
    complete: reason === null,
    reason,
  };
}

/** The records in batches: a log of some million would not fit in memory as one list. */
function* batchesOf(pulled: Pulled | null): Generator<{ punches: Punch[]; rejects: Reject[] }> {
  if (pulled !== null) yield* inBatches(pulled.read, pulled.facts.serial);
}

function punchRow(punch: Punch): object {
  return {
    pin: punch.pin,
    wall_time: punch.wallTime,
    status: punch.status,
    verify: punch.verify,
    work_code: punch.workCode,
    extra: punch.extra,
  };
}

function rejectRow({ reason, raw }: Reject): object {
  return { reason, raw };
}

type Write = (text: string) => void;

/** One line: the report with the lists `punches` and `rejects` before `complete` and `reason`. */
function writeJson(report: Report, pulled: Pulled | null, write: Write): void {
  const { complete, reason, ...head } = report;
  write(`${JSON.stringify(head).slice(0, -1)},"punches":[`);
  let comma = "";
  const list = (rows: readonly object[]) => {
    if (rows.length === 0) return;
    write(comma + rows.map((row) => JSON.stringify(row)).join(","));
    comma = ",";
  };
  for (const { punches } of batchesOf(pulled)) list(punches.map(punchRow));
  write(`],"rejects":[`);
  comma = "";
  for (const { rejects } of batchesOf(pulled)) list(rejects.map(rejectRow));
  write(`],${JSON.stringify({ complete, reason }).slice(1)}\n`);
}

function writeText(report: Report, pulled: Pulled | null, write: Write): void {
  for (const [name, value] of Object.entries(report)) writeFact(write, name, value);
  let unread = 0;
  for (const { rejects } of batchesOf(pulled)) unread += rejects.length;
  writeFact(write, "punches", report.read - unread);
  writeFact(write, "rejects", unread);
  for (const { punches } of batchesOf(pulled)) {
    write(punches.map((punch) => `${Object.values(punchRow(punch)).join("\t")}\n`).join(""));
  }
  for (const { rejects } of batchesOf(pulled)) {
    write(rejects.map(({ reason, raw }) => `reject\t${reason}\t${raw}\n`).join(""));
  }
}

function writeFact(write: Write, name: string, value: unknown): void {
  write(`${name.padEnd(20)} ${value === null ? "-" : printable(String(value))}\n`);
}
