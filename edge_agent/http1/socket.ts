/**
 * One connection of the device port as bytes: reading and writing where a peer that went away is no
 * fault. Must not know requests, limits or other connections.
 */

/** An old terminal may send its body late and unannounced. */
const UNANNOUNCED_MS = 250;

/** Null at the end of the stream, and when the connection is gone. */
export async function readSome(conn: Deno.Conn, buffer: Uint8Array): Promise<Uint8Array | null> {
  try {
    const count = await conn.read(buffer);
    return count === null ? null : buffer.subarray(0, count);
  } catch (fault) {
    if (isGone(fault)) return null;
    throw fault;
  }
}

export async function writeAll(conn: Deno.Conn, bytes: Uint8Array): Promise<boolean> {
  try {
    for (let sent = 0; sent < bytes.length;) sent += await conn.write(bytes.subarray(sent));
    return true;
  } catch (fault) {
    if (isGone(fault)) return false;
    throw fault;
  }
}

/** Whether the peer goes on talking after a request that announced no body. */
export async function hearsMore(conn: Deno.Conn): Promise<boolean> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const patience = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), UNANNOUNCED_MS);
  });
  // A read that is still open afterwards ends with the connection.
  const more = await Promise.race([readSome(conn, new Uint8Array(1)), patience]);
  clearTimeout(timer);
  return more !== null;
}

/** The peer closed, reset or timed out, or we closed under a pending read: nothing to report. */
export function isGone(fault: unknown): boolean {
  return fault instanceof Deno.errors.ConnectionReset ||
    fault instanceof Deno.errors.BrokenPipe ||
    fault instanceof Deno.errors.ConnectionAborted ||
    fault instanceof Deno.errors.NotConnected ||
    fault instanceof Deno.errors.BadResource ||
    fault instanceof Deno.errors.Interrupted ||
    fault instanceof Deno.errors.TimedOut;
}
