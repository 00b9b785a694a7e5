/**
 * Writing one user of a terminal: the whole record as it was read, with only what was ordered changed,
 * and the list read again as proof. Pure. Password, group, time zones and every byte nobody ordered to
 * change stay; an administrator of the terminal is never written; nobody is ever deleted. What is said of
 * a write names no person.
 *
 * Record layouts: facts as in user.ts. The terminal takes the record in the form in which it lists it.
 */
import { COMMAND } from "./constants.ts";
import { ZkFault } from "./frame.ts";
import { readUserBook, type UserBook } from "./read.ts";
import { ask, refreshData, requireOk, type Session, type Talk } from "./talk.ts";
import { decodeUser, decodeUsers, type UserBytes, type ZkUser } from "./user.ts";

/** Null leaves a field as it is; of somebody new it is empty. */
export interface UserOrder {
  readonly pin: string;
  readonly name: string;
  readonly card: string | null;
  readonly disabled: boolean | null;
  /** What the terminal must hold for this to be done: a name, or nobody (`""`); null: anything. */
  readonly was: string | null;
}

/** One record to write and what changes by it. */
interface UserWrite {
  readonly size: UserBytes;
  readonly record: Uint8Array<ArrayBuffer>;
  readonly isNew: boolean;
  /** In words without names; empty when the terminal holds it already. */
  readonly changes: readonly string[];
}

/** What came of an order; `users` is the list as it stands now. */
export interface UserWritten {
  readonly message: string;
  readonly users: readonly ZkUser[];
}

interface Places {
  readonly password: readonly [number, number];
  readonly name: readonly [number, number];
  readonly card: number;
  readonly group: number;
}

const PLACES: Readonly<Record<UserBytes, Places>> = {
  72: { password: [3, 11], name: [11, 35], card: 35, group: 39 },
  28: { password: [3, 8], name: [8, 16], card: 16, group: 21 },
};
const PRIVILEGE = 2;
const DISABLED = 1;
/** Bits 1 to 3: 0 is an ordinary user. */
const LEVEL = 0x0e;
const LAST_INDEX = 0xfffe;
const LAST_NUMBER = 0xffff_ffff;

/**
 * Reads, writes, reads again. Throws ZkFault `refused` before anything was written, or with the reason
 * why a write is not proven. `count`: the terminal's own count of users.
 */
export function* writeUser(
  session: Session,
  order: UserOrder,
  count: number | null,
): Talk<UserWritten> {
  const before = yield* readUserBook(session, count);
  const write = planWrite(before, order);
  if ("refused" in write) throw new ZkFault("refused", write.refused);
  const users = () => decodeUsers(before.body, write.size);
  if (write.changes.length === 0) {
    return { message: "the terminal holds it already", users: users() };
  }
  requireOk(yield* ask(session, COMMAND.userWrite, write.record), "USER_WRQ");
  yield* refreshData(session);
  const known = before.body.length / write.size;
  const after = yield* readUserBook(session, write.isNew ? known + 1 : known);
  const doubt = whyNotProven(before, after, write);
  if (doubt !== null) throw new ZkFault("refused", `written, but not proven: ${doubt}`);
  const message = `written and read back: ${write.changes.join(", ")}; nothing else changed`;
  return { message, users: decodeUsers(after.body, write.size) };
}

/** The record to write, or why nothing is written. */
export function planWrite(book: UserBook, order: UserOrder): UserWrite | { refused: string } {
  const { size, body } = book;
  if (size === null) {
    return { refused: "the terminal lists no user yet; enrol the first one at the terminal" };
  }
  const refused = misfit(book, order, size);
  if (refused !== null) return { refused };
  const users = decodeUsers(body, size);
  const places = users.flatMap(({ pin }, place) => pin === order.pin ? [place] : []);
  if (places.length > 1) return { refused: "the terminal lists this PIN twice" };
  const [place] = places;
  const held = place === undefined ? null : users[place] ?? null;
  if (order.was !== null && order.was !== (held?.name ?? "")) {
    return { refused: "the terminal holds something else than was shown; refresh its users" };
  }
  if (held === null || place === undefined) {
    return order.disabled === true
      ? { refused: "the terminal does not know this PIN" }
      : newRecord(users, order, size);
  }
  if ((held.privilege & LEVEL) !== 0) {
    return { refused: "an administrator of the terminal is left alone" };
  }
  const record = body.slice(place * size, (place + 1) * size);
  return { size, record, isNew: false, changes: change(record, held, order, size) };
}

