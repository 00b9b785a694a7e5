// Owns: a simulated attendance terminal: its memory, its handshake, uploads, polls and the commands it
// obeys, as recorded conversations of real ones show them. Imports nothing of the agent.

import { attlogRow, type RowForm, type TerminalRecord } from "./records.ts";
import { type Answer, exchange, type Line, type Manner, MODERN, NoAnswer } from "./wire.ts";

export interface TerminalUser {
  readonly pin: string;
  readonly name: string;
}

export interface TerminalOptions {
  readonly host: string;
  readonly port: number;
  readonly serial: string;
  /** Path before `/iclock`, where the site uses a secret one. */
  readonly prefix?: string;
  readonly manner?: Manner;
  readonly form?: RowForm;
  /** Rows of one upload; 128 was seen on current firmware, at most 200 on old. */
  readonly batchRows?: number;
  /** Pause of one poll round and after a failure; a real one takes 10 s and 30 s. */
  readonly pollMs?: number;
  readonly errorMs?: number;
  readonly firmware?: string;
  /** Commands that its firmware does not know. */
  readonly unknown?: RegExp;
  readonly log?: (line: string) => void;
}

/** Tries of one upload before the terminal calls itself offline. */
const UPLOAD_TRIES = 3;
/** What the terminal answers to a command it does not know. */
const UNKNOWN_COMMAND = -1002;
/** The firmware takes "OK" anywhere in the first 10 KB of a 200 answer for success. */
const SCANNED = 10_240;

export class Terminal {
  readonly #options: TerminalOptions;
  readonly #line: Line;
  readonly #memory: TerminalRecord[] = [];
  readonly #users: TerminalUser[] = [];
  #acknowledged = 0;
  #connected = false;
  #optionsSent = false;
  #stopped = false;
  #infoDue = true;
  #wake: (() => void) | undefined;
  #loop: Promise<void> | undefined;
  /** What happened, for tests and for the demo's words. */
  readonly counters = { handshakes: 0, uploads: 0, refused: 0, failures: 0, polls: 0, commands: 0 };

  constructor(options: TerminalOptions) {
    this.#options = options;
    this.#line = { host: options.host, port: options.port, manner: options.manner ?? MODERN };
  }

  /** A person punches: the record is in memory before anything is sent. */
  record(...records: TerminalRecord[]): void {
    this.#memory.push(...records);
    this.#wake?.();
  }

  enrol(...users: TerminalUser[]): void {
    this.#users.push(...users);
  }

  get stored(): readonly TerminalRecord[] {
    return this.#memory;
  }

  /** Records the agent has acknowledged so far. */
  get acknowledged(): number {
    return this.#acknowledged;
  }

  get pending(): number {
    return this.#memory.length - this.#acknowledged;
  }

  /** A re-registration or a server's stamp 0: the whole memory goes out again. */
  forgetAcknowledgements(): void {
    this.#acknowledged = 0;
    this.#connected = false;
    this.#wake?.();
  }

