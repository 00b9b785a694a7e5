/**
 * Takes batches from the queue to Odoo: one in flight, receipts only, and when to try again.
 * Owns pacing; must not know SQL, URLs or tokens. A sighting stops waiting by `settle` with a
 * receipt, or by `park` when isolation.ts has convicted it; by nothing else.
 */
import { fullJitter, withRetryAfter } from "../base/backoff.ts";
import type { Clock } from "../base/clock.ts";
import type { Log } from "../base/log.ts";
import { Loop } from "../base/loop.ts";
import type { Sighting } from "../base/punch.ts";
import { StoreUnavailable } from "../base/store_fault.ts";
import type { Alarms } from "../health/health.ts";
import type { HeadState, LaneHead, SettleResult, Taken } from "../queue/queue.ts";
import {
  AskedToWait,
  type Batch,
  type Destination,
  Gone,
  NotWelcome,
  type Receipt,
  TooLarge,
  Unreachable,
  Waiting,
} from "./destination.ts";
import { Isolation } from "./isolation.ts";

export {
  AskedToWait,
  type Batch,
  type Destination,
  Gone,
  type Holdings,
  type KeysByDay,
  NotWelcome,
  type Receipt,
  TooLarge,
  Unreachable,
  type UserList,
  Waiting,
} from "./destination.ts";
export {
  type ByteAnswer,
  DestinationHttp,
  NoAnswer,
  type RawAnswer,
  readRetryAfter,
} from "./http.ts";
export { SelfCheck } from "./self_check.ts";
export { UserRelay } from "./users.ts";

/** What delivery needs of the queue. */
export interface DeliveryQueue {
  take(limit: number): Taken | null;
  settle(receipt: Receipt): Omit<SettleResult, "unknown">;
  park(seq: number, reason: string, lane: string): boolean;
  rewind(head: LaneHead): number;
  leaveLane(kind: "older_copy" | "forked_lane", detail: string): number | null;
}

export interface DeliveryOptions {
  readonly queue: DeliveryQueue;
  readonly destination: Destination;
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  readonly batchId: () => string;
  readonly batchSize: number;
  readonly alarms: Pick<Alarms, "raise" | "clear">;
  readonly log: Log;
  /** For metrics. */
  readonly onOutcome?: (outcome: Outcome, sightings: number) => void;
}

export type Outcome =
  | "idle"
  | "receipt"
  | "unreachable"
  | "asked_to_wait"
  | "too_large"
  | "not_welcome"
  | "waiting"
  | "storage"
  | "fault"
  | "stopped";

export interface Turn {
  readonly outcome: Outcome;
  /** How long to rest; ended early by `wake` when idle, by `retryNow` always. */
  readonly waitMs: number;
}

const BACKOFF = { baseMs: 1_000, capMs: 60_000 };

/** One lost answer is no alarm. */
const FAILURES_TO_TELL = 3;

const ENDED_BY_RECEIPT = [
  "unreachable",
  "credential",
  "gone",
  "waiting",
  "storage",
  "internal",
] as const;

/** 401 and 403: said loudly, tried slowly. */
const SLOW_MS = 60_000;

/** Odoo's reason when another leaf has the number. */
const NUMBER_TAKEN = "seq_conflict";

/** Whatever a destination asks: a punch is to be visible soon. */
const MAX_GATHER_MS = 2_000;

/** A branch that gets nothing through for so long is told of, whatever the reason. */
const ASKED_TO_TELL_MS = 60_000;

/** What came so lately is seen by people, and few of it costs the destination no turn. */
const JUST_NOW_MS = 60_000;
const FEW = 50;

/** `wake` shortens it; a queue that was filled behind our back is seen all the same. */
const IDLE_MS = 1_000;

export class Delivery {
  readonly #options: DeliveryOptions;
  readonly #isolation: Isolation<Sighting>;
  #failures = 0;
  readonly #loop: Loop;
  #receipts = 0;
  /** Until when only what came just now is sent. */
  #backlogAt = -Infinity;
  /** Until when nothing is sent: not even few were taken. */
  #fewAt = -Infinity;
  /** Since when nothing but "come later" was heard. */
  #askedSince: number | null = null;

