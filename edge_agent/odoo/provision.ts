/**
 * Many branches at once through Odoo's external API (XML-RPC by odoo-xmlrpc): creates the agents that
 * are missing and opens a pairing code for each. For an administrator's machine; the agent itself
 * never uses it. Owns the reading of the list and the calls; must not print.
 */
import https from "node:https";
import OdooXmlRpc from "odoo-xmlrpc";
import { z } from "zod";

export interface Branch {
  readonly name: string;
  readonly place: string;
  /** IANA name; empty: the company's. */
  readonly timeZone: string;
  /** Name of the company; empty: the administrator's own. */
  readonly company: string;
  /** Address and database of its Odoo. */
  readonly url: string;
  readonly database: string;
}

export interface Provisioned {
  readonly branch: string;
  /** `code_again`: its agent was there, unpaired; the code of an earlier list is void. */
  readonly outcome: "code" | "code_again" | "paired_already";
  /** What the list says otherwise than its agent, which is left as it is. */
  readonly differs: readonly ("place" | "time_zone")[];
  /** What to type at the branch; empty when it is paired. */
  readonly line: string;
}

export class ProvisionFault extends Error {
  override readonly name = "ProvisionFault";
}

const NOT_HERE =
  "this program runs a branch and cannot provision: use biometric-provision.js on your own machine";
const MAX_BRANCHES = 1_000;
const COLUMNS = ["name", "place", "time_zone", "company", "url", "database"];

/**
 * Reads `name,place,time_zone,company,url,database` with a header line, in UTF-8; only `name` is
 * needed. `here`: the Odoo of branches that name none. Throws ProvisionFault.
 */
export function readBranches(
  list: Uint8Array,
  here: Pick<Branch, "url" | "database">,
): Branch[] {
  const [header = [], ...rows] = readCsv(textOf(list));
  const names = header.map((name) => name.trim().toLowerCase());
  const unknown = names.filter((name) => !COLUMNS.includes(name));
  if (!names.includes("name") || unknown.length > 0) {
    throw new ProvisionFault(`the first line must name columns among ${COLUMNS.join(", ")}`);
  }
  const cell = (row: readonly string[], name: string) => row[names.indexOf(name)]?.trim() ?? "";
  const branches = rows.filter((row) => row.some((text) => text.trim() !== "")).map((row) => ({
    name: cell(row, "name"),
    place: cell(row, "place"),
    timeZone: cell(row, "time_zone"),
    company: cell(row, "company"),
    url: cell(row, "url") || here.url,
    database: cell(row, "database") || here.database,
  }));
  const nameless = branches.findIndex((branch) => branch.name === "");
  if (nameless >= 0) throw new ProvisionFault(`row ${nameless + 1} has no name`);
  const seen = new Set<string>();
  for (const { name, company, url, database } of branches) {
    if (!URL.canParse(url)) throw new ProvisionFault(`${name}: ${url} is no address`);
    const one = [new URL(url).href, database, company, name].join("\n");
    // The code of the second one would end that of the first, whose line is printed all the same.
    if (seen.has(one)) throw new ProvisionFault(`${name} stands there twice`);
    seen.add(one);
  }
  if (branches.length === 0) throw new ProvisionFault("there is no branch in the list");
  if (branches.length > MAX_BRANCHES) {
    throw new ProvisionFault(`more than ${MAX_BRANCHES} branches`);
  }
  return branches;
}

/** Names decide which agent is meant: bytes that are no text would make another one. */
function textOf(list: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(list);
  } catch {
    throw new ProvisionFault("the list is not UTF-8; save it as “CSV UTF-8”");
  }
}

/** RFC 4180, with LF as well as CRLF. */
function readCsv(text: string): string[][] {
  const rows: string[][] = [[]];
  let cell = "";
  let quoted = false;
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (quoted) {
      if (character !== '"') cell += character;
      else if (text[at + 1] === '"') cell += text[++at];
      else quoted = false;
    } else if (character === '"' && cell === "") quoted = true;
    else if (character === "," || character === "\n") {
      rows.at(-1)?.push(cell.replace(/\r$/, ""));
      cell = "";
      if (character === "\n") rows.push([]);
    } else cell += character;
  }
  rows.at(-1)?.push(cell);
  return rows;
}

export interface ProvisionOptions {
  readonly url: string;
  readonly database: string;
  readonly login: string;
  /** A password or, better, an API key of the administrator. */
  readonly key: string;
  readonly pinnedAuthorities: readonly string[];
}

const CALL_MS = 60_000;

interface XmlRpcClient {
  connect(done: (error: unknown, uid: unknown) => void): void;
  execute_kw(
    model: string,
    method: string,
    params: readonly unknown[],
    done: (error: unknown, value: unknown) => void,
  ): void;
}

type XmlRpcConstructor = new (
  options: { url: string; db: string; username: string; password: string },
) => XmlRpcClient;

export class Provisioner {
  readonly #client: XmlRpcClient;
  readonly #url: string;

