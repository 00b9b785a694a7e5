// C07: the one file as a process that takes punches in, while its Odoo, or who took its place, offers it updates that are
// right but for one thing. Each is refused, nothing is laid ready, and every punch arrives; in the end the right one is taken.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { compile } from "../../dev/pack/compile.ts";
import { makeKey, makeRoot, signedWith } from "../../dev/pack/sign.ts";
import type { Target } from "../../edge_agent/machine/metadata.ts";
import { AgentProcess, onePackedFile, until } from "../sim/agent_process.ts";
import { FakeOdoo } from "../sim/fake_odoo.ts";
import { Company, inDays } from "../sim/update_kit.ts";

const SERIAL = "CKJF201960996";
const NEWER = "1.9.0";
const BYTES = new Uint8Array(2_200_000).map((_, at) => at % 251);

const now = Date.now();
const company = new Company(now);
const fileOf = (bytes: Uint8Array, more: Partial<Target> = {}): Target => ({
  version: NEWER,
  architecture: "x86_64",
  length: bytes.length,
  sha256: createHash("sha256").update(bytes).digest("hex"),
  ...more,
});
const right = (version: number) => company.release([fileOf(BYTES)], { version });

interface Attack {
  readonly name: string;
  readonly set: unknown;
  /** What the file's ranges hold. */
  readonly bytes?: Uint8Array;
  /** Of the alarm; null where nothing is wrong with what is not for this machine, or not whole yet. */
  readonly says: RegExp | null;
}

function changed(): unknown {
  const set = right(6);
  return { ...set, targets: { ...set.targets, signed: { ...set.targets.signed, version: 7 } } };
}

/** A root of strangers, or one that asks for a single signature, in front of a set they signed. */
function usurped(signers: number): unknown {
  const keys = [makeKey(), makeKey()];
  const publicKeys = keys.map(({ publicKey }) => publicKey);
  const pair = { threshold: signers, publicKeys };
  const all = { root: pair, targets: pair, snapshot: pair, timestamp: pair };
  const root = keys.reduce(
    (document, { pem }) => signedWith(document, pem),
    makeRoot(all, 2, inDays(365, now)),
  );
  return { ...right(6), roots: [...company.roots, root] };
}

const damaged = BYTES.slice();
damaged[1_500_000] = 0;
const ATTACKS: readonly Attack[] = [
  {
    name: "one signature of two",
    set: company.release([fileOf(BYTES)], { version: 6, signers: [0] }),
    says: /^unsigned: targets bears 1 of 2/,
  },
  {
    name: "one person twice",
    set: company.release([fileOf(BYTES)], { version: 6, signers: [0, 0] }),
    says: /^unsigned: targets bears 1 of 2/,
  },
  {
    name: "a stranger beside one person",
    set: company.release([fileOf(BYTES)], { version: 6, signers: [0, 2] }),
    says: /^unsigned: targets bears 1 of 2/,
  },
  { name: "changed after signing", set: changed(), says: /^unsigned: targets bears 0 of 2|^mixed/ },
  { name: "older", set: right(4), says: /^older: timestamp 4 is older than 5/ },
  {
    name: "expired, or frozen",
    set: company.release([fileOf(BYTES)], { version: 6, days: -1 }),
    says: /^expired: timestamp expired/,
  },
  {
    name: "mixed: files of another set",
    set: { ...right(6), targets: right(7).targets },
    says: /^mixed: targets 7 is not the one/,
  },
  {
    name: "mixed: an old snapshot under a new timestamp",
    set: { ...right(6), snapshot: right(5).snapshot },
    says: /^mixed: snapshot 5 is not the one/,
  },
  { name: "a root of strangers", set: usurped(2), says: /^unsigned: root bears 0 of 2/ },
  { name: "a root that asks for one", set: usurped(1), says: /^unsigned: root bears 0 of 2/ },
  { name: "half a document", set: { roots: right(6).roots }, says: /^malformed/ },
  {
    name: "for another board",
    set: company.release([fileOf(BYTES, { architecture: "aarch64" })], { version: 6 }),
    says: null,
  },
  { name: "half a file", set: right(7), bytes: BYTES.slice(0, 1_500_000), says: null },
  { name: "a damaged file", set: right(7), bytes: damaged, says: /is not the one that was signed/ },
];

