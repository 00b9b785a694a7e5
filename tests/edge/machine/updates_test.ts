/** P14, C07, C09: fetching a version beside the agent's work, and root's second look before it is laid. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { packedTail } from "../../../dev/pack/tail.ts";
import { type Metadata, targetOf } from "../../../dev/pack/sign.ts";
import type { Target } from "../../../edge_agent/machine/metadata.ts";
import { carriedCandidate, waitingCandidate } from "../../../edge_agent/machine/take_up.ts";
import { RANGE_BYTES, type UpdateAlarm, Updates } from "../../../edge_agent/machine/updates.ts";
import { silentLog } from "../../sim/silent_log.ts";
import { Company, NOW, target } from "../../sim/update_kit.ts";

const DAY_MS = 86_400_000;

/** A packed file as far as its tail goes: 2.5 MB in front of it. */
function packed(version: string, architecture: "aarch64" | "x86_64" = "aarch64") {
  const executable = new Uint8Array(2_500_000).fill(version.length);
  const tail = packedTail(executable, new TextEncoder().encode("program"), {
    name: "biometric-agent",
    version,
    commit: "unknown",
    deno: "2.9.5",
    architecture,
    updateRoot: null,
    permissions: { ordinary: [], privileged: [], privilegedWords: [], service: [] },
    sbom: {},
  });
  const bytes = new Uint8Array(executable.length + tail.length);
  bytes.set(executable);
  bytes.set(tail, executable.length);
  return bytes;
}

const sha = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

function fileOf(bytes: Uint8Array, more: Partial<Target> = {}): Target {
  return target({ length: bytes.length, sha256: sha(bytes), ...more });
}

class World {
  readonly company = new Company();
  root = this.company.roots[0] ?? null;
  readonly folder = Deno.makeTempDirSync({ prefix: "biometric-updates-" });
  readonly dataDirectory = `${this.folder}/data`;
  readonly trustFolder = `${this.folder}/trust`;
  readonly alarms = new Map<UpdateAlarm, string>();
  bytes = packed("1.1.0");
  metadata: Metadata | null = null;
  /** Asked for each range: null to serve it. */
  disturb: (from: number) => Uint8Array | number | Error | null = () => null;
  asked: number[] = [];
  now = NOW;
  clockTrusted = true;
  pending = 0;
  freeBytes = 100e6;
  /** Whether a rest of minutes lasts until it is ended. */
  rest = false;
  refused: { version: string; reason: string; at: number }[] = [];
  trial: { version: string; beganAt: number; starts: number } | null = null;

  constructor() {
    Deno.mkdirSync(this.dataDirectory);
    this.metadata = this.company.release([fileOf(this.bytes)]);
  }

  /** As after a start of the agent. */
  updates(): Updates {
    return new Updates({
      dataDirectory: this.dataDirectory,
      version: "1.0.0",
      architecture: "aarch64",
      root: this.root,
      source: {
        metadata: () => Promise.resolve(structuredClone(this.metadata)),
        range: (_sha256, from) => {
          this.asked.push(from);
          const odd = this.disturb(from);
          if (odd instanceof Error) return Promise.reject(odd);
          return Promise.resolve(odd ?? this.bytes.slice(from, from + RANGE_BYTES));
        },
      },
      clock: {
        now: () => this.now,
        sleep: (ms, signal) => {
          if (!this.rest || ms < 60_000) return Promise.resolve();
          return new Promise<void>((done) => signal?.addEventListener("abort", () => done()));
        },
        trusted: () => this.clockTrusted,
      },
      pending: () => this.pending,
      freeBytes: () => this.freeBytes,
      minFreeBytes: 1e6,
      slots: () => ({ refused: this.refused, trial: this.trial }),
      alarms: {
        raise: (code, message) => this.alarms.set(code, message),
        clear: (code) => this.alarms.delete(code),
      },
      random: () => this.rest ? 0.5 : 0,
      log: silentLog,
    });
  }

  turn(): Promise<number> {
    return this.updates().turn(new AbortController().signal);
  }

