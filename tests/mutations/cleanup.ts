/** Hostile changes around the one command that destroys. */
import type { RoomMutations } from "../../dev/mutation.ts";

const attempt = "edge_agent/cleanup/attempt.ts";
const keys = "edge_agent/cleanup/log_keys.ts";
const intent = "edge_agent/cleanup/intent.ts";
const room = "edge_agent/cleanup/cleanup.ts";
const clear = "edge_agent/zk/clear.ts";
const plan = "edge_agent/polling/plan.ts";

const list: RoomMutations = {
  tests: [
    "tests/edge/cleanup/cleanup_test.ts",
    "tests/edge/cleanup/guards_test.ts",
    "tests/edge/polling/plan_test.ts",
  ],
  mutations: [
    {
      says: "quiet is not asked for before",
      file: attempt,
      from: "    this.#requireQuiet();\n    const disabledAt",
      to: "    const disabledAt",
    },
    {
      says: "quiet is not weighed inside",
      file: attempt,
      from: "channelsQuiet: this.#world.whyNotQuiet(this.#target.serial) === null",
      to: "channelsQuiet: true",
    },
    {
      says: "quiet weighed is not heeded",
      file: clear,
      from: 'if (!evidence.channelsQuiet) return "a channel of the device is not quiet";',
      to: "",
    },
    {
      says: "no last count",
      file: clear,
      from: "if (last?.records !== permit.count) {",
      to: "if (last === undefined) {",
    },
    {
      says: "any time after disabling",
      file: attempt,
      from: "DEAD_MAN_SECONDS * 1_000 * 2 / 3",
      to: "DEAD_MAN_SECONDS * 1_000 * 20",
    },
    {
      says: "until the dead-man time itself",
      file: attempt,
      from: "DEAD_MAN_SECONDS * 1_000 * 2 / 3",
      to: "DEAD_MAN_SECONDS * 1_000",
    },
    {
      says: "no dead-man time",
      file: attempt,
      from: "const DEAD_MAN_SECONDS = 120;",
      to: "const DEAD_MAN_SECONDS = 65_535;",
    },
    {
      says: "missing punches do not stop it",
      file: attempt,
      from: "if (missing.length === 0) return asked;",
      to: "if (missing.length >= 0) return asked;",
    },
    {
      says: "undecided lines do not stop it",
      file: attempt,
      from: "if (undecided === 0) return {",
      to: "if (undecided >= 0) return {",
    },
    {
      says: "a read that is not whole will do",
      file: attempt,
      from: "if (incomplete !== null) throw new No(incomplete);",
      to: "",
    },
    {
      says: "what is missing is not sent again",
      file: attempt,
      from: "    this.#world.resend(missing);\n",
      to: "",
    },
    {
      says: "a punch while disabled is overlooked",
      file: attempt,
      from: "if (Math.max(read.count, countAfter) > countBefore || events.length > 0) {",
      to: "if (countBefore < 0) {",
    },
    {
      says: "an announced punch while disabled is overlooked",
      file: attempt,
      from: " > countBefore || events.length > 0) {",
      to: " > countBefore) {",
    },
    {
      says: "unsafe is not remembered",
      file: attempt,
      from:
        '      this.#intents.markUnsafe(this.#target.serial, "it recorded a punch while disabled");\n',
      to: "",
    },
    {
      says: "unsafe is not heeded",
      file: room,
      from: "if (unsafe !== null) return `unsafe to clear: ${unsafe}`;",
      to: "",
    },
    {
      says: "the read is not waited for to be kept",
      file: attempt,
      from: "await this.#world.keepRead(",
      to: "void this.#world.keepRead(",
    },
    {
      says: "the intent is not written",
      file: attempt,
      from: "    this.#intents.write(serial, intent);\n",
      to: "",
    },
    {
      says: "a log as it was counts as changed",
      file: attempt,
      from: "if (digest === intent.digest) {",
      to: 'if (digest === "") {',
    },
    {
      says: "whatever changed was a clear",
      file: attempt,
      from: "  return !stillHolds(read, end);",
      to: "  return true;",
    },
    {
      says: "a fault after the intent is not settled",
      file: attempt,
      from: "if (intent !== null) return await this.settle(intent);",
      to: "",
    },
    {
      says: "the terminal stays disabled",
      file: attempt,
      from: "const ENABLE_TRIES = 3;",
      to: "const ENABLE_TRIES = 0;",
    },
    {
      says: "whoever answers the second time is cleared",
      file: attempt,
      from: "const serial = await requireSerial(terminal, this.#target.serial);",
      to: "const serial = this.#target.serial;",
    },
    {
      says: "only what was asked before is asked",
      file: keys,
      from: "const unknown = ofDay.filter((key) => !held.has(key));",
      to: "const unknown = ofDay.filter((key) => held.size === 0 && !held.has(key));",
    },
    {
      says: "a number is taken for a PIN",
      file: keys,
      from: "if (event.exactId) punches.push(punch);",
      to: "if (event.userId) punches.push(punch);",
    },
    {
      says: "announced punches are dropped",
      file: attempt,
      from: "if (punches.length + rejects.length === 0) return 0;",
      to: "if (punches.length + rejects.length >= 0) return 0;",
    },
    {
      says: "a permit serves twice",
      file: clear,
      from: 'if (this.#spent) throw new Error("this permit was used");',
      to: "",
    },
    {
      says: "a permit serves any connection",
      file: clear,
      from:
        'if (session !== this.session) throw new Error("this permit is for another connection");',
      to: "",
    },
    {
      says: "an enabled terminal is cleared",
      file: clear,
      from: 'if (!session.disabled) return "the terminal is not disabled";',
      to: "",
    },
    {
      says: "the read may differ from the count",
      file: clear,
      from: 'if (evidence.read !== evidence.countBefore) return "the read and the count differ";',
      to: "",
    },
    {
      says: "the count may change while disabled",
      file: clear,
      from:
        'if (evidence.countAfter !== evidence.countBefore) return "the count changed while disabled";',
      to: "",
    },
    {
      says: "what the destination lacks does not count",
      file: clear,
      from: "evidence.distinct < 1 || evidence.confirmed !== evidence.distinct",
      to: "evidence.distinct < 1",
    },
    {
      says: "an open intent is written over",
      file: intent,
      from: 'if (this.open(serial) !== null) throw new Error("an intent is open already");',
      to: "",
    },
    {
      says: "never is sometimes",
      file: plan,
      from: 'if (policy.when === "never" || !inSpans',
      to: "if (!inSpans",
    },
    {
      says: "any hour will do",
      file: plan,
      from:
        'if (policy.when === "never" || !inSpans(policy.hours, utcOffsetMinutes, now)) return false;',
      to: 'if (policy.when === "never") return false;',
    },
    {
      says: "silent push is quiet",
      file: plan,
      from:
        'if (push.silent) return "push is silent: what it still holds would be destroyed unseen";',
      to: "",
    },
    {
      says: "uploading push is quiet",
      file: plan,
      from: 'return push.uploadIdle ? null : "push is still uploading";',
      to: "return null;",
    },
  ],
};

export default list;
