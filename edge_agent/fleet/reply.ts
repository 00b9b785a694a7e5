/**
 * Which of the commands that are due go into one reply to a terminal. Pure; must not know how they are kept
 * or what became of them.
 */
import type { CommandRow } from "../queue/queue.ts";

/** One reply: old terminals read 10 KB and some lose what comes after fifty lines. */
const MAX_LINES = 50;
const MAX_BYTES = 8 * 1024;

export interface HandedOut {
  readonly id: number;
  readonly wireId: string;
  readonly text: string;
}

/** What follows a restart in the same reply would be lost. */
export function rebootLast(rows: readonly CommandRow[]): CommandRow[] {
  return [
    ...rows.filter((row) => row.name !== "reboot"),
    ...rows.filter((row) => row.name === "reboot").slice(0, 1),
  ];
}

/** Two overlapping queries make old terminals answer neither. */
export function oneWindowAtATime(
  due: readonly CommandRow[],
  open: readonly CommandRow[],
): CommandRow[] {
  const asked = (row: CommandRow) => row.name === "pull_window";
  const unanswered = open.find((row) => asked(row) && row.state === "sent");
  const first = unanswered ?? due.find(asked);
  return due.filter((row) => !asked(row) || row.id === first?.id);
}

/** The first of them that a terminal takes in at once; one always. */
export function withinOneReply(items: readonly HandedOut[]): HandedOut[] {
  const taken: HandedOut[] = [];
  let bytes = 0;
  for (const item of items.slice(0, MAX_LINES)) {
    bytes += item.wireId.length + 4 + 3 * item.text.length;
    if (taken.length > 0 && bytes > MAX_BYTES) break;
    taken.push(item);
  }
  return taken;
}
