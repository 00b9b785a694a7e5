/**
 * What stands behind the executable in the one-file program, and what such a file may without being told
 * more exactly. Owns the writing of the tail; edge_agent/machine/packed_file.ts reads it.
 */
import { createHash } from "node:crypto";
import { MAGIC, type Manifest, TAIL_BYTES } from "../../edge_agent/machine/packed_file.ts";
import { COMMON_FLAGS } from "../../edge_agent/machine/permissions.ts";

/**
 * Where a person types a command. What the service may is narrower and known only with its settings:
 * `--permit FLAGS -- run`.
 */
export const ORDINARY_FLAGS: readonly string[] = [
  "--quiet",
  ...COMMON_FLAGS,
  "-RWNES",
  "--deny-run",
];

/** Of the commands that make a user, lay files and start a service. */
export const PRIVILEGED_FLAGS: readonly string[] = [
  "--quiet",
  ...COMMON_FLAGS,
  "-RWNES",
  "--allow-run",
];
export const PRIVILEGED_WORDS: readonly string[] = ["install", "uninstall", "update"];

/** The tail for an executable that is followed by `program`. `manifest` without its digest. */
export function packedTail(
  executable: Uint8Array,
  program: Uint8Array,
  manifest: Omit<Manifest, "sha256">,
): Uint8Array<ArrayBuffer> {
  const sha256 = createHash("sha256").update(executable).update(program).digest("hex");
  const text = new TextEncoder().encode(JSON.stringify({ ...manifest, sha256 }));
  const tail = new Uint8Array(program.length + text.length + TAIL_BYTES);
  tail.set(program);
  tail.set(text, program.length);
  const view = new DataView(tail.buffer, program.length + text.length);
  view.setBigUint64(0, BigInt(program.length), true);
  view.setBigUint64(8, BigInt(text.length), true);
  tail.set(new TextEncoder().encode(MAGIC), program.length + text.length + 16);
  return tail;
}