  get isReady(): boolean {
    return [...Deno.readDirSync(this.dataDirectory)].some(({ name }) => name === "update") &&
      [...Deno.readDirSync(`${this.dataDirectory}/update`)].some(({ name }) =>
        name === "ready.json"
      );
  }

  /** Root's look at what waits. */
  takeUp(version = "1.0.0", architecture = "aarch64") {
    return waitingCandidate(this.dataDirectory, {
      trustFolder: this.trustFolder,
      running: { version, architecture, root: this.company.roots[0] ?? null },
      clock: { now: () => this.now },
    });
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.folder, { recursive: true });
  }
}

Deno.test("P14 a signed version is fetched in ranges, proven, and taken up by root", async () => {
  using world = new World();
  await world.turn();
  assert.deepEqual(world.asked, [0, RANGE_BYTES, 2 * RANGE_BYTES]);
  assert.ok(world.isReady);
  const candidate = await world.takeUp();
  assert.equal(candidate?.version, "1.1.0");
  assert.equal(sha(Deno.readFileSync(candidate.file)), sha(world.bytes));
  assert.deepEqual([...world.alarms], []);
});

// Red when a start begins the file anew.
Deno.test("P14 a fetch that is cut off goes on where it was, after a start too", async () => {
  using world = new World();
  world.disturb = (from) => from === RANGE_BYTES ? new Error("cut off") : null;
  await assert.rejects(world.turn(), /cut off/);
  assert.ok(!world.isReady);
  world.disturb = () => null;
  await world.turn();
  assert.deepEqual(world.asked, [0, RANGE_BYTES, RANGE_BYTES, 2 * RANGE_BYTES]);
  assert.ok(world.isReady);
});

Deno.test("P14 others are served first when Odoo says so, and never beside a backlog", async () => {
  using world = new World();
  world.disturb = () => 45_000;
  assert.equal(await world.turn(), 45_000);
  world.disturb = () => null;
  world.pending = 1;
  world.asked = [];
  assert.ok(await world.turn() <= 60_000);
  assert.deepEqual(world.asked, []);
  world.pending = 0;
  await world.turn();
  assert.ok(world.isReady);
});

// Red when a fetch fills the card on which the queue lies: it would have to refuse punches.
Deno.test("P14 a version that would take the room of punches is not fetched, and that is said", async () => {
  using world = new World();
  const needed = 2 * world.bytes.length + 4e6;
  world.freeBytes = needed - 1;
  await world.turn();
  assert.deepEqual(world.asked, []);
  assert.match(
    world.alarms.get("update_no_room") ?? "",
    /^1\.1\.0 is not fetched: 8 MiB are free, it needs 8 with what punches keep$/,
  );
  world.freeBytes = needed;
  world.disturb = (from) => {
    world.freeBytes = needed - from - RANGE_BYTES;
    return null;
  };
  await world.turn();
  assert.ok(world.isReady, "what is there already is not asked for again");
  assert.equal(world.alarms.has("update_no_room"), false);
});

// Red when the part of a file stays on a card that punches fill meanwhile.
Deno.test("P14 a card that fills while a version is fetched gets back what lies there of it", async () => {
  using world = new World();
  world.disturb = (from) => {
    if (from > 0) world.freeBytes = 0;
    return null;
  };
  await world.turn();
  assert.deepEqual(world.asked, [0, RANGE_BYTES]);
  assert.ok(world.alarms.has("update_no_room"));
  const left = [...Deno.readDirSync(`${world.dataDirectory}/update`)].map(({ name }) => name);
  assert.deepEqual(left, ["trust.json"]);
  world.metadata = world.company.release([], { version: 2 });
  await world.turn();
  assert.equal(world.alarms.has("update_no_room"), false, "nothing is offered any more");
});

