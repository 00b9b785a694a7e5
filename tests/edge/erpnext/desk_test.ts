/**
 * The buttons that HR presses at the desk: the scripts as the site has them, run as the desk runs them, with an HR
 * User's own key behind them. Only Frappe's page is pretended.
 */
import assert from "node:assert/strict";
import { z } from "zod";
import { doorOf, type Key, setUp } from "../../sim/erpnext/set_up.ts";
import type { FakeSite } from "../../sim/erpnext/site.ts";
import { SERIAL } from "../queue/lane_kit.ts";
import { withBare } from "./bare_kit.ts";
import { run, withControl } from "./control_kit.ts";

type Doc = Record<string, unknown>;
interface Prompt {
  readonly fields: readonly { fieldname: string; reqd?: number; default?: string }[];
  readonly done: (values: Doc) => void;
  readonly title: string;
  readonly button: string;
}
interface ListSettings {
  readonly add_fields: readonly string[];
  get_indicator(doc: Doc): readonly string[];
  readonly button: {
    show(doc: Doc): boolean;
    get_label(): string;
    action(doc: Doc): void;
  };
}

/** One person's browser at one document. */
class Desk {
  readonly buttons = new Map<string, () => void>();
  readonly routes: unknown[][] = [];
  readonly lists: Record<string, ListSettings> = {};
  readonly timers = new Map<number, () => void>();
  prompt: Prompt | null = null;
  intro = "";
  reloads = 0;
  isNew = false;
  doc: Doc = {};
  /** What the latest insert is waiting for. */
  inserted: Promise<unknown> = Promise.resolve();
  readonly #refresh = new Map<string, (frm: unknown) => void>();
  readonly #frm = {
    is_new: () => this.isNew,
    add_custom_button: (label: string, press: () => void, group = "") =>
      void this.buttons.set(group === "" ? label : `${group} > ${label}`, press),
    set_intro: (text: string) => void (this.intro = text),
    reload_doc: () => void (this.reloads += 1),
  };

  constructor(site: FakeSite, doctype: string, view: "Form" | "List", key: Key) {
    const { door, http } = doorOf(site, key);
    const insert = (doc: Doc) => {
      const made = door.call("frappe.client.insert", { doc }, z.object({ name: z.string() }));
      this.inserted = made.then(() => http.stop());
      return made;
    };
    const frappe = {
      ui: {
        form: {
          on: (name: string, { refresh }: { refresh: (frm: unknown) => void }) =>
            void this.#refresh.set(name, refresh),
        },
      },
      listview_settings: this.lists,
      prompt: (
        fields: Prompt["fields"],
        done: Prompt["done"],
        title: string,
        button: string,
      ) => void (this.prompt = { fields, done, title, button }),
      datetime: {
        // Of the person's own zone, of the site's, and a date without its time: as in versions 14 to 16.
        now_datetime: () => "2026-03-02 02:00:00",
        system_datetime: () => "2026-03-02 09:00:00",
        add_days: (text: string, days: number) =>
          new Date(Date.parse(`${text.slice(0, 10)}T00:00:00Z`) + days * 86_400_000).toISOString()
            .slice(0, 10),
      },
      db: { insert },
      set_route: (...route: unknown[]) => void this.routes.push(route),
    };
    let timer = 0;
    const later = (work: () => void, ms: number) => {
      assert.ok(ms >= 2_000, "each look costs the site");
      this.timers.set(++timer, work);
      return timer;
    };
    const given = {
      frappe,
      __: (text: string) => text,
      cur_frm: this.#frm,
      setTimeout: later,
      clearTimeout: (id: number) => void this.timers.delete(id),
    };
    const scripts = site.rows("Client Script", [["dt", "=", doctype], ["view", "=", view]]);
    assert.ok(scripts.length > 0, `${doctype} has a script for its ${view}`);
    for (const { script, enabled } of scripts) {
      assert.equal(Number(enabled), 1);
      new Function(...Object.keys(given), String(script))(...Object.values(given));
    }
  }

  /** As the form is drawn anew. */
  open(doctype: string, doc: Doc): void {
    this.doc = doc;
    this.buttons.clear();
    this.intro = "";
    const refresh = this.#refresh.get(doctype);
    assert.ok(refresh, `something happens when a ${doctype} is opened`);
    refresh(Object.assign(this.#frm, { doc }));
  }
}

// Red when a button is taken off, asks for no window, proposes another zone's, or sends what an HR User may not.
Deno.test("the terminal's form pulls a window that HR names, and shows its punches, runs and missing windows", () =>
  withControl({}, async ({ kit: { site }, look, orders }) => {
    const desk = new Desk(site, "Biometric Device", "Form", site.addUser("c@e.com", ["HR User"]));
    desk.isNew = true;
    desk.open("Biometric Device", {});
    assert.deepEqual([...desk.buttons], [], "nothing to pull from yet");
    desk.isNew = false;
    desk.open("Biometric Device", { name: SERIAL });
    for (const button of ["Show > Punches", "Show > Runs", "Show > Missing windows"]) {
      desk.buttons.get(button)?.();
    }
    assert.deepEqual(desk.routes.splice(0), [
      ["List", "Biometric Punch", { serial: SERIAL }],
      ["List", "Biometric Run", { device: SERIAL }],
      ["List", "Biometric Gap", { device: SERIAL, state: "Open" }],
    ]);
    desk.buttons.get("Pull from terminal")?.();
    assert.deepEqual(
      desk.prompt?.fields.map(({ fieldname, reqd, default: from }) => [
        fieldname,
        reqd,
        from,
      ]),
      [
        ["from_time", 1, "2026-02-23 00:00:00"],
        ["to_time", 1, "2026-03-02 09:00:00"],
      ],
    );
    desk.prompt?.done({ from_time: "2026-03-01 00:00:00", to_time: "2026-03-02 00:00:00" });
    await desk.inserted;
    const [made] = site.rows("Biometric Command");
    assert.deepEqual(desk.routes, [["Form", "Biometric Command", made?.["name"]]]);
    assert.deepEqual([made?.["state"], made?.["device"], made?.["command"]], [
      "Requested",
      SERIAL,
      "Pull from terminal",
    ]);
    await look();
    assert.deepEqual(orders.map(({ serial, name, arguments: window }) => [serial, name, window]), [
      [SERIAL, "pull_window", { from: "2026-03-01 00:00:00", to: "2026-03-02 00:00:00" }],
    ]);
  }));

// Red when the form is not followed to its end, or goes on asking after it.
Deno.test("a command's form follows it until it has ended, and then shows its run", () =>
  withControl({}, async (world) => {
    const { kit, look } = world;
    const { site } = kit;
    const desk = new Desk(site, "Biometric Command", "Form", site.addUser("c@e.com", ["HR User"]));
    await site.put("Biometric Command", { device: SERIAL, command: "Pull from terminal" });
    const draw = () => desk.open("Biometric Command", site.rows("Biometric Command")[0] ?? {});
    draw();
    assert.match(desk.intro, /takes it within a minute/);
    await look();
    const id = world.orders[0]?.id ?? 0;
    const progress = { step: "reading", done: 500, total: 900 };
    world.results = [{ id, state: "sent", message: "", progress }];
    await look();
    assert.equal(desk.timers.size, 1);
    for (const [at, work] of [...desk.timers]) {
      desk.timers.delete(at);
      work();
    }
    assert.equal(desk.reloads, 1);
    draw();
    assert.equal(desk.intro, "reading 500 of 900");
    draw();
    assert.equal(desk.timers.size, 1, "one look at a time, however often it is drawn");
    const made = run({ commandId: id });
    kit.queue.addRun(made);
    world.results = [{ id, state: "done", message: "10 read" }];
    await look();
    draw();
    assert.deepEqual([desk.timers.size, desk.intro], [0, ""], "it has ended");
    desk.buttons.get("Show the run")?.();
    assert.deepEqual(desk.routes, [["Form", "Biometric Run", made.id]]);
  }));

// Red when the list offers to pull from a terminal that nobody approved, or calls a silent one well.
Deno.test("the list of terminals tells who waits and who is silent, and pulls from those that count", () =>
  withBare(async (site, _provisioner, manager) => {
    await setUp(site, { manager });
    const clerk = site.addUser("clerk@example.com", ["HR User"]);
    const desk = new Desk(site, "Biometric Device", "List", clerk);
    const settings = desk.lists["Biometric Device"];
    assert.ok(settings);
    const shown = (approval: string, condition: string) => {
      const doc = { name: "S1", approval, condition };
      const [label, colour, filter] = settings.get_indicator(doc);
      return [label, colour, filter, settings.button.show(doc)];
    };
    assert.deepEqual(shown("Waiting", "heard"), [
      "Waiting",
      "orange",
      "approval,=,Waiting",
      false,
    ]);
    assert.deepEqual(shown("Refused", "heard"), ["Refused", "gray", "approval,=,Refused", false]);
    assert.deepEqual(shown("Approved", "read"), ["Approved", "green", "approval,=,Approved", true]);
    assert.deepEqual(shown("Approved", "silent"), ["Silent", "red", "condition,=,silent", true]);
    assert.deepEqual(shown("Approved", ""), [
      "Not heard yet",
      "orange",
      "approval,=,Approved",
      true,
    ]);
    // What the indicator reads is asked for by the list, and every field of it is there.
    const [doctype] = site.rows("DocType", [["name", "=", "Biometric Device"]]);
    const names = (doctype?.["fields"] as { fieldname: string }[]).map((one) => one.fieldname);
    assert.deepEqual(settings.add_fields.filter((name) => !names.includes(name)), []);
    await site.put("Biometric Device", { serial: "S1", approval: "Approved" });
    assert.equal(settings.button.get_label(), "Pull");
    settings.button.action({ name: "S1" });
    desk.prompt?.done({ from_time: "2026-03-01 00:00:00", to_time: "2026-03-02 00:00:00" });
    await desk.inserted;
    assert.equal(site.rows("Biometric Command")[0]?.["device"], "S1");
  }));

// Red when a card, report or notification counts a field that the DocType has not, or a state that is never written.
Deno.test("what cards, reports and the notification look at is there, and its states are ones that are written", () =>
  withBare(async (site, _provisioner, manager) => {
    await setUp(site, { manager });
    const fieldsOf = (doctype: string) => {
      const [doc] = site.rows("DocType", [["name", "=", doctype]]);
      return doc?.["fields"] as { fieldname: string; fieldtype: string; options?: string }[];
    };
    const judge = (what: unknown, filters: readonly (readonly unknown[])[]) => {
      for (const [doctype, name, operator, value] of filters) {
        const field = fieldsOf(String(doctype)).find(({ fieldname }) => fieldname === name);
        assert.ok(field, `${what}: ${doctype} has no ${name}`);
        if (field.fieldtype !== "Select" || operator === "is") continue;
        for (const one of [value].flat()) {
          assert.ok(field.options?.split("\n").includes(String(one)), `${what}: ${one}`);
        }
      }
    };
    for (const card of site.rows("Number Card")) {
      judge(card["name"], JSON.parse(String(card["filters_json"])));
    }
    for (const report of site.rows("Report")) {
      judge(report["name"], JSON.parse(String(report["json"])).filters);
    }
    const [told] = site.rows("Notification");
    const used = [...String(told?.["subject"]).matchAll(/doc\.(\w+)/g)].map(([, name]) => name);
    const there = fieldsOf(String(told?.["document_type"])).map(({ fieldname }) => fieldname);
    assert.deepEqual(used.filter((name) => !there.includes(name ?? "")), []);
    assert.equal(site.rows("Report").length, 5);
  }));
