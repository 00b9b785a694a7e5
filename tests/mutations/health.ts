/** Hostile changes to what tells the truth: the judgement, the thread it is said from, who may hear it. */
import type { RoomMutations } from "../../dev/mutation.ts";

const file = (name: string) => `edge_agent/health/${name}.ts`;
const sync = "edge_agent/odoo/sync.ts";

const list: RoomMutations = {
  tests: ["tests/edge/health", "tests/edge/odoo/sync_test.ts"],
  mutations: [
    {
      says: "an answer waits for figures however long",
      file: file("figures"),
      from: "if (left > 0) await within(left, this.#asking.promise);",
      to: "await this.#asking.promise;",
    },
    {
      says: "nobody asks for newer figures",
      file: file("figures"),
      from: "      ask();\n",
      to: "",
    },
    {
      says: "each answer asks again",
      file: file("figures"),
      from: "if (this.#asking === null) {",
      to: "if (this.#asking === null || this.#askedAt >= 0) {",
    },
    {
      says: "old figures are said as new",
      file: file("figures"),
      from: "ageMs: now() - this.#toldAt };",
      to: "ageMs: 0 };",
    },
    {
      says: "standing still is green",
      file: file("vitals"),
      from: "  if (ageMs <= STALLED_MS) return told;\n",
      to: "  if (ageMs > 0) return told;\n",
    },
    {
      says: "standing still takes punches in",
      file: file("vitals"),
      from: "    ready: false,\n    live",
      to: "    live",
    },
    {
      says: "standing still for ever is alive",
      file: file("vitals"),
      from: "live: ageMs <= DEAD_MS,",
      to: "live: true,",
    },
    {
      says: "the age is not said",
      file: file("vitals"),
      from: "figures_age_seconds: Math.round(ageMs / 100) / 10 };",
      to: "figures_age_seconds: 0 };",
    },
    {
      says: "monitors are told no age",
      file: file("health_port"),
      from: "metrics.text + ageMetric(ageMs)",
      to: "metrics.text",
    },
    {
      says: "a fault of the thread ends the process",
      file: file("health"),
      from: "      event.preventDefault();\n",
      to: "",
    },
    {
      says: "a thread that ended stays ended",
      file: file("health"),
      from: "    this.#beginAgain();\n  }\n\n  #beginAgain",
      to: "  }\n\n  #beginAgain",
    },
    {
      says: "a port that is taken is no fault",
      file: file("health"),
      from: "return thread.opened.reject(faultOf(said));",
      to: "return thread.opened.resolve(0);",
    },
    {
      says: "a port that is taken is some fault",
      file: file("health"),
      from: "const Kind = kinds[name] ?? Error;",
      to: "const Kind = Error;",
    },
    {
      says: "questions of the port are not heard",
      file: file("health"),
      from: "        return void this.#tell();\n",
      to: "        return;\n",
    },
    {
      says: "everybody may read",
      file: file("health_port"),
      from: "if (!this.#admits(context.env.peer, header)) {",
      to: "if (context.env.peer === header) {",
    },
    {
      says: "any name of this machine will do",
      file: file("health_port"),
      from: "if (!this.#holds(header) && !isOwnName(hostOf(context.req))) {",
      to: "if (!this.#holds(header) && hostOf(context.req) === header) {",
    },
    {
      says: "where no token is set any opens",
      file: file("health_port"),
      from: 'if (token === undefined || !header.startsWith("Bearer ")) return false;',
      to: 'if (token === undefined) return header.startsWith("Bearer");',
    },
    {
      says: "connections without end",
      file: file("small_server"),
      from: "const MAX_CONNECTIONS = 64;\nconst MAX_CONNECTIONS_PER_PEER = 32;",
      to: "const MAX_CONNECTIONS = 64_000;\nconst MAX_CONNECTIONS_PER_PEER = 32_000;",
    },
    {
      says: "headers without end",
      file: file("small_server"),
      from: "headBytes: 8 * 1024,",
      to: "headBytes: 800 * 1024,",
    },
    {
      says: "a late punch is green",
      file: file("vitals"),
      from: "Math.abs(now - stats.oldestPendingAt) > lateMs",
      to: "now - stats.oldestPendingAt > lateMs",
    },
    {
      says: "a fallen guard is green",
      file: file("vitals"),
      from: "  found.push(...stats.standing);\n",
      to: "",
    },
    {
      says: "an unsure clock is green",
      file: file("vitals"),
      from: "if (clockTrusted || (",
      to: "if (!clockTrusted || (",
    },
    {
      says: "damage is green",
      file: file("vitals"),
      from:
        "  for (const note of stats.damaged) found.push({ code: note.kind, detail: note.detail });\n",
      to: "",
    },
    {
      says: "who was told of a clone says nothing",
      file: sync,
      from: "    this.#passOnClone(answer.clone ?? null);\n",
      to: "",
    },
    {
      says: "what was told of a clone is never over",
      file: sync,
      from: 'if (!told) return alarms.clear("clone_told");',
      to: "if (!told) return;",
    },
    {
      says: "what was told of a clone is a finding of its own",
      file: sync,
      from: 'alarms.raise("clone_told",',
      to: 'alarms.raise("clone",',
    },
  ],
};

export default list;
