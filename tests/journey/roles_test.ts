// Journey: every role of a branch logs in with a real browser and sees what is theirs, and nothing else.

import assert from "node:assert/strict";
import { faultsOf } from "./axe.ts";
import { openBrowser, Visitor } from "./browser.ts";
import { importStick, mapPin, pairMachine, planNights, pullDay } from "./clicks.ts";
import { SERIAL } from "../../dev/play.ts";
import { cutOn } from "./labels.ts";
import { journeyTest, type Scene, withScene } from "./scene.ts";
import { menusOf, openMenu, requestsByMenu } from "./screen_requests.ts";

const ADDON = "biometric_attendance";
const DAYS = `action-${ADDON}.biometric_day_action`;
/** The menu's own: today, by where people are. It may be empty, and it chooses the app. */
const TODAY = `${DAYS}_today`;
/** What an employee's menu has in its place. */
const OWN_DAYS = `${DAYS}_own`;
const LIST = ".o_list_view tbody tr.o_data_row";

/** Keeps terminals, and has no days of their own either. */
const NO_DAY = "biometric";

/** Of every screen that draws other people's days or plans, what stands there once it is read. */
const PEOPLE_SCREENS = [
  ["biometric-today", ".o_biometric_today_tile, .o_biometric_today_empty"],
  ["biometric-roster-grid", ".o_biometric_roster_row"],
] as const;

/** Requests for data that a screen of ours may make when it is opened. */
const MOST_REQUESTS = 3;
/** What an HR officer's menu leads to at least: fewer, and not all were opened. */
const LEAST_SCREENS = 40;

interface Sight {
  readonly login: string;
  readonly sections: readonly string[];
  readonly board: boolean;
  readonly everybody: boolean;
}

/** What each role has in its menu bar. */
const SIGHTS: readonly Sight[] = [
  { login: "employee", sections: ["Attendance", "Time accounts"], board: false, everybody: false },
  {
    login: "approver",
    sections: [
      "Today",
      "Terminal board",
      "Review",
      "Attendance",
      "Time accounts",
      "Fleet",
      "Reporting",
    ],
    board: true,
    everybody: true,
  },
  {
    login: "officer",
    sections: [
      "Today",
      "Terminal board",
      "Review",
      "Attendance",
      "Time accounts",
      "To do",
      "Payroll",
      "Fleet",
      "Reporting",
      "Configuration",
    ],
    board: true,
    everybody: true,
  },
  {
    login: "payroll",
    sections: [
      "Today",
      "Terminal board",
      "Review",
      "Attendance",
      "Time accounts",
      "Payroll",
      "Fleet",
      "Reporting",
    ],
    board: true,
    everybody: true,
  },
  {
    login: "biometric",
    sections: ["Terminal board", "Attendance", "Time accounts", "Fleet", "Configuration"],
    board: true,
    everybody: false,
  },
  {
    login: "auditor",
    sections: [
      "Today",
      "Terminal board",
      "Review",
      "Attendance",
      "Time accounts",
      "To do",
      "Payroll",
      "Fleet",
      "Reporting",
      "Configuration",
    ],
    board: true,
    everybody: true,
  },
];

async function seeDays(visitor: Visitor, sight: Sight, { branch }: Scene): Promise<void> {
  await visitor.open(sight.everybody ? TODAY : OWN_DAYS, ".o_list_view");
  assert.deepEqual(await visitor.sections(), sight.sections, `${sight.login}'s menu`);
  const client = await branch.as(sight.login);
  if (sight.login === NO_DAY) {
    assert.equal(await client.count("biometric.day"), 0, "terminals alone show nobody's days");
    return;
  }
  await visitor.go(sight.everybody ? DAYS : OWN_DAYS, LIST);
  const names = new Set(await visitor.texts(`${LIST} td[name=employee_id]`));
  assert.ok(names.size > 0, `${sight.login} sees no day`);
  const own = [...names].every((name) => name.includes("Ada Albrecht"));
  assert.equal(own, !sight.everybody, `${sight.login} sees the days of ${[...names].join(", ")}`);
  const all = await branch.admin.count("biometric.day");
  const seen = await client.count("biometric.day");
  assert.equal(seen === all, sight.everybody, `${sight.login} reads ${seen} of ${all} days`);
}

async function seeBoard(visitor: Visitor, { play }: Scene): Promise<void> {
  await visitor.go("biometric-board", ".o_biometric_board");
  await visitor.page.getByText(SERIAL).first().waitFor();
  const board = (await visitor.texts(".o_biometric_board")).join("\n");
  assert.match(board, /Main branch/);
  assert.ok(play.expected.unreadable > 0);
  assert.match(board, new RegExp(`${play.expected.unreadable} unread`));
}

