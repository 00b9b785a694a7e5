/**
 * Numbers for monitors in the Prometheus text format. Owns their names; the only file that knows
 * prom-client. Labels are serial numbers, endpoints and outcomes, never PINs.
 */
import { Counter, Gauge, Histogram, Registry } from "prom-client";
import { DESTINATIONS } from "./destinations.ts";
import type { Vitals } from "./vitals.ts";

/** A flood of refused requests must not make a flood of series. */
const MAX_DEVICES = 500;

export class Metrics {
  readonly #registry = new Registry();
  readonly #vitals: () => Vitals;
  readonly #now: () => number;
  readonly #requests = this.#counter("device_requests_total", "Requests of terminals", [
    "endpoint",
    "status",
  ]);
  readonly #bytes = this.#counter("device_bytes_total", "Bytes uploaded by terminals", []);
  readonly #seconds = new Histogram({
    name: "biometric_device_request_seconds",
    help: "Time to answer a terminal",
    labelNames: ["endpoint"],
    buckets: [0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers: [this.#registry],
  });
  readonly #deliveries = this.#counter("deliveries_total", "Tries to deliver a batch", ["outcome"]);
  readonly #sightings = this.#counter("sightings_receipted_total", "Sightings with a receipt", []);
  readonly #gauges = new Map<string, Gauge>();

  constructor({ vitals, now }: { vitals: () => Vitals; now: () => number }) {
    this.#vitals = vitals;
    this.#now = now;
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  /** Of the device port. */
  request(seen: { endpoint: string; status: number; seconds: number; bytes: number }): void {
    this.#requests.inc({ endpoint: seen.endpoint, status: String(seen.status) });
    this.#bytes.inc(seen.bytes);
    this.#seconds.observe({ endpoint: seen.endpoint }, seen.seconds);
  }

  delivery(outcome: string, sightings: number): void {
    if (outcome === "idle") return;
    this.#deliveries.inc({ outcome });
    if (outcome === "receipt") this.#sightings.inc(sightings);
  }

  async text(): Promise<string> {
    this.#collect();
    return await this.#registry.metrics();
  }

  #collect(): void {
    const vitals = this.#vitals();
    const now = this.#now();
    const memory = Deno.memoryUsage();
    this.#set("uptime_seconds", "Seconds since the start", vitals.uptimeMs / 1000);
    this.#set("clock_trusted", "1 when the agent trusts its clock", Number(vitals.clockTrusted));
    const name = DESTINATIONS[vitals.destination];
    this.#set("paired", `1 when paired with ${name}`, Number(vitals.paired));
    this.#set("resident_memory_bytes", "Resident memory", memory.rss);
    this.#set("heap_used_bytes", "Heap in use", memory.heapUsed);
    const since = vitals.sinceAnswerMs;
    this.#set(
      `${vitals.destination}_answer_age_seconds`,
      `Seconds since ${name}'s latest answer, -1 for none`,
      since === null ? -1 : since / 1000,
    );
    const { stats } = vitals;
    this.#set("queue_ok", "1 when the queue takes punches", Number(stats?.state === "ok"));
    if (stats !== null) {
      this.#set("queue_pending", "Sightings without a receipt", stats.pending);
      this.#set("queue_parked", "Sightings set aside", stats.parked);
      this.#set("queue_rejects", "Lines that could not be read", stats.rejects);
      this.#set("queue_delivered", "Delivered sightings still kept", stats.delivered);
      this.#set("queue_damage_notes", "Damage that is not healed", stats.damaged.length);
      this.#set("queue_faults", "Fallen guards, and a slow card", stats.standing.length);
      this.#set(
        "queue_commit_ms",
        "Median of the latest commits, -1 for none",
        stats.commitMs ?? -1,
      );
      this.#set("queue_bytes", "Size of the queue on disk", stats.bytes);
      this.#set("disk_free_bytes", "Free on the queue's disk", stats.freeBytes);
      const oldest = stats.oldestPendingAt;
      const age = oldest === null ? 0 : Math.max(0, now - oldest) / 1000;
      this.#set("queue_oldest_pending_seconds", "Age of the oldest undelivered sighting", age);
    }
    this.#collectAlarms(vitals);
    this.#collectDevices(vitals, now);
  }

  #collectAlarms(vitals: Vitals): void {
    const gauge = this.#gauge("alarm", "1 for each alarm that is on", ["code"]);
    gauge.reset();
    for (const alarm of vitals.alarms) gauge.set({ code: alarm.code }, 1);
  }

  #collectDevices(vitals: Vitals, now: number): void {
    const silent = this.#gauge("device_silent", "1 when a terminal is silent too long", ["serial"]);
    const heard = this.#gauge("device_heard_seconds", "Seconds since it was heard", ["serial"]);
    const pending = this.#gauge("device_pending", "Its sightings without a receipt", ["serial"]);
    const oldest = this.#gauge(
      "device_oldest_pending_seconds",
      "Age of its oldest undelivered sighting",
      ["serial"],
    );
    for (const gauge of [silent, heard, pending, oldest]) gauge.reset();
    for (const device of vitals.devices.slice(0, MAX_DEVICES)) {
      const { serial } = device;
      silent.set({ serial }, Number(device.silent));
      if (device.lastHeardAt !== null) {
        heard.set({ serial }, Math.max(0, now - device.lastHeardAt) / 1000);
      }
      const counts = vitals.stats?.perDevice.get(serial);
      pending.set({ serial }, counts?.pending ?? 0);
      const since = counts?.oldestPendingAt ?? null;
      oldest.set({ serial }, since === null ? 0 : Math.max(0, now - since) / 1000);
    }
  }

  #counter(name: string, help: string, labelNames: string[]): Counter {
    return new Counter({
      name: `biometric_${name}`,
      help,
      labelNames,
      registers: [this.#registry],
    });
  }

  #set(name: string, help: string, value: number): void {
    this.#gauge(name, help, []).set(value);
  }

  #gauge(name: string, help: string, labelNames: string[]): Gauge {
    const known = this.#gauges.get(name);
    if (known !== undefined) return known;
    const gauge = new Gauge({
      name: `biometric_${name}`,
      help,
      labelNames,
      registers: [this.#registry],
    });
    this.#gauges.set(name, gauge);
    return gauge;
  }
}
