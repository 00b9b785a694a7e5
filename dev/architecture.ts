// Owns: the two pictures of docs/architecture.md, drawn from what the files import. Must not know: which
// arrows are allowed (a test of the house holds those), nor what a room is for (the page says it).
//
//   node dev/bootstrap.mjs dev/architecture.ts            writes the pictures into the page
//   node dev/bootstrap.mjs dev/architecture.ts --check    exit 1 when the page shows another house

import { dirname, join, normalize } from "node:path";
import { repository } from "./cache.ts";
import { main, Trouble } from "./trouble.ts";

const PAGE = "docs/architecture.md";
const AGENT = "edge_agent";
const ADDON = "odoo_addon/biometric_attendance";
/** Folders of the addon without a place in the picture: Odoo runs them by itself. */
const ASIDE = /^(tests|migrations|static|demo)\//;

/** Texts of files by their path from the house's folder. */
export type Sources = ReadonlyMap<string, string>;
/** Each room with the rooms it enters, both sorted. */
export type Graph = ReadonlyMap<string, readonly string[]>;

/** A file on the top floor is a room of its own. */
const agentRoom = (path: string): string => path.replace(/(\/.*|\.ts)$/, "");

/** `models/` is a house of rooms; every other folder, and every file beside them, is one. */
function addonRoom(path: string): string {
  const [first = "", second = "", third] = path.replace(/\.py$/, "").split("/");
  return first === "models" && third !== undefined ? `models/${second}` : first;
}

class Arrows {
  readonly #arrows = new Map<string, Set<string>>();

  add(from: string, to?: string): void {
    const entered = this.#arrows.get(from) ?? new Set();
    this.#arrows.set(from, entered);
    if (to === undefined || to === from) return;
    entered.add(to);
    this.add(to);
  }

  graph(): Graph {
    const rooms = [...this.#arrows].sort(([a], [b]) => a < b ? -1 : 1);
    return new Map(rooms.map(([room, entered]) => [room, [...entered].sort()]));
  }
}

/** The agent: who imports whom, types included. */
export function agentGraph(sources: Sources): Graph {
  const arrows = new Arrows();
  for (const [path, text] of sources) {
    arrows.add(agentRoom(path));
    for (const [, target = ""] of text.matchAll(/\bfrom\s+"(\.[^"]+)"|\bimport\("(\.[^"]+)"\)/g)) {
      arrows.add(agentRoom(path), agentRoom(normalize(join(dirname(path), target))));
    }
  }
  return arrows.graph();
}

