/**
 * Whose PIN is it, in Odoo's own web client: choosing, the effect before the act, what comes after.
 */
import { beforeEach, describe, expect, test } from "@odoo/hoot";
import { press, queryAllTexts, queryOne } from "@odoo/hoot-dom";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { contains, makeServerError, onRpc } from "@web/../tests/web_test_helpers";
import { openedFromHere, openScreen, pass, stayAt } from "../screen_bench.ts";

describe.current.tags("desktop");
defineMailModels();

function row(id: number, pin: string, changes: object = {}) {
  return {
    id,
    device: "Gate",
    device_id: 7,
    branch: "Cebu",
    pin,
    name: "",
    known: true,
    punches: 12,
    days: 6,
    first: "Mar 2",
    last: "Mar 9",
    fits: [] as unknown[],
    likely: false,
    ...changes,
  };
}

const ANN = { id: 41, name: "Ann Öberg", percent: 99, reasons: "same badge number, same name" };
const CID = { id: 43, name: "Cid", percent: 60, reasons: "same PIN at Hall" };

function told(changes: object = {}) {
  return {
    may_map: true,
    devices: [[7, "Gate", 2], [8, "Hall", 1]],
    rows: [
      row(1, "7001", { fits: [ANN], likely: true }),
      row(2, "50", { fits: [CID] }),
      row(3, "9"),
    ],
    total: 3,
    offset: 0,
    page: 60,
    ...changes,
  };
}

interface Choices {
  readonly args: readonly unknown[];
}

let answer: () => unknown;
let effect: (choices: readonly (readonly number[])[]) => unknown;
let waiting: number;
let asked: unknown[];
let opened: Record<string, unknown>[];

beforeEach(() => {
  stayAt("2026-03-10 04:00:00");
  answer = () => told();
  effect = (choices) => ({
    days: 6 * choices.length,
    people: choices.length,
    rows: choices.map(([id]) => ({ id, days: 6, problem: "", also: [] as string[], notes: [] })),
  });
  waiting = 0;
  asked = [];
  const on = (method: string, run: (args: readonly unknown[]) => unknown) =>
    onRpc("biometric.registry.map", method, ({ args }: Choices) => {
      asked.push([method, ...args]);
      return run(args);
    });
  on("open_map", () => answer());
  on("find_people", () => [{ id: 44, name: "Dora Ek", department: "Sewing", pins: "" }]);
  on("preview", ([choices]) => effect(choices as number[][]));
  on("confirm", ([choices]) => ({
    rows: (choices as number[][]).map(([id]) => ({
      id,
      pin: "7001",
      device: "Gate",
      name: "Ann Öberg",
      standing: "Synchronised",
    })),
    days: 6,
    people: [41],
  }));
  on("count_waiting", () => waiting);
});

async function openMap() {
  await openScreen("registry_map");
  opened = openedFromHere();
}

const BAR = ".o_biometric_registry_bar";

// Red when something is chosen by itself, or what would happen is not said before it does.
test("nothing is chosen by itself; the effect is said, then done, then followed", async () => {
  await openMap();
  expect("[data-act=confirm]").toHaveCount(0);
  expect(queryAllTexts("[data-pin='7001'] .o_biometric_registry_fit"))
    .toEqual(["Ann Öberg 99 %\nsame badge number, same name"]);
  await contains("[data-act=likely]").click();
  await pass(400);
  expect(asked.at(-1)).toEqual(["preview", [[1, 41, false]]]);
  expect(queryOne(BAR).textContent).toMatch(/Map this PIN.*Recomputes days of one person: 6\./s);
  waiting = 4;
  await contains("[data-act=confirm]").click();
  await pass(0);
  expect(asked.some((one) => JSON.stringify(one) === '["confirm",[[1,41,false]]]')).toBe(true);
  expect(queryOne(".o_biometric_registry_done").textContent)
    .toMatch(/Days being recomputed: 6.*PIN 7001 at Gate: Ann Öberg\s*Synchronised/s);
  await pass(3_100);
  expect(queryOne(".o_biometric_registry_done").textContent).toMatch(/Days being recomputed: 4/);
  waiting = 0;
  await pass(3_100);
  expect(queryOne(".o_biometric_registry_done").textContent).toMatch(/Days computed: 6/);
  asked = [];
  await pass(9_300);
  expect(asked).toEqual([]);
  await contains("button:contains(Show their days)").click();
  expect(opened.at(-1)!["domain"]).toEqual([["employee_id", "in", [41]]]);
});

