/** Exports carried by hand: read like the addon reads them, taken in once, refused with a reason. */
import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { punchKey } from "../../../edge_agent/base/punch.ts";
import { main } from "../../../edge_agent/main.ts";
import { readAttlog, readFileName, whyNoExport } from "../../../edge_agent/usb/attlog_file.ts";
import { UsbSpool } from "../../../edge_agent/usb/spool.ts";
import { Port } from "../port/port_kit.ts";

const SERIAL = "FILE0001";
const examples = JSON.parse(
  Deno.readTextFileSync(new URL("../../contract/attlog.json", import.meta.url)),
) as { lines: { why: string; line: string; expect: Record<string, string> }[] };

function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

function rowsOf(bytes: Uint8Array) {
  const all = [...readAttlog(SERIAL, bytes)];
  return {
    punches: all.flatMap(({ punches }) => punches),
    rejects: all.flatMap(({ rejects }) => rejects),
    badLines: all.flatMap(({ badLines }) => badLines),
  };
}

// Reading the device number as the status turns this red: another key than push gives.
Deno.test("an export's lines: the examples that the addon reads too", () => {
  assert.ok(examples.lines.length >= 14);
  for (const { why, line, expect } of examples.lines) {
    const { punches: [punch], rejects: [reject] } = rowsOf(Uint8Array.fromBase64(line));
    if (expect["reason"] !== undefined) {
      assert.equal(reject?.reason, expect["reason"], why);
      continue;
    }
    assert.ok(punch, why);
    const { pin, wallTime, status, verify, workCode } = punch;
    const read = { pin, wall_time: wallTime, status, verify, work_code: workCode };
    assert.deepEqual({ ...read, key: punchKey(punch) }, expect, why);
    assert.equal(punch.extra, "");
  }
});

// Counting the lines of a piece anew, or skipping blank ones in the count, turns this red.
Deno.test("bad lines are named by their number in the file, over every piece of it", () => {
  const good = (n: number) =>
    `${n}\t2026-03-02 08:00:${String(n % 60).padStart(2, "0")}\t1\t0\t1\t0\r\n`;
  let text = "\r\n";
  for (let n = 1; n <= 2_500; n++) text += n === 1_700 ? "broken\r\n\r\n" : good(n);
  const { punches, rejects, badLines } = rowsOf(bytesOf(`${text}also broken`));
  assert.equal(punches.length, 2_499);
  assert.deepEqual(rejects.map(({ raw }) => raw), ["broken", "also broken"]);
  assert.deepEqual(badLines, [1_701, 2_503]);
  assert.equal(whyNoExport(SERIAL, bytesOf("%PDF-1.4\nx\n")), "no line of it is a punch");
  assert.equal(readFileName("A1_attlog.dat")?.serial, "A1");
  assert.equal(readFileName("../A1_attlog.dat"), null);
});

async function withSpool(
  use: (
    at: { spool: UsbSpool; port: Port; lay: (name: string, bytes: Uint8Array) => void },
  ) => Promise<
    void
  >,
): Promise<void> {
  const port = new Port();
  port.start();
  port.allow(SERIAL);
  const spool = new UsbSpool({
    dataDirectory: port.directory,
    queue: port.queue,
    isWelcome: (serial) => port.devices.isLetIn(serial),
    clock: port.clock,
    log: port.log,
    newId: () => crypto.randomUUID(),
    wake: () => {},
  });
  for (const folder of ["usb/done", "usb/refused"]) {
    Deno.mkdirSync(`${port.directory}/${folder}`, { recursive: true });
  }
  const lay = (name: string, bytes: Uint8Array) =>
    Deno.writeFileSync(`${port.directory}/usb/${name}`, bytes);
  try {
    await use({ spool, port, lay });
  } finally {
    await spool.stop();
    await port.stop();
  }
}

function folder(port: Port, name: string): string[] {
  return [...Deno.readDirSync(`${port.directory}/usb/${name}`)].map((entry) => entry.name).sort();
}

const EXPORT = bytesOf(
  "7\t2026-03-02 07:58:03\t1\t0\t1\t0\r\n7\t2026-02-30 08:00:00\t1\t0\t1\t0\r\n" +
    "007\t2026-03-02 17:02:44\t1\t1\t1\t0\r\n",
);

// Taking a file at the first look, that is while it is copied, turns this red; so does counting twice.
Deno.test("a file in the folder becomes sightings of channel file and a run, once", async () => {
  await withSpool(async ({ spool, port, lay }) => {
    lay(`${SERIAL}_attlog.dat`, EXPORT.subarray(0, 40));
    assert.deepEqual(await spool.tend(), []);
    lay(`${SERIAL}_attlog.dat`, EXPORT);
    assert.deepEqual(await spool.tend(), [], "it grew since the look before");
    const [imported] = await spool.tend();
    assert.deepEqual(
      [imported?.refused, imported?.read, imported?.new, imported?.badLines],
      [null, 3, 2, [2]],
    );
    const rows = port.queue.punches({ serial: SERIAL });
    assert.deepEqual(rows.map(({ pin, channel }) => [pin, channel]), [["7", "file"], [
      "007",
      "file",
    ]]);
    assert.equal(port.queue.rejects(5)[0]?.reason, "bad_time");
    const [run] = port.queue.runs(5);
    assert.deepEqual(
      [run?.channel, run?.askedBy, run?.windowFrom, run?.windowTo, run?.outcome, run?.rejected],
      ["file", "usb", "2026-03-02 07:58:03", "2026-03-02 17:02:44", "incomplete", 1],
    );
    assert.match(run?.message ?? "", /^FILE0001_attlog.dat; lines that could not be read: 2$/);
    assert.equal(folder(port, "done").length, 1);
    lay(`${SERIAL}_attlog.dat.gz`, gzipSync(EXPORT));
    await spool.tend();
    const [again] = await spool.tend();
    assert.deepEqual([again?.new, again?.known, again?.badLines], [0, 2, [2]]);
    assert.equal(port.queue.punches({ serial: SERIAL }).length, 2);
  });
});

