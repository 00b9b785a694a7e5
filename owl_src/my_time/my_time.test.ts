/**
 * My time in Odoo's own test browser: what is shown of a month, what is sent, what an answer says.
 */
import { animationFrame } from "@odoo/hoot-mock";
import { beforeEach, expect, test } from "@odoo/hoot";
import { queryAll, queryAllTexts, queryOne } from "@odoo/hoot-dom";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import {
  contains,
  defineModels,
  getService,
  makeServerError,
  models,
  mountWithCleanup,
  onRpc,
  patchWithCleanup,
} from "@web/../tests/web_test_helpers";
import { WebClient } from "@web/webclient/webclient";

class Mine extends models.Model {
  _name = "biometric.my.time";
}

defineMailModels();
defineModels([Mine]);

const CHANGE = {
  id: 40,
  change: "Add a punch: 17:10, Out",
  state: "reversed",
  state_text: "Reversed",
  by: "Mia Lim",
  decided_by: "Hal Ong",
  why: "gate log shows it",
  before: "2026-03-04: Incomplete",
  after: "2026-03-04: Present, Worked 8:12",
  waits: "",
  mine: false,
  may_answer: true,
  until: "18/03/2026",
  answer: "",
};

function day(changes: object = {}) {
  return {
    id: 3,
    date: "2026-03-04",
    date_text: "Wed 4 Mar",
    status: "Incomplete",
    incomplete: true,
    lacks: "out",
    findings: "missing check-out",
    waiting: "",
    in: "07:58",
    out: "",
    worked: 0,
    overtime: 0,
    late: 0,
    approved: false,
    disputed: false,
    proposal: {
      clock: "17:02",
      time: "5:02 PM",
      next_day: false,
      direction: "out",
      percent: 93,
      reasons: [],
    },
    punches: [{ id: 1, time: "07:58:00", where: "Gate", key: "In (0)" }],
    sentences: ["Present from 07:58; nobody punched out."],
    changes: [],
    ...changes,
  };
}

const QUESTION = {
  id: 70,
  event: "Meal break missing, short or late",
  date_text: "03/04/2026",
  text: "Were you given a meal break?",
  until: "7 Mar, 08:00",
  state: "open",
  state_text: "Open",
  answer: "",
  may_change: false,
  choices: ["Yes", "No, I was kept from it"],
};
const CONSENT = {
  text_id: 5,
  text: "One finger, at the entrance.",
  version: 1,
  newer: false,
  verdict: null as string | null,
  verdict_text: "",
  since: "",
};

const NIGHT = {
  date: "2026-03-09",
  date_text: "Mon 9 Mar",
  id: 2,
  name: "Night",
  hours: "22:00 – 06:00 +1",
};
const EARLY = { ...NIGHT, date: "2026-03-11", date_text: "Wed 11 Mar", id: 1, name: "Early" };
const SWAP = {
  id: 90,
  change: "Ben gives Early to Ana",
  why: "my sister marries that day",
  state: "submitted",
  state_text: "Waiting",
  waits: "Ana",
  trouble: ["Ana: only 8 h rest, 11 h is the least"],
  answer: "",
  decided_by: "",
  may_answer: true,
  may_decline: true,
  may_withdraw: false,
};

/** What Odoo was asked in order, and the days it answers. */
let asked: [string, readonly unknown[]][];
let days: object[];
let records: object[];
let questions: object[];
let consent: object | null;
let swaps: { shifts: object[]; rows: object[] };
let trouble: string[];
let refuse: string | null;

