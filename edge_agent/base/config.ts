/**
 * The agent's settings: one JSON file, environment overrides on top, every fault at once by field.
 * Owns names, defaults and limits of settings; must not know what they are used for elsewhere,
 * and reads nothing but the one file it is given (settings_file.ts). docs/agent.md holds the table for people;
 * a test compares the two.
 */
import { z } from "zod";
import { isObject, readSettingsFile, type Values } from "./settings_file.ts";
import type { TextPlace } from "./json_text.ts";
import { configSchema } from "./config_schema.ts";
import { didYouMean } from "./nearest.ts";
import { isLoopback } from "./peers.ts";

export const DEFAULT_CONFIG_PATH = "/etc/biometric-agent/config.json";
const ENVIRONMENT_PREFIX = "BIOMETRIC_";

/** Names with our prefix that are not settings of the agent. */
const FOREIGN_NAMES = new Set(["BIOMETRIC_CONFIG", "BIOMETRIC_CACHE"]);

export type Config = z.output<typeof configSchema>;
export type TerminalSettings = Config["polling"]["terminals"][number];

export interface ConfigFault {
  /** Dotted path as in the file, e.g. `devicePort.allow.0`; `(file)` for the file as a whole. */
  readonly field: string;
  readonly message: string;
  /** In the file; of what an environment variable says, and of what is missing, there is none. */
  readonly place?: TextPlace | undefined;
}

export class BadConfig extends Error {
  override readonly name = "BadConfig";
  constructor(readonly faults: readonly ConfigFault[]) {
    super(faults.map(faultText).join("\n"));
  }
}

/** `field, line 3, column 5: what is wrong` */
export function faultText({ field, message, place }: ConfigFault): string {
  const where = place === undefined ? "" : `, line ${place.line}, column ${place.column}`;
  return `${field}${where}: ${message}`;
}

export interface ConfigSource {
  /** Text of the file, null when there is none. Throws when it is there and cannot be read. */
  readonly readText: (path: string) => string | null;
  readonly environment: Readonly<Record<string, string>>;
  /** From the command line; then BIOMETRIC_CONFIG; then the default path, which may be absent. */
  readonly path?: string | undefined;
}

export interface LoadedConfig {
  readonly config: Config;
  readonly path: string;
  /** Names in the environment that look like settings and are none. */
  readonly unknownNames: readonly string[];
}

/** Throws BadConfig with every fault of file and environment. */
export function loadConfig({ readText, environment, path }: ConfigSource): LoadedConfig {
  const named = path ?? environment["BIOMETRIC_CONFIG"];
  const file = named ?? DEFAULT_CONFIG_PATH;
  const faults: ConfigFault[] = [];
  const given = readSettingsFile(() => readText(file), named !== undefined);
  const { values, places } = given;
  if (given.fault !== null) {
    const { message, place } = given.fault;
    faults.push({ field: "(file)", message: `${file}: ${message}`, place });
  }
  const unknownNames = applyEnvironment(values, environment, faults);
  const checked = configSchema.safeParse(values);
  const overridden = new Set(faults.map((fault) => fault.field));
  const schemaFaults = checked.success ? [] : checked.error.issues.flatMap(faultsOfIssue);
  faults.push(...schemaFaults.filter((fault) => !overridden.has(fault.field)));
  faults.push(...crossFaults(values));
  if (!checked.success || faults.length > 0) {
    throw new BadConfig(faults.map((fault) => located(fault, places, environment)));
  }
  return { config: checked.data, path: file, unknownNames };
}

/** With its place in the file, or the variable whose value it is about. */
function located(
  fault: ConfigFault,
  places: ReadonlyMap<string, TextPlace>,
  environment: Readonly<Record<string, string>>,
): ConfigFault {
  const setting = SETTINGS.find(({ path }) => `${fault.field}.`.startsWith(`${path.join(".")}.`));
  if (setting !== undefined && environment[setting.variable] !== undefined) {
    if (fault.message.startsWith(setting.variable)) return fault;
    return { ...fault, message: `${fault.message} (${setting.variable})` };
  }
  return fault.place === undefined ? { ...fault, place: places.get(fault.field) } : fault;
}

interface Setting {
  /** e.g. BIOMETRIC_DEVICE_PORT_ALLOW_ANY */
  readonly variable: string;
  readonly path: readonly string[];
  readonly kind: "text" | "number" | "boolean" | "list" | "json";
  readonly description: string;
  readonly fallback: unknown;
}

/** Every setting with its variable, in the order of the schema. */
export const SETTINGS: readonly Setting[] = collectSettings(configSchema, []);

/** The variables the agent may read: what `--allow-env` has to name. */
export const ENVIRONMENT_NAMES: readonly string[] = [
  "BIOMETRIC_CONFIG",
  ...SETTINGS.map((setting) => setting.variable),
];

function collectSettings(schema: z.ZodObject, above: readonly string[]): Setting[] {
  return Object.entries(schema.shape).flatMap(([name, inner]) => {
    const path = [...above, name];
    const bare = unwrapped(inner);
    if (bare instanceof z.ZodObject) return collectSettings(bare, path);
    return [{
      variable: variableName(path),
      path,
      kind: kindOf(bare),
      description: inner instanceof z.ZodType ? inner.description ?? "" : "",
      fallback: inner instanceof z.ZodDefault ? inner.def.defaultValue : undefined,
    }];
  });
}

function unwrapped(schema: unknown): unknown {
  let bare = schema;
  while (
    bare instanceof z.ZodDefault || bare instanceof z.ZodPrefault || bare instanceof z.ZodOptional
  ) bare = bare.unwrap();
  return bare;
}

