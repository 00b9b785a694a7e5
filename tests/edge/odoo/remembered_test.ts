/** The agent as a witness that volunteers: what it keeps, asks and says. Real HTTP, queue, key and disk. */
import assert from "node:assert/strict";
import { DAY_MS, HOUR_MS } from "../../../edge_agent/base/duration.ts";
import { heads } from "../../../edge_agent/cli/heads.ts";
import {
  brokenHead,
  HeadChain,
  MAX_HEADS,
  printedHeads,
  readHeads,
  SLACK,
} from "../../../edge_agent/odoo/heads.ts";
import { exampleKey } from "../../sim/example_key.ts";
import { verifyEd25519 } from "../../sim/fake_odoo.ts";
import { ManualClock } from "../../sim/manual_clock.ts";
import { type ControlKit, withKit } from "./control_kit.ts";

const COMPANY = 3;
const hashOf = (seq: number) => seq.toString(16).padStart(64, "0");

/** Odoo's trail grows to `seq` and shows it. */
function grow(kit: ControlKit, seq: number): void {
  kit.fake.trail ??= new Map();
  for (let n = kit.fake.trail.size + 1; n <= seq; n++) kit.fake.trail.set(n, hashOf(n));
  kit.fake.auditHeads = [{ company_id: COMPANY, seq, hash: kit.fake.trail.get(seq) ?? "" }];
}

const asked = (kit: ControlKit) =>
  (kit.fake.reports.at(-1)?.["remembered"] as { seq: number }[]).map(({ seq }) => seq);

/** A trail that grows by ten entries an hour, with a sync each time. */
async function hours(kit: ControlKit, count: number): Promise<void> {
  for (let n = 0; n < count; n++) {
    grow(kit, (kit.fake.trail?.size ?? 0) + 10);
    await kit.control.syncOnce();
    kit.clock.advance(HOUR_MS);
  }
}

// Red when only the newest number is compared: the attack that was carried out on a real system.
Deno.test("A42 a trail rewritten behind the newest head, and grown past it, is told", async () => {
  await withKit(async (kit) => {
    await hours(kit, 30);
    assert.deepEqual(kit.codes(), []);
    for (let n = 101; n <= 300; n++) kit.fake.trail?.set(n, `f${hashOf(n).slice(1)}`);
    grow(kit, 310);
    await kit.control.syncOnce();
    assert.deepEqual(kit.codes(), ["audit_tamper"]);
    const [alarm] = kit.alarms.list();
    assert.match(alarm?.message ?? "", /^company 3: entry \d+ has changed, and \d+ more of those/);
    await kit.control.syncOnce();
    const agent = kit.fake.reports.at(-1)?.["agent"] as { errors: { code: string }[] };
    assert.deepEqual(agent.errors.map(({ code }) => code), ["audit_tamper"], "Odoo is told too");
  });
});

// Red when what was told once comes back after a person has ended it, or hides a second rewriting.
Deno.test("A42 a difference is told until a person acknowledges it, another one again", async () => {
  await withKit(async (kit) => {
    await hours(kit, 6);
    kit.fake.trail?.set(20, `f${hashOf(20).slice(1)}`);
    await kit.control.syncOnce();
    assert.equal(kit.alarms.acknowledge("audit_tamper"), true);
    kit.control = kit.makeControl();
    for (let n = 0; n < 40; n++) await kit.control.syncOnce();
    assert.deepEqual(kit.codes(), []);
    kit.fake.trail?.set(30, `f${hashOf(30).slice(1)}`);
    kit.control = kit.makeControl();
    await kit.control.syncOnce();
    assert.deepEqual(kit.codes(), ["audit_tamper"]);
  });
});

// Red when an entry that is missing in the middle passes because the newest is there.
Deno.test("A42 an entry that is gone is told as gone", async () => {
  await withKit(async (kit) => {
    await hours(kit, 3);
    kit.fake.trail?.delete(20);
    await kit.control.syncOnce();
    assert.deepEqual(kit.codes(), ["audit_went_back"]);
    assert.equal(kit.alarms.list()[0]?.message, "company 3: entry 20 is gone");
  });
});

