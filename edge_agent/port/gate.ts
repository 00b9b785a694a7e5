/**
 * Who is let in at the device port, judged on the head of a request before a byte of its body is
 * read: socket peer, secret path, serial, comm key. The protocol has no login worth the name, so
 * these stand together. Must not know tables or commands.
 */
import { dialectOf, Query } from "../adms/adms.ts";
import type { Log } from "../base/log.ts";
import { PeerList, plainAddress, speaker } from "../base/peers.ts";
import { sha256Hex } from "../base/sha256.ts";
import { familyOf, SERIAL } from "../base/terminal.ts";
import type { Device, Devices } from "../fleet/fleet.ts";
import type { RequestHead } from "../http1/http1.ts";

export interface GateSettings {
  /** Addresses and networks of terminals; empty refuses all. */
  readonly allow: readonly string[];
  readonly allowAny: boolean;
  readonly trustedProxies: readonly string[];
  readonly secretPath?: string | undefined;
  readonly requireSecretPath: boolean;
}

/** An allowed request. */
export interface Visit {
  /** Lower case, without prefix, secret and `.aspx`: `cdata`, `getrequest` … */
  readonly endpoint: string;
  readonly query: Query;
  readonly serial: string;
  readonly peer: string;
  readonly version: "1.0" | "1.1";
  readonly isHandshake: boolean;
}

export interface Denial {
  readonly status: number;
  /** Never with the letters OK: old firmware takes them anywhere for success. */
  readonly body: string;
}

/** The text that sends old firmware back to its handshake. */
const UNKNOWN_DEVICE = "UNKNOWN DEVICE";
export const FAILED = "ERR";
const FORBIDDEN = "FORBIDDEN";
const ABSENT = "NOT FOUND";

/** Socket peers whose address is remembered; whoever has more addresses than that is no branch. */
const MAX_PEERS = 1_024;
/** Paths as sent that are remembered, short ones: a terminal says the same few words for years. */
const MAX_PATHS = 256;
const LONGEST_PATH = 256;

/** What the lists say of a socket peer. */
interface Peer {
  /** Plain. */
  readonly address: string;
  readonly allowed: boolean;
}

/** What a path says. */
interface Place {
  readonly secret: string | undefined;
  readonly endpoint: string;
}

const PATH = /^\/(?:t\/([A-Za-z0-9_-]{1,128})\/)?iclock\/([a-z]{1,32})(?:\.aspx)?$/;

export class Gate {
  readonly #settings: GateSettings;
  readonly #devices: Devices;
  readonly #log: Log;
  readonly #allow: PeerList;
  readonly #proxies: PeerList;
  /** By the text of the socket: the lists never change, and terminals keep their addresses. */
  readonly #peers = new Map<string, Peer>();
  readonly #paths = new Map<string, Place>();

  /** Throws BadAddress for an entry that is no address. */
  constructor({ settings, devices, log }: { settings: GateSettings; devices: Devices; log: Log }) {
    this.#settings = settings;
    this.#devices = devices;
    this.#log = log;
    this.#allow = new PeerList(settings.allow);
    this.#proxies = new PeerList(settings.trustedProxies);
  }

  isProxy(peer: string): boolean {
    return this.#proxies.has(peer);
  }

  /** True when nobody can get in because nobody is listed. */
  get closed(): boolean {
    return this.#allow.empty && !this.#settings.allowAny;
  }

  judge(head: RequestHead, socketPeer: string): Visit | Denial {
    const { address: peer, allowed } = this.#peerOf(
      socketPeer,
      head.headers.get("x-forwarded-for"),
    );
    if (!allowed) return this.#stranger(peer, socketPeer);
    const place = this.#placeOf(head.path);
    if (place === null) return { status: 404, body: ABSENT };
    const { secret, endpoint } = place;
    if (!this.#secretFits(secret)) return { status: 403, body: FORBIDDEN };
    if (head.method !== "GET" && head.method !== "POST" && head.method !== "HEAD") {
      return { status: 405, body: FAILED };
    }
    return this.#judgeSerial(head, endpoint, peer);
  }

