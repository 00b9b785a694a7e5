/**
 * Takes the pictures of the README and of docs/screens.md from a real Odoo in Chromium.
 *
 *   node dev/bootstrap.mjs dev/screenshots.ts [FOLDER]     default docs/screenshots
 *
 * Owns two throw-away databases and the pictures of them: branches in every state a device board knows,
 * and eight weeks of days of a small company (screens_seed.py). Rows are written as the agents' reports
 * would have left them; nothing of the answer is made up.
 */
import { chromium, type Page } from "playwright-core";
import { takePort } from "./cache.ts";
import { findChromium } from "./chromium.ts";
import {
  addonTemplate,
  createDatabase,
  dropDatabase,
  odooOnce,
  readableAddons,
} from "./databases.ts";
import { OdooServer } from "./odoo_server.ts";
import { main, step } from "./trouble.ts";

/** Odoo builds its script bundles at the first visit. */
const PATIENCE_MS = 90_000;

const SEED = `
from datetime import timedelta
from odoo import fields
now = fields.Datetime.now()
ago = lambda **span: now - timedelta(**span)

def agent(name, seen, **values):
    record = env["biometric.agent"].create({"name": name, "tz": "Asia/Manila"})
    record.sudo().write(dict({"state": "active", "last_seen_at": seen, "disk_total_bytes": 32e9,
                              "disk_free_bytes": 2e10}, **values))
    return record

def device(agent, name, serial, heard, punches=0, **values):
    record = env["biometric.device"].create(
        {"name": name, "serial": serial, "agent_id": agent.id, "place": values.pop("place", "")})
    record.sudo().write(dict({"state": "active", "first_seen_at": ago(days=90), "last_heard_at": heard,
                              "last_punch_at": heard}, **values))
    return record

manila = agent("Manila", ago(seconds=4))
cebu = agent("Cebu", ago(seconds=7), queue_pending=312, oldest_pending_at=ago(minutes=31))
davao = agent("Davao", ago(hours=5))
iloilo = agent("Iloilo", ago(seconds=20), state="waiting", queue_pending=41,
               oldest_pending_at=ago(minutes=55), paired_at=ago(hours=1))
for number, place in enumerate(["Main gate", "Warehouse", "Canteen", "Reception"]):
    device(manila, f"Manila {place}", f"BRM92036{number}0417", ago(seconds=9 + number), place=place,
           storage_percent=21 + 9 * number, complete_until=ago(minutes=2 + number))
device(manila, "Manila Car park", "BRM9203640417", ago(seconds=12), storage_percent=93,
       complete_until=ago(minutes=3))
device(cebu, "Cebu Plant entrance", "CJDE204160022", ago(seconds=40), pending=312, rejects=3,
       storage_percent=37, complete_until=ago(minutes=33))
device(davao, "Davao Office", "CJDE204160518", ago(hours=5), storage_percent=48,
       complete_until=ago(hours=5))
device(manila, "BRM9203777001", "BRM9203777001", ago(seconds=30), state="waiting",
       first_seen_at=ago(minutes=12), last_punch_at=False)

# Punches come from terminals alone; here they are laid where ingest would have laid them.
tz = "Asia/Manila"
for index, record in enumerate(env["biometric.device"].search([("state", "=", "active")])):
    env.cr.execute("""
        INSERT INTO biometric_punch (company_id, device_id, key, serial, pin, wall_time, wall_date,
                                     status, stored_at)
        SELECT %s, %s, encode(sha256((%s || n)::bytea), 'hex'), %s, n::text,
               to_char(now() AT TIME ZONE %s, 'YYYY-MM-DD') || ' 00:00:00',
               (now() AT TIME ZONE %s)::date, '0', now() AT TIME ZONE 'utc'
          FROM generate_series(1, %s) n""",
        (record.company_id.id, record.id, record.serial, record.serial, tz, tz, 41 + 37 * index))
env.cr.commit()
`;

interface Picture {
  readonly name: string;
  readonly width: number;
  readonly height: number;
  readonly path: string;
  /** What stands on the screen once it is complete. */
  readonly ready: string;
  readonly prepare?: (page: Page) => Promise<void>;
}

/** One database and what is taken of it, by whom. */
interface Show {
  readonly seed: string;
  readonly login: string;
  readonly pictures: readonly Picture[];
}

const BOARD = { path: "/odoo/biometric-board", ready: "[data-device-open]" };
const WIDE = { width: 1280, height: 760 };
/** The bus connects within the second; a picture before it shows a board that is not live yet. */
const live = (page: Page): Promise<void> => page.getByText("Live", { exact: true }).waitFor();

const BOARDS: readonly Picture[] = [
  { name: "board", ...WIDE, ...BOARD, prepare: live },
  {
    name: "board_cards",
    width: 1280,
    height: 900,
    ...BOARD,
    prepare: async (page) => {
      await page.getByRole("button", { name: "Cards" }).click();
      await live(page);
    },
  },
  { name: "board_phone", width: 390, height: 844, ...BOARD, prepare: live },
];

