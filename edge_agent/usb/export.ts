/**
 * The signed CSV for the days when Odoo is away: all punches of the queue, oldest first, and as the
 * last line this agent's Ed25519 signature over every byte before it. Pure but for what it is handed.
 * Owns the form of the file (docs/agent.md, "Signed CSV"); must not know the queue or the disk.
 */
import { createHash, type Hash } from "node:crypto";
import type { PunchRow } from "../queue/queue.ts";

export const COLUMNS = [
  "serial",
  "pin",
  "wall_time",
  "status",
  "verify",
  "work_code",
  "extra",
  "channel",
  "received_at",
  "state",
  "lane",
  "seq",
  "key",
  "clock",
  "salt",
  "hash",
] as const;

const SIGNATURE = "#signature";

export interface Exporter {
  readonly pages: AsyncIterable<readonly PunchRow[]>;
  readonly write: (text: string) => void;
  readonly sign: (text: string) => Promise<string>;
  readonly fingerprint: string;
}

/** Writes header, rows and signature; returns the number of rows. */
export async function exportCsv({ pages, write, sign, fingerprint }: Exporter): Promise<number> {
  const digest = createHash("sha256");
  let count = 0;
  emit(`${COLUMNS.join(",")}\r\n`, digest, write);
  for await (const page of pages) {
    for (const row of page) emit(`${csvLine(row)}\r\n`, digest, write);
    count += page.length;
  }
  const signature = await sign(["v1", "export", digest.digest("hex")].join("\n"));
  write([SIGNATURE, "ed25519", fingerprint.replaceAll(" ", ""), signature].join(",") + "\r\n");
  return count;
}

function emit(text: string, digest: Hash, write: (text: string) => void): void {
  digest.update(text, "utf8");
  write(text);
}

function csvLine(row: PunchRow): string {
  return [
    row.serial,
    row.pin,
    row.wallTime,
    row.status,
    row.verify,
    row.workCode,
    row.extra,
    row.channel,
    new Date(row.receivedAt).toISOString(),
    row.state,
    row.lane,
    String(row.seq),
    row.key,
    row.clock,
    row.salt,
    row.hash,
  ].map(csvCell).join(",");
}

/**
 * What a spreadsheet would run as a formula gets an apostrophe in front, and so does what begins with
 * one: taking one leading apostrophe away gives back exactly what the terminal sent.
 */
function csvCell(text: string): string {
  const safe = /^[=+\-@\t\r'\uff1d\uff0b\uff0d\uff20]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
