/** The device port through its door: raw sockets in, the real queue behind. */
import assert from "node:assert/strict";
import { encodeVendorTime } from "../../../edge_agent/adms/text.ts";
import { StoreUnavailable } from "../../../edge_agent/base/store_fault.ts";
import type { PunchStore } from "../../../edge_agent/port/tables.ts";
import { type Queue } from "../../../edge_agent/queue/queue.ts";
import { SN, withPort } from "./port_kit.ts";
import { until } from "../../sim/until.ts";

const LINE = "1\t2026-03-02 08:58:13\t0\t1\t0\t0\t0\n";
const hello = (serial = SN, more = "") =>
  `/iclock/cdata?SN=${serial}&options=all&pushver=2.4.1${more}`;

/** Each answer of the queue is held until the test lets it go or fails it. */
class SlowStore implements PunchStore {
  readonly waiting: { commit: () => void; fail: () => void }[] = [];
  readonly #queue: Queue;

  constructor(queue: Queue) {
    this.#queue = queue;
  }

  add(upload: Parameters<PunchStore["add"]>[0]) {
    return new Promise<Awaited<ReturnType<PunchStore["add"]>>>((resolve, reject) => {
      this.waiting.push({
        commit: () => void this.#queue.add(upload).then(resolve, reject),
        fail: () => reject(new StoreUnavailable("full", "no OK without a commit")),
      });
    });
  }

  stamp(serial: string, table: string): string | null {
    return this.#queue.stamp(serial, table);
  }

  get lineSalt(): string {
    return this.#queue.lineSalt;
  }
}

// Red when OK is written before queue.add resolved, or when a failure answers with 200 or "OK".
Deno.test("server: OK only after the commit; a failed commit is 503 without the letters", async () => {
  let store: SlowStore | undefined;
  await withPort(
    async (port) => {
      port.allow();
      let answered = false;
      const first = port.upload("ATTLOG", LINE).finally(() => answered = true);
      await until(() => store?.waiting.length === 1);
      // Whatever does not wait for the commit was answered long before another request's answer.
      for (let turn = 0; turn < 5; turn++) await port.get(`/iclock/getrequest?SN=${SN}`);
      assert.equal(answered, false);
      store?.waiting.shift()?.fail();
      const failed = await first;
      assert.equal(failed.status, 503);
      assert.doesNotMatch(failed.body, /OK/i);
      assert.deepEqual(port.punches(), []);
      const second = port.upload("ATTLOG", LINE);
      await until(() => store?.waiting.length === 1);
      store?.waiting.shift()?.commit();
      assert.equal((await second).body, "OK: 1");
      assert.equal(port.punches().length, 1);
    },
    {},
    (queue) => store = new SlowStore(queue),
  );
});

Deno.test("server: stamps are echoed at the handshake once their rows are durable", async () => {
  let store: SlowStore | undefined;
  await withPort(
    async (port) => {
      port.allow();
      assert.match((await port.get(hello())).body, /\nATTLOGStamp=9999\n/);
      const upload = port.upload("ATTLOG", LINE, SN, "&Stamp=82983982");
      await until(() => store?.waiting.length === 1);
      assert.match((await port.get(hello())).body, /\nATTLOGStamp=9999\n/);
      store?.waiting.shift()?.commit();
      await upload;
      assert.match((await port.get(hello())).body, /\nATTLOGStamp=82983982\n/);
      const oplog = port.upload(
        "OPERLOG",
        "OPLOG 4\t0\t2026-03-02 08:00:00\t0\n",
        SN,
        "&OpStamp=7",
      );
      await until(() => store?.waiting.length === 1);
      store?.waiting.shift()?.commit();
      assert.equal((await oplog).body, "OK: 1");
      assert.match((await port.get(hello())).body, /\nOPERLOGStamp=7\n/);
    },
    {},
    (queue) => store = new SlowStore(queue),
  );
});

