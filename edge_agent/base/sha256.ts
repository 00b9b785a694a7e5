/**
 * SHA-256 (FIPS 180-4) of short texts without an object for each: three digests are made for every punch,
 * and the hash objects of node:crypto are freed so seldom that a burst of uploads held 100 MB of them.
 * The compression function is put together here as WebAssembly, once, at the start. Pure; must not know
 * what is hashed.
 */
import { createHash } from "node:crypto";

/** Operations of WebAssembly that are used. */
const OP = {
  loop: 0x03,
  end: 0x0b,
  brIf: 0x0d,
  get: 0x20,
  set: 0x21,
  tee: 0x22,
  load: 0x28,
  store: 0x36,
  constant: 0x41,
  less: 0x49,
  add: 0x6a,
  and: 0x71,
  or: 0x72,
  xor: 0x73,
  shiftRight: 0x76,
  rotateLeft: 0x77,
  rotateRight: 0x78,
} as const;
const I32 = 0x7f;
const EMPTY = 0x40;

type Code = readonly number[];

function unsigned(value: number): number[] {
  const bytes: number[] = [];
  for (; value > 0x7f; value >>>= 7) bytes.push(value & 0x7f | 0x80);
  return [...bytes, value];
}

function signed(value: number): number[] {
  const bytes: number[] = [];
  for (; value < -0x40 || value > 0x3f; value >>= 7) bytes.push(value & 0x7f | 0x80);
  return [...bytes, value & 0x7f];
}

const constant = (value: number): Code => [OP.constant, ...signed(value | 0)];
const get = (local: number): Code => [OP.get, local];
const set = (local: number, value: Code): Code => [...value, OP.set, local];
const join = (operation: number, first: Code, ...rest: Code[]): Code =>
  rest.reduce((code, next) => [...code, ...next, operation], first);
const rotate = (value: Code, bits: number): Code => join(OP.rotateRight, value, constant(bits));

/** Words are kept with their first byte highest, WebAssembly loads it lowest. */
function swapped(value: Code): Code {
  return [
    ...join(
      OP.and,
      join(OP.rotateLeft, [...value, OP.tee, SPARE], constant(8)),
      constant(0xff00ff),
    ),
    ...join(OP.and, rotate(get(SPARE), 8), constant(0xff00ff00)),
    OP.or,
  ];
}

const ROUNDS = 64;
const BLOCK_BYTES = 64;
// Locals: two parameters, the state, the eight working variables, sixteen words of the schedule.
const AT = 0, END = 1, STATE = 2, WORK = 10, WORDS = 18, SPARE = 34, LOCALS = 33;
const EIGHT = [0, 1, 2, 3, 4, 5, 6, 7] as const;

const PRIMES = primes(ROUNDS);
const fraction = (value: number) => Math.floor((value % 1) * 2 ** 32) | 0;
/** 4.2.2: of the cube roots of the first 64 primes. */
const ROUND_CONSTANTS = PRIMES.map((prime) => fraction(Math.cbrt(prime)));
/** 5.3.3: of the square roots of the first eight. */
const START = PRIMES.slice(0, 8).map((prime) => fraction(Math.sqrt(prime)));

function primes(count: number): number[] {
  const found: number[] = [];
  for (let next = 2; found.length < count; next++) {
    if (found.every((prime) => next % prime !== 0)) found.push(next);
  }
  return found;
}

/** 6.2.2 step 1: the word of a round, kept in the place of the word sixteen rounds before. */
function scheduled(round: number): Code {
  const word = (back: number) => get(WORDS + (round - back) % 16);
  const small = (back: number, [one, two, shift]: readonly [number, number, number]) =>
    join(
      OP.xor,
      rotate(word(back), one),
      rotate(word(back), two),
      join(OP.shiftRight, word(back), constant(shift)),
    );
  const sum = join(OP.add, word(16), small(15, [7, 18, 3]), word(7), small(2, [17, 19, 10]));
  return set(WORDS + round % 16, sum);
}

