/** An ERPNext site as the far end of a clear: takes what a queue holds, is asked over HTTP what it has. */
import assert from "node:assert/strict";
import { DestinationHttp } from "../../../edge_agent/delivery/delivery.ts";
import { siteParts } from "../../../edge_agent/erpnext/erpnext.ts";
import type { Queue } from "../../../edge_agent/queue/queue.ts";
import { ManualClock } from "../manual_clock.ts";
import { readySite } from "./set_up.ts";
import type { FakeSite } from "./site.ts";

/** PINs of a terminal's simulated people. */
const FIRST_PIN = 1001, PEOPLE = 40;
const BATCH = 50;

export class SiteEnd {
  readonly #http = new DestinationHttp({ timeoutMs: 20_000, monotonic: () => performance.now() });
  readonly #clock = new ManualClock();
  readonly #parts: ReturnType<typeof siteParts>;

  private constructor(readonly site: FakeSite, key: { key: string; secret: string }) {
    this.#parts = siteParts({
      http: this.#http,
      access: () => ({ url: site.url, ...key }),
      agentVersion: "test",
      now: () => this.#clock.now(),
    }, this.#clock);
  }

  /** Set up, with one terminal that was approved. */
  static async make(serial: string): Promise<SiteEnd> {
    const { site, key } = await readySite();
    await site.put("Biometric Device", { serial, approval: "Approved" });
    for (let n = 0; n < PEOPLE; n++) site.addEmployee(`E${n}`, String(FIRST_PIN + n));
    return new SiteEnd(site, key);
  }

  get holdings() {
    return this.#parts.holdings;
  }

  get keys(): ReadonlySet<string> {
    return new Set(this.site.rows("Biometric Punch").map((row) => String(row["name"])));
  }

  get rejects(): readonly string[] {
    return this.site.rows("Biometric Unread Line").map((row) => String(row["raw"]));
  }

  decide(raw: string): void {
    const [line] = this.site.rows("Biometric Unread Line", [["raw", "=", raw]]);
    assert.ok(line, `the site has the line ${raw}`);
    this.site.set("Biometric Unread Line", String(line["name"]), { decision: "Discard" });
  }

  set unreachable(isIt: boolean) {
    this.site.condition = isIt ? "database_down" : "well";
  }

  get refusals(): number {
    return this.site.answers.filter((status) => status === "500").length;
  }

  /** Restored from a backup: these raw punches and their check-ins are gone. */
  forget(keys: Iterable<string>): void {
    const gone = new Set(keys);
    for (const { name, biometric_key: key } of this.site.rows("Employee Checkin")) {
      if (gone.has(String(key))) this.site.db.remove("Employee Checkin", String(name));
    }
    for (const key of gone) this.site.db.remove("Biometric Punch", key);
  }

  /** All that is pending; how many. */
  async deliver(queue: Queue): Promise<number> {
    let delivered = 0;
    for (let batch = queue.take(BATCH); batch !== null; batch = queue.take(BATCH)) {
      if (batch.sightings.length === 0) break;
      const receipt = await this.#parts.destination.postPunches({ ...batch, batchId: "one" });
      assert.ok(receipt.verdicts.length > 0);
      queue.settle(receipt);
      delivered += receipt.verdicts.length;
    }
    return delivered;
  }

  async stop(): Promise<void> {
    this.#http.stop();
    await this.site.stop();
  }
}
