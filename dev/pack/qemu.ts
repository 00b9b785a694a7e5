/**
 * The emulator for programs of a 64-bit ARM machine, from Debian's packages. Owns which packages, the
 * words in front of such a program, and the kernel's note that makes the words unnecessary; must not know the program.
 */
import { onExit } from "../cleanup.ts";
import { ensurePackages } from "../debian.ts";
import { mustRun, run } from "../process.ts";

const EMULATOR = "/usr/bin/qemu-aarch64-static";

/** Where Debian lays the ARM machine's C library beside our own. */
const ARM_ROOT = "/usr/aarch64-linux-gnu";

/** Words to be put in front of an ARM program. Throws Trouble when Debian does not give the emulator. */
export async function armEmulator(): Promise<readonly string[]> {
  await ensurePackages([
    "qemu-user-static",
    "libc6-arm64-cross",
    "libgcc-s1-arm64-cross",
    "libstdc++6-arm64-cross",
  ]);
  return [EMULATOR, "-L", ARM_ROOT];
}

/** Head of a 64-bit ARM executable as binfmt_misc compares it: little-endian ELF, program or library, machine 183. */
const ARM_HEAD = String.raw`\x7fELF\x02\x01\x01\x00` + String.raw`\x00`.repeat(8) +
  String.raw`\x02\x00\xb7\x00`;
const ARM_MASK = String.raw`\xff`.repeat(7) + String.raw`\x00` + String.raw`\xff`.repeat(8) +
  String.raw`\xfe` + String.raw`\xff`.repeat(3);

/**
 * While `work` goes on, this machine's kernel hands every ARM program to the emulator, also in folders and namespaces where
 * no emulator is (the kernel opens it now). Needs root.
 */
export async function runningArm<T>(work: () => Promise<T>): Promise<T> {
  await ensurePackages(["qemu-user-static"]);
  const folder = await Deno.makeTempDir({ prefix: "biometric-binfmt-" });
  const name = `biometric-arm-${Deno.pid}`;
  await mustRun(["mount", "-t", "binfmt_misc", "binfmt_misc", folder]);
  const undoing = onExit(async () => {
    await Deno.writeTextFile(`${folder}/${name}`, "-1").catch(() => {});
    await run(["umount", folder]);
    await Deno.remove(folder);
  });
  try {
    const note = `:${name}:M::${ARM_HEAD}:${ARM_MASK}:${EMULATOR}:F`;
    await Deno.writeTextFile(`${folder}/register`, note, { create: false });
    return await work();
  } finally {
    await undoing.now();
  }
}
