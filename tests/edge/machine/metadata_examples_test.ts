/** P14, C07: update metadata as both languages read it: tests/contract/updates.json. */
import assert from "node:assert/strict";
import { z } from "zod";
import { proveMetadata, trustSchema, Untrusted } from "../../../edge_agent/machine/metadata.ts";

const { cases } = z.object({
  cases: z.array(z.object({
    name: z.string(),
    now: z.iso.datetime(),
    trust: trustSchema,
    set: z.unknown(),
    says: z.unknown(),
  })).min(44),
}).parse(JSON.parse(
  Deno.readTextFileSync(new URL("../../contract/updates.json", import.meta.url)),
));

function says(set: unknown, trust: z.output<typeof trustSchema>, now: string): unknown {
  try {
    const proven = proveMetadata(set, trust, Date.parse(now));
    const { timestamp, snapshot, targets } = proven.trust;
    return {
      files: proven.files,
      versions: [timestamp, snapshot, targets],
      fresh_until: new Date(proven.freshUntil).toISOString(),
    };
  } catch (error) {
    if (error instanceof Untrusted) return { refused: error.code, message: error.message };
    throw error;
  }
}

for (const { name, now, trust, set, says: expected } of cases) {
  Deno.test(`C07 update metadata, by the shared example: ${name}`, () => {
    assert.deepEqual(says(set, trust, now), expected);
  });
}
