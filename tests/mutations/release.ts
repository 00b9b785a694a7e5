/** Hostile changes between a release that was taken in and the agents that fetch it, and in what a test person proves. */
import type { RoomMutations } from "../../dev/mutation.ts";

const release = (name: string) => `odoo_addon/biometric_attendance/models/release/${name}.py`;
const trial = (name: string) => `odoo_addon/biometric_attendance/models/commissioning/${name}.py`;
const [taken, way] = [release("biometric_release"), release("biometric_update")];
const seat = release("biometric_update_seat");
const [act, check] = [
  trial("biometric_commissioning"),
  trial("biometric_commissioning_check"),
];

const list: RoomMutations = {
  odoo: ["TestRelease", "TestReleaseSeats", "TestReleaseRoutes", "TestCommissioning"]
    .map((name) => `/biometric_attendance:${name}`).join(","),
  mutations: [
    {
      says: "an agent with a backlog keeps its turn",
      file: seat,
      from: "not agent.updates_itself or agent.queue_pending",
      to: "not agent.updates_itself",
    },
    {
      says: "a range is served beside a backlog",
      file: seat,
      from: "and not agent.queue_pending\n",
      to: "\n",
    },
    {
      says: "a dozen agents without a file hold all places",
      file: seat,
      from: "WHERE f->>'architecture' = a.host_arch AND f->>'version' = r.name",
      to: "WHERE f->>'version' = r.name",
    },
    {
      says: "an overtaken release holds places",
      file: seat,
      from: "AND (n.set_version, n.id) > (r.set_version, r.id))",
      to: "AND (n.set_version, n.id) < (r.set_version, -1))",
    },
    {
      says: "a seat is never freed",
      file: seat,
      from: "WHERE seat > 0 AND served_at < %s FOR",
      to: "WHERE seat > 9 AND served_at < %s FOR",
    },
    {
      says: "a range is served without a seat",
      file: seat,
      from: "if not may or not self._sit(row):",
      to: "if not may:",
    },
    {
      says: "a file of another kind of machine is served",
      file: seat,
      from: 'file["sha256"] != sha256 or ',
      to: "",
    },
    {
      says: "one that went back halts nobody",
      file: way,
      from: 'if row._end("reverted", back[-1]["reason"]):',
      to: 'if not row._end("reverted", back[-1]["reason"]):',
    },
    {
      says: "an older set is shown",
      file: way,
      from: "row._is_on() and row.release_id.set_version >= last.shown_set",
      to: "row._is_on()",
    },
    {
      says: "a late agent comes before the ring is all",
      file: way,
      from: '"waiting" if release.ring == "100" else "outside"',
      to: '"waiting"',
    },
    {
      says: "one that is chosen no more stays in",
      file: way,
      from: '(begun - within).write({"state": "outside", "seat": 0})',
      to: "(begun - within).flush_recordset()",
    },
    {
      says: "an agent that never can is said to wait for its turn",
      file: way,
      from: "not agent.updates_itself,\n",
      to: "agent.updates_itself is None,\n",
    },
    {
      says: "a set begins anew with any keys",
      file: taken,
      from: "update_set.prove(given, self._trust(), fields",
      to: "update_set.prove(given, update_set.Trust(), fields",
    },
    {
      says: "a file that nobody signed is kept",
      file: taken,
      from: "if found not in by_digest:",
      to: "if found is None:",
    },
    {
      says: "an expired release is offered",
      file: taken,
      from: "if release.expires_at <= fields.Datetime.now():",
      to: "if not release.expires_at:",
    },
    {
      says: "something open is accepted",
      file: act,
      from: "            if still:\n",
      to: "            if not rows:\n",
    },
    {
      says: "punches of before the test count",
      file: check,
      from: '("stored_at", ">=", test.started_at),\n                ("employee_id"',
      to: '("employee_id"',
    },
    {
      says: "a read over push that nobody ordered counts",
      file: check,
      from: 'if run.channel == "push" and not run.command_id:',
      to: 'if run.channel == "file":',
    },
    {
      says: "a day that misses a punch passes",
      file: check,
      from: "        if missing:\n",
      to: "        if len(missing) == len(punches):\n",
    },
  ],
};

export default list;
