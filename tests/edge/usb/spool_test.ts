/** Exports carried by hand: read like the addon reads them, taken in once, refused with a reason. */
import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { punchKey } from "../../../edge_agent/base/punch.ts";
import { main } from "../../../edge_agent/main.ts";
import { readAttlog, readFileName, whyNoExport } from "../../../edge_agent/usb/attlog_file.ts";
import { reachOf } from "../../../edge_agent/usb/reach.ts";
import { UsbSpool } from "../../../edge_agent/usb/spool.ts";
import { Port } from "../port/port_kit.ts";
import { until } from "../../sim/until.ts";

const SERIAL = "FILE0001";
const examples = JSON.parse(
  Deno.readTextFileSync(new URL("../../contract/attlog.json", import.meta.url)),
) as {
  salt: string;
  lines: { why: string; line: string; expect: Record<string, string> }[];
  names: { why: string; name: string; serial: string | null }[];
  files: {
    why: string;
    name: string;
    file: string;
    punches: string[];
    rejects: { line: number; reason: string; raw: string }[];
  }[];
  reaches: {
    why: string;
    latest: string;
    stamps: string[];
    from: string | null;
    to: string | null;
    holes: { from: string; to: string }[];
  }[];
};

function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

function rowsOf(bytes: Uint8Array) {
  const all = [...readAttlog(SERIAL, bytes, examples.salt)];
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

// Taking a device number, a month or a branch for a serial turns this red.
Deno.test("file names: the examples that the addon reads too", () => {
  assert.ok(examples.names.length >= 12);
  for (const { why, name, serial } of examples.names) {
    assert.equal(readFileName(name)?.serial, serial, `${name}: ${why}`);
  }
});

// Red when one side reads a mark of an editor, a name or a bad line otherwise: two rejects for one line.
Deno.test("whole files: the examples that the addon reads too", () => {
  assert.ok(examples.files.length >= 6);
  for (const { why, file, punches, rejects } of examples.files) {
    const read = rowsOf(Uint8Array.fromBase64(file));
    const found = read.punches.map(({ pin, wallTime, status, verify, workCode }) =>
      [pin, wallTime, status, verify, workCode].join("|")
    );
    assert.deepEqual(found, punches, why);
    const bad = read.rejects.map(({ reason, raw }, at) => ({
      line: read.badLines[at],
      reason,
      raw,
    }));
    assert.deepEqual(bad, rejects, why);
  }
});

// Counting the lines of a piece anew, or skipping blank ones in the count, turns this red.
Deno.test("bad lines are named by their number in the file, over every piece of it", () => {
  const good = (n: number) =>
    `${n}\t2026-03-02 08:00:${String(n % 60).padStart(2, "0")}\t1\t0\t1\t0\r\n`;
  let text = "\r\n";
  for (let n = 1; n <= 2_500; n++) text += n === 1_700 ? "broken\r\n\r\n" : good(n);
  const { punches, rejects, badLines } = rowsOf(bytesOf(`${text}torn`));
  assert.equal(punches.length, 2_499);
  assert.deepEqual(rejects.map(({ raw }) => raw), ["broken", "torn"]);
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

// Red when a file whose terminal nobody let in, or that is no export, is taken in or asked about.
Deno.test("a file that is refused lies beside its reason and brought nothing", async () => {
  await withSpool(async ({ spool, port, lay }) => {
    lay("STRANGER_attlog.dat", EXPORT);
    lay("holiday.jpg", bytesOf("no picture either\n"));
    lay(`${SERIAL}_attlog.dat`, bytesOf("<html>\n"));
    lay(`${SERIAL}_attlog1.dat.gz`, gzipSync(new Uint8Array(33 << 20)));
    lay(`${SERIAL}_attlog2.dat.gz`, gzipSync(EXPORT).subarray(0, 30));
    Deno.symlinkSync("/etc/hostname", `${port.directory}/usb/${SERIAL}_attlog3.dat`);
    await spool.tend();
    const refused = new Map((await spool.tend()).map(({ name, refused: why }) => [name, why]));
    assert.match(refused.get("STRANGER_attlog.dat") ?? "", /nobody has let this terminal in/);
    assert.match(refused.get("holiday.jpg") ?? "", /no line of it is a punch/);
    assert.match(refused.get(`${SERIAL}_attlog.dat`) ?? "", /no line of it is a punch/);
    assert.match(refused.get(`${SERIAL}_attlog1.dat.gz`) ?? "", /larger than 32 MiB/);
    assert.match(refused.get(`${SERIAL}_attlog2.dat.gz`) ?? "", /damaged/);
    assert.equal(refused.size, 5, "a link is left alone");
    assert.equal(folder(port, "refused").filter((name) => name.endsWith(".why.txt")).length, 5);
    assert.deepEqual([port.queue.stats().pending, port.queue.runs(5).length], [0, 0]);
  });
});

// Red when the number a terminal has in its menu is taken for its serial, or the file is thrown out.
for (const name of ["1_attlog.dat", "attlog.dat", "march_attlog.dat", "AGL (2).txt"]) {
  Deno.test(`${name} in the folder: which terminal? It waits, and a folder of the serial answers`, async () => {
    await withSpool(async ({ spool, port, lay }) => {
      lay(name, EXPORT);
      await spool.tend();
      const [waits] = await spool.tend();
      assert.deepEqual([waits?.name, waits?.refused, waits?.read], [name, null, 0]);
      assert.match(waits?.asked ?? "", /Which terminal is this file of\?/);
      const note = `${port.directory}/usb/${name}.which-terminal.txt`;
      assert.match(Deno.readTextFileSync(note), /a folder here that is named like the serial/);
      assert.deepEqual(await spool.tend(), [], "asked once");
      assert.equal(port.queue.stats().pending, 0);
      Deno.mkdirSync(`${port.directory}/usb/${SERIAL}`);
      Deno.renameSync(`${port.directory}/usb/${name}`, `${port.directory}/usb/${SERIAL}/${name}`);
      await spool.tend();
      const [taken] = await spool.tend();
      assert.deepEqual([taken?.refused, taken?.asked, taken?.new], [null, null, 2]);
      assert.deepEqual(port.queue.punches({ serial: SERIAL }).map(({ pin }) => pin), ["7", "007"]);
      assert.equal(port.queue.runs(5)[0]?.message.split(";")[0], name);
      assert.throws(() => Deno.statSync(note), Deno.errors.NotFound, "the question is withdrawn");
      assert.equal(folder(port, "done").length, 1);
    });
  });
}

// Red when a person's word for a terminal counts less than what a file is called.
Deno.test("the folder a file was laid into wins over its name, and must be a terminal's", async () => {
  await withSpool(async ({ spool, port, lay }) => {
    for (const name of [SERIAL, "OTHER1"]) Deno.mkdirSync(`${port.directory}/usb/${name}`);
    lay(`${SERIAL}/9_attlog.dat`, EXPORT);
    lay("OTHER1/1_attlog.dat", EXPORT);
    await spool.tend();
    const results = new Map((await spool.tend()).map((one) => [one.name, one]));
    assert.equal(results.get(`${SERIAL}/9_attlog.dat`)?.new, 2);
    assert.match(results.get("OTHER1/1_attlog.dat")?.refused ?? "", /nobody has let this/);
    assert.deepEqual([...port.queue.stats().perDevice.keys()], [SERIAL]);
  });
});

/** Eight days of one person, the given stamp laid over one of them. */
function weekWith(place: number, stamp: string): Uint8Array<ArrayBuffer> {
  const days = Array.from({ length: 8 }, (_, day) => `2026-03-0${day + 1} 08:00:00`);
  if (place >= 0) days[place] = stamp;
  return bytesOf(days.map((day) => `7\t${day}\t1\t0\t1\t0\n`).join(""));
}

// Red when a stamp of a wrong clock bounds a log, or a hole of more than seven days is passed over.
Deno.test("what a log reaches over: the examples that the addon reads too", () => {
  assert.ok(examples.reaches.length >= 16);
  for (const { why, latest, stamps, from, to, holes } of examples.reaches) {
    assert.deepEqual(reachOf(stamps, latest), from === null ? null : { from, to, holes }, why);
  }
});

// Red when the run of a file does not name the holes of its window.
Deno.test("two stamps of a wrong clock a minute apart, far behind, are told as a hole", async () => {
  await withSpool(async ({ spool, port, lay }) => {
    port.clock.advance(Date.UTC(2026, 2, 30) - port.clock.now());
    const odd = bytesOf(["00", "01"].map((m) => `7\t2026-03-20 08:${m}:00\t1\t0\t1\t0\n`).join(""));
    lay(`${SERIAL}_attlog.dat`, new Uint8Array([...weekWith(-1, ""), ...odd]));
    await spool.take(`${SERIAL}_attlog.dat`);
    const run = port.queue.runs(5).at(-1);
    assert.deepEqual([run?.windowFrom, run?.windowTo, run?.holes], [
      "2026-03-01 08:00:00",
      "2026-03-20 08:01:00",
      [{ from: "2026-03-08 08:00:00", to: "2026-03-20 08:00:00" }],
    ]);
  });
});

// Red when the earliest or latest stamp of a file bounds what it proves.
Deno.test("one stamp of a wrong clock never stretches the window that a file covers", async () => {
  await withSpool(async ({ spool, port, lay }) => {
    const windowOf = async (bytes: Uint8Array) => {
      lay(`${SERIAL}_attlog.dat`, bytes);
      await spool.take(`${SERIAL}_attlog.dat`);
      const run = port.queue.runs(500).at(-1)!;
      port.clock.advance(1_000);
      return [run.windowFrom, run.windowTo] as const;
    };
    port.clock.advance(Date.UTC(2026, 2, 20) - port.clock.now());
    assert.deepEqual(await windowOf(weekWith(-1, "")), [
      "2026-03-01 08:00:00",
      "2026-03-08 08:00:00",
    ]);
    const odd = ["2000-01-01 00:00:07", "2026-01-01 08:00:00", "2026-03-19 08:00:00"];
    for (const stamp of [...odd, "2031-01-01 08:00:00"]) {
      for (let place = 0; place < 8; place++) {
        const [from, to] = await windowOf(weekWith(place, stamp));
        assert.match(`${from} ${to}`, /^2026-03-0[123] .* 2026-03-0[678] /, `${stamp} at ${place}`);
      }
    }
    // Near its neighbours only its place tells, and not even that at the very ends.
    for (const stamp of ["2026-02-26 08:00:00", "2026-03-13 08:00:00"]) {
      for (let place = 2; place < 6; place++) {
        const [from, to] = await windowOf(weekWith(place, stamp));
        assert.match(`${from} ${to}`, /^2026-03-0[12] .* 2026-03-0[78] /, `${stamp} at ${place}`);
      }
    }
    const reset = bytesOf("7\t2000-01-01 00:00:07\t1\t0\t1\t0\n".repeat(5));
    const both = new Uint8Array([...reset, ...weekWith(-1, "")]);
    assert.equal(
      (await windowOf(both))[0],
      "2026-03-01 08:00:00",
      "a clock that was reset five times",
    );
    assert.deepEqual(await windowOf(bytesOf("7\t2031-01-01 08:00:00\t1\n")), [null, null]);
  });
});

// Red when rows are counted where one line is kept: Odoo would wait for lines that never come.
Deno.test("a line that cannot be read and stands 329 times is one in the run, and named by each number", async () => {
  await withSpool(async ({ spool, port, lay }) => {
    const bad = "ZZZZ\t2047-02-30 26:74:74\t1\t0\t1\t0\n".repeat(329);
    lay(`${SERIAL}_attlog.dat`, new Uint8Array([...EXPORT, ...bytesOf(bad)]));
    const taken = await spool.take(`${SERIAL}_attlog.dat`);
    const [run] = port.queue.runs(5);
    assert.deepEqual([taken.read, taken.new, taken.badLines.length], [332, 2, 330]);
    assert.deepEqual([run?.read, run?.rejected], [332, 2]);
    assert.equal(port.queue.rejects(500).length, run?.rejected);
  });
});

// Creating folders at the start, where a full disk would end the agent, or taking any path, turns this red.
Deno.test("a folder that cannot be made holds nothing up, and no other file can be taken", async () => {
  await withSpool(async ({ spool, port }) => {
    Deno.removeSync(`${port.directory}/usb`, { recursive: true });
    Deno.writeTextFileSync(`${port.directory}/usb`, "in the way");
    spool.start();
    await until(() => port.log.lines.some(({ message }) => /carried by hand wait/.test(message)));
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
    await until(() => {
      port.clock.advance(5_000);
      return port.queue.runs(5).length > 0;
    });
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
    assert.match(said.err, /which terminal is it of\?/);
    assert.equal(await run("import", `${directory}/attlog.dat`, "--serial", SERIAL), 1);
    assert.match(said.err, /nobody has let this terminal in/);
    assert.equal(await run("device", "allow", SERIAL, "--zone", "Asia/Manila"), 0);
    assert.equal(await run("import", `${directory}/attlog.dat`, "--serial", SERIAL), 0, said.err);
    assert.match(said.out, /3 lines, 2 new, 0 known[^]*line 2 could not be read/);
    Deno.renameSync(`${directory}/attlog.dat`, `${directory}/OTHER_attlog.dat`);
    assert.equal(await run("import", `${directory}/OTHER_attlog.dat`, "--serial", SERIAL), 2);
    for (const name of ["1_attlog.dat", "march_attlog.dat", "AGL (2).txt"]) {
      Deno.writeFileSync(`${directory}/${name}`, EXPORT);
      assert.equal(await run("import", `${directory}/${name}`), 2, name);
      assert.match(said.err, /which terminal is it of\?/);
      assert.equal(await run("import", `${directory}/${name}`, "--serial", SERIAL), 0, said.err);
      assert.match(said.out, /3 lines, 0 new, 2 known/, "the person's word wins");
    }
    assert.equal(await run("punches", "--json"), 0);
    assert.deepEqual(
      JSON.parse(said.out).map((row: { pin: string; channel: string }) => [row.pin, row.channel]),
      [["7", "file"], ["007", "file"]],
    );
  } finally {
    Deno.removeSync(directory, { recursive: true });
  }
});
