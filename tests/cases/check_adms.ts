/**
 * Plays worked examples of the push protocol over raw sockets against the adapter run_adms.ts and
 * compares as their README defines. Run: deno run -A tests/cases/check_adms.ts --port P FILE…
 * Writes request bytes itself and reads answers to the end of the connection, as terminals do.
 */
import { parseArgs } from "node:util";

export interface CaseRequest {
  readonly method: string;
  readonly path: string;
  readonly query?: string;
  readonly http_version?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly body_base64?: string;
  /** Length to declare when it is not the body's own. */
  readonly declared_length?: number;
  readonly send_then_close?: boolean;
}

export type Expectation = Readonly<Record<string, unknown>>;

export interface Step {
  readonly request: CaseRequest;
  readonly expect: Expectation;
}

export interface Case extends Partial<Step> {
  readonly id: string;
  readonly setup?: Readonly<Record<string, unknown>>;
  readonly then?: readonly Step[];
  readonly steps?: readonly Step[];
}

export interface Ports {
  readonly device: number;
  readonly control: number;
}

interface PunchSeen {
  readonly pin: string;
  readonly time: string;
  readonly status: number | string | null;
  readonly verify: number | string | null;
  readonly workcode: string;
}

interface Reply {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

const HOST = "127.0.0.1";

/** Everything that is not as the case says; empty when all is. */
export async function playCase(ports: Ports, given: Case): Promise<string[]> {
  const steps = given.steps ?? [given as Step, ...given.then ?? []];
  const first = steps[0];
  if (first === undefined) return ["no steps"];
  const serial = serialOf(first.request);
  await control(ports, "POST", "/reset");
  await control(ports, "POST", `/setup?sn=${encodeURIComponent(serial)}`, given.setup ?? {});
  const faults: string[] = [];
  for (const [at, step] of steps.entries()) {
    const sn = encodeURIComponent(serialOf(step.request));
    const before = await control(ports, "GET", `/punches?sn=${sn}`) as PunchSeen[];
    const reply = await exchange(ports.device, step.request);
    const after = await control(ports, "GET", `/punches?sn=${sn}`) as PunchSeen[];
    const facts = await control(ports, "GET", `/facts?sn=${sn}`) as Facts;
    const found = compare(step.expect, reply, { fresh: after.slice(before.length), after, facts });
    faults.push(...found.map((fault) => `step ${at + 1}: ${fault}`));
  }
  return faults;
}

function serialOf(request: CaseRequest): string {
  for (const [name, value] of new URLSearchParams(request.query ?? "")) {
    if (name.toLowerCase() === "sn") return value;
  }
  return "";
}

async function control(ports: Ports, method: string, path: string, body?: unknown) {
  const answer = await fetch(`http://${HOST}:${ports.control}${path}`, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!answer.ok) throw new Error(`control port: ${answer.status} for ${path}`);
  return await answer.json();
}

/** The reply, or null when the connection ended without one. */
export async function exchange(port: number, request: CaseRequest): Promise<Reply | null> {
  const conn = await Deno.connect({ hostname: HOST, port });
  try {
    const bytes = requestBytes(request);
    for (let sent = 0; sent < bytes.length;) sent += await conn.write(bytes.subarray(sent));
    if (request.send_then_close === true) await conn.closeWrite();
    return parseReply(await readAll(conn));
  } finally {
    conn.close();
  }
}

export function requestBytes(request: CaseRequest): Uint8Array {
  const body = request.body_base64 === undefined
    ? new TextEncoder().encode(request.body ?? "")
    : Uint8Array.fromBase64(request.body_base64);
  const target = request.query === undefined || request.query === ""
    ? request.path
    : `${request.path}?${request.query}`;
  const head = [`${request.method} ${target} HTTP/${request.http_version ?? "1.1"}`];
  for (const [name, value] of Object.entries(request.headers ?? {})) head.push(`${name}: ${value}`);
  const named = Object.keys(request.headers ?? {}).some((name) => /^content-length$/i.test(name));
  const length = request.declared_length ?? body.length;
  if (!named && length > 0) head.push(`Content-Length: ${length}`);
  const text = new TextEncoder().encode(`${head.join("\r\n")}\r\n\r\n`);
  const bytes = new Uint8Array(text.length + body.length);
  bytes.set(text);
  bytes.set(body, text.length);
  return bytes;
}

async function readAll(conn: Deno.Conn): Promise<Uint8Array> {
  let all = new Uint8Array(0);
  const buffer = new Uint8Array(65_536);
  while (true) {
    let count: number | null;
    try {
      count = await conn.read(buffer);
    } catch (fault) {
      if (fault instanceof Deno.errors.ConnectionReset) return all;
      throw fault;
    }
    if (count === null) return all;
    const grown = new Uint8Array(all.length + count);
    grown.set(all);
    grown.set(buffer.subarray(0, count), all.length);
    all = grown;
  }
}

/** Reads like firmware 2.31: header names are searched for with exact case. */
export function parseReply(bytes: Uint8Array): Reply | null {
  if (bytes.length === 0) return null;
  const text = new TextDecoder().decode(bytes).replace(/^HTTP\/1\.1 100 Continue\r\n\r\n/, "");
  const end = text.indexOf("\r\n\r\n");
  if (end < 0) throw new Error("a reply without an end of its head");
  const [line = "", ...lines] = text.slice(0, end).split("\r\n");
  const headers = new Map(lines.map((header) => {
    const colon = header.indexOf(": ");
    return [header.slice(0, colon), header.slice(colon + 2)] as const;
  }));
  const body = text.slice(end + 4);
  if (Number(headers.get("Content-Length")) !== new TextEncoder().encode(body).length) {
    throw new Error("Content-Length is not the length of the body");
  }
  return { status: Number(line.split(" ")[1]), headers, body };
}

interface Facts {
  readonly device: { readonly facts: Record<string, unknown> } | null;
  readonly users: readonly { pin: string; name: string; privilege: number }[];
  readonly rejects: readonly { reason: string; raw: string }[];
  readonly commands: readonly { id: string; state: string; return: number | null }[];
  readonly unknown: readonly { serial: string }[];
}

interface Seen {
  readonly fresh: readonly PunchSeen[];
  readonly after: readonly PunchSeen[];
  readonly facts: Facts;
}

function compare(expect: Expectation, reply: Reply | null, seen: Seen): string[] {
  return [
    ...compareReply(expect, reply),
    ...comparePunches(expect, seen),
    ...compareFacts(expect, seen.facts),
  ];
}

function compareReply(expect: Expectation, reply: Reply | null): string[] {
  const faults: string[] = [];
  const check = (name: string, holds: (value: never) => boolean) => {
    const value = expect[name];
    if (value !== undefined && !holds(value as never)) {
      faults.push(
        `${name} ${JSON.stringify(value)}: got ${JSON.stringify(reply?.status)} ${
          JSON.stringify(reply?.body)
        }`,
      );
    }
  };
  const body = reply?.body ?? "";
  check("no_reply", (wanted: boolean) => (reply === null) === wanted);
  check("status", (status: number) => reply?.status === status);
  check("status_in", (list: number[]) => reply !== null && list.includes(reply.status));
  check("status_not", (status: number) => reply === null || reply.status !== status);
  check("status_not_200", (wanted: boolean) => !wanted || reply?.status !== 200);
  check("body_regex", (form: string) => new RegExp(form).test(body));
  check(
    "body_equals",
    (text: string) =>
      body === text || ((expect["body_equals_or"] ?? []) as string[]).includes(body),
  );
  check("body_preferred", (text: string) => body === text);
  check(
    "body_must_not_contain",
    (words: string | string[]) => [words].flat().every((word) => !body.includes(word)),
  );
  check(
    "headers_contain",
    (wanted: Record<string, string>) =>
      Object.entries(wanted).every(([name, value]) => reply?.headers.get(name)?.includes(value)),
  );
  check("headers_absent", (names: string[]) => names.every((name) => !reply?.headers.has(name)));
  check("handshake", (wanted: Handshake) => {
    faults.push(...compareHandshake(wanted, body));
    return true;
  });
  return faults;
}

interface Handshake {
  readonly first_line_regex?: string;
  readonly every_line_terminated?: boolean;
  readonly must_have_keys?: readonly string[];
  readonly must_have_one_of?: readonly (readonly string[])[];
  readonly must_not_have_keys?: readonly string[];
  readonly integer_keys?: readonly string[];
  readonly timezone_regex?: string;
  readonly transflag_must_enable?: readonly string[];
}

function compareHandshake(wanted: Handshake, body: string): string[] {
  const faults: string[] = [];
  const rows = body.split("\n").map((row) => row.replace(/\r$/, ""));
  const keys = new Map(
    rows.slice(1).map((row) => {
      const mark = row.indexOf("=");
      return [row.slice(0, mark), row.slice(mark + 1)] as const;
    }),
  );
  const check = (holds: boolean, fault: string) => {
    if (!holds) faults.push(`handshake: ${fault}`);
  };
  check(new RegExp(wanted.first_line_regex ?? "").test(rows[0] ?? ""), "first line");
  check(wanted.every_line_terminated !== true || body.endsWith("\n"), "last line not terminated");
  for (const key of wanted.must_have_keys ?? []) check(keys.has(key), `no ${key}`);
  for (const key of wanted.must_not_have_keys ?? []) check(!keys.has(key), `has ${key}`);
  for (const some of wanted.must_have_one_of ?? []) {
    check(some.some((key) => keys.has(key)), `none of ${some}`);
  }
  for (const key of wanted.integer_keys ?? []) check(/^-?\d+$/.test(keys.get(key) ?? ""), key);
  const zone = `TimeZone=${keys.get("TimeZone")}`;
  check(new RegExp(wanted.timezone_regex ?? "").test(zone), zone);
  for (const word of wanted.transflag_must_enable ?? []) {
    const flag = keys.get("TransFlag") ?? "";
    check(flag.split(/[\t ]/).includes(word) || /^1/.test(flag), `TransFlag without ${word}`);
  }
  return faults;
}

function comparePunches(expect: Expectation, { fresh, after }: Seen): string[] {
  const faults: string[] = [];
  const wanted = expect["punches"] as PunchSeen[] | undefined;
  const told = (punches: readonly PunchSeen[]) => punches.map(plain).sort();
  if (wanted !== undefined && told(wanted).join("\n") !== told(fresh).join("\n")) {
    faults.push(`punches: wanted ${told(wanted)} got ${told(fresh)}`);
  }
  const total = expect["punches_total"];
  if (total !== undefined && after.length !== total) {
    faults.push(`punches_total ${total}: got ${after.length}`);
  }
  return faults;
}

function plain({ pin, time, status, verify, workcode }: PunchSeen): string {
  return JSON.stringify([pin, time, status, verify, workcode === "0" ? "" : workcode]);
}

function compareFacts(expect: Expectation, facts: Facts): string[] {
  const faults: string[] = [];
  const check = (holds: boolean, fault: string) => {
    if (!holds) faults.push(fault);
  };
  const raws = facts.rejects.map((reject) => reject.raw);
  for (const line of (expect["raw_retained_lines"] ?? []) as string[]) {
    check(raws.includes(line), `not kept raw: ${JSON.stringify(line)}`);
  }
  const anonymous = expect["unattributed_rows"];
  const empty = facts.rejects.filter((reject) => reject.reason === "empty_pin").length;
  check(anonymous === undefined || anonymous === empty, `unattributed rows: ${empty}`);
  const result = expect["command_result"] as { id: string; return: number } | undefined;
  const found = facts.commands.find((command) => command.id === result?.id);
  check(result === undefined || found?.return === result.return, "command result");
  const user = expect["user"] as { pin: string; name: string; privilege: number } | undefined;
  check(
    user === undefined ||
      facts.users.some((seen) =>
        seen.pin === user.pin && seen.name === user.name && seen.privilege === user.privilege
      ),
    "user not read",
  );
  const told = facts.device?.facts ?? {};
  const info = { ...(expect["device_info"] as object), ...(expect["info"] as object) };
  for (const [name, value] of Object.entries(info)) {
    const fact = FACT_NAMES[name];
    check(fact === undefined || String(told[fact]) === String(value), `fact ${name}`);
  }
  return faults;
}

/** Names in the cases -> names of our facts; what is missing here we do not keep. */
const FACT_NAMES: Readonly<Record<string, string>> = {
  FWVersion: "firmware",
  PushVersion: "push_version",
  MAC: "mac",
  DeviceName: "name",
  UserCount: "users",
  IPAddress: "ip",
  fw: "firmware",
  users: "users",
  fingers: "fingers",
  attlogs: "punches",
  ip: "ip",
  faces: "faces",
};

if (import.meta.main) {
  const { values, positionals } = parseArgs({
    options: { port: { type: "string" } },
    allowPositionals: true,
  });
  const device = Number(values.port);
  let failed = 0;
  for (const file of positionals) {
    const given = JSON.parse(await Deno.readTextFile(file)) as Case;
    const faults = await playCase({ device, control: device + 1 }, given);
    if (faults.length > 0) failed += 1;
    console.log(
      faults.length === 0 ? `ok     ${given.id}` : `FAILED ${given.id}\n  ${faults.join("\n  ")}`,
    );
  }
  console.log(`${positionals.length - failed} passed, ${failed} failed`);
  if (failed > 0) Deno.exit(1);
}