// Red when one of the three occasions asks less than the last day, or the choice is not random.
Deno.test("A42 one number at every sync; all of the last day hourly, after a restart, after a silence", async () => {
  await withKit(async (kit) => {
    await hours(kit, 50);
    const wide = () => asked(kit).length;
    await kit.control.syncOnce();
    const chosen = new Set<number>();
    for (let n = 0; n < 60; n++) {
      kit.clock.advance(10_000);
      await kit.control.syncOnce();
      assert.equal(wide(), 1);
      chosen.add(asked(kit)[0] ?? 0);
    }
    assert.ok(chosen.size > 20, `${chosen.size} different numbers in 60 questions`);
    kit.clock.advance(HOUR_MS);
    await kit.control.syncOnce();
    assert.ok(wide() >= 23, "an hour later");
    await kit.control.syncOnce();
    assert.equal(wide(), 1);
    kit.proxy.fault = () => "commit-reset";
    await kit.control.syncOnce();
    kit.proxy.fault = () => null;
    await kit.control.syncOnce();
    assert.ok(wide() >= 23, "after a silence");
    kit.control = kit.makeControl();
    await kit.control.syncOnce();
    assert.ok(wide() >= 23, "after a restart");
    const since = kit.clock.now() - DAY_MS;
    const lastDay = readHeads(kit.lane.directory).flatMap(({ heads }) => heads)
      .filter(({ at }) => at >= since);
    assert.ok(lastDay.length >= 20);
    assert.ok(lastDay.every(({ seq }) => asked(kit).includes(seq)), "all of the last day");
    const days = new Set(asked(kit).map((seq) => Math.floor(seq / 240)));
    assert.ok(days.size >= 2, "and days before it");
  });
});

// Red when an Odoo of the version before is called a liar, or one that stops answering is not missed.
Deno.test("A42 C10 an Odoo that never answered is not missed, one that did is", async () => {
  await withKit(async (kit) => {
    await hours(kit, 2);
    const { trail } = kit.fake;
    kit.fake.trail = null;
    await kit.control.syncOnce();
    assert.deepEqual(kit.codes(), ["audit_silent"]);
    kit.fake.trail = trail;
    await kit.control.syncOnce();
    assert.deepEqual(kit.codes(), [], "it answers again");
  });
  await withKit(async (kit) => {
    kit.fake.auditHeads = [{ company_id: COMPANY, seq: 10, hash: hashOf(10) }];
    for (let n = 0; n < 3; n++) await kit.control.syncOnce();
    assert.deepEqual(asked(kit), [10]);
    assert.deepEqual(kit.codes(), []);
  });
});

// Red when the warning of another agent of the company does not reach this one, or never ends.
Deno.test("A44 what another agent remembers is an alarm here until it is explained in Odoo", async () => {
  await withKit(async (kit) => {
    grow(kit, 5);
    kit.fake.auditAlarms = [
      { agent_name: "Davao", code: "audit_tamper", message: "company 3: entry 4 has changed" },
    ];
    await kit.control.syncOnce();
    assert.deepEqual(kit.alarms.list().map(({ code, message }) => [code, message]), [
      ["audit_told", "Davao: company 3: entry 4 has changed"],
    ]);
    kit.fake.auditAlarms = [];
    await kit.control.syncOnce();
    assert.deepEqual(kit.codes(), []);
  });
});

// Red when a head is signed for Odoo that could not be kept: a witness without a memory.
Deno.test("A44 a head that cannot be kept is not countersigned, and health says so", async () => {
  await withKit(async (kit) => {
    const [name] = [new HeadChain({ ...kit, directory: kit.lane.directory }).name];
    Deno.mkdirSync(`${kit.lane.directory}/${name}.new`);
    grow(kit, 5);
    await kit.control.syncOnce();
    await kit.control.syncOnce();
    assert.deepEqual(kit.fake.countersigned, []);
    assert.deepEqual(kit.codes(), ["storage"]);
    Deno.removeSync(`${kit.lane.directory}/${name}.new`);
    await kit.control.syncOnce();
    await kit.control.syncOnce();
    assert.equal(kit.fake.countersigned.length, 1);
  });
});

function withChain(
  run: (made: {
    directory: string;
    clock: ManualClock;
    chain: (most?: number) => HeadChain;
  }) => Promise<void>,
): Promise<void> {
  const directory = Deno.makeTempDirSync({ prefix: "biometric-" });
  const clock = new ManualClock();
  const identity = {
    sign: (text: string) => Promise.resolve(exampleKey.sign(text)),
    publicKey: exampleKey.publicKey,
    pairing: null,
  };
  const chain = (most = MAX_HEADS) => new HeadChain({ directory, clock, identity, most });
  return run({ directory, clock, chain }).finally(() =>
    Deno.removeSync(directory, { recursive: true })
  );
}

