/**
 * `proof KEY`: from the name of a punch, as ERPNext or Odoo shows it, to this agent's lane: number, leaf and a
 * head signed now. Owns what is printed; the chain is the queue's.
 */
import { parseArgs } from "node:util";
import { headText, sightingLeaf } from "../base/punch.ts";
import { Identity } from "../odoo/odoo.ts";
import type { LaneHead, PunchRow } from "../queue/queue.ts";
import {
  type Command,
  EXIT_FAILED,
  EXIT_OK,
  Misused,
  perform,
  table,
  type World,
} from "./command.ts";
import { punchPages } from "./export.ts";

export const proof: Command = {
  usage: "proof KEY [--json]",
  summary: "what this agent's signed lane says of one punch, by its event fingerprint",
  help:
    `KEY is the fingerprint of a punch, 64 hexadecimal digits, as ERPNext and Odoo show it. Prints the
number and leaf of each sighting in the lane, the chain's hash there, and the lane's head, signed now.
A punch that was delivered longer ago than queue.retentionDays is in an exported file alone.`,
  run: async (args, world) => {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { json: { type: "boolean", default: false } },
    });
    const [key, ...rest] = positionals;
    if (key === undefined || rest.length > 0 || !/^[0-9a-f]{64}$/i.test(key)) {
      throw new Misused("one event fingerprint of 64 hexadecimal digits is needed");
    }
    const rows = await rowsOf(key.toLowerCase(), world);
    if (rows.length === 0) {
      world.err(
        "this agent keeps no punch of that fingerprint: another agent's, or older than " +
          `${world.config.queue.retentionDays} days (queue.retentionDays)\n`,
      );
      return EXIT_FAILED;
    }
    const head = await signedHead(world);
    const shown = rows.map((row) => ({
      lane: row.lane,
      number: row.seq,
      channel: row.channel,
      received_at: new Date(row.receivedAt).toISOString(),
      leaf: leafOf(row),
      hash: row.hash,
    }));
    world.out(
      values.json
        ? `${JSON.stringify({ key, sightings: shown, head }, null, 1)}\n`
        : textOf(shown, head),
    );
    return EXIT_OK;
  },
};

async function rowsOf(key: string, { config }: World): Promise<PunchRow[]> {
  const found: PunchRow[] = [];
  for await (const page of punchPages(config)) {
    found.push(...page.filter((row) => row.key === key));
  }
  return found;
}

function leafOf(row: PunchRow): string {
  return sightingLeaf({
    ...row,
    kind: "punch",
    receivedAt: new Date(row.receivedAt).toISOString(),
  });
}

async function signedHead(world: World) {
  const head = await perform(world.config, "lane_head") as LaneHead;
  const identity = new Identity({ directory: world.config.dataDirectory });
  await identity.start();
  const signature = await identity.sign(headText(head));
  const { publicKey, fingerprint } = identity;
  const { lane, seq, hash } = head;
  return { lane, seq, hash, signature, public_key: publicKey, fingerprint };
}

function textOf(
  rows: readonly Readonly<Record<string, unknown>>[],
  head: Awaited<ReturnType<typeof signedHead>>,
): string {
  const columns = ["lane", "number", "channel", "received_at", "leaf", "hash"];
  return table(columns, rows.map((row) => columns.map((column) => row[column]))) +
    `\nhead of lane ${head.lane}: ${head.seq} ${head.hash}\n` +
    `signature (Ed25519 over v1, head, lane, number, hash in lines): ${head.signature}\n` +
    `public key: ${head.public_key}\nfingerprint: ${head.fingerprint}\n`;
}
