/**
 * A batch of sightings as it is sent, and what the agent signs of it, in the words of docs/contract.md. Pure; must
 * not know keys, routes or what becomes of a batch.
 */
import type { BareLeaf, Sighting } from "../base/punch.ts";
import { sha256Hex } from "../base/sha256.ts";
import type { Batch } from "../delivery/delivery.ts";
import { CONTRACT_VERSION } from "./shapes.ts";

/** As long as a signature, to measure a batch before it is signed. */
export const NO_SIGNATURE = "A".repeat(88);

/** What the agent signs of a batch: its numbers and leaves, of a bare leaf with its reason. */
export function batchText({ batchId, lane, sightings }: Batch): string {
  const lines = sightings.map((one) =>
    one.kind === "leaf" ? `${one.seq} ${one.leaf} ${one.reason}` : `${one.seq} ${one.leaf}`
  );
  return ["v1", "batch", lane, batchId, sha256Hex(lines.join("\n"))].join("\n");
}

/** What the agent signs of a number that it sends without its content. */
export function bareText({ lane, seq, leaf, reason }: BareLeaf): string {
  return ["v1", "bare", lane, seq, leaf, reason].join("\n");
}

export function punchesBody(
  { batchId, lane, sightings }: Batch,
  signature: string,
  proofOf: (leaf: BareLeaf) => string,
): unknown {
  return {
    version: CONTRACT_VERSION,
    batch_id: batchId,
    lane,
    signature,
    sightings: sightings.map((one) =>
      one.kind === "leaf" ? leafBody(one, proofOf(one)) : sightingBody(one)
    ),
  };
}

function leafBody({ kind, seq, leaf, hash, reason }: BareLeaf, signature: string): unknown {
  return { kind, seq, leaf, hash, reason, signature };
}

function sightingBody(sighting: Exclude<Sighting, BareLeaf>): unknown {
  const { kind, seq, leaf, hash } = sighting;
  const { serial, channel, clock, salt } = sighting;
  const common = { kind, seq, serial, channel, received_at: sighting.receivedAt, clock, salt };
  if (sighting.kind === "reject") {
    return { ...common, reason: sighting.reason, raw: sighting.raw, leaf, hash };
  }
  const { pin, wallTime, status, verify, workCode, extra, key } = sighting;
  const own = { pin, wall_time: wallTime, status, verify, work_code: workCode, extra };
  return { ...common, ...own, key, leaf, hash };
}
