"""One run of the verifier inside Odoo over a company: what it read and what it found.

A run is cut into pieces that each fit a transaction, so that millions of rows can be checked by a
cron within its time limit; the button runs small ones at once. The checks themselves are in
verifier/, the same that run outside Odoo. Verdicts do not depend on the rights of who asks.
"""

from odoo import api, fields, models

from ...seams.job import Turn
from ...verifier import ledgers, trail

# Rows of a lane or of the punches in one piece: about 5 s.
PIECE = 100_000
# What the button reads at once; more is left to the cron.
AT_ONCE = 50_000
# Actions the other checks have to know of.
LEARNED = ("audit.night", "person.erase", "retention.purge", "agent.change")


class BiometricAuditCheck(models.Model):
    _name = "biometric.audit.check"
    _description = "Verifications"
    _log_access = False
    _order = "id desc"
    _rec_name = "started_at"

    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="restrict")
    asked_by = fields.Char(readonly=True)
    started_at = fields.Datetime(required=True, readonly=True)
    finished_at = fields.Datetime(readonly=True)
    state = fields.Selection(
        [("running", "Running"), ("ok", "Everything fits"), ("bad", "Not as it was")],
        required=True,
        readonly=True,
    )
    pieces = fields.Json(readonly=True)
    position = fields.Integer(readonly=True)
    row_count = fields.Integer("Rows read", readonly=True)
    finding_count = fields.Integer("Findings", readonly=True)
    notes = fields.Text(readonly=True)

    _running = models.Index("(company_id, id) WHERE state = 'running'")

    @api.model
    def _begin(self, company, asked_by):
        """A new run of a company, nothing of it done yet. company: res.company record."""
        evidence = self.env["biometric.evidence"]
        pieces = [["audit"], ["protection"], ["heads"]]
        for lane in evidence._lanes(company.id):
            first = lane["checkpoint_seq"] or 0
            self.env.cr.execute(
                "SELECT COALESCE(max(seq), 0) FROM biometric_sighting WHERE lane_id = %s",
                (lane["id"],),
            )
            last = max(self.env.cr.fetchone()[0], lane["head_seq"])
            starts = range(first, max(last, first + 1), PIECE)
            pieces += [["lane", lane["id"], start, min(start + PIECE, last)] for start in starts]
        pieces += [["punch", *bounds] for bounds in self._punch_pieces(company)]
        return self.create(
            {
                "company_id": company.id,
                "asked_by": asked_by,
                "started_at": fields.Datetime.now(),
                "state": "running",
                "pieces": pieces,
            }
        )

    def _punch_pieces(self, company):
        """(from, to) of ids: what the nights wrote down, then what came since."""
        known = self._trail(company.id)
        bounds = [(said["from"], said["to"]) for night in known.nights for said in night["punches"]]
        self.env.cr.execute("SELECT COALESCE(max(id), 0) FROM biometric_punch")
        newest = self.env.cr.fetchone()[0]
        start = bounds[-1][1] + 1 if bounds else 0
        bounds += [(low, min(low + PIECE - 1, newest)) for low in range(start, newest + 1, PIECE)]
        return bounds

    def _trail(self, company_id):
        """What the trail says about the other ledgers. Entries are judged by their own piece."""
        known = trail.Trail()
        for row in self.env["biometric.evidence"]._audit(company_id, LEARNED):
            try:
                known.learn(row)
            except (AttributeError, KeyError, TypeError, ValueError):
                continue
        return known

    def _step(self):
        """Do the next piece; True while there are more."""
        self.ensure_one()
        kind, *bounds = self.pieces[self.position]
        findings = trail.Findings()
        count = getattr(self, f"_check_{kind}")(findings, *bounds)
        self.env["biometric.audit.finding"]._found(self.company_id.id, findings.rows)
        self.position += 1
        self.row_count += count
        self.finding_count += sum(findings.counts.values())
        if findings.notes:
            self.notes = "\n".join(filter(None, [self.notes, *findings.notes]))
        if self.position < len(self.pieces):
            return True
        self.state = "bad" if self.finding_count else "ok"
        self.finished_at = fields.Datetime.now()
        return False

    # ------------------------------------------------------------------ pieces

    def _check_audit(self, findings):
        company_id, evidence = self.company_id.id, self.env["biometric.evidence"]
        heads = [
            {"who": f"agent {row['agent_id']}", "seq": row["seq"], "hash": row["hash"]}
            for row in evidence._witnesses(company_id)
        ]
        check = trail.AuditCheck(company_id, findings, trail.Trail(), heads)
        for row in evidence._audit(company_id):
            check.row(row)
        check.close()
        for entry_id in evidence._unsealed(company_id):
            findings.add("audit_unsealed", f"audit id {entry_id}", "an entry has no seal")
        if not heads:
            findings.note(
                self.env._("No agent has countersigned yet: entries cut off the end show nowhere.")
            )
        return check.seq

    def _check_protection(self, findings):
        rows = self.env["biometric.evidence"]._protection()
        trail.check_protection(rows, findings, self._trail(self.company_id.id))
        return 0

    def _check_heads(self, findings):
        company_id, evidence = self.company_id.id, self.env["biometric.evidence"]
        check = ledgers.HeadCheck(
            evidence._lanes(company_id),
            evidence._agents(company_id),
            findings,
            self._trail(company_id),
            self._hash_at,
        )
        today = str(fields.Date.today())
        heads = evidence._lane_heads(company_id)
        for head in heads:
            check.signed(head, today)
        witnesses = evidence._witnesses(company_id)
        for witness in witnesses:
            check.countersigned(witness)
        check.nights()
        return len(heads) + len(witnesses)

    def _hash_at(self, lane_id, seq):
        self.env.cr.execute(
            "SELECT hash FROM biometric_sighting WHERE lane_id = %s AND seq = %s LIMIT 1",
            (lane_id, seq),
        )
        row = self.env.cr.fetchone()
        return row and row[0]

    def _check_lane(self, findings, lane_id, low, high):
        evidence = self.env["biometric.evidence"]
        lane = next(row for row in evidence._lanes(self.company_id.id) if row["id"] == lane_id)
        start = None
        if low > (lane["checkpoint_seq"] or 0):
            # The piece before this one has judged that hash; a hole there was found there.
            start = (low, self._hash_at(lane_id, low))
        check = ledgers.LaneCheck(lane, findings, self._trail(self.company_id.id), start)
        count = 0
        for row in evidence._sightings(lane_id, low, high):
            check.row(row)
            count += 1
        check.close(whole=high >= lane["head_seq"])
        return count

    def _check_punch(self, findings, low, high):
        company_id = self.company_id.id
        check = ledgers.PunchCheck(
            company_id,
            findings,
            self._trail(company_id),
            lambda row: row["seen"],
            only=(low, high),
        )
        count = 0
        for row in self.env["biometric.evidence"]._punches(company_id, low, high):
            check.row(row)
            count += 1
        check.close()
        return count

    # ------------------------------------------------------------------ who asks

    @api.model
    def action_verify(self):
        """Button: verify the current company now, in the name of whoever may read the trail."""
        self.env["biometric.audit"].check_access("read")
        company = self.env.company
        service = self.sudo()
        while service.env["biometric.audit"]._seal(1000):
            pass
        check = service._begin(company, self.env.user.login)
        self.env.cr.execute(
            "SELECT (SELECT count(*) FROM (SELECT 1 FROM biometric_sighting LIMIT %(n)s) s)"
            "     + (SELECT count(*) FROM (SELECT 1 FROM biometric_audit LIMIT %(n)s) a)",
            {"n": AT_ONCE},
        )
        if self.env.cr.fetchone()[0] < AT_ONCE:
            while check._step():
                pass
        else:
            self.env.ref("biometric_attendance.ir_cron_biometric_verify").sudo()._trigger()
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": check.id,
            "view_mode": "form",
        }

    def _cron_verify(self):
        """Work on unfinished runs, piece by piece, within the time a cron has."""
        runs = self.search([("state", "=", "running")], order="id")
        turn = Turn(self.env, sum(len(run.pieces) - run.position for run in runs))
        for run in runs:
            more = True
            while more:
                more = run._step()
                if not turn.done(1):
                    return

    def action_open_findings(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "biometric_attendance.biometric_audit_finding_action"
        )
        return dict(action, domain=[("company_id", "=", self.company_id.id)])
