/** S52: what the project builds on is pinned, known by licence, runs nothing at installation, and is listed. */
import assert from "node:assert/strict";
import { bundle } from "../../../dev/bundle.ts";
import { INSTALL_SCRIPTS, LICENCES, readLock, sbomOf, writeSbom } from "../../../dev/sbom.ts";
import { bundledAgent } from "../../sim/agent_process.ts";

const root = new URL("../../../", import.meta.url);
const text = (name: string) => Deno.readTextFileSync(new URL(name, root));
const lock = readLock(text("package-lock.json"));
const wanted = JSON.parse(text("package.json")) as {
  readonly dependencies: Record<string, string>;
  readonly devDependencies: Record<string, string>;
};

// Red when a range comes into package.json, or a package into the lock without a digest or with a weak one.
Deno.test("S52 every package is pinned to one version and one SHA-512", () => {
  assert.ok(lock.length > 50);
  for (
    const [name, version] of Object.entries({ ...wanted.dependencies, ...wanted.devDependencies })
  ) {
    assert.match(version, /^\d+\.\d+\.\d+$/, `${name} ${version}`);
    assert.ok(lock.some((found) => found.name === name && found.version === version), name);
  }
  const imports = JSON.parse(text("deno.json")).imports as Record<string, string>;
  for (const [name, target] of Object.entries(imports)) {
    const version = /^npm:(?:@[^/]+\/)?[^@/]+@(\d+\.\d+\.\d+)$/.exec(target)?.[1];
    assert.ok(
      lock.some((found) => found.name === name && found.version === version),
      `${name}: deno.json and the lock name different versions`,
    );
  }
  for (const { name, integrity } of lock) assert.match(integrity, /^sha512-[\w+/]{86}==$/, name);
});

Deno.test("S52 every licence is one that may be shipped", () => {
  const known = new Set<string>(LICENCES);
  // axe-core: whole and unchanged, for tests alone.
  const forTests = new Set(["MPL-2.0"]);
  assert.deepEqual(
    lock.filter(({ licence, ships }) => !known.has(licence) && (ships || !forTests.has(licence))),
    [],
  );
});

// Red when a package arrives that runs a program of its own while it is installed.
Deno.test("S52 nothing that ships needs an install script; two tools unpack themselves", () => {
  const scripted = lock.filter((found) => found.hasInstallScript);
  assert.deepEqual(scripted.map(({ name }) => name), [...INSTALL_SCRIPTS]);
  assert.ok(scripted.every(({ ships }) => !ships));
});

// Red when the SBOM leaves something out, or differs from one run to the next.
Deno.test("S52 the SBOM lists everything, names what ships, and is the same each time", async () => {
  const directory = Deno.makeTempDirSync({ prefix: "biometric-sbom-" });
  try {
    const { file, packages } = writeSbom(`${directory}/sbom.json`);
    const sbom = JSON.parse(Deno.readTextFileSync(file));
    assert.deepEqual([sbom.bomFormat, sbom.specVersion], ["CycloneDX", "1.6"]);
    assert.match(sbom.serialNumber, /^urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    assert.equal(sbom.components.length, packages);
    assert.equal(packages, lock.length);
    const shipped = new Set<string>();
    for (const { name, scope, licenses, hashes, purl } of sbom.components) {
      assert.ok(licenses[0].license.id.length > 0 && purl.startsWith("pkg:npm/"), name);
      assert.match(hashes[0].content, /^[0-9a-f]{128}$/, name);
      if (scope === "required") shipped.add(name);
    }
    for (const name of Object.keys(wanted.dependencies)) assert.ok(shipped.has(name), name);
    const product = { name: "biometric-attendance", version: "1.0.0" };
    const lockText = text("package-lock.json");
    assert.deepEqual(sbomOf(lockText, product), sbomOf(lockText, product));
    // What esbuild put into the shipped file is all named as shipping.
    const paths = (await Deno.readTextFile(await bundledAgent())).matchAll(
      /^\/\/ (?:\.\.\/)*(?:[\w.-]+\/)*?node_modules\/((?:@[\w.-]+\/)?[\w.-]+)\//gm,
    );
    const bundled = new Set([...paths].map(([, name = ""]) => name));
    assert.ok(bundled.size >= 4, [...bundled].join());
    assert.deepEqual([...bundled].filter((name) => !shipped.has(name)), []);
  } finally {
    Deno.removeSync(directory, { recursive: true });
  }
});

// Red when the external API comes back into the program that runs at branches: only `provision`, which is
// an administrator's, needs it and the old XML reader under it.
Deno.test("S72 the branch's program holds nothing of XML-RPC, and says which one does", async () => {
  const directory = Deno.makeTempDirSync({ prefix: "biometric-office-" });
  const list = `${directory}/branches.csv`;
  Deno.writeTextFileSync(list, "name\nCebu\n");
  Deno.writeTextFileSync(`${directory}/config.json`, JSON.stringify({ dataDirectory: directory }));
  const office = await bundle(`${directory}/biometric-provision.js`, { provision: true });
  const ask = ["provision", "http://127.0.0.1:1", list, "--database", "x", "--login", "admin"];
  const say = async (file: string) => {
    const child = new Deno.Command(Deno.execPath(), {
      args: ["run", "--quiet", "-A", file, "--config", `${directory}/config.json`, ...ask],
      env: { NO_COLOR: "1" },
      stdin: "piped",
      stderr: "piped",
    }).spawn();
    await new Blob(["key\n"]).stream().pipeTo(child.stdin);
    return new TextDecoder().decode((await child.output()).stderr);
  };
  try {
    const branch = await bundledAgent();
    const packages = /node_modules\/(odoo-xmlrpc|xmlrpc|sax|xmlbuilder)\//;
    assert.doesNotMatch(Deno.readTextFileSync(branch), packages);
    assert.match(Deno.readTextFileSync(office.file), packages);
    assert.match(
      await say(branch),
      /runs a branch and cannot provision: use biometric-provision\.js/,
    );
    assert.match(await say(office.file), /log in: .*ECONNREFUSED/);
  } finally {
    Deno.removeSync(directory, { recursive: true });
  }
});
