/**
 * The one file that is laid on a machine: an executable, behind it the program, behind that what the file
 * says of itself. Owns the layout of that tail and whether a file is whole; must not know how an
 * executable is made (dev/pack does that) nor who wants to run it.
 *
 *     executable | program | manifest (JSON) | u64 program bytes | u64 manifest bytes | magic (8 bytes)
 */
import { createHash } from "node:crypto";
import { z } from "zod";

export const MAGIC = "BMAGENT1";
export const TAIL_BYTES = 24;

/** Bytes of a manifest that are read at most; the SBOM is most of it. */
const MAX_MANIFEST_BYTES = 4 * 1024 * 1024;
const PIECE_BYTES = 1024 * 1024;

const manifestSchema = z.object({
  name: z.literal("biometric-agent"),
  version: z.string().regex(/^\d+\.\d+\.\d+$/),
  /** Of the repository it was made from; "unknown" outside of one. */
  commit: z.string().max(64),
  deno: z.string().max(32),
  architecture: z.enum(["x86_64", "aarch64"]),
  /** Hex, of every byte before the manifest. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  permissions: z.object({
    /** What a person's commands may. */
    ordinary: z.array(z.string()),
    /** What these words may: they make users, lay files and start services. */
    privileged: z.array(z.string()),
    privilegedWords: z.array(z.string()),
    /** What the running service may with the default settings and no address of Odoo. */
    service: z.array(z.string()),
  }),
  /** The root of trust for updates (metadata.ts); null: this file was made without. */
  updateRoot: z.record(z.string(), z.unknown()).nullable(),
  /** CycloneDX 1.6. */
  sbom: z.record(z.string(), z.unknown()),
});

export type Manifest = z.output<typeof manifestSchema>;

/** The file is not one of ours, or not as it was made. The message is a sentence for a person. */
export class NotWhole extends Error {
  override readonly name = "NotWhole";
}

/** What a file says of itself, unproven. Throws NotWhole. */
export function readManifest(path: string): Manifest {
  const file = Deno.openSync(path);
  try {
    return manifestOf(file).manifest;
  } finally {
    file.close();
  }
}

/** What a file says of itself, once every byte of it was read and agrees. Throws NotWhole. */
export async function provenManifest(path: string): Promise<Manifest> {
  const file = await Deno.open(path);
  try {
    const { manifest, startsAt } = manifestOf(file);
    const digest = await digestOf(file, startsAt);
    if (digest !== manifest.sha256) throw new NotWhole("the file was changed after it was made");
    return manifest;
  } finally {
    file.close();
  }
}

function manifestOf(file: Deno.FsFile): { manifest: Manifest; startsAt: number } {
  const { size } = file.statSync();
  const tail = read(file, size - TAIL_BYTES, TAIL_BYTES);
  const view = new DataView(tail.buffer);
  const length = Number(view.getBigUint64(8, true));
  const startsAt = size - TAIL_BYTES - length;
  if (new TextDecoder().decode(tail.subarray(16)) !== MAGIC) {
    throw new NotWhole("this is no file of the agent, or its end is missing");
  }
  if (length > MAX_MANIFEST_BYTES || startsAt < 0) throw new NotWhole("the end is damaged");
  try {
    const text = new TextDecoder().decode(read(file, startsAt, length));
    return { manifest: manifestSchema.parse(JSON.parse(text)), startsAt };
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof z.ZodError) {
      throw new NotWhole("the file does not say what it is", { cause: error });
    }
    throw error;
  }
}

function read(file: Deno.FsFile, at: number, length: number): Uint8Array<ArrayBuffer> {
  if (at < 0) throw new NotWhole("the file is too short to be the agent");
  const bytes = new Uint8Array(length);
  file.seekSync(at, Deno.SeekMode.Start);
  for (let have = 0; have < length;) {
    const count = file.readSync(bytes.subarray(have));
    if (count === null) throw new NotWhole("the file ends early");
    have += count;
  }
  return bytes;
}

/** SHA-256 in hex of a whole file. */
export async function sha256OfFile(path: string): Promise<string> {
  using file = await Deno.open(path);
  return await digestOf(file, (await file.stat()).size);
}

/** SHA-256 in hex of the first `length` bytes. Other work goes on between the pieces. */
async function digestOf(file: Deno.FsFile, length: number): Promise<string> {
  const hash = createHash("sha256");
  const piece = new Uint8Array(PIECE_BYTES);
  await file.seek(0, Deno.SeekMode.Start);
  for (let left = length; left > 0;) {
    const count = await file.read(piece.subarray(0, Math.min(left, piece.length)));
    if (count === null) throw new NotWhole("the file ends early");
    hash.update(piece.subarray(0, count));
    left -= count;
  }
  return hash.digest("hex");
}
