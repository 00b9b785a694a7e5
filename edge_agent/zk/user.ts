/**
 * User records of a terminal, 28 and 72 bytes, and the sizes answer. Pure. Passwords are looked at
 * only to say whether one is set and never leave this file; no template is ever asked for.
 */
import { untilNul, ZkFault } from "./frame.ts";

/** A device user as the terminal holds it. */
export interface ZkUser {
  /** The terminal's internal number of the user; 8-byte attendance records name people by it. */
  readonly index: number;
  readonly pin: string;
  /** Decoded without failing, whatever the terminal's code page. */
  readonly name: string;
  /** As stored: bit 0 disabled, bits 1 to 3 level; 14 is an administrator. */
  readonly privilege: number;
  /** Card number as decimal text, empty when none. */
  readonly card: string;
  readonly group: number;
  readonly hasPassword: boolean;
}

export type UserBytes = 28 | 72;

export function decodeUser(bytes: Uint8Array, size: UserBytes): ZkUser {
  const view = new DataView(bytes.buffer, bytes.byteOffset, size);
  const card = (at: number) => view.getUint32(at, true);
  const cardText = (number: number) => number === 0 ? "" : String(number);
  const common = { index: view.getUint16(0, true), privilege: view.getUint8(2) };
  if (size === 72) {
    return {
      ...common,
      pin: untilNul(bytes.subarray(48, 72)).trim(),
      name: cleanName(nameText(bytes.subarray(11, 35))),
      card: cardText(card(35)),
      group: view.getUint8(39),
      hasPassword: bytes[3] !== 0,
    };
  }
  return {
    ...common,
    pin: String(view.getUint32(24, true)),
    name: cleanName(nameText(bytes.subarray(8, 16))),
    card: cardText(card(16)),
    // Offset 21: the card field has five bytes in the vendor's manual.
    group: view.getUint8(21),
    hasPassword: bytes[3] !== 0,
  };
}

/**
 * Names come in UTF-8, from Chinese firmware in GB18030, else in a western code page: guessed in that
 * order, as on the push side. A field that is full may end in half a character, which is left out.
 */
function nameText(field: Uint8Array): string {
  const end = field.indexOf(0);
  const bytes = end < 0 ? field : field.subarray(0, end);
  for (const encoding of ["utf-8", "gb18030"]) {
    try {
      return new TextDecoder(encoding, { fatal: true }).decode(bytes, { stream: end < 0 });
    } catch {
      continue;
    }
  }
  return new TextDecoder("windows-1252").decode(bytes);
}

/** A name is shown to people and put in logs of others: no control characters. */
function cleanName(name: string): string {
  // deno-lint-ignore no-control-regex -- control characters are what is taken out
  return name.replace(/[\x00-\x1f\x7f-\x9f]/g, "").trim();
}

const PIN_TEXT = /^[^\s\p{C}\ufffd]{1,24}$/u;

function userFits(user: ZkUser, size: UserBytes): boolean {
  const pin = size === 72 ? PIN_TEXT.test(user.pin) : user.pin !== "0";
  return pin && user.index !== 0 && user.privilege < 16;
}

/** Share of sensible users; a real list was seen in which every ninth was damaged. */
const SURE = 0.7;

/**
 * 72 or 28, by plausibility; the terminal's count decides only between two that both fit.
 * Throws ZkFault `layout`.
 */
export function chooseUserBytes(body: Uint8Array, count: number | null): UserBytes {
  const sizes: UserBytes[] = [72, 28];
  const fits = sizes.filter((size) => body.length % size === 0 && share(body, size) >= SURE);
  const counted = fits.find((size) => body.length / size === count);
  const chosen = counted ?? fits[0];
  if (chosen === undefined) {
    throw new ZkFault("layout", `no user layout fits ${body.length} bytes`);
  }
  return chosen;
}

function share(body: Uint8Array, size: UserBytes): number {
  let fitting = 0;
  for (let at = 0; at < body.length; at += size) {
    if (userFits(decodeUser(body.subarray(at, at + size), size), size)) fitting++;
  }
  return fitting / (body.length / size);
}

export function decodeUsers(body: Uint8Array, size: UserBytes): ZkUser[] {
  const users: ZkUser[] = [];
  for (let at = 0; at < body.length; at += size) {
    users.push(decodeUser(body.subarray(at, at + size), size));
  }
  return users;
}

/** What GET_FREE_SIZES says. It can lie: 0 records never means that there is nothing to read. */
export interface Sizes {
  readonly users: number;
  readonly fingers: number;
  readonly records: number;
  readonly operations: number;
  readonly admins: number;
  readonly passwords: number;
  readonly fingerCapacity: number;
  readonly userCapacity: number;
  readonly recordCapacity: number;
  readonly fingersFree: number;
  readonly usersFree: number;
  readonly recordsFree: number;
  readonly faces: number | null;
  readonly faceCapacity: number | null;
}

/** Bytes; 80, 92 and 112 were seen. A D2 answers four zero bytes, which say nothing. */
const SIZES_BYTES = 80;
/** Records; nothing known holds more than a fiftieth of it, a larger number is not a count. */
const MAX_COUNT = 10_000_000;

/** Null when the answer is too short to be one or its numbers are no counts. */
export function decodeSizes(data: Uint8Array): Sizes | null {
  if (data.length < SIZES_BYTES) return null;
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const at = (offset: number) => view.getUint32(offset, true);
  const sizes: Sizes = {
    users: at(16),
    fingers: at(24),
    records: at(32),
    operations: at(40),
    admins: at(48),
    passwords: at(52),
    fingerCapacity: at(56),
    userCapacity: at(60),
    recordCapacity: at(64),
    fingersFree: at(68),
    usersFree: at(72),
    recordsFree: at(76),
    faces: data.length >= 92 ? at(80) : null,
    faceCapacity: data.length >= 92 ? at(88) : null,
  };
  return sizes.records > MAX_COUNT || sizes.users > MAX_COUNT ? null : sizes;
}
