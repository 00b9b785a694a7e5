/** The report of a terminal: many points, and nothing of a person, a place or a key, whatever a terminal says. */
import assert from "node:assert/strict";
import { terminalReport, type TerminalView } from "../../../edge_agent/health/terminal_report.ts";
import { Dice } from "../../sim/dice.ts";

const PLAIN: TerminalView = {
  facts: {
    name: "SpeedFace-V5L[TD]",
    platform: "ZAM170_TFT",
    firmware: "ZAM170-NF-1.8.25-7153-08",
    pushver: "2.4.1",
    comm_key: "default",
    users: 212,
    punches: 31_000,
    capacity: 100_000,
    record_layout: "40",
  },
  dialect: "attendance",
  heardByPush: true,
  readOverPort: true,
  clockOffsetSeconds: 47,
  silent: false,
  timeZoneSet: true,
  ownSummerTime: false,
  discardedBiometrics: 3,
  rejectReasons: ["bad_time", "bad_time", "empty_pin"],
  statuses: ["0", "1", "255", ""],
  verifies: ["15", "1"],
  channels: ["push", "poll"],
  pinLengths: [4, 9],
  workCodes: false,
};

const found = (view: TerminalView) =>
  new Map(terminalReport(view).map(({ point, found }) => [point, found]));

Deno.test("report: at least 25 points, each of its own fact", () => {
  const told = found(PLAIN);
  assert.ok(told.size >= 25, `${told.size}`);
  const expected: readonly (readonly [string, string])[] = [
    ["family", "SpeedFace"],
    ["platform", "ZAM"],
    ["firmware version", "1.8.25"],
    ["push version", "2.4.1"],
    ["comm key over port 4370", "default"],
    ["record layout over port 4370", "40"],
    ["channels of its punches", "poll, push"],
    ["statuses it sends", "0, 1, 255"],
    ["sends no status", "yes"],
    ["shortest PIN, digits", "4"],
    ["longest PIN, digits", "9"],
    ["capacity, punches", "about 100000"],
    ["users", "about 200"],
    ["fill, per cent", "30"],
    ["clock off by", "at most 60 s"],
    ["sent templates or photos, thrown away", "yes"],
    ["lines that could not be read", "about 3"],
    ["why they could not", "bad_time, empty_pin"],
  ];
  for (const [point, value] of expected) assert.equal(told.get(point), value, point);
});

const SECRETS = [
  "Maria Dela Cruz",
  "CKJF201960996",
  "918273645",
  "s3cr3t-K3y-77",
  "192.168.7.33",
  "00:17:61:10:22:33",
];

/** A view in which any field may hold any secret, alone or in the midst of what is plausible. */
function hostile(dice: Dice): TerminalView {
  const secret = () => SECRETS[dice.below(SECRETS.length)] ?? "";
  const text = () => dice.chance(0.5) ? secret() : `SpeedFace ${secret()} Ver 6.60 ${secret()}`;
  const value = () =>
    [text(), dice.below(2 ** 31), true, null, { name: secret() }, [secret()]][dice.below(6)];
  const names = [
    "name",
    "platform",
    "firmware",
    "pushver",
    "push_version",
    "comm_key",
    "push_comm_key",
    "users",
    "punches",
    "capacity",
    "mac",
    "found_at",
    "record_layout",
    "unsafe_to_clear",
    "poll_clock_offset_seconds",
    secret(),
  ];
  const many = () => Array.from({ length: dice.below(20) }, text);
  return {
    ...PLAIN,
    facts: Object.fromEntries(names.map((name) => [name, value()])),
    dialect: text(),
    clockOffsetSeconds: dice.chance(0.5) ? 918_273_645 : null,
    discardedBiometrics: 918_273_645,
    rejectReasons: many(),
    statuses: many(),
    verifies: many(),
    channels: many(),
    pinLengths: [dice.below(40), 918_273_645],
  };
}

// Red when a text of the terminal is passed on, or a number unrounded.
Deno.test("report: 1,000 reports of hostile terminals: no name, PIN, serial, address or key", () => {
  const dice = new Dice(7);
  const values = new Set<string>();
  for (let n = 0; n < 1_000; n++) {
    const text = JSON.stringify(terminalReport(hostile(dice)));
    for (const secret of SECRETS) {
      for (const part of [secret, ...secret.split(/[ :.-]/)].filter(({ length }) => length > 3)) {
        assert.ok(!text.includes(part), `${part} in ${text}`);
      }
    }
    for (const { found } of terminalReport(hostile(dice))) values.add(found);
  }
  // A closed set: what a thousand hostile terminals say adds up to a few hundred words.
  assert.ok(values.size < 300, `${values.size} different values`);
});
