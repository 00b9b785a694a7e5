/** Who is let in at the device port: unknown serials, addresses, secret path, comm key, hostile names. */
import assert from "node:assert/strict";
import type { RequestHead } from "../../../edge_agent/http1/request.ts";
import { Gate } from "../../../edge_agent/port/gate.ts";
import { SN, withPort } from "./port_kit.ts";

const LINE = "1\t2026-03-02 08:58:13\t0\t1\t0\t0\t0\n";
const hello = (serial = SN, more = "") =>
  `/iclock/cdata?SN=${serial}&options=all&pushver=2.4.1${more}`;

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
    assert.equal(port.devices.lookup(SN)?.facts["push_comm_key"], "set");
    assert.doesNotMatch(JSON.stringify([port.log.lines, port.report()]), /4a9594/);
  });
});

Deno.test("server: a comm key left at its default is told", async () => {
  await withPort(async (port) => {
    port.allow();
    await port.get(hello(SN, "&Comkey=88888888"));
    assert.equal(port.devices.lookup(SN)?.facts["push_comm_key"], "default");
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

// Red when what is remembered of one address is taken for another, or an allowance outlives its address. At the gate
// itself: one machine has too few addresses.
Deno.test("server: S03 what is remembered of an address is that address's alone, in every order", async () => {
  await withPort((port) => {
    port.allow();
    const settings = {
      allow: ["10.77.0.0/24", "fd00::7"],
      allowAny: false,
      trustedProxies: [],
      requireSecretPath: false,
    };
    const gate = new Gate({ settings, devices: port.devices, log: port.log });
    const head: RequestHead = {
      method: "GET",
      path: "/iclock/getrequest",
      query: `SN=${SN}`,
      version: "1.1",
      headers: new Map(),
      length: null,
      chunked: false,
      expectsContinue: false,
    };
    const peerOf = (address: string) => {
      const judged = gate.judge(head, address);
      return "peer" in judged ? judged.peer : judged.status;
    };
    // More addresses than are remembered, and each again when it was forgotten.
    for (let round = 0; round < 3; round++) {
      for (let n = 0; n < 1_500; n++) {
        const [near, far] = [`10.77.0.${n % 256}`, `10.78.${n >> 8}.${n % 256}`];
        assert.equal(peerOf(near), near);
        assert.equal(peerOf(`::ffff:${near}`), near);
        assert.equal(peerOf(far), 403);
        assert.equal(peerOf("fd00::7%eth0"), "fd00::7");
        assert.equal(peerOf("fd00::8"), 403);
      }
    }
    return Promise.resolve();
  });
});

// Red when the speaker behind a proxy is remembered as the proxy's own address, or the proxy's as his.
Deno.test("server: S04 each request behind a proxy names its own speaker, whoever spoke before", async () => {
  await withPort(async (port) => {
    port.allow();
    const from = (address?: string) =>
      port.get(hello(), address === undefined ? {} : { "X-Forwarded-For": address });
    const asked: [string | undefined, number][] = [
      [undefined, 403],
      ["10.77.0.5", 200],
      [undefined, 403],
      ["10.9.9.9", 403],
      ["10.77.0.6", 200],
      ["10.9.9.9", 403],
    ];
    for (const [address, status] of asked) {
      assert.equal((await from(address)).status, status, `${address}`);
    }
    assert.equal(port.devices.lookup(SN)?.peer, "10.77.0.6");
  }, { allow: ["10.77.0.0/24"], trustedProxies: ["127.0.0.1"] });
});
