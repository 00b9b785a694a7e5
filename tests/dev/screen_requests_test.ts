// Tests that what a screen asks for is waited for, whatever was under way before. The page is a stand-in
// that tells of requests as a browser does.

import assert from "node:assert/strict";
import type { Page, Request } from "playwright-core";
import { Requests } from "../journey/screen_requests.ts";

type Heard = (request: Request) => void;

/** A page that says what it is told to, and draws a frame at each turn of the event loop. */
class Stand {
  readonly #heard = new Map<string, Heard>();
  frames = 0;

  on(event: string, heard: Heard): void {
    this.#heard.set(event, heard);
  }

  off(event: string): void {
    this.#heard.delete(event);
  }

  evaluate(): Promise<void> {
    this.frames++;
    return new Promise((resolve) => setTimeout(resolve, 0));
  }

  say(event: "request" | "requestfinished" | "requestfailed", request: Request): void {
    this.#heard.get(event)?.(request);
  }
}

const asked = (path: string) => ({ url: () => `http://odoo${path}` }) as unknown as Request;

// Turns red when requests are only counted: one from before, ending, would stand for one that goes on, and
// the next screen would be opened into its work (a check of 30 s was taken for the next screen's).
Deno.test("requests: an answer to something asked before ends no wait", async () => {
  const page = new Stand();
  const requests = new Requests(page as unknown as Page);
  const [before, own] = [asked("/web/dataset/before"), asked("/web/dataset/own")];
  let isOver = false;
  const done = requests.of(() => {
    page.say("requestfinished", before);
    page.say("request", own);
    return Promise.resolve();
  }).then((paths) => (isOver = true, paths));
  while (page.frames < 5) await page.evaluate();
  assert.equal(isOver, false);
  page.say("requestfinished", own);
  assert.deepEqual(await done, ["/web/dataset/own"]);
  requests.close();
});

// Turns red when pictures and scripts count as data, or a request that fails is waited for for ever.
Deno.test("requests: of data alone, and one that fails is over", async () => {
  const page = new Stand();
  const requests = new Requests(page as unknown as Page);
  const own = asked("/web/dataset/own");
  const paths = await requests.of(() => {
    page.say("request", asked("/web/image/1"));
    page.say("request", own);
    page.say("requestfailed", own);
    return Promise.resolve();
  });
  assert.deepEqual(paths, ["/web/dataset/own"]);
});
