/** The device port through its door: raw sockets in, the real queue behind. */
import assert from "node:assert/strict";
import { encodeVendorTime } from "../../edge_agent/adms_text.ts";
import { type Queue, StoreUnavailable } from "../../edge_agent/queue.ts";
import type { PunchStore } from "../../edge_agent/server.ts";
import { SN, withPort } from "./port_kit.ts";

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
}

async function until(holds: () => boolean): Promise<void> {
  for (let turn = 0; turn < 400 && !holds(); turn++) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  assert.ok(holds());
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
      await new Promise((resolve) => setTimeout(resolve, 50));
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

// Red when an unknown serial's rows are stored, or its answer says OK.
Deno.test("server: S01 an unknown serial is refused everywhere, listed once, stored nowhere", async () => {
  await withPort(async (port) => {
    const replies = [
      await port.upload("ATTLOG", LINE, "STRANGER1"),
      await port.upload("options", "~DeviceName=x", "STRANGER1"),
      await port.upload("BIODATA", "BIODATA Pin=1\tTmp=AAAA", "STRANGER1"),
      await port.get(hello("STRANGER1")),
      await port.get("/iclock/getrequest?SN=STRANGER1"),
      await port.get("/iclock/ping?SN=STRANGER1"),
    ];
    for (const reply of replies) {
      assert.equal(reply.status, 403);
      assert.doesNotMatch(reply.body, /OK|GET OPTION/);
    }
    assert.equal((await port.get("/iclock/registry?SN=STRANGER1")).status, 406);
    const unknown = port.devices.unknown();
    assert.equal(unknown.length, 1);
    assert.equal(unknown[0]?.serial, "STRANGER1");
    assert.equal(unknown[0]?.count, 7);
    assert.equal(unknown[0]?.peer, "127.0.0.1");
    assert.equal(port.queue.laneHead().seq, 0);
    assert.deepEqual(port.queue.deviceRows(), []);
    assert.equal(port.log.lines.filter((line) => /not allowed/.test(line.message)).length, 1);
  });
});

Deno.test("server: a waiting device is captured, a refused one is not", async () => {
  await withPort(async (port) => {
    port.devices.apply([
      { serial: "W1", state: "waiting", time_zone: "Asia/Manila", dialect: null },
      { serial: "R1", state: "refused", time_zone: "Asia/Manila", dialect: null },
    ]);
    assert.equal((await port.upload("ATTLOG", LINE, "W1")).body, "OK: 1");
    assert.equal(port.punches("W1").length, 1);
    assert.equal((await port.upload("ATTLOG", LINE, "R1")).status, 403);
    assert.equal(port.punches("R1").length, 0);
  });
});

// Red when the forwarded header is believed, or the list is not looked at.
Deno.test("server: S03 S04 a known serial from an address not listed is refused, whatever it claims", async () => {
  const claims = [
    {},
    { "X-Forwarded-For": "10.77.0.5" },
    { "x-forwarded-for": "10.77.0.5, 10.77.0.6" },
    { "X-Real-IP": "10.77.0.5" },
    { "Forwarded": "for=10.77.0.5" },
    { "Client-IP": "10.77.0.5" },
    { "X-FORWARDED-FOR": "10.77.0.5", "X-Real-IP": "10.77.0.5" },
  ];
  await withPort(async (port) => {
    port.allow();
    for (const headers of claims) {
      const reply = await port.say({
        method: "POST",
        path: `/iclock/cdata?SN=${SN}&table=ATTLOG`,
        headers: headers as Record<string, string>,
        body: LINE,
      });
      assert.equal(reply.status, 403, JSON.stringify(headers));
    }
    assert.deepEqual(port.punches(), []);
    assert.deepEqual(port.devices.unknown(), []);
  }, { allow: ["10.77.0.0/24"] });
});

Deno.test("server: S04 behind a listed proxy the last address it did not add itself counts", async () => {
  await withPort(async (port) => {
    port.allow();
    const from = (address: string) => port.get(hello(), { "X-Forwarded-For": address });
    assert.equal((await from("10.77.0.5")).status, 200);
    assert.equal((await from("10.77.0.5, 10.9.9.9")).status, 403);
    assert.equal((await from("10.9.9.9, 10.77.0.5")).status, 200);
    assert.equal((await from("nonsense")).status, 403);
    assert.equal((await port.get(hello())).status, 403);
    assert.equal(port.devices.lookup(SN)?.peer, "10.77.0.5");
  }, { allow: ["10.77.0.0/24"], trustedProxies: ["127.0.0.1"] });
});

Deno.test("server: S05 an empty list refuses everybody and says what to do; open must be said", async () => {
  await withPort(async (port) => {
    port.allow();
    assert.equal((await port.get(hello())).status, 403);
    assert.ok(port.log.lines.some((line) => /devicePort\.allow is empty/.test(line.message)));
  }, { allow: [] });
  await withPort(async (port) => {
    port.allow();
    assert.equal((await port.get(hello())).status, 200);
  }, { allow: [], allowAny: true });
});

// Red when the path is served without its secret.
Deno.test("server: the secret path, compulsory or not, in any case of the rest", async () => {
  const secretPath = "branch-Word-0123456789";
  await withPort(async (port) => {
    port.allow();
    const at = (path: string) => port.get(`${path}/cdata?SN=${SN}&options=all`);
    assert.equal((await at(`/t/${secretPath}/iclock`)).status, 200);
    assert.equal((await at(`/t/${secretPath}/ICLOCK`)).status, 200);
    assert.equal((await at("/iclock")).status, 403);
    assert.equal((await at(`/t/${secretPath.toLowerCase()}/iclock`)).status, 403);
    assert.equal((await at("/t/wrong/iclock")).status, 403);
    for (const line of port.log.lines) assert.doesNotMatch(JSON.stringify(line), /branch-Word/);
  }, { secretPath, requireSecretPath: true });
  await withPort(async (port) => {
    port.allow();
    assert.equal((await port.get("/iclock/cdata?SN=" + SN)).status, 200);
    assert.equal((await port.get("/t/wrong/iclock/cdata?SN=" + SN)).status, 403);
  }, { secretPath });
});

Deno.test("server: a comm key that is asked for binds the serial to the peer that showed it", async () => {
  await withPort(async (port) => {
    port.devices.apply([{
      serial: SN,
      state: "active",
      time_zone: "Asia/Manila",
      dialect: null,
      settings: { comm_key: "4a9594af164f2b97" },
    }]);
    assert.equal((await port.upload("ATTLOG", LINE)).status, 403);
    assert.equal((await port.get(hello())).status, 403);
    assert.equal((await port.get(hello(SN, "&pushcommkey=wrong"))).status, 403);
    assert.equal((await port.get(hello(SN, "&pushcommkey=4a9594af164f2b97"))).status, 200);
    assert.equal((await port.upload("ATTLOG", LINE)).status, 200);
  });
});

// Red when the serial is not checked before it is used.
Deno.test("server: S13 S16 hostile serials, paths and file names on every route", async () => {
  await withPort(async (port) => {
    port.allow();
    const before = [...Deno.readDirSync(port.directory)].length;
    const serials = [
      "%27%3B%20DROP%20TABLE%20punch",
      "../../etc/passwd",
      "..%2f..%2fetc%2fpasswd",
      "A".repeat(10_000),
      "A%00B",
      "%F0%9F%98%80",
      "A%0d%0aSet-Cookie:x",
      "",
    ];
    const routes = ["cdata", "getrequest", "devicecmd", "fdata", "ping", "registry", "push"];
    for (const route of [...routes, "querydata", "rtdata", "file", "exchange"]) {
      for (const serial of serials) {
        const reply = await port.get(`/iclock/${route}?SN=${serial}&table=ATTLOG`);
        assert.equal(reply.status, 400, `${route} ${serial.slice(0, 40)}`);
      }
    }
    for (
      const path of [
        `/iclock/file?SN=${SN}&url=../../etc/passwd`,
        `/iclock/../../etc/passwd?SN=${SN}`,
        `/iclock/%2e%2e/cdata?SN=${SN}`,
        `/iclock/edata?SN=${SN}`,
        `/?SN=${SN}`,
        "/favicon.ico",
      ]
    ) assert.equal((await port.get(path)).status, 404, path);
    const named = await port.get(`/iclock/getrequest?SN=${SN}&filename=../../x`);
    assert.equal(named.body, "OK");
    assert.equal([...Deno.readDirSync(port.directory)].length, before);
    assert.deepEqual(port.devices.unknown(), []);
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
      raw.some((text) => /^table somethingnew: \d+ bytes, sha256 [0-9a-f]{64}$/.test(text)),
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

// Red when the clock's trust is not asked: a terminal would be set to 2020.
Deno.test("server: Date, zone and time only while our own clock is trusted", async () => {
  await withPort(async (port) => {
    port.allow();
    const told = await port.get(hello());
    assert.equal(told.headers.get("Date"), "Mon, 02 Mar 2026 01:00:00 GMT");
    assert.match(told.body, /\nTimeZone=8\n/);
    assert.equal(
      (await port.get(`/iclock/rtdata?SN=${SN}&type=time`)).body,
      `DateTime=${encodeVendorTime("2026-03-02 09:00:00")},ServerTZ=+0800`,
    );
    assert.equal(
      (await port.get(`/iclock/cdata?SN=${SN}&type=time`)).body,
      "Time=2026-03-02T09:00:00+08:00",
    );
    port.clock.believed = false;
    const silent = await port.get(hello());
    assert.equal(silent.headers.has("Date"), false);
    assert.equal(silent.headers.has("date"), false);
    assert.equal((await port.get(`/iclock/rtdata?SN=${SN}&type=time`)).status, 503);
    assert.equal((await port.get(`/iclock/cdata?SN=${SN}&type=time`)).status, 503);
  });
});

Deno.test("server: without trust the zone last told stays, a summer time of 2020 is not told", async () => {
  await withPort(async (port) => {
    port.devices.allow(SN, { timeZone: "Europe/Berlin" });
    assert.match((await port.get(hello())).body, /\nTimeZone=1\n/);
    port.clock.believed = false;
    port.clock.jump(Date.UTC(2020, 6, 1) - port.clock.now());
    assert.match((await port.get(hello())).body, /\nTimeZone=1\n/);
  });
});

// Red when the new offset waits for the terminal to greet by itself.
Deno.test("server: when summer time begins the terminal is asked to greet again", async () => {
  await withPort(async (port) => {
    port.devices.allow(SN, { timeZone: "Europe/Berlin" });
    await port.get(hello());
    assert.equal((await port.get(`/iclock/getrequest?SN=${SN}`)).body, "OK");
    port.clock.advance(28 * 86_400_000);
    const poll = await port.get(`/iclock/getrequest?SN=${SN}`);
    assert.match(poll.body, /^C:\d+:CHECK\n/);
    assert.match((await port.get(hello())).body, /\nTimeZone=2\n/);
  });
});

Deno.test("server: an unheard terminal may upload and poll; it is asked to greet after a minute", async () => {
  await withPort(async (port) => {
    port.allow();
    assert.equal((await port.upload("ATTLOG", LINE)).body, "OK: 1");
    assert.equal((await port.get(`/iclock/getrequest?SN=${SN}`)).body, "OK");
    port.clock.advance(61_000);
    assert.match((await port.get(`/iclock/getrequest?SN=${SN}`)).body, /^C:\d+:CHECK\n$/);
    assert.equal((await port.get(`/iclock/getrequest?SN=${SN}`)).body, "OK");
  });
});

// Red when the silence is not asked for: what was punched meanwhile would rest on stamps alone.
Deno.test("server: after a silence the window is asked for, and its rows make a run", async () => {
  await withPort(async (port) => {
    port.allow();
    await port.get(hello());
    await port.get(`/iclock/getrequest?SN=${SN}`);
    port.clock.advance(30 * 60_000);
    const poll = await port.get(`/iclock/getrequest?SN=${SN}`);
    const match = /^C:(\d+):DATA QUERY ATTLOG StartTime=(.*)\tEndTime=(.*)\n$/.exec(poll.body);
    assert.deepEqual(match?.slice(2), ["2026-03-02 08:55:00", "2026-03-02 09:30:00"]);
    await port.upload("ATTLOG", "1\t2026-03-02 08:58:13\t0\t1\n2\t2026-03-02 09:10:00\t0\t1\n");
    await port.say({
      method: "POST",
      path: `/iclock/devicecmd?SN=${SN}`,
      body: `ID=${match?.[1]}&Return=2&CMD=DATA\n`,
    });
    assert.equal((await port.get(`/iclock/getrequest?SN=${SN}`)).body, "OK");
    const [run] = port.queue.runs(5);
    assert.equal(run?.outcome, "complete");
    assert.equal(run?.read, 2);
    assert.equal(run?.deviceCount, 2);
    assert.equal(run?.askedBy, "agent");
  });
});

Deno.test("server: a terminal whose clock was set is asked for its last days, once an hour", async () => {
  await withPort(async (port) => {
    port.allow();
    await port.get(hello());
    const oplog = "OPLOG 21\t0\t2026-03-02 09:00:00\t0\t0\t0\t0\n";
    assert.equal((await port.upload("OPERLOG", oplog)).body, "OK: 1");
    const poll = await port.get(`/iclock/getrequest?SN=${SN}`);
    assert.match(poll.body, /DATA QUERY ATTLOG StartTime=2026-02-27 09:00:00\t/);
    assert.equal(port.devices.lookup(SN)?.facts["clock_changes"], 1);
    const id = /^C:(\d+):/.exec(poll.body)?.[1];
    await port.say({
      method: "POST",
      path: `/iclock/devicecmd?SN=${SN}`,
      body: `ID=${id}&Return=0&CMD=DATA`,
    });
    await port.upload("OPERLOG", oplog);
    assert.equal((await port.get(`/iclock/getrequest?SN=${SN}`)).body, "OK");
  });
});

Deno.test("server: after damage to the queue a terminal is asked for its whole history, until it is through", async () => {
  let wanted = true;
  await withPort(
    async (port) => {
      port.allow();
      await port.get("/iclock/ping?SN=" + SN);
      assert.match((await port.get(`/iclock/getrequest?SN=${SN}`)).body, /^C:\d+:CHECK\n$/);
      assert.match((await port.get(hello())).body, /\nATTLOGStamp=0\n/);
      await port.upload("ATTLOG", LINE);
      port.clock.advance(30_000);
      await port.get(`/iclock/getrequest?SN=${SN}`);
      assert.equal(wanted, true);
      port.clock.advance(31_000);
      await port.get(`/iclock/getrequest?SN=${SN}`);
      assert.equal(wanted, false);
      assert.doesNotMatch((await port.get(hello())).body, /Stamp=0\n/);
    },
    {},
    (queue) => ({
      add: (upload) => queue.add(upload),
      stamp: (serial, table) => queue.stamp(serial, table),
      needsReread: () => wanted,
      rereadDone: () => void (wanted = false),
    } as PunchStore),
  );
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

Deno.test("server: a terminal of push 3.0 hears OK for its users, or it repeats them for ever", async () => {
  await withPort(async (port) => {
    port.allow();
    await port.get(`/iclock/cdata?SN=${SN}&options=all&pushver=3.0.1&DeviceType=acc`);
    const reply = await port.upload("tabledata&tablename=user&count=1", "user pin=5\tname=Ann");
    assert.equal(reply.body, "OK: 1");
  });
});
