/**
 * The icon of what waits, in Odoo's own web client: who sees it, what it counts, what it opens.
 */
import { beforeEach, describe, expect, test } from "@odoo/hoot";
import { queryAllTexts, waitUntil } from "@odoo/hoot-dom";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import {
  contains,
  defineModels,
  getService,
  makeServerError,
  MockServer,
  models,
  mountWithCleanup,
  onRpc,
  patchWithCleanup,
  serverState,
} from "@web/../tests/web_test_helpers";
import { user } from "@web/core/user";
import { WebClient } from "@web/webclient/webclient";
import { pass, stayAt } from "../screen_bench.ts";

describe.current.tags("desktop");

class Work extends models.Model {
  _name = "biometric.work";
}

defineMailModels();
defineModels([Work]);

const ICON = ".o_biometric_work_icon";

let answer: () => unknown;
let reads: number;
let isReader: boolean;

function waiting(changes: object = {}) {
  return {
    incidents: 1,
    requests: 2,
    changes: 0,
    swaps: 0,
    work: [["missing", "Missing punch", 7]],
    ...changes,
  };
}

beforeEach(() => {
  stayAt("2026-03-02 08:00:00");
  answer = () => waiting();
  reads = 0;
  isReader = true;
  onRpc("biometric.work", "get_systray", () => {
    reads++;
    return answer();
  });
  onRpc("biometric.audit.finding", "get_banner", () => ({
    open: 0,
    since_at: null,
    may_open: false,
    unverified_since: null,
  }));
  patchWithCleanup(user, { hasGroup: () => Promise.resolve(isReader) });
});

async function openClient() {
  await mountWithCleanup(WebClient);
  await pass(0);
  await waitUntil(() => getService("bus_service").workerState === "CONNECTED");
}

async function notify() {
  MockServer.env["bus.bus"]!._sendone(
    serverState.partnerId,
    "biometric_attendance/work",
    {},
  );
  await pass(1_000);
  await pass(31_000);
}

// Red when opening the web client costs more than one reading, or the bar counts work lists.
test("one reading shows what is to be decided, and its menu what waits besides", async () => {
  await openClient();
  expect(reads).toBe(1);
  expect(`${ICON} .badge`).toHaveText("3");
  let opened: unknown[] = [];
  patchWithCleanup(getService("action"), {
    doAction: (...given: unknown[]) => {
      opened = given;
      return Promise.resolve();
    },
  });
  await contains(ICON).click();
  expect(queryAllTexts(".o_biometric_work_line")).toEqual([
    "Requests to decide\n2",
    "Open incidents\n1",
    "Missing punch\n7",
  ]);
  await contains(".o_biometric_work_line[data-kind=missing]").click();
  expect(opened[0]).toBe("biometric_attendance.biometric_work_action");
  expect((opened[1] as { additionalContext: object }).additionalContext)
    .toEqual({ search_default_kind: "missing" });
});

// Red when an entry of the menu shows another number than the icon, one that is 0, or a number that
// breaks its line; or the bar is not laid out anew when an entry became wider.
test("entries of the menu carry the numbers of what waits behind them", async () => {
  answer = () => waiting({ changes: 1, swaps: 4, work: [["missing", "Missing punch", 1200]] });
  let laidOut = 0;
  const count = () => {
    laidOut++;
  };
  globalThis.addEventListener("resize", count);
  await openClient();
  const style = document.querySelector("style.o_biometric_menu_counts")?.textContent ?? "";
  const told = [...style.matchAll(/menu_biometric_(\w+)"\]::after { content: "([^"]+)"/g)];
  expect(told.map(([, menu, number]) => `${menu} ${number}`)).toEqual([
    "desk 3",
    "adjustment 2",
    "attestation 1",
    "swap 4",
    "incident 1",
    "work_list 999+",
  ]);
  expect(laidOut > 0).toBe(true);
  answer = () => waiting({ requests: 0, incidents: 0, work: [] });
  await notify();
  expect("style.o_biometric_menu_counts").toHaveCount(0);
  globalThis.removeEventListener("resize", count);
});

// Red when it waits for its beat although something came, or a failed reading counts as nothing.
test("a message brings the new number; a failed reading leaves the old one", async () => {
  await openClient();
  answer = () => waiting({ requests: 5 });
  await notify();
  expect(`${ICON} .badge`).toHaveText("6");
  answer = () => {
    throw makeServerError();
  };
  await notify();
  expect(reads).toBe(3);
  expect(`${ICON} .badge`).toHaveText("6");
});

test("who has no part in attendance sees no icon and asks nothing", async () => {
  isReader = false;
  await openClient();
  await notify();
  expect(ICON).toHaveCount(0);
  expect(reads).toBe(0);
});