// Red when a file whose terminal nobody let in, or that names none, is taken in all the same.
Deno.test("a file that is refused lies beside its reason and brought nothing", async () => {
  await withSpool(async ({ spool, port, lay }) => {
    lay("attlog.dat", EXPORT);
    lay("STRANGER_attlog.dat", EXPORT);
    lay("holiday.jpg", EXPORT);
    lay(`${SERIAL}_attlog.dat`, bytesOf("<html>\n"));
    lay(`${SERIAL}_attlog1.dat.gz`, gzipSync(new Uint8Array(33 << 20)));
    lay(`${SERIAL}_attlog2.dat.gz`, gzipSync(EXPORT).subarray(0, 30));
    Deno.symlinkSync("/etc/hostname", `${port.directory}/usb/${SERIAL}_attlog3.dat`);
    await spool.tend();
    const refused = new Map((await spool.tend()).map(({ name, refused: why }) => [name, why]));
    assert.match(refused.get("attlog.dat") ?? "", /does not say which terminal/);
    assert.match(refused.get("STRANGER_attlog.dat") ?? "", /nobody has let this terminal in/);
    assert.match(refused.get("holiday.jpg") ?? "", /name is not/);
    assert.match(refused.get(`${SERIAL}_attlog.dat`) ?? "", /no line of it is a punch/);
    assert.match(refused.get(`${SERIAL}_attlog1.dat.gz`) ?? "", /larger than 32 MiB/);
    assert.match(refused.get(`${SERIAL}_attlog2.dat.gz`) ?? "", /damaged/);
    assert.equal(refused.size, 6, "a link is left alone");
    assert.equal(folder(port, "refused").filter((name) => name.endsWith(".why.txt")).length, 6);
    assert.deepEqual([port.queue.stats().pending, port.queue.runs(5).length], [0, 0]);
  });
});

// Creating folders at the start, where a full disk would end the agent, or taking any path, turns this red.
Deno.test("a folder that cannot be made holds nothing up, and no other file can be taken", async () => {
  await withSpool(async ({ spool, port }) => {
    Deno.removeSync(`${port.directory}/usb`, { recursive: true });
    Deno.writeTextFileSync(`${port.directory}/usb`, "in the way");
    spool.start();
    await new Promise((done) => setTimeout(done, 20));
    assert.match(port.log.lines.map(({ message }) => message).join(), /carried by hand wait/);
    Deno.removeSync(`${port.directory}/usb`);
    Deno.writeTextFileSync(`${port.directory}/pairing.json`, "{}");
    await assert.rejects(spool.take("../pairing.json"), /there is no file/);
    assert.equal(Deno.readTextFileSync(`${port.directory}/pairing.json`), "{}");
  });
});

// Red when the folder is not read while the agent runs, or stop() leaves the loop behind.
Deno.test("start() takes files in by itself and stop() ends it", async () => {
  await withSpool(async ({ spool, port, lay }) => {
    spool.start();
    lay(`${SERIAL}_attlog.dat`, EXPORT);
    for (let wait = 0; port.queue.runs(5).length === 0 && wait < 300; wait++) {
      port.clock.advance(5_000);
      await new Promise((done) => setTimeout(done, 5));
    }
    assert.equal(port.queue.runs(5).length, 1);
  });
});

// Red when `import` needs a running agent, takes a file for another terminal, or loses a bad line.
Deno.test("import FILE: a person takes an export in from the command line", async () => {
  const directory = Deno.makeTempDirSync({ prefix: "import-test-" });
  const config = `${directory}/config.json`;
  Deno.writeTextFileSync(config, JSON.stringify({ dataDirectory: `${directory}/data` }));
  const said = { out: "", err: "" };
  const run = async (...args: string[]) => {
    said.out = said.err = "";
    const code = await main({
      args: ["--config", config, ...args],
      out: (text) => said.out += text,
      err: (text) => said.err += text,
    });
    return code;
  };
  try {
    Deno.writeFileSync(`${directory}/attlog.dat`, EXPORT);
    assert.equal(await run("import", `${directory}/attlog.dat`), 2, "whose is it?");
    assert.equal(await run("import", `${directory}/attlog.dat`, "--serial", SERIAL), 1);
    assert.match(said.err, /nobody has let this terminal in/);
    assert.equal(await run("device", "allow", SERIAL, "--zone", "Asia/Manila"), 0);
    assert.equal(await run("import", `${directory}/attlog.dat`, "--serial", SERIAL), 0, said.err);
    assert.match(said.out, /3 lines, 2 new, 0 known[^]*line 2 could not be read/);
    Deno.renameSync(`${directory}/attlog.dat`, `${directory}/OTHER_attlog.dat`);
    assert.equal(await run("import", `${directory}/OTHER_attlog.dat`, "--serial", SERIAL), 2);
    assert.equal(await run("punches", "--json"), 0);
    assert.deepEqual(
      JSON.parse(said.out).map((row: { pin: string; channel: string }) => [row.pin, row.channel]),
      [["7", "file"], ["007", "file"]],
    );
  } finally {
    Deno.removeSync(directory, { recursive: true });
  }
});
