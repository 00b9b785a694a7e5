// Owns: what a branch lives through with a terminal in trouble, told step by step and checked against
// Odoo's own records: push falls silent and reading takes over; a gap is found and closed by a click;
// the memory is cleared after proof. Must not know: how stage, branch and terminal are made.

import type { Branch } from "./branch.ts";
import type { Gate } from "./gate.ts";
import type { Domain, OdooClient, Row } from "./odoo_client.ts";
import { ownHost } from "./own_host.ts";
import { seconds, step } from "./trouble.ts";
import type { Waiting } from "./waiting.ts";

/** Seconds without a word after which this terminal's push counts as silent; two minutes elsewhere. */
const SILENCE_SECONDS = 12;
const CALLS_SECONDS = 3;
const OUTAGE_MS = 4_000;

export class FleetStory {
  readonly #gate: Gate;
  readonly #device: number;
  readonly #branch: Branch;
  readonly #until: Waiting;
  /** What was not as it must be, in sentences. */
  readonly faults: string[] = [];

  constructor(gate: Gate, device: number, branch: Branch, until: Waiting) {
    this.#gate = gate;
    this.#device = device;
    this.#branch = branch;
    this.#until = until;
  }

  /** The administrator says where the terminal can be read and how long its push may be silent. */
  async plan(): Promise<void> {
    const administrator = await this.#branch.as("biometric");
    await administrator.write("biometric.device", [this.#device], {
      name: "Back gate",
      poll_host: ownHost(),
      poll_port: this.#gate.terminal.port,
      silence_seconds: SILENCE_SECONDS,
      settings: { poll_seconds: CALLS_SECONDS },
    });
  }

  async tell(): Promise<void> {
    await step("A second terminal: three people punch, it pushes", async () => {
      this.#gate.punch(3);
      await this.#allInOdoo();
    }, () => "3 punches in Odoo");
    await step("Its push falls silent, two people punch: reading takes over", async () => {
      return await this.#fallBack();
    }, (words) => words);
    await step("Its cable is out, four people punch; then it is back: a gap", async () => {
      return await this.#findGap();
    }, (gap) => `from ${gap["window_from"]} to ${gap["window_to"]} UTC nothing is proven`);
    await step("An HR officer clicks “Pull this window now”", async () => {
      return await this.#pullGap();
    }, (words) => words);
    await step("An administrator opens “Clear now” and orders it", async () => {
      return await this.#clear();
    }, (words) => words);
  }

