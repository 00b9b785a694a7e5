/** Hostile changes to an ERPNext site as destination: what is proven, who is a culprit, what is set up. */
import type { RoomMutations } from "../../dev/mutation.ts";

const deliver = "edge_agent/erpnext/deliver.ts";
const insert = "edge_agent/erpnext/insert.ts";
const holdings = "edge_agent/erpnext/holdings.ts";
const control = "edge_agent/erpnext/control.ts";
const review = "edge_agent/erpnext/review.ts";
const board = "edge_agent/erpnext/board.ts";
const site = "edge_agent/erpnext/site.ts";
const probe = "edge_agent/erpnext/probe.ts";
const posting = "edge_agent/erpnext/posting.ts";
const people = "edge_agent/erpnext/people.ts";
const orders = "edge_agent/erpnext/orders.ts";
const provision = "edge_agent/erpnext/provision.ts";
const completeness = "edge_agent/erpnext/completeness.ts";

const list: RoomMutations = {
  tests: ["tests/edge/erpnext"],
  mutations: [
    {
      says: "what was not read back is stored",
      file: deliver,
      from: "  if (punch === undefined) return [];\n",
      to: '  if (punch === undefined) return [{ seq, verdict: "stored" }];\n',
    },
    {
      says: "a line that was not read back is stored",
      file: deliver,
      from: "if (!after.unread.has(name)) return [];",
      to: "",
    },
    {
      says: "the time of a check-in is not compared",
      file: deliver,
      from: "    await this.#requireOwnTimes(after, plans, signal);\n",
      to: "",
    },
    {
      says: "two of one second are both sent",
      file: deliver,
      from: "      first.set(second, key);\n",
      to: "",
    },
    {
      says: "a check-in of somebody else in that second is not looked at",
      file: deliver,
      from: "other !== undefined && other.biometric_key !== key",
      to: "other !== undefined && other.biometric_key === key",
    },
    {
      says: "the set-up is looked at once and never again",
      file: deliver,
      from: "if (error instanceof NotWelcome) this.#probedAt = null;",
      to: "",
    },
    {
      says: "a batch may be of any size",
      file: deliver,
      from: "batch.sightings.length <= MOST_AT_ONCE",
      to: "batch.sightings.length <= 100 * MOST_AT_ONCE",
    },
    {
      says: "refused alone is a culprit, with nobody to compare",
      file: insert,
      from: "this.#through > suspect.through",
      to: "this.#through >= suspect.through",
    },
    {
      says: "a clear is confirmed by another terminal's punches",
      file: holdings,
      from: 'const filters: Filter[] = [["serial", "=", serial], ["wall_date", "in", days]];',
      to: 'const filters: Filter[] = [["wall_date", "in", days]];',
    },
    {
      says: "a clear is confirmed by its first days alone",
      file: holdings,
      from: "      for (const day of asked) {",
      to: "      for (const day of asked.slice(0, 1)) {",
    },
    {
      says: "a line that the site does not hold is decided",
      file: holdings,
      from: "held.get(name) !== true",
      to: "held.get(name) === false",
    },
    {
      says: "a mark that went back is no restore",
      file: control,
      from: "if (told.mark >= mark) {",
      to: "if (told.mark >= 0) {",
    },
    {
      says: "only what is young goes again after a restore",
      file: control,
      from: "seq: told.settled, hash",
      to: "seq: queue.laneHead().seq - 1, hash",
    },
    {
      says: "a deleted check-in is not told",
      file: review,
      from: "posted.filter((one) => !there.has(one.name))",
      to: "posted.filter((one) => there.has(one.name) && false)",
    },
    {
      says: "a waiting punch is settled without its check-in",
      file: review,
      from: '|| (plan.state === "post" && !posted.has(row.name))) continue;',
      to: ") continue;",
    },
    {
      says: "a released punch is judged by its clock again",
      file: posting,
      from: 'stated.decision === "Release" ? null : oddClock(stated, moment.at)',
      to: "oddClock(stated, moment.at)",
    },
    {
      says: "a terminal that waits is approved",
      file: posting,
      from: 'if (device === undefined || device.approval === "Waiting") {',
      to: "if (device === undefined) {",
    },
    {
      says: "an employee is not looked for before it is posted for",
      file: people,
      from: 'if (!there.has(one.name)) return { kind: "gone" };',
      to: "",
    },
    {
      says: "the mark of a shift type goes back",
      file: board,
      from: "if (!setIt || row.last_sync_of_checkin >= proven)",
      to: "if (!setIt)",
    },
    {
      says: "the mark of a shift type is set without leave",
      file: board,
      from: "if (!setIt || row.last_sync_of_checkin >= proven)",
      to: "if (row.last_sync_of_checkin >= proven)",
    },
    {
      says: "a terminal of which nothing is proven holds up nothing",
      file: board,
      from: "return one === null || other === null ? null : Math.min(one, other);",
      to: "return one === null || other === null ? one ?? other : Math.min(one, other);",
    },
    {
      says: "an open window does not end what is complete",
      file: completeness,
      from: "...gaps.filter(isOpen).map",
      to: "...gaps.filter(({ from }) => from < 0).map",
    },
    {
      says: "a loss is closed by a reading",
      file: completeness,
      from: 'isOpen(gap) && gap.kind === "silence" && gap.from >= window.from',
      to: "isOpen(gap) && gap.from >= window.from",
    },
    {
      says: "a command ends before its run is there",
      file: orders,
      from: "      if (unrun.has(id)) continue;\n",
      to: "",
    },
    {
      says: "permlevel 1 is not probed",
      file: probe,
      from: '!may(checkin, 1, "write") &&',
      to: "false &&",
    },
    {
      says: "a key that is not unique is well",
      file: probe,
      from: "key !== undefined && key.unique !== 1 &&",
      to: "key !== undefined && key.unique === 2 &&",
    },
    {
      says: "a busy site has refused",
      file: site,
      from: "  if (BUSY.has(excType)) return new Unreachable(said, false, retryAfter);\n",
      to: "",
    },
    {
      says: "taking off takes ledgers",
      file: provision,
      from: "if (rows > 0) stays.push",
      to: "if (rows > 1_000_000) stays.push",
    },
    {
      says: "taking off takes the key of check-ins that are named",
      file: provision,
      from: "if (linked > 0) stays.push",
      to: "if (linked > 1_000_000) stays.push",
    },
    {
      says: "an agent with a new disk counts its mark from nothing",
      file: control,
      from: "if (told.mark > mark) queue.setState(MARK, String(told.mark));",
      to: "",
    },
    {
      says: "a second agent takes the right of the first",
      file: provision,
      from: "(isSame(there, one) || this.#isShared(doctype, there))",
      to: "isSame(there, one)",
    },
    {
      says: "taking off one agent takes off all",
      file: provision,
      from: "if (others.length > 0) {",
      to: "if (others.length > 1_000) {",
    },
    {
      says: "a key field is whole by its name",
      file: provision,
      from: "if (unique === 1) return [];",
      to: "if (unique >= 0) return [];",
    },
    {
      says: "a terminal without an agent stays nobody's",
      file: control,
      from: 'known.devices.get(serial)?.agent === "")',
      to: 'known.devices.get(serial)?.agent === " ")',
    },
    {
      says: "one of many wrong times is named",
      file: deliver,
      from: "for (const { key } of wrong) {",
      to: "for (const { key } of wrong.slice(0, 1)) {",
    },
    {
      says: "a released punch is taken by its key alone",
      file: review,
      from: "isSiteClock(checkin, plan.time);",
      to: 'isSiteClock(checkin, plan.time) && row.name === "";',
    },
  ],
  equivalents: [
    {
      says: "what was stored meanwhile is a culprit",
      file: insert,
      from: "    if (STORED_MEANWHILE.has(excType)) return;\n",
      to: "",
      why:
        "what is there is read back before it is planned again, and its raw punch is no second one",
    },
  ],
};
export default list;