/** A branch whose Odoo offers what is set. */
class Branch {
  readonly odoo = new FakeOdoo();
  readonly agent: AgentProcess;
  offered: Attack = { name: "nothing new", set: company.release([], { version: 5 }), says: null };
  asked = 0;
  #punches = 0;

  constructor(file: string) {
    const { odoo } = this;
    odoo.start();
    odoo.syncSeconds = 1;
    odoo.devices.set(SERIAL, "active");
    odoo.codes.set("BCDFGHJK", { state: "active", publicKey: null });
    odoo.update = { version: NEWER };
    odoo.files = (name, range) => {
      this.asked += 1;
      if (name === "metadata") return Response.json(this.offered.set);
      const [from = 0, to = 0] = /(\d+)-(\d+)/.exec(range ?? "")?.slice(1).map(Number) ?? [];
      const bytes = (this.offered.bytes ?? BYTES).slice(from, to + 1);
      return new Response(bytes, { status: 206 });
    };
    this.agent = new AgentProcess(odoo.url, {}, onePackedFile(file));
    const pairing = JSON.stringify({ url: odoo.url, code: "BCDFGHJK" });
    Deno.writeTextFileSync(`${this.agent.directory}/biometric-pairing.json`, pairing);
  }

  /** What waits for root, by name. */
  get waiting(): string[] {
    return [...Deno.readDirSync(`${this.agent.directory}/data/update`)].map(({ name }) => name);
  }

  refusal(): string {
    const agent = this.odoo.posts("sync").at(-1)?.["agent"];
    const errors = Reflect.get(Object(agent), "errors") as { code: string; message: string }[];
    return (errors ?? []).find(({ code }) => code === "update_refused")?.message ?? "";
  }

  /** The terminal punches; it is told OK, and Odoo holds it. */
  async punch(): Promise<void> {
    const minute = String(this.#punches).padStart(2, "0");
    this.#punches += 1;
    const answer = await this.agent.upload(SERIAL, [
      `1\t2026-03-02 08:${minute}:00\t0\t1\t0\t0\t0`,
    ]);
    assert.match(answer, /OK: 1/);
    await until(() => this.odoo.keys.length, (count) => count === this.#punches, 20);
    assert.equal(this.odoo.keys.length, this.#punches);
  }

  /** One life of the process, in which it is offered this until it has looked. */
  async live(attack: Attack, isOver: () => boolean): Promise<void> {
    this.offered = attack;
    this.asked = 0;
    const patience = 60;
    await this.agent.start({}, patience * 1000);
    await until(() => this.agent.upload(SERIAL, []), (text) => /OK/.test(text), patience);
    await this.punch();
    await until(isOver, Boolean, patience);
    assert.ok(isOver(), `${attack.name}: ${this.refusal()}`);
    await this.punch();
    this.agent.signal("SIGKILL");
    await this.agent.wait();
  }
}

// Red when one of them is laid ready or goes by in silence, or a punch waits for it.
Deno.test("C07 fourteen attacks on a running agent: all refused, each punch taken, the right one follows", async () => {
  const folder = await Deno.makeTempDir({ prefix: "biometric-attacks-" });
  await Deno.chmod(folder, 0o755);
  const updateRoot = company.roots[0] ?? null;
  const { path } = await compile({ out: folder, architecture: "x86_64", updateRoot });
  const branch = new Branch(path);
  try {
    await branch.live(branch.offered, () => branch.asked > 0);
    for (const attack of ATTACKS) {
      const { says, bytes } = attack;
      const ranges = bytes === undefined ? 1 : 3;
      await branch.live(
        attack,
        () => says === null ? branch.asked >= ranges : says.test(branch.refusal()),
      );
      assert.ok(!branch.waiting.includes("ready.json"), attack.name);
    }
    await branch.live(
      { name: "right", set: right(8), says: null },
      () => branch.waiting.includes("ready.json"),
    );
    assert.equal(branch.odoo.keys.length, 2 * (ATTACKS.length + 2));
  } finally {
    await branch.agent.dispose();
    await branch.odoo.stop();
    await Deno.remove(folder, { recursive: true });
  }
});