beforeEach(() => {
  asked = [];
  days = [day()];
  records = [];
  questions = [];
  consent = null;
  swaps = { shifts: [], rows: [] };
  trouble = [];
  refuse = null;
  onRpc("biometric.my.time", "*", ({ method, args }) => {
    asked.push([method, args]);
    if (method !== "open_month") {
      if (refuse) throw makeServerError({ message: refuse });
      // the first bytes of every workbook
      if (method === "get_sheet") return "UEsDBA==";
      if (method === "open_swap") return [{ id: 8, name: "Ben Cruz", shifts: [EARLY] }];
      return method === "check_swap" ? trouble : 1;
    }
    return {
      employee: "Ana Reyes",
      month: "2026-03-01",
      label: "March 2026",
      previous: "2026-02-28",
      next: "2026-04-01",
      sums: { Worked: 9_600 },
      leave: [{ name: "Vacation", left: "5 days" }],
      records,
      reasons: [{ id: 2, name: "Forgot" }],
      questions,
      consent,
      swaps,
      days,
    };
  });
});

async function settled() {
  for (let frame = 0; frame < 6; frame += 1) await animationFrame();
}

/** As it is typed; the matcher for values makes a date of it. */
const proposedTime = () => (queryOne("input[type=time]") as HTMLInputElement).value;

async function openMonth() {
  await mountWithCleanup(WebClient);
  await getService("action").doAction({
    type: "ir.actions.client",
    tag: "biometric_attendance.my_time",
  });
  await settled();
}

test("RC1: one reading shows a month with its sums, and every earlier one by the arrow", async () => {
  await openMonth();
  expect(asked).toEqual([["open_month", [null]]]);
  expect("h1").toHaveText("March 2026");
  expect(queryAllTexts("dd")).toEqual(["160:00", "5 days"]);
  await contains("button[aria-label='Previous month']").click();
  await settled();
  expect(asked.at(-1)).toEqual(["open_month", ["2026-02-28"]]);
  await contains(".o_biometric_my_time_head").click();
  expect(".o_biometric_my_time_more").toHaveText(/07:58:00 Gate/);
});

test("a forgotten punch is sent with the proposed time, which can be another", async () => {
  await openMonth();
  expect("[data-act=forgot]").toHaveText("I forgot to punch out");
  await contains("[data-act=forgot]").click();
  expect(proposedTime()).toBe("17:02");
  expect(".o_biometric_my_time_ask").toHaveText(/Left about 5:02 PM\? \(93 %\)/);
  await contains("input[type=time]").edit("17:10");
  await contains("[data-act=send]").click();
  await settled();
  expect(asked[1]).toEqual([
    "ask",
    [3, {
      kind: "add_punch",
      clock: "17:10",
      next_day: false,
      direction: "out",
      reason_id: false,
      reason_text: "I forgot to punch out",
    }],
  ]);
  expect("[role=status]").toHaveText(/Nothing changes until someone approves it\./);
});

test("what Odoo refuses is said, and what was typed stays", async () => {
  refuse = "Please give a reason of at least 10 characters.";
  await openMonth();
  await contains("[data-act=forgot]").click();
  await contains("[data-act=send]").click();
  await settled();
  expect("[role=alert]").toHaveText(refuse);
  expect(proposedTime()).toBe("17:02");
});

test("RC17: a change is struck out and new, with who and why; it is answered once", async () => {
  days = [day({ incomplete: false, changes: [CHANGE] })];
  await openMonth();
  expect("[data-act=forgot]").toHaveCount(0);
  expect("[data-change] s:first").toHaveText("Add a punch: 17:10, Out");
  expect("[data-change]").toHaveText(/Mia Lim: gate log shows it · decided by Hal Ong/);
  expect("[data-change] s:last").toHaveText("2026-03-04: Incomplete");
  await contains("[data-act=dispute]").click();
  await contains("[data-change] input").edit("I was there until half past six");
  await contains("[data-act=send-dispute]").click();
  await settled();
  expect(asked[1]).toEqual(["say", [40, "dispute", "I was there until half past six"]]);
});

test("the month's record says where it stands, and its person certifies it", async () => {
  const record = { id: 0, label: "1 – 31 Mar", state: "blank", state_text: "Not signed" };
  records = [
    { ...record, changed: "", may_certify: true },
    { ...record, id: 9, state: "changed", changed: "4 Mar", may_certify: false },
  ];
  await openMonth();
  expect("[data-record='9']").toHaveText(/4 Mar/);
  expect("[data-record='9'] [data-act=certify]").toHaveCount(0);
  expect("[data-record='0'] [data-act=record]").toHaveCount(0);
  await contains("[data-record='0'] [data-act=certify]").click();
  await settled();
  expect(asked[1]).toEqual(["certify", [0, "2026-03-01"]]);
});

