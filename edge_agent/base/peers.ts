/**
 * Addresses and networks: who may speak to the device port, and whose word about the speaker counts.
 * Pure. Must not know terminals or HTTP beyond the text of X-Forwarded-For.
 */

/** Sixteen bytes; an IPv4 address is held as ::ffff:a.b.c.d, which is how dual-stack sockets say it. */
type Address = readonly number[];

interface Network {
  readonly address: Address;
  /** Leading bits that must agree, of 128. */
  readonly bits: number;
}

export class BadAddress extends Error {
  override readonly name = "BadAddress";
}

export class PeerList {
  readonly #networks: readonly Network[];

  /** Entries: IPv4, IPv6, either with `/bits`. Throws BadAddress naming the entry. */
  constructor(entries: readonly string[]) {
    this.#networks = entries.map(parseNetwork);
  }

  get empty(): boolean {
    return this.#networks.length === 0;
  }

  has(address: string): boolean {
    const bytes = parseAddress(address);
    return bytes !== null && this.#networks.some((network) => covers(network, bytes));
  }
}

/** Whether a host name or address can only be this machine. */
export function isLoopback(name: string): boolean {
  const bare = name.replace(/^\[|\]$/g, "").toLowerCase();
  return bare === "localhost" || bare === "::1" || /^127(\.\d{1,3}){3}$/.test(bare);
}

/**
 * Who really speaks: the socket peer, or, when that is a listed proxy, the last address in
 * X-Forwarded-For that is not itself a listed proxy. Every other header is hearsay.
 */
export function speaker(peer: string, forwardedFor: string | undefined, proxies: PeerList): string {
  if (forwardedFor === undefined || !proxies.has(peer)) return plainAddress(peer);
  const hops = forwardedFor.split(",").map((hop) => hop.trim()).filter((hop) => hop !== "");
  for (const hop of hops.reverse()) {
    const bare = withoutPort(hop);
    if (parseAddress(bare) === null) return plainAddress(peer);
    if (!proxies.has(bare)) return plainAddress(bare);
  }
  return plainAddress(peer);
}

/** `::ffff:10.0.0.7` as `10.0.0.7`, without a zone id; other text unchanged. */
export function plainAddress(text: string): string {
  const bytes = parseAddress(text);
  if (bytes === null) return text;
  return isIpv4(bytes) ? bytes.slice(12).join(".") : text.replace(/%.*$/, "").toLowerCase();
}

function parseNetwork(entry: string): Network {
  const [host = "", bits, ...rest] = entry.trim().split("/");
  const address = parseAddress(host);
  if (address === null || rest.length > 0) throw new BadAddress(`not an address: ${entry}`);
  if (bits === undefined) return { address, bits: 128 };
  const offset = host.includes(":") ? 0 : 96;
  const width = Number(bits);
  if (!/^\d{1,3}$/.test(bits) || width > 128 - offset) {
    throw new BadAddress(`not a network: ${entry}`);
  }
  return { address, bits: offset + width };
}

function covers(network: Network, address: Address): boolean {
  const whole = network.bits >> 3;
  for (let at = 0; at < whole; at++) if (network.address[at] !== address[at]) return false;
  const rest = network.bits & 7;
  if (rest === 0) return true;
  const mask = 0xff << (8 - rest) & 0xff;
  return ((network.address[whole] ?? 0) & mask) === ((address[whole] ?? 0) & mask);
}

function isIpv4(address: Address): boolean {
  return address.slice(0, 10).every((byte) => byte === 0) && address[10] === 255 &&
    address[11] === 255;
}

function withoutPort(hop: string): string {
  const bracketed = /^\[([^\]]+)\](:\d+)?$/.exec(hop)?.[1];
  if (bracketed !== undefined) return bracketed;
  return /^[\d.]+:\d+$/.test(hop) ? hop.slice(0, hop.indexOf(":")) : hop;
}

function parseAddress(text: string): Address | null {
  const bare = text.replace(/%.*$/, "");
  const four = parseIpv4(bare);
  if (four !== null) return [...new Array<number>(10).fill(0), 255, 255, ...four];
  return bare.includes(":") ? parseIpv6(bare) : null;
}

function parseIpv4(text: string): number[] | null {
  const parts = text.split(".");
  if (parts.length !== 4) return null;
  // A leading zero is read as octal by some and as decimal by others.
  if (!parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) < 256)) return null;
  return parts.map(Number);
}

function parseIpv6(text: string): number[] | null {
  const halves = text.split("::");
  if (halves.length > 2) return null;
  const [left, right] = halves.map(parseGroups);
  if (left === null || left === undefined || right === null) return null;
  if (right === undefined) return left.length === 16 ? left : null;
  const zeros = 16 - left.length - right.length;
  return zeros < 2 ? null : [...left, ...new Array<number>(zeros).fill(0), ...right];
}

function parseGroups(text: string): number[] | null {
  if (text === "") return [];
  const bytes: number[] = [];
  const groups = text.split(":");
  for (const [at, group] of groups.entries()) {
    const four = at === groups.length - 1 ? parseIpv4(group) : null;
    if (four !== null) bytes.push(...four);
    else if (/^[0-9A-Fa-f]{1,4}$/.test(group)) {
      const value = Number.parseInt(group, 16);
      bytes.push(value >> 8, value & 255);
    } else return null;
  }
  return bytes;
}
