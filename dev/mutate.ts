/**
 * npm run mutate -- ROOM [ROOM …] [--only TEXT [--only TEXT …]]
 * Makes each hostile change that tests/mutations/ lists for a room, one at a time, in a copy of the project, and runs
 * the room's tests: a change that leaves them green is a guard that no test holds; one that hangs or eats memory is
 * ended and counts as caught. The project itself is never touched. Ends with 1 when less than 95 of 100 changes are caught.
 */
import { parseArgs } from "node:util";
import { join } from "node:path";
import { type Ending, runBounded } from "./bounded.ts";
import { onExit, undoAll, undoOnSignals } from "./cleanup.ts";
import { caughtShare, type Mutation, type RoomMutations, spoiled } from "./mutation.ts";
import { addonTemplate, releasePostgres, runOdooTests } from "./odoo.ts";

const ROOT = new URL("..", import.meta.url).pathname;
const GOAL = 0.95;
/** What a test run may take on a busy machine, ms; a change that makes it hang is caught. */
const LONGEST_MS = 900_000;
/** A changed run gets that many times what the unchanged one took, and some time for a machine that got busy. */
const SLOWER = 3;
const BUSY_MS = 60_000;
/** Resident bytes of a room's tests with all they begin: some ten times what the unchanged ones take. */
const MAX_BYTES = 3 * 1024 ** 3;
const COPIED = ["dev", "edge_agent", "odoo_addon", "tests", "deno.json", "package.json"];

async function copyProject(copy: string): Promise<void> {
  for (const name of COPIED) {
    const args = ["-a", join(ROOT, name), copy];
    const { success } = await new Deno.Command("cp", { args }).output();
    if (!success) throw new Error(`${name} cannot be copied`);
  }
  Deno.symlinkSync(Deno.realPathSync(join(ROOT, "node_modules")), join(copy, "node_modules"));
}

/** What a room's tests say: of the agent, of the addon on a real Odoo, of what needs none. */
type Verdict = "green" | "red" | "hangs" | "eats memory";

async function verdictOf(
  copy: string,
  list: RoomMutations,
  template: string,
  timeoutMs: number,
): Promise<Verdict> {
  const { tests, odoo, unittest } = list;
  const bounds = { cwd: copy, timeoutMs, maxBytes: MAX_BYTES };
  if (tests) {
    const deno = [Deno.execPath(), "test", "-A", "--no-check", "--fail-fast", "-q", ...tests];
    const verdict = inWords(await runBounded(deno, bounds));
    if (verdict !== "green") return verdict;
  }
  if (unittest) {
    const python = ["/usr/bin/python3", "-B", "-m", "unittest", "discover", "-f", "-t", "."];
    const chosen = ["-s", unittest, "-p", list.unittestFiles ?? "test*.py"];
    const verdict = inWords(await runBounded([...python, ...chosen], bounds));
    if (verdict !== "green") return verdict;
  }
  if (!odoo) return "green";
  // The tables are those of the project: a change is in the code alone.
  const run = { tags: odoo, update: false, checkout: copy, template, timeoutMs: LONGEST_MS };
  return (await runOdooTests(run)).ok ? "green" : "red";
}

function inWords(ending: Ending): Verdict {
  if (ending.by === "itself") return ending.code === 0 ? "green" : "red";
  return ending.by === "time" ? "hangs" : "eats memory";
}

async function withChange(
  copy: string,
  mutation: Mutation,
  verdict: () => Promise<Verdict>,
): Promise<Verdict> {
  const path = join(copy, mutation.file);
  const text = Deno.readTextFileSync(path);
  Deno.writeTextFileSync(path, spoiled(text, mutation));
  try {
    return await verdict();
  } finally {
    Deno.writeTextFileSync(path, text);
  }
}

async function judge(room: string, copy: string, only: readonly string[]): Promise<number> {
  const list: RoomMutations = (await import(`../tests/mutations/${room}.ts`)).default;
  // Made once, before anything is changed; whoever goes on writing meanwhile disturbs nothing.
  const template = list.odoo ? await addonTemplate(copy) : "";
  const began = Date.now();
  const unchanged = await verdictOf(copy, list, template, LONGEST_MS);
  if (unchanged !== "green") throw new Error(`${room}: without any change: ${unchanged}`);
  const timeoutMs = Math.min(LONGEST_MS, SLOWER * (Date.now() - began) + BUSY_MS);
  const chosen = list.mutations.filter(({ says }) =>
    only.length === 0 || only.some((text) => says.includes(text))
  );
  let caught = 0;
  for (const mutation of chosen) {
    const verdict = await withChange(
      copy,
      mutation,
      () => verdictOf(copy, list, template, timeoutMs),
    );
    if (verdict !== "green") caught++;
    const said = verdict === "green" ? "✗ nobody sees" : `✓ caught (${verdict})`;
    console.log(`${said}: ${mutation.says} (${mutation.file})`);
  }
  for (const { says, why } of list.equivalents ?? []) {
    console.log(`= no difference: ${says} (${why})`);
  }
  const share = caughtShare(caught, chosen.length);
  console.log(`${room}: ${caught} of ${chosen.length} caught, ${Math.round(100 * share)} %`);
  return share;
}

const { values: { only }, positionals: rooms } = parseArgs({
  allowPositionals: true,
  options: { only: { type: "string", multiple: true, default: [] } },
});
const known = [...Deno.readDirSync(join(ROOT, "tests/mutations"))].map(({ name }) =>
  name.replace(/\.ts$/, "")
).sort();
const odd = rooms.find((room) => !known.includes(room));
if (rooms.length === 0 || odd !== undefined) {
  console.error(`name a room${odd === undefined ? "" : `, not ${odd}`}: ${known.join(", ")}`);
  Deno.exit(2);
}
undoOnSignals();
const copy = Deno.makeTempDirSync({ prefix: "mutate-" });
onExit(() => Deno.remove(copy, { recursive: true }));
let worst = 1;
try {
  await copyProject(copy);
  for (const room of rooms) worst = Math.min(worst, await judge(room, copy, only));
} finally {
  await undoAll();
  await releasePostgres();
}
Deno.exit(worst >= GOAL ? 0 : 1);
