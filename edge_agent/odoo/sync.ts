/**
 * The sync with Odoo, every ten seconds: status, runs and results up; settings, commands, lane head,
 * audit heads and a new token down. Owns the loop and who is told what; must not know URLs, SQL or
 * what a command does.
 */
import { beat, fullJitter, withRetryAfter } from "../base/backoff.ts";
import { type Clock, instant } from "../base/clock.ts";
import { DAY_MS } from "../base/duration.ts";
import type { Log } from "../base/log.ts";
import { Loop } from "../base/loop.ts";
import { headText } from "../base/punch.ts";
import { AskedToWait, Gone, NotWelcome, TooLarge, Unreachable } from "../delivery/delivery.ts";
import type { Alarms } from "../health/health.ts";
import type { HeadState, LaneHead, Loss, LossState, QueueStats, Run } from "../queue/queue.ts";
import type { Countersigned, Witness } from "./countersign.ts";
import type { Identity } from "./identity.ts";
import type { Remembered } from "./remembered.ts";
import { CAN } from "./routes.ts";
import type { SyncAnswer } from "./shapes.ts";
import { lossBody, runBody, updateBody, type VersionsHere } from "./sync_bodies.ts";

export type OrderedCommand = SyncAnswer["commands"][number];

/** What the sync needs of the queue. */
export interface ControlQueue {
  laneHead(): LaneHead;
  compareHead(head: LaneHead): HeadState;
  stats(): QueueStats;
  /** Whether what was delivered stays beyond its days. */
  keepAll(keeps: boolean): void;
  runs(limit: number): Run[];
  forgetRuns(ids: readonly string[]): void;
  losses(): Loss[];
  lossTold(id: string, state: LossState): void;
}

/** One entry of `commands` in a sync. */
export interface ReportedCommand {
  readonly id: number;
  readonly state: "sent" | "done" | "failed";
  readonly return: number | null;
  readonly message: string;
}

export interface ControlOptions {
  readonly queue: ControlQueue;
  readonly sync: (
    status: Readonly<Record<string, unknown>>,
    signal: AbortSignal,
  ) => Promise<SyncAnswer>;
  readonly identity: Pick<
    Identity,
    "sign" | "rotate" | "confirmToken" | "tryPreviousToken" | "pairing"
  >;
  readonly witness: Pick<Witness, "countersign">;
  readonly remembered: Pick<Remembered, "questions" | "judge">;
  readonly devices: {
    /** In the form of docs/contract.md, `devices` and `unknown`. */
    report(counts: QueueStats["perDevice"]): readonly unknown[];
    unknown(): readonly unknown[];
    apply(devices: SyncAnswer["devices"]): void;
  };
  readonly commands: {
    order(command: OrderedCommand): "queued" | { readonly refused: string };
    results(): readonly ReportedCommand[];
    /** Odoo knows these results. */
    acknowledged(ids: readonly number[]): void;
  };
  readonly updates: {
    /** How this machine stands with updates; null where it never updates itself. */
    state(): VersionsHere | null;
    /** It is this agent's turn to fetch this version. */
    offered(version: string): void;
  };
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  readonly alarms: Pick<Alarms, "raise" | "clear" | "list">;
  readonly log: Log;
  readonly version: string;
  readonly host: { readonly name: string; readonly os: string; readonly arch: string };
  readonly syncSeconds: number;
  /** How many receipts have been settled since the start. */
  readonly receipts: () => number;
  readonly onHead: (head: LaneHead, state: HeadState) => void;
  /** From now on this agent may deliver. */
  readonly onWelcome: () => void;
}

const BACKOFF = { baseMs: 5_000, capMs: 60_000 };
const MAX_SYNC_SECONDS = 600;
const SLOW_MS = 60_000;
const FAILURES_TO_TELL = 3;

/** A refused agent asks with its former token this rarely: each time alarms Odoo. */
const FORMER_TOKEN_MS = DAY_MS;

const MAX_ERRORS = 20;
const MAX_RUNS = 100;
const MAX_RESULTS = 100;
const MAX_UNKNOWN = 100;

export class Control {
  readonly #options: ControlOptions;
  readonly #startedAt: number;
  readonly #startedMonotonic: number;
  readonly #loop: Loop;
  #failures = 0;
  /** How many runs are told at once: a run with many holes takes some 100 kB of the one MiB. */
  #listed = MAX_RUNS;
  #answeredMonotonic: number | null = null;
  #state: SyncAnswer["state"] | null = null;
  #formerTriedAt: number | null = null;
  #onFormer = false;
  /** In the state in which they are on their way. */
  #tellingLosses: readonly Loss[] = [];
  #countersigned: readonly Countersigned[] = [];
  /** Commands too odd for the book, refused and not acknowledged yet. */
  readonly #refused = new Map<number, string>();

