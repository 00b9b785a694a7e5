// Owns: what a terminal remembers of a punch, its forms on the wire and in a USB export, and the plain
// count of what a file holds. Imports nothing of the agent, so that a mistake there cannot cancel
// itself out here.

/** One stored record, every field as the terminal would print it. `time` may be nonsense. */
export interface TerminalRecord {
  readonly pin: string;
  readonly time: string;
  readonly status: string;
  readonly verify: string;
  readonly workCode: string;
}

/** `modern`: eleven columns as SenseFace and MB10 send; `ancient`: seven, as 2.0.32S sends. */
export type RowForm = "modern" | "ancient";

export function attlogRow(record: TerminalRecord, form: RowForm): string {
  const { pin, time, status, verify, workCode } = record;
  const columns = [pin, time, status, verify, workCode];
  return form === "modern"
    ? [...columns, "0", "0", "0", "0", "0", ""].join("\t") + "\n"
    : [...columns, "0", "0"].join("\t") + "\n";
}

/** A line of `attlog.dat`: PIN right-aligned, time, device number, status, verify, work code. */
export function exportLine(record: TerminalRecord): string {
  const { pin, time, status, verify, workCode } = record;
  return [pin.padStart(9), time, "1", status, verify, workCode].join("\t") + "\n";
}

/**
 * Reads a USB export. Lines are split as the terminal would re-send them: a line without columns
 * becomes a record whose time is nonsense, so that nothing of the file is left out silently.
 */
export function readExport(text: string): TerminalRecord[] {
  const lines = text.split("\n").map((line) => line.replace(/\r$/, ""));
  return lines.filter((line) => line.trim() !== "").map((line) => {
    const columns = line.split("\t");
    // The older form has the person's name behind the PIN.
    if (!isDated(columns[1]) && isDated(columns[2])) columns.splice(1, 1);
    const [pin = "", time = "", _device, status = "", verify = "", workCode = ""] = columns;
    return { pin: pin.trim(), time, status, verify, workCode };
  });
}

function isDated(column: string | undefined): boolean {
  return /^\s*\d{4}[-/]\d{1,2}[-/]\d{1,2}[ T]/.test(column ?? "");
}

/** Reads an export file, gzip-packed when its name ends in .gz. */
export async function readExportFile(path: string): Promise<TerminalRecord[]> {
  const packed = await Deno.open(path);
  const bytes = path.endsWith(".gz")
    ? packed.readable.pipeThrough(new DecompressionStream("gzip"))
    : packed.readable;
  return readExport(await new Response(bytes).text());
}

export interface RecordCount {
  /** Lines the file or memory holds. */
  readonly read: number;
  /** Punches that can be told apart: PIN, time and status. */
  readonly punches: number;
  /** Readable lines that repeat such a punch. */
  readonly repeated: number;
  /** Different lines without a PIN or with a time no calendar has: equal ones are kept once. */
  readonly unreadable: number;
  /** Distinct PINs among the punches. */
  readonly people: number;
  readonly firstDay: string;
  readonly lastDay: string;
}

const TIME = /^(\d{4})-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d)$/;

/** Whether a calendar and a clock have this time. */
export function isRealTime(time: string): boolean {
  const parts = TIME.exec(time)?.slice(1).map(Number);
  if (!parts) return false;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts;
  const date = new Date(Date.UTC(year, month - 1, day));
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day && hour < 24 &&
    minute < 60 &&
    second < 60;
}

/** What must be found in the end, counted without any help of the programs under test. */
export function countRecords(records: readonly TerminalRecord[]): RecordCount {
  const isReadable = ({ pin, time }: TerminalRecord) => pin !== "" && isRealTime(time);
  const readable = records.filter(isReadable);
  const names = new Set(readable.map(({ pin, time, status }) => `${pin}\n${time}\n${status}`));
  const bad = records.filter((record) => !isReadable(record));
  const days = readable.map((record) => record.time.slice(0, 10)).filter((day) => day >= "2001")
    .sort();
  return {
    read: records.length,
    punches: names.size,
    repeated: readable.length - names.size,
    unreadable: new Set(bad.map((record) => attlogRow(record, "modern"))).size,
    people: new Set(readable.map((record) => record.pin)).size,
    firstDay: days[0] ?? "",
    lastDay: days.at(-1) ?? "",
  };
}
