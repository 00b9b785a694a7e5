/**
 * What a damaged frame may have been, told by the frames around it: logs of made-up pages, in each of which one
 * rule alone says which of several bits flipped. Knows SQLite's log by its documentation, not by our reader.
 */
import assert from "node:assert/strict";
import { repairLog } from "../../../edge_agent/queue/log_frames.ts";
import { Dice } from "../../sim/dice.ts";

const PAGE = 4_096;
const HEADER = 32;
const FRAME = PAGE + 24;
const LITTLE_ENDIAN = 0x377f0682;
const FORMAT = 3_007_000;
const SALTS = [0x1234abcd, 0x77f00d11];
const SALTS_BEFORE = [0x1234abcc, 0x0badcafe];
/** Of each made-up log; in some of them a rule is not needed, because only one bit gives the sum. */
const SEEDS = 12;

/** Page, and pages of the database after the commit that it ends; 0 where it ends none. */
type Made = readonly [page: number, size: number];

function summed([s0, s1]: readonly number[], bytes: Uint8Array): number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let at = 0; at < bytes.length; at += 8) {
    s0 = (s0! + view.getUint32(at, true) + s1!) >>> 0;
    s1 = (s1! + view.getUint32(at + 4, true) + s0) >>> 0;
  }
  return [s0!, s1!];
}

function pageOf(page: number, dice: Dice): Uint8Array {
  const data = Uint8Array.from({ length: PAGE }, () => dice.below(256));
  if (page === 1) data.set(new TextEncoder().encode("SQLite format 3\0"));
  return data;
}

function logOf(made: readonly Made[], dice: Dice): Uint8Array {
  const log = new Uint8Array(HEADER + made.length * FRAME);
  const view = new DataView(log.buffer);
  [LITTLE_ENDIAN, FORMAT, PAGE, 0, ...SALTS].forEach((word, n) => view.setUint32(n * 4, word));
  let sum = summed([0, 0], log.subarray(0, 24));
  sum.forEach((word, n) => view.setUint32(24 + n * 4, word));
  made.forEach(([page, size], index) => {
    const at = HEADER + index * FRAME;
    [page, size, ...SALTS].forEach((word, n) => view.setUint32(at + n * 4, word));
    log.set(pageOf(page, dice), at + 24);
    sum = summed(summed(sum, log.subarray(at, at + 8)), log.subarray(at + 24, at + FRAME));
    sum.forEach((word, n) => view.setUint32(at + 16 + n * 4, word));
  });
  return log;
}

/** The same with a frame of an earlier round behind its end. */
function withOld(log: Uint8Array, dice: Dice): Uint8Array {
  const longer = new Uint8Array(log.length + FRAME);
  longer.set(log);
  const view = new DataView(longer.buffer, log.length);
  [7, 9, ...SALTS_BEFORE, 1, 2].forEach((word, n) => view.setUint32(n * 4, word));
  longer.set(pageOf(7, dice), log.length + 24);
  return longer;
}

/** Whether or not an earlier round left a frame behind the end. */
function assertMended(log: Uint8Array, harm: (bytes: Uint8Array) => void, what: string): void {
  for (const whole of [log, withOld(log, new Dice(3))]) {
    const harmed = whole.slice();
    harm(harmed);
    const found = repairLog(harmed, PAGE);
    assert.equal(found?.mended.length, 1, what);
    assert.doesNotMatch(found?.mended[0] ?? "", /left as it was found/, what);
    assert.deepEqual(found?.bytes, log, what);
  }
}

interface Case {
  readonly says: string;
  readonly made: readonly Made[];
  readonly frame: number;
  readonly field: "page" | "size";
  readonly damagedTo: number;
}

/** Red where the line of `fits`, or of what stands around a frame, that each is about is left out. */
const CASES: readonly Case[] = [
  {
    says: "no other page is the first one",
    made: [[3, 0], [4, 9]],
    frame: 0,
    field: "page",
    damagedTo: 1,
  },
  {
    says: "the first page lies nowhere else",
    made: [[1, 0], [4, 9]],
    frame: 0,
    field: "page",
    damagedTo: 3,
  },
  {
    says: "no page comes twice in a transaction, after",
    made: [[4, 0], [5, 9]],
    frame: 0,
    field: "page",
    damagedTo: 5,
  },
  {
    says: "no page comes twice in a transaction, before",
    made: [[4, 0], [5, 9]],
    frame: 1,
    field: "page",
    damagedTo: 4,
  },
  {
    says: "the last frame is a commit",
    made: [[4, 0], [5, 32]],
    frame: 1,
    field: "size",
    damagedTo: 0,
  },
  {
    says: "a file does not shrink below what it was",
    made: [[3, 20], [4, 20]],
    frame: 1,
    field: "size",
    damagedTo: 4,
  },
  {
    says: "a file does not grow by what was not written",
    made: [[3, 20], [4, 20]],
    frame: 1,
    field: "size",
    damagedTo: 84,
  },
  {
    says: "a file may grow by some pages that were not written",
    made: [[3, 20], [22, 30]],
    frame: 1,
    field: "size",
    damagedTo: 62,
  },
  {
    says: "of the first commit nobody knows what the size was",
    made: [[5, 0], [6, 40]],
    frame: 1,
    field: "page",
    damagedTo: 2,
  },
  {
    says: "the size is that of the newest commit before",
    made: [[3, 20], [4, 40], [25, 40]],
    frame: 2,
    field: "size",
    damagedTo: 32,
  },
];

for (const { says, made, frame, field, damagedTo } of CASES) {
  Deno.test(`R67 which bit flipped is told by the frames around: ${says}`, () => {
    const at = HEADER + frame * FRAME + (field === "page" ? 0 : 4);
    for (let seed = 0; seed < SEEDS; seed++) {
      const dice = new Dice(seed);
      const log = logOf(made, dice);
      const harm = (bytes: Uint8Array) => new DataView(bytes.buffer).setUint32(at, damagedTo);
      assertMended(log, harm, `seed ${seed}`);
    }
  });
}

// Red when a bit that alone gives the sum is left where the frame is an unusual one, as after a vacuum.
Deno.test("R67 a flipped bit that can be no other is put back, though the file shrank", () => {
  const log = logOf([[3, 20], [4, 12]], new Dice(1));
  for (const byte of [0, 4, 1_000, 4_088]) {
    const at = HEADER + FRAME + 24 + byte;
    assertMended(log, (bytes) => bytes[at] = bytes[at]! ^ 1, `byte ${byte}`);
  }
});

// Red when the last frame's page is changed where its checksum may have been hit as well: nothing after it tells.
Deno.test("R67 a flipped bit of the last checksum changes no page", () => {
  const log = logOf([[3, 20], [4, 20]], new Dice(2));
  for (let bit = 0; bit < 64; bit++) {
    const at = HEADER + FRAME + 16 + (bit >> 3);
    assertMended(log, (bytes) => bytes[at] = bytes[at]! ^ (1 << (bit & 7)), `bit ${bit}`);
  }
});

// Red when the queue is called damaged for a transaction that never ended: nothing of it was acknowledged.
Deno.test("R67 what is wrong behind the last commit is no damage", () => {
  const log = logOf([[3, 20], [4, 0]], new Dice(4));
  log[HEADER + FRAME + 24 + 1_000]! ^= 1;
  const found = repairLog(log, PAGE);
  assert.deepEqual(found?.mended, []);
  assert.deepEqual(found?.bytes, log.subarray(0, HEADER + FRAME));
});
