/**
 * Two places for the one-file program, and which of them counts: `current` is what the service starts,
 * `confirmed` the last one that was seen to be well. A new version is laid into the place that is not
 * confirmed, tried, then confirmed or taken back. Owns the order of the steps, so that a power cut between
 * any two leaves one whole version to start; must not know where a version comes from or what well means.
 */
import { z } from "zod";

const PROGRAM_NAME = "biometric-agent";
const NAMES = ["a", "b"] as const;
export type SlotName = (typeof NAMES)[number];

/** Starts of the machine or of the watch that a trial may see before it is taken back. */
const MOST_STARTS = 3;

const trialSchema = z.object({
  version: z.string(),
  /** Epoch ms of the switch. */
  beganAt: z.number(),
  starts: z.int().min(0),
});
const refusedSchema = z.array(
  z.object({ version: z.string(), reason: z.string(), at: z.number() }),
);

export type Trial = z.output<typeof trialSchema>;
export type RefusedVersion = z.output<typeof refusedSchema>[number];

/** Files below one folder, by relative name. Each function is durable when it returns. */
export interface SlotFiles {
  /** Null when there is none. */
  readText(name: string): string | null;
  /** The whole file or what was there before, never a part. */
  writeText(name: string, text: string): void;
  /** What a link points to; null when there is none. */
  target(name: string): string | null;
  /** In one step: who looks sees the old target or the new one. */
  relink(name: string, target: string): void;
  /** Lays a copy of `source` at `name` once it has this SHA-256 (hex). Throws NotWhole else. */
  place(source: string, name: string, sha256: string): Promise<void>;
  isFile(name: string): boolean;
  removeIfThere(name: string): void;
}

/** Refused versions that are remembered. */
const MOST_REFUSED = 20;

export class Slots {
  readonly #files: SlotFiles;

  constructor(files: SlotFiles) {
    this.#files = files;
  }

  get current(): SlotName | null {
    return this.#linked("current");
  }

  get confirmed(): SlotName | null {
    return this.#linked("confirmed");
  }

  get trial(): Trial | null {
    return readJson(this.#files.readText("trial.json"), trialSchema);
  }

  /** Versions that were tried here and taken back, oldest first. */
  get refused(): readonly RefusedVersion[] {
    return readJson(this.#files.readText("refused.json"), refusedSchema) ?? [];
  }

  /** The first version, or one that a person lays without a trial. */
  async lay(source: string, sha256: string): Promise<void> {
    const slot = await this.#stage(source, sha256);
    this.#files.relink("current", slot);
    this.#files.relink("confirmed", slot);
    this.#files.removeIfThere("trial.json");
  }

  /** The new version is `current` when this resolves, and on trial. */
  async begin(
    source: string,
    { version, sha256 }: { version: string; sha256: string },
    now: number,
  ) {
    if (this.confirmed === null) throw new Error("there is no confirmed version to fall back to");
    const slot = await this.#stage(source, sha256);
    this.#files.writeText("trial.json", JSON.stringify({ version, beganAt: now, starts: 0 }));
    this.#files.relink("current", slot);
  }

  confirm(): void {
    const { current } = this;
    if (current === null) throw new Error("there is no current version");
    this.#files.relink("confirmed", current);
    this.#files.removeIfThere("trial.json");
  }

  /** Back to the confirmed version; `reason` is kept with the version that failed. */
  revert(reason: string, now: number): void {
    const { trial, confirmed } = this;
    if (confirmed === null) throw new Error("there is no confirmed version to go back to");
    if (trial !== null) {
      const refused = [...this.refused, { version: trial.version, reason, at: now }];
      this.#files.writeText("refused.json", JSON.stringify(refused.slice(-MOST_REFUSED)));
    }
    this.#files.relink("current", confirmed);
    this.#files.removeIfThere("trial.json");
  }

  /**
   * After a start of the machine or of the watch: what was cut short is ended. `trial`: a version is on
   * trial and has to be watched; `reverted`: it had its starts.
   */
  settle(now: number): "idle" | "trial" | "reverted" {
    const { trial, current, confirmed } = this;
    if (confirmed === null) {
      // Cut between the two links of the first installation.
      if (current !== null) this.#files.relink("confirmed", current);
      return "idle";
    }
    if (current === confirmed) {
      // The switch never came, or the confirmation was cut short of this.
      if (trial !== null) this.#files.removeIfThere("trial.json");
      return "idle";
    }
    if (trial === null || current === null) {
      this.#files.relink("current", confirmed);
      return "reverted";
    }
    if (trial.starts >= MOST_STARTS) {
      this.revert("did not get well within its starts", now);
      return "reverted";
    }
    this.#files.writeText("trial.json", JSON.stringify({ ...trial, starts: trial.starts + 1 }));
    return "trial";
  }

  async #stage(source: string, sha256: string): Promise<SlotName> {
    const slot = this.confirmed === "a" ? "b" : "a";
    await this.#files.place(source, `${slot}/${PROGRAM_NAME}`, sha256);
    return slot;
  }

  #linked(name: string): SlotName | null {
    const target = this.#files.target(name);
    const slot = NAMES.find((one) => one === target);
    return slot !== undefined && this.#files.isFile(`${slot}/${PROGRAM_NAME}`) ? slot : null;
  }
}

/** What is no such JSON counts as absent: a torn file must not keep a machine from its start. */
function readJson<T>(text: string | null, schema: z.ZodType<T>): T | null {
  if (text === null) return null;
  try {
    return schema.safeParse(JSON.parse(text)).data ?? null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
