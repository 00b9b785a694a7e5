/** The floors of the agent: no import runs upward, none runs in a circle, one door per outside thing. */
import assert from "node:assert/strict";
import { dirname, join } from "node:path";

const FOLDER = new URL("../../edge_agent/", import.meta.url);

/** First match counts; higher floors may import lower ones. */
const FLOORS: readonly (readonly [RegExp, number])[] = [
  [/^(main|agent|cli\/.*|local\/operations|machine\/permissions)$/, 4],
  [
    /^(port\/.*|polling\/.*|usb\/spool|cleanup\/.*|delivery\/(delivery|isolation)|odoo\/(self_check|sync|users)|health\/(vitals|metrics|doctor)|fleet\/recovery)$/,
    3,
  ],
  [/^(adms|usb|zk|http1|queue|odoo|delivery|fleet|health|local|machine)\//, 2],
  [/^base\//, 1],
];

interface Import {
  readonly from: string;
  readonly to: string;
  readonly typeOnly: boolean;
}

function filesIn(folder: string): string[] {
  return [...Deno.readDirSync(new URL(folder, FOLDER))].flatMap(({ name, isDirectory }) => {
    if (isDirectory) return filesIn(`${folder}${name}/`);
    return name.endsWith(".ts") ? [folder + name] : [];
  });
}

const files = filesIn("./").map((name) => name.slice(2));
const sources = new Map(
  files.map((name) => [name.replace(/\.ts$/, ""), Deno.readTextFileSync(new URL(name, FOLDER))]),
);

const IMPORT = /^(?:import|export)\s+(type\s+)?(?:[\w*{}\s,$]+?\s+from\s+)?"([^"]+)"/gm;

function importsOf(name: string, source: string): Import[] {
  return [...source.matchAll(IMPORT)].map((match) => ({
    from: name,
    to: match[2] ?? "",
    typeOnly: match[1] !== undefined,
  }));
}

const all = [...sources].flatMap(([name, source]) => importsOf(name, source));
const inner = all.filter(({ to }) => to.startsWith("."))
  .map((one) => ({ ...one, to: join(dirname(one.from), one.to).replace(/\.ts$/, "") }));

function floorOf(name: string): number {
  const floor = FLOORS.find(([pattern]) => pattern.test(name))?.[1];
  assert.ok(floor !== undefined, `${name}.ts stands on no floor: give it one in this test`);
  return floor;
}

// Red when base/clock.ts imports a room, or queue/queue.ts imports delivery/delivery.ts.
Deno.test("no import of the agent runs upward", () => {
  assert.ok(inner.length > 50, "imports were found");
  const upward = inner.filter(({ from, to }) => floorOf(from) < floorOf(to));
  assert.deepEqual(upward, []);
});

Deno.test("no import of the agent runs in a circle", () => {
  const done = new Set<string>();
  const visit = (name: string, path: readonly string[]): void => {
    assert.ok(!path.includes(name), `circle: ${[...path, name].join(" -> ")}`);
    if (done.has(name)) return;
    for (const { from, to, typeOnly } of inner) {
      if (from === name && !typeOnly) visit(to, [...path, name]);
    }
    done.add(name);
  };
  for (const name of sources.keys()) visit(name, []);
});

/** Files whose code (not comments) matches. */
function filesWith(pattern: RegExp): string[] {
  return [...sources].filter(([, source]) => pattern.test(withoutComments(source)))
    .map(([name]) => name).sort();
}

function withoutComments(source: string): string {
  return source.replace(/\/\*[\s\S]*?\*\//g, "").replace(/^\s*\/\/.*$/gm, "");
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
    "local/socket",
    "odoo/http",
    "odoo/provision",
  ]);
  assert.deepEqual(filesWith(/Deno\.(connect|connectTls|createHttpClient)\(/), ["zk/socket"]);
});

Deno.test("only odoo.ts knows Odoo's routes and how the token travels", () => {
  assert.deepEqual(filesWith(/biometric\/v1|Bearer \$\{/), ["odoo/routes"]);
});

Deno.test("S41 nothing in the agent starts a program, loads a library or widens its permissions", () => {
  assert.deepEqual(
    filesWith(/Deno\.(Command|dlopen|run)\b|node:child_process|permissions\.request/),
    [],
  );
});

Deno.test("pure files import no clock, disk, network or randomness", () => {
  const pure =
    /^(base\/(punch|backoff|sha256|turnstile|peers|terminal|order|wall_time|zone)|delivery\/isolation|adms\/.*|usb\/(attlog_file|export)|zk\/(frame|record|talk|time|event|user|user_write|auth|read|clear)|http1\/request|health\/doctor)$/;
  const outside = /^node:(fs|net|http|https|sqlite|dgram|os)|^hono|^prom-client|^odoo-xmlrpc/;
  const found = all.filter(({ from, to }) => pure.test(from) && outside.test(to));
  assert.deepEqual(found, []);
  const reaching = filesWith(/\bDeno\.(?!test|errors)|Math\.random|Date\.now\(|performance\.now/)
    .filter((name) => pure.test(name));
  assert.deepEqual(reaching, []);
});

Deno.test("every file of the agent opens by saying what it owns", () => {
  for (const [name, source] of sources) assert.match(source, /^\/\*\*/, name);
});
