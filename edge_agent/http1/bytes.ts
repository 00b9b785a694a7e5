/**
 * Buffers under the HTTP/1.x parser: bytes not yet understood, and a body as it grows. Pure.
 * Must not know what a header or a chunk is.
 */
import { Buffer } from "node:buffer";

const CR = 13;
const LF = 10;

/** Bytes not yet understood. Grows by whole reads, gives from the front. */
export class ByteBuffer {
  #bytes = new Uint8Array(0);
  #start = 0;
  /** Where the search for a line end goes on, so that slow senders do not cost a square. */
  #searched = 0;

  get length(): number {
    return this.#bytes.length - this.#start;
  }

  append(bytes: Uint8Array): void {
    if (this.length === 0) {
      this.#bytes = bytes as Uint8Array<ArrayBuffer>;
      this.#searched = 0;
    } else {
      const joined = new Uint8Array(this.length + bytes.length);
      joined.set(this.#bytes.subarray(this.#start));
      joined.set(bytes, this.length);
      this.#searched = Math.max(0, this.#searched - this.#start);
      this.#bytes = joined;
    }
    this.#start = 0;
  }

  take(count: number): Uint8Array {
    const bytes = this.#bytes.subarray(this.#start, this.#start + count);
    this.#start += bytes.length;
    this.#searched = this.#start;
    return bytes;
  }

  /** RFC 9112 2.2: empty lines before a request line are passed over. */
  dropLeadingLines(): void {
    while (this.#bytes[this.#start] === CR && this.#bytes[this.#start + 1] === LF) this.#start += 2;
  }

  /** Length of the head without its empty line, -1 while that is missing. */
  headEnd(): number {
    const bytes = this.#bytes;
    for (let at = Math.max(this.#start, this.#searched - 3); at + 3 < bytes.length; at++) {
      if (
        bytes[at] === CR && bytes[at + 1] === LF && bytes[at + 2] === CR && bytes[at + 3] === LF
      ) return this.#bareLineFeedBefore(at) ? -1 : at - this.#start;
    }
    this.#searched = bytes.length;
    return -1;
  }

  hasBareLineFeed(): boolean {
    return this.#bareLineFeedBefore(this.#bytes.length);
  }

  #bareLineFeedBefore(end: number): boolean {
    for (let at = this.#start; at < end; at++) {
      if (this.#bytes[at] === LF && (at === this.#start || this.#bytes[at - 1] !== CR)) return true;
    }
    return false;
  }

  /** The head as text, one character per byte; its empty line is consumed too. */
  takeText(length: number): string {
    const text = latin1(this.take(length));
    this.take(4);
    return text;
  }

  takeLine(limit: number): string | null | "too long" {
    const end = this.#bytes.indexOf(LF, this.#start);
    if (end < 0) return this.length > limit ? "too long" : null;
    if (end - this.#start > limit || this.#bytes[end - 1] !== CR || end === this.#start) {
      return "too long";
    }
    const text = latin1(this.take(end - 1 - this.#start));
    this.take(2);
    return text;
  }
}

/** A body as it grows: doubled, so that many tiny reads cost no more than few large ones. */
export class ByteList {
  #bytes = new Uint8Array(0);
  length = 0;
  /** Bytes that are set aside with the first that comes. */
  expected = 0;

  append(bytes: Uint8Array): void {
    this.room(bytes.length).set(bytes);
    this.length += bytes.length;
  }

  /** Room for so many bytes behind those there are; they count once `length` says so. */
  room(count: number): Uint8Array {
    const needed = this.length + count;
    if (needed > this.#bytes.length) {
      const grown = new Uint8Array(
        Math.max(needed, this.length === 0 ? this.expected : 2 * this.length),
      );
      grown.set(this.#bytes.subarray(0, this.length));
      this.#bytes = grown;
    }
    return this.#bytes.subarray(this.length, needed);
  }

  joined(): Uint8Array {
    return this.#bytes.subarray(0, this.length);
  }
}

/** One character per byte, unlike the decoder of that name, which means windows-1252. */
export function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1");
}
