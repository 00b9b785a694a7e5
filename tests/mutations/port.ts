/** Hostile and careless changes to who is let in at the device port and what is answered there. */
import type { RoomMutations } from "../../dev/mutation.ts";

const gate = "edge_agent/port/gate.ts";
const server = "edge_agent/port/server.ts";
const tables = "edge_agent/port/tables.ts";

const list: RoomMutations = {
  tests: [
    "tests/edge/port/gate_test.ts",
    "tests/edge/port/server_test.ts",
    "tests/edge/port/stamp_test.ts",
    "tests/edge/fleet/devices_test.ts",
  ],
  mutations: [
    {
      says: "what is known of one address holds for all",
      file: gate,
      from: "forwardedFor === undefined ? this.#peers.get(socketPeer) : undefined;",
      to: "forwardedFor === undefined ? [...this.#peers.values()][0] : undefined;",
    },
    {
      says: "an address is remembered before its proxy's word is heard",
      file: gate,
      from: "forwardedFor === undefined ? this.#peers.get(socketPeer) : undefined;",
      to: "this.#peers.get(socketPeer);",
    },
    {
      says: "the speaker behind a proxy is remembered as the proxy",
      file: gate,
      from: "    if (forwardedFor !== undefined) return peer;\n",
      to: "",
    },
    {
      says: "an address that is not listed is let in",
      file: gate,
      from: "    if (!allowed) return this.#stranger(peer, socketPeer);\n",
      to: "",
    },
    {
      says: "open although a list is there",
      file: gate,
      from: "allowed: this.#settings.allowAny || this.#allow.has(address)",
      to: "allowed: this.#settings.allowAny || !this.#allow.empty",
    },
    {
      says: "any secret path fits",
      file: gate,
      from: "secretPath !== undefined && sha256Hex(given) === sha256Hex(secretPath)",
      to: 'secretPath !== undefined && given !== ""',
    },
    {
      says: "a serial that nobody allowed is let in",
      file: gate,
      from: 'if (device === undefined || device.state === "refused") {',
      to: "if (device === undefined) {",
    },
    {
      says: "a wrong comm key fits",
      file: gate,
      from: "    if (sha256Hex(given) !== sha256Hex(wanted)) return false;\n",
      to: "",
    },
    {
      says: "a word that nobody knows is acknowledged",
      file: server,
      from: "(this.#handlers.get(call.visit.endpoint)?.(call) ?? ABSENT)",
      to: '(this.#handlers.get(call.visit.endpoint)?.(call) ?? "OK")',
    },
    {
      says: "what failed is acknowledged",
      file: server,
      from: "      return { status: 503, body: FAILED };\n",
      to: '      return { status: 200, body: "OK" };\n',
    },
    {
      says: "what is to happen after the answer happens before it",
      file: server,
      from: "const written = () => whenWritten.forEach((act) => act());",
      to: "const written = (whenWritten.forEach((act) => act()), () => undefined);",
    },
    {
      says: "a handler of another word answers",
      file: server,
      from: "      devicecmd: (call) => this.#results(call),\n",
      to: '      devicecmd: () => "OK",\n',
    },
    {
      says: "the stamp goes with every piece",
      file: tables,
      from: "const stamp = last ? stampOf(query) : null;",
      to: "const stamp = last || true ? stampOf(query) : null;",
    },
    {
      says: "settings are read once for all terminals",
      file: "edge_agent/fleet/device_row.ts",
      from: "let settings = read.get(given);",
      to:
        "given = (globalThis as { once?: typeof given }).once ??= given; let settings = read.get(given);",
    },
  ],
};

export default list;
