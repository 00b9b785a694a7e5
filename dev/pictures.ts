// Owns: which pictures there are of the screens, where each lies, who sees it and what is done before it
// is taken. Must not know: how a picture is taken (screenshots.ts), or what a screen is for.
//
// Every one of them is named by a page or by an addon's own one, and none is heavier than MOST_BYTES:
// tests/docs/pictures_test.ts.

import type { Page } from "playwright-core";
import { ADDON, SERVICE_ADDON } from "./databases.ts";

/** Bytes of one picture, and of all of them. */
export const MOST_BYTES = 150_000;
export const MOST_BYTES_ALL = 2_500_000;

export interface Picture {
  readonly name: string;
  readonly width: number;
  readonly height: number;
  readonly path: string;
  /** What stands on the screen once it is complete. */
  readonly ready: string;
  /** Shown on this addon's own page as well, so it lies there; else in docs/screenshots. */
  readonly addon?: string;
  readonly prepare?: (page: Page) => Promise<void>;
}

/** One person at the browser; none: no login is needed. */
export interface Sitting {
  readonly login: string | null;
  readonly pictures: readonly Picture[];
}

/** One database and what is taken of it. */
export interface Show {
  /** Files of dev/, run one after the other in one Odoo shell; none: the page of a new machine, without Odoo. */
  readonly seeds: readonly string[];
  /** With the provider's addon. */
  readonly service?: boolean;
  readonly sittings: readonly Sitting[];
}

/** Where a picture lies, from the repository's root. */
export function pathOf({ name, addon }: Picture): string {
  const folder = addon ? `odoo_addon/${addon}/static/description` : "docs/screenshots";
  return `${folder}/${name}.png`;
}

const WIDE = { width: 1366, height: 760 };
const PHONE = { width: 390, height: 844 };
const LIST = ".o_data_row";

/** The bus connects within the second; a picture before it shows a board that is not live yet. */
const live = (page: Page): Promise<void> => page.getByText("Live", { exact: true }).waitFor();

async function filterBy(page: Page, name: string): Promise<void> {
  await page.click(".o_searchview_dropdown_toggler");
  const read = page.waitForResponse((response) => response.url().includes("web_search_read"));
  await page.getByRole("menuitemcheckbox", { name, exact: true }).click();
  await read;
  await page.keyboard.press("Escape");
  await page.locator(".o_facet_value", { hasText: name }).waitFor();
}

const BOARD = { path: "/odoo/biometric-board", ready: "[data-device-open]" };

async function openCoverageCell(page: Page): Promise<void> {
  await page.locator("td.o_biometric_coverage_partial").last().click();
  await page.getByText("place's time").waitFor();
}

const FLEET: Sitting = {
  login: "admin",
  pictures: [
    { name: "board", ...WIDE, ...BOARD, addon: ADDON, prepare: live },
    { name: "board_phone", ...PHONE, ...BOARD, prepare: live },
    {
      name: "coverage",
      ...WIDE,
      path: "/odoo/biometric-coverage-map",
      ready: ".o_biometric_coverage_row",
      addon: ADDON,
      prepare: openCoverageCell,
    },
  ],
};

const TODAY = { path: "/odoo/biometric-today", ready: ".o_biometric_today_chart canvas" };

/** In the page: every chart as text; "" while one of them is blank. */
const CHARTS = `(() => {
  const all = [...document.querySelectorAll(".o_biometric_today_chart canvas")];
  const inked = (one) => new Uint32Array(
    one.getContext("2d").getImageData(0, 0, one.width, one.height).data.buffer).some((dot) => dot);
  return all.length >= 4 && all.every(inked) ? all.map((one) => one.toDataURL()).join() : "";
})()`;

/** Charts grow for a second; drawn are they when a second look finds what the first one did. */
async function drawn(page: Page): Promise<void> {
  for (let before = "", now = ""; now === "" || now !== before;) {
    await new Promise((resolve) => setTimeout(resolve, 300));
    [before, now] = [now, await page.evaluate<string>(CHARTS)];
  }
}

const DAYS = { path: "/odoo/biometric-days", ready: LIST };

async function openFirstDay(page: Page): Promise<void> {
  await filterBy(page, "Overtime to approve");
  await page.locator(`${LIST} td[name=in_clock]`).first().click();
  await page.waitForSelector(".o_day_timeline_steps");
}

const DESK = { path: "/odoo/biometric-review", ready: ".o_biometric_desk_row" };
const inFull = (page: Page): Promise<void> => page.locator(".o_biometric_desk_panel h2").waitFor();

async function openWeek(page: Page): Promise<void> {
  await inFull(page);
  await page.keyboard.press("g");
  await page.locator(".o_biometric_desk_grid").waitFor();
}