  constructor(options: ControlOptions) {
    this.#options = options;
    const { clock, log } = options;
    this.#loop = new Loop({
      clock,
      log,
      turn: async () => ({ ms: await this.syncOnce() }),
      everyMs: SLOW_MS,
      complaint: "fault in the sync",
    });
    this.#startedAt = options.clock.now();
    this.#startedMonotonic = options.clock.monotonic();
  }

  /** What Odoo said last of this agent; null before its first answer. */
  get state(): SyncAnswer["state"] | null {
    return this.#state;
  }

  /** Ms since Odoo's latest proven answer, null for none since the start. */
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

  /** Does not wait for the next beat (just paired, a result to report). */
  syncSoon(): void {
    this.#loop.hurry();
  }

  /** One exchange; never throws. Returns how long to rest, in ms. */
  async syncOnce(): Promise<number> {
    const { identity, sync, log, random } = this.#options;
    if (identity.pairing === null) {
      this.#options.alarms.raise("unpaired", "this agent was never paired");
      return this.#options.syncSeconds * 1000;
    }
    const confirming = !identity.pairing.confirmed;
    try {
      const status = await this.#status(confirming);
      const receipts = this.#options.receipts();
      const answer = await sync(status, this.#loop.signal);
      if (confirming) identity.confirmToken();
      await this.#apply(answer, status);
      if (answer.head) this.#judgeHead(answer.head, receipts);
      const seconds = answer.sync_seconds ?? this.#options.syncSeconds;
      return beat(Math.min(seconds, MAX_SYNC_SECONDS) * 1000, random());
    } catch (error) {
      if (this.#loop.signal.aborted) return 0;
      if (error instanceof AskedToWait) {
        // Odoo is there; how long it did not answer, health says.
        log.info("asked to sync later", { detail: error.message });
        return withRetryAfter(BACKOFF.baseMs, error.retryAfter, random());
      }
      this.#failures += 1;
      log.warn("no sync", { error, failures: this.#failures });
      if (error instanceof NotWelcome) return this.#notWelcome(error);
      if (error instanceof TooLarge) this.#listed = Math.max(1, Math.floor(this.#listed / 2));
      if (this.#failures >= FAILURES_TO_TELL) {
        const isOurs = !(error instanceof Unreachable || error instanceof TooLarge);
        const message = error instanceof Error ? error.message : String(error);
        this.#options.alarms.raise(isOurs ? "internal" : "unreachable", message);
      }
      const asked = error instanceof Unreachable ? error.retryAfter : null;
      return withRetryAfter(fullJitter(this.#failures, BACKOFF, random()), asked, random());
    }
  }

  async #status(confirming: boolean): Promise<Record<string, unknown>> {
    const { queue, devices, commands } = this.#options;
    const stats = queue.stats();
    this.#tellingLosses = queue.losses().filter((loss) => !loss.told);
    return {
      agent: this.#agentStatus(stats),
      lane: await this.#signedHead(queue.laneHead()),
      devices: devices.report(stats.perDevice),
      unknown: devices.unknown().slice(0, MAX_UNKNOWN),
      runs: queue.runs(this.#listed).map(runBody),
      losses: this.#tellingLosses.map(lossBody),
      commands: this.#results(commands.results()),
      token_confirm: confirming,
      countersigned: this.#countersigned,
      can: CAN,
      remembered: this.#options.remembered.questions(this.#failures > 0),
    };
  }

  #agentStatus(stats: QueueStats): Record<string, unknown> {
    const { clock, version, host } = this.#options;
    return {
      version,
      started_at: instant(this.#startedAt),
      uptime_seconds: Math.floor((clock.monotonic() - this.#startedMonotonic) / 1000),
      host,
      clock: clock.trusted() ? "ok" : "unsure",
      clock_at: instant(clock.now()),
      queue: {
        pending: stats.pending,
        parked: stats.parked,
        oldest_pending_at: stats.oldestPendingAt === null ? null : instant(stats.oldestPendingAt),
        bytes: stats.bytes,
      },
      disk: { free_bytes: stats.freeBytes, total_bytes: stats.totalBytes },
      errors: this.#errors(stats),
      update: updateBody(this.#options.updates.state()),
    };
  }

  #errors(stats: QueueStats): unknown[] {
    const alarms = this.#options.alarms.list().map(({ code, message, at, count }) => ({
      code,
      message,
      at: instant(at),
      count,
    }));
    const damage = stats.damaged.map(({ kind, detail, at }) => ({
      code: kind,
      message: detail.slice(0, 300),
      at: instant(at),
      count: 1,
    }));
    const standing = stats.standing.map(({ code, detail }) => ({
      code,
      message: detail.slice(0, 300),
      at: instant(this.#options.clock.now()),
      count: 1,
    }));
    return [...alarms, ...damage, ...standing].slice(0, MAX_ERRORS);
  }

  async #signedHead(head: LaneHead): Promise<Record<string, unknown>> {
    const signature = await this.#options.identity.sign(headText(head));
    return { id: head.lane, seq: head.seq, hash: head.hash, signature };
  }

  #results(booked: readonly ReportedCommand[]): ReportedCommand[] {
    const inBook = new Set(booked.map((result) => result.id));
    const refused = [...this.#refused].filter(([id]) => !inBook.has(id)).map(([id, message]) => ({
      id,
      state: "failed" as const,
      return: null,
      message,
    }));
    return [...refused, ...booked].slice(0, MAX_RESULTS);
  }

  async #apply(answer: SyncAnswer, sent: Readonly<Record<string, unknown>>): Promise<void> {
    const { queue, devices, identity, witness, remembered, alarms, clock } = this.#options;
    this.#failures = 0;
    this.#listed = Math.min(MAX_RUNS, 2 * this.#listed);
    this.#onFormer = false;
    this.#answeredMonotonic = clock.monotonic();
    queue.keepAll(false);
    for (const code of ["unreachable", "credential", "gone", "unpaired", "internal"] as const) {
      alarms.clear(code);
    }
    if (answer.state === "waiting") alarms.raise("waiting", "waiting for the administrator's yes");
    else alarms.clear("waiting");
    this.#passOnClone(answer.clone ?? null);
    if (answer.update) this.#options.updates.offered(answer.update.version);
    if (typeof answer.new_token === "string") identity.rotate(answer.new_token);
    devices.apply(answer.devices);
    queue.forgetRuns(answer.runs_known);
    const known = new Set(answer.losses_known);
    for (const { id, state } of this.#tellingLosses) if (known.has(id)) queue.lossTold(id, state);
    this.#takeCommands(answer, sent);
    if (answer.state === "active") remembered.judge(answer);
    this.#countersigned = await witness.countersign(answer.audit_heads);
    const isNew = answer.state === "active" && this.#state !== "active";
    this.#state = answer.state;
    if (isNew) this.#options.onWelcome();
  }

  /**
   * The half of a clone whose numbers came first sees nothing odd by itself. What it is told is no finding of
   * its own (`clone`): Odoo would believe it and never be rid of it.
   */
  #passOnClone(told: SyncAnswer["clone"] | null): void {
    const { alarms } = this.#options;
    if (!told) return alarms.clear("clone_told");
    alarms.raise("clone_told", `Odoo, since ${instant(told.since)}: ${told.message}`);
  }

  /**
   * A receipt that came while the sync was on its way may tell of a batch that Odoo stored after it had
   * looked for the head: such a head is older than what we know and no sign of a restore. The receipt's
   * own head was judged with it, the next sync is seconds away.
   */
  #judgeHead(head: LaneHead, receiptsBefore: number): void {
    const { queue, receipts, onHead } = this.#options;
    if (receipts() === receiptsBefore) onHead(head, queue.compareHead(head));
  }

  /** A result that was sent and whose command is not listed again is known to Odoo. */
  #takeCommands(answer: SyncAnswer, sent: Readonly<Record<string, unknown>>): void {
    const { commands, log } = this.#options;
    const listed = new Set(answer.commands.map((command) => command.id));
    const known = finishedIn(sent).filter((id) => !listed.has(id));
    for (const id of known) this.#refused.delete(id);
    commands.acknowledged(known);
    if (answer.state !== "active") return;
    for (const command of answer.commands) {
      const outcome = commands.order(command);
      if (outcome === "queued") continue;
      if (this.#refused.has(command.id)) continue;
      this.#refused.set(command.id, outcome.refused.slice(0, 512));
      log.warn("command refused", { id: command.id, name: command.name, reason: outcome.refused });
    }
  }

  /** Odoo does not know the token: see whether it knows the one before, once a day. */
  #notWelcome(error: NotWelcome): number {
    const { alarms, identity, clock, random, log } = this.#options;
    const isGone = error instanceof Gone;
    alarms.raise(isGone ? "gone" : "credential", error.message);
    alarms.clear(isGone ? "credential" : "gone");
    // Its owner says when it goes, not the days of a queue whose company is at work.
    if (isGone) this.#options.queue.keepAll(true);
    const slow = Math.round(SLOW_MS * (1 + random()));
    if (this.#onFormer) {
      // Neither is known: go back to the newest.
      identity.tryPreviousToken();
      this.#onFormer = false;
      return slow;
    }
    const triedAt = this.#formerTriedAt;
    if (triedAt !== null && clock.monotonic() - triedAt < FORMER_TOKEN_MS) return slow;
    this.#formerTriedAt = clock.monotonic();
    if (!identity.tryPreviousToken()) return slow;
    this.#onFormer = true;
    log.warn("the token is not known; trying the one before");
    return 1_000;
  }
}

function finishedIn(sent: Readonly<Record<string, unknown>>): number[] {
  const results = Array.isArray(sent["commands"]) ? sent["commands"] : [];
  return results.filter((result) => result.state !== "sent").map((result) => Number(result.id));
}
