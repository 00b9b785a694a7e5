/**
 * The agent's core (queue and delivery) in a world made of one seed: terminals that repeat
 * themselves, a network that loses answers, an Odoo that refuses, forgets and is restored from
 * copies, a disk whose commits fail before or after they happened, power cuts, clocks that jump.
 * The world is the far end only: queue, SQLite and delivery are the real ones.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import {
  chainHash,
  laneGenesis,
  type Punch,
  punchKey,
  type Sighting,
  sightingLeaf,
} from "../../edge_agent/base/punch.ts";
import { StoreUnavailable } from "../../edge_agent/base/store_fault.ts";
import { Delivery } from "../../edge_agent/delivery/delivery.ts";
import {
  type Batch,
  NotWelcome,
  type Receipt,
  Unreachable,
} from "../../edge_agent/delivery/destination.ts";
import { healthBody } from "../../edge_agent/health/vitals.ts";
import { Queue } from "../../edge_agent/queue/queue.ts";
import { openForWriting, type OpenOptions } from "../../edge_agent/queue/schema.ts";
import { Dice } from "./dice.ts";
import { ManualClock } from "./manual_clock.ts";
import { memoryDirectory, punch, upload } from "./queue_kit.ts";
import { silentLog } from "./silent_log.ts";
import { WELL } from "./well.ts";

/** How old, in ms, an undelivered punch may be before health has to say so. */
const LATE_MS = 60_000;

/** Odoo as docs/contract.md has it, as far as sightings go. */
class ModelOdoo {
  punches = new Set<string>();
  lanes = new Map<string, Map<number, { leaf: string; hash: string }>>();
  /** A punch that makes Odoo raise whenever it is in a batch. */
  poison: string | null = null;

  receive(batch: Batch): Receipt {
    if (batch.sightings.some((s) => s.kind === "punch" && s.key === this.poison)) {
      throw new Unreachable("500", true);
    }
    const lane = this.#lane(batch.lane);
    const verdicts = batch.sightings.map((sighting) => ({
      seq: sighting.seq,
      reason: undefined,
      ...this.#verdict(lane, sighting),
    }));
    return { lane: batch.lane, head: this.head(batch.lane), verdicts };
  }

  head(laneId: string): { seq: number; hash: string } {
    const lane = this.#lane(laneId);
    let hash = laneGenesis(laneId);
    let seq = 0;
    for (let next = lane.get(1); next !== undefined; next = lane.get(seq + 1)) {
      assert.equal(next.hash, chainHash(hash, next.leaf), "the chain breaks in Odoo");
      hash = next.hash;
      seq++;
    }
    return { seq, hash };
  }

  copy(): ModelOdoo {
    const copy = new ModelOdoo();
    copy.punches = new Set(this.punches);
    copy.lanes = new Map([...this.lanes].map(([id, lane]) => [id, new Map(lane)]));
    copy.poison = this.poison;
    return copy;
  }

  #lane(id: string): Map<number, { leaf: string; hash: string }> {
    let lane = this.lanes.get(id);
    if (lane === undefined) this.lanes.set(id, lane = new Map());
    return lane;
  }

  #verdict(lane: Map<number, { leaf: string; hash: string }>, sighting: Sighting) {
    const held = lane.get(sighting.seq);
    if (held !== undefined && held.leaf !== sighting.leaf) {
      return { verdict: "rejected" as const, reason: "seq_conflict" };
    }
    if (sighting.kind !== "leaf") {
      assert.equal(sighting.leaf, sightingLeaf(sighting), "a leaf does not fit its fields");
    }
    lane.set(sighting.seq, { leaf: sighting.leaf, hash: sighting.hash });
    if (sighting.kind !== "punch") return { verdict: "stored" as const };
    assert.equal(sighting.key, punchKey(sighting), "a key does not fit its fields");
    const isNew = !this.punches.has(sighting.key);
    this.punches.add(sighting.key);
    return { verdict: isNew ? "stored" as const : "duplicate" as const };
  }
}

/** One terminal: what it recorded, and up to where it has been told OK. */
interface Terminal {
  readonly serial: string;
  readonly memory: Punch[];
  told: number;
}

/** How often health was looked at, and how often something was late then or it was green. */
export interface Looks {
  looked: number;
  late: number;
  green: number;
}

