// generated from owl_src/day_timeline/timeline.ts, do not edit
const MINUTE_MS = 6e4;
const HOUR_MS = 60 * MINUTE_MS;
const OPEN_MS = 30 * MINUTE_MS;
const MAX_AXIS_MS = 72 * HOUR_MS;
const MAX_TICKS = 12;
function isFields(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
function instant(value) {
  if (typeof value !== "string") return null;
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,6})?)?Z$/.test(value)) return null;
  const ms = Date.parse(value);
  return Number.isNaN(ms) ? null : ms;
}
function span(from, to) {
  const fromMs = instant(from);
  const toMs = instant(to);
  return fromMs === null || toMs === null || toMs < fromMs ? null : { fromMs, toMs };
}
function each(value, read) {
  return Array.isArray(value) ? value.map(read).filter((item) => item !== null) : [];
}
function readSession(entry) {
  if (!isFields(entry)) return null;
  const fromMs = instant(entry["in"]);
  if (fromMs === null) return null;
  const toMs = instant(entry["out"]);
  const closed = toMs !== null && toMs >= fromMs;
  return { fromMs, toMs: closed ? toMs : null, assumed: closed && entry["assumed"] === true };
}
function readLeftOut(entry) {
  if (!isFields(entry)) return null;
  const atMs = instant(entry["at"]);
  return atMs === null ? null : { atMs, reason: typeof entry["reason"] === "string" ? entry["reason"] : "" };
}
function spanSteps(value, make) {
  return each(value, (entry) => {
    const found = Array.isArray(entry) ? span(entry[0], entry[1]) : null;
    return found && make(found);
  });
}
function readMove(entry) {
  if (!Array.isArray(entry) || typeof entry[0] !== "string") return null;
  const [rule, before, after] = entry;
  if (typeof before === "number" && typeof after === "number") {
    return { kind: "break", minutes: before, movedMinutes: after };
  }
  const [atMs, movedMs] = [instant(before), instant(after)];
  return atMs === null || movedMs === null ? null : { kind: "move", rule, atMs, movedMs };
}
function readSteps(entry) {
  if (!isFields(entry)) return [];
  const deductions = each(
    entry["deductions"],
    (item) => Array.isArray(item) && typeof item[0] === "string" ? item : null
  );
  const { clamped_minutes: clamped } = entry;
  return [
    ...each(entry["moves"], readMove),
    ...spanSteps(entry["paid_gaps"], (found) => ({ ...found, kind: "paid_gap" })),
    ...spanSteps(entry["unpaid_gaps"], (found) => ({ ...found, kind: "unpaid_gap" })),
    ...deductions.flatMap(
      ([rule, taken]) => spanSteps(taken, (found) => ({ ...found, kind: "deduction", rule }))
    ),
    ...typeof clamped === "number" && clamped > 0 ? [{ kind: "clamped", minutes: clamped }] : []
  ];
}
const count = (value) => Array.isArray(value) ? value.length : 0;
function readDay(value) {
  let day = value;
  if (typeof value === "string") {
    try {
      day = JSON.parse(value);
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      return null;
    }
  }
  if (!isFields(day)) return null;
  const why = isFields(day["derivation"]) ? day["derivation"] : day;
  const zone = day["zone"] ?? why["zone"];
  const facts = {
    zone: typeof zone === "string" && zone !== "" ? zone : null,
    shifts: each(
      day["shifts"] ?? why["shifts"],
      (entry) => isFields(entry) ? span(entry["start"], entry["end"]) : null
    ),
    sessions: each(why["sessions"], readSession),
    leftOut: each(why["ignored"], readLeftOut),
    segments: each(day["segments"] ?? why["segments"], (entry) => {
      if (!Array.isArray(entry)) return null;
      const found = span(entry[0], entry[1]);
      return found && { ...found, payClass: String(entry[2] ?? "") };
    }),
    steps: Array.isArray(why["paid"]) ? why["paid"].flatMap(readSteps) : [],
    undecided: count(why["undecided"]),
    adjustments: count(why["adjustments"])
  };
  const size = facts.shifts.length + facts.sessions.length + facts.leftOut.length + facts.segments.length;
  return size === 0 ? null : facts;
}
function axisOf(day, offsetMs) {
  const starts = [...day.shifts, ...day.sessions, ...day.segments].map((item) => item.fromMs);
  const ends = [
    ...[...day.shifts, ...day.segments].map((item) => item.toMs),
    ...day.sessions.map((item) => item.toMs ?? item.fromMs + OPEN_MS)
  ];
  const marks = day.leftOut.map((item) => item.atMs);
  const first = Math.min(...starts, ...marks);
  const last = Math.max(...ends, ...marks);
  const down = (ms) => Math.floor((ms + offsetMs(ms)) / HOUR_MS) * HOUR_MS - offsetMs(ms);
  const fromMs = down(first);
  const toMs = Math.max(down(last + HOUR_MS - 1), fromMs + HOUR_MS);
  return { fromMs, toMs: Math.min(toMs, fromMs + MAX_AXIS_MS) };
}
function offsetIn(zone) {
  const format = new Intl.DateTimeFormat("en-US", {
    ...zone === void 0 ? {} : { timeZone: zone },
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric"
  });
  return (atMs) => {
    const part = Object.fromEntries(
      format.formatToParts(atMs).map(({ type, value }) => [type, Number(value)])
    );
    const local = Date.UTC(part.year, part.month - 1, part.day, part.hour, part.minute);
    return local - Math.floor(atMs / MINUTE_MS) * MINUTE_MS;
  };
}
function knownZone(zone) {
  if (zone === null) return void 0;
  try {
    new Intl.DateTimeFormat("en", { timeZone: zone });
    return zone;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return void 0;
  }
}
function clockIn(zone, locale) {
  const format = new Intl.DateTimeFormat(locale, {
    timeStyle: "short",
    ...zone === void 0 ? {} : { timeZone: zone }
  });
  return (atMs) => format.format(atMs);
}
function draw(day, locale) {
  const zone = knownZone(day.zone);
  const axis = axisOf(day, offsetIn(zone));
  const length = axis.toMs - axis.fromMs;
  const at = (ms) => Math.min(100, Math.max(0, (ms - axis.fromMs) / length * 100));
  const bar = (fromMs, toMs, kind) => ({
    left: at(fromMs),
    width: at(toMs ?? fromMs + OPEN_MS) - at(fromMs),
    kind,
    fromMs,
    toMs
  });
  return {
    ticks: ticksOf(axis, at, clockIn(zone, locale)),
    shifts: day.shifts.map((item) => bar(item.fromMs, item.toMs, "shift")),
    sessions: day.sessions.map(
      (item) => bar(
        item.fromMs,
        item.toMs,
        item.toMs === null ? "open" : item.assumed ? "assumed" : "closed"
      )
    ),
    segments: day.segments.map((item) => bar(item.fromMs, item.toMs, item.payClass)),
    leftOut: day.leftOut.map((item) => ({
      left: at(item.atMs),
      kind: item.reason,
      atMs: item.atMs
    }))
  };
}
function ticksOf(axis, at, clock) {
  const hours = (axis.toMs - axis.fromMs) / HOUR_MS;
  const step = [1, 2, 3, 4, 6, 12].find((each2) => hours / each2 <= MAX_TICKS) ?? 24;
  const ticks = [];
  for (let ms = axis.fromMs; ms <= axis.toMs; ms += step * HOUR_MS) {
    ticks.push({ left: at(ms), label: clock(ms) });
  }
  return ticks;
}
export {
  clockIn,
  draw,
  knownZone,
  readDay
};
