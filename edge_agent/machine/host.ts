/**
 * The machine as `install` and `update` see it: programs of the system, files of root, the service. Only
 * these commands hold it; the running agent may start no program. Must not know what is installed.
 */
export interface Ran {
  readonly code: number;
  readonly out: string;
}

/** A step of the system failed; the message names the program and what it said. */
export class HostFault extends Error {
  override readonly name = "HostFault";
}

const PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** Never throws for a code other than 0; throws HostFault when there is no such program. */
export async function tryProgram(program: string, ...args: string[]): Promise<Ran> {
  try {
    const { code, stdout, stderr } = await new Deno.Command(program, {
      args,
      env: { PATH, LC_ALL: "C.UTF-8" },
      stdin: "null",
    }).output();
    const text = new TextDecoder();
    return { code, out: `${text.decode(stdout)}${text.decode(stderr)}`.trim() };
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new HostFault(`the program ${program} is missing on this machine`);
  }
}

export async function runProgram(program: string, ...args: string[]): Promise<string> {
  const { code, out } = await tryProgram(program, ...args);
  if (code !== 0) {
    throw new HostFault(
      `${program} ${args.join(" ")} failed: ${out.split("\n").slice(-3).join(" ")}`,
    );
  }
  return out;
}

/** Writes a file of root's, readable by all; false when it was so already. */
export function layText(path: string, text: string, mode: number): boolean {
  try {
    if (Deno.readTextFileSync(path) === text) return false;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  Deno.mkdirSync(path.replace(/\/[^/]*$/, ""), { recursive: true, mode: 0o755 });
  Deno.writeTextFileSync(`${path}.part`, text);
  Deno.chmodSync(`${path}.part`, mode);
  Deno.renameSync(`${path}.part`, path);
  return true;
}
