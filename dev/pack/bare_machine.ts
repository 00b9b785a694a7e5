/**
 * A machine with nothing on it: Debian's minimal system with systemd as its first process, in namespaces
 * of its own, without a container engine. Owns how the system is made and booted; must not know what is
 * tried on it. Root's alone. An ARM one is made and booted inside of `runningArm` (qemu.ts).
 */
import { statfs } from "node:fs/promises";
import { openCache, withLock } from "../cache.ts";
import { ensurePackages } from "../debian.ts";
import { mustRun, run } from "../process.ts";
import { Trouble } from "../trouble.ts";
import type { Architecture } from "./runtime.ts";

const SUITE = "bookworm";
const INCLUDED = "systemd,systemd-sysv,dbus,iproute2,adduser,passwd,util-linux";
/** Where files lie in memory. A copy of the system costs half a processor second there, five on a disk. */
const MEMORY = "/dev/shm";
/** A machine with two versions of the agent is some 1.2 GB; others need the memory, too. */
const ENOUGH_BYTES = 8e9;
const BOOT_MS = 150_000;
const PROBE_MS = 60_000;

/** Debian's words for them. */
const DEBIAN: Readonly<Record<Architecture, string>> = { x86_64: "amd64", aarch64: "arm64" };

/** Runs once the machine is up; its exit code is the script's, and the machine ends with it. */
const UNIT = `[Unit]
After=basic.target
[Service]
Type=oneshot
ExecStart=/bin/sh -c 'cd /root; bash /root/typed.sh > /root/said.txt 2>&1; echo $? > /root/code.txt; systemctl --no-block poweroff'
`;

/** Folder of the system as it was made; never booted itself. */
export async function bareRoot(architecture: Architecture = "x86_64"): Promise<string> {
  await ensurePackages(["debootstrap", "systemd-container"]);
  const { path } = await openCache();
  const root = `${path}/roots/${SUITE}${architecture === "x86_64" ? "" : `-${architecture}`}`;
  return await withLock(`bare-root-${architecture}`, async () => {
    if (await isThere(`${root}/usr/lib/systemd/systemd`)) return root;
    await Deno.remove(`${root}.part`, { recursive: true }).catch(() => {});
    await Deno.mkdir(`${path}/roots`, { recursive: true });
    const mirror = (await mustRun([
      "apt-get",
      "indextargets",
      "--format",
      "$(SITE)|$(REPO_URI)",
      "Created-By: Packages",
    ]))
      .split("\n").map((line) => line.split("|")[1] ?? "").find((uri) => /\/debian\/?$/.test(uri));
    if (mirror === undefined) throw new Trouble("apt has no Debian archive among its sources.");
    const wanted = [`--arch=${DEBIAN[architecture]}`, "--variant=minbase", `--include=${INCLUDED}`];
    await mustRun(["debootstrap", ...wanted, SUITE, `${root}.part`, mirror], { letFinish: true });
    await Deno.rename(`${root}.part`, root);
    return root;
  });
}

/**
 * Why no such machine can be booted here, "" where it can: found out by booting one. A container may
 * withhold control groups or mounts from its root.
 */
export async function whyNoMachine(): Promise<string> {
  if (Deno.uid() !== 0) return "only root can boot one";
  const folder = await machineFolder();
  try {
    const machine = await BareMachine.make(folder);
    const { code, text } = await machine.type(["true"], { patienceMs: PROBE_MS });
    return code === 0 ? "" : text;
  } catch (error) {
    if (error instanceof Trouble) return error.message;
    throw error;
  } finally {
    await run(["rm", "-rf", "--one-file-system", folder]);
  }
}

/** An empty folder for a machine: in memory where there is plenty and programs may start, else on the disk. */
export async function machineFolder(): Promise<string> {
  const dir = await isRoomy() ? MEMORY : null;
  return await Deno.makeTempDir({ prefix: "biometric-bare-", ...(dir && { dir }) });
}

async function isRoomy(): Promise<boolean> {
  const mounts = (await Deno.readTextFile("/proc/mounts")).split("\n").map((line) =>
    line.split(" ")
  );
  const [, , kind, flags = "noexec"] = mounts.findLast(([, at]) => at === MEMORY) ?? [];
  if (kind !== "tmpfs" || flags.split(",").includes("noexec")) return false;
  const { bavail, bsize } = await statfs(MEMORY);
  return bavail * bsize >= ENOUGH_BYTES;
}

async function isThere(path: string): Promise<boolean> {
  return (await Deno.stat(path).catch(() => null)) !== null;
}

export interface Said {
  readonly code: number;
  readonly text: string;
}

/** A copy of the bare system. Its files stay between boots, as on a machine. */
export class BareMachine {
  private constructor(readonly folder: string) {}

  static async make(
    folder: string,
    architecture: Architecture = "x86_64",
  ): Promise<BareMachine> {
    const root = await bareRoot(architecture);
    await mustRun(["cp", "-a", "--reflink=auto", root, `${folder}/machine`]);
    const machine = new BareMachine(`${folder}/machine`);
    await Deno.writeTextFile(`${machine.folder}/etc/hosts`, "127.0.0.1 localhost\n");
    await Deno.writeTextFile(`${machine.folder}/etc/systemd/system/typed.service`, UNIT);
    const wants = `${machine.folder}/etc/systemd/system/multi-user.target.wants`;
    await Deno.mkdir(wants, { recursive: true });
    await Deno.symlink("../typed.service", `${wants}/typed.service`);
    return machine;
  }

  /** Lays a file as if a person had copied it there. */
  async copy(from: string, to: string): Promise<void> {
    await Deno.copyFile(from, `${this.folder}${to}`);
    await Deno.chmod(`${this.folder}${to}`, 0o755);
  }

  /** Boots, types the lines as root in /root, powers off. `shared`: with this machine's own network. */
  async type(
    lines: readonly string[],
    { shared = false, patienceMs = BOOT_MS } = {},
  ): Promise<Said> {
    for (const name of ["said.txt", "code.txt"]) {
      await Deno.remove(`${this.folder}/root/${name}`).catch(() => {});
    }
    await Deno.writeTextFile(`${this.folder}/root/typed.sh`, `${lines.join("\n")}\n`);
    const network = shared ? [] : ["--private-network"];
    const boot = [
      "--quiet",
      "--boot",
      "--register=no",
      "--keep-unit",
      "--console=pipe",
      ...network,
    ];
    const { stdout, stderr } = await run(
      ["systemd-nspawn", "-D", this.folder, ...boot],
      { timeoutMs: patienceMs },
    );
    const text = await Deno.readTextFile(`${this.folder}/root/said.txt`).catch(() =>
      `the machine did not come up:\n${stdout.slice(-2000)}${stderr.slice(-2000)}`
    );
    const code = await Deno.readTextFile(`${this.folder}/root/code.txt`).catch(() => "255");
    return { code: Number(code), text };
  }
}
