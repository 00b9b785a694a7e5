/**
 * What is promised with each destination: the table that docs/erpnext.md and `doctor` show. Pure data; what
 * holds each promise is tested where it is kept.
 */

interface Promised {
  readonly number: string;
  readonly promise: string;
  readonly odoo: string;
  readonly erpnext: string;
}

export const PROMISES: readonly Promised[] = [
  {
    number: "I1",
    promise: "every acknowledged punch is there exactly once",
    odoo: "holds",
    erpnext: "holds: unique key, read back before anything counts",
  },
  {
    number: "I2",
    promise: "nothing is cleared before it was confirmed at that moment",
    odoo: "holds",
    erpnext: "holds: every raw punch is read back right before the clear",
  },
  {
    number: "I3",
    promise: "nothing is there that no terminal or named person produced",
    odoo: "holds",
    erpnext: "holds for what the agent writes; check-ins typed by people are the site's own",
  },
  {
    number: "I4",
    promise: "a day depends on the set of punches alone",
    odoo: "holds",
    erpnext: "the site's: a punch after Attendance is not used until a person processes again",
  },
  {
    number: "I5",
    promise: "no silent change",
    odoo: "holds, witnessed by the agent",
    erpnext: "raw punches are set only once; of check-ins the site keeps versions",
  },
  {
    number: "I6",
    promise: "companies are separate",
    odoo: "holds",
    erpnext: "the site's: its own permissions decide",
  },
  {
    number: "I7",
    promise: "bounded memory, disk, connections, retries",
    odoo: "holds",
    erpnext: "holds",
  },
  {
    number: "I8",
    promise: "health tells the truth",
    odoo: "holds",
    erpnext: "holds",
  },
  {
    number: "I9",
    promise: "no biometrics are stored, forwarded or logged",
    odoo: "holds",
    erpnext: "holds",
  },
  {
    number: "I10",
    promise: "no licence stops capture, delivery or export",
    odoo: "holds",
    erpnext: "holds for the agent; a hosted plan's own limits are honoured, nothing is lost",
  },
];