const head = (seq: number) => ({ company_id: 1, seq, hash: hashOf(seq) });

// Red when the memory grows without end, or its chain does not verify after old lines were dropped.
Deno.test("A44 a year of heads stays below 2 MB and verifies over restarts and a cut-off line", async () => {
  await withChain(async ({ directory, clock, chain }) => {
    const most = 30;
    let book = chain(most);
    for (let n = 1; n <= most + SLACK + 1; n++) {
      await book.keep(head(n));
      clock.advance(HOUR_MS);
    }
    assert.equal(book.all().length, most, "the oldest were dropped together");
    const [name = ""] = [...Deno.readDirSync(directory)].map((entry) => entry.name);
    const path = `${directory}/${name}`;
    const [file] = readHeads(directory);
    assert.ok(file !== undefined && file.former !== "", "where the chain begins is remembered");
    assert.equal(await brokenHead(file), null);
    const size = Deno.statSync(path).size;
    assert.ok(size / most * (MAX_HEADS + SLACK) < 2_000_000, `${size} bytes of ${most} lines`);
    Deno.truncateSync(path, size - 40);
    book = chain(most);
    assert.equal(book.all().length, most - 1, "half a line says nothing");
    await book.keep(head(20_000));
    const [mended] = readHeads(directory);
    assert.equal(mended?.heads.at(-1)?.seq, 20_000);
    assert.equal(mended.heads.length, most);
    assert.equal(await brokenHead(mended), null);
  });
});

// Red when a line within the hour is added, or a clock that was set back stops the memory.
Deno.test("A44 one line an hour in which the trail grew", async () => {
  await withChain(async ({ clock, chain }) => {
    const book = chain();
    const numbers = () => book.all().map(({ seq }) => seq);
    await book.keep(head(1));
    clock.advance(HOUR_MS - 1);
    await book.keep(head(2));
    assert.deepEqual(numbers(), [1]);
    clock.advance(1);
    await book.keep(head(1));
    assert.deepEqual(numbers(), [1], "it did not grow");
    await book.keep(head(3));
    clock.jump(-30 * DAY_MS);
    await book.keep(head(4));
    assert.deepEqual(numbers(), [1, 3, 4]);
    assert.deepEqual(chain().all(), book.all());
  });
});

// Red when lines are not signed over the one before as docs/contract.md says, or a change passes.
Deno.test("A44 heads prints a chain that anybody can check, and says when it is none", async () => {
  await withChain(async ({ directory, clock, chain }) => {
    const book = chain();
    for (const seq of [12, 15, 19]) {
      await book.keep(head(seq));
      clock.advance(HOUR_MS);
    }
    const run = async () => {
      const said: string[] = [];
      const world = {
        config: { dataDirectory: directory },
        out: (text: string) => said.push(text),
        err: (text: string) => said.push(text),
      } as unknown as Parameters<typeof heads.run>[1];
      return { code: await heads.run([], world), said };
    };
    const { code, said } = await run();
    assert.equal(code, 0);
    assert.match(said.at(-1) ?? "", /^3 heads of .*: each follows the one before/);
    let former = "";
    for (const text of said.slice(0, -1)) {
      const line = JSON.parse(text);
      const { company_id, seq, hash, at, signature, public_key } = line;
      const signed = ["v1", "remembered", company_id, seq, hash, at, former].join("\n");
      assert.equal(line.former, former);
      assert.ok(verifyEd25519(public_key, signed, signature));
      former = signature;
    }
    const [path = ""] = [...Deno.readDirSync(directory)].map(({ name }) => `${directory}/${name}`);
    const text = Deno.readTextFileSync(path);
    Deno.writeTextFileSync(path, text.replace(hashOf(15), hashOf(16)));
    const broken = await run();
    assert.equal(broken.code, 1);
    assert.match(broken.said.at(-1) ?? "", /number 2 does not follow the one before/);
  });
});

// Red when the agent's chain and the example that the verifier reads are not of one form.
Deno.test("A44 the example of remembered heads is what the agent writes", async () => {
  const steps = new URL("../../contract/steps.json", import.meta.url);
  const { heads: example } = JSON.parse(Deno.readTextFileSync(steps));
  await withChain(async ({ directory, clock, chain }) => {
    const book = chain();
    for (const { company_id, seq, hash, at } of example) {
      clock.set(Date.parse(at));
      await book.keep({ company_id, seq, hash });
    }
    assert.deepEqual(readHeads(directory).flatMap(printedHeads), example);
  });
});
