/**
 * What a loss of the queue has come to: as many punches came again as were lost, or every terminal was
 * asked for all it holds and that is not proven. Owns when a note of damage is closed; must not know how
 * terminals are asked, nor SQL.
 */
import type { Clock } from "../base/clock.ts";
import { MINUTE_MS } from "../base/duration.ts";
import type { Log } from "../base/log.ts";
import { wallTimeAt } from "../base/zone.ts";
import type { Loss, LossState, QueueStats } from "../queue/queue.ts";

export interface LossOptions {
  readonly queue: {
    needsReread(serial: string): boolean;
    heal(id: number): boolean;
    losses(): Loss[];
    cameAgain(id: string, serial: string, window: { from: string; to: string }): number;
    setLossState(id: string, state: LossState): void;
  };
  readonly clock: Clock;
  readonly log: Log;
}

interface Asked {
  readonly serial: string;
  readonly timeZone: string;
}

const JUDGE_MS = MINUTE_MS;
/** The last punches before a loss may bear a time a little ahead of ours. */
const AHEAD_MS = 5_000;
const EARLIEST_WALL = "2000-01-01 00:00:00";

export class LossBook {
  readonly #options: LossOptions;
  #judgedAt = -Infinity;

  constructor(options: LossOptions) {
    this.#options = options;
  }

  /** `asked`: the terminals that are asked again; `read`: one of them was read to its end just now. */
  tend(asked: readonly Asked[], stats: QueueStats, read: boolean): void {
    if (asked.length === 0) return;
    const { queue, clock } = this.#options;
    const allRead = !asked.some(({ serial }) => queue.needsReread(serial));
    const isDue = clock.monotonic() - this.#judgedAt >= JUDGE_MS;
    if (read || isDue) {
      this.#judgedAt = clock.monotonic();
      for (const loss of queue.losses()) {
        // What is told as not coming is looked at again only when a terminal has sent more.
        if (loss.state === "open" || (loss.state === "unrecoverable" && read)) {
          this.#judge(loss, asked, allRead);
        }
      }
    }
    this.#closeNotes(stats, allRead);
  }

  #judge(loss: Loss, asked: readonly Asked[], allRead: boolean): void {
    const { queue, log } = this.#options;
    const came = loss.lost === null ? 0 : this.#cameAgain(loss, asked);
    const isBack = loss.lost !== null && came >= loss.lost;
    const state = isBack ? "read_again" : allRead ? "unrecoverable" : loss.state;
    if (state === loss.state) return;
    queue.setLossState(loss.id, state);
    const { lane, cause, lost } = loss;
    log.info("a loss was judged", { lane, cause, lost, came, state });
  }

  /** After a damaged file the names of earlier punches are gone too, so that those come as new. */
  #cameAgain(loss: Loss, asked: readonly Asked[]): number {
    const isNewFile = loss.cause === "damaged_file";
    return asked.reduce((sum, { serial, timeZone }) => {
      const from = isNewFile && loss.from !== null
        ? wallTimeAt(timeZone, loss.from)
        : EARLIEST_WALL;
      const to = wallTimeAt(timeZone, loss.to + AHEAD_MS);
      return sum + this.#options.queue.cameAgain(loss.id, serial, { from, to });
    }, 0);
  }

  /**
   * A loss whose punches are not back stays until Odoo holds it as a gap, or a person acknowledges it. A
   * damaged row of its own is not healed by reading again: a person looks at it.
   */
  #closeNotes(stats: QueueStats, allRead: boolean): void {
    const { queue } = this.#options;
    const open = stats.damaged.filter((note) => note.kind !== "damaged_row");
    if (open.length === 0) return;
    const losses = queue.losses();
    for (const { id, kind } of open) {
      const own = losses.filter(({ cause }) => cause === kind);
      if (own.some(({ state, told }) => state === "open" || !told && state !== "read_again")) {
        continue;
      }
      const isBack = own.length > 0 && own.every(({ state }) => state === "read_again");
      if (allRead || isBack) queue.heal(id);
    }
  }
}