  get #admin(): OdooClient {
    return this.#branch.admin;
  }

  get #here(): Domain {
    return [["device_id", "=", this.#device]];
  }

  #demand(holds: boolean, sentence: string): void {
    if (!holds) this.faults.push(sentence);
  }

  async #allInOdoo(): Promise<void> {
    const wanted = this.#gate.everything.length;
    await this.#until(`${wanted} punches of the second terminal in Odoo`, async () => {
      const held = await this.#held();
      return held >= wanted ? held : null;
    });
  }

  async #held(): Promise<number> {
    return await this.#admin.count("biometric.punch", this.#here);
  }

  async #run(what: string, domain: Domain): Promise<Row> {
    const fields = ["asked_by", "outcome", "message", "read_count", "new_count", "device_count"];
    return await this.#until(what, async () => {
      const runs = await this.#admin.rows("biometric.run", [...this.#here, ...domain], fields);
      return runs[0] ?? null;
    });
  }

  async #look(): Promise<Row> {
    const fields = ["carrier", "carrier_reason", "complete_until"];
    const [row] = await this.#admin.rows("biometric.device", [["id", "=", this.#device]], fields);
    return row ?? {};
  }

  async #fallBack(): Promise<string> {
    const before = await this.#held();
    this.#gate.cutPush();
    this.#gate.punch(2);
    const run = await this.#run("reading to take over", [
      ["channel", "=", "poll"],
      ["asked_by", "=", "push is silent"],
      ["outcome", "=", "complete"],
    ]);
    await this.#allInOdoo();
    const { carrier, carrier_reason } = await this.#look();
    this.#demand(carrier === "poll", "Odoo does not say that reading carries the second terminal");
    const brought = await this.#held() - before;
    this.#demand(brought === 2, `reading brought ${brought} punches, not 2`);
    return `Odoo says “Reading: ${carrier_reason}”; ${run["read_count"]} of ` +
      `${run["device_count"]} records read, ${brought} of them not known before`;
  }

  /** The gap that is left when the agent's own back-fill was refused by the terminal. */
  async #findGap(): Promise<Row> {
    this.#gate.cutAll();
    this.#gate.punch(4);
    await new Promise((resolve) => setTimeout(resolve, OUTAGE_MS));
    this.#gate.comeBackForgetful();
    await this.#run("the agent's own back-fill to be refused", [
      ["asked_by", "=", "agent"],
      ["outcome", "=", "failed"],
    ]);
    const open = [...this.#here, ["state", "=", "open"]];
    const gap = await this.#until("the gap in Odoo", async () => {
      const fields = ["window_from", "window_to"];
      return (await this.#admin.rows("biometric.gap", open, fields))[0] ?? null;
    });
    const { carrier, carrier_reason } = await this.#look();
    this.#demand(carrier === "push", `reading did not step back (${carrier}: ${carrier_reason})`);
    const missing = this.#gate.everything.length - await this.#held();
    this.#demand(missing === 4, `${missing} punches are missing in the gap, not 4`);
    return gap;
  }

  /** What the button of the gap does, with the officer's own rights. */
  async #pullGap(): Promise<string> {
    const officer = await this.#branch.as("officer");
    const [gap = 0] = await officer.call("biometric.gap", "search", [[
      ...this.#here,
      ["state", "=", "open"],
    ]]) as number[];
    const before = await this.#held();
    const clicked = performance.now();
    await officer.call("biometric.gap", "action_pull", [[gap]]);
    await this.#allInOdoo();
    const visible = performance.now() - clicked;
    const [closed] = await this.#until("the gap to be closed", async () => {
      const rows = await officer.rows("biometric.gap", [["id", "=", gap]], ["state", "run_id"]);
      return rows[0]?.["state"] === "open" ? null : rows;
    });
    const [run] = await officer.rows(
      "biometric.run",
      [["id", "=", (closed?.["run_id"] as number[])[0] ?? 0]],
      ["command_id"],
    );
    this.#demand(closed?.["state"] === "proven", `the gap is ${closed?.["state"]}, not proven`);
    this.#demand(Boolean(run?.["command_id"]), "the gap was not closed by the order of the click");
    return `${await this.#held() - before} punches came that Odoo did not have, visible ` +
      `${seconds(visible)} after the click; the gap is proven complete`;
  }

  async #clear(): Promise<string> {
    const administrator = await this.#branch.as("biometric");
    const call = async (model: string, method: string, id: number) =>
      await administrator.call(model, method, [[id]]) as Row;
    const dialog = await call("biometric.device", "action_clear", this.#device);
    const list = dialog["res_id"] as number;
    const lines = await administrator.rows("biometric.checklist.line", [[
      "checklist_id",
      "=",
      list,
    ]], ["name", "state", "detail"]);
    for (const { name, state, detail } of lines) {
      console.log(`    ${state === "unknown" ? "asked" : state}  ${name}: ${detail}`);
    }
    await call("biometric.checklist", "action_clear", list);
    const run = await this.#run("the clear to end", [[
      "outcome",
      "in",
      ["cleared", "not_cleared", "unclear"],
    ]]);
    this.#demand(run["outcome"] === "cleared", `not cleared: ${run["message"]}`);
    await this.#proveDestroyed();
    this.#gate.punch(1);
    await this.#allInOdoo();
    return `${run["message"]}; every one of them is in Odoo, and the next punch came as ever`;
  }

  /** The terminal's own list of what it destroyed against the punches in Odoo. */
  async #proveDestroyed(): Promise<void> {
    const rows = await this.#admin.rows("biometric.punch", this.#here, ["pin", "wall_time"]);
    const held = new Set(rows.map(({ pin, wall_time }) => `${pin} ${wall_time}`));
    const { destroyed, records } = this.#gate.terminal.memory;
    const lost = destroyed.filter(({ record }) => !held.has(`${record.pin} ${record.wallTime}`));
    this.#demand(records.length === 0, `${records.length} records are left after the clear`);
    this.#demand(destroyed.length > 0, "the terminal destroyed nothing");
    this.#demand(lost.length === 0, `${lost.length} records were destroyed that Odoo lacks`);
  }
}
