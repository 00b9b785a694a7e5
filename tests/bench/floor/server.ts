/**
 * The least server that keeps the same promise as the device port: raw TCP, just enough HTTP, every
 * line of the tables committed (WAL, synchronous = FULL) before `OK: n`, requests that arrive
 * together sharing one commit, a line that comes again stored once. No chain, no devices, no limits:
 * what the agent's speed is measured against. Arguments: directory, and `keyless` for the same
 * server without the unique key, which stores a repeated line twice. Prints its port; ends when stdin
 * does.
 */
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

const [directory, form] = Deno.args as [string, string?];
// In this order of columns a terminal's new lines go to one end of its part of the tree: the cheapest.
const KEY = "PRIMARY KEY (serial, time, pin, status)) STRICT, WITHOUT ROWID";
const db = new DatabaseSync(join(directory, "floor.sqlite"));
db.exec(`
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = FULL;
  CREATE TABLE punch (
    serial TEXT NOT NULL, pin TEXT NOT NULL, time TEXT NOT NULL, status TEXT NOT NULL,
    verify TEXT NOT NULL, work_code TEXT NOT NULL, extra TEXT NOT NULL${
  form === "keyless" ? ") STRICT" : `, ${KEY}`
};
`);
const insert = db.prepare("INSERT OR IGNORE INTO punch VALUES (?, ?, ?, ?, ?, ?, ?)");

interface Job {
  readonly serial: string;
  readonly lines: readonly string[];
  readonly done: (stored: boolean) => void;
}

let waiting: Job[] = [];

function commit(): void {
  const jobs = waiting;
  waiting = [];
  let stored = true;
  try {
    db.exec("BEGIN");
    for (const { serial, lines } of jobs) {
      for (const line of lines) {
        const [pin = "", time = "", status = "", verify = "", workCode = "", ...extra] = line.split(
          "\t",
        );
        insert.run(serial, pin, time, status, verify, workCode, extra.join("\t"));
      }
    }
    db.exec("COMMIT");
  } catch (fault) {
    console.error(fault);
    if (db.isTransaction) db.exec("ROLLBACK");
    stored = false;
  }
  for (const job of jobs) job.done(stored);
}

function store(serial: string, lines: readonly string[]): Promise<boolean> {
  return new Promise((done) => {
    if (waiting.length === 0) setImmediate(commit);
    waiting.push({ serial, lines, done });
  });
}

const decoder = new TextDecoder();
const encoder = new TextEncoder();

async function readRequest(connection: Deno.Conn): Promise<string | null> {
  let text = "";
  const buffer = new Uint8Array(65_536);
  for (let wanted = Infinity; text.length < wanted;) {
    const count = await connection.read(buffer);
    if (count === null) return null;
    text += decoder.decode(buffer.subarray(0, count));
    const end = text.indexOf("\r\n\r\n");
    if (end < 0) continue;
    const length = /content-length: *(\d+)/i.exec(text.slice(0, end));
    wanted = end + 4 + Number(length?.[1] ?? 0);
  }
  return text;
}

async function serve(connection: Deno.Conn): Promise<void> {
  try {
    const text = await readRequest(connection);
    if (text === null) return;
    const serial = /[?&]SN=([^& ]+)/.exec(text)?.[1] ?? "";
    const lines = text.slice(text.indexOf("\r\n\r\n") + 4).split("\n").filter((line) =>
      line !== ""
    );
    const stored = await store(serial, lines);
    const body = stored ? `OK: ${lines.length}` : "FAILED";
    const status = stored ? "200 OK" : "503 Service Unavailable";
    await connection.write(
      encoder.encode(
        `HTTP/1.1 ${status}\r\nContent-Type: text/plain\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`,
      ),
    );
  } finally {
    connection.close();
  }
}

const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
console.log(JSON.stringify({ port: listener.addr.port }));

async function untilStdinEnds(): Promise<void> {
  for await (const _chunk of Deno.stdin.readable);
  Deno.exit(0);
}

untilStdinEnds();
for await (const connection of listener) serve(connection).catch((fault) => console.error(fault));
