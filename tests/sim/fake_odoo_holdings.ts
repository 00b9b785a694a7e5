/** What a pretended Odoo holds: takes batches of the queue, answers the confirm questions. */
import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import type { Queue } from "../../edge_agent/queue/queue.ts";

export class FakeHoldings {
  readonly keys = new Set<string>();
  /** Raw texts of unreadable lines it was sent, and of those a person has decided about. */
  readonly rejects = new Set<string>();
  readonly decided = new Set<string>();
  /** Keys by serial and day of wall time. */
  readonly #days = new Map<string, Set<string>>();
  #head = { seq: 0, hash: "" };
  unreachable = false;
  /** Questions that found nobody. */
  refusals = 0;

  /** Takes all that is pending and gives receipts; how many. */
  deliver(queue: Queue): number {
    let delivered = 0;
    for (let batch = queue.take(1000); batch !== null; batch = queue.take(1000)) {
      if (batch.sightings.length === 0) break;
      for (const sighting of batch.sightings) {
        if (sighting.kind === "punch") this.#hold(sighting.serial, sighting.wallTime, sighting.key);
        if (sighting.kind === "reject") this.rejects.add(sighting.raw);
        if (sighting.seq > this.#head.seq) this.#head = sighting;
      }
      const verdicts = batch.sightings.map(({ seq }) => ({ seq, verdict: "stored" as const }));
      const { seq, hash } = this.#head;
      queue.settle({ lane: batch.lane, head: { seq, hash }, verdicts });
      delivered += batch.sightings.length;
    }
    return delivered;
  }

  #hold(serial: string, wallTime: string, key: string): void {
    this.keys.add(key);
    const name = `${serial} ${wallTime.slice(0, 10)}`;
    const day = this.#days.get(name) ?? new Set();
    this.#days.set(name, day.add(key));
  }

  /** Restored from a backup: these keys are gone. */
  forget(keys: Iterable<string>): void {
    for (const key of keys) {
      this.keys.delete(key);
      for (const day of this.#days.values()) day.delete(key);
    }
  }

  confirmDays(serial: string, days: readonly { day: string; digest: string }[]): Promise<string[]> {
    this.#answer();
    return Promise.resolve(
      days.filter(({ day, digest }) => {
        const keys = [...this.#days.get(`${serial} ${day}`) ?? []].sort().join("\n");
        return createHash("sha256").update(Buffer.from(keys)).digest("hex") !== digest;
      }).map(({ day }) => day),
    );
  }

  confirmKeys(_serial: string, keys: readonly string[]): Promise<string[]> {
    this.#answer();
    return Promise.resolve(keys.filter((key) => !this.keys.has(key)));
  }

  confirmRejects(_serial: string, digests: readonly string[]): Promise<string[]> {
    this.#answer();
    const known = new Set(
      [...this.decided].filter((raw) => this.rejects.has(raw)).map((raw) =>
        createHash("sha256").update(raw).digest("hex")
      ),
    );
    return Promise.resolve(digests.filter((digest) => !known.has(digest)));
  }

  #answer(): void {
    if (!this.unreachable) return;
    this.refusals++;
    throw new Error("Odoo is unreachable");
  }
}
