/** Who may import what: the clear and node-zklib are each behind one door. */
import assert from "node:assert/strict";

const AGENT = new URL("../../../edge_agent/", import.meta.url);

function sources(folder = "./"): Map<string, string> {
  const found = new Map<string, string>();
  for (const { name, isDirectory } of Deno.readDirSync(new URL(folder, AGENT))) {
    const path = folder + name;
    if (isDirectory) { for (const inner of sources(`${path}/`)) found.set(...inner); }
    else if (name.endsWith(".ts")) {
      found.set(path.slice(2), Deno.readTextFileSync(new URL(path, AGENT)));
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

// Importing edge_agent/zk/clear.ts anywhere else turns this red.
Deno.test("only the cleanup procedure can reach the clear", () => {
  assert.deepEqual(importersOf(/\bclear\.ts$/), ["cleanup/attempt.ts"]);
  assert.deepEqual(importersOf(/\battempt\.ts$/), ["cleanup/cleanup.ts"]);
  const users = [...sources()].filter(([, text]) => text.includes("clearAttendanceLog"));
  assert.deepEqual(users.map(([name]) => name).sort(), ["zk/clear.ts", "zk/constants.ts"]);
});

// Writing users from anywhere else, or naming the command that deletes one, turns this red.
Deno.test("only an order writes users, and nothing can delete one", () => {
  assert.deepEqual(importersOf(/\buser_write\.ts$/), ["polling/work.ts"]);
  const deleting = [...sources()].filter(([, text]) =>
    /code\("CMD_(DELETE_USER|CLEAR_DATA)/.test(text)
  );
  assert.deepEqual(deleting, []);
});

// Importing node-zklib itself (its reads and its clear) turns this red.
Deno.test("of node-zklib the agent has the constants and nothing else", () => {
  assert.deepEqual(importersOf(/node-zklib/), ["zk/constants.ts"]);
  const text = sources().get("zk/constants.ts")!;
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
    const text = sources().get(`zk/${name}.ts`)!;
    const imported = [...text.matchAll(/from "([^"]+)"/g)].map((found) => found[1]!);
    for (const path of imported) {
      assert.match(
        path,
        /^(\.\/\w+|\.\.\/base\/(?:punch|terminal|wall_time))\.ts$/,
        `zk/${name}.ts`,
      );
    }
    assert.doesNotMatch(text, /\bDeno\.|setTimeout|Date\.now|performance\.now/, `zk/${name}.ts`);
  }
});
