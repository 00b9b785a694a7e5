/** A log that keeps nothing, for tests that look at something else. */
import type { Log } from "../../edge_agent/base/log.ts";

export const silentLog: Log = { debug() {}, info() {}, warn() {}, error() {} };
