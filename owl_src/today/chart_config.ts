/**
 * From lines of numbers to what Chart.js is told.
 *
 * Pure: colours are handed in. Nothing moves by itself, a bar begins at zero, and what is not known is
 * not drawn. Must not know OWL or what the numbers mean.
 */

export interface ChartLine {
  readonly name: string;
  readonly values: readonly (number | null)[];
  /** Bars unless it is a line. */
  readonly kind?: "bar" | "line";
}

export interface ChartNumbers {
  readonly labels: readonly string[];
  readonly lines: readonly ChartLine[];
  readonly stacked?: boolean;
  /** Values are minutes: the axis counts in quarters, halves and whole hours, not in tens. */
  readonly isTime?: boolean;
  readonly format: (value: number) => string;
  readonly open: (line: number, point: number) => void;
}

export interface ChartLook {
  readonly fill: (number: number, of: number) => string;
  readonly text: string;
  readonly grid: string;
}

interface Hit {
  readonly datasetIndex: number;
  readonly index: number;
}

/** Of the browser's own event only where the pointer is. */
interface Hover {
  readonly native: { readonly target: { readonly style: { cursor: string } } } | null;
}

interface Label {
  readonly dataset: { readonly label: string };
  readonly raw: number | null;
}

/** A legend is one line a name. */
const LONGEST_NAME = 40;

function shortened(name: string): string {
  return name.length > LONGEST_NAME ? `${name.slice(0, LONGEST_NAME - 1)}…` : name;
}

function dataset(line: ChartLine, color: string, stacked: boolean) {
  const drawn = line.kind === "line";
  return {
    label: shortened(line.name),
    type: line.kind ?? "bar",
    data: [...line.values],
    backgroundColor: color,
    borderColor: color,
    borderWidth: drawn ? 2 : 0,
    pointRadius: drawn ? 3 : 0,
    pointHitRadius: 12,
    tension: 0,
    maxBarThickness: 40,
    ...(stacked ? { stack: "all" } : {}),
    // lines lie over bars
    order: drawn ? 0 : 1,
  };
}

const STEPS = [15, 30, 60, 120, 300, 600, 1_200, 3_000, 6_000, 12_000, 30_000, 60_000];
const MOST_STEPS = 6;

/** Minutes between two lines of the axis, so that at most MOST_STEPS of them reach the highest value. */
export function timeStep(lines: readonly ChartLine[], stacked: boolean): number {
  const points = Math.max(0, ...lines.map(({ values }) => values.length));
  const tops = Array.from({ length: points }, (_one, n) => {
    const values = lines.map(({ values }) => values[n] ?? 0);
    return stacked ? values.reduce((sum, value) => sum + value, 0) : Math.max(...values);
  });
  const top = Math.max(0, ...tops);
  return STEPS.find((step) => step * MOST_STEPS >= top) ?? Math.ceil(top / MOST_STEPS);
}

/** Configuration of Chart.js 4 (the version that Odoo brings). */
export function chartOf(numbers: ChartNumbers, look: ChartLook) {
  const stacked = numbers.stacked ?? false;
  const { lines, format } = numbers;
  return {
    type: "bar",
    data: {
      labels: [...numbers.labels],
      datasets: lines.map((line, n) => dataset(line, look.fill(n, lines.length), stacked)),
    },
    options: {
      animation: false,
      maintainAspectRatio: false,
      onClick: (_event: unknown, hits: readonly Hit[]) => {
        const hit = hits[0];
        if (hit) numbers.open(hit.datasetIndex, hit.index);
      },
      onHover: ({ native }: Hover, hits: readonly Hit[]) => {
        if (native) native.target.style.cursor = hits.length ? "pointer" : "default";
      },
      plugins: {
        legend: {
          display: lines.length > 1,
          position: "bottom",
          labels: { color: look.text, boxWidth: 12 },
        },
        tooltip: {
          callbacks: {
            label: ({ dataset, raw }: Label) => `${dataset.label}: ${format(raw ?? 0)}`,
          },
        },
      },
      scales: {
        x: { stacked, ticks: { color: look.text }, grid: { display: false } },
        y: {
          stacked,
          beginAtZero: true,
          ticks: {
            color: look.text,
            precision: 0,
            ...(numbers.isTime ? { stepSize: timeStep(lines, stacked) } : { maxTicksLimit: 6 }),
            callback: (value: number) => format(value),
          },
          grid: { color: look.grid },
        },
      },
    },
  };
}
