/** The rooms of the agent: which may know which, one door each, one name for one thing. */
import assert from "node:assert/strict";
import {
  headOf,
  type Import,
  isThere,
  type SourceFile,
  sourcesUnder,
  withoutComments,
} from "./agent_source.ts";

/**
 * Who may know whom, from the ground up: a room knows only rooms above it in this list. `types` after a
 * room: its shapes, nothing that runs. The list may only shrink: an arrow that no import uses any more
 * turns this red, and a new one is a decision that docs/decisions/ explains.
 */
const ARROWS: Readonly<Record<string, readonly string[]>> = {
  base: [],
  http1: [],
  adms: ["base"],
  zk: ["base"],
  queue: ["base"],
  fleet: ["base", "queue types"],
  usb: ["base", "adms", "queue types"],
  health: ["base", "http1", "queue types"],
  port: ["base", "http1", "adms", "fleet types"],
  delivery: ["base", "queue types", "health types"],
  odoo: ["base", "delivery", "queue types", "health types"],
  erpnext: ["base", "delivery", "queue types", "health types"],
  machine: ["base"],
  local: ["base", "queue types", "fleet types", "health types", "usb types"],
  cleanup: ["base", "zk", "delivery types"],
  polling: ["base", "zk", "cleanup", "queue types", "fleet types"],
  link: ["base", "queue types", "fleet", "health types", "delivery", "odoo", "erpnext"],
  agent: [
    "base",
    "adms",
    "queue",
    "fleet",
    "usb",
    "health",
    "port",
    "delivery",
    "odoo types",
    "machine",
    "local",
    "polling",
    "link",
  ],
  cli: [
    "base",
    "zk",
    "queue",
    "usb",
    "health",
    "delivery",
    "odoo",
    "erpnext",
    "machine",
    "local",
    "agent",
  ],
  main: ["base", "cli"],
};

/** How many arrows there are. Lower it when one goes. */
const MOST_ARROWS = 73;

/** Files behind no door, each with the only file that may import it. */
const BEHIND_NO_DOOR: Readonly<Record<string, string>> = {
  "zk/clear": "cleanup/attempt",
  "zk/user_write": "polling/work",
};

/** Rows of the queue: their shape is stated in queue/types.ts and nowhere else. */
const ROW_SHAPES = ["Run", "CommandRow", "DeviceRow"];

/** Lines of a function, and its parameters: more is not read at once. */
const MOST_LINES = { source: 70, test: 90 };
const MOST_PARAMETERS = 5;

/** Files that are a function of what they are given. */
const PURE =
  /^(base\/(punch|backoff|sha256|turnstile|peers|terminal|order|wall_time|hours|duration|zone|store_fault)|delivery\/(isolation|destination)|adms\/.*|usb\/(attlog_file|export)|zk\/(frame|record|talk|time|event|user|user_write|auth|read|clear)|http1\/(request|bytes)|health\/(doctor|vitals|setup)|erpnext\/(names|doctypes?|desk|posting|site_time|completeness|promises)|machine\/metadata|odoo\/(batch_body|shapes)|polling\/plan|fleet\/reply)$/;

