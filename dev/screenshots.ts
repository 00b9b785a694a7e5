/**
 * Takes the pictures of every screen from a real Odoo in Chromium, for README, docs and the addons' own
 * pages.
 *
 *   node dev/bootstrap.mjs dev/screenshots.ts            every picture, each where it belongs
 *   node dev/bootstrap.mjs dev/screenshots.ts NAME…      these alone
 *
 * Owns throw-away databases and how a picture is taken and made light; pictures.ts says which there are.
 * Each keeps 256 colours, by Pillow, which Odoo itself needs.
 */
import { type Browser, chromium, type Page } from "playwright-core";
import { repository, takePort } from "./cache.ts";
import { findChromium } from "./chromium.ts";
import {
  addonTemplate,
  createDatabase,
  dropDatabase,
  odooOnce,
  readableAddons,
  serviceTemplate,
} from "./databases.ts";
import { OdooServer } from "./odoo_server.ts";
import { MOST_BYTES, pathOf, type Picture, type Show, SHOWS, type Sitting } from "./pictures.ts";
import { mustRun } from "./process.ts";
import { main, step, Trouble } from "./trouble.ts";
import { setupPageOf } from "../tests/sim/setup_page.ts";

/** Odoo builds its script bundles at the first visit. */
const PATIENCE_MS = 180_000;
const COLOURS = 256;

/** A picture of a screen has few colours: as many bytes less as a palette saves. */
const LIGHTER = `
import sys
from PIL import Image
path = sys.argv[1]
Image.open(path).convert("RGB").quantize(${COLOURS}, dither=Image.Dither.NONE).save(path, optimize=True)
`;

async function logIn(page: Page, url: string, login: string): Promise<void> {
  await page.goto(`${url}/web/login`);
  await page.fill("#login", login);
  await page.fill("#password", login);
  await page.click("button[type=submit]");
  await page.waitForURL("**/odoo**");
}

async function take(page: Page, url: string, picture: Picture): Promise<number> {
  await page.setViewportSize({ width: picture.width, height: picture.height });
  await page.goto(`${url}${picture.path}`);
  await page.waitForSelector(picture.ready);
  await picture.prepare?.(page);
  await page.mouse.move(0, 0);
  const path = `${repository}/${pathOf(picture)}`;
  await page.screenshot({ path, animations: "disabled" });
  await mustRun(["/usr/bin/python3", "-c", LIGHTER, path]);
  const { size } = await Deno.stat(path);
  if (size > MOST_BYTES) throw new Trouble(`${pathOf(picture)} is too heavy: ${size} bytes.`);
  return size;
}

async function sit(
  browser: Browser,
  url: string,
  login: string | null,
  pictures: readonly Picture[],
): Promise<void> {
  const context = await browser.newContext({ locale: "en-GB", timezoneId: "Asia/Manila" });
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE_MS);
  if (login !== null) await logIn(page, url, login);
  for (const picture of pictures) {
    await step(pathOf(picture), () => take(page, url, picture), (size) => `${size} bytes`);
  }
  await context.close();
}

/** The database of a show, with what its seeds made. */
async function prepare(show: Show, addons: string): Promise<string> {
  const template = show.service ? serviceTemplate() : addonTemplate();
  const db = await createDatabase(await template, "pictures");
  const texts = show.seeds.map((name) => Deno.readTextFile(new URL(name, import.meta.url)));
  const seed = (await Promise.all(texts)).join("\n");
  await odooOnce({ db, addons, args: ["shell", "--no-http"] }, seed);
  return db;
}

/** All that is taken at one address. */
async function sitAll(url: string, sittings: readonly Sitting[]): Promise<void> {
  const executablePath = await findChromium();
  const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
  try {
    for (const { login, pictures } of sittings) await sit(browser, url, login, pictures);
  } finally {
    await browser.close();
  }
}

async function presentMachine(sittings: readonly Sitting[]): Promise<void> {
  const page = setupPageOf(0);
  page.start();
  try {
    await sitAll(`http://127.0.0.1:${page.port}`, sittings);
  } finally {
    await page.stop();
  }
}

async function present(show: Show, wanted: (picture: Picture) => boolean): Promise<void> {
  const sittings = show.sittings
    .map(({ login, pictures }) => ({ login, pictures: pictures.filter(wanted) }))
    .filter(({ pictures }) => pictures.length > 0);
  if (sittings.length === 0) return;
  if (show.seeds.length === 0) return await presentMachine(sittings);
  const addons = await readableAddons();
  const db = await prepare(show, addons.path);
  const server = new OdooServer({
    db,
    port: await takePort(),
    addons: addons.path,
    // a night's jobs would look into what the seeds laid past every door
    args: ["--max-cron-threads=0"],
  });
  try {
    await server.start();
    await sitAll(server.url, sittings);
  } finally {
    await server.stop();
    await dropDatabase(db);
    await addons.dispose();
  }
}

async function run(names: readonly string[]): Promise<number> {
  const all = SHOWS.flatMap(({ sittings }) => sittings.flatMap(({ pictures }) => pictures));
  const unknown = names.filter((name) => !all.some((picture) => picture.name === name));
  if (unknown.length > 0) throw new Trouble(`There is no picture ${unknown.join(", ")}.`);
  for (const show of SHOWS) {
    await present(show, ({ name }) => names.length === 0 || names.includes(name));
  }
  return 0;
}

if (import.meta.main) await main(() => run(Deno.args));
