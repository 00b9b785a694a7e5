/** `report`: what may be told of a terminal to people who build the agent. What may be, health decides. */
import { parseArgs } from "node:util";
import type { ReportPoint } from "../health/health.ts";
import { type Command, EXIT_OK, Misused, perform, table } from "./command.ts";

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
    const told = await perform(world.config, "report", { serial }) as ReportPoint[];
    world.out(
      values.json
        ? `${JSON.stringify({ report: 1, points: told }, null, 1)}\n`
        : table(["point", "found"], told.map(({ point, found }) => [point, found])),
    );
    return EXIT_OK;
  },
};
