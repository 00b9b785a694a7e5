/** Hostile changes to what proves that nothing is missing, and to who hears when it is. */
import type { RoomMutations } from "../../dev/mutation.ts";

const fleet = (name: string) => `odoo_addon/biometric_attendance/models/fleet/biometric_${name}.py`;
const said = fleet("completeness");
const proof = fleet("proof");
const loss = fleet("loss");
const incident = fleet("incident");

const list: RoomMutations = {
  odoo: [
    "TestCompleteness",
    "TestFleetProof",
    "TestFleetLoss",
    "TestForeign",
    "TestFleetIncident",
    "TestAlarmArrives",
    "TestStalePunches.test_a_gap_takes_absences_back_on_the_same_date_too",
    "TestStalePunches.test_days_that_became_complete_are_marked_at_once",
  ].map((name) => `/biometric_attendance:${name}`).join(","),
  mutations: [
    {
      says: "a terminal that is not approved proves",
      file: said,
      from: 'if device.state != "active" or not since or not heard_at:',
      to: "if not since or not heard_at:",
    },
    {
      says: "a session that began late leaves no gap",
      file: said,
      from: "            self._open_silence(device, start, since)\n",
      to: "",
    },
    {
      says: "an upload that goes on proves",
      file: said,
      from: 'report["upload_idle"]\n            and not',
      to: "True\n            and not",
    },
    {
      says: "what waits at the agent proves",
      file: said,
      from: '            and not report["pending"]\n',
      to: "",
    },
    {
      says: "an instant after Odoo's own is proven",
      file: said,
      from: "heard_at = min(heard_at, server_now)",
      to: "heard_at = max(heard_at, server_now)",
    },
    {
      says: "a hole of an older lane is no gap",
      file: said,
      from: "stuck = lane.lane != current or now - lane.moved_at > HOLE_PATIENCE",
      to: "stuck = now - lane.moved_at > HOLE_PATIENCE",
    },
    {
      says: "a batch on its way is a gap",
      file: said,
      from: "stuck = lane.lane != current or now - lane.moved_at > HOLE_PATIENCE",
      to: "stuck = True",
    },
    {
      says: "a signed head beyond what came says nothing",
      file: said,
      from: 'top = max(lane.max_seq, max(lane.head_ids.mapped("seq"), default=0))',
      to: "top = lane.max_seq",
    },
    {
      says: "a hole never closes",
      file: said,
      from: "            filled._close_proven(filled)\n",
      to: "",
    },
    {
      says: "an accepted hole opens again",
      file: said,
      from: "            if not settled:\n",
      to: "            if True:\n",
    },
    {
      says: "complete until runs past an open gap",
      file: said,
      from: "WHERE g.state = 'open'\n                         AND (g.device_id",
      to: "WHERE g.state = 'none'\n                         AND (g.device_id",
    },
    {
      says: "a gap of the agent holds up no terminal",
      file: said,
      from: "OR (g.device_id IS NULL AND g.agent_id = d.agent_id))))\n                 FROM",
      to: "))\n                 FROM",
    },
    {
      says: "days judged too early stay judged",
      file: said,
      from: "                self._take_back(device, until, before)\n",
      to: "                pass\n",
    },
    {
      says: "days that became complete are not judged",
      file: said,
      from: "                self._mark_judgeable(device, before, until)\n",
      to: "                pass\n",
    },
    {
      says: "a read proves before its records came",
      file: proof,
      from:
        "whole = runs.filtered(lambda run: not pending.get(run.device_id.serial, agent_pending))",
      to: "whole = runs",
    },
    {
      says: "any agent proves a terminal",
      file: proof,
      from: "if run.device_id.agent_id == agent:",
      to: "if True:",
    },
    {
      says: "a read with unreadable lines proves",
      file: proof,
      from: "if not run.started_at or not self._is_readable(run):",
      to: "if not run.started_at:",
    },
    {
      says: "a read closes a gap that goes on after it",
      file: proof,
      from: "and gap.window_to <= run.started_at\n                and not (self._vanished",
      to: "and not (self._vanished",
    },
    {
      says: "a read closes what the terminal lost",
      file: proof,
      from:
        "or self._overlaps(run, gap))\n            )\n        )\n        gaps._close_proven(gaps |",
      to: ")\n            )\n        )\n        gaps._close_proven(gaps |",
    },
    {
      says: "a loss the terminal names is no gap",
      file: proof,
      from: "self._open_loss(run, *self._window(device, run.lost_from, run.lost_to))",
      to: "pass",
    },
    {
      says: "an empty pushed window proves",
      file: proof,
      from: '        elif run.channel == "push":\n            self._ask_count(run)',
      to: "        else:\n            self._close_window(run)",
    },
    {
      says: "fewer than counted close a window",
      file: proof,
      from: "counted = run.device_count < 0 or run.read_count >= run.device_count",
      to: "counted = True",
    },
    {
      says: "a failed query closes its window",
      file: proof,
      from: 'if run.outcome == "complete" and counted:',
      to: "if counted:",
    },
    {
      says: "a count that is not zero is a second proof",
      file: proof,
      from: 'if command.state != "done" or command.return_code:',
      to: 'if command.state != "done":',
    },
    {
      says: "a window closes what reaches out of it",
      file: proof,
      from: "any(start <= gap.window_from and gap.window_to <= end for",
      to: "any(start <= gap.window_to and gap.window_from <= end for",
    },
    {
      says: "a loss opens no gap",
      file: loss,
      from: "                gaps = self._open_lost(agent, loss, now)\n",
      to: "                continue\n",
    },
    {
      says: "what is not the agent's own word ends a loss",
      file: loss,
      from: '        if not said["proven"]:\n            return []\n',
      to: "",
    },
    {
      says: "what nobody holds any more closes by itself",
      file: loss,
      from:
        '        if "unrecoverable" in gaps.mapped("loss_state"):\n            return True\n        gaps',
      to: "        gaps",
    },
    {
      says: "a whole read closes what nobody holds any more",
      file: loss,
      from: 'gap.loss_state != "unrecoverable"\n                and gap',
      to: "gap",
    },
    {
      says: "one fewer than was lost is enough",
      file: loss,
      from: "return came >= gaps[0].seq_to - gaps[0].seq_from + 1",
      to: "return came >= gaps[0].seq_to - gaps[0].seq_from",
    },
    {
      says: "what was known before comes again",
      file: loss,
      from: "AND o.received_at < %(last)s)",
      to: "AND o.received_at < %(last)s AND FALSE)",
    },
    {
      says: "a punch inside the window proves that the log reaches over it",
      file: loss,
      from: "AND p.wall_time < %(first_wall)s)",
      to: "AND p.wall_time < %(last_wall)s)",
    },
    {
      says: "a carried file proves that the log reaches over it",
      file: loss,
      from: "\n                      AND s.channel <> 'file'",
      to: "",
    },
    {
      says: "it is read again before all of it came",
      file: loss,
      from: "return whole and self._close_lost(gaps, each)",
      to: "return self._close_lost(gaps, each)",
    },
    {
      says: "a silence waits for a second look",
      file: incident,
      from: "listened = bool(before) and now - before < ABSENT",
      to: "listened = False",
    },
    {
      says: "Odoo's own absence is everybody's silence",
      file: incident,
      from: "listened = bool(before) and now - before < ABSENT",
      to: "listened = True",
    },
    {
      says: "a mail waits for the queue's own hour",
      file: fleet("incident_words"),
      from: '        self.env.ref("mail.ir_cron_mail_scheduler_action").sudo()._trigger()\n',
      to: "",
    },
    {
      says: "an agent is silent after two minutes",
      file: "odoo_addon/biometric_attendance/models/agent/biometric_agent.py",
      from: "SILENT_SECONDS = 100",
      to: "SILENT_SECONDS = 120",
    },
    {
      says: "one that calls seldom is silent all the time",
      file: fleet("board"),
      from: "GREATEST(0, 3 * LEAST",
      to: "GREATEST(0, 1 * LEAST",
    },
    {
      says: "an end is over at once",
      file: incident,
      from: "if now - row.seen_at >= CALM:",
      to: "if True:",
    },
  ],
};
export default list;
