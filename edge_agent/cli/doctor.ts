/** `doctor`: gathers what the checks of health/doctor.ts judge, and prints the findings. */
import { parseArgs } from "node:util";
import { SystemClock } from "../base/clock.ts";
import { VERSION } from "../base/version.ts";
import { NotWelcome, Unreachable, Waiting } from "../delivery/delivery.ts";
import {
  checkClock,
  checkCommKeys,
  checkDisk,
  checkEnvironment,
  checkOdoo,
  checkPorts,
  checkPrivileges,
  checkSecrets,
  checkSite,
  checkSqlite,
  checkStatus,
  checkTls,
  DESTINATIONS,
  type Finding,
  type HealthBody,
  type OdooProbe,
  type SiteProbe,
  tellPromises,
} from "../health/health.ts";
import { probeSite, PROMISES, readSiteAccess, Refused, Site } from "../erpnext/erpnext.ts";
import { askAgent } from "../local/local.ts";
import { accessOf, Identity } from "../odoo/odoo.ts";
import { refuseOldSqlite, sqliteVersion } from "../queue/queue.ts";
import {
  type Command,
  EXIT_FAILED,
  EXIT_OK,
  makeDataDirectory,
  perform,
  table,
  type World,
} from "./command.ts";
import { httpOf, withOdoo } from "./reach.ts";

export const doctor: Command = {
  usage: "doctor [--json]",
  summary: "look for what is wrong and say what to do about it",
  help: `Looks at clock, disk, SQLite, TLS, token, ports, allowlist, comm keys, permissions, queue.
Exit code 0 when there is no fault; warnings do not count.`,
  run: async (args, world) => {
    const { values } = parseArgs({
      args: [...args],
      options: { json: { type: "boolean", default: false } },
    });
    const found = await examine(world);
    world.out(
      values.json ? `${JSON.stringify(found, null, 1)}\n` : table(
        ["", "check", "finding", "remedy"],
        found.map(({ level, check, text, remedy }) => [level, check, text, remedy]),
      ),
    );
    return found.some(({ level }) => level === "fault") ? EXIT_FAILED : EXIT_OK;
  },
};

async function examine(world: World): Promise<Finding[]> {
  const { config } = world;
  makeDataDirectory(config);
  const identity = new Identity({ directory: config.dataDirectory });
  await identity.startIfMade();
  const running = await askAgent(config.dataDirectory, "status", {}) !== null;
  const status = await perform(config, "status") as Partial<HealthBody>;
  const clock = new SystemClock();
  const { found, aheadMs } = await probeDestination(world, identity, clock);
  const { dataDirectory, queue } = config;
  return [
    ...checkEnvironment(world.unknownNames),
    checkClock({
      now: clock.now(),
      trusted: clock.trusted(),
      aheadMs,
      name: DESTINATIONS[config.destination],
    }),
    checkDisk({ ...diskOf(status), minFreeBytes: queue.minFreeBytes }),
    checkSecrets(Deno.statSync(dataDirectory).mode ?? 0, secretModes(dataDirectory)),
    checkSqlite(sqliteVersion(), refuseOldSqlite),
    ...found,
    ...checkPorts(config, running ? [] : takenPorts(config)),
    checkCommKeys(config),
    ...checkPrivileges({
      uid: Deno.uid(),
      mayRun: granted({ name: "run" }),
      mayFfi: granted({ name: "ffi" }),
    }),
    ...checkStatus(status.reasons ?? [], remediesOf(status)),
    ...tellPromises(
      PROMISES.map((one) => ({ ...one, said: one[config.destination] })),
    ),
  ];
}

function granted(permission: Deno.PermissionDescriptor): boolean {
  return Deno.permissions.querySync(permission).state === "granted";
}

function diskOf(status: Partial<HealthBody>): { freeBytes: number; totalBytes: number } {
  const known: unknown = status.queue;
  const number = (...names: string[]) => {
    for (const name of names) {
      const value: unknown = typeof known === "object" && known !== null
        ? Reflect.get(known, name)
        : undefined;
      if (typeof value === "number") return value;
    }
    return 0;
  };
  return {
    freeBytes: number("free_bytes", "freeBytes"),
    totalBytes: number("total_bytes", "totalBytes"),
  };
}

function remediesOf(status: Partial<HealthBody>): Map<string, string> {
  const remedies = new Map<string, string>([
    ["stopped", "start the service: systemctl start biometric-agent"],
    ["late", "see what is said of the destination above"],
    ["odoo_silent", "see odoo and token above"],
    ["erpnext_silent", "see erpnext and key above"],
    ["device_silent", "check power and network of that terminal, and its server address"],
    ["parked", "see `parked`; `resend` after an upgrade"],
  ]);
  for (const alarm of status.alarms ?? []) remedies.set(alarm.code, alarm.remedy);
  return remedies;
}

