/**
 * Screens at size: a company of so many people and terminals (screens_fill.py), an Odoo with two workers,
 * Chromium. Each screen of the app is opened again and again from inside the web client, as a click on
 * its menu does, and timed from the click until its first row is there and until its data is fresh;
 * requests are counted. The floor is Odoo's own list of as many people. Must not know what a screen is for.
 */
import type { Page } from "playwright-core";
import { openBrowser, Visitor } from "../journey/browser.ts";
import { type InPage, Requests } from "../journey/screen_requests.ts";
import { read, shell, type Stage, withServer, withStage } from "./odoo_stage.ts";

export interface Size {
  readonly agents: number;
  readonly people: number;
  readonly days: number;
}

export const FULL: Size = { agents: 1000, people: 5000, days: 31 };

export interface Screen {
  readonly name: string;
  /** External id of the action. */
  readonly action: string;
  /** What is there when the screen can be read. */
  readonly ready: string;
  /** Milliseconds it may take; none: it is there for comparison. */
  readonly goalMs?: number;
  /** A view other than the action's first. */
  readonly view?: "list" | "form";
}

const ROW = ":is(.o_data_row, .o_group_header, .o_view_nocontent)";
const own = (name: string): string => `biometric_attendance.${name}`;

/** The floor is one of Odoo's own lists over as many records: nothing of ours is in it. */
export const SCREENS: readonly Screen[] = [
  {
    name: "floor: Odoo's own employees",
    action: "hr.hr_employee_public_action",
    ready: ROW,
    view: "list",
  },
  {
    name: "device board",
    action: own("biometric_board_action"),
    ready: ".o_biometric_list tbody tr, .o_biometric_cards > *",
    goalMs: 1000,
  },
  { name: "days of today", action: own("biometric_day_action_today"), ready: ROW, goalMs: 1000 },
  { name: "days", action: own("biometric_day_action"), ready: ROW, goalMs: 1000 },
  {
    name: "form of a day",
    action: own("biometric_day_action"),
    ready: ".o_form_view .o_field_day_timeline",
    view: "form",
    goalMs: 1000,
  },
  { name: "punches", action: own("biometric_punch_action"), ready: ROW, goalMs: 1000 },
  { name: "quarantine", action: own("biometric_quarantine_action"), ready: ROW, goalMs: 1500 },
  { name: "coverage", action: own("biometric_coverage_action"), ready: ROW, goalMs: 1500 },
  {
    name: "coverage map",
    action: own("biometric_coverage_map_action"),
    ready: ".o_biometric_coverage_row",
    goalMs: 1500,
  },
  {
    name: "analysis of days, pivot",
    action: own("biometric_day_action_analysis"),
    ready: ".o_pivot_cell_value",
    goalMs: 1500,
  },
  {
    name: "roster grid, a week",
    action: own("biometric_roster_grid_action"),
    ready: ".o_biometric_roster_row",
    goalMs: 1500,
  },
  { name: "roster, list", action: own("biometric_roster_action"), ready: ROW, goalMs: 1500 },
];

export interface Opened {
  readonly name: string;
  readonly goalMs: number | null;
  /** Milliseconds from the click until something can be read; the client shows what it kept of before. */
  readonly shownMs: number;
  /** Until every answer is there: median and longest of the turns. Goals are about these. */
  readonly medianMs: number;
  readonly longestMs: number;
  /** Requests for data of one opening, the most of the turns; views and rights are kept by the client. */
  readonly requests: number;
}

const TURNS = 5;
/** The first openings fetch views, fill caches of both sides and are not counted. */
const WARM = 2;
interface Action {
  readonly action: string;
  readonly ready: string;
  readonly view: string | null;
  readonly record: number | null;
}

/** Runs in the page: opens the action as a click on its menu does; milliseconds until it is ready. */
async function openInPage({ action, ready, view, record }: Action): Promise<number> {
  const page = globalThis as unknown as InPage;
  const { services } = page.odoo.__WOWL_DEBUG__.root.env;
  const from = performance.now();
  const options = { clearBreadcrumbs: true, viewType: view ?? undefined };
  const props = record === null ? {} : { props: { resId: record } };
  await services.action.doAction(action, { ...options, ...props }).catch((error: Error) => {
    throw new Error(`${action}: ${error.message}: ${(error.cause as Error | undefined)?.stack}`);
  });
  while (!page.document.querySelector(`.o_action_manager :is(${ready})`)) {
    await new Promise((resolve) => page.requestAnimationFrame(resolve));
  }
  return performance.now() - from;
}

