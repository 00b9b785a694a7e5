/**
 * The command and answer codes of the port-4370 protocol, taken from node-zklib's constants file and
 * proven to be whole numbers when the agent starts. Nothing else of node-zklib may be imported by the
 * agent: its read path loses records from healthy terminals and its clear ignores a refusal
 * (tests/edge/zk/peer_test.ts shows both). Codes it does not know are written out here.
 */
import constants from "node-zklib/constants.js";

const peer: Readonly<Record<string, unknown>> = constants.COMMANDS;

function code(name: string): number {
  const value = peer[name];
  if (typeof value !== "number" || !Number.isInteger(value) || value < 0 || value > 0xffff) {
    throw new Error(`node-zklib has no usable constant ${name}`);
  }
  return value;
}

/**
 * What the agent may ask a terminal. CMD_CLEAR_DATA is absent on purpose: bare it wipes users too; so is
 * CMD_DELETE_USER, which takes the templates with the user.
 */
export const COMMAND = {
  userWrite: code("CMD_USER_WRQ"),
  restart: code("CMD_RESTART"),
  optionsWrite: code("CMD_OPTIONS_WRQ"),
  refreshOptions: code("CMD_REFRESHOPTION"),
  optionsRead: code("CMD_OPTIONS_RRQ"),
  clearAttendanceLog: code("CMD_CLEAR_ATTLOG"),
  freeSizes: code("CMD_GET_FREE_SIZES"),
  getTime: code("CMD_GET_TIME"),
  setTime: code("CMD_SET_TIME"),
  registerEvent: code("CMD_REG_EVENT"),
  connect: code("CMD_CONNECT"),
  exit: code("CMD_EXIT"),
  enableDevice: code("CMD_ENABLEDEVICE"),
  disableDevice: code("CMD_DISABLEDEVICE"),
  refreshData: code("CMD_REFRESHDATA"),
  version: code("CMD_GET_VERSION"),
  auth: code("CMD_AUTH"),
  freeData: code("CMD_FREE_DATA"),
  prepareBuffer: code("CMD_DATA_WRRQ"),
  readBuffer: code("CMD_DATA_RDY"),
} as const;

/** What a terminal may answer. */
export const ANSWER = {
  prepareData: code("CMD_PREPARE_DATA"),
  data: code("CMD_DATA"),
  ok: code("CMD_ACK_OK"),
  error: code("CMD_ACK_ERROR"),
  unauthorized: code("CMD_ACK_UNAUTH"),
  unknownCommand: code("CMD_ACK_UNKNOWN"),
  /** Firmware since 2025 refuses the open protocol; a SpeedFace H5L answers the second to a read. */
  pullNotAvailable: [6001, 4989] as readonly number[],
} as const;

/** Events of a registered live connection; only attendance matters here. */
export const EVENT_ATTENDANCE = code("EF_ATTLOG");

/** Bytes: the largest slice that every known client asks over TCP. */
export const TCP_SLICE_BYTES: number = constants.MAX_CHUNK;
/** Bytes: the largest slice asked over UDP, sixteen datagrams of 1,024. */
export const UDP_SLICE_BYTES = 16_384;
/** Bytes of data in one UDP answer. */
export const UDP_PACKET_BYTES = 1_024;
