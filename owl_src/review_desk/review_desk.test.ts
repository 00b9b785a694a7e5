/**
 * The review desk in Odoo's own test browser: what it asks for, what a key does, what it says.
 */
import { animationFrame, mockDate } from "@odoo/hoot-mock";
import { beforeEach, describe, expect, test } from "@odoo/hoot";
import { press, queryAll, queryAllTexts, queryOne } from "@odoo/hoot-dom";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import {
  contains,
  defineModels,
  fields,
  getService,
  makeServerError,
  models,
  mountWithCleanup,
  onRpc,
} from "@web/../tests/web_test_helpers";
import { WebClient } from "@web/webclient/webclient";
import { ROWS_AT_ONCE } from "@biometric_attendance/review_desk/day_list";
import { cell, desk, fullDay, PROPOSAL, REQUEST } from "./desk_bench.ts";

describe.current.tags("desktop");

class Desk extends models.Model {
  _name = "biometric.desk";
}

class Correct extends models.Model {
  _name = "biometric.correct";
  note = fields.Char();
  _views = { form: `<form><field name="note"/></form>` };
}

class Day extends models.Model {
  _name = "biometric.day";
}

defineMailModels();
defineModels([Desk, Correct, Day]);

/** What Odoo was asked, in order, and what it answers to an act. */
let asked: [string, readonly unknown[]][];
let answer: () => unknown;
let opened: object;
let days: Record<number, object>;

beforeEach(() => {
  asked = [];
  opened = desk();
  days = { 4: { requests: [REQUEST] } };
  answer = () => ({ cells: [], text: "Done", undo: null });
  onRpc("biometric.desk", "*", ({ method, args }) => {
    asked.push([method, args]);
    if (method === "open_desk") return opened;
    if (method === "get_proposals") return { 3: PROPOSAL };
    if (method === "get_day") return fullDay(Number(args[0]), days[Number(args[0])] ?? {});
    if (method === "sum_clean") {
      return {
        days: 412,
        people: 38,
        worked_minutes: 197_760,
        overtime_minutes: 2_460,
        left_out: { pending: 12 },
      };
    }
    return answer();
  });
});

async function settled() {
  for (let frame = 0; frame < 6; frame += 1) await animationFrame();
}

async function openDesk() {
  await mountWithCleanup(WebClient);
  await getService("action").doAction({
    type: "ir.actions.client",
    tag: "biometric_attendance.review_desk",
  });
  await settled();
}

const counts = () => queryAllTexts("[data-basket] .o_biometric_desk_count");
const acts = () =>
  asked.filter(([method]) => !["open_desk", "get_proposals", "get_day"].includes(method));

test("RV1: opens with three readings; baskets hold every day, the first work lies open", async () => {
  await openDesk();
  expect(asked.map(([method]) => method)).toEqual(["open_desk", "get_proposals", "get_day"]);
  expect(counts()).toEqual(["2", "1", "1", "1"]);
  expect(queryAllTexts("[data-kind]")).toEqual(["Missing check-out 2", "Late 1", "Open request 1"]);
  expect(queryAllTexts("[data-day] .fw-bold")).toEqual(["Ana Reyes", "Ben Cruz", "Ana Reyes"]);
  expect(".o_biometric_desk_panel h2").toHaveText("Ana Reyes");
  expect(".o_biometric_desk_proposal strong").toHaveText("Out at 17:02 (93 %)");
  expect(".o_biometric_desk_proposal li").toHaveText(PROPOSAL.reasons[0]!);
});

test("RV5: Enter accepts the repair and goes on; then Enter approves what is asked", async () => {
  await openDesk();
  answer = () => ({
    cells: [[7, cell(3, "2026-03-04", "clean")]],
    text: "1 put into effect",
    undo: { requests: [9] },
  });
  await press("Enter");
  await settled();
  expect(acts()).toEqual([["accept", [[3]]]]);
  expect(counts()).toEqual(["1", "1", "1", "2"]);
  expect(".o_biometric_desk_said").toHaveText(/1 put into effect/);
  expect(".o_biometric_desk_panel h2").toHaveText("Ben Cruz");
  await press("Enter");
  await settled();
  expect(acts().at(-1)).toEqual(["decide", [40, true, null]]);
});

test("up and down walk, u takes the last act back", async () => {
  await openDesk();
  await press("ArrowDown");
  await settled();
  expect("[data-day][aria-current=true]").toHaveAttribute("data-day", "4");
  await press("k");
  await settled();
  expect("[data-day][aria-current=true]").toHaveAttribute("data-day", "3");
  answer = () => ({ cells: [], text: "1 put into effect", undo: { requests: [9] } });
  await press("Enter");
  await settled();
  await press("u");
  await settled();
  expect(acts().at(-1)).toEqual(["undo", [{ requests: [9] }]]);
});