function kindOf(schema: unknown): Setting["kind"] {
  if (schema instanceof z.ZodNumber) return "number";
  if (schema instanceof z.ZodBoolean) return "boolean";
  if (!(schema instanceof z.ZodArray)) return "text";
  return schema.element instanceof z.ZodObject ? "json" : "list";
}

function variableName(path: readonly string[]): string {
  const words = path.map((part) => part.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase());
  return ENVIRONMENT_PREFIX + words.join("_");
}

/** Lays the variables over the file's values; returns the names that are no setting. */
function applyEnvironment(
  values: Values,
  environment: Readonly<Record<string, string>>,
  faults: ConfigFault[],
): string[] {
  for (const setting of SETTINGS) {
    const text = environment[setting.variable];
    if (text === undefined) continue;
    const value = readVariable(setting.kind, text);
    if (value === undefined) {
      faults.push({
        field: setting.path.join("."),
        message: `${setting.variable} is not a ${setting.kind}`,
      });
    } else put(values, setting.path, value);
  }
  const known = new Set(ENVIRONMENT_NAMES);
  return Object.keys(environment).filter((name) =>
    name.startsWith(ENVIRONMENT_PREFIX) && !known.has(name) && !FOREIGN_NAMES.has(name)
  ).sort();
}

function readVariable(kind: Setting["kind"], text: string): unknown {
  const trimmed = text.trim();
  switch (kind) {
    case "text":
      return trimmed;
    case "number":
      return /^-?\d+(\.\d+)?$/.test(trimmed) ? Number(trimmed) : undefined;
    case "boolean":
      return { true: true, "1": true, yes: true, false: false, "0": false, no: false }[
        trimmed.toLowerCase()
      ];
    case "list":
      return trimmed === "" ? [] : trimmed.split(",").map((item) => item.trim());
    case "json":
      try {
        return JSON.parse(trimmed);
      } catch {
        return undefined;
      }
  }
}

function put(values: Values, path: readonly string[], value: unknown): void {
  const [name, ...rest] = path;
  if (name === undefined) return;
  if (rest.length === 0) {
    values[name] = value;
    return;
  }
  const inner = values[name] ?? {};
  values[name] = inner;
  // Anything but an object stays for the schema to find fault with.
  if (isObject(inner)) put(inner, rest, value);
}

function faultsOfIssue(issue: z.core.$ZodIssue): ConfigFault[] {
  const at = issue.path.map(String);
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((name) => ({
      field: [...at, name].join("."),
      message: `is not a setting${didYouMean(name, settingsAt(at))}`,
    }));
  }
  return [{ field: at.join(".") || "(file)", message: issue.message }];
}

/** The names that may stand at a place of the file. */
function settingsAt(path: readonly string[]): string[] {
  let schema: unknown = configSchema;
  for (const part of path) {
    if (schema instanceof z.ZodObject) schema = unwrapped(schema.shape[part]);
    else if (schema instanceof z.ZodArray) schema = unwrapped(schema.element);
  }
  return schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
}

/**
 * Rules between two settings. They read the raw values so that they are told together with the
 * faults of single fields; a value of the wrong kind is the other check's business.
 */
function crossFaults(values: Values): ConfigFault[] {
  const faults: ConfigFault[] = [];
  const odoo = room(values, "odoo");
  const devicePort = room(values, "devicePort");
  const health = room(values, "health");
  const queue = room(values, "queue");
  if (values["destination"] === "erpnext") {
    for (const field of ["url", "database"].filter((name) => odoo[name] !== undefined)) {
      const message = "is Odoo's, and the destination is erpnext: one agent has one destination";
      faults.push({ field: `odoo.${field}`, message });
    }
  }
  if (typeof odoo["url"] === "string" && odoo["allowPlainHttp"] !== true) {
    const fault = plainHttpFault(odoo["url"]);
    if (fault !== null) faults.push({ field: "odoo.url", message: fault });
  }
  if (devicePort["requireSecretPath"] === true && devicePort["secretPath"] === undefined) {
    faults.push({ field: "devicePort.secretPath", message: "is required by requireSecretPath" });
  }
  const healthHost = health["host"];
  if (
    typeof healthHost === "string" && !isLoopback(healthHost) && health["token"] === undefined
  ) {
    faults.push({
      field: "health.token",
      message: `is required when health.host is ${healthHost}`,
    });
  }
  const devicePortNumber = devicePort["port"] ?? 8081;
  if (devicePortNumber !== 0 && devicePortNumber === (health["port"] ?? 8082)) {
    faults.push({ field: "health.port", message: "must differ from devicePort.port" });
  }
  const retention = queue["retentionDays"] ?? 45;
  const memory = queue["keyMemoryDays"] ?? 400;
  if (typeof retention === "number" && typeof memory === "number" && memory < retention) {
    faults.push({ field: "queue.keyMemoryDays", message: "must not be less than retentionDays" });
  }
  return faults;
}

function room(values: Values, name: string): Values {
  const inner = values[name];
  return isObject(inner) ? inner : {};
}

/** Why an address of Odoo may not be used, or null. Everything but https leaves the token in the open. */
export function plainHttpFault(url: string): string | null {
  if (!URL.canParse(url)) return null;
  const { protocol, hostname } = new URL(url);
  if (protocol !== "http:" || isLoopback(hostname)) return null;
  return "must begin with https:// (http:// is allowed for this machine only)";
}

/** Where the running agent hears the commands of the same machine. */
export function socketPath(directory: string): string {
  return `${directory}/agent.sock`;
}