/** What is proven of each terminal and day, in one reading; a day opens with what stands behind it. */
async function seeCoverage(visitor: Visitor, mayPull: boolean): Promise<void> {
  const { page } = visitor;
  const asked: string[] = [];
  page.on("request", (request) => {
    const call = /biometric\.coverage\.map\/(\w+)/.exec(request.url());
    if (call) asked.push(call[1] ?? "");
  });
  await visitor.go("biometric-coverage-map", ".o_biometric_coverage_row");
  assert.deepEqual(asked, ["open_map"]);
  await page.locator(".o_biometric_coverage_cell:not(.o_biometric_coverage_none)").last().click();
  await page.getByText("place's time").waitFor();
  assert.equal(await page.locator("[data-act=pull]").count(), mayPull ? 1 : 0);
  assert.deepEqual(await faultsOf(page, ".o_biometric_coverage"), []);
  await page.keyboard.press("Escape");
  await page.locator(".o_biometric_coverage_panel").waitFor({ state: "detached" });
}

/** The trail says in a sentence what was mapped; Odoo shows what it read before until it has read anew. */
async function seeStory(visitor: Visitor): Promise<void> {
  await visitor.go(`action-${ADDON}.biometric_audit_action`, LIST);
  const story = /mapped PIN 987654 at .+ to .*Ada Albrecht/;
  await visitor.page.locator(`${LIST} td[name=story]`, { hasText: story }).first().waitFor();
}

/** Who is here, and who is planned: the same people as in the lists, in two readings and one. */
async function seePeople(visitor: Visitor, sight: Sight): Promise<void> {
  const asked: string[] = [];
  visitor.page.on("request", (request) => {
    const call = /biometric\.(?:today|roster\.grid)\/(\w+)/.exec(request.url());
    if (call) asked.push(call[1] ?? "");
  });
  for (const [path, ready] of PEOPLE_SCREENS) await visitor.go(path, ready);
  assert.deepEqual(asked.sort(), ["get_today", "get_trends", "open_grid"], sight.login);
  const planned = await visitor.texts(".o_biometric_roster_row .o_biometric_roster_who button");
  assert.ok(planned.some((name) => name.includes("Ada Albrecht")), planned.join(", "));
}

/**
 * Each screen of the menu is read in few requests, since on a slow line every one is a wait, can be used
 * with a screen reader, a keyboard or weak eyes, and no heading or button of it is cut, on a phone too.
 */
async function openEach({ page }: Visitor): Promise<void> {
  const faults: string[] = [];
  const size = page.viewportSize();
  const found = await requestsByMenu(page, ADDON, async (screen) => {
    for (const width of [390, 1366]) {
      await page.setViewportSize({ width, height: 860 });
      const seen = await faultsOf(page, ".o_action_manager");
      const cut = (await cutOn(page)).map((label) => `cut: ${label}`);
      faults.push(...[...seen, ...cut].map((fault) => `${screen} at ${width} px: ${fault}`));
    }
  });
  if (size) await page.setViewportSize(size);
  assert.deepEqual(faults, []);
  const read = [...found].filter(([, asked]) => asked.length > 0).map(([name]) => name);
  assert.ok(read.length >= LEAST_SCREENS, `${read.length} of ${found.size}: ${read.join(", ")}`);
  const many = [...found].filter(([, asked]) => asked.length > MOST_REQUESTS);
  assert.deepEqual(Object.fromEntries(many), {}, `more than ${MOST_REQUESTS} requests`);
}

/**
 * Every menu that a role has opens for it without an error; axe looks at the screens that no role before it
 * had.
 */
async function openMenus({ page, errors }: Visitor): Promise<void> {
  for (const { name, xmlid, action } of await menusOf(page, ADDON)) {
    await openMenu(page, action);
    await page.locator(".o_action_manager > *, .modal").first().waitFor();
    assert.equal(await page.locator(".o_error_dialog").count(), 0, `${name} (${xmlid})`);
    assert.deepEqual(errors, [], `${name} (${xmlid})`);
    if (walked.has(xmlid)) continue;
    walked.add(xmlid);
    const open = await page.locator(".modal").count() > 0 ? ".modal" : ".o_action_manager";
    assert.deepEqual(await faultsOf(page, open), [], `${name} (${xmlid})`);
  }
}

/** Menus whose screens axe has looked at. */
const walked = new Set<string>();

