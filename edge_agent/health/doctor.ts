/**
 * `doctor`: looks at everything a branch stumbles over and says what to do about each finding. Owns
 * the list of checks; every check is a value in, findings out, so that each can be tested alone.
 * Must not mend anything.
 */
import { X509Certificate } from "node:crypto";
import { EARLIEST_INSTANT_MS } from "../base/clock.ts";
import { type Config, ENVIRONMENT_NAMES } from "../base/config.ts";
import { isLoopback } from "../base/peers.ts";
import { didYouMean } from "../base/nearest.ts";
import { DAY_MS } from "../base/duration.ts";

export interface Finding {
  readonly check: string;
  readonly level: "ok" | "note" | "warning" | "fault";
  readonly text: string;
  /** What to do; empty when there is nothing to do. */
  readonly remedy: string;
}

type Level = Finding["level"];

function finding(check: string, level: Level, text: string, remedy = ""): Finding {
  return { check, level, text, remedy };
}

/** `aheadMs`: the destination's clock minus ours as its latest answer showed, null when it did not answer. */
export function checkClock(
  { now, trusted, aheadMs, name = "Odoo" }: {
    now: number;
    trusted: boolean;
    aheadMs: number | null;
    name?: string;
  },
): Finding {
  const remedy = "switch on systemd-timesyncd or chrony and let UDP port 123 out";
  if (now < EARLIEST_INSTANT_MS) {
    const text = `this machine believes it is ${new Date(now).toISOString()}`;
    return finding("clock", "fault", text, remedy);
  }
  if (aheadMs !== null && Math.abs(aheadMs) > 30_000) {
    const text = `${name}'s clock differs by ${Math.round(aheadMs / 1000)} s`;
    return finding("clock", "fault", text, remedy);
  }
  if (!trusted) return finding("clock", "warning", "not synchronised by any time service", remedy);
  return finding("clock", "ok", "trusted");
}

export function checkDisk(
  { freeBytes, totalBytes, minFreeBytes }: {
    freeBytes: number;
    totalBytes: number;
    minFreeBytes: number;
  },
): Finding {
  const text = `${Math.round(freeBytes / 1048576)} of ${Math.round(totalBytes / 1048576)} MiB free`;
  const remedy = "free space or use a larger card";
  if (freeBytes <= minFreeBytes) return finding("disk", "fault", text, remedy);
  if (freeBytes < 4 * minFreeBytes) return finding("disk", "warning", text, remedy);
  return finding("disk", "ok", text);
}

/** `modes`: file name and permission bits of what lies in the data directory. */
export function checkSecrets(directoryMode: number, modes: ReadonlyMap<string, number>): Finding {
  const open = [...modes].filter(([, mode]) => (mode & 0o077) !== 0).map(([name]) => name);
  const names = [...((directoryMode & 0o077) === 0 ? [] : ["the data directory"]), ...open];
  if (names.length === 0) return finding("secrets", "ok", "readable by the agent's user alone");
  const text = `others may read ${names.join(", ")}`;
  const level = open.length > 0 ? "fault" : "warning";
  return finding("secrets", level, text, "chmod 700 the directory and chmod 600 the files in it");
}

export function checkSqlite(version: string, refuse: (version: string) => void): Finding {
  try {
    refuse(version);
    return finding("sqlite", "ok", version);
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    return finding("sqlite", "fault", text, "run the agent with the Deno version it was made for");
  }
}

/** What came of asking Odoo something harmless with our token. */
export type OdooProbe =
  | { readonly kind: "answered" | "waiting" | "refused_token" | "unpaired" }
  | { readonly kind: "failed"; readonly message: string };

export function checkOdoo(probe: OdooProbe): Finding[] {
  switch (probe.kind) {
    case "answered":
      return [finding("odoo", "ok", "reached"), finding("token", "ok", "accepted")];
    case "waiting":
      return [
        finding("odoo", "ok", "reached"),
        finding(
          "token",
          "warning",
          "the agent waits for approval",
          "an administrator compares the fingerprint in Odoo and approves",
        ),
      ];
    case "refused_token":
      return [
        finding("odoo", "ok", "reached"),
        finding("token", "fault", "Odoo refuses it", "pair again with a new code"),
      ];
    case "unpaired":
      return [finding("odoo", "fault", "not paired", "run pair with the line that Odoo shows")];
    case "failed":
      return [finding("odoo", "fault", probe.message, remedyOf(probe.message))];
  }
}

function remedyOf(message: string): string {
  if (message.startsWith("tls")) {
    return "the certificate must be valid, for this host name, of a known or pinned authority; " +
      "see the clock as well";
  }
  if (message.startsWith("refused")) return "check name, port, cable and firewall";
  if (message.startsWith("timeout")) return "check the network between here and Odoo";
  if (/status 404/.test(message)) {
    return "compare address and database with the line that Odoo shows, and pair again";
  }
  return "look into Odoo's log";
}

/** What came of asking an ERPNext site something harmless with our key. */
export type SiteProbe =
  | { readonly kind: "not_set_up" }
  /** What is missing there, in words. */
  | { readonly kind: "answered"; readonly faults: readonly string[] }
  | { readonly kind: "refused_key" | "failed"; readonly message: string };

