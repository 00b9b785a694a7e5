/**
 * Where the code of the health port's thread is. The bundle puts that code itself in the place of this file
 * (dev/bundle.ts): one program is one file.
 */

/** For `new Worker`. */
export function threadAddress(): string {
  return new URL("./thread.ts", import.meta.url).href;
}
