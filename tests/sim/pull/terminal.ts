/**
 * A simulated ZKTeco terminal, pull side: TCP and UDP on one port, comm key, all record sizes,
 * prepared buffers and slices, live events, and the faults that broken or hostile terminals show.
 * Imports nothing of the agent. What it destroyed is in `memory.destroyed`.
 */
import { createSocket, type Socket } from "node:dgram";
import { type FaultName, Faults, toldRecords } from "./faults.ts";
import { FakeMemory, type FakeRecord } from "./memory.ts";
import type { FakeTerminalOptions } from "./options.ts";
import {
  closeQuietly,
  flood,
  isLost,
  type Pace,
  type Peer,
  sendEvent,
  tcpPeer,
  udpPeer,
} from "./peer.ts";
import {
  CODE,
  keyMatches,
  optionText,
  readPacket,
  readUser,
  timeCode,
  timeText,
  type WirePacket,
  withPrefix,
  writeLog,
  writePacket,
  writeSizes,
  writeUsers,
} from "./wire.ts";

export type { FaultName } from "./faults.ts";
export type { FakeTerminalOptions } from "./options.ts";

/** Thrown inside to end a connection. */
class HangUp extends Error {}

export class FakeTerminal {
  readonly memory: FakeMemory;
  /** Every command received, by code, in order. */
  readonly commands: number[] = [];
  readonly #options: FakeTerminalOptions;
  readonly #faults = new Faults();
  readonly #peers = new Set<Peer>();
  readonly #connections = new Set<Deno.TcpConn>();
  #listener: Deno.TcpListener | null = null;
  #socket: Socket | null = null;
  readonly #setOptions = new Map<string, string>();
  #nextSession = 0x3c5c;
  #log = { name: "", bytes: new Uint8Array(0) };
  #port = 0;

