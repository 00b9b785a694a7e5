/**
 * Reading a whole log or user list: prepare a buffer on the terminal, fetch it slice by slice, prove
 * every length. A read is whole or it is nothing; a part is never handed on. Pure, like zk_talk.ts.
 */
import { ANSWER, COMMAND, UDP_PACKET_BYTES } from "./zk_constants.ts";
import { type Packet, ZkFault } from "./zk_frame.ts";
import {
  chooseLayout,
  EMPTY_PIN_BOOK,
  type Layout,
  layoutBytes,
  makePinBook,
  needsPinBook,
  type PinBook,
} from "./zk_record.ts";
import {
  ask,
  exchange,
  nextAnswer,
  readSizes,
  requireOk,
  type Session,
  type Talk,
} from "./zk_talk.ts";
import { chooseUserBytes, decodeUsers, type Sizes, type ZkUser } from "./zk_user.ts";

/** Bytes; 200,000 records of 49 bytes are 9.8 MB. A larger claim is not a log. */
export const MAX_READ_BYTES = 32 << 20;
const UDP_TRIES = 4;

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
    const size = announcedSize(reply.data, 0);
    const whole = new Uint8Array(size);
    yield* gather(session, reply, whole);
    return whole;
  }
  requireOk(reply, "DATA_WRRQ");
  const size = announcedSize(reply.data, 1);
  const whole = new Uint8Array(size);
  for (let start = 0; start < size; start += session.sliceBytes) {
    // The slice size may shrink after the first try, so the end is computed each time round.
    const end = Math.min(size, start + session.sliceBytes);
    yield* readSlice(session, start, whole.subarray(start, end));
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

/** Fills `into` with the buffer's bytes from `start` on; over UDP asks lost slices again. */
function* readSlice(session: Session, start: number, into: Uint8Array): Talk<void> {
  for (let left = session.udp ? UDP_TRIES : 1;; left--) {
    try {
      return yield* readParts(session, start, into);
    } catch (fault) {
      if (left <= 1 || !(fault instanceof ZkFault)) throw fault;
      if (fault.kind === "unordered") session.sliceBytes = UDP_PACKET_BYTES;
      else if (fault.kind !== "timeout") throw fault;
    }
  }
}

/** In parts of the present slice size: one part, unless the slice size shrank meanwhile. */
function* readParts(session: Session, start: number, into: Uint8Array): Talk<void> {
  for (let at = 0; at < into.length; at += session.sliceBytes) {
    const part = into.subarray(at, Math.min(into.length, at + session.sliceBytes));
    const asked = new Uint8Array(8);
    const view = new DataView(asked.buffer);
    view.setUint32(0, start + at, true);
    view.setUint32(4, part.length, true);
    const waitMs = session.udp ? Math.ceil(session.waits.dataMs / UDP_TRIES) : session.waits.dataMs;
    const reply = yield* exchange(session, COMMAND.readBuffer, asked, waitMs);
    if (reply.code === ANSWER.prepareData) {
      const announced = announcedSize(reply.data, 0);
      if (announced !== part.length) {
        throw new ZkFault("length", `asked ${part.length} bytes, ${announced} were announced`);
      }
    } else if (reply.code !== ANSWER.data) {
      requireOk(reply, "DATA_RDY");
      throw new ZkFault("length", "a slice was acknowledged without data");
    }
    yield* gather(session, reply, part);
  }
}

/**
 * Collects the data frames that carry the reply id of `first` until `into` is full. The closing ACK
 * is not waited for: some terminals send it late, over UDP it overtakes data.
 */
function* gather(session: Session, first: Packet, into: Uint8Array): Talk<void> {
  const frames = new Map<number, Uint8Array>();
  let got = 0;
  let packet: Packet | null = first.code === ANSWER.data ? first : null;
  const waitMs = session.udp ? Math.ceil(session.waits.dataMs / UDP_TRIES) : session.waits.dataMs;
  while (packet !== null || got < into.length) {
    packet ??= yield* nextAnswer(session, first.replyId, waitMs);
    if (packet.code === ANSWER.data) {
      if (keep(frames, packet, session.udp)) got += packet.data.length;
      if (got > into.length) throw new ZkFault("length", "more data came than was asked");
    } else if (packet.code !== ANSWER.ok) {
      requireOk(packet, "DATA_RDY");
    } else if (!session.udp) {
      throw new ZkFault("length", `the transfer ended after ${got} of ${into.length} bytes`);
    }
    packet = null;
  }
  join(frames, into, session.udp);
}

/** True unless the datagram is a repetition. TCP frames count up; UDP frames carry their number. */
function keep(frames: Map<number, Uint8Array>, packet: Packet, udp: boolean): boolean {
  const { data } = packet;
  if (data.length === 0) throw new ZkFault("length", "a data frame without data");
  const number = udp ? packet.session : frames.size;
  const before = frames.get(number);
  if (before === undefined) {
    frames.set(number, data);
    return true;
  }
  const same = before.length === data.length && before.every((byte, at) => byte === data[at]);
  if (same) return false;
  throw new ZkFault("unordered", "datagrams without numbers of their own");
}

function join(frames: Map<number, Uint8Array>, into: Uint8Array, udp: boolean): void {
  const numbers = [...frames.keys()].sort((one, other) => one - other);
  let at = 0;
  numbers.forEach((number, place) => {
    if (udp && number !== numbers[0]! + place) {
      throw new ZkFault("unordered", "the numbers of the datagrams have a hole");
    }
    into.set(frames.get(number)!, at);
    at += frames.get(number)!.length;
  });
}

/** The whole attendance log behind its length header; empty when the terminal has none. */
export function readLogBody(session: Session): Talk<Uint8Array> {
  return readBuffer(session, WANT_LOG);
}

/** All device users. `encoding` is the terminal's code page for names. */
export function* readUsers(
  session: Session,
  { count = null, encoding = "utf-8" }: { count?: number | null; encoding?: string } = {},
): Talk<ZkUser[]> {
  const body = yield* readBuffer(session, WANT_USERS);
  if (body.length === 0) return [];
  return decodeUsers(body, chooseUserBytes(body, count), encoding);
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
  const layout = chooseLayout(body, { ...hints, count: before?.records ?? null });
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