/** A bookmark to the board in the hands of somebody without the right: an error, not data. */
async function noBoard(visitor: Visitor): Promise<void> {
  await visitor.page.goto(new URL("/odoo/biometric-board", visitor.page.url()).href);
  await visitor.page.waitForSelector(".o_action_manager > *");
  // Time for data to come, were it to come: the board is filled within a second elsewhere.
  await visitor.page.waitForTimeout(3_000);
  assert.equal(await visitor.page.getByText(SERIAL).count(), 0);
}

/** Each number of a day as bars: a measure that became a group, or a field that is gone, throws. */
async function seeGraph({ page }: Visitor): Promise<void> {
  await page.locator("button.o_graph").click();
  await page.locator(".o_graph_renderer canvas").waitFor();
  const item = page.locator(".o-dropdown--menu .dropdown-item");
  const open = async () => {
    if (await item.count() === 0) await page.getByRole("button", { name: "Measures" }).click();
    await item.first().waitFor();
  };
  await open();
  const names = await item.allInnerTexts();
  assert.ok(names.includes("Worked") && names.includes("Late"), names.join(", "));
  for (const name of names) {
    await open();
    await item.filter({ hasText: new RegExp(`^${name}$`) }).click();
    await page.locator(".o_graph_renderer canvas").waitFor();
  }
}

/** A punch of the year 2000 is counted when it was made, by what the dialog shows. */
async function countImpossible(visitor: Visitor, { branch }: Scene): Promise<void> {
  const { page } = visitor;
  await visitor.go("biometric-quarantine", ".o_group_header");
  await page.locator(".o_group_header", { hasText: "Impossible clock" }).click();
  const row = page.locator(".o_data_row", { hasText: "2000-01-01" }).first();
  await row.getByRole("button", { name: "Count as" }).click();
  const dialog = page.locator(".modal");
  await dialog.locator("[name=reason] input").fill("the battery was empty");
  const words = await dialog.innerText();
  assert.match(words, /The terminal \(Asia\/Manila\) showed 2000-01-01 \d\d:\d\d:\d\d\./);
  assert.match(words, /By order of receipt it is (between|after|before) \d\d/);
  assert.match(words, /\d\d\/\d\d\/2026 \d\d:\d\d:\d\d [AP]M \(Asia\/Manila\)/);
  await dialog.getByRole("button", { name: "Confirm" }).click();
  await dialog.waitFor({ state: "detached" });
  const [decision] = await branch.admin.rows(
    "biometric.decision",
    [["verdict", "=", "count_as"]],
    ["counts_at", "reason", "punch_id"],
  );
  assert.equal(decision?.["reason"], "the battery was empty");
  assert.match(String(decision?.["counts_at"]), /^2026-/);
  assert.match(String((decision?.["punch_id"] as [number, string])[1]), /2000-01-01/);
}

// Turns red when a menu loses its group, a record rule is dropped, or a screen throws in the browser.
journeyTest("every role sees its menus, its days and, where it may, the device board", async () => {
  await withScene(12, async (scene) => {
    scene.terminal.record(...scene.play.records);
    await scene.allDelivered();
    await scene.allComputed();
    // Its list is judged with a line in it at any hour, not only after a night.
    await (await scene.branch.as("officer")).call("biometric.audit.check", "action_verify");
    const browser = await openBrowser();
    try {
      for (const sight of SIGHTS) {
        const visitor = await Visitor.logIn(browser, scene.stage.odoo.url, sight.login);
        await seeDays(visitor, sight, scene);
        if (sight.login === "officer") {
          await openEach(visitor);
          for (const { xmlid } of await menusOf(visitor.page, ADDON)) walked.add(xmlid);
          // Anew: the bar of a client that was on a phone keeps its sections folded.
          await visitor.open(DAYS, LIST);
          await seeGraph(visitor);
          await countImpossible(visitor, scene);
          await planNights(visitor, scene);
          await mapPin(visitor, scene);
          await seeStory(visitor);
          await pullDay(visitor);
          await importStick(visitor, scene);
        } else {
          await openMenus(visitor);
        }
        if (sight.login === NO_DAY) await pairMachine(visitor, scene);
        if (sight.board) {
          await seeBoard(visitor, scene);
          await seeCoverage(visitor, ["officer", "biometric"].includes(sight.login));
        }
        if (sight.sections.includes("Today")) await seePeople(visitor, sight);
        assert.deepEqual(visitor.errors, [], `${sight.login}'s browser complains`);
        if (!sight.board) await noBoard(visitor);
        await visitor.close();
      }
    } finally {
      await browser.close();
    }
  });
});