async function filterBy(page: Page, name: string): Promise<void> {
  await page.click(".o_searchview_dropdown_toggler");
  await page.getByRole("menuitemcheckbox", { name, exact: true }).click();
  await page.keyboard.press("Escape");
  await page.getByText(name, { exact: true }).first().waitFor();
}

async function openFirstDay(page: Page): Promise<void> {
  await filterBy(page, "Overtime to approve");
  await page.locator(".o_data_row td[name=in_clock]").first().click();
  await page.waitForSelector(".o_day_timeline_steps");
}

const DAYS = { path: "/odoo/biometric-days", ready: ".o_data_row" };

const PEOPLE = { path: "/odoo/biometric-today", ready: ".o_biometric_today_chart canvas" };
const drawn = (page: Page): Promise<void> =>
  page.locator(".o_biometric_today_chart").nth(3).waitFor();

const PLANNED: readonly Picture[] = [
  { name: "today", width: 1366, height: 860, ...PEOPLE, prepare: drawn },
  { name: "today_phone", width: 390, height: 844, ...PEOPLE, prepare: drawn },
  {
    name: "roster_grid",
    width: 1366,
    height: 760,
    path: "/odoo/biometric-roster-grid",
    ready: ".o_biometric_roster_row",
  },
];

const SCREENS: readonly Picture[] = [
  { name: "days", ...WIDE, ...DAYS, prepare: (page) => filterBy(page, "With exceptions") },
  { name: "day", width: 1280, height: 860, ...DAYS, prepare: openFirstDay },
  {
    name: "roster",
    ...WIDE,
    path: "/odoo/biometric-roster?view_type=calendar",
    ready: ".fc-event",
  },
  {
    name: "day_phone",
    width: 390,
    height: 844,
    path: "/odoo/biometric-days",
    ready: ".o_kanban_record:not(.o_kanban_ghost)",
  },
];

const DESK = { path: "/odoo/biometric-review", ready: ".o_biometric_desk_row" };
const inFull = (page: Page): Promise<void> => page.locator(".o_biometric_desk_panel h2").waitFor();

const REVIEW: readonly Picture[] = [
  { name: "review", ...WIDE, ...DESK, prepare: inFull },
  {
    name: "review_week",
    ...WIDE,
    ...DESK,
    prepare: async (page) => {
      await inFull(page);
      await page.keyboard.press("g");
      await page.locator(".o_biometric_desk_grid").waitFor();
    },
  },
  {
    name: "review_phone",
    width: 390,
    height: 844,
    ...DESK,
    prepare: async (page) => {
      await page.locator(".o_biometric_desk_row").first().click();
      await inFull(page);
    },
  },
];

const OWN: readonly Picture[] = [
  {
    name: "my_time",
    width: 390,
    height: 844,
    path: "/odoo/biometric-my-time",
    ready: ".o_biometric_my_time_day",
  },
];

async function logIn(page: Page, url: string, login: string): Promise<void> {
  await page.goto(`${url}/web/login`);
  await page.fill("#login", login);
  await page.fill("#password", login);
  await page.click("button[type=submit]");
  await page.waitForURL("**/odoo**");
}

async function take(page: Page, url: string, folder: string, picture: Picture): Promise<string> {
  await page.setViewportSize({ width: picture.width, height: picture.height });
  await page.goto(`${url}${picture.path}`);
  await page.waitForSelector(picture.ready);
  await picture.prepare?.(page);
  await page.mouse.move(0, 0);
  const path = `${folder}/${picture.name}.png`;
  await page.screenshot({ path, animations: "disabled" });
  return path;
}

async function takeAll(url: string, folder: string, show: Show): Promise<void> {
  const executablePath = await findChromium();
  const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
  try {
    const page = await browser.newPage({ locale: "en-GB", timezoneId: "Asia/Manila" });
    page.setDefaultTimeout(PATIENCE_MS);
    await logIn(page, url, show.login);
    for (const picture of show.pictures) {
      await step(picture.name, () => take(page, url, folder, picture), (path) => path);
    }
  } finally {
    await browser.close();
  }
}

async function present(folder: string, show: Show): Promise<void> {
  const addons = await readableAddons();
  const db = await createDatabase(await addonTemplate(), "pictures");
  const server = new OdooServer({ db, port: await takePort(), addons: addons.path });
  try {
    await odooOnce({ db, addons: addons.path, args: ["shell", "--no-http"] }, show.seed);
    await server.start();
    await takeAll(server.url, folder, show);
  } finally {
    await server.stop();
    await dropDatabase(db);
    await addons.dispose();
  }
}

async function run(folder: string): Promise<number> {
  await Deno.mkdir(folder, { recursive: true });
  await present(folder, { seed: SEED, login: "admin", pictures: BOARDS });
  const seed = await Deno.readTextFile(new URL("screens_seed.py", import.meta.url));
  await present(folder, { seed, login: "hr", pictures: [...SCREENS, ...REVIEW] });
  await present(folder, { seed, login: "employee", pictures: OWN });
  const now = await Deno.readTextFile(new URL("today_seed.py", import.meta.url));
  await present(folder, { seed: `${seed}\n${now}`, login: "hr", pictures: PLANNED });
  return 0;
}

if (import.meta.main) await main(() => run(Deno.args[0] ?? "docs/screenshots"));
