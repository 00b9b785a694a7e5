// Owns: a whole small branch for one journey: Odoo, agent, one terminal, a few people, everything set
// up through the doors people use. Must not know: what a journey asserts.

import { Branch } from "../../dev/branch.ts";
import { undoAll } from "../../dev/cleanup.ts";
import { delivered, type Play, SERIAL, terminalFor, weekPlay } from "../../dev/play.ts";
import { releasePostgres } from "../../dev/postgres.ts";
import { prepareStage, type Stage } from "../../dev/stage.ts";
import { countInOdoo, type Counts, exportPayroll } from "../../dev/results.ts";
import { type Waiting, waiting } from "../../dev/waiting.ts";
import type { Terminal } from "../sim/push/terminal.ts";

/** A Monday whose week before holds the records; fixed, so that a journey never depends on today. */
const TODAY = "2026-03-16";
const PATIENCE_MS = 120_000;

export interface Scene {
  readonly stage: Stage;
  readonly branch: Branch;
  readonly terminal: Terminal;
  readonly play: Play;
  readonly device: number;
  readonly until: Waiting;
  /** Until Odoo holds every record of the play. */
  allDelivered(): Promise<void>;
  /** Until every day is computed; what Odoo holds then. */
  allComputed(): Promise<Counts>;
}

const quiet = (): void => {};

/**
 * Sets the scene, runs the journey, takes everything down whatever happened. `change` may put another
 * Odoo server on the stage before anything is started.
 */
export async function withScene(
  people: number,
  journey: (scene: Scene) => Promise<void>,
  change: (stage: Stage) => Stage | Promise<Stage> = (stage) => stage,
) {
  const until = waiting(PATIENCE_MS);
  const play = weekPlay(TODAY, people);
  try {
    const stage = await change(await prepareStage());
    await stage.odoo.start();
    const branch = new Branch(stage.odoo, stage.agent);
    await branch.logIn();
    await branch.settle(play.people);
    await branch.pair();
    await stage.agent.start();
    const terminal = terminalFor(stage.agent.devicePort, play.people);
    terminal.start();
    try {
      const device = await branch.approveDevice(SERIAL, until);
      await branch.mapPins(device);
      await journey({
        stage,
        branch,
        terminal,
        play,
        device,
        until,
        allDelivered: () => delivered(branch.admin, device, play.expected, quiet),
        allComputed: async () => {
          const period = { from: play.expected.firstDay, to: play.expected.lastDay };
          await exportPayroll(await branch.as("payroll"), period, until, quiet);
          return await countInOdoo(branch.admin, device);
        },
      });
    } finally {
      await terminal.stop();
    }
  } finally {
    await undoAll();
    await releasePostgres();
  }
}

/** Deno's leak checks see the processes and sockets of other programs; what we start we stop. */
export const journeyTest = (name: string, fn: () => Promise<void>): void => {
  Deno.test({ name, sanitizeOps: false, sanitizeResources: false, fn });
};
