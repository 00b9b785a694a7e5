/**
 * Conversations with a terminal as typed generators: each yields what to send and how long to wait,
 * is given the packet that came (or null when the time was up), and returns a value. Pure: a socket
 * drives them (socket.ts), or a test with canned packets. Must not know sockets, clocks, the queue
 * or Odoo. Clearing a log is not here but in clear.ts.
 *
 * Answers are matched by reply id: a K40 sends the closing ACK of a transfer after the client's next
 * command. The session field of an answer is never insisted on; it carries other things too.
 */
import { SERIAL } from "../base/terminal.ts";
import { authBytes } from "./auth.ts";
import {
  ANSWER,
  COMMAND,
  EVENT_ATTENDANCE,
  TCP_SLICE_BYTES,
  UDP_SLICE_BYTES,
} from "./constants.ts";
import { decodeEvents, type PunchEvent } from "./event.ts";
import { type Packet, untilNul, ZkFault } from "./frame.ts";
import { decodeTime, encodeTime } from "./time.ts";
import { decodeSizes, type Sizes } from "./user.ts";

/** What a conversation wants next. */
export interface Step {
  readonly send: Packet | null;
  /** Milliseconds to wait for a packet from now; 0: do not wait; null: the running wait goes on. */
  readonly waitMs: number | null;
}

/** Given null when the wait ended without a packet. */
export type Talk<T> = Generator<Step, T, Packet | null>;

/** Waits in milliseconds. */
export interface Waits {
  /** For the answer to a command. */
  readonly replyMs: number;
  /** For the next frame of a transfer; terminals pause while they read their flash. */
  readonly dataMs: number;
  /** For facts a firmware may silently not know. */
  readonly factMs: number;
}

export const WAITS: Waits = { replyMs: 8_000, dataMs: 12_000, factMs: 3_000 };

/** Packets that answer nothing we asked, between two answers, before the terminal counts as broken. */
const MAX_STRAYS = 2_000;
/** Live events kept of one connection; they are hints, the log has them all. */
const MAX_EVENTS = 1_000;

const NOTHING: Uint8Array<ArrayBuffer> = new Uint8Array(0);

/** The state that the conversations of one connection share. */
export class Session {
  readonly waits: Waits;
  readonly udp: boolean;
  id = 0;
  /** Set by the commands themselves, so that whoever closes the connection knows what to undo. */
  disabled = false;
  /** Whether the terminal wanted a comm key at all. */
  keyAsked = false;
  /** Bytes asked at once; UDP falls back to one datagram when its frames carry no numbers. */
  sliceBytes: number;
  /** Told how much of a transfer came, in bytes, after every slice. */
  onBytes: ((bytes: number, of: number) => void) | null = null;
  readonly events: PunchEvent[] = [];
  #nextReplyId = 0;
  #strays = 0;

  constructor({ udp = false, waits = WAITS }: { udp?: boolean; waits?: Waits } = {}) {
    this.udp = udp;
    this.waits = waits;
    this.sliceBytes = udp ? UDP_SLICE_BYTES : TCP_SLICE_BYTES;
  }

  takeReplyId(): number {
    const replyId = this.#nextReplyId;
    this.#nextReplyId = (replyId + 1) % 0x10000;
    return replyId;
  }

  /** An answer came: what lies between two of them is counted anew (each transfer leaves an ACK). */
  answered(): void {
    this.#strays = 0;
  }

  /** Puts aside a packet that is no answer to the command under way. Throws ZkFault on a flood. */
  putAside(packet: Packet): void {
    if (++this.#strays > MAX_STRAYS) {
      throw new ZkFault("too_much", `more than ${MAX_STRAYS} packets that answer nothing`);
    }
    if (packet.code !== COMMAND.registerEvent || packet.session !== EVENT_ATTENDANCE) return;
    for (const event of decodeEvents(packet.data)) {
      if (this.events.length < MAX_EVENTS) this.events.push(event);
    }
  }
}

/** Takes a first step, then waits for a packet with this reply id; others are put aside. */
function* answerTo(session: Session, replyId: number, first: Step, what: string): Talk<Packet> {
  let came = yield first;
  while (came !== null) {
    if (came.code !== COMMAND.registerEvent && came.replyId === replyId) {
      session.answered();
      return came;
    }
    session.putAside(came);
    came = yield { send: null, waitMs: null };
  }
  throw new ZkFault("timeout", `the terminal did not answer ${what} in time`);
}

/** Waits on for a packet with this reply id. Throws `timeout` when the wait ends. */
export function nextAnswer(session: Session, replyId: number, waitMs: number): Talk<Packet> {
  return answerTo(session, replyId, { send: null, waitMs }, "with more data");
}

