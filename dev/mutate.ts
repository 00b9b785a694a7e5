/**
 * npm run mutate -- ROOM [ROOM …] [--only TEXT]
 * Makes each hostile change that tests/mutations/ lists for a room, one at a time, in a copy of the project, and runs
 * the room's tests: a change that leaves them green is a guard that no test holds. The project itself is
 * never touched. Ends with 1 when less than 95 of 100 changes are caught.
 */
import { parseArgs } from "node:util";
import { join } from "node:path";
import { onExit, undoAll, undoOnSignals } from "./cleanup.ts";
import { caughtShare, type Mutation, type RoomMutations, spoiled } from "./mutation.ts";
import { addonTemplate, releasePostgres, runOdooTests } from "./odoo.ts";

const ROOT = new URL("..", import.meta.url).pathname;
const GOAL = 0.95;
/** What a test run may take on a busy machine, ms; a change that makes it hang is caught. */
const LONGEST_MS = 900_000;
const COPIED = ["dev", "edge_agent", "odoo_addon", "tests", "deno.json", "package.json"];

async function copyProject(copy: string): Promise<void> {
  for (const name of COPIED) {
    const args = ["-a", join(ROOT, name), copy];
    const { success } = await new Deno.Command("cp", { args }).output();
    if (!success) throw new Error(`${name} cannot be copied`);
  }
  Deno.symlinkSync(Deno.realPathSync(join(ROOT, "node_modules")), join(copy, "node_modules"));
}

/** Whether a room's tests are green: of the agent, of the addon on a real Odoo, of what needs none. */
async function isGreen(copy: string, list: RoomMutations, template: string): Promise<boolean> {
  const { tests, odoo, unittest } = list;
  if (tests) {
    const deno = [Deno.execPath(), "test", "-A", "--no-check", "--fail-fast", "-q", ...tests];
    if (!await endsWell(copy, deno)) return false;
  }
  if (unittest) {
    const python = ["/usr/bin/python3", "-B", "-m", "unittest", "discover", "-f", "-t", ".", "-s"];
    if (!await endsWell(copy, [...python, unittest])) return false;
  }
  // The tables are those of the project: a change is in the code alone.
  return !odoo || (await runOdooTests({
    tags: odoo,
    update: false,
    checkout: copy,
    template,
    timeoutMs: LONGEST_MS,
  })).ok;
}

async function endsWell(cwd: string, [program = "", ...args]: string[]): Promise<boolean> {
  const child = new Deno.Command(program, { args, cwd, stdout: "null", stderr: "null" }).spawn();
  const limit = setTimeout(() => child.kill("SIGKILL"), LONGEST_MS);
  const { success } = await child.status;
  clearTimeout(limit);
  return success;
}

async function survives(
  copy: string,
  list: RoomMutations,
  mutation: Mutation,
  template: string,
): Promise<boolean> {
  const path = join(copy, mutation.file);
  const text = Deno.readTextFileSync(path);
  Deno.writeTextFileSync(path, spoiled(text, mutation));
  try {
    return await isGreen(copy, list, template);
  } finally {
    Deno.writeTextFileSync(path, text);
  }
}

async function judge(room: string, copy: string, only: string): Promise<number> {
  const list: RoomMutations = (await import(`../tests/mutations/${room}.ts`)).default;
  // Made once, before anything is changed; whoever goes on writing meanwhile disturbs nothing.
  const template = list.odoo ? await addonTemplate(copy) : "";
  if (!await isGreen(copy, list, template)) {
    throw new Error(`${room}: the tests are red as they are`);
  }
  const chosen = list.mutations.filter(({ says }) => says.includes(only));
  let caught = 0;
  for (const mutation of chosen) {
    const lives = await survives(copy, list, mutation, template);
    if (!lives) caught++;
    console.log(`${lives ? "✗ nobody sees" : "✓ caught"}: ${mutation.says} (${mutation.file})`);
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
  options: { only: { type: "string", default: "" } },
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
