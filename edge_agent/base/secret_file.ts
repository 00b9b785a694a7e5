/**
 * Small files with secrets in the data directory: JSON, readable by the owner alone, replaced whole and
 * flushed before use. Owns how they are written and proven; must not know what is in them.
 */
import type { z } from "zod";

/** Null where there is none; `damaged` for what is not the schema's JSON. */
export function readSecretFile<T>(path: string, schema: z.ZodType<T>): T | null | "damaged" {
  let text: string;
  try {
    text = Deno.readTextFileSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return "damaged";
  }
  const checked = schema.safeParse(value);
  return checked.success ? checked.data : "damaged";
}

/** Old or new content after a power cut, never half of one; readable by the owner alone from the start. */
export function writeSecretFile(path: string, text: string): void {
  const fresh = `${path}.new`;
  const file = Deno.openSync(fresh, { write: true, create: true, truncate: true, mode: 0o600 });
  try {
    Deno.chmodSync(fresh, 0o600);
    writeAll(file, new TextEncoder().encode(`${text}\n`));
    file.syncSync();
  } finally {
    file.close();
  }
  Deno.renameSync(fresh, path);
  const directory = Deno.openSync(path.slice(0, path.lastIndexOf("/")) || "/", { read: true });
  try {
    directory.syncSync();
  } finally {
    directory.close();
  }
}

/**
 * Takes everybody else's rights to these paths away; gives those that were open. A path that is not there
 * is left out. Throws what the system throws where that cannot be done.
 */
export function closeToOthers(paths: readonly string[]): string[] {
  return paths.filter((path) => {
    const mode = modeOf(path);
    if (mode === null || (mode & 0o077) === 0) return false;
    Deno.chmodSync(path, mode & 0o700);
    return true;
  });
}

function modeOf(path: string): number | null {
  try {
    return Deno.statSync(path).mode;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}

function writeAll(file: Deno.FsFile, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length;) at += file.writeSync(bytes.subarray(at));
}

/** `text` with its line feed; a power cut may leave half of it. */
export function appendLine(path: string, text: string): void {
  const file = Deno.openSync(path, { append: true });
  try {
    writeAll(file, new TextEncoder().encode(text));
    file.syncSync();
  } finally {
    file.close();
  }
}
