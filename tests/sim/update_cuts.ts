/**
 * Power cuts in the middle of updates. A machine takes up version after version, some get well and some do not;
 * at random points its power goes, with what a disk may then hold. Whatever is left must start one whole
 * version, and the next start of the machine must end what was begun. Seeded; the first broken promise throws.
 */
import { createHash } from "node:crypto";
import { Slots } from "../../edge_agent/machine/slots.ts";
import { Dice } from "./dice.ts";
import { Disk, MODES, type Operation } from "./powerloss/replay.ts";
import { SlotDisk } from "./slot_disk.ts";

const sha = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");
const PROGRAM = (version: number) => new TextEncoder().encode(`program ${version} `.repeat(40));
const VERSIONS = 6;

export interface Cuts {
  readonly cuts: number;
  readonly onTrial: number;
  readonly reverted: number;
}

/** One life: first installation, then updates, every change noted. */
async function live(dice: Dice, sources: ReadonlyMap<string, Uint8Array>): Promise<Operation[]> {
  const disk = new SlotDisk(new Map(), sources);
  const slots = new Slots(disk);
  await slots.lay("1", sha(PROGRAM(1)));
  for (let version = 2; version <= VERSIONS; version++) {
    await slots.begin(
      String(version),
      { version: `${version}.0.0`, sha256: sha(PROGRAM(version)) },
      0,
    );
    if (dice.chance(0.6)) slots.confirm();
    else slots.revert("not well", 0);
  }
  return disk.operations;
}

export async function cutUpdates(seed: number, cuts: number): Promise<Cuts> {
  const dice = new Dice(seed);
  const sources = new Map(
    Array.from({ length: VERSIONS }, (_, n) => [String(n + 1), PROGRAM(n + 1)] as const),
  );
  let onTrial = 0, reverted = 0;
  for (let cut = 0; cut < cuts; cut++) {
    const operations = await live(dice, sources);
    // Before the first version is laid whole there is nothing to start.
    const first = operations.findIndex(({ op, name }) => op === "R" && name === "confirmed.part") +
      2;
    const point = first + dice.below(operations.length - first + 1);
    const disk = new Disk();
    for (const operation of operations.slice(0, point)) disk.play(operation);
    const mode = MODES[dice.below(MODES.length)] ?? "lost";
    const image = disk.image({ mode, random: dice, strictDirectory: dice.chance(0.5) });
    const what = `seed ${seed}, cut ${cut} at ${point}, ${mode}`;
    const state = await startAfter(image, sources, what);
    if (state === "trial") onTrial += 1;
    if (state === "reverted") reverted += 1;
  }
  return { cuts, onTrial, reverted };
}

async function startAfter(
  image: Map<string, Uint8Array>,
  sources: ReadonlyMap<string, Uint8Array>,
  what: string,
): Promise<string> {
  const slots = new Slots(new SlotDisk(image, sources));
  runningVersion(slots, image, sources, `${what}, as found`);
  const state = slots.settle(0);
  const running = runningVersion(slots, image, sources, `${what}, after the start`);
  if (state !== "trial" && slots.current !== slots.confirmed) {
    throw new Error(`${what}: two versions count, none of them on trial`);
  }
  // Starts of the machine do not go on for ever with a version that nobody confirms.
  for (let starts = 0; starts < 6; starts++) slots.settle(0);
  if (slots.current !== slots.confirmed) throw new Error(`${what}: the trial never ends`);
  // And the next update goes as if nothing had been.
  const next = running === VERSIONS ? 1 : VERSIONS;
  await slots.begin(String(next), { version: `${next}.0.0`, sha256: sha(PROGRAM(next)) }, 0);
  if (runningVersion(slots, image, sources, `${what}, next update`) !== next) {
    throw new Error(`${what}: the next update does not run`);
  }
  return state;
}

/** Throws unless `current` is one whole version. */
function runningVersion(
  slots: Slots,
  image: ReadonlyMap<string, Uint8Array>,
  sources: ReadonlyMap<string, Uint8Array>,
  what: string,
): number {
  const { current } = slots;
  if (current === null) throw new Error(`${what}: nothing to start`);
  const found = sha(image.get(`${current}/biometric-agent`) ?? new Uint8Array());
  const [version] = [...sources].find(([, bytes]) => sha(bytes) === found) ?? [];
  if (version === undefined) throw new Error(`${what}: ${current} is no whole version`);
  return Number(version);
}
