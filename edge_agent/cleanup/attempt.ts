/**
 * One attempt at clearing one terminal, step by step; cleanup.ts has the list of the steps and the
 * reasons. The only file that may import zk/clear.ts.
 */
import { createHash } from "node:crypto";
import type { KeysByDay } from "../delivery/delivery.ts";
import { clearLog, ClearPermit } from "../zk/clear.ts";
import {
  dialOf,
  disableDevice,
  enableDevice,
  endOf,
  type LogRead,
  nextEvents,
  type PollTarget,
  type PunchEvent,
  readSizes,
  readWhole,
  refreshData,
  registerEvents,
  requireFacts,
  requireSerial,
  stillHolds,
  storeRead,
  type Terminal,
  whyIncomplete,
  withTerminal,
  ZkFault,
} from "../zk/zk.ts";
import type { Intent, IntentBook } from "./intent.ts";
import { announced, countKeys, keysOf, unreadOf, without } from "./log_keys.ts";
import type { CleanupOutcome, CleanupResult, CleanupWorld } from "./types.ts";

/** Seconds after which the terminal enables itself, should the agent die. */
const DEAD_MAN_SECONDS = 120;
/** No clear later than this after disabling: people must not punch while it is being decided. */
const LATEST_CLEAR_MS = DEAD_MAN_SECONDS * 1_000 * 2 / 3;
/** A terminal that ignores "disable" shows it here. */
const SETTLE_MS = 2_000;
const ENABLE_TRIES = 3;

/** A step said no. Nothing was cleared. */
class No extends Error {}

/** What was read while the terminal was disabled, and how much of it Odoo holds now. */
interface Found {
  readonly read: LogRead;
  readonly keys: KeysByDay;
  /** Different punches, and how many of them Odoo holds. */
  readonly punches: Counted;
  /** Different lines that cannot be read, and on how many of them a person has decided. */
  readonly rejects: Counted;
}

interface Counted {
  readonly found: number;
  readonly confirmed: number;
}

/** The state of one attempt. */
export class Attempt {
  readonly #world: CleanupWorld;
  readonly #intents: IntentBook;
  readonly #target: PollTarget;
  readonly #stored = { fresh: 0, repeated: 0, unread: 0 };
  /** What the terminal's clock showed at the beginning. */
  #wallTime: string | null = null;
  #read = 0;
  #deviceCount: number | null = null;
  #alarm = false;
  #left: CleanupResult["left"];
  #mustEnable = false;

  constructor(world: CleanupWorld, intents: IntentBook, target: PollTarget) {
    this.#world = world;
    this.#intents = intents;
    this.#target = target;
  }