const PYTHON_IMPORT =
  /^[ \t]*from (?:odoo\.addons\.biometric_attendance|(\.+))\.?([\w.]*) import (\([^)]*\)|[^\n#]*)/gm;

/** The files or packages that one file imports, as paths from the addon without `.py`. */
function pythonImports(path: string, text: string, isThere: (path: string) => boolean): string[] {
  const found: string[] = [];
  for (const [, dots, module = "", names = ""] of text.matchAll(PYTHON_IMPORT)) {
    const up = "../".repeat((dots ?? ".").length - 1);
    const folder = dots === undefined ? "." : join(dirname(path), up);
    const target = normalize(join(folder, module.replaceAll(".", "/")));
    // `from .. import wire` names modules, `from ..wire import plain` what is in one.
    const inside = names.replace(/[()]|#.*$/gm, "").split(",").map((name) =>
      normalize(join(target, name.trim().split(" ")[0] ?? ""))
    );
    const modules = inside.filter(isThere);
    found.push(...modules.length > 0 ? modules : [target]);
  }
  return found.filter((target) => target !== "." && !target.startsWith(".."));
}

const QUOTED = /["']([\w.]+)["']/g;

/** Names that the classes of a file give (`_name`) and take up (`_inherit`). */
function odooNames(text: string): { given: string[]; taken: string[] } {
  const given: string[] = [];
  const taken: string[] = [];
  for (const body of text.split(/^class /m).slice(1)) {
    const name = /^ {4}_name = ["']([\w.]+)["']/m.exec(body)?.[1];
    const inherit = /^ {4}_inherit = (\[[^\]]*\]|\([^)]*\)|[^\n]*)/m.exec(body)?.[1] ?? "";
    const names = [...inherit.matchAll(QUOTED)].map((found) => found[1] ?? "");
    if (name && !names.includes(name)) given.push(name);
    taken.push(...names);
  }
  return { given, taken };
}

/** Load lists import everything and say nothing about rooms. */
const isLoadList = (path: string): boolean =>
  path === "__init__.py" || path === "models/__init__.py";

/** The addon: imports, and whose models are inherited; both decide what must be loaded before. */
export function addonGraph(sources: Sources): Graph {
  const arrows = new Arrows();
  const files = [...sources].filter(([path]) => !isLoadList(path) && !ASIDE.test(path));
  const known = new Set(
    [...sources.keys()].flatMap((path) => [path.replace(/\.py$/, ""), dirname(path)]),
  );
  const homes = new Map<string, string>();
  for (const [path, text] of files) {
    for (const name of odooNames(text).given) homes.set(name, addonRoom(path));
  }
  for (const [path, text] of files) {
    const room = addonRoom(path);
    if (path !== "__manifest__.py") arrows.add(room);
    for (const target of pythonImports(path, text, (name) => known.has(name))) {
      arrows.add(room, addonRoom(known.has(`${target}/__init__`) ? `${target}/__init__` : target));
    }
    for (const name of odooNames(text).taken) arrows.add(room, homes.get(name) ?? room);
  }
  return arrows.graph();
}

function reaches(graph: Map<string, Set<string>>, from: string, to: string): boolean {
  const seen = new Set<string>();
  const ahead = [from];
  for (let room = ahead.pop(); room !== undefined; room = ahead.pop()) {
    for (const next of graph.get(room) ?? []) {
      if (next === to) return true;
      if (!seen.has(next)) ahead.push(next);
      seen.add(next);
    }
  }
  return false;
}

/** Leaves out each arrow that a longer way says too, so that a picture can be read. */
export function reduce(graph: Graph): Graph {
  const left = new Map([...graph].map(([room, entered]) => [room, new Set(entered)]));
  for (const [room, entered] of graph) {
    for (const next of entered) {
      left.get(room)?.delete(next);
      if (!reaches(left, room, next)) left.get(room)?.add(next);
    }
  }
  return new Map([...left].map(([room, entered]) => [room, [...entered].sort()]));
}

/** `models/day` is drawn in the frame `models`, as `day`. */
function node(room: string): string {
  const [frame, inner] = room.split("/");
  return inner === undefined ? room : `${frame}_${inner}["${inner}"]`;
}
const id = (room: string): string => room.replace("/", "_");

/** The picture, and under it every arrow in words: the picture leaves out what a longer way says. */
export function draw(graph: Graph): string {
  const frames = Map.groupBy(graph.keys(), (room) => room.includes("/") ? room.split("/")[0] : "");
  const lines = ["```mermaid", "flowchart TD"];
  for (const [frame, rooms] of frames) {
    if (!frame) continue;
    lines.push(`  subgraph ${frame}`, ...rooms.map((room) => `    ${node(room)}`), "  end");
  }
  for (const [room, entered] of reduce(graph)) {
    if (entered.length > 0) lines.push(`  ${id(room)} --> ${entered.map(id).join(" & ")}`);
  }
  lines.push("```", "", "| room | enters |", "|---|---|");
  for (const [room, entered] of graph) {
    lines.push(`| ${room} | ${entered.join(", ") || "nothing"} |`);
  }
  return lines.join("\n");
}

/** The page with the text between `<!-- NAME: drawn -->` and `<!-- NAME: end -->` put in place. */
export function withPart(page: string, name: string, part: string): string {
  const [begin, end] = [`<!-- ${name}: drawn -->`, `<!-- ${name}: end -->`];
  const [head, rest = ""] = page.split(begin);
  const [, tail] = rest.split(end);
  if (head === undefined || tail === undefined) {
    throw new Trouble(`${PAGE} has lost its marks ${begin} and ${end}; put them back.`);
  }
  return `${head}${begin}\n\n${part}\n\n${end}${tail}`;
}

async function readSources(
  house: string,
  ending: string,
  folder = "",
): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for await (const { name, isDirectory } of Deno.readDir(`${repository}/${house}/${folder}`)) {
    if (isDirectory && name !== "__pycache__") {
      for (const entry of await readSources(house, ending, `${folder}${name}/`)) {
        found.set(...entry);
      }
    } else if (name.endsWith(ending)) {
      found.set(folder + name, await Deno.readTextFile(`${repository}/${house}/${folder}${name}`));
    }
  }
  return found;
}

/** Both houses as they stand in the repository. */
export async function readHouses(): Promise<{ agent: Graph; addon: Graph }> {
  const agent = agentGraph(await readSources(AGENT, ".ts"));
  return { agent, addon: addonGraph(await readSources(ADDON, ".py")) };
}

/** The committed page, and what it would be if its pictures were drawn now. */
export async function drawPage(): Promise<{ committed: string; fresh: string }> {
  const committed = await Deno.readTextFile(`${repository}/${PAGE}`);
  const { agent, addon } = await readHouses();
  const fresh = withPart(withPart(committed, "agent", draw(agent)), "addon", draw(addon));
  return { committed, fresh };
}

async function run(args: readonly string[]): Promise<number> {
  const odd = args.find((arg) => arg !== "--check");
  if (odd) throw new Trouble(`architecture: unknown argument ${odd}; known: --check`);
  const { committed, fresh } = await drawPage();
  if (committed === fresh) {
    console.log(`${PAGE} shows the houses as they are`);
    return 0;
  }
  if (args.includes("--check")) {
    console.error(
      `${PAGE} shows other arrows than the files have: run\n` +
        "  node dev/bootstrap.mjs dev/architecture.ts\nand commit the page.",
    );
    return 1;
  }
  await Deno.writeTextFile(`${repository}/${PAGE}`, fresh);
  console.log(`${PAGE} written`);
  return 0;
}

if (import.meta.main) await main(() => run(Deno.args));
