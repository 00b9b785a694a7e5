/** What kind of terminal is simulated. */
import type { MemoryOptions } from "./memory.ts";
import type { RecordBytes } from "./wire.ts";

export interface FakeTerminalOptions extends MemoryOptions {
  readonly commKey?: number;
  readonly recordBytes?: RecordBytes;
  readonly userBytes?: 28 | 72;
  /** Bytes of data per CMD_DATA over TCP; 65,536 answers a slice with one frame. */
  readonly tcpPacketBytes?: number;
  /** Writes cut into pieces of this many bytes. */
  readonly segmentBytes?: number;
  /** Milliseconds between frames. */
  readonly frameGapMs?: number;
  /** A slice is answered by one bare CMD_DATA. */
  readonly bareSlices?: boolean;
  /** One in this many datagrams is lost, repeated or swapped; 0 for none. */
  readonly udpTroubleEvery?: number;
  /** Percent of datagrams lost, in both directions. */
  readonly udpLossPercent?: number;
  /** What becomes of each payload on its way out; an empty list loses it, null ends the connection. */
  readonly tamper?: (payload: Uint8Array<ArrayBuffer>) => Uint8Array<ArrayBuffer>[] | null;
  readonly inlineBytes?: number;
  readonly firmware?: string;
  readonly options?: Readonly<Record<string, string>>;
}
