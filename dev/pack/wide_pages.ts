/**
 * A whole ARM machine with pages of 16 KiB, as the kernel of a Raspberry Pi 5 has them: Debian's kernel for them,
 * emulated, with the C library and one file of ours in memory. Owns how it is made and booted and what is typed there;
 * must not know how the file is made. The kernel is of Debian's next release: its own of 12 has none.
 */
import { openCache, withLock } from "../cache.ts";
import { ensurePackages, unpackForeign } from "../debian.ts";
import { mustRun, run } from "../process.ts";
import { armEmulator } from "./qemu.ts";

/** On a busy machine the emulated one needs some minutes for each start of Deno. */
const PATIENCE_MS = 20 * 60_000;
const LIBRARIES = [
  "ld-linux-aarch64.so.1",
  "libc.so.6",
  "libm.so.6",
  "libdl.so.2",
  "libpthread.so.0",
  "libgcc_s.so.1",
];
const ARM_LIBRARIES = "/usr/aarch64-linux-gnu/lib";

const BODY = String.raw`1\t2026-03-02 08:00:00\t0\t1\t0\t0\t0\n`;
const HEAD = String
  .raw`POST /iclock/cdata?SN=CKJF201960996&table=ATTLOG&Stamp=1 HTTP/1.1\r\nHost: x\r\nContent-Length: 32\r\nConnection: close\r\n\r\n`;

/** The machine's first and only script: it ends with the machine. */
const INIT = `#!/bin/busybox sh
b=/bin/busybox
$b mount -t proc proc /proc
$b mount -t devtmpfs dev /dev
$b ifconfig lo 127.0.0.1 up
export HOME=/tmp NO_COLOR=1 DENO_NO_UPDATE_CHECK=1 DENO_DIR=/tmp/deno
$b grep -m 1 KernelPageSize /proc/self/smaps
/biometric-agent version; echo "version: code $?"
echo '{"dataDirectory":"/data","devicePort":{"allow":["127.0.0.1"]}}' > /config.json
/biometric-agent --config /config.json device allow CKJF201960996 --zone Asia/Manila
/biometric-agent --config /config.json run &
for n in $($b seq 300); do
  $b printf '${HEAD}${BODY}' | $b nc -w 60 127.0.0.1 8081 > /tmp/answer
  $b grep 'OK: 1' /tmp/answer && break
  $b sleep 2
done
/biometric-agent --config /config.json punches; echo "punches: code $?"
$b poweroff -f
`;

/** What the machine's console said, from its page size to the punch that the agent holds. */
export async function onWidePages(file: string): Promise<string> {
  await ensurePackages(["qemu-system-arm", "cpio"]);
  await armEmulator();
  const folder = await Deno.makeTempDir({ prefix: "biometric-pages-" });
  try {
    const { kernel, busybox } = await debianParts();
    const memory = await layMemory(folder, file, busybox);
    const machine = ["-machine", "virt", "-cpu", "max,pauth-impdef=on", "-smp", "2", "-m", "2048"];
    const quiet = ["-nographic", "-no-reboot", "-net", "none"];
    const start = ["-kernel", kernel, "-initrd", memory];
    const { stdout } = await run(
      [
        "qemu-system-aarch64",
        ...machine,
        ...quiet,
        ...start,
        "-append",
        "console=ttyAMA0 quiet panic=-1",
      ],
      { timeoutMs: PATIENCE_MS },
    );
    return stdout.replaceAll("\r", "");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Kernel and shell, unpacked once beside what else came from Debian. */
async function debianParts(): Promise<{ kernel: string; busybox: string }> {
  const { path } = await openCache();
  const root = `${path}/wide_pages`;
  return await withLock("wide-pages", async () => {
    const known = await findKernel(root);
    if (known === null) {
      await Deno.remove(root, { recursive: true }).catch(() => {});
      // Where the kernel lies in a package of its own, the other one is only a list of names.
      const wanted = [/^linux-(image|binary)-\d.*-arm64-16k$/, /^busybox-static$/];
      await unpackForeign({ root, folder: `${root}.apt`, architecture: "arm64", wanted });
    }
    const kernel = known ?? await findKernel(root);
    if (kernel === null) throw new Error("Debian's packages hold no kernel for pages of 16 KiB");
    return { kernel, busybox: `${root}/usr/bin/busybox` };
  });
}

async function findKernel(root: string): Promise<string | null> {
  const { code, stdout } = await run(["find", root, "-type", "f", "-name", "vmlinuz*"]);
  return code === 0 ? stdout.split("\n")[0] || null : null;
}

/** The file system that the kernel finds in memory. */
async function layMemory(folder: string, file: string, busybox: string): Promise<string> {
  const root = `${folder}/root`;
  for (const name of ["bin", "lib", "proc", "dev", "tmp", "data"]) {
    await Deno.mkdir(`${root}/${name}`, { recursive: true });
  }
  await Deno.copyFile(busybox, `${root}/bin/busybox`);
  await Deno.copyFile(file, `${root}/biometric-agent`);
  for (const name of LIBRARIES) {
    await Deno.copyFile(`${ARM_LIBRARIES}/${name}`, `${root}/lib/${name}`);
  }
  await Deno.writeTextFile(`${root}/init`, INIT);
  for (const name of ["init", "bin/busybox", "biometric-agent"]) {
    await Deno.chmod(`${root}/${name}`, 0o755);
  }
  const memory = `${folder}/memory.cpio`;
  await mustRun(["sh", "-c", `cd ${root} && find . | cpio --quiet -o -H newc > ${memory}`]);
  return memory;
}
