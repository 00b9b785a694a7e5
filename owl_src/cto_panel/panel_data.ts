/**
 * What the time account panel draws, from what Odoo answers.
 *
 * Owns the reading of the answer and the widths of the chart. Pure: no Odoo, no clock, no words.
 */

export interface Entry {
  readonly id: number;
  readonly date: string;
  readonly kind: string;
  readonly label: string;
  readonly minutes: number;
  readonly balance: number;
  readonly work_date: string;
  readonly expires_on: string;
  readonly choice: string;
  readonly over: number;
  readonly note: string;
}

export interface Lot {
  readonly source: string;
  readonly earned_on: string;
  readonly expires_on: string | false;
  readonly left: number;
}

export interface Loss {
  readonly date: string;
  readonly minutes: number;
  readonly days: number;
}

export interface Right {
  readonly opened_on: string;
  readonly last_on: string;
  readonly answer_on: string;
  readonly minutes: number;
}

export interface Account {
  readonly id: number;
  readonly kind: "bank" | "flex";
  readonly company: string;
  readonly balance: number;
  readonly owed: number;
  readonly band: "green" | "yellow" | "red" | false;
  readonly band_label: string;
  /** Of a flex account at its limit: what is stopped. */
  readonly stopped?: string;
  readonly entries: readonly Entry[];
  readonly more: number;
  readonly lots: readonly Lot[];
  readonly losses?: readonly Loss[];
  readonly rights: readonly Right[];
  readonly closed?: number;
  readonly convertible: boolean;
}

export interface PanelData {
  readonly employee_id?: number;
  readonly name: string;
  readonly is_own?: boolean;
  readonly today?: string;
  readonly accounts: readonly Account[];
}

/** One bar of the chart: what ends on one date, or never. */
export interface Bar {
  readonly key: string;
  readonly date: string | null;
  readonly minutes: number;
  /** Share of the largest bar, 4 to 100, so that a small one is still seen. */
  readonly percent: number;
  /** Whether it ends within 30 days. */
  readonly soon: boolean;
}

const DAY_MS = 86_400_000;
const SOON_DAYS = 30;
const LEAST_PERCENT = 4;

/** Whole days from one ISO date to another. */
export function daysBetween(from: string, to: string): number {
  return Math.round((Date.parse(`${to}T00:00Z`) - Date.parse(`${from}T00:00Z`)) / DAY_MS);
}

/** Live lots by their last date, the first to end first; those without end last. */
export function bars(lots: readonly Lot[], today: string): Bar[] {
  const sums = new Map<string, number>();
  for (const lot of lots) {
    const key = lot.expires_on || "";
    sums.set(key, (sums.get(key) ?? 0) + lot.left);
  }
  const most = Math.max(1, ...sums.values());
  return [...sums]
    .sort(([a], [b]) => (a === "" ? 1 : b === "" ? -1 : a < b ? -1 : 1))
    .map(([date, minutes]) => ({
      key: date || "never",
      date: date || null,
      minutes,
      percent: Math.max(LEAST_PERCENT, Math.round(minutes / most * 100)),
      soon: date !== "" && daysBetween(today, date) <= SOON_DAYS,
    }));
}

/** The first loss that is one: what is lost unless it is taken. */
export function nextLoss(losses: readonly Loss[] | undefined): Loss | null {
  return losses?.find((loss) => loss.minutes > 0) ?? null;
}
