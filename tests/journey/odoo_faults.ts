// Owns: what goes wrong with Odoo while a branch punches: its PostgreSQL crashes or is away, Odoo is
// restarted, upgraded, loses its workers. Each runs on a branch of its own, at any size, and ends with
// the comparison of terminal and Odoo. Must not know: how often it is done in a test.

import assert from "node:assert/strict";
import { openCache, takePort } from "../../dev/cache.ts";
import { ADDON, odooOnce } from "../../dev/databases.ts";
import { OdooServer } from "../../dev/odoo_server.ts";
import { run } from "../../dev/process.ts";
import { compare } from "../../dev/results.ts";
import type { Stage } from "../../dev/stage.ts";
import { Dice } from "../sim/dice.ts";
import { OwnPostgres } from "./own_postgres.ts";
import { type Scene, withScene } from "./scene.ts";

export interface Dose {
  readonly people: number;
  /** How often the fault strikes. */
  readonly times: number;
  readonly seed: number;
}

interface Verdict {
  readonly punches: number;
  /** From the end of the fault until Odoo held everything. */
  readonly drainMs: number;
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const nullUnless = (condition: boolean): true | null => condition ? true : null;

/** The stage with its Odoo on a PostgreSQL that only this journey uses. */
async function onOwnPostgres(stage: Stage): Promise<{ stage: Stage; postgres: OwnPostgres }> {
  const name = `pg-${Deno.pid}-${crypto.randomUUID().slice(0, 8)}`;
  const postgres = new OwnPostgres(`${(await openCache()).path}/tmp/${name}`);
  await postgres.start();
  await postgres.takeOver(stage.odoo.db);
  const odoo = new OdooServer({
    db: stage.odoo.db,
    port: await takePort(),
    addons: stage.addons,
    args: postgres.odooArgs,
  });
  return { stage: { ...stage, odoo }, postgres };
}

async function withOwnPostgres(
  people: number,
  journey: (scene: Scene, postgres: OwnPostgres) => Promise<void>,
): Promise<void> {
  let own: OwnPostgres | undefined;
  await withScene(people, async (scene) => {
    assert.ok(own);
    await journey(scene, own);
  }, async (stage) => {
    const changed = await onOwnPostgres(stage);
    own = changed.postgres;
    return changed.stage;
  });
}

/** Punches go in by pieces, each followed by `strike` at a moment of chance within the second. */
async function punchWhile(
  { terminal, play }: Scene,
  { times, seed }: Dose,
  strike: (number: number, chance: Dice) => Promise<void>,
): Promise<void> {
  const chance = new Dice(seed);
  const piece = Math.ceil(play.records.length / times);
  for (let number = 0; number < times; number++) {
    terminal.record(...play.records.slice(number * piece, (number + 1) * piece));
    await pause(1_000 * chance.next());
    await strike(number, chance);
  }
}

/** Until everything is in Odoo; then exactly that, once, and no alarm on either side. */
async function settled(scene: Scene): Promise<Verdict> {
  const { branch, terminal, play, until, stage } = scene;
  const began = performance.now();
  await until("the terminal to be rid of its punches", async () => {
    await Promise.resolve();
    return nullUnless(terminal.pending === 0);
  });
  await until("Odoo to answer", async () => {
    try {
      await branch.logIn();
      return true;
    } catch {
      return null;
    }
  });
  await scene.allDelivered();
  const drainMs = performance.now() - began;
  assert.deepEqual(compare(play.expected, await scene.allComputed()), []);
  assert.equal(await branch.admin.count("biometric.alarm"), 0, "alarms in Odoo");
  // Nothing parked, nothing sent again, no alarm: the page says ok without a person.
  await until("the agent's health page to be green", async () => {
    const body = (await stage.agent.health())?.body as { status?: string } | undefined;
    return nullUnless(body?.status === "ok");
  });
  return { punches: play.expected.punches, drainMs };
}

/** R32: the PostgreSQL of Odoo is killed and comes back, again and again, in the middle of batches. */
export async function postgresCrashes(dose: Dose): Promise<Verdict> {
  let verdict: Verdict | undefined;
  await withOwnPostgres(dose.people, async (scene, postgres) => {
    await punchWhile(scene, dose, () => postgres.crash());
    // Odoo's own cron threads may have died with their connections: days are computed after a restart.
    await scene.stage.odoo.stop();
    await scene.stage.odoo.start();
    verdict = await settled(scene);
  });
  assert.ok(verdict);
  return verdict;
}

export interface Absence extends Verdict {
  /** Statuses that Odoo answered to a post while its PostgreSQL was away. */
  readonly statuses: readonly number[];
  /** What the health page said, sample by sample, from the alarm time on. */
  readonly health: readonly string[];
}

/** The agent of a scene says it is late after so long (its configuration here). */
const ALARM_MS = 30_000;
/** One look of the health page and one sync more than the alarm time. */
const GRACE_MS = 5_000;

/** R33, R53: PostgreSQL is away for a while; Odoo stays up and answers whatever it answers. */
export async function postgresAway(people: number, awayMs: number): Promise<Absence> {
  let absence: Absence | undefined;
  await withOwnPostgres(people, async (scene, postgres) => {
    const { stage, terminal, play, until } = scene;
    await postgres.down();
    const from = performance.now();
    terminal.record(...play.records);
    await until(
      "the terminal to be answered OK while Odoo has no database",
      () => Promise.resolve(nullUnless(terminal.pending === 0)),
    );
    const statuses: number[] = [];
    const health: string[] = [];
    while (performance.now() - from < awayMs) {
      statuses.push(await bareStatus(stage.odoo));
      if (performance.now() - from > ALARM_MS + GRACE_MS) {
        health.push(JSON.stringify((await stage.agent.health())?.body));
      }
      await pause(1_000);
    }
    await postgres.up();
    const back = performance.now();
    const total = play.expected.punches + play.expected.unreadable;
    await until("the agent to deliver by itself", async () => {
      const held = await postgres.sql(stage.odoo.db, "SELECT count(*) FROM biometric_sighting");
      return nullUnless(Number(held) === total);
    });
    const drainMs = performance.now() - back;
    await stage.odoo.stop();
    await stage.odoo.start();
    absence = { ...await settled(scene), drainMs, statuses, health };
  });
  assert.ok(absence);
  return absence;
}

/** What a post to Odoo's ingest route is answered, without any token. */
async function bareStatus(odoo: OdooServer): Promise<number> {
  const response = await fetch(`${odoo.url}/biometric/v1/punches`, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-Odoo-Database": odoo.db },
    body: "{}",
    redirect: "manual",
    signal: AbortSignal.timeout(30_000),
  });
  await response.body?.cancel();
  return response.status;
}

