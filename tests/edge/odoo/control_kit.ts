/** The sync over real HTTP, a real queue, a real identity and heads on a real disk; only Odoo is a fake. */
import { Alarms } from "../../../edge_agent/health/alarms.ts";
import { Witness } from "../../../edge_agent/odoo/countersign.ts";
import { HeadChain } from "../../../edge_agent/odoo/heads.ts";
import { DestinationHttp } from "../../../edge_agent/delivery/http.ts";
import { Identity } from "../../../edge_agent/odoo/identity.ts";
import { Remembered } from "../../../edge_agent/odoo/remembered.ts";
import { Odoo } from "../../../edge_agent/odoo/routes.ts";
import type { SyncAnswer } from "../../../edge_agent/odoo/shapes.ts";
import {
  Control,
  type OrderedCommand,
  type ReportedCommand,
} from "../../../edge_agent/odoo/sync.ts";
import { seeded } from "../../sim/dice.ts";
import { FakeOdoo } from "../../sim/fake_odoo.ts";
import { FaultyProxy } from "../../sim/faulty_proxy.ts";
import { ManualClock } from "../../sim/manual_clock.ts";
import { silentLog } from "../../sim/silent_log.ts";
import { LaneKit } from "../queue/lane_kit.ts";

export class ControlKit {
  readonly clock = new ManualClock();
  readonly fake = new FakeOdoo();
  readonly proxy = new FaultyProxy(() => this.fake.url);
  readonly lane = new LaneKit(this.clock);
  readonly identity = new Identity({ directory: this.lane.directory });
  readonly alarms = new Alarms({ clock: this.clock, log: silentLog, store: this.lane.queue });
  readonly http = new DestinationHttp({ timeoutMs: 3_000, monotonic: () => performance.now() });
  readonly ordered: OrderedCommand[] = [];
  readonly acknowledged: number[] = [];
  readonly applied: SyncAnswer["devices"][] = [];
  welcomes = 0;
  readonly heads: string[] = [];
  receipts = 0;
  results: ReportedCommand[] = [];
  refuses: string | null = null;
  /** How the machine says it stands with updates, and what it was told. */
  updateState: ReturnType<ConstructorParameters<typeof Control>[0]["updates"]["state"]> = null;
  readonly offers: string[] = [];
  readonly random = seeded(1);
  control!: Control;

  async start(): Promise<this> {
    this.fake.start();
    this.proxy.start();
    await this.identity.start();
    const { token } = this.fake.addAgent(this.identity.publicKey);
    this.identity.keepPairing({
      url: this.proxy.url,
      database: null,
      token,
      agentId: 1,
      agentName: "Branch",
      company: "Company",
    });
    this.control = this.makeControl();
    return this;
  }

  makeControl(): Control {
    const { clock, identity, alarms } = this;
    const odoo = new Odoo({
      http: this.http,
      access: () => {
        const { pairing } = identity;
        return pairing === null ? null : { ...pairing, url: this.proxy.url };
      },
      agentVersion: "test",
      sign: (text) => identity.sign(text),
      now: () => clock.now(),
    });
    const store = this.lane.queue;
    const chain = new HeadChain({ directory: this.lane.directory, clock, identity });
    const sign = (text: string) => identity.sign(text);
    const witness = new Witness({ clock, sign, alarms, store, chain });
    return new Control({
      queue: this.lane.queue,
      sync: (status, signal) => odoo.sync(status, signal),
      identity,
      witness,
      remembered: new Remembered({ chain, witness, clock, random: this.random, alarms, store }),
      devices: {
        report: () => [],
        unknown: () => [],
        apply: (devices) => this.applied.push(devices),
      },
      commands: {
        order: (command) => {
          this.ordered.push(command);
          return this.refuses === null ? "queued" : { refused: this.refuses };
        },
        results: () => this.results,
        acknowledged: (ids) => this.acknowledged.push(...ids),
      },
      updates: {
        state: () => this.updateState,
        offered: (version) => this.offers.push(version),
      },
      clock,
      random: this.random,
      alarms,
      log: silentLog,
      version: "test",
      host: { name: "pi", os: "linux", arch: "aarch64" },
      syncSeconds: 10,
      receipts: () => this.receipts,
      onHead: (_head, state) => this.heads.push(state),
      onWelcome: () => this.welcomes++,
    });
  }

  codes(): string[] {
    return this.alarms.list().map((alarm) => alarm.code);
  }

  get tokens(): (string | null)[] {
    return this.fake.requests.map((request) => request.token);
  }

  async stop(): Promise<void> {
    this.http.stop();
    this.proxy.stop();
    await this.fake.stop();
    await this.lane.stop();
  }
}

export async function withKit(run: (kit: ControlKit) => Promise<void>): Promise<void> {
  const kit = await new ControlKit().start();
  try {
    await run(kit);
  } finally {
    await kit.stop();
  }
}