const agent = sourcesUnder("edge_agent");
const nameOf = (path: string): string => path.replace(/^edge_agent\//, "").replace(/\.ts$/, "");
const roomOf = (path: string): string => nameOf(path).split("/")[0] ?? "";
const isDoor = (path: string): boolean => {
  const [room, file] = nameOf(path).split("/");
  return file === undefined || file === room;
};
const imports = agent.flatMap((file) => file.imports);
const between = imports.filter(({ from, to }) => roomOf(from) !== roomOf(to));

// Red when base/clock.ts imports anything of a room, or delivery/delivery.ts imports odoo/odoo.ts.
Deno.test("rooms: no room knows another that it may not know", () => {
  assert.ok(between.length > 100, "imports were found");
  const wrong = between.filter(({ from, to, typeOnly }) => {
    const allowed = ARROWS[roomOf(from)] ?? [];
    const target = roomOf(to);
    return !(allowed.includes(target) || (typeOnly && allowed.includes(`${target} types`)));
  });
  assert.deepEqual(wrong.map(({ from, to }) => `${nameOf(from)} -> ${nameOf(to)}`), []);
});

// Red when the last import of an arrow goes and the arrow stays, or when one is added.
Deno.test("rooms: every arrow of the list is used, and there are no more than there were", () => {
  const listed = Object.entries(ARROWS).flatMap(([room, known]) =>
    known.map((one) => `${room} -> ${one}`)
  );
  const used = new Set(between.map(({ from, to }) => `${roomOf(from)} -> ${roomOf(to)}`));
  const running = new Set(
    between.filter(({ typeOnly }) => !typeOnly)
      .map(({ from, to }) => `${roomOf(from)} -> ${roomOf(to)}`),
  );
  const idle = listed.filter((arrow) =>
    arrow.endsWith(" types") ? !used.has(arrow.replace(/ types$/, "")) : !running.has(arrow)
  );
  assert.deepEqual(idle, []);
  assert.equal(listed.length, MOST_ARROWS);
});

Deno.test("rooms: arrows go one way, from the end of the list to its beginning", () => {
  const order = Object.keys(ARROWS);
  for (const [room, known] of Object.entries(ARROWS)) {
    for (const one of known) {
      const target = one.replace(/ types$/, "");
      assert.ok(order.includes(target), `${room} knows ${target}, which is no room`);
      assert.ok(order.indexOf(target) < order.indexOf(room), `${room} -> ${target}`);
    }
  }
  assert.deepEqual([...new Set(agent.map(({ path }) => roomOf(path)))].sort(), order.sort());
});

// Types count: a circle of types is a circle for whoever reads.
Deno.test("rooms: no import of the agent runs in a circle", () => {
  const next = Map.groupBy(imports, ({ from }) => from);
  const done = new Set<string>();
  const visit = (path: string, way: readonly string[]): void => {
    assert.ok(!way.includes(path), `circle: ${[...way, path].map(nameOf).join(" -> ")}`);
    if (done.has(path)) return;
    for (const { to } of next.get(path) ?? []) visit(to, [...way, path]);
    done.add(path);
  };
  for (const { path } of agent) visit(path, []);
});

function isAllowedEntry({ from, to }: Import): boolean {
  const only = BEHIND_NO_DOOR[nameOf(to)];
  if (only !== undefined) return nameOf(from) === only || roomOf(from) === roomOf(to);
  return roomOf(to) === "base" || isDoor(to);
}

// Red when port/server.ts imports adms/text.ts, also for a type alone.
Deno.test("rooms: from outside a room only its door is imported", () => {
  const wrong = between.filter((one) => !isAllowedEntry(one));
  assert.deepEqual(wrong.map(({ from, to }) => `${nameOf(from)} -> ${nameOf(to)}`), []);
});

// Red when zk/zk.ts re-exports clear.ts, or when queue/queue.ts is re-exported by another room.
Deno.test("rooms: a door shows its own room by name, and never what is behind no door", () => {
  const shown = imports.filter(({ isExport }) => isExport);
  assert.ok(shown.length > 20, "doors were found");
  for (const { from, to, names } of shown) {
    const what = `${nameOf(from)} shows ${nameOf(to)}`;
    assert.equal(roomOf(from), roomOf(to), what);
    assert.ok(isDoor(from), `${what}, but is no door`);
    assert.ok(names !== null, `${what} whole`);
    assert.ok(!(nameOf(to) in BEHIND_NO_DOOR), what);
  }
  const inside = imports.filter(({ to }) => nameOf(to) in BEHIND_NO_DOOR);
  for (const [file, only] of Object.entries(BEHIND_NO_DOOR)) {
    const importers = inside.filter(({ to }) => nameOf(to) === file).map(({ from }) =>
      nameOf(from)
    );
    assert.deepEqual(importers, [only], file);
  }
});

// Red when a second file exports a `Witness`.
Deno.test("names: no exported name is declared twice in the agent", () => {
  const exported = agent.flatMap(({ path, declared }) =>
    declared.filter(({ isExported }) => isExported).map(({ name }) => ({ name, path }))
  );
  const twice = [...Map.groupBy(exported, ({ name }) => name)].filter(([, at]) => at.length > 1);
  assert.deepEqual(twice.map(([name, at]) => [name, ...at.map(({ path }) => nameOf(path))]), []);
});

/** Asked for by name: by the loader of the one-file program, and by a test of the pages. */
const ASKED_BY_NAME = ["main begin", "queue/schema SCHEMA_VERSION"];

function importersOf(file: SourceFile, name: string): number {
  return imports.filter(({ to, names }) =>
    to === file.path && (names === null || names.includes(name))
  ).length;
}

// Red when a function is left that only a test calls, or a door shows what nobody outside asks for.
Deno.test("names: nothing is exported that shipped code does not use", () => {
  const idle = agent.filter(({ path }) => path !== "edge_agent/main.ts").flatMap((file) => {
    const own = file.declared.filter(({ isExported, usesAtHome }) => isExported && usesAtHome === 0)
      .map(({ name }) => name);
    const shown = file.imports.filter(({ isExport }) => isExport).flatMap(({ names }) =>
      names ?? []
    );
    return [...own, ...shown].filter((name) => importersOf(file, name) === 0)
      .map((name) => `${nameOf(file.path)} ${name}`);
  });
  assert.deepEqual(idle, []);
});

// Red when a constant of one file is exported: the compiler no longer sees when its last use goes. A type
// is exported with what bears it in its signature.
Deno.test("names: no value is exported that its own file alone uses", () => {
  const others = ["tests", "dev"].flatMap(sourcesUnder).flatMap((file) => file.imports);
  const asked = new Set(
    [...imports, ...others].flatMap(({ to, names }) =>
      (names ?? ["*"]).map((name) => `${to} ${name}`)
    ),
  );
  const idle = agent.flatMap(({ path, declared }) =>
    declared.filter(({ isExported, isType }) => isExported && !isType)
      .filter(({ name }) => !asked.has(`${path} ${name}`) && !asked.has(`${path} *`))
      .map(({ name }) => `${nameOf(path)} ${name}`)
  );
  assert.deepEqual(idle, ASKED_BY_NAME);
});

// Red when fleet/commands.ts gets a row type of its own again.
Deno.test("names: the shape of a row of the queue is stated once", () => {
  const interfaces = agent.flatMap(({ path, declared }) =>
    declared.map((one) => ({ ...one, path }))
  );
  for (const name of ROW_SHAPES) {
    const rows = interfaces.filter((one) => one.name === name);
    assert.deepEqual(rows.map(({ path }) => path), ["edge_agent/queue/types.ts"], name);
    const members = new Set(rows[0]?.members);
    assert.ok(members.size >= 5, name);
    const alike = interfaces.filter((one) =>
      one.name !== name && one.members.length >= 0.8 * members.size &&
      one.members.every((member) => members.has(member))
    );
    assert.deepEqual(alike.map((one) => `${nameOf(one.path)} ${one.name}`), [], name);
  }
});

Deno.test("size: every function is read at once", () => {
  const long = [
    ...["edge_agent", "dev", "owl_src"].map((folder) => [folder, MOST_LINES.source] as const),
    ["tests", MOST_LINES.test] as const,
  ].flatMap(([folder, most]) =>
    sourcesUnder(folder).flatMap(({ functions }) => functions)
      .filter(({ lines }) => lines > most).map(({ at, lines }) => `${at}: ${lines} lines`)
  );
  assert.deepEqual(long, []);
});

// Builders of tests are excepted: they are not part of this.
Deno.test("size: no function takes more than five parameters", () => {
  const wide = ["edge_agent", "dev", "owl_src"].flatMap(sourcesUnder)
    .flatMap(({ functions }) => functions)
    .filter(({ parameters }) => parameters > MOST_PARAMETERS)
    .map(({ at, parameters }) => `${at}: ${parameters} parameters`);
  assert.deepEqual(wide, []);
});

Deno.test("every file of the agent opens by saying what it owns", () => {
  for (const { path, text } of agent) assert.match(text, /^\/\*\*/, path);
});

/** Where a comment may name a file from: beside it, its own house, the root, or the addon it belongs to. */
const PLACES = ["", "odoo_addon/biometric_attendance"];

// Red when a file is renamed and the comment of another still names it.
Deno.test("comments: every file that a head comment names is there", () => {
  const looked = ["edge_agent", "tests", "dev", "owl_src"];
  const gone = looked.flatMap((folder) =>
    sourcesUnder(folder).flatMap(({ path, text }) =>
      [...headOf(text).matchAll(/(?<![\w*])[\w./-]+\.(?:ts|py)\b/g)].map(([named]) => named)
        .filter((named) => !PLACES.some((place) => isThere(named, path, place || folder)))
        .map((named) => `${path}: ${named}`)
    )
  );
  assert.deepEqual(gone, []);
});

/** Rules that several rooms hold, by the text that gives away who states one: each is stated once. */
const RULES: readonly (readonly [string, RegExp, string])[] = [
  ["a serial number", /(?:A-Za-z0-9|\\w)[._\\-]+\]\{1,64\}/, "base/terminal"],
  ["a comm key's bound", /4_?294_?967_?295|0xffff_?ffff\b.*key|999_?999\b/i, "base/terminal"],
  ["HH:MM", /\[01\]\\+d\|2\[0-3\]|\\d\\d:\\d\\d-/, "base/hours"],
  ["a day, an hour in ms", /86_?400_?000\b|\b3_?600_?000\b|24 \* (?:60|3_?600)\b/, "base/duration"],
];