  /** Behind a proxy each request names its own speaker; else an address is read once. */
  #peerOf(socketPeer: string, forwardedFor: string | undefined): Peer {
    const known = forwardedFor === undefined ? this.#peers.get(socketPeer) : undefined;
    if (known !== undefined) return known;
    const address = speaker(socketPeer, forwardedFor, this.#proxies);
    const peer = { address, allowed: this.#settings.allowAny || this.#allow.has(address) };
    if (forwardedFor !== undefined) return peer;
    if (this.#peers.size >= MAX_PEERS) this.#peers.clear();
    this.#peers.set(socketPeer, peer);
    return peer;
  }

  #placeOf(path: string): Place | null {
    const known = this.#paths.get(path);
    if (known !== undefined) return known;
    const found = PATH.exec(plainPath(path));
    if (found === null) return null;
    const place = { secret: found[1], endpoint: found[2] ?? "" };
    if (path.length > LONGEST_PATH) return place;
    if (this.#paths.size >= MAX_PATHS) this.#paths.clear();
    this.#paths.set(path, place);
    return place;
  }

  #stranger(peer: string, socketPeer: string): Denial {
    this.#log.warn(
      this.closed
        ? "refused: no address of a terminal is allowed yet (devicePort.allow)"
        : "refused: address is not allowed (devicePort.allow)",
      { peer, via: plainAddress(socketPeer) },
    );
    return { status: 403, body: FORBIDDEN };
  }

  /** A wrong secret is refused even where none is required: somebody is trying. */
  #secretFits(given: string | undefined): boolean {
    const { secretPath, requireSecretPath } = this.#settings;
    if (given === undefined) return !requireSecretPath;
    // Digests of equal length, so that the comparison tells nothing of where the words part.
    return secretPath !== undefined && sha256Hex(given) === sha256Hex(secretPath);
  }

  #judgeSerial(head: RequestHead, endpoint: string, peer: string): Visit | Denial {
    const query = new Query(head.query);
    const serial = query.get("sn")?.trim() ?? "";
    if (!SERIAL.test(serial) || query.repeated.has("sn")) return { status: 400, body: FAILED };
    const isHandshake = endpoint === "cdata" && greets(head, query) && !query.has("table") &&
      !query.has("type") && !query.has("authtype");
    const visit = { endpoint, query, serial, peer, version: head.version, isHandshake };
    const device = this.#devices.lookup(serial);
    if (device === undefined || device.state === "refused") {
      return this.#unknown(visit, device);
    }
    if (!this.#commKeyFits(visit, device)) {
      this.#log.warn("refused: comm key does not fit", { serial, peer });
      return { status: 403, body: UNKNOWN_DEVICE };
    }
    return visit;
  }

  #unknown(visit: Visit, device: Device | undefined): Denial {
    const { serial, peer, endpoint } = visit;
    if (device === undefined) {
      const dialect = dialectOf({ ...visit, path: endpoint });
      const family = dialect === null ? "" : familyOf(dialect);
      if (this.#devices.noteUnknown(serial, peer, family)) {
        this.#log.warn("refused: serial is not allowed", { serial, peer });
      }
    }
    return { status: endpoint === "registry" ? 406 : 403, body: UNKNOWN_DEVICE };
  }

  /**
   * Terminals state their comm key at the handshake only. Where one is asked for, the peer that
   * showed it last may go on without; any other must show it first.
   */
  #commKeyFits({ query, isHandshake, serial, peer }: Visit, device: Device): boolean {
    const wanted = device.settings.commKey;
    if (wanted === "") return true;
    const given = query.get("pushcommkey") ?? query.get("comkey");
    if (given === undefined) return !isHandshake && device.keyPeer === peer;
    if (sha256Hex(given) !== sha256Hex(wanted)) return false;
    this.#devices.noteKeyPeer(serial, peer);
    return true;
  }
}

/** A greeting is a GET; posted it is one only with its `options` and nothing that could be rows. */
function greets(head: RequestHead, query: Query): boolean {
  if (head.method !== "POST") return true;
  return query.has("options") && (head.length ?? 0) === 0 && !head.chunked;
}

/** Double and trailing slashes come from server addresses typed with a slash at the end. */
function plainPath(path: string): string {
  const slashes = path.trim().replace(/\/{2,}/g, "/").replace(/(?<=.)\/$/, "");
  const secret = /^\/t\/[^/]+\//i.exec(slashes)?.[0] ?? "/";
  const rest = slashes.slice(secret.length - 1).toLowerCase();
  return secret === "/" ? rest : `/t/${secret.slice(3, -1)}${rest}`;
}