async function openDayOverList(page: Page): Promise<void> {
  await page.locator(DESK.ready).first().click();
  await inFull(page);
}

async function chooseLikely(page: Page): Promise<void> {
  await page.locator(".o_biometric_registry_fit").first().click();
  await page.getByText(/No day changes|Recomputes days/).waitFor();
}

async function openApproval(page: Page): Promise<void> {
  await page.locator(LIST, { hasText: "into effect" }).first().locator("td[name=story]").click();
  await page.waitForSelector(".o_form_view");
}

const HR: Sitting = {
  login: "hr",
  pictures: [
    { name: "today", width: 1366, height: 860, ...TODAY, addon: ADDON, prepare: drawn },
    { name: "today_phone", ...PHONE, ...TODAY, prepare: drawn },
    { name: "days", ...WIDE, ...DAYS, prepare: (page) => filterBy(page, "With exceptions") },
    { name: "day", width: 1366, height: 860, ...DAYS, addon: ADDON, prepare: openFirstDay },
    {
      name: "day_phone",
      ...PHONE,
      path: DAYS.path,
      ready: ".o_kanban_record:not(.o_kanban_ghost)",
    },
    { name: "review", ...WIDE, ...DESK, addon: ADDON, prepare: inFull },
    { name: "review_week", ...WIDE, ...DESK, prepare: openWeek },
    { name: "review_phone", ...PHONE, ...DESK, prepare: openDayOverList },
    {
      name: "roster_grid",
      ...WIDE,
      path: "/odoo/biometric-roster-grid",
      ready: ".o_biometric_roster_row",
      addon: ADDON,
    },
    {
      name: "roster",
      ...WIDE,
      path: "/odoo/biometric-roster?view_type=calendar",
      ready: ".fc-event",
    },
    { name: "swaps", width: 1366, height: 480, path: "/odoo/biometric-swaps", ready: LIST },
    {
      name: "registry",
      ...WIDE,
      path: "/odoo/biometric-whose-pin",
      ready: ".o_biometric_registry_row",
      prepare: chooseLikely,
    },
    { name: "audit", ...WIDE, path: "/odoo/biometric-audit", ready: LIST, addon: ADDON },
    {
      name: "audit_entry",
      ...WIDE,
      path: "/odoo/biometric-audit",
      ready: LIST,
      prepare: openApproval,
    },
  ],
};

const PAYROLL: Sitting = {
  login: "payroll",
  pictures: [
    {
      name: "period",
      ...WIDE,
      path: "/odoo/biometric-period",
      ready: ".o_biometric_cockpit_compared :is(.text-success, .text-danger)",
      addon: ADDON,
    },
  ],
};

const ADMINISTRATOR: Sitting = {
  login: "biometric",
  pictures: [
    {
      name: "settings",
      width: 1366,
      height: 900,
      path: "/odoo/biometric-settings",
      ready: ".o_setting_box",
    },
  ],
};

const EMPLOYEE: Sitting = {
  login: "employee",
  pictures: [
    {
      name: "my_time",
      ...PHONE,
      path: "/odoo/biometric-my-time",
      ready: ".o_biometric_my_time_day",
      addon: ADDON,
    },
    {
      name: "time_account",
      width: 1366,
      height: 640,
      path: "/odoo/biometric-my-time-account",
      ready: ".o_biometric_cto_entry",
    },
  ],
};

const PROVIDER: readonly Sitting[] = [
  {
    login: "admin",
    pictures: [
      {
        name: "tenants",
        ...WIDE,
        path: `/odoo/action-${SERVICE_ADDON}.tenant_action`,
        ready: ".o_kanban_record:not(.o_kanban_ghost)",
        addon: SERVICE_ADDON,
      },
      {
        name: "branches",
        width: 1366,
        height: 480,
        path: `/odoo/action-${SERVICE_ADDON}.branch_action`,
        ready: LIST,
        addon: SERVICE_ADDON,
      },
    ],
  },
  {
    login: null,
    pictures: [
      // the token is that of service_seed.py
      {
        name: "status",
        width: 1366,
        height: 480,
        path: "/biometric/status/pictures",
        ready: "table",
        addon: SERVICE_ADDON,
      },
    ],
  },
];

const NEW_MACHINE: Sitting = {
  login: null,
  pictures: [{ name: "new_machine", width: 720, height: 640, path: "/", ready: "li.open" }],
};

export const SHOWS: readonly Show[] = [
  { seeds: [], sittings: [NEW_MACHINE] },
  { seeds: ["fleet_seed.py"], sittings: [FLEET] },
  {
    seeds: ["screens_seed.py", "today_seed.py", "story_seed.py"],
    sittings: [HR, PAYROLL, ADMINISTRATOR, EMPLOYEE],
  },
  { seeds: ["service_seed.py"], service: true, sittings: PROVIDER },
];
