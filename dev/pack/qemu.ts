/**
 * The emulator for programs of a 64-bit ARM machine, from Debian's packages. Owns which packages and the
 * words in front of such a program; must not know the program.
 */
import { ensurePackages } from "../debian.ts";

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
  return ["/usr/bin/qemu-aarch64-static", "-L", ARM_ROOT];
}
