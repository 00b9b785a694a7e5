// Tests of the one file that is laid on a machine, with the real file of both kinds of machine: what its
// ELF says, that it starts where nothing can be unpacked, what it may, and that it is an agent. The ARM
// file runs under qemu's user mode; pages of 16 KiB are judged by the segments alone here.

import assert from "node:assert/strict";
import { repository } from "../../dev/cache.ts";
import { ensurePackages } from "../../dev/debian.ts";
import { compile } from "../../dev/pack/compile.ts";
import { packElf, readElf, SEGMENT_ALIGNMENT } from "../../dev/pack/elf.ts";
import { armEmulator } from "../../dev/pack/qemu.ts";
import { type Architecture, ARCHITECTURES, denoFor } from "../../dev/pack/runtime.ts";
import { EM_AARCH64, EM_X86_64, STUBS } from "../../dev/pack/stub.ts";
import { mustRun, run } from "../../dev/process.ts";
import { VERSION } from "../../edge_agent/base/version.ts";
import { MEMORY_FLAG } from "../../edge_agent/machine/permissions.ts";
import { livePacked } from "../sim/packed_life.ts";

const MOST_BYTES = { aarch64: 90e6, x86_64: 100e6 };
const PAGES = [4096, 16_384, 65_536];

const folder = await Deno.makeTempDir({ prefix: "biometric-pack-" });
globalThis.addEventListener("unload", () => Deno.removeSync(folder, { recursive: true }));
await Deno.chmod(folder, 0o755);

const made = new Map<Architecture, Promise<string>>();
function file(architecture: Architecture): Promise<string> {
  const known = made.get(architecture) ??
    compile({ out: folder, architecture }).then(({ path }) => path);
  made.set(architecture, known);
  return known;
}

// Red when a stub's bytes are changed by hand, or its source without them.
Deno.test("pack: the start stubs are what their sources assemble to", async () => {
  await ensurePackages(["binutils-x86-64-linux-gnu", "binutils-aarch64-linux-gnu"]);
  for (
    const [prefix, name, machine] of [
      ["x86_64-linux-gnu", "stub_x64", EM_X86_64],
      ["aarch64-linux-gnu", "stub_arm64", EM_AARCH64],
    ] as const
  ) {
    const source = `${repository}/dev/pack/${name}.S`;
    await mustRun([`${prefix}-as`, "-o", `${folder}/stub.o`, source]);
    const copy = ["-O", "binary", "-j", ".text", `${folder}/stub.o`, `${folder}/stub.bin`];
    await mustRun([`${prefix}-objcopy`, ...copy]);
    assert.deepEqual(await Deno.readFile(`${folder}/stub.bin`), STUBS.get(machine), name);
  }
});

// Red when SEGMENT_ALIGNMENT is 0x1000: pages of 16 KiB then refuse the file at its start.
Deno.test("pack: every segment can be laid on pages of 4, 16 and 64 KiB", async () => {
  for (const architecture of ARCHITECTURES) {
    const bytes = await Deno.readFile(await file(architecture));
    const { machine, entry, segments } = readElf(bytes);
    const before = readElf(await Deno.readFile(await denoFor(architecture))).segments;
    assert.equal(machine, architecture);
    const loaded = segments.filter(({ type }) => type === 1);
    const known = before.filter(({ type }) => type === 1);
    assert.deepEqual(loaded.slice(0, known.length), known, "Deno's own segments are untouched");
    const [ours] = loaded.slice(known.length);
    assert.ok(ours !== undefined && loaded.length === known.length + 1);
    assert.equal(entry, ours.address);
    // x86-64 has pages of 4 KiB only; ARM's own segments stand at 64 KiB already.
    for (const segment of architecture === "aarch64" ? loaded : [ours]) {
      assert.equal(segment.alignment, SEGMENT_ALIGNMENT);
      for (const page of PAGES) {
        assert.equal(segment.offset % page, segment.address % page, `${page}`);
        const end = (one: typeof segment) => Math.ceil((one.address + one.memoryBytes) / page);
        for (const other of loaded.filter((one) => one.address < segment.address)) {
          assert.ok(end(other) <= Math.floor(segment.address / page), `own pages of ${page}`);
        }
      }
    }
    assert.ok(bytes.length <= MOST_BYTES[architecture], `${bytes.length} bytes`);
  }
});

Deno.test("pack: a file that was packed before, or is no executable, is refused", async () => {
  const contents = { program: new Uint8Array(), ordinary: [], privileged: [], privilegedWords: [] };
  assert.throws(() => packElf(new Uint8Array(100), contents), /not an executable/);
  const packed = await Deno.readFile(await file("aarch64"));
  assert.throws(() => packElf(packed, contents), /no note header/);
});

