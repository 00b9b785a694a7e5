/**
 * Reads cases of real port-4370 bytes (tests/cases/examples/pull) with the agent's own codec and
 * prints one line {"id", "result"} per case. The result states everything the codec found; a case
 * expects a part of it. What kind of bytes a case holds is told by the bytes; its id helps only where
 * bare records have no header to tell. `expect` is never looked at.
 *
 *     deno run --allow-read tests/cases/run_pull.ts FILE…
 */
import {
  checksumHolds,
  encodePacket,
  hexOf,
  type Packet,
  readHeader,
  TcpCutter,
  untilNul,
  ZkFault,
} from "../../edge_agent/zk/frame.ts";
import { ANSWER, COMMAND, UDP_PACKET_BYTES } from "../../edge_agent/zk/constants.ts";
import {
  type AttendanceRecord,
  chooseLayout,
  decodeRecord,
  type Layout,
  layoutBytes,
} from "../../edge_agent/zk/record.ts";
import {
  chooseUserBytes,
  decodeSizes,
  decodeUser,
  decodeUsers,
  type UserBytes,
  type ZkUser,
} from "../../edge_agent/zk/user.ts";
import { decodeEvents } from "../../edge_agent/zk/event.ts";
import { decodeTime } from "../../edge_agent/zk/time.ts";
import { commKeyOf } from "../sim/pull/comm_key.ts";

type Result = Record<string, unknown>;
export interface PullCase {
  readonly id: string;
  readonly bytes_hex: string;
}

/** One frame of a case; `bytes` is the payload with its header. */
interface Frame {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly packet: Packet;
  readonly valid: boolean;
}

export function runPullCase(given: PullCase): Result {
  const bytes = fromHex(given.bytes_hex);
  try {
    if (beginsTcp(bytes)) return describeStream(given.id, cutTcp(bytes));
    if (looksLikePacket(bytes)) {
      return describeStream(given.id, { frames: [frameOf(bytes)], left: 0 });
    }
    if (/^(tcp|udp)-/.test(given.id)) return { error: "framing" };
    return describeBare(given.id, bytes);
  } catch (fault) {
    if (!(fault instanceof ZkFault)) throw fault;
    return { error: fault.kind, message: fault.message };
  }
}

function fromHex(text: string): Uint8Array<ArrayBuffer> {
  const pairs = text.match(/[0-9a-fA-F]{2}/g) ?? [];
  return new Uint8Array(pairs.map((pair) => parseInt(pair, 16)));
}

function beginsTcp(bytes: Uint8Array): boolean {
  return bytes[0] === 0x50 && bytes[1] === 0x50 && bytes[2] === 0x82 && bytes[3] === 0x7d;
}

const CODES = new Set<number>([
  ...Object.values(COMMAND),
  ...[ANSWER.prepareData, ANSWER.data, ANSWER.ok, ANSWER.error, ANSWER.unauthorized],
  ...ANSWER.pullNotAvailable,
]);

/** A checksum that holds proves a packet; a cut or damaged one is still known by its code. */
function looksLikePacket(bytes: Uint8Array<ArrayBuffer>): boolean {
  if (bytes.length < 8) return false;
  if (checksumHolds(bytes)) return true;
  const { code } = readHeader(bytes);
  return code >= 1000 && CODES.has(code);
}

function frameOf(bytes: Uint8Array<ArrayBuffer>): Frame {
  return { bytes, packet: readHeader(bytes), valid: checksumHolds(bytes) };
}

function cutTcp(bytes: Uint8Array<ArrayBuffer>): { frames: Frame[]; left: number } {
  const cutter = new TcpCutter();
  const frames: Frame[] = [];
  cutter.add(bytes);
  for (let payload = cutter.take(); payload !== null; payload = cutter.take()) {
    frames.push(frameOf(payload));
  }
  const left = cutter.pending;
  // A capture that was cut: its header is still worth showing, beside the error.
  if (frames.length === 0 && left >= 16) frames.push(frameOf(bytes.slice(8)));
  return { frames, left };
}

function describeStream(id: string, stream: { frames: Frame[]; left: number }): Result {
  const { frames, left } = stream;
  const result: Result = { frames: frames.map(describeFrame) };
  const [only] = frames;
  if (only && frames.length === 1) {
    Object.assign(result, describeFrame(only), describeData(id, only.packet));
  }
  result["all_checksums_valid"] = frames.length > 0 && frames.every((frame) => frame.valid);
  frames.forEach(({ packet }, at) => {
    result[`answer_to_reply_id_${packet.replyId}`] ??= at;
  });
  const data = frames.filter(({ packet }) => packet.code === ANSWER.data);
  if (data.length > 0) {
    result["session_field_of_data_frames"] = data.map(({ packet }) => packet.session);
    Object.assign(result, describeTransfer(id, frames));
  }
  const damaged = frames.find((frame) => !frame.valid);
  if (damaged) result["error"] = "checksum";
  if (left > 0) Object.assign(result, { error: "length", incomplete_bytes: left });
  return result;
}

