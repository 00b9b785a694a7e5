// Owns: a terminal that is only read, beside the branch of a scene: what a person orders of it and what
// Odoo then says. Must not know: what a journey asserts.

import type { Branch } from "../../dev/branch.ts";
import type { OdooClient, Row } from "../../dev/odoo_client.ts";
import { EVERY_ADDRESS, ownHost } from "../../dev/own_host.ts";
import type { Waiting } from "../../dev/waiting.ts";
import { FakeTerminal } from "../sim/pull/terminal.ts";

const SERIAL = "READONLY00001";
/** Records it holds; when full, so many of the oldest go at once, as vendors' "cyclic delete" has it. */
const CAPACITY = 1_000;
export const DELETES_AT_ONCE = 400;

const RUN = ["outcome", "read_count", "device_count", "new_count", "rejected_count", "lost_from"]
  .concat("vanished_count", "settled", "message");

export class ReadOnly {
  readonly terminal = new FakeTerminal({
    serial: SERIAL,
    capacity: CAPACITY,
    deletesAtOnce: DELETES_AT_ONCE,
  });
  readonly #administrator: OdooClient;
  readonly #officer: OdooClient;
  readonly #until: Waiting;
  #device = 0;

  private constructor(administrator: OdooClient, officer: OdooClient, until: Waiting) {
    this.#administrator = administrator;
    this.#officer = officer;
    this.#until = until;
  }

  /** An administrator enters it by hand, with its address for reading, and approves it. */
  static async enter(branch: Branch, until: Waiting): Promise<ReadOnly> {
    const one = new ReadOnly(await branch.as("biometric"), await branch.as("officer"), until);
    await one.terminal.start(0, EVERY_ADDRESS);
    await one.#enter();
    return one;
  }

  async #enter(): Promise<void> {
    const administrator = this.#administrator;
    const [agent] = await administrator.rows("biometric.agent", [["state", "=", "active"]], [
      "name",
    ]);
    const [device = 0] = await administrator.create("biometric.device", [{
      name: "Read only",
      serial: SERIAL,
      agent_id: agent?.["id"] as number,
      channel_push: false,
      channel_poll: true,
      poll_host: ownHost(),
      poll_port: this.terminal.port,
    }]);
    this.#device = device;
    await administrator.call("biometric.device", "action_approve", [[device]]);
  }

  get here(): [string, string, number] {
    return ["device_id", "=", this.#device];
  }

  /** A person orders a read of today; the run that came of it, once Odoo has judged it. */
  async read(): Promise<Row> {
    const administrator = this.#administrator;
    const today = new Date().toISOString().slice(0, 10);
    const [dialog = 0] = await administrator.create("biometric.pull", [{
      device_id: this.#device,
      date_from: today,
      date_to: today,
    }]);
    await administrator.call("biometric.pull", "action_confirm", [[dialog]]);
    const [shown] = await administrator.rows("biometric.pull", [["id", "=", dialog]], [
      "command_ids",
    ]);
    const ordered = shown?.["command_ids"] as number[];
    return await this.#until("the ordered read to be judged", async () => {
      const domain = [this.here, ["command_id", "in", ordered], ["settled", "=", true]];
      return (await administrator.rows("biometric.run", domain, RUN))[0] ?? null;
    });
  }

  /** Instant until which it is proven complete, as Odoo writes it; "" where it is not. */
  async completeUntil(): Promise<string> {
    const domain = [["id", "=", this.#device]];
    const [row] = await this.#administrator.rows("biometric.device", domain, ["complete_until"]);
    return String(row?.["complete_until"] || "");
  }

  /** Number of rows of a model that are this terminal's: punches are HR's, not an administrator's. */
  async count(model: string, ...domain: [string, string, string][]): Promise<number> {
    return await this.#officer.count(model, [this.here, ...domain]);
  }

  async stop(): Promise<void> {
    await this.terminal.stop();
  }
}
