// Tests the pictures of docs/architecture.md: what is drawn is what the files import, and every room is
// in the tables with what it owns.

import assert from "node:assert/strict";
import {
  addonGraph,
  agentGraph,
  draw,
  drawPage,
  type Graph,
  readHouses,
  reduce,
  withPart,
} from "../../dev/architecture.ts";
import { read, rowsOf } from "./pages.ts";

const graph = (arrows: Record<string, string[]>): Graph => new Map(Object.entries(arrows));

// Turns red when an import between rooms comes or goes and the page is not drawn anew.
Deno.test("architecture: the page shows the houses as they are", async () => {
  const { committed, fresh } = await drawPage();
  assert.ok(committed === fresh, "run: node dev/bootstrap.mjs dev/architecture.ts");
});

// Turns red when a room is made, renamed or emptied and the tables are not.
Deno.test("architecture: each room has its line with what it owns, and no line is of a room that was", async () => {
  const page = await read("docs/architecture.md");
  const { agent, addon } = await readHouses();
  for (const [heading, house] of [["The agent", agent], ["The addon", addon]] as const) {
    const part = page.split(`\n## ${heading}\n`)[1]?.split("<!--")[0] ?? "";
    const rooms = rowsOf(part).map(([room = ""]) => /^`(.+)`$/.exec(room)?.[1]).filter(Boolean);
    assert.deepEqual(rooms.toSorted(), [...house.keys()], heading);
  }
});

// Turns red when types are left out, or a folder and a file beside it are taken for one room.
Deno.test("architecture: an import of the agent is an arrow, types included, inside a room none", () => {
  const sources = new Map([
    ["main.ts", 'import { cli } from "./cli/cli.ts";\n'],
    ["cli/cli.ts", 'import type { Queue } from "../queue/queue.ts";\nimport "node:fs";\n'],
    [
      "queue/queue.ts",
      'export * from "./store.ts";\nexport type { Punch } from "../base/punch.ts";\n',
    ],
    ["queue/store.ts", 'const later = await import("../base/log.ts");\n'],
    ["base/punch.ts", ""],
    ["base/log.ts", ""],
  ]);
  const expected = graph({ base: [], cli: ["queue"], main: ["cli"], queue: ["base"] });
  assert.deepEqual(agentGraph(sources), expected);
});

// Turns red when a form of Python's imports is not read, inheritance is not drawn, or a load list is.
Deno.test("architecture: imports and inheritance of the addon are arrows, load lists and tests none", () => {
  const model = 'class A(models.Model):\n    _name = "a"\n    _inherit = ["mixin"]\n';
  const sources = new Map([
    ["__init__.py", "from . import models, wizards\n"],
    ["models/__init__.py", "from . import mixins, day\n"],
    ["models/mixins/__init__.py", "from . import mixin\n"],
    ["models/mixins/mixin.py", 'class M(models.AbstractModel):\n    _name = "mixin"\n'],
    ["models/day/__init__.py", "from . import a\n"],
    ["models/day/a.py", `from ...engine.day import (\n    build,\n    keep,\n)\n${model}`],
    ["models/fleet/b.py", 'from ... import contract\nclass A(models.Model):\n    _inherit = "a"\n'],
    ["wizards/w.py", "from ..contract import wire, chain\nfrom ..models.day.a import A\n"],
    ["contract/wire.py", "from . import chain\n"],
    ["contract/chain.py", "import hashlib\n"],
    ["engine/day.py", "from odoo.addons.biometric_attendance.hooks import x\n"],
    ["hooks.py", ""],
    ["tests/test_a.py", "from ..models.day import a\n"],
  ]);
  const expected = graph({
    contract: [],
    engine: ["hooks"],
    hooks: [],
    "models/day": ["engine", "models/mixins"],
    "models/fleet": ["contract", "models/day"],
    "models/mixins": [],
    wizards: ["contract", "models/day"],
  });
  assert.deepEqual(addonGraph(sources), expected);
});

Deno.test("architecture: the picture leaves out what a longer way says, the table says all", () => {
  const house = graph({ a: ["b", "models/c"], b: ["models/c"], "models/c": [] });
  assert.deepEqual(reduce(house), graph({ a: ["b"], b: ["models/c"], "models/c": [] }));
  const drawn = draw(house);
  assert.match(
    drawn,
    /subgraph models\n {4}models_c\["c"\]\n {2}end\n {2}a --> b\n {2}b --> models_c\n/,
  );
  assert.match(drawn, /\| a \| b, models\/c \|/);
});

Deno.test("architecture: two rooms that enter each other keep both arrows", () => {
  const circle = graph({ a: ["b"], b: ["a"] });
  assert.deepEqual(reduce(circle), circle);
});

Deno.test("architecture: a page without its marks is said so", () => {
  assert.equal(
    withPart("a\n<!-- x: drawn -->\nold\n<!-- x: end -->\nb", "x", "new"),
    "a\n<!-- x: drawn -->\n\nnew\n\n<!-- x: end -->\nb",
  );
  assert.throws(
    () => withPart("a", "x", "new"),
    /has lost its marks <!-- x: drawn -->.*put them back/,
  );
});