/** R34: Odoo is restarted, upgraded with -u, and its workers are killed, while the branch punches. */
export async function odooDisturbed(dose: Dose): Promise<Verdict & { readonly killed: number }> {
  let verdict: Verdict | undefined;
  let killed = 0;
  await withScene(dose.people, async (scene) => {
    const { stage } = scene;
    const upgradeAt = Math.floor(dose.times / 2);
    await punchWhile(scene, dose, async (number, chance) => {
      if (number === upgradeAt) {
        await stage.odoo.stop();
        const args = ["-u", ADDON, "--stop-after-init", "--no-http"];
        await odooOnce({ db: stage.odoo.db, addons: stage.addons, args });
        await stage.odoo.start();
      } else if (number % 3 === 2) {
        await stage.odoo.stop();
        await stage.odoo.start();
      } else {
        killed += await killWorker(stage.odoo.pid, chance);
      }
    });
    verdict = await settled(scene);
  }, async (stage) => {
    const args = ["--workers=2", `--gevent-port=${await takePort()}`, "--limit-time-real=30"];
    const { db } = stage.odoo;
    const odoo = new OdooServer({ db, port: await takePort(), addons: stage.addons, args });
    return { ...stage, odoo };
  });
  assert.ok(verdict);
  return { ...verdict, killed };
}

/** Kills one child of Odoo's master as a kernel short of memory would. Returns how many it found. */
async function killWorker(master: number, chance: Dice): Promise<number> {
  const { stdout } = await run(["ps", "--ppid", String(master), "-o", "pid="]);
  const workers = stdout.split("\n").map(Number).filter((pid) => pid > 0);
  const victim = workers.length > 0 ? chance.pick(workers) : undefined;
  if (victim === undefined) return 0;
  await run(["kill", "-9", String(victim)]);
  return 1;
}
