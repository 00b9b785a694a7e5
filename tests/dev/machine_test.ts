// Tests `install` and `uninstall` on a bare Debian with a systemd of its own: the lines a person types, the
// service as it then runs under its unit, faults of the person, a second time, taken off again. Only root can boot such a machine.

import assert from "node:assert/strict";
import { build } from "esbuild";
import { repository } from "../../dev/cache.ts";
import { BareMachine, machineFolder } from "../../dev/pack/bare_machine.ts";
import { compile } from "../../dev/pack/compile.ts";
import { targetOf } from "../../dev/pack/sign.ts";
import { VERSION } from "../../edge_agent/base/version.ts";
import { MEMORY_FLAG } from "../../edge_agent/machine/permissions.ts";
import { bareMachineTest } from "../sim/powers.ts";
import { Company } from "../sim/update_kit.ts";

const SERIAL = "CKJF201960996";
const NEWER = "1.7.0";
const ADDRESS = "192.168.77.5";

/** A far end on the machine itself: it has no network but its own. */
const FAR_END = `
import { FakeOdoo } from "${repository}/tests/sim/fake_odoo.ts";
const odoo = new FakeOdoo({ port: 8069 });
odoo.start();
odoo.syncSeconds = 1;
odoo.codes.set("BCDFGHJK", { state: "active", publicKey: null });
odoo.devices.set("${SERIAL}", "active");
setInterval(() => Deno.writeTextFileSync("/root/keys", odoo.keys.length + " " + odoo.requests.length), 200);
`;

async function layFarEnd(machine: BareMachine, folder: string): Promise<void> {
  const out = `${folder}/far_end.js`;
  await build({
    stdin: { contents: FAR_END, resolveDir: repository, loader: "ts" },
    outfile: out,
    bundle: true,
    format: "esm",
    platform: "node",
    external: ["node:*"],
    logLevel: "error",
  });
  await machine.copy(out, "/root/far_end.js");
  await machine.copy(Deno.execPath(), "/root/deno");
}

/** This version, and a newer one as it is carried on a stick, signed by two. */
async function layVersions(machine: BareMachine, folder: string): Promise<void> {
  const company = new Company(Date.now());
  const made = {
    out: folder,
    architecture: "x86_64",
    updateRoot: company.roots[0] ?? null,
  } as const;
  const { path } = await compile(made);
  await machine.copy(path, "/root/biometric-agent");
  const newer = await compile({ ...made, version: NEWER });
  await Deno.mkdir(`${machine.folder}/root/stick`);
  await machine.copy(newer.path, "/root/stick/new");
  const text = JSON.stringify(company.release([await targetOf(newer.path)]));
  await Deno.writeTextFile(`${machine.folder}/root/stick/metadata.json`, text);
}

