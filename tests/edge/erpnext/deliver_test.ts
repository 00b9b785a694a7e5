/** Delivery to an ERPNext site: what is sent, what is proven, what a person finds there. */
import assert from "node:assert/strict";
import { withSite } from "./site_kit.ts";

Deno.test("a punch becomes one raw punch and one check-in at its own time", () =>
  withSite({}, async (kit) => {
    await kit.add(0, 120);
    await kit.drain();
    kit.assertExactlyOnce(120);
  }));
