/** Who may import what: the clear and node-zklib are each behind one door. */
import assert from "node:assert/strict";

const AGENT = new URL("../../edge_agent/", import.meta.url);

function sources(): Map<string, string> {
  const found = new Map<string, string>();
  for (const entry of Deno.readDirSync(AGENT)) {
    if (entry.name.endsWith(".ts")) {
      found.set(entry.name, Deno.readTextFileSync(new URL(entry.name, AGENT)));
    }
  }
  return found;
}

function importersOf(pattern: RegExp): string[] {
  return [...sources()].filter(([, text]) =>
    [...text.matchAll(/^(?:import|export)[^;]*?from "([^"]+)"/gms)].some((found) =>
      pattern.test(found[1]!)
    ) || [...text.matchAll(/import\("([^"]+)"\)/g)].some((found) => pattern.test(found[1]!))
  ).map(([name]) => name).sort();
}

// Importing zk_clear.ts anywhere else turns this red.
Deno.test("only the cleanup procedure can reach the clear", () => {
  assert.deepEqual(importersOf(/zk_clear\.ts$/), ["cleanup_attempt.ts"]);
  assert.deepEqual(importersOf(/cleanup_attempt\.ts$/), ["cleanup.ts"]);
  const users = [...sources()].filter(([, text]) => text.includes("clearAttendanceLog"));
  assert.deepEqual(users.map(([name]) => name).sort(), ["zk_clear.ts", "zk_constants.ts"]);
});

// Writing users from anywhere else, or naming the command that deletes one, turns this red.
Deno.test("only an order writes users, and nothing can delete one", () => {
  assert.deepEqual(importersOf(/zk_user_write\.ts$/), ["poll_work.ts"]);
  const deleting = [...sources()].filter(([, text]) =>
    /code\("CMD_(DELETE_USER|CLEAR_DATA)/.test(text)
  );
  assert.deepEqual(deleting, []);
});

// Importing node-zklib itself (its reads and its clear) turns this red.
Deno.test("of node-zklib the agent has the constants and nothing else", () => {
  assert.deepEqual(importersOf(/node-zklib/), ["zk_constants.ts"]);
  const text = sources().get("zk_constants.ts")!;
  assert.deepEqual(text.match(/from "node-zklib[^"]*"/g), ['from "node-zklib/constants.js"']);
});

Deno.test("the port-4370 codecs know no socket, queue or Odoo", () => {
  const pure = [
    "frame",
    "time",
    "auth",
    "event",
    "record",
    "user",
    "talk",
    "read",
    "clear",
    "user_write",
  ];
  for (const name of pure) {
    const text = sources().get(`zk_${name}.ts`)!;
    const imported = [...text.matchAll(/from "([^"]+)"/g)].map((found) => found[1]!);
    for (const path of imported) assert.match(path, /^\.\/(zk_\w+|punch)\.ts$/, `zk_${name}.ts`);
    assert.doesNotMatch(text, /\bDeno\.|setTimeout|Date\.now|performance\.now/, `zk_${name}.ts`);
  }
});