// Red when one byte of the checksum's range is left out of it, or the manifest says another commit.
Deno.test("pack: the file says what it is, and one changed byte is noticed", async () => {
  const path = await file("x86_64");
  const told = JSON.parse(await mustRun([path, "version", "--json"]));
  assert.equal(told.version, VERSION);
  assert.equal(
    told.commit,
    (await mustRun(["git", "rev-parse", "HEAD"], { cwd: repository })).trim(),
  );
  assert.equal(told.architecture, "x86_64");
  assert.equal(told.sbom.bomFormat, "CycloneDX");
  assert.ok(told.sbom.components.length > 5);
  assert.ok(told.permissions.service.length > 10);
  // However it is begun: as a service, by hand, or to lay files.
  for (const which of ["service", "ordinary", "privileged"] as const) {
    assert.ok(told.permissions[which].includes(MEMORY_FLAG), which);
  }
  for (const flag of [...told.permissions.service, ...told.permissions.ordinary]) {
    assert.doesNotMatch(flag, /^--allow-(run|ffi|all)|^-A/);
  }
  assert.match(await mustRun([path, "version", "--verify"]), /^whole: sha256 [0-9a-f]{64}$/m);
  const changed = `${folder}/changed`;
  await Deno.copyFile(path, changed);
  const opened = await Deno.open(changed, { read: true, write: true });
  const size = (await opened.stat()).size;
  // Somewhere in Deno that this command does not run.
  await opened.seek(Math.floor(size * 0.97) - 3_000_000, Deno.SeekMode.Start);
  await opened.write(new Uint8Array([1, 2, 3, 4]));
  opened.close();
  const { code, stderr } = await run([changed, "version", "--verify"]);
  assert.equal(code, 1, stderr);
  assert.match(stderr, /changed after it was made/);
});

const NARROW = `set -eu
mount --make-rprivate /
mount -t tmpfs none /mnt && cp "$1" /mnt/agent && mount -o remount,ro /mnt
mount -t tmpfs -o noexec none /tmp
mount -o remount,bind,ro /
cd /
/mnt/agent version --verify
HOME=/nowhere DENO_DIR=/nowhere /mnt/agent config > /dev/null
echo started
`;

/** Namespaces are root's. For an ordinary account these are no tests of this machine. */
function rootTest(name: string, fn: () => Promise<void>): void {
  if (Deno.uid() === 0) Deno.test(name, fn);
}

// Red when anything is unpacked at the start.
rootTest("pack: it starts on a read-only system, with a noexec /tmp and no network", async () => {
  const script = `${folder}/narrow.sh`;
  await Deno.writeTextFile(script, NARROW);
  const command = ["unshare", "--mount", "--net", "sh", script, await file("x86_64")];
  const { code, stdout, stderr } = await run(command, { env: { NO_COLOR: "1" } });
  assert.equal(code, 0, stdout + stderr);
  assert.match(stdout, /^whole: /m);
  assert.match(stdout, /^started$/m);
});

const PROBE = `export async function begin() {
  const tried = (name, work) => {
    try { work(); console.log(name + ": done"); } catch (error) { console.log(name + ": " + error.name); }
  };
  tried("run", () => new Deno.Command("/bin/true").outputSync());
  tried("ffi", () => Deno.dlopen("libc.so.6", {}));
  tried("write", () => Deno.writeTextFileSync("/tmp/biometric-probe", ""));
  tried("read", () => Deno.readTextFileSync("/etc/shadow"));
  tried("worker", () => Deno.permissions.requestSync({ name: "run" }).state === "granted" || (() => { throw new Deno.errors.NotCapable("denied"); })());
}`;

// S41. Red when ORDINARY_FLAGS lose their --deny-run, or denoFlags say --allow-run.
Deno.test("S41 the file's program starts no other, whichever way it is begun", async () => {
  const program = new TextEncoder().encode(PROBE);
  const out = `${folder}/probe`;
  const { path } = await compile({ out, architecture: "x86_64", program, version: "0.0.1" });
  const told = JSON.parse(await mustRun([await file("x86_64"), "version", "--json"]));
  const service = told.permissions.service.map((flag: string) =>
    flag.startsWith("--allow-read=") ? `${flag},${path}` : flag
  );
  const narrow = await mustRun([path, "--permit", ...service, "--", "run"]);
  const all = ["run", "ffi", "write", "read", "worker"];
  assert.deepEqual(narrow.trim().split("\n"), all.map((name) => `${name}: NotCapable`));
  const ordinary = await mustRun([path, "run"]);
  assert.match(ordinary, /^run: NotCapable\nffi: NotCapable$/m);
  for (const word of told.permissions.privilegedWords) {
    assert.match(await mustRun([path, word]), /^run: done\nffi: NotCapable$/m, word);
  }
});

// Red when the loader begins without --permit, the file forgets what it acknowledged, or starts with other rights.
Deno.test("pack: the file is an agent: pairs, takes a push, survives kill -9, delivers", async () => {
  const starts = await livePacked(await file("x86_64"), [], { killed: true });
  console.log(`x86_64: first start ${starts[0]} ms, second ${starts[1]} ms`);
});

// Red with the other machine's stub or Deno in it. A start costs the emulator 17 processor seconds: killed and
// started again it is by dev/campaign.ts.
Deno.test("pack: the ARM file pairs, takes a push and delivers, under qemu", async () => {
  const starts = await livePacked(await file("aarch64"), await armEmulator(), { killed: false });
  console.log(`aarch64: start ${starts[0]} ms`);
});