Deno.test("C07 metadata that cannot be trusted is an alarm, and nothing is fetched", async () => {
  using world = new World();
  world.metadata = world.company.release([fileOf(world.bytes)], { signers: [1] });
  await world.turn();
  assert.match(world.alarms.get("update_refused") ?? "", /^unsigned: targets bears 1 of 2/);
  assert.deepEqual(world.asked, []);
  world.metadata = world.company.release([fileOf(world.bytes)], { version: 2 });
  await world.turn();
  assert.equal(world.alarms.has("update_refused"), false, "ended by a set that is right");
  world.metadata = world.company.release([fileOf(world.bytes)], { version: 1 });
  await world.turn();
  assert.match(world.alarms.get("update_refused") ?? "", /^older: timestamp 1 is older than 2/);
});

Deno.test("C07 a file that is not the signed one is thrown away", async () => {
  using world = new World();
  const honest = world.bytes;
  world.bytes = honest.slice();
  world.bytes[100] = 255;
  await world.turn();
  assert.match(world.alarms.get("update_refused") ?? "", /is not the one that was signed/);
  assert.ok(!world.isReady);
  world.bytes = honest;
  await world.turn();
  assert.ok(world.isReady, "fetched anew");
});

Deno.test("C07 a far end that sends more than the file, or nothing, gets no room", async () => {
  using world = new World();
  for (const odd of [new Uint8Array(), new Uint8Array(3 * RANGE_BYTES)]) {
    world.disturb = () => odd;
    await assert.rejects(world.turn(), /does not fit/);
  }
  assert.ok(!world.isReady);
});

Deno.test("updates: a clock that nobody set judges no expiry", async () => {
  using world = new World();
  world.clockTrusted = false;
  await world.turn();
  assert.ok(!world.isReady);
  assert.deepEqual([...world.alarms], []);
});

Deno.test("P14 thirty days without fresh metadata are said; a company without updates is left alone", async () => {
  using world = new World();
  world.metadata = null;
  world.now = NOW + 400 * DAY_MS;
  await world.turn();
  assert.deepEqual([...world.alarms], []);
  world.now = NOW;
  world.metadata = world.company.release([]);
  await world.turn();
  world.metadata = null;
  world.now = NOW + 29 * DAY_MS;
  await world.turn();
  assert.deepEqual([...world.alarms], []);
  world.now = NOW + 31 * DAY_MS;
  await world.turn();
  assert.equal(world.alarms.get("updates_stale"), "no fresh word of updates for 31 days");
});

Deno.test("C08 a version that was taken back here is not fetched again", async () => {
  using world = new World();
  world.refused = [{ version: "1.1.0", reason: "Odoo did not answer it", at: NOW }];
  await world.turn();
  assert.deepEqual(world.asked, []);
  assert.equal(
    world.alarms.get("update_reverted"),
    "1.1.0 was tried and taken back: Odoo did not answer it",
  );
});

// Red when take_up trusts what the agent wrote: its account may be in other hands.
Deno.test("C07 root proves again: the agent's own account cannot lay a program", async () => {
  using world = new World();
  await world.turn();
  const folder = `${world.dataDirectory}/update`;
  const forged = packed("9.9.9");
  const stranger = new Company();
  Deno.writeFileSync(`${folder}/${sha(forged)}`, forged);
  Deno.writeTextFileSync(`${folder}/ready.json`, JSON.stringify({ sha256: sha(forged) }));
  const files = [fileOf(forged, { version: "9.9.9" })];
  Deno.writeTextFileSync(`${folder}/metadata.json`, JSON.stringify(stranger.release(files)));
  await assert.rejects(world.takeUp(), /bears 0 of/);
  // The signed set with another file beside it.
  Deno.writeTextFileSync(`${folder}/metadata.json`, JSON.stringify(world.company.release(files)));
  assert.equal(
    (await world.takeUp())?.version,
    "9.9.9",
    "two of the company signed it: then it may",
  );
  Deno.writeTextFileSync(
    `${folder}/metadata.json`,
    JSON.stringify(world.company.release([fileOf(world.bytes)])),
  );
  Deno.removeSync(`${folder}/${sha(world.bytes)}`);
  await assert.rejects(world.takeUp(), /does not hold the file that was signed/);
});

