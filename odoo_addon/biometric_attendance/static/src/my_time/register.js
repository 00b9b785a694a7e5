// generated from owl_src/my_time/register.ts, do not edit
function cell(value) {
  const text = String(value);
  const safe = /^[=+\-@\t\r]/.test(text) && typeof value === "string" ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
function registerCsv(heads, days) {
  const rows = [...days].sort((a, b) => a.date.localeCompare(b.date)).map((day) => [
    day.date,
    day.status,
    day.in,
    day.out,
    day.worked,
    day.overtime,
    day.late,
    day.findings
  ]);
  return "\uFEFF" + [heads, ...rows].map((row) => row.map(cell).join(",") + "\r\n").join("");
}
export {
  registerCsv
};
