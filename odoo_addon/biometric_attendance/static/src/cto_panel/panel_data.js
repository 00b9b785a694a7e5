// generated from owl_src/cto_panel/panel_data.ts, do not edit
const DAY_MS = 864e5;
const SOON_DAYS = 30;
const LEAST_PERCENT = 4;
function daysBetween(from, to) {
  return Math.round((Date.parse(`${to}T00:00Z`) - Date.parse(`${from}T00:00Z`)) / DAY_MS);
}
function bars(lots, today) {
  const sums = /* @__PURE__ */ new Map();
  for (const lot of lots) {
    const key = lot.expires_on || "";
    sums.set(key, (sums.get(key) ?? 0) + lot.left);
  }
  const most = Math.max(1, ...sums.values());
  return [...sums].sort(([a], [b]) => a === "" ? 1 : b === "" ? -1 : a < b ? -1 : 1).map(([date, minutes]) => ({
    key: date || "never",
    date: date || null,
    minutes,
    percent: Math.max(LEAST_PERCENT, Math.round(minutes / most * 100)),
    soon: date !== "" && daysBetween(today, date) <= SOON_DAYS
  }));
}
function nextLoss(losses) {
  return losses?.find((loss) => loss.minutes > 0) ?? null;
}
export {
  bars,
  daysBetween,
  nextLoss
};
