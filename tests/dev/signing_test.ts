// Tests of the ceremony of docs/signing.md as it is typed, line by line, with keys made here: a root, a release, the monthly
// fresh word without the people, a person who is replaced. What comes out is proven as a machine proves it.

import assert from "node:assert/strict";
import { ceremony } from "../../dev/pack/sign.ts";
import { packedTail } from "../../dev/pack/tail.ts";
import { firstTrust, proveMetadata, rootOf, Untrusted } from "../../edge_agent/machine/metadata.ts";

const DAY_MS = 86_400_000;

/** A file as far as its own word of itself goes. */
function packed(
  version: string,
  architecture: "aarch64" | "x86_64" = "aarch64",
): Uint8Array<ArrayBuffer> {
  const executable = new Uint8Array(1000);
  const tail = packedTail(executable, new TextEncoder().encode("program"), {
    name: "biometric-agent",
    version,
    commit: "unknown",
    deno: "2.9.5",
    architecture,
    updateRoot: null,
    permissions: { ordinary: [], privileged: [], privilegedWords: [], service: [] },
    sbom: {},
  });
  const bytes = new Uint8Array(executable.length + tail.length);
  bytes.set(executable);
  bytes.set(tail, executable.length);
  return bytes;
}

class Desk {
  readonly folder = Deno.makeTempDirSync({ prefix: "biometric-signing-" });

  /** A line that is typed, words apart; what it says. */
  async type(line: string): Promise<string> {
    const said: string[] = [];
    const { log } = console;
    console.log = (text: string) => void said.push(text);
    try {
      await ceremony(line.split(" ").map((word) => word.replace(/^@/, `${this.folder}/`)));
    } finally {
      console.log = log;
    }
    return said.join("\n");
  }

  write(name: string, value: unknown): void {
    Deno.writeTextFileSync(`${this.folder}/${name}`, JSON.stringify(value));
  }

  read(name: string): unknown {
    return JSON.parse(Deno.readTextFileSync(`${this.folder}/${name}`));
  }

  /** keys.json of docs/signing.md. */
  holders(name: string, people: readonly string[], online: string): void {
    const two = { threshold: 2, publicKeys: people };
    const one = { threshold: 1, publicKeys: [online] };
    this.write(name, { root: two, targets: two, snapshot: one, timestamp: one });
  }

  async online(): Promise<void> {
    for (const role of ["snapshot", "timestamp"]) {
      await this.type(`sign @metadata.json --role ${role} --key @online.pem`);
    }
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.folder, { recursive: true });
  }
}

async function founded(desk: Desk) {
  const people: string[] = [];
  for (const name of ["a", "b", "c"]) people.push(await desk.type(`key @${name}.pem`));
  const online = await desk.type("key @online.pem");
  desk.holders("keys.json", people, online);
  await desk.type("root @root.json --keys @keys.json --expires 2099-01-01");
  for (const name of ["a", "b"]) await desk.type(`sign @root.json --key @${name}.pem`);
  await Deno.writeFile(`${desk.folder}/file`, packed("1.1.0"));
  await desk.type("release @metadata.json --root @root.json --version 1 @file");
  for (const name of ["a", "c"]) {
    await desk.type(`sign @metadata.json --role targets --key @${name}.pem`);
  }
  await desk.online();
  return { people, online, root: rootOf(desk.read("root.json")) ?? assert.fail() };
}

const PAGE = await Deno.readTextFile(new URL("../../docs/signing.md", import.meta.url));

/** The lines of a part of docs/signing.md, with the desk's folder for media and files. */
function linesOf(heading: string): string[] {
  const part = PAGE.split(`\n## ${heading}\n`)[1]?.split("\n## ")[0] ?? "";
  const lines = [...part.matchAll(/^ +npm run sign -- (.*)$/gm)].map(([, line = ""]) =>
    line.replace(/--expires \S+/, "--expires 2099-01-01")
      .replaceAll("/media/", "@").replaceAll("dist/", "@")
      .replace(/(?<![@/\w])([\w.-]+\.(?:json|pem))/g, "@$1")
  );
  assert.ok(lines.length > 0, heading);
  return lines;
}

// Red when a line of docs/signing.md does not work as it stands there, or is not in its order.
Deno.test("C07 P14 the ceremony's page is typed from its first line to its last, and what comes out is proven", async () => {
  using desk = new Desk();
  const keys: Record<string, string> = {};
  const type = async (lines: readonly string[]) => {
    let said = "";
    for (const line of lines) {
      said = await desk.type(line);
      const [word, file = ""] = line.split(" ");
      if (word === "key") keys[file.replace(/^@|\W.*$/g, "").toUpperCase()] = said;
    }
    return said;
  };
  for (const name of ["anna", "ben", "carla", "dora"]) Deno.mkdirSync(`${desk.folder}/${name}`);
  const board = (name: "aarch64" | "x86_64") =>
    Deno.writeFileSync(`${desk.folder}/biometric-agent-1.1.0-${name}`, packed("1.1.0", name));
  board("aarch64");
  board("x86_64");
  const written = (text: string) => text.replace(/"([A-Z]+)"/g, (_, who) => `"${keys[who]}"`);
  const [list = ""] = /\{\n +"root"[^]*?\n +\}\n/.exec(PAGE) ?? [];
  const once = linesOf("Once");
  const at = once.findIndex((line) => line.startsWith("root "));
  await type(once.slice(0, at));
  desk.write("keys.json", JSON.parse(written(list)));
  await type(once.slice(at));
  const root = rootOf(desk.read("root.json")) ?? assert.fail();
  assert.match(await type(linesOf("Each release")), /^([0-9a-f]{4} ){3}[0-9a-f]{4}$/);
  const prove = (trust: Parameters<typeof proveMetadata>[1]) =>
    proveMetadata(desk.read("metadata.json"), trust, Date.now());
  const first = prove(firstTrust(root));
  assert.deepEqual(first.files.map(({ architecture }) => architecture), ["aarch64", "x86_64"]);
  await type(linesOf("Every month"));
  const month = prove(first.trust);
  assert.deepEqual([month.trust.timestamp, month.trust.targets], [2, 1]);
  const [key = "", ...replaced] = linesOf("A person leaves, a key is lost, a key is stolen");
  await type([key]);
  desk.write("keys2.json", JSON.parse(written(list.replaceAll("ANNA", "DORA"))));
  await type(replaced);
  for (const name of ["ben", "dora"]) {
    await desk.type(`sign @metadata.json --role targets --key @${name}/update.pem`);
  }
  await desk.online();
  assert.equal(prove(month.trust).trust.root.signed["version"], 2);
});

