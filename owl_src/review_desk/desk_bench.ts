/**
 * What the tests of the review desk share: answers as Odoo would give them.
 */

export function cell(
  id: number,
  date: string,
  basket: string,
  kinds: string[] = [],
  approved = false,
) {
  return [id, date, basket, basket === "must_fix" ? 0 : 480, 0, kinds, approved];
}

export function desk(changes: object = {}) {
  return {
    from: "2026-03-01",
    to: "2026-03-31",
    label: "1 – 31 March",
    previous: "2026-02-28",
    next: "2026-04-01",
    kinds: { missing_out: "missing check-out", late: "late", request: "open request" },
    may_act: true,
    people: [
      {
        id: 7,
        name: "Ana Reyes",
        department: "Sewing",
        days: [
          cell(1, "2026-03-02", "clean"),
          cell(2, "2026-03-03", "look_at", ["late"]),
          cell(3, "2026-03-04", "must_fix", ["missing_out"]),
        ],
      },
      {
        id: 8,
        name: "Ben Cruz",
        department: "Sewing",
        days: [
          cell(4, "2026-03-02", "must_fix", ["missing_out", "request"]),
          cell(5, "2026-03-03", "pending"),
        ],
      },
    ],
    ...changes,
  };
}

export const PROPOSAL = {
  at: "2026-03-04 09:02:00",
  time: "17:02",
  next_day: false,
  direction: "out",
  percent: 93,
  level: "likely",
  reasons: ["So on 9 of the 9 nearest complete days."],
};

export const REQUEST = {
  id: 40,
  kind: "add_punch",
  change: "Add a punch: 17:10, Out",
  reason: "I forgot to punch out",
  by: "Ben Cruz",
  state: "submitted",
  state_text: "Waiting",
  waits: "Mia Lim",
  late: false,
  can_decide: true,
  decided_by: "",
  before: "",
  after: "",
  self_approved: false,
};

export function fullDay(id: number, changes: object = {}) {
  return {
    id,
    employee: id < 4 ? "Ana Reyes" : "Ben Cruz",
    date_text: `day ${id}`,
    status: "Incomplete",
    basket: "must_fix",
    approved: false,
    shift: "Office hours",
    waiting: "",
    findings: "missing check-out",
    asks_again: "",
    derivation: {
      zone: "Asia/Manila",
      sessions: [{ in: "2026-03-03T23:58Z", out: null, in_punch: "a" }],
    },
    sentences: ["Present from 07:58; nobody punched out."],
    overtime_unapproved: 0,
    late: 0,
    early: 0,
    requests: [],
    ...changes,
  };
}
