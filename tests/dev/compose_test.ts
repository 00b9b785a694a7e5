// Tests that compose.yaml and the agent's image stay in step with the scripts and the agent: nobody
// runs Docker in the tests, so what can drift is compared here.

import assert from "node:assert/strict";
import { ENVIRONMENT_NAMES } from "../../edge_agent/base/config.ts";
import { configSchema } from "../../edge_agent/base/config_schema.ts";
import { denoFlags } from "../../edge_agent/machine/permissions.ts";

const root = new URL("../../", import.meta.url);
const compose = await Deno.readTextFile(new URL("compose.yaml", root));
const image = await Deno.readTextFile(new URL("dev/agent.Dockerfile", root));
const config = configSchema.parse({});

// Turns red when the agent needs a permission that the image does not give, or other limits of memory.
Deno.test("compose: the image starts the agent under the flags the agent asks for", () => {
  const flags = denoFlags({
    config,
    configPath: "/etc/biometric-agent/config.json",
    programFolder: "/opt/biometric-agent",
    programFile: null,
    destinationUrls: [],
  });
  for (const flag of flags) {
    const [name = "", grant = ""] = flag.split("=");
    // Network, environment and paths are wider there: any Odoo, any terminal, the container's wall.
    const same = ["--allow-sys", "--v8-flags"].includes(name);
    const wanted = same ? `"${flag}"` : `"${name}`;
    assert.ok(image.includes(wanted), `${flag} (${grant})`);
  }
  for (const path of [config.dataDirectory, "/run/systemd/timesync"]) {
    assert.ok(image.includes(path));
  }
  assert.doesNotMatch(image, /--allow-(run|ffi|all)|"-A"/);
});

Deno.test("compose: every setting named there is one of the agent's", () => {
  const named = [...compose.matchAll(/^\s+(BIOMETRIC_\w+):/gm)].map(([, name = ""]) => name);
  assert.ok(named.length > 0);
  for (const name of named) assert.ok(ENVIRONMENT_NAMES.includes(name), name);
});

Deno.test("compose: ports, versions and folders are those of the scripts", async () => {
  assert.match(compose, new RegExp(`- "${config.devicePort.port}:${config.devicePort.port}"`));
  assert.match(image, new RegExp(`EXPOSE ${config.devicePort.port}`));
  assert.match(image, new RegExp(`127\\.0\\.0\\.1/${config.health.port} .*/health/live`));
  assert.match(compose, /image: odoo:19\n/);
  assert.match(compose, /\.\/odoo_addon:\/mnt\/extra-addons:ro/);
  assert.match(compose, /"--init=biometric_attendance"/);
  const [, dockerfile = ""] = /dockerfile: (\S+)/.exec(compose) ?? [];
  assert.ok((await Deno.stat(new URL(dockerfile, root))).isFile);
});