// Red when it takes another screen, or is read before somebody wants to see it.
test("the account of compensatory time opens under the month with one tap and one reading", async () => {
  let read = 0;
  onRpc("biometric.cto.account", "get_panel_data", () => {
    read += 1;
    const account = { id: 1, kind: "bank", company: "Cebu", balance: 615, owed: 0, band: false };
    const rest = { band_label: "", entries: [], more: 0, lots: [], rights: [], convertible: false };
    return { employee_id: 3, name: "Ana", is_own: true, accounts: [{ ...account, ...rest }] };
  });
  await openMonth();
  expect(read).toBe(0);
  await contains("[data-act=account]").click();
  await settled();
  expect(".o_biometric_cto_balance").toHaveText("10:15");
  expect(".o_biometric_my_time_day").toHaveCount(1);
  await contains("[data-act=account]").click();
  expect(".o_biometric_cto_balance").toHaveCount(0);
  expect(read).toBe(1);
});

test("an own request that waits is taken back, and not made twice", async () => {
  days = [day({ changes: [{ ...CHANGE, state: "submitted", mine: true, may_answer: false }] })];
  await openMonth();
  expect("[data-act=forgot]").toHaveCount(0);
  await contains("[data-act=withdraw]").click();
  await settled();
  expect(asked[1]).toEqual(["say", [40, "withdraw"]]);
});

// RV7. Red when an answer is marked by itself, or one can be sent that nobody marked.
test("RV7: a question is answered by a mark of one's own, with nothing preselected", async () => {
  questions = [QUESTION];
  await openMonth();
  expect("[data-question] legend").toHaveText("Were you given a meal break?");
  expect("[data-question] input:checked").toHaveCount(0);
  expect("[data-act=attest]").toHaveAttribute("disabled");
  await contains("[data-question] label:last").click();
  await contains("[data-act=attest]").click();
  await settled();
  expect(asked[1]).toEqual(["attest", [70, 2]]);
});

// Red when many questions push the days of a month off a phone's page, or one alone is hidden.
test("several questions are folded above the days, and open with one tap", async () => {
  questions = [QUESTION, { ...QUESTION, id: 71, text: "Was last week right?" }];
  await openMonth();
  // Chromium lays out what a closed fold holds too: its own word decides what is seen.
  const seen = () => queryAll("[data-question]").filter((one) => one.checkVisibility()).length;
  expect(seen()).toBe(0);
  expect(".o_biometric_my_time_fold summary").toHaveText("Questions waiting for your answer: 2");
  await contains(".o_biometric_my_time_fold summary").click();
  expect(seen()).toBe(2);
  await contains("[data-question='71'] label:last").click();
  await contains("[data-question='71'] [data-act=attest]").click();
  await settled();
  expect(asked[1]).toEqual(["attest", [71, 2]]);
});

// Red when the month is asked for by another date, or no file comes of it.
test("the month is kept as a workbook or as CSV", async () => {
  const kept: string[] = [];
  patchWithCleanup(HTMLAnchorElement.prototype, {
    click() {
      kept.push((this as HTMLAnchorElement).download);
    },
  });
  await openMonth();
  await contains("[data-act=download]").click();
  await settled();
  expect(asked[1]).toEqual(["get_sheet", ["2026-03-01"]]);
  await contains("[data-act=download-csv]").click();
  expect(kept).toEqual(["2026-03.xlsx", "2026-03.csv"]);
});

