/** export and provision: what they write is what the other side can check. */
import fc from "fast-check";
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { main } from "../../../edge_agent/main.ts";
import { Identity } from "../../../edge_agent/odoo/identity.ts";
import { Provisioner, ProvisionFault, readBranches } from "../../../edge_agent/odoo/provision.ts";
import type { PunchRow } from "../../../edge_agent/queue/types.ts";
import { COLUMNS, exportCsv } from "../../../edge_agent/usb/export.ts";
import { verifyEd25519 } from "../../sim/fake_odoo.ts";
import { ManualClock } from "../../sim/manual_clock.ts";
import { LaneKit } from "../queue/lane_kit.ts";

/** RFC 4180, written apart from the agent's writer. */
function readCsv(text: string): string[][] {
  const rows: string[][] = [];
  const cell = /(?:"((?:[^"]|"")*)"|([^,\r\n]*))(,|\r\n)/gy;
  let row: string[] = [];
  for (let match = cell.exec(text); match !== null; match = cell.exec(text)) {
    row.push(match[1]?.replaceAll('""', '"') ?? match[2] ?? "");
    if (match[3] === "\r\n") {
      rows.push(row);
      row = [];
    }
    if (cell.lastIndex === text.length) break;
  }
  return rows;
}

const ROW: PunchRow = {
  serial: "A1",
  pin: "7",
  wallTime: "2026-03-02 08:00:00",
  status: "0",
  verify: "1",
  workCode: "",
  extra: "",
  lane: "0".repeat(32),
  seq: 1,
  key: "k",
  channel: "push",
  receivedAt: 0,
  state: "pending",
  clock: "ok",
  salt: "5".repeat(32),
  hash: "6".repeat(64),
};

async function* onePage(rows: readonly PunchRow[]) {
  yield await Promise.resolve(rows);
}

async function exported(rows: readonly PunchRow[]): Promise<string> {
  let text = "";
  await exportCsv({
    pages: onePage(rows),
    write: (part) => text += part,
    sign: () => Promise.resolve("SIGNATURE"),
    fingerprint: "ab12 cd34",
  });
  return text;
}