/** 6.2.2 step 3; instead of moving the variables, each round names them one place further. */
function round(at: number): Code {
  const [a, b, c, d, e, f, g, h] = EIGHT.map((no) => WORK + (no - at % 8 + 8) % 8) as [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const big = (local: number, bits: readonly number[]) =>
    join(OP.xor, ...bits.map((count) => rotate(get(local), count)) as [Code, Code, Code]);
  const choice = join(OP.xor, get(g), join(OP.and, get(e), join(OP.xor, get(f), get(g))));
  const majority = join(
    OP.or,
    join(OP.and, get(a), get(b)),
    join(OP.and, get(c), join(OP.or, get(a), get(b))),
  );
  const first = join(
    OP.add,
    get(h),
    big(e, [6, 11, 25]),
    choice,
    constant(ROUND_CONSTANTS[at] as number),
    get(WORDS + at % 16),
  );
  return [
    ...(at < 16 ? [] : scheduled(at)),
    ...set(SPARE, first),
    ...set(d, join(OP.add, get(d), get(SPARE))),
    ...set(h, join(OP.add, get(SPARE), big(a, [2, 13, 22]), majority)),
  ];
}

/** `digest(at, end)`: blocks in memory from `at` to `end` -> 32 bytes at 0. */
function body(): Code {
  const rounds = Array.from({ length: ROUNDS }, (_, at) => round(at)).flat();
  const words = Array.from({ length: 16 }, (_, at) => at);
  return [
    ...EIGHT.flatMap((no) => set(STATE + no, constant(START[no] as number))),
    ...[OP.loop, EMPTY],
    ...words.flatMap((no) =>
      set(WORDS + no, swapped([...get(AT), OP.load, 2, ...unsigned(no * 4)]))
    ),
    ...EIGHT.flatMap((no) => set(WORK + no, get(STATE + no))),
    ...rounds,
    ...EIGHT.flatMap((no) => set(STATE + no, join(OP.add, get(STATE + no), get(WORK + no)))),
    ...set(AT, join(OP.add, get(AT), constant(BLOCK_BYTES))),
    ...join(OP.less, get(AT), get(END)),
    ...[OP.brIf, 0, OP.end],
    ...EIGHT.flatMap((no) => [
      ...constant(0),
      ...swapped(get(STATE + no)),
      ...[OP.store, 2, no * 4],
    ]),
    OP.end,
  ];
}

interface Exports {
  readonly memory: WebAssembly.Memory;
  digest(at: number, end: number): void;
}

function assembled(): Exports {
  const section = (id: number, content: Code) => [id, ...unsigned(content.length), ...content];
  const name = (text: string) => [text.length, ...new TextEncoder().encode(text)];
  const code = [1, LOCALS, I32, ...body()];
  const module = new WebAssembly.Module(Uint8Array.from([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [1, 0x60, 2, I32, I32, 0]),
    ...section(3, [1, 0]),
    ...section(5, [1, 0, 1]),
    ...section(7, [2, ...name("memory"), 2, 0, ...name("digest"), 0, 0]),
    ...section(10, [1, ...unsigned(code.length), ...code]),
  ]));
  return new WebAssembly.Instance(module).exports as unknown as Exports;
}

const { memory, digest } = assembled();
const DIGEST = new Uint8Array(memory.buffer, 0, 32);
const MESSAGE_AT = 64;
const LONGEST = 8_192;
/** Room for the padding too: one bit, zeros, eight bytes of length. */
const MESSAGE = new Uint8Array(memory.buffer, MESSAGE_AT, LONGEST + 2 * BLOCK_BYTES);
const encoder = new TextEncoder();

/** SHA-256 of UTF-8 text, 64 lower-case hex digits. */
export function sha256Hex(text: string): string {
  // A character takes three bytes at most: what is left fits.
  if (text.length > LONGEST / 3) return createHash("sha256").update(text, "utf8").digest("hex");
  const length = encoder.encodeInto(text, MESSAGE).written;
  const end = (length + 8 & -BLOCK_BYTES) + BLOCK_BYTES;
  MESSAGE[length] = 0x80;
  for (let at = length + 1; at < end; at++) MESSAGE[at] = 0;
  MESSAGE[end - 3] = length >> 13;
  MESSAGE[end - 2] = length >> 5 & 0xff;
  MESSAGE[end - 1] = length << 3 & 0xff;
  digest(MESSAGE_AT, MESSAGE_AT + end);
  return DIGEST.toHex();
}
