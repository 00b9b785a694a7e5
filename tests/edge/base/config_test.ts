/** The settings: defaults, overrides, and every fault at once by field. */
import assert from "node:assert/strict";
import {
  BadConfig,
  type ConfigFault,
  ENVIRONMENT_NAMES,
  loadConfig,
  SETTINGS,
} from "../../../edge_agent/base/config.ts";

interface Given {
  file?: unknown;
  environment?: Record<string, string>;
  path?: string;
}

function load({ file, environment = {}, path }: Given) {
  const text = file === undefined ? null : typeof file === "string" ? file : JSON.stringify(file);
  return loadConfig({ readText: () => text, environment, path });
}

function faultsOf(given: Given): readonly ConfigFault[] {
  try {
    load(given);
  } catch (error) {
    if (error instanceof BadConfig) return error.faults;
    throw error;
  }
  return [];
}

const fields = (given: Given) => faultsOf(given).map((fault) => fault.field).sort();

Deno.test("loadConfig() needs no file at all", () => {
  const { config, path } = load({});
  assert.equal(path, "/etc/biometric-agent/config.json");
  assert.equal(config.queue.retentionDays, 45);
  assert.deepEqual(config.devicePort.allow, []);
  assert.equal(config.health.host, "127.0.0.1");
});

Deno.test("loadConfig() wants a named file to be there, whole and an object", () => {
  assert.deepEqual(fields({ path: "/x.json" }), ["(file)"]);
  assert.deepEqual(fields({ environment: { BIOMETRIC_CONFIG: "/x.json" } }), ["(file)"]);
  assert.deepEqual(fields({ file: "{" }), ["(file)"]);
  assert.deepEqual(fields({ file: [] }), ["(file)"]);
  const unreadable = () => {
    throw new Deno.errors.PermissionDenied("secret detail");
  };
  assert.throws(
    () => loadConfig({ readText: unreadable, environment: {} }),
    (error) =>
      error instanceof BadConfig && /cannot be read \(PermissionDenied\)/.test(error.message),
  );
});

// Red when cross checks run only after the schema is content, or the schema stops at its first fault.
Deno.test("loadConfig() tells every fault at once by field name", () => {
  const found = fields({
    file: {
      dataDirectory: "relative",
      colour: "blue",
      odoo: { url: "http://odoo.example.com", timeoutSeconds: "60" },
      devicePort: { allow: ["10.0.0.0/33", "::1", "10.0.0.0/8"], requireSecretPath: true },
      health: { host: "0.0.0.0" },
      queue: { retentionDays: 45, keyMemoryDays: 10 },
      log: "loud",
      polling: { terminals: [{ serial: "A B", host: "10.0.0.9", port: 70000 }] },
    },
    environment: { BIOMETRIC_QUEUE_MIN_FREE_BYTES: "soon", BIOMETRIC_LOG_LEVEL: "info" },
  });
  assert.deepEqual(found, [
    "colour",
    "dataDirectory",
    "devicePort.allow.0",
    "devicePort.secretPath",
    "health.token",
    "log",
    "odoo.timeoutSeconds",
    "odoo.url",
    "polling.terminals.0.port",
    "polling.terminals.0.serial",
    "queue.keyMemoryDays",
    "queue.minFreeBytes",
  ]);
});

Deno.test("S32 http:// is refused unless for this machine or explicitly a development set-up", () => {
  const withUrl = (url: string, more = {}) => fields({ file: { odoo: { url, ...more } } });
  assert.deepEqual(withUrl("http://10.0.0.5:8069"), ["odoo.url"]);
  assert.deepEqual(withUrl("http://127.0.0.1.example.com"), ["odoo.url"]);
  assert.deepEqual(withUrl("ftp://odoo.example.com"), ["odoo.url"]);
  assert.deepEqual(withUrl("http://127.0.0.1:8069"), []);
  assert.deepEqual(withUrl("http://[::1]:8069"), []);
  assert.deepEqual(withUrl("http://localhost:8069"), []);
  assert.deepEqual(withUrl("http://10.0.0.5:8069", { allowPlainHttp: true }), []);
});

Deno.test("environment variables win over the file, each kind", () => {
  const { config, unknownNames } = load({
    file: {
      dataDirectory: "/a",
      devicePort: { port: 1, allowAny: false },
      queue: { retentionDays: 45 },
    },
    environment: {
      BIOMETRIC_DATA_DIRECTORY: "/b",
      BIOMETRIC_DEVICE_PORT_PORT: "9000",
      BIOMETRIC_DEVICE_PORT_ALLOW_ANY: "yes",
      BIOMETRIC_DEVICE_PORT_ALLOW: "10.0.0.0/8, ::1",
      BIOMETRIC_QUEUE_RETENTION_DAYS: "10",
      BIOMETRIC_POLLING_TERMINALS: '[{"serial":"A1","host":"10.0.0.9"}]',
      BIOMETRIC_CACHE: "/c",
      BIOMETRIC_COLOUR: "blue",
      HOME: "/root",
    },
  });
  assert.equal(config.dataDirectory, "/b");
  assert.equal(config.devicePort.port, 9000);
  assert.equal(config.devicePort.allowAny, true);
  assert.deepEqual(config.devicePort.allow, ["10.0.0.0/8", "::1"]);
  assert.equal(config.queue.retentionDays, 10);
  assert.equal(config.polling.terminals[0]?.port, 4370);
  assert.deepEqual(unknownNames, ["BIOMETRIC_COLOUR"]);
});

Deno.test("ENVIRONMENT_NAMES has a distinct name for every setting", () => {
  assert.equal(new Set(ENVIRONMENT_NAMES).size, SETTINGS.length + 1);
  assert.ok(ENVIRONMENT_NAMES.includes("BIOMETRIC_ODOO_CA_FILES"));
  for (const setting of SETTINGS) assert.notEqual(setting.description, "", setting.variable);
});
