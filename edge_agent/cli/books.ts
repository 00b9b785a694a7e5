/** Commands that read or change the agent's books: status, punches, rejects, parked, devices … */
import { parseArgs } from "node:util";
import type { HealthBody } from "../health/health.ts";
import type { ParkedRow, PunchRow, RejectRow } from "../queue/queue.ts";
import {
  type Command,
  EXIT_FAILED,
  EXIT_OK,
  Misused,
  perform,
  printable,
  table,
  type World,
} from "./command.ts";

const JSON_OPTION = { json: { type: "boolean", default: false } } as const;
const LIMIT_OPTION = { limit: { type: "string", default: "1000" } } as const;

const status: Command = {
  usage: "status [--json]",
  summary: "how the agent fares; exit code 0 only when all is well",
  help: "Shows what /health shows. Works beside a running agent and without one.",
  run: async (args, world) => {
    const { values } = parseArgs({ args: [...args], options: JSON_OPTION });
    const body = await perform(world.config, "status") as Partial<HealthBody>;
    world.out(values.json ? `${JSON.stringify(body, null, 2)}\n` : statusText(body));
    return body.status === "ok" ? EXIT_OK : EXIT_FAILED;
  },
};

function statusText(body: Partial<HealthBody>): string {
  const lines = [`status: ${body.status}`];
  for (const reason of body.reasons ?? []) lines.push(`  ${reason.code}: ${reason.detail}`);
  if (body.setup?.some(({ done }) => !done)) {
    for (const { done, text } of body.setup) lines.push(`  ${done ? "done" : "open"}: ${text}`);
  }
  for (const alarm of body.alarms ?? []) lines.push(`  remedy for ${alarm.code}: ${alarm.remedy}`);
  if (body.odoo) lines.push(`odoo: ${body.odoo.state}`);
  if (body.queue) {
    const { pending, parked, rejects, delivered } = body.queue;
    lines.push(
      `queue: ${pending} pending, ${parked} parked, ${rejects} rejects, ${delivered} kept`,
    );
  }
  const devices = (body.devices ?? []).map((device) => [
    device.serial,
    device.state,
    device.heard,
    device.last_heard_at,
    device.pending,
  ]);
  const shown = lines.map(printable).join("\n");
  return devices.length === 0
    ? `${shown}\n`
    : `${shown}\n${table(["device", "state", "heard", "last heard", "pending"], devices)}`;
}

const punches: Command = {
  usage: "punches [--device SN] [--limit N] [--json]",
  summary: "the punches in the queue, newest last",
  help: "With --json one list of {serial,pin,time,status,verify,workcode,…}.",
  run: async (args, world) => {
    const { values } = parseArgs({
      args: [...args],
      options: { ...JSON_OPTION, ...LIMIT_OPTION, device: { type: "string" } },
    });
    const given = { limit: wholeNumber(values.limit), serial: values.device };
    const rows = await perform(world.config, "punches", given) as PunchRow[];
    const shown = rows.map(punchShown);
    world.out(
      values.json ? `${JSON.stringify(shown, null, 1)}\n` : table(
        ["device", "pin", "time", "status", "verify", "workcode", "channel", "state"],
        shown.map((row) => [
          row.serial,
          row.pin,
          row.time,
          row.status,
          row.verify,
          row.workcode,
          row.channel,
          row.state,
        ]),
      ),
    );
    return EXIT_OK;
  },
};

function punchShown(row: PunchRow) {
  return {
    serial: row.serial,
    pin: row.pin,
    time: row.wallTime,
    status: codeShown(row.status),
    verify: codeShown(row.verify),
    workcode: row.workCode === "" ? null : row.workCode,
    extra: row.extra === "" ? null : row.extra,
    channel: row.channel,
    received_at: new Date(row.receivedAt).toISOString(),
    state: row.state,
    lane: row.lane,
    seq: row.seq,
    key: row.key,
  };
}

/** Codes are numbers almost everywhere; what is not stays text. */
function codeShown(code: string): number | string | null {
  if (code === "") return null;
  return /^(0|[1-9]\d{0,8})$/.test(code) ? Number(code) : code;
}

const rejects: Command = {
  usage: "rejects [--limit N] [--json]",
  summary: "lines of terminals that could not be read, kept raw",
  help: "Each is in Odoo too, with its reason.",
  run: async (args, world) => {
    const { values } = parseArgs({ args: [...args], options: { ...JSON_OPTION, ...LIMIT_OPTION } });
    const given = { limit: wholeNumber(values.limit) };
    const rows = await perform(world.config, "rejects", given) as RejectRow[];
    world.out(
      values.json ? `${JSON.stringify(rows, null, 1)}\n` : table(
        ["device", "reason", "received", "state", "line"],
        rows.map((row) => [
          row.serial,
          row.reason,
          new Date(row.receivedAt).toISOString(),
          row.state,
          row.raw.slice(0, 100),
        ]),
      ),
    );
    return EXIT_OK;
  },
};

