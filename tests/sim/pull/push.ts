/**
 * The push side of a simulated terminal: ADMS over plain HTTP/1.1 as an attendance terminal speaks
 * it. It keeps its own mark of what was acknowledged and moves it only on `OK`, uploads what it could
 * not deliver later, and obeys CHECK, DATA QUERY ATTLOG, CLEAR LOG and what lists and writes people.
 * Imports nothing of the agent.
 */
import type { FakeMemory, FakeRecord } from "./memory.ts";

export interface PushOptions {
  /** Path before `/iclock`, for agents that demand a secret one. */
  readonly path?: string;
  readonly pollMs?: number;
  /** Lines in one upload. */
  readonly batch?: number;
}

export class FakePush {
  readonly memory: FakeMemory;
  readonly #base: string;
  readonly #options: PushOptions;
  readonly #stopper = new AbortController();
  #running: Promise<void> | null = null;
  /** Number of the newest record that was acknowledged. */
  acknowledged = 0;
  /** Records acknowledged by number: what the terminal believes it delivered. */
  readonly delivered = new Set<number>();
  /** The cable is out. */
  unplugged = false;
  /** So many queries of a window are answered with an error, as by a terminal that is busy. */
  refusesQueries = 0;
  failures = 0;
  /** Ms between two calls. */
  pollMs: number;

  constructor(memory: FakeMemory, server: string, options: PushOptions = {}) {
    this.memory = memory;
    this.pollMs = options.pollMs ?? 1_000;
    this.#base = server.replace(/\/$/, "") + (options.path ?? "") + "/iclock";
    this.#options = options;
  }

  start(): Promise<void> {
    this.#running = this.#loop();
    return Promise.resolve();
  }

  async stop(): Promise<void> {
    this.#stopper.abort();
    await this.#running;
  }

  /** One turn: shake hands if needed, upload what is not acknowledged, ask for commands. */
  async turn(): Promise<void> {
    if (this.unplugged) return;
    try {
      if (!this.#greeted) await this.#greet();
      await this.#upload();
      await this.#askCommands();
    } catch (error) {
      if (this.#stopper.signal.aborted) return;
      if (!(error instanceof TypeError) && !(error instanceof PushRefused)) throw error;
      this.failures++;
      this.#greeted = false;
    }
  }

  #greeted = false;

  async #loop(): Promise<void> {
    const { signal } = this.#stopper;
    while (!signal.aborted) {
      await this.turn();
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, this.pollMs);
        signal.addEventListener("abort", () => (clearTimeout(timer), resolve()), { once: true });
      });
    }
  }

  async #greet(): Promise<void> {
    const query = `SN=${this.memory.serial}&options=all&pushver=2.4.1&language=69`;
    const answer = await this.#request("GET", `/cdata?${query}`);
    if (!answer.startsWith("GET OPTION FROM")) throw new PushRefused(answer);
    this.#greeted = true;
  }

  async #upload(): Promise<void> {
    const waiting = this.memory.records.filter((record) =>
      record.number > this.acknowledged && !this.memory.silent.has(record.number)
    );
    const batch = this.#options.batch ?? 50;
    for (let at = 0; at < waiting.length; at += batch) {
      const part = waiting.slice(at, at + batch);
      await this.#uploadRecords(part);
      this.acknowledged = part.at(-1)!.number;
    }
  }

  async #uploadRecords(records: FakeRecord[]): Promise<void> {
    const { serial } = this.memory;
    const stamp = records.at(-1)!.number;
    const body = records.map((record) =>
      [record.pin, record.wallTime, record.state, record.verify, 0, 0, 0].join("\t")
    ).join("\n");
    const query = `SN=${serial}&table=ATTLOG&Stamp=${stamp}`;
    const answer = await this.#request("POST", `/cdata?${query}`, `${body}\n`);
    if (!/^OK/.test(answer)) throw new PushRefused(answer);
    for (const record of records) this.delivered.add(record.number);
  }

  async #askCommands(): Promise<void> {
    const answer = await this.#request("GET", `/getrequest?SN=${this.memory.serial}`);
    for (const line of answer.split(/\r?\n/)) {
      const parts = /^C:(\w+):(.*)$/.exec(line);
      if (parts) await this.#obey(parts[1]!, parts[2]!);
    }
  }

  async #obey(id: string, command: string): Promise<void> {
    const query = /^DATA QUERY ATTLOG StartTime=([\d :-]+)\s+EndTime=([\d :-]+)/.exec(command);
    let result = -1002;
    if (query && this.refusesQueries > 0) {
      this.refusesQueries--;
      result = -1;
    } else if (query) {
      const [, from = "", to = ""] = query;
      const found = this.memory.records.filter((record) =>
        record.wallTime >= from.trim() && record.wallTime <= to.trim()
      );
      if (found.length > 0) await this.#uploadRecords(found);
      result = found.length;
    } else if (command.startsWith("DATA QUERY USERINFO")) result = await this.#uploadUsers(command);
    else if (command.startsWith("DATA UPDATE USERINFO")) result = this.#writeUser(command);
    else if (/^CLEAR LOG/.test(command)) {
      this.memory.clear();
      result = 0;
    } else if (/^(CHECK|LOG|INFO|REBOOT|RELOAD OPTIONS)/.test(command)) result = 0;
    const body = `ID=${id}&Return=${result}&CMD=${command.split(" ")[0]}\n`;
    await this.#request("POST", `/devicecmd?SN=${this.memory.serial}`, body);
  }

  /** All its people, or the one who was asked for; the answer counts them. */
  async #uploadUsers(command: string): Promise<number> {
    const pin = /PIN=([^\t]+)/.exec(command)?.[1];
    const users = this.memory.users.filter((user) => pin === undefined || user.pin === pin);
    const rows = users.map((user) =>
      `USER PIN=${user.pin}\tName=${user.name}\tPri=${user.privilege}\tPasswd=\t` +
      `Card=${user.card || ""}\tGrp=1\tTZ=0000000100000000\n`
    );
    if (rows.length === 0) return 0;
    const query = `SN=${this.memory.serial}&table=OPERLOG&Stamp=9999`;
    const answer = await this.#request("POST", `/cdata?${query}`, rows.join(""));
    if (!/^OK/.test(answer)) throw new PushRefused(answer);
    return users.length;
  }

  #writeUser(command: string): number {
    const pin = /PIN=([^\t]+)/.exec(command)?.[1];
    if (pin === undefined) return -1;
    const name = /\tName=([^\t]*)/.exec(command)?.[1] ?? "";
    const card = Number(/\tCard=(\d+)/.exec(command)?.[1] ?? 0);
    const known = this.memory.users.find((user) => user.pin === pin);
    if (known === undefined) this.memory.addUser(pin, name, { card });
    else this.memory.putUser({ ...known, name, card: card || known.card });
    return 0;
  }

  async #request(method: string, path: string, body?: string): Promise<string> {
    const response = await fetch(`${this.#base}${path}`, {
      method,
      ...(body !== undefined && { body }),
      headers: { "User-Agent": "iClock Proxy/1.09", "Content-Type": "text/plain" },
      signal: AbortSignal.any([this.#stopper.signal, AbortSignal.timeout(10_000)]),
    });
    const text = await response.text();
    if (response.status !== 200) throw new PushRefused(`${response.status}`);
    return text;
  }
}

class PushRefused extends Error {}