// Red when a refusal can be confirmed, or comes without its reason.
test("a conflict is shown at its PIN and keeps the act from being done", async () => {
  effect = (choices) => ({
    days: 0,
    people: 1,
    rows: choices.map(([id]) => ({
      id,
      days: 0,
      problem: "PIN 50 would belong to two people on the same day.",
      also: [],
      notes: ["Cid already has PIN 12 here"],
    })),
  });
  await openMap();
  await contains("[data-pin='50'] .o_biometric_registry_fit").click();
  await pass(400);
  expect(queryOne("[data-pin='50'] [role=alert]").textContent).toMatch(/two people/);
  expect(queryOne("[data-pin='50'] .o_biometric_registry_note").textContent).toMatch(/PIN 12/);
  expect(queryOne("[data-act=confirm]")).toHaveAttribute("disabled");
  await contains("[data-pin='50'] button:contains(Undo)").click();
  expect("[data-act=confirm]").toHaveCount(0);
});

// Red when the screen keeps to itself that one choice maps the PIN on other terminals of an area.
test("what the area makes of a choice elsewhere is said before, a conflict too", async () => {
  effect = (choices) => ({
    days: 14,
    people: 1,
    rows: choices.map(([id]) => ({
      id,
      days: 14,
      problem: "",
      also: ["also on 4 other terminals of Plant North"],
      notes: ["not changed on Yard: PIN 50 means Bo Cruz there"],
    })),
  });
  await openMap();
  await contains("[data-pin='50'] .o_biometric_registry_fit").click();
  await pass(400);
  expect(queryAllTexts("[data-pin='50'] .o_biometric_registry_also"))
    .toEqual(["also on 4 other terminals of Plant North"]);
  expect(queryOne("[data-pin='50'] .o_biometric_registry_note").textContent)
    .toMatch(/not changed on Yard: PIN 50 means Bo Cruz there/);
  expect(queryOne(BAR).textContent).toMatch(/Recomputes days of one person: 14\./);
  expect("[data-act=confirm]:not([disabled])").toHaveCount(1);
});

test("a person of the list is given to the PIN that was pointed at, from a day on", async () => {
  await openMap();
  await contains("[data-pin='9']").click();
  expect(queryOne(".o_biometric_registry_people h2").textContent).toBe("Who is PIN 9 at Gate?");
  await contains("[data-person='44']").click();
  const first = queryOne("[data-pin='9'] input[type=date]") as HTMLInputElement;
  first.value = "2026-03-05";
  first.dispatchEvent(new Event("change", { bubbles: true }));
  await pass(400);
  expect(asked.at(-1)).toEqual(["preview", [[3, 44, "2026-03-05"]]]);
});

// Red when choosing needs a mouse.
test("keys walk through the PINs, take whom one fits best and take it back", async () => {
  await openMap();
  queryOne("[data-pin='7001']").focus();
  await press("ArrowDown");
  expect("[data-pin='50']").toBeFocused();
  await press("Enter");
  await pass(0);
  expect(queryOne("[data-pin='50'] .o_biometric_registry_choice").textContent).toMatch(/is Cid/);
  await press("Delete");
  await pass(0);
  expect(".o_biometric_registry_choice").toHaveCount(0);
});

test("who only reads sees whom a PIN fits and can choose nothing", async () => {
  answer = () => told({ may_map: false });
  await openMap();
  expect(".o_biometric_registry_people, .o_biometric_registry_bar").toHaveCount(0);
  expect(queryOne("[data-pin='7001'] .o_biometric_registry_fit")).toHaveAttribute("disabled");
});

test("a terminal and words are asked for, and nothing left says so", async () => {
  await openMap();
  await contains("select[aria-label=Terminal]").select("8");
  await contains(".o_biometric_registry_search").edit("50", { confirm: false });
  answer = () => told({ rows: [], total: 0 });
  await pass(400);
  expect(asked.at(-1)).toEqual(["open_map", 8, "50", 0]);
  expect(queryOne("h2").textContent).toBe("No such PIN left");
});

test("every PIN mapped is said, and a failed reading too", async () => {
  answer = () => told({ rows: [], total: 0, devices: [] });
  await openMap();
  expect(queryOne("h2").textContent).toBe("Every PIN has its employee");
  answer = () => {
    throw makeServerError({ message: "The database is resting" });
  };
  await contains(".o_biometric_registry_search").edit("x", { confirm: false });
  await pass(400);
  expect(queryOne("[role=alert]").textContent).toMatch(/The database is resting/);
});
