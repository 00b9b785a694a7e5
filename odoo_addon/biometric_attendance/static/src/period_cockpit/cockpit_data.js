// generated from owl_src/period_cockpit/cockpit_data.ts, do not edit
function listed(gate, reason) {
  const kind = gate.kinds.find((one) => one.reason === reason);
  if (!kind) return { rows: gate.blockers, more: gate.more };
  const rows = gate.blockers.filter((one) => one.reason === reason);
  return { rows, more: Math.max(0, kind.count - rows.length) };
}
function light(gate, refusal) {
  if (gate.open > 0 || refusal) return "danger";
  return gate.passed > 0 ? "warning" : "success";
}
function isCompared(period) {
  return period.is_over && period.state !== "exported";
}
function receiptClass(delivery) {
  const colours = { waiting: "secondary", delivered: "success", failed: "danger" };
  return `text-bg-${colours[delivery.state]}`;
}
function mayClose(data, refusal) {
  const { period } = data;
  return data.may_close && period !== false && period.is_over && period.state !== "exported" && data.gate.open === 0 && !refusal;
}
function mayAsk(data) {
  const { period } = data;
  return data.may_close && period !== false && period.state !== "exported" && data.gate.kinds.some((kind) => kind.may_pass);
}
export {
  isCompared,
  light,
  listed,
  mayAsk,
  mayClose,
  receiptClass
};
