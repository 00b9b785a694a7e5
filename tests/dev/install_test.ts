// Tests that the lines of docs/agent.md, "Install on a Raspberry Pi", typed as they are printed, leave a
// machine with a paired agent and a command. They run as root in a mount namespace of their own: /etc
// is a copy, /opt, /usr/local and /var/lib are empty, and all of it is gone with the last process.

import assert from "node:assert/strict";
import { bundle, layBeside } from "../../dev/bundle.ts";
import { repository } from "../../dev/cache.ts";
import { run } from "../../dev/process.ts";
import { FakeOdoo } from "../sim/fake_odoo.ts";
import { otherUserTest } from "../sim/powers.ts";

const guide = await Deno.readTextFile(`${repository}/docs/agent.md`);

/** The code blocks between two headings, in order. */
function typedLines(heading: string): string[] {
  const section = guide.split(/^## /m).find((part) => part.startsWith(heading)) ?? "";
  return section.split("\n").filter((line) => line.startsWith("       ")).map((line) =>
    line.trim()
  );
}

/** What systemd would do is noted, not done. */
const SYSTEMCTL = '#!/bin/sh\necho "$*" >> /opt/systemctl.txt\n';

const PRIVATE = `set -eu
mount -t tmpfs none "$1/root"
mkdir "$1/root/etc" && cp -a /etc/. "$1/root/etc/" && mount --bind "$1/root/etc" /etc
mount -t tmpfs none /opt
mount -t tmpfs none /usr/local
mount -t tmpfs none /var/lib
mkdir /usr/local/bin && cp "$1/systemctl" /usr/local/bin/systemctl
export PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
cd "$1/dist"
`;

/** The folder a person would have taken to the Pi. */
async function layFolder(folder: string): Promise<void> {
  await Deno.mkdir(`${folder}/dist`);
  await Deno.mkdir(`${folder}/root`);
  await bundle(`${folder}/dist/biometric-agent.js`);
  layBeside(`${folder}/dist`);
  await Deno.symlink(Deno.execPath(), `${folder}/dist/deno`);
  await Deno.writeTextFile(`${folder}/systemctl`, SYSTEMCTL, { mode: 0o755 });
}

/** Runs lines in a machine of their own; `folder` as laid above. */
async function onMachine(folder: string, lines: readonly string[]) {
  const script = PRIVATE + lines.join("\n") + "\n";
  await Deno.writeTextFile(`${folder}/typed.sh`, script);
  const command = ["unshare", "--mount", "--propagation", "private", "bash", `${folder}/typed.sh`];
  return await run([...command, folder], { env: { NO_COLOR: "1" }, timeoutMs: 120_000 });
}

async function onBranch(
  use: (folder: string, odoo: FakeOdoo) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "biometric-install-" });
  // The agent's user looks into no folder of ours, but through it at the program's.
  await Deno.chmod(folder, 0o755);
  const odoo = new FakeOdoo();
  odoo.start();
  odoo.codes.set("BCDFGHJK", { state: "waiting", publicKey: null });
  try {
    await layFolder(folder);
    await use(folder, odoo);
  } finally {
    await odoo.stop();
    await Deno.remove(folder, { recursive: true });
  }
}

const outside = async () => [
  await Deno.readTextFile("/etc/passwd"),
  [...Deno.readDirSync("/opt")].map(({ name }) => name).sort(),
  [...Deno.readDirSync("/usr/local/bin")].map(({ name }) => name).sort(),
];

// Turns red when a folder is used that no printed line makes, the line that Odoo shows cannot be typed,
// or a command does not run under the flags that were written down.
otherUserTest(
  "install: the lines of the guide, typed as printed, pair an agent and leave a command",
  async () => {
    const before = await outside();
    await onBranch(async (folder, odoo) => {
      const typed = typedLines("Install on a Raspberry Pi");
      assert.ok(typed.length > 12, typed.join("\n"));
      const line = typed.find((one) => one.startsWith("biometric-agent pair")) ?? "";
      const lines = typed.map((one) => one.replace("https://odoo.example.com", odoo.url));
      const after = [
        "biometric-agent status || true",
        "biometric-agent doctor || true",
        "cd /root && biometric-agent punches",
        "cat /opt/systemctl.txt",
        "stat -c '%U %a %n' /var/lib/biometric-agent /var/lib/biometric-agent/pairing.json",
        "test -s /etc/systemd/system/biometric-agent.service",
      ];
      const { code, stdout, stderr } = await onMachine(folder, [...lines, ...after]);
      assert.equal(code, 0, stdout + stderr);
      assert.match(line, /^biometric-agent pair https:\/\/\S+ \S{9} --database \S+$/);
      assert.match(stdout, /paired with .*\nfingerprint: ([0-9a-f]{4} ){3}[0-9a-f]{4}\n/);
      assert.equal(odoo.requests[0]?.database, "company");
      assert.match(stdout, /^status: stopped$/m);
      assert.match(stdout, /^warning +token +the agent waits for approval/m);
      assert.match(stdout, /^ok +privileges +no more than needed/m);
      assert.match(stdout, /^daemon-reload\nenable --now biometric-agent$/m);
      assert.match(stdout, /^biometric-agent 700 \/var\/lib\/biometric-agent$/m);
      assert.match(stdout, /^biometric-agent 600 \/var\/lib\/biometric-agent\/pairing\.json$/m);
    });
    assert.deepEqual(await outside(), before, "nothing of it is left on this machine");
  },
);

// Turns red when the file is not read there, or the flags that are written down do not allow its address.
otherUserTest(
  "install: with Odoo's pairing file beside the program the started service pairs itself",
  async () => {
    await onBranch(async (folder, odoo) => {
      const file = { url: odoo.url, code: "BCDF-GHJK", database: "company" };
      await Deno.writeTextFile(`${folder}/dist/biometric-pairing.json`, JSON.stringify(file));
      const lines = typedLines("Install on a Raspberry Pi")
        .filter((one) => !one.startsWith("biometric-agent pair"));
      const ports = '"port": 0, "allow": ["192.168.1.0/24"] }, "health": { "port": 0';
      const service = await Deno.readTextFile(`${folder}/dist/biometric-agent.service`);
      const start = /^ExecStart=(.*)$/m.exec(service)?.[1] ?? "";
      const { code, stdout, stderr } = await onMachine(folder, [
        "install -d /opt/biometric-agent",
        "install -m 0644 biometric-pairing.json /opt/biometric-agent/",
        ...lines.map((one) => one.replace('"allow": ["192.168.1.0/24"]', ports)),
        // As systemd would: the agent's user, the service's environment, SIGTERM.
        ". /dev/stdin <<< \"FLAGS='$(sed -n 's/^FLAGS=//p' /etc/biometric-agent/flags)'\"",
        `setpriv --reuid biometric-agent --regid biometric-agent --clear-groups env ` +
        `DENO_DIR=/var/lib/biometric-agent/deno ${start} > /opt/log 2>&1 &`,
        "until grep -q 'paired by file' /opt/log; do kill -0 $! && sleep 0.1; done",
        "kill -TERM $! && wait $! && cat /opt/log",
      ]);
      assert.equal(code, 0, stdout + stderr);
      assert.match(stdout, /paired with /);
      assert.match(stdout, /"message":"paired by file"/);
      assert.equal(odoo.requests[0]?.database, "company");
    });
  },
);
