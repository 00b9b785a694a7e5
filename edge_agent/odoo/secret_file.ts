/**
 * Small files of the data directory that only their owner reads, on the disk before the function returns.
 * Must not know what stands in them.
 */

/** Old or new content after a power cut, never half of one; readable by the owner alone from the start. */
export function writeSecret(path: string, text: string): void {
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
