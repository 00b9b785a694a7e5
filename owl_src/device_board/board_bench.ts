/**
 * What the tests of the board share: answers as Odoo would give them.
 */

export const NONE = { ok: 0, late: 0, dead: 0, clock: 0, storage: 0, clone: 0, gap: 0, waiting: 0 };

export function device(id: number, changes: object = {}) {
  return {
    id,
    name: `Gate ${id}`,
    serial: `BRM920361000${id}`,
    agent_id: 1,
    agent_name: "Manila",
    place: "Yard",
    state: "active",
    status: "ok",
    since_at: null,
    cause: "",
    last_heard_at: "2026-03-02T07:55:00.000Z",
    last_punch_at: null,
    punches_today: 1234,
    rejects: 0,
    pending: 0,
    storage_percent: 40,
    complete_until: null,
    ...changes,
  };
}

const AGENT = {
  id: 1,
  name: "Manila",
  state: "active",
  last_seen_at: "2026-03-02T07:59:58.000Z",
  pending: 120,
  oldest_pending_at: "2026-03-02T05:00:00.000Z",
  status: "late",
  since_at: null,
  cause: "The line is slow.",
};

export const LATE = device(2, {
  status: "late",
  since_at: "2026-03-02T06:00:00.000Z",
  cause: "The agent is far behind.",
  rejects: 3,
  pending: 120,
});

export function board(devices: object[] = [device(1), LATE], changes: object = {}) {
  return {
    server_time: "2026-03-02T08:00:00.000Z",
    total: devices.length,
    counts: { ...NONE, ok: 1, late: 1 },
    agents: [AGENT],
    devices,
    ...changes,
  };
}
