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
const doctype = "edge_agent/erpnext/doctype.ts";
const desk = "edge_agent/erpnext/desk.ts";
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
      from: "    if (changes === undefined) return this",
      to: "    if (changes !== null) return this",
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
      from: "    this.#settled = 0;\n",
      to: "",
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
      from: "if (toldLane !== null && told.public_key",
      to: "if (toldLane === null && told.public_key",
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
      from: "if (is !== was) changes.set(name",
      to: "if (is < was) changes.set(name",
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
    {
      says: "a new queue claims what was before it",
      file: "edge_agent/erpnext/gaps.ts",
      from: 'const provenUntil = until === "" ? null : instantOf(siteZone, until);',
      to: "const provenUntil = until.length < 0 ? instantOf(siteZone, until) : null;",
    },
    {
      says: "windows that a lost queue had opened are nobody's",
      file: "edge_agent/erpnext/gaps.ts",
      from: "proofs.set(serial, { provenUntil, gaps });",
      to: "proofs.set(serial, { provenUntil, gaps: gaps.slice(0, 0) });",
    },
    {
      says: "a queue that is new asks for nothing of the past",
      file: watch,
      from: "began !== null && clock.now() - Number(began) < BEGINNING_MS",
      to: "began !== null && clock.now() - Number(began) < 0",
    },
    {
      says: "a queue is new for ever",
      file: watch,
      from: "if (queue.getState(MARK) === null && queue.getState(BEGAN) === null) {",
      to: "if (queue.getState(BEGAN) === null) {",
    },
    {
      says: "what this agent lost for good is told to nobody",
      file: control,
      from: 'ended.filter(({ state }) => state === "unrecoverable")',
      to: 'ended.filter(({ state }) => state === "open")',
    },
    {
      says: "a loss is told before the site has its window",
      file: control,
      from: "    await this.#gaps.tell(siteZone, signal);\n",
      to:
        "    for (const { id, state } of ended) queue.lossTold(id, state);\n    await this.#gaps.tell(siteZone, signal);\n",
    },
    {
      says: "a terminal's default approval is looks",
      file: changed,
      from: "if (hasOwnDefault(wanted) && defaultOf(there) !== defaultOf(wanted)) {",
      to: 'if (hasOwnDefault(wanted) && defaultOf(there) === "never") {',
    },
    {
      says: "how documents are named is not compared",
      file: changed,
      from: 'if (textOf(there, "autoname") !== spec.autoname) {',
      to: 'if (textOf(there, "autoname") === "never") {',
    },
    {
      says: "a short field is well",
      file: changed,
      from: 'const NUMBERS = { permlevel: "level", length: "length" } as const;',
      to: 'const NUMBERS = { permlevel: "level" } as const;',
    },
    {
      says: "raw punches may be renamed",
      file: doctype,
      from: "    allow_rename: 0,\n",
      to: "    allow_rename: 1,\n",
    },
    {
      says: "names that are no fingerprints are not probed",
      file: probe,
      from: "autoname === (punch.autoname ?? autoname)",
      to: "autoname !== punch.autoname || autoname === punch.autoname",
    },
    {
      says: "a check-in's field that is unique is well",
      file: changed,
      from: 'if (numberOf(there, "unique") === 1) changes.set("unique"',
      to: 'if (numberOf(there, "unique") === 2) changes.set("unique"',
    },
    {
      says: "what was laid over the key field is not seen",
      file: provision,
      from: "return this.#rights.customized(CHECKIN, changedFields([KEY], works));",
      to: "return works.length < 0 ? this.#rights.customized(CHECKIN, new Map()) : [];",
    },
    {
      says: "what was laid over a DocType itself is not seen",
      file: provision,
      from: "if (itself.size > 0) over.unshift([ITSELF, itself]);",
      to: "if (itself.size > 99) over.unshift([ITSELF, itself]);",
    },
    {
      says: "the half of a clone whose lane it was is not told",
      file: watch,
      from: "isElsewhere && told.mark >= this.#mark()",
      to: "isElsewhere && told.mark < 0",
    },
    {
      says: "what a restored site's document holds is another machine's",
      file: watch,
      from: "    this.#toldLane = null;\n",
      to: "",
    },
    {
      says: "a report whose answer was lost is another machine's",
      file: watch,
      from: "told.lane !== toldLane && told.lane !== head.lane;",
      to: "told.lane !== toldLane;",
    },
    {
      says: "a copy of this machine counts its marks from its own",
      file: watch,
      from: "    if (this.#isAnothers(agent, told, head)) return;\n",
      to:
        "    if (this.#isAnothers(agent, told, head)) return queue.setState(MARK, String(mark));\n",
    },
    {
      says: "a question that the site refuses is a fault of the agent",
      file: deliver,
      from: "      if (!(error instanceof Refused)) throw error;\n",
      to: "      if (error !== null) throw error;\n",
    },
    {
      says: "a refused command is told once",
      file: orders,
      from:
        "if (known?.ended) return await this.#write(one.name, { ...known.ended, title }, signal);",
      to: "if (known?.ended) return;",
    },
    {
      says: "a full memory of what was sent is emptied",
      file: ownTimes,
      from: "if (oldest !== undefined) this.#sent.delete(oldest);",
      to: "if (oldest !== undefined) this.#sent.clear();",
    },
    {
      says: "the window that is proposed is of the person's own zone",
      file: desk,
      from: "(frappe.datetime.system_datetime || frappe.datetime.now_datetime)()",
      to: "(frappe.datetime.now_datetime || frappe.datetime.system_datetime)()",
    },
    {
      says: "a command's form asks for ever",
      file: desk,
      from: 'if (["Requested", "Running"].includes(frm.doc.state) && !frm.is_new()) {',
      to: "if (!frm.is_new()) {",
    },
    {
      says: "terminals that nobody approved are pulled from",
      file: desk,
      from: 'show: (doc) => doc.approval === "Approved",',
      to: "show: () => true,",
    },
    {
      says: "a released punch beside another of its second is posted",
      file: review,
      from: "if (other !== undefined) return [row.name, sameSecond(other.name)];",
      to: "",
    },
    {
      says: "Retry-After is left to the backoff",
      file: site,
      from: "const retryAfter = askedMs === null ? null : { ms: askedMs, own: false };",
      to: "const retryAfter = askedMs === -1 ? { ms: askedMs, own: false } : null;",
    },
    {
      says: "an answer of another shape is taken",
      file: site,
      from: "    if (!checked.success) {",
      to: "    if (!checked.success && value === undefined) {",
    },
    {
      says: "an accepted window stays open",
      file: completeness,
      from: "    gap.from === from && isOpen(gap)\n",
      to: "    gap.from > from && isOpen(gap)\n",
    },
    {
      says: "the same PIN of another terminal counts before the terminal's own",
      file: people,
      from: "const counted = own.length > 0 ? own : valid.filter((row) => !row.serial);",
      to: "const counted = valid.length > 0 ? valid : own;",
    },
    {
      says: "a role that is disabled works",
      file: provision,
      from: "if (disabled !== 1) return [];",
      to: "if (disabled !== 2) return [];",
    },
  ],
  equivalents: [
    {
      says: "a loss is closed by a reading",
      file: completeness,
      from: 'isOpen(gap) && gap.kind === "silence" && gap.from >= window.from',
      to: "isOpen(gap) && gap.from >= window.from",
      why: "what lies over a loss is closed by no reading, and a loss lies over itself",
    },
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
