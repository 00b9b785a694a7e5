/**
 * One executable of an unmodified Deno and a program: one more segment, aligned for the largest page of
 * any kernel, that holds a start stub, arguments and the program as a data: URL; the entry point is the
 * stub's. Nothing is unpacked at start. Owns the ELF and the table the stub reads; must not know what the
 * program is or which permissions it needs.
 *
 * What the stub does before it jumps to Deno's own entry:
 * - `FILE WORD …` becomes `FILE run ORDINARY PROGRAM WORD …`, with PRIVILEGED in place of ORDINARY when
 *   WORD is one of the privileged words;
 * - `FILE --permit FLAGS -- WORD …` becomes `FILE run FLAGS PROGRAM WORD …`: for a service whose exact
 *   permissions are known only where it is installed. They are seen in /proc/PID/cmdline;
 * - when the variable that switches off Deno's question for updates is not set, it starts the file anew
 *   with it.
 *
 * Table behind the stub (u64 each, offsets from its begin): N; Deno's entry; variable; "run"; program;
 * words, each ended by a zero, the last one empty; N ordinary arguments; N privileged ones.
 */
import { EM_AARCH64, EM_X86_64, STUBS } from "./stub.ts";

/** Largest page that Linux uses on 64-bit ARM; a multiple of 4 and 16 KiB. */
export const SEGMENT_ALIGNMENT = 0x10000;

const PT_LOAD = 1;
const PT_NOTE = 4;
const READ_EXECUTE = 5;
const ELF_MAGIC = 0x7f454c46;
const PROGRAM_HEADER_BYTES = 56;
const TABLE_HEAD = 48;
const VARIABLE = "DENO_NO_UPDATE_CHECK=1";

export interface Contents {
  /** One ES module without imports but `node:`. */
  readonly program: Uint8Array<ArrayBuffer>;
  /** Flags of `deno run` for every word that is not privileged. */
  readonly ordinary: readonly string[];
  readonly privileged: readonly string[];
  readonly privilegedWords: readonly string[];
}

export interface Segment {
  readonly type: number;
  readonly offset: number;
  readonly address: number;
  readonly fileBytes: number;
  readonly memoryBytes: number;
  readonly alignment: number;
}

export interface Elf {
  readonly machine: "x86_64" | "aarch64";
  readonly entry: number;
  readonly segments: readonly Segment[];
}

const MACHINES: ReadonlyMap<number, Elf["machine"]> = new Map(
  [[EM_X86_64, "x86_64"], [EM_AARCH64, "aarch64"]] as const,
);

/** Throws when these are not the bytes of a 64-bit x86 or ARM executable. */
export function readElf(bytes: Uint8Array): Elf {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const machine = bytes.length < 64 || view.getUint32(0) !== ELF_MAGIC
    ? undefined
    : MACHINES.get(view.getUint16(18, true));
  if (machine === undefined) throw new Error("not an executable for 64-bit x86 or ARM");
  const first = Number(view.getBigUint64(32, true));
  const segments = Array.from({ length: view.getUint16(56, true) }, (_, index) => {
    const at = first + index * PROGRAM_HEADER_BYTES;
    const field = (offset: number) => Number(view.getBigUint64(at + offset, true));
    return {
      type: view.getUint32(at, true),
      offset: field(8),
      address: field(16),
      fileBytes: field(32),
      memoryBytes: field(40),
      alignment: field(48),
    };
  });
  return { machine, entry: Number(view.getBigUint64(24, true)), segments };
}

/** The file. Throws when `deno` is no such executable, or was packed before. */
export function packElf(deno: Uint8Array, contents: Contents): Uint8Array<ArrayBuffer> {
  const { entry, segments } = readElf(deno);
  const note = segments.findIndex(({ type }) => type === PT_NOTE);
  if (note < 0) throw new Error("no note header to put the program's segment in the place of");
  const view = new DataView(deno.buffer, deno.byteOffset, deno.byteLength);
  const stub = STUBS.get(view.getUint16(18, true));
  if (stub === undefined) throw new Error("there is no start stub for this machine");
  const ends = segments.filter(({ type }) => type === PT_LOAD)
    .map(({ address, memoryBytes }) => address + memoryBytes);
  const address = roundUp(Math.max(...ends));
  const offset = roundUp(deno.length);
  const table = makeTable(contents, entry - (address + stub.length));
  const out = new Uint8Array(offset + stub.length + table.length);
  out.set(deno);
  out.set(stub, offset);
  out.set(table, offset + stub.length);
  const made = new DataView(out.buffer);
  made.setBigUint64(24, BigInt(address), true);
  const header = Number(view.getBigUint64(32, true)) + note * PROGRAM_HEADER_BYTES;
  made.setUint32(header, PT_LOAD, true);
  made.setUint32(header + 4, READ_EXECUTE, true);
  const size = stub.length + table.length;
  for (
    const [field, value] of [
      [8, offset],
      [16, address],
      [24, address],
      [32, size],
      [40, size],
      [48, SEGMENT_ALIGNMENT],
    ] as const
  ) made.setBigUint64(header + field, BigInt(value), true);
  return out;
}

function roundUp(size: number): number {
  return Math.ceil(size / SEGMENT_ALIGNMENT) * SEGMENT_ALIGNMENT;
}

function makeTable(contents: Contents, entry: number): Uint8Array<ArrayBuffer> {
  const program = `data:text/javascript;base64,${contents.program.toBase64()}`;
  const lists = [contents.ordinary, contents.privileged];
  const count = contents.ordinary.length + 2;
  if (contents.privileged.length + 2 !== count || count % 2 === 1) {
    throw new Error("both lists of flags need the same, even length: it keeps the stack aligned");
  }
  const strings = [VARIABLE, "run", program, [...contents.privilegedWords, ""].join("\0")];
  const [variableAt = 0, runAt = 0, programAt = 0, wordsAt = 0] = strings.keys();
  const place = (text: string) => {
    const known = strings.indexOf(text);
    return known >= 0 ? known : strings.push(text) - 1;
  };
  const rows = lists.map((list) => [runAt, ...list.map(place), programAt]);
  const encoded = strings.map((text) => new TextEncoder().encode(`${text}\0`));
  const head = TABLE_HEAD + 8 * count * lists.length;
  const offsets = encoded.map((_, index) =>
    head + encoded.slice(0, index).reduce((sum, { length }) => sum + length, 0)
  );
  const out = new Uint8Array(head + encoded.reduce((sum, { length }) => sum + length, 0));
  const view = new DataView(out.buffer);
  const at = (index: number) => offsets[index] ?? 0;
  const numbers = [
    count,
    entry,
    ...[variableAt, runAt, programAt, wordsAt].map(at),
    ...rows.flat().map(at),
  ];
  numbers.forEach((value, index) => view.setBigInt64(8 * index, BigInt(value), true));
  encoded.forEach((text, index) => out.set(text, offsets[index]));
  return out;
}
