/** What the device port is to reach beside its floor, and whether it did. Pure. */
import type { Cell, IngestResult } from "./ingest.ts";

export interface Goal {
  readonly says: string;
  /** The same of the floor in the same run; empty: it has none. */
  readonly floor: string;
  readonly measured: string;
  readonly met: boolean;
}

const CPU_RATIO = 1.9;
const CPU_LINES = [1, 10];
const P99_RATIO = 1.5;
const P99_DEVICES = 50;
const RSS_MB = 160;
const PINNED_P99_MS = 1_000;

export const MEMORY_GOAL = `at most ${RSS_MB} MB resident in each cell`;

export const nameOf = ({ devices, lines }: Cell) => `${devices} × ${lines.toLocaleString("en-GB")}`;

/** Processor a punch beside the floor's; null: the goal is not about such a cell. */
export function ratioOf(cell: Cell): { ratio: number; goal: number | null; met: boolean | null } {
  const ratio = cell.agent.cpuMicros / cell.floor.cpuMicros;
  const goal = CPU_LINES.includes(cell.lines) ? CPU_RATIO : null;
  return { ratio, goal, met: goal === null ? null : ratio <= goal };
}

function worst(cells: readonly Cell[], of: (cell: Cell) => number): [Cell, number] {
  const ranked = cells.map((cell) => [cell, of(cell)] as [Cell, number])
    .sort(([, a], [, b]) => b - a);
  if (ranked[0] === undefined) throw new Error("no cell was measured");
  return ranked[0];
}

export function goalsOf({ cells, pinned }: Pick<IngestResult, "cells" | "pinned">): Goal[] {
  const cpu = (cell: Cell) => ratioOf(cell).ratio;
  const small = cells.filter((cell) => ratioOf(cell).goal !== null);
  const over = small.filter((cell) => ratioOf(cell).met === false);
  const rush = cells.filter(({ devices, lines }) => devices === P99_DEVICES && lines === 1);
  const p99 = (cell: Cell) => cell.agent.p99 / cell.floor.p99;
  const [dearest, most] = worst(small, cpu);
  const [slowest, tail] = worst(rush, p99);
  const [largest, rss] = worst(cells, ({ rssMb }) => rssMb);
  return [
    {
      says: `processor a punch at most ${CPU_RATIO} times the floor's, each cell of 1 and 10 lines`,
      floor: `${dearest.floor.cpuMicros.toFixed(0)} µs (${nameOf(dearest)})`,
      measured: over.length === 0
        ? `${most.toFixed(2)} at most (${nameOf(dearest)})`
        : `missed in ${over.length} of ${small.length}: ${
          over.map((cell) => `${nameOf(cell)} ${cpu(cell).toFixed(2)}`).join(", ")
        }`,
      met: over.length === 0,
    },
    {
      says: `p99 at ${P99_DEVICES} × 1 at most ${P99_RATIO} times the floor's`,
      floor: `${Math.round(slowest.floor.p99)} ms`,
      measured: tail.toFixed(2),
      met: tail <= P99_RATIO,
    },
    {
      says: MEMORY_GOAL,
      floor: "",
      measured: `${rss} MB (${nameOf(largest)})`,
      met: rss <= RSS_MB,
    },
    {
      says: "p99 on one core, 200 × 1, at most 1 s",
      floor: `${Math.round(pinned.floor.p99)} ms`,
      measured: `${Math.round(pinned.agent.p99)} ms`,
      met: pinned.agent.p99 <= PINNED_P99_MS,
    },
  ];
}
