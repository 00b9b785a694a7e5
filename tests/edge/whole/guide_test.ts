/** docs/agent.md is held against the program: settings with defaults, commands, columns, alarms. */
import assert from "node:assert/strict";
import { SETTINGS } from "../../../edge_agent/base/config.ts";
import { main } from "../../../edge_agent/main.ts";
import { COLUMNS } from "../../../edge_agent/usb/export.ts";

const guide = Deno.readTextFileSync(new URL("../../../docs/agent.md", import.meta.url));

function settingsTable(): string {
  return SETTINGS.map(({ path, variable, fallback, description }) => {
    const shown = fallback === undefined ? "" : `\`${JSON.stringify(fallback)}\``;
    return `| \`${path.join(".")}\` | \`${variable}\` | ${shown} | ${description} |`;
  }).join("\n");
}

Deno.test("the guide's table of settings is the program's", () => {
  assert.ok(guide.includes(settingsTable()), `the table should be:\n${settingsTable()}`);
});

Deno.test("the guide names every command and column", async () => {
  let help = "";
  await main({ args: ["--help"], out: (text) => help += text, err: () => {} });
  const commands = [...help.matchAll(/^ {2}(\w+) {2,}/gm)].map((match) => match[1]);
  assert.ok(commands.length > 15);
  for (const name of commands) assert.ok(guide.includes(`\`${name}`), `${name}`);
  assert.ok(guide.includes(COLUMNS.join(",")));
});
