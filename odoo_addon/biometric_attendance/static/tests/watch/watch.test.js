// generated from owl_src/watch/watch.test.ts, do not edit
import { expect, test } from "@odoo/hoot";
import { advanceTime } from "@odoo/hoot-mock";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { defineModels, fields, models, mountView, onRpc } from "@web/../tests/web_test_helpers";
class Thing extends models.Model {
  _name = "test.thing";
  name = fields.Char();
  _records = [{ id: 7, name: "Gate" }];
}
defineMailModels();
defineModels([Thing]);
const ARCH = `<form><field name="name"/><widget name="biometric_watch"/></form>`;
test("a record that is open is watched, again and again", async () => {
  const said = [];
  onRpc("test.thing", "watch", ({ args }) => {
    said.push(args[0]);
    if (said.length === 2) throw new Error("the server is away");
    return true;
  });
  await mountView({ type: "form", resModel: "test.thing", resId: 7, arch: ARCH });
  expect(said).toEqual([[7]]);
  await advanceTime(5e4);
  expect(said).toEqual([[7], [7], [7]]);
  expect(".o_dialog").toHaveCount(0);
});
test("a record that is not saved yet is not watched", async () => {
  let said = 0;
  onRpc("test.thing", "watch", () => said++);
  await mountView({ type: "form", resModel: "test.thing", arch: ARCH });
  await advanceTime(3e4);
  expect(said).toBe(0);
});
