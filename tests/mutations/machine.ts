/** Hostile changes between an offered version and the one that runs: proof, room, backlog, the two places, the trial. */
import type { RoomMutations } from "../../dev/mutation.ts";

const file = (name: string) => `edge_agent/machine/${name}.ts`;
const [updates, takeUp, slots] = [file("updates"), file("take_up"), file("slots")];
const [slotFiles, trial, metadata] = [file("slot_files"), file("trial"), file("metadata")];

const list: RoomMutations = {
  tests: ["tests/edge/machine/"],
  mutations: [
    {
      says: "a version is fetched beside a backlog",
      file: updates,
      from: "if (pending() > 0) return",
      to: "if (pending() > 9) return",
    },
    {
      says: "expiry is judged by a clock that nobody set",
      file: updates,
      from: "if (!clock.trusted()) return rest;",
      to: "",
    },
    {
      says: "a fetch takes the room of punches",
      file: updates,
      from: "if (free >= needed) {",
      to: "if (free >= length) {",
    },
    {
      says: "what was fetched stays on a card that is full",
      file: updates,
      from: "if (have > 0) Deno.removeSync(part);",
      to: "",
    },
    {
      says: "more than the file is taken in",
      file: updates,
      from: "bytes.length === 0 || have + bytes.length > file.length",
      to: "bytes.length === 0",
    },
    {
      says: "a file that is not the signed one is laid ready",
      file: updates,
      from: "if (digest !== file.sha256) {",
      to: "if (digest === null) {",
    },
    {
      says: "a version that was taken back is fetched again",
      file: updates,
      from: "if (before !== undefined) {",
      to: "if (before === null) {",
    },
    {
      says: "what was believed is forgotten",
      file: updates,
      from: "kept?.trust ?? firstTrust(root), clock.now()",
      to: "firstTrust(root), clock.now()",
    },
    {
      says: "an offer that failed is looked at with every sync",
      file: updates,
      from: "Math.abs(since) < OFFER_PAUSE_MS",
      to: "Math.abs(since) < 0",
    },
    {
      says: "no fresh word for years is not said",
      file: updates,
      from: "clock.now() - kept.freshAt <= STALE_MS",
      to: "clock.now() - kept.freshAt >= 0",
    },
    {
      says: "root lays a file of another board",
      file: takeUp,
      from: "manifest.architecture !== architecture || manifest",
      to: "manifest",
    },
    {
      says: "root takes the agent's word for the file",
      file: takeUp,
      from: " && await sha256OfFile(path) === sha256",
      to: "",
    },
    {
      says: "root forgets what it has seen",
      file: takeUp,
      from: "keepTrust(trustFolder, proven.trust);",
      to: "",
    },
    {
      says: "root does not look at what it has seen",
      file: takeUp,
      from: "kept ?? firstTrust(root)",
      to: "firstTrust(root)",
    },
    {
      says: "a new version is laid over the confirmed one",
      file: slots,
      from: 'this.confirmed === "a" ? "b" : "a"',
      to: 'this.confirmed === "a" ? "a" : "b"',
    },
    {
      says: "a switch leaves no word of a trial",
      file: slots,
      from:
        'this.#files.writeText("trial.json", JSON.stringify({ version, beganAt: now, starts: 0 }));',
      to: "",
    },
    {
      says: "a trial has starts without end",
      file: slots,
      from: "trial.starts >= MOST_STARTS",
      to: "trial.starts >= 1e9",
    },
    {
      says: "starts of a trial are not counted",
      file: slots,
      from: "starts: trial.starts + 1",
      to: "starts: trial.starts",
    },
    {
      says: "why a version was taken back is forgotten",
      file: slots,
      from: "if (trial !== null) {\n      const refused",
      to: "if (trial === undefined) {\n      const refused",
    },
    {
      says: "a place without a program counts",
      file: slots,
      from: "slot !== undefined && this.#files.isFile(`${slot}/${PROGRAM_NAME}`)",
      to: "slot !== undefined",
    },
    {
      says: "half a file is laid",
      file: slotFiles,
      from: "if (digest !== sha256) {",
      to: "if (digest === null) {",
    },
    {
      says: "a copy that failed stays",
      file: slotFiles,
      from: "this.removeIfThere(`${name}.part`);\n      throw error;",
      to: "throw error;",
    },
    {
      says: "one good look is enough",
      file: trial,
      from: "LOOKS_IN_A_ROW = 10",
      to: "LOOKS_IN_A_ROW = 1",
    },
    {
      says: "the patience is longer than five minutes",
      file: trial,
      from: "PATIENCE_MS = 4 * 60_000",
      to: "PATIENCE_MS = 5 * 60_000",
    },
    {
      says: "another version that runs is taken for the new one",
      file: trial,
      from: "if (view.version !== version)",
      to: 'if (view.version === "")',
    },
    {
      says: "a version that no destination answers is well",
      file: trial,
      from: 'view.heardDestination ? null : "the destination did not answer it"',
      to: "null",
    },
    {
      says: "one person signs files",
      file: metadata,
      from: "targets: 2, snapshot: 1",
      to: "targets: 1, snapshot: 1",
    },
    {
      says: "a frozen timestamp counts",
      file: metadata,
      from: 'fresh(time, "timestamp", now);',
      to: "",
    },
    {
      says: "an older list of files counts",
      file: metadata,
      from: 'notOlder("targets", list.version, trust.targets);',
      to: "",
    },
  ],
};

export default list;
