"""One run of the verifier inside Odoo over a company: what it read and what it found.

A run is cut into pieces that each fit a transaction, so that millions of rows can be checked by a
cron within its time limit; the button runs small ones at once. The checks themselves are in
verifier/, the same that run outside Odoo. Verdicts do not depend on the rights of who asks.
"""

import logging
from functools import partial
from itertools import chain

from psycopg2 import InterfaceError, OperationalError

from odoo import api, fields, models
from odoo.tools import SQL, format_datetime

from ...seams.job import Turn
from ...verifier import exceptions, explained, ledgers, rows, states, trail
from .biometric_audit_overdue import Overdue

_logger = logging.getLogger(__name__)

NIGHTLY = "nightly"
# Rows of a lane, of the punches or of the trail in one piece: about 5 s.
PIECE = 100_000
# What the button reads at once; more is left to the cron.
AT_ONCE = 50_000


class BiometricAuditCheck(Overdue, models.Model):
    _name = "biometric.audit.check"
    _description = "Verifications"
    _log_access = False
    _order = "id desc"
    _rec_name = "started_at"

    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="restrict")
    asked_by = fields.Char("Requested by", readonly=True)
    started_at = fields.Datetime("Started on", required=True, readonly=True)
    finished_at = fields.Datetime("Finished on", readonly=True)
    state = fields.Selection(
        [("running", "Running"), ("ok", "Everything fits"), ("bad", "Altered")],
        required=True,
        readonly=True,
    )
    pieces = fields.Json("Parts checked", readonly=True)
    position = fields.Integer(readonly=True)
    # Codes found at more places than are kept.
    crowded = fields.Json("Too many findings", readonly=True)
    unproven = fields.Char(
        "Not verified yet",
        compute="_compute_unproven",
        help="An interrupted verification continues the next night where it stopped.",
    )
    row_count = fields.Integer("Rows read", readonly=True)
    finding_count = fields.Integer("Findings", readonly=True)
    notes = fields.Text(readonly=True)

    _running = models.Index("(company_id, id) WHERE state = 'running'")

    @api.depends("state", "position", "pieces", "started_at")
    def _compute_unproven(self):
        for check in self:
            parts = len(check.pieces or [])
            check.unproven = (
                self.env._(
                    "%(left)s of %(parts)s parts, since %(since)s",
                    left=parts - check.position,
                    parts=parts,
                    since=format_datetime(self.env, check.started_at, dt_format="short"),
                )
                if check.state == "running"
                else False
            )

    @api.model
    def _begin_night(self, company):
        """The nightly run: the one that was interrupted goes on, and nothing is begun beside it."""
        left = self.search(
            [
                ("company_id", "=", company.id),
                ("state", "=", "running"),
                ("asked_by", "=", NIGHTLY),
            ],
            limit=1,
        )
        if not left:
            return self._begin(company, NIGHTLY)
        words = self.env._("Interrupted; not verified yet in the night of %(day)s: %(left)s.")
        note = words % {"day": fields.Date.today(), "left": left.unproven}
        left.notes = "\n".join(filter(None, [left.notes, note]))
        return left

    @api.model
    def _begin(self, company, asked_by):
        """A new run of a company, nothing of it done yet. company: res.company record."""
        evidence = self.env["biometric.evidence"]
        newest = self.env["biometric.audit"]._head(company.id)[0]
        pieces = [["audit", low, low + PIECE] for low in range(0, newest + 1, PIECE)]
        # What came while the run was under way is judged by the next; what has a number that no
        # piece reaches would be judged by none.
        pieces[-1][2] = 2**31 - 1
        pieces[0][1] = -(2**31)
        pieces += [["protection"], ["heads"], ["exceptions"], ["explanations"]]
        pieces += [["rows", name] for name in sorted(rows.WITNESSED)]
        pieces += self._state_pieces()
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

    def _state_pieces(self):
        """["state", model, first id, last id] so that no piece holds more than PIECE ids; the last
        of a model reaches every id."""
        for name in self.env["biometric.state"]._models():
            self.env.cr.execute(
                SQL("SELECT COALESCE(max(id), 0) FROM %s", SQL.identifier(self.env[name]._table))
            )
            starts = range(0, self.env.cr.fetchone()[0] + 1, PIECE)
            for low in starts:
                yield ["state", name, low, low + PIECE - 1 if low != starts[-1] else 2**31 - 1]

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
        evidence = self.env["biometric.evidence"]
        known = trail.Trail(partial(evidence._window_end, company_id))
        if first := evidence._first_transaction(company_id):
            known.open(1, first)
        sealed = evidence._audit(company_id, trail.LEARNED)
        for row in chain(sealed, evidence._said_unsealed(company_id, trail.LEARNED)):
            try:
                known.learn(row)
            except (AttributeError, KeyError, TypeError, ValueError):
                continue
        return known

    def _step(self):
        """Do the next piece; True while there are more."""
        self.ensure_one()
        # Read once: each reading copies the whole plan.
        pieces = self.pieces
        kind, *bounds = pieces[self.position]
        findings = trail.Findings()
        count = self._try_piece(findings, kind, bounds)
        found = self.env["biometric.audit.finding"]
        found._found(self.company_id.id, findings.rows, self)
        self.crowded = sorted({*(self.crowded or []), *findings.crowded()})
        self.position += 1
        self.row_count += count
        self.finding_count += sum(findings.counts.values())
        if findings.notes:
            self.notes = "\n".join(filter(None, [self.notes, *findings.notes]))
        if self.position < len(pieces):
            return True
        self.state = "bad" if self.finding_count else "ok"
        self.finished_at = fields.Datetime.now()
        found._note_gone(self, self.crowded or [])
        return False

    def _try_piece(self, findings, kind, bounds):
        """Rows read. A piece that cannot be judged, because a row was forged into a form that
        nothing expects, is a finding itself: the others and other companies go on."""
        try:
            with self.env.cr.savepoint():
                return getattr(self, f"_check_{kind}")(findings, *bounds)
        except (OperationalError, InterfaceError):
            raise  # the database itself: the whole transaction is tried again
        except Exception as error:  # noqa: BLE001 - whatever a forged row raises
            place = " ".join(str(part) for part in (kind, *bounds))
            _logger.exception("A part of the verification failed: %s", place)
            findings.add("check_failed", place, f"it cannot be judged: {error!r}"[:500])
            return 0

    # ------------------------------------------------------------------ pieces

    def _check_audit(self, findings, low, high):
        """Entries above number `low` up to `high`. The piece before judged the hash at `low`."""
        company_id, evidence = self.company_id.id, self.env["biometric.evidence"]
        first, last = low < 0, high == 2**31 - 1
        heads = [
            {"who": f"agent {row['agent_id']}", "seq": row["seq"], "hash": row["hash"]}
            for row in evidence._witnesses(company_id)
            if low < row["seq"] <= high
        ]
        start = None if first else self._entry_before(low)
        known = trail.Trail() if first and last else self._trail(company_id)
        check = trail.AuditCheck(company_id, findings, known, heads, start, whole=first and last)
        count = 0
        for row in evidence._audit(company_id, None, low, high):
            check.row(row)
            count += 1
        check.close()
        if last:
            self._check_end(findings)
        return count

    def _check_end(self, findings):
        """What has no number yet, and whether anybody outside knows the last one."""
        company_id, evidence = self.company_id.id, self.env["biometric.evidence"]
        for entry_id in evidence._unsealed(company_id):
            findings.add("audit_unsealed", f"audit id {entry_id}", "an entry has no seal")
        if not evidence._witnesses(company_id):
            findings.note(
                self.env._(
                    "No agent has countersigned yet: entries removed from the end would go "
                    "unnoticed."
                )
            )

    def _entry_before(self, low):
        """(seq, hash) of the last entry up to `low`: where that number is missing, the next piece
        says so."""
        self.env.cr.execute(
            """SELECT seq, hash FROM biometric_audit WHERE company_id = %s AND seq <= %s
                ORDER BY seq DESC LIMIT 1""",
            (self.company_id.id, low),
        )
        return self.env.cr.fetchone()

    def _check_state(self, findings, name, low, high):
        state, company_id = self.env["biometric.state"], self.company_id.id
        known = self._trail(company_id)
        since = known.begin[0] if known.begin else 0
        return states.StateCheck(name, findings, known).run(
            state._entries(name, company_id, since, low, high),
            state._rows(name, company_id, low, high),
        )

    def _check_exceptions(self, findings):
        company_id, evidence = self.company_id.id, self.env["biometric.evidence"]
        known = self._trail(company_id)
        rows.check_nights(findings, known)
        exceptions.check_removals(known, findings)
        exceptions.check_erased_keys(evidence._erased_keys(company_id), known, findings)
        lanes = evidence._lanes(company_id)
        exceptions.check_lanes(lanes, evidence._lane_heads(company_id), known, findings)
        return len(lanes)

    def _check_rows(self, findings, name):
        company_id = self.company_id.id
        check = rows.RowCheck(name, findings, self._trail(company_id))
        for row in self.env["biometric.witnessed.rows"]._of(name, company_id):
            check.row(row)
        check.close()
        return check.count

    def _check_explanations(self, findings):
        """One that no entry tells of does not count: what it silenced is open again."""
        company_id, found = self.company_id.id, self.env["biometric.audit.finding"]
        told = explained.Explained()
        for row in self.env["biometric.evidence"]._audit(company_id, [explained.EXPLAIN]):
            told.learn(row)
        for row in self.env["biometric.evidence"]._unsealed_explanations(company_id):
            told.learn(row)
        rows_of = found._explained_rows(company_id)
        found._open_again(explained.check(rows_of, told, findings))
        return len(rows_of)

    def _check_protection(self, findings):
        rows = self.env["biometric.evidence"]._protection()
        exceptions.check_protection(rows, findings, self._trail(self.company_id.id))
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
        aside = self.env["biometric.job"]._aside("verify", self._name)
        runs = self.search(
            [("state", "=", "running"), ("id", "not in", list(aside.resting))], order="id"
        )
        turn = Turn(self.env, sum(len(run.pieces) - run.position for run in runs))
        for run in runs:
            more = True

            def step(one):
                nonlocal more
                more = one._step()

            while more and aside.do(run, step):
                if not turn.done(1):
                    return
            if more:
                turn.done()

    def action_open_findings(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "biometric_attendance.biometric_audit_finding_action"
        )
        return dict(action, domain=[("company_id", "=", self.company_id.id)])