/** Permission bits of every file in the data directory that could hold a secret. */
function secretModes(directory: string): Map<string, number> {
  const modes = new Map<string, number>();
  for (const name of ["identity.json", "pairing.json", "erpnext.json", "agent.sock"]) {
    try {
      modes.set(name, Deno.lstatSync(`${directory}/${name}`).mode ?? 0);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
  return modes;
}

function takenPorts({ devicePort, health }: World["config"]): number[] {
  return [devicePort, health].filter(({ host, port }) => {
    if (port === 0) return false;
    try {
      Deno.listen({ hostname: host, port }).close();
      return false;
    } catch (error) {
      if (error instanceof Deno.errors.AddrInUse) return true;
      throw error;
    }
  }).map(({ port }) => port);
}

interface Probed {
  readonly found: Finding[];
  readonly aheadMs: number | null;
}

async function probeDestination(
  world: World,
  identity: Identity,
  clock: SystemClock,
): Promise<Probed> {
  const { config, pinnedAuthorities } = world;
  if (config.destination === "erpnext") return await probeErpnext(world, identity, clock);
  const { probe, aheadMs } = await probeOdoo(world, identity, clock);
  const url = config.odoo.url ?? identity.pairing?.url ?? null;
  const tls = checkTls(url, pinnedAuthorities, clock.now());
  return { found: [...tls, ...checkOdoo(probe)], aheadMs };
}

async function probeErpnext(
  world: World,
  identity: Identity,
  clock: SystemClock,
): Promise<Probed> {
  const { config, pinnedAuthorities } = world;
  const access = readSiteAccess(config.dataDirectory);
  const named = { name: DESTINATIONS.erpnext, setting: "erpnext" };
  const tls = checkTls(access?.url ?? null, pinnedAuthorities, clock.now(), named);
  const two = identity.pairing === null ? [] : checkStatus(
    [{ code: "two_destinations", detail: `paired with Odoo at ${identity.pairing.url}` }],
    new Map([["two_destinations", "one agent has one destination: move pairing.json away"]]),
  );
  if (access === null) {
    return { found: [...tls, ...checkSite({ kind: "not_set_up" }), ...two], aheadMs: null };
  }
  let aheadMs: number | null = null;
  const http = httpOf(world, config.erpnext);
  const site = new Site({
    http,
    access: () => access,
    agentVersion: VERSION,
    now: () => clock.now(),
    onAnswer: (at, roundTripMs) => {
      if (at !== null) aheadMs = clock.confirm(at, roundTripMs);
    },
  });
  try {
    const probe: SiteProbe = { kind: "answered", faults: await probeSite(site) };
    return { found: [...tls, ...checkSite(probe), ...two], aheadMs };
  } catch (error) {
    return { found: [...tls, ...checkSite(siteProbeOf(error)), ...two], aheadMs };
  } finally {
    http.stop();
  }
}

function siteProbeOf(error: unknown): SiteProbe {
  if (error instanceof NotWelcome) return { kind: "refused_key", message: error.message };
  if (error instanceof Unreachable || error instanceof Refused) {
    return { kind: "failed", message: error.message };
  }
  throw error;
}

async function probeOdoo(
  world: World,
  identity: Identity,
  clock: SystemClock,
): Promise<{ probe: OdooProbe; aheadMs: number | null }> {
  const access = accessOf(world.config.odoo, identity);
  if (access === null) return { probe: { kind: "unpaired" }, aheadMs: null };
  let aheadMs: number | null = null;
  const onServerTime = (at: number, roundTripMs: number) => {
    aheadMs = clock.confirm(at, roundTripMs);
  };
  try {
    await withOdoo(
      world,
      identity,
      { access, onServerTime },
      (odoo) => odoo.confirmKeys("DOCTOR", []),
    );
    return { probe: { kind: "answered" }, aheadMs };
  } catch (error) {
    return { probe: probeOf(error), aheadMs };
  }
}

function probeOf(error: unknown): OdooProbe {
  if (error instanceof Waiting) return { kind: "waiting" };
  if (error instanceof NotWelcome) return { kind: "refused_token" };
  // The token was taken: Odoo only did not like what it was asked.
  if (error instanceof Unreachable && error.message.startsWith("status 400")) {
    return { kind: "answered" };
  }
  if (error instanceof Unreachable) return { kind: "failed", message: error.message };
  throw error;
}
