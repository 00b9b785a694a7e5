// Owns: opening an action in the web client as a click on its menu does, and counting what is asked
// of the server for it. Must not know: which screens there are, or what they are for.

import type { Page, Request } from "playwright-core";

/** Asked of the server for a screen; what is no request for data is fetched once a page. */
const DATA = /\/web\/dataset\/|\/web\/action\/|\/biometric/;

/** What the functions below find in the page; they run there and not here. */
export interface InPage {
  readonly odoo: {
    readonly __WOWL_DEBUG__: {
      readonly root: {
        readonly env: {
          readonly services: {
            readonly action: {
              doAction(action: string | number | object, options?: object): Promise<void>;
            };
            readonly menu: { getAll(): readonly MenuInPage[] };
          };
        };
      };
    };
  };
  readonly document: { querySelector(selector: string): unknown };
  requestAnimationFrame(callback: (now: number) => void): void;
}

interface MenuInPage {
  readonly name: string;
  readonly xmlid: string;
  readonly actionID: number | false;
}

export interface Menu {
  readonly name: string;
  readonly xmlid: string;
  readonly action: number;
}

function nextFrame(): Promise<void> {
  const page = globalThis as unknown as InPage;
  return new Promise((resolve) => page.requestAnimationFrame(() => resolve()));
}

/** Names of the requests for data that a page makes while something is done in it. */
export class Requests {
  readonly #page: Page;
  #asked: string[] = [];
  /** Those that began here: what was under way before ends here as well, and is not waited for. */
  readonly #open = new Set<Request>();

  readonly #begun = (request: Request): void => {
    const { pathname } = new URL(request.url());
    if (!DATA.test(pathname)) return;
    this.#open.add(request);
    this.#asked.push(pathname);
  };
  readonly #ended = (request: Request): void => {
    this.#open.delete(request);
  };

  constructor(page: Page) {
    this.#page = page;
    page.on("request", this.#begun);
    page.on("requestfinished", this.#ended);
    page.on("requestfailed", this.#ended);
  }

  /** What `act` asked for, until every answer is there. */
  async of(act: () => Promise<unknown>): Promise<string[]> {
    this.#asked = [];
    await act();
    do await this.#page.evaluate(nextFrame); while (this.#open.size > 0);
    return this.#asked;
  }

  close(): void {
    this.#page.off("request", this.#begun);
    this.#page.off("requestfinished", this.#ended);
    this.#page.off("requestfailed", this.#ended);
  }
}

/** The menus of an addon that lead somewhere, of whoever is logged in. */
export async function menusOf(page: Page, addon: string): Promise<Menu[]> {
  const all = await page.evaluate(() => {
    const { odoo } = globalThis as unknown as InPage;
    return odoo.__WOWL_DEBUG__.root.env.services.menu.getAll().map((
      { name, xmlid, actionID },
    ) => ({ name, xmlid, action: actionID }));
  });
  return all.filter((menu): menu is Menu =>
    typeof menu.action === "number" && menu.xmlid.startsWith(`${addon}.`)
  );
}

/** Opens an action of a number, an external id or a path; with a record the form of that one. */
export async function openMenu(
  page: Page,
  action: number | string,
  record?: number,
): Promise<void> {
  const form = record === undefined ? {} : { viewType: "form", props: { resId: record } };
  await page.evaluate(async ([wanted, view]) => {
    const { odoo } = globalThis as unknown as InPage;
    const { services } = odoo.__WOWL_DEBUG__.root.env;
    await services.action.doAction({ type: "ir.actions.act_window_close" });
    await services.action.doAction(wanted, { clearBreadcrumbs: true, ...view });
  }, [action, form] as const);
}

/**
 * What each menu of an addon asks for when it is opened, `{menu: paths}`; the first opening, which
 * fetches views and rights for as long as the page lives, is not counted. `look` sees each screen.
 */
export async function requestsByMenu(
  page: Page,
  addon: string,
  look: (screen: string) => Promise<void> = () => Promise.resolve(),
): Promise<Map<string, string[]>> {
  const requests = new Requests(page);
  const found = new Map<string, string[]>();
  try {
    for (const { name, xmlid, action } of await menusOf(page, addon)) {
      await requests.of(() => openMenu(page, action));
      const screen = `${name} (${xmlid})`;
      found.set(screen, await requests.of(() => openMenu(page, action)));
      await look(screen);
    }
  } finally {
    requests.close();
  }
  return found;
}
