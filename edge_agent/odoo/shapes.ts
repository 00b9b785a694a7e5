/**
 * What Odoo's answers look like, as in docs/contract.md: unknown fields are ignored, and what an older Odoo leaves
 * out has its default. Must not know routes, tokens or what becomes of an answer.
 */
import { z } from "zod";
import { SERIAL } from "../base/terminal.ts";

export const CONTRACT_VERSION = 1;

const digest = z.string().regex(/^[0-9a-f]{64}$/);
const laneId = z.string().regex(/^[0-9a-f]{32}$/);
const whole = z.int().min(0);
const serverTime = z.iso.datetime().transform((text) => Date.parse(text));
const versioned = { version: z.literal(CONTRACT_VERSION), server_time: serverTime };
const shortText = z.string().max(1024);
const wallTime = z.string().regex(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/);
const agentState = z.enum(["waiting", "active"]);
const head = z.object({ seq: whole, hash: digest });

export const pairAnswer = z.object({
  ...versioned,
  token: z.string().regex(/^[\x21-\x7e]{16,512}$/),
  agent_id: whole,
  agent_name: shortText,
  company: shortText,
  state: agentState,
  fingerprint: shortText,
});

export const receiptAnswer = z.object({
  ...versioned,
  batch_id: z.string(),
  lane: laneId,
  head,
  verdicts: z.array(z.object({
    seq: whole,
    verdict: z.enum(["stored", "duplicate", "quarantined", "rejected"]),
    reason: shortText.nullish().transform((reason) => reason ?? undefined),
  })).max(1000),
  wait_ms: z.int().min(0).max(2_000).catch(0),
});

export const confirmDaysAnswer = z.object({
  ...versioned,
  serial: shortText,
  differs: z.array(z.string().regex(/^\d{4}-\d\d-\d\d$/)),
});
export const confirmKeysAnswer = z.object({
  ...versioned,
  serial: shortText,
  missing: z.array(digest),
});
export const confirmRejectsAnswer = z.object({
  ...versioned,
  serial: shortText,
  undecided: z.array(digest),
});
export const usersAnswer = z.object({ ...versioned, serial: shortText, known: whole });

export const syncAnswer = z.object({
  ...versioned,
  agent_id: whole,
  agent_name: shortText,
  company: shortText,
  state: agentState,
  sync_seconds: z.number().min(1).max(86_400).nullish(),
  head: z.object({ lane: laneId, seq: whole, hash: digest }).nullish(),
  devices: z.array(z.object({
    serial: z.string().regex(SERIAL),
    state: z.enum(["waiting", "active", "refused"]),
    time_zone: z.string().max(64),
    dialect: z.string().max(16).nullish().transform((dialect) => dialect ?? null),
    channels: z.array(z.string().max(16)).max(8).default([]),
    settings: z.record(z.string(), z.unknown()).default({}),
    // Anything but a wall time or null asks for nothing.
    read_from: wallTime.nullish().catch(undefined),
    utc_offset_minutes: z.int().min(-1080).max(1080).nullish()
      .transform((minutes) => minutes ?? undefined),
  })).max(10_000).default([]),
  commands: z.array(z.object({
    id: z.int().min(1),
    serial: z.string().max(64),
    name: z.string().max(64),
    arguments: z.record(z.string(), z.unknown()).default({}),
  })).max(1000).default([]),
  new_token: z.string().regex(/^[\x21-\x7e]{16,512}$/).nullish(),
  audit_heads: z.array(z.object({ company_id: whole, seq: whole, hash: digest })).max(50)
    .default([]),
  runs_known: z.array(z.string().max(64)).max(1000).default([]),
  losses_known: z.array(z.string().max(64)).max(1000).catch([]),
  remembered: z.array(z.object({ company_id: whole, seq: whole, hash: digest.nullable() }))
    .max(400).catch([]),
  audit_alarms: z.array(z.object({ agent_name: shortText, code: shortText, message: shortText }))
    .max(20).catch([]),
  clone: z.object({ since: serverTime, message: shortText }).nullish().catch(undefined),
  // What cannot be read is no offer: the agent looks by itself, later.
  update: z.object({ version: z.string().max(32) }).nullish().catch(undefined),
});

export type PairAnswer = z.output<typeof pairAnswer>;
export type SyncAnswer = z.output<typeof syncAnswer>;
