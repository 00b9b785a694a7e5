/** X.509 certificates for TLS tests, made on the spot: as much DER as a P-256 certificate needs. */
import { Buffer } from "node:buffer";
import { generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";

export interface Authority {
  readonly name: string;
  readonly pem: string;
  readonly key: KeyObject;
}

export interface Served {
  readonly cert: string;
  readonly key: string;
}

const DAY_MS = 86_400_000;
const ECDSA_WITH_SHA256 = "2a8648ce3d040302";
const COMMON_NAME = "550403";
const BASIC_CONSTRAINTS = "551d13";
const SUBJECT_ALT_NAME = "551d11";

export function makeAuthority(name: string): Authority {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const subject = { name, publicKey, ca: true, dns: [] };
  const span = { from: Date.now() - DAY_MS, until: Date.now() + 30 * DAY_MS };
  return { name, key: privateKey, pem: certificate(subject, { name, key: privateKey }, span) };
}

/** A server certificate of that authority; by default for localhost and good today. */
export function makeServed(
  authority: Authority,
  { dns = ["localhost"], from = Date.now() - DAY_MS, until = Date.now() + DAY_MS } = {},
): Served {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const subject = { name: dns[0] ?? "server", publicKey, ca: false, dns };
  return {
    cert: certificate(subject, authority, { from, until }),
    key: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
  };
}

function certificate(
  subject: { name: string; publicKey: KeyObject; ca: boolean; dns: readonly string[] },
  issuer: { name: string; key: KeyObject },
  { from, until }: { from: number; until: number },
): string {
  const algorithm = sequence(oid(ECDSA_WITH_SHA256));
  const extensions = [sequence(
    oid(BASIC_CONSTRAINTS),
    der(0x01, Buffer.from([0xff])),
    octets(subject.ca ? sequence(der(0x01, Buffer.from([0xff]))) : sequence()),
  )];
  if (subject.dns.length > 0) {
    const names = subject.dns.map((name) => der(0x82, Buffer.from(name, "ascii")));
    extensions.push(sequence(oid(SUBJECT_ALT_NAME), octets(sequence(...names))));
  }
  const body = sequence(
    der(0xa0, integer(Buffer.from([2]))),
    integer(Buffer.concat([Buffer.from([0x01]), randomBytes(15)])),
    algorithm,
    nameOf(issuer.name),
    sequence(utcTime(from), utcTime(until)),
    nameOf(subject.name),
    subject.publicKey.export({ type: "spki", format: "der" }),
    der(0xa3, sequence(...extensions)),
  );
  const signature = der(
    0x03,
    Buffer.concat([Buffer.from([0]), sign("sha256", body, issuer.key)]),
  );
  const lines = sequence(body, algorithm, signature).toString("base64").match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join("\n")}\n-----END CERTIFICATE-----\n`;
}

function der(tag: number, content: Uint8Array): Buffer {
  const size = content.length;
  const length = size < 0x80
    ? [size]
    : size < 0x100
    ? [0x81, size]
    : [0x82, size >> 8, size & 0xff];
  return Buffer.concat([Buffer.from([tag, ...length]), content]);
}

const sequence = (...parts: Uint8Array[]) => der(0x30, Buffer.concat(parts));
const oid = (hex: string) => der(0x06, Buffer.from(hex, "hex"));
const integer = (bytes: Uint8Array) => der(0x02, bytes);
const octets = (content: Uint8Array) => der(0x04, content);
const nameOf = (text: string) =>
  sequence(der(0x31, sequence(oid(COMMON_NAME), der(0x0c, Buffer.from(text, "utf8")))));

function utcTime(ms: number): Buffer {
  const text = new Date(ms).toISOString().replace(/[-:T]/g, "").slice(2, 14);
  return der(0x17, Buffer.from(`${text}Z`, "ascii"));
}