// Red when the apostrophe is left out, or put before what needs none.
Deno.test("S19 what a spreadsheet would run is neutralised, and comes back exactly", async () => {
  for (
    const extra of ["=cmd|' /C calc'!A0", "@SUM(1)", "+1", "-1", "\t=1", "'a", "＝1", '"=1', "a,b"]
  ) {
    const [, row = []] = readCsv(await exported([{ ...ROW, extra }]));
    const cell = row[COLUMNS.indexOf("extra")] ?? "";
    assert.doesNotMatch(cell, /^[=+\-@\t\r\uff1d]/, extra);
    assert.equal(cell.replace(/^'/, ""), extra);
  }
});

Deno.test("any field of a punch survives the CSV", async () => {
  const field = fc.string({ unit: "binary" }).filter((text) => !/[\n\0]/.test(text));
  await fc.assert(fc.asyncProperty(field, field, async (pin, extra) => {
    const [header, row = []] = readCsv(await exported([{ ...ROW, pin, extra }]));
    assert.deepEqual(header, [...COLUMNS]);
    assert.equal(row[1]?.replace(/^'/, ""), pin);
    assert.equal(row[6]?.replace(/^'/, ""), extra);
  }));
});

// Red when paging loses or repeats a row, or the signature covers less than every byte before it.
Deno.test("P10 export writes every punch once and signs the file with the agent's key", async () => {
  const lane = new LaneKit(new ManualClock());
  await lane.add(0, 12_000);
  await lane.queue.stop();
  const config = `${lane.directory}/config.json`;
  Deno.writeTextFileSync(config, JSON.stringify({ dataDirectory: lane.directory }));
  let out = "";
  const code = await main({
    args: ["--config", config, "export"],
    out: (text) => out += text,
    err: () => {},
  });
  assert.equal(code, 0);
  const at = out.lastIndexOf("#signature,");
  const signed = out.slice(0, at);
  const [, method, fingerprint, signature = ""] = out.slice(at).trim().split(",");
  const identity = new Identity({ directory: lane.directory });
  await identity.start();
  assert.equal(method, "ed25519");
  assert.equal(fingerprint, identity.fingerprint.replaceAll(" ", ""));
  const digest = (text: string) => createHash("sha256").update(text).digest("hex");
  const text = (body: string) => ["v1", "export", digest(body)].join("\n");
  assert.ok(verifyEd25519(identity.publicKey, text(signed), signature));
  const edited = signed.replace(",push,", ",poll,");
  assert.ok(!verifyEd25519(identity.publicKey, text(edited), signature), "one word edited");
  const rows = readCsv(signed).slice(1);
  assert.deepEqual(
    rows.map((row) => Number(row[11])),
    Array.from({ length: 12_000 }, (_, n) => n + 1),
  );
  Deno.removeSync(lane.directory, { recursive: true });
});

/** The Odoo of branches that name none. */
const HERE = { url: "http://odoo.example", database: "here" };

// Red when a branch that stands there twice, once with the words of the command, gets a code that ends the first.
Deno.test("readBranches() reads quotes, blank lines and a byte order mark, and says what is wrong", () => {
  const here = { ...HERE, company: "" };
  const text = '\ufeffname,place,time_zone\r\n"Cebu, Mandaue",Warehouse,Asia/Manila\n\nDavao,,\n';
  assert.deepEqual(readBranches(bytesOf(text), HERE), [
    { ...here, name: "Cebu, Mandaue", place: "Warehouse", timeZone: "Asia/Manila" },
    { ...here, name: "Davao", place: "", timeZone: "" },
  ]);
  const twice = "name,url,database\nGate,http://a.example,one\nGate,http://a.example,two\n";
  assert.deepEqual(readBranches(bytesOf(twice), HERE).map(({ database }) => database), [
    "one",
    "two",
  ]);
  for (
    const bad of [
      "",
      "place\nx",
      "name,colour\nx,y",
      "name\n",
      "name\nA\nA",
      "name,place\n,x",
      "name,url\nA,nowhere",
      "name,url,database\nA,,\nA,http://odoo.example/,here",
    ]
  ) {
    assert.throws(() => readBranches(bytesOf(bad), HERE), ProvisionFault, JSON.stringify(bad));
  }
});

const bytesOf = (text: string) => new TextEncoder().encode(text);

// Red when bytes that are no text become another name: a second agent for the same branch.
Deno.test("P01 a list of branches that is not UTF-8 is refused with what to do", () => {
  const latin = Uint8Array.from("name\nMünchen\n", (letter) => letter.charCodeAt(0));
  assert.throws(() => readBranches(latin, HERE), {
    name: "ProvisionFault",
    message: "the list is not UTF-8; save it as “CSV UTF-8”",
  });
  assert.equal(readBranches(bytesOf("\ufeffname\nMünchen\n"), HERE)[0]?.name, "München");
});

/** Odoo's external API, as far as provision speaks it: XML-RPC with its own small reader and writer. */
class FakeExternalApi {
  readonly agents = new Map<
    string,
    { id: number; state: string; values: Record<string, string> }
  >();
  readonly calls: string[] = [];
  #server: Deno.HttpServer<Deno.NetAddr> | null = null;

  start(): string {
    this.#server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen: () => {} },
      async (request) => {
        const xml = await request.text();
        const value = xml.includes("<methodName>authenticate<")
          ? xml.includes("<string>secret</string>") ? "<int>2</int>" : "<boolean>0</boolean>"
          : this.#execute(xml);
        const fault = value.startsWith("<fault>");
        const body = fault ? value : `<params><param><value>${value}</value></param></params>`;
        return new Response(`<?xml version="1.0"?><methodResponse>${body}</methodResponse>`, {
          headers: { "content-type": "text/xml" },
        });
      },
    );
    return `http://localhost:${this.#server.addr.port}`;
  }

  async stop(): Promise<void> {
    await this.#server?.shutdown();
  }

  #execute(xml: string): string {
    const texts = [...xml.matchAll(/<string>([^<]*)<\/string>/g)].map((match) => match[1] ?? "");
    const [, , model = "", method = ""] = texts;
    this.calls.push(`${model}.${method}`);
    if (method === "search") return texts.includes("Ghost") ? array([]) : array(["<int>9</int>"]);
    if (method === "search_read") {
      const known = this.agents.get(texts[texts.indexOf("=") + 1] ?? "");
      return array(
        known === undefined ? [] : [struct({
          id: `<int>${known.id}</int>`,
          state: `<string>${known.state}</string>`,
          place: `<string>${known.values["place"] ?? ""}</string>`,
          tz: known.values["tz"]
            ? `<string>${known.values["tz"]}</string>`
            : "<boolean>0</boolean>",
        })],
      );
    }
    if (method === "create") {
      const values: Record<string, string> = {};
      for (const match of xml.matchAll(/<name>(\w+)<\/name><value><(?:string|int)>([^<]*)</g)) {
        values[match[1] ?? ""] = match[2] ?? "";
      }
      const id = this.agents.size + 1;
      this.agents.set(values["name"] ?? "", { id, state: "new", values });
      return `<int>${id}</int>`;
    }
    if (method === "action_pairing_code") {
      const line = "pair http://internal BCDF-GHJK --database db";
      return struct({ context: struct({ default_line: `<string>${line}</string>` }) });
    }
    return "<fault><value>" +
      struct({ faultCode: "<int>1</int>", faultString: "<string>Traceback\nno</string>" }) +
      "</value></fault>";
  }
}

const array = (values: readonly string[]) =>
  `<array><data>${values.map((value) => `<value>${value}</value>`).join("")}</data></array>`;
const struct = (members: Record<string, string>) =>
  `<struct>${
    Object.entries(members).map(([name, value]) =>
      `<member><name>${name}</name><value>${value}</value></member>`
    ).join("")
  }</struct>`;

Deno.test("Provisioner makes missing agents, opens codes, and leaves paired ones alone", async () => {
  const api = new FakeExternalApi();
  const url = api.start();
  api.agents.set("Davao", { id: 50, state: "active", values: {} });
  try {
    const options = { url, database: "db", login: "admin", pinnedAuthorities: [] };
    const wrong = new Provisioner({ ...options, key: "wrong" });
    await assert.rejects(wrong.connect(), ProvisionFault);
    const provisioner = new Provisioner({ ...options, key: "secret" });
    await provisioner.connect();
    const cebu = { name: "Cebu", place: "Gate", timeZone: "Asia/Manila", company: "Acme" };
    const branch = { ...cebu, ...HERE };
    const first = await provisioner.provision(branch);
    assert.deepEqual(first, {
      branch: "Cebu",
      outcome: "code",
      differs: [],
      line: `biometric-agent pair ${url} BCDF-GHJK --database db`,
    });
    const again = await provisioner.provision({ ...branch, place: "Yard" });
    assert.deepEqual([again.outcome, again.differs], ["code_again", ["place"]]);
    assert.deepEqual(api.agents.get("Cebu")?.values, {
      name: "Cebu",
      place: "Gate",
      tz: "Asia/Manila",
      company_id: "9",
    });
    assert.equal(api.calls.filter((call) => call === "biometric.agent.create").length, 1);
    const paired = await provisioner.provision({ ...branch, name: "Davao", company: "" });
    assert.equal(paired.outcome, "paired_already");
    await assert.rejects(
      provisioner.provision({ ...branch, company: "Ghost" }),
      /no company Ghost/,
    );
  } finally {
    await api.stop();
  }
});

/** The command as an administrator types it, with keys on standard input. */
async function provision(list: string, input: string, url: string) {
  const file = Deno.makeTempFileSync({ suffix: ".csv" });
  Deno.writeTextFileSync(file, list);
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--quiet", "edge_agent/main.ts", "provision", url, file]
      .concat(["--database", "first", "--login", "admin"]),
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
    env: { NO_COLOR: "1" },
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(bytesOf(input));
  await writer.close();
  const { code, stdout, stderr } = await child.output();
  Deno.removeSync(file);
  const [out, err] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  return { code, out: out ?? "", err: err ?? "" };
}

// Red when a branch is made in another database than its row names, when one database that is shut keeps the
// others from being done or is told once a branch, or when a key is shown to a database that it is not of, or
// goes over plain HTTP to a host that only the list names.
Deno.test("provision serves branches of several databases and hosts from one list", async () => {
  const [one, two] = [new FakeExternalApi(), new FakeExternalApi()];
  const [first, second] = [one.start(), two.start()];
  try {
    const list = `name,url,database\nCebu,,\nDavao,${second},second\nIloilo,${second},third\n` +
      `Bohol,${second},third\nGate,${second},fourth\n`;
    const said = await provision(list, "first secret\nsecond secret\nthird wrong\n", first);
    assert.equal(said.code, 1);
    assert.equal(
      said.err,
      `${second}, database third: log in: Odoo refuses the login or its key\n` +
        `${second}, database fourth: standard input has no key for it\n`,
    );
    assert.deepEqual([[...one.agents.keys()], [...two.agents.keys()]], [["Cebu"], ["Davao"]]);
    assert.match(said.out, new RegExp(`# Cebu\nbiometric-agent pair ${first} BCDF-GHJK`));
    assert.match(said.out, new RegExp(`# Davao\nbiometric-agent pair ${second} BCDF-GHJK`));
    assert.doesNotMatch(said.out, /Iloilo|Bohol|Gate/);
    const all = await provision("name\nCebu\n", "secret\n", first);
    assert.deepEqual([all.code, all.err], [0, ""]);
    const twice = await provision(list, "first secret\nfirst other\n", first);
    const plain = await provision("name,url\nCebu,http://odoo.example\n", "secret\n", first);
    assert.match(plain.err, /the address .*https/);
    assert.match(twice.err, /standard input has two keys for one database/);
  } finally {
    await one.stop();
    await two.stop();
  }
});