// Red when bad lines fail the upload: the terminal would repeat it for ever.
Deno.test("server: R24 forty-nine good lines and a bad one are acknowledged once, the bad kept", async () => {
  await withPort(async (port) => {
    port.allow();
    const good = Array.from({ length: 49 }, (_, n) => `${n + 1}\t2026-03-02 09:00:00\t0\t1`);
    const body = [...good.slice(0, 9), "1\t2026-02-30 09:00:00\t0", ...good.slice(9)].join("\n");
    assert.equal((await port.upload("ATTLOG", body)).body, "OK: 50");
    assert.equal(port.punches().length, 49);
    assert.deepEqual(port.queue.rejects(10).map(({ reason, raw }) => [reason, raw]), [
      ["bad_time", "1\t2026-02-30 09:00:00\t0"],
    ]);
  });
});

// Red when a re-upload is refused, or stored a second time.
Deno.test("server: R20 ten thousand old records again: acknowledged, counted, none new", async () => {
  await withPort(async (port) => {
    port.allow();
    const lines = Array.from({ length: 10_000 }, (_, n) => {
      const at = new Date(Date.UTC(2026, 1, 1) + n * 61_000).toISOString();
      return `${n % 300}\t${at.slice(0, 10)} ${at.slice(11, 19)}\t0\t1\t0\t0\t0`;
    });
    const body = `${lines.join("\n")}\n`;
    assert.equal((await port.upload("ATTLOG", body)).body, "OK: 10000");
    assert.equal((await port.upload("ATTLOG", body, SN, "&Stamp=0")).body, "OK: 10000");
    assert.equal(port.queue.laneHead().seq, 10_000);
    const counts = port.queue.stats().perDevice.get(SN);
    assert.equal(counts?.repeated, 10_000);
  });
});

Deno.test("server: R22 the same second twice: identical is one, another status is another punch", async () => {
  await withPort(async (port) => {
    port.allow();
    const at = "2026-03-02 08:58:13";
    await port.upload(
      "ATTLOG",
      `1\t${at}\t0\t1\n1\t${at}\t0\t1\n1\t${at}\t1\t1\n1\t${at}\t0\t15\n`,
    );
    assert.deepEqual(port.punches().sort(), [`1 ${at} 0`, `1 ${at} 1`]);
  });
});

// Red when any of these bodies reaches the queue or a log field.
Deno.test("server: C12 templates, photos and passwords: acknowledged, counted, on no disk, in no log", async () => {
  await withPort(async (port) => {
    port.allow();
    const marker = "TEMPLATEMARKER";
    const filler = marker.repeat(30);
    const photo = new TextEncoder().encode(
      `PIN=20260302085813-1.jpg\nSN=${SN}\nsize=9\nCMD=uploadphoto\0${filler}\n\xff`,
    );
    const uploads: [string, string | Uint8Array][] = [
      ["OPERLOG", `FP PIN=1\tFID=0\tSize=9\tValid=1\tTMP=${filler}\n`],
      ["OPERLOG", `USER PIN=1\tName=N\tPri=0\tPasswd=${marker}\n`],
      ["OPERLOG", `BIOPHOTO PIN=1\tFileName=1.jpg\tContent=${filler}\n`],
      ["OPERLOG", `FUTURE PIN=1\tBlob=${filler}\n`],
      ["FINGERTMP", `FINGERTMP PIN=1\tTMP=${filler}\n`],
      ["FACE", `FACE PIN=1\tTMP=${filler}\n`],
      ["BIODATA", `BIODATA Pin=1\tTmp=${filler}\n`],
      ["BIOPHOTO", filler],
      ["USERPIC", filler],
      ["ATTPHOTO", photo],
      ["IDCARD", `IDCARD IDNum=${filler}`],
      ["somethingnew", `X=${filler}`],
      ["rtstate", `time=2026-03-02 08:00:00\tx=${filler}`],
      ["tabledata&tablename=biodata&count=1", `biodata pin=1\ttmp=${filler}`],
      ["tabledata&tablename=user&count=1", `user pin=1\tpassword=${marker}\tname=N`],
      ["ATTLOG", `FP PIN=1\tTMP=${filler}\n1\t2026-03-02 08:58:13\t0\t1\t0\t${filler}\n`],
    ];
    for (const [table, body] of uploads) {
      const reply = await port.upload(table, body);
      assert.equal(reply.status, 200, table);
      assert.match(reply.body, /^(OK(: \d+)?|\w+=\d+)$/, table);
    }
    const envelope = await port.say({
      method: "POST",
      path: `/iclock/fdata?SN=${SN}&table=ATTPHOTO&PhotoStamp=1`,
      body_base64: photo.toBase64(),
    });
    assert.equal(envelope.body, "OK");
    assert.doesNotMatch(port.onDisk(), new RegExp(marker));
    assert.doesNotMatch(JSON.stringify(port.log.lines), new RegExp(marker));
    assert.doesNotMatch(JSON.stringify(port.users), new RegExp(marker));
    assert.equal(port.devices.lookup(SN)?.discardedBiometrics, 11);
    const raw = port.queue.rejects(10).map((reject) => reject.raw);
    assert.ok(
      raw.some((text) =>
        /\(table somethingnew, \d+ bytes, \d+ lines, digest [0-9a-f]{16}\)$/.test(text)
      ),
    );
  });
});

