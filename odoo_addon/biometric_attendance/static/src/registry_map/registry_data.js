// generated from owl_src/registry_map/registry_data.ts, do not edit
function withChoice(draft, row, choice) {
  const next = new Map(draft);
  if (choice) next.set(row, choice);
  else next.delete(row);
  return next;
}
function withLikely(draft, rows) {
  const next = new Map(draft);
  for (const row of rows) {
    const fit = row.fits[0];
    if (row.likely && fit && !next.has(row.id)) {
      next.set(row.id, { employee: fit.id, name: fit.name, first: "" });
    }
  }
  return next;
}
function likelyLeft(draft, rows) {
  return rows.filter((row) => row.likely && !draft.has(row.id)).length;
}
function choicesOf(draft) {
  return [...draft].map(([row, { employee, first }]) => [row, employee, first || false]);
}
function refused(effect) {
  return effect ? effect.rows.filter(({ problem }) => problem !== "").length : 0;
}
function effectOf(effect, row) {
  return effect?.rows.find(({ id }) => id === row) ?? null;
}
export {
  choicesOf,
  effectOf,
  likelyLeft,
  refused,
  withChoice,
  withLikely
};
