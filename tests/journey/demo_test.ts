// Journey: the demo, as a newcomer runs it, verifying itself.

import assert from "node:assert/strict";
import { repository, takePort } from "../../dev/cache.ts";
import { run, start } from "../../dev/process.ts";
import { exportLine } from "../sim/push/records.ts";
import { seededWeek } from "../sim/push/week.ts";
import { faultsOf } from "./axe.ts";
import { openBrowser, Visitor } from "./browser.ts";
import { journeyTest } from "./scene.ts";
import { openMenu } from "./screen_requests.ts";

const deno = `${repository}/node_modules/.bin/deno`;

async function demo(...args: string[]): Promise<{ code: number; text: string }> {
  const command = [deno, "run", "-A", "--quiet", "dev/demo.ts", ...args];
  const { code, stdout, stderr } = await run(command, { cwd: repository });
  return { code, text: stdout + stderr };
}

/** Starts the demo as a newcomer does and waits for its last line; its words, and how to end it. */
async function stayingDemo(): Promise<{ text: string; end: () => Promise<string> }> {
  const log = await Deno.makeTempFile({ suffix: ".log" });
  const ports = ["--port", `${await takePort()}`, "--device-port", `${await takePort()}`];
  const command = [deno, "run", "-A", "--quiet", "dev/demo.ts", ...ports];
  const process = start(command, log, { cwd: repository });
  const ended = process.ended.then(() => true);
  const end = async () => {
    await process.stop(120_000);
    const text = await Deno.readTextFile(log);
    await Deno.remove(log);
    return text;
  };
  for (;;) {
    const over = await Promise.race([
      ended,
      new Promise<boolean>((resolve) => setTimeout(() => resolve(false), 500)),
    ]);
    const text = await Deno.readTextFile(log);
    if (over || (text.match(/\/odoo\/biometric-/g)?.length ?? 0) >= ADDRESSES) return { text, end };
  }
}

const ADDRESSES = 9;

interface CareScreen {
  readonly path: string;
  /** There when the screen is. */
  readonly shows: string;
  /** What is drawn by us on it; the rest is Odoo's own form or list. Null: nothing. */
  readonly ours: string | null;
}

const CARE: readonly CareScreen[] = [
  {
    path: "odoo/biometric-releases",
    // a line of the list, or a card on a phone
    shows: ".o_data_row:has-text('1.1.0'), .o_kanban_record:has-text('1.1.0')",
    ours: null,
  },
  {
    path: "odoo/biometric-releases/1",
    shows: ".o_statusbar_status:has-text('Offered')",
    ours: "[name='files_text']",
  },
  {
    path: "odoo/biometric-updates",
    shows:
      "span:has-text('its program accepts no updates'), td:has-text('its program accepts no updates')",
    ours: null,
  },
  {
    path: "odoo/biometric-commissioning/1",
    shows: "td:has-text('no face is enrolled at this terminal yet')",
    ours: "[name='checks_html']",
  },
  {
    path: "odoo/biometric-devices/2",
    shows: "[name='report_text']:has-text('firmware')",
    ours: "[name='report_text']",
  },
  {
    path: "report/html/biometric_attendance.commissioning/1",
    shows: "td:has-text('waived by Bea Metric')",
    ours: "body",
  },
];
const PHONE = 390;

// Turns red when a screen of updates or commissioning is not there, runs out of a phone, or cannot be used by everybody.
async function lookAtCare({ page }: Visitor, url: string): Promise<void> {
  const faults: string[] = [];
  for (const width of [1366, PHONE]) {
    await page.setViewportSize({ width, height: 860 });
    for (const [index, { path, shows, ours }] of CARE.entries()) {
      const [, action, record] = /^odoo\/([\w-]+)(?:\/(\d+))?$/.exec(path) ?? [];
      // The first by its address, at this width; the others in the client that is there.
      if (action && index > 0) await openMenu(page, action, record ? Number(record) : undefined);
      else await page.goto(`${url}/${path}`);
      await page.waitForSelector(shows, { state: "attached" });
      const found = ours === null ? [] : await faultsOf(page, ours);
      faults.push(...found.map((fault) => `${path} ${width}: ${fault}`));
      const wide = await page.evaluate("document.documentElement.scrollWidth") as number;
      // Paper is as wide as paper.
      if (path.startsWith("odoo") && wide > width) faults.push(`${path} is ${wide} px wide`);
    }
  }
  assert.deepEqual(faults, []);
}

