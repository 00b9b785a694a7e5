/** The exchange of an agent with a real queue and a site; terminals and orders are values of the test. */
import { instant } from "../../../edge_agent/base/clock.ts";
import { siteControl } from "../../../edge_agent/erpnext/erpnext.ts";
import type { Run } from "../../../edge_agent/queue/queue.ts";
import { BRANCH } from "../../sim/erpnext/set_up.ts";
import { silentLog } from "../../sim/silent_log.ts";
import { SERIAL } from "../queue/lane_kit.ts";
import { SiteKit, type SiteKitOptions } from "./site_kit.ts";

type Applied = { serial: string; state: string; time_zone: string; settings: unknown };
interface Result {
  id: number;
  state: "sent" | "done" | "failed";
  message: string;
  progress?: { step: string; done: number; total: number | null };
}

export type World = Awaited<ReturnType<typeof makeWorld>>;

/** The kit with a control of its own; terminals and orders are values of the test. */
export async function withControl(
  options: SiteKitOptions & { setLastSync?: boolean },
  use: (world: World) => Promise<void>,
): Promise<void> {
  const world = await makeWorld(options);
  try {
    await use(world);
  } finally {
    await world.kit.stop();
  }
}

async function makeWorld(options: SiteKitOptions & { setLastSync?: boolean }) {
  const kit = await SiteKit.make(options);
  kit.site.set("Biometric Device", SERIAL, { agent: BRANCH });
  const seen = {
    kit,
    applied: [] as readonly Applied[],
    heard: [{ serial: SERIAL, lastHeardAt: null as number | null, since: null as number | null }],
    strangers: [] as { serial: string }[],
    orders: [] as { id: number; serial: string; name: string; arguments: unknown }[],
    results: [] as Result[],
    refuse: "",
    restored: 0,
    random: 0.5,
  };
  const control = siteControl(kit.parts, {
    access: () => ({
      version: 1,
      url: kit.proxy.url,
      ...kit.key,
      agent: BRANCH,
      setLastSync: options.setLastSync ?? false,
    }),
    queue: kit.queue,
    devices: {
      report: (counts) =>
        seen.heard.map(({ serial, lastHeardAt, since }) => ({
          serial,
          state: "heard" as const,
          last_heard_at: lastHeardAt === null ? null : instant(lastHeardAt),
          polled_at: null,
          unbroken_since: since === null ? null : instant(since),
          upload_idle: true,
          pending: counts.get(serial)?.pending ?? 0,
          clock_offset_seconds: 3,
          facts: { punches: 1_234 },
        })),
      unknown: () => seen.strangers,
      apply: (list) => seen.applied = list,
    },
    commands: {
      order: (request) => {
        seen.orders.push(request);
        return seen.refuse === "" ? "queued" : { refused: seen.refuse };
      },
      results: () => seen.results,
      acknowledged: (ids) => seen.results = seen.results.filter(({ id }) => !ids.includes(id)),
    },
    identity: { publicKey: "PUBLIC", sign: (text) => Promise.resolve(`signed ${text.length}`) },
    clock: kit.clock,
    random: () => seen.random,
    alarms: kit.alarms,
    log: silentLog,
    version: "test",
    pollSeconds: 30,
    onRestored: () => {
      seen.restored += 1;
      kit.delivery.retryNow();
    },
    onWelcome: () => {},
  });
  const look = async () => {
    const rest = await control.syncOnce();
    kit.clock.advance(rest);
    return rest;
  };
  return Object.assign(seen, { control, look });
}

/** A run as a reading leaves it in the queue. */
export const run = (values: Partial<Run>): Run => ({
  id: crypto.randomUUID(),
  serial: SERIAL,
  channel: "poll",
  askedBy: "schedule",
  windowFrom: null,
  windowTo: null,
  read: 10,
  new: 1,
  duplicate: 9,
  rejected: 0,
  deviceCount: 10,
  startedAt: 0,
  endedAt: 0,
  outcome: "complete",
  message: "complete",
  commandId: null,
  ...values,
});