// Red when the month's fresh word needs the two people.
Deno.test("C07 P14 the ceremony: a release of two people, and a fresh word of it every month without them", async () => {
  using desk = new Desk();
  const { root } = await founded(desk);
  assert.match(await desk.type("fingerprint @root.json"), /^([0-9a-f]{4} ){3}[0-9a-f]{4}$/);
  const now = Date.now();
  const first = proveMetadata(desk.read("metadata.json"), firstTrust(root), now);
  assert.deepEqual(first.files.map(({ version }) => version), ["1.1.0"]);
  const frozen = () => proveMetadata(desk.read("metadata.json"), first.trust, now + 31 * DAY_MS);
  assert.throws(frozen, /timestamp expired/);
  await assert.rejects(desk.type("refresh @metadata.json --version 1"), /has to be above 1,/);
  await desk.type("refresh @metadata.json --version 2 --days 60");
  assert.throws(frozen, /timestamp bears 0 of 1 signatures/);
  await desk.online();
  const { trust, files } = frozen();
  assert.deepEqual([trust.timestamp, trust.snapshot, trust.targets], [2, 2, 1]);
  assert.deepEqual(files, first.files);
  // Nobody goes back to the set of before.
  await desk.type("release @metadata.json --root @root.json --version 1 @file");
  assert.throws(frozen, Untrusted);
});

// Red when a root of other people counts that those of before did not sign.
Deno.test("C07 the ceremony: a person is replaced, machines follow root by root", async () => {
  using desk = new Desk();
  const { people: [, b = "", c = ""], online, root } = await founded(desk);
  const { trust } = proveMetadata(desk.read("metadata.json"), firstTrust(root), Date.now());
  desk.holders("keys2.json", [b, c, await desk.type("key @d.pem")], online);
  await desk.type("root @root2.json --keys @keys2.json --expires 2099-01-01 --version 2");
  const release = async () => {
    await desk.type(
      "release @metadata.json --root @root.json --root @root2.json --version 2 @file",
    );
    for (const name of ["c", "d"]) {
      await desk.type(`sign @metadata.json --role targets --key @${name}.pem`);
    }
    await desk.online();
    return proveMetadata(desk.read("metadata.json"), trust, Date.now());
  };
  for (const name of ["c", "d"]) await desk.type(`sign @root2.json --key @${name}.pem`);
  await assert.rejects(release(), /root bears 1 of 2 signatures/);
  await desk.type("sign @root2.json --key @b.pem");
  assert.equal((await release()).trust.root.signed["version"], 2);
});

Deno.test("the ceremony says what a line lacks", async () => {
  using desk = new Desk();
  desk.write("bad.json", {});
  desk.write("good.json", { signed: {}, signatures: [] });
  Deno.writeTextFileSync(`${desk.folder}/none.pem`, "-----BEGIN");
  await desk.type("key @good.pem");
  for (
    const [line, words] of [
      ["sing @root.json", /^Commands are key, root, fingerprint, release, refresh, sign\.$/],
      ["release @metadata.json", /release needs METADATA, --root, --version and the files/],
      ["refresh @metadata.json", /refresh needs METADATA and --version/],
      ["sign @root.json", /sign needs the document and --key/],
      ["key", /Name the file the key goes into/],
      ["key @nowhere/a.pem", /^No such file or directory .*nowhere\/a\.pem'$/],
      ["sign @root.json --key @nowhere/a.pem", /^No such file .*nowhere\/a\.pem'$/],
      ["sign @root.json --key @bad.json", /bad\.json holds no key that this program made/],
      ["sign @root.json --kye @bad.json", /^Unknown option '--kye'/],
      ["sign @bad.json --key @good.pem", /bad\.json is no document that can be signed: signed: /],
      ["refresh @bad.json --version 2", /bad\.json is no metadata: roots: /],
      ["refresh @bad.json --version two", /^--version is a whole number, not two\.$/],
      ["refresh @bad.json --version 0", /^--version is a whole number, not 0\.$/],
      ["refresh @bad.json --version 007", /^--version is a whole number, not 007\.$/],
      ["root @r.json --keys @none.pem --expires 2099-01-01", /none\.pem is no JSON: /],
      ["root @r.json --keys @bad.json --expires 2099-01-01", /bad\.json is no list of whose keys/],
      ["root @r.json --keys @bad.json --expires soon", /^soon is no date: write it as 2027-11-01/],
      ["release @m.json --root @good.json --version 1 @bad.json", /bad\.json: .*too short to be/],
    ] as const
  ) {
    await assert.rejects(desk.type(line), { name: "Trouble", message: words }, line);
  }
  await desk.type("key @a.pem");
  await assert.rejects(desk.type("key @a.pem"), /exists/);
});
