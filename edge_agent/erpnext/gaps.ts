/**
 * What is proven of each terminal, kept over a restart, and its missing windows as documents of the site. Owns
 * that memory; the rules are in completeness.ts. Must not know commands.
 */
import { z } from "zod";
import { instant } from "../base/clock.ts";
import { instantOf } from "../base/zone.ts";
import type { Run } from "../queue/queue.ts";
import {
  afterAcceptance,
  afterLoss,
  afterRun,
  afterSession,
  completeUntil,
  type Gap,
  NO_PROOF,
  type Proof,
  type PushSession,
} from "./completeness.ts";
import { GAP } from "./names.ts";
import type { Doc, Site } from "./site.ts";
import { siteTextOf } from "./site_time.ts";

const STATE = "erpnext_proofs";

const gapSchema = z.object({
  from: z.number(),
  to: z.number(),
  kind: z.enum(["silence", "loss"]),
  state: z.enum(["Open", "Closed", "Accepted"]),
  closedBy: z.string(),
});
const kept = z.record(
  z.string(),
  z.object({ provenUntil: z.number().nullable(), gaps: z.array(gapSchema) }),
);
const gapRow = z.object({
  name: z.string(),
  accepted: z.union([z.int(), z.boolean()]).nullish().transform((value) => Number(value ?? 0)),
});

const openRow = z.object({
  name: z.string(),
  device: z.string().nullish().transform((value) => value ?? ""),
  to_time: z.string().nullish().transform((value) => value ?? ""),
});

export interface GapStore {
  getState(name: string): string | null;
  setState(name: string, value: string): void;
}

export class SiteGaps {
  readonly #site: Site;
  readonly #store: GapStore;
  #proofs: Map<string, Proof> | null = null;
  /** Gaps as the site has them, by code. */
  readonly #told = new Map<string, string>();
  #written = "";

  constructor(site: Site, store: GapStore) {
    this.#site = site;
    this.#store = store;
  }

  /**
   * Of terminals about which this queue knows nothing goes on from what the site was told of them, by a queue that
   * was lost or by the agent that had them before: what lies between is not proven.
   */
  async adopt(
    listed: readonly { readonly serial: string; readonly completeUntil: string }[],
    siteZone: string,
    signal?: AbortSignal,
  ): Promise<void> {
    const proofs = this.#load();
    const unknown = listed.filter(({ serial }) => !proofs.has(serial));
    if (unknown.length === 0) return;
    const rows = await this.#site.list(GAP, openRow, {
      fields: ["name", "device", "to_time"],
      filters: [["device", "in", unknown.map(({ serial }) => serial)], ["state", "=", "Open"]],
    }, signal);
    for (const { serial, completeUntil: until } of unknown) {
      const gaps = rows.filter(({ device }) => device === serial)
        .flatMap((row) => openGap(row, siteZone));
      const provenUntil = until === "" ? null : instantOf(siteZone, until);
      proofs.set(serial, { provenUntil, gaps });
    }
    this.keep();
  }

  noteSession(serial: string, session: PushSession): void {
    this.#change(serial, (proof) => afterSession(proof, session));
  }

  noteRun(run: Run, known: { timeZone: string; decided: boolean }): void {
    this.#change(run.serial, (proof) => afterRun(proof, run, known));
  }

  /** What this agent lost, of any terminal. */
  noteLoss(serial: string, lost: { readonly from: number | null; readonly to: number }): void {
    this.#change(serial, (proof) => afterLoss(proof, lost));
  }

  /** Epoch ms; null while nothing is proven. */
  completeUntil(serial: string): number | null {
    return completeUntil(this.#load().get(serial) ?? NO_PROOF);
  }

  /** Everything is told again: the site is not the one it was. */
  forget(): void {
    this.#told.clear();
  }

  /** Takes up what people accepted, tells what is new or has changed. */
  async tell(siteZone: string, signal?: AbortSignal): Promise<void> {
    await this.#takeAccepted(signal);
    const text = (at: number) => siteTextOf(siteZone, at);
    for (const { serial, gap } of this.#all()) {
      const code = codeOf(serial, gap);
      const now = JSON.stringify(gap);
      if (this.#told.get(code) === now) continue;
      const isKnown = (await this.#rows([code], signal)).length > 0;
      if (!isKnown) await this.#site.insertMany([gapDoc(serial, gap, text)], signal);
      const { state, closedBy: closed_by } = gap;
      const values = { state, closed_by, to_time: text(gap.to) };
      if (isKnown) await this.#site.setValues(GAP, code, values, signal);
      this.#told.set(code, now);
    }
    this.keep();
  }

  /** Writes what is proven, when it has changed. */
  keep(): void {
    const text = JSON.stringify(Object.fromEntries(this.#load()));
    if (text === this.#written) return;
    this.#store.setState(STATE, text);
    this.#written = text;
  }

  async #takeAccepted(signal?: AbortSignal): Promise<void> {
    const open = this.#all().filter(({ gap }) => gap.state === "Open");
    if (open.length === 0) return;
    const rows = await this.#rows(open.map(({ serial, gap }) => codeOf(serial, gap)), signal);
    const accepted = new Set(rows.filter((row) => row.accepted === 1).map(({ name }) => name));
    for (const { serial, gap } of open) {
      if (!accepted.has(codeOf(serial, gap))) continue;
      this.#change(serial, (proof) => afterAcceptance(proof, gap.from));
    }
  }

  async #rows(codes: readonly string[], signal?: AbortSignal) {
    const query = { fields: ["name", "accepted"], filters: [["name", "in", codes]] as const };
    return await this.#site.list(GAP, gapRow, query, signal);
  }

  #all(): { serial: string; gap: Gap }[] {
    return [...this.#load()].flatMap(([serial, { gaps }]) => gaps.map((gap) => ({ serial, gap })));
  }

  #change(serial: string, change: (proof: Proof) => Proof): void {
    const proofs = this.#load();
    proofs.set(serial, change(proofs.get(serial) ?? NO_PROOF));
  }

  #load(): Map<string, Proof> {
    if (this.#proofs === null) {
      const text = this.#store.getState(STATE);
      const read = kept.safeParse(text ? JSON.parse(text) : {});
      this.#proofs = new Map(Object.entries(read.success ? read.data : {}));
    }
    return this.#proofs;
  }
}

/** Terminal and beginning name a window for ever. */
function codeOf(serial: string, { from, kind }: Gap): string {
  return `${serial} ${instant(from)}${kind === "loss" ? " lost" : ""}`;
}

/** As its code and the site have it; none of a document that no agent made. */
function openGap(
  { name, device, to_time }: z.output<typeof openRow>,
  siteZone: string,
): Gap[] {
  const [, at = "", lost] = /^ (\S+Z)( lost)?$/.exec(name.slice(device.length)) ?? [];
  const from = Date.parse(at);
  if (Number.isNaN(from) || to_time === "") return [];
  const to = instantOf(siteZone, to_time.replace("T", " ").slice(0, 19));
  const kind = lost === undefined ? "silence" : "loss";
  return [{ from, to, kind, state: "Open", closedBy: "" }];
}

const REASONS = {
  silence: "the terminal was not heard",
  loss: "the terminal no longer holds what it recorded",
} as const;

function gapDoc(serial: string, gap: Gap, text: (at: number) => string): Doc {
  return {
    doctype: GAP,
    code: codeOf(serial, gap),
    title: `${serial} · ${text(gap.from).slice(0, 16)}`,
    device: serial,
    from_time: text(gap.from),
    to_time: text(gap.to),
    reason: REASONS[gap.kind],
    state: gap.state,
    closed_by: gap.closedBy,
  };
}