Deno.test("C07 root refuses an older set than it has seen, half a file and another board's file", async () => {
  using world = new World();
  const folder = `${world.folder}/stick`;
  Deno.mkdirSync(folder);
  const options = {
    trustFolder: world.trustFolder,
    running: { version: "1.0.0", architecture: "aarch64", root: world.company.roots[0] ?? null },
    clock: { now: () => world.now },
  };
  const lay = (bytes: Uint8Array, metadata: Metadata) => {
    Deno.writeFileSync(`${folder}/new`, bytes);
    Deno.writeTextFileSync(`${folder}/metadata.json`, JSON.stringify(metadata));
  };
  lay(world.bytes, world.company.release([fileOf(world.bytes)], { version: 3 }));
  assert.equal((await carriedCandidate(folder, options)).version, "1.1.0");
  lay(world.bytes, world.company.release([fileOf(world.bytes)], { version: 2 }));
  await assert.rejects(carriedCandidate(folder, options), /is older than 3, seen before/);
  lay(
    world.bytes.slice(0, 1_000_000),
    world.company.release([fileOf(world.bytes)], { version: 4 }),
  );
  await assert.rejects(
    carriedCandidate(folder, options),
    /does not hold the file that was signed, whole/,
  );
  const other = packed("1.1.0", "x86_64");
  // Signed as if it were ours: two people made a mistake.
  lay(other, world.company.release([fileOf(other)], { version: 5 }));
  await assert.rejects(carriedCandidate(folder, options), /for x86_64, not 1\.1\.0 for aarch64/);
  lay(other, world.company.release([fileOf(other, { architecture: "x86_64" })], { version: 6 }));
  await assert.rejects(
    carriedCandidate(folder, options),
    /nothing there is newer than 1\.0\.0 for aarch64/,
  );
  world.now = NOW + 40 * DAY_MS;
  lay(world.bytes, world.company.release([fileOf(world.bytes)], { version: 7 }));
  await assert.rejects(carriedCandidate(folder, options), /expired on/);
});

Deno.test("updates: sign.ts states of a file what the file is", async () => {
  using world = new World();
  const path = `${world.folder}/file`;
  Deno.writeFileSync(path, world.bytes);
  assert.deepEqual(await targetOf(path), fileOf(world.bytes));
});

// Red when an offer waits for the next look, or a look that failed is repeated with every sync.
Deno.test("P14 an offer is looked at soon, at most once a minute, and never by who runs it already", async () => {
  using world = new World();
  world.rest = true;
  const updates = world.updates();
  const settled = async () => {
    for (let n = 0; n < 50; n++) await new Promise((done) => setTimeout(done, 0));
  };
  world.disturb = () => new Error("cut off");
  updates.start();
  await settled();
  assert.equal(world.asked.length, 0, "its first look is minutes away");
  updates.offered("1.0.0");
  await settled();
  assert.equal(world.asked.length, 0);
  updates.offered("1.1.0");
  await settled();
  assert.equal(world.asked.length, 1);
  updates.offered("1.1.0");
  await settled();
  assert.equal(world.asked.length, 1, "that look was a moment ago");
  world.now += 61_000;
  updates.offered("1.1.0");
  await settled();
  assert.equal(world.asked.length, 2);
  await updates.stop();
});

Deno.test("P14 how a machine stands: fresh word, trial, what was taken back", async () => {
  using world = new World();
  const none = { freshAt: null, onTrial: null, refused: [] };
  assert.deepEqual(world.updates().state(), none);
  await world.turn();
  world.trial = { version: "1.1.0", beganAt: NOW, starts: 1 };
  world.refused = [{ version: "1.0.5", reason: "it does not answer", at: NOW }];
  assert.deepEqual(world.updates().state(), {
    freshAt: NOW,
    onTrial: "1.1.0",
    refused: world.refused,
  });
  world.root = null;
  assert.equal(world.updates().state(), null, "made without a root of trust");
});
