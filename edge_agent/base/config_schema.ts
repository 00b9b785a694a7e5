/**
 * Every setting of the agent with its default, limits and description, as a schema. Owns nothing else: how they
 * are read and told is config.ts' business.
 */
import { z } from "zod";
import { CLOCK_TIME, SPAN } from "./hours.ts";
import { MAX_COMM_KEY, SERIAL } from "./terminal.ts";

const MIB = 1024 * 1024;

const port = z.int().min(0).max(65535);
const address = z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()], {
  error: "must be an IPv4 or IPv6 address or a CIDR network such as 192.168.1.0/24",
});
const host = z.string().min(1).max(253);
const absolutePath = z.string().max(1024).startsWith("/", { error: "must be an absolute path" });
const clockTime = z.string().regex(CLOCK_TIME, { error: "must be HH:MM, 00:00 to 23:59" });
const serial = z.string().regex(SERIAL, { error: "must be a serial number" });
const span = z.string().regex(SPAN, {
  error: "must be HH:MM-HH:MM, each 00:00 to 23:59",
});
const secretWord = z.string().regex(/^[A-Za-z0-9_-]{16,128}$/, {
  error: "must be 16 to 128 of the characters A-Z a-z 0-9 _ -",
});

const odooSettings = z.strictObject({
  url: z.url({ protocol: /^https?$/, error: "must be a URL such as https://odoo.example.com" })
    .max(2048).optional()
    .describe("Odoo's address; normally learnt by `pair` and not set here"),
  database: z.string().min(1).max(128).optional()
    .describe("Database name where the server holds several; normally learnt by `pair`"),
  caFiles: z.array(absolutePath).max(4).default([])
    .describe("PEM files with the only certificate authorities to trust; two for a change-over"),
  allowPlainHttp: z.boolean().default(false)
    .describe("Development only: allow http:// to a host other than this machine"),
  timeoutSeconds: z.int().min(5).max(600).default(60).describe("Time for one request to Odoo"),
  syncSeconds: z.int().min(1).max(600).default(10).describe("Pause between two syncs"),
  batchSize: z.int().min(1).max(1000).default(500)
    .describe("Largest number of sightings in a batch"),
});

const erpnextSettings = z.strictObject({
  caFiles: z.array(absolutePath).max(4).default([])
    .describe("PEM files with the only certificate authorities to trust; two for a change-over"),
  allowPlainHttp: z.boolean().default(false)
    .describe("Development only: allow http:// to a host other than this machine"),
  timeoutSeconds: z.int().min(5).max(600).default(60).describe("Time for one request to the site"),
  pollSeconds: z.int().min(5).max(600).default(30)
    .describe("Pause between two looks for commands; each costs the site some 10 ms of CPU"),
  batchSize: z.int().min(1).max(50).default(50)
    .describe(
      "Largest number of sightings in a batch; a batch holds up the site's other check-ins",
    ),
});

const devicePortSettings = z.strictObject({
  host: host.default("0.0.0.0").describe("Address the terminals' port listens on"),
  port: port.default(8081).describe("The terminals' port (0: any free one)"),
  allow: z.array(address).max(256).default([])
    .describe("Addresses and networks of terminals; empty refuses all"),
  allowAny: z.boolean().default(false).describe("Accept terminals from every address"),
  trustedProxies: z.array(address).max(32).default([])
    .describe("Proxies whose X-Forwarded-For is believed"),
  secretPath: secretWord.optional().describe("Secret word of the path /t/WORD/iclock/…"),
  requireSecretPath: z.boolean().default(false).describe("Refuse requests without the secret path"),
  maxBodyBytes: z.int().min(64 * 1024).max(256 * MIB).default(16 * MIB)
    .describe("Largest upload of a terminal"),
  maxConnections: z.int().min(1).max(10_000).default(512).describe("Open connections at once"),
  maxConnectionsPerPeer: z.int().min(1).max(10_000).default(64)
    .describe("Open connections at once from one address"),
  requestSeconds: z.int().min(1).max(600).default(30)
    .describe("Time for a terminal to send its whole request"),
});

const terminalSettings = z.strictObject({
  serial: serial.describe("Serial number the terminal must state"),
  host: host.describe("Its address on the LAN"),
  port: port.min(1).default(4370).describe("Its port"),
  transport: z.enum(["tcp", "udp"]).default("tcp").describe("How it is spoken to"),
  commKey: z.int().min(0).max(MAX_COMM_KEY).default(0).describe("Its comm key"),
  mode: z.enum(["push", "poll", "both"]).default("both")
    .describe("push: only when silent; poll: by schedule; both: by schedule beside push"),
  intervalMinutes: z.int().min(1).max(10_080).default(60).describe("Pause between two reads"),
  times: z.array(clockTime).max(24).default([]).describe("Read at these times of day instead"),
  quiet: z.array(span)
    .max(8).default([]).describe("Spans in which it is left alone"),
  live: z.boolean().default(false)
    .describe("Stay connected between reads and read soon after a punch"),
});

const pollingSettings = z.strictObject({
  terminals: z.array(terminalSettings).max(256).default([])
    .describe("Terminals to read over port 4370 (JSON list)"),
});

const healthSettings = z.strictObject({
  host: host.default("127.0.0.1").describe("Address of /health and /metrics"),
  port: port.default(8082).describe("Port of /health and /metrics (0: any free one)"),
  token: z.string().min(32).max(512).optional()
    .describe("Bearer token that other hosts must present"),
  lateSeconds: z.int().min(10).max(86_400).default(180)
    .describe("Age of an undelivered punch, or silence of a terminal, that is no longer healthy"),
});

const setupSettings = z.strictObject({
  page: z.boolean().default(true).describe("Show the branch's networks how far this machine is"),
  host: host.default("0.0.0.0").describe("Address of the setup page"),
  port: port.default(8083).describe("Port of the setup page (0: any free one)"),
});

const queueSettings = z.strictObject({
  retentionDays: z.int().min(1).max(3650).default(45).describe("How long delivered punches stay"),
  keyMemoryDays: z.int().min(1).max(36_500).default(400)
    .describe("How long the names of punches are remembered"),
  maxBytes: z.int().min(4 * MIB).default(8192 * MIB).describe("Largest size of the queue file"),
  minFreeBytes: z.int().min(0).default(64 * MIB).describe("Disk space that is left to others"),
});

const logSettings = z.strictObject({
  level: z.enum(["debug", "info", "warning", "error"]).default("info").describe("Least level"),
});

export const configSchema = z.strictObject({
  dataDirectory: absolutePath.default("/var/lib/biometric-agent")
    .describe("Queue, key and token of the agent; writable by it alone"),
  destination: z.enum(["odoo", "erpnext"]).default("odoo")
    .describe("Where punches are delivered to: one agent, one destination"),
  odoo: odooSettings.prefault({}),
  erpnext: erpnextSettings.prefault({}),
  devicePort: devicePortSettings.prefault({}),
  polling: pollingSettings.prefault({}),
  health: healthSettings.prefault({}),
  setup: setupSettings.prefault({}),
  queue: queueSettings.prefault({}),
  log: logSettings.prefault({}),
});
