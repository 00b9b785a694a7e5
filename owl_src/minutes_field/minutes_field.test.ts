/**
 * The widget `biometric_minutes` in real views: shown, summed, typed and refused.
 */
import { expect, test } from "@odoo/hoot";
import { queryAllTexts } from "@odoo/hoot-dom";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import {
  clickSave,
  contains,
  defineModels,
  fields,
  models,
  mountView,
  onRpc,
} from "@web/../tests/web_test_helpers";

class Day extends models.Model {
  _name = "test.day";
  worked = fields.Integer({ aggregator: "sum" });
  _records = [{ id: 1, worked: 450 }, { id: 2, worked: -15 }, { id: 3, worked: 0 }];
}

defineMailModels();
defineModels([Day]);

const form = (readonly = "0") => ({
  type: "form",
  resModel: "test.day",
  resId: 1,
  arch: `<form><field name="worked" widget="biometric_minutes" readonly="${readonly}"/></form>`,
});

test("a list shows h:mm and its total too", async () => {
  await mountView({
    type: "list",
    resModel: "test.day",
    arch: `<list><field name="worked" widget="biometric_minutes" sum="Total"/></list>`,
  });
  expect(queryAllTexts(".o_data_row td[name=worked]")).toEqual(["7:30", "-0:15", "0:00"]);
  expect(".o_list_footer .o_list_number").toHaveText("7:15");
});

// Turns red when the option is not read, or when it hides a total or another value than zero.
test("a list with blank_zero shows nothing for zero and everything else", async () => {
  await mountView({
    type: "list",
    resModel: "test.day",
    arch:
      `<list><field name="worked" widget="biometric_minutes" options="{'blank_zero': True}" sum="Total"/></list>`,
  });
  expect(queryAllTexts(".o_data_row td[name=worked]")).toEqual(["7:30", "-0:15", ""]);
  expect(".o_list_footer .o_list_number").toHaveText("7:15");
});

test("a readonly form shows h:mm as text", async () => {
  await mountView(form("1"));
  expect("[name=worked] input").toHaveCount(0);
  expect("[name=worked]").toHaveText("7:30");
});

test("what is typed is saved in minutes and shown as h:mm", async () => {
  const saved: unknown[] = [];
  onRpc("test.day", "web_save", ({ args }) => void saved.push(args[1]));
  await mountView(form());
  expect("[name=worked] input").toHaveValue("7:30");
  for (const [typed, shown] of [["8.25h", "8:15"], ["95", "1:35"], ["-0:20", "-0:20"]] as const) {
    await contains("[name=worked] input").edit(typed);
    expect("[name=worked] input").toHaveValue(shown);
    await clickSave();
  }
  expect(saved).toEqual([{ worked: 495 }, { worked: 95 }, { worked: -20 }]);
});

test("what is no length of time is refused, and nothing is saved", async () => {
  const saved: unknown[] = [];
  onRpc("test.day", "web_save", ({ args }) => void saved.push(args[1]));
  await mountView(form());
  await contains("[name=worked] input").edit("7:75");
  expect("[name=worked]").toHaveClass("o_field_invalid");
  expect(saved).toEqual([]);
});
