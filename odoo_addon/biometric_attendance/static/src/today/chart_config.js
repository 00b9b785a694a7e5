// generated from owl_src/today/chart_config.ts, do not edit
const LONGEST_NAME = 40;
function shortened(name) {
  return name.length > LONGEST_NAME ? `${name.slice(0, LONGEST_NAME - 1)}…` : name;
}
function dataset(line, color, stacked) {
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
    ...stacked ? { stack: "all" } : {},
    // lines lie over bars
    order: drawn ? 0 : 1
  };
}
const STEPS = [15, 30, 60, 120, 300, 600, 1200, 3e3, 6e3, 12e3, 3e4, 6e4];
const MOST_STEPS = 6;
function timeStep(lines, stacked) {
  const points = Math.max(0, ...lines.map(({ values }) => values.length));
  const tops = Array.from({ length: points }, (_one, n) => {
    const values = lines.map(({ values: values2 }) => values2[n] ?? 0);
    return stacked ? values.reduce((sum, value) => sum + value, 0) : Math.max(...values);
  });
  const top = Math.max(0, ...tops);
  return STEPS.find((step) => step * MOST_STEPS >= top) ?? Math.ceil(top / MOST_STEPS);
}
function chartOf(numbers, look) {
  const stacked = numbers.stacked ?? false;
  const { lines, format } = numbers;
  return {
    type: "bar",
    data: {
      labels: [...numbers.labels],
      datasets: lines.map((line, n) => dataset(line, look.fill(n, lines.length), stacked))
    },
    options: {
      animation: false,
      maintainAspectRatio: false,
      onClick: (_event, hits) => {
        const hit = hits[0];
        if (hit) numbers.open(hit.datasetIndex, hit.index);
      },
      onHover: ({ native }, hits) => {
        if (native) native.target.style.cursor = hits.length ? "pointer" : "default";
      },
      plugins: {
        legend: {
          display: lines.length > 1,
          position: "bottom",
          labels: { color: look.text, boxWidth: 12 }
        },
        tooltip: {
          callbacks: {
            label: ({ dataset: dataset2, raw }) => `${dataset2.label}: ${format(raw ?? 0)}`
          }
        }
      },
      scales: {
        x: { stacked, ticks: { color: look.text }, grid: { display: false } },
        y: {
          stacked,
          beginAtZero: true,
          ticks: {
            color: look.text,
            precision: 0,
            ...numbers.isTime ? { stepSize: timeStep(lines, stacked) } : { maxTicksLimit: 6 },
            callback: (value) => format(value)
          },
          grid: { color: look.grid }
        }
      }
    }
  };
}
export {
  chartOf,
  timeStep
};
