/**
 * How commands on the same machine reach the running agent, and what they can ask. Door of the room; must not
 * know how an answer is shown.
 */
export { MAX_ROWS, operations, type OrderLook } from "./operations.ts";
export { ReportOrders } from "./report_orders.ts";
export { askAgent, DirectoryLock, LocalFault, LocalServer, lockPath } from "./socket.ts";