/** Sends one command once and returns its answer, whatever its code. */
export function exchange(
  session: Session,
  code: number,
  data: Uint8Array<ArrayBuffer> = NOTHING,
  waitMs: number = session.waits.replyMs,
): Talk<Packet> {
  const replyId = session.takeReplyId();
  const send: Packet = { code, session: session.id, replyId, data };
  return answerTo(session, replyId, { send, waitMs }, `command ${code}`);
}

const UDP_TRIES = 8;

/** Over UDP the first waits are short and double: most often a datagram was simply lost. */
export function udpWait(waitMs: number, attempt: number): number {
  return Math.ceil(Math.min(waitMs / 4, waitMs / 32 * 2 ** attempt));
}

/** Like exchange; over UDP asks again when a datagram was lost. For commands that may be repeated. */
export function* ask(
  session: Session,
  code: number,
  data: Uint8Array<ArrayBuffer> = NOTHING,
  waitMs: number = session.waits.replyMs,
): Talk<Packet> {
  if (!session.udp) return yield* exchange(session, code, data, waitMs);
  for (let attempt = 0;; attempt++) {
    try {
      return yield* exchange(session, code, data, udpWait(waitMs, attempt));
    } catch (fault) {
      if (attempt + 1 < UDP_TRIES && isTimeout(fault)) continue;
      throw fault;
    }
  }
}

export function isTimeout(fault: unknown): boolean {
  return fault instanceof ZkFault && fault.kind === "timeout";
}

/** Throws unless the answer is ACK_OK. */
export function requireOk(packet: Packet, what: string): Packet {
  if (packet.code === ANSWER.ok) return packet;
  if (ANSWER.pullNotAvailable.includes(packet.code)) {
    const text = `pull not available, use push (the firmware answered ${packet.code} to ${what})`;
    throw new ZkFault("pull_not_available", text);
  }
  if (packet.code === ANSWER.unauthorized) {
    throw new ZkFault("unauthorized", `the terminal wants another comm key (${what})`);
  }
  throw new ZkFault("refused", `the terminal answered ${packet.code} to ${what}`);
}

/** CONNECT and, when asked for it, AUTH. A terminal without a key may still ask and accepts 0. */
export function* openSession(session: Session, commKey: number): Talk<void> {
  const welcome = yield* ask(session, COMMAND.connect);
  session.id = welcome.session;
  if (welcome.code !== ANSWER.unauthorized) {
    requireOk(welcome, "CONNECT");
    return;
  }
  session.keyAsked = true;
  requireOk(yield* ask(session, COMMAND.auth, authBytes(commKey, session.id)), "AUTH");
}

/** EXIT without insisting on an answer. */
export function* closeSession(session: Session): Talk<void> {
  const replyId = session.takeReplyId();
  const exit = { code: COMMAND.exit, session: session.id, replyId, data: NOTHING };
  yield { send: exit, waitMs: Math.min(1_000, session.waits.replyMs) };
}

/** What a terminal says of itself. Only the serial is certain to be there. */
export interface TerminalFacts {
  readonly serial: string;
  readonly firmware: string | null;
  readonly name: string | null;
  readonly platform: string | null;
  readonly mac: string | null;
  /** The terminal's wall time when asked. */
  readonly wallTime: string | null;
  readonly sizes: Sizes | null;
}

/** Bytes looked at of an answer that is a line of text. */
const MAX_TEXT_BYTES = 1024;

/** The serial number; throws `serial` when the terminal states none that can name a device. */
export function* readSerial(session: Session): Talk<string> {
  const reply = yield* askOption(session, "~SerialNumber", session.waits.replyMs);
  // A session that was never authorized, or a closed protocol, shows itself here at the latest.
  if (reply.code === ANSWER.unauthorized || ANSWER.pullNotAvailable.includes(reply.code)) {
    requireOk(reply, "OPTIONS_RRQ");
  }
  const serial = optionValue(reply, "~SerialNumber");
  if (serial === null || !SERIAL.test(serial)) {
    throw new ZkFault("serial", "the terminal states no usable serial number");
  }
  return serial;
}

function askOption(session: Session, name: string, waitMs: number): Talk<Packet> {
  return ask(session, COMMAND.optionsRead, textBytes(`${name}\0`), waitMs);
}

/** One option, or null when the firmware does not know it. Throws `timeout`. */
function* readOption(session: Session, name: string, waitMs: number): Talk<string | null> {
  return optionValue(yield* askOption(session, name, waitMs), name);
}

/** The value of `name=value`; firmware differs in the name's case and in its tilde. */
function optionValue(reply: Packet, name: string): string | null {
  if (reply.code !== ANSWER.ok) return null;
  const text = untilNul(reply.data.subarray(0, MAX_TEXT_BYTES));
  const equals = text.indexOf("=");
  if (equals < 0 || plainName(text.slice(0, equals)) !== plainName(name)) return null;
  return text.slice(equals + 1).trim().slice(0, 128);
}

