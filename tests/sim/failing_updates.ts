/**
 * Versions that do not get well, on a bare Debian with a systemd of its own: the real service, the real watch, real
 * minutes. Each is carried there signed as it should be; the version before has to be back within five
 * minutes, with what was punched meanwhile. Root's alone.
 */
import assert from "node:assert/strict";
import { BareMachine } from "../../dev/pack/bare_machine.ts";
import { compile } from "../../dev/pack/compile.ts";
import { targetOf } from "../../dev/pack/sign.ts";
import { VERSION } from "../../edge_agent/base/version.ts";
import { Company } from "./update_kit.ts";

/** As programs: each says its version where it gets so far. */
const BAD: Readonly<Record<string, string>> = {
  "crashes at its start": `export function begin() { throw new Error("bad"); }`,
  "hangs at its start":
    `export async function begin() { setInterval(() => {}, 1e6); await new Promise(() => {}); }`,
};

const FIVE_MINUTES_S = 300;

export interface TakenBack {
  readonly name: string;
  readonly seconds: number;
}

export async function failingUpdates(): Promise<TakenBack[]> {
  const results: TakenBack[] = [];
  for (const [name, program] of Object.entries(BAD)) {
    results.push({ name, seconds: await takenBack(program) });
  }
  return results;
}

async function takenBack(text: string): Promise<number> {
  const folder = await Deno.makeTempDir({ prefix: "biometric-failing-" });
  try {
    const machine = await BareMachine.make(folder);
    const company = new Company(Date.now());
    const made = {
      out: folder,
      architecture: "x86_64",
      updateRoot: company.roots[0] ?? null,
    } as const;
    const { path } = await compile(made);
    await machine.copy(path, "/root/biometric-agent");
    const program = new TextEncoder().encode(text);
    const bad = await compile({ ...made, version: "1.9.0", program });
    await Deno.mkdir(`${machine.folder}/root/stick`);
    await machine.copy(bad.path, "/root/stick/new");
    const metadata = JSON.stringify(company.release([await targetOf(bad.path)]));
    await Deno.writeTextFile(`${machine.folder}/root/stick/metadata.json`, metadata);
    const said = await machine.type([
      "ip link set lo up",
      "./biometric-agent install --network 192.168.77.0/24",
      "from=$(date +%s)",
      "biometric-agent update /root/stick 2>/dev/null; echo code $?",
      "for n in $(seq 100); do biometric-agent status 2>/dev/null | grep -q '^queue' && break; sleep 0.5; done",
      "echo took $(( $(date +%s) - from ))",
      "biometric-agent update --state",
      "biometric-agent version",
      "systemctl is-active biometric-agent",
    ], { patienceMs: 480_000 });
    assert.match(said.text, /^1\.9\.0 is reverted\ncode 1$/m, said.text);
    assert.match(said.text, new RegExp(`^runs: ${VERSION}\\nconfirmed: ${VERSION}\\n`, "m"));
    assert.match(said.text, /^taken back: 1\.9\.0, .*: it does not answer$/m);
    assert.match(said.text, /^active$/m, said.text);
    const seconds = Number(/^took (\d+)$/m.exec(said.text)?.[1]);
    assert.ok(seconds <= FIVE_MINUTES_S, `${seconds} s`);
    return seconds;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