/** Why this order cannot be put into a record of this size. */
function misfit(book: UserBook, order: UserOrder, size: UserBytes): string | null {
  const number = Number(order.pin);
  const plain = String(number) === order.pin && number > 0 && number <= LAST_NUMBER;
  if (size === 28 && !plain) {
    return "this terminal takes PINs that are numbers without leading zeros";
  }
  if (size === 72 && !/^[\x21-\x7e]{1,23}$/.test(order.pin)) return "this PIN does not fit";
  if (order.card !== null && !(Number(order.card) <= LAST_NUMBER)) {
    return "this card number does not fit";
  }
  // deno-lint-ignore no-control-regex -- ASCII is what it means
  if (!/^[\x00-\x7f]*$/.test(order.name) && !namesAreUtf8(book, size)) {
    return "this terminal writes names in another code page; use plain letters";
  }
  return null;
}

function namesAreUtf8({ body }: UserBook, size: UserBytes): boolean {
  const [from, to] = PLACES[size].name;
  const strict = new TextDecoder("utf-8", { fatal: true });
  for (let at = 0; at < body.length; at += size) {
    const field = body.subarray(at + from, at + to);
    const end = field.indexOf(0);
    // A field that is full may end in the middle of a character.
    if (end < 0) continue;
    try {
      strict.decode(field.subarray(0, end));
    } catch {
      return false;
    }
  }
  return true;
}

/** Behind every place in use: a lower one may be that of somebody gone whose records still name it. */
function newRecord(
  users: readonly ZkUser[],
  order: UserOrder,
  size: UserBytes,
): UserWrite | { refused: string } {
  const index = Math.max(...users.map((user) => user.index)) + 1;
  if (index > LAST_INDEX) return { refused: "the terminal has no place left for a user" };
  const record = new Uint8Array(size);
  const view = new DataView(record.buffer);
  view.setUint16(0, index, true);
  record[PLACES[size].group] = 1;
  if (size === 72) record.set(new TextEncoder().encode(order.pin), 48);
  else view.setUint32(24, Number(order.pin), true);
  change(record, decodeUser(record, size), order, size);
  return { size, record, isNew: true, changes: ["a new user"] };
}

/** Puts what was ordered into the record; returns what that changes. */
function change(
  record: Uint8Array,
  held: ZkUser,
  order: UserOrder,
  size: UserBytes,
): string[] {
  const places = PLACES[size];
  const changes: string[] = [];
  const [from, to] = places.name;
  const name = cutName(order.name, to - from);
  if (name !== held.name) {
    record.fill(0, from, to);
    record.set(new TextEncoder().encode(name), from);
    changes.push("name");
  }
  if (order.card !== null && Number(order.card) !== Number(held.card)) {
    new DataView(record.buffer, record.byteOffset).setUint32(
      places.card,
      Number(order.card),
      true,
    );
    changes.push("card");
  }
  if (order.disabled !== null && order.disabled !== ((held.privilege & DISABLED) !== 0)) {
    record[PRIVILEGE] = held.privilege ^ DISABLED;
    changes.push(order.disabled ? "disabled" : "enabled");
  }
  return changes;
}

/** As much of a name as fits, cut between characters. */
function cutName(name: string, bytes: number): string {
  const encoder = new TextEncoder();
  let short = "", used = 0;
  for (const character of name.trim()) {
    used += encoder.encode(character).length;
    if (used > bytes) break;
    short += character;
  }
  return short.trimEnd();
}

/** Null when the list now is the list before with this one record in it. */
function whyNotProven(before: UserBook, after: UserBook, write: UserWrite): string | null {
  if (after.size !== write.size) return "the list has another form now";
  const wanted = fingerprints(before, write.size).set(
    decodeUser(write.record, write.size).pin,
    fingerprint(write.record, write.size),
  );
  const found = fingerprints(after, write.size);
  const { pin } = decodeUser(write.record, write.size);
  if (found.get(pin) !== wanted.get(pin)) return "the terminal holds something else";
  const same = found.size === wanted.size &&
    [...wanted].every(([key, print]) => found.get(key) === print);
  return same ? null : "other users changed at the same moment";
}

function fingerprints({ body }: UserBook, size: UserBytes): Map<string, string> {
  const prints = new Map<string, string>();
  for (let at = 0; at < body.length; at += size) {
    const record = body.subarray(at, at + size);
    prints.set(decodeUser(record, size).pin, fingerprint(record, size));
  }
  return prints;
}

/** Every field that means something; what stands behind a NUL is rubbish. Never leaves this file. */
function fingerprint(record: Uint8Array, size: UserBytes): string {
  const [from, to] = PLACES[size].password;
  const password = record.subarray(from, to);
  const end = password.indexOf(0);
  const zones = record.subarray(PLACES[size].group, size === 72 ? 48 : 24);
  return JSON.stringify([
    decodeUser(record, size),
    [...password.subarray(0, end < 0 ? password.length : end)],
    [...zones],
  ]);
}