test("days out of sight are not drawn; keys and the scroll reach them all", async () => {
  const days = Array.from({ length: 300 }, (_none, n) => cell(100 + n, "2026-03-04", "must_fix"));
  opened = desk({ people: [{ id: 7, name: "Ana Reyes", department: "Sewing", days }] });
  await openDesk();
  const drawn = () => queryAll("[data-day]").length;
  expect(drawn()).toBe(ROWS_AT_ONCE);
  expect(counts()).toEqual(["300", "0", "0", "0"]);
  // The last one that is drawn, and three beyond it.
  await contains(`[data-day="${100 + ROWS_AT_ONCE - 1}"]`).click();
  for (let step = 0; step < 3; step += 1) {
    await press("ArrowDown");
    await animationFrame();
  }
  await settled();
  const walked = ROWS_AT_ONCE + 2;
  const current = "[data-day][aria-current=true]";
  expect(current).toHaveAttribute("data-day", String(100 + walked));
  const box = queryOne(current).getBoundingClientRect();
  const list = queryOne(".o_biometric_desk_left").getBoundingClientRect();
  expect(box.bottom <= list.bottom + 1).toBe(true);
  expect(drawn() < 300).toBe(true);
  for (let step = 0; drawn() < 300 && step < 20; step += 1) {
    queryAll("[data-day]").at(-1)?.scrollIntoView({ block: "end" });
    await settled();
  }
  expect("[data-day='399']").toHaveCount(1);
  await contains("[data-basket=must_fix]").click();
  await settled();
  expect(drawn() < 300).toBe(true);
});

test("keys that are typed into a field do nothing else", async () => {
  await openDesk();
  await contains(".o_biometric_desk_search").edit("ben");
  await settled();
  expect(queryAllTexts("[data-day] .fw-bold")).toEqual(["Ben Cruz"]);
  await contains(".o_biometric_desk_search").click();
  await press("u");
  await settled();
  expect(acts()).toEqual([]);
});

test("RV2: what is clean is announced before it is approved", async () => {
  await openDesk();
  await contains("[data-act=ask-clean]").click();
  await settled();
  expect(".o_biometric_desk_sum").toHaveText(
    "Days: 412, people: 38, 3296:00 h, 41:00 h overtime",
  );
  expect("[role=alert]").toHaveText(/Days left out: 12\./);
  expect(acts()).toEqual([["sum_clean", ["2026-03-01", "2026-03-31"]]]);
  await contains("[data-act=approve-clean]").click();
  await settled();
  expect(acts().at(-1)).toEqual(["approve_clean", ["2026-03-01", "2026-03-31", 412]]);
});

test("a click on a basket or a kind lists exactly those days", async () => {
  await openDesk();
  await contains("[data-basket=pending]").click();
  expect("[data-day]").toHaveCount(1);
  await contains("[data-basket=pending]").click();
  await contains("[data-kind=late]").click();
  expect("[data-day]").toHaveAttribute("data-day", "2");
});

test("the week shows the team, with words for whoever sees no colour", async () => {
  mockDate("2026-03-20 12:00:00");
  await openDesk();
  await press("g");
  await settled();
  expect(".o_biometric_desk_grid tbody tr").toHaveCount(2);
  expect("[data-day='3']").toHaveText("!");
  expect("[data-day='3']").toHaveAttribute(
    "aria-label",
    "Ana Reyes, Wed, Mar 4, Must fix, 0:00, missing check-out",
  );
});

test("a request is rejected with the reason that was typed", async () => {
  await openDesk();
  await press("ArrowDown");
  await settled();
  await contains("#o_biometric_desk_reason").edit("the camera shows another time");
  await contains("[data-act=reject]").click();
  await settled();
  expect(acts().at(-1)).toEqual(["decide", [40, false, "the camera shows another time"]]);
});

test("what Odoo refuses is said, and the day stays as it was", async () => {
  await openDesk();
  answer = () => {
    throw makeServerError({ message: "Somebody else decided meanwhile." });
  };
  await press("Enter");
  await settled();
  expect("[role=alert]").toHaveText(/Somebody else decided meanwhile\./);
  expect(counts()).toEqual(["2", "1", "1", "1"]);
  expect("[data-day][aria-current=true]").toHaveAttribute("data-day", "3");
});

test("what no key can ask for opens its dialog, and the day is read again after it", async () => {
  onRpc("biometric.day", "action_correct", ({ args }) => {
    expect(args).toEqual([[3]]);
    return {
      type: "ir.actions.act_window",
      res_model: "biometric.correct",
      name: "Request correction",
      view_mode: "form",
      target: "new",
    };
  });
  await openDesk();
  await contains("[data-act=correct]").click();
  await settled();
  expect(".modal [name=note]").toHaveCount(1);
  await contains(".modal .btn-close").click();
  await settled();
  expect(acts()).toEqual([["refresh", [3]]]);
});

test("who only reads has nothing to press", async () => {
  opened = desk({ may_act: false });
  await openDesk();
  expect("[data-act]").toHaveCount(0);
  await press("Enter");
  await settled();
  expect(acts()).toEqual([]);
});

test("an answer of another shape is said, not half shown", async () => {
  opened = desk({ people: "none" });
  await openDesk();
  expect("[role=alert]").toHaveText(/Odoo's answer could not be read \(people\)/);
});
