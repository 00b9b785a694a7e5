/**
 * The exchange with a site beside delivery: settings of terminals and commands down; runs, results, missing
 * windows and state up; a look at what waits for a person; whether the site is still the one it was. Owns the
 * loop and who is told what; must not know SQL or what a command does. Every look costs the site some 10 ms
 * of CPU, and hosted sites have a daily limit: it is made every half minute and after each delivery.
 */
import { beat, fullJitter, withRetryAfter } from "../base/backoff.ts";
import type { Clock } from "../base/clock.ts";
import { DAY_MS, MINUTE_MS } from "../base/duration.ts";
import type { Log } from "../base/log.ts";
import { Loop } from "../base/loop.ts";
import { headText } from "../base/punch.ts";
import { NotWelcome, Unreachable } from "../delivery/delivery.ts";
import type { Alarms } from "../health/health.ts";
import type { HeadState, LaneHead, Loss, LossState, QueueStats, Run } from "../queue/queue.ts";
import type { SiteAccess } from "./access.ts";
import { Board, type Seen } from "./board.ts";
import { applied, type AppliedDevice, type FactsOfSite, type SiteFacts } from "./facts.ts";
import { SiteGaps } from "./gaps.ts";
import type { ErpnextHoldings } from "./holdings.ts";
import { type SiteOrderBooks, SiteOrders } from "./orders.ts";
import type { People } from "./people.ts";
import { markRemoved, Review } from "./review.ts";
import { Refused, type Site } from "./site.ts";
import { siteTextOf } from "./site_time.ts";
import { SiteWatch } from "./watch.ts";

/** One terminal in the words of fleet/report.ts. */
export interface SiteDeviceReport {
  readonly serial: string;
  readonly state: "heard" | "silent";
  readonly last_heard_at: string | null;
  readonly polled_at: string | null;
  readonly unbroken_since: string | null;
  readonly upload_idle: boolean;
  readonly pending: number;
  readonly clock_offset_seconds: number | null;
  readonly facts: Readonly<Record<string, string | number>>;
}

export interface SiteControlOptions {
  readonly site: Site;
  readonly facts: SiteFacts;
  readonly people: People;
  readonly holdings: ErpnextHoldings;
  readonly access: () => SiteAccess | null;
  readonly queue: {
    laneHead(): LaneHead;
    /** Everything above that number waits again; how many. */
    rewind(head: LaneHead): number;
    compareHead(head: LaneHead): HeadState;
    leaveLane(kind: "older_copy" | "forked_lane", detail: string): number | null;
    stats(): QueueStats;
    runs(limit: number): Run[];
    forgetRuns(ids: readonly string[]): void;
    losses(): Loss[];
    lossTold(id: string, state: LossState): void;
    keysOfDay(serial: string, day: string): string[];
    getState(name: string): string | null;
    setState(name: string, value: string): void;
  };
  readonly devices: {
    report(counts: QueueStats["perDevice"]): readonly SiteDeviceReport[];
    unknown(): readonly { readonly serial: string }[];
    apply(devices: readonly AppliedDevice[]): void;
  };
  readonly commands: SiteOrderBooks;
  readonly identity: { readonly publicKey: string; sign(text: string): Promise<string> };
  readonly clock: Clock;
  readonly random: () => number;
  readonly alarms: Pick<Alarms, "raise" | "clear" | "list">;
  readonly log: Log;
  readonly version: string;
  readonly pollSeconds: number;
  /** The site is not the one it was: there is something to deliver again. */
  readonly onRestored: () => void;
  /** From now on this agent may deliver. */
  readonly onWelcome: () => void;
}

const BACKOFF = { baseMs: 5_000, capMs: 120_000 };
const SLOW_MS = 60_000;
const FAILURES_TO_TELL = 3;
const MAX_RUNS = 50;
/** Commands under way are followed more closely. */
const FOLLOW_MS = 10_000;
/** Pause between two looks that deliveries ask for. */
const AFTER_DELIVERY_MS = 10_000;
const REVIEW_MS = 2 * MINUTE_MS;
const SYNC_MS = 5 * MINUTE_MS;
/** Each costs a request: of a site with more of them the marks of shift types are looked at more seldom. */
const SYNC_DEVICES = 20;
/** Days back in which a deleted check-in is looked for, once a day. */
const REMOVED_DAYS = 7;

