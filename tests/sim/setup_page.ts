/**
 * The page of a new machine, served to this machine's own browser in a stated moment: paired and approved, no
 * terminal has called yet. Owns that moment; the page is the agent's. Must not know who looks at it.
 */
import { SetupPage } from "../../edge_agent/health/health.ts";
import { setupSteps } from "../../edge_agent/health/setup.ts";
import { silentLog } from "./silent_log.ts";

/** As docs/branch.md and a terminal's menu have them. */
const ADDRESS = "192.168.1.20";
const DEVICE_PORT = 8081;
const LATE_MS = 180_000;

/** Not started. */
export function setupPageOf(port: number): SetupPage {
  const view = {
    destination: "odoo",
    stats: null,
    devices: [],
    alarms: [],
    sinceAnswerMs: 5,
    clockTrusted: true,
    paired: true,
    state: "active",
  } as const;
  return new SetupPage({
    settings: { page: true, host: "127.0.0.1", port },
    isNear: (address) => address === "127.0.0.1",
    devicePort: DEVICE_PORT,
    addresses: () => [ADDRESS],
    steps: () => setupSteps(view, [ADDRESS], LATE_MS),
    log: silentLog,
  });
}
