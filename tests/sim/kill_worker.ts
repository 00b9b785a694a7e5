/**
 * The process that is killed: adds punches of its own generation and some of the one before, writes
 * every acknowledged key to `acks`, delivers to `odoo`. Arguments: directory, generation.
 */
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { punchKey } from "../../edge_agent/base/punch.ts";
import { Queue } from "../../edge_agent/queue/queue.ts";
import { punchesOf, upload } from "./queue_kit.ts";

const [directory, generation] = Deno.args as [string, string];
const PER_GENERATION = 10_000;
const encoder = new TextEncoder();
const append = (name: string) => {
  const file = Deno.openSync(join(directory, name), { create: true, append: true });
  return (lines: string[]) =>
    void file.writeSync(encoder.encode(lines.map((l) => l + "\n").join("")));
};
const acknowledge = append("acks");
const deliver = append("odoo");
const queue = new Queue({
  directory,
  clock: { now: () => Date.now(), monotonic: () => performance.now(), trusted: () => true },
  randomBytes: (length) => randomBytes(length),
  minFreeBytes: 0,
});
queue.start();
const first = Math.max(0, Number(generation) * PER_GENERATION - 20);
for (let from = first;; from += 3) {
  await Promise.all(["K1", "K2", "K3"].map(async (serial) => {
    const punches = punchesOf(from, 3, { serial });
    await queue.add(upload(punches));
    acknowledge(punches.map(punchKey));
  }));
  const batch = from % 5 === 0 ? queue.take(40) : null;
  const last = batch?.sightings.at(-1);
  if (batch === null || last === undefined) continue;
  deliver(batch.sightings.flatMap((s) => (s.kind === "punch" ? [s.key] : [])));
  queue.settle({
    lane: batch.lane,
    head: { seq: last.seq, hash: last.hash },
    verdicts: batch.sightings.map(({ seq }) => ({ seq, verdict: "stored" as const })),
  });
  if (from % 50 === 0) queue.tend();
}
