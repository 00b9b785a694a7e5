/**
 * Files carried by hand: exports of terminals in, the signed CSV out. Door of the room; must not know Odoo.
 */
export { MAX_FILE_BYTES, readFileName } from "./attlog_file.ts";
export { exportCsv } from "./export.ts";
export { type Imported, UsbSpool } from "./spool.ts";
