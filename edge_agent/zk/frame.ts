/**
 * Frames of the port-4370 protocol as values: checksum, packet encoding, and cutting packets out of a
 * TCP stream. Pure. Must not know sockets, conversations or what the data of a packet mean.
 *
 * Packet: four u16 little-endian (code, checksum, session, reply id), then data. Over UDP one packet
 * per datagram; over TCP each packet follows `50 50 82 7D` and a u32 length.
 */

export interface Packet {
  readonly code: number;
  /** The session id, but also a device state, an event code or the number of a data frame. */
  readonly session: number;
  readonly replyId: number;
  readonly data: Uint8Array<ArrayBuffer>;
}

export type ZkFaultKind =
  /** Bytes that cannot be a frame: wrong magic, impossible length. */
  | "framing"
  | "checksum"
  /** A length that contradicts another one, or data that ends early or runs over. */
  | "length"
  | "timeout"
  | "closed"
  | "unreachable"
  /** The terminal answered the command with an error code. */
  | "refused"
  | "unauthorized"
  /** The firmware does not offer the open protocol: push only. */
  | "pull_not_available"
  /** More than the agent is willing to hold or to skip. */
  | "too_much"
  /** No record layout, or more than one, fits the bytes. */
  | "layout"
  /** Another terminal than the expected one answered. */
  | "serial"
  /** Data frames whose numbers do not prove that all came, once and in order. */
  | "unordered";

/** Anything that makes a conversation worthless. The connection is closed, what was read is dropped. */
export class ZkFault extends Error {
  readonly kind: ZkFaultKind;
  constructor(kind: ZkFaultKind, message: string) {
    super(message);
    this.name = "ZkFault";
    this.kind = kind;
  }
}

const HEADER_BYTES = 8;
const TCP_PREFIX_BYTES = 8;
const TCP_MAGIC = 0x7d825050;
/** Bytes; the longest frame seen in the field is 65,480. A longer length field is lost framing. */
export const MAX_PACKET_BYTES = 1 << 20;

/** Ones' complement of the folded sum of 16-bit little-endian words, the checksum field as zero. */
export function checksum(packet: Uint8Array): number {
  let sum = 0;
  const even = packet.length & ~1;
  for (let at = 0; at < even; at += 2) {
    if (at !== 2) sum += packet[at]! | packet[at + 1]! << 8;
  }
  if (even !== packet.length) sum += packet[even]!;
  while (sum > 0xffff) sum = (sum % 0x10000) + Math.floor(sum / 0x10000);
  return sum ^ 0xffff;
}

/** One packet as the payload of a datagram. */
export function encodePacket(packet: Packet): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(HEADER_BYTES + packet.data.length);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, packet.code, true);
  view.setUint16(4, packet.session, true);
  view.setUint16(6, packet.replyId, true);
  bytes.set(packet.data, HEADER_BYTES);
  view.setUint16(2, checksum(bytes), true);
  return bytes;
}

/** One packet with its TCP prefix. */
export function encodeTcp(packet: Packet): Uint8Array<ArrayBuffer> {
  const payload = encodePacket(packet);
  const bytes = new Uint8Array(TCP_PREFIX_BYTES + payload.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, TCP_MAGIC, true);
  view.setUint32(4, payload.length, true);
  bytes.set(payload, TCP_PREFIX_BYTES);
  return bytes;
}

/** Whether the checksum field of a payload is the one its bytes add up to. */
export function checksumHolds(payload: Uint8Array): boolean {
  return payload.length >= HEADER_BYTES &&
    (payload[2]! | payload[3]! << 8) === checksum(payload);
}

/** A payload as a packet. The bytes are shared, not copied. Throws ZkFault. */
export function decodePacket(payload: Uint8Array<ArrayBuffer>): Packet {
  if (payload.length < HEADER_BYTES) {
    throw new ZkFault("framing", `a packet of ${payload.length} bytes is shorter than its header`);
  }
  if (!checksumHolds(payload)) {
    throw new ZkFault("checksum", `the checksum of a packet of ${payload.length} bytes is wrong`);
  }
  return readHeader(payload);
}

/** The header of a payload of at least 8 bytes without looking at its checksum. */
export function readHeader(payload: Uint8Array<ArrayBuffer>): Packet {
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
  return {
    code: view.getUint16(0, true),
    session: view.getUint16(4, true),
    replyId: view.getUint16(6, true),
    data: payload.subarray(HEADER_BYTES),
  };
}

/**
 * Cuts payloads out of a TCP stream by length alone, however the stream was split or glued.
 * Holds at most one unfinished frame. A framing fault is final: the stream has no way back.
 */
export class TcpCutter {
  #buffer = new Uint8Array(4096);
  #from = 0;
  #to = 0;

  /** Bytes held that do not make a whole frame yet. */
  get pending(): number {
    return this.#to - this.#from;
  }

  add(bytes: Uint8Array): void {
    this.#makeRoom(bytes.length);
    this.#buffer.set(bytes, this.#to);
    this.#to += bytes.length;
  }

  /** The next whole payload, a copy, or null when more bytes are needed. Throws ZkFault. */
  take(): Uint8Array<ArrayBuffer> | null {
    if (this.pending > 0) this.#checkMagic();
    if (this.pending < TCP_PREFIX_BYTES) return null;
    const length = this.#view().getUint32(4, true);
    if (length < HEADER_BYTES || length > MAX_PACKET_BYTES) {
      throw new ZkFault("framing", `a frame claims ${length} bytes`);
    }
    const end = this.#from + TCP_PREFIX_BYTES + length;
    if (end > this.#to) return null;
    const payload = this.#buffer.slice(this.#from + TCP_PREFIX_BYTES, end);
    this.#from = end;
    if (this.#from === this.#to) this.#from = this.#to = 0;
    return payload;
  }

  #checkMagic(): void {
    const known = Math.min(4, this.pending);
    for (let at = 0; at < known; at++) {
      if (this.#buffer[this.#from + at] !== (TCP_MAGIC >>> (8 * at) & 0xff)) {
        throw new ZkFault("framing", "bytes that do not begin a frame");
      }
    }
  }

  #view(): DataView {
    return new DataView(this.#buffer.buffer, this.#from);
  }

  #makeRoom(length: number): void {
    if (this.#to + length <= this.#buffer.length) return;
    const held = this.#buffer.subarray(this.#from, this.#to);
    const needed = held.length + length;
    const target = needed <= this.#buffer.length
      ? this.#buffer
      : new Uint8Array(Math.max(needed, 2 * this.#buffer.length));
    target.set(held);
    this.#to = held.length;
    this.#from = 0;
    this.#buffer = target;
  }
}

const utf8 = new TextDecoder();

/**
 * Text up to the first NUL; what follows it in a field is rubbish. UTF-8; bytes that are none become
 * U+FFFD, so that nobody takes a guess for a PIN.
 */
export function untilNul(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  const kept = end < 0 ? bytes : bytes.subarray(0, end);
  // One per record of a log, nearly always ASCII: calling the decoder costs more than the text.
  return kept.length <= MAX_SHORT && isAscii(kept)
    ? String.fromCharCode(...kept)
    : utf8.decode(kept);
}

/** Bytes; every text field of a record is shorter. */
const MAX_SHORT = 64;

function isAscii(bytes: Uint8Array): boolean {
  for (let at = 0; at < bytes.length; at++) if (bytes[at]! > 0x7f) return false;
  return true;
}

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

export function hexOf(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += HEX[byte];
  return text;
}
