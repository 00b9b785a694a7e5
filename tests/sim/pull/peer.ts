/**
 * How a simulated terminal sends to one client, over TCP and over UDP: pacing, cut segments, lost,
 * repeated and swapped datagrams. Imports nothing of the agent.
 */
import type { Socket } from "node:dgram";
import { Dice } from "../dice.ts";
import type { FakeRecord } from "./memory.ts";
import { CODE, type WirePacket, withPrefix, writeEvent, writePacket } from "./wire.ts";

export interface Pace {
  /** Milliseconds before each frame. */
  readonly frameGapMs: number;
  /** Writes are cut into pieces of this many bytes; 0 for whole. */
  readonly segmentBytes: number;
  /** One in this many datagrams is lost, swapped with the next, or repeated; 0 for none. */
  readonly udpTroubleEvery: number;
  /** Percent of datagrams that are lost, in both directions. */
  readonly udpLossPercent: number;
  readonly tamper: ((payload: Uint8Array<ArrayBuffer>) => Uint8Array<ArrayBuffer>[] | null) | null;
}

/** One client and what the terminal knows of it. */
export interface Peer {
  send(packet: WirePacket, spoil?: number): Promise<void>;
  sendRaw(bytes: Uint8Array<ArrayBuffer>): Promise<void>;
  hangUp(): void;
  readonly udp: boolean;
  session: number;
  authorized: boolean;
  buffer: Uint8Array;
  wantsEvents: boolean;
  /** The terminal hangs: it takes everything and says nothing more. */
  silent: boolean;
}

function makePeer(
  udp: boolean,
  pace: Pace,
  post: (bytes: Uint8Array<ArrayBuffer>) => Promise<void>,
  hangUp: () => void,
): Peer {
  const peer: Peer = {
    udp,
    session: 0,
    authorized: false,
    buffer: new Uint8Array(0),
    wantsEvents: false,
    silent: false,
    hangUp,
    async sendRaw(bytes) {
      if (peer.silent) return;
      if (pace.frameGapMs > 0) await pause(pace.frameGapMs);
      await post(bytes);
    },
    async send(packet, spoil = 0) {
      const payload = writePacket(packet, spoil);
      const payloads = pace.tamper === null ? [payload] : pace.tamper(payload);
      if (payloads === null) return peer.hangUp();
      for (const sent of payloads) await peer.sendRaw(udp ? sent : withPrefix(sent));
    },
  };
  return peer;
}

export function tcpPeer(connection: Deno.TcpConn, pace: Pace): Peer {
  const post = async (bytes: Uint8Array<ArrayBuffer>) => {
    const piece = pace.segmentBytes || bytes.length;
    for (let at = 0; at < bytes.length;) {
      at += await connection.write(bytes.subarray(at, Math.min(bytes.length, at + piece)));
    }
  };
  return makePeer(false, pace, post, () => closeQuietly(connection));
}

export function udpPeer(
  socket: Socket,
  to: { address: string; port: number },
  pace: Pace,
): Peer {
  const post = (bytes: Uint8Array) =>
    new Promise<void>((resolve) => socket.send(bytes, to.port, to.address, () => resolve()));
  let turn = 0;
  let held: Uint8Array | null = null;
  const troubled = async (bytes: Uint8Array<ArrayBuffer>) => {
    if (isLost(pace)) return;
    turn++;
    const every = pace.udpTroubleEvery;
    const trouble = every > 0 && turn % every === 0 ? Math.floor(turn / every) % 3 : null;
    if (trouble === 0) return; // lost
    if (trouble === 1 && held === null) {
      held = bytes;
      return;
    }
    await post(bytes);
    if (trouble === 2) await post(bytes);
    if (held !== null) {
      const late = held;
      held = null;
      await post(late);
    }
  };
  return makePeer(true, pace, troubled, () => undefined);
}

const dice = new Dice(1);

/** From a fixed seed, so that a run can be repeated. */
export function isLost(pace: Pace): boolean {
  if (pace.udpLossPercent === 0) return false;
  return dice.below(100) < pace.udpLossPercent;
}

export function closeQuietly(connection: Deno.TcpConn): void {
  try {
    connection.close();
  } catch {
    // It was closed by the other side.
  }
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

export async function sendEvent(peer: Peer, record: FakeRecord): Promise<void> {
  await peer.send({ code: CODE.event, session: 1, replyId: 0, data: writeEvent(record) });
}

/** Answers that nobody asked for. */
export async function flood(peer: Peer): Promise<void> {
  for (let number = 0; number < 20_000; number++) {
    await peer.send({ code: CODE.ok, session: 1, replyId: 0xfff0, data: new Uint8Array(0) });
  }
}
