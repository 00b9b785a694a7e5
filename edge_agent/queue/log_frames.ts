/**
 * SQLite's write-ahead log as bytes: which frames its checksums prove, and the one flipped bit that
 * keeps the rest from being read (https://www.sqlite.org/fileformat2.html, section 4). SQLite cuts the
 * log off at the first frame that does not prove itself, and passes over all of it when its header does
 * not. Pure; must not know files, nor what the pages hold.
 */

const HEADER_BYTES = 32;
const FRAME_HEADER_BYTES = 24;
/** What the checksum of a frame covers of its header: page number, size after commit. */
const COVERED_BYTES = 8;
/** The words of the checksum are little-endian with this number, big-endian with the next one. */
const MAGIC = 0x377f0682;
const FORMAT = 3_007_000;

export interface LogRepair {
  /** The log as it was before the bits flipped, without what follows its last commit. */
  readonly bytes: Uint8Array;
  /** What was mended, for people. */
  readonly mended: readonly string[];
  readonly pages: ReadonlyMap<number, Uint8Array>;
  /** Pages of the database after the last commit. */
  readonly size: number;
}

type Sum = readonly [number, number];

interface Frame {
  readonly page: number;
  /** 0 unless it ends a transaction. */
  readonly size: number;
  readonly data: Uint8Array;
}

/**
 * Null: not one commit can be proven, header or not. `mended` is empty for a log that SQLite reads as far
 * as anybody can.
 */
export function repairLog(log: Uint8Array, pageBytes: number): LogRepair | null {
  // The last bit of the magic number says how words are read: flipped, no sum is right any more.
  const stated = word(log, 0) !== MAGIC + 1;
  return repairAs(stated, log, pageBytes) ?? repairAs(!stated, log, pageBytes);
}

function repairAs(little: boolean, log: Uint8Array, pageBytes: number): LogRepair | null {
  const frameBytes = FRAME_HEADER_BYTES + pageBytes;
  const count = Math.floor((log.length - HEADER_BYTES) / frameBytes);
  if (count < 1) return null;
  const first = log.subarray(HEADER_BYTES);
  const header = headerOf(pageBytes, { log, first, little });
  const isSound = equal(header, log.subarray(0, HEADER_BYTES));
  const mended = isSound ? [] : ["its header"];
  const frames: Frame[] = [];
  // The sum that the header keeps is right when the flipped bit is elsewhere in it, and the other way round.
  let starts: Sum[] = [sumAt(log, 24), checksum([0, 0], log.subarray(0, 24), little)];
  let commits = 0;
  let mendedAtCommit = mended.length;
  for (let at = 0; at < count; at++) {
    const raw = frameAt(log, at, frameBytes);
    const next = at + 1 < count ? frameAt(log, at + 1, frameBytes) : null;
    const salts = header.subarray(16, 24);
    const around = {
      ...before(frames),
      after: next && equal(next.subarray(8, 16), salts) ? word(next, 0) : 0,
    };
    const readings = readFrame(raw, starts, { little, salts, around });
    const found = likeliest(readings, next, little);
    if (found === null) break;
    if (found.mended !== "") mended.push(`frame ${at + 1}, ${found.mended}`);
    frames.push(found.frame);
    starts = [found.sum];
    if (found.frame.size > 0) [commits, mendedAtCommit] = [frames.length, mended.length];
  }
  if (commits === 0) return null;
  const kept = frames.slice(0, commits);
  return {
    bytes: written(header, kept, little),
    mended: mended.slice(0, mendedAtCommit),
    pages: new Map(kept.map(({ page, data }) => [page, data])),
    size: kept.at(-1)?.size ?? 0,
  };
}

/** The header as it must have been: the salts stand in every frame as well. */
function headerOf(
  pageBytes: number,
  { log, first, little }: { log: Uint8Array; first: Uint8Array; little: boolean },
): Uint8Array {
  const header = log.slice(0, HEADER_BYTES);
  if (isProven(header, pageBytes, little)) return header;
  const view = new DataView(header.buffer);
  view.setUint32(0, little ? MAGIC : MAGIC + 1);
  view.setUint32(4, FORMAT);
  view.setUint32(8, pageBytes);
  header.set(first.subarray(8, 16), 16);
  putSum(header, 24, checksum([0, 0], header.subarray(0, 24), little));
  return header;
}

function isProven(header: Uint8Array, pageBytes: number, little: boolean): boolean {
  if (word(header, 0) !== (little ? MAGIC : MAGIC + 1)) return false;
  if (word(header, 4) !== FORMAT || word(header, 8) !== pageBytes) return false;
  return same(checksum([0, 0], header.subarray(0, 24), little), sumAt(header, 24));
}

