/**
 * The terminals of the branch: who they are, what they were asked, what is told of them. Door of the room; must
 * not know HTTP or SQL.
 */
export { type CommandReport, Commands, type OrderRequest } from "./commands.ts";
export { type Device, Devices } from "./devices.ts";
export type { Fate } from "./fate.ts";
export { Recovery } from "./recovery.ts";
export { type PolledView, reportDevices } from "./report.ts";
