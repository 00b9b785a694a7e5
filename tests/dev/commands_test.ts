// Tests that every command which a document prints can be typed as it stands there: it is run as
// printed, or (what takes long, serves for ever or asks for a branch) its help is printed by the same
// line and a test named here runs it. Commands of a branch's machine: tests/edge/whole/guide_test.ts.

import assert from "node:assert/strict";
import { repository } from "../../dev/cache.ts";
import { run } from "../../dev/process.ts";

/** Read by people, in the project's own folders. */
async function documents(folder = repository, depth = 4): Promise<string[]> {
  const found: string[] = [];
  for await (const entry of Deno.readDir(folder)) {
    const path = `${folder}/${entry.name}`;
    if (/^(node_modules|dist|\..*)$/.test(entry.name)) continue;
    if (entry.isDirectory && depth > 0) found.push(...await documents(path, depth - 1));
    if (entry.isFile && /\.(md|rst)$/.test(entry.name)) found.push(path);
  }
  return found.sort();
}

const LINE = /^(?: {4,}|\s*\$ )?((?:npm|node|deno|npx|node_modules\/\.bin\/\w+) [^`\n]+)$/;
const QUOTED =
  /`((?:npm (?:run|test|ci|install)\b|(?:node|deno|npx|node_modules\/\.bin\/\w+) )[^`]*)`/g;

/** Commands of a document: lines of code blocks, and what stands between backticks. */
export function commandsOf(text: string): string[] {
  const found: string[] = [];
  let fenced = false;
  for (const line of text.split("\n")) {
    if (line.startsWith("```")) fenced = !fenced;
    const typed = fenced || /^ {4}/.test(line) ? LINE.exec(line.trimEnd())?.[1] : undefined;
    if (typed) found.push(typed);
    if (!fenced) found.push(...[...line.matchAll(QUOTED)].map((match) => match[1] ?? ""));
  }
  // Explanations stand two blanks or a number sign behind; square brackets say what may be added.
  return found.map((command) =>
    command.replace(/\s{2,}.*$|\s+#.*$/, "").replace(/\s*\[.*$/, "").trim()
  );
}

/** Ends by itself in seconds and changes nothing: run as printed. */
const AS_PRINTED: readonly RegExp[] = [
  /^npm run (bundle|sbom)$/,
  /^npm run build( -- --check)?$/,
  /^node_modules\/\.bin\/tsc -p tsconfig\.json$/,
  /^node_modules\/\.bin\/deno (lint|fmt --check|fmt)$/,
  /^node dev\/bootstrap\.mjs dev\/architecture\.ts --check$/,
  /^node dev\/bootstrap\.mjs dev\/\w+\.ts --help$/,
];

/** Run whole by the test beside it; here the same line is asked for its help. */
const ELSEWHERE: readonly (readonly [RegExp, string])[] = [
  [/^npm test$/, ".ci/run"],
  [/^npm run test:\w+$/, ".ci/run"],
  [/^npm run demo/, "tests/journey/demo_test.ts"],
  [/^npm run (campaign|bench)/, "a person: hours"],
  [/^npm run mutate/, "tests/dev/mutate_test.ts"],
  [/^npm run agent/, "tests/edge/whole/main_test.ts"],
  [/^deno run \$\(deno run -A biometric-agent\.js flags/, "tests/edge/whole/main_test.ts"],
  [/^npm run compile/, "tests/dev/pack_test.ts"],
  [/^npm run sign/, "tests/dev/signing_test.ts"],
  [/^node dev\/bootstrap\.mjs dev\/\w+\.ts/, "the journeys: each uses what these scripts do"],
  [/^node dev\/bootstrap\.mjs tests\/[\w/]+\.ts/, "a person: figures"],
  [/^node_modules\/\.bin\/deno (test|check)/, ".ci/run"],
];

async function answers(command: string): Promise<{ code: number; text: string }> {
  const { code, stdout, stderr } = await run(["bash", "-c", command], {
    cwd: repository,
    env: { NO_COLOR: "1" },
  });
  return { code, text: stdout + stderr };
}

async function printed(): Promise<Map<string, string>> {
  const all = new Map<string, string>();
  for (const path of await documents()) {
    for (const command of commandsOf(await Deno.readTextFile(path))) {
      if (!all.has(command)) all.set(command, path.slice(repository.length + 1));
    }
  }
  return all;
}

const all = await printed();

// Turns red when a document prints a command of a kind that nothing runs.
Deno.test("commands: each that a document prints is run as printed or by a test", () => {
  assert.ok(all.size > 20, `${all.size} commands were found`);
  const nowhere = [...all].filter(([command]) =>
    !AS_PRINTED.some((form) => form.test(command)) &&
    !ELSEWHERE.some(([form]) => form.test(command))
  );
  assert.deepEqual(nowhere.map(([command, path]) => `${path}: ${command}`), []);
});

// Turns red when a test that runs a printed command is moved or taken away.
Deno.test("commands: the tests that are said to run a command are there", async () => {
  const named = ELSEWHERE.map(([, where]) => where).filter((where) => /^[\w./]+$/.test(where));
  assert.ok(named.length > 3);
  for (const path of named) assert.ok((await Deno.stat(`${repository}/${path}`)).isFile, path);
});

// Turns red when `npm run bundle` or another script is renamed and a document is not.
Deno.test("commands: what ends in seconds ends well as printed", async () => {
  for (const [command, path] of all) {
    if (!AS_PRINTED.some((form) => form.test(command))) continue;
    const { code, text } = await answers(command);
    assert.equal(code, 0, `${path}: ${command}\n${text}`);
  }
});

// Turns red when a script is renamed, or its help goes to stderr or ends with another code.
Deno.test("commands: every other prints its help to stdout and ends with 0", async () => {
  const scripts = new Set<string>();
  for (const [command, path] of all) {
    if (AS_PRINTED.some((form) => form.test(command))) continue;
    const script = /^(npm run [\w:]+|npm test|node dev\/bootstrap\.mjs \S+)/.exec(command)?.[1];
    if (script === undefined || scripts.has(script)) continue;
    scripts.add(script);
    const asked = script.startsWith("npm") ? `${script} --silent -- --help` : `${script} --help`;
    const { code, stdout, stderr } = await run(["bash", "-c", asked], { cwd: repository });
    assert.equal(code, 0, `${path}: ${asked}\n${stdout}${stderr}`);
    assert.ok(stdout.trim().length > 40, `${path}: ${asked} said ${JSON.stringify(stdout)}`);
  }
  assert.ok(scripts.size > 10);
});

Deno.test("commands: explanations and choices behind a command are not part of it", () => {
  const text = "    npm run bench -- --long [--write]     # with a queue\n\nSay `npm test`.\n" +
    "Neither `node-zklib` nor `node:http` is one, `node a.ts` is.\n";
  assert.deepEqual(commandsOf(text), ["npm run bench -- --long", "npm test", "node a.ts"]);
});
