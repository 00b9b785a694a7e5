/** The floors of the agent: no import runs upward, none runs in a circle, one door per outside thing. */
import assert from "node:assert/strict";

const FOLDER = new URL("../../edge_agent/", import.meta.url);

/** First match counts; higher floors may import lower ones. */
const FLOORS: readonly (readonly [RegExp, number])[] = [
  [/^(main|agent|cli.*|operations|permissions|pull_command)$/, 4],
  [
    /^(server.*|poll(er|ing|_.*)|read_keep|usb_spool|cleanup.*|delivery.*|self_check|control|health|metrics|user_relay|recovery|doctor)$/,
    3,
  ],
  [
    /^(adms.*|attlog_file|zk.*|http1.*|queue.*|odoo.*|devices.*|commands|identity|witness|alarms|local|systemd|export|provision|terminal|zone|peers|destination|holdings)$/,
    2,
  ],
  [/^(punch|loop|order|wall_time|config|clock|log|backoff|sha256|turnstile|version)$/, 1],
];

interface Import {
  readonly from: string;
  readonly to: string;
  readonly typeOnly: boolean;
}

const files = [...Deno.readDirSync(FOLDER)].map((entry) => entry.name)
  .filter((name) => name.endsWith(".ts"));
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
const inner = all.filter(({ to }) => to.startsWith("./"))
  .map((one) => ({ ...one, to: one.to.slice(2).replace(/\.ts$/, "") }));

function floorOf(name: string): number {
  const floor = FLOORS.find(([pattern]) => pattern.test(name))?.[1];
  assert.ok(floor !== undefined, `${name}.ts stands on no floor: give it one in this test`);
  return floor;
}

// Red when clock.ts imports log.ts's owner, or queue.ts imports delivery.ts.
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

Deno.test("only queue*.ts know SQLite", () => {
  const knowing = filesWith(/node:sqlite/);
  assert.ok(knowing.length > 0);
  assert.deepEqual(knowing.filter((name) => !name.startsWith("queue")), []);
});

// fetch trusts public authorities beside pinned ones and follows redirects: nobody calls it.
Deno.test("S30 nobody calls fetch, and only named doors open connections outward", () => {
  assert.deepEqual(filesWith(/(?<![.\w])fetch\(/), []);
  assert.deepEqual(filesWith(/from "node:https?"/), ["local", "odoo_http", "provision"]);
  assert.deepEqual(filesWith(/Deno\.(connect|connectTls|createHttpClient)\(/), ["zk_socket"]);
});

Deno.test("only odoo.ts knows Odoo's routes and how the token travels", () => {
  assert.deepEqual(filesWith(/biometric\/v1|Bearer \$\{/), ["odoo"]);
});

Deno.test("S41 nothing in the agent starts a program, loads a library or widens its permissions", () => {
  assert.deepEqual(
    filesWith(/Deno\.(Command|dlopen|run)\b|node:child_process|permissions\.request/),
    [],
  );
});

Deno.test("pure files import no clock, disk, network or randomness", () => {
  const pure =
    /^(punch|backoff|sha256|turnstile|delivery_isolation|adms.*|attlog_file|zk_(frame|record|talk|time|event|user|user_write|auth|read|clear)|http1|peers|terminal|order|wall_time|zone|doctor|export)$/;
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
