/** What the running service tells of its machine it may also read: the start flags against what is asked. */
import assert from "node:assert/strict";
import { configSchema } from "../../../edge_agent/base/config_schema.ts";
import { PROGRAM_FOLDER } from "../../../edge_agent/machine/layout.ts";
import { denoFlags } from "../../../edge_agent/machine/permissions.ts";
import { DiskSlotFiles } from "../../../edge_agent/machine/slot_files.ts";
import { Slots } from "../../../edge_agent/machine/slots.ts";
import { Updates } from "../../../edge_agent/machine/updates.ts";
import { silentLog } from "../../sim/silent_log.ts";

/** The places on this machine's disk, where nothing was laid; remembers what was looked at. */
class Looked extends DiskSlotFiles {
  readonly paths = new Set<string>();

  override readText(name: string): string | null {
    this.paths.add(`${this.folder}/${name}`);
    return super.readText(name);
  }

  override target(name: string): string | null {
    this.paths.add(`${this.folder}/${name}`);
    return super.target(name);
  }
}

function readable(): readonly string[] {
  const flags = denoFlags({
    config: configSchema.parse({}),
    configPath: "/etc/biometric-agent/config.json",
    programFolder: "/opt/biometric-agent",
    programFile: `${PROGRAM_FOLDER}/current/biometric-agent`,
    destinationUrls: [],
  });
  const [grant = ""] = flags.filter((flag) => flag.startsWith("--allow-read="));
  return grant.slice("--allow-read=".length).split(",");
}

// Red when the word of updates in a sync is read from a file that the start flags leave out: on a
// real machine every sync would end by it, and no test that runs with every permission sees it.
Deno.test("permissions: the service may read all that it tells Odoo of updates", () => {
  const dataDirectory = Deno.makeTempDirSync({ prefix: "biometric-permissions-" });
  try {
    const looked = new Looked(PROGRAM_FOLDER);
    const updates = new Updates({
      dataDirectory,
      version: "1.0.0",
      architecture: "x86_64",
      root: { signed: {}, signatures: [] } as never,
      source: { metadata: () => Promise.resolve(null), range: () => Promise.resolve(404) },
      clock: { now: () => 0, sleep: () => Promise.resolve(), trusted: () => true },
      freeBytes: () => 1e9,
      minFreeBytes: 0,
      pending: () => 0,
      slots: () => new Slots(looked),
      alarms: { raise: () => {}, clear: () => {} },
      random: () => 0,
      log: silentLog,
    });
    assert.deepEqual(updates.state()?.refused, []);
    assert.equal(looked.paths.size, 2);
    const may = readable();
    for (const path of looked.paths) assert.ok(may.includes(path), `${path} is not readable`);
  } finally {
    Deno.removeSync(dataDirectory, { recursive: true });
  }
});
