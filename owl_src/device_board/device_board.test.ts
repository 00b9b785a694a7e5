/**
 * The device board in Odoo's own test browser: what it asks for, what it shows, what it survives.
 */
import { animationFrame, Deferred } from "@odoo/hoot-mock";
import { beforeEach, describe, expect, test } from "@odoo/hoot";
import { press, queryAll, queryAllTexts, queryOne, waitUntil } from "@odoo/hoot-dom";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import {
  contains,
  defineModels,
  fields,
  getService,
  makeServerError,
  MockServer,
  models,
  mountWithCleanup,
  onRpc,
  patchWithCleanup,
  serverState,
} from "@web/../tests/web_test_helpers";
import { WebClient } from "@web/webclient/webclient";
import { openScreen, pass, stayAt } from "../screen_bench.ts";
import { board, device, LATE, NONE } from "./board_bench.ts";

describe.current.tags("desktop");

class Device extends models.Model {
  _name = "biometric.device";
  name = fields.Char();
  _records = [{ id: 1, name: "Main gate" }];
  _views = { form: `<form><field name="name"/></form>` };
}

class Agent extends models.Model {
  _name = "biometric.agent";
  name = fields.Char();
  _records = [{ id: 1, name: "Manila" }];
  _views = {
    form: `<form><field name="name"/></form>`,
    list: `<list><field name="name"/></list>`,
  };
}

defineMailModels();
defineModels([Device, Agent]);

type Answer = () => unknown;

/** What Odoo answers to the next readings, and with what arguments it was asked. */
let answer: Answer;
let asked: Record<string, unknown>[];
let mayPair: boolean;
let mayReadUnread: boolean;

beforeEach(() => {
  stayAt("2026-03-02 08:00:00");
  answer = () => board();
  asked = [];
  mayPair = true;
  mayReadUnread = true;
  onRpc("biometric.device", "get_board_data", ({ kwargs }) => {
    const { limit, offset, search, status } = kwargs;
    asked.push({ limit, offset, search, status });
    return answer();
  });
  onRpc("biometric.agent", "has_access", () => mayPair);
  onRpc("biometric.sighting", "has_access", () => mayReadUnread);
});

/** Opens the board and lets pass what follows of itself: the bus connects, and it reads once more. */
async function openBoard() {
  await openScreen("device_board");
  await waitUntil(() => getService("bus_service").workerState === "CONNECTED");
  await pass(2_500);
  asked = [];
}

function notify() {
  MockServer.env["bus.bus"]!._sendone(serverState.partnerId, "biometric_attendance/board", {
    device_ids: [1],
  });
}

test("shows each device with its status, cause and figures", async () => {
  await openBoard();
  expect(".o_biometric_row").toHaveCount(2);
  const [ok, late] = queryAllTexts(".o_biometric_row");
  expect(ok).toMatch(/Working/);
  expect(ok).toMatch(/Gate 1/);
  expect(ok).toMatch(/BRM9203610001 · Yard · Manila/);
  expect(ok).toMatch(/5 minutes ago/);
  expect(ok).toMatch(/1,234/);
  expect(ok).toMatch(/Not confirmed yet/);
  expect(late).toMatch(/Delayed/);
  expect(late).toMatch(/for 2 hours/);
  expect(late).toMatch(/The agent is far behind\./);
  expect(late).toMatch(/3 unread/);
  expect(".o_biometric_row:first [role=progressbar]").toHaveAttribute("aria-valuenow", "40");
});

// Turns red when the number of unreadable lines opens the terminal instead, or nothing.
test("the unread lines of a terminal open their list", async () => {
  await openBoard();
  const called: unknown[] = [];
  onRpc("biometric.device", "action_open_rejects", ({ args }) => {
    called.push(args);
    return { type: "ir.actions.act_window_close" };
  });
  await contains(".o_biometric_row button.o_biometric_rejects").click();
  expect(called).toEqual([[[2]]]);
});

