// Owns: talking to Odoo as its web client does: a session by login, then model methods over JSON-RPC.
// Must not know: models.

import { Trouble } from "./trouble.ts";

export type Json = string | number | boolean | null | Json[] | { [name: string]: Json };
export type Row = { [name: string]: Json };
export type Domain = Json[];

/** Odoo refused or failed a call; the message is the one a person would see in the web client. */
export class OdooRefused extends Error {
  override name = "OdooRefused";
}

interface RpcAnswer {
  readonly result?: Json;
  readonly error?: { readonly message: string; readonly data?: { readonly message?: string } };
}

export class OdooClient {
  readonly #url: string;
  readonly #cookie: string;
  readonly uid: number;

  private constructor(url: string, cookie: string, uid: number) {
    this.#url = url;
    this.#cookie = cookie;
    this.uid = uid;
  }

  /** Logs in as a person would. Throws OdooRefused for wrong words. */
  static async login(
    url: string,
    db: string,
    login: string,
    password: string,
  ): Promise<OdooClient> {
    const params = { db, login, password };
    const { answer, cookie } = await rpc(`${url}/web/session/authenticate`, params, "");
    const uid = (answer as { uid?: number } | null)?.uid;
    if (!uid) throw new OdooRefused(`${login} cannot log in`);
    return new OdooClient(url, cookie, uid);
  }

  /** Calls a method of a model with the rights of the person logged in. */
  async call(model: string, method: string, args: Json[] = [], kwargs: Row = {}): Promise<Json> {
    const path = `${this.#url}/web/dataset/call_kw/${model}/${method}`;
    return (await rpc(path, { model, method, args, kwargs }, this.#cookie)).answer;
  }

  async create(model: string, values: Row[]): Promise<number[]> {
    return await this.call(model, "create", [values]) as number[];
  }

  async write(model: string, ids: number[], values: Row): Promise<void> {
    await this.call(model, "write", [ids, values]);
  }

  async count(model: string, domain: Domain = []): Promise<number> {
    return await this.call(model, "search_count", [domain]) as number;
  }

  async rows(
    model: string,
    domain: Domain,
    fields: string[],
    options: Row = {},
  ): Promise<Row[]> {
    return await this.call(model, "search_read", [domain], { fields, ...options }) as Row[];
  }

  /** The database id behind an external id such as `base.group_user`. */
  async reference(xmlid: string): Promise<number> {
    const [module = "", name = ""] = xmlid.split(".");
    const domain = [["module", "=", module], ["name", "=", name]];
    const [row] = await this.rows("ir.model.data", domain, ["res_id"]);
    if (!row) throw new Trouble(`Odoo has no record ${xmlid}.`);
    return row["res_id"] as number;
  }

  /** The bytes behind a page that needs a login, for example a report or a binary field. */
  async download(path: string): Promise<Uint8Array> {
    const response = await fetch(this.#url + path, { headers: { Cookie: this.#cookie } });
    const bytes = new Uint8Array(await response.arrayBuffer());
    if (!response.ok) throw new OdooRefused(`${path} answered ${response.status}`);
    return bytes;
  }
}

async function rpc(
  url: string,
  params: Json,
  cookie: string,
): Promise<{ answer: Json; cookie: string }> {
  const response = await fetch(url, {
    method: "POST",
    headers: { "Content-Type": "application/json", ...(cookie ? { Cookie: cookie } : {}) },
    body: JSON.stringify({ jsonrpc: "2.0", method: "call", id: 1, params }),
  });
  if (!response.ok) {
    await response.body?.cancel();
    throw new OdooRefused(`${new URL(url).pathname} answered ${response.status}`);
  }
  const body = await response.json() as RpcAnswer;
  if (body.error) throw new OdooRefused(body.error.data?.message ?? body.error.message);
  const session = response.headers.getSetCookie().map((line) => line.split(";")[0] ?? "")
    .find((pair) => pair.startsWith("session_id="));
  return { answer: body.result ?? null, cookie: session ?? cookie };
}
