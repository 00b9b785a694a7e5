/**
 * node dev/bootstrap.mjs tests/bench/audit.ts [ENTRIES [PUNCHES]]
 * A21, A39: seconds and memory of verifying a company of 1,000 people over twelve months (default
 * 1,000,000 entries of the trail, 1,000,000 punches), inside a real Odoo, beside the floor of reading
 * the same rows, and outside of it from an export, on a throw-away database. Prints JSON.
 */
import { openCache } from "../../dev/cache.ts";
import {
  addonTemplate,
  createDatabase,
  dropDatabase,
  odooOnce,
  readableAddons,
} from "../../dev/databases.ts";
import { mustRun } from "../../dev/process.ts";
import { main } from "../../dev/trouble.ts";

/** Runs the export's own verifier in a Python that has nothing but its standard library. */
const OUTSIDE = `
import json, resource, subprocess, sys, time
began = time.perf_counter()
run = subprocess.run([sys.executable, "-I", "-S", *sys.argv[1:]], capture_output=True, text=True)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(json.dumps({"script_code": run.returncode, "script_said": run.stdout.splitlines()[-1:],
    "script_seconds": round(time.perf_counter() - began, 1),
    "script_cpu_seconds": round(used.ru_utime + used.ru_stime, 1),
    "script_mb_peak": round(used.ru_maxrss / 1024)}))
`;

export type AuditFigures = Readonly<Record<string, unknown>>;

/** Figures of a trail of `entries` and a lane of `punches`. A million of both: a quarter of an hour. */
export async function measureAudit(entries: number, punches: number): Promise<AuditFigures> {
  const program = await Deno.readTextFile(new URL("audit_odoo.py", import.meta.url));
  const addons = await readableAddons();
  const cache = await openCache();
  const db = await createDatabase(await addonTemplate(), "bench");
  const folder = `${cache.path}/tmp/${db}`;
  await Deno.mkdir(folder);
  await cache.own(folder);
  const step = async (...words: (string | number)[]): Promise<AuditFigures> => {
    const log = await odooOnce(
      { db, addons: addons.path, args: ["shell", "--no-http", "--log-level=warn"] },
      `ARGUMENTS = ${JSON.stringify(words)}\nexec(${JSON.stringify(program)})\n`,
    );
    const said = log.split("\n").find((line) => line.startsWith("FIGURE "));
    return JSON.parse(said?.slice(7) ?? "{}");
  };
  try {
    const filled = await step("fill", entries, punches);
    const inside = await step("verify");
    const floor = await step("floor");
    const file = `${folder}/export.zip`;
    const exported = await step("export", file);
    await mustRun(["/usr/bin/python3", "-m", "zipfile", "-e", file, `${folder}/out`]);
    const script = [`${folder}/out/verifier/verify.py`, file];
    const outside = JSON.parse(await mustRun(["/usr/bin/python3", "-c", OUTSIDE, ...script]));
    return { ...filled, ...inside, ...floor, ...exported, ...outside, load: Deno.loadavg() };
  } finally {
    await Deno.remove(folder, { recursive: true });
    await dropDatabase(db);
    await addons.dispose();
  }
}

if (import.meta.main) {
  await main(async () => {
    const size = (at: number) => Number(Deno.args[at] ?? 1_000_000);
    console.log(JSON.stringify(await measureAudit(size(0), size(1)), null, 1));
    return 0;
  });
}