  start(): void {
    this.#stopped = false;
    this.#loop = this.#run();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#wake?.();
    await this.#loop;
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      try {
        await this.round();
        if (this.pending === 0) await this.#pause(this.#options.pollMs ?? 10_000);
      } catch (error) {
        if (!(error instanceof NoAnswer)) throw error;
        this.counters.failures++;
        this.#connected = false;
        this.#options.log?.(`${this.#options.serial} offline: ${error.message}`);
        await this.#pause(this.#options.errorMs ?? 30_000);
      }
    }
  }

  #pause(ms: number): Promise<void> {
    if (this.#stopped) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /** One round: handshake if needed, at most one upload, one poll with its commands. */
  async round(): Promise<void> {
    if (!this.#connected) await this.#handshake();
    if (this.pending > 0) await this.#upload();
    await this.#poll();
  }

  #target(path: string, query: string): string {
    const prefix = this.#options.prefix ?? "";
    return `${prefix}/iclock/${path}?SN=${this.#options.serial}${query && `&${query}`}`;
  }

  async #handshake(): Promise<void> {
    const query = "options=all&language=69&pushver=2.4.1&PushOptionsFlag=1";
    const answer = await exchange(this.#line, "GET", this.#target("cdata", query));
    const refused = answer.status !== 200 || /^(UN|RETRY)/.test(answer.body);
    if (refused) throw new NoAnswer(`handshake refused (${answer.status})`);
    if (!/^GET OPTION FROM: ?/.test(answer.body)) throw new NoAnswer("no option list");
    this.#connected = true;
    if (/^ATTLOGStamp=0\r?$/m.test(answer.body)) this.#acknowledged = 0;
    this.counters.handshakes++;
    if (!this.#optionsSent && answer.body.includes("PushOptionsFlag=1")) await this.#sendOptions();
  }

  /** The line of `table=options`; the vendor's name holds a comma, as on real ones. */
  async #sendOptions(): Promise<void> {
    const facts = {
      "~DeviceName": "SpeedFace-V5L[TD]",
      TransactionCount: this.#memory.length,
      "~MaxAttLogCount": 20,
      UserCount: this.#users.length,
      "~MaxUserCount": 100,
      "~OEMVendor": "ZKTeco Co., Ltd.",
      FWVersion: this.#firmware,
      PushVersion: "Ver 2.0.32S-20200506",
    };
    const body = Object.entries(facts).map(([key, value]) => `${key}=${value}`).join(",");
    await this.#post("cdata", "table=options", body);
    this.#optionsSent = true;
  }

  get #firmware(): string {
    return this.#options.firmware ?? "ZAM170-NF-Ver1.1.27";
  }

  async #post(path: string, query: string, body: string): Promise<Answer> {
    const answer = await exchange(this.#line, "POST", this.#target(path, query), body);
    if (answer.status === 200 && answer.body.slice(0, SCANNED).includes("OK")) return answer;
    if (answer.body.startsWith("UNKNOWN DEVICE")) this.#connected = false;
    this.counters.refused++;
    throw new NoAnswer(`${path} ${query} answered ${answer.status}`);
  }

  /** Sends the oldest records not yet acknowledged; they count as sent only after the answer. */
  async #upload(): Promise<void> {
    const rows = this.#memory.slice(
      this.#acknowledged,
      this.#acknowledged + (this.#options.batchRows ?? 128),
    );
    await this.#sendRows(rows);
    this.#acknowledged += rows.length;
    this.counters.uploads++;
  }

  async #sendRows(rows: readonly TerminalRecord[]): Promise<void> {
    const body = rows.map((row) => attlogRow(row, this.#options.form ?? "modern")).join("");
    for (let tried = 1;; tried++) {
      try {
        await this.#post("cdata", "table=ATTLOG&Stamp=9999", body);
        return;
      } catch (error) {
        if (!(error instanceof NoAnswer) || tried === UPLOAD_TRIES) throw error;
        await new Promise((resolve) => setTimeout(resolve, tried * 300));
      }
    }
  }

  async #poll(): Promise<void> {
    const info = `INFO=${this.#firmware},${this.#users.length},0,${this.#memory.length},` +
      "192.168.54.216,10,58,12,0,11110";
    const query = this.#infoDue ? info : "";
    const answer = await exchange(this.#line, "GET", this.#target("getrequest", query));
    if (answer.status !== 200 || answer.body === "") {
      throw new NoAnswer(`poll answered ${answer.status}`);
    }
    this.counters.polls++;
    this.#infoDue = false;
    if (answer.body.startsWith("UNKNOWN DEVICE")) this.#connected = false;
    await this.#obey(answer.body);
  }

  /** A last line without its line feed is ignored, as old firmware does. */
  async #obey(body: string): Promise<void> {
    for (const line of body.split("\n").slice(0, -1)) {
      const found = /^C:([0-9A-Za-z]{1,16}):(.*?)\r?$/.exec(line);
      if (!found) continue;
      const [, id = "", text = ""] = found;
      this.counters.commands++;
      const result = await this.#execute(text);
      const verb = text.split(" ")[0] ?? text;
      await this.#post("devicecmd", "", `ID=${id}&Return=${result}&CMD=${verb}\n`);
    }
  }

  async #execute(text: string): Promise<number> {
    if (this.#options.unknown?.test(text)) return UNKNOWN_COMMAND;
    if (text.startsWith("DATA QUERY ATTLOG")) return await this.#query(text);
    if (text.startsWith("DATA QUERY USERINFO")) return await this.#sendUsers(text);
    if (text.startsWith("DATA UPDATE USERINFO")) return this.#updateUser(text);
    if (text === "CHECK") {
      this.#connected = false;
      return 0;
    }
    if (text === "INFO") {
      this.#infoDue = true;
      return 0;
    }
    if (text === "LOG" || text === "REBOOT" || /^(SET OPTION|RELOAD OPTIONS)/.test(text)) return 0;
    if (/^CLEAR[ _]LOG$/.test(text)) {
      this.#memory.length = 0;
      this.#acknowledged = 0;
      return 0;
    }
    return UNKNOWN_COMMAND;
  }

  /** Rows of the window come back as ordinary uploads, before the result. */
  async #query(text: string): Promise<number> {
    const window = /StartTime=(\S+[ T]\S+)\tEndTime=(\S+[ T]\S+)/.exec(text);
    if (!window) return -1;
    const [from = "", to = ""] = window.slice(1).map((time) => time.replace("T", " "));
    const rows = this.#memory.filter(({ time }) => time >= from && time <= to);
    const size = this.#options.batchRows ?? 128;
    for (let at = 0; at < rows.length; at += size) await this.#sendRows(rows.slice(at, at + size));
    return rows.length;
  }

  /** All its people, or the one who was asked for. */
  async #sendUsers(text: string): Promise<number> {
    const asked = /PIN=([^\t]+)/.exec(text)?.[1];
    const users = this.#users.filter(({ pin }) => asked === undefined || pin === asked);
    if (users.length === 0) return 0;
    const rows = users.map(({ pin, name }) =>
      `USER PIN=${pin}\tName=${name}\tPri=0\tPasswd=\tCard=\tGrp=1\tTZ=0000000100000000\t` +
      "Verify=-1\tViceCard=\tStartDatetime=0\tEndDatetime=0\n"
    );
    await this.#post("cdata", "table=OPERLOG&Stamp=9999", rows.join(""));
    return rows.length;
  }

  #updateUser(text: string): number {
    const pin = /PIN=([^\t]+)/.exec(text)?.[1];
    if (!pin) return -1;
    const name = /\tName=([^\t]*)/.exec(text)?.[1] ?? "";
    const known = this.#users.findIndex((user) => user.pin === pin);
    if (known < 0) this.#users.push({ pin, name });
    else this.#users[known] = { pin, name };
    return 0;
  }
}
