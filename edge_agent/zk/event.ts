/**
 * Live attendance events of a terminal. Pure. There is no replay and a connection may fall silent
 * unseen, so an event is a hint to poll soon, never the record of truth.
 */
import { untilNul } from "./frame.ts";
import { decodeEventTime } from "./time.ts";

export interface PunchEvent {
  readonly userId: string;
  /** False for ids sent as a number, which lost leading zeros or are the terminal's index. */
  readonly exactId: boolean;
  readonly verify: number;
  readonly state: number;
  readonly wallTime: string;
}

/** Bytes of one event and of its id field; the rest behind the six time bytes is unknown. */
const BODIES: readonly { size: number; id: 2 | 4 | 24 }[] = [
  { size: 52, id: 24 },
  { size: 37, id: 24 },
  { size: 36, id: 24 },
  { size: 32, id: 24 },
  { size: 14, id: 2 },
  { size: 12, id: 4 },
  { size: 10, id: 2 },
];

/**
 * The events of one frame: several of one size may follow each other. Empty when no size of the
 * known ones divides the body into events that all make sense.
 */
export function decodeEvents(data: Uint8Array): PunchEvent[] {
  for (const { size, id } of BODIES) {
    if (data.length === 0 || data.length % size !== 0) continue;
    const events: PunchEvent[] = [];
    for (let at = 0; at < data.length; at += size) {
      const event = decodeEvent(data.subarray(at, at + size), id);
      if (event) events.push(event);
    }
    if (events.length === data.length / size) return events;
  }
  return [];
}

function decodeEvent(bytes: Uint8Array, id: 2 | 4 | 24): PunchEvent | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const wallTime = decodeEventTime(bytes.subarray(id + 2, id + 8));
  const userId = id === 24
    ? untilNul(bytes.subarray(0, 24))
    : String(id === 4 ? view.getUint32(0, true) : view.getUint16(0, true));
  if (wallTime === null || !/^[\x21-\x7e]{1,24}$/.test(userId) || userId === "0") return null;
  return { userId, exactId: id === 24, verify: bytes[id]!, state: bytes[id + 1]!, wallTime };
}