const parked: Command = {
  usage: "parked [--limit N] [--json]",
  summary: "sightings that Odoo could not take; see resend",
  help: "Their place in the lane is delivered, so nothing else waits for them.",
  run: async (args, world) => {
    const { values } = parseArgs({ args: [...args], options: { ...JSON_OPTION, ...LIMIT_OPTION } });
    const given = { limit: wholeNumber(values.limit) };
    const rows = await perform(world.config, "parked", given) as ParkedRow[];
    world.out(
      values.json ? `${JSON.stringify(rows, null, 1)}\n` : table(
        ["lane", "seq", "device", "kind", "reason", "parked"],
        rows.map((row) => [
          row.lane,
          row.seq,
          row.serial,
          row.kind,
          row.reason,
          new Date(row.parkedAt).toISOString(),
        ]),
      ),
    );
    return EXIT_OK;
  },
};

const resend: Command = {
  usage: "resend [--device SN] [--reason TEXT]",
  summary: "deliver parked sightings again, after Odoo or the agent was upgraded",
  help: "Without options all of them.",
  run: async (args, world) => {
    const { values } = parseArgs({
      args: [...args],
      options: { device: { type: "string" }, reason: { type: "string" } },
    });
    const given = { serial: values.device, reason: values.reason };
    world.out(`${await perform(world.config, "resend", given)} wait for delivery again\n`);
    return EXIT_OK;
  },
};

const device: Command = {
  usage: "device list [--json] | device allow SN --zone Area/City [--dialect NAME]",
  summary: "list terminals, known and knocking; let one in",
  help: `A terminal that Odoo lists needs no allow. One let in here is captured at once and
waits in Odoo for its approval.`,
  run: async (args, world) => {
    const [action, ...rest] = args;
    if (action === "list") return await deviceList(rest, world);
    if (action === "allow") return await deviceAllow(rest, world);
    throw new Misused("say device list or device allow");
  },
};

interface DeviceList {
  devices: {
    serial: string;
    state: string;
    timeZone: string;
    dialect: string;
    peer: string;
    lastHeardAt: number | null;
    silent: boolean;
  }[];
  unknown: { serial: string; peer: string; last_seen_at: string; count: number; family: string }[];
}

async function deviceList(args: readonly string[], world: World): Promise<number> {
  const { values } = parseArgs({ args: [...args], options: JSON_OPTION });
  const list = await perform(world.config, "devices") as DeviceList;
  if (values.json) {
    world.out(`${JSON.stringify(list, null, 1)}\n`);
    return EXIT_OK;
  }
  const at = (ms: number | null) => ms === null ? null : new Date(ms).toISOString();
  world.out(table(
    ["device", "state", "zone", "dialect", "address", "last heard"],
    list.devices.map((one) => [
      one.serial,
      one.state,
      one.timeZone,
      one.dialect,
      one.peer,
      at(one.lastHeardAt),
    ]),
  ));
  if (list.unknown.length > 0) {
    world.out("\nnot allowed, but knocking:\n");
    world.out(table(
      ["device", "address", "last seen", "times"],
      list.unknown.map((one) => [one.serial, one.peer, one.last_seen_at, one.count]),
    ));
  }
  return EXIT_OK;
}

async function deviceAllow(args: readonly string[], world: World): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { zone: { type: "string" }, dialect: { type: "string" } },
  });
  const [serial, ...rest] = positionals;
  if (serial === undefined || rest.length > 0 || values.zone === undefined) {
    throw new Misused("a serial number and --zone Area/City are needed");
  }
  await perform(world.config, "allow", {
    serial,
    timeZone: values.zone,
    dialect: values.dialect,
  });
  world.out(`${serial} may connect; its zone is ${values.zone}\n`);
  return EXIT_OK;
}

const acknowledge: Command = {
  usage: "acknowledge CODE",
  summary: "end an alarm that stays until a person has seen it",
  help: "The codes are those that status shows, e.g. odoo_went_back.",
  run: async (args, world) => {
    const [code, ...rest] = args;
    if (code === undefined || rest.length > 0) throw new Misused("one code is needed");
    if (await perform(world.config, "acknowledge", { code })) {
      world.out(`${code} is acknowledged\n`);
      return EXIT_OK;
    }
    world.err(`there is no alarm ${printable(code)}\n`);
    return EXIT_FAILED;
  },
};

function wholeNumber(text: string): number {
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new Misused(`${text} is not a number of rows`);
  return Number(text);
}

export const books = {
  status,
  punches,
  rejects,
  parked,
  resend,
  device,
  acknowledge,
};
