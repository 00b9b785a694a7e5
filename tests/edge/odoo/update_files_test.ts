/** Update files over real HTTP: bytes as they are, the meaning of statuses, who is asked for them at all. */
import assert from "node:assert/strict";
import { DestinationHttp } from "../../../edge_agent/delivery/delivery.ts";
import { UpdateFiles } from "../../../edge_agent/odoo/odoo.ts";

const NO_TEXT = Uint8Array.from({ length: 512 }, (_, at) => at % 256);
const SIGNAL = new AbortController().signal;

interface Asked {
  readonly path: string;
  readonly headers: Headers;
}

async function withOdoo(
  answer: (asked: Asked) => Response,
  use: (files: UpdateFiles, asked: readonly Asked[]) => Promise<void>,
  token: string | null = "secret",
): Promise<void> {
  const asked: Asked[] = [];
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request) => {
    const one = { path: new URL(request.url).pathname, headers: request.headers };
    asked.push(one);
    return answer(one);
  });
  const http = new DestinationHttp({ timeoutMs: 5_000, monotonic: () => performance.now() });
  try {
    const url = `http://127.0.0.1:${server.addr.port}`;
    const access = () => ({ url, database: "company", token });
    await use(new UpdateFiles({ http, access, agentVersion: "1.0.0", now: () => 0 }), asked);
  } finally {
    http.stop();
    await server.shutdown();
  }
}

// Red when a file is read as text: bytes that are no UTF-8 come back as others.
Deno.test("update files: a range comes as the bytes it is, asked for with token and database", () =>
  withOdoo(() => new Response(NO_TEXT, { status: 206 }), async (files, asked) => {
    assert.deepEqual(await files.range("abc", 0, 512, SIGNAL), NO_TEXT);
    const [{ path, headers } = assert.fail("nobody asked")] = asked;
    assert.equal(path, "/biometric/v1/file/abc");
    assert.deepEqual(
      ["range", "authorization", "x-odoo-database"].map((name) => headers.get(name)),
      ["bytes=0-511", "Bearer secret", "company"],
    );
    await assert.rejects(files.range("abc", 0, 8, SIGNAL), /more than was asked for/);
  }));

// Red when a whole file is taken for its beginning, or a busy Odoo for a broken one.
Deno.test("update files: only a part is a part, a busy Odoo is waited for, none offered is null", async () => {
  const status = (code: number, headers: Record<string, string> = {}) => () =>
    new Response("{}", { status: code, headers });
  await withOdoo(status(200), async (files) => {
    await assert.rejects(files.range("abc", 0, 8, SIGNAL), /status 200 for a range/);
    assert.deepEqual(await files.metadata(SIGNAL), {});
  });
  await withOdoo(status(429, { "retry-after": "7" }), async (files) => {
    assert.equal(await files.range("abc", 0, 8, SIGNAL), 7_000);
  });
  await withOdoo(status(404), async (files) => assert.equal(await files.metadata(SIGNAL), null));
  await withOdoo(status(206), async (files, asked) => {
    assert.equal(await files.metadata(SIGNAL), null);
    await assert.rejects(files.range("abc", 0, 8, SIGNAL), /this agent is not paired/);
    assert.deepEqual(asked, []);
  }, null);
});
