/**
 * node dev/bootstrap.mjs tests/bench/latency.ts [PUNCHES] [EMPLOYEES]
 * From a punch posted over HTTP to its recomputed day, on a running Odoo whose cron is really woken:
 * milliseconds until the receipt and until another connection sees the day. Prints, asserts nothing.
 */
import {
  addonTemplate,
  createDatabase,
  dropDatabase,
  openPostgres,
  readableAddons,
} from "../../dev/odoo.ts";
import { takePort } from "../../dev/cache.ts";
import { odooOnce } from "../../dev/databases.ts";
import { OdooServer } from "../../dev/odoo_server.ts";
import { mustRun } from "../../dev/process.ts";
import { main } from "../../dev/trouble.ts";

const HERE = new URL(".", import.meta.url).pathname;

/** A month of days of the people, as tests/bench/days_odoo.py lays them; tokens and employees. */
function prepare(library: string, employees: number): string {
  return `EMPLOYEES, GROWTH = ${employees}, False
exec(${JSON.stringify(library)})
import json
agent, device, people = world(EMPLOYEES, "LATENCY")
lay_punches(device, agent, people, FIRST, DAYS)
su["biometric.day.rebuild"]._rebuild([(person, day) for person in people.ids for day in DATES])
env["biometric.stale.day"].sudo()._pop(10**9)
# shown already, and nobody is tracked in the months between
env.cr.execute("UPDATE biometric_day SET is_projected = TRUE")
env.cr.execute("UPDATE biometric_device_user SET valid_from = CURRENT_DATE")
token = env["biometric.agent.token"]._issue(agent)
env.cr.commit()
print("FIGURE " + json.dumps({"token": token, "serial": device.serial, "people": people.ids}))
`;
}

async function run(args: readonly string[]): Promise<number> {
  const [punches = 60, employees = 200] = args.map(Number);
  const library = (await Deno.readTextFile(`${HERE}days_odoo.py`)).split("# measured from here")[0];
  const db = await createDatabase(await addonTemplate(), "bench");
  const addons = await readableAddons();
  try {
    const shell = ["shell", "--no-http", "--log-level=warn"];
    const script = prepare(library ?? "", employees);
    const log = await odooOnce({ db, addons: addons.path, args: shell }, script);
    const figure = log.split("\n").find((line) => line.startsWith("FIGURE "))?.slice(7) ?? "{}";
    const server = new OdooServer({ db, addons: addons.path, port: await takePort() });
    await server.start();
    try {
      const { host, port, user } = await openPostgres();
      const asked = {
        ...JSON.parse(figure),
        db,
        url: server.url,
        punches,
        dsn: `host=${host} port=${port} user=${user} dbname=${db}`,
      };
      const client = ["/usr/bin/python3", `${HERE}latency_client.py`];
      console.log((await mustRun(client, { input: JSON.stringify(asked) })).trimEnd());
      console.log(`load average ${Deno.loadavg().map((value) => value.toFixed(1)).join(" ")}`);
    } finally {
      await server.stop();
    }
    return 0;
  } finally {
    await dropDatabase(db);
    await addons.dispose();
  }
}

if (import.meta.main) await main(() => run(Deno.args));
