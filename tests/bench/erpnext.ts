/**
 * What delivery to an ERPNext site costs: punches a second, requests and handling time of the (fake) site for
 * 1,000 punches, on a sound line and through one that loses answers. A fake answers without Python and MariaDB:
 * its time is a floor for the agent's own work, requests are those of a real site.
 */
import { randomBytes } from "node:crypto";
import { SystemClock } from "../../edge_agent/base/clock.ts";
import { Delivery, DestinationHttp } from "../../edge_agent/delivery/delivery.ts";
import { siteParts } from "../../edge_agent/erpnext/erpnext.ts";
import { Alarms } from "../../edge_agent/health/health.ts";
import { Queue } from "../../edge_agent/queue/queue.ts";
import { Dice } from "../sim/dice.ts";
import { readySite } from "../sim/erpnext/set_up.ts";
import { FaultyProxy } from "../sim/faulty_proxy.ts";
import { silentLog } from "../sim/silent_log.ts";

const SERIAL = "BENCH0001";
const PEOPLE = 60;

export interface MeasuredSite {
  readonly punches: number;
  readonly rows: number;
  readonly perSecond: number;
  readonly requestsPer1000: number;
  readonly siteMsPerPunch: number;
  readonly faults: number;
}

/** `loses`: the share of requests whose answer is lost, cut, doubled, or that are dropped. */
export async function measureSite(punches: number, loses: number): Promise<MeasuredSite> {
  const { site, key } = await readySite();
  await site.put("Biometric Device", { serial: SERIAL, approval: "Approved" });
  for (let n = 0; n < PEOPLE; n++) site.addEmployee(`E${n}`, String(n));
  site.requests.clear();
  site.busyMs = 0;
  const directory = Deno.makeTempDirSync({ prefix: "bench-" });
  const clock = new SystemClock();
  const queue = new Queue({
    directory,
    clock,
    randomBytes: (size) => new Uint8Array(randomBytes(size)),
  });
  queue.start();
  const dice = new Dice(1);
  const proxy = new FaultyProxy(() => site.url);
  proxy.start();
  let faults = 0;
  proxy.fault = () => {
    if (!dice.chance(loses)) return null;
    faults += 1;
    return dice.pick(["commit-reset", "truncate-length", "duplicate", "drop"] as const);
  };
  const http = new DestinationHttp({ timeoutMs: 20_000, monotonic: () => clock.monotonic() });
  const { destination } = siteParts({
    http,
    access: () => ({ url: loses > 0 ? proxy.url : site.url, ...key }),
    agentVersion: "bench",
    now: () => clock.now(),
  }, clock);
  const delivery = new Delivery({
    queue,
    destination,
    clock,
    random: () => dice.next(),
    batchId: () => crypto.randomUUID(),
    batchSize: 50,
    alarms: new Alarms({ clock, log: silentLog, store: queue }),
    log: silentLog,
  });
  try {
    await queue.add({ serial: SERIAL, channel: "push", punches: made(punches), rejects: [] });
    const from = performance.now();
    while ((await delivery.deliverOnce()).outcome !== "idle") continue;
    const seconds = (performance.now() - from) / 1_000;
    return {
      punches,
      rows: site.rows("Employee Checkin").length,
      perSecond: Math.round(punches / seconds),
      requestsPer1000: Math.round(site.requestCount / punches * 1_000),
      siteMsPerPunch: Math.round(site.busyMs / punches * 100) / 100,
      faults,
    };
  } finally {
    http.stop();
    proxy.stop();
    await queue.stop();
    await site.stop();
    Deno.removeSync(directory, { recursive: true });
  }
}

function made(count: number) {
  return Array.from({ length: count }, (_, n) => {
    const at = new Date(Date.UTC(2026, 2, 2) + n * 1_000).toISOString();
    return {
      serial: SERIAL,
      pin: String(n % PEOPLE),
      wallTime: `${at.slice(0, 10)} ${at.slice(11, 19)}`,
      status: "0",
      verify: "1",
      workCode: "",
      extra: "",
    };
  });
}