Deno.test("server: every way to write a path, a method and a header", async () => {
  await withPort(async (port) => {
    port.allow();
    const requests = [
      `GET /iclock/getrequest?SN=${SN} HTTP/1.0\r\n\r\n`,
      `GET /iclock/getrequest.aspx?SN=${SN} HTTP/1.1\r\nHost: x\r\n\r\n`,
      `GET //ICLOCK/GetRequest.ASPX/?sn=${SN} HTTP/1.1\r\n\r\n`,
      `POST /iclock/getrequest?SN=${SN} HTTP/1.1\r\nContent-Length: 0\r\n\r\n`,
      `POST /iclock/getrequest?SN=${SN} HTTP/1.1\r\nConnection: starting\r\n\r\n`,
      `GET /iclock/getrequest?SN=${SN}&INFO=Ver 8.0.4.6-20211110,1,1,0,10.0.0.9,10,58,12,0,1 HTTP/1.1\r\n\r\n`,
    ];
    for (const request of requests) {
      const reply = await port.raw(request);
      assert.equal(reply?.status, 200, request);
      assert.equal(reply?.body, "OK", request);
      assert.equal(reply?.headers.get("Content-Type"), "text/plain");
      assert.equal(reply?.headers.get("Connection"), "close");
    }
    assert.equal(port.devices.lookup(SN)?.facts["firmware"], "Ver 8.0.4.6-20211110");
    const upload = await port.raw(
      `POST /iclock/cdata?SN=${SN}&Table=attlog HTTP/1.1\r\nExpect: 100-continue\r\n` +
        `Content-Type: application/x-www-form-urlencoded\r\ncontent-length: ${LINE.length}\r\n\r\n${LINE}`,
    );
    assert.equal(upload?.body, "OK: 1");
    assert.equal(port.punches().length, 1);
    const empty = await port.raw(
      `GET /iclock/cdata?SN=${SN}&table=ATTLOG&Stamp=9999 HTTP/1.0\r\n\r\n`,
    );
    assert.equal(empty?.body, "OK: 0");
    const posted = await port.raw(`POST ${hello()} HTTP/1.1\r\nContent-Length: 0\r\n\r\n`);
    assert.match(posted?.body ?? "", /^GET OPTION FROM: /, "a greeting that was posted");
    const typed = LINE.replace("08:58", "09:58");
    const both = await port.raw(
      `POST /iclock/cdata?SN=${SN}&table=ATTLOG&type=att HTTP/1.1\r\nContent-Length: ${typed.length}\r\n\r\n${typed}`,
    );
    assert.equal(both?.body, "OK: 1", "a table is an upload whatever else is said");
    assert.equal(port.punches().length, 2);
    assert.equal(
      (await port.say({ method: "DELETE", path: `/iclock/cdata?SN=${SN}` })).status,
      405,
    );
  });
});

// Red when a body that ends early, or was never announced, is acknowledged.
Deno.test("server: a truncated or unannounced body is never acknowledged", async () => {
  await withPort(async (port) => {
    port.allow();
    const head = `POST /iclock/cdata?SN=${SN}&table=ATTLOG HTTP/1.1\r\n`;
    const cut = await port.raw(`${head}Content-Length: 500\r\n\r\n${LINE}`, { half: true });
    assert.equal(cut, null);
    const unannounced = await port.raw(`${head}\r\n${LINE}`);
    assert.equal(unannounced?.status, 411);
    assert.doesNotMatch(unannounced?.body ?? "", /OK/);
    assert.deepEqual(port.punches(), []);
  });
});