  constructor({ url, database, login, key, pinnedAuthorities }: ProvisionOptions) {
    this.#url = url;
    // odoo-xmlrpc takes no TLS settings: they are those of the process, which ends with the command.
    if (pinnedAuthorities.length > 0) https.globalAgent.options.ca = [...pinnedAuthorities];
    const Client: XmlRpcConstructor | null = OdooXmlRpc;
    // The program that runs at branches is built without it (dev/bundle.ts).
    if (Client === null) throw new ProvisionFault(NOT_HERE);
    this.#client = new Client({ url, db: database, username: login, password: key });
  }

  /** Throws ProvisionFault when the login is refused or Odoo cannot be reached. */
  async connect(): Promise<void> {
    await this.#wait("log in", (done) => this.#client.connect(done));
  }

  /** The agent of the branch, made when it is missing, with a fresh code unless it is paired. */
  async provision(branch: Branch): Promise<Provisioned> {
    const company = branch.company === "" ? null : await this.#company(branch.company);
    const known = await this.#known(branch, company);
    const agent = known ?? await this.#made(branch, company);
    const differs = known === null ? [] : differences(branch, known);
    if (agent.state !== "new") {
      return { branch: branch.name, outcome: "paired_already", differs, line: "" };
    }
    const answer = await this.#call("biometric.agent", "action_pairing_code", [[agent.id]]);
    const shown = pairingDialog.safeParse(answer);
    if (!shown.success) throw new ProvisionFault(`Odoo opened no code for ${branch.name}`);
    const outcome = known === null ? "code" : "code_again";
    return { branch: branch.name, outcome, differs, line: this.#line(shown.data.context) };
  }

  /** With the address we were given: it is the one known to reach Odoo. */
  #line({ default_line }: { default_line: string }): string {
    return default_line.replace(
      /^(?:biometric-agent )?pair \S+/,
      `biometric-agent pair ${this.#url}`,
    );
  }

  async #company(name: string): Promise<number> {
    const found = ids.parse(await this.#call("res.company", "search", [[["name", "=", name]]]));
    const [id] = found;
    if (id === undefined || found.length > 1) {
      throw new ProvisionFault(
        `there is ${found.length === 0 ? "no" : "more than one"} company ${name}`,
      );
    }
    return id;
  }

  async #known(branch: Branch, company: number | null): Promise<KnownAgent | null> {
    const domain: unknown[] = [["name", "=", branch.name]];
    if (company !== null) domain.push(["company_id", "=", company]);
    const found = agents.parse(
      await this.#call("biometric.agent", "search_read", [domain, ["state", "place", "tz"]]),
    );
    if (found.length > 1) throw new ProvisionFault(`there are several agents ${branch.name}`);
    return found[0] ?? null;
  }

  async #made(branch: Branch, company: number | null): Promise<{ id: number; state: string }> {
    const values: Record<string, unknown> = { name: branch.name };
    if (branch.place !== "") values["place"] = branch.place;
    if (branch.timeZone !== "") values["tz"] = branch.timeZone;
    if (company !== null) values["company_id"] = company;
    const made = z.union([z.int(), z.array(z.int()).length(1)]).parse(
      await this.#call("biometric.agent", "create", [values]),
    );
    return { id: typeof made === "number" ? made : made[0] ?? 0, state: "new" };
  }

  #call(model: string, method: string, args: readonly unknown[]): Promise<unknown> {
    return this.#wait(
      `${model}.${method}`,
      (done) => this.#client.execute_kw(model, method, [args], done),
    );
  }

  #wait(
    what: string,
    begin: (done: (error: unknown, value: unknown) => void) => void,
  ): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const fail = (detail: string) => reject(new ProvisionFault(`${what}: ${detail}`));
      const timer = setTimeout(() => fail("Odoo does not answer"), CALL_MS);
      begin((error, value) => {
        clearTimeout(timer);
        if (error) fail(wordsOf(error));
        else resolve(value);
      });
    });
  }
}

const ids = z.array(z.int());
/** Odoo writes an empty text as `false`. */
const odooText = z.union([z.string(), z.literal(false)]).optional().transform((said) => said || "");
const agents = z.array(
  z.object({ id: z.int(), state: z.string(), place: odooText, tz: odooText }),
);
type KnownAgent = z.infer<typeof agents>[number];

function differences(branch: Branch, known: KnownAgent): ("place" | "time_zone")[] {
  const differs: ("place" | "time_zone")[] = [];
  if (branch.place !== "" && branch.place !== known.place) differs.push("place");
  if (branch.timeZone !== "" && branch.timeZone !== known.tz) differs.push("time_zone");
  return differs;
}

const pairingDialog = z.object({
  context: z.object({ default_line: z.string().regex(/^(?:biometric-agent )?pair /) }),
});

/** The last line of what Odoo says: the rest is its traceback. */
function wordsOf(error: unknown): string {
  const said = typeof error === "object" && error !== null
    ? ("faultString" in error && error.faultString) || ("message" in error && error.message)
    : error;
  const last = String(said ?? "unknown fault").trim().split("\n").at(-1) ?? "";
  // What odoo-xmlrpc makes of Odoo's `false`.
  if (last.startsWith("No UID returned")) return "Odoo refuses the login or its key";
  // PostgreSQL's words, which Odoo passes on.
  const missing = /database "([^"]+)" does not exist/.exec(last)?.[1];
  return missing === undefined ? last.slice(0, 300) : `Odoo has no database “${missing}”`;
}
