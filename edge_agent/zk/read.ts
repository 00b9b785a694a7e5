/**
 * Reading a whole log or user list: prepare a buffer on the terminal, fetch it slice by slice, prove
 * every length. A read is whole or it is nothing; a part is never handed on. Pure, like talk.ts.
 */
import { ANSWER, COMMAND, UDP_PACKET_BYTES } from "./constants.ts";
import { type Packet, ZkFault } from "./frame.ts";
import {
  chooseLayout,
  EMPTY_PIN_BOOK,
  type Layout,
  layoutBytes,
  makePinBook,
  needsPinBook,
  type PinBook,
} from "./record.ts";
import {
  ask,
  exchange,
  isTimeout,
  nextAnswer,
  readSizes,
  requireOk,
  type Session,
  type Talk,
  udpWait,
} from "./talk.ts";
import { chooseUserBytes, decodeUsers, type Sizes, type UserBytes, type ZkUser } from "./user.ts";

/** Bytes; 200,000 records of 49 bytes are 9.8 MB. A larger claim is not a log. */
const MAX_READ_BYTES = 32 << 20;
/** Frames hold 1,008 bytes or more but for the last: a million of one byte are no transfer. */
const MEAN_FRAME_BYTES = 128, FEW_FRAMES = 64;
/** Packets of a transfer in a row without a new byte: announcements, early ACKs, doubled datagrams. */
const MAX_IDLE = 64;
/** Tries in a row that bring nothing new before a terminal counts as silent. */
const UDP_FRUITLESS = 6;

