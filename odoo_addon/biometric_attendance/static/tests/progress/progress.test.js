// generated from owl_src/progress/progress.test.ts, do not edit
import { expect, test } from "@odoo/hoot";
import { advanceTime, animationFrame } from "@odoo/hoot-mock";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { defineModels, fields, models, mountView, onRpc } from "@web/../tests/web_test_helpers";
class Order extends models.Model {
  _name = "test.order";
  headline = fields.Char();
  is_open = fields.Boolean();
  _records = [{ id: 1, headline: "Being sent", is_open: true }];
}
defineMailModels();
defineModels([Order]);
test("the record is read again until it is no longer open", async () => {
  let reads = 0;
  onRpc("test.order", "web_read", () => {
    reads++;
    const done = reads > 2;
    return [{ id: 1, headline: done ? "Done" : "Being sent", is_open: !done }];
  });
  await mountView({
    type: "form",
    resModel: "test.order",
    resId: 1,
    arch: `<form><field name="is_open" invisible="1"/><widget name="biometric_progress"/>
             <field name="headline" readonly="1"/></form>`
  });
  expect(reads).toBe(1);
  expect(".fa-spin").toHaveCount(1);
  await advanceTime(3e3);
  await animationFrame();
  expect(reads).toBe(2);
  await advanceTime(3e3);
  await animationFrame();
  expect("[name=headline]").toHaveText("Done");
  expect(".fa-spin").toHaveCount(0);
  await advanceTime(9e3);
  expect(reads).toBe(3);
});
