/** The line to a site: whose certificate counts, where a redirect leads, how much of an answer is read. */
import assert from "node:assert/strict";
import { MAX_ANSWER_BYTES } from "../../../edge_agent/delivery/http.ts";
import { DestinationHttp, Unreachable } from "../../../edge_agent/delivery/delivery.ts";
import { Site } from "../../../edge_agent/erpnext/erpnext.ts";
import { makeAuthority, makeServed, type Served } from "../../sim/certificates.ts";
import { FaultyProxy } from "../../sim/faulty_proxy.ts";

function doorTo(url: string, pinnedAuthorities: readonly string[] = []) {
  const http = new DestinationHttp({
    timeoutMs: 5_000,
    pinnedAuthorities,
    monotonic: () => performance.now(),
  });
  const access = () => ({ url, key: "k", secret: "SECRET" });
  return { http, site: new Site({ http, access, agentVersion: "test", now: Date.now }) };
}

/** A server that answers the one question that is asked here, and counts who asks. */
function server(tls: Partial<Served> = {}) {
  let requests = 0;
  const options = { hostname: "127.0.0.1", port: 0, onListen: () => {}, ...tls };
  const served = Deno.serve(options, () => {
    requests += 1;
    return Response.json({ message: { time_zone: "Asia/Manila" } });
  });
  const scheme = tls.cert === undefined ? "http" : "https";
  return {
    url: `${scheme}://localhost:${(served.addr as Deno.NetAddr).port}`,
    get requests() {
      return requests;
    },
    stop: () => served.shutdown(),
  };
}

async function askTls(tls: Served, pins: readonly string[]): Promise<[string, number]> {
  const far = server(tls);
  const { http, site } = doorTo(far.url, pins);
  try {
    return [await site.timeZone(), far.requests];
  } catch (error) {
    assert.ok(error instanceof Unreachable, String(error));
    return [error.message.split(":")[0] ?? "", far.requests];
  } finally {
    http.stop();
    await far.stop();
  }
}

// Red when `rejectUnauthorized` is false, or pins are added to the authorities that are trusted anyway.
Deno.test("S29 S31 (ERPNext) a wrong certificate gets no byte, a pin alone is trusted, two let it change", async () => {
  const authority = makeAuthority("Company CA"), next = makeAuthority("CA 2027");
  const day = 86_400_000;
  const past = makeServed(authority, { from: Date.now() - 9 * day, until: Date.now() - day });
  const otherName = makeServed(authority, { dns: ["elsewhere.example.com"] });
  const refused = ["tls", 0];
  assert.deepEqual(await askTls(past, [authority.pem]), refused, "expired");
  assert.deepEqual(await askTls(otherName, [authority.pem]), refused, "wrong name");
  assert.deepEqual(await askTls(makeServed(authority), []), refused, "unknown authority");
  assert.deepEqual(await askTls(makeServed(authority), [next.pem]), refused, "another pin");
  for (const one of [authority, next]) {
    const both = [authority.pem, next.pem];
    assert.deepEqual(await askTls(makeServed(one), both), ["Asia/Manila", 1], one.name);
  }
});

Deno.test("S29 (ERPNext) there is no setting that switches verification off", async () => {
  const { configSchema } = await import("../../../edge_agent/base/config_schema.ts");
  const names = JSON.stringify(Object.keys(configSchema.shape.erpnext.unwrap().shape))
    .toLowerCase();
  for (const word of ["insecure", "verify", "skip", "ignore"]) assert.ok(!names.includes(word));
});

// Red when a redirect is followed: the key of the agent would go along.
Deno.test("S30 (ERPNext) a redirect reaches nobody else", async () => {
  const elsewhere = server();
  const proxy = new FaultyProxy(() => elsewhere.url);
  proxy.start();
  proxy.redirectTo = `${elsewhere.url}/api/method/frappe.client.get_time_zone`;
  proxy.fault = () => "redirect";
  const { http, site } = doorTo(proxy.url);
  try {
    for (const status of [301, 302, 303, 307, 308]) {
      proxy.redirectStatus = status;
      await assert.rejects(site.timeZone(), /at this address there is no such site/, `${status}`);
    }
    assert.equal(elsewhere.requests, 0);
  } finally {
    http.stop();
    proxy.stop();
    await elsewhere.stop();
  }
});

// Red when the cap is not applied while reading: the memory grows with the bomb.
Deno.test("S28 (ERPNext) an endless answer is cut at the cap, and nothing inflates", async () => {
  const far = server();
  const proxy = new FaultyProxy(() => far.url);
  proxy.start();
  const { http, site } = doorTo(proxy.url);
  try {
    const before = Deno.memoryUsage().rss;
    proxy.fault = () => "bomb";
    await assert.rejects(site.timeZone(), /too_large/);
    assert.ok(proxy.bytesOfBomb < 16 * MAX_ANSWER_BYTES, "reading stopped");
    assert.ok(Deno.memoryUsage().rss - before < 50 * 1024 * 1024);
    proxy.fault = () => "gzip-bomb";
    await assert.rejects(site.timeZone(), /status 200 without ERPNext's JSON/);
  } finally {
    http.stop();
    proxy.stop();
    await far.stop();
  }
});
