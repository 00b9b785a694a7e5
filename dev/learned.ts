// Owns: how long pieces of the tests took on this machine, kept in the cache, so that the next run begins
// the longest first. Must not know: what the pieces are. Losing it costs time and no test.

import { openCache, withLock } from "./cache.ts";

const FILE = "test_seconds.json";

/** Seconds by name, as they were last time; empty where nothing was learned or can be read. */
export async function learnedSeconds(): Promise<Map<string, number>> {
  const { path } = await openCache();
  const text = await Deno.readTextFile(`${path}/${FILE}`).catch((error) => {
    if (error instanceof Deno.errors.NotFound) return "{}";
    throw error;
  });
  return new Map(Object.entries(readable(text)).filter(([, seconds]) => seconds > 0));
}

function readable(text: string): Record<string, number> {
  try {
    return JSON.parse(text);
  } catch (error) {
    // A disk that was full left half a file; it is learned anew.
    if (error instanceof SyntaxError) return {};
    throw error;
  }
}

/** Keeps what was learned now; what was not run this time stays as it was. */
export async function learn(seconds: ReadonlyMap<string, number>): Promise<void> {
  const { path } = await openCache();
  await withLock("test-seconds", async () => {
    const known = new Map([...await learnedSeconds(), ...seconds]);
    const half = `${path}/${FILE}.${Deno.pid}`;
    await Deno.writeTextFile(half, `${JSON.stringify(Object.fromEntries(known))}\n`);
    await Deno.rename(half, `${path}/${FILE}`);
  });
}
