/** Who counts as whom: address lists and forwarded headers. */
import fc from "fast-check";
import assert from "node:assert/strict";
import {
  BadAddress,
  isLoopback,
  PeerList,
  plainAddress,
  speaker,
} from "../../../edge_agent/base/peers.ts";

// Red when ::ffff: is compared as text, or a prefix is cut at whole bytes.
Deno.test("peers: S05 IPv4, CIDR, IPv6 and mapped peers, in and out", () => {
  const list = new PeerList(["10.77.0.0/23", "192.168.1.5", "fd00:1::/60", "2001:db8::7"]);
  const inside = [
    "10.77.0.0",
    "10.77.1.255",
    "::ffff:10.77.1.9",
    "::FFFF:0a4d:0109",
    "192.168.1.5",
    "fd00:1:0:f::1",
    "2001:DB8:0:0::7",
    "fd00:1::1%eth0",
  ];
  const outside = [
    "10.77.2.0",
    "10.76.255.255",
    "192.168.1.50",
    "::ffff:10.77.2.1",
    "fd00:1:0:10::1",
    "2001:db8::8",
    "",
    "localhost",
    "10.77.1",
    "10.77.1.09",
    "::10.77.1.9",
  ];
  for (const peer of inside) assert.equal(list.has(peer), true, peer);
  for (const peer of outside) assert.equal(list.has(peer), false, peer);
  assert.equal(new PeerList(["::ffff:10.0.0.0/104"]).has("10.9.9.9"), true);
  assert.equal(new PeerList(["0.0.0.0/0"]).has("::1"), false);
  assert.equal(new PeerList([]).has("127.0.0.1"), false);
});

Deno.test("peers: an entry that is none is named", () => {
  for (
    const entry of ["", "10.0.0.0/33", "fd00::/129", "10.0.0", "a::b::c", "10.0.0.0/x", "1/2/3"]
  ) {
    assert.throws(() => new PeerList([entry]), BadAddress, entry);
  }
});

Deno.test("peers: S04 a forwarded header counts only from a listed proxy, from the right", () => {
  const proxies = new PeerList(["10.0.0.1", "10.0.0.2"]);
  const cases: [string, string | undefined, string][] = [
    ["10.9.9.9", "1.2.3.4", "10.9.9.9"],
    ["10.0.0.1", undefined, "10.0.0.1"],
    ["::ffff:10.0.0.1", "1.2.3.4", "1.2.3.4"],
    ["10.0.0.1", "9.9.9.9, 1.2.3.4", "1.2.3.4"],
    ["10.0.0.1", "1.2.3.4, 10.0.0.2", "1.2.3.4"],
    ["10.0.0.1", "1.2.3.4, nonsense", "10.0.0.1"],
    ["10.0.0.1", "1.2.3.4:5678", "1.2.3.4"],
    ["10.0.0.1", "[2001:db8::7]:443", "2001:db8::7"],
    ["10.0.0.1", "", "10.0.0.1"],
    ["10.0.0.1", "10.0.0.2", "10.0.0.1"],
  ];
  for (const [peer, header, wanted] of cases) {
    assert.equal(speaker(peer, header, proxies), wanted, `${peer} ${header}`);
  }
  assert.equal(plainAddress("::ffff:10.0.0.7"), "10.0.0.7");
});

Deno.test("peers: property: an IPv4 address is in its own network of any width, mapped or not", () => {
  fc.assert(
    fc.property(fc.ipV4(), fc.integer({ min: 0, max: 32 }), (address, bits) => {
      const list = new PeerList([`${address}/${bits}`]);
      assert.ok(list.has(address) && list.has(`::ffff:${address}`));
    }),
  );
  fc.assert(
    fc.property(fc.ipV6(), fc.integer({ min: 0, max: 128 }), (address, bits) => {
      assert.ok(new PeerList([`${address}/${bits}`]).has(address));
    }),
  );
  fc.assert(fc.property(fc.string(), (text) => {
    new PeerList(["10.0.0.0/8"]).has(text);
    speaker(text, text, new PeerList([]));
  }));
});

Deno.test("isLoopback() believes no name that merely begins so", () => {
  for (const name of ["localhost", "127.0.0.1", "127.8.9.1", "::1", "[::1]"]) {
    assert.equal(isLoopback(name), true, name);
  }
  for (const name of ["127.0.0.1.nip.io", "0.0.0.0", "10.0.0.1", "localhost.evil", "::"]) {
    assert.equal(isLoopback(name), false, name);
  }
});