// Red when config.ts has a pattern of its own for a serial number or for quiet hours.
Deno.test("rules: what is a serial, a comm key, a time of day, a day in ms is stated once", () => {
  for (const [rule, pattern, home] of RULES) {
    const stated = filesWith(pattern);
    assert.deepEqual(stated.filter((name) => name !== home), [], rule);
  }
});

// Red when a simulator asks a test for help, when a script does, or when a terminal knows the agent: then a
// mistake of the agent cancels itself out.
Deno.test("simulators stand by themselves, and terminals know nothing of the agent", () => {
  const used = ["tests/sim", "dev"].flatMap(sourcesUnder).flatMap((file) => file.imports);
  const asked = used.filter(({ to }) => to.startsWith("tests/edge/"));
  assert.deepEqual(asked.map(({ from, to }) => `${from} -> ${to}`), []);
  const terminals = used.filter(({ from }) => /^tests\/sim\/(push|pull)\//.test(from));
  assert.ok(terminals.length > 10, "imports were found");
  const outside = terminals.filter(({ to }) => !to.startsWith("tests/sim/"));
  assert.deepEqual(outside.map(({ from, to }) => `${from} -> ${to}`), []);
});

/** Files whose code (not comments) matches. */
function filesWith(pattern: RegExp): string[] {
  return agent.filter(({ text }) => pattern.test(withoutComments(text)))
    .map(({ path }) => nameOf(path)).sort();
}

Deno.test("only queue/ knows SQLite", () => {
  const knowing = filesWith(/node:sqlite/);
  assert.ok(knowing.length > 0);
  assert.deepEqual(knowing.filter((name) => !name.startsWith("queue/")), []);
});

// fetch trusts public authorities beside pinned ones and follows redirects: nobody calls it.
Deno.test("S30 nobody calls fetch, and only named doors open connections outward", () => {
  assert.deepEqual(filesWith(/(?<![.\w])fetch\(/), []);
  assert.deepEqual(filesWith(/from "node:https?"/), [
    "delivery/http",
    "local/socket",
    "odoo/provision",
  ]);
  assert.deepEqual(filesWith(/Deno\.(connect|connectTls|createHttpClient)\(/), ["zk/socket"]);
});

Deno.test("only odoo/routes.ts knows Odoo's routes and how the token travels", () => {
  assert.deepEqual(filesWith(/biometric\/v1|Bearer \$\{/), ["odoo/routes"]);
});

// What may start programs is the commands that root types; the service's own parts never reach it.
Deno.test("S41 nothing in the agent starts a program, loads a library or widens its permissions", () => {
  assert.deepEqual(
    filesWith(/Deno\.(Command|dlopen|run)\b|node:child_process|permissions\.request/),
    ["machine/host"],
  );
  // A thread has the permissions of the process: none of its own, and none that it could take from all.
  assert.deepEqual(filesWith(/\bnew Worker\(/), ["health/health"]);
  assert.deepEqual(filesWith(/permissions\.revoke|deno: \{/), []);
  const starters = /\b(runProgram|tryProgram)\(/;
  assert.deepEqual(filesWith(starters), ["cli/install", "cli/update", "machine/host"]);
});

Deno.test("pure files import no clock, disk, network or randomness", () => {
  const pure = agent.filter(({ path }) => PURE.test(nameOf(path)));
  assert.ok(pure.length > 30, "pure files were found");
  const outside = /^node:(fs|net|http|https|sqlite|dgram|os)|^hono|^prom-client|^odoo-xmlrpc/;
  const found = pure.flatMap(({ path, packages }) =>
    packages.filter((name) => outside.test(name)).map((name) => `${nameOf(path)} ${name}`)
  );
  assert.deepEqual(found, []);
  const reaching = filesWith(/\bDeno\.(?!test|errors)|Math\.random|Date\.now\(|performance\.now/)
    .filter((name) => PURE.test(name));
  assert.deepEqual(reaching, []);
});