  constructor(options: DeliveryOptions) {
    this.#options = options;
    this.#isolation = new Isolation(options.batchSize);
    const { clock, log } = options;
    this.#loop = new Loop({
      clock,
      log,
      turn: async () => {
        const { outcome, waitMs } = await this.deliverOnce();
        return { ms: waitMs, idle: outcome === "idle" || outcome === "asked_to_wait" };
      },
      everyMs: BACKOFF.capMs,
      complaint: "fault in delivery",
    });
  }

  /** Receipts settled since the start. */
  get receipts(): number {
    return this.#receipts;
  }

  start(): void {
    this.#loop.start();
  }

  /** Gives up the request in flight; its sightings stay pending. */
  stop(): Promise<void> {
    return this.#loop.stop();
  }

  /** Something was queued. Does not shorten a wait that follows a failure. */
  wake(): void {
    this.#loop.wake();
  }

  /** The reason for waiting has gone (approved, paired, new token). */
  retryNow(): void {
    this.#failures = 0;
    this.#backlogAt = this.#fewAt = -Infinity;
    this.#loop.hurry();
  }

  /** One batch at most. Never throws; the outcome says how long to wait. */
  async deliverOnce(): Promise<Turn> {
    let sent: readonly Sighting[] = [];
    try {
      const batch = this.#nextBatch();
      if (batch === null) return this.#rest();
      sent = batch.sightings;
      const receipt = await this.#options.destination.postPunches(batch, this.#loop.signal);
      this.#settle(batch, receipt);
      return this.#step("receipt", this.#gatherMs(batch, receipt), sent.length);
    } catch (error) {
      if (this.#loop.signal.aborted) return this.#step("stopped", 0, sent.length);
      return this.#failed(error, sent);
    }
  }

  /** Nothing to send now. */
  #rest(): Turn {
    const left = Math.ceil(this.#backlogAt - this.#options.clock.monotonic());
    return left > 0 ? this.#step("asked_to_wait", left, 0) : this.#step("idle", IDLE_MS, 0);
  }

  #nextBatch(): Batch | null {
    const { queue, batchId, destination } = this.#options;
    const waiting = queue.take(this.#isolation.wanted);
    const sightings = this.#inTurn(waiting?.sightings ?? []);
    if (waiting === null || sightings.length === 0) return null;
    const chosen = this.#isolation.choose(waiting.lane, sightings, waiting.sightings);
    const batch = { batchId: batchId(), lane: waiting.lane, sightings: chosen };
    return fitted(batch, destination);
  }

  /** While the backlog was asked to wait, what came just now goes alone: few punches need no turn. */
  #inTurn(waiting: readonly Sighting[]): readonly Sighting[] {
    const { clock } = this.#options;
    const now = clock.monotonic();
    if (now >= this.#backlogAt) return waiting;
    if (now < this.#fewAt) return [];
    const from = clock.now() - JUST_NOW_MS;
    return waiting
      .filter((one) => one.kind !== "leaf" && Date.parse(one.receivedAt) >= from)
      .slice(0, FEW);
  }

  /** A full batch has nothing to wait for: it gathers more than the next post can carry. */
  #gatherMs({ sightings }: Batch, { waitMs = 0 }: Receipt): number {
    if (sightings.length >= this.#options.batchSize) return 0;
    return Math.min(waitMs, MAX_GATHER_MS);
  }

  #settle(batch: Batch, receipt: Receipt): void {
    const { queue, log, alarms } = this.#options;
    const { lane, head, verdicts } = receipt;
    const settled = queue.settle({ lane, head, verdicts });
    this.#failures = 0;
    this.#askedSince = null;
    this.#receipts += 1;
    for (const seq of this.#isolation.succeeded(batch.sightings)) {
      if (!queue.park(seq, "odoo_cannot_take_it", lane)) continue;
      alarms.raise("poison", `sighting ${seq} of lane ${lane} is parked`);
    }
    for (const code of ENDED_BY_RECEIPT) {
      alarms.clear(code);
    }
    log.debug("receipt", {
      sent: batch.sightings.length,
      stored: settled.stored,
      duplicate: settled.duplicate,
      quarantined: settled.quarantined,
      rejected: settled.rejected,
    });
    this.#noteRefused(receipt, settled);
    // What was told of a number that is taken is told: the head of that lane says the same once more.
    const isTold = verdicts.some(({ reason }) => reason === NUMBER_TAKEN);
    if (head !== null && !isTold) this.headSeen({ lane, ...head }, settled.head);
  }

  #noteRefused(receipt: Receipt, settled: Pick<SettleResult, "forked">): void {
    const { alarms } = this.#options;
    const taken = receipt.verdicts.find(({ reason }) => reason === NUMBER_TAKEN);
    if (taken !== undefined) {
      const then = settled.forked ? "began a new lane" : "it is parked";
      alarms.raise("clone", `number ${taken.seq} is taken by another sighting; ${then}`);
    }
    const refused = receipt.verdicts.find((verdict) =>
      verdict.verdict === "rejected" && verdict.reason !== NUMBER_TAKEN
    );
    if (refused !== undefined) {
      alarms.raise("poison", `Odoo refused sighting ${refused.seq}: ${refused.reason ?? ""}`);
    }
  }

  /** What a lane head of Odoo means, from a receipt or a sync. */
  headSeen(head: LaneHead, state: HeadState): void {
    const { queue, alarms } = this.#options;
    switch (state) {
      case "same":
        return;
      case "behind": {
        const again = queue.rewind(head);
        alarms.raise("odoo_went_back", `Odoo's head is ${head.seq}; ${again} sightings go again`);
        return this.retryNow();
      }
      case "ahead": {
        const detail = `Odoo's head is ${head.seq}, beyond what this queue gave`;
        const moved = queue.leaveLane("older_copy", detail);
        if (moved === null) return alarms.raise("old_copy", `${detail}; once more within an hour`);
        alarms.raise("old_copy", `${detail}; ${moved} sightings wait in a new lane`);
        return this.retryNow();
      }
      case "taken": {
        const detail = `number ${head.seq} of this lane, not delivered yet, holds something else`;
        alarms.raise("clone", detail);
        if (queue.leaveLane("forked_lane", detail) !== null) this.retryNow();
        return;
      }
      case "tampered":
        return alarms.raise("tamper", `Odoo's head ${head.seq} has another hash than delivered`);
    }
  }

  #failed(error: unknown, sent: readonly Sighting[]): Turn {
    const { alarms, random, log } = this.#options;
    if (error instanceof AskedToWait) return this.#askedToWait(error, sent);
    this.#failures += 1;
    const waitMs = fullJitter(this.#failures, BACKOFF, random());
    const message = error instanceof Error ? error.message : String(error);
    log.warn("no receipt", {
      detail: message,
      sent: sent.length,
      failures: this.#failures,
      waitMs,
    });
    if (error instanceof Waiting) {
      alarms.raise("waiting", message);
      return this.#step("waiting", SLOW_MS, sent.length);
    }
    if (error instanceof NotWelcome) {
      const isGone = error instanceof Gone;
      alarms.raise(isGone ? "gone" : "credential", message);
      alarms.clear(isGone ? "credential" : "gone");
      return this.#step("not_welcome", Math.round(SLOW_MS * (1 + random())), sent.length);
    }
    const persists = this.#failures >= FAILURES_TO_TELL;
    if (error instanceof TooLarge) {
      this.#isolation.failed(sent, { tooLarge: true });
      if (persists) alarms.raise("unreachable", message);
      return this.#step("too_large", waitMs, sent.length);
    }
    if (error instanceof Unreachable) {
      if (error.contentMayBeCause) this.#isolation.failed(sent);
      if (persists) alarms.raise("unreachable", message);
      const wait = withRetryAfter(waitMs, error.retryAfter, random());
      return this.#step("unreachable", wait, sent.length);
    }
    // Nothing was settled, so the batch simply goes again.
    if (error instanceof StoreUnavailable) {
      alarms.raise("storage", message);
      return this.#step("storage", waitMs, sent.length);
    }
    alarms.raise("internal", message);
    return this.#step("fault", waitMs, sent.length);
  }

  /** A backlog may wait its turn for hours; nobody is told before nothing at all got through for so long. */
  #askedToWait(error: AskedToWait, sent: readonly Sighting[]): Turn {
    const { alarms, random, log, clock } = this.#options;
    const now = clock.monotonic();
    this.#askedSince ??= now;
    // A wait of 0 would be asked for again and again.
    const waitMs = withRetryAfter(IDLE_MS, error.retryAfter, random());
    this.#backlogAt = now + waitMs;
    if (sent.length <= FEW) this.#fewAt = this.#backlogAt;
    log.info("asked to come later", { detail: error.message, sent: sent.length });
    if (now - this.#askedSince >= ASKED_TO_TELL_MS) alarms.raise("unreachable", error.message);
    return this.#step("asked_to_wait", sent.length > FEW ? 0 : Math.ceil(waitMs), sent.length);
  }

  #step(outcome: Outcome, waitMs: number, sightings: number): Turn {
    this.#options.onOutcome?.(outcome, sightings);
    return { outcome, waitMs };
  }
}

/** As much of the batch as is taken at once: long rejects can make 1,000 sightings exceed 1 MiB. */
function fitted(batch: Batch, destination: Destination): Batch {
  let fitting = batch;
  while (fitting.sightings.length > 1 && !destination.fits(fitting)) {
    const half = Math.ceil(fitting.sightings.length / 2);
    fitting = { ...batch, sightings: batch.sightings.slice(0, half) };
  }
  return fitting;
}
