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

const text = (path: string) => Deno.readTextFileSync(new URL(`../../../${path}`, import.meta.url));

/** What `found` finds in a file, each once. */
function namesIn(path: string, found: RegExp, least: number): string[] {
  const names = [...new Set([...text(path).matchAll(found)].map((match) => match[1] ?? ""))];
  assert.ok(names.length >= least, `${path}: ${names}`);
  return names;
}

// Red when an alarm is added that the course does not explain to who meets it.
Deno.test("the operator's course says what each alarm means, the agent's and Odoo's", () => {
  const course = text("docs/operator.md");
  const kinds = /DamageKind =\n([^;]*);/.exec(text("edge_agent/queue/types.ts"))?.[1] ?? "";
  const codes = [
    ...namesIn("edge_agent/health/alarms.ts", /^ {2}(\w+): \{/gm, 20),
    ...namesIn("edge_agent/health/vitals.ts", /code: "(\w+)"/g, 6),
    ...namesIn("edge_agent/queue/types.ts", /readonly code: "(\w+)"/g, 1),
    ...namesIn("edge_agent/queue/group.ts", /code: "(\w+)"/g, 1),
    ...[...kinds.matchAll(/"(\w+)"/g)].map(([, kind = ""]) => kind),
    "odoo_silent",
    "erpnext_silent",
  ];
  assert.deepEqual(codes.filter((code) => !course.includes(`\`${code}\``)), []);
  const labels = namesIn(
    "odoo_addon/biometric_attendance/models/fleet/biometric_alarm.py",
    /^ {4}\("\w+", "(.+)"\),$/gm,
    10,
  );
  assert.deepEqual(labels.filter((label) => !course.includes(label)), []);
});
