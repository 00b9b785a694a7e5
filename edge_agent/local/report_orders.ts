/**
 * Odoo's order of a terminal's redacted report: made at once of what the agent knows, told with the order's
 * result, and kept in memory alone: a start makes it anew, since Odoo lists the order until it has the result.
 * All other orders go on. Must not know sync or what a report holds.
 */
import type { CommandReport, OrderRequest } from "../fleet/fleet.ts";
import { reportOf, type ReportParts } from "./terminal_view.ts";

interface Books {
  order(request: OrderRequest): "queued" | { readonly refused: string };
  results(): readonly CommandReport[];
  acknowledged(ids: readonly number[]): void;
}

/** A result, and the report it brings. */
type ReportResult = CommandReport & { readonly report?: ReturnType<typeof reportOf> };

/** Orders of reports that wait to be told; Odoo gives a hundred at once. */
const MOST = 100;

export class ReportOrders {
  readonly #parts: ReportParts;
  readonly #others: Books;
  readonly #made = new Map<number, ReportResult>();

  constructor(parts: ReportParts, others: Books) {
    this.#parts = parts;
    this.#others = others;
  }

  order(request: OrderRequest): "queued" | { readonly refused: string } {
    if (request.name !== "report") return this.#others.order(request);
    if (this.#made.has(request.id)) return "queued";
    if (this.#made.size >= MOST) return { refused: "too many reports wait to be told" };
    const points = reportOf(this.#parts, request.serial);
    if (points === null) return { refused: "that terminal is not known here" };
    this.#made.set(request.id, {
      id: request.id,
      state: "done",
      return: 0,
      message: `${points.length} points`,
      report: points,
    });
    return "queued";
  }

  results(): readonly ReportResult[] {
    return [...this.#made.values(), ...this.#others.results()];
  }

  acknowledged(ids: readonly number[]): void {
    for (const id of ids) this.#made.delete(id);
    this.#others.acknowledged(ids);
  }
}
