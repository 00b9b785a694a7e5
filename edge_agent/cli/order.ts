/**
 * `command`: orders something of a terminal and waits a moment for what becomes of it. Owns the words
 * for what can hold it up; which orders there are is base/order.ts' business.
 */
import { parseArgs } from "node:util";
import { ORDERS_BY_HAND } from "../base/order.ts";
import { askAgent, type OrderLook } from "../local/local.ts";
import {
  type Command,
  EXIT_FAILED,
  EXIT_OK,
  Misused,
  perform,
  printable,
  type World,
} from "./command.ts";

/** A terminal that is alive polls every ten seconds or so. */
const PATIENCE_SECONDS = 30;
const LOOK_MS = 250;

export const order: Command = {
  usage: "command SN NAME [FIELD=VALUE …] [--wait SECONDS]",
  summary: "order something of a terminal, e.g. command SN pull_window from=… to=…",
  help: `NAME is one of ${ORDERS_BY_HAND.join(", ")}.
pull_window takes from and to: "YYYY-MM-DD HH:MM:SS". It goes out when the terminal polls; its answer is
waited for, ${PATIENCE_SECONDS} s unless --wait says otherwise. Exit code 0 only when the terminal has done it.`,
  run: async (args, world) => {
    const { positionals, values } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { wait: { type: "string", default: String(PATIENCE_SECONDS) } },
    });
    const [serial, name, ...fields] = positionals;
    if (serial === undefined || name === undefined) throw new Misused("SN and NAME are needed");
    if (!/^\d{1,4}$/.test(values.wait)) throw new Misused("--wait is a number of seconds");
    const given = Object.fromEntries(fields.map((field) => {
      const at = field.indexOf("=");
      if (at < 1) throw new Misused(`${field} is not FIELD=VALUE`);
      return [field.slice(0, at), field.slice(at + 1)];
    }));
    const ordered = { serial, name, arguments: given };
    const { id } = await perform(world.config, "command", ordered) as { id: number };
    return await report({ serial, name, id }, Number(values.wait) * 1000, world);
  },
};

interface Ordered {
  readonly serial: string;
  readonly name: string;
  readonly id: number;
}

async function report(ordered: Ordered, patienceMs: number, world: World): Promise<number> {
  const deadline = performance.now() + patienceMs;
  for (;;) {
    const asked = await askAgent(world.config.dataDirectory, "fate", {
      serial: ordered.serial,
      id: ordered.id,
    });
    if (asked === null) {
      world.out(
        `${ordered.name} is noted: it goes out when the agent runs and the terminal polls\n`,
      );
      return EXIT_FAILED;
    }
    const look = asked.result as OrderLook;
    const open = look.fate?.state === "queued" || look.fate?.state === "sent";
    if (!open || performance.now() >= deadline) {
      world.out(`${printable(fateText(ordered, look))}\n`);
      return look.fate?.state === "done" ? EXIT_OK : EXIT_FAILED;
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}

/** Which it is: done, refused by the terminal, not fetched by it, or not answered yet. */
function fateText({ serial, name }: Ordered, { fate, lastHeardAt }: OrderLook): string {
  switch (fate?.state) {
    case "done":
      return `${name}: ${fate.message}`;
    case "failed":
      return `${name}: the terminal does not do it: ${fate.message}`;
    case "sent":
      return `${name}: the terminal fetched it at ${instant(fate.at)} and has not answered yet`;
    case "queued":
      return lastHeardAt === null
        ? `${name} waits: ${serial} has never called here; see its server address, or read it over ` +
          "port 4370"
        : `${name} waits: ${serial} has not fetched it; it last called at ${instant(lastHeardAt)}`;
    default:
      return `${name} is over; nothing is known of it any more`;
  }
}

function instant(ms: number): string {
  return new Date(ms).toISOString();
}