// Turns red when any step fails, a punch is missing or doubled, the yardstick's hours are not exact, or
// somebody stands otherwise today than planned.
function sawEverything(text: string): void {
  assert.doesNotMatch(text, /WRONG/);
  // Red when one of these is not told; that each is true the demo checks itself, in Odoo.
  assert.match(text, /Odoo says “Reading: push has stopped”; 5 of 5 records read/);
  assert.match(text, /4 punches came that Odoo did not have.*the gap is proven complete/);
  assert.match(text, /9 records cleared; every one of them is in Odoo/);
  assert.match(text, /40 people on the first, 10 on the second/);
  assert.match(text, /one person more.*nobody else has changed/);
  assert.match(text, /asks for the check-out that somebody forgot.*the day stands as it was/);
  assert.match(text, /asks for a day of it.*8 h, out of what ends first/);
  assert.match(text, /every check passed but the face, which is waived with a reason; accepted/);
  assert.match(text, /“Create report”: 30 points, kept in Odoo/);
  assert.match(text, /proven and offered: 1\.1\.0, to one chosen agent/);
  assert.match(text, /asks to be paid for two hours.*a line of the next payroll file/);
  const standings =
    "20 at work; 3 late, at work; 2 not yet here; 6 done; 2 absent; 4 due later; 3 off";
  assert.ok(text.includes(standings), text);
  // The same figures at every run.
  assert.match(
    text,
    /^Terminal: +806 lines read, 40 people: 805 punches, 0 repeated, 1 unreadable$/m,
  );
  assert.match(text, /314 lines, 40 employees, 85985 minutes/);
}

journeyTest(
  "the demo shows today beside last week, its logins open in the app, its addresses are there",
  async () => {
    const { text, end } = await stayingDemo();
    const browser = await openBrowser();
    try {
      assert.match(text, /^Done in /m, text);
      sawEverything(text);
      const path = /^Payroll: +(\S+)$/m.exec(text)?.[1] ?? "";
      const file = await Deno.readTextFile(path);
      assert.ok(file.trim().split("\n").length > 200, "one line per person and day");
      const url = /^Odoo is at (\S+) /m.exec(text)?.[1] ?? "";
      const looks = [...text.matchAll(/^ +(\S+\/odoo\/(\S+))\n +as (\w+)\. \w.*\.$/gm)];
      assert.equal(looks.length, ADDRESSES, text);
      const logins = [...text.matchAll(/ (\w+) \/ \1$/gm)].map(([, login = ""]) => login);
      assert.equal(logins.length, 7);
      for (const login of logins) {
        const visitor = await Visitor.logIn(browser, url, login);
        await visitor.page.waitForSelector(".o_menu_brand:has-text('Biometric Attendance')");
        for (const [, address = ""] of looks.filter(([, , , who]) => who === login)) {
          await visitor.page.goto(address);
          await visitor.page.waitForSelector(
            ".o_action_manager :is(.o_list_view, .o_biometric_agents, .o_biometric_cockpit h3, .o_biometric_cto_balance)",
          );
          assert.equal(await visitor.page.locator(".o_error_dialog, .o_nocontent_help").count(), 0);
        }
        if (login === "biometric") await lookAtCare(visitor, url);
        assert.deepEqual(visitor.errors, [], login);
        await visitor.close();
      }
    } finally {
      await browser.close();
      const last = await end();
      assert.doesNotMatch(last, /While cleaning up/);
    }
  },
);

// Turns red when a real export is read otherwise than the terminal would send it, or when something is told
// that is not of the file.
journeyTest("a terminal's USB export runs through to the payroll file", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const week = seededWeek({ seed: 7, monday: "2026-02-02", people: 12 });
    const lines = week.records.map((record) => exportLine(record).replace("\n", "\r\n"));
    const packed = new Blob(lines).stream().pipeThrough(new CompressionStream("gzip"));
    await Deno.writeFile(`${folder}/attlog.dat.gz`, packed);
    const { code, text } = await demo("--once", "--attlog", `${folder}/attlog.dat.gz`);
    assert.equal(code, 0, text);
    assert.match(text, new RegExp(`^Terminal: +${week.records.length} lines read, 12 people`, "m"));
    assert.match(text, /^ +\d+ lines, 12 employees, \d+ minutes, sha256 [0-9a-f]{64}$/m);
    assert.doesNotMatch(text, /second terminal/);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

journeyTest("the demo says in a sentence what is wrong with its arguments", async () => {
  const missing = await demo("--attlog", "/nowhere/attlog.dat");
  assert.equal(missing.code, 1);
  assert.match(missing.text, /\/nowhere\/attlog\.dat cannot be read/);
  assert.match((await demo("--port", "many")).text, /--port needs a port number/);
  assert.match((await demo("--ones")).text, /does not know --ones/);
});

// Turns red when a port in use ends in a stack trace instead of what to do.
journeyTest("a port in use is said so, with what to do", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  try {
    const { port } = listener.addr as Deno.NetAddr;
    const { code, text } = await demo("--once", "--port", String(port));
    assert.equal(code, 1);
    assert.match(text, new RegExp(`Port ${port} is used by another program. Stop it, or choose`));
    assert.doesNotMatch(text, /\n\s+at /);
  } finally {
    listener.close();
  }
});
