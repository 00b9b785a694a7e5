/**
 * The push protocol as text and bytes, both ways. Door of the room; must not know sockets, the queue or who
 * asks.
 */
export { dataAnswer, parseAccessEvents, parseDataRows } from "./access.ts";
export { CLOCK_SET, isBiometricTable, isSetupTable, MEMORY_LOST, PUNCH_EVENTS } from "./codes.ts";
export {
  commandLine,
  commandText,
  NOTHING_TO_DO,
  parseResults,
  returnMessage,
  windowCount,
} from "./command.ts";
export {
  accessOptions,
  dialectOf,
  handshakeText,
  keepableStamp,
  lines,
  signedHours,
} from "./handshake.ts";
export { factsOfFields, type OplogEntry, parseInfo, parseOperlog, parseOptions } from "./oplog.ts";
export {
  attlogLines,
  isFormBody,
  parseAttlog,
  punchOfColumns,
  rejectOf,
  rejectOfTable,
  type Rows,
  tableName,
} from "./table.ts";
export {
  bodyPieces,
  countLines,
  type Decoded,
  decodeLines,
  decodeText,
  encodeVendorTime,
  Query,
} from "./text.ts";
