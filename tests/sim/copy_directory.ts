/** A flat copy of a directory: what somebody does to an SD card. */
export function copySync(from: string, to: string): void {
  for (const entry of Deno.readDirSync(from)) {
    if (entry.isFile) Deno.copyFileSync(`${from}/${entry.name}`, `${to}/${entry.name}`);
  }
}