function plainName(name: string): string {
  return name.trim().replace(/^~/, "").toLowerCase();
}

/**
 * Sets one option and returns what the terminal states of it afterwards, null when it states nothing.
 * Throws `refused`.
 */
export function* setOption(session: Session, name: string, value: string): Talk<string | null> {
  const reply = yield* ask(session, COMMAND.optionsWrite, textBytes(`${name}=${value}\0`));
  requireOk(reply, "OPTIONS_WRQ");
  yield* ask(session, COMMAND.refreshOptions);
  return yield* readOption(session, name, session.waits.replyMs);
}

/** Sent once: a terminal that restarts may not answer, and must not be told again. */
export function* restartDevice(session: Session): Talk<void> {
  requireOk(yield* exchange(session, COMMAND.restart), "RESTART");
}

function textBytes(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

export function* readFacts(session: Session): Talk<TerminalFacts> {
  const serial = yield* readSerial(session);
  const patience = { left: 2 };
  const option = (name: string) =>
    optional(patience, readOption(session, name, session.waits.factMs));
  return {
    serial,
    firmware: yield* optional(patience, readVersion(session)),
    name: yield* option("~DeviceName"),
    platform: yield* option("~Platform"),
    mac: yield* option("MAC"),
    wallTime: yield* optional(patience, readTime(session)),
    sizes: yield* optional(patience, readSizes(session)),
  };
}

/** Some firmware leaves questions it does not know unanswered; after two such no more are put. */
function* optional<T>(patience: { left: number }, talk: Talk<T | null>): Talk<T | null> {
  if (patience.left <= 0) return null;
  try {
    return yield* talk;
  } catch (fault) {
    if (!isTimeout(fault)) throw fault;
    patience.left--;
    return null;
  }
}

function* readVersion(session: Session): Talk<string | null> {
  const reply = yield* ask(session, COMMAND.version, NOTHING, session.waits.factMs);
  return reply.code === ANSWER.ok
    ? untilNul(reply.data.subarray(0, MAX_TEXT_BYTES)).trim().slice(0, 128)
    : null;
}

/** The terminal's wall time, null when refused or no date. */
export function* readTime(session: Session): Talk<string | null> {
  const reply = yield* ask(session, COMMAND.getTime, NOTHING, session.waits.factMs);
  if (reply.code !== ANSWER.ok || reply.data.length < 4) return null;
  return decodeTime(new DataView(reply.data.buffer, reply.data.byteOffset).getUint32(0, true));
}

/** Null when the terminal refuses or its answer is too short to be one. */
export function* readSizes(session: Session): Talk<Sizes | null> {
  const reply = yield* ask(session, COMMAND.freeSizes);
  return reply.code === ANSWER.ok ? decodeSizes(reply.data) : null;
}

function u32(value: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value, true);
  return bytes;
}

/** Sets the clock and returns what the terminal shows afterwards. */
export function* setTime(session: Session, wallTime: string): Talk<string | null> {
  requireOk(yield* ask(session, COMMAND.setTime, u32(encodeTime(wallTime))), "SET_TIME");
  yield* refreshData(session);
  return yield* readTime(session);
}

export function* refreshData(session: Session): Talk<void> {
  yield* ask(session, COMMAND.refreshData);
}

/** Stops punching for at most `seconds`: the terminal enables itself again should the agent die. */
export function* disableDevice(session: Session, seconds: number): Talk<void> {
  // Set first: an answer that is lost does not mean that the command was.
  session.disabled = true;
  requireOk(yield* ask(session, COMMAND.disableDevice, u32(seconds)), "DISABLEDEVICE");
}

export function* enableDevice(session: Session): Talk<void> {
  requireOk(yield* ask(session, COMMAND.enableDevice), "ENABLEDEVICE");
  session.disabled = false;
}

/** Asks for live attendance events. */
export function* registerEvents(session: Session): Talk<void> {
  requireOk(yield* ask(session, COMMAND.registerEvent, u32(EVENT_ATTENDANCE)), "REG_EVENT");
}

/** The events of the next `waitMs`, as soon as there are any. Each frame is acknowledged. */
export function* nextEvents(session: Session, waitMs: number): Talk<PunchEvent[]> {
  let came = session.events.length > 0 ? null : yield { send: null, waitMs };
  while (came !== null && session.events.length === 0) {
    session.putAside(came);
    const acknowledged = came.code === COMMAND.registerEvent
      ? { code: ANSWER.ok, session: session.id, replyId: 0, data: NOTHING }
      : null;
    const more = session.events.length === 0;
    came = yield { send: acknowledged, waitMs: more ? null : 0 };
  }
  return session.events.splice(0);
}
