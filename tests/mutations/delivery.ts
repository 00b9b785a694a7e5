/** Hostile changes on the way to the destination: pacing, receipts, who is set aside. */
import type { RoomMutations } from "../../dev/mutation.ts";

const delivery = "edge_agent/delivery/delivery.ts";
const isolation = "edge_agent/delivery/isolation.ts";
const http = "edge_agent/delivery/http.ts";
const check = "edge_agent/delivery/self_check.ts";
const routes = "edge_agent/odoo/routes.ts";
const answer = "edge_agent/odoo/answer.ts";
const backoff = "edge_agent/base/backoff.ts";

const list: RoomMutations = {
  tests: ["tests/edge/delivery", "tests/edge/odoo/odoo_test.ts"],
  mutations: [
    {
      says: "any status is a receipt",
      file: answer,
      from: "if (answer.status !== 200) throw refusal(answer, value, asked);",
      to: "if (answer.status > 399) throw refusal(answer, value, asked);",
    },
    {
      says: "a status 201 is a receipt",
      file: answer,
      from: "answer.status !== 200",
      to: "answer.status !== 200 && answer.status !== 201",
    },
    {
      says: "a redirect is a receipt",
      file: answer,
      from: "answer.status !== 200",
      to: "answer.status !== 200 && answer.status !== 302",
    },
    {
      says: "any content type will do",
      file: answer,
      from: 'answer.contentType.toLowerCase().startsWith("application/json")',
      to: "answer.contentType.length >= 0",
    },
    {
      says: "another batch will do",
      file: routes,
      from: 'if (answer.batch_id !== batch.batchId) return "it is for another batch";',
      to: "",
    },
    {
      says: "another lane will do",
      file: routes,
      from: 'if (answer.lane !== batch.lane) return "it is for another lane";',
      to: "",
    },
    {
      says: "a number judged twice will do",
      file: routes,
      from: 'if (given.size !== answer.verdicts.length) return "it judges one number twice";',
      to: "",
    },
    {
      says: "a verdict may be missing or too many",
      file: routes,
      from: 'if (given.size !== batch.sightings.length) return "it does not judge every number";',
      to: "",
    },
    {
      says: "other numbers will do",
      file: routes,
      from: 'return missing === undefined ? null : "it judges other numbers";',
      to: "return null;",
    },
    {
      says: "Retry-After is not heard",
      file: delivery,
      from: "const wait = withRetryAfter(waitMs, error.retryAfter, random());",
      to: "const wait = waitMs;",
    },
    {
      says: "anybody may ask for an hour",
      file: backoff,
      from: "asked.own || asked.ms <= LONGEST_FOREIGN_MS",
      to: "asked.ms >= 0",
    },
    {
      says: "our own words may ask for a day",
      file: backoff,
      from: "const LONGEST_ASKED_MS = HOUR_MS;",
      to: "const LONGEST_ASKED_MS = 24 * HOUR_MS;",
    },
    {
      says: "no jitter",
      file: backoff,
      from: "return Math.round(step * random);",
      to: "return Math.round(step);",
    },
    {
      says: "one failure convicts",
      file: isolation,
      from: "export const FAILURES_TO_PARK = 10;",
      to: "export const FAILURES_TO_PARK = 1;",
    },
    {
      says: "an outage convicts",
      file: isolation,
      from: "if (suspect.receiptsSince > 0) suspect.failures += 1;",
      to: "suspect.failures += 1;",
    },
    {
      says: "413 is not halved at once",
      file: isolation,
      from: "const enough = tooLarge || this.#failures >= FAILURES_TO_HALVE;",
      to: "const enough = this.#failures >= 9 * FAILURES_TO_HALVE;",
    },
    {
      says: "a poison is never alone",
      file: isolation,
      from: "    this.#size = Math.floor(sent.length / 2);\n",
      to: "",
    },
    {
      says: "a hunt begins anew when others go out of turn",
      file: isolation,
      from: "if (!all.some((one) => this.#hunted.has(one.seq))) this.#hunted.clear();",
      to: "this.#hunted.clear();",
    },
    {
      says: "who was asked to wait for nothing asks without a pause",
      file: delivery,
      from: "const waitMs = withRetryAfter(IDLE_MS,",
      to: "const waitMs = withRetryAfter(0,",
    },
    {
      says: "few that were asked to wait go again",
      file: delivery,
      from: "if (now < this.#fewAt) return [];",
      to: "if (now < this.#fewAt && waiting.length > 1_000) return [];",
    },
    {
      says: "all that came just now goes beside a backlog that waits",
      file: delivery,
      from: "      .slice(0, FEW);",
      to: "      .slice(0);",
    },
    {
      says: "a backlog waits longer than there is a reason",
      file: delivery,
      from: "    this.#backlogAt = this.#fewAt = -Infinity;\n",
      to: "",
    },
    {
      says: "what fails does not count",
      file: delivery,
      from: "if (error.contentMayBeCause) this.#isolation.failed(sent);",
      to: "",
    },
    {
      says: "a refused token is tried at once",
      file: delivery,
      from: 'return this.#step("not_welcome", Math.round(SLOW_MS * (1 + random())), sent.length);',
      to: 'return this.#step("not_welcome", 10, sent.length);',
    },
    {
      says: "a restored Odoo is sent nothing",
      file: delivery,
      from: "const again = queue.rewind(head);",
      to: "const again = 0;",
    },
    {
      says: "a restored Odoo is not told of",
      file: delivery,
      from:
        'alarms.raise("odoo_went_back", `Odoo\'s head is ${head.seq}; ${again} sightings go again`);',
      to: "",
    },
    {
      says: "an older copy stays in its lane",
      file: delivery,
      from: 'const moved = queue.leaveLane("older_copy", detail);',
      to: "const moved: number | null = 0;",
    },
    {
      says: "tampering is not told",
      file: delivery,
      from:
        'return alarms.raise("tamper", `Odoo\'s head ${head.seq} has another hash than delivered`);',
      to: "return;",
    },
    {
      says: "a clone is called tampering",
      file: delivery,
      from: '        alarms.raise("clone", detail);\n',
      to: '        alarms.raise("tamper", detail);\n',
    },
    {
      says: "a taken number is not told",
      file: delivery,
      from: 'alarms.raise("clone", `number ${taken.seq} is taken by another sighting; ${then}`);',
      to: "",
    },
    {
      says: "a taken number is tampering too",
      file: delivery,
      from: "if (head !== null && !isTold) this",
      to: "if (head !== null) this",
    },
    {
      says: "no gathering",
      file: delivery,
      from: "return Math.min(waitMs, MAX_GATHER_MS);",
      to: "return 0;",
    },
    {
      says: "gathering without end",
      file: delivery,
      from: "return Math.min(waitMs, MAX_GATHER_MS);",
      to: "return 50 * waitMs;",
    },
    {
      says: "nobody hears of an outage",
      file: delivery,
      from: "const FAILURES_TO_TELL = 3;",
      to: "const FAILURES_TO_TELL = 3_000;",
    },
    {
      says: "alarms never end",
      file: delivery,
      from: "    for (const code of ENDED_BY_RECEIPT) {\n      alarms.clear(code);\n    }\n",
      to: "",
    },
    {
      says: "a batch may be larger than Odoo takes",
      file: delivery,
      from: "while (fitting.sightings.length > 1 && !destination.fits(fitting)) {",
      to: "while (fitting.sightings.length > 1_000_000) {",
    },
    {
      says: "a refused sighting is not told",
      file: delivery,
      from:
        'alarms.raise("poison", `Odoo refused sighting ${refused.seq}: ${refused.reason ?? ""}`);',
      to: "",
    },
    {
      says: "answers without end",
      file: http,
      from: "if (size > MAX_ANSWER_BYTES) {",
      to: "if (size > 1_000 * MAX_ANSWER_BYTES) {",
    },
    {
      says: "a cut-off answer is whole",
      file: http,
      from: 'reject(new NoAnswer("cut_off", "unknown", "the answer was cut off"));',
      to: "resolve(joined(parts, size));",
    },
    {
      says: "certificates are not looked at",
      file: http,
      from: "rejectUnauthorized: true,",
      to: "rejectUnauthorized: false,",
    },
    {
      says: "pins add and do not replace",
      file: http,
      from: "...(pins.length > 0 ? { ca: [...pins] } : {}),",
      to: "",
    },
    {
      says: "no time limit",
      file: http,
      from: "signal: signal === undefined ? limit : AbortSignal.any([limit, signal]),",
      to: "signal: signal ?? new AbortController().signal,",
    },
    {
      says: "the self-check sends nothing again",
      file: check,
      from: "if (gone.length > 0) again += queue.resend(gone, { serial, day });",
      to: "",
    },
    {
      says: "the self-check runs with a clock in doubt",
      file: check,
      from: "if (!isWelcome() || !clock.trusted()) return null;",
      to: "if (!isWelcome()) return null;",
    },
    {
      says: "the self-check compares what is on its way",
      file: check,
      from: "pending === 0 && this.#isDue(serial)",
      to: "pending >= 0 && this.#isDue(serial)",
    },
  ],
  equivalents: [
    {
      says: "an answer that ends without being whole is whole",
      file: http,
      from: "if (response.complete) resolve(joined(parts, size));",
      to: "if (size >= 0) resolve(joined(parts, size));",
      why: "the pinned Deno ends no cut-off answer so: `aborted` comes before, and refuses it",
    },
  ],
};

export default list;
