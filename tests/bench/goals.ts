/** What the device port is to reach beside its floor, and whether it did. Pure. */
import type { Cell, IngestResult } from "./ingest.ts";

export interface Goal {
  readonly says: string;
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

const nameOf = ({ devices, lines }: Cell) => `${devices} × ${lines.toLocaleString("en-GB")}`;

function worst(cells: readonly Cell[], of: (cell: Cell) => number): [Cell, number] {
  const ranked = cells.map((cell) => [cell, of(cell)] as [Cell, number])
    .sort(([, a], [, b]) => b - a);
  if (ranked[0] === undefined) throw new Error("no cell was measured");
  return ranked[0];
}

export function goalsOf({ cells, pinned }: Pick<IngestResult, "cells" | "pinned">): Goal[] {
  const cpu = (cell: Cell) => cell.agent.cpuMicros / cell.floor.cpuMicros;
  const small = cells.filter(({ lines }) => CPU_LINES.includes(lines));
  const over = small.filter((cell) => cpu(cell) > CPU_RATIO);
  const rush = cells.filter(({ devices, lines }) => devices === P99_DEVICES && lines === 1);
  const p99 = (cell: Cell) => cell.agent.p99 / cell.floor.p99;
  const [dearest, most] = worst(small, cpu);
  const [, tail] = worst(rush, p99);
  const [largest, rss] = worst(cells, ({ rssMb }) => rssMb);
  return [
    {
      says: `processor a punch at most ${CPU_RATIO} times the floor's, each cell of 1 and 10 lines`,
      measured: over.length === 0
        ? `${most.toFixed(2)} at most (${nameOf(dearest)})`
        : `missed in ${over.length} of ${small.length}: ${
          over.map((cell) => `${nameOf(cell)} ${cpu(cell).toFixed(2)}`).join(", ")
        }`,
      met: over.length === 0,
    },
    {
      says: `p99 at ${P99_DEVICES} × 1 at most ${P99_RATIO} times the floor's`,
      measured: tail.toFixed(2),
      met: tail <= P99_RATIO,
    },
    { says: MEMORY_GOAL, measured: `${rss} MB (${nameOf(largest)})`, met: rss <= RSS_MB },
    {
      says: "p99 on one core, 200 × 1, at most 1 s",
      measured: `${Math.round(pinned.agent.p99)} ms`,
      met: pinned.agent.p99 <= PINNED_P99_MS,
    },
  ];
}
