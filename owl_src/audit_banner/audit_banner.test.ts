/**
 * The red banner in Odoo's own web client: who sees it, that nothing closes it, when it goes.
 */
import { Deferred } from "@odoo/hoot-mock";
import { beforeEach, describe, expect, test } from "@odoo/hoot";
import { press, queryAllTexts, queryOne, waitUntil } from "@odoo/hoot-dom";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import {
  contains,
  defineModels,
  fields,
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

class Finding extends models.Model {
  _name = "biometric.audit.finding";
  place = fields.Char();
  _records = [{ id: 1, place: "audit 12" }];
  _views = { list: `<list><field name="place"/></list>` };
}

defineMailModels();
defineModels([Finding]);

const BANNER = ".o_biometric_audit_banner";
const OPENED = "biometric_attendance.biometric_audit_finding_action";

/** What Odoo answers, how often it was asked, and whether the reader is an approver or above. */
let answer: () => unknown;
let reads: number;
let isReader: boolean;

function found(open: number, mayOpen = true, unverifiedSince: string | null = null) {
  const sinceAt = open ? "2026-03-01T22:10:00.000Z" : null;
  return { open, since_at: sinceAt, may_open: mayOpen, unverified_since: unverifiedSince };
}

beforeEach(() => {
  stayAt("2026-03-02 08:00:00");
  answer = () => found(3);
  reads = 0;
  isReader = true;
  onRpc("biometric.audit.finding", "get_banner", () => {
    reads++;
    return answer();
  });
  patchWithCleanup(user, { hasGroup: () => Promise.resolve(isReader) });
});

async function openClient() {
  await mountWithCleanup(WebClient);
  await pass(0);
  await waitUntil(() => getService("bus_service").workerState === "CONNECTED");
}

/** The message comes in while time passes; the reading it asks for is due within five seconds. */
async function notify() {
  MockServer.env["bus.bus"]!._sendone(
    serverState.partnerId,
    "biometric_attendance/finding",
    {},
  );
  await pass(1_000);
  await pass(6_000);
}

// Red when the component is not in the web client's registry, or takes no room of its own.
test("findings stand over every screen, between the menu bar and the screen", async () => {
  await openClient();
  expect(queryAllTexts(`${BANNER} strong`)).toEqual([
    "The attendance records have been altered: 3 findings are not explained.",
  ]);
  expect(queryOne(BANNER).textContent).toMatch(/Since .*2026/);
  expect(BANNER).toHaveAttribute("role", "alert");
  const box = queryOne(BANNER).getBoundingClientRect();
  const bar = queryOne(".o_navbar").getBoundingClientRect();
  const screen = queryOne(".o_action_manager").getBoundingClientRect();
  expect(bar.bottom <= box.top && box.bottom <= screen.top).toBe(true);
});

// A75. Turns red when records that nobody verifies any more look like ones that fit.
test("says since when nothing was verified, and goes when something was", async () => {
  answer = () => found(0, true, "2026-02-27T22:10:00.000Z");
  await openClient();
  expect(BANNER).toHaveCount(1);
  expect(queryOne(BANNER).textContent).toMatch(/were not verified since .*2026/);
  answer = () => found(0);
  await notify();
  expect(BANNER).toHaveCount(0);
});

// Red when it gets a button to close it, or listens to Escape.
test("nothing dismisses it: it only leads to the findings", async () => {
  await openClient();
  expect(queryAllTexts(`${BANNER} button, ${BANNER} a`)).toEqual(["Show findings"]);
  await press("Escape");
  await pass(0);
  expect(BANNER).toHaveCount(1);
  let opened: unknown;
  patchWithCleanup(getService("action"), {
    doAction: (action: unknown) => {
      opened = action;
      return Promise.resolve();
    },
  });
  await contains(`${BANNER} button`).click();
  expect(opened).toBe(OPENED);
  expect(BANNER).toHaveCount(1);
});

// Red when a failed reading counts as "nothing found".
test("it stays while Odoo cannot be read, and goes when everything is explained", async () => {
  await openClient();
  answer = () => {
    throw makeServerError();
  };
  await notify();
  expect(reads).toBe(2);
  expect(BANNER).toHaveCount(1);
  answer = () => found(1);
  await notify();
  expect(queryAllTexts(`${BANNER} strong`)).toEqual([
    "The attendance records have been altered: 1 finding is not explained.",
  ]);
  answer = () => found(0);
  await notify();
  expect(BANNER).toHaveCount(0);
});

// Red when the banner waits for a message alone: a browser may have no bus.
test("it comes by itself within five minutes without any message", async () => {
  answer = () => found(0);
  await openClient();
  expect(BANNER).toHaveCount(0);
  answer = () => found(2);
  await pass(310_000);
  expect(BANNER).toHaveCount(1);
});

test("who may not read the findings is told whom to call", async () => {
  answer = () => found(3, false);
  await openClient();
  expect(`${BANNER} button`).toHaveCount(0);
  expect(queryOne(BANNER).textContent).toMatch(/Contact your biometric administrator/);
});

// Red when every employee's browser asks Odoo for findings.
test("who has no part in attendance neither sees it nor asks", async () => {
  isReader = false;
  await openClient();
  await pass(310_000);
  expect(reads).toBe(0);
  expect(BANNER).toHaveCount(0);
});

// Red when a web client that is closed before the answer starts reading afterwards.
test("an answer about the reader's group that comes late is waited for", async () => {
  const group = new Deferred();
  patchWithCleanup(user, { hasGroup: () => group as Promise<boolean> });
  await mountWithCleanup(WebClient);
  await pass(0);
  expect(reads).toBe(0);
  group.resolve(true);
  await pass(0);
  expect(reads).toBe(1);
  expect(BANNER).toHaveCount(1);
});
