/**
 * Screens at size: a company of so many people and terminals (screens_fill.py), an Odoo with two workers,
 * Chromium. Each screen of the app is opened again and again from inside the web client, as a click on
 * its menu does, and timed from the click until its first row is there and until its data is fresh;
 * requests are counted. The floor is Odoo's own list of as many people. Must not know what a screen is for.
 */
import type { Browser, Page } from "playwright-core";
import { placeAt } from "../../dev/place.ts";
import { openBrowser, Visitor } from "../journey/browser.ts";
import { type InPage, Requests } from "../journey/screen_requests.ts";
import { read, shell, type Stage, withServer, withStage } from "./odoo_stage.ts";

export interface Size {
  readonly agents: number;
  readonly people: number;
  readonly days: number;
}

export const FULL: Size = { agents: 1000, people: 5000, days: 31 };

/** Requests for data that a screen may make when it is opened. */
export const MOST_REQUESTS = 3;

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
  /** The goal is about what is shown: more is asked for behind it, a check or what is proposed. */
  readonly goesOnBehind?: boolean;
  /** Whose screen it is; else the HR officer's. */
  readonly login?: "payroll" | "lead";
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
  {
    name: "today",
    action: own("biometric_today_action"),
    ready: ".o_biometric_today_tile",
    goalMs: 1000,
  },
  {
    name: "review desk, a team of 200",
    action: own("biometric_desk_action"),
    ready: ".o_biometric_desk_row",
    login: "lead",
    goesOnBehind: true,
    goalMs: 1000,
  },
  {
    name: "close a period of 20 departments",
    action: own("biometric_period_cockpit_action"),
    ready: ".o_biometric_cockpit_gate",
    login: "payroll",
    goesOnBehind: true,
    goalMs: 1500,
  },
  { name: "areas", action: own("biometric_area_action"), ready: ROW, goalMs: 1500 },
  {
    name: "areas, who is missing where",
    action: own("biometric_area_place_action"),
    ready: ROW,
    goalMs: 1500,
  },
  {
    name: "whose PIN is it",
    action: own("biometric_registry_map_action"),
    ready: ".o_biometric_registry_row",
    goalMs: 1500,
  },
  { name: "audit trail", action: own("biometric_audit_action"), ready: ROW, goalMs: 1500 },
  { name: "swaps of shifts", action: own("biometric_swap_action"), ready: ROW, goalMs: 1500 },
];

/** The floor and the screens whose names contain one of these words; all where none is given. */
export function screensNamed(words: string | undefined): readonly Screen[] {
  if (words === undefined) return SCREENS;
  const asked = words.split(",");
  const [floor, ...others] = SCREENS;
  const found = others.filter(({ name }) => asked.some((word) => name.includes(word)));
  if (floor === undefined || found.length === 0) throw new Error(`no screen is named ${words}`);
  return [floor, ...found];
}

export interface Opened {
  readonly name: string;
  readonly goalMs: number | null;
  /** What the goal is about: data that is fresh, or shown where more is asked for behind it. */
  readonly judgedMs: number;
  /** Milliseconds from the click until something can be read; the client shows what it kept of before. */
  readonly shownMs: number;
  /** Until every answer is there: median and longest of the turns. */
  readonly medianMs: number;
  readonly longestMs: number;
  /** Requests for data of one opening, the most of the turns; views and rights are kept by the client. */
  readonly requests: number;
}

const TURNS = 5;
/** So late a screen asks at the latest for what goes on behind it. */
const BEHIND_MS = 500;
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
    // What goes on behind one opening must not be in the way of the next.
    const behind = screen.goesOnBehind
      ? await requests.of(() => page.waitForTimeout(BEHIND_MS))
      : [];
    if (turn >= WARM) turns.push({ shown, ms, requests: made.length + behind.length });
  }
  requests.close();
  const sorted = (key: "shown" | "ms"): number[] =>
    turns.map((turn) => Math.round(turn[key])).sort((one, other) => one - other);
  const middle = Math.floor(TURNS / 2);
  const [shownMs, medianMs] = [sorted("shown")[middle]!, sorted("ms")[middle]!];
  return {
    name: screen.name,
    goalMs: screen.goalMs ?? null,
    judgedMs: screen.goesOnBehind ? shownMs : medianMs,
    shownMs,
    medianMs,
    longestMs: sorted("ms").at(-1)!,
    requests: Math.max(...turns.map(({ requests }) => requests)),
  };
}

/** A person's browser, logged in when the first screen of theirs is opened. */
class Visitors {
  readonly #browser: Browser;
  readonly #url: string;
  readonly #known = new Map<string, Visitor>();

  constructor(browser: Browser, url: string) {
    this.#browser = browser;
    this.#url = url;
  }

  async of(login: string): Promise<Visitor> {
    const known = this.#known.get(login) ?? await Visitor.logIn(this.#browser, this.#url, login);
    this.#known.set(login, known);
    return known;
  }
}

/** Opens each of the screens as whose it is, on a server that was just started. */
export async function openScreens(
  url: string,
  record: number,
  screens: readonly Screen[] = SCREENS,
): Promise<Opened[]> {
  const browser = await openBrowser();
  try {
    const visitors = new Visitors(browser, url);
    const found: Opened[] = [];
    for (const screen of screens) {
      const { page } = await visitors.of(screen.login ?? "officer");
      found.push(await openAgain(page, screen, record));
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
export async function measureScreens(
  size: Size,
  screens: readonly Screen[] = SCREENS,
): Promise<Measured> {
  const found: Measured = { laid: {}, screens: [] };
  await withStage(async (stage: Stage) => {
    const files = ["odoo_fleet_fill.py", "screens_work_fill.py", "screens_fill.py"];
    const { zone } = placeAt(new Date());
    const script = [`ZONE = "${zone}"`, ...await Promise.all(files.map(read))].join("\n");
    const { agents, people, days } = size;
    found.laid = await shell(stage, `${script}\nlay(env, ${agents}, ${people}, ${days})\n`);
    const record = Number(await stage.postgres.sql("SELECT max(id) FROM biometric_day", stage.db));
    await withServer(stage, async ({ url }) => {
      found.screens = await openScreens(url, record, screens);
    });
  });
  return found;
}

/** Null: the screen is there for comparison. */
export function isMet({ goalMs, judgedMs, requests }: Opened): boolean | null {
  return goalMs === null ? null : judgedMs <= goalMs && requests <= MOST_REQUESTS;
}

/** The figures as the tables of README.md have them. */
export function screensTable({ laid, screens }: Measured): string {
  const floor = screens[0]?.medianMs ?? NaN;
  const row = (one: Opened): string => {
    const met = isMet(one) === null ? "" : isMet(one) ? "yes" : "no";
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