// Turns red when a gap opens the terminal, or nothing.
test("the gap of a terminal opens its window", async () => {
  answer = () => board([device(1), device(4, { status: "gap" })]);
  await openBoard();
  const called: unknown[] = [];
  onRpc("biometric.device", "action_open_gaps", ({ args }) => {
    called.push(args);
    return { type: "ir.actions.act_window_close" };
  });
  expect("[data-device-gaps]").toHaveCount(1);
  await contains("[data-device-gaps]").click();
  expect(called).toEqual([[[4]]]);
});

test("who may not read the lines has their number and no link", async () => {
  mayReadUnread = false;
  await openBoard();
  expect("button.o_biometric_rejects").toHaveCount(0);
  expect("span.o_biometric_rejects").toHaveCount(1);
});

test("asks for the first page of everything, and again when the bus has connected", async () => {
  await openScreen("device_board");
  await pass(2_500);
  expect(asked[0]).toEqual({ limit: 80, offset: 0, search: "", status: null });
  expect(asked.length < 3).toBe(true);
});

test("shows the agents with their backlog and opens one", async () => {
  await openBoard();
  const [agent] = queryAllTexts(".o_biometric_agent");
  expect(agent).toMatch(/Manila/);
  expect(agent).toMatch(/120 waiting, the oldest for 3 hours/);
  expect(agent).toMatch(/The line is slow\./);
  await contains(".o_biometric_agent").click();
  expect(".o_form_view [name=name] input").toHaveValue("Manila");
});

test("compares instants with the server's clock, not the browser's", async () => {
  stayAt("2026-03-02 11:00:00");
  await openBoard();
  expect(queryAllTexts(".o_biometric_row")[0]).toMatch(/5 minutes ago/);
});

test("a counter filters by its status, the same again takes the filter off", async () => {
  await openBoard();
  expect("[data-status=late] .o_biometric_number").toHaveText("1");
  answer = () => board([LATE]);
  await contains("[data-status=late]").click();
  await pass(0);
  expect(asked.at(-1)).toEqual({ limit: 80, offset: 0, search: "", status: "late" });
  expect(".o_biometric_row").toHaveCount(1);
  expect("[data-status=late]").toHaveAttribute("aria-pressed", "true");
  await contains("[data-status=late]").click();
  await pass(0);
  expect(asked.at(-1)).toEqual({ limit: 80, offset: 0, search: "", status: null });
  expect("[data-status=late]").toHaveAttribute("aria-pressed", "false");
});

test("/ goes to the search, typing asks once, Escape clears", async () => {
  await openBoard();
  await press("/");
  expect(".o_biometric_search input").toBeFocused();
  expect(".o_biometric_search input").toHaveValue("");
  await contains(".o_biometric_search input").edit("ga", { confirm: false });
  await contains(".o_biometric_search input").edit("gate", { confirm: false });
  expect(asked).toHaveLength(0);
  await pass(250);
  expect(asked).toHaveLength(1);
  expect(asked.at(-1)).toEqual({ limit: 80, offset: 0, search: "gate", status: null });
  await press("Escape");
  await pass(0);
  expect(".o_biometric_search input").toHaveValue("");
  expect(asked.at(-1)).toEqual({ limit: 80, offset: 0, search: "", status: null });
});

test("down goes from the search through the devices, Enter opens one", async () => {
  await openBoard();
  await press("/");
  await press("ArrowDown");
  expect("[data-device-open]:eq(0)").toBeFocused();
  await press("ArrowDown");
  expect("[data-device-open]:eq(1)").toBeFocused();
  await press("ArrowUp");
  await press("ArrowUp");
  expect(".o_biometric_search input").toBeFocused();
  await press("ArrowDown");
  await press("Enter");
  await pass(0);
  expect(".o_form_view [name=name] input").toHaveValue("Main gate");
});

test("a click on a row opens the device, and back keeps what was filtered", async () => {
  await openBoard();
  await contains("[data-status=late]").click();
  await pass(0);
  await contains(".o_biometric_row:first .o_biometric_cause").click();
  expect(".o_form_view").toHaveCount(1);
  await contains(".breadcrumb-item a, .o_back_button").click();
  await pass(0);
  expect("[data-status=late]").toHaveAttribute("aria-pressed", "true");
  expect(asked.at(-1)).toEqual({ limit: 80, offset: 0, search: "", status: "late" });
});