  constructor(options: FakeTerminalOptions) {
    this.#options = options;
    this.memory = new FakeMemory(options);
    this.#pace = {
      frameGapMs: options.frameGapMs ?? 0,
      segmentBytes: options.segmentBytes ?? 0,
      udpTroubleEvery: options.udpTroubleEvery ?? 0,
      udpLossPercent: options.udpLossPercent ?? 0,
      tamper: options.tamper ?? null,
    };
  }

  get port(): number {
    return this.#port;
  }

  readonly #pace: Pace;
  /** The network is gone for this terminal: connections end, packets are not heard. */
  deaf = false;

  /** Shows a fault the next `times` times it can. */
  fault(name: FaultName, times?: number): this {
    this.#faults.set(name, times);
    return this;
  }

  healed(): this {
    this.#faults.clear();
    return this;
  }

  /** How often a fault was shown. */
  shown(name: FaultName): number {
    return this.#faults.shown(name);
  }

  count(code: number): number {
    return this.commands.filter((seen) => seen === code).length;
  }

  /** `hostname`: any address of 127.0.0.0/8, so that a terminal can move; 0.0.0.0 is all. */
  async start(port = 0, hostname = "127.0.0.1"): Promise<this> {
    this.#listener = Deno.listen({ hostname, port });
    this.#port = this.#listener.addr.port;
    this.#accept(this.#listener);
    const socket = createSocket("udp4");
    this.#socket = socket;
    const peers = new Map<string, Peer>();
    socket.on("message", (bytes, from) => {
      if (isLost(this.#pace)) return;
      const name = `${from.address}:${from.port}`;
      const peer = peers.get(name) ?? udpPeer(socket, from, this.#pace);
      peers.set(name, peer);
      this.#handle(peer, bytes).catch((error) => {
        if (!(error instanceof HangUp)) throw error;
      });
    });
    await new Promise<void>((resolve) => socket.bind(this.#port, hostname, resolve));
    return this;
  }

  async stop(): Promise<void> {
    this.#listener?.close();
    this.#listener = null;
    for (const connection of this.#connections) closeQuietly(connection);
    await new Promise<void>((resolve) => this.#socket ? this.#socket.close(resolve) : resolve());
    this.#socket = null;
  }

  async #accept(listener: Deno.TcpListener): Promise<void> {
    for (;;) {
      let connection: Deno.TcpConn;
      try {
        connection = await listener.accept();
      } catch {
        return; // stopped
      }
      connection.setNoDelay(true);
      this.#connections.add(connection);
      this.#serve(connection).finally(() => {
        this.#connections.delete(connection);
        closeQuietly(connection);
      });
    }
  }

  async #serve(connection: Deno.TcpConn): Promise<void> {
    const peer = tcpPeer(connection, this.#pace);
    this.#peers.add(peer);
    let held = new Uint8Array(0);
    const chunk = new Uint8Array(16 * 1024);
    try {
      for (;;) {
        const count = await connection.read(chunk);
        if (count === null) return;
        held = new Uint8Array([...held, ...chunk.subarray(0, count)]);
        while (held.length >= 8) {
          const length = new DataView(held.buffer).getUint32(4, true);
          if (held.length < 8 + length) break;
          const payload = held.slice(8, 8 + length);
          held = held.slice(8 + length);
          await this.#handle(peer, payload);
        }
      }
    } catch {
      // The peer went away, or a fault asked for it.
    } finally {
      this.#peers.delete(peer);
    }
  }

  async #handle(peer: Peer, payload: Uint8Array): Promise<void> {
    if (this.deaf) {
      peer.hangUp();
      throw new HangUp();
    }
    const packet = readPacket(payload);
    if (!packet) return;
    this.commands.push(packet.code);
    if (packet.code === CODE.connect) return await this.#connect(peer, packet);
    if (packet.code === CODE.auth) return await this.#authorize(peer, packet);
    if (packet.code === CODE.ok) return; // an acknowledged event
    if (!peer.authorized) return await this.#answer(peer, packet, CODE.unauthorized);
    await this.#command(peer, packet);
  }

  async #answer(peer: Peer, asked: WirePacket, code: number, data?: Uint8Array): Promise<void> {
    await peer.send({
      code,
      session: peer.session,
      replyId: asked.replyId,
      data: data ?? new Uint8Array(0),
    });
  }

  async #connect(peer: Peer, packet: WirePacket): Promise<void> {
    if (this.#faults.due("connect_silent")) return;
    if (this.#faults.due("connect_6001")) return await this.#answer(peer, packet, 6001);
    peer.session = this.#nextSession = (this.#nextSession + 7) & 0xffff;
    peer.authorized = this.#options.commKey === undefined;
    await this.#answer(peer, packet, peer.authorized ? CODE.ok : CODE.unauthorized);
  }

  async #authorize(peer: Peer, packet: WirePacket): Promise<void> {
    peer.authorized = keyMatches(packet.data, this.#options.commKey ?? 0, peer.session);
    await this.#answer(peer, packet, peer.authorized ? CODE.ok : CODE.unauthorized);
  }

  async #command(peer: Peer, packet: WirePacket): Promise<void> {
    const { memory } = this;
    const view = new DataView(packet.data.buffer, packet.data.byteOffset, packet.data.byteLength);
    switch (packet.code) {
      case CODE.exit:
        await this.#answer(peer, packet, CODE.ok);
        return peer.hangUp();
      case CODE.enable:
        if (this.#faults.due("enable_silent")) return;
        memory.enable();
        return await this.#answer(peer, packet, CODE.ok);
      case CODE.disable:
        memory.disable(packet.data.length === 4 ? view.getUint32(0, true) : 0);
        return await this.#answer(peer, packet, CODE.ok);
      case CODE.option:
        return await this.#option(peer, packet);
      case CODE.version:
        return await this.#answer(
          peer,
          packet,
          CODE.ok,
          text(`${this.#options.firmware ?? "Ver 6.60 Apr 28 2017"}\0`),
        );
      case CODE.getTime: {
        const data = new Uint8Array(4);
        new DataView(data.buffer).setUint32(0, timeCode(memory.wallTime()), true);
        return await this.#answer(peer, packet, CODE.ok, data);
      }
      case CODE.setTime:
        memory.setWallTime(timeText(view.getUint32(0, true)));
        return await this.#answer(peer, packet, CODE.ok);
      case CODE.sizes:
        return await this.#sizes(peer, packet);
      case CODE.want:
        return await this.#want(peer, packet);
      case CODE.slice:
        return await this.#slice(peer, packet, view.getUint32(0, true), view.getUint32(4, true));
      case CODE.clearLog:
        return await this.#clear(peer, packet);
      case CODE.event:
        peer.wantsEvents = true;
        this.memory.onRecord ??= (record) => this.#announce(record);
        return await this.#answer(peer, packet, CODE.ok);
      case CODE.userWrite:
        return await this.#writeUser(peer, packet);
      case CODE.optionWrite:
        return await this.#writeOption(peer, packet);
      case CODE.restart:
        memory.notes.push("restarted");
        await this.#answer(peer, packet, CODE.ok);
        return peer.hangUp();
      case CODE.free:
      case CODE.refreshOptions:
      case CODE.refresh:
        return await this.#answer(peer, packet, CODE.ok);
      default:
        return await this.#answer(peer, packet, CODE.unknown);
    }
  }

  #announce(record: FakeRecord): void {
    for (const peer of this.#peers) {
      if (!peer.wantsEvents) continue;
      sendEvent(peer, record).catch(() => undefined); // the listener left
    }
  }

  async #option(peer: Peer, packet: WirePacket): Promise<void> {
    const known = { ...this.#options.options, ...Object.fromEntries(this.#setOptions) };
    const value = optionText(this.memory, packet.data, known);
    if (value === null) return await this.#answer(peer, packet, CODE.error);
    await this.#answer(peer, packet, CODE.ok, text(value));
  }

  async #writeUser(peer: Peer, packet: WirePacket): Promise<void> {
    const size = packet.data.length;
    if (this.#faults.due("user_refused") || (size !== 28 && size !== 72)) {
      return await this.#answer(peer, packet, CODE.error);
    }
    const raw = packet.data.slice();
    if (this.#faults.due("user_wiped")) raw.fill(0, 3, size === 72 ? 11 : 8);
    this.memory.putUser(readUser(raw));
    await this.#answer(peer, packet, CODE.ok);
  }

  async #writeOption(peer: Peer, packet: WirePacket): Promise<void> {
    const [name = "", value = ""] = new TextDecoder().decode(packet.data).split("\0")[0]!.split(
      "=",
    );
    if (this.#options.options?.[name] === undefined) {
      return await this.#answer(peer, packet, CODE.error);
    }
    if (!this.#faults.due("option_ignored")) this.#setOptions.set(name, value);
    await this.#answer(peer, packet, CODE.ok);
  }

  async #sizes(peer: Peer, packet: WirePacket): Promise<void> {
    const told = toldRecords(this.#faults, this.memory.records.length);
    await this.#answer(peer, packet, CODE.ok, writeSizes(this.memory, told));
  }

  async #want(peer: Peer, packet: WirePacket): Promise<void> {
    if (this.#faults.due("want_silent")) return;
    if (this.#faults.due("want_error")) return await this.#answer(peer, packet, CODE.error);
    peer.buffer = packet.data[1] === 0x0d ? this.#prepareLog() : writeUsers(
      this.memory.users,
      this.#options.userBytes ?? ((this.#options.recordBytes ?? 40) >= 40 ? 72 : 28),
    );
    if (this.#faults.due("events_between")) await sendEvent(peer, passer(this.memory));
    if (this.#faults.due("stray_flood")) await flood(peer);
    if (peer.buffer.length <= (this.#options.inlineBytes ?? 1024)) {
      const spoil = this.#faults.due("bad_checksum") ? 0x40 : 0;
      const packetOut = {
        code: CODE.data,
        session: peer.session,
        replyId: packet.replyId,
        data: peer.buffer,
      };
      return await peer.send(packetOut, spoil);
    }
    const announced = new Uint8Array(13);
    const view = new DataView(announced.buffer);
    const size = this.#faults.due("huge_announcement") ? 0xfffffff0 : peer.buffer.length;
    view.setUint32(1, size, true);
    view.setUint32(5, size, true);
    await this.#answer(peer, packet, CODE.ok, announced);
  }

  /** A snapshot: what is punched from now on is not in it. */
  #prepareLog(): Uint8Array {
    const { memory } = this;
    let records = memory.records;
    if (this.#faults.due("short_log")) {
      records = records.slice(0, Math.floor(records.length * 2 / 3));
    }
    const bytes = this.#written(records);
    if (this.#faults.due("lying_header")) {
      new DataView(bytes.buffer).setUint32(0, bytes.length + 96, true);
    }
    if (this.#faults.due("append_during_read")) memory.punch(memory.users[0]?.pin ?? "1");
    return bytes;
  }

  /** Kept until the log changes, so that a bench measures the reader and not this writer. */
  #written(records: FakeRecord[]): Uint8Array<ArrayBuffer> {
    const name = `${records[0]?.number} ${records.at(-1)?.number} ${records.length}`;
    if (this.#log.name !== name) {
      const bytes = writeLog(this.memory, records, this.#options.recordBytes ?? 40);
      this.memory.markRead(records);
      this.#log = { name, bytes };
    }
    return this.#log.bytes.slice();
  }

  async #slice(peer: Peer, asked: WirePacket, start: number, size: number): Promise<void> {
    const bytes = peer.buffer.subarray(start, start + size);
    const base = { session: peer.session, replyId: asked.replyId };
    if (this.#options.bareSlices) return await peer.send({ ...base, code: CODE.data, data: bytes });
    const width = peer.udp ? 1024 : this.#options.tcpPacketBytes ?? 65_536;
    const head = new Uint8Array(8);
    new DataView(head.buffer).setUint32(0, bytes.length, true);
    new DataView(head.buffer).setUint32(4, width, true);
    await peer.send({ ...base, code: CODE.prepare, data: head });
    const unnumbered = this.#faults.due("unnumbered");
    const end = bytes.length - 1;
    for (let at = 0, number = 0; at < bytes.length; at += width, number++) {
      const data = bytes.subarray(at, at + width);
      const last = at + width > end;
      const session = unnumbered ? peer.session : number;
      const frame = { code: CODE.data, session, replyId: asked.replyId, data };
      if (last) await this.#lastFrame(peer, frame);
      else await peer.send(frame);
    }
    const closing = { ...base, code: CODE.ok, data: new Uint8Array(0) };
    if (this.#faults.due("late_ack")) {
      setTimeout(() => peer.send(closing).catch(() => undefined), 5);
    } else await peer.send(closing);
  }

  /** Most faults strike here. */
  async #lastFrame(peer: Peer, frame: WirePacket): Promise<void> {
    if (this.#faults.due("drop_midway")) {
      await peer.sendRaw(withPrefix(writePacket(frame)).slice(0, 11));
      peer.hangUp();
      throw new HangUp();
    }
    if (this.#faults.due("stall")) {
      peer.silent = true;
      return;
    }
    if (this.#faults.due("garbage_bytes")) {
      return await peer.sendRaw(text("HTTP/1.1 200 OK\r\n\r\n"));
    }
    if (this.#faults.due("garbage_length")) {
      return await peer.sendRaw(withPrefix(writePacket(frame), 0xfffffff0));
    }
    if (this.#faults.due("truncate")) {
      const part = frame.data.subarray(0, Math.floor(frame.data.length * 2 / 3));
      return await peer.send({ ...frame, data: part });
    }
    if (this.#faults.due("events_between")) await sendEvent(peer, passer(this.memory));
    if (this.#faults.due("endless")) { for (;;) await peer.send(frame); }
    await peer.send(frame, this.#faults.due("bad_checksum") ? 0x40 : 0);
  }

  async #clear(peer: Peer, packet: WirePacket): Promise<void> {
    const { memory } = this;
    if (this.#faults.due("append_before_clear")) memory.punch(memory.users[0]?.pin ?? "1");
    if (this.#faults.due("clear_refused")) return await this.#answer(peer, packet, CODE.error);
    if (this.#faults.due("clear_drop_before")) {
      peer.hangUp();
      throw new HangUp();
    }
    memory.clear();
    if (this.#faults.due("clear_drop_after")) {
      peer.hangUp();
      throw new HangUp();
    }
    if (this.#faults.due("clear_no_ack")) return;
    await this.#answer(peer, packet, CODE.ok);
  }
}

/** Somebody who punches during a read. */
function passer(memory: FakeMemory): FakeRecord {
  return { number: 0, pin: "1", wallTime: memory.wallTime(), state: 0, verify: 1 };
}

function text(value: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(value);
}
