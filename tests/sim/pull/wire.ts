/**
 * The bytes of a simulated terminal: frames, checksums and record layouts, written from the protocol's
 * description apart from the agent's codec.
 */
import type { FakeMemory, FakeRecord, FakeUser } from "./memory.ts";

export const CODE = {
  connect: 1000,
  exit: 1001,
  enable: 1002,
  disable: 1003,
  refresh: 1013,
  version: 1100,
  auth: 1102,
  prepare: 1500,
  data: 1501,
  free: 1502,
  want: 1503,
  slice: 1504,
  option: 11,
  clearLog: 15,
  userWrite: 8,
  optionWrite: 12,
  restart: 1004,
  refreshOptions: 1014,
  sizes: 50,
  getTime: 201,
  setTime: 202,
  event: 500,
  ok: 2000,
  error: 2001,
  unauthorized: 2005,
  unknown: 65535,
} as const;

export interface WirePacket {
  readonly code: number;
  readonly session: number;
  readonly replyId: number;
  readonly data: Uint8Array;
}

function sumOf(bytes: Uint8Array): number {
  let sum = 0;
  for (let at = 0; at < bytes.length; at += 2) {
    if (at === 2) continue;
    sum += bytes[at]! + 256 * (bytes[at + 1] ?? 0);
    if (sum > 0xffff) sum -= 0xffff;
  }
  return 0xffff - sum;
}

export function writePacket(packet: WirePacket, spoil = 0): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(8 + packet.data.length);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, packet.code, true);
  view.setUint16(4, packet.session & 0xffff, true);
  view.setUint16(6, packet.replyId, true);
  bytes.set(packet.data, 8);
  view.setUint16(2, sumOf(bytes) ^ spoil, true);
  return bytes;
}

export function withPrefix(payload: Uint8Array, claim = payload.length): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(8 + payload.length);
  bytes.set([0x50, 0x50, 0x82, 0x7d]);
  new DataView(bytes.buffer).setUint32(4, claim, true);
  bytes.set(payload, 8);
  return bytes;
}

/** Null when the checksum is wrong: a terminal ignores such a packet. */
export function readPacket(bytes: Uint8Array): WirePacket | null {
  if (bytes.length < 8) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (sumOf(bytes) !== view.getUint16(2, true)) return null;
  return {
    code: view.getUint16(0, true),
    session: view.getUint16(4, true),
    replyId: view.getUint16(6, true),
    data: bytes.slice(8),
  };
}

/** The key check of a terminal: it scrambles its own key in the same way and compares. */
export function keyMatches(auth: Uint8Array, key: number, session: number): boolean {
  let reversed = 0n;
  for (let bit = 0n; bit < 32n; bit++) {
    if (BigInt(key) >> bit & 1n) reversed |= 1n << (31n - bit);
  }
  const sum = Number((reversed + BigInt(session)) % (1n << 32n));
  const mixed = [0, 8, 16, 24].map((shift, at) => (sum >>> shift & 0xff) ^ "ZKSO".charCodeAt(at));
  const tick = auth[2] ?? 0;
  return auth.length === 4 && auth[0] === (mixed[2]! ^ tick) && auth[1] === (mixed[3]! ^ tick) &&
    auth[3] === (mixed[1]! ^ tick);
}

export function timeCode(wallTime: string): number {
  const [year, month, day, hour, minute, second] = wallTime.split(/[- :]/).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  return (((year % 100) * 12 + month - 1) * 31 + day - 1) * 86_400 +
    (hour * 60 + minute) * 60 + second;
}

export function timeText(code: number): string {
  const parts = [code % 60, Math.floor(code / 60) % 60, Math.floor(code / 3600) % 24];
  const days = Math.floor(code / 86_400);
  const two = (value: number) => String(value).padStart(2, "0");
  const date = [
    String(2000 + Math.floor(days / 372)),
    two(Math.floor(days / 31) % 12 + 1),
    two(days % 31 + 1),
  ];
  return `${date.join("-")} ${parts.reverse().map(two).join(":")}`;
}

export type RecordBytes = 8 | 16 | 40 | 49;