function describeFrame(frame: Frame): Result {
  const { packet, bytes, valid } = frame;
  return {
    code: packet.code,
    checksum: bytes[2]! | bytes[3]! << 8,
    checksum_valid: valid,
    session: packet.session,
    session_field: packet.session,
    reply_id: packet.replyId,
    payload_len: bytes.length,
    data_len: packet.data.length,
    data_hex: hexOf(packet.data),
    encodes_to_the_same_bytes: hexOf(encodePacket(packet)) === hexOf(bytes),
  };
}

function describeData(id: string, packet: Packet): Result {
  const { code, data } = packet;
  if (code === COMMAND.registerEvent && data.length > 4) return describeEvents(packet);
  if (code === COMMAND.auth && data.length === 4) return describeAuth(packet);
  if (code === ANSWER.data) return {};
  if (code === ANSWER.prepareData) {
    return data.length >= 8 ? { size: u32(data), packet_size: u32(data, 4) } : { error: "length" };
  }
  if (code === COMMAND.disableDevice && data.length === 4) return { seconds: u32(data) };
  if (code === COMMAND.readBuffer && data.length === 8) {
    return { start: u32(data), size: u32(data, 4) };
  }
  if (code === COMMAND.prepareBuffer && data.length === 11) {
    return { what: data[1]! | data[2]! << 8, fct: u32(data, 3) };
  }
  if (code === ANSWER.ok && data.length >= 80) return describeSizes(data);
  const result: Result = { data_text: untilEnd(data) };
  if (code === ANSWER.ok && data.length === 13 && data[0] === 0) {
    Object.assign(result, { size: u32(data, 1), size_again: u32(data, 5) });
  }
  if (data.length === 4) {
    Object.assign(result, { time_raw: u32(data), time: decodeTime(u32(data)), mask: u32(data) });
  }
  if (/state/.test(id)) result["state"] = packet.session;
  return { ...result, ...describeOption(data) };
}

function u32(data: Uint8Array, at = 0): number {
  return new DataView(data.buffer, data.byteOffset).getUint32(at, true);
}

function untilEnd(data: Uint8Array): string {
  return new TextDecoder("latin1").decode(data);
}

function describeOption(data: Uint8Array): Result {
  const text = untilNul(data);
  const equals = text.indexOf("=");
  if (equals < 1) return { text };
  return { text, option: text.slice(0, equals), value: text.slice(equals + 1) };
}

function describeEvents(packet: Packet): Result {
  const events = decodeEvents(packet.data).map((event) => ({
    user_id: event.userId,
    verify: event.verify,
    state: event.state,
    time: event.wallTime,
  }));
  return { event: packet.session, ...events[0], events };
}

function describeAuth(packet: Packet): Result {
  return {
    auth_hex: hexOf(packet.data),
    ticks: packet.data[2],
    comm_key: commKeyOf(packet.data, packet.session),
  };
}

function describeSizes(data: Uint8Array): Result {
  const sizes = decodeSizes(data);
  if (!sizes) return { error: "length" };
  return {
    users: sizes.users,
    fingers: sizes.fingers,
    records: sizes.records,
    operations: sizes.operations,
    admins: sizes.admins,
    cards: sizes.admins,
    passwords: sizes.passwords,
    finger_capacity: sizes.fingerCapacity,
    user_capacity: sizes.userCapacity,
    record_capacity: sizes.recordCapacity,
    fingers_free: sizes.fingersFree,
    users_free: sizes.usersFree,
    records_free: sizes.recordsFree,
    faces: sizes.faces,
    face_capacity: sizes.faceCapacity,
  };
}

/** The data of one transfer: all its data frames joined, whatever announced them. */
function describeTransfer(id: string, frames: Frame[]): Result {
  const data = frames.filter(({ packet }) => packet.code === ANSWER.data);
  const joined = joinAll(data.map(({ packet }) => packet.data));
  const [first] = data;
  const bareSize = /^att-(8|16|40|49)/.exec(id)?.[1];
  if (first && data.length === 1 && bareSize && !first.valid) {
    return describeMiddlePacket(first, Number(bareSize));
  }
  const announced = frames.find(({ packet }) => packet.code === ANSWER.prepareData)?.packet.data;
  const result: Result = { data_len: joined.length };
  if (announced && announced.length >= 4) {
    result["announced_len"] = u32(announced);
    if (u32(announced) !== joined.length) result["error"] = "length";
  }
  if (joined.length < 4) return { ...result, error: "length" };
  result["length_header"] = u32(joined);
  if (u32(joined) !== joined.length - 4) return { ...result, error: "length" };
  return { ...result, ...describeBody(id, joined.subarray(4)) };
}