function frameAt(log: Uint8Array, at: number, frameBytes: number): Uint8Array {
  return log.subarray(HEADER_BYTES + at * frameBytes, HEADER_BYTES + (at + 1) * frameBytes);
}

/** What stands around a frame. */
interface Around {
  /** Page of the frame before it in its transaction; 0 where it begins one. */
  readonly before: number;
  /** Pages of the database after the last commit; 0 where the log has none yet. */
  readonly size: number;
  /** Page of the next frame of the log; 0 where it is the last one. */
  readonly after: number;
}

function before(frames: readonly Frame[]): Pick<Around, "before" | "size"> {
  const last = frames.at(-1);
  return {
    before: last === undefined || last.size > 0 ? 0 : last.page,
    size: frames.findLast(({ size }) => size > 0)?.size ?? 0,
  };
}

/** Pages that a transaction may take without writing them. */
const UNWRITTEN_PAGES = 8;

/** What the first page of a database begins with, and no other. */
const FIRST_PAGE = new TextEncoder().encode("SQLite format 3\0");

/** Whether a page number and a size may stand here: SQLite writes the pages of a transaction in their order. */
function fits({ page, size, data }: Frame, around: Around): boolean {
  if (page <= around.before) return false;
  if ((page === 1) !== equal(FIRST_PAGE, data.subarray(0, FIRST_PAGE.length))) return false;
  // The last frame ends a transaction: one without an end is in no log that anybody mends.
  if (size === 0) return page < around.after;
  const least = Math.max(page, around.size);
  return size >= least && (around.size === 0 || size <= least + UNWRITTEN_PAGES);
}

/** What a frame may have been. */
interface Reading {
  readonly frame: Frame;
  /** From which the checksum of the next frame goes on. */
  readonly sum: Sum;
  readonly mended: string;
}

/**
 * A bit of the page's last word moves the checksum by one bit, as a bit of the checksum itself does. The
 * frame after it tells them apart: it goes on from what was summed up before the bit flipped.
 */
function likeliest(
  readings: readonly Reading[],
  next: Uint8Array | null,
  little: boolean,
): Reading | null {
  const [first, second] = readings;
  if (first === undefined || second === undefined || next === null) return first ?? null;
  const covered = coveredOf(next);
  const stored = sumAt(next, 16);
  return readings.find(({ sum }) => same(checksum(sum, covered, little), stored)) ?? first;
}

/** The likelier one first; none where the log ends before this frame, or more than a bit of it flipped. */
function readFrame(
  raw: Uint8Array,
  starts: readonly Sum[],
  { little, salts, around }: { little: boolean; salts: Uint8Array; around: Around },
): Reading[] {
  const stored = sumAt(raw, 16);
  const covered = coveredOf(raw);
  const isOurs = equal(raw.subarray(8, 16), salts);
  for (const start of starts) {
    if (!same(checksum(start, covered, little), stored)) continue;
    return [{ frame: frameOf(covered), sum: stored, mended: isOurs ? "" : "its salt" }];
  }
  // What an earlier round left behind the end looks like this, and is no damage.
  return isOurs ? starts.flatMap((start) => readDamaged(raw, start, { little, around })) : [];
}

function readDamaged(
  raw: Uint8Array,
  start: Sum,
  { little, around }: { little: boolean; around: Around },
): Reading[] {
  const stored = sumAt(raw, 16);
  const covered = coveredOf(raw);
  const sum = checksum(start, covered, little);
  const asFound = frameOf(covered);
  const found: Reading[] = [];
  if (bitsApart(sum, stored) === 1) {
    found.push({ frame: asFound, sum, mended: "a bit of its checksum" });
  }
  const bits = flippedBits(covered, sum, stored, little);
  if (bits.length > 0) {
    const { frame, mended } = mendedBy(bits, covered, around);
    found.push({ frame, sum: stored, mended });
  }
  return fits(asFound, around) ? found : found.reverse();
}

/** The frame as it was, where one of the bits alone gives one that may stand here. */
function mendedBy(
  bits: readonly number[],
  covered: Uint8Array,
  around: Around,
): Pick<Reading, "frame" | "mended"> {
  const fitting = bits.length === 1
    ? bits
    : bits.filter((bit) => fits(frameOf(flip(covered, bit)), around));
  const [bit, ...others] = fitting;
  if (bit === undefined || others.length > 0) {
    return {
      frame: frameOf(covered),
      mended: `one of ${bits.length} bits, left as it was found`,
    };
  }
  return { frame: frameOf(flip(covered, bit)), mended: `bit ${bit & 7} of byte ${bit >> 3}` };
}

