/**
 * What a simulated terminal keeps: records, users, capacity, clock, whether punching is disabled, and
 * a list of every record it ever destroyed. Imports nothing of the agent, so that a mistake there
 * cannot hide here.
 */
import { Dice } from "../dice.ts";

export interface FakeRecord {
  /** 1, 2, 3 … of everything this terminal ever recorded. */
  readonly number: number;
  readonly pin: string;
  readonly wallTime: string;
  readonly state: number;
  readonly verify: number;
  /** A record of nobody: every byte of it is this one, as erased or overwritten flash shows. */
  readonly blank?: number;
}

export interface FakeUser {
  readonly index: number;
  readonly pin: string;
  readonly name: string;
  readonly privilege: number;
  readonly password: string;
  readonly card: number;
  /** The whole record as it was written over port 4370. */
  readonly raw?: Uint8Array;
}

/** A record that is gone from the terminal's memory. */
export interface Destroyed {
  readonly record: FakeRecord;
  readonly by: "clear" | "overflow" | "neighbour";
  /** Whether it was ever part of a prepared read buffer. */
  readonly wasRead: boolean;
}

export interface MemoryOptions {
  readonly serial: string;
  readonly capacity?: number;
  /** True: the oldest record goes when full (the usual setting); false: punches are refused. */
  readonly cyclic?: boolean;
  /** So many of the oldest go at once when full: the vendor's "cyclic delete", 1 to 999. */
  readonly deletesAtOnce?: number;
  /** Whether DISABLEDEVICE stops people from punching. */
  readonly ignoresDisable?: boolean;
  readonly now?: () => number;
  /** Seconds that the terminal's clock is ahead. */
  readonly clockOffsetSeconds?: number;
}

export class FakeMemory {
  readonly serial: string;
  readonly capacity: number;
  readonly users: FakeUser[] = [];
  /** Every record ever taken, cleared ones too. */
  readonly everything: FakeRecord[] = [];
  readonly destroyed: Destroyed[] = [];
  /** Numbers of records that no punch made; they are never pushed and raise no event. */
  readonly silent = new Set<number>();
  readonly notes: string[] = [];
  records: FakeRecord[] = [];
  ignoresDisable: boolean;
  clockOffsetSeconds: number;
  refusedPunches = 0;
  /** Punches recorded although it was disabled. */
  ignoredDisable = 0;
  /** Called after each punch: live events start here. */
  onRecord: ((record: FakeRecord) => void) | null = null;
  readonly #read = new Set<number>();
  readonly #cyclic: boolean;
  readonly #deletesAtOnce: number;
  readonly #now: () => number;
  /** Milliseconds of the terminal's clock until which it is disabled; 0 when enabled. */
  #disabledUntil = 0;

  constructor(options: MemoryOptions) {
    this.serial = options.serial;
    this.capacity = options.capacity ?? 100_000;
    this.#cyclic = options.cyclic ?? true;
    this.#deletesAtOnce = options.deletesAtOnce ?? 1;
    this.ignoresDisable = options.ignoresDisable ?? false;
    this.clockOffsetSeconds = options.clockOffsetSeconds ?? 0;
    this.#now = options.now ?? Date.now;
  }

  get disabled(): boolean {
    if (this.#disabledUntil === 0) return false;
    if (this.#now() < this.#disabledUntil) return true;
    this.#disabledUntil = 0;
    this.notes.push("re-enabled-by-timeout");
    return false;
  }

  disable(seconds: number): void {
    this.#disabledUntil = seconds > 0 ? this.#now() + seconds * 1000 : Number.MAX_SAFE_INTEGER;
    this.notes.push(`disabled ${seconds}`);
  }

  enable(): void {
    this.#disabledUntil = 0;
    this.notes.push("enabled");
  }

  /** The terminal's wall time. */
  wallTime(): string {
    const at = this.#now() + this.clockOffsetSeconds * 1000;
    return new Date(at).toISOString().slice(0, 19).replace("T", " ");
  }

  setWallTime(wallTime: string): void {
    const asked = Date.parse(`${wallTime.replace(" ", "T")}Z`);
    this.clockOffsetSeconds = (asked - this.#now()) / 1000;
  }

  /** A person punches. False when the terminal refuses (disabled, or full and not cyclic). */
  punch(pin: string, given: { wallTime?: string; state?: number; verify?: number } = {}): boolean {
    if (this.disabled) {
      if (!this.ignoresDisable) {
        this.refusedPunches++;
        return false;
      }
      this.ignoredDisable++;
    }
    if (this.records.length >= this.capacity) {
      if (!this.#cyclic) return false;
      this.#destroy(this.records.splice(0, this.#deletesAtOnce), "overflow");
    }
    const { wallTime = this.wallTime(), state = 0, verify = 1 } = given;
    const record = { number: this.everything.length + 1, pin, wallTime, state, verify };
    this.records.push(record);
    this.everything.push(record);
    if (!this.silent.has(record.number)) this.onRecord?.(record);
    return true;
  }

  /** A row that appears without anybody punching (restored from USB, written into memory). */
  insertSilently(pin: string, wallTime: string): void {
    this.silent.add(this.everything.length + 1);
    this.punch(pin, { wallTime });
  }

  /** Records that no punch made and that name nobody. */
  insertBlank(count: number, byte = 0): void {
    for (let left = count; left > 0; left--) {
      const number = this.everything.length + 1;
      const record = { number, pin: "", wallTime: "2000-01-01 00:00:00", state: 0, verify: 0 };
      this.silent.add(number);
      this.records.push({ ...record, blank: byte });
      this.everything.push({ ...record, blank: byte });
    }
  }

  /** `by` neighbour: another program reads this terminal too, and clears it when it is done. */
  clear(by: "clear" | "neighbour" = "clear"): number {
    const gone = this.records;
    this.records = [];
    this.#destroy(gone, by);
    this.notes.push(`cleared ${gone.length}`);
    return gone.length;
  }

  markRead(records: readonly FakeRecord[]): void {
    for (const record of records) this.#read.add(record.number);
  }

  #destroy(gone: FakeRecord[], by: Destroyed["by"]): void {
    for (const record of gone) {
      this.destroyed.push({ record, by, wasRead: this.#read.has(record.number) });
    }
  }

  addUser(pin: string, name = `User ${pin}`, given: Partial<FakeUser> = {}): FakeUser {
    const user = {
      index: this.users.length + 1,
      pin,
      name,
      privilege: 0,
      password: "",
      card: 0,
      ...given,
    };
    this.users.push(user);
    return user;
  }

  /** By its place in the list, as terminals do: whoever writes another's place overwrites them. */
  putUser(user: FakeUser): void {
    const place = this.users.findIndex(({ index }) => index === user.index);
    if (place < 0) this.users.push(user);
    else this.users[place] = user;
  }

  /** `count` plausible records of `people` users, oldest first, ending about now. */
  fill(count: number, { people = 100, seed = 1 }: { people?: number; seed?: number } = {}): void {
    for (let user = this.users.length; user < people; user++) this.addUser(String(1001 + user));
    const dice = new Dice(seed);
    let at = this.#now() - count * 60_000;
    for (let left = count; left > 0; left--) {
      at += dice.below(110_000);
      const wallTime = new Date(at).toISOString().slice(0, 19).replace("T", " ");
      this.punch(this.users[dice.below(people)]!.pin, {
        wallTime,
        state: dice.below(2),
        verify: 1 + dice.below(2),
      });
    }
  }
}
