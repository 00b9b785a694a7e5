/**
 * What the agent may do on its machine, as start flags of Deno for one configuration, and how much memory
 * V8 may keep for new objects. Owns the list; the `flags` command prints it and the tests start the bundle
 * under it. Nothing of `--allow-run`, `--allow-ffi` or `--allow-all` can come out of here.
 */
import { SYNC_MARK_PATHS } from "../base/clock.ts";
import { PROGRAM_FOLDER } from "./layout.ts";
import { type Config, ENVIRONMENT_NAMES, socketPath } from "../base/config.ts";

/** What Odoo offers for download when an agent is created: address, code and database. */
const PAIRING_FILE = "biometric-pairing.json";

/** Where it may lie: beside the configuration or beside the program; the first that is there counts. */
export function pairingFiles({ configPath, programFolder }: Places): string[] {
  const folders = [configPath.slice(0, configPath.lastIndexOf("/") + 1), `${programFolder}/`];
  return [...new Set(folders.map((folder) => `${folder}${PAIRING_FILE}`))];
}

export interface Places {
  readonly configPath: string;
  /** Folder of the program's file. */
  readonly programFolder: string;
}

const SYSTEMD_SOCKET = "/run/systemd/notify";

/** Where terminals are read, unless the configuration says otherwise. */
const READ_PORT = 4370;

/** Of systemd. */
const SYSTEMD_NAMES = ["NOTIFY_SOCKET", "WATCHDOG_USEC"];

export interface Grants extends Places {
  /** The one-file program, which reads itself at its start; null under a Deno of its own. */
  readonly programFile: string | null;
  readonly config: Config;
  /** Addresses of the destination that may be spoken to; none while the agent is neither paired nor set up. */
  readonly destinationUrls: readonly string[];
  /** $NOTIFY_SOCKET, systemd's default when not told otherwise. */
  readonly notifySocket?: string;
}

/**
 * V8 lets the space for new objects grow to 32 MB and more when a burst fills it, and keeps it; what lives
 * longer may double before it is looked through. With 8 MB for new objects and half as much again for the
 * others, 200 terminals that send 1,000 lines each leave the agent at some 150 MB in place of 207, at the
 * same speed: tests/bench/README.md.
 */
export const MEMORY_FLAG = "--v8-flags=--max-semi-space-size=8,--heap-growing-percent=50";

/** Of every start, whatever it may: nothing is asked, fetched or looked for beside the program. */
export const COMMON_FLAGS: readonly string[] = [
  "--no-prompt",
  "--no-remote",
  "--no-npm",
  "--no-config",
  "--no-lock",
  MEMORY_FLAG,
  "--unstable-net",
];

/** For `deno run … FILE`. */
export function denoFlags(grants: Grants): string[] {
  const { config, notifySocket = SYSTEMD_SOCKET } = grants;
  const { dataDirectory } = config;
  const reads = [
    dataDirectory,
    grants.configPath,
    ...pairingFiles(grants),
    // What it tells Odoo of updates: which version is on trial, which were taken back.
    ...(grants.programFile === null ? [] : [
      grants.programFile,
      `${PROGRAM_FOLDER}/refused.json`,
      `${PROGRAM_FOLDER}/trial.json`,
    ]),
    ...config.odoo.caFiles,
    ...config.erpnext.caFiles,
    ...SYNC_MARK_PATHS,
  ];
  return [
    ...COMMON_FLAGS,
    `--allow-read=${reads.join(",")}`,
    // A Unix datagram socket is sent to by writing to its path.
    `--allow-write=${dataDirectory},${notifySocket}`,
    `--allow-net=${netGrants(grants).join(",")}`,
    `--allow-env=${[...ENVIRONMENT_NAMES, ...SYSTEMD_NAMES].join(",")}`,
    "--allow-sys=hostname,osRelease,uid,statfs,networkInterfaces",
  ];
}

function netGrants({ config, destinationUrls, notifySocket = SYSTEMD_SOCKET }: Grants): string[] {
  const { devicePort, health, setup, dataDirectory, polling } = config;
  return [
    hostPort(devicePort.host, devicePort.port),
    hostPort(health.host, health.port),
    ...(setup.page ? [hostPort(setup.host, setup.port)] : []),
    `unix:${socketPath(dataDirectory)}`,
    `unix:${dataDirectory}/notify.sock`,
    `unix:${notifySocket}`,
    ...destinationUrls.map(originGrant),
    ...polling.terminals.map(({ host, port }) => hostPort(host, port)),
    // Odoo may name a terminal's address, but only among those that may call us.
    // Deno knows no networks of IPv6.
    ...devicePort.allow.filter((network) => !network.includes(":"))
      .map((network) => hostPort(network, READ_PORT)),
    // A datagram socket is bound before it speaks.
    ...(polling.terminals.some(({ transport }) => transport === "udp") ||
        devicePort.allow.length > 0
      ? ["0.0.0.0:0"]
      : []),
  ];
}

function originGrant(url: string): string {
  const { hostname, port, protocol } = new URL(url);
  return `${hostname}:${port || (protocol === "https:" ? "443" : "80")}`;
}

function hostPort(host: string, port: number): string {
  const bare = host.replace(/^\[|\]$/g, "");
  return `${bare.includes(":") ? `[${bare}]` : bare}:${port}`;
}
