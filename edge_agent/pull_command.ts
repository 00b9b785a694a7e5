/**
 * `pull HOST[:PORT] [--commkey N] [--udp] [--json]`: reads a terminal once for a person who wants to
 * know whether it works. Stores nothing, clears nothing, sends nothing to Odoo. Arguments, output and
 * the clock are handed in; the answer is an exit code.
 */
import { parseArgs } from "node:util";
import { ZkFault } from "./zk_frame.ts";
import { type LogRead, readLog, whyIncomplete } from "./zk_read.ts";
import { type ReadPunches, readPunches } from "./zk_record.ts";
import { DEFAULT_PORT, type Dial, withTerminal } from "./zk_socket.ts";
import { readFacts, type TerminalFacts, type Waits } from "./zk_talk.ts";
import { latestBelievable, wallSecondsBetween } from "./zk_time.ts";

export const PULL_USAGE = "pull HOST[:PORT] [--commkey N] [--udp] [--json]";

/** Exit codes: complete read; read nothing or not proven complete; wrong arguments. */
export const PULL_COMPLETE = 0, PULL_INCOMPLETE = 1, PULL_USAGE_ERROR = 2;

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
  readonly found: ReadPunches;
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
  world.write(order.json ? `${JSON.stringify(report)}\n` : formatReport(report));
  return report.complete ? PULL_COMPLETE : PULL_INCOMPLETE;
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
      : wholeNumber(values.commkey, 0xffffffff, "--commkey"),
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
    const read = await terminal.run(readLog(terminal.session, { latest }));
    const found = read.layout === null ? { punches: [], rejects: [] } : readPunches(read.body, {
      serial: facts.serial,
      layout: read.layout,
      pins: read.pins,
    });
    return { facts, read, found };
  });
}

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
  readonly punches: readonly object[];
  readonly rejects: readonly object[];
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
  const utc = new Date(now).toISOString().slice(0, 19).replace("T", " ");
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
    punches: (pulled?.found.punches ?? []).map((punch) => ({
      pin: punch.pin,
      wall_time: punch.wallTime,
      status: punch.status,
      verify: punch.verify,
      work_code: punch.workCode,
      extra: punch.extra,
    })),
    rejects: (pulled?.found.rejects ?? []).map(({ reason, raw }) => ({ reason, raw })),
    complete: reason === null,
    reason,
  };
}

function formatReport(report: Report): string {
  const { punches, rejects, ...rest } = report;
  const lines = Object.entries(rest).map(([name, value]) =>
    `${name.padEnd(20)} ${value === null ? "-" : printable(String(value))}`
  );
  lines.push(`${"punches".padEnd(20)} ${punches.length}`);
  lines.push(`${"rejects".padEnd(20)} ${rejects.length}`);
  for (const punch of punches) lines.push(Object.values(punch).join("\t"));
  for (const reject of rejects) lines.push(`reject\t${Object.values(reject).join("\t")}`);
  return `${lines.join("\n")}\n`;
}

/** What a terminal says of itself may hold anything; a screen must not obey it. */
function printable(text: string): string {
  // deno-lint-ignore no-control-regex -- control characters are what is taken out
  return text.replace(/[\x00-\x1f\x7f-\x9f]/g, "?");
}