test("messages of the bus cost one reading, and it shows what is new", async () => {
  await openBoard();
  answer = () => board([device(1, { punches_today: 1235 }), LATE]);
  notify();
  notify();
  notify();
  await pass(50);
  expect(asked).toHaveLength(0);
  await pass(2_500);
  expect(asked).toHaveLength(1);
  expect(queryAllTexts(".o_biometric_row")[0]).toMatch(/1,235/);
});

test("reads at its slow beat when no message comes: silence sends none", async () => {
  await openBoard();
  await pass(61_000);
  expect(asked).toHaveLength(1);
});

test("stops listening and reading when it is left", async () => {
  await openBoard();
  await contains(".o_biometric_row:first .o_biometric_open").click();
  expect(".o_form_view").toHaveCount(1);
  const before = asked.length;
  notify();
  await pass(130_000);
  expect(asked).toHaveLength(before);
});

test("an answer to a question no longer asked is not shown", async () => {
  await openBoard();
  const slow = new Deferred();
  answer = () => slow;
  await contains("[data-status=late]").click();
  await pass(0);
  answer = () => board([device(9)]);
  await contains("[data-status=ok]").click();
  slow.resolve(board([LATE]));
  await pass(0);
  expect(queryAllTexts(".o_biometric_open")).toEqual(["Gate 9"]);
});

test("an error says what is wrong and can be tried again", async () => {
  answer = () => {
    throw makeServerError({ type: "AccessError", message: "Ask for the approver role." });
  };
  await openBoard();
  expect(".o_biometric_message").toHaveText(/Ask for the approver role\./);
  expect(".o_biometric_link").toHaveText("Not live");
  expect(".o_error_dialog").toHaveCount(0);
  answer = () => board();
  await contains(".o_biometric_message button").click();
  await pass(0);
  expect(".o_biometric_row").toHaveCount(2);
});

test("I8: a board that cannot be read any more says so and no longer looks healthy", async () => {
  // Red when `old` forgets the failure, or the reading's failure is dropped.
  await openBoard();
  expect(".o_biometric_old").toHaveCount(0);
  answer = () => {
    throw makeServerError({ message: "Database is gone." });
  };
  await pass(61_000);
  expect(".o_biometric_row").toHaveCount(2);
  expect(".o_biometric_old").toHaveCount(1);
  expect(".o_biometric_notice").toHaveText(/Database is gone\./);
  expect(".o_biometric_link").toHaveText("Not live");
  answer = () => board();
  await contains(".o_biometric_notice button").click();
  await pass(0);
  expect(".o_biometric_old").toHaveCount(0);
  expect(".o_biometric_notice").toHaveCount(0);
});

test("I8: a request that never ends makes the board old, and the next one is still made", async () => {
  await openBoard();
  answer = () => new Deferred();
  await pass(61_000);
  expect(asked).toHaveLength(1);
  await pass(31_000);
  expect(".o_biometric_notice").toHaveText(/did not answer in time/);
  answer = () => board();
  await pass(61_000);
  expect(".o_biometric_notice").toHaveCount(0);
});

test("a browser without network says so at once and reads when it is back", async () => {
  await openBoard();
  globalThis.dispatchEvent(new Event("offline"));
  await animationFrame();
  expect(".o_biometric_notice").toHaveText(/This computer is offline\./);
  const before = asked.length;
  globalThis.dispatchEvent(new Event("online"));
  await pass(0);
  expect(asked).toHaveLength(before + 1);
  expect(".o_biometric_notice").toHaveCount(0);
});

test("what nobody knows of a silent agent is not shown as nothing", async () => {
  answer = () => board([device(1, { pending: null }), device(2, { pending: 0 })]);
  await openBoard();
  const rows = [...document.querySelectorAll("[data-device-open]")].map((button) =>
    button.closest("article, tr")?.textContent ?? ""
  );
  expect(rows.map((text) => text.includes("Unknown"))).toEqual([true, false]);
});