/** The eleven bytes of DATA_WRRQ: 1, u16 what, u32 function, u32 0. */
const WANT_LOG = new Uint8Array([1, 0x0d, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
const WANT_USERS = new Uint8Array([1, 0x09, 0, 5, 0, 0, 0, 0, 0, 0, 0]);

/** The bytes behind the length header of a prepared buffer. Throws ZkFault. */
function* readBuffer(session: Session, want: Uint8Array<ArrayBuffer>): Talk<Uint8Array> {
  yield* ask(session, COMMAND.freeData);
  const reply = yield* ask(session, COMMAND.prepareBuffer, want, session.waits.dataMs);
  const whole = yield* fetchPrepared(session, reply);
  yield* ask(session, COMMAND.freeData);
  return withoutHeader(whole);
}

function* fetchPrepared(session: Session, reply: Packet): Talk<Uint8Array> {
  if (reply.code === ANSWER.data) return reply.data;
  if (reply.code === ANSWER.prepareData) {
    const whole = new Uint8Array(announcedSize(reply.data, 0));
    const frames = session.udp ? new Datagrams(whole) : new Stream(whole);
    yield* gather(session, reply, frames, session.waits.dataMs);
    frames.finish();
    return whole;
  }
  requireOk(reply, "DATA_WRRQ");
  const size = announcedSize(reply.data, 1);
  const whole = new Uint8Array(size);
  for (let start = 0; start < size; start += session.sliceBytes) {
    // The slice size may shrink after the first try, so the end is computed each time round.
    const end = Math.min(size, start + session.sliceBytes);
    yield* readSlice(session, start, whole.subarray(start, end));
    session.onBytes?.(end, size);
  }
  return whole;
}

function announcedSize(data: Uint8Array, at: number): number {
  if (data.length < at + 4) throw new ZkFault("length", "an announcement without a size");
  const size = new DataView(data.buffer, data.byteOffset).getUint32(at, true);
  if (size > MAX_READ_BYTES) throw new ZkFault("too_much", `the terminal announces ${size} bytes`);
  return size;
}

function withoutHeader(whole: Uint8Array): Uint8Array {
  if (whole.length < 4) {
    throw new ZkFault("length", `${whole.length} bytes of data lack their length header`);
  }
  const stated = new DataView(whole.buffer, whole.byteOffset).getUint32(0, true);
  if (stated !== whole.length - 4) {
    throw new ZkFault("length", `${whole.length - 4} bytes came where ${stated} were stated`);
  }
  return whole.subarray(4);
}

/** Fills `into` with the buffer's bytes from `start` on. */
function* readSlice(session: Session, start: number, into: Uint8Array): Talk<void> {
  if (!session.udp) {
    yield* askSlice(session, start, new Stream(into), session.waits.dataMs);
    return;
  }
  try {
    yield* readLossy(session, start, into);
  } catch (fault) {
    const smaller = session.sliceBytes > UDP_PACKET_BYTES;
    if (!(fault instanceof ZkFault) || fault.kind !== "unordered" || !smaller) throw fault;
    session.sliceBytes = UDP_PACKET_BYTES;
    for (let at = 0; at < into.length; at += UDP_PACKET_BYTES) {
      const part = into.subarray(at, Math.min(into.length, at + UDP_PACKET_BYTES));
      yield* readLossy(session, start + at, part);
    }
  }
}

/** Asks again for what was lost; numbered datagrams of all tries add up. */
function* readLossy(session: Session, start: number, into: Uint8Array): Talk<void> {
  const frames = new Datagrams(into);
  for (let fruitless = 0; !frames.full;) {
    const before = frames.bytes;
    try {
      yield* askSlice(session, start, frames, udpWait(session.waits.dataMs, fruitless));
    } catch (fault) {
      if (!isTimeout(fault)) throw fault;
      fruitless = frames.bytes > before ? 0 : fruitless + 1;
      if (fruitless >= UDP_FRUITLESS) throw fault;
    }
  }
  frames.finish();
}

/** One DATA_RDY and its answer. */
function* askSlice(session: Session, start: number, frames: Frames, waitMs: number): Talk<void> {
  const asked = new Uint8Array(8);
  const view = new DataView(asked.buffer);
  view.setUint32(0, start, true);
  view.setUint32(4, frames.size, true);
  const reply = yield* exchange(session, COMMAND.readBuffer, asked, waitMs);
  if (reply.code === ANSWER.prepareData) {
    const announced = announcedSize(reply.data, 0);
    if (announced !== frames.size) {
      throw new ZkFault("length", `asked ${frames.size} bytes, ${announced} were announced`);
    }
  }
  yield* gather(session, reply, frames, waitMs);
}

/**
 * Collects the data frames that carry the reply id of `first`. The closing ACK is not waited for:
 * some terminals send it late, over UDP it overtakes data.
 */
function* gather(session: Session, first: Packet, frames: Frames, waitMs: number): Talk<void> {
  let packet = first;
  for (let idle = 0;;) {
    const before = frames.bytes;
    if (packet.code === ANSWER.data) frames.add(packet);
    else if (packet.code !== ANSWER.prepareData) {
      requireOk(packet, "DATA_RDY");
      if (!session.udp) {
        throw new ZkFault("length", `the transfer ended after ${frames.bytes} bytes`);
      }
    }
    if (frames.full) return;
    idle = frames.bytes > before ? 0 : idle + 1;
    if (idle > MAX_IDLE) throw new ZkFault("too_much", "a transfer that brings nothing new");
    packet = yield* nextAnswer(session, first.replyId, waitMs);
  }
}

/** The data frames of one announced piece. */
abstract class Frames {
  bytes = 0;

  constructor(protected readonly into: Uint8Array) {}

  get size(): number {
    return this.into.length;
  }

  get full(): boolean {
    return this.bytes === this.size;
  }

  /** Throws ZkFault on more than was asked. */
  abstract add(packet: Packet): void;

  /** Puts the bytes in their place. Throws ZkFault when their order cannot be proven. */
  abstract finish(): void;
}

function requireData(data: Uint8Array): void {
  if (data.length === 0) throw new ZkFault("length", "a data frame without data");
}

/**
 * TCP keeps the order, so each frame goes straight to its place: frames of one byte cost nothing. The
 * session fields of the frames either count up or stay the same; anything else is a frame that the
 * terminal sent twice or left out.
 */
class Stream extends Frames {
  #step: 0 | 1 | null = null;
  #number: number | null = null;
  #count = 0;

  override add({ data, session }: Packet): void {
    requireData(data);
    this.#follow(session);
    if (++this.#count > FEW_FRAMES + this.size / MEAN_FRAME_BYTES) {
      throw new ZkFault("too_much", "the data come in too many small frames");
    }
    if (this.bytes + data.length > this.size) {
      throw new ZkFault("length", "more data came than was asked");
    }
    this.into.set(data, this.bytes);
    this.bytes += data.length;
  }

  #follow(number: number): void {
    const before = this.#number;
    this.#number = number;
    if (before === null) return;
    const isNext = number === (before + 1) % 0x10000;
    this.#step ??= isNext ? 1 : 0;
    if (this.#step === 1 ? !isNext : number !== before) {
      throw new ZkFault("unordered", "data frames are missing or came twice");
    }
  }

  override finish(): void {}
}

/** Datagrams come in any order and more than once; their session field is their number. */
class Datagrams extends Frames {
  readonly #frames = new Map<number, Uint8Array>();

  override add({ data, session: number }: Packet): void {
    requireData(data);
    const before = this.#frames.get(number);
    if (before !== undefined) {
      const same = before.length === data.length && before.every((byte, at) => byte === data[at]);
      if (same) return;
      throw new ZkFault("unordered", "datagrams without numbers of their own");
    }
    this.#frames.set(number, data);
    this.bytes += data.length;
    if (this.bytes > this.size) throw new ZkFault("unordered", "more data came than was asked");
  }

  override finish(): void {
    const numbers = [...this.#frames.keys()].sort((one, other) => one - other);
    let at = 0;
    numbers.forEach((number, place) => {
      if (number !== numbers[0]! + place) {
        throw new ZkFault("unordered", "the numbers of the datagrams have a hole");
      }
      const frame = this.#frames.get(number)!;
      this.into.set(frame, at);
      at += frame.length;
    });
  }
}

/** The whole attendance log behind its length header; empty when the terminal has none. */
function readLogBody(session: Session): Talk<Uint8Array> {
  return readBuffer(session, WANT_LOG);
}

/** The records of all device users as the terminal holds them; `size` is null for an empty list. */
export interface UserBook {
  readonly body: Uint8Array;
  readonly size: UserBytes | null;
}

export function* readUserBook(session: Session, count: number | null): Talk<UserBook> {
  const body = yield* readBuffer(session, WANT_USERS);
  return { body, size: body.length === 0 ? null : chooseUserBytes(body, count) };
}

/** All device users. `count` is what the terminal says it has. */
export function* readUsers(
  session: Session,
  { count = null }: { count?: number | null } = {},
): Talk<ZkUser[]> {
  const { body, size } = yield* readUserBook(session, count);
  return size === null ? [] : decodeUsers(body, size);
}

/** One full read of a log with what is needed to judge and to keep it. */
export interface LogRead {
  readonly body: Uint8Array;
  /** Null for an empty log. */
  readonly layout: Layout | null;
  /** Records in `body`, repeats included. */
  readonly count: number;
  readonly before: Sizes | null;
  readonly after: Sizes | null;
  readonly pins: PinBook;
}

export interface ReadHints {
  /** The latest believable wall time. */
  readonly latest: string;
  readonly remembered?: Layout | undefined;
}

/** Counts, reads everything, counts again; the user list too where records need it. */
export function* readLog(session: Session, hints: ReadHints): Talk<LogRead> {
  const before = yield* readSizes(session);
  const body = yield* readLogBody(session);
  const after = yield* readSizes(session);
  if (body.length === 0) {
    return { body, layout: null, count: 0, before, after, pins: EMPTY_PIN_BOOK };
  }
  const counts = { count: before?.records ?? null, countAfter: after?.records ?? null };
  const layout = chooseLayout(body, { ...hints, ...counts });
  const pins = needsPinBook(layout)
    ? makePinBook(yield* readUsers(session, { count: before?.users ?? null }))
    : EMPTY_PIN_BOOK;
  return { body, layout, count: body.length / layoutBytes(layout), before, after, pins };
}

/**
 * Why a whole read does not prove that the terminal holds nothing else, or null when it does:
 * it read no fewer records than were counted before it and no more than after it.
 */
export function whyIncomplete(read: Pick<LogRead, "count" | "before" | "after">): string | null {
  const { count, before, after } = read;
  if (!before || !after) return "the terminal does not say how many records it holds";
  if (before.records === 0 && count > 0) {
    return `the terminal counts 0 records but gave ${count}`;
  }
  if (count < before.records) {
    return `the terminal counts ${before.records} records but gave ${count}`;
  }
  if (count > after.records) {
    return `the terminal counts ${after.records} records but gave ${count}`;
  }
  return null;
}