Deno.test("server: a terminal that closes before the answer has its rows kept; the repeat is counted", async () => {
  await withPort(async (port) => {
    port.allow();
    const conn = await Deno.connect({ hostname: "127.0.0.1", port: port.server.port });
    await conn.write(new TextEncoder().encode(
      `POST /iclock/cdata?SN=${SN}&table=ATTLOG HTTP/1.1\r\nContent-Length: ${LINE.length}\r\n\r\n${LINE}`,
    ));
    conn.close();
    await until(() => port.punches().length === 1);
    assert.equal((await port.upload("ATTLOG", LINE)).body, "OK: 1");
    assert.equal(port.punches().length, 1);
  });
});

Deno.test("server: users of USER rows are relayed from memory, without passwords, never on disk", async () => {
  await withPort(async (port) => {
    port.allow();
    await port.upload("OPERLOG", "USER PIN=5\tName=Zaphod B\tPri=0\tPasswd=4711\tCard=99\tGrp=1\n");
    assert.equal(port.users[0]?.users[0]?.name, "Zaphod B");
    assert.equal(port.users[0]?.users[0]?.has_password, true);
    assert.doesNotMatch(port.onDisk(), /Zaphod|4711/);
    assert.doesNotMatch(JSON.stringify(port.log.lines), /Zaphod|4711/);
  });
});

Deno.test("server: an access terminal registers, is configured, uploads and answers queries", async () => {
  await withPort(async (port) => {
    port.allow();
    const post = (path: string, body = "") =>
      port.say({ method: "POST", path: `/iclock/${path}`, body });
    const greeting = await port.get(
      `/iclock/cdata?SN=${SN}&options=all&pushver=3.1.2&DeviceType=acc`,
    );
    assert.match(greeting.body, /\nregistry=ok\n/);
    const code = /RegistryCode=([0-9a-f]{32})/.exec(greeting.body)?.[1];
    const registered = await post(
      `registry?SN=${SN}`,
      "DeviceType=acc,~DeviceName=F20,FirmVer=Ver 8",
    );
    assert.equal(registered.body, `RegistryCode=${code}`);
    assert.match(
      (await post(`push?SN=${SN}`)).body,
      /^ServerVersion=[^]*\nSessionID=[0-9a-f]{32}\n/,
    );
    assert.match((await port.get(`/iclock/push?SN=${SN}`)).body, /^ServerVersion=/);
    const row = `transaction cardno=0\tpin=2\tverified=1\tdoorid=1\teventtype=0\tinoutstate=0\t` +
      `time_second=${encodeVendorTime("2026-03-02 08:58:13")}\tindex=1\r\n`;
    const query =
      `querydata?SN=${SN}&type=tabledata&cmdid=1&tablename=transaction&count=1&packcnt=1&packidx=1`;
    assert.equal((await post(query, row)).body, "transaction=1");
    assert.deepEqual(port.punches(), ["2 2026-03-02 08:58:13 0"]);
    const user = "user uid=1\tpin=5\tpassword=\tname=Ann\tprivilege=0";
    const table = `cdata?SN=${SN}&table=tabledata&tablename=user&count=1`;
    assert.equal((await post(table, user)).body, "user=1");
    const device = port.devices.lookup(SN);
    assert.equal(device?.dialect, "access");
    assert.equal(device?.facts["firmware"], "Ver 8");
    await port.restart();
    assert.equal((await post(`registry?SN=${SN}`, "")).body, `RegistryCode=${code}`);
    assert.equal(port.devices.lookup(SN)?.dialect, "access");
  });
});

