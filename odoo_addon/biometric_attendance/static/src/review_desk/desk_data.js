// generated from owl_src/review_desk/desk_data.ts, do not edit
const BASKETS = ["must_fix", "look_at", "pending", "clean"];
const NO_FILTER = { basket: null, kind: null, search: "" };
class DeskShapeError extends Error {
}
function fieldsOf(value, what) {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new DeskShapeError(what);
  }
  return value;
}
function listOf(value, what) {
  if (!Array.isArray(value)) throw new DeskShapeError(what);
  return value;
}
function readCell(cell, personId, person) {
  const [id, date, basket, worked, overtime, kinds, approved] = listOf(cell, "day");
  if (typeof id !== "number" || typeof date !== "string") throw new DeskShapeError("day");
  if (!BASKETS.includes(basket)) throw new DeskShapeError(`basket ${basket}`);
  return {
    id,
    personId,
    person,
    date,
    basket,
    worked: Number(worked) || 0,
    overtime: Number(overtime) || 0,
    kinds: listOf(kinds, "kinds").map(String),
    approved: approved === true
  };
}
function readPerson(value) {
  const row = fieldsOf(value, "person");
  const id = Number(row["id"]);
  const name = String(row["name"] ?? "");
  const days = listOf(row["days"], "days").map((cell) => readCell(cell, id, name));
  return { id, name, department: String(row["department"] ?? ""), days };
}
function readDesk(answer) {
  const desk = fieldsOf(answer, "desk");
  const kinds = fieldsOf(desk["kinds"], "kinds");
  return {
    from: String(desk["from"]),
    to: String(desk["to"]),
    label: String(desk["label"]),
    previous: String(desk["previous"]),
    next: String(desk["next"]),
    kinds: Object.fromEntries(Object.entries(kinds).map(([code, words]) => [code, String(words)])),
    mayAct: desk["may_act"] === true,
    people: listOf(desk["people"], "people").map(readPerson)
  };
}
function readProposals(answer) {
  const found = /* @__PURE__ */ new Map();
  for (const [id, value] of Object.entries(fieldsOf(answer, "proposals"))) {
    const row = fieldsOf(value, "proposal");
    if (typeof row["time"] !== "string") continue;
    found.set(Number(id), {
      time: row["time"],
      nextDay: row["next_day"] === true,
      direction: row["direction"] === "in" ? "in" : "out",
      percent: Number(row["percent"]) || 0,
      level: row["level"] === "likely" ? "likely" : "possible"
    });
  }
  return found;
}
function withCells(desk, answered) {
  const cells = /* @__PURE__ */ new Map();
  for (const pair of listOf(answered, "cells")) {
    const [, cell] = listOf(pair, "cells");
    cells.set(Number(listOf(cell, "day")[0]), cell);
  }
  if (cells.size === 0) return desk;
  const people = desk.people.map((person) => {
    if (!person.days.some((day) => cells.has(day.id))) return person;
    const days = person.days.map(
      (day) => cells.has(day.id) ? readCell(cells.get(day.id), person.id, person.name) : day
    );
    return { ...person, days };
  });
  return { ...desk, people };
}
function allDays(desk) {
  return desk.people.flatMap((person) => person.days);
}
function countBaskets(days) {
  const counts = { must_fix: 0, look_at: 0, pending: 0, clean: 0 };
  for (const day of days) counts[day.basket] += 1;
  return counts;
}
function countKinds(days) {
  const counts = /* @__PURE__ */ new Map();
  for (const kind of days.flatMap((day) => day.kinds)) {
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  return [...counts].sort((a, b) => b[1] - a[1] || a[0].localeCompare(b[0]));
}
function workOf(desk, filter) {
  const text = filter.search.trim().toLocaleLowerCase();
  const wanted = allDays(desk).filter(
    (day) => (filter.basket === null ? filter.kind !== null || day.basket === "must_fix" || day.basket === "look_at" : day.basket === filter.basket) && (filter.kind === null || day.kinds.includes(filter.kind)) && (text === "" || day.person.toLocaleLowerCase().includes(text))
  );
  const rank = (day) => BASKETS.indexOf(day.basket);
  return wanted.map((day, place) => ({ day, place })).sort((a, b) => rank(a.day) - rank(b.day) || a.place - b.place).map(({ day }) => day);
}
function nextDay(before, after, current) {
  const place = before.findIndex((day) => day.id === current);
  const still = after.findIndex((day) => day.id === current);
  if (still >= 0) return after[still + 1]?.id ?? current;
  const following = before.slice(place + 1).find((day) => after.some(({ id }) => id === day.id));
  return following?.id ?? after.at(-1)?.id ?? null;
}
function weeksOf(desk) {
  const weeks = [];
  for (let monday = mondayOf(desk.from); monday <= desk.to; monday = plusDays(monday, 7)) {
    weeks.push(monday);
  }
  return weeks;
}
function firstWeek(desk) {
  const worst = workOf(desk, NO_FILTER)[0];
  return mondayOf(worst?.date ?? desk.from);
}
function mondayOf(date) {
  const weekday = (/* @__PURE__ */ new Date(`${date}T00:00:00Z`)).getUTCDay();
  return plusDays(date, -((weekday + 6) % 7));
}
function plusDays(date, days) {
  const moment = /* @__PURE__ */ new Date(`${date}T00:00:00Z`);
  moment.setUTCDate(moment.getUTCDate() + days);
  return moment.toISOString().slice(0, 10);
}
function cleanToApprove(days) {
  return days.filter((day) => day.basket === "clean" && !day.approved).length;
}
export {
  BASKETS,
  DeskShapeError,
  NO_FILTER,
  allDays,
  cleanToApprove,
  countBaskets,
  countKinds,
  firstWeek,
  mondayOf,
  nextDay,
  plusDays,
  readDesk,
  readProposals,
  weeksOf,
  withCells,
  workOf
};
