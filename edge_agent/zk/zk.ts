/**
 * The protocol of port 4370: conversations, reads, and a read as punches. Door of the room: neither the clear
 * nor the writing of users goes through it. Must not know schedules or Odoo.
 */
export type { PunchEvent } from "./event.ts";
export { ZkFault } from "./frame.ts";
export {
  dialOf,
  inBatches,
  type PollTarget,
  type PunchSink,
  readWhole,
  requireFacts,
  requireSerial,
  type Stored,
  storeRead,
} from "./intake.ts";
export { bearsStamp, endOf, type LogEnd, NO_END, stillHolds } from "./log_end.ts";
export { type LogRead, readLog, readUsers, whyIncomplete } from "./read.ts";
export { DEFAULT_PORT, type Dial, Terminal, withTerminal } from "./socket.ts";
export {
  disableDevice,
  enableDevice,
  nextEvents,
  readFacts,
  readSerial,
  readSizes,
  readTime,
  refreshData,
  registerEvents,
  restartDevice,
  Session,
  setOption,
  setTime,
  type Talk,
  type TerminalFacts,
  type Waits,
} from "./talk.ts";
export { latestBelievable } from "./time.ts";
export type { ZkUser } from "./user.ts";
