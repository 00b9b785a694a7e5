// Owns: the machine of a branch dies for good, with its card, and another takes its place: what the terminals
// still hold comes back through the door that an administrator uses. Two terminals: one that only pushes, and
// the demo's second one, which can be read too. Must not know: what stood in the database before.

import assert from "node:assert/strict";
import { AgentProcess } from "../../dev/agent_process.ts";
import { Branch } from "../../dev/branch.ts";
import { takePort } from "../../dev/cache.ts";
import { Gate, GATE_SERIAL } from "../../dev/gate.ts";
import { ownHost } from "../../dev/own_host.ts";
import { openPostgres } from "../../dev/postgres.ts";
import type { Scene } from "./scene.ts";

const MANILA_MINUTES = 8 * 60;
/** P09: a dead machine is replaced within so many seconds, people's part left out. */
export const GOAL_S = 15 * 60;

interface Held {
  readonly device: number;
  /** Different punches that a terminal holds. */
  count(): number;
}

export class ReplacedMachine {
  readonly #scene: Scene;
  readonly #gate: Gate;
  #second = 0;
  #punched = 0;
  #waitedBefore: string[] = [];
  /** Punches made at the first terminal since the play. */
  readonly #fresh = new Set<string>();

  constructor(scene: Scene) {
    this.#scene = scene;
    this.#gate = new Gate({
      serial: GATE_SERIAL,
      devicePort: scene.stage.agent.devicePort,
      people: scene.play.people,
      utcOffsetMinutes: MANILA_MINUTES,
    });
  }

  /** The second terminal joins the branch; both are told by the first machine and proven complete. */
  async settles(): Promise<void> {
    const { branch, until } = this.#scene;
    await this.#gate.start();
    this.#second = await branch.approveDevice(GATE_SERIAL, until);
    const administrator = await branch.as("biometric");
    await administrator.write("biometric.device", [this.#second], {
      name: "Back gate",
      poll_host: ownHost(),
      poll_port: this.#gate.terminal.port,
    });
    await branch.mapPins(this.#second);
    this.#punch(30);
    await this.#allBack();
    this.#waitedBefore = await this.#waiting();
    await this.#provenSince("", "both terminals to be complete");
  }

  /** Odoo is away, people punch, the machine acknowledges and dies with its card; they go on punching. */
  async dies(): Promise<void> {
    const { stage, terminal, until } = this.#scene;
    await stage.odoo.stop();
    this.#punch(40);
    await until("the dying machine to take 40 punches a terminal", () => {
      const taken = terminal.pending === 0 &&
        this.#gate.push.acknowledged === this.#gate.everything.length;
      return Promise.resolve(taken ? true : null);
    });
    await stage.agent.stop();
    await Deno.remove(`${stage.folder}/agent`, { recursive: true });
    this.#punch(20);
    await stage.odoo.start();
    await this.#scene.branch.logIn();
    // Nobody waits a quarter of an hour here: it was last heard that long ago.
    const sql = "UPDATE biometric_agent SET last_seen_at = last_seen_at - interval '15 minutes'";
    await (await openPostgres()).sql(sql, stage.odoo.db);
  }

  /** Seconds from the new machine's pairing until Odoo holds what the terminals hold and says so. */
  async isReplaced(): Promise<number> {
    const { stage, branch } = this.#scene;
    const began = performance.now();
    const machine = new AgentProcess({
      folder: `${stage.folder}/second`,
      devicePort: stage.agent.devicePort,
      healthPort: await takePort(),
    });
    await machine.configure();
    const second = new Branch(stage.odoo, machine);
    await second.logIn();
    const pairedAt = new Date().toISOString().slice(0, 19).replace("T", " ");
    await second.pair();
    await machine.start();
    try {
      await this.#allBack();
      await this.#provenSince(pairedAt, "both terminals to be complete again");
      const devices = await branch.admin.rows("biometric.device", this.#ours, ["agent_id"]);
      const agents = new Set(devices.map((row) => String(row["agent_id"])));
      assert.equal(agents.size, 1, "both serve at the new machine");
      assert.deepEqual(await this.#waiting(), this.#waitedBefore, "none of it waits");
      return (performance.now() - began) / 1_000;
    } finally {
      await machine.stop();
      await this.#gate.stop();
    }
  }

  /** What waits for a person, of both terminals. */
  async #waiting(): Promise<string[]> {
    const officer = await this.#scene.branch.as("officer");
    const ours = [["device_id", "in", this.#held.map(({ device }) => device)]];
    const rows = await officer.rows("biometric.quarantine", ours, ["reason", "wall_time"]);
    return rows.map((row) => `${row["reason"]} ${row["wall_time"]}`).sort();
  }

  get #held(): Held[] {
    const { device } = this.#scene;
    return [
      {
        device,
        count: () => this.#scene.play.expected.punches + this.#fresh.size,
      },
      {
        device: this.#second,
        count: () =>
          new Set(
            this.#gate.everything.map(({ pin, wallTime, state }) => `${pin} ${wallTime} ${state}`),
          ).size,
      },
    ];
  }

  get #ours(): [string, string, number[]][] {
    return [["id", "in", this.#held.map(({ device }) => device)]];
  }

  /** So many people punch at each terminal, a second apart. */
  #punch(count: number): void {
    const { play, terminal } = this.#scene;
    for (let left = count; left > 0; left--) {
      const at = Date.now() + MANILA_MINUTES * 60_000 - left * 1_000;
      const { pin } = play.people[this.#punched++ % play.people.length]!;
      const time = new Date(at).toISOString().slice(0, 19).replace("T", " ");
      terminal.record({ pin, time, status: "0", verify: "1", workCode: "0" });
      this.#fresh.add(`${pin} ${time}`);
    }
    this.#gate.punch(count);
  }

  async #allBack(): Promise<void> {
    const officer = await this.#scene.branch.as("officer");
    for (const { device, count } of this.#held) {
      await this.#scene.until(`all that terminal ${device} holds to be in Odoo`, async () => {
        const stored = await officer.count("biometric.punch", [["device_id", "=", device]]);
        assert.ok(stored <= count(), `${stored} punches in Odoo, ${count()} at the terminal`);
        return stored === count() ? true : null;
      });
    }
  }

  async #provenSince(at: string, what: string): Promise<void> {
    await this.#scene.until(what, async () => {
      const rows = await this.#scene.branch.admin.rows("biometric.device", this.#ours, [
        "complete_until",
      ]);
      const proven = rows.every((row) => row["complete_until"] && `${row["complete_until"]}` > at);
      return proven ? true : null;
    });
  }
}
