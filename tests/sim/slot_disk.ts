/**
 * The disk of the two places in memory, so that its power can be cut at any moment: every change goes through
 * the same model as the queue's power cuts (powerloss/replay.ts). What the real disk flushes (edge_agent/machine/slot_files.ts), this
 * one flushes, in the same order.
 */
import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { NotWhole } from "../../edge_agent/machine/packed_file.ts";
import type { SlotFiles } from "../../edge_agent/machine/slots.ts";
import type { Operation } from "./powerloss/replay.ts";

/** A file's bytes begin with this; a link's do not. */
const LINK = "link:";

export class SlotDisk implements SlotFiles {
  readonly operations: Operation[] = [];

  /** `sources`: files elsewhere that may be copied. */
  constructor(
    readonly files: Map<string, Uint8Array>,
    readonly sources: ReadonlyMap<string, Uint8Array>,
  ) {}

  readText(name: string): string | null {
    const bytes = this.files.get(name);
    return bytes === undefined ? null : new TextDecoder().decode(bytes);
  }

  writeText(name: string, text: string): void {
    this.#write(`${name}.part`, new TextEncoder().encode(text));
    this.#note("S", `${name}.part`);
    this.#rename(`${name}.part`, name);
  }

  target(name: string): string | null {
    const text = this.readText(name);
    return text?.startsWith(LINK) ? text.slice(LINK.length) : null;
  }

  relink(name: string, target: string): void {
    // A link's target is a part of its name: there with it or not at all.
    this.#write(`${name}.part`, new TextEncoder().encode(`${LINK}${target}`));
    this.#note("S", `${name}.part`);
    this.#rename(`${name}.part`, name);
  }

  place(source: string, name: string, sha256: string): Promise<void> {
    const bytes = this.sources.get(source) ?? new Uint8Array();
    // In pieces, so that a cut leaves a half.
    this.#note("C", `${name}.part`);
    this.#note("T", `${name}.part`);
    for (let at = 0; at < bytes.length; at += 64) {
      this.#note("W", `${name}.part`, bytes.subarray(at, at + 64), at);
    }
    this.files.set(`${name}.part`, bytes);
    this.#note("S", `${name}.part`);
    if (createHash("sha256").update(bytes).digest("hex") !== sha256) {
      return Promise.reject(new NotWhole(`${source} is not the file that was announced`));
    }
    this.#rename(`${name}.part`, name);
    return Promise.resolve();
  }

  isFile(name: string): boolean {
    return this.files.has(name);
  }

  removeIfThere(name: string): void {
    if (!this.files.delete(name)) return;
    this.#note("U", name);
    this.#note("S", "");
  }

  #write(name: string, bytes: Uint8Array): void {
    this.#note("C", name);
    this.#note("W", name, bytes);
    this.files.set(name, bytes);
  }

  #rename(from: string, to: string): void {
    const bytes = this.files.get(from) ?? new Uint8Array();
    this.files.delete(from);
    this.files.set(to, bytes);
    this.#note("R", from, Buffer.from(to));
    this.#note("S", "");
  }

  #note(op: Operation["op"], name: string, data: Uint8Array = new Uint8Array(), offset = 0): void {
    this.operations.push({ op, name, offset, data });
  }
}