export class SiteControl {
  readonly #options: SiteControlOptions;
  readonly #loop: Loop;
  readonly #board: Board;
  readonly #gaps: SiteGaps;
  readonly #orders: SiteOrders;
  readonly #review: Review;
  readonly #watch: SiteWatch;
  #failures = 0;
  #answeredMonotonic: number | null = null;
  #state: "active" | null = null;
  #reviewedAt = -Infinity;
  #syncedAt = -Infinity;
  #lastSync = "";
  /** Somebody waits for a run whose punches are on their way. */
  #isAwaited = false;
  /** Terminal and day whose check-ins are looked for next. */
  #removedTurn = 0;

  constructor(options: SiteControlOptions) {
    this.#options = options;
    const { site, clock, queue, commands, log } = options;
    this.#board = new Board(site, clock);
    this.#gaps = new SiteGaps(site, queue);
    this.#orders = new SiteOrders(site, queue, commands);
    this.#review = new Review(options);
    this.#watch = new SiteWatch({
      ...options,
      board: this.#board,
      publicKey: options.identity.publicKey,
      onRestored: () => {
        this.#board.forget();
        this.#gaps.forget();
        queue.setState("erpnext_removed", "");
        options.onRestored();
      },
    });
    this.#loop = new Loop({
      clock,
      log,
      turn: async () => ({ ms: await this.syncOnce() }),
      everyMs: SLOW_MS,
      complaint: "fault in the exchange with the site",
    });
  }

  get state(): "active" | null {
    return this.#state;
  }

  /** Ms since the site's latest proven answer here, null for none since the start. */
  get sinceAnswerMs(): number | null {
    const answered = this.#answeredMonotonic;
    return answered === null ? null : this.#options.clock.monotonic() - answered;
  }

  start(): void {
    this.#loop.start();
  }

  stop(): Promise<void> {
    return this.#loop.stop();
  }

  syncSoon(): void {
    this.#loop.hurry();
  }

  /** A batch has arrived: a look soon is worth its cost, but not after every batch of a backlog. */
  delivered(): void {
    const since = this.sinceAnswerMs;
    if (since === null || this.#failures > 0) return;
    if (since >= AFTER_DELIVERY_MS || this.#isAwaited) this.#loop.hurry();
  }

  /** One exchange; never throws. Returns how long to rest, in ms. */
  async syncOnce(): Promise<number> {
    const { access, alarms, random, pollSeconds } = this.#options;
    const known = access();
    if (known === null) {
      alarms.raise("unpaired", "this agent was not set up: run provision-erpnext");
      return pollSeconds * 1000;
    }
    try {
      const under = await this.#exchange(known, this.#loop.signal);
      this.#answered();
      return beat(
        under > 0 ? Math.min(FOLLOW_MS, pollSeconds * 1000) : pollSeconds * 1000,
        random(),
      );
    } catch (error) {
      if (this.#loop.signal.aborted) return 0;
      return this.#failed(error);
    }
  }

  #failed(error: unknown): number {
    const { log, alarms, random } = this.#options;
    this.#failures += 1;
    const message = error instanceof Error ? error.message : String(error);
    log.warn("no exchange with the site", { detail: message, failures: this.#failures });
    if (error instanceof NotWelcome) {
      alarms.raise("credential", message);
      return Math.round(SLOW_MS * (1 + random()));
    }
    if (this.#failures >= FAILURES_TO_TELL) {
      const outside = error instanceof Unreachable || error instanceof Refused;
      alarms.raise(outside ? "unreachable" : "internal", message);
    }
    const asked = error instanceof Unreachable ? error.retryAfter : null;
    return withRetryAfter(fullJitter(this.#failures, BACKOFF, random()), asked, random());
  }

  #answered(): void {
    const { alarms, clock, onWelcome } = this.#options;
    this.#failures = 0;
    this.#answeredMonotonic = clock.monotonic();
    for (const code of ["unreachable", "credential", "unpaired", "internal"] as const) {
      alarms.clear(code);
    }
    if (this.#state === "active") return;
    this.#state = "active";
    onWelcome();
  }

  async #exchange(access: SiteAccess, signal: AbortSignal): Promise<number> {
    const { facts, devices, queue } = this.#options;
    await this.#watch.look(access.agent, queue.laneHead(), signal);
    // Read together, once all that goes again waits: what is told as settled must be so.
    const stats = queue.stats();
    const head = queue.laneHead();
    let known = await facts.read(signal);
    const reports = devices.report(stats.perDevice);
    const heard = [...reports, ...devices.unknown()].map(({ serial }) => serial);
    const strange = [...new Set(heard)].filter((serial) => !known.devices.has(serial));
    if (await this.#board.addDevices(strange, access.agent, signal)) {
      known = await facts.read(signal, true);
    }
    // HR wrote it down before it called, and did not say whose it is.
    const unclaimed = heard.filter((serial) => known.devices.get(serial)?.agent === "");
    if (await this.#board.claimDevices(unclaimed, access.agent, signal)) {
      known = await facts.read(signal, true);
    }
    const mine = [...known.devices.values()].filter(({ agent }) => agent === access.agent);
    const { siteZone } = known;
    devices.apply(mine.map((one) => applied(one, { siteZone, begins: this.#watch.begins })));
    await this.#gaps.adopt(mine, siteZone, signal);
    const serials = new Set(mine.map(({ serial }) => serial));
    await this.#tellRuns(known, stats, signal);
    const unrun = new Set(queue.runs(MAX_RUNS).flatMap((run) => run.commandId ?? []));
    this.#isAwaited = unrun.size > 0;
    const given = { facts: known, mine: serials, unrun };
    const under = await this.#orders.exchange(given, signal);
    for (const report of reports) this.#noteSession(report, stats);
    await this.#tellGaps(known, serials, signal);
    await this.#lookAtWaiting([...serials], signal);
    await this.#lookForRemoved([...serials], signal);
    const seen = reports.filter(({ serial }) => serials.has(serial))
      .map((report) => this.#seen(report));
    await this.#tellBoard(access, { known, seen, stats, head }, signal);
    return under;
  }

  /** Windows, and among them what this agent itself lost for good: it is told once the site has them. */
  async #tellGaps(
    { siteZone }: FactsOfSite,
    serials: ReadonlySet<string>,
    signal: AbortSignal,
  ): Promise<void> {
    const { queue } = this.#options;
    const ended = queue.losses().filter(({ told, state }) => !told && state !== "open");
    for (const loss of ended.filter(({ state }) => state === "unrecoverable")) {
      for (const serial of serials) this.#gaps.noteLoss(serial, loss);
    }
    await this.#gaps.tell(siteZone, signal);
    if (serials.size > 0) { for (const { id, state } of ended) queue.lossTold(id, state); }
  }

  /** Runs are judged and told when what they read has arrived. */
  async #tellRuns(known: FactsOfSite, stats: QueueStats, signal: AbortSignal): Promise<void> {
    const { queue, holdings } = this.#options;
    const arrived = queue.runs(MAX_RUNS).filter(({ serial, outcome }) =>
      outcome === "failed" || (stats.perDevice.get(serial)?.pending ?? 0) === 0
    );
    const told = new Set(await this.#board.tellRuns(arrived, known.siteZone, signal));
    for (const run of arrived.filter(({ id }) => told.has(id))) {
      const timeZone = known.devices.get(run.serial)?.timeZone ?? known.siteZone;
      const decided = run.rejected === 0 || await holdings.isDecided(run.serial, signal);
      this.#gaps.noteRun(run, { timeZone, decided });
      if (run.commandId !== null) this.#orders.noteRun(run.commandId, run.id);
    }
    this.#gaps.keep();
    queue.forgetRuns([...told]);
  }

  #noteSession(report: SiteDeviceReport, stats: QueueStats): void {
    const at = (text: string | null) => text === null ? null : Date.parse(text);
    this.#gaps.noteSession(report.serial, {
      lastHeardAt: at(report.last_heard_at),
      unbrokenSince: at(report.unbroken_since),
      uploadIdle: report.upload_idle,
      pending: stats.perDevice.get(report.serial)?.pending ?? 0,
    });
  }

  async #lookAtWaiting(serials: readonly string[], signal: AbortSignal): Promise<void> {
    const now = this.#options.clock.monotonic();
    if (now - this.#reviewedAt < REVIEW_MS) return;
    const settled = await this.#review.turn(serials, signal);
    // While people release, the next page is not kept waiting.
    if (settled === 0) this.#reviewedAt = now;
  }

  /** One terminal and day in each turn. */
  async #lookForRemoved(serials: readonly string[], signal: AbortSignal): Promise<void> {
    const { clock, queue, site, log } = this.#options;
    const today = new Date(clock.now()).toISOString().slice(0, 10);
    const state = queue.getState("erpnext_removed") ?? "";
    const all = serials.length * REMOVED_DAYS;
    if (state === today || all === 0) return;
    const serial = serials[Math.floor(this.#removedTurn / REMOVED_DAYS)];
    const back = this.#removedTurn % REMOVED_DAYS;
    if (serial !== undefined) {
      const day = new Date(clock.now() - back * DAY_MS).toISOString().slice(0, 10);
      const marked = await markRemoved(site, queue.keysOfDay(serial, day), signal);
      if (marked > 0) log.info("check-ins were deleted by a person", { serial, day, marked });
    }
    this.#removedTurn += 1;
    if (this.#removedTurn < all) return;
    this.#removedTurn = 0;
    queue.setState("erpnext_removed", today);
  }

  #seen(report: SiteDeviceReport): Seen {
    const { serial } = report;
    const heard = report.last_heard_at ?? report.polled_at;
    const records = report.facts["punches"];
    return {
      serial,
      condition: report.state === "silent" ? "silent" : report.last_heard_at ? "heard" : "read",
      lastSeenAt: heard === null ? null : Date.parse(heard),
      completeUntil: this.#gaps.completeUntil(serial),
      onDevice: records === undefined ? null : Number(records),
      pending: report.pending,
      clockOffset: report.clock_offset_seconds,
    };
  }

  async #tellBoard(
    access: SiteAccess,
    { known, seen, stats, head }: {
      known: FactsOfSite;
      seen: readonly Seen[];
      stats: QueueStats;
      head: LaneHead;
    },
    signal: AbortSignal,
  ): Promise<void> {
    const { clock, alarms, version, identity } = this.#options;
    for (const one of seen) await this.#board.tellDevice(one, known.siteZone, signal);
    const syncMs = SYNC_MS * Math.max(1, Math.ceil(known.devices.size / SYNC_DEVICES));
    if (clock.monotonic() - this.#syncedAt >= syncMs) {
      const given = { known, setIt: access.setLastSync };
      this.#lastSync = (await this.#board.lastSync(seen, given, signal)).join("\n");
      this.#syncedAt = clock.monotonic();
    }
    const listed = alarms.list().map(({ code, message }) => `${code}: ${message}`);
    const values = {
      condition: listed.length > 0 ? "alarm" : "ok",
      version,
      parked: stats.parked,
      alarms: listed.join("\n").slice(0, 1_000),
      last_sync: this.#lastSync,
      public_key: identity.publicKey,
    };
    const { settled, mark } = this.#watch.next(stats.pending === 0 ? head.seq : null);
    const moving = {
      last_seen: siteTextOf(known.siteZone, clock.now()),
      pending: stats.pending,
      lane: head.lane,
      seq: head.seq,
      hash: head.hash,
      signature: await identity.sign(headText(head)),
      settled,
      mark,
    };
    if (await this.#board.tellAgent(access.agent, { values, moving }, signal)) {
      this.#watch.told(mark, head.lane);
    }
  }
}
