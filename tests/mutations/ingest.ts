/** Hostile changes between a batch and its rows, verdicts and lane head. */
import type { RoomMutations } from "../../dev/mutation.ts";

const ledger = (name: string) => `odoo_addon/biometric_attendance/models/ledger/${name}.py`;
const ingest = ledger("biometric_ingest");
const bound = ledger("biometric_bound");

const list: RoomMutations = {
  odoo: [
    "TestIngest",
    "TestAgentApi",
    "TestForeign",
    "TestConcurrency",
    "TestSignedBatches",
    "TestErasure",
    "TestUsable",
    "TestTwoCompanies",
  ].map((name) => `/biometric_attendance:${name}`).join(","),
  mutations: [
    {
      says: "a number with two contents is a duplicate",
      file: ingest,
      from: "if known and known[0] != (sighting.leaf, sighting.hash):",
      to: "if known and known[0] == ():",
    },
    {
      says: "a number with two contents raises no alarm",
      file: ingest,
      from: 'self.env["biometric.alarm"]._raise(\n                    "seq_conflict",',
      to: 'str(\n                    ["seq_conflict"],',
    },
    {
      says: "a faulty sighting is stored",
      file: ingest,
      from: "if fault := sighting.fault or no_room:",
      to: "if fault := no_room:",
    },
    {
      says: "a full sighting never follows its bare leaf",
      file: ingest,
      from: 'elif known and (sighting.kind == "leaf" or not known[1]):',
      to: "elif known:",
    },
    {
      says: "the head jumps over a hole",
      file: ingest,
      from: "                if number != seq + 1:\n                    break\n",
      to: "",
    },
    {
      says: "the chain is not computed again",
      file: ingest,
      from: "if chain.chain_hash(digest, leaf) != claimed:",
      to: "if not claimed:",
    },
    {
      says: "a chain that does not follow raises no alarm",
      file: ingest,
      from: 'self.env["biometric.alarm"]._raise(\n                        "chain_broken",',
      to: 'str(\n                        ["chain_broken"],',
    },
    {
      says: "a broken lane moves on",
      file: ingest,
      from: "if fresh and not broken:",
      to: "if fresh:",
    },
    {
      says: "an erased punch comes back",
      file: ingest,
      from: "            if item.key in erased\n",
      to: '            if item.key in erased and item.kind == "leaf"\n',
    },
    {
      says: "what came by a closed hole is not read back",
      file: ingest,
      from: "if seq >= max(lane.max_seq, *mine):",
      to: "if True:",
    },
    {
      says: "punches of a waiting terminal count",
      file: ingest,
      from: 'if device.state == "waiting":',
      to: 'if device.state == "never":',
    },
    {
      says: "punches of a refused terminal are not said to wait",
      file: ingest,
      from: 'if device.state == "refused":',
      to: 'if device.state == "never":',
    },
    {
      says: "a foreign agent's verdict is stored",
      file: ingest,
      from: "if device.foreign_from and received_at >= device.foreign_from:",
      to: "if device.foreign_from and received_at < device.foreign_from:",
    },
    {
      says: "what a former agent saw while it was its agent is foreign",
      file: ingest,
      from: "if device.foreign_from and received_at >= device.foreign_from:",
      to: "if device.foreign_from:",
    },
    {
      says: "a foreign terminal is noted nowhere",
      file: ingest,
      from: 'self.env["biometric.hearing"]._note(agent, foreign)',
      to: "",
    },
    {
      says: "an impossible clock is stored",
      file: ingest,
      from: 'return None if wall.is_sane(item.wall_time, instant, seen_at) else "clock"',
      to: "return None",
    },
    {
      says: "an untrusted clock of the agent judges stamps",
      file: ingest,
      from: 'seen_at = received_at if item.clock == "ok" else now',
      to: "seen_at = received_at",
    },
    {
      says: "a key known before is told as stored",
      file: ingest,
      from: 'elif verdict == "stored" and (item.key not in new_keys or item.key in seen):',
      to: 'elif verdict == "stored" and item.key in seen:',
    },
    {
      says: "a key twice in one batch is told as stored twice",
      file: ingest,
      from: "(item.key not in new_keys or item.key in seen)",
      to: "item.key not in new_keys",
    },
    {
      says: "days are not marked",
      file: ingest,
      from:
        'self.env["biometric.stale.day"]._mark_punches(\n                punch_ids=[punches[key] for key in new_keys]\n            )',
      to: "pass",
    },
    {
      says: "a punch that another agent made count marks no day",
      file: ingest,
      from: "if moved := self.env",
      to: "if moved := False and self.env",
    },
    {
      says: "PINs are not noted",
      file: ingest,
      from: 'if item.kind == "punch" and item.key in strange',
      to: "if False",
    },
    {
      says: "a key of another company is a duplicate",
      file: ingest,
      from: "WHERE a.id IS NULL AND p.company_id = %(company)s AND p.key = b.key LIMIT 1) older",
      to: "WHERE a.id IS NULL AND p.key = b.key ORDER BY p.id LIMIT 1) older",
    },
    {
      says: "the lane is not locked",
      file: ingest,
      from: "\n                  FOR NO KEY UPDATE",
      to: "",
    },
    {
      says: "the first signed batch is not noted",
      file: ingest,
      from: "if signed is None or (lane.signed if signed else lane.unsigned):",
      to: "if not signed or lane.signed:",
    },
    {
      says: "no screen is told",
      file: ingest,
      from: "self._tell_board(agent.company_id, sorted(one.id for one in touched))",
      to: "pass",
    },
    {
      says: "a refused agent's word is bound",
      file: bound,
      from: "AND (h.state = 'both' OR h.state",
      to: "AND (h.state IN ('both', 'refused') OR h.state",
    },
    {
      says: "a former agent is bound for ever",
      file: bound,
      from: " AND s.received_at < h.until",
      to: "",
    },
    {
      says: "every agent is bound",
      file: bound,
      from: "l.agent_id = v.agent_id OR EXISTS",
      to: "l.agent_id IS NOT NULL OR EXISTS",
    },
    {
      says: "one foreign word makes a good punch foreign",
      file: bound,
      from: 'FOREIGN = f"""NOT EXISTS (',
      to: 'FOREIGN = f"""NOT (SELECT bool_and(x) FROM (SELECT TRUE AS x) y WHERE TRUE) OR EXISTS (',
    },
  ],
};
export default list;
