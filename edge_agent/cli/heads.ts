/** `heads`: what this agent remembers of Odoo's audit trail, for somebody outside. Owns the printing. */
import { parseArgs } from "node:util";
import { brokenHead, printedHeads, readHeads } from "../odoo/odoo.ts";
import { type Command, EXIT_FAILED, EXIT_OK } from "./command.ts";

export const heads: Command = {
  usage: "heads > FILE.jsonl",
  summary: "the audit heads this agent was shown and signed, as a witness outside Odoo",
  help: `One JSON object a line, oldest first, each signed over the line before. Keep the file where
nobody who administers Odoo can reach it: the verifier of an export takes it with --witness.
Exit code 1 when a line is not signed by the key it names, or follows another line.`,
  run: async (args, world) => {
    parseArgs({ args: [...args], options: {} });
    let broken = false;
    for (const file of readHeads(world.config.dataDirectory)) {
      for (const line of printedHeads(file)) world.out(`${JSON.stringify(line)}\n`);
      const at = await brokenHead(file);
      world.err(told(file, at));
      broken ||= at !== null;
    }
    return broken ? EXIT_FAILED : EXIT_OK;
  },
};

function told(
  { url, heads }: ReturnType<typeof readHeads>[number],
  broken: number | null,
): string {
  const kept = `${heads.length} heads of ${url}`;
  return broken === null
    ? `${kept}: each follows the one before\n`
    : `${kept}: number ${broken} does not follow the one before\n`;
}