/** A whole log behind its length header. */
export function writeLog(
  memory: FakeMemory,
  records: readonly FakeRecord[],
  size: RecordBytes,
): Uint8Array<ArrayBuffer> {
  const indexes = new Map(memory.users.map((user) => [user.pin, user.index]));
  const bytes = new Uint8Array(4 + records.length * size);
  new DataView(bytes.buffer).setUint32(0, bytes.length - 4, true);
  const encoder = new TextEncoder();
  records.forEach((record, place) => {
    const start = 4 + place * size;
    const view = new DataView(bytes.buffer, start, size);
    if (record.blank !== undefined) {
      bytes.fill(record.blank, start, start + size);
      return;
    }
    const code = timeCode(record.wallTime);
    const index = indexes.get(record.pin) ?? 0xfffe;
    if (size === 8) {
      view.setUint16(0, index, true);
      view.setUint8(2, 0x20 | (record.verify & 3) << 3 | record.state & 7);
      view.setUint32(4, code, true);
    } else if (size === 16) {
      view.setUint32(0, Number(record.pin), true);
      view.setUint32(4, code, true);
      view.setUint8(8, record.state);
      view.setUint8(9, record.verify);
    } else {
      view.setUint16(0, index, true);
      bytes.set(encoder.encode(record.pin).subarray(0, 24), start + 2);
      view.setUint8(26, record.verify);
      view.setUint32(27, code, true);
      view.setUint8(31, record.state);
      view.setUint8(36, 0xff);
    }
  });
  return bytes;
}

export function writeUsers(users: readonly FakeUser[], size: 28 | 72): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(4 + users.length * size);
  new DataView(bytes.buffer).setUint32(0, bytes.length - 4, true);
  const encoder = new TextEncoder();
  users.forEach((user, place) => {
    const start = 4 + place * size;
    const view = new DataView(bytes.buffer, start, size);
    view.setUint16(0, user.index, true);
    view.setUint8(2, user.privilege);
    const put = (text: string, at: number, width: number) =>
      bytes.set(encoder.encode(text).subarray(0, width), start + at);
    if (size === 72) {
      put(user.password, 3, 8);
      put(user.name, 11, 24);
      view.setUint32(35, user.card, true);
      view.setUint8(39, 1);
      put(user.pin, 48, 24);
    } else {
      put(user.password, 3, 5);
      put(user.name, 8, 8);
      view.setUint32(16, user.card, true);
      view.setUint8(21, 1);
      view.setUint32(24, Number(user.pin), true);
    }
    if (user.raw?.length === size) bytes.set(user.raw, start);
  });
  return bytes;
}

/** A record that was written to the terminal: it keeps every byte, as real ones do. */
export function readUser(bytes: Uint8Array): FakeUser {
  const raw = bytes.slice();
  const view = new DataView(raw.buffer);
  const wide = raw.length === 72;
  const text = (from: number, to: number) =>
    new TextDecoder().decode(raw.subarray(from, to)).split("\0")[0] ?? "";
  return {
    index: view.getUint16(0, true),
    privilege: view.getUint8(2),
    password: wide ? text(3, 11) : text(3, 8),
    name: wide ? text(11, 35) : text(8, 16),
    card: view.getUint32(wide ? 35 : 16, true),
    pin: wide ? text(48, 72) : String(view.getUint32(24, true)),
    raw,
  };
}

export function writeSizes(memory: FakeMemory, records: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(92);
  const view = new DataView(bytes.buffer);
  const put = (at: number, value: number) => view.setUint32(at, value, true);
  put(16, memory.users.length);
  put(24, memory.users.length);
  put(32, records);
  put(56, 3_000);
  put(60, 10_000);
  put(64, memory.capacity);
  put(68, 3_000 - memory.users.length);
  put(72, 10_000 - memory.users.length);
  put(76, memory.capacity - records);
  return bytes;
}

/** One live event in the 32-byte form. */
export function writeEvent(record: FakeRecord): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(32);
  bytes.set(new TextEncoder().encode(record.pin).subarray(0, 24));
  bytes[24] = record.verify;
  bytes[25] = record.state;
  const [year, ...rest] = record.wallTime.split(/[- :]/).map(Number) as [number, ...number[]];
  bytes.set([year - 2000, ...rest], 26);
  return bytes;
}

/** `name=value`, NUL-terminated, for the option asked; null when the terminal does not know it. */
export function optionText(
  memory: FakeMemory,
  asked: Uint8Array,
  more: Readonly<Record<string, string>> = {},
): string | null {
  const [name = ""] = new TextDecoder().decode(asked).split("\0");
  const known: Record<string, string> = {
    "~SerialNumber": memory.serial,
    "~DeviceName": "FakeTerm 100",
    "~Platform": "ZMM220_TFT",
    "~PIN2Width": "9",
    MAC: "00:17:61:00:00:01",
    ...more,
  };
  return known[name] === undefined ? null : `${name}=${known[name]}\0`;
}