/** A short list between two turns, so that no row of before is taken for a new one. */
const BETWEEN: Action = {
  action: own("biometric_shift_action"),
  ready: ROW,
  view: null,
  record: null,
};

async function openAgain(page: Page, screen: Screen, record: number): Promise<Opened> {
  const requests = new Requests(page);
  const turns: { shown: number; ms: number; requests: number }[] = [];
  for (let turn = 0; turn < WARM + TURNS; turn++) {
    await page.evaluate(openInPage, BETWEEN);
    const { action, ready, view = null } = screen;
    const asked = { action, ready, view, record: view === "form" ? record : null };
    const from = performance.now();
    let shown = 0;
    const made = await requests.of(async () => {
      shown = await page.evaluate(openInPage, asked);
    });
    const ms = performance.now() - from;
    if (turn >= WARM) turns.push({ shown, ms, requests: made.length });
  }
  requests.close();
  const sorted = (key: "shown" | "ms"): number[] =>
    turns.map((turn) => Math.round(turn[key])).sort((one, other) => one - other);
  const middle = Math.floor(TURNS / 2);
  return {
    name: screen.name,
    goalMs: screen.goalMs ?? null,
    shownMs: sorted("shown")[middle]!,
    medianMs: sorted("ms")[middle]!,
    longestMs: sorted("ms").at(-1)!,
    requests: Math.max(...turns.map(({ requests }) => requests)),
  };
}

/** Opens each of the screens as an HR officer on a server that was just started. */
export async function openScreens(
  url: string,
  record: number,
  screens: readonly Screen[] = SCREENS,
): Promise<Opened[]> {
  const browser = await openBrowser();
  try {
    const visitor = await Visitor.logIn(browser, url, "officer");
    const found: Opened[] = [];
    for (const screen of screens) {
      found.push(await openAgain(visitor.page, screen, record));
      console.log(JSON.stringify(found.at(-1)));
    }
    return found;
  } finally {
    await browser.close();
  }
}

export interface Measured {
  /** What screens_fill.py laid, each with its seconds. */
  laid: Record<string, unknown>;
  screens: Opened[];
}

/** Lays the company, opens its screens; the figures of both. */
export async function measureScreens(size: Size): Promise<Measured> {
  const found: Measured = { laid: {}, screens: [] };
  await withStage(async (stage: Stage) => {
    const script = `${await read("odoo_fleet_fill.py")}\n${await read("screens_fill.py")}`;
    const { agents, people, days } = size;
    found.laid = await shell(stage, `${script}\nlay(env, ${agents}, ${people}, ${days})\n`);
    const record = Number(await stage.postgres.sql("SELECT max(id) FROM biometric_day", stage.db));
    await withServer(stage, async ({ url }) => {
      found.screens = await openScreens(url, record);
    });
  });
  return found;
}

/** The figures as the tables of README.md have them. */
export function screensTable({ laid, screens }: Measured): string {
  const floor = screens[0]?.medianMs ?? NaN;
  const row = (one: Opened): string => {
    const met = one.goalMs === null ? "" : one.medianMs <= one.goalMs ? "yes" : "no";
    const ratio = (one.medianMs / floor).toFixed(1);
    const columns = [
      one.name,
      one.shownMs,
      one.medianMs,
      one.longestMs,
      ratio,
      one.requests,
      one.goalMs ?? "",
      met,
    ];
    return `| ${columns.join(" | ")} |`;
  };
  const { key: _key, ...counts } = laid;
  return [
    `${JSON.stringify(counts)}, load ${Deno.loadavg()[0]?.toFixed(1)}`,
    "",
    "| screen | shown ms | fresh ms | longest ms | times the floor | requests | goal ms | met |",
    "|---|---|---|---|---|---|---|---|",
    ...screens.map(row),
  ].join("\n");
}