function joinAll(parts: Uint8Array[]): Uint8Array<ArrayBuffer> {
  const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

/** A datagram out of the middle: its number tells where in a record it begins. */
function describeMiddlePacket(frame: Frame, size: number): Result {
  const { packet } = frame;
  const lengthHeader = 4;
  const position = packet.session * UDP_PACKET_BYTES - lengthHeader;
  const tail = (size - position % size) % size;
  const body = packet.data.subarray(tail);
  const whole = body.subarray(0, body.length - body.length % size);
  return {
    packet_index: packet.session,
    skip_tail_bytes: tail,
    ...describeLog(whole, layoutFor(whole, size)),
  };
}

function describeBody(id: string, body: Uint8Array): Result {
  if (body.length === 0) return { records: 0, users: 0 };
  const attempts = /user/.test(id) ? [usersBody, logBody] : [logBody, usersBody];
  for (const attempt of attempts) {
    try {
      return attempt(body);
    } catch (fault) {
      if (!(fault instanceof ZkFault)) throw fault;
    }
  }
  return { error: "layout" };
}

function usersBody(body: Uint8Array): Result {
  const size = chooseUserBytes(body, null);
  const users = decodeUsers(body, size);
  const result: Result = { users: users.length, user_size: size };
  users.forEach((user, at) => {
    result[`user_${at + 1}`] = describeUser(user, body.subarray(at * size), size);
  });
  return result;
}

function logBody(body: Uint8Array): Result {
  return describeLog(body, chooseLayout(body, { count: null, latest: tomorrow() }));
}

function tomorrow(): string {
  return new Date(Date.now() + 86_400_000).toISOString().slice(0, 19).replace("T", " ");
}

/** `size` is known; of the two readings of 8 bytes plausibility picks one. */
function layoutFor(body: Uint8Array, size: number): Layout {
  if (size !== 8) return String(size) as Layout;
  return chooseLayout(body, { count: body.length / 8, latest: tomorrow() });
}

function describeLog(body: Uint8Array, layout: Layout): Result {
  const size = layoutBytes(layout);
  const records = Array.from(
    { length: body.length / size },
    (_, at) => decodeRecord(body.subarray(at * size, (at + 1) * size), layout),
  );
  const described = records.map(describeRecord);
  const result: Result = {
    record_size: size,
    complete_records: records.length,
    records: records.length,
    first: described[0],
    last: described.at(-1),
    duplicates: exactRepeats(body, size),
  };
  described.forEach((record, at) => result[`record_${at + 1}`] = record);
  return result;
}

function exactRepeats(body: Uint8Array, size: number): [number, number][] {
  const seen = new Map<string, number>();
  const repeats: [number, number][] = [];
  for (let at = 0; at < body.length; at += size) {
    const text = hexOf(body.subarray(at, at + size));
    const before = seen.get(text);
    if (before !== undefined) repeats.push([before, at / size]);
    seen.set(text, at / size);
  }
  return repeats;
}

function describeRecord(record: AttendanceRecord): Result {
  return {
    uid: record.index,
    user_id: record.userId,
    verify: record.verify,
    state: record.state,
    time_raw: record.timeCode,
    time: record.wallTime,
    flags: record.flags,
    work_code: record.workCode,
    reserved_hex: record.rest,
  };
}

function describeUser(user: ZkUser, bytes: Uint8Array, size: UserBytes): Result {
  return {
    uid: user.index,
    user_id: user.pin,
    name: user.name,
    role: user.privilege,
    disabled: (user.privilege & 1) === 1,
    password: untilNul(bytes.subarray(3, size === 72 ? 11 : 8)),
    password_is_set: user.hasPassword,
    card: Number(user.card),
    group: user.group,
  };
}

/** Bytes without a header: records, users, an event's body or a time code. */
function describeBare(id: string, bytes: Uint8Array<ArrayBuffer>): Result {
  const [, kind, size] = /^(att|user|event|time|sizes|free-sizes)-?.*?-?(\d+)?/.exec(id) ?? [];
  if (kind === "user" || kind === "att") return describeBareRecords(id, kind, bytes);
  if (kind === "event") {
    const packet = { code: COMMAND.registerEvent, session: 1, replyId: 0, data: bytes };
    return describeEvents(packet);
  }
  if (bytes.length === 4) return { time_raw: u32(bytes), time: decodeTime(u32(bytes)) };
  if (kind?.endsWith("sizes") || size === "sizes") return describeSizes(bytes);
  return describeBody(id, bytes);
}

/** `att-40-…` and the like: the id names the size; a length header may stand in front. */
function describeBareRecords(id: string, kind: "att" | "user", bytes: Uint8Array): Result {
  const size = Number(/^(?:att|users?)-(\d+)/.exec(id)?.[1] ?? bytes.length);
  if (bytes.length % size === 4 && u32(bytes) === bytes.length - 4) {
    return describeBareRecords(id, kind, bytes.subarray(4));
  }
  if (bytes.length === 0 || bytes.length % size !== 0) return { error: "length" };
  if (kind === "user") {
    if (size !== 28 && size !== 72) return { error: "layout" };
    return { ...describeUser(decodeUser(bytes, size), bytes, size), ...usersBody(bytes) };
  }
  if (![8, 16, 40, 49].includes(size)) return { error: "layout" };
  const layout = layoutFor(bytes, size);
  return { ...describeLog(bytes, layout), ...describeRecord(decodeRecord(bytes, layout)) };
}

if (import.meta.main) {
  for (const file of Deno.args) {
    const given = JSON.parse(Deno.readTextFileSync(file)) as PullCase;
    console.log(JSON.stringify({ id: given.id, result: runPullCase(given) }));
  }
}