function flip(bytes: Uint8Array, bit: number): Uint8Array {
  const other = bytes.slice();
  other[bit >> 3] = (other[bit >> 3] ?? 0) ^ (1 << (bit & 7));
  return other;
}

/** A copy of what the checksum covers: eight bytes of the frame's header and its page. */
function coveredOf(raw: Uint8Array): Uint8Array {
  const covered = new Uint8Array(raw.length - FRAME_HEADER_BYTES + COVERED_BYTES);
  covered.set(raw.subarray(0, COVERED_BYTES));
  covered.set(raw.subarray(FRAME_HEADER_BYTES), COVERED_BYTES);
  return covered;
}

function frameOf(covered: Uint8Array): Frame {
  return {
    page: word(covered, 0),
    size: word(covered, 4),
    data: covered.subarray(COVERED_BYTES),
  };
}

/**
 * The bits of which one flip gives the stored sum. The sum is linear in its words, so each word's weight in
 * it, counted from the end, says what flipping one of its bits would do. Of the highest bits of a word the
 * sum keeps too little to tell one word from all others: where the order of pages does not tell either, every
 * row is left to prove itself.
 */
function flippedBits(bytes: Uint8Array, sum: Sum, stored: Sum, little: boolean): number[] {
  const found: number[] = [];
  const wanted: Sum = [(stored[0] - sum[0]) >>> 0, (stored[1] - sum[1]) >>> 0];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let even: Sum = [1, 1];
  let odd: Sum = [0, 1];
  for (let at = bytes.length - 8; at >= 0; at -= 8) {
    for (const [offset, weight] of [[at, even], [at + 4, odd]] as const) {
      const value = view.getUint32(offset, little);
      for (let bit = 0; bit < 32; bit++) {
        const step = ((value >>> bit) & 1) === 1 ? -(2 ** bit) : 2 ** bit;
        const first = Math.imul(step | 0, weight[0]) >>> 0;
        if (first !== wanted[0] || Math.imul(step | 0, weight[1]) >>> 0 !== wanted[1]) continue;
        const byte = little ? bit >> 3 : 3 - (bit >> 3);
        found.push((offset + byte) * 8 + (bit & 7));
      }
    }
    even = [(even[0] + even[1]) | 0, (even[0] + 2 * even[1]) | 0];
    odd = [(odd[0] + odd[1]) | 0, (odd[0] + 2 * odd[1]) | 0];
  }
  return found;
}

function written(header: Uint8Array, frames: readonly Frame[], little: boolean): Uint8Array {
  const frameBytes = FRAME_HEADER_BYTES + (frames[0]?.data.length ?? 0);
  const log = new Uint8Array(HEADER_BYTES + frames.length * frameBytes);
  log.set(header);
  let sum = sumAt(header, 24);
  frames.forEach(({ page, size, data }, index) => {
    const at = HEADER_BYTES + index * frameBytes;
    const view = new DataView(log.buffer, at);
    view.setUint32(0, page);
    view.setUint32(4, size);
    log.set(header.subarray(16, 24), at + 8);
    log.set(data, at + FRAME_HEADER_BYTES);
    sum = checksum(checksum(sum, log.subarray(at, at + COVERED_BYTES), little), data, little);
    putSum(log, at + 16, sum);
  });
  return log;
}

function checksum([s0, s1]: Sum, bytes: Uint8Array, little: boolean): Sum {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let at = 0; at + 8 <= bytes.length; at += 8) {
    s0 = (s0 + view.getUint32(at, little) + s1) >>> 0;
    s1 = (s1 + view.getUint32(at + 4, little) + s0) >>> 0;
  }
  return [s0, s1];
}

function word(bytes: Uint8Array, at: number): number {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length).getUint32(at);
}

function sumAt(bytes: Uint8Array, at: number): Sum {
  return [word(bytes, at), word(bytes, at + 4)];
}

function putSum(bytes: Uint8Array, at: number, [s0, s1]: Sum): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  view.setUint32(at, s0);
  view.setUint32(at + 4, s1);
}

function same(a: Sum, b: Sum): boolean {
  return a[0] === b[0] && a[1] === b[1];
}

function bitsApart(a: Sum, b: Sum): number {
  const ones = (value: number) => (value >>> 0).toString(2).replaceAll("0", "").length;
  return ones(a[0] ^ b[0]) + ones(a[1] ^ b[1]);
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, at) => byte === b[at]);
}