test("an answer of another shape is refused and the field is named", async () => {
  answer = () => board([device(1, { pending: "many" })]);
  await openBoard();
  expect(".o_biometric_message").toHaveText(/devices\[0\]\.pending/);
});

test("nothing set up yet: says how to begin and leads there", async () => {
  answer = () => board([], { counts: NONE, agents: [] });
  await openBoard();
  expect(".o_biometric_steps li").toHaveCount(5);
  expect(".o_biometric_counter").toHaveCount(0);
  await contains(".o_biometric_message button").click();
  expect(".o_list_view").toHaveCount(1);
});

test("nothing set up yet, without the right to pair: no button", async () => {
  mayPair = false;
  answer = () => board([], { counts: NONE, agents: [] });
  await openBoard();
  expect(".o_biometric_steps").toHaveCount(1);
  expect(".o_biometric_message button").toHaveCount(0);
});

test("an agent without devices: says where its address goes", async () => {
  answer = () => board([], { counts: NONE });
  await openBoard();
  expect(".o_biometric_message h2").toHaveText("No terminal yet");
  expect(".o_biometric_agent").toHaveCount(1);
});

test("nothing matches: one click shows all again", async () => {
  await openBoard();
  answer = () => board([]);
  await contains(".o_biometric_search input").edit("nowhere");
  await pass(0);
  expect(".o_biometric_message h2").toHaveText("No terminal found");
  answer = () => board();
  await contains(".o_biometric_message button").click();
  await pass(0);
  expect(".o_biometric_row").toHaveCount(2);
  expect(".o_biometric_search input").toHaveValue("");
});

test("many devices come in pages", async () => {
  answer = () => board([device(1)], { total: 170 });
  await openBoard();
  await contains(".o_pager_next").click();
  await pass(0);
  expect(asked.at(-1)).toEqual({ limit: 80, offset: 80, search: "", status: null });
  answer = () => board([device(3)], { total: 30 });
  await pass(61_000);
  expect(asked.at(-1)).toEqual({ limit: 80, offset: 0, search: "", status: null });
});

test("cards show the same facts, and the choice is remembered", async () => {
  await openBoard();
  await contains("button[aria-label=Cards]").click();
  expect(".o_biometric_card").toHaveCount(2);
  expect(".o_biometric_row").toHaveCount(0);
  expect(queryAllTexts(".o_biometric_card")[1]).toMatch(/The agent is far behind\./);
  await getService("action").doAction({
    type: "ir.actions.client",
    tag: "biometric_attendance.device_board",
  });
  await pass(0);
  expect(".o_biometric_card").toHaveCount(2);
});

test("an unknown status is shown as written and never green", async () => {
  answer = () => board([device(1, { status: "melted" })]);
  await openBoard();
  expect(".o_biometric_row .o_biometric_badge").toHaveText("melted");
  expect(".o_biometric_row .o_biometric_badge").toHaveClass("o_biometric_unknown");
});

test("names and causes are text, never markup", async () => {
  answer = () => board([device(1, { name: "<b>x</b>", cause: "<img src=x onerror=alert(1)>" })]);
  await openBoard();
  expect(queryOne(".o_biometric_open").textContent).toBe("<b>x</b>");
  expect(queryAll(".o_biometric_row img, .o_biometric_row b")).toHaveLength(0);
});

test("the web client stands when the board's right cannot be asked", async () => {
  onRpc("biometric.agent", "has_access", () => {
    throw makeServerError({ message: "no" });
  });
  answer = () => board([], { counts: NONE, agents: [] });
  await openBoard();
  expect(".o_biometric_message button").toHaveCount(0);
  expect(".o_main_navbar").toHaveCount(1);
});

test("a bus that cannot start leaves the slow beat", async () => {
  await mountWithCleanup(WebClient);
  patchWithCleanup(getService("bus_service"), { start: () => Promise.reject(new Error("no bus")) });
  await getService("action").doAction({
    type: "ir.actions.client",
    tag: "biometric_attendance.device_board",
  });
  await pass(2_500);
  expect(".o_biometric_row").toHaveCount(2);
  asked = [];
  await pass(61_000);
  expect(asked).toHaveLength(1);
});