async function onMachine(use: (machine: BareMachine) => Promise<void>): Promise<void> {
  const folder = await machineFolder();
  try {
    const machine = await BareMachine.make(folder);
    await layFarEnd(machine, folder);
    await layVersions(machine, folder);
    await use(machine);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const NETWORK = [
  "ip link set lo up",
  `ip link add eth0 type bridge && ip address add ${ADDRESS}/24 dev eth0 && ip link set eth0 up`,
  "DENO_NO_UPDATE_CHECK=1 ./deno run -A far_end.js > far.txt 2>&1 &",
  "until [ -s keys ]; do sleep 0.1; done",
];

const say = (name: string, command: string) => `echo "== ${name}"; ${command}`;

function part(text: string, name: string): string {
  return text.split(`== ${name}\n`)[1]?.split("\n== ")[0] ?? `there is no part ${name}`;
}

const PUSH = [
  `body=$'1\\t2026-03-02 08:00:00\\t0\\t1\\t0\\t0\\t0\\n'`,
  `exec 3<>/dev/tcp/${ADDRESS}/8081`,
  `printf 'POST /iclock/cdata?SN=${SERIAL}&table=ATTLOG&Stamp=1 HTTP/1.1\\r\\nHost: x\\r\\nContent-Length: %d\\r\\nConnection: close\\r\\n\\r\\n%s' "\${#body}" "$body" >&3`,
  "cat <&3",
].join("; ");

const PAGE = [
  `exec 3<>/dev/tcp/${ADDRESS}/8083`,
  "printf 'GET / HTTP/1.1\\r\\nHost: x\\r\\nConnection: close\\r\\n\\r\\n' >&3",
  "cat <&3",
].join("; ");

const PID = "$(systemctl show -p MainPID --value biometric-agent)";

/** A branch on ERPNext: the settings name the destination before anything is installed. */
const FOR_ERPNEXT = JSON.stringify({
  destination: "erpnext",
  devicePort: { allow: ["192.168.77.0/24"] },
});

const TYPED = [
  ...NETWORK,
  say("no network", "./biometric-agent install < /dev/null; echo code $?"),
  say(
    "ordinary",
    "useradd -m clerk; cp biometric-agent /home/clerk/; " +
      "runuser -u clerk -- /home/clerk/biometric-agent install; echo code $?",
  ),
  say("bad network", "./biometric-agent install --network 192.168.1; echo code $?"),
  say(
    "refused",
    "./biometric-agent install http://localhost:8069 XXXX-XXXX --yes; echo code $?",
  ),
  say("active", "systemctl is-active biometric-agent"),
  say("off again", "./biometric-agent uninstall --delete-queue; echo code $?"),
  "from=$(date +%s%N)",
  say(
    "install",
    "./biometric-agent install http://localhost:8069 BCDF-GHJK --database company --yes",
  ),
  "echo code $? after $(( ($(date +%s%N) - from) / 1000000 )) ms",
  // The terminal is known to the far end with the second sync.
  "sleep 3",
  say("push", PUSH),
  "for n in $(seq 50); do grep -q '^1 ' keys && break; sleep 0.2; done",
  say("held", "cut -d' ' -f1 keys"),
  say("commandline", `tr '\\0' ' ' < /proc/${PID}/cmdline`),
  say("process", `grep -E '^(Uid|CapEff|CapBnd|NoNewPrivs|Seccomp):' /proc/${PID}/status`),
  say("probe", `nsenter -t ${PID} -m /usr/bin/true; echo code $?`),
  say(
    "probe of its own program",
    `nsenter -t ${PID} -m /opt/biometric-agent/current/biometric-agent version; echo code $?`,
  ),
  say(
    "written",
    `nsenter -t ${PID} -m sh -c 'echo' 2>&1; nsenter -t ${PID} -m /opt/biometric-agent/current/biometric-agent flags --write /etc/there; echo code $?`,
  ),
  say("page", PAGE),
  say(
    "again",
    `ip address change ${ADDRESS}/24 dev eth0 valid_lft 3600 preferred_lft 3600; before=${PID}; ./biometric-agent install; echo code $?; [ $before = ${PID} ] && echo same process`,
  ),
  say(
    "killed",
    `before=${PID}; kill -9 $before; for n in $(seq 60); do now=${PID}; [ "$now" -gt 0 ] && [ "$now" != $before ] && break; sleep 0.25; done; for n in $(seq 120); do systemctl is-active -q biometric-agent && break; sleep 0.25; done; systemctl is-active biometric-agent`,
  ),
  say(
    "update",
    "biometric-agent update /root/stick; echo code $?; biometric-agent version; " +
      "biometric-agent update --state; biometric-agent update /root/stick; echo code $?",
  ),
  say("enabled", "systemctl is-enabled biometric-agent biometric-agent-update.path"),
  say("hardening", "systemd-analyze security biometric-agent --no-pager | tail -1"),
  say("doctor", "biometric-agent doctor"),
  say(
    "uninstall",
    "./biometric-agent uninstall; echo code $?; ls /opt /etc/systemd/system | grep -c biometric; ls /var/lib/biometric-agent",
  ),
  say(
    "back",
    "./biometric-agent install; echo code $?; for n in $(seq 40); do biometric-agent status | grep -q 'odoo: active' && break; sleep 0.25; done; biometric-agent status",
  ),
  say(
    "all gone",
    "./biometric-agent uninstall --delete-queue; echo code $?; ls -d /var/lib/biometric-agent /etc/biometric-agent; id biometric-agent",
  ),
  say(
    "for ERPNext",
    `mkdir /etc/biometric-agent; echo '${FOR_ERPNEXT}' > /etc/biometric-agent/config.json; ` +
      "echo '{}' > biometric-pairing.json; ./biometric-agent install; echo code $?; biometric-agent status",
  ),
];

function checkInstalled(text: string): void {
  assert.match(
    part(text, "no network"),
    /add --network, for example --network 192\.168\.77\.0\/24\ncode 1/,
  );
  assert.match(part(text, "ordinary"), /put sudo in front of it\ncode 1/, text);
  assert.match(part(text, "bad network"), /a network looks like 192\.168\.1\.0\/24[^]*code 2/);
  assert.match(part(text, "refused"), /NOT PAIRED: Odoo refuses this code[^]*code 1/, text);
  assert.equal(part(text, "active"), "active", "it captures meanwhile");
  assert.match(part(text, "off again"), /^code 0$/m);
  const installed = part(text, "install");
  assert.match(installed, /^terminals are heard from 192\.168\.77\.0\/24 /m, text);
  assert.match(installed, /^paired with http:\/\/localhost:8069: /m);
  assert.match(installed, /^ {4}server address 192\.168\.77\.5 {3}port 8081 /m);
  assert.doesNotMatch(installed, /is lent by the router/);
  const [, ms = "0"] = /^code 0 after (\d+) ms$/m.exec(installed) ?? assert.fail(text);
  console.log(`install to a running, paired service: ${ms} ms`);
  assert.match(part(text, "push"), /OK: 1/);
  assert.equal(part(text, "held").trim(), "1", text);
  assert.match(
    part(text, "commandline"),
    / --permit --no-prompt .*--allow-net=[^ ]*localhost:8069/,
  );
  assert.doesNotMatch(part(text, "commandline"), /--allow-(run|ffi|all)| -A /);
  assert.ok(part(text, "commandline").includes(` ${MEMORY_FLAG} `), part(text, "commandline"));
}

function checkRunning(text: string): void {
  const page = part(text, "page");
  assert.match(page, /<dd>192\.168\.77\.5<\/dd>/, page);
  assert.match(page, /<dd>8081<\/dd>/);
  assert.match(page, /class="done">the first punch is in Odoo/);
  assert.doesNotMatch(page, new RegExp(`${SERIAL}|BCDFGHJK|token`));
  const status = part(text, "process");
  assert.match(status, /^CapEff:\t0+$/m);
  assert.match(status, /^CapBnd:\t0+$/m);
  assert.match(status, /^NoNewPrivs:\t1$/m);
  assert.match(status, /^Seccomp:\t2$/m);
  assert.doesNotMatch(status, /^Uid:\t0/m);
  assert.match(part(text, "probe"), /Permission denied\ncode 126/);
  assert.match(part(text, "probe of its own program"), /^biometric-agent .*\ncode 0/);
  assert.match(part(text, "written"), /Read-only file system/);
}

function checkAfter(text: string): void {
  assert.match(
    part(text, "again"),
    /^192\.168\.77\.5 is lent by the router \(DHCP\): reserve it/m,
  );
  assert.match(part(text, "again"), /^code 0$[^]*^same process$/m);
  assert.match(part(text, "killed"), /^active$/m);
  // The service ended and began once: no two versions write. 1.0.0 then goes on with the queue of the newer one.
  const update = part(text, "update");
  assert.match(update, new RegExp(`^${NEWER} is confirmed\ncode 0$`, "m"), text);
  assert.match(update, new RegExp(`^biometric-agent ${NEWER} `, "m"));
  assert.match(update, new RegExp(`^runs: ${NEWER}\nconfirmed: ${NEWER}$`, "m"));
  assert.match(update, new RegExp(`nothing there is newer than ${NEWER} for x86_64\ncode 1`));
  assert.equal(part(text, "enabled"), "enabled\nenabled");
  assert.match(part(text, "hardening"), / [01]\.\d OK /);
  assert.match(part(text, "doctor"), /^ok +privileges +no more than needed/m);
  const off = part(text, "uninstall");
  assert.match(off, /queue, key and pairing stay[^]*^code 0\n0\n/m);
  assert.match(off, /^pairing\.json$[^]*^queue\.sqlite$/m);
  assert.match(part(text, "back"), new RegExp(`^biometric-agent ${VERSION} runs`, "m"));
  assert.match(part(text, "back"), /^code 0$[^]*^odoo: active$/m);
  assert.match(part(text, "all gone"), /^code 0$/m);
  assert.equal(
    part(text, "all gone").match(/No such file or directory|no such user/g)?.length,
    3,
  );
  const site = part(text, "for ERPNext");
  assert.match(site, /^ {4}printf .* \| biometric-agent provision-erpnext https:\/\/SITE$/m, text);
  assert.match(site, /^ {4}sudo systemctl restart biometric-agent\.service$/m);
  assert.match(site, /^code 0$[^]*^ {2}open: not set up for ERPNext: type provision-erpnext/m);
  assert.doesNotMatch(site, /pairs by|Odoo/);
}

await bareMachineTest(
  "C01 S41 install: one line makes a paired service that starts no other program",
  async () => {
    await onMachine(async (machine) => {
      const { text } = await machine.type(TYPED);
      assert.ok(text.includes("== all gone"), text);
      checkInstalled(text);
      checkRunning(text);
      checkAfter(text);
    });
  },
);
