/** A real queue in a throw-away directory, filled with punches, for tests of what leaves it. */
import { randomBytes } from "node:crypto";
import type { Clock } from "../../../edge_agent/base/clock.ts";
import type { Punch } from "../../../edge_agent/base/punch.ts";
import { Queue } from "../../../edge_agent/queue/queue.ts";

export const SERIAL = "CKJF201960996";

export function makePunch(n: number, serial = SERIAL): Punch {
  const at = new Date(Date.UTC(2026, 2, 2) + n * 1000).toISOString();
  return {
    serial,
    pin: String(n),
    wallTime: `${at.slice(0, 10)} ${at.slice(11, 19)}`,
    status: "0",
    verify: "1",
    workCode: "",
    extra: "",
  };
}

export class LaneKit {
  readonly directory = Deno.makeTempDirSync({ prefix: "biometric-" });
  readonly queue: Queue;

  constructor(clock: Clock) {
    this.queue = new Queue({
      directory: this.directory,
      clock,
      randomBytes: (size) => new Uint8Array(randomBytes(size)),
    });
    this.queue.start();
  }

  /** Adds punches `from` … `to - 1`. */
  async add(from: number, to: number, serial = SERIAL): Promise<void> {
    const punches = Array.from({ length: to - from }, (_, n) => makePunch(from + n, serial));
    await this.queue.add({ serial, channel: "push", punches, rejects: [] });
  }

  async stop(): Promise<void> {
    await this.queue.stop();
    Deno.removeSync(this.directory, { recursive: true });
  }
}
