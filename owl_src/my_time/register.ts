/**
 * A month of one's own days as a file to keep.
 *
 * Pure. Every cell that a spreadsheet would run is made text first. Must not know the screen.
 */

export interface RegisterDay {
  readonly date: string;
  readonly status: string;
  readonly in: string;
  readonly out: string;
  readonly worked: number;
  readonly overtime: number;
  readonly late: number;
  readonly findings: string;
}

/** A cell of a CSV file (RFC 4180); one that a spreadsheet would take for a formula gets a quote. */
function cell(value: string | number): string {
  const text = String(value);
  const safe = /^[=+\-@\t\r]/.test(text) && typeof value === "string" ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** CSV with CRLF and a byte order mark, oldest day first; minutes are whole numbers. */
export function registerCsv(heads: readonly string[], days: readonly RegisterDay[]): string {
  const rows = [...days].sort((a, b) => a.date.localeCompare(b.date)).map((day) => [
    day.date,
    day.status,
    day.in,
    day.out,
    day.worked,
    day.overtime,
    day.late,
    day.findings,
  ]);
  return "\uFEFF" + [heads, ...rows].map((row) => row.map(cell).join(",") + "\r\n").join("");
}