export function checkSite(probe: SiteProbe): Finding[] {
  const again = "run provision-erpnext again; --check says what is missing";
  switch (probe.kind) {
    case "not_set_up":
      return [finding("erpnext", "fault", "not set up", "run provision-erpnext with its address")];
    case "refused_key":
      return [finding("erpnext", "ok", "reached"), finding("key", "fault", probe.message, again)];
    case "failed":
      return [finding("erpnext", "fault", probe.message, siteRemedyOf(probe.message))];
    case "answered":
      return [
        finding("erpnext", "ok", "reached"),
        finding("key", "ok", "accepted"),
        ...probe.faults.map((fault) => finding("set-up", "fault", fault, again)),
      ];
  }
}

function siteRemedyOf(message: string): string {
  if (/there is no such site/.test(message)) {
    return "run provision-erpnext with the address that the browser shows, not with an IP address";
  }
  return /^(tls|refused|timeout)/.test(message)
    ? remedyOf(message)
    : "look into the site's error log";
}

/** One line for each promise: what it is worth with this destination. */
export function tellPromises(
  promises: readonly { readonly number: string; readonly promise: string; readonly said: string }[],
): Finding[] {
  return promises.map(({ number, promise, said }) =>
    finding(number, "note", `${promise}: ${said}`)
  );
}

/** How the destination is spoken to, and how long pinned authorities are still good. */
export function checkTls(
  url: string | null,
  pins: readonly string[],
  now: number,
  { name, setting }: { name: string; setting: string } = { name: "Odoo", setting: "odoo" },
): Finding[] {
  const found: Finding[] = [];
  if (url?.startsWith("http:") && !isLoopback(new URL(url).hostname)) {
    const text = `${name} is spoken to without TLS: key and punches can be read on the way`;
    found.push(finding("tls", "warning", text, "use an https:// address"));
  }
  pins.forEach((pin, index) => found.push(checkPin(pin, { index, now, setting })));
  return found.length > 0
    ? found
    : [finding("tls", "ok", "verified against the public authorities")];
}

const MONTH_MS = 30 * DAY_MS;

function checkPin(
  pem: string,
  { index, now, setting }: { index: number; now: number; setting: string },
): Finding {
  const check = `pin ${index + 1}`;
  let until: number;
  try {
    until = Date.parse(new X509Certificate(pem).validTo);
  } catch {
    return finding(check, "fault", "is no certificate", "give the PEM file of the authority");
  }
  const text = `good until ${new Date(until).toISOString().slice(0, 10)}`;
  const remedy = `add the next authority to ${setting}.caFiles before then`;
  if (until < now) return finding(check, "fault", text, remedy);
  return finding(
    check,
    until - now < MONTH_MS ? "warning" : "ok",
    text,
    until - now < MONTH_MS ? remedy : "",
  );
}

/** `taken`: ports that another program than our agent holds. */
export function checkPorts(config: Config, taken: readonly number[]): Finding[] {
  const found = taken.map((port) =>
    finding("ports", "fault", `port ${port} is taken`, "end the other program or change the port")
  );
  const { allow, allowAny, requireSecretPath } = config.devicePort;
  if (allow.length === 0 && !allowAny) {
    found.push(finding(
      "allowlist",
      "fault",
      "no address is allowed, so no terminal gets in",
      "list the terminals' addresses or network in devicePort.allow",
    ));
  }
  if (allowAny && !requireSecretPath) {
    found.push(finding(
      "allowlist",
      "warning",
      "every address may speak as a terminal",
      "list addresses in devicePort.allow, or require the secret path",
    ));
  }
  return found.length > 0 ? found : [finding("ports", "ok", "free or ours; addresses are listed")];
}

/** Terminals whose comm key everybody knows. */
export function checkCommKeys(config: Config): Finding {
  const open = config.polling.terminals.filter((terminal) => terminal.commKey === 0);
  if (open.length === 0) return finding("comm keys", "ok", "none at its default");
  const serials = open.map((terminal) => terminal.serial).join(", ");
  return finding(
    "comm keys",
    "warning",
    `still at the default 0: ${serials}`,
    "set a comm key in the terminal's menu and as commKey in polling.terminals",
  );
}

export function checkPrivileges(
  { uid, mayRun, mayFfi }: { uid: number | null; mayRun: boolean; mayFfi: boolean },
): Finding[] {
  const found: Finding[] = [];
  if (uid === 0) {
    const text = "this runs as root";
    found.push(
      finding("privileges", "warning", text, "use a user of its own, e.g. by the service file"),
    );
  }
  if (mayRun || mayFfi) {
    const text = "Deno may start programs or load libraries";
    found.push(finding("privileges", "warning", text, "start with the flags that `flags` prints"));
  }
  return found.length > 0 ? found : [finding("privileges", "ok", "no more than needed")];
}

/** Reasons of a running agent that none of the checks above explains. */
export function checkStatus(
  reasons: readonly { code: string; detail: string }[],
  remedies: ReadonlyMap<string, string>,
): Finding[] {
  return reasons.map(({ code, detail }) =>
    finding("agent", "fault", `${code}: ${detail}`, remedies.get(code) ?? "see docs/agent.md")
  );
}

/** Names in the environment that look like settings. */
export function checkEnvironment(unknownNames: readonly string[]): Finding[] {
  return unknownNames.map((name) => {
    const text = `${name} is not a setting${didYouMean(name, ENVIRONMENT_NAMES)}`;
    return finding("environment", "warning", text, "see `config --schema`");
  });
}
