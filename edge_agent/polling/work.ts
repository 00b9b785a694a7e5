/**
 * What each order of Odoo means for a terminal that is read over port 4370: the conversation to hold and
 * what to report of it. Owns which orders go this way; must not know ids, results that are kept, or sync.
 */
import { type Order, readOrder } from "../base/order.ts";
import { writeUser } from "../zk/user_write.ts";
import { readUsers, restartDevice, setOption, setTime, type ZkUser } from "../zk/zk.ts";
import type { Poller } from "./poller.ts";

export interface Done {
  /** `return` of the contract. */
  readonly value: number;
  readonly message: string;
}

/** Throws what is to be reported as the reason of a failure. */
export type Work = () => Promise<Done>;

export type WorkPoller = Pick<
  Poller,
  "pull" | "clearNow" | "converse" | "wallTime" | "channelOf" | "isReadable" | "progressOf"
>;

export interface WorkOptions {
  readonly poller: WorkPoller;
  /** Device users on their way to Odoo; memory only. */
  readonly usersSeen: (serial: string, users: readonly ZkUser[]) => void;
}

export interface AskedOf {
  readonly id: number;
  readonly serial: string;
  readonly name: string;
  readonly arguments?: Readonly<Record<string, unknown>> | undefined;
  /** It is never expected to push. */
  readonly pollOnly: boolean;
}

/** Null: not an order for this way. */
export function workFor(asked: AskedOf, options: WorkOptions): Work | null {
  const { serial, name, id } = asked;
  const { poller } = options;
  // A terminal that can be read is cleared by the procedure that reads it first, or not at all.
  if (name === "clear_log") return async () => await clear(serial, poller);
  if (!isOurs(asked, poller)) return null;
  const order = readOrder(name, asked.arguments ?? {});
  if ("refused" in order) return () => Promise.reject(new Error(order.refused));
  return () => carryOut(order, { serial, id, ...options });
}

/**
 * Reading is better at these even while push is alive: a record that is read before it is written is
 * safer than one that is only sent, and a whole log with its count proves more than an answered window,
 * sooner than the terminal's next call.
 */
const BETTER_READ: ReadonlySet<string> = new Set(["push_user", "pull_window"]);

function isOurs({ serial, name, pollOnly }: AskedOf, poller: WorkPoller): boolean {
  if (pollOnly || poller.channelOf(serial) === "poll") return true;
  return BETTER_READ.has(name) && poller.isReadable(serial);
}

/** Whether push may do what reading could not. */
export function pushMayTry({ serial, name, pollOnly }: AskedOf, poller: WorkPoller): boolean {
  return name === "pull_window" && !pollOnly && poller.channelOf(serial) !== "poll";
}

interface Place extends WorkOptions {
  readonly serial: string;
  readonly id: number;
}

async function carryOut(order: Order, place: Place): Promise<Done> {
  const { poller, serial } = place;
  switch (order.name) {
    case "pull_window":
      return await pull(place, { from: order.from, to: order.to });
    case "check":
    case "upload_new":
      return await pull(place, {});
    case "count_window":
      throw new Error("over port 4370 a window is not counted but read");
    case "refresh_users":
      return await refresh(place);
    case "push_user":
      return await write(order, place);
    case "set_clock": {
      const wallTime = poller.wallTime(serial);
      const shown = await poller.converse(serial, (session) => setTime(session, wallTime));
      return { value: 0, message: shown ?? "" };
    }
    case "set_option":
      return await option(order, place);
    case "info":
      await poller.converse(serial, nothing);
      return { value: 0, message: "" };
    case "reboot":
      await poller.converse(serial, restartDevice);
      return { value: 0, message: "the terminal restarts" };
  }
}

/** The facts were told before. */
function* nothing(): Generator<never, void, never> {}

async function pull(
  { poller, serial, id }: Place,
  window: { readonly from?: string; readonly to?: string },
): Promise<Done> {
  const run = await poller.pull(serial, { askedBy: "odoo", commandId: id, ...window });
  if (run.outcome === "failed") throw new Error(run.message);
  return { value: run.read, message: run.message };
}

async function refresh({ poller, serial, usersSeen }: Place): Promise<Done> {
  const users = await poller.converse(
    serial,
    (session, facts) => readUsers(session, { count: facts.sizes?.users ?? null }),
  );
  usersSeen(serial, users);
  return { value: users.length, message: "" };
}

async function write(
  order: Extract<Order, { name: "push_user" }>,
  { poller, serial, usersSeen }: Place,
): Promise<Done> {
  if (order.privilege === 14) {
    throw new Error("an administrator of a terminal is made at the terminal, by hand");
  }
  const { pin, userName: name, card, disabled, was } = order;
  const { message, users } = await poller.converse(
    serial,
    (session, facts) =>
      writeUser(session, { pin, name, card, disabled, was }, facts.sizes?.users ?? null),
  );
  usersSeen(serial, users);
  return { value: users.length, message };
}

async function option(
  { option: name, value }: Extract<Order, { name: "set_option" }>,
  { poller, serial }: Place,
): Promise<Done> {
  const stated = await poller.converse(serial, (session) => setOption(session, name, value));
  if (stated !== value) {
    throw new Error(`not proven: the terminal states ${stated ?? "nothing"} for ${name}`);
  }
  return { value: 0, message: `${name} is ${stated}` };
}

async function clear(serial: string, poller: WorkPoller): Promise<Done> {
  const result = await poller.clearNow(serial, "odoo");
  if (result.outcome !== "cleared") throw new Error(result.reason);
  return { value: result.read, message: result.reason };
}