  result(outcome: CleanupOutcome, reason: string): CleanupResult {
    return {
      outcome,
      reason,
      read: this.#read,
      stored: { ...this.#stored },
      deviceCount: this.#deviceCount,
      ...(outcome === "cleared" && this.#left && { left: this.#left }),
      alarm: this.#alarm,
    };
  }

  async run(): Promise<CleanupResult> {
    let outcome: CleanupResult;
    try {
      const confirmed = await this.#confirmBulk();
      outcome = await this.#connected((terminal) => this.#clearConnected(terminal, confirmed));
    } catch (fault) {
      outcome = await this.#explain(fault);
    }
    await this.#enableAgain();
    return { ...outcome, alarm: this.#alarm };
  }

  /** A fault after the intent leaves it open what happened: ask the terminal, never repeat. */
  async #explain(fault: unknown): Promise<CleanupResult> {
    const intent = this.#intents.open(this.#target.serial);
    if (intent !== null) return await this.settle(intent);
    return this.result("not_cleared", words(fault));
  }

  #connected<T>(use: (terminal: Terminal) => Promise<T>): Promise<T> {
    const { waits, signal } = this.#world;
    return withTerminal(dialOf(this.#target, waits, signal), use);
  }

  /** Step 3: the keys of the whole log, all held by Odoo now, while people may still punch. */
  async #confirmBulk(): Promise<ReadonlySet<string>> {
    const read = await this.#connected(async (terminal) => {
      this.#wallTime = (await requireFacts(terminal, this.#target.serial)).wallTime;
      return await this.#readAll(terminal);
    });
    await this.#store(read);
    await this.#requireDecided(read);
    const keys = keysOf(read, this.#target.serial);
    await this.#requireHeld(keys);
    return new Set([...keys.values()].flat());
  }

  async #readAll(terminal: Terminal): Promise<LogRead> {
    const { sink, clock } = this.#world;
    const hints = { now: clock.now(), wallTime: this.#wallTime, sink };
    const read = await readWhole(terminal, this.#target.serial, hints);
    this.#read = read.count;
    this.#deviceCount = read.after?.records ?? null;
    return read;
  }

  /** What the terminal holds after a clear, stored. */
  async #readLeft(terminal: Terminal): Promise<LogRead> {
    const at = this.#world.clock.now();
    const read = await this.#readAll(terminal);
    await this.#store(read);
    this.#left = { count: read.count, at, end: endOf(read) };
    return read;
  }

  async #store(read: LogRead): Promise<void> {
    const stored = await storeRead(this.#world.sink, this.#target.serial, read);
    this.#stored.fresh += stored.fresh;
    this.#stored.repeated += stored.repeated;
    this.#stored.unread = stored.unread;
  }

  /** Odoo says now that a person has decided on every line that cannot be read, or this throws No. */
  async #requireDecided(read: LogRead): Promise<Counted> {
    const { serial } = this.#target;
    const raws = unreadOf(read, serial);
    const undecided = await this.#world.holdings.countUndecided(serial, raws);
    if (undecided === 0) return { found: raws.size, confirmed: raws.size - undecided };
    throw new No(
      `the log has records that cannot be read; a person must release or discard ${undecided} first`,
    );
  }

  /** How many different punches Odoo holds at this moment: all of them, or this throws No. */
  async #requireHeld(keys: KeysByDay): Promise<number> {
    const asked = countKeys(keys);
    const { holdings } = this.#world;
    const missing = await holdings.findMissing(this.#target.serial, keys);
    if (missing.length === 0) return asked;
    this.#world.resend(missing);
    const name = holdings.name ?? "Odoo";
    throw new No(`${name} does not hold ${missing.length} of ${asked} punches yet`);
  }

