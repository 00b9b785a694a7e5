/** `report`: what may be told of a terminal to people who build the agent. What may be, health decides. */
import { parseArgs } from "node:util";
import { VERSION } from "../base/version.ts";
import { terminalReport } from "../health/health.ts";
import type { PunchRow, RejectRow } from "../queue/queue.ts";
import { type Command, EXIT_OK, Misused, perform, table, type World } from "./command.ts";

type Known = Omit<
  Parameters<typeof terminalReport>[0],
  "rejectReasons" | "statuses" | "verifies" | "channels" | "pinLengths" | "workCodes"
>;

/** Enough to see every code that a terminal uses. */
const LOOKED_AT = 5_000;

export const report: Command = {
  usage: "report SN [--json]",
  summary: "a redacted report of a terminal: family, versions, what it can, what is odd",
  help:
    `For people who build the agent, and for docs/terminals.md. Holds no name, PIN, serial number, address or key:
every value comes out of a fixed list, or is a yes or no, a rounded number or a version number. Read it before
you send it.`,
  run: async (args, world) => {
    const { values, positionals: [serial, ...rest] } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { json: { type: "boolean", default: false } },
    });
    if (serial === undefined || rest.length > 0) throw new Misused("SN is needed");
    const points = terminalReport(await viewOf(serial, world));
    const told = [{ point: "agent version", found: VERSION }, ...points];
    world.out(
      values.json
        ? `${JSON.stringify({ report: 1, points: told }, null, 1)}\n`
        : table(["point", "found"], told.map(({ point, found }) => [point, found])),
    );
    return EXIT_OK;
  },
};

async function viewOf(serial: string, { config }: World) {
  const known = await perform(config, "terminal", { serial }) as Known;
  const punches = await perform(config, "punches", { serial, limit: LOOKED_AT }) as PunchRow[];
  const rejects = (await perform(config, "rejects", { limit: LOOKED_AT }) as RejectRow[])
    .filter((row) => row.serial === serial);
  return {
    ...known,
    rejectReasons: rejects.map(({ reason }) => reason),
    statuses: distinct(punches.map(({ status }) => status)),
    verifies: distinct(punches.map(({ verify }) => verify)),
    channels: distinct(punches.map(({ channel }) => channel)),
    pinLengths: distinct(punches.map(({ pin }) => pin.length)),
    workCodes: punches.some(({ workCode }) => workCode !== "" && workCode !== "0"),
  };
}

const distinct = <T>(values: readonly T[]): T[] => [...new Set(values)];
