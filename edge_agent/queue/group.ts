/**
 * Group commit: uploads that arrive together share one transaction and one fsync; a lone upload waits
 * for nothing but one turn of the event loop. Must not know SQL or who uploads.
 */
import { StoreUnavailable } from "../base/store_fault.ts";
import { type Intake, intake, Writer } from "./ingest.ts";
import type { Keeper } from "./keeper.ts";
import type { Store } from "./store.ts";
import type { Added, QueueClock, RandomBytes, StandingFault, Upload } from "./types.ts";

export interface GroupOptions {
  readonly keeper: Keeper;
  readonly clock: QueueClock;
  readonly randomBytes: RandomBytes;
  readonly defer: (work: () => void) => void;
}

interface Job {
  readonly intake: Intake;
  readonly resolve: (added: Added) => void;
  readonly reject: (fault: unknown) => void;
}

/** A group is committed at the latest after this many lines, or this long after its first. */
const GROUP_LINES = 5_000;
const GROUP_MS = 10;
/** How long a sighting counts as live, so that it goes out before a backlog. */
const LIVE_MS = 60_000;
const LIVE_STEP_MS = 1_000;
/** Commits by which the disk is judged, and for how long one counts. */
const COMMITS = 15;
const COMMIT_AGE_MS = 600_000;
/** More than this, ms, and terminals queue up behind one another. */
const SLOW_COMMIT_MS = 500;

export class Group {
  readonly #options: GroupOptions;
  #waiting: Job[] = [];
  #lines = 0;
  #firstAt = 0;
  readonly #commits: { readonly at: number; readonly ms: number }[] = [];
  /** When a sighting id was the newest: which ids are live. */
  #marks: { readonly at: number; readonly id: number }[] = [];

  constructor(options: GroupOptions) {
    this.#options = options;
  }

  add(upload: Upload): Promise<Added> {
    return new Promise((resolve, reject) => {
      const job = { intake: intake(upload), resolve, reject };
      this.#waiting.push(job);
      this.#lines += job.intake.punches.length + job.intake.rejects.length;
      if (this.#waiting.length > 1) return;
      this.#firstAt = this.#options.clock.monotonic();
      this.#flushSoon(1);
    });
  }

  /** Waits turn by turn while more comes in. */
  #flushSoon(seen: number): void {
    this.#options.defer(() => {
      const grown = this.#waiting.length > seen;
      const early = this.#options.clock.monotonic() - this.#firstAt < GROUP_MS;
      if (grown && early && this.#lines < GROUP_LINES) this.#flushSoon(this.#waiting.length);
      else this.flush();
    });
  }

  /** One commit for all that wait; all of them are answered the same way. */
  flush(): void {
    const jobs = this.#waiting;
    const lines = this.#lines;
    this.#waiting = [];
    this.#lines = 0;
    if (jobs.length === 0) return;
    const { keeper, clock, randomBytes } = this.#options;
    let newest = 0;
    let added: Added[];
    const began = clock.monotonic();
    try {
      keeper.requireRoom(lines);
      added = keeper.write((store) => {
        newest = store.lastId;
        const writer = new Writer(store, clock, randomBytes, lines);
        const written = jobs.map((job) => writer.write(job.intake));
        writer.finish();
        return written;
      });
    } catch (fault) {
      for (const job of jobs) job.reject(fault);
      return;
    }
    this.#took(clock.monotonic() - began);
    keeper.noteTail();
    this.#mark(newest);
    jobs.forEach((job, at) => job.resolve(added[at] as Added));
    if (keeper.isCheckpointDue(lines)) this.#options.defer(() => this.#checkpoint());
  }

  /** After the answers have gone out; a disk that fails shows in the keeper's state. */
  #checkpoint(): void {
    try {
      this.#options.keeper.checkpoint();
    } catch (fault) {
      if (!(fault instanceof StoreUnavailable)) throw fault;
    }
  }

  /** Median of the latest commits, ms; null when there was none for a while. */
  get commitMs(): number | null {
    const now = this.#options.clock.monotonic();
    const recent = this.#commits.filter(({ at }) => now - at <= COMMIT_AGE_MS)
      .map(({ ms }) => ms).sort((a, b) => a - b);
    return recent[Math.floor(recent.length / 2)] ?? null;
  }

  /** Said while the card is too slow for the terminals that wait for it. */
  get slow(): readonly StandingFault[] {
    const ms = this.commitMs;
    if (ms === null || ms <= SLOW_COMMIT_MS) return [];
    const detail = `slow storage: ${Math.round(ms)} ms a commit; use another card`;
    return [{ code: "slow_storage", detail }];
  }

  #took(ms: number): void {
    this.#commits.push({ at: this.#options.clock.monotonic(), ms });
    if (this.#commits.length > COMMITS) this.#commits.shift();
  }

  /** The first sighting id that is live. */
  liveFrom(store: Store): number {
    const now = this.#options.clock.monotonic();
    const oldest = this.#marks.find((mark) => now - mark.at <= LIVE_MS);
    return (oldest?.id ?? store.lastId) + 1;
  }

  /** `id`: the newest sighting before the group that was just committed. */
  #mark(id: number): void {
    const now = this.#options.clock.monotonic();
    const newest = this.#marks.at(-1);
    if (newest === undefined || now - newest.at >= LIVE_STEP_MS) this.#marks.push({ at: now, id });
    const second = this.#marks[1];
    if (second !== undefined && now - second.at > LIVE_MS) this.#marks.shift();
  }
}
