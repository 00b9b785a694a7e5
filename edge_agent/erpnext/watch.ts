/**
 * Whether the site is still the one it was, this queue the latest of its lane, and this machine the only one that
 * speaks as this agent: told by the agent's own document, read back. Owns the mark that goes up with every
 * report, and what follows from a document that another one wrote. Must not know requests or terminals.
 */
import type { Clock } from "../base/clock.ts";
import { DAY_MS, MINUTE_MS } from "../base/duration.ts";
import { NotWelcome } from "../delivery/delivery.ts";
import type { Alarms } from "../health/health.ts";
import type { HeadState, LaneHead } from "../queue/queue.ts";
import type { Board, ToldOfAgent } from "./board.ts";

const LOOK_MS = MINUTE_MS;
const MARK = "erpnext_mark";
/** Epoch ms of this queue's first look at the site. */
const BEGAN = "erpnext_began";
/** So long a queue is a new one. */
const BEGINNING_MS = DAY_MS;
/** Lane and number after which all went again: a head that stays there means no other machine. */
const REWOUND = "erpnext_rewound";

export interface WatchOptions {
  readonly board: Pick<Board, "toldBy">;
  readonly publicKey: string;
  readonly queue: {
    laneHead(): LaneHead;
    /** Everything above that number waits again; how many. */
    rewind(head: LaneHead): number;
    compareHead(head: LaneHead): HeadState;
    /** How many wait in the new lane; null within an hour of the last time. */
    leaveLane(kind: "older_copy" | "forked_lane", detail: string): number | null;
    getState(name: string): string | null;
    setState(name: string, value: string): void;
  };
  readonly clock: Pick<Clock, "monotonic" | "now">;
  readonly alarms: Pick<Alarms, "raise">;
  readonly onRestored: () => void;
}

export class SiteWatch {
  readonly #options: WatchOptions;
  #lookedAt = -Infinity;
  /** Number in the lane at the last moment when nothing waited. */
  #settled = 0;
  /** Lane in this process's own latest report, which is what the document holds now. */
  #toldLane: string | null = null;

  constructor(options: WatchOptions) {
    this.#options = options;
  }

  /** For the next report; `settled`: the head of the lane where nothing waits, else null. */
  next(settled: number | null): { readonly settled: number; readonly mark: number } {
    if (settled !== null) this.#settled = settled;
    return { settled: this.#settled, mark: this.#mark() + 1 };
  }

  /** The report with this mark, of this lane, is on the site. */
  told(mark: number, lane: string): void {
    this.#options.queue.setState(MARK, String(mark));
    this.#toldLane = lane;
  }

  /** This queue is new: an earlier one, whose disk was lost, may have acknowledged what it never delivered. */
  get begins(): boolean {
    const { queue, clock } = this.#options;
    const began = queue.getState(BEGAN);
    return began !== null && clock.now() - Number(began) < BEGINNING_MS;
  }

  /** Once a minute. Throws the errors of a destination. */
  async look(agent: string, head: LaneHead, signal?: AbortSignal): Promise<void> {
    const { board, clock, queue } = this.#options;
    if (clock.monotonic() - this.#lookedAt < LOOK_MS) return;
    const told = await board.toldBy(agent, signal);
    if (told === null) {
      throw new NotWelcome(`the site has no agent ${agent}: run provision-erpnext`);
    }
    this.#lookedAt = clock.monotonic();
    if (queue.getState(MARK) === null && queue.getState(BEGAN) === null) {
      queue.setState(BEGAN, String(clock.now()));
    }
    const mark = this.#mark();
    // Goes on from the site's mark, whoever wrote it: an agent with a new disk that began anew would hide a restore,
    // and a copy of this machine that reported less would look like one.
    if (told.mark > mark) queue.setState(MARK, String(told.mark));
    if (this.#isAnothers(agent, told, head)) return;
    if (told.mark < mark) return this.#wentBack(told, mark);
    if (told.lane === head.lane) this.#settled = Math.max(this.#settled, told.settled);
  }

  #mark(): number {
    return Number(this.#options.queue.getState(MARK) ?? 0);
  }

  /** Marks of two machines that write one document say nothing of a restore. */
  #isAnothers(agent: string, told: ToldOfAgent, head: LaneHead): boolean {
    const { alarms, publicKey, queue, onRestored } = this.#options;
    const twice = `another machine speaks to the site as ${agent}, too`;
    const toldLane = this.#toldLane;
    if (toldLane !== null && told.public_key !== "" && told.public_key !== publicKey) {
      alarms.raise("clone", twice);
      return true;
    }
    // A copy has the same key. It left the lane that both had, and this one is told of it here alone.
    const isElsewhere = told.lane !== toldLane && told.lane !== head.lane;
    if (toldLane !== null && isElsewhere && told.mark >= this.#mark()) {
      alarms.raise("clone", `${twice}: it goes on in the lane ${told.lane}`);
      return true;
    }
    if (told.lane !== head.lane || told.seq === 0) return false;
    if (queue.getState(REWOUND) === `${told.lane} ${told.seq}`) return false;
    const state = queue.compareHead({ lane: told.lane, seq: told.seq, hash: told.hash });
    if (state === "same" || state === "behind") return false;
    const detail = `number ${told.seq} of this lane is another one on the site`;
    if (state !== "ahead") {
      alarms.raise("clone", `${twice}: ${detail}`);
      if (queue.leaveLane("forked_lane", detail) !== null) onRestored();
      return true;
    }
    const older = `the site was told of number ${told.seq}, beyond what this queue gave`;
    const moved = queue.leaveLane("older_copy", older);
    alarms.raise(
      "old_copy",
      moved === null ? `${older}; once more within an hour` : `${older}; terminals are read again`,
    );
    if (moved !== null) onRestored();
    return true;
  }

  /**
   * A site that was restored from a backup: everything that was not settled when it was made goes again, and what
   * is still there is found there.
   */
  #wentBack(told: ToldOfAgent, mark: number): void {
    const { alarms, onRestored, queue } = this.#options;
    this.#settled = 0;
    // What the document holds is what was told before that copy was made.
    this.#toldLane = null;
    const since = { lane: told.lane, seq: told.settled, hash: "" };
    const again = queue.rewind(since) || queue.rewind({ ...queue.laneHead(), seq: 0 });
    alarms.raise(
      "erpnext_went_back",
      `the site is of an earlier time (mark ${told.mark} of ${mark}); ${again} sightings go again`,
    );
    queue.setState(REWOUND, `${told.lane} ${told.settled}`);
    queue.setState(MARK, String(told.mark));
    onRestored();
  }
}
