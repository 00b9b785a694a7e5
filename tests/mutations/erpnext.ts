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
const held = "edge_agent/erpnext/held.ts";
const people = "edge_agent/erpnext/people.ts";
const orders = "edge_agent/erpnext/orders.ts";
const provision = "edge_agent/erpnext/provision.ts";
const ownTimes = "edge_agent/erpnext/own_times.ts";
const watch = "edge_agent/erpnext/watch.ts";
const changed = "edge_agent/erpnext/changed.ts";
const rights = "edge_agent/erpnext/site_rights.ts";
const takeOff = "edge_agent/erpnext/take_off.ts";
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
      from:
        "    await this.#requireOwnTimes(this.#times.wrong(distinct(punches), after), signal);\n",
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
      file: watch,
      from: "if (told.mark < mark) return",
      to: "if (told.mark < 0) return",
    },
    {
      says: "only what is young goes again after a restore",
      file: watch,
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
      from: "before === undefined || proven < before.proven)",
      to:
        'before === undefined || before.proven === "" || (proven !== "" && proven < before.proven))',
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
      from: '!may(checkin, time, "write") && time > 0 &&',
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
      file: takeOff,
      from: "if (rows > 0) stays.push",
      to: "if (rows > 1_000_000) stays.push",
    },
    {
      says: "taking off takes the key of check-ins that are named",
      file: takeOff,
      from: "if (linked > 0) stays.push",
      to: "if (linked > 1_000_000) stays.push",
    },
    {
      says: "an agent with a new disk counts its mark from nothing",
      file: watch,
      from: "if (told.mark > mark) queue.setState(MARK, String(told.mark));",
      to: "",
    },
    {
      says: "a second agent takes the right of the first",
      file: provision,
      from: "if (isWell(one, permissions) || this.#isShared(doctype, permissions)) continue;",
      to: "if (isWell(one, permissions)) continue;",
    },
    {
      says: "taking off one agent takes off all",
      file: takeOff,
      from: "if (working.length > 0) {",
      to: "if (working.length > 1_000) {",
    },
    {
      says: "a key field is whole by its name",
      file: provision,
      from: "if (changes === undefined) return [];",
      to: "if (changes !== null) return [];",
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
    {
      says: "what was sent is forgotten before it is read back",
      file: ownTimes,
      from: "const sent = this.#sent.get(key);",
      to: "const sent = [...this.#sent.keys()].length < 0 ? this.#sent.get(key) : undefined;",
    },
    {
      says: "what another process sent is not compared",
      file: ownTimes,
      from: "isSiteClock(checkin, wallTime) && !isOfSomeZone(checkin.time, wallTime)",
      to: "false",
    },
    {
      says: "a time of another zone is the site's clock",
      file: ownTimes,
      from: " && !isOfSomeZone(checkin.time, wallTime)",
      to: "",
    },
    {
      says: "a wrong time that is named holds up for ever",
      file: ownTimes,
      from: "      if (punch.reason === REASONS.siteClock) return [];\n",
      to: "",
    },
    {
      says: "wrong times whose naming was lost are followed by more of them",
      file: deliver,
      from: "    this.#probedAt = null;\n    for (",
      to: "    for (",
    },
    {
      says: "the second of one second is told apart without its log type",
      file: deliver,
      from: "return `${employee}\\n${time}\\n${logType}`;",
      to: "return `${employee}\\n${time}${logType.slice(9)}`;",
    },
    {
      says: "a clear is confirmed by its first month alone",
      file: holdings,
      from: "at < days.length; at += DAYS_AT_ONCE",
      to: "at < Math.min(1, days.length); at += DAYS_AT_ONCE",
    },
    {
      says: "of a long day the first page alone is held",
      file: holdings,
      from: "if (last === undefined || rows.length < PAGE) return held;",
      to: "if (last === undefined || rows.length > 0) return held;",
    },
    {
      says: "after a restore of a lane that the site never heard of nothing goes again",
      file: watch,
      from: "queue.rewind(since) || queue.rewind({ ...queue.laneHead(), seq: 0 })",
      to: "queue.rewind(since)",
    },
    {
      says: "what was settled before a restore is settled after it",
      file: watch,
      from: "    this.#settled = 0;\n    const since",
      to: "    const since",
    },
    {
      says: "board and windows are not told again after a restore",
      file: control,
      from: "        this.#board.forget();\n        this.#gaps.forget();\n",
      to: "",
    },
    {
      says: "a second machine is a restored site",
      file: watch,
      from: "if (this.#hasTold && told.public_key",
      to: "if (!this.#hasTold && told.public_key",
    },
    {
      says: "a copied card is not seen",
      file: watch,
      from: 'if (state === "same" || state === "behind") return false;',
      to: 'if (state !== "ahead") return false;',
    },
    {
      says: "a name that another machine has is free",
      file: provision,
      from: "told.public_key === publicKey) return null;",
      to: "told.public_key !== publicKey) return null;",
    },
    {
      says: "two names of one address are one agent",
      file: provision,
      from: "name.startsWith(FIRST_NAME) && name !== firstNameOf(agent)",
      to: "name.startsWith(FIRST_NAME) && name === FIRST_NAME",
    },
    {
      says: "a level that was changed is no change",
      file: changed,
      from: 'if (level !== numberOf(wanted, "permlevel")) {',
      to: 'if (level < numberOf(wanted, "permlevel")) {',
    },
    {
      says: "a switch that was turned on is no change",
      file: changed,
      from: "if (isOn !== (numberOf(wanted, name) === 1))",
      to: "if (!isOn && numberOf(wanted, name) === 1)",
    },
    {
      says: "a right that was added is no change",
      file: changed,
      from: "if (isOn === (flags[flag] === 1)) return [];",
      to: "if (isOn || flags[flag] === 0) return [];",
    },
    {
      says: "Customize Form is put back for every property",
      file: rights,
      from: '            ["property", "in", [...of.keys()]],\n',
      to: "",
    },
    {
      says: "other agents' terminals hold up no shift type",
      file: board,
      from: "own.get(serial) ?? completeUntil",
      to: 'own.get(serial) ?? "9999"',
    },
    {
      says: "a check-in's field at another level is well",
      file: probe,
      from: "permlevel > (doctype === PUNCH ? 1 : 0) &&",
      to: "permlevel > (doctype === PUNCH ? 1 : 2) &&",
    },
    {
      says: "a terminal that waits for approval holds up no shift type",
      file: board,
      from: 'if (approval === "Refused") continue;',
      to: 'if (approval !== "Approved") continue;',
    },
    {
      says: "after an older copy terminals are not read again",
      file: watch,
      from: "    if (moved !== null) onRestored();\n",
      to: "",
    },
    {
      says: "what was settled in another lane is settled in this one",
      file: watch,
      from: "if (told.lane === head.lane) this.#settled",
      to: "this.#settled",
    },
    {
      says: "after a restore all goes again each minute",
      file: watch,
      from: "    queue.setState(MARK, String(told.mark));\n    onRestored();",
      to: "    onRestored();",
    },
    {
      says: "deleted check-ins are looked for once a day, also after a restore",
      file: control,
      from: '        queue.setState("erpnext_removed", "");\n',
      to: "",
    },
    {
      says: "an agent that was taken off works on",
      file: provision,
      from: ', ["enabled", "=", 1]];',
      to: "];",
    },
    {
      says: "a time that a person corrected is the site's clock",
      file: held,
      from: "time !== sent && modified === creation",
      to: "time !== sent",
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