// RV7. Red when a change is an answer: it needs words and is a request.
test("RV7: another answer is asked for with words", async () => {
  questions = [{
    ...QUESTION,
    state: "answered",
    state_text: "Answered",
    answer: "Yes",
    may_change: true,
  }];
  await openMonth();
  await contains(".o_biometric_my_time_questions summary").click();
  expect("[data-question] strong").toHaveText("Yes");
  await contains("[data-act=change]").click();
  expect("[data-question] input:checked").toHaveCount(0);
  await contains("[data-question] label:contains(kept)").click();
  expect("[data-act=send-change]").toHaveAttribute("disabled");
  await contains("[data-question] input.form-control").edit("I read it too quickly");
  await contains("[data-act=send-change]").click();
  await settled();
  expect(asked[1]).toEqual(["attest", [70, 2, "I read it too quickly"]]);
});

// RC16. Red when somebody agrees to another text than the one on the screen, or finds no other way.
test("RC16: the text about biometrics is read, agreed to, or a card is chosen instead", async () => {
  consent = CONSENT;
  await openMonth();
  expect(".o_biometric_my_time_words").toHaveText("One finger, at the entrance.");
  await contains("[data-act=no-biometrics]").click();
  await settled();
  expect(asked[1]).toEqual(["consent", ["no_biometrics", 5]]);
  await contains("[data-act=give]").click();
  await settled();
  expect(asked[3]).toEqual(["consent", ["given", 5]]);
});

// Red when a swap is sent without a colleague, words, or what it would break on the screen.
test("a shift is swapped: a colleague, one of theirs, what would be wrong, then the words", async () => {
  swaps = { shifts: [NIGHT], rows: [] };
  trouble = ["Ben Cruz, 03/09/2026: only 0:00 rest, 11:00 is the least"];
  await openMonth();
  await contains(".o_biometric_my_time_swaps summary").click();
  await contains("[data-act=swap]").click();
  await settled();
  expect(asked.at(-1)).toEqual(["open_swap", ["2026-03-09", 2]]);
  expect("[data-act=send-swap]").toHaveAttribute("disabled");
  await contains("#o_my_time_swap_who").select("8");
  await settled();
  await contains("#o_my_time_swap_back").select("0");
  await settled();
  const values = {
    date: "2026-03-09",
    shift_id: 2,
    to_employee_id: 8,
    to_date: "2026-03-11",
    to_shift_id: 1,
    reason_text: "",
  };
  expect(asked.at(-1)).toEqual(["check_swap", [values]]);
  expect(".o_biometric_my_time_swaps .alert-warning").toHaveText(trouble[0] ?? "");
  expect("[data-act=send-swap]").toHaveAttribute("disabled");
  const why = "my sister marries that day";
  await contains("#o_my_time_swap_why").edit(why, { confirm: false });
  refuse = "The shift has started.";
  await contains("[data-act=send-swap]").click();
  await settled();
  expect("#o_my_time_swap_why").toHaveValue(why);
  refuse = null;
  await contains("[data-act=send-swap]").click();
  await settled();
  expect(asked.at(-2)).toEqual(["ask_swap", [{ ...values, reason_text: why }]]);
  expect("#o_my_time_swap_why").toHaveCount(0);
});

// Red when what a colleague asks is folded away, or its conflicts are not shown before the yes.
test("what a colleague asks stands open, with what would be wrong, and is agreed to or not", async () => {
  swaps = { shifts: [], rows: [SWAP, { ...SWAP, id: 91, may_answer: false, may_withdraw: true }] };
  await openMonth();
  expect("[data-swap='90'] .alert-warning").toHaveText(SWAP.trouble[0] ?? "");
  await contains("[data-act=agree-swap]").click();
  await settled();
  expect(asked.at(-2)).toEqual(["say_swap", [90, "agree"]]);
  await contains("[data-act=decline-swap]").click();
  await settled();
  expect(asked.at(-2)).toEqual(["say_swap", [90, "decline"]]);
  await contains(".o_biometric_my_time_swaps summary").click();
  await contains("[data-act=withdraw-swap]").click();
  await settled();
  expect(asked.at(-2)).toEqual(["say_swap", [91, "withdraw"]]);
});
