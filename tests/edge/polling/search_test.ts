/** Which addresses are asked for a lost terminal: never outside the machine's own private networks. */
import fc from "fast-check";
import assert from "node:assert/strict";
import { searchedAddresses, TerminalSearch } from "../../../edge_agent/polling/search.ts";
import { ManualClock } from "../../sim/manual_clock.ts";
import { KeptLog } from "../port/port_kit.ts";

function own(address: string, netmask = "255.255.255.0") {
  return { address, netmask };
}

Deno.test("the addresses asked are those around the machine and around where the terminal was", () => {
  const home = searchedAddresses([own("192.168.1.10")], "192.168.1.50");
  assert.equal(home.length, 252, "254 without its own and the lost one");
  assert.ok(!home.includes("192.168.1.10") && !home.includes("192.168.1.50"));
  assert.ok(home.every((address) => address.startsWith("192.168.1.")));
  const wide = searchedAddresses([own("10.1.2.3", "255.255.0.0")], "10.1.9.9");
  assert.deepEqual([wide[0], wide.length], ["10.1.9.1", 253 + 253]);
  assert.ok(wide.every((address) => /^10\.1\.[29]\./.test(address)));
  const careless = searchedAddresses([own("192.168.1.10", "0.0.0.0")], "8.8.8.8");
  assert.ok(careless.every((address) => address.startsWith("192.168.1.")));
  const small = searchedAddresses([own("172.16.0.2", "255.255.255.248")], "terminal.local");
  assert.deepEqual(small, ["172.16.0.1", "172.16.0.3", "172.16.0.4", "172.16.0.5", "172.16.0.6"]);
  const far = searchedAddresses([own("192.168.1.10")], "192.168.7.50");
  assert.ok(far.every((address) => address.startsWith("192.168.1.")), "another site is not ours");
});

// Trusting the netmask alone turns this red: a machine on the Internet would ask strangers.
Deno.test("property: no public address is ever asked, and never more than two small networks", () => {
  const address = fc.ipV4();
  fc.assert(
    fc.property(fc.array(fc.tuple(address, address), { maxLength: 6 }), address, (of, lost) => {
      const asked = searchedAddresses(of.map(([here, mask]) => own(here, mask)), lost);
      assert.ok(asked.length <= 508);
      for (const one of asked) {
        assert.match(one, /^(10\.|192\.168\.|169\.254\.|127\.|172\.(1[6-9]|2\d|3[01])\.)/);
      }
      assert.ok(!of.some(([here]) => asked.includes(here)), "not itself");
    }),
  );
});

// Asking all at once turns this red: the branch's router would take it for an attack.
Deno.test("a search asks eight at a time, stops when found, and leaves other terminals in peace", async () => {
  const asked: string[] = [];
  let open = 0, most = 0;
  const search = new TerminalSearch({
    interfaces: () => [own("192.168.1.10")],
    isAllowed: () => true,
    serialAt: async ({ host }) => {
      asked.push(host);
      most = Math.max(most, ++open);
      await Promise.resolve();
      open--;
      return host === "192.168.1.40" ? "A1" : host === "192.168.1.30" ? "B2" : null;
    },
    clock: new ManualClock(),
    log: new KeptLog(),
  });
  const target = {
    serial: "A1",
    host: "192.168.1.50",
    port: 4370,
    transport: "tcp",
    commKey: 0,
  } as const;
  const taken = new Set(["192.168.1.20"]);
  assert.equal(await search.find(target, taken), "192.168.1.40");
  assert.equal(most, 8);
  assert.ok(!asked.includes("192.168.1.20"));
  assert.ok(asked.length < 60, `${asked.length}`);
  assert.equal(await search.find(target, taken), null, "not again so soon");
});