export class World {
  readonly #random: Dice;
  readonly #clock = new ManualClock();
  /** Key of each punch a terminal was told OK for, and what the clock on the wall showed then. */
  readonly #acknowledged = new Map<string, number>();
  /** Keys that Odoo received at any time. */
  readonly #received = new Set<string>();
  readonly #truth = new Set<string>();
  readonly #terminals: Terminal[] = ["A1", "B2", "C3"].map((serial) => ({
    serial,
    memory: [],
    told: 0,
  }));
  #directory = memoryDirectory();
  #odoo = new ModelOdoo();
  #backup: ModelOdoo | null = null;
  #queue!: Queue;
  #delivery!: Delivery;
  #deferred: (() => void)[] = [];
  #diskFails = 0;
  #networkFails = 0;

  readonly #looks: Looks;

  constructor(seed: number, looks: Looks) {
    this.#random = new Dice(seed);
    this.#looks = looks;
  }

  /** Plays `steps`, then lets everything heal and checks what was promised. */
  async run(steps: number): Promise<void> {
    try {
      this.#open();
      for (let step = 0; step < steps; step++) {
        await this.#step();
        this.#lookAtHealth();
      }
      await this.#calm();
      this.#judge();
      assert.equal(this.#lookAtHealth(), "ok", "R53: red though all is well");
    } finally {
      await this.#queue.stop();
      Deno.removeSync(this.#directory, { recursive: true });
    }
  }

  async #step(): Promise<void> {
    const dice = this.#random.below(100);
    if (dice < 40) return await this.#upload(this.#random.pick(this.#terminals));
    if (dice < 70) return await this.#deliver();
    if (dice < 75) return this.#clock.advance(this.#random.below(120_000));
    if (dice < 79) return await this.#crash();
    if (dice < 82) return this.#clock.jump((this.#random.next() - 0.5) * 86_400_000);
    if (dice < 86) return void (this.#diskFails = this.#random.chance(0.5) ? 0.3 : 0);
    if (dice < 90) return void (this.#networkFails = this.#random.chance(0.5) ? 0.5 : 0);
    if (dice < 92) return void (this.#backup = this.#odoo.copy());
    if (dice < 94) return this.#restoreOdoo();
    if (dice < 96) return this.#poison();
    if (dice < 98) return this.#tend();
    for (const terminal of this.#terminals) terminal.told = 0;
  }

  #open(): void {
    this.#queue = new Queue({
      directory: this.#directory,
      clock: this.#clock,
      randomBytes: (length) => this.#random.bytes(length),
      defer: (work) => this.#deferred.push(work),
      timers: false,
      minFreeBytes: 0,
      openDatabase: (path, options) => this.#openDatabase(path, options),
    });
    this.#queue.start();
    this.#delivery = new Delivery({
      queue: this.#queue,
      destination: {
        fits: () => true,
        postPunches: (batch) => Promise.resolve().then(() => this.#post(batch)),
      },
      clock: this.#clock,
      random: () => this.#random.next(),
      batchId: () => this.#random.bytes(16).toHex(),
      batchSize: 20,
      alarms: { raise() {}, clear() {} },
      log: silentLog,
    });
  }

  /** A commit may fail before it happens, or be reported as failed after it happened. */
  #openDatabase(path: string, options: OpenOptions): DatabaseSync {
    const db = openForWriting(path, options);
    const exec = db.exec.bind(db);
    db.exec = (sql: string) => {
      const fails = sql === "COMMIT" && this.#random.chance(this.#diskFails);
      if (!fails) return exec(sql);
      if (this.#random.chance(0.5)) exec(sql);
      throw new Error("disk I/O error");
    };
    return db;
  }

  #post(batch: Batch): Receipt {
    if (this.#random.chance(this.#networkFails)) throw new Unreachable("refused", false);
    if (this.#random.chance(this.#networkFails / 4)) throw new NotWelcome("401");
    const receipt = this.#odoo.receive(batch);
    for (const one of batch.sightings) if (one.kind === "punch") this.#received.add(one.key);
    if (this.#random.chance(this.#networkFails)) throw new Unreachable("answer lost", true);
    return receipt;
  }

  async #upload(terminal: Terminal): Promise<void> {
    const fresh = this.#random.below(6);
    for (let more = 0; more < fresh; more++) {
      const made = punch(terminal.memory.length, { serial: terminal.serial });
      terminal.memory.push(made);
      this.#truth.add(punchKey(made));
    }
    const part = terminal.memory.slice(terminal.told, terminal.told + 12);
    if (part.length === 0) return;
    const adding = this.#queue.add(upload(part)).then(
      () => {
        for (const made of part) this.#acknowledge(punchKey(made));
        terminal.told += part.length;
      },
      (fault) => assert.ok(fault instanceof StoreUnavailable, String(fault)),
    );
    this.#turn();
    await adding;
  }

  #acknowledge(key: string): void {
    if (!this.#acknowledged.has(key)) this.#acknowledged.set(key, this.#clock.now());
  }

  /**
   * R53 after every step. All but the queue is well here, so that nothing else turns it red. Of what a
   * restored Odoo lost nobody knows before its next answer: that is no debt of this list. Nor is what
   * came, as the clock says now, in the future: how long that waits nobody can say.
   */
  #lookAtHealth(): string {
    const now = this.#clock.now();
    const { status } = healthBody({ ...WELL, stats: this.#queue.stats() }, now, LATE_MS);
    const late = [...this.#acknowledged].filter(([key, at]) =>
      !this.#received.has(key) && now - at > LATE_MS
    );
    assert.ok(late.length === 0 || status === "failing", `R53: green over ${late.length} late`);
    this.#looks.looked++;
    if (late.length > 0) this.#looks.late++;
    if (status === "ok") this.#looks.green++;
    return status;
  }

  #turn(): void {
    while (this.#deferred.length > 0) this.#deferred.shift()?.();
  }

  async #deliver(): Promise<void> {
    const { waitMs } = await this.#delivery.deliverOnce();
    this.#clock.advance(waitMs);
  }

  /** The process dies: what it had written is there, what it remembered is gone. */
  async #crash(): Promise<void> {
    const left = memoryDirectory();
    for (const { name } of Deno.readDirSync(this.#directory)) {
      Deno.copyFileSync(join(this.#directory, name), join(left, name));
    }
    const fails = this.#diskFails;
    this.#diskFails = 0;
    await this.#queue.stop();
    Deno.removeSync(this.#directory, { recursive: true });
    this.#directory = left;
    this.#open();
    this.#diskFails = fails;
  }

  #restoreOdoo(): void {
    if (this.#backup === null) return;
    this.#odoo = this.#backup;
    this.#backup = null;
  }

  #poison(): void {
    this.#odoo.poison = this.#random.chance(0.5) && this.#truth.size > 0
      ? this.#random.pick([...this.#truth])
      : null;
  }

  #tend(): void {
    this.#queue.tend();
  }

  /** Nothing fails any more; what is parked is sent again, as after an upgrade. */
  async #calm(): Promise<void> {
    this.#diskFails = 0;
    this.#networkFails = 0;
    this.#odoo.poison = null;
    this.#clock.advance(600_000);
    for (const terminal of this.#terminals) {
      for (let round = 0; terminal.told < terminal.memory.length; round++) {
        assert.ok(round < 1_000, "the queue does not take uploads again");
        await this.#upload(terminal);
      }
    }
    this.#queue.unpark({});
    for (let round = 0; round < 400; round++) {
      await this.#deliver();
      const { lane } = this.#queue.laneHead();
      const head = { lane, ...this.#odoo.head(lane) };
      const state = this.#queue.compareHead(head);
      this.#delivery.headSeen(head, state);
      if (state === "same" && this.#queue.take(1) === null) return;
    }
    assert.fail("delivery does not come to an end");
  }

  #judge(): void {
    const missing = [...this.#acknowledged.keys()].filter((key) => !this.#odoo.punches.has(key));
    assert.deepEqual(missing, [], "I1: acknowledged and not in Odoo");
    const invented = [...this.#odoo.punches].filter((key) => !this.#truth.has(key));
    assert.deepEqual(invented, [], "I3: in Odoo and from no terminal");
    const { pending, parked, damaged, state } = this.#queue.stats();
    assert.deepEqual([pending, parked, state], [0, 0, "ok"]);
    const lost = damaged.filter((note) =>
      note.kind !== "forked_lane" && note.kind !== "older_copy"
    );
    assert.deepEqual(lost, [], "damage without a cause");
    const { lane, seq, hash } = this.#queue.laneHead();
    assert.deepEqual(this.#odoo.head(lane), { seq, hash }, "the two heads differ");
  }
}

/** Plays seeds until the time is up; names the first that fails. */
export async function simulate(
  first: number,
  count: number,
  untilMs: number,
  looks: Looks = { looked: 0, late: 0, green: 0 },
): Promise<number> {
  const begun = performance.now();
  for (let seed = first; seed < first + count; seed++) {
    if (performance.now() - begun > untilMs) return seed - first;
    try {
      await new World(seed, looks).run(40);
    } catch (fault) {
      throw new Error(`seed ${seed}: npm run campaign -- --simulation 1 --seed ${seed}`, {
        cause: fault,
      });
    }
  }
  return count;
}
