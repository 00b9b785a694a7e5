// Journey: every role of a branch logs in with a real browser and sees what is theirs, and nothing else.

import assert from "node:assert/strict";
import { openBrowser, Visitor } from "./browser.ts";
import { SERIAL } from "../../dev/play.ts";
import { journeyTest, type Scene, withScene } from "./scene.ts";

const ADDON = "biometric_attendance";
const DAYS = `action-${ADDON}.biometric_day_action`;
/** The menu's own: today, by where people are. It may be empty, and it chooses the app. */
const TODAY = `${DAYS}_today`;
/** What an employee's menu has in its place. */
const OWN_DAYS = `${DAYS}_own`;
const LIST = ".o_list_view tbody tr.o_data_row";

/** Keeps terminals, and has no days of their own either. */
const NO_DAY = "biometric";

interface Sight {
  readonly login: string;
  readonly sections: readonly string[];
  readonly board: boolean;
  readonly everybody: boolean;
}

/** What each role has in its menu bar. */
const SIGHTS: readonly Sight[] = [
  { login: "employee", sections: ["Attendance"], board: false, everybody: false },
  {
    login: "approver",
    sections: ["Device Board", "Attendance", "Fleet"],
    board: true,
    everybody: true,
  },
  {
    login: "officer",
    sections: ["Device Board", "Attendance", "To do", "Fleet", "Configuration"],
    board: true,
    everybody: true,
  },
  {
    login: "payroll",
    sections: ["Device Board", "Attendance", "Payroll", "Fleet"],
    board: true,
    everybody: true,
  },
  {
    login: "biometric",
    sections: ["Device Board", "Attendance", "Fleet", "Configuration"],
    board: true,
    everybody: false,
  },
  {
    login: "auditor",
    sections: ["Device Board", "Attendance", "To do", "Payroll", "Fleet", "Configuration"],
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
  await visitor.open(sight.everybody ? DAYS : OWN_DAYS, LIST);
  const names = new Set(await visitor.texts(`${LIST} td[name=employee_id]`));
  assert.ok(names.size > 0, `${sight.login} sees no day`);
  const own = [...names].every((name) => name.includes("Ada Albrecht"));
  assert.equal(own, !sight.everybody, `${sight.login} sees the days of ${[...names].join(", ")}`);
  const all = await branch.admin.count("biometric.day");
  const seen = await client.count("biometric.day");
  assert.equal(seen === all, sight.everybody, `${sight.login} reads ${seen} of ${all} days`);
}

async function seeBoard(visitor: Visitor, { play }: Scene): Promise<void> {
  await visitor.open("biometric-board", ".o_biometric_board");
  await visitor.page.getByText(SERIAL).first().waitFor();
  const board = (await visitor.texts(".o_biometric_board")).join("\n");
  assert.match(board, /Main branch/);
  assert.ok(play.expected.unreadable > 0);
  assert.match(board, new RegExp(`${play.expected.unreadable} unread`));
}

/** A bookmark to the board in the hands of somebody without the right: an error, not data. */
async function noBoard(visitor: Visitor): Promise<void> {
  await visitor.page.goto(new URL("/odoo/biometric-board", visitor.page.url()).href);
  await visitor.page.waitForSelector(".o_action_manager > *");
  // Time for data to come, were it to come: the board is filled within a second elsewhere.
  await visitor.page.waitForTimeout(3_000);
  assert.equal(await visitor.page.getByText(SERIAL).count(), 0);
}

// Turns red when a menu loses its group, a record rule is dropped, or a screen throws in the browser.
journeyTest("every role sees its menus, its days and, where it may, the device board", async () => {
  await withScene(12, async (scene) => {
    scene.terminal.record(...scene.play.records);
    await scene.allDelivered();
    await scene.allComputed();
    const browser = await openBrowser();
    try {
      for (const sight of SIGHTS) {
        const visitor = await Visitor.logIn(browser, scene.stage.odoo.url, sight.login);
        await seeDays(visitor, sight, scene);
        if (sight.board) await seeBoard(visitor, scene);
        assert.deepEqual(visitor.errors, [], `${sight.login}'s browser complains`);
        if (!sight.board) await noBoard(visitor);
        await visitor.close();
      }
    } finally {
      await browser.close();
    }
  });
});