  async #clearConnected(
    terminal: Terminal,
    held: ReadonlySet<string>,
  ): Promise<CleanupResult> {
    const serial = await requireSerial(terminal, this.#target.serial);
    this.#requireQuiet();
    const disabledAt = this.#world.clock.monotonic();
    this.#mustEnable = true;
    try {
      await terminal.run(disableDevice(terminal.session, DEAD_MAN_SECONDS));
      const found = await this.#readDisabled(terminal, held);
      const countAfter = await this.#standStill(terminal, found.read);
      if (this.#world.clock.monotonic() - disabledAt > LATEST_CLEAR_MS) {
        throw new No("reading and confirming took too long");
      }
      await this.#clear(terminal, serial, { ...found, countAfter });
      return await this.#afterClear(terminal, found);
    } finally {
      await this.#enableHere(terminal);
    }
  }

  /** Steps 4 and 5. */
  async #readDisabled(terminal: Terminal, held: ReadonlySet<string>): Promise<Found> {
    const read = await this.#readAll(terminal);
    const incomplete = whyIncomplete(read);
    if (incomplete !== null) throw new No(incomplete);
    await this.#store(read);
    const rejects = await this.#requireDecided(read);
    const keys = keysOf(read, this.#target.serial);
    const rest = without(keys, held);
    const confirmed = countKeys(keys) - countKeys(rest) + await this.#requireHeld(rest);
    return { read, keys, punches: { found: countKeys(keys), confirmed }, rejects };
  }

  /** Step 6: the count two seconds later. */
  async #standStill(terminal: Terminal, read: LogRead): Promise<number> {
    await this.#watch(terminal);
    await this.#world.clock.sleep(SETTLE_MS, this.#world.signal);
    const countAfter = (await terminal.run(readSizes(terminal.session)))?.records ?? -1;
    const events = await terminal.run(nextEvents(terminal.session, 0));
    const countBefore = read.before?.records ?? -1;
    if (Math.max(read.count, countAfter) > countBefore || events.length > 0) {
      this.#intents.markUnsafe(this.#target.serial, "it recorded a punch while disabled");
      throw new No("the terminal ignores disable: it recorded a punch; it is never cleared again");
    }
    return countAfter;
  }

  #requireQuiet(): void {
    const why = this.#world.whyNotQuiet(this.#target.serial);
    if (why !== null) throw new No(why);
  }

  /** Asks for live events; some firmware has none. */
  async #watch(terminal: Terminal): Promise<void> {
    try {
      await terminal.run(registerEvents(terminal.session));
    } catch (fault) {
      if (!(fault instanceof ZkFault) || fault.kind !== "refused") throw fault;
    }
  }

  /** Step 7. */
  async #writeIntent(read: LogRead): Promise<Intent> {
    const { serial } = this.#target;
    const intent: Intent = {
      id: this.#world.newId(),
      at: this.#world.clock.now(),
      count: read.count,
      digest: createHash("sha256").update(read.body).digest("hex"),
      end: endOf(read),
    };
    await this.#world.keepRead(`${serial}-${intent.id}`, read.body);
    this.#intents.write(serial, intent);
    return intent;
  }

  /** Steps 7 and 8. A refusal is certain; any other fault is settled by asking, never repeated. */
  async #clear(
    terminal: Terminal,
    serial: string,
    found: Found & { countAfter: number },
  ): Promise<void> {
    const intent = await this.#writeIntent(found.read);
    try {
      const permit = ClearPermit.weigh(terminal.session, {
        expectedSerial: this.#target.serial,
        serial,
        countBefore: found.read.before?.records ?? -1,
        countAfter: found.countAfter,
        read: found.read.count,
        unreleasedRejects: found.rejects.found - found.rejects.confirmed,
        distinct: found.punches.found + found.rejects.found,
        confirmed: found.punches.confirmed + found.rejects.confirmed,
        channelsQuiet: this.#world.whyNotQuiet(this.#target.serial) === null,
        intentId: intent.id,
      });
      if (!(permit instanceof ClearPermit)) throw new ZkFault("refused", permit.refused);
      await terminal.run(clearLog(terminal.session, permit));
    } catch (fault) {
      if (!(fault instanceof ZkFault) || fault.kind !== "refused") {
        await this.#keepAnnounced(terminal.session.events.splice(0), null, found.keys);
        throw fault;
      }
      this.#intents.close(this.#target.serial, "refused");
      throw new No(fault.message);
    }
    this.#intents.close(this.#target.serial, "cleared");
  }

  /** Step 9. The clear is done: a fault from here on does not undo that. */
  async #afterClear(terminal: Terminal, found: Found): Promise<CleanupResult> {
    const cleared = found.read.count;
    let reason = `${cleared} records cleared`;
    try {
      await terminal.run(refreshData(terminal.session));
      const slipped = await this.#readLeft(terminal);
      const events = await terminal.run(nextEvents(terminal.session, 0));
      const slippedIn = slipped.count + await this.#keepAnnounced(events, slipped, found.keys);
      if (slippedIn > 0) {
        this.#intents.markUnsafe(this.#target.serial, "it recorded a punch during the clear");
        reason += `; ${slippedIn} punches came meanwhile and were kept`;
      }
    } catch (fault) {
      reason += `; then ${words(fault)}`;
      const events = terminal.session.events.splice(0);
      const kept = await this.#keepAnnounced(events, null, found.keys);
      if (kept > 0) reason += `; ${kept} announced punches were kept`;
    }
    this.#read = cleared;
    return this.result("cleared", reason);
  }

  /** Stores punches that were announced but are in no read: they fell into the clear. */
  async #keepAnnounced(
    events: readonly PunchEvent[],
    slipped: LogRead | null,
    cleared: KeysByDay,
  ): Promise<number> {
    const { serial } = this.#target;
    const slippedKeys = slipped === null ? [] : [...keysOf(slipped, serial).values()].flat();
    const known = new Set([...cleared.values()].flat().concat(slippedKeys));
    const { punches, rejects } = announced(events, serial, known);
    if (punches.length + rejects.length === 0) return 0;
    const added = await this.#world.sink.add({ serial, channel: "poll", punches, rejects });
    this.#stored.fresh += added.fresh - added.rejects;
    return punches.length + rejects.length;
  }

  /** Step 10 on the same connection, where that still works. */
  async #enableHere(terminal: Terminal): Promise<void> {
    if (terminal.broken) return;
    try {
      await terminal.run(enableDevice(terminal.session));
      this.#mustEnable = false;
    } catch (fault) {
      if (!(fault instanceof ZkFault)) throw fault;
    }
  }

  /** Step 10 when the connection broke: a new one, just to enable. */
  async #enableAgain(): Promise<void> {
    for (let left = ENABLE_TRIES; this.#mustEnable && left > 0; left--) {
      try {
        await this.#connected(async (terminal) => {
          await requireSerial(terminal, this.#target.serial);
          await terminal.run(enableDevice(terminal.session));
          this.#mustEnable = false;
        });
      } catch (fault) {
        if (!(fault instanceof ZkFault)) throw fault;
        if (left > 1) await this.#world.clock.sleep(SETTLE_MS, this.#world.signal);
      }
    }
    this.#alarm = this.#mustEnable;
  }

  /** Reads the terminal and closes an open intent by what is found there. */
  async settle(intent: Intent): Promise<CleanupResult> {
    const { serial } = this.#target;
    this.#mustEnable = true;
    let outcome: CleanupResult;
    try {
      outcome = await this.#connected(async (terminal) => {
        this.#wallTime = (await requireFacts(terminal, serial)).wallTime;
        const read = await this.#readLeft(terminal);
        await terminal.run(enableDevice(terminal.session));
        this.#mustEnable = false;
        return this.#judge(intent, read);
      });
    } catch (fault) {
      outcome = this.result("unclear", `an earlier clear is open: ${words(fault)}`);
    }
    await this.#enableAgain();
    return { ...outcome, alarm: this.#alarm };
  }

  #judge(intent: Intent, read: LogRead): CleanupResult {
    const { serial } = this.#target;
    const digest = createHash("sha256").update(read.body).digest("hex");
    if (digest === intent.digest) {
      this.#intents.close(serial, "not done");
      return this.result("not_cleared", "the clear was interrupted before it took place");
    }
    if (isCleared(intent, read)) {
      this.#intents.close(serial, "cleared");
      return this.result("cleared", `${intent.count} records were cleared; its answer was lost`);
    }
    this.#intents.close(serial, "unclear");
    return this.result("not_cleared", "the log changed since an interrupted clear; it was read");
  }
}

/** A terminal that deletes its oldest records by itself has fewer without any clear. */
function isCleared({ count, end }: Intent, read: LogRead): boolean {
  if (end === undefined || end.tail.length === 0) return read.count < count;
  return !stillHolds(read, end);
}

function words(fault: unknown): string {
  if (fault instanceof No) return fault.message;
  if (fault instanceof ZkFault) return `${fault.kind}: ${fault.message}`;
  return fault instanceof Error ? `${fault.name}: ${fault.message}` : "an unknown fault";
}