// Acknowledged and dropped without a word, an unknown data table could have been attendance.
Deno.test("server: of a data table nobody knows it is kept that it came, of doors and rights not", async () => {
  await withPort(async (port) => {
    port.allow(SN, "access");
    const send = (name: string, row: string) =>
      port.upload(`tabledata&tablename=${name}&count=1`, row);
    assert.equal(
      (await send("userauthorize", "userauthorize pin=5\tdoorid=1")).body,
      "userauthorize=1",
    );
    assert.equal((await send("biophoto", "biophoto pin=5\tcontent=AAAA")).body, "biophoto=1");
    assert.deepEqual(port.queue.rejects(10), []);
    assert.equal((await send("passes", "passes pin=5\tat=1")).body, "passes=1");
    const [reject] = port.queue.rejects(10);
    assert.match(reject?.raw ?? "", /\(table passes, 17 bytes, 1 lines, digest [0-9a-f]{16}\)$/);
  });
});

// Turns red when a body in an envelope makes a punch of its first key, or the door answers otherwise.
Deno.test("server: table=ATTLOG&Stamp=…&data=… in a body is an envelope, not a PIN", async () => {
  await withPort(async (port) => {
    port.allow();
    const row = "7\t2026-03-02 07:58:03\t0\t1\t0";
    for (
      const [at, body] of [
        `table=ATTLOG&Stamp=9999&data=${row}`,
        `Stamp=9999&table=ATTLOG&data=${row.replace(":03", ":04")}\n`,
        `data=${row.replace(":03", ":05")}&table=ATTLOG&Stamp=9999`,
      ].entries()
    ) {
      assert.equal((await port.upload("ATTLOG", body)).body, "OK: 1");
      const pins = port.queue.punches({ serial: SN }).map(({ pin }) => pin);
      assert.deepEqual(pins, Array.from({ length: at + 1 }, () => "7"), body);
    }
    assert.deepEqual(port.queue.rejects(10), []);
  });
});

// Turns red when such a door is shut (404: the terminal tries for ever), or is listed at every call.
Deno.test("server: edata: its known tables are taken, others noted once with their name and counted", async () => {
  await withPort(async (port) => {
    port.allow();
    const post = (query: string, body: string) =>
      port.say({ method: "POST", path: `/iclock/edata?SN=${SN}${query}`, body });
    const row = "7\t2026-03-02 07:58:03\t0\t1\t0\n";
    assert.equal((await post("&table=ATTLOG&Stamp=1", row)).body, "OK: 1");
    assert.deepEqual(port.queue.punches({ serial: SN }).map(({ pin }) => pin), ["7"]);
    for (const n of [1, 2, 3]) {
      assert.equal((await post("", `door=${n}\tevent=200\ndoor=2\n`)).body, "OK");
      assert.equal((await post("&table=DoorLog", `door=${n}`)).body, "OK: 1");
    }
    assert.equal((await post("", "")).status, 404, "nothing came");
    const raws = port.queue.rejects(10).map(({ raw }) => /\(([^,]*),/.exec(raw)?.[1]).sort();
    assert.deepEqual(raws, ["table doorlog", "table edata"]);
    const facts = port.devices.lookup(SN)?.facts ?? {};
    assert.deepEqual([facts["other_tables"], facts["other_table_rows"]], ["edata doorlog", 9]);
    assert.equal((await post("&table=BIODATA", "BIODATA Pin=1\tTmp=AAAA\n")).body, "OK: 1");
    assert.equal(port.queue.rejects(10).length, 2, "templates are no table of nobody's");
  });
});

Deno.test("server: a terminal of push 3.0 hears OK for its users, or it repeats them for ever", async () => {
  await withPort(async (port) => {
    port.allow();
    await port.get(`/iclock/cdata?SN=${SN}&options=all&pushver=3.0.1&DeviceType=acc`);
    const reply = await port.upload("tabledata&tablename=user&count=1", "user pin=5\tname=Ann");
    assert.equal(reply.body, "OK: 1");
  });
});

Deno.test("server: so does any other that repeats the same rows", async () => {
  await withPort(async (port) => {
    port.allow(SN, "access");
    const say = (name: string) =>
      port.upload("tabledata&tablename=user&count=1", `user pin=5\tname=${name}`);
    assert.equal((await say("Ann")).body, "user=1");
    assert.equal((await say("Ben")).body, "user=1");
    assert.equal((await say("Ben")).body, "OK: 1");
    assert.equal((await say("Ann")).body, "OK: 1");
  });
});
