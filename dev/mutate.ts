/**
 * npm run mutate -- ROOM [ROOM …] [--only TEXT]
 * Makes each hostile change that tests/mutations/ lists for a room, one at a time, in a copy of the project, and runs
 * the room's tests: a change that leaves them green is a guard that no test holds. The project itself is
 * never touched. Ends with 1 when less than 95 of 100 changes are caught.
 */
import { parseArgs } from "node:util";
import { join } from "node:path";
import { caughtShare, type Mutation, type RoomMutations, spoiled } from "./mutation.ts";

const ROOT = new URL("..", import.meta.url).pathname;
const GOAL = 0.95;
/** What a test run may take, ms; a change that makes it hang is caught. */
const LONGEST_MS = 300_000;
const COPIED = ["edge_agent", "tests", "deno.json", "package.json"];

async function copyProject(copy: string): Promise<void> {
  for (const name of COPIED) {
    const args = ["-a", join(ROOT, name), copy];
    const { success } = await new Deno.Command("cp", { args }).output();
    if (!success) throw new Error(`${name} cannot be copied`);
  }
  Deno.symlinkSync(Deno.realPathSync(join(ROOT, "node_modules")), join(copy, "node_modules"));
}

/** Whether the tests are green. */
async function isGreen(copy: string, tests: readonly string[]): Promise<boolean> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["test", "-A", "--no-check", "--fail-fast", "-q", ...tests],
    cwd: copy,
    stdout: "null",
    stderr: "null",
  }).spawn();
  const limit = setTimeout(() => child.kill("SIGKILL"), LONGEST_MS);
  const { success } = await child.status;
  clearTimeout(limit);
  return success;
}

async function survives(
  copy: string,
  tests: readonly string[],
  mutation: Mutation,
): Promise<boolean> {
  const path = join(copy, mutation.file);
  const text = Deno.readTextFileSync(path);
  Deno.writeTextFileSync(path, spoiled(text, mutation));
  try {
    return await isGreen(copy, tests);
  } finally {
    Deno.writeTextFileSync(path, text);
  }
}

async function judge(room: string, copy: string, only: string): Promise<number> {
  const list: RoomMutations = (await import(`../tests/mutations/${room}.ts`)).default;
  const { tests } = list;
  if (!await isGreen(copy, tests)) throw new Error(`${room}: the tests are red as they are`);
  const chosen = list.mutations.filter(({ says }) => says.includes(only));
  let caught = 0;
  for (const mutation of chosen) {
    const lives = await survives(copy, tests, mutation);
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
const copy = Deno.makeTempDirSync({ prefix: "mutate-" });
let worst = 1;
try {
  await copyProject(copy);
  for (const room of rooms) worst = Math.min(worst, await judge(room, copy, only));
} finally {
  Deno.removeSync(copy, { recursive: true });
}
Deno.exit(worst >= GOAL ? 0 : 1);
